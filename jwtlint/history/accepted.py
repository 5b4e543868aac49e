"""What a baseline holds was accepted when it was written, and does not count."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from jwtlint.analysis import is_partial
from jwtlint.config import Found, Options
from jwtlint.errors import UserError
from jwtlint.report import document
from jwtlint.report.document import Report
from jwtlint.rules import baseline as baselines
from jwtlint.rules import catalogue
from jwtlint.rules.catalogue import LEVELS, Rule
from jwtlint.sources.text import Texts


def baseline_of(found: Found) -> Path | None:
    """The baseline that a configuration names; None for none. Raises :class:`UserError`."""
    name = found.configuration.baseline
    if name is None or found.path is None:
        return None
    path = found.path.parent / name
    if not path.resolve().is_relative_to(found.path.parent.resolve()):
        raise UserError(f'{found.path}: key "baseline": {name} lies outside the folder of the configuration')
    return path


def without(report: Report, rules: Sequence[Rule], root: Path, options: Options, baseline: Path, texts: Texts) -> Report:
    """A report in which what the baseline holds is marked. ``rules`` are all rules. Raises :class:`UserError`."""
    prefix = baselines.prefix_between(baseline.parent, root)
    known = baselines.read(baseline)
    configuration = options.configuration
    chosen = catalogue.choose(rules, configuration.select, configuration.ignore)
    floor = LEVELS.index(configuration.min_level)
    asked = {rule.code for rule in chosen if LEVELS.index(rule.level) >= floor}
    comparison = baselines.compare(known, baseline.name, report.everything, texts, prefix, options.paths)
    stale = tuple(
        document.StaleEntry(entry.path, entry.rule, entry.message, entry.fingerprint)
        for entry in comparison.stale
        if entry.rule in asked and not is_partial(root, options.paths)
    )
    return msgspec.structs.replace(document.with_findings(report, comparison.findings), stale=stale)
