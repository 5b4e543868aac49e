"""Where a claim of a verified token decides something."""

from __future__ import annotations

from dataclasses import dataclass

from jwtlint.facts.lifecycle import ClaimCategory, Place
from jwtlint.facts.program import Call, Comparison, Expression, Operation
from jwtlint.linker.flow import Flow
from jwtlint.linker.frames import Frame
from jwtlint.linker.sites import Sites
from jwtlint.linker.traversal import walk
from jwtlint.linker.values import FunctionValue, Instance, Member, Values
from jwtlint.linker.vocabulary import claim_category, words

# functions whose returned value is a decision
GATES = frozenset(
    (
        "permission permissions allowed can is has authorize authorized authorise check test may require requires guard scope "
        "scopes predicate"
    ).split()
)
DECIDING_CALLS = frozenset({"any", "all", "issubset", "issuperset", "intersection", "isdisjoint", "set"})


@dataclass(frozen=True, slots=True)
class Decision:
    """A claim that a decision rests on: read at ``place`` out of the token verified at ``verification``."""

    claim: str
    category: ClaimCategory
    place: Place
    verification: Place
    function: FunctionValue | None
    fresh: bool
    decided: Place


class Trusts:
    """Finds decisions that rest on claims."""

    def __init__(self, sites: Sites, extra_roles: frozenset[str]) -> None:
        self.sites = sites
        self.evaluator = sites.evaluator
        self.program = sites.program
        self.flow = Flow(self.evaluator)
        self.extra_roles = extra_roles

    def decisions(self, applications: set[str]) -> list[Decision]:
        """The decisions in some applications."""
        found: dict[tuple[str, Place], Decision] = {}
        with self.evaluator.simple_questions():
            self.tested(applications, found)
        self.granted(applications, found)
        return list(found.values())

    def tested(self, applications: set[str], found: dict[tuple[str, Place], Decision]) -> None:
        """Claims that a condition asks."""
        for path, index in self.program.modules.items():
            if self.program.applications[path] not in applications:
                continue
            for function in index.module.functions:
                value = FunctionValue(path, function.name)
                frame = self.evaluator.free_frame(value)
                for step in function.steps:
                    if step.value is None:
                        continue
                    if step.kind == "test" or (step.kind == "return" and set(words(function.name.rpartition(".")[2])) & GATES):
                        self.test(step.value, frame, value, found)
                    elif step.kind in ("return", "assign", "evaluate"):
                        for node in walk(step.value):
                            if isinstance(node, Comparison):
                                self.test(node, frame, value, found)
                            elif isinstance(node, Call) and getattr(node.function, "name", "") in DECIDING_CALLS:
                                self.test(node, frame, value, found)

    def granted(self, applications: set[str], found: dict[tuple[str, Place], Decision]) -> None:
        """Claims that become the rights of the request, on which a framework decides."""
        for site in self.sites.find("grant"):
            rights = site.argument("rights")
            if rights is None or self.program.applications[site.path] not in applications:
                continue
            values = self.evaluator.evaluate(rights, self.sites.frame(site.path, site.function))
            for verification, name, place in self.flow.claims(values):
                category = claim_category(name, self.extra_roles)
                if category == "authorization" and place is not None:
                    decided = self.sites.place(site)
                    found.setdefault((name, place), Decision(name, category, place, verification, site.function, False, decided))

    def test(
        self, node: Expression, frame: Frame, function: FunctionValue, found: dict[tuple[str, Place], Decision], asked: bool = False
    ) -> None:
        """One condition; comparisons inside it are looked at by themselves."""
        if isinstance(node, Operation) and node.operator in ("and", "or", "not"):
            asked = any(self.reads_rows(self.evaluator.evaluate(operand, frame)) for operand in node.operands)
            for operand in node.operands:
                self.test(operand, frame, function, found, asked)
            return
        if isinstance(node, Comparison):
            sides = [self.evaluator.evaluate(operand, frame) for operand in node.operands]
            if any(self.is_none(operand) for operand in node.operands):
                return  # a test for presence decides nothing
        else:
            sides = [self.evaluator.evaluate(node, frame)]
        for position, side in enumerate(sides):
            others = tuple(value for number, values in enumerate(sides) if number != position for value in values)
            for verification, name, place in self.flow.claims(side):
                if not name or place is None:
                    continue
                category = claim_category(name, self.extra_roles)
                if category != "authorization":
                    continue
                fresh = asked or self.reads_rows(others)
                decision = Decision(name, category, place, verification, function, fresh, self.evaluator.place(frame, node.at))
                known = found.get((name, place))
                if known is None or (known.fresh and not fresh):
                    found[name, place] = decision

    def is_none(self, node: Expression) -> bool:
        """Whether an operand is the constant None."""
        from jwtlint.facts.program import Constant

        return isinstance(node, Constant) and node.value is None

    def reads_rows(self, values: Values) -> bool:
        """Whether the other side holds the same sort of thing read from the server's data."""
        for value in self.flow.parts(values):
            if isinstance(value, Member) and isinstance(value.base, Instance) and value.base.row:
                if set(words(value.name)) & {"role", "roles", "permission", "permissions", "scopes", "scope", "is", "group", "groups"}:
                    return True
        return False
