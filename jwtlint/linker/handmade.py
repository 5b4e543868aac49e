"""JWTs signed by hand: base64url segments joined by dots, and a message authentication code over them (RFC 7515 §3.1, §5).

Not every such code is a JWT's. A code signs one where the text that it is given is a header (an object with ``alg``) and a
second segment; it checks one where that text is the first two segments of a token whose second segment is then read as JSON.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jwtlint.facts.program import Attribute, Call, Comparison, Constant, Expression, Name, Span
from jwtlint.linker.assembled import Assembled, Maker
from jwtlint.linker.callgraph import CallGraph
from jwtlint.linker.definitions import argument_of
from jwtlint.linker.evaluate import Evaluator
from jwtlint.linker.flow import Flow
from jwtlint.linker.frames import Frame
from jwtlint.linker.knowledge import Meaning
from jwtlint.linker.library import Api, Argument
from jwtlint.linker.segments import Checked, algorithm_of, checked, pieces, unwrapped
from jwtlint.linker.sites import Site
from jwtlint.linker.traversal import expressions_in
from jwtlint.linker.values import Claims, Closure, FunctionValue, Method, Parameter, Result, Token, Values, dotted
from jwtlint.linker.vocabulary import words

MINTED = Meaning("hmac", Api((), "mint", {"claims": Argument()}, returns="token", expiry_claim=False))
VERIFIED = Meaning("hmac", Api((), "verify", returns="claims", algorithms="fixed"))
PARSERS = frozenset({"loads", "model_validate_json", "parse_raw", "load_json", "json_loads"})
JWT_WORDS = frozenset({"jwt", "jws", "header"})
JWT_TEXTS = frozenset({"alg", "typ", "JWT", "HS256", "HS384", "HS512"})
MAX_HEIGHT = 4
MAX_WAYS = 16


@dataclass(frozen=True, slots=True, eq=False)
class Code:
    """A message authentication code: the call that makes it, and the expressions of its message, in its function."""

    path: str
    function: FunctionValue | None
    call: Call
    key: Expression | None
    messages: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """The calls that lead from one function (the module, when it is None) down to a code."""

    path: str
    function: FunctionValue | None
    calls: tuple[tuple[Call, FunctionValue], ...]
    code: Code

    @property
    def first(self) -> Call:
        """The call that makes the code, as the function on top sees it."""
        return self.calls[0][0] if self.calls else self.code.call

    def frames(self, evaluator: Evaluator, frame: Frame) -> list[Frame]:
        """The frames from the top down, none where a call cannot be entered."""
        found = [frame]
        for call, function in self.calls:
            inner = entered(evaluator, call, function, found[-1])
            if inner is None:
                return []
            found.append(inner)
        return found

    def pieces(self, evaluator: Evaluator, frame: Frame) -> list[Values]:
        """What the message is made of, as seen from a frame of the function on top."""
        frames = self.frames(evaluator, frame)
        if not frames:
            return []
        return [piece for message in self.code.messages for piece in pieces(evaluator, evaluator.evaluate(message, frames[-1]))]

    def key(self, evaluator: Evaluator, frame: Frame) -> Values:
        """The key of the code."""
        frames = self.frames(evaluator, frame)
        return evaluator.evaluate(self.code.key, frames[-1]) if frames else ()

    def algorithm(self, evaluator: Evaluator, frame: Frame) -> Values:
        """The ``alg`` of the header that is signed; none where the message is no JWT's."""
        found = self.pieces(evaluator, frame)
        return algorithm_of(found[0]) if len(found) == 2 else ()

    def claims(self, evaluator: Evaluator, frame: Frame) -> Values:
        """The claims that are signed."""
        found = self.pieces(evaluator, frame)
        return unwrapped(evaluator, found[1]) if len(found) == 2 else ()

    def token(self, evaluator: Evaluator, frame: Frame) -> Values:
        """The token whose segments are checked."""
        found = checked(self.pieces(evaluator, frame))
        return (found.token,) if found is not None else ()


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """A way on which a token is checked: where the codes are compared, and the calls that read the second segment."""

    way: Way
    comparing: Way  # from the function that compares downward
    comparison: Call
    readers: tuple[Call, ...]


