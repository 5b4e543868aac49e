"""Who calls a function, what a function reaches, and the frames in which it runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jwtlint.facts.program import Attribute, Call, Constant, Expression, Function, Name, Step
from jwtlint.linker.definitions import is_abstract
from jwtlint.linker.dispatch import SENDING
from jwtlint.linker.evaluate import Evaluator
from jwtlint.linker.frames import Frame
from jwtlint.linker.traversal import expressions_in, walk
from jwtlint.linker.values import (
    ClassValue,
    Closure,
    FunctionValue,
    Instance,
    Member,
    Method,
    Parameter,
    Result,
    Value,
    dotted,
    root,
)

MAX_CONTEXTS = 24
MAX_HEIGHT = 8
MAX_REACH = 120
# method names that say too little to guess their class from
COMMON_NAMES = frozenset(
    "get set add run call create update delete save load open close read write send post put patch check validate verify encode decode "
    "execute handle process init setup start stop login logout token user find list filter first all data value key items copy".split()
)


# methods that a serialization framework calls by itself
IMPLICIT_METHODS = frozenset({"validate", "create", "update", "save", "to_representation", "get_token", "validate_password", "clean"})


@dataclass(frozen=True, slots=True)
class Caller:
    """A call of a function: in ``function`` of ``path`` (at module or class level when it is None).

    ``node`` is the call; an attribute for a property that is read; a bare name where the function is only handed over.
    """

    path: str
    function: FunctionValue | None
    node: Expression
    step: Step | None

    @property
    def key(self) -> str:
        """``path::function``"""
        return f"{self.path}::{self.function.name if self.function is not None else ''}"


class CallGraph:
    """Edges between functions, computed by demand."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.program = evaluator.program
        self.known_callers: dict[FunctionValue, list[Caller]] = {}
        self.known_contexts: dict[FunctionValue, list[Frame]] = {}
        self.known_callees: dict[int, list[Frame]] = {}
        self.known_serializers: dict[str, list[ClassValue]] = {}

    # -- upward ----------------------------------------------------------------------------------------------------

    def callers(self, function: FunctionValue) -> list[Caller]:
        """Every call of a function, and every place that hands it over."""
        known = self.known_callers.get(function)
        if known is not None:
            return known
        self.known_callers[function] = []
        facts = self.program.function(function)
        short = function.name.rpartition(".")[2]
        names = {short}
        if short in ("__init__", "__call__", "__post_init__") and facts.owner:
            names = {facts.owner.rpartition(".")[2]}
        if not facts.owner:
            names |= self.program.other_names(names)
        is_property = bool(facts.owner) and self.evaluator.objects.is_property(facts)
        found: list[Caller] = []
        for path, number in self.mentioning(names):
            index = self.program.modules[path]
            if not self.program.may_call(path, function.path):
                continue
            holder = FunctionValue(path, index.module.functions[number].name) if number < len(index.module.functions) else None
            frame = self.evaluator.free_frame(holder) if holder is not None else self.evaluator.module_frame(path)
            for step in index.steps_of(number):
                for node in expressions_in(step):
                    if isinstance(node, Call):
                        target: Expression = node.function
                    elif is_property and isinstance(node, Attribute):
                        target = node
                    else:
                        continue
                    if isinstance(target, Name | Attribute) and self.may_be(target, names, path):
                        if self.leads_to(target, frame, function, is_property):
                            found.append(Caller(path, holder, node, step))
                    elif isinstance(node, Call) and isinstance(target, Name | Attribute) and target.name == "partial":
                        first = node.positional[0] if node.positional else None
                        if first is not None and self.leads_to(first, frame, function, False):
                            found.extend(self.users_of_partial(node, step))
        if facts.owner:
            found.extend(self.implicit_callers(function, short, is_property))
            found.extend(self.senders(function))
        self.known_callers[function] = found
        return found

    def senders(self, function: FunctionValue) -> list[Caller]:
        """The calls that send a message which a method handles."""
        if self.evaluator.dispatch.message(function) is None:
            return []
        found: list[Caller] = []
        for path, number in self.mentioning(set(SENDING)):
            index = self.program.modules[path]
            holder = FunctionValue(path, index.module.functions[number].name) if number < len(index.module.functions) else None
            frame = self.evaluator.free_frame(holder) if holder is not None else self.evaluator.module_frame(path)
            for call, step in index.calls_in(number):
                if any(method.function == function for method in self.evaluator.dispatch.methods(call, frame)):
                    found.append(Caller(path, holder, call, step))
        return found

    def users_of_partial(self, partial: Call, step: Step) -> list[Caller]:
        """The calls of the name that a ``functools.partial`` is bound to."""
        if not isinstance(step.target, Name | Attribute):
            return []
        found: list[Caller] = []
        for path, number in self.mentioning({step.target.name}):
            index = self.program.modules[path]
            holder = FunctionValue(path, index.module.functions[number].name) if number < len(index.module.functions) else None
            frame = self.evaluator.free_frame(holder) if holder is not None else self.evaluator.module_frame(path)
            for call, around in index.calls_in(number):
                for value in self.evaluator.evaluate(call.function, frame) if call is not partial else ():
                    if isinstance(value, Result) and value.call is partial:
                        found.append(Caller(path, holder, call, around))
        return found

    def dependents(self, function: FunctionValue) -> list[FunctionValue]:
        """The functions that a framework gives a function's value to, by a parameter's default or annotation."""
        short = function.name.rpartition(".")[2]
        names = {short}
        for path, number in self.mentioning({short}):
            index = self.program.modules[path]
            if number < len(index.module.functions):
                continue
            for step in index.module.steps:  # ``CurrentUser = Annotated[User, Depends(get_current_user)]``
                if isinstance(step.target, Name) and step.value is not None and not isinstance(step.value, Constant):
                    if any(isinstance(node, Name | Attribute) and node.name == short for node in walk(step.value)):
                        names.add(step.target.name)
        found: list[FunctionValue] = []
        for path, number in self.mentioning(names):
            index = self.program.modules[path]
            if number >= len(index.module.functions) or not self.program.may_call(path, function.path):
                continue
            facts = index.module.functions[number]
            for parameter in facts.parameters:
                for part in (parameter.default, parameter.annotation):
                    if part is not None and any(isinstance(node, Name | Attribute) and node.name in names for node in walk(part)):
                        value = FunctionValue(path, facts.name)
                        if value != function and value not in found:
                            found.append(value)
        return found

    def implicit_callers(self, function: FunctionValue, short: str, is_property: bool) -> list[Caller]:
        """The views that use a serializer whose method the framework calls, or that shows a property as a field."""
        owner = ClassValue(function.path, self.program.function(function).owner)
        serializers: list[ClassValue] = []
        if short in IMPLICIT_METHODS and self.is_serializer(owner):
            serializers = [owner, *self.evaluator.objects.derived(owner)]
        elif is_property:
            serializers = [one for one in self.serializers_of(function.path) if self.shows(one, short)]
        found: list[Caller] = []
        for serializer in serializers:
            found.extend(self.users_of(serializer))
        return found

    def is_serializer(self, value: ClassValue) -> bool:
        """Whether a class is a serializer, a schema or a form of a framework."""
        bases = self.evaluator.objects.external_bases(value)
        return any(base.rpartition(".")[2].endswith(("Serializer", "Schema", "Form", "ModelForm")) for base in bases)

    def serializers_of(self, path: str) -> list[ClassValue]:
        """The serializers of a file's application."""
        application = self.program.applications[path]
        if application not in self.known_serializers:
            self.known_serializers[application] = [
                ClassValue(other, name)
                for other, index in self.program.modules.items()
                if self.program.applications[other] == application
                for name in index.classes
                if self.is_serializer(ClassValue(other, name))
            ]
        return self.known_serializers[application]

    def shows(self, serializer: ClassValue, name: str) -> bool:
        """Whether a serializer has a field of that name, declared or listed."""
        objects = self.evaluator.objects
        for one in objects.lineage(serializer):
            if not isinstance(one, ClassValue):
                continue
            step = objects.field(self.program.class_(one), name)
            if step is not None and isinstance(step.value, Call):
                return not any(keyword.name == "write_only" for keyword in step.value.keywords)
            meta = ClassValue(one.path, f"{one.name}.Meta")
            if meta.name in self.program.modules[one.path].classes:
                listed = objects.field(self.program.class_(meta), "fields")
                if listed is not None and listed.value is not None:
                    return any(isinstance(node, Constant) and node.value == name for node in walk(listed.value))
        return False

    def users_of(self, serializer: ClassValue) -> list[Caller]:
        """The functions that use a class: by a call, or by an attribute of their own class."""
        found: list[Caller] = []
        short = serializer.name.rpartition(".")[2]
        for path, number in self.mentioning({short}):
            index = self.program.modules[path]
            if number < len(index.module.functions):
                holder = FunctionValue(path, index.module.functions[number].name)
                frame = self.evaluator.free_frame(holder)
                for call, step in index.calls_in(number):
                    if isinstance(call.function, Name | Attribute) and call.function.name == short:
                        if serializer in self.evaluator.evaluate(call.function, frame):
                            found.append(Caller(path, holder, call.function, step))
                continue
            for class_ in index.module.classes:
                view = ClassValue(path, class_.name)
                for step in class_.steps:
                    if step.kind == "assign" and isinstance(step.value, Name) and step.value.name == short:
                        if serializer in self.evaluator.evaluate(step.value, self.evaluator.class_frame(view)):
                            for method in index.methods.get(class_.name, {}).values():
                                if any(name in ("serializer_class", "get_serializer") for name in names_read(method)):
                                    found.append(Caller(path, FunctionValue(path, method.name), step.value, step))
        return found

    def mentioning(self, names: set[str]) -> list[tuple[str, int]]:
        """The functions that mention one of the names, or another name under which it is imported."""
        found: dict[tuple[str, int], None] = {}
        for name in names:
            for place in self.program.mentions.get(name, ()):
                found[place] = None
        for path, index in self.program.modules.items():
            for item in index.module.imports:
                if item.name in names and item.alias != item.name:
                    for number in index.module.mentions.get(item.alias, ()):
                        found[path, number] = None
        return list(found)

    def may_be(self, target: Name | Attribute, names: set[str], path: str) -> bool:
        """Whether a called name can be one of ``names``, itself or by an import's alias."""
        if target.name in names:
            return True
        if isinstance(target, Name):
            imports = self.program.modules[path].imports
            return any(item.name in names for key, items in imports.items() if key[1] == target.name for item in items)
        return False

    def leads_to(self, target: Expression, frame: Frame, function: FunctionValue, is_property: bool) -> bool:
        """Whether evaluating a callee gives the function."""
        if is_property and isinstance(target, Attribute):
            bases = self.evaluator.evaluate(target.value, frame)
            owner = self.program.function(function).owner
            for base in bases:
                if isinstance(base, Instance) and self.evaluator.objects.method(base.of, target.name) == function:
                    return True
            return self.only_guess(bases, target.name, ClassValue(function.path, owner))
        values = self.evaluator.evaluate(target, frame)
        for value in values:
            if self.same(value, function):
                return True
        if not isinstance(target, Attribute):
            return False
        owner = self.program.function(function).owner
        return bool(owner) and self.only_guess(values, target.name, ClassValue(function.path, owner))

    def same(self, value: Value, function: FunctionValue) -> bool:
        """Whether a callee is the function: itself, a class whose constructor it is, or an abstract method it overrides."""
        if isinstance(value, Closure):
            return value.function == function
        short = function.name.rpartition(".")[2]
        if isinstance(value, ClassValue):
            return short in ("__init__", "__post_init__") and self.evaluator.objects.method(value, short) == function
        if isinstance(value, Instance):
            return short == "__call__" and self.evaluator.objects.method(value.of, short) == function
        if isinstance(value, Method):
            value = value.function
        if value == function:
            return True
        if isinstance(value, FunctionValue) and value.name.rpartition(".")[2] == short:
            facts = self.program.function(value)
            if facts.owner and is_abstract(facts):
                return function in self.evaluator.calls.overrides(value)
        return False

    def only_guess(self, values: tuple[Value, ...], name: str, owner: ClassValue) -> bool:
        """Whether a method of a receiver that nothing is known of can only be this class's, by its uncommon name."""
        if name in COMMON_NAMES or name.startswith("__"):
            return False
        for value in values:
            start = root(value)
            if not isinstance(start, Parameter | Result | Member) or dotted(value).partition(".")[0] in self.evaluator.knowledge.libraries:
                return False
        application = self.program.applications[owner.path]
        methods = [one for one in self.program.methods_by_name.get(name, ()) if self.program.applications[one.path] == application]
        methods = [one for one in methods if not self.is_of_protocol(one)] or methods
        holders = {(method.path, method.name.rpartition(".")[0]) for method in methods}
        return len(holders) == 1 or (len(holders) <= 3 and all(self.related(owner, ClassValue(*holder)) for holder in holders))

    def is_of_protocol(self, method: FunctionValue) -> bool:
        """Whether a method only says what other classes must have."""
        return self.evaluator.objects.is_protocol(ClassValue(method.path, self.program.function(method).owner))

    def related(self, one: ClassValue, other: ClassValue) -> bool:
        """Whether one class inherits from the other, or both from a third."""
        lineages = [set(self.evaluator.objects.lineage(value)) for value in (one, other)]
        return any(isinstance(value, ClassValue) for value in lineages[0] & lineages[1])

    def contexts(self, function: FunctionValue, height: int = 0) -> list[Frame]:
        """The frames in which a function runs, each with its chain of callers up to a function that nobody calls."""
        known = self.known_contexts.get(function)
        if known is not None:
            return known
        free = self.evaluator.free_frame(function)
        self.known_contexts[function] = [free]
        found: list[Frame] = []
        if height < MAX_HEIGHT:
            for caller in self.callers(function):
                if caller.function == function:
                    continue
                if caller.function is None:
                    outer_frames = [self.evaluator.module_frame(caller.path)]
                else:
                    outer_frames = self.contexts(caller.function, height + 1)
                for outer in outer_frames:
                    if len(found) >= MAX_CONTEXTS:
                        break
                    frame = self.enter(caller, function, outer)
                    if frame is not None:
                        found.append(frame)
        self.known_contexts[function] = found or [free]
        return self.known_contexts[function]

    def enter(self, caller: Caller, function: FunctionValue, outer: Frame) -> Frame | None:
        """The frame of a function called from ``outer``."""
        node = caller.node
        calls = self.evaluator.calls
        if isinstance(node, Call):
            receiver: Value | None = None
            for value in self.evaluator.evaluate(node.function, outer):
                if isinstance(value, Result) and dotted(value.callee) == "functools.partial":
                    inner = calls.partial_frame(value, node, outer)
                    if inner is not None:
                        return inner
                if isinstance(value, Method) and self.same(value, function):
                    receiver = value.receiver
                if isinstance(value, Closure) and value.function == function:
                    return self.evaluator.parameters.bound_frame(function, node, outer, outer=value.frame)
            facts = self.program.function(function)
            own = ClassValue(function.path, facts.owner)
            if facts.owner and isinstance(receiver, Instance) and own not in self.evaluator.objects.lineage(receiver.of):
                receiver = None  # an abstract class stood at the call; this is one that implements it
            if receiver is None and facts.owner:
                receiver = (
                    Instance(own, call=node, frame=outer) if facts.name.endswith("__init__") else Instance(own, row=False, identity="guess")
                )
            return self.evaluator.parameters.bound_frame(function, node, outer, receiver)
        facts = self.program.function(function)
        receiver = Instance(ClassValue(function.path, facts.owner), identity="property") if facts.owner else None
        if isinstance(node, Attribute):
            for value in self.evaluator.evaluate(node.value, outer):
                if isinstance(value, Instance):
                    receiver = value
        if outer.depth >= 12:
            return None
        return Frame(function.path, function, receiver=receiver, caller=outer, call=Call(node.at, node, (), ()), depth=outer.depth + 1)

    # -- downward --------------------------------------------------------------------------------------------------

    def callees(self, frame: Frame) -> list[Frame]:
        """The frames of the program's functions that a frame's function calls."""
        known = self.known_callees.get(id(frame))
        if known is not None:
            return known
        found: list[Frame] = []
        self.known_callees[id(frame)] = found
        if frame.function is None:
            return found
        index = self.program.modules[frame.path]
        facts = self.program.function(frame.function)
        number = index.module.functions.index(facts) if facts in index.module.functions else -1
        for call, _ in index.calls_in(number):
            for callee in self.evaluator.calls.callees(call, frame):
                if isinstance(callee, Member) and callee.name == "get_serializer":
                    place = self.evaluator.place(frame, call.at)
                    for serializer in self.evaluator.objects.attribute(callee.base, "serializer_class", place, frame):
                        found.extend(self.entered(serializer, call, frame))
                found.extend(self.entered(callee, call, frame))
        for node in index.property_reads(number, self.program.properties):
            for base in self.evaluator.evaluate(node.value, frame):
                if isinstance(base, Instance):
                    method = self.evaluator.objects.method(base.of, node.name)
                    if method is not None and self.evaluator.objects.is_property(self.program.function(method)):
                        found.append(self.evaluator.parameters.method_frame(method, base))
        return found

    def entered(self, callee: Value, call: Call, frame: Frame) -> Iterator[Frame]:
        """The frames that a call enters."""
        new: Frame | None = None
        if isinstance(callee, FunctionValue):
            new = self.evaluator.parameters.bound_frame(callee, call, frame)
        elif isinstance(callee, Closure):
            new = self.evaluator.parameters.bound_frame(callee.function, call, frame, outer=callee.frame)
        elif isinstance(callee, Method):
            facts = self.program.function(callee.function)
            if is_abstract(facts) and facts.owner:
                for override in self.evaluator.calls.overrides(callee.function):
                    owner = ClassValue(override.path, self.program.function(override).owner)
                    inner = self.evaluator.parameters.bound_frame(override, call, frame, Instance(owner))
                    if inner is not None:
                        yield inner
            new = self.evaluator.parameters.bound_frame(callee.function, call, frame, callee.receiver)
        elif isinstance(callee, ClassValue):
            constructor = self.evaluator.objects.method(callee, "__init__")
            if constructor is not None:
                new = self.evaluator.parameters.bound_frame(constructor, call, frame, Instance(callee, call=call, frame=frame))
            if self.is_serializer(callee):
                writes = any(keyword.name == "data" for keyword in call.keywords)
                for name in ("validate", "update", "create", "save") if writes else ("to_representation",):
                    implicit = self.evaluator.objects.method(callee, name)
                    if implicit is not None:
                        yield Frame(implicit.path, implicit, receiver=Instance(callee), caller=frame, call=call, depth=frame.depth + 1)
        elif isinstance(callee, Member) and callee.name not in COMMON_NAMES and not dotted(callee):
            for method in self.program.methods_by_name.get(callee.name, ())[:2]:
                owner = ClassValue(method.path, self.program.function(method).owner)
                if self.program.applications[method.path] == self.program.applications[frame.path] and self.only_guess(
                    (callee,), callee.name, owner
                ):
                    new = self.evaluator.parameters.bound_frame(method, call, frame, Instance(owner, row=True))
        if new is not None:
            yield new

    def reach(self, frame: Frame, depth: int = 6) -> list[Frame]:
        """A frame and all that it calls, directly or not."""
        found = [frame]
        seen = {frame.function}
        level = [frame]
        for _ in range(depth):
            following: list[Frame] = []
            for one in level:
                for callee in self.callees(one):
                    if callee.function not in seen and len(found) < MAX_REACH:
                        seen.add(callee.function)
                        found.append(callee)
                        following.append(callee)
            level = following
        return found


def names_read(function: Function) -> set[str]:
    """The attributes that a function's steps mention."""
    return {node.name for step in function.steps for node in expressions_in(step) if isinstance(node, Attribute)}
