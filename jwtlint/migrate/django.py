"""Django's settings: the generated app among the installed ones, and its middleware among the middleware."""

from __future__ import annotations

from collections.abc import Sequence

import libcst

from jwtlint.editing.code import quoted, text_of
from jwtlint.editing.layout import with_element
from jwtlint.editing.recipe import Refused
from jwtlint.editing.settings import settings_named
from jwtlint.facts.lifecycle import Place
from jwtlint.migrate.plan import Step
from jwtlint.migrate.study import Study
from jwtlint.scaffold.choice import Choice
from jwtlint.scaffold.project.detect import Detected

# what may stand before the bridge: it must come before everything that could read a token, the application's own middleware above all, and
# before Django's check of CSRF tokens, which it makes needless for tokens in the header
DJANGO = ("security.", "common.", "gzip.", "http.", "locale.", "cache.UpdateCache")
OUTSIDE = (*(f"django.middleware.{name}" for name in DJANGO), "corsheaders.", "whitenoise.")
ANYTHING = ("",)


def install(study: Study, choice: Choice, detected: Detected) -> None:
    """Add the app and the middleware to the settings module that has the lists."""
    if detected.django is None:
        study.leave("add the generated app to the settings", "the settings are not known")
        return
    wanted: dict[str, tuple[str, Sequence[str]]] = {
        "INSTALLED_APPS": (choice.package, ANYTHING),
        "MIDDLEWARE": (f"{choice.package}.bridge.BridgeMiddleware", OUTSIDE),
    }
    for name, (value, before) in wanted.items():
        modules = [path for path in detected.django.modules if holds(study, path, name)]
        if not modules:
            study.leave(f'add "{value}" to {name}', "no settings module sets it as a list")
            continue
        try:
            add(study, modules[0], name, value, before)
        except Refused as refused:
            study.leave(f'add "{value}" to {name}', refused.reason, Place(modules[0], 1, 0, 1, 0))


def holds(study: Study, path: str, name: str) -> bool:
    """Whether a module sets a list of a name."""
    try:
        return list_named(study, path, name) is not None
    except Refused:
        return False


def list_named(study: Study, path: str, name: str) -> libcst.List | libcst.Tuple | None:
    """The list that is assigned to a name at the top level of a module."""
    for holder in settings_named(study.files.tree(path), name):
        value = holder.value
        if isinstance(holder, libcst.Assign | libcst.AnnAssign) and isinstance(value, libcst.List | libcst.Tuple):
            return value
    return None


def add(study: Study, path: str, name: str, value: str, before: Sequence[str]) -> None:
    """Add a text to a list, behind the texts at its start that begin in one of some ways. Raises :class:`Refused`."""
    draft = study.draft(path)
    found = list_named(study, path, name)
    if found is None:
        raise Refused(f"{name} is no list that stands in the file")
    texts = [text_of(element.value) for element in found.elements]
    if value in texts:
        return
    index = next((number for number, one in enumerate(texts) if not (one or "").startswith(tuple(before))), len(texts))
    like = found.elements[0].value if found.elements else None
    element = libcst.Element(libcst.parse_expression(quoted(draft.tree, value, like)))
    draft.replace(found, with_element(found, element, index))
    line = draft.tree.line_of(found)
    study.step(Step("settings", Place(path, line, 0, line, 0), f'add "{value}" to {name}'))
