"""Where a project's modules are imported from, by which names, and which folders are packages."""

from __future__ import annotations

from collections import Counter

from jwtlint.scaffold.project.source import Source


class Places:
    """The import roots of a project, as its own import statements show them."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.votes: dict[str, Counter[str]] = {}
        layout = source.layout
        for path, index in source.modules.items():
            for item in index.module.imports:
                if item.level or not item.module:
                    continue
                target = layout.resolve(path, item.module, 0)
                if target is None:
                    continue
                tail = item.module.replace(".", "/")
                base = target.removesuffix("/__init__.py").removesuffix(".py")
                if base == tail or base.endswith(f"/{tail}"):
                    root = base[: len(base) - len(tail)].rstrip("/")
                    self.votes.setdefault(target, Counter())[root] += 1

    def root_of(self, path: str) -> str:
        """The folder from which a file is imported: as others import it, or its neighbours, or else the folder above its packages."""
        own = self.votes.get(path)
        if own:
            return own.most_common(1)[0][0]
        near: Counter[str] = Counter()
        for target, votes in self.votes.items():
            for root, count in votes.items():
                if is_below(path, root):
                    near[root] += count * (2 if target.partition("/")[0] == path.partition("/")[0] else 1)
        top = self.top(path)
        candidates = [root for root in near if is_below(root, top) or is_below(top, root)]
        if near.get(top) or not candidates:
            return top
        return max(candidates, key=lambda root: (near[root], len(root)))

    def top(self, path: str) -> str:
        """The nearest folder above a file that is no package."""
        folder = path.rpartition("/")[0]
        while folder in self.source.layout.packages and folder:
            folder = folder.rpartition("/")[0]
        return folder

    def module(self, path: str, root: str | None = None) -> str:
        """The dotted name by which a file (or a folder) is imported."""
        root = self.root_of(path) if root is None or not is_below(path, root) else root
        tail = path[len(root) :].lstrip("/") if root else path
        return tail.removesuffix("/__init__.py").removesuffix("__init__.py").removesuffix(".py").replace("/", ".")


def is_below(path: str, folder: str) -> bool:
    """Whether a path lies in a folder ("" holds all) or is it."""
    return not folder or path == folder or path.startswith(f"{folder}/")


def common(paths: list[str]) -> str:
    """The deepest folder that holds all the files."""
    parts = [path.split("/")[:-1] for path in paths]
    shared: list[str] = []
    for column in zip(*parts, strict=False):
        if len(set(column)) > 1:
            break
        shared.append(column[0])
    return "/".join(shared)
