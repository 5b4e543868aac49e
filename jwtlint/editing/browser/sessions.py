"""All session tokens that a front end keeps in the browser's storage, moved out together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from jwtlint.editing.browser.front_end import FrontEnd
from jwtlint.editing.browser.move import Move
from jwtlint.editing.browser.storage import Storage
from jwtlint.editing.edits import edits_between
from jwtlint.editing.files import Files
from jwtlint.editing.recipe import Proposal, Refused, Task
from jwtlint.editing.scripts import decoded_web
from jwtlint.facts.lifecycle import Place
from jwtlint.facts.web_layout import is_web
from jwtlint.linker.browser.library import WebModel
from jwtlint.linker.browser.values import dotted
from jwtlint.rules.findings import Finding
from jwtlint.rules.fixes import Edit

MEDIA = {"JWT301": "local_storage", "JWT302": "session_storage", "JWT303": "cookie"}
MEDIA_NAMES = {"local_storage": "localStorage", "session_storage": "sessionStorage", "cookie": "a cookie that scripts can read"}


class Left(NamedTuple):
    """A finding whose token stays where it is, and the reason: one sentence without a full stop."""

    finding: Finding
    reason: str


class Moved(NamedTuple):
    """What became of the tokens.

    ``edits`` are those of each file, by its path; ``files`` what they make of it; ``done`` the findings. ``decoded`` are places where a
    script reads what a JWT says: they fail as soon as the server answers something else than a JWT.
    """

    edits: dict[str, tuple[Edit, ...]]
    files: dict[str, bytes]
    done: tuple[Finding, ...]
    left: tuple[Left, ...]
    decoded: tuple[Place, ...]


def key_at(storage: Storage, place: Place) -> str:
    """The key under which a place writes. Raises :class:`Refused`."""
    access = storage.write_at(place)
    key = storage.key_of(access) if access is not None else None
    if key is None and storage.medium == "cookie":
        raise Refused("no script can set HttpOnly, so the server has to set the cookie; this one is set in a form that is not known")
    if key is None:
        raise Refused("the token is written in a form that is not known, such as by a library that keeps state")
    return key


def proposal(task: Task) -> Proposal:
    """The fix of one finding. Raises :class:`Refused`."""
    finding = task.finding
    if not is_web(finding.place.path):
        raise Refused("the script that keeps the token is part of a Python file")
    task.files.script(finding.place.path)
    medium = MEDIA[finding.rule]
    storage = Storage(FrontEnd(task.files, finding.place.path, task.web_models()), medium)
    key = key_at(storage, finding.place)
    return Proposal(f"send the server's cookie in place of {key} from {MEDIA_NAMES[medium]}", "unsafe", tuple(Move(storage, key).make()))


def moved_tokens(findings: Sequence[Finding], files: Files, models: Sequence[WebModel]) -> Moved:
    """The edits that move all session tokens of some findings out of the browser's storage (JWT301, JWT302) and out of
    cookies that scripts set (JWT303), and what is left.

    ``files`` are the scanned files, of which nothing is changed; ``models`` what is known of front ends' libraries.
    """
    contents: dict[str, bytes] = {}
    done: list[Finding] = []
    left: list[Left] = []
    decoded: set[Place] = set()
    keys: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        medium = MEDIA.get(finding.rule)
        if medium is None or not is_web(finding.place.path):
            continue
        try:
            front = FrontEnd(files, finding.place.path, models)
            decoded.update(decodings(front))
            keys.setdefault((front.folder, medium, key_at(Storage(front, medium), finding.place)), []).append(finding)
        except (Refused, RecursionError) as error:
            left.append(Left(finding, why(error)))
    for (_, medium, key), own in keys.items():
        present = Files(files.root, files.paths, {**known(files), **contents})
        try:
            drafts = Move(Storage(FrontEnd(present, own[0].place.path, models), medium), key).make()
            changed = {draft.path: draft.script.mark + draft.text().encode("utf-8") for draft in drafts}
        except (Refused, RecursionError) as error:
            left.extend(Left(finding, why(error)) for finding in own)
            continue
        contents.update(changed)
        done.extend(own)
    edits = {path: edits_between(path, decoded_web(files.data(path) or b"")[0], decoded_web(data)[0]) for path, data in contents.items()}
    return Moved(edits, contents, tuple(done), tuple(left), tuple(sorted(decoded)))


def why(error: Refused | RecursionError) -> str:
    """The reason why a token stays where it is."""
    return error.reason if isinstance(error, Refused) else "the code is nested too deeply to be rewritten"


def decodings(front: FrontEnd) -> Iterator[Place]:
    """Where scripts read what a JWT says."""
    for site, _, values in front.callers.callees:
        names = [name for name in map(dotted, values) if name]
        if any(front.evaluator.knowledge.meaning(name, "decode") is not None for name in names):
            yield front.program.place(site.path, site.call.at)


def known(files: Files) -> Mapping[str, bytes]:
    """What files hold, as far as it was read already."""
    return {path: data for path, data in files.contents.items() if data is not None}
