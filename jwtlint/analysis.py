"""The whole way from a folder to what is found in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import msgspec

from jwtlint import scope
from jwtlint.beginning import Beginning, prepare
from jwtlint.config import Options
from jwtlint.data import Data, program_files
from jwtlint.facts.layout import Layout
from jwtlint.facts.lifecycle import Lifecycle
from jwtlint.facts.program import Module
from jwtlint.facts.web import WebModule
from jwtlint.facts.web_layout import WebLayout, is_web
from jwtlint.report.document import Report, build, with_findings
from jwtlint.rules import catalogue, findings
from jwtlint.rules.catalogue import LEVELS, Rule
from jwtlint.rules.findings import Finding, LeftOut
from jwtlint.sources.cache import Cache
from jwtlint.sources.contents import NOTHING
from jwtlint.sources.ignores import IgnoreRules
from jwtlint.sources.screen import Screening
from jwtlint.sources.survey import Survey
from jwtlint.sources.text import Texts
from jwtlint.sources.walk import WalkResult

if TYPE_CHECKING:
    from jwtlint.linker.library import LibraryModel
    from jwtlint.linker.subjects import Way
    from jwtlint.sources.failures import FileError


class Analysed(msgspec.Struct, frozen=True):
    """A report before comments were asked, and the findings that it leaves out though the rules match (by level, by setting)."""

    report: Report
    left_out: tuple[LeftOut, ...] = ()


class Scan(NamedTuple):
    """A report, and what is asked for only when it is needed: the rules, and the paths of all that the report depends on.

    ``lasting``: the next run says the same unless one of these changes.
    """

    report: Report
    rules: Callable[[], tuple[Rule, ...]]
    depends_on: Callable[[], list[str]]
    lasting: bool


def examine(root: Path, options: Options) -> Report:
    """Scan ``root`` and ask the rules. Raises :class:`jwtlint.errors.UserError`."""
    return scan(root, options).report


def scan(root: Path, options: Options, unsaved: Mapping[str, bytes] = NOTHING, begun: Beginning | None = None) -> Scan:
    """Scan ``root`` and ask the rules. Raises :class:`jwtlint.errors.UserError`.

    ``unsaved`` maps paths, relative to ``root``, to the bytes that an editor holds in place of what is on the disk. A run on
    files that did not change, with the same configuration, is answered from the cache; so is one on files that changed where it does
    not matter. What :func:`jwtlint.beginning.begin` has ``begun`` goes on.
    """
    data, screening = begun if begun is not None else prepare(root, options)
    cache = data.cache
    if screening is None:
        walked = scope.files(root, options, unsaved)
    else:
        data.rules()  # while another process walks
        walked = screening.found()
    base = cache.key(data.key, str(root), msgspec.json.encode(msgspec.structs.replace(options, cache=True)))
    key = cache.key(base, msgspec.msgpack.encode((walked.files, walked.errors)))

    def depends_on() -> list[str]:
        top = os.path.abspath(root)
        return [*program_files(options), *walked.looked_at, *(os.path.join(top, file.path) for file in walked.files)]

    report = cache.document(key, Report)
    lasting = cache.folder is not None and not unsaved
    if report is None:
        texts = Texts(root, unsaved)
        screening = screening or data.screening(root, unsaved)
        report = silenced(root, options, data, texts, *analyse(root, options, walked, data, screening, base, texts, unsaved))
        if any(error.passing for error in report.errors):
            lasting = False
        elif not unsaved:
            cache.store_document(key, walked.files, report)
        cache.prune_at_times()
    return Scan(report, data.rules, depends_on, lasting)


def analyse(
    root: Path,
    options: Options,
    walked: WalkResult,
    data: Data,
    screening: Screening,
    base: bytes,
    texts: Texts,
    unsaved: Mapping[str, bytes],
) -> tuple[Analysed, list[str]]:
    """Screen, gather, parse, link, and ask; and the files that may hold comments that ask for silence.

    ``base`` is the digest of all that the result depends on but for the files.
    """
    cache = data.cache
    with Survey(root, walked.files, screening, cache, unsaved) as survey:
        # while the files are screened; a mistake in rules, models or configuration ends the run here
        all_rules = data.rules()
        rules = catalogue.choose(all_rules, options.configuration.select, options.configuration.ignore)
        per_file = per_file_ignores(options, all_rules)
        if options.model_folders:
            data.libraries()
            data.web_libraries()
        layout, web_layout = layouts(walked, data)
        wanted = survey.wanted(layout)
        scripts = survey.wanted_web(web_layout)
        servers = tuple(survey.servers()) if scripts else ()
        unread = msgspec.msgpack.encode((walked.errors, *survey.errors.values()))
        paths = cache.key(*sorted(layout.paths), b"web", *sorted(web_layout.paths), unread)
        errors = list(walked.errors)
        modules: list[Module] = []
        web_modules: list[WebModule] = []
        read: set[str] = set()
        lifecycle = Lifecycle((), {})
        key = b""
        for stage in stages(survey.near, wanted):
            stage = [*stage, *scripts]
            key = cache.key(base, paths, survey.contents(stage), *servers)
            known = cache.document(key, Analysed)
            if known is not None:
                survey.keep()
                return known, survey.remarks()
            last = len(stage) == len(wanted) + len(scripts)
            if not stage or (not last and cache.is_marked(key)):
                continue
            parsing = survey.parse([path for path in stage if path not in read])
            read.update(stage)
            # while the files are parsed
            link = linking(data, options, layout, web_layout, servers, bool(wanted), bool(scripts))
            found, found_web, unparsed = parsing.result()
            modules = sorted([*modules, *found], key=lambda module: module.path)
            web_modules = sorted([*web_modules, *found_web], key=lambda module: module.path)
            errors += unparsed
            lifecycle, settled = link(modules, web_modules)
            if settled and not unparsed:
                break
            if not last:
                cache.mark(key)
        errors += survey.errors.values()
        survey.keep()
    remarks = survey.remarks()
    told = reported(options, lifecycle, rules, per_file, texts)
    report = build(lifecycle, told, errors, len(walked.files), len(modules) + len(web_modules))
    analysed = Analysed(report, left_out(options, lifecycle, rules, told, texts) if not read.isdisjoint(remarks) else ())
    if not any(error.passing for error in report.errors):
        cache.store_document(key, walked.files, analysed)
    return analysed, remarks


def layouts(walked: WalkResult, data: Data) -> tuple[Layout, WebLayout]:
    """Where the files of a tree lie: those in Python, and those of front ends."""
    web = {file.path for file in walked.files if is_web(file.path)}
    python = [file.path for file in walked.files if file.path not in web]
    libraries = {name.partition(".")[0] for head in data.heads() for name in head.imports} if python else set()
    return Layout(python, libraries), WebLayout(web)


class Told(NamedTuple):
    """All that is known of a program's tokens, for those who rewrite it. ``paths`` are all files that were looked at."""

    lifecycle: Lifecycle
    ways: tuple[Way, ...]
    errors: tuple[FileError, ...]
    paths: tuple[str, ...]
    models: tuple[LibraryModel, ...]


