"""What tells that something kept or sent by a script is the token that logs a user in, and that such tokens are JWTs.

The flow of values comes first: the field of a login's answer, what a request carries in its ``Authorization`` header (RFC 6750 §2.1),
what is read back for it. Names come second.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from jwtlint.facts.lifecycle import Place, Reason
from jwtlint.facts.program import (
    Attribute,
    Blank,
    Call,
    Conditional,
    Constant,
    Expression,
    Mapping,
    Name,
    Operation,
    Subscript,
    Template,
)
from jwtlint.linker.browser.calls import Callers
from jwtlint.linker.browser.evaluate import WebEvaluator
from jwtlint.linker.browser.frames import Frame
from jwtlint.linker.browser.names import VAGUE, is_half, is_other, is_token, last_name, says_jwt
from jwtlint.linker.browser.program import spoken_name
from jwtlint.linker.browser.stores import Kept
from jwtlint.linker.browser.values import (
    Answer,
    Argument,
    External,
    Filled,
    Instance,
    Literal,
    Member,
    Mixed,
    ObjectValue,
    Stored,
    Value,
    dotted,
    text_of,
)
from jwtlint.linker.traversal import walk
from jwtlint.linker.vocabulary import words

# what a variable's content is called by its framework
CONTENT = frozenset(("value", "current", "data", "getValue", "get"))
THROUGH = frozenset("stringify String get unref encodeURIComponent trim toString replace parse encrypt escape btoa".split())
WRAPPINGS = frozenset(("data", "body", "result", "value", "payload"))  # what an answer's content is called
STATES = frozenset(("useState", "createSignal", "writable", "reactive", "useReducer", "ref"))  # variables by their first value
READERS = frozenset(("get", "getItem", "getCookie", "read"))
# what projects call their own function that takes a JWT apart, and the functions with which they do it
DECODERS = frozenset("decodeJwt parseJwt jwtDecode jwt_decode decodeJWT parseJWT decodeJwtToken getJwtPayload".split())
BASE64 = frozenset("atob from b64DecodeUnicode base64UrlDecode".split())
LOGIN_WORDS = frozenset("login signin sign authenticate token jwt session refresh register signup obtain sessions".split())
STORE_HOOK = re.compile(r"use\w+Store")


class Carried(msgspec.Struct):
    """What the requests of one front end carry to say who asks."""

    keys: dict[str, Place] = {}  # under which it is kept
    names: dict[str, Place] = {}  # of variables and properties
    opened: dict[str, tuple[str, Place]] = {}  # under which is kept what a token is taken out of again: the token's name, and where
    holders: dict[str, Place] = {}  # of objects whose token they carry: ``user`` of ``user.token``
    state: dict[str, Place] = {}  # of parts of a store's state whose token they carry: ``user`` of ``getState().auth.user.token``
    jwt: Reason | None = None  # why these tokens are JWTs: something reads them as such
    called: Reason | None = None  # a name that says so
    token_scheme: bool = False  # ``Authorization: Token x``, an opaque one's usual scheme


class Verdict(msgspec.Struct, frozen=True):
    """Why something is the token. ``strong``: values say so, not only names. ``fields`` are the names it bears in answers."""

    strong: bool
    reasons: tuple[Reason, ...]
    fields: tuple[str, ...]
    jwt: bool  # a name says that it is a JWT
    answers: tuple[Answer, ...]  # the requests whose answers it is part of


class Evidence:
    """Reads the headers of all requests, and judges."""

    def __init__(self, evaluator: WebEvaluator, callers: Callers, group_of: dict[str, str]) -> None:
        self.evaluator = evaluator
        self.program = evaluator.program
        self.knowledge = evaluator.knowledge
        self.callers = callers
        self.group_of = group_of
        self.carried: dict[str, Carried] = {}
        self.read_headers()
        self.read_decoders()
        self.read_taken()

    def of(self, path: str) -> Carried:
        """What the front end of a file carries."""
        return self.carried.setdefault(self.group_of[path], Carried())

    # -- headers ---------------------------------------------------------------------------------------------------

    def read_headers(self) -> None:
        """Every ``Authorization`` header."""
        for path, index in self.program.modules.items():
            for node, function in index.headers:
                self.header(path, function, node)

    def header(self, path: str, function: int, node: Expression) -> None:
        """One header's value."""
        frame = self.evaluator.frame(path, function)
        carried = self.of(path)
        place = self.program.place(path, node.at)
        for value in self.evaluator.evaluate(node, frame):
            text = value.text if isinstance(value, Mixed) else ""
            if text.lower().startswith("basic"):
                return
            if text.startswith("JWT ") and carried.jwt is None:
                carried.jwt = Reason("requests carry it with the scheme JWT", place)
            carried.token_scheme = carried.token_scheme or text.startswith("Token ")
        contexts = [frame]
        if any(isinstance(value, Argument) for value in self.leaves(self.evaluator.evaluate(node, frame))):
            contexts += self.callers.contexts(path, function)
        for context in contexts:
            for value in self.leaves(self.evaluator.evaluate(node, context)):
                self.carry(carried, value, place)
        for name in self.spoken(node):
            self.carry_name(carried, name, place)
        for inner in walk(node):
            if isinstance(inner, Attribute) and is_token(inner.name):
                holder = spoken_name(inner.value)
                if holder and holder not in ("this", "state", "props", "config", "headers"):
                    carried.holders.setdefault(holder, place)
                    if any(self.in_state(value) for value in self.evaluator.evaluate(inner.value, frame)):
                        carried.state.setdefault(holder, place)

    def in_state(self, value: Value) -> bool:
        """Whether a value is a part of a store's state: ``store.getState()``, ``useSelector(…)``, ``useAuthStore(…)``."""
        while isinstance(value, Member):
            value = value.base
        name = spoken_name(value.call.function) if isinstance(value, Answer) else ""
        return name in ("getState", "useSelector", "useAppSelector", "useStore") or bool(STORE_HOOK.fullmatch(name))

    def carry(self, carried: Carried, value: Value, place: Place) -> None:
        """Note what a header's value is."""
        here: Value | None = value
        while here is not None:
            if isinstance(here, Stored):
                carried.keys.setdefault(here.key, place)
            name = here.name if isinstance(here, Member | Argument) else here.key if isinstance(here, Stored) else ""
            if isinstance(here, Filled):
                name = last_name(here.text)
            if isinstance(here, Answer):
                api = self.knowledge.meaning(dotted(here.callee) or "?", "cell")
                key = self.evaluator.argument(api, "key", here.call) if api is not None else None
                text = text_of(self.evaluator.evaluate(key, here.frame)) if key is not None else None
                if text:
                    carried.keys.setdefault(text, place)
                name = spoken_name(here.call.function)
            self.carry_name(carried, name, place)
            here = here.base if isinstance(here, Member) and (here.name in CONTENT or here.name.startswith("[")) else None
        if isinstance(value, Member):
            base = value.base
            while isinstance(base, Member):
                base = base.base
            if isinstance(base, Stored):
                carried.keys.setdefault(base.key, place)

    def carry_name(self, carried: Carried, name: str, place: Place) -> None:
        if name and name.lower() not in VAGUE and name not in CONTENT and not is_other(name) and len(name) > 2:
            carried.names.setdefault(name, place)

    # -- what takes JWTs apart -------------------------------------------------------------------------------------

    def read_decoders(self) -> None:
        """Calls that take JWTs apart or make them, of libraries or by hand; files that bear the name."""
        for path, index in self.program.modules.items():
            if says_jwt(path.rpartition("/")[2]) and self.of(path).called is None:
                first = next(iter(index.steps()), None)
                if first is not None:
                    self.of(path).called = Reason("a file of the front end is called after JWTs", self.program.place(path, first[1].at))
        for site, frame, values in self.callers.callees:
            carried = self.of(site.path)
            place = self.program.place(site.path, site.call.at)
            name = spoken_name(site.call.function)
            known = any(self.knowledge.meaning(dotted(value) or "?", "decode", "mint") for value in values)
            if known or name in DECODERS:
                carried.jwt = carried.jwt or Reason("scripts read the token as a JWT", place)
                for argument in site.call.positional[:1]:
                    for value in self.leaves(self.evaluator.evaluate(argument, frame)):
                        if isinstance(value, Stored):
                            carried.keys.setdefault(value.key, place)
            elif carried.jwt is None and name in BASE64 and any(self.cuts(argument) for argument in site.call.positional):
                carried.jwt = Reason("scripts take the token apart as a JWT", place)

    def read_taken(self) -> None:
        """What is read from where scripts keep things, and opened for its token: ``JSON.parse(localStorage.getItem("user")).token``."""
        for path, index in self.program.modules.items():
            for node, name, function in index.taken:
                frame = self.evaluator.frame(path, function)
                for value in self.evaluator.evaluate(node, frame):
                    while isinstance(value, Member):
                        value = value.base
                    if isinstance(value, Stored) and value.key != "*":
                        self.of(path).opened.setdefault(value.key, (name, self.program.place(path, node.at)))

    def cuts(self, node: Expression) -> bool:
        """Whether an expression takes the middle of ``token.split(".")``."""
        for inner in walk(node):
            if isinstance(inner, Call) and spoken_name(inner.function) == "split" and inner.positional:
                dot = inner.positional[0]
                if isinstance(dot, Constant) and dot.value == "." and isinstance(inner.function, Attribute):
                    if is_token(spoken_name(inner.function.value)):
                        return True
        return False

    # -- names and values ------------------------------------------------------------------------------------------

    def leaves(self, values: Iterable[Value], depth: int = 0) -> Iterator[Value]:
        """The parts of values that are put together."""
        for value in values:
            if isinstance(value, Mixed) and depth < 5:
                for part in value.parts:
                    yield from self.leaves(part, depth + 1)
            else:
                yield value

    def spoken(self, node: Expression, depth: int = 0) -> Iterator[str]:
        """The names in an expression that its value bears."""
        if depth > 8:
            return
        if isinstance(node, Name):
            yield node.name
        elif isinstance(node, Attribute):
            if node.name in CONTENT:
                yield from self.spoken(node.value, depth + 1)
            else:
                yield node.name
        elif isinstance(node, Subscript):
            name = spoken_name(node)
            if name:
                yield name
        elif isinstance(node, Blank):
            yield last_name(node.text)
        elif isinstance(node, Template):
            for part in node.parts:
                yield from self.spoken(part, depth + 1)
        elif isinstance(node, Conditional):
            yield from self.spoken(node.then, depth + 1)
            yield from self.spoken(node.otherwise, depth + 1)
        elif isinstance(node, Operation):
            if node.operator in ("||", "??", "+"):
                for operand in node.operands:
                    yield from self.spoken(operand, depth + 1)
            elif node.operator == "&&":
                yield from self.spoken(node.operands[-1], depth + 1)
        elif isinstance(node, Call):
            name = spoken_name(node.function)
            if name in THROUGH:
                for argument in node.positional[:1]:
                    yield from self.spoken(argument, depth + 1)
                if isinstance(node.function, Attribute) and not node.positional:
                    yield from self.spoken(node.function.value, depth + 1)
            elif name and not node.positional:
                yield name
        elif isinstance(node, Mapping):
            for entry in node.entries:
                if isinstance(entry.key, Constant) and not isinstance(entry.value, Constant):
                    yield str(entry.key.value)

    def borne(self, values: Iterable[Value], depth: int = 0) -> Iterator[tuple[str, Value]]:
        """The names that values bear, each with the value."""
        if depth > 4:
            return
        for value in values:
            if isinstance(value, Member):
                here: Value = value
                while isinstance(here, Member) and (here.name in CONTENT or here.name.startswith("[")):
                    here = here.base
                if isinstance(here, Member):
                    yield here.name, value
                else:
                    yield from self.borne((here,), depth + 1)
            elif isinstance(value, Argument):
                yield value.name, value
            elif isinstance(value, Filled):
                yield last_name(value.text), value
            elif isinstance(value, Stored):
                yield value.key, value
            elif isinstance(value, External):
                yield value.name.rpartition(".")[2], value
            elif isinstance(value, Mixed):
                for part in value.parts:
                    yield from self.borne(part, depth + 1)
            elif isinstance(value, Answer):
                name = spoken_name(value.call.function)
                if name in THROUGH and value.call.positional:
                    yield from self.borne(self.evaluator.evaluate(value.call.positional[0], value.frame), depth + 1)
                elif name in STATES and value.call.positional:
                    for state in self.evaluator.evaluate(value.call.positional[0], value.frame):
                        for entry in state.node.entries if isinstance(state, ObjectValue) else ():
                            if isinstance(entry.key, Constant) and is_token(str(entry.key.value)):
                                yield str(entry.key.value), value
                elif name in READERS and value.call.positional and isinstance(value.call.positional[0], Constant):
                    yield str(value.call.positional[0].value), value
                else:
                    yield name, value
            elif isinstance(value, ObjectValue):
                for entry in value.node.entries:
                    held = self.evaluator.evaluate(entry.value, value.frame)
                    if isinstance(entry.key, Constant) and (not held or not all(isinstance(one, Literal) for one in held)):
                        yield str(entry.key.value), held[0] if held else value
                    if entry.key is None or (isinstance(entry.key, Constant) and str(entry.key.value).lower() in VAGUE):
                        yield from self.borne(held, depth + 1)
                    else:
                        yield from self.borne([one for one in held if isinstance(one, ObjectValue)], depth + 1)

    # -- judgement -------------------------------------------------------------------------------------------------

    def judge(self, kept: Kept, returned: frozenset[str]) -> Verdict | None:
        """Whether what is kept is the token. ``returned`` are the fields under which the server hands tokens out."""
        carried = self.of(kept.path)
        place = self.program.place(kept.path, kept.at)
        read_back = carried.keys.get(kept.key) if kept.key else None
        if is_other(kept.key) and read_back is None:
            return None
        names = list(dict.fromkeys([*(name for node in kept.nodes for name in self.spoken(node)), *kept.names]))
        pairs = list(self.borne(kept.values))
        nothing = bool(kept.values) and all(isinstance(value, Literal) for value in kept.values) and not pairs
        written_out = all(isinstance(node, Constant) for node in kept.nodes)
        if nothing and (not kept.nodes or written_out) and not kept.names:
            return None
        if not pairs and not names:
            return None
        reasons: list[Reason] = []
        fields: dict[str, None] = {}
        jwt = says_jwt(kept.key)
        answers = tuple(self.answers(kept.values))
        strong = False
        for name, value in pairs:
            if isinstance(value, Literal) or is_other(name):
                continue
            jwt = jwt or (says_jwt(name) and is_token(name))
            plain = name.lower() not in VAGUE
            if name in returned and (is_token(name) or plain) and self.from_answer(value):
                strong = True
                fields[name] = None
                reasons.append(Reason(f"it is the field {name} of the server's answer", place))
            elif is_token(name) and isinstance(value, Member | Filled | Answer | Argument | Stored):
                strong = strong or isinstance(value, Member | Filled) or not isinstance(value, Argument)
                fields[name] = None
                reasons.append(Reason(f"its value is called {name}", place))
            elif is_half(name) and self.from_answer(value):
                strong = strong or bool(returned)
                fields[name] = None
                if not returned and not carried.names.keys() & {name}:
                    continue
                strong = True
                reasons.append(Reason(f"it is the field {name} of an answer", place))
            elif name in carried.names:
                strong = True
                reasons.append(Reason("requests carry it in their Authorization header", carried.names[name]))
        for name in names:
            if is_other(name):
                continue
            if name in carried.names and (kept.whole or name.lower() not in VAGUE):
                strong = True
                reasons.append(Reason("requests carry it in their Authorization header", carried.names[name]))
            elif is_token(name):
                reasons.append(Reason(f"its name is {name}", place))
                jwt = jwt or says_jwt(name)
            elif kept.whole and name in carried.state:
                strong = True
                reasons.append(Reason("requests carry its token in their Authorization header", carried.state[name]))
            elif kept.whole and name in returned:
                reasons.append(Reason(f"the server answers a field {name}", place))
        if read_back is not None and not kept.whole:
            strong = True
            reasons.append(Reason("it is read back as the token", read_back))
        if not reasons and not kept.whole and kept.key in carried.holders and self.is_filled(kept):
            strong = True
            reasons.append(Reason("requests carry its token in their Authorization header", carried.holders[kept.key]))
        if not reasons and is_token(kept.key) and not kept.whole:
            if all(is_other(name) for name in names) and names:
                return None
            reasons.append(Reason(f"it is kept as {kept.key}", place))
        if not reasons and not kept.whole:
            read = self.read_beside(kept)
            if read:
                strong = True
                fields[read] = None
                reasons.append(Reason(f"it holds {read}, which is read beside it", place))
        opened = carried.opened.get(kept.key) if kept.key and not kept.whole else None
        if not reasons and opened is not None and self.may_hold(kept, opened[0]):
            strong = True
            fields[opened[0]] = None
            reasons.append(Reason(f"{opened[0]} is taken out of it again", opened[1]))
        if not reasons and self.whole_answer(kept, returned):
            strong = True
            reasons.append(Reason("it is the whole answer of a login", place))
        if not reasons:
            return None
        if names and all(is_other(name) for name in names) and not strong:
            return None
        return Verdict(strong, tuple(dict.fromkeys(reasons))[:4], tuple(fields), jwt, answers)

    def read_beside(self, kept: Kept) -> str:
        """The token that the same function reads from what it keeps: ``if (user.token) localStorage.setItem("user", …)``."""
        paths = {path_of(inner) for node in kept.nodes for inner in kept_parts(node)} - {""}
        if not paths:
            return ""
        index = self.program.modules[kept.path]
        scopes = {kept.function}
        steps = [step for function, step in index.steps() if function in scopes]
        for step in steps:
            for node in (step.target, step.value):
                for inner in walk(node) if node is not None else ():
                    if isinstance(inner, Attribute) and is_token(inner.name) and path_of(inner.value) in paths:
                        return inner.name
        return ""

    def is_filled(self, kept: Kept) -> bool:
        """Whether what is kept comes from an answer, a caller, or a variable of the same name."""
        names = {name for node in kept.nodes for name in self.spoken(node)}
        return kept.key in names or any(self.from_answer(value) for value in kept.values)

    def may_hold(self, kept: Kept, name: str) -> bool:
        """Whether what is kept may have a property: it comes from outside, or is written out with the property in it."""
        for value in kept.values:
            if isinstance(value, ObjectValue | Instance):
                if self.evaluator.members((value,), name, 0):
                    return True
            elif self.from_answer(value) or isinstance(value, External):
                return True
        return not kept.values

    def from_answer(self, value: Value) -> bool:
        """Whether a value is part of what comes from outside."""
        while isinstance(value, Member):
            value = value.base
        return isinstance(value, Answer | Argument | Stored | Filled)

    def answers(self, values: Iterable[Value], depth: int = 0) -> Iterator[Answer]:
        """The requests whose answers values are part of."""
        if depth > 3:
            return  # objects may be parts of each other
        for value in self.leaves(values):
            here = value
            while isinstance(here, Member):
                here = here.base
            if isinstance(here, ObjectValue):
                for entry in here.node.entries:
                    yield from self.answers(self.evaluator.evaluate(entry.value, here.frame), depth + 1)
            if isinstance(here, Answer):
                yield here

    def whole_answer(self, kept: Kept, returned: frozenset[str]) -> bool:
        """Whether all that a login answers is kept as it is, the token in it."""
        if not returned:
            return False
        for value in kept.values:
            while isinstance(value, Member) and (value.name in WRAPPINGS or value.name.startswith("[")):
                value = value.base
            if isinstance(value, Answer):
                api = self.knowledge.meaning(dotted(value.callee) or "?", "request")
                url = self.evaluator.argument(api, "url", value.call) if api is not None else None
                text = self.url_text(url, value.frame) if url is not None else ""
                last = text.partition("?")[0].rstrip("/").rpartition("/")[2]
                if set(words(last)) & LOGIN_WORDS and not is_other(text):
                    return True
        return False

    def url_text(self, node: Expression, frame: Frame) -> str:
        """What is known of an address."""
        for value in self.evaluator.evaluate(node, frame):
            if isinstance(value, Literal) and isinstance(value.value, str):
                return value.value
            if isinstance(value, Mixed):
                return value.text.replace("\0", "")
        return ""


def kept_parts(node: Expression) -> Iterator[Expression]:
    """What is kept, without the functions that only change its form."""
    while isinstance(node, Call) and spoken_name(node.function) in THROUGH and node.positional:
        node = node.positional[0]
    yield node


def path_of(node: Expression) -> str:
    """``response.data`` as a text; "" for what is no plain path."""
    parts: list[str] = []
    while isinstance(node, Attribute):
        parts.append(node.name)
        node = node.value
    return ".".join([node.name, *reversed(parts)]) if isinstance(node, Name) else ""
