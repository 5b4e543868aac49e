"""Parameters: which argument each gets, what a framework injects, and the frames of functions that are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jwtlint.facts.program import Attribute, Call, Constant, Expression, Function, Name, Sequence, Starred, Subscript
from jwtlint.facts.program import Parameter as ParameterFacts
from jwtlint.linker.definitions import argument_of, is_class_method, is_static
from jwtlint.linker.frames import Argument, Frame
from jwtlint.linker.values import (
    UNKNOWN,
    ClassValue,
    Closure,
    Dictionary,
    FunctionValue,
    Instance,
    Item,
    Listing,
    Literal,
    Method,
    ModuleValue,
    Parameter,
    Value,
    Values,
    dotted,
    is_vague,
)

if TYPE_CHECKING:
    from jwtlint.linker.evaluate import Evaluator

MAX_DEPTH = 14


class Parameters:
    """What parameters are worth."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.program = evaluator.program
        self.method_frames: dict[tuple[FunctionValue, Instance], Frame] = {}

    def bound_frame(
        self, function: FunctionValue, call: Call, frame: Frame, receiver: Value | None = None, outer: Frame | None = None
    ) -> Frame | None:
        """The frame of ``function`` called by ``call`` in ``frame``; None where calls are too deep or recursive."""
        if frame.depth >= MAX_DEPTH or any(one.function == function and one.call is call for one in frame.chain()):
            return None
        if sum(one.function == function for one in frame.chain()) > 1:
            return None
        facts = self.program.function(function)
        new = Frame(
            function.path,
            function,
            receiver=receiver,
            caller=frame,
            call=call,
            outer=outer or self.outer_frame(function),
            depth=frame.depth + 1,
        )
        new.arguments = self.arguments(facts, call, frame, receiver is not None and not is_static(facts))
        return new

    def outer_frame(self, function: FunctionValue) -> Frame | None:
        """The frame around a nested function."""
        return self.evaluator.free_frame(function).outer

    def arguments(self, facts: Function, call: Call, frame: Frame, skip_first: bool) -> dict[str, Argument]:
        """Which parameter gets which argument."""
        bound: dict[str, Argument] = {}
        parameters = list(facts.parameters)
        if skip_first and parameters and parameters[0].kind == "positional":
            parameters = parameters[1:]
        positional = [parameter for parameter in parameters if parameter.kind == "positional"]
        rest = next((parameter for parameter in parameters if parameter.kind == "rest"), None)
        extra = next((parameter for parameter in parameters if parameter.kind == "extra"), None)
        names = {parameter.name for parameter in parameters if parameter.kind in ("positional", "keyword")}
        spilled: list[Values] = []
        for position, argument in enumerate(call.positional):
            if isinstance(argument, Starred):
                break
            if position < len(positional):
                bound[positional[position].name] = Argument(argument, frame)
            elif rest is not None:
                spilled.append(self.evaluator.evaluate(argument, frame))
        if rest is not None and spilled:
            bound[rest.name] = Argument(None, None, (Listing(tuple(spilled)),))
        items: list[Item] = []
        more: list[Value] = []
        for keyword in call.keywords:
            if keyword.name is None:
                for value in self.evaluator.evaluate(keyword.value, frame):
                    self.spread(value, names, bound, items, more)
            elif keyword.name in names:
                bound[keyword.name] = Argument(keyword.value, frame)
            else:
                items.append(Item(keyword.name, self.evaluator.evaluate(keyword.value, frame), self.evaluator.place(frame, keyword.at)))
        if extra is not None:
            bound[extra.name] = Argument(None, None, (Dictionary(tuple(items), tuple(more)),))
        return bound

    def spread(self, value: Value, names: set[str], bound: dict[str, Argument], items: list[Item], more: list[Value]) -> None:
        """``**value`` in a call."""
        if not isinstance(value, Dictionary):
            more.append(value)
            return
        more.extend(value.rest)
        for item in value.items:
            if item.key in names and item.key is not None:
                before = bound[item.key].values if item.key in bound else UNKNOWN
                bound[item.key] = Argument(None, None, before + item.values)
            else:
                items.append(item)

    def method_frame(self, function: FunctionValue, receiver: Instance) -> Frame:
        """The frame of a method of which only the receiver is known."""
        key = (function, receiver)
        frame = self.method_frames.get(key)
        if frame is None:
            frame = self.method_frames[key] = Frame(function.path, function, receiver=receiver)
        return frame

    def parameter_values(self, frame: Frame, function: FunctionValue, parameter: ParameterFacts) -> Values:
        """What a parameter is worth in a frame."""
        argument = frame.arguments.get(parameter.name)
        if argument is not None:
            if argument.expression is not None and argument.frame is not None:
                return self.evaluator.evaluate(argument.expression, argument.frame) or (Parameter(function, parameter.name),)
            if argument.values:
                return argument.values
        facts = self.program.function(function)
        if facts.owner and facts.parameters and facts.parameters[0] is parameter and not is_static(facts):
            if frame.receiver is not None:
                return (frame.receiver,)
            own = ClassValue(function.path, facts.owner)
            return (own,) if is_class_method(facts) else (Instance(own, identity="self"),)
        scope = self.definition_frame(function)
        injected = self.injected(parameter, scope)
        if injected is not None:
            return injected or (Parameter(function, parameter.name),)
        found: list[Value] = []
        if facts.decorators and frame.caller is None:
            given = self.from_decorators(function, parameter)
            if given:
                return given
        if parameter.default is not None:
            found.extend(
                value
                for value in self.evaluator.evaluate(parameter.default, scope)
                if not (isinstance(value, Literal) and value.value is None)
            )
        if parameter.annotation is not None and is_vague(tuple(found)):
            found = list(self.evaluator.objects.told_by(parameter.annotation, scope, tuple(found)))
        if not found or frame.caller is None:
            found.append(Parameter(function, parameter.name))
        return tuple(found)

    def from_decorators(self, function: FunctionValue, parameter: ParameterFacts) -> Values:
        """What the wrapper of a decorator of the program gives to a parameter (``return view(current_user, *args)``)."""
        facts = self.program.function(function)
        scope = self.definition_frame(function)
        for node in facts.decorators:
            target = node.function if isinstance(node, Call) else node
            for value in self.evaluator.evaluate(target, scope):
                decorator = value if isinstance(value, FunctionValue) else value.function if isinstance(value, Method | Closure) else None
                if decorator is None:
                    continue
                found = self.from_wrapper(decorator, facts, parameter)
                if found:
                    return found
        return UNKNOWN

    def from_wrapper(self, decorator: FunctionValue, facts: Function, parameter: ParameterFacts) -> Values:
        """What the functions nested in a decorator give to a parameter of the function they wrap."""
        index = self.program.modules[decorator.path]
        prefix = decorator.name + "."
        wrapped = {
            one.parameters[0].name
            for one in index.module.functions
            if (one.name == decorator.name or one.name.startswith(prefix)) and one.parameters
        }
        positions = [one.name for one in facts.parameters if one.kind == "positional" and one.name not in ("self", "cls")]
        for number, one in enumerate(index.module.functions):
            if not one.name.startswith(prefix):
                continue
            for step in one.steps:
                target = step.target
                if step.kind == "assign" and isinstance(target, Subscript) and isinstance(target.index, Constant):
                    extra = {rest.name for rest in one.parameters if rest.kind == "extra"}
                    if target.index.value == parameter.name and isinstance(target.value, Name) and target.value.name in extra:
                        return self.evaluator.evaluate(step.value, self.evaluator.free_frame(FunctionValue(decorator.path, one.name)))
            for call, _ in index.calls_in(number):
                if not (isinstance(call.function, Name) and call.function.name in wrapped):
                    continue
                frame = self.evaluator.free_frame(FunctionValue(decorator.path, one.name))
                for keyword in call.keywords:
                    if keyword.name == parameter.name:
                        return self.evaluator.evaluate(keyword.value, frame)
                plain = []
                for argument in call.positional:
                    if isinstance(argument, Starred):
                        break
                    if not (isinstance(argument, Name) and argument.name in ("self", "cls")):
                        plain.append(argument)
                if parameter.name in positions and positions.index(parameter.name) < len(plain):
                    return self.evaluator.evaluate(plain[positions.index(parameter.name)], frame)
        return UNKNOWN

    def definition_frame(self, function: FunctionValue) -> Frame:
        """The frame in which a function's defaults, annotations and decorators are evaluated."""
        facts = self.program.function(function)
        if facts.owner:
            return self.evaluator.class_frame(ClassValue(function.path, facts.owner))
        return self.outer_frame(function) or self.evaluator.module_frame(function.path)

    def injected(self, parameter: ParameterFacts, scope: Frame) -> Values | None:
        """What a dependency gives that a default or an annotation names; None where there is none."""
        nodes = [
            (parameter.default, scope, parameter.annotation, scope),
            *annotated_extras(parameter.annotation, self.evaluator, scope),
        ]
        for node, frame, annotation, annotation_frame in nodes:
            node, frame = self.shared_call(node, frame)
            if isinstance(node, Call):
                dependency = self.dependency(node, frame, annotation, annotation_frame)
                if dependency is not None:
                    return dependency
        return None

    def shared_call(self, node: Expression | None, frame: Frame) -> tuple[Expression | None, Frame]:
        """The call that a module-level name stands for (``ServiceDep = Depends(make_service)``), with its frame; else what is given."""
        path, name = frame.path, node.name if isinstance(node, Name) else ""
        if isinstance(node, Attribute) and isinstance(node.value, Name):
            holder = next((value for value in self.evaluator.evaluate(node.value, frame) if isinstance(value, ModuleValue)), None)
            path, name = (holder.path, node.name) if holder is not None else ("", "")
        home = self.program.assignment_home(path, name) if name else None
        if home is None:
            return node, frame
        index = self.program.modules[home[0]]
        step = index.module.steps[index.assignments[home[1]][-1]]
        return (step.value, self.evaluator.module_frame(home[0])) if isinstance(step.value, Call) else (node, frame)

    def dependency(self, call: Call, scope: Frame, annotation: Expression | None, annotation_frame: Frame) -> Values | None:
        """What ``Depends(function)`` gives; None if the call is no dependency."""
        for callee in self.evaluator.evaluate(call.function, scope):
            meaning = self.evaluator.knowledge.meaning(dotted(callee), "dependency")
            if meaning is None:
                continue
            view = argument_of(meaning.api, "view", call)
            if view is None:
                return self.evaluator.objects.annotated(annotation, annotation_frame) if annotation is not None else UNKNOWN
            found: list[Value] = []
            for value in self.evaluator.evaluate(view, scope):
                found.extend(self.called_without_arguments(value))
            if annotation is not None and is_vague(tuple(found)):
                return self.evaluator.objects.told_by(annotation, annotation_frame, tuple(found))
            return tuple(found)
        return None

    def called_without_arguments(self, value: Value) -> Values:
        """What a callable gives when a framework calls it."""
        if isinstance(value, FunctionValue):
            return self.evaluator.calls.returned(self.evaluator.free_frame(value))
        if isinstance(value, Closure):
            return self.evaluator.calls.returned(self.closure_frame(value))
        if isinstance(value, Method):
            receiver = value.receiver
            return self.evaluator.calls.returned(
                self.method_frame(value.function, receiver) if isinstance(receiver, Instance) else self.evaluator.free_frame(value.function)
            )
        if isinstance(value, ClassValue):
            return (Instance(value, identity="injected"),)
        if isinstance(value, Instance):
            method = self.evaluator.objects.method(value.of, "__call__")
            if method is not None:
                return self.evaluator.calls.returned(self.method_frame(method, value))
        return self.evaluator.calls.guarded(value)

    def closure_frame(self, value: Closure) -> Frame:
        """The frame of a nested function of which only its surroundings are known."""
        return Frame(value.function.path, value.function, outer=value.frame, depth=value.frame.depth + 1)


def annotated_extras(
    annotation: Expression | None, evaluator: Evaluator, scope: Frame
) -> list[tuple[Expression | None, Frame, Expression | None, Frame]]:
    """What stands behind the type in ``Annotated[type, …]``, also through a name for it; each with its frame, the type, and
    the type's frame."""
    if isinstance(annotation, Subscript):
        name = annotation.value.name if isinstance(annotation.value, Name | Attribute) else ""
        if name == "Annotated" and isinstance(annotation.index, Sequence):
            return [(item, scope, annotation.index.items[0], scope) for item in annotation.index.items[1:]]
        return []
    if isinstance(annotation, Name):
        home = evaluator.program.assignment_home(scope.path, annotation.name)
        if home is not None:
            index = evaluator.program.modules[home[0]]
            step = index.module.steps[index.assignments[home[1]][-1]]
            if isinstance(step.value, Subscript):
                return annotated_extras(step.value, evaluator, evaluator.module_frame(home[0]))
    return []
