"""Which of a function's parameters reach a place in its body: by names, through local assignments, without running anything."""

from __future__ import annotations

from collections.abc import Iterator

from jwtlint.facts.program import Attribute, Call, Conditional, Constant, Expression, Function, Mapping, Name, Operation, Subscript
from jwtlint.linker.definitions import is_static
from jwtlint.linker.traversal import expressions_in, walk

UNITS = {"weeks": 604_800, "days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}


class Flow:
    """The ways of values in one function. The receiver of a method is no parameter."""

    def __init__(self, function: Function) -> None:
        self.function = function
        given = function.parameters[1:] if function.owner and not is_static(function) else function.parameters
        self.parameters = [parameter for parameter in given if parameter.kind in ("positional", "keyword")]
        self.names = {parameter.name for parameter in self.parameters}

    def calls(self) -> Iterator[Call]:
        """Every call in the body, in the order of the steps."""
        for step in self.function.steps:
            for node in expressions_in(step):
                if isinstance(node, Call):
                    yield node

    def sources(self, name: str) -> Iterator[Expression]:
        """What a local name is bound to."""
        for step in self.function.steps:
            if step.value is not None and isinstance(step.target, Name) and step.target.name == name:
                yield step.value

    def reaching(self, *expressions: Expression | None) -> set[str]:
        """The parameters that expressions are made of."""
        waiting = [one for one in expressions if one is not None]
        seen: set[str] = set()
        while waiting:
            for node in walk(waiting.pop()):
                if isinstance(node, Name) and node.name not in seen:
                    seen.add(node.name)
                    waiting.extend(self.sources(node.name))
        return seen & self.names

    def payload(self, expression: Expression) -> tuple[set[str], dict[str, list[Expression]]]:
        """What a mapping is made of: the parameters that it is a copy of or holds whole, and its own entries by constant key."""
        whole: set[str] = set()
        entries: dict[str, list[Expression]] = {}
        waiting = [expression]
        seen: set[str] = set()
        while waiting:
            node = waiting.pop()
            if isinstance(node, Name):
                if node.name in seen:
                    continue
                seen.add(node.name)
                if node.name in self.names:
                    whole.add(node.name)
                waiting.extend(self.sources(node.name))
                for key, value in self.changes(node.name):
                    if key is None:
                        waiting.append(value)
                    else:
                        entries.setdefault(key, []).append(value)
            elif isinstance(node, Mapping):
                for entry in node.entries:
                    if entry.key is None:
                        waiting.append(entry.value)
                    elif isinstance(entry.key, Constant):
                        entries.setdefault(str(entry.key.value), []).append(entry.value)
            elif isinstance(node, Call):
                waiting.extend(node.positional)
                if isinstance(node.function, Attribute):
                    waiting.append(node.function.value)
                for keyword in node.keywords:
                    if keyword.name is None:
                        waiting.append(keyword.value)
                    elif isinstance(node.function, Name) and node.function.name == "dict":
                        entries.setdefault(keyword.name, []).append(keyword.value)
            elif isinstance(node, Operation) and node.operator in ("|", "or"):
                waiting.extend(node.operands)
            elif isinstance(node, Conditional):
                waiting += [node.then, node.otherwise]
        return whole, entries

    def changes(self, name: str) -> Iterator[tuple[str | None, Expression]]:
        """What is put into a local mapping after it was made; the key is None for all entries of another mapping."""
        for step in self.function.steps:
            target, value = step.target, step.value
            if isinstance(target, Subscript) and isinstance(target.value, Name) and target.value.name == name and value is not None:
                if isinstance(target.index, Constant):
                    yield str(target.index.value), value
            elif step.kind == "evaluate" and isinstance(value, Call) and isinstance(value.function, Attribute):
                called = value.function
                if isinstance(called.value, Name) and called.value.name == name and called.name == "update":
                    for argument in value.positional:
                        yield None, argument
                    for keyword in value.keywords:
                        yield keyword.name, keyword.value

    def unit(self, name: str, *expressions: Expression) -> int:
        """How many seconds a bare number counts for in a parameter that expressions make a length of time of."""
        waiting = list(expressions)
        seen: set[str] = set()
        while waiting:
            for node in walk(waiting.pop()):
                if isinstance(node, Call):
                    for keyword in node.keywords:
                        if keyword.name in UNITS and name in self.reaching(keyword.value):
                            return UNITS[keyword.name]
                elif isinstance(node, Operation) and node.operator == "*":
                    numbers = [one.value for one in node.operands if isinstance(one, Constant) and isinstance(one.value, int)]
                    if numbers and name in self.reaching(node):
                        return numbers[0]
                elif isinstance(node, Name) and node.name not in seen:
                    seen.add(node.name)
                    waiting.extend(self.sources(node.name))
        return 1

    def is_taken_apart(self, name: str) -> bool:
        """Whether the function reads attributes or items of a parameter."""
        return any(
            isinstance(node, Attribute | Subscript) and isinstance(node.value, Name) and node.value.name == name
            for step in self.function.steps
            for node in expressions_in(step)
        )

    def gives(self, call: Call) -> bool:
        """Whether the function gives what a call gives, as it is."""
        held = {step.target.name for step in self.function.steps if step.value is call and isinstance(step.target, Name)}
        for step in self.function.steps:
            if step.kind == "return" and step.value is not None:
                value = step.value
                while value is not call and isinstance(value, Call) and isinstance(value.function, Attribute):
                    if value.function.name not in ("decode", "strip"):
                        break
                    value = value.function.value  # text of bytes
                if value is call or (isinstance(value, Name) and value.name in held):
                    return True
        return False