def told(root: Path, options: Options) -> Told:
    """The whole story of a folder's tokens, with nothing left out and nothing from the cache. Raises
    :class:`jwtlint.errors.UserError`."""
    from jwtlint.linker.lifecycle import FrontEnd, LinkOptions, link_with_ways

    data = Data(Cache(None), options)
    walked = scope.files(root, options)
    with Survey(root, walked.files, data.screening(root, NOTHING), data.cache) as survey:
        layout, web_layout = layouts(walked, data)
        wanted, scripts = survey.wanted(layout), survey.wanted_web(web_layout)
        servers = tuple(survey.servers()) if scripts else ()
        modules, web_modules, unparsed = survey.parse([*wanted, *scripts]).result()
        errors = (*walked.errors, *survey.errors.values(), *unparsed)
    names = LinkOptions(options.configuration.role_claims, options.configuration.profile_claims)
    front_end = FrontEnd(tuple(sorted(web_modules, key=lambda one: one.path)), web_layout, data.web_libraries(), servers)
    modules = sorted(modules, key=lambda module: module.path)
    lifecycle, ways = link_with_ways(modules, layout, data.libraries(), names, front_end)
    return Told(lifecycle, ways, errors, tuple(file.path for file in walked.files), data.libraries())


Linking: TypeAlias = "Callable[[Sequence[Module], Sequence[WebModule]], tuple[Lifecycle, bool]]"


