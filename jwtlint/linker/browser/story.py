"""What happens to tokens in the browser, as facts of the lifecycle, tied to the server that hands them out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from jwtlint.facts import lifecycle as facts
from jwtlint.facts.lifecycle import Confidence, Medium, Place, Purpose, Reason
from jwtlint.facts.program import Span
from jwtlint.facts.web import WebModule
from jwtlint.facts.web_layout import WebLayout
from jwtlint.linker.browser.addresses import Addresses, InAddress
from jwtlint.linker.browser.calls import Callers
from jwtlint.linker.browser.evaluate import WebEvaluator
from jwtlint.linker.browser.evidence import Evidence, Verdict
from jwtlint.linker.browser.library import WebKnowledge, WebModel
from jwtlint.linker.browser.names import is_half, is_token
from jwtlint.linker.browser.pages import tokens_in_pages
from jwtlint.linker.browser.program import WebProgram, common_depth
from jwtlint.linker.browser.stores import Kept, Stores
from jwtlint.linker.browser.values import Answer, dotted
from jwtlint.linker.vocabulary import words

# folders in which a front end lies within its application
FRONT_ENDS = frozenset(
    (
        "src app static templates public frontend front-end front_end client web www ui webapp site pages components views assets js "
        "javascript resources spa admin dashboard lib composables stores store utils services hooks"
    ).split()
)


class Server(msgspec.Struct, frozen=True):
    """What is known of the server's side. ``applications`` maps Python files to their applications, ``servers`` are files that import a
    web framework, ``held_for_pages`` what templates reach of a request that holds a token (by file and name, with its mint), ``bridged``
    the applications whose tokens stand for sessions."""

    lifecycle: facts.Lifecycle
    applications: Mapping[str, str]
    servers: Sequence[str]
    held_for_pages: Mapping[tuple[str, str], Place]
    bridged: frozenset[str] = frozenset()


def front_end_of(path: str) -> str:
    """The folder of the front end that a file belongs to: all of one application's, or of one folder."""
    parts = path.split("/")[:-1]
    cut = next((number for number, part in enumerate(parts) if part.lower() in FRONT_ENDS), min(len(parts), 1))
    return "/".join(parts[:cut])


def go_on(server: Server, modules: Sequence[WebModule], layout: WebLayout, models: Sequence[WebModel]) -> facts.Lifecycle:
    """The lifecycle with what the front ends do."""
    return BrowserStory(server, modules, layout, models).tell()


