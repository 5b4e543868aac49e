"""Tokens in addresses: in queries and fragments that scripts put together, in those of sockets, and read from the page's own."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from jwtlint.facts.lifecycle import Reason
from jwtlint.facts.program import Constant, Expression, Name, Operation, Span, Template
from jwtlint.linker.browser.evidence import Evidence
from jwtlint.linker.browser.names import ONE_TIME, is_half, is_other, is_token, says_jwt
from jwtlint.linker.browser.program import CallSite, spoken_name
from jwtlint.linker.browser.stores import Kept
from jwtlint.linker.browser.values import Answer, Argument, Literal, Member, ObjectValue, Stored, Value, Values, dotted, text_of
from jwtlint.linker.traversal import walk
from jwtlint.linker.vocabulary import words

# what connects to the address that it is given, libraries and wrappers around it included: ``useWebSocket``, ``WebsocketBuilder``
SOCKETS = re.compile(r"(?i:web_?socket|event_?source|sockjs)|^io$")
PARAMETER = re.compile(r"(?:[?&#]|^)([\w.\-\[\]]+)=$")


class InAddress(msgspec.Struct, frozen=True):
    """A token in an address. ``read``: taken from one."""

    path: str
    function: int
    at: Span
    name: str
    reasons: tuple[Reason, ...]
    jwt: bool
    read: bool = False


class Addresses:
    """Finds tokens in addresses."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.evaluator = evidence.evaluator
        self.program = evidence.program
        self.knowledge = evidence.knowledge
        self.connected: set[int] = set()

    def find(self) -> Iterator[InAddress]:
        """All of them; one place may come twice."""
        self.connected = set(self.sockets())
        for path, index in self.program.modules.items():
            for node, function in index.texts:
                yield from self.put_together(path, function, node)
        for site, frame, values in self.evidence.callers.callees:
            for value in values:
                name = dotted(value)
                api = self.knowledge.meaning(name) if name else None
                if api is None:
                    continue
                if api.fact == "add-query":
                    key, given = self.evaluator.argument(api, "name", site.call), self.evaluator.argument(api, "value", site.call)
                    if key is not None and given is not None and "searchParams" in name:
                        text = text_of(self.evaluator.evaluate(key, frame)) or ""
                        yield from self.judged(site.path, site.function, site.call.at, text, given, "", False)
                elif api.fact in ("address", "request"):
                    yield from self.in_call(api.fact, site)

    def sockets(self) -> Iterator[int]:
        """The identities of the addresses to which sockets connect, written in the call or in a variable before it."""
        for site, _, _ in self.evidence.callers.callees:
            if not site.call.positional or not SOCKETS.search(spoken_name(site.call.function)):
                continue
            given = site.call.positional[0]
            yield id(given)
            if isinstance(given, Name):
                for binding in self.program.modules[site.path].bindings.get(site.function, {}).get(given.name, ()):
                    yield id(binding.step.value)

    def in_call(self, fact: str, site: CallSite) -> Iterator[InAddress]:
        """Queries that a library is given as an object."""
        frame = self.evaluator.frame(site.path, site.function)
        for value in self.evaluator.evaluate(site.call.function, frame):
            api = self.knowledge.meaning(dotted(value) or "?", fact)
            if api is None:
                continue
            query = self.evaluator.argument(api, "query", site.call)
            if query is not None:
                yield from self.in_object(site, self.evaluator.evaluate(query, frame), fact == "address")
            url = self.evaluator.argument(api, "url", site.call)
            for inner in walk(url) if url is not None else ():
                for part in self.evaluator.evaluate(inner, frame):
                    if isinstance(part, Answer) and dotted(part.callee).endswith("URLSearchParams") and part.call.positional:
                        held = self.evaluator.evaluate(part.call.positional[0], part.frame)
                        yield from self.in_object(site, held, fact == "address")

    def in_object(self, site: CallSite, values: Values, sure: bool) -> Iterator[InAddress]:
        """Parameters of an address that are written as an object."""
        for value in values:
            if isinstance(value, ObjectValue):
                for entry in value.node.entries:
                    if isinstance(entry.key, Constant):
                        yield from self.judged(site.path, site.function, site.call.at, str(entry.key.value), entry.value, "", sure)

    def put_together(self, path: str, function: int, node: Template | Operation) -> Iterator[InAddress]:
        """An address that is put together: ``base + "?token=" + token``, or a template literal."""
        if isinstance(node, Operation) and node.operator != "+":
            return
        parts = node.parts if isinstance(node, Template) else node.operands
        before = ""
        for number, part in enumerate(parts):
            if isinstance(part, Constant):
                before += str(part.value)
                continue
            found = PARAMETER.search(before)
            if found is not None and is_url(before[: found.start() + 1], number and not isinstance(parts[0], Constant)):
                sure = id(node) in self.connected or before.lower().startswith(("ws://", "wss://"))
                yield from self.judged(path, function, node.at, found[1], part, before, sure)
            before += "\0"

    def judged(self, path: str, function: int, at: Span, parameter: str, node: Expression, before: str, sure: bool) -> Iterator[InAddress]:
        """Whether a parameter of an address is the token that logs in."""
        if is_other(parameter) or ONE_TIME & set(words(before)):
            return
        if not (is_token(parameter) or is_half(parameter) or parameter in ("auth", "t")):
            return
        frame = self.evaluator.frame(path, function)
        values = self.evaluator.evaluate(node, frame)
        if values and all(isinstance(value, Literal) for value in values):
            return
        if any(self.from_address(value) for value in values):
            return  # handed on from an address to an address: a link of a mail, say
        kept = Kept("url", path, function, at, "", list(values), [node])
        if any(isinstance(value, Argument) for value in values):
            for context in self.evidence.callers.contexts(path, function):
                found = self.evaluator.evaluate(node, context)
                if any(self.from_address(value) for value in found):
                    return
                kept.values.extend(found)
        verdict = self.evidence.judge(kept, frozenset())
        if verdict is None:
            return
        carried = self.evidence.of(path)
        names = set(self.evidence.spoken(node))
        held = any(self.is_kept(value) for value in kept.values)
        told = verdict.strong and (held or bool(names & carried.names.keys()) or self.from_login(kept))
        if told or sure:
            yield InAddress(path, function, at, parameter, verdict.reasons, verdict.jwt or says_jwt(parameter))

    def is_kept(self, value: Value) -> bool:
        """Whether a value is read from where the token is kept."""
        while isinstance(value, Member):
            value = value.base
        return isinstance(value, Stored) and (is_token(value.key) or any(value.key in one.keys for one in self.evidence.carried.values()))

    def from_login(self, kept: Kept) -> bool:
        """Whether a value is part of the answer of a request."""
        for answer in self.evidence.answers(kept.values):
            if self.knowledge.meaning(dotted(answer.callee) or "?", "request") is not None:
                return True
        return False

    # -- reading ---------------------------------------------------------------------------------------------------

    def from_address(self, value: Value) -> bool:
        """Whether a value is a parameter of the page's own address."""
        for part in self.evidence.leaves((value,)):
            here = part
            while isinstance(here, Member):
                if here.name in ("query", "params", "$route", "hash", "search", "queryParams"):
                    return True
                here = here.base
            if isinstance(here, Answer):
                name = dotted(here.callee)
                if self.knowledge.meaning(name or "?", "query") is not None or "earchParams" in name:
                    return True
            if any(word in dotted(part) for word in ("location.hash", "location.search", ".query.", "$route")):
                return True
        return False

    def read(self, kept: Kept) -> Iterator[InAddress]:
        """Where a token that is kept was taken from the page's address."""
        for value in self.evidence.leaves(kept.values):
            if not self.from_address(value):
                continue
            here = value
            while isinstance(here, Member):
                here = here.base
            if isinstance(here, Answer):
                yield InAddress(here.frame.path, here.frame.function, here.call.at, "", (), False, read=True)
            else:
                yield InAddress(kept.path, kept.function, kept.at, "", (), False, read=True)


def is_url(before: str, follows: object) -> bool:
    """Whether a text before a parameter is an address's: it has a query or a fragment, or goes on after something unknown."""
    return "?" in before or "#" in before or (bool(follows) and before.startswith("\0")) or before.startswith(("http", "ws", "/"))
