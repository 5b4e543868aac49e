"""Routes by which users see and end their own sessions: added where the application has no logout of its own."""

from __future__ import annotations

import libcst

from jwtlint.editing.code import expression, quoted, text_of
from jwtlint.editing.draft import Draft
from jwtlint.editing.layout import with_element
from jwtlint.editing.recipe import Refused
from jwtlint.editing.settings import settings_named
from jwtlint.facts.lifecycle import Handler, Place
from jwtlint.migrate.calls import is_taken
from jwtlint.migrate.django import list_named
from jwtlint.migrate.plan import Step
from jwtlint.migrate.study import Study
from jwtlint.scaffold.choice import Choice
from jwtlint.scaffold.project.detect import Detected
from jwtlint.scaffold.project.source import Source

USUAL = "/account"
NONE = "none"
# of Django's patterns, those behind which nothing is reached
CATCHES_ALL = (".*", ".+", "<path:")


def prefix_of(study: Study, wish: str | None) -> str | None:
    """What stands before the routes, as ``/account``; None for no routes. ``wish`` is the user's own: a prefix, or "none"."""
    if wish is not None:
        return None if wish == NONE else "/" + wish.strip("/") if wish.strip("/") else ""
    if has_logout(study):
        study.leave(
            "let users see their sessions, and log out everywhere else",
            f"no routes were added, since the application has a logout; run again with --routes {USUAL}, or write your own",
        )
        return None
    return USUAL


def has_logout(study: Study) -> bool:
    """Whether the application has a handler that logs out."""
    return any(isinstance(fact, Handler) and fact.role == "logout" and study.own(fact.place.path) for fact in study.told.lifecycle.facts)


def step_of(prefix: str, place: Place) -> Step:
    """What is told of routes that were added."""
    return Step("install", place, f"users see and end their sessions: GET {prefix}/sessions, POST {prefix}/logout, as README.md has it")


def include(study: Study, choice: Choice, detected: Detected, source: Source, prefix: str) -> None:
    """Add the routes to a Django project's addresses."""
    address = f"{prefix.strip('/')}/" if prefix else ""
    title = f'add path("{address}", include("{choice.package}.urls")) to the addresses'
    root = addresses_of(study, detected, source)
    if root is None:
        study.leave(title, "ROOT_URLCONF is not known")
        return
    try:
        place = add(study.draft(root), list_named(study, root, "urlpatterns"), address, f"{choice.package}.urls")
    except Refused as refused:
        study.leave(title, refused.reason, Place(root, 1, 0, 1, 0))
        return
    if place is not None:
        study.step(step_of(prefix, place))


def addresses_of(study: Study, detected: Detected, source: Source) -> str | None:
    """The file of ROOT_URLCONF."""
    for path in detected.django.modules if detected.django is not None else ():
        try:
            holders = list(settings_named(study.files.tree(path), "ROOT_URLCONF"))
        except Refused:
            continue
        for holder in holders:
            module = text_of(holder.value) if holder.value is not None else None
            found = source.layout.resolve(path, module, 0) if module else None
            if found is not None:
                return found
    return None


def add(draft: Draft, patterns: libcst.List | libcst.Tuple | None, address: str, module: str) -> Place | None:
    """Add the pattern behind all others but one that catches everything; gives its place, None where it is there. Raises
    :class:`Refused`."""
    tree = draft.tree
    if patterns is None:
        raise Refused("urlpatterns is no list that stands in the file")
    elements = [tree.code(element.value) for element in patterns.elements]
    if any(module in code for code in elements):
        return None
    names = {}
    for name in ("path", "include"):
        known = draft.imports.known("django.urls", name)
        if known is None and is_taken(tree.module, name) and name == "path":
            raise Refused("the file has something called path already")
        names[name] = known or (name if is_taken(tree.module, name) else draft.imports.name("django.urls", name))
    last = len(elements)
    while last and any(sign in elements[last - 1] for sign in CATCHES_ALL):
        last -= 1
    like = next((arg.value for element in patterns.elements if isinstance(element.value, libcst.Call) for arg in element.value.args), None)
    code = f"{names['path']}({quoted(tree, address, like)}, {names['include']}({quoted(tree, module, like)}))"
    draft.replace(patterns, with_element(patterns, libcst.Element(expression(code)), last))
    line = tree.line_of(patterns)
    return Place(draft.path, line, 0, line, 0)
