"""A Django project: its settings, its applications, and its user model."""

from __future__ import annotations

import msgspec

from jwtlint.facts.program import Expression, Mapping
from jwtlint.linker.traversal import walk
from jwtlint.linker.values import ClassValue, External
from jwtlint.scaffold.project.evidence import Evidence
from jwtlint.scaffold.project.literals import text, texts
from jwtlint.scaffold.project.places import Places, is_below
from jwtlint.scaffold.project.source import Source


class DjangoProject(msgspec.Struct, frozen=True):
    """The settings of one Django project.

    ``modules`` are the paths of its settings modules, the one that counts first; ``folder`` is where ``manage.py`` stands (or the folder
    above the settings' package). ``user_model`` is as in ``AUTH_USER_MODEL``; ``apps`` are the installed applications' dotted names.
    """

    folder: str
    modules: tuple[str, ...]
    apps: tuple[str, ...]
    user_model: str
    auto_field: str
    engine: str
    rest_framework: bool
    why: tuple[Evidence, ...]
    engine_why: Evidence | None = None


def find_projects(source: Source, places: Places) -> list[DjangoProject]:
    """Every Django project in the tree."""
    holders = [path for path, index in source.modules.items() if "INSTALLED_APPS" in index.assignments]
    managers = [path.rpartition("/")[0] for path in source.layout.paths if path.rpartition("/")[2] == "manage.py"]
    groups: dict[str, list[str]] = {}
    for path in holders:
        above = [folder for folder in managers if is_below(path, folder)]
        groups.setdefault(max(above, key=len) if above else places.top(path), []).append(path)
    return [project(source, places, folder, sorted(paths, key=settings_order)) for folder, paths in sorted(groups.items())]


def settings_order(path: str) -> tuple[bool, bool, str]:
    """Base settings first, those of tests and documentation last."""
    name = path.rpartition("/")[2]
    return "test" in path, name not in ("base.py", "common.py", "settings.py", "__init__.py"), path


def project(source: Source, places: Places, folder: str, holders: list[str]) -> DjangoProject:
    """What one project's settings say."""
    around = {path.rpartition("/")[0] for path in holders}
    modules = [*holders, *sorted(path for path in source.modules if path.rpartition("/")[0] in around and path not in holders)]
    modules = [path for path in modules if path in holders or "settings" in path]
    apps: list[str] = []
    why = [Evidence(holders[0], line_of(source, holders[0], "INSTALLED_APPS"), "INSTALLED_APPS")]
    user_model, auto_field, engine, engine_why = "", "", "", None
    for path in modules:
        index = source.modules[path]
        for name, numbers in index.assignments.items():
            for number in numbers:
                step = index.module.steps[number]
                if name.endswith("_APPS"):
                    apps += texts(step.value)
                elif name == "AUTH_USER_MODEL" and not user_model:
                    user_model = first_text(step.value)
                    why.append(Evidence(path, step.at.line, f'AUTH_USER_MODEL = "{user_model}"'))
                elif name == "DEFAULT_AUTO_FIELD" and not auto_field:
                    auto_field = text(step.value)
                elif name == "DATABASES" and step.value is not None and (found := database_engine(step.value)):
                    if not engine or "sqlite" in engine:
                        engine, engine_why = found, Evidence(path, step.at.line, f"DATABASES with {found}")
    names = tuple(dict.fromkeys(apps))
    rest = any(name.startswith("rest_framework") for name in names)
    return DjangoProject(folder, tuple(modules), names, user_model or "auth.User", auto_field, engine, rest, tuple(why), engine_why)


def first_text(node: Expression | None) -> str:
    """The first string constant in an expression."""
    return next((text(one) for one in walk(node) if text(one)), "") if node is not None else ""


def database_engine(node: Expression) -> str:
    """The engine, or the scheme of the URL, in the value of ``DATABASES``."""
    for one in walk(node):
        if isinstance(one, Mapping):
            for entry in one.entries:
                found = [text(part) for part in walk(entry.value) if "." in text(part)] if text(entry.key) == "ENGINE" else []
                if found:
                    return found[-1]
    for one in walk(node):
        if "://" in text(one):
            return text(one).partition("://")[0]
    return ""


def line_of(source: Source, path: str, name: str) -> int:
    """The line of a module's first assignment of a name."""
    index = source.modules[path]
    numbers = index.assignments.get(name, [])
    return index.module.steps[numbers[0]].at.line if numbers else 0


def user_class(source: Source, places: Places, found: DjangoProject) -> ClassValue | None:
    """The class that ``AUTH_USER_MODEL`` names; None for Django's own."""
    label, _, name = found.user_model.rpartition(".")
    if found.user_model == "auth.User":
        return None
    candidates = [value for value, _ in source.classes() if value.name == name and is_below(value.path, found.folder)]
    labelled = [value for value in candidates if app_label(source, places, value) == label]
    return min(labelled or candidates, key=lambda value: len(value.path), default=None)


def app_folder(source: Source, value: ClassValue) -> str:
    """The folder of the Django application that a model belongs to."""
    folder, _, name = value.path.rpartition("/")
    while name != "models.py" and folder:
        upper, _, last = folder.rpartition("/")
        if last == "models":
            return upper
        if f"{folder}/apps.py" in source.layout.paths:
            return folder
        folder = upper
    return folder or value.path.rpartition("/")[0]


def app_label(source: Source, places: Places, value: ClassValue) -> str:
    """The label of the application that a model belongs to: from ``Meta``, from ``apps.py``, or the folder's name."""
    meta = source.modules[value.path].classes.get(f"{value.name}.Meta")
    if meta is not None:
        step = source.class_assignment(ClassValue(value.path, meta.name), "app_label")
        if step is not None and text(step.value):
            return text(step.value)
    folder = app_folder(source, value)
    configured = config_value(source, f"{folder}/apps.py" if folder else "apps.py", "label")
    return configured or folder.rpartition("/")[2] or places.module(value.path).split(".")[0]


def config_value(source: Source, path: str, name: str) -> str:
    """A string in the ``AppConfig`` of an ``apps.py``."""
    index = source.modules.get(path)
    if index is None:
        return ""
    for class_ in index.module.classes:
        value = ClassValue(path, class_.name)
        if any(isinstance(base, External) and base.name.endswith("AppConfig") for base in source.ancestors(value)):
            step = source.class_assignment(value, name)
            if step is not None and text(step.value):
                return text(step.value)
    return ""
