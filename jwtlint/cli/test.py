"""``jwtlint test``"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click


@click.command()
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", required=True, help="The configuration that names them.")
def command(config: Path) -> None:
    """Try the examples of your own rules and models, the folders of which a configuration names.

    Exit status: 0 all examples are as they say, 1 some are not, 2 a rule or a model is broken.
    """
    from jwtlint import config as configuration
    from jwtlint.errors import UserError
    from jwtlint.report.escape import visible

    found = configuration.named(config)
    model_folders = [Path(folder) for folder in found.folders("models")]
    rule_folders = [Path(folder) for folder in found.folders("rules")]
    if not model_folders and not rule_folders:
        raise UserError(f"{config} names no folders of rules or models; nothing is there to be tested")
    tried = 0
    trouble = 0
    for path, problems in tests(rule_folders, model_folders):
        tried += 1
        for problem in problems:
            trouble += 1
            click.echo(visible(f"{path}: {problem}"))
    files = f"{tried} file{'' if tried == 1 else 's'} tried"
    click.echo(f"{files}; what is said above is not so" if trouble else f"{files}; every example is as it says")
    raise SystemExit(1 if trouble else 0)


def tests(rule_folders: Sequence[Path], model_folders: Sequence[Path]) -> Iterator[tuple[Path, list[str]]]:
    """Each file of a rule or model in the folders, and what is not so in it. Raises :class:`jwtlint.errors.UserError`."""
    from jwtlint import examples
    from jwtlint.config import Options
    from jwtlint.rules import catalogue, models
    from jwtlint.rules.heads import model_files

    libraries = {model.name: model for model in models.load(model_folders)}
    web_libraries = {model.name: model for model in models.load_web(model_folders)}
    none = "it has no example, so that nothing shows what it does"
    for path in model_files(model_folders):
        if path.parent in model_folders:
            model = libraries[path.stem]
            yield path, list(examples.of_model(model, tuple(libraries.values()))) if model.example else [none]
    for path in model_files(model_folders, web=True):
        if path.parent.parent in model_folders:
            web_model = web_libraries[path.stem]
            yield path, list(examples.of_web_model(web_model, tuple(web_libraries.values()))) if web_model.example else [none]
    options = Options(model_folders=tuple(map(str, model_folders)), rule_folders=tuple(map(str, rule_folders)), cache=False)
    for folder in rule_folders:
        for path in sorted(folder.glob("*.toml")):
            rule = catalogue.load_rule(path)
            yield path, list(examples.of_rule(rule, options)) if rule.example else [none]
