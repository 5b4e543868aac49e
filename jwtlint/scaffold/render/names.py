"""The application's names in the place of those of the imaginary one that ``code/`` is written for."""

from __future__ import annotations

import re
import tokenize

from jwtlint.scaffold.choice import Choice, Imported, Tables
from jwtlint.scaffold.render.tokens import Token, is_string, parts, text_of, tokens_of

MODULES = {"app.models", "app.database", "app.settings", "app.main"}
KEY_TYPES = {"bigint": "int", "integer": "int", "uuid": "UUID", "text": "str"}
PACKAGE = "app.sessions"


def in_sql(text: str, choice: Choice, is_sqlite: bool = False) -> str:
    """SQL with the names of the application's tables and the type of its key."""
    user = choice.user
    table = f'"{user.schema}"."{user.table}"' if user.schema else f'"{user.table}"'
    text = text.replace('"users"."id"', f'{table}."{user.key_column}"')
    # not twice, where the schema stands before it already
    text = re.sub(r'(?<!\.)"users"', lambda _: table, text).replace('"id"', f'"{user.key_column}"')
    for usual in Tables.__struct_fields__:
        own = getattr(choice.tables, usual)
        if own != usual:
            text = text.replace(f'"{usual}"', f'"{own}"')
    # SQLite would take a column of type "uuid" for one of numbers, and 1e2… for 100 (https://sqlite.org/datatype3.html section 3.1)
    kind = "char(32)" if is_sqlite and user.key_type == "uuid" else user.key_type
    if kind != "bigint":
        text = re.sub(r"\buser_id bigint\b", f"user_id {kind}", text)
    return text


def in_text(text: str, choice: Choice) -> str:
    """Prose, and what is no SQL: the package's name."""
    if choice.django is not None:
        text = re.sub(r"\bapp\.settings\b", choice.django.settings, text)
        text = re.sub(r"\blogin_sessions\b", choice.django.label, text)
    text = re.sub(r"\bapp\.sessions\b", choice.package, text)
    return re.sub(r"\bapp/sessions\b", choice.package.replace(".", "/"), text)


def in_module(source: str, choice: Choice) -> tuple[str, str]:
    """A module with the application's names, and a statement to put behind its imports ("" for none)."""
    tokens = tokens_of(source)
    imported = app_imports(tokens)
    after: list[str] = []
    for index, token in enumerate(tokens):
        if is_string(token):
            token.text = in_literal(tokens, index, choice)
        elif token.kind == tokenize.COMMENT:
            token.text = in_text(token.text, choice)
        elif token.is_name and token.text == "id" and is_user_key(tokens, index, imported):
            token.text = choice.user.key
    replace_imports(tokens, choice, after)
    replace_user_id(tokens, choice)
    return text_of(tokens), "\n".join(after)


def in_literal(tokens: list[Token], index: int, choice: Choice) -> str:
    """A string literal with the names that are meant in it."""
    literal = tokens[index].text
    prefix, quote, body = parts(literal)
    before = [token.text for token in tokens[max(0, index - 4) : index] if token.text.strip()]
    if before[-2:] == ["Table", "("] and body in Tables.__struct_fields__:
        return f"{prefix}{quote}{getattr(choice.tables, body)}{quote}"
    if '"' in body or "\\" in body or "user_id bigint" in body:
        escaped = body.replace('\\"', '"')
        changed = in_sql(escaped, choice)
        if changed != escaped:
            body = changed.replace('"', '\\"') if '\\"' in body and quote == '"' else changed
    return prefix + quote + in_text(body, choice) + quote


def is_user_key(tokens: list[Token], index: int, imported: set[str]) -> bool:
    """Whether a token is the ``id`` of ``User.id``."""
    return "User" in imported and [token.text for token in tokens[max(0, index - 2) : index]] == ["User", "."]


def app_imports(tokens: list[Token]) -> set[str]:
    """The names that are imported of the imaginary application."""
    return {name for _, _, names in statements(tokens) for name in names}


