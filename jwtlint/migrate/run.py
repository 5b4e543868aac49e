"""One migration, from the folder to the bytes of every file that is to be written. Nothing is written here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from jwtlint.config import Options
from jwtlint.editing.recipe import Refused
from jwtlint.editing.wrap import LIMITS
from jwtlint.errors import UserError
from jwtlint.migrate import django, frontend, identity, libraries, routes, suites
from jwtlint.migrate.calls import Bridge
from jwtlint.migrate.ends import end_sessions
from jwtlint.migrate.installation import install
from jwtlint.migrate.mints import wrap_mints
from jwtlint.migrate.scheme import scheme_of
from jwtlint.migrate.study import Study
from jwtlint.migrate.verifications import wrap_verifications
from jwtlint.scaffold import write
from jwtlint.scaffold.choice import Bridge as BridgeChoice
from jwtlint.scaffold.choice import Choice
from jwtlint.scaffold.project.detect import Detected, detect
from jwtlint.scaffold.project.source import Source
from jwtlint.scaffold.render.package import render
from jwtlint.scaffold.wishes import Wishes


@dataclass(frozen=True, slots=True)
class Migration:
    """All that a migration comes to.

    ``generated`` is the session code (with what is there already marked as such), ``changed`` maps paths of the application's files to
    their bytes before and after.
    """

    study: Study
    detected: Detected
    generated: write.Plan
    changed: dict[str, tuple[bytes, bytes]]


def migrate(root: Path, options: Options, wishes: Wishes, identifiers: Mapping[str, str], routes_at: str | None = None) -> Migration:
    """Work a migration out. ``routes_at`` is where users see and end their sessions, as in :func:`jwtlint.migrate.routes.prefix_of`.
    Raises :class:`UserError` where nothing is to be migrated, or only the user can decide."""
    study = Study.of(root, options)
    source = Source(root)
    detected = detect(source, wishes)
    study.own = of_application(source, detected)
    if not any(True for _ in study.mints()):
        if detected.record is None:
            raise UserError(f"no session in {root} is kept in a JWT, so there is nothing to migrate")
        return Migration(study, detected, nothing(source, detected), {})
    if detected.choice.framework == "none":
        raise UserError("migrate knows FastAPI, Flask and Django; for another framework generate the sessions with `jwtlint scaffold`")
    if (configured := detected.choice.formatting.line_length) < LIMITS[0]:
        study.longest = configured
    choice = bridged(study, detected.choice, source, identifiers)
    bridge = Bridge(study, choice, source)
    wrap_mints(study, bridge)
    wrap_verifications(study, bridge)
    libraries.adapt(study, bridge)
    end_sessions(study, bridge, choice, identity.rights_are_fresh(study, choice))
    prefix = routes.prefix_of(study, routes_at)
    if choice.framework != "django":
        install(study, bridge, detected.application, prefix)
    else:
        django.install(study, choice, detected)
        if prefix is not None:
            routes.include(study, choice, detected, source, prefix)
    suites.tell(study, root, options)
    changed = texts(study)
    changed.update(frontend.moved(study, root, options))
    generated = write.plan(source.root, choice, detected.wishes, render(choice), detected.record)
    return Migration(study, detected, generated, changed)


def of_application(source: Source, detected: Detected) -> Callable[[str], bool]:
    """Tells the files of the application that is migrated from those of others in the same folder."""
    applications = source.program.applications
    choice = detected.choice
    path = detected.application.path if detected.application is not None else ""
    if path not in applications:
        return lambda other: not choice.root or other.startswith(f"{choice.root}/")
    name = applications[path]
    return lambda other: applications.get(other, name) == name


def bridged(study: Study, choice: Choice, source: Source, given: Mapping[str, str]) -> Choice:
    """The choice with its bridge."""
    choice = msgspec.structs.replace(choice, bridge=BridgeChoice(identity.identifiers(study, choice, source, given)))
    assert choice.bridge is not None
    library = next((mint.library for mint in study.mints()), "")
    errors = libraries.errors_of(library)
    bridge = msgspec.structs.replace(
        choice.bridge,
        fresh=identity.fresh(study, choice, source),
        expired=errors[0],
        invalid=errors[1],
        scheme=scheme_of(study),
        reads_bodies=any(way.role != "access" for way in study.session_ways()),
        refuse_disabled=not any(fact.reloads_user for fact in study.verifications()),
        legacy_cookie=libraries.cookie_of(study),
        logins=libraries.logins_of(study),
        library=libraries.adapter_of(study),
    )
    return msgspec.structs.replace(choice, bridge=bridge)


def texts(study: Study) -> dict[str, tuple[bytes, bytes]]:
    """The changed files. A draft that comes to no valid Python is given up, and told."""
    found: dict[str, tuple[bytes, bytes]] = {}
    for path, draft in sorted(study.drafts.items()):
        if not (draft.replacements or draft.insertions):
            continue
        before = draft.tree.source.data
        try:
            after = draft.tree.source.encoded(draft.text())
        except Refused as refused:
            study.steps = [step for step in study.steps if step.place.path != path]
            study.leave(f"change {path}", refused.reason)
            continue
        if after != before:
            found[path] = (before, after)
    return found


def nothing(source: Source, detected: Detected) -> write.Plan:
    """The plan of a run that has nothing to do: the generated code is left as it is."""
    return write.Plan(source.root, detected.choice.output, (), "")
