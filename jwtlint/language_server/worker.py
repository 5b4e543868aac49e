"""The process that reads and analyses code: one request after the other on standard input, until that is closed.

It is started by :mod:`jwtlint.language_server.analyst`. Whatever hostile code does to it, the server lives on and starts another.
"""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path
from typing import BinaryIO

import msgspec

from jwtlint import analysis, config
from jwtlint.config import Options
from jwtlint.errors import UserError
from jwtlint.language_server.messages import (
    LENGTH,
    Analyse,
    Analysed,
    Answer,
    Crash,
    Forgotten,
    Mark,
    Mistake,
    Proposals,
    Propose,
    Related,
    Request,
    RulePage,
    Unread,
    packed,
)
from jwtlint.language_server.proposals import Desk
from jwtlint.report import explanation, links
from jwtlint.report.document import Report
from jwtlint.report.escape import visible
from jwtlint.rules.catalogue import Rule
from jwtlint.rules.findings import Finding
from jwtlint.sources.text import Texts

MAX_RELATED = 20  # places of one finding


class Worker:
    """What was analysed last in each folder."""

    def __init__(self) -> None:
        self.desks: dict[str, Desk] = {}

    def answer(self, request: Request) -> Answer:
        """Do what is asked; whatever goes wrong is an answer."""
        try:
            return self.analyse(request) if isinstance(request, Analyse) else self.propose(request)
        except UserError as error:
            return Mistake(visible(str(error)))
        except Exception as error:
            return Crash(visible(f"{type(error).__name__}: {error}"), traceback.format_exc())

    def analyse(self, request: Analyse) -> Analysed:
        """Analyse a folder. Raises :class:`UserError`."""
        root = Path(request.root)
        self.desks.pop(request.root, None)
        options, remarks, baseline = settings(request)
        scan = analysis.scan(root, options, request.unsaved)
        if baseline is not None:
            from jwtlint.history.accepted import without

            texts = Texts(root, request.unsaved)
            scan = scan._replace(report=without(scan.report, scan.rules(), root, options, baseline, texts))
        self.desks[request.root] = Desk(request.ticket, root, scan, options, request.unsaved)
        return told(scan.report, scan.rules(), remarks)

    def propose(self, request: Propose) -> Proposals | Forgotten:
        """Fixes and comments for findings of the last analysis."""
        desk = self.desks.get(request.root)
        if desk is None or desk.ticket != request.ticket:
            return Forgotten()
        return desk.proposals(request.path, request.numbers, request.all_safe)


def settings(request: Analyse) -> tuple[Options, tuple[str, ...], Path | None]:
    """The options that hold in a folder, what is to be said of them, and the baseline. Raises :class:`UserError`."""
    from jwtlint.history.accepted import baseline_of

    root = Path(request.root)
    if request.no_config:
        found = config.Found()
    else:
        found = config.named(Path(request.config)) if request.config else config.discover(root)
    remarks = tuple(
        f"{visible(str(found.path))} names folders of {key}; they are loaded only by jwtlint lsp --config" for key in found.refused
    )
    options = Options(
        configuration=found.configuration,
        paths=request.paths,
        model_folders=found.folders("models"),
        rule_folders=found.folders("rules"),
    )
    return options, remarks, baseline_of(found)


def told(report: Report, rules: tuple[Rule, ...], remarks: tuple[str, ...]) -> Analysed:
    """A report as the server needs it. What comes from scanned code is made visible here."""
    marks = tuple(mark(number, finding) for number, finding in enumerate(report.findings))
    unread = tuple(Unread(error.path, visible(error.reason), error.line or 1) for error in report.errors)
    return Analysed(marks, unread, {rule.code: page(rule) for rule in rules}, remarks)


def mark(number: int, finding: Finding) -> Mark:
    """A finding as an editor shows it."""
    related: dict[tuple[str, object], Related] = {}
    words = [(label.text, label.place) for label in finding.labels[1:]]
    words += [(reason.text, reason.place) for reason in finding.trace if reason.place is not None]
    for text, place in words:
        if place != finding.place and len(related) < MAX_RELATED:
            related.setdefault((text, place), Related(visible(text), place))
    return Mark(
        number=number,
        rule=finding.rule,
        name=finding.name,
        level=finding.level,
        failure=finding.failure,
        message=visible(finding.message),
        place=finding.place,
        related=tuple(related.values()),
    )


def page(rule: Rule) -> RulePage:
    """A rule's page in both forms."""
    title = f"{rule.code} {rule.name} ({rule.level}, {rule.failure})"
    return RulePage(title, explanation.markdown(rule), explanation.plain(rule), links.own_page(rule))


def main() -> None:
    """Answer requests until standard input is closed. What anything prints goes to standard error."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    worker = Worker()
    decoder = msgspec.msgpack.Decoder(Request)
    while (data := received(requests)) is not None:
        answers.write(packed(worker.answer(decoder.decode(data))))
        answers.flush()


def received(stream: BinaryIO) -> bytes | None:
    """The next message; None at the end."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    data = stream.read(length)
    return data if len(data) == length else None


if __name__ == "__main__":
    try:
        main()
    except (BrokenPipeError, KeyboardInterrupt):
        sys.exit(1)