class Handmade:
    """Finds the JWTs that are signed and checked by hand, and leaves them in ``assembled``."""

    def __init__(self, graph: CallGraph, assembled: Assembled) -> None:
        self.graph = graph
        self.evaluator = graph.evaluator
        self.program = graph.program
        self.knowledge = graph.evaluator.knowledge
        self.flow = Flow(graph.evaluator)
        self.assembled = assembled
        self.checks: list[Check] = []
        self.minting: set[str] = set()  # applications

    def find(self) -> None:
        """Look at every message authentication code of the program."""
        for code in self.codes():
            self.follow(code)
        for check in self.checks:
            if self.speaks_of_jwt(check.way):
                self.verified(check)

    # -- the codes -------------------------------------------------------------------------------------------------

    def codes(self) -> Iterator[Code]:
        """The calls that make a message authentication code."""
        names = self.knowledge.names_of("mac")
        roots = {name.partition(".")[0] for name, meanings in self.knowledge.exact.items() for one in meanings if one.api.fact == "mac"}
        for path, index in self.program.modules.items():
            if not any(item.module.partition(".")[0] in roots and not item.level for item in index.module.imports):
                continue
            for number in sorted({number for name in names for number in index.module.mentions.get(name, ())}):
                inside = number < len(index.module.functions)
                function = FunctionValue(path, index.module.functions[number].name) if inside else None
                calls = [call for call, _ in index.calls_in(number)]
                for call in calls:
                    if isinstance(call.function, Name | Attribute) and call.function.name in names:
                        yield from self.code(path, function, call, calls)

    def code(self, path: str, function: FunctionValue | None, call: Call, calls: list[Call]) -> Iterator[Code]:
        """The code that one call makes, if it makes one; with what later calls add to its message."""
        frame = self.frame(path, function)
        for callee in self.evaluator.evaluate(call.function, frame):
            meaning = self.knowledge.meaning(dotted(callee), "mac")
            if meaning is None:
                continue
            given = argument_of(meaning.api, "message", call)
            messages = [given] if given is not None else []
            for other in calls:
                message = self.added(other, call, frame)
                if message is not None:
                    messages.append(message)
            yield Code(path, function, call, argument_of(meaning.api, "key", call), tuple(messages))
            return

    def added(self, call: Call, maker: Call, frame: Frame) -> Expression | None:
        """What a call adds to the message of the code that ``maker`` makes."""
        target = call.function
        if not isinstance(target, Attribute) or target.name not in self.knowledge.names_of("mac-update"):
            return None
        for value in self.evaluator.evaluate(target.value, frame):
            if isinstance(value, Result) and value.call is maker:
                meaning = self.knowledge.meaning(f"{dotted(value)}.{target.name}", "mac-update")
                return argument_of(meaning.api, "message", call) if meaning is not None else None
        return None

    # -- the ways to them ------------------------------------------------------------------------------------------

    def follow(self, code: Code) -> None:
        """Go up from a code to the functions in which it turns out what it signs."""
        level = [Way(code.path, code.function, (), code)]
        for _ in range(MAX_HEIGHT):
            following: list[Way] = []
            for way in level:
                if way.function is None or self.settled(way):
                    continue
                for caller in self.graph.callers(way.function):
                    if isinstance(caller.node, Call) and len(following) < MAX_WAYS:
                        following.append(Way(caller.path, caller.function, ((caller.node, way.function), *way.calls), code))
            level = following
        for way in level:
            if way.function is None:
                self.settled(way)

    def settled(self, way: Way) -> bool:
        """Whether it is known what the code is for in this function, so that its callers need not be asked."""
        frame = self.frame(way.path, way.function)
        frames = way.frames(self.evaluator, frame)
        found = way.pieces(self.evaluator, frame)
        if not found:
            return True
        if way.algorithm(self.evaluator, frame):
            self.minted(way)
            return True
        segments = checked(found)
        if segments is not None and self.checked(way, frames, segments):
            return True
        return not any(isinstance(value, Parameter) for piece in found for value in self.flow.parts(piece))

    def checked(self, way: Way, frames: list[Frame], segments: Checked) -> bool:
        """Whether a way checks a token: compares the code, and reads the second segment."""
        readers = [call for frame in frames for call in self.readers(frame, segments)]
        for number, frame in enumerate(frames):
            comparison = self.comparison(frame, way.code.call)
            if comparison is not None and readers:
                comparing = Way(frame.path, frame.function, way.calls[number:], way.code)
                self.checks.append(Check(way, comparing, comparison, tuple(readers)))
                return True
        return False

    def comparison(self, frame: Frame, code: Call) -> Call | None:
        """Where a function compares a code with another; for an operator, a call in its place."""
        for node in self.expressions(frame):
            operands: tuple[Expression, ...] = ()
            if isinstance(node, Comparison) and node.operators[0] in ("==", "!="):
                operands = node.operands
            elif isinstance(node, Call) and self.compares(node, frame):
                receiver = (node.function.value,) if isinstance(node.function, Attribute) else ()
                operands = (*node.positional, *(keyword.value for keyword in node.keywords), *receiver)
            for operand in operands:
                values = self.evaluator.evaluate(operand, frame)
                if any(isinstance(value, Result) and value.call is code for value in self.flow.parts(values)):
                    return node if isinstance(node, Call) else Call(node.at, Name(node.at, ""), operands, ())
        return None

    def compares(self, call: Call, frame: Frame) -> bool:
        """Whether a call compares two values in constant time."""
        if not isinstance(call.function, Name | Attribute):
            return False
        if call.function.name not in self.knowledge.names_of("compare"):
            return False
        return any(self.knowledge.meaning(dotted(callee), "compare") for callee in self.evaluator.evaluate(call.function, frame))

    def readers(self, frame: Frame, segments: Checked) -> Iterator[Call]:
        """The calls of a function that read the second segment as JSON."""
        for node in self.expressions(frame):
            if not isinstance(node, Call) or not self.parses(node, frame, 0):
                continue
            for argument in (*node.positional, *(keyword.value for keyword in node.keywords)):
                if any(segments.is_payload(value) for value in self.flow.parts(self.evaluator.evaluate(argument, frame))):
                    yield node
                    break

    def parses(self, call: Call, frame: Frame, depth: int) -> bool:
        """Whether a call reads JSON: by its name, or because a function of the program does that."""
        if isinstance(call.function, Name | Attribute) and call.function.name in PARSERS:
            return True
        if depth > 1:
            return False
        for callee in self.evaluator.evaluate(call.function, frame):
            function = callee.function if isinstance(callee, Method | Closure) else callee
            if isinstance(function, FunctionValue):
                inner = self.evaluator.free_frame(function)
                return any(isinstance(node, Call) and self.parses(node, inner, depth + 1) for node in self.expressions(inner))
        return False

    def speaks_of_jwt(self, way: Way) -> bool:
        """Whether what is checked is a JWT: the application signs such, or the code says so."""
        if self.program.applications[way.path] in self.minting:
            return True
        for function in [way.function, *(function for _, function in way.calls)]:
            if function is None:
                continue
            facts = self.program.function(function)
            names = [facts.name, *(parameter.name for parameter in facts.parameters)]
            for step in facts.steps:
                for node in expressions_in(step):
                    if isinstance(node, Name):
                        names.append(node.name)
                    elif isinstance(node, Constant) and node.value in JWT_TEXTS:
                        return True
            if any(JWT_WORDS & set(words(name)) for name in names):
                return True
        return False

    # -- what is left for the story --------------------------------------------------------------------------------

    def minted(self, way: Way) -> None:
        """A token is signed: the code becomes its signature."""
        call = way.first
        if id(call) in self.assembled.values:
            return
        mint = self.program.place(way.path, call.at)
        signature: Values = (Token(mint, "signature"),)
        self.assembled.values[id(call)] = lambda evaluator, frame: signature
        makers: dict[str, Maker] = {"claims": way.claims, "key": way.key, "algorithm": way.algorithm}
        arguments = {name: self.argument(call.at, make) for name, make in makers.items()}
        self.assembled.sites.append(Site(MINTED, way.path, way.function, call, None, "hmac", None, arguments))
        self.minting.add(self.program.applications[way.path])

    def verified(self, check: Check) -> None:
        """A token is checked: what reads its second segment gives the claims."""
        way, call = check.comparing, check.comparison
        claims: Values = (Claims(self.program.place(way.path, call.at)),)
        for reader in check.readers:
            self.assembled.values[id(reader)] = lambda evaluator, frame: claims
        if any(site.call is call or site.call.at == call.at and site.path == way.path for site in self.assembled.sites):
            return
        makers: dict[str, Maker] = {"token": way.token, "key": way.key}
        arguments = {name: self.argument(call.at, make) for name, make in makers.items()}
        self.assembled.sites.append(Site(VERIFIED, way.path, way.function, call, None, "hmac", None, arguments))

    def argument(self, at: Span, make: Maker) -> Expression:
        """An expression that stands for what the steps together give."""
        node = Call(at, Name(at, ""), (), ())
        self.assembled.values[id(node)] = make
        return node

    def frame(self, path: str, function: FunctionValue | None) -> Frame:
        """The free frame of a function, or the module's."""
        return self.evaluator.free_frame(function) if function is not None else self.evaluator.module_frame(path)

    def expressions(self, frame: Frame) -> Iterator[Expression]:
        """Every expression of a frame's function (of the module's own statements, when it is none)."""
        steps = self.program.function(frame.function).steps if frame.function is not None else self.program.modules[frame.path].module.steps
        for step in steps:
            yield from expressions_in(step)


def entered(evaluator: Evaluator, call: Call, function: FunctionValue, frame: Frame) -> Frame | None:
    """The frame of a function of the program that a call in ``frame`` enters."""
    for value in evaluator.evaluate(call.function, frame):
        if value == function:
            return evaluator.parameters.bound_frame(function, call, frame)
        if isinstance(value, Method) and value.function == function:
            return evaluator.parameters.bound_frame(function, call, frame, value.receiver)
        if isinstance(value, Closure) and value.function == function:
            return evaluator.parameters.bound_frame(function, call, frame, outer=value.frame)
    return None
