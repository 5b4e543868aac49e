"""The whole of what is generated for a choice: paths and their text."""

from __future__ import annotations

import re
from pathlib import Path

from jwtlint.scaffold import parts
from jwtlint.scaffold.choice import Choice
from jwtlint.scaffold.parts import Part
from jwtlint.scaffold.render import bridge, imports, names, quotes, reflow, sections, sync

CODE = Path(__file__).parent.parent / "code"
# a line of the README that stands for another file
INCLUDED = re.compile(r"^<!-- (README\.\w+\.md) -->\n", re.MULTILINE)
# Python in the README
FENCED = re.compile(r"^(```python\n)(.*?)^(```)$", re.MULTILINE | re.DOTALL)
# NAME = "file.sql"  # the file's text
EMBEDDED = re.compile(r'^(?P<name>\w+) = "(?P<file>[\w.]+\.sql)"  # the file\'s text$', re.MULTILINE)


def render(choice: Choice) -> dict[str, str]:
    """Every file to write, by its path relative to the scanned folder."""
    found: dict[str, str] = {}
    for part in parts.wanted(choice):
        path = target(part, choice)
        if path is not None and (CODE / part.source).is_file():
            found[path] = render_part(part, choice)
    return found


def target(part: Part, choice: Choice) -> str | None:
    """Where a file goes."""
    if part.target:
        return f"{choice.output}/{part.target}" if choice.output else part.target
    return choice.alembic.path if choice.alembic is not None else None


def render_part(part: Part, choice: Choice) -> str:
    """One file's text."""
    source = (CODE / part.source).read_text(encoding="utf-8")
    if part.source.endswith(".sql"):
        return names.in_text(names.in_sql(source, choice, "sqlite" in part.source), choice)
    if not part.source.endswith(".py"):
        source = INCLUDED.sub(lambda match: (CODE / match[1]).read_text(encoding="utf-8"), source)
        text = sections.kept(source, choice)
        return names.in_text(FENCED.sub(lambda match: match[1] + render_snippet(match[2], choice) + match[3], text), choice)
    return render_module(bridge.configured(embed(source, choice), choice), choice, part.source, as_is=part.as_is)


def render_snippet(source: str, choice: Choice) -> str:
    """A piece of Python in a text; formatters look at it, too."""
    source = source if choice.is_async else sync.synchronous(source)
    return quotes.single(source) if choice.formatting.single_quotes else source


def render_module(source: str, choice: Choice, name: str = "module.py", *, as_is: bool = False) -> str:
    """A module for a choice; ``as_is`` for one that is in the right form whatever the driver."""
    is_done = as_is or choice.is_async
    source = sync.marked_lines(source, True) if is_done else sync.synchronous(source)
    source, after = names.in_module(source, choice)
    source = imports.arranged(
        source,
        choice.formatting.line_length,
        first_party(choice),
        (lambda module, _: module) if is_done else sync.module_of,
        keep_unused=name.endswith("__init__.py"),
        after=after,
    )
    if choice.formatting.single_quotes:
        source = quotes.single(source)
    return reflow.reflowed(source, choice.formatting.line_length)


def first_party(choice: Choice) -> set[str]:
    """The application's top-level names."""
    handles = (choice.engine, choice.session_factory, choice.get_session, choice.db, choice.metadata, choice.pool)
    known = [choice.package, choice.user.module, *(one.module for one in handles if one is not None)]
    return {name.partition(".")[0] for name in known if name} - {"django", "sqlmodel"}


def embed(source: str, choice: Choice) -> str:
    """A migration with the SQL of the files that it names, and the attributes that say whether a user may log in."""
    source = re.sub(r'(?m)^ACTIVE_ATTRIBUTE = ""$', f'ACTIVE_ATTRIBUTE = "{choice.user.active}"', source)
    source = re.sub(r'(?m)^INACTIVE_ATTRIBUTE = ""$', f'INACTIVE_ATTRIBUTE = "{choice.user.inactive}"', source)
    if choice.alembic is not None:
        source = source.replace('"0123456789ab"', f'"{choice.alembic.revision}"')
        down = f'"{choice.alembic.down_revision}"' if choice.alembic.down_revision else "None"
        source = source.replace('"ba9876543210"', down)
        source = source.replace("0123456789ab", choice.alembic.revision).replace("ba9876543210", choice.alembic.down_revision or "")
        source = source.replace("2026-01-01 00:00:00", choice.alembic.created)
        source = re.sub(r"(?m)[ \t]+$", "", source)

    def text(match: re.Match[str]) -> str:
        content = (CODE / "migrations" / match["file"]).read_text(encoding="utf-8").replace("\\", "\\\\")
        content = names.in_sql(content, choice, "sqlite" in match["file"])
        return f'{match["name"]} = """\\\n{content}"""'

    return EMBEDDED.sub(text, source)
