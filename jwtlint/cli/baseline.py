"""``jwtlint baseline``"""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="The file; by default .jwtlint-baseline.json.")
@click.option("--prune", is_flag=True, help="Only take out entries for which there is no finding any more; add none.")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Use this configuration; its rules and models are loaded.")
@click.option("--no-config", is_flag=True, help="Use no configuration file.")
@click.option("--include-tests", is_flag=True, default=None, help="Scan test code too.")
@click.option("--no-cache", is_flag=True, help="Neither read nor write the cache.")
def command(
    paths: tuple[Path, ...],
    output: Path | None,
    prune: bool,
    config: Path | None,
    no_config: bool,
    include_tests: bool | None,
    no_cache: bool,
) -> None:
    """Write down what is found in PATHS now, so that `jwtlint check` counts only what is new.

    Findings that comments ignore are not written down. Run it again to accept what is found then; with --prune to forget what was mended.
    """
    from jwtlint import analysis
    from jwtlint.analysis import is_partial
    from jwtlint.cli import check
    from jwtlint.errors import UserError
    from jwtlint.report.escape import visible
    from jwtlint.rules import baseline as baselines
    from jwtlint.sources import rewrite
    from jwtlint.sources.text import Texts

    if config is not None and no_config:
        raise UserError("--config and --no-config exclude each other")
    root, inside = check.roots(paths)
    found = check.find_configuration(root, config, no_config)
    options = check.resolve(root, found, inside, {"include_tests": include_tests}, cache=not no_cache)
    target = output or configured(found.path, found.configuration.baseline) or root / baselines.FILE_NAME
    prefix = baselines.prefix_between(target.parent, root)
    with check.progress():
        report = analysis.scan(root, options).report
    findings = report.everything
    if prune:
        known = baselines.read(target)
        stale = baselines.compare(known, target.name, findings, Texts(root), prefix, options.paths).stale
        if is_partial(root, options.paths):
            raise UserError("--prune needs whole folders, for what is found in one file depends on the others")
        if stale:
            rewrite.create(target, baselines.text(baselines.without(known, stale)).encode("utf-8"))
        click.echo(visible(f"{count(len(stale))} taken out of {target}, {len(known.findings) - len(stale):,} left"))
        return
    now = baselines.entries(findings, Texts(root), prefix)
    kept = [entry for entry, finding in zip(now, findings, strict=True) if not finding.suppressions]
    before = baselines.read(target).findings if target.exists() else ()
    others = [entry for entry in before if not baselines.is_about(entry, prefix, options.paths)]
    rewrite.create(target, baselines.text(baselines.Baseline(findings=(*others, *kept))).encode("utf-8"))
    click.echo(visible(f"{count(len(kept))} written to {target}"))
    if found.configuration.baseline is not None:
        return
    if set_in(found.path, target):
        click.echo(visible(f'{found.path} names it now (baseline = "{target.name}"), so that `jwtlint check` counts only what is new'))
    else:
        click.echo(visible(f'`jwtlint check --baseline {target}` counts only what is new; so does the setting baseline = "{target.name}"'))


def set_in(path: Path | None, target: Path) -> bool:
    """Name the baseline in the settings that `jwtlint init` wrote, where it left a line for it; whether that was done."""
    from jwtlint import config
    from jwtlint.rules import baseline as baselines
    from jwtlint.setup import settings
    from jwtlint.sources import rewrite

    if path is None or path.name != "jwtlint.toml" or target.resolve() != (path.parent / baselines.FILE_NAME).resolve():
        return False
    data = rewrite.read(path)
    changed = settings.with_setting(data.decode("utf-8"), "baseline")
    if changed is None:
        return False
    rewrite.replace(path, changed.encode("utf-8"), data)
    return config.read(path).baseline == baselines.FILE_NAME


def configured(path: Path | None, name: str | None) -> Path | None:
    """The baseline that a configuration file names."""
    return path.parent / name if path is not None and name is not None else None


def count(number: int) -> str:
    """``1 finding``, ``2 findings``"""
    return f"{number:,} finding{'' if number == 1 else 's'}"
