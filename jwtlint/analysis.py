"""The whole way from a folder to what is found in it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from jwtlint.config import Options
from jwtlint.facts.layout import Layout
from jwtlint.facts.lifecycle import Lifecycle
from jwtlint.report.document import Report, build
from jwtlint.rules import catalogue, findings, models
from jwtlint.rules.catalogue import LEVELS, Rule
from jwtlint.sources.cache import Cache, digest, folder_digest, program_digest
from jwtlint.sources.failures import FileError
from jwtlint.sources.gather import gather
from jwtlint.sources.ignores import IgnoreRules
from jwtlint.sources.survey import RELATED, TOKENS, Survey
from jwtlint.sources.text import Texts
from jwtlint.sources.walk import WalkOptions, WalkResult, walk


class Analysis(msgspec.Struct, frozen=True):
    """The facts of a scanned program. ``errors`` are files that could not be read or parsed."""

    lifecycle: Lifecycle
    errors: tuple[FileError, ...]
    files_seen: int
    files_parsed: int


def examine(root: Path, options: Options) -> Report:
    """Scan ``root`` and ask the rules. Raises :class:`jwtlint.errors.UserError`.

    A run on files that did not change, with the same configuration, is answered from the cache.
    """
    cache = Cache.for_root(root) if options.cache else Cache(None)
    walked = walk(root, walk_options(options))
    key = run_key(root, options, walked)
    known = cache.document(key, Report)
    if known is not None:
        return known
    # the rules come first: a mistake in them or in the configuration is told before any work
    rules = rules_of(options)
    per_file = per_file_ignores(options)
    analysis = analyse(root, options, walked, cache)
    found = findings.find(rules, analysis.lifecycle, Texts(root), options.limits, options.configuration.pedantic)
    kept = [
        finding
        for finding in found
        if LEVELS.index(finding.level) >= LEVELS.index(options.configuration.min_level)
        and not any(finding.rule in codes and pattern.verdict(finding.place.path, False) for pattern, codes in per_file)
    ]
    report = build(analysis.lifecycle, kept, analysis.errors, analysis.files_seen, analysis.files_parsed)
    if not any(error.passing for error in analysis.errors):
        cache.store_document(key, walked.files, report)
        cache.prune()
    return report


def run_key(root: Path, options: Options, walked: WalkResult) -> bytes:
    """The digest of all that a run's result depends on."""
    folders = [catalogue.builtin_folder(), *map(Path, (*options.model_folders, *options.rule_folders))]
    return digest(
        program_digest(),
        folder_digest(folders, (".toml",)),
        str(root),
        msgspec.json.encode(msgspec.structs.replace(options, cache=True)),
        msgspec.msgpack.encode(walked),
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


def analyse(root: Path, options: Options, walked: WalkResult | None = None, cache: Cache | None = None) -> Analysis:
    """Walk, screen, gather, link. Raises :class:`jwtlint.errors.UserError` for a broken model."""
    from jwtlint.linker.lifecycle import LinkOptions, link

    walked = walked or walk(root, walk_options(options))
    libraries = models.load([Path(folder) for folder in options.model_folders])
    survey = Survey(root, walked.files, {word for model in libraries for word in model.screen}, cache or Cache(None))
    layout = Layout((file.path for file in walked.files), {name.partition(".")[0] for model in libraries for name in model.imports})
    gathered = gather(layout, survey.about(TOKENS), survey.about(RELATED), survey.imports_of, survey.parse)
    survey.keep()
    configuration = options.configuration
    lifecycle = link(gathered.modules, layout, libraries, LinkOptions(configuration.role_claims, configuration.profile_claims))
    return Analysis(
        lifecycle=lifecycle,
        errors=(
            *walked.errors,
            *survey.errors.values(),
            *(FileError(error.path, error.reason, error.line) for error in gathered.errors),
        ),
        files_seen=len(walked.files),
        files_parsed=len(gathered.modules),
    )