def statements(tokens: list[Token]) -> list[tuple[int, int, list[str]]]:
    """Each ``from app.… import …`` (but of the package itself): its first token, the one behind its last, and its names."""
    found: list[tuple[int, int, list[str]]] = []
    for index in range(len(tokens) - 4):
        if [token.text for token in tokens[index : index + 3]] != ["from", "app", "."]:
            continue
        end = next(position for position in range(index, len(tokens)) if tokens[position].kind in (tokenize.NEWLINE, tokenize.ENDMARKER))
        words = [token.text for token in tokens[index:end]]
        if "import" in words and words[3] != "sessions":
            names = [word for word in words[words.index("import") + 1 :] if word.isidentifier()]
            found.append((index, end, names))
    return found


def source_of(name: str, choice: Choice) -> Imported | None:
    """What stands for a name of the imaginary application; None where the application has nothing of the kind."""
    if name == "User" and choice.user.name:
        return Imported(choice.user.module, (choice.user.name,), choice.user.name)
    if name == "Base" and choice.metadata is not None:
        base = choice.metadata.expression.removesuffix(".metadata")
        return Imported(choice.metadata.module, choice.metadata.names, base)
    if choice.bridge is not None and (error := {"EXPIRED": choice.bridge.expired, "INVALID": choice.bridge.invalid}.get(name)):
        return error
    known = {
        "engine": choice.engine,
        "SessionLocal": choice.session_factory,
        "get_db": choice.get_session,
        "db": choice.db,
        "pool": choice.pool,
    }
    return known.get(name)


def replace_imports(tokens: list[Token], choice: Choice, after: list[str]) -> None:
    """The application's own imports in the place of the imaginary ones."""
    for start, end, names in reversed(statements(tokens)):
        lines: list[str] = []
        for name in names:
            found = source_of(name, choice)
            if found is None and name in NO_ERROR:
                lines += [line for line in NO_ERROR[name][:-1] if line not in lines]
                after += NO_ERROR[name][-1:]
            elif found is None:
                made = MADE.get(name, {}).get(choice.driver)
                if made is None:
                    continue
                lines += [line for line in made[:-1] if line not in lines]
                after.insert(0, made[-1])
            elif found.is_plain:
                only = found.names[0]
                lines.append(f"from {found.module} import {only}" + (f" as {name}" if only != name else ""))
            else:
                lines.append(f"from {found.module} import {', '.join(found.names)}")
                after.insert(0, f"{name} = {found.expression}")
        space, number = tokens[start].space, tokens[start].line
        tokens[start:end] = [Token(tokenize.OP, "\n".join(lines), space, number)]


# where the application's JWT library has no error of its own for a token that expired, or that is no good
NO_ERROR: dict[str, tuple[str, ...]] = {
    "EXPIRED": ("from .passage import RefusedToken", "EXPIRED = RefusedToken"),
    "INVALID": ("from .passage import RefusedToken", "INVALID = RefusedToken"),
}
# what is made where the application has nothing that can be imported: imports, and the statement
URL = 'os.environ["DATABASE_URL"]'
MADE: dict[str, dict[str, tuple[str, ...]]] = {
    "engine": {
        "sqlalchemy": ("import os", "from sqlalchemy import create_engine", f"engine = create_engine({URL})"),
        "sqlalchemy-async": ("import os", "from sqlalchemy.ext.asyncio import create_async_engine", f"engine = create_async_engine({URL})"),
    },
}


def replace_user_id(tokens: list[Token], choice: Choice) -> None:
    """``UserId: TypeAlias = int`` with the type of the application's key."""
    kind = KEY_TYPES[choice.user.key_type]
    if kind == "int":
        return
    for index in range(len(tokens) - 4):
        if [token.text for token in tokens[index : index + 5]] == ["UserId", ":", "TypeAlias", "=", "int"]:
            tokens[index + 4].text = kind
            if kind == "UUID":
                place = next(position for position, token in enumerate(tokens) if token.text in ("from", "import") and position)
                later = next(position for position in range(place, len(tokens)) if tokens[position].kind == tokenize.NEWLINE) + 1
                tokens.insert(later, Token(tokenize.OP, "from uuid import UUID\n", "", tokens[later].line))
            return