def linking(
    data: Data, options: Options, layout: Layout, web_layout: WebLayout, servers: tuple[str, ...], python: bool, web: bool
) -> Linking:
    """The linker, made ready: from facts to the lifecycle, and whether more files can change what it says.

    A front end without a server needs next to nothing of it.
    """
    web_libraries = data.web_libraries() if web else ()
    if not python:
        from jwtlint.linker.browser.story import Server, go_on

        alone = Server(Lifecycle((), {}), {}, servers, {})
        return lambda _, scripts: (go_on(alone, scripts, web_layout, web_libraries), True)
    from jwtlint.linker.lifecycle import FrontEnd, LinkOptions, is_settled, link

    libraries = data.libraries()
    configuration = options.configuration
    names = LinkOptions(configuration.role_claims, configuration.profile_claims)

    def work(modules: Sequence[Module], scripts: Sequence[WebModule]) -> tuple[Lifecycle, bool]:
        lifecycle = link(modules, layout, libraries, names, FrontEnd(tuple(scripts), web_layout, web_libraries, servers))
        return lifecycle, is_settled(lifecycle)

    return work


def stages(near: list[str], wanted: list[str]) -> list[list[str]]:
    """The files to read first, and all of them: where the files around the tokens tell that none is a session, the rest of the
    application is not asked."""
    return [near, wanted] if 2 * len(near) < len(wanted) else [wanted]


def reported(
    options: Options, lifecycle: Lifecycle, rules: Sequence[Rule], per_file: Sequence[tuple[IgnoreRules, set[str]]], texts: Texts
) -> list[Finding]:
    """The findings that the configuration does not leave out."""
    configuration = options.configuration
    found = findings.find(rules, lifecycle, texts, options.limits, configuration.pedantic)
    return permitted(found, options, per_file)


def permitted(found: Sequence[Finding], options: Options, per_file: Sequence[tuple[IgnoreRules, set[str]]]) -> list[Finding]:
    """The findings that levels and settings for files let through."""
    configuration = options.configuration
    return [
        finding
        for finding in found
        if LEVELS.index(finding.level) >= LEVELS.index(configuration.min_level)
        and not any(finding.rule in codes and pattern.verdict(finding.place.path, False) for pattern, codes in per_file)
    ]


def left_out(
    options: Options, lifecycle: Lifecycle, rules: Sequence[Rule], found: Sequence[Finding], texts: Texts
) -> tuple[LeftOut, ...]:
    """What the rules would find if nothing were left out, with weak evidence too, but for what was found."""
    told = {(finding.rule, finding.place) for finding in found}
    everything = findings.find(rules, lifecycle, texts, options.limits, pedantic=True)
    return tuple(LeftOut(one.rule, one.place) for one in everything if (one.rule, one.place) not in told)


def silenced(
    root: Path, options: Options, data: Data, texts: Texts, analysed: Analysed, remarks: Sequence[str]
) -> Report:
    """The report with the findings that comments silence marked, and with what is wrong with these comments.

    ``remarks`` are the files that may hold such comments. Whether one is of use is told only where all files are asked.
    """
    report = analysed.report
    broken = {error.path for error in report.errors}
    paths = [path for path in remarks if path not in broken]
    if not options.ignores or not paths:
        return report
    from jwtlint.rules import ignores

    all_rules = data.rules()
    rules = catalogue.choose(all_rules, options.configuration.select, options.configuration.ignore)
    silence = ignores.silence(report.findings, analysed.left_out, paths, all_rules, {rule.code for rule in rules}, texts)
    facts = silence.facts
    if is_partial(root, options.paths):
        facts = tuple(fact for fact in facts if fact.state != "unused")
    about = findings.find(rules, Lifecycle(facts, {}), texts, options.limits, options.configuration.pedantic)
    return with_findings(report, [*silence.findings, *permitted(about, options, per_file_ignores(options, all_rules))])


def is_partial(root: Path, paths: Sequence[str]) -> bool:
    """Whether single files are scanned, so that what is not found may be found when the others are asked too."""
    return any(os.path.isfile(os.path.join(root, path)) for path in paths)


def per_file_ignores(options: Options, rules: Sequence[Rule]) -> list[tuple[IgnoreRules, set[str]]]:
    """Patterns of paths and the codes that are silent there."""
    table = options.configuration.per_file_ignores
    return [(IgnoreRules((pattern,)), catalogue.named(rules, selectors)) for pattern, selectors in table.items()]
