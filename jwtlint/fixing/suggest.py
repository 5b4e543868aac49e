"""Works out the fixes of findings, each in a worker process.

A hostile file may bring LibCST down or keep it busy; that costs the fixes of one file's findings, and they say why.
"""

from __future__ import annotations

import importlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import msgspec

from jwtlint.editing.recipe import Proposal, Recipe, Refused, Task
from jwtlint.linker.browser.library import WebModel
from jwtlint.linker.library import LibraryModel
from jwtlint.report.document import Report
from jwtlint.rules import models
from jwtlint.rules.catalogue import Rule, recipes
from jwtlint.rules.findings import Finding
from jwtlint.rules.fixes import Edit, Fix
from jwtlint.sources import workers

if TYPE_CHECKING:
    from jwtlint.editing.files import Files

LIMIT = 20.0  # seconds for the findings of one file


class Workshop:
    """Where fixes are worked out: the scanned folder, what was found in it, and the rules that name recipes.

    ``paths`` are the scanned files; ``known`` holds bytes that take the place of what is on the disk; ``limits`` are in seconds.
    """

    def __init__(
        self,
        root: Path,
        report: Report,
        rules: Iterable[Rule],
        paths: Sequence[str],
        limits: Mapping[str, int],
        model_folders: Sequence[Path] = (),
        known: Mapping[str, bytes] | None = None,
    ) -> None:
        self.root = root
        self.report = report
        self.rules = {rule.code: rule for rule in rules}
        self.paths = paths
        self.limits = limits
        self.model_folders = model_folders
        self.known = known or {}
        self.web_libraries: Sequence[WebModel] | None = None
        self.libraries: Sequence[LibraryModel] | None = None
        self.files: Files | None = None  # of this process: a worker keeps what it parsed for its next job

    def with_fixes(self, only: Collection[str] | None = None) -> Report:
        """The report, each of whose findings has a fix or the reason why there is none; ``only`` those of some files (None: of all)."""
        findings = self.report.findings
        groups: dict[str, list[int]] = {}
        for number, finding in enumerate(findings):
            if finding.fix is None and self.recipe_name(finding) and (only is None or finding.place.path in only):
                groups.setdefault(finding.place.path, []).append(number)
        order = sorted(groups)
        fixes: dict[int, Fix] = {}
        if order:
            import libcst  # noqa: F401  # imported before the fork, so that it is imported once

            with workers.Workers(lambda job: self.job(groups[order[job]]), len(order), workers.available(), LIMIT) as found:
                for job, data in found.results():
                    numbers = groups[order[job]]
                    if isinstance(data, workers.Failure):
                        fixes.update((number, Fix(reason=f"working it out {data.reason}")) for number in numbers)
                    else:
                        fixes.update(zip(numbers, msgspec.msgpack.decode(data, type=list[Fix])))
        mended = [
            finding
            if finding.fix is not None or (only is not None and finding.place.path not in only)
            else msgspec.structs.replace(finding, fix=fixes.get(number) or self.without(finding))
            for number, finding in enumerate(findings)
        ]
        return msgspec.structs.replace(self.report, findings=tuple(mended))

    def recipe_name(self, finding: Finding) -> str:
        """The recipe that a finding's rule names; "" for none."""
        rule = self.rules.get(finding.rule)
        return rule.fix.recipe if rule is not None else ""

    def without(self, finding: Finding) -> Fix:
        """What is said of a finding whose rule names no recipe."""
        rule = self.rules.get(finding.rule)
        return Fix(reason=rule.fix.none if rule is not None and rule.fix.none else "no fix is known for this rule")

    def job(self, numbers: Sequence[int]) -> bytes:
        """The fixes of some findings, as MessagePack."""
        return msgspec.msgpack.encode([self.fix(self.report.findings[number]) for number in numbers])

    def fix(self, finding: Finding) -> Fix:
        """The fix of one finding, worked out in this process."""
        from jwtlint.editing.files import Files

        name = self.recipe_name(finding)
        if self.files is None:
            self.files = Files(self.root, self.paths, self.known)
        task = Task(finding, self.files, self.report.findings, self.report.tokens, self.limits, self.models, self.web_models)
        try:
            proposal = recipe(name).mend(task)
            return proposed(name, proposal)
        except Refused as refused:
            return Fix(recipe=name, reason=refused.reason)
        except RecursionError:
            return Fix(recipe=name, reason="the code is nested too deeply to be rewritten")

    def models(self) -> Sequence[LibraryModel]:
        """What is known of libraries."""
        if self.libraries is None:
            self.libraries = models.load(self.model_folders, examples=False)
        return self.libraries

    def web_models(self) -> Sequence[WebModel]:
        """What is known of front ends' libraries."""
        if self.web_libraries is None:
            self.web_libraries = models.load_web(self.model_folders, examples=False)
        return self.web_libraries


def proposed(name: str, proposal: Proposal) -> Fix:
    """A proposal as data. Raises :class:`Refused` when it changes nothing, or to what is no Python."""
    edits: list[Edit] = []
    for draft in proposal.drafts:
        edits.extend(draft.edits())
    if not edits:
        raise Refused("there is nothing to change in the code")
    return Fix(title=proposal.title, safety=proposal.safety, edits=tuple(sorted(edits)), recipe=name)


def recipe(name: str) -> Recipe:
    """A recipe by its name."""
    assert name in recipes()
    return cast(Recipe, importlib.import_module(f"jwtlint.codemods.{name}"))
