"""The whole way from a folder to what is found in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from jwtlint.config import Options
from jwtlint.facts.layout import Layout
from jwtlint.facts.lifecycle import Lifecycle
from jwtlint.report.document import Report, build
from jwtlint.rules import catalogue, findings, models
from jwtlint.rules.catalogue import LEVELS, Rule
from jwtlint.rules.findings import Finding
from jwtlint.sources.cache import Cache, digest, folder_digest, program_digest
from jwtlint.sources.ignores import IgnoreRules
from jwtlint.sources.survey import Survey
from jwtlint.sources.text import Texts
from jwtlint.sources.walk import WalkOptions, WalkResult, walk


def examine(root: Path, options: Options) -> Report:
    """Scan ``root`` and ask the rules. Raises :class:`jwtlint.errors.UserError`.

    A run on files that did not change, with the same configuration, is answered from the cache; so is one on files that changed
    where it does not matter.
    """
    cache = Cache.for_root(root) if options.cache else Cache(None)
    walked = walk(root, walk_options(options))
    base = options_key(root, options)
    key = digest(base, msgspec.msgpack.encode(walked))
    known = cache.document(key, Report)
    if known is not None:
        return known
    # the rules come first: a mistake in them or in the configuration is told before any work
    rules = rules_of(options)
    per_file = per_file_ignores(options)
    report = analyse(root, options, walked, cache, base, rules, per_file)
    if not any(error.passing for error in report.errors):
        cache.store_document(key, walked.files, report)
    cache.prune_at_times()
    return report


def analyse(
    root: Path,
    options: Options,
    walked: WalkResult,
    cache: Cache,
    base: bytes,
    rules: Sequence[Rule],
    per_file: Sequence[tuple[IgnoreRules, set[str]]],
) -> Report:
    """Screen, gather, parse, link, and ask. ``base`` is the digest of all that the result depends on but for the files."""
    folders = [Path(folder) for folder in options.model_folders]
    if folders:
        models.load(folders)
    heads = models.heads(folders)
    layout = Layout((file.path for file in walked.files), {name.partition(".")[0] for head in heads for name in head.imports})
    with Survey(root, walked.files, {word for head in heads for word in head.words}, cache) as survey:
        wanted = survey.wanted(layout)
        key = digest(base, survey.contents(wanted), *sorted(layout.paths), msgspec.msgpack.encode((walked.errors, *survey.errors.values())))
        known = cache.document(key, Report)
        if known is not None:
            survey.keep()
            return known
        lifecycle = Lifecycle((), {})
        parsed = 0
        errors = [*walked.errors]
        if wanted:
            parsing = survey.parse(wanted)
            # this takes its time, while the files are parsed
            from jwtlint.linker.lifecycle import LinkOptions, link

            libraries = models.load(folders)
            modules, unparsed = parsing.result()
            parsed = len(modules)
            errors += unparsed
            configuration = options.configuration
            lifecycle = link(modules, layout, libraries, LinkOptions(configuration.role_claims, configuration.profile_claims))
        errors += survey.errors.values()
        survey.keep()
    report = build(lifecycle, reported(root, options, lifecycle, rules, per_file), errors, len(walked.files), parsed)
    if not any(error.passing for error in report.errors):
        cache.store_document(key, walked.files, report)
    return report


def reported(
    root: Path, options: Options, lifecycle: Lifecycle, rules: Sequence[Rule], per_file: Sequence[tuple[IgnoreRules, set[str]]]
) -> list[Finding]:
    """The findings that the configuration does not leave out."""
    configuration = options.configuration
    found = findings.find(rules, lifecycle, Texts(root), options.limits, configuration.pedantic)
    return [
        finding
        for finding in found
        if LEVELS.index(finding.level) >= LEVELS.index(configuration.min_level)
        and not any(finding.rule in codes and pattern.verdict(finding.place.path, False) for pattern, codes in per_file)
    ]


def options_key(root: Path, options: Options) -> bytes:
    """The digest of all that a run's result depends on but for the files under ``root``."""
    folders = [catalogue.builtin_folder(), *map(Path, (*options.model_folders, *options.rule_folders))]
    return digest(
        program_digest(),
        folder_digest(folders, (".toml",)),
        str(root),
        msgspec.json.encode(msgspec.structs.replace(options, cache=True)),
    )


def rules_of(options: Options) -> tuple[Rule, ...]:
    """The rules that are asked."""
    rules = catalogue.load([Path(folder) for folder in options.rule_folders])
    return catalogue.choose(rules, options.configuration.select, options.configuration.ignore)


def per_file_ignores(options: Options) -> list[tuple[IgnoreRules, set[str]]]:
    """Patterns of paths and the codes that are silent there."""
    table = options.configuration.per_file_ignores
    if not table:
        return []
    rules = catalogue.load([Path(folder) for folder in options.rule_folders])
    return [(IgnoreRules((pattern,)), catalogue.named(rules, selectors)) for pattern, selectors in table.items()]


def walk_options(options: Options) -> WalkOptions:
    """What the walk needs of the options."""
    configuration = options.configuration
    return WalkOptions(
        paths=options.paths,
        exclude=configuration.exclude,
        extend_exclude=configuration.extend_exclude,
        include_tests=configuration.include_tests,
        max_file_size=configuration.max_file_size,
    )
