"""What definitions say of themselves: decorators, kinds of methods; and where a modelled call's arguments stand."""

from __future__ import annotations

from jwtlint.facts.program import Attribute, Call, Constant, Expression, Function, Name, Starred
from jwtlint.linker.library import Api


def argument_of(api: Api, name: str, call: Call) -> Expression | None:
    """The expression that a modelled call gives for an argument, or None."""
    argument = api.args.get(name)
    if argument is None:
        return None
    for keyword in call.keywords:
        if keyword.name is not None and keyword.name in argument.keywords:
            return keyword.value
    if argument.pos is not None and argument.pos < len(call.positional):
        found = call.positional[argument.pos]
        if not any(isinstance(one, Starred) for one in call.positional[: argument.pos + 1]):
            return found
    return None


def decorator_names(facts: Function) -> set[str]:
    """The last names of a function's decorators."""
    found = set()
    for decorator in facts.decorators:
        node = decorator.function if isinstance(decorator, Call) else decorator
        if isinstance(node, Name | Attribute):
            found.add(node.name)
    return found


def is_static(facts: Function) -> bool:
    """Whether a method has no receiver."""
    return "staticmethod" in decorator_names(facts)


def is_class_method(facts: Function) -> bool:
    """Whether a method's receiver is the class."""
    names = decorator_names(facts)
    return "classmethod" in names or "validator" in names or "field_validator" in names


def is_abstract(facts: Function) -> bool:
    """Whether a method has no body of its own."""
    if "abstractmethod" in decorator_names(facts):
        return True
    return all(
        step.kind == "raise" or (step.kind == "return" and (step.value is None or isinstance(step.value, Constant))) for step in facts.steps
    )
