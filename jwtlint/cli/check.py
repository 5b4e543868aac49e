"""``jwtlint check``"""

from __future__ import annotations

import gc
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jwtlint import answers
from jwtlint.cli import buffer as buffers
from jwtlint.cli import narrowing as narrow
from jwtlint.cli import outputs, rules_option
from jwtlint.cli import watch as watching
from jwtlint.report import registry

WITH_FIXES = frozenset({"json", "jsonl", "sarif", "html"})  # formats that tell of fixes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jwtlint.analysis import Scan
    from jwtlint.config import Found, Options
    from jwtlint.report.document import Rendering
    from jwtlint.report.style import Style
    from jwtlint.rules.catalogue import Rule


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "formats",
    type=outputs.FormatParameter(),
    multiple=True,
    default=("text",),
    help=f"Form of the report, and a file for it: {', '.join(registry.names())}. Give it several times for several reports. "
    "Default: text.",
)
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write the report whose --format names no file to FILE.")
@rules_option("--select", "Only these rules: codes, prefixes (JWT2) or names.")
@rules_option("--ignore", "Not these rules.")
@click.option("--min-level", type=click.Choice(["note", "warning", "error"]), help="Leave out findings below this level.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@click.option("--pedantic", is_flag=True, default=None, help="Report what rests on weak evidence too.")
@click.option("--include-tests", is_flag=True, default=None, help="Scan test code too.")
@click.option("--quiet", is_flag=True, help="Print one line a finding, without code and summary.")
@click.option("--verbose", is_flag=True, help="Print the reasons behind each finding.")
@click.option("--no-cache", is_flag=True, help="Neither read nor write the cache.")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Use this configuration; its rules and models are loaded.")
@click.option("--no-config", is_flag=True, help="Use no configuration file.")
@click.option("--max-lifetime", type=click.IntRange(min=1), metavar="MINUTES", help="How long an access token may live.")
@click.option("--watch", is_flag=True, help="Check again whenever a file changes, until Ctrl-C. On a terminal only.")
@click.option("--stdin-filename", type=click.Path(path_type=Path), metavar="NAME", help="Read NAME's text from standard input; tell of it.")
@narrow.options
@click.option("--show-fixes/--no-show-fixes", default=None, help="Work out the fixes. Default: on a terminal, and in JSON.")
@click.option("--statistics", is_flag=True, help="Print the number of findings by rule instead of the findings (text, concise).")
@click.option("--show-files", is_flag=True, help="Print the files that would be scanned, and stop.")
@click.option("--show-settings", is_flag=True, help="Print the settings that hold, and where each comes from, and stop.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True, help="Use colours.")
@click.pass_obj
def command(
    arguments: list[str] | None,
    paths: tuple[Path, ...],
    formats: tuple[outputs.Output, ...],
    output: Path | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    min_level: str | None,
    exit_zero: bool,
    pedantic: bool | None,
    include_tests: bool | None,
    quiet: bool,
    verbose: bool,
    no_cache: bool,
    config: Path | None,
    no_config: bool,
    max_lifetime: int | None,
    watch: bool,
    stdin_filename: Path | None,
    show_fixes: bool | None,
    statistics: bool,
    show_files: bool,
    show_settings: bool,
    color: str,
    narrowing: narrow.Narrowing,
) -> None:
    """Find JWTs that are used as sessions in PATHS (default: the current folder).

    Exit status: 0 nothing found that counts, 1 findings (from --fail-level up), 2 wrong use or configuration, 3 with --strict a file
    could not be analysed.
    """
    from jwtlint.errors import UserError
    from jwtlint.report.style import Style

    if watch and stdin_filename is not None:
        raise UserError("--watch and --stdin-filename exclude each other")
    if watch:
        gc.enable()  # this is no short run
        watching.watch(command)
    began = time.time_ns()
    if config is not None and no_config:
        raise UserError("--config and --no-config exclude each other")
    wanted = outputs.resolved(formats, output)
    narrow.check_together(narrowing, paths)
    buffer = buffers.read(stdin_filename, paths, narrowing)
    unsaved = {buffer.path: buffer.data} if buffer is not None else {}
    if buffer is None:
        root, inside = (narrow.project_around(paths), ()) if narrowing.changed else roots(paths)
    else:
        root, inside = buffer.root, ()
    found = find_configuration(root, config, no_config)
    given: dict[str, object] = {
        "select": select or None,
        "ignore": ignore or None,
        "min_level": min_level,
        "pedantic": pedantic,
        "include_tests": include_tests,
        "max_lifetime": max_lifetime,
        "fail_level": narrowing.fail_level,
        "strict": narrowing.strict,
    }
    options = resolve(root, found, inside, given, cache=not no_cache, ignores=not narrowing.no_ignores)
    baseline = narrow.baseline_file(narrowing, found)
    if show_settings:
        from jwtlint.cli import settings

        click.echo(settings.text(root, options, found, {**given, "baseline": narrowing.baseline}, baseline), nl=False)
        return
    watching.tell(lambda: places(root, paths, found, baseline))
    if show_files:
        from jwtlint import scope
        from jwtlint.report.escape import visible

        for file in scope.files(root, options).files:
            click.echo(visible(file.path))
        return
    with progress():
        scan = scanned(root, options, unsaved, wanted)
        watching.tell(lambda: [*scan.depends_on(), *places(root, paths, found, baseline)])
        scan = scan._replace(report=narrow.narrowed(scan, root, options, narrowing, baseline, paths, unsaved))
        if show_fixes or (show_fixes is None and any(tells_fixes(one, quiet) for one in wanted)):
            scan = with_fixes(scan, root, options, unsaved)
        if buffer is not None:
            scan = scan._replace(report=buffers.only_in(scan.report, buffer.path))
    if narrowing.add_ignores:
        click.echo(narrow.add_ignores(scan.report, root), nl=False)
        return
    status = narrow.exit_status(scan.report, options, exit_zero)
    printed = b""
    for one in wanted:
        colored = outputs.use_color(color, one.file is None)
        style = Style(colored, quiet, verbose, statistics, outputs.use_links(colored and one.file is None), narrowing.show_ignored)
        form = registry.find(one.format)
        text = form.render(rendering(scan, root, options, style, unsaved))
        if one.file is not None:
            outputs.write(one.file, text)
        else:
            # what is no text for people is UTF-8 whatever the terminal's encoding (JSON: RFC 8259 section 8.1)
            printed = text.encode(sys.stdout.encoding if form.TERMINAL else "utf-8", "backslashreplace")
            click.echo(printed, nl=False)
    if not any(one.file is None for one in wanted):
        outputs.tell_files(wanted, len(scan.report.findings))
    keepable = scan.lasting and not found.refused and narrow.is_lasting(narrowing) and not watching.is_on()
    if all(one.file is None for one in wanted) and arguments is not None and keepable:
        answers.keep(arguments, printed, status, [*scan.depends_on(), *places(root, paths, found, baseline)], began)
    if status:
        raise SystemExit(status)


def scanned(root: Path, options: Options, unsaved: Mapping[str, bytes], wanted: Sequence[outputs.Output]) -> Scan:
    """The scan, begun before the analysis, and what prints the ``wanted`` formats, are imported."""
    from jwtlint.beginning import begin

    begun = begin(root, options, unsaved)
    try:
        from jwtlint import analysis

        for one in wanted:
            registry.find(one.format)
        return analysis.scan(root, options, unsaved, begun)
    finally:
        begun.stop()


def tells_fixes(output: outputs.Output, quiet: bool) -> bool:
    """Whether a report tells of fixes: where other programs use them, and for people who look at it now."""
    return output.format in WITH_FIXES or (output.format == "text" and output.file is None and not quiet and sys.stdout.isatty())


def with_fixes(scan: Scan, root: Path, options: Options, unsaved: Mapping[str, bytes]) -> Scan:
    """A scan whose findings say which fix they have (those in ``unsaved`` files, if there are any).

    That takes LibCST, whose import alone takes as long as many a scan.
    """
    from jwtlint import scope
    from jwtlint.fixing.suggest import Workshop

    if all(finding.fix is not None for finding in scan.report.findings):
        return scan
    paths = [file.path for file in scope.files(root, options, unsaved).files]
    folders = [Path(folder) for folder in options.model_folders]
    workshop = Workshop(root, scan.report, scan.rules(), paths, options.limits, folders, unsaved)
    return scan._replace(report=workshop.with_fixes(set(unsaved) or None))


def places(root: Path, paths: tuple[Path, ...], found: Found, baseline: Path | None) -> list[str]:
    """Where the command line and the configuration lead: the paths as they are given, and all that is or may be a configuration."""
    from jwtlint import config

    places = [*config.places(root), *(path.absolute() for path in paths)]
    places += (path.absolute() for path in (found.path, baseline) if path is not None)
    return [str(path) for path in places]


def roots(paths: tuple[Path, ...]) -> tuple[Path, tuple[str, ...]]:
    """The folder that holds everything to scan, and the paths in it (none for all of it)."""
    from jwtlint.errors import UserError

    full = [path.resolve() for path in paths or (Path(),)]
    for path, given in zip(full, paths or (Path(),), strict=True):
        if not path.exists():
            raise UserError(f"there is no file or folder {given}")
        if not path.is_dir() and not path.is_file():
            raise UserError(f"{given} is neither a file nor a folder")
    folders = [path if path.is_dir() else path.parent for path in full]
    try:
        root = Path(os.path.commonpath(folders))
    except ValueError:
        raise UserError("the paths to scan lie on different drives; scan them one after the other") from None
    inside = tuple(path.relative_to(root).as_posix() for path in full)
    return root, () if inside == (".",) else inside


def find_configuration(root: Path, config: Path | None, no_config: bool) -> Found:
    """The configuration that holds."""
    from jwtlint import config as configuration

    if no_config:
        return configuration.Found()
    if config is not None:
        return configuration.named(config)
    found = configuration.discover(root)
    if found.refused:
        from jwtlint.report.escape import visible

        keys = " and ".join(found.refused)
        click.echo(visible(f"jwtlint: {found.path} names folders of {keys}; they are loaded only with --config {found.path}"), err=True)
    return found


def resolve(
    root: Path, found: Found, inside: tuple[str, ...], given: dict[str, object], cache: bool, ignores: bool = True
) -> Options:
    """The configuration with what the command line says."""
    import msgspec

    from jwtlint.config import Options

    changes = {name: value for name, value in given.items() if value is not None}
    return Options(
        configuration=msgspec.structs.replace(found.configuration, **changes),
        paths=inside,
        model_folders=found.folders("models"),
        rule_folders=found.folders("rules"),
        cache=cache,
        ignores=ignores,
    )


def rendering(scan: Scan, root: Path, options: Options, style: Style, unsaved: Mapping[str, bytes] | None = None) -> Rendering:
    """What a format needs."""
    from jwtlint.report.document import Prefix, Rendering
    from jwtlint.rules import catalogue
    from jwtlint.sources.text import Texts

    configuration = options.configuration

    def asked() -> list[Rule]:
        chosen = catalogue.choose(scan.rules(), configuration.select, configuration.ignore)
        lowest = catalogue.LEVELS.index(configuration.min_level)
        return [rule for rule in chosen if catalogue.LEVELS.index(rule.level) >= lowest]

    here = buffers.way_to(root) if unsaved else outputs.prefix(root, Path.cwd())
    prefix = Prefix(outputs.prefix(root, outputs.repository_of(root)), here)
    return Rendering(scan.report, Texts(root, unsaved), asked, style, prefix)


class progress:  # noqa: N801 - reads as a statement: with progress()
    """Say that the scan is running, on a terminal only that can take it back."""

    def __enter__(self) -> None:
        self.shown = sys.stderr.isatty() and os.environ.get("TERM") != "dumb" and not os.environ.get("CI")
        if self.shown:
            click.echo("reading the code …", err=True, nl=False)

    def __exit__(self, *_: object) -> None:
        if self.shown:
            click.echo("\r\x1b[K", err=True, nl=False)
