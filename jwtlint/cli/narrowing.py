"""Options that narrow down what ``jwtlint check`` counts: ignores, baseline, changes; and what makes the run fail."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

if TYPE_CHECKING:
    from jwtlint.analysis import Scan
    from jwtlint.config import Found, Options
    from jwtlint.report.document import Report
    from jwtlint.rules.findings import Finding


class Narrowing(NamedTuple):
    """What the command line says. ``fail_level`` None: as the configuration says, or whatever counts."""

    baseline: Path | None
    no_ignores: bool
    show_ignored: bool
    add_ignores: bool
    since: str | None
    changed: bool
    fail_level: str | None
    strict: bool | None


def options(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options to a command, which gets them as one argument ``narrowing``."""

    @functools.wraps(function)
    def command(**given: object) -> None:
        own = {name: given.pop(name) for name in Narrowing._fields}
        function(narrowing=Narrowing(**own), **given)  # type: ignore[arg-type] # click converted them

    for option in reversed(
        (
            click.option("--no-ignores", is_flag=True, help="Obey no comment that asks for silence, nor the baseline of a configuration."),
            click.option("--show-ignored", is_flag=True, help="Show what does not count too, and why."),
            click.option("--add-ignores", is_flag=True, help="Write a comment above each finding, with a place for the reason."),
            click.option("--baseline", type=click.Path(path_type=Path), metavar="FILE", help="Count only what FILE does not hold."),
            click.option("--since", metavar="REV", help="Count only what the changes since the git revision REV touch or cause."),
            click.option("--changed", is_flag=True, help="PATHS changed: scan the project; count what concerns them or is new."),
            click.option("--fail-level", type=click.Choice(["note", "warning", "error"]), help="Exit with 1 only from this level up."),
            click.option("--strict", is_flag=True, default=None, help="Exit with 3 when a file could not be analysed."),
        )
    ):
        command = option(command)
    return command


def check_together(narrowing: Narrowing, paths: tuple[Path, ...]) -> None:
    """Refuse options that say nothing together. Raises :class:`UserError`."""
    from jwtlint.errors import UserError

    if narrowing.changed and narrowing.since is not None:
        raise UserError("--changed compares with HEAD already; leave out --changed or --since")
    if narrowing.changed and not paths:
        raise UserError("--changed needs the paths of what changed")
    if narrowing.add_ignores and narrowing.no_ignores:
        raise UserError("--add-ignores and --no-ignores exclude each other")


def project_around(paths: tuple[Path, ...]) -> Path:
    """The folder of the whole project in which paths lie: the repository's top, or else the current folder."""
    from jwtlint.errors import UserError
    from jwtlint.sources.git import top_around

    top = top_around(Path()) or Path().resolve()
    for path in paths:
        if not path.resolve().is_relative_to(top):
            raise UserError(f"{path} does not lie in the project {top}")
    return top


def baseline_file(narrowing: Narrowing, found: Found) -> Path | None:
    """The baseline that holds: the command line's, or the configuration's; None for none. Raises :class:`UserError`."""
    if narrowing.baseline is not None:
        return narrowing.baseline
    if narrowing.no_ignores or found.configuration.baseline is None:
        return None
    from jwtlint.history.accepted import baseline_of

    return baseline_of(found)


def narrowed(
    scan: Scan,
    root: Path,
    options: Options,
    narrowing: Narrowing,
    baseline: Path | None,
    paths: tuple[Path, ...],
    unsaved: Mapping[str, bytes] | None = None,
) -> Report:
    """The report of a scan in which what does not count is marked. Raises :class:`UserError`."""
    report = scan.report
    if narrowing.since is not None or narrowing.changed:
        from jwtlint.history.since import only_since
        from jwtlint.report import document

        concerning = frozenset(path.resolve().relative_to(root).as_posix() for path in paths) if narrowing.changed else None
        report = document.with_findings(report, only_since(report, root, options, narrowing.since or "HEAD", concerning))
    if baseline is not None:
        from jwtlint.history.accepted import without
        from jwtlint.sources.text import Texts

        report = without(report, scan.rules(), root, options, baseline, Texts(root, unsaved))
    return report


def is_lasting(narrowing: Narrowing) -> bool:
    """Whether the same command on the same files says the same; what git knows is no file that is looked at."""
    return narrowing.since is None and not narrowing.changed and not narrowing.add_ignores


def exit_status(report: Report, options: Options, exit_zero: bool) -> int:
    """0, 1 for findings at or above the failing level, 3 for files that could not be analysed where that is strict."""
    from jwtlint.rules.catalogue import LEVELS

    configuration = options.configuration
    if configuration.strict and report.errors:
        return 3
    floor = LEVELS.index(configuration.fail_level)
    return 1 if not exit_zero and any(LEVELS.index(finding.level) >= floor for finding in report.findings) else 0


def add_ignores(report: Report, root: Path) -> str:
    """Write a comment for every finding that counts; give what to say about it. Raises :class:`UserError`."""
    from jwtlint.report.escape import visible
    from jwtlint.rules import ignore_writer
    from jwtlint.sources import rewrite

    by_path: dict[str, list[Finding]] = {}
    for finding in report.findings:
        if finding.failure != "upkeep":
            by_path.setdefault(finding.place.path, []).append(finding)
    written = 0
    lines: list[str] = []
    for path, findings in by_path.items():
        data = rewrite.read(root / path)
        result = ignore_writer.write(path, data, findings)
        if result.data != data:
            rewrite.replace(root / path, result.data, data)
        written += len(findings) - len(result.refused)
        for one in result.refused:
            lines.append(f"{path}:{one.place.line}: no comment can be written for {one.rule}; mend it, or use per-file-ignores")
    count = f"{written} finding{'' if written == 1 else 's'}"
    lines.append(f"{count} ignored; replace each “{ignore_writer.PLACEHOLDER}” by the reason" if written else "there was nothing to ignore")
    return "".join(f"{visible(line)}\n" for line in lines)
