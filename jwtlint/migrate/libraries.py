"""What depends on the application's JWT library: its errors, and the parts of it that mint or verify by themselves."""

from __future__ import annotations

import re
from typing import Literal

import libcst

from jwtlint.editing.code import expression, quoted, text_of
from jwtlint.editing.draft import Draft
from jwtlint.editing.imports import module_of
from jwtlint.editing.layout import without
from jwtlint.editing.recipe import Refused
from jwtlint.editing.tree import descendants
from jwtlint.facts.lifecycle import Delivery, Place
from jwtlint.migrate.calls import Bridge
from jwtlint.migrate.plan import Step
from jwtlint.migrate.study import Study
from jwtlint.scaffold.choice import Imported

# (expired, invalid): the classes that a library's decode raises
ERRORS: dict[str, tuple[Imported, Imported]] = {
    "pyjwt": (
        Imported("jwt", ("ExpiredSignatureError",), "ExpiredSignatureError"),
        Imported("jwt", ("InvalidTokenError",), "InvalidTokenError"),
    ),
    "python-jose": (
        Imported("jose", ("ExpiredSignatureError",), "ExpiredSignatureError"),
        Imported("jose", ("JWTError",), "JWTError"),
    ),
    "authlib": (
        Imported("authlib.jose.errors", ("ExpiredTokenError",), "ExpiredTokenError"),
        Imported("authlib.jose.errors", ("InvalidTokenError",), "InvalidTokenError"),
    ),
}
# libraries that stand on another, whose errors they raise
STANDS_ON = {
    "flask-jwt-extended": "pyjwt",
    "fastapi-users": "pyjwt",
    "djangorestframework-simplejwt": "pyjwt",
    "flask-jwt": "pyjwt",
    "flask-praetorian": "pyjwt",
}
# libraries with an adapter of ours, by the one that it is written for
ADAPTED: dict[str, Literal["flask-jwt-extended", "fastapi-users", "djangorestframework-simplejwt"]] = {
    "flask-jwt-extended": "flask-jwt-extended",
    "fastapi-users": "fastapi-users",
    "djangorestframework-simplejwt": "djangorestframework-simplejwt",
    "djoser": "djangorestframework-simplejwt",
    "dj-rest-auth": "djangorestframework-simplejwt",
}
# what an application imports from a library, and the module of ours that has the same under its name
REPLACED: dict[str, tuple[tuple[str, str, str], ...]] = {
    "flask-jwt-extended": (("flask_jwt_extended", "JWTManager", "jwt_manager"),),
    "fastapi-users": (
        ("fastapi_users.authentication", "JWTStrategy", "strategy"),
        ("fastapi_users", "BaseUserManager", "strategy"),
    ),
}
# what an application names in its settings
NAMED = {
    "djangorestframework-simplejwt": ("rest_framework_simplejwt.authentication.JWTAuthentication", "simplejwt.JWTAuthentication"),
}


def errors_of(library: str) -> tuple[Imported | None, Imported | None]:
    """The errors of a library, where they are known."""
    return ERRORS.get(STANDS_ON.get(library, library), (None, None))


def cookie_of(study: Study) -> str:
    """The cookie in which the application hands its session token out; "" where it does not."""
    for fact in study.told.lifecycle.facts:
        if isinstance(fact, Delivery) and fact.purpose == "session" and fact.medium == "cookie" and fact.direction == "sent" and fact.name:
            return fact.name
    return ""


def logins_of(study: Study) -> tuple[str, ...]:
    """The ends of the addresses at which session tokens are handed out to people who have just proved who they are."""
    roles = ("login", "signup", "federated-login")
    found: set[str] = set()
    for fact in study.told.lifecycle.facts:
        if isinstance(fact, Delivery) and fact.purpose == "session" and fact.handler_role in roles and fact.direction == "sent":
            route = "/" + fact.route.strip("^$").removesuffix("/?").strip("/")
            if len(route) > 1 and not re.search(r"[<>{}()\\\[\]*+?]", route):
                found.add(route)
    return tuple(sorted(found))


def adapter_of(study: Study) -> Literal["", "flask-jwt-extended", "fastapi-users", "djangorestframework-simplejwt"]:
    """The library whose adapter the application needs; "" for none."""
    return next((ADAPTED[mint.library] for mint in study.mints() if mint.library in ADAPTED), "")


def adapt(study: Study, bridge: Bridge) -> None:
    """Put our parts in the place of the library's own ones."""
    library = adapter_of(study)
    for module, name, own in REPLACED.get(library, ()):
        title = f"import {name} from {bridge.package}.{own} rather than from {module}"
        refused: Refused | None = None
        done = False
        for path in filter(study.own, study.files.mentioning(name)):
            try:
                place = replace_import(study.draft(path), module, name, f"{bridge.package}.{own}")
            except Refused as reason:
                refused = reason
                continue
            if place is not None:
                done = True
                study.step(Step("library", place, f"{name} comes from {bridge.package}.{own}"))
        if not done:
            study.leave(title, refused.reason if refused is not None else "no file imports it by its name")
    if library in NAMED:
        name_in_settings(study, bridge, *NAMED[library])


def name_in_settings(study: Study, bridge: Bridge, old: str, new: str) -> None:
    """Name a class of ours where the settings name the library's."""
    for path in filter(study.own, study.files.mentioning(old)):
        try:
            draft = study.draft(path)
        except Refused:
            continue
        for index, statement in enumerate(draft.tree.module.body):
            if old not in draft.tree.text_of(index):
                continue
            draft.tree.spans(index)
            for node in descendants(statement):
                if isinstance(node, libcst.SimpleString) and text_of(node) == old:
                    own = f"{bridge.package}.{new}"
                    draft.replace(node, expression(quoted(draft.tree, own, node)))
                    line = draft.tree.line_of(node)
                    study.step(Step("library", Place(path, line, 0, line, 0), f"requests are authenticated by {own}"))


def replace_import(draft: Draft, module: str, name: str, by: str) -> Place | None:
    """Import a name from another module; gives the place, or None where the file does not import it at its top level, or has it from
    there already. Raises :class:`Refused`."""
    for line in draft.tree.module.body:
        statement = line.body[0] if isinstance(line, libcst.SimpleStatementLine) and len(line.body) == 1 else None
        if not isinstance(statement, libcst.ImportFrom) or isinstance(statement.names, libcst.ImportStar):
            continue
        if module_of(statement) != module:
            continue
        found = [alias for alias in statement.names if alias.evaluated_name == name]
        if not found:
            continue
        number = draft.tree.spans(draft.tree.index_of(line))[line][0]
        place = Place(draft.path, number, 0, number, 0)
        if len(statement.names) == 1:
            other = expression(by)
            assert isinstance(other, libcst.Name | libcst.Attribute)
            draft.replace(statement, statement.with_changes(module=other))
            return place
        if found[0].asname is not None:
            raise Refused("the file gives it another name")
        draft.replace(statement, statement.with_changes(names=without(statement.names, found[0])))
        draft.imports.wanted.append((by, name))
        return place
    return None
