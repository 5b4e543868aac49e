"""What a migration works from: the story of the application's tokens, its files, and one draft for each file that is to change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import libcst

from jwtlint import analysis
from jwtlint.analysis import Told
from jwtlint.config import Options
from jwtlint.editing.draft import Draft
from jwtlint.editing.files import Files
from jwtlint.editing.tokens import api_named
from jwtlint.editing.wrap import LIMITS
from jwtlint.facts.lifecycle import Handler, Mint, Place, Verification
from jwtlint.linker.library import Api, ApiFact
from jwtlint.linker.subjects import Way
from jwtlint.migrate.plan import Left, Step


@dataclass(slots=True)
class Study:
    """One application under study. ``own`` tells whether a file is the application's, ``longest`` how long its lines may be at most;
    ``steps`` and ``left`` grow while the migration is worked out."""

    root: Path
    told: Told
    files: Files
    own: Callable[[str], bool] = lambda path: True
    longest: int = LIMITS[-1]
    drafts: dict[str, Draft] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)

    @classmethod
    def of(cls, root: Path, options: Options) -> Study:
        """Look at a folder. Raises :class:`jwtlint.errors.UserError`."""
        told = analysis.told(root, options)
        return cls(root, told, Files(root, told.paths))

    def draft(self, path: str) -> Draft:
        """The draft of a file. Raises :class:`jwtlint.editing.recipe.Refused` where the file cannot be rewritten."""
        if path not in self.drafts:
            self.drafts[path] = Draft(self.files.tree(path), self.longest)
        return self.drafts[path]

    def mints(self) -> Iterator[Mint]:
        """The mints of session tokens, each place once."""
        seen: set[Place] = set()
        for fact in self.told.lifecycle.facts:
            if isinstance(fact, Mint) and fact.purpose == "session" and fact.place not in seen and self.own(fact.place.path):
                seen.add(fact.place)
                yield fact

    def verifications(self) -> Iterator[Verification]:
        """The verifications in applications whose sessions are JWTs: those of sessions, and those of nobody knows what."""
        applications = {name for name, is_session in self.told.lifecycle.applications.items() if is_session}
        for fact in self.told.lifecycle.facts:
            if isinstance(fact, Verification) and fact.purpose in ("session", "unknown") and fact.application in applications:
                if self.own(fact.place.path):
                    yield fact

    def handlers(self) -> Iterator[Handler]:
        """The handlers with a part in the end of sessions."""
        for fact in self.told.lifecycle.facts:
            if isinstance(fact, Handler) and fact.jwt_sessions and self.own(fact.place.path):
                yield fact

    def ways(self, mint: Place) -> list[Way]:
        """The ways to a mint."""
        return [way for way in self.told.ways if way.mint == mint]

    def session_ways(self) -> Iterator[Way]:
        """The ways to all session tokens of the application."""
        return (way for way in self.told.ways if way.purpose == "session" and self.own(way.mint.path))

    def api(self, library: str, kind: ApiFact, call: libcst.Call) -> Api | None:
        """What a library's model says of a call, by the last name of what is called."""
        return api_named(self.told.models, library, kind, call)

    def step(self, step: Step) -> None:
        """Note a change that was made to a draft."""
        self.steps.append(step)

    def leave(self, title: str, reason: str, place: Place | None = None) -> None:
        """Note what people have to do."""
        self.left.append(Left(title, reason, place))