class BrowserStory:
    """Tells what one program's front ends do with tokens."""

    def __init__(self, server: Server, modules: Sequence[WebModule], layout: WebLayout, models: Sequence[WebModel]) -> None:
        self.server = server
        self.program = WebProgram(modules, layout)
        self.evaluator = WebEvaluator(self.program, WebKnowledge(tuple(models)))
        self.neighbours = {path: self.nearest(path) for path in self.program.modules}
        self.groups = {path: front_end_of(path) for path in self.program.modules}
        self.callers = Callers(self.program, self.evaluator)
        self.evidence = Evidence(self.evaluator, self.callers, self.groups)
        self.deliveries = [fact for fact in server.lifecycle.facts if isinstance(fact, facts.Delivery)]
        self.stored: dict[Place, Place] = {}  # a body that hands a token out, and where a script keeps it

    # -- which server ----------------------------------------------------------------------------------------------

    def nearest(self, path: str) -> frozenset[str]:
        """The applications that lie nearest to a file of a front end."""
        best = 0
        found: set[str] = set()
        for other, name in self.server.applications.items():
            depth = common_depth(path, other)
            if depth > best:
                best, found = depth, set()
            if depth == best:
                found.add(name)
        return frozenset(found)

    def session_applications(self, path: str) -> list[str]:
        """The nearest applications whose sessions are JWTs."""
        return sorted(name for name in self.neighbours[path] if self.server.lifecycle.applications.get(name))

    def handed_out(self, path: str, medium: Medium) -> list[facts.Delivery]:
        """What the nearest servers hand out."""
        names = set(self.session_applications(path))
        return [fact for fact in self.deliveries if fact.medium == medium and fact.application in names]

    def returned(self, path: str) -> frozenset[str]:
        """The fields in which the nearest servers return tokens."""
        return frozenset(field for fact in [*self.handed_out(path, "body"), *self.handed_out(path, "page")] for field in fact.fields)

    def has_server(self) -> bool:
        """Whether a server in Python may be the one that the front ends speak to, wherever in the tree it lies."""
        return bool(self.server.servers)

    def is_foreign(self, path: str) -> bool:
        """Whether the nearest servers take tokens of another issuer: what a front end keeps then is not theirs."""
        names = self.neighbours[path]
        return any(
            isinstance(fact, facts.Verification) and fact.purpose == "federation" and fact.application in names
            for fact in self.server.lifecycle.facts
        )

    # -- facts -----------------------------------------------------------------------------------------------------

    def tell(self) -> facts.Lifecycle:
        """The lifecycle with these facts, and with what they say of the server's."""
        found: list[facts.Delivery] = []
        addresses = Addresses(self.evidence)
        for kept in Stores(self.evaluator, self.callers).find():
            verdict = self.evidence.judge(kept, self.returned(kept.path))
            if verdict is None:
                continue
            fact = self.kept_fact(kept, verdict)
            found.append(fact)
            if not any(one.direction == "sent" for one in self.handed_out(kept.path, "url")):
                for one in addresses.read(kept):
                    found.append(self.address_fact(one, verdict.jwt))
        for address in addresses.find():
            found.append(self.address_fact(address, address.jwt))
        for path, span, reason, mint in tokens_in_pages(self.program, self.server.held_for_pages, self.near_enough):
            found.append(self.page_fact(path, span, reason, mint))
        applications = dict(self.server.lifecycle.applications)
        for fact in found:
            if fact.purpose == "session" and fact.application not in self.server.bridged:
                applications[fact.application] = True
        told = [self.with_store(fact) for fact in self.server.lifecycle.facts]
        everything = [*told, *best(found)]
        everything.sort(key=lambda fact: (fact.place, type(fact).__name__))
        return facts.Lifecycle(tuple(everything), applications)

    def near_enough(self, page: str, source: str) -> bool:
        """Whether a page is one of the application of a Python file."""
        return self.server.applications.get(source) in self.neighbours[page]

    def with_store(self, fact: facts.LifecycleFact) -> facts.LifecycleFact:
        """A body that hands a token out, with the place where a script keeps it."""
        if isinstance(fact, facts.Delivery) and fact.place in self.stored and fact.medium == "body":
            stored = self.stored[fact.place]
            trace = (*fact.trace, Reason("a script keeps it here", stored))
            return msgspec.structs.replace(fact, stored_place=stored, trace=trace)
        return fact

    def standing(self, path: str, jwt: bool, strong: bool, fields: Sequence[str]) -> tuple[str, Purpose, Confidence, tuple[Reason, ...]]:
        """The application, purpose and confidence of a token that a file handles, and why it is a JWT."""
        sessions = self.session_applications(path)
        confidence: Confidence = "high" if strong else "medium"
        if sessions:
            return sessions[0], "session", confidence, (Reason(f"the sessions of {sessions[0] or 'the application'} are JWTs"),)
        behind = sorted(self.neighbours[path] & self.server.bridged)
        if behind:
            return behind[0], "session", confidence, (Reason("it stands for a session: whoever holds it is logged in"),)
        name = self.groups[path]
        carried = self.evidence.of(path)
        if self.is_foreign(path):
            return name, "unknown", "low", (Reason("the server verifies another issuer's tokens"),)
        if carried.jwt is not None:
            return name, "session", "medium", (carried.jwt,)
        if self.has_server():
            return name, "unknown", "low", ()  # its sessions are none, whatever names say
        if jwt or carried.called is not None:
            return name, "session", "medium", (carried.called or Reason("its name says that it is a JWT"),)
        if strong and not carried.token_scheme and any(self.is_oauth(one) for one in fields):
            # the server lies elsewhere; an access token that is one half of a pair is a JWT nearly everywhere
            return name, "session", "medium", (Reason("the server that answers it is not here; access tokens are JWTs as a rule"),)
        return name, "unknown", "low", ()

    def is_oauth(self, field: str) -> bool:
        """Whether a field is called as OAuth's answers call it (RFC 6749 §5.1)."""
        return (is_token(field) and bool({"access", "refresh", "bearer"} & set(words(field)))) or is_half(field)

    def kept_fact(self, kept: Kept, verdict: Verdict) -> facts.Delivery:
        """A token that is kept."""
        place = self.program.place(kept.path, kept.at)
        carried = self.evidence.of(kept.path)
        names = [*verdict.fields, kept.key, *kept.names, *(carried.names if kept.key in carried.keys else ())]
        application, purpose, confidence, why = self.standing(kept.path, verdict.jwt, verdict.strong, names)
        answered = self.answered(kept, verdict) if purpose == "session" else None
        trace: list[Reason] = []
        if answered is not None:
            application = answered.application
            trace.extend(answered.trace[:1] if answered.trace else ())
            trace.append(Reason("the server answers it here", answered.place))
            self.stored.setdefault(answered.place, place)
        trace.extend(Reason("it is handed on here", call) for call in kept.calls[:3] if call != place)
        trace.append(Reason("stored here", place))
        if kept.wrapper is not None and kept.wrapper != place:
            trace.append(Reason("written to the browser's storage here", kept.wrapper))
        return facts.Delivery(
            place=place,
            application=application,
            function=f"{kept.path}::{self.program.qualified(kept.path, kept.function)}",
            token=answered.token if answered is not None else "",
            purpose=purpose,
            confidence=confidence,
            reasons=(*verdict.reasons, *why),
            trace=tuple(trace),
            medium=kept.medium,
            http_only="off" if kept.medium == "cookie" else "configured",
            name=kept.key,
            fields=verdict.fields,
            answered_place=answered.place if answered is not None else None,
        )

    def answered(self, kept: Kept, verdict: Verdict) -> facts.Delivery | None:
        """The server's answer that hands out what a script keeps: by its address, then by the field, then the login's."""
        candidates = [*self.handed_out(kept.path, "body"), *self.handed_out(kept.path, "page")]
        if not candidates:
            return None
        addresses = [text for answer in verdict.answers for text in self.addresses(answer)]
        names = {*verdict.fields, *kept.names}

        def rank(fact: facts.Delivery) -> tuple[bool, bool, bool, bool]:
            same_route = any(same_path(fact.route, address) for address in addresses) if fact.route else False
            return (same_route, not names.isdisjoint(fact.fields), fact.handler_role == "login", bool(fact.token))

        return max(candidates, key=rank)

    def addresses(self, answer: Answer) -> Iterable[str]:
        """What is known of the address that a request goes to."""
        api = self.evaluator.knowledge.meaning(dotted(answer.callee) or "?", "request")
        url = self.evaluator.argument(api, "url", answer.call) if api is not None else None
        if url is not None:
            yield self.evidence.url_text(url, answer.frame)

    def address_fact(self, one: InAddress, jwt: bool) -> facts.Delivery:
        """A token in an address."""
        place = self.program.place(one.path, one.at)
        application, purpose, confidence, why = self.standing(one.path, jwt, True, [one.name])
        text = "read from the page's address here" if one.read else "put into the address here"
        direction: Literal["sent", "read"] = "read" if one.read else "sent"
        return facts.Delivery(
            place=place,
            application=application,
            function=f"{one.path}::{self.program.qualified(one.path, one.function)}",
            purpose=purpose,
            confidence=confidence,
            reasons=(*one.reasons, *why),
            trace=(Reason(text, place),),
            medium="url",
            direction=direction,
            name=one.name,
        )

    def page_fact(self, path: str, span: Span, reason: str, mint: Place) -> facts.Delivery:
        """A token that a template writes into its page."""
        place = self.program.place(path, span)
        sessions = self.session_applications(path)
        return facts.Delivery(
            place=place,
            application=sessions[0] if sessions else self.groups[path],
            function=f"{path}::",
            token=f"{mint.path}:{mint.line}:{mint.column}",
            purpose="session",
            reasons=(Reason(reason, place),),
            trace=(Reason("token minted here", mint), Reason("written into the page here", place)),
            medium="page",
        )


def same_path(route: str, address: str) -> bool:
    """Whether an address ends as a route does, or the other way round; hosts, prefixes and parameters are left out of account."""
    mine = [part for part in re.split(r"/+", route.strip("/")) if part]
    theirs = [part for part in re.split(r"/+", address.partition("?")[0].strip("/")) if part]
    shorter = min(len(mine), len(theirs))
    return bool(shorter) and mine[-shorter:] == theirs[-shorter:]


def best(found: Iterable[facts.Delivery]) -> list[facts.Delivery]:
    """The surest fact of each place and medium."""
    order = {"high": 2, "medium": 1, "low": 0}
    kept: dict[tuple[Place, str], facts.Delivery] = {}
    for fact in found:
        known = kept.get((fact.place, fact.medium))
        if known is None or (fact.purpose == "session", order[fact.confidence]) > (known.purpose == "session", order[known.confidence]):
            kept[fact.place, fact.medium] = fact
    return list(kept.values())
