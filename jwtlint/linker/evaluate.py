"""Evaluating expressions of the program, by demand, without running anything.

``Evaluator.evaluate`` gives the values an expression may have in a frame. It follows assignments backward through a
function, calls into functions of the program, attributes into classes, names into other modules; what it cannot follow
it keeps as a path. Work is bounded: a depth of frames, a number of alternatives, and a budget of steps.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from jwtlint.facts.lifecycle import Place
from jwtlint.facts.program import (
    Attribute,
    Call,
    Comparison,
    Comprehension,
    Conditional,
    Constant,
    Expression,
    Function,
    Lambda,
    Mapping,
    Name,
    Opaque,
    Operation,
    Sequence,
    Span,
    Starred,
    Step,
    Subscript,
    Template,
)
from jwtlint.linker.assembled import Assembled
from jwtlint.linker.calls import Calls
from jwtlint.linker.dispatch import Dispatch
from jwtlint.linker.frames import Frame
from jwtlint.linker.knowledge import Knowledge
from jwtlint.linker.objects import Objects
from jwtlint.linker.parameters import Parameters
from jwtlint.linker.program import Program
from jwtlint.linker.requests import RequestState
from jwtlint.linker.settings import Settings
from jwtlint.linker.values import (
    UNKNOWN,
    ClassValue,
    Closure,
    Combined,
    Dictionary,
    External,
    FunctionValue,
    Instance,
    Item,
    Listing,
    Literal,
    Member,
    Parameter,
    Token,
    Value,
    Values,
    is_vague,
)

MAX_ALTERNATIVES = 8
MAX_DEPTH = 14
MAX_NESTING = 220
BUDGET = 1_000_000  # steps for a whole program
QUESTION, SIMPLE = 20_000, 1_000  # steps for one question, so that none uses up what the others need
MUTATORS = frozenset({"update", "setdefault", "add_claims", "add"})


class Evaluator:
    """Evaluates expressions of one program."""

    def __init__(self, program: Program, knowledge: Knowledge, assembled: Assembled | None = None) -> None:
        self.program = program
        self.knowledge = knowledge
        self.assembled = assembled or Assembled()
        self.calls = Calls(self)
        self.parameters = Parameters(self)
        self.objects = Objects(self)
        self.dispatch = Dispatch(self)
        self.settings = Settings(self)
        self.requests = RequestState(self)
        self.running: set[tuple[int, int]] = set()
        self.budget = BUDGET
        self.question = self.allowance = QUESTION  # for each question, and for what is left of the present one
        self.nesting = 0
        self.module_frames: dict[str, Frame] = {}
        self.free_frames: dict[FunctionValue, Frame] = {}
        self.class_frames: dict[ClassValue, Frame] = {}
        self.starts: dict[int, list[tuple[int, int]]] = {}
        self.mutations: dict[tuple[str, str], dict[str, list[int]]] = {}
        self.handlers: dict[type, Callable[..., Values]] = {
            Name: self.name,
            Constant: self.constant,
            Attribute: self.attribute,
            Subscript: self.subscript,
            Call: self.calls.call,
            Starred: self.starred,
            Mapping: self.mapping,
            Sequence: self.sequence,
            Operation: self.operation,
            Comparison: self.comparison,
            Conditional: self.conditional,
            Template: self.template,
            Comprehension: self.comprehension,
            Lambda: self.lambda_,
            Opaque: self.opaque,
        }

    # -- frames ----------------------------------------------------------------------------------------------------

    def module_frame(self, path: str) -> Frame:
        """The frame of a module's top level."""
        frame = self.module_frames.get(path)
        if frame is None:
            frame = self.module_frames[path] = Frame(path)
        return frame

    def class_frame(self, value: ClassValue) -> Frame:
        """The frame of a class's body."""
        frame = self.class_frames.get(value)
        if frame is None:
            frame = self.class_frames[value] = Frame(value.path, owner=value.name)
        return frame

    def free_frame(self, function: FunctionValue) -> Frame:
        """The frame of a function of which nothing is known about its arguments."""
        frame = self.free_frames.get(function)
        if frame is None:
            facts = self.program.function(function)
            outer = None
            if facts.scope and not facts.owner and facts.scope in self.program.modules[function.path].functions:
                outer = self.free_frame(FunctionValue(function.path, facts.scope))
            frame = self.free_frames[function] = Frame(function.path, function, outer=outer)
        return frame

    def place(self, frame: Frame, span: Span) -> Place:
        """A span in a frame's file."""
        return Place(frame.path, span.line, span.column, span.end_line, span.end_column)

    @contextmanager
    def simple_questions(self) -> Iterator[None]:
        """Ask many questions that have answers near at hand or none: each gets few steps."""
        before = self.question
        self.question = min(SIMPLE, before)
        try:
            yield
        finally:
            self.question = before

    # -- evaluation ------------------------------------------------------------------------------------------------

    def evaluate(self, node: Expression | None, frame: Frame) -> Values:
        """The values that ``node`` may have in ``frame``; none if nothing is known."""
        if node is None:
            return UNKNOWN
        key = (id(node), id(frame.local) if frame.local is not None else 0)
        known = frame.memo.get(key)
        if known is not None:
            return known
        running = (id(node), id(frame))
        if not self.nesting:
            self.allowance = self.question
        if running in self.running or self.budget <= 0 or self.allowance <= 0 or self.nesting >= MAX_NESTING:
            return UNKNOWN
        self.budget -= 1
        self.allowance -= 1
        self.nesting += 1
        self.running.add(running)
        try:
            values = self.handlers[type(node)](node, frame)
        finally:
            self.running.discard(running)
            self.nesting -= 1
        if len(values) > 1:
            values = tuple(dict.fromkeys(values))[:MAX_ALTERNATIVES]
        if self.allowance > 0:
            frame.memo[key] = values
        return values

    def constant(self, node: Constant, frame: Frame) -> Values:
        return (Literal(node.value, self.place(frame, node.at)),)

    def starred(self, node: Starred, frame: Frame) -> Values:
        return self.evaluate(node.value, frame)

    def mapping(self, node: Mapping, frame: Frame) -> Values:
        items: list[Item] = []
        rest: list[Value] = []
        for entry in node.entries:
            if entry.key is None:
                self.merge(self.evaluate(entry.value, frame), items, rest)
                continue
            key = self.text(self.evaluate(entry.key, frame))
            items.append(Item(key, self.evaluate(entry.value, frame), self.place(frame, entry.at)))
        return (Dictionary(tuple(items), tuple(rest), self.place(frame, node.at)),)

    def merge(self, values: Values, items: list[Item], rest: list[Value]) -> None:
        """Add everything that a dictionary-like value holds."""
        for value in values:
            if isinstance(value, Instance):
                value = self.objects.as_dictionary(value) or value
            if isinstance(value, Dictionary):
                items.extend(item for item in value.items if item not in items)
                rest.extend(part for part in value.rest if part not in rest)
            elif not (isinstance(value, Literal) and value.value is None) and value not in rest:
                rest.append(value)

    def text(self, values: Values) -> str | None:
        """The one string that the values stand for; an enum member counts as its value."""
        for value in values:
            if isinstance(value, Literal) and isinstance(value.value, str):
                return value.value
        return None

    def sequence(self, node: Sequence, frame: Frame) -> Values:
        return (Listing(tuple(self.evaluate(item, frame) for item in node.items)),)

    def operation(self, node: Operation, frame: Frame) -> Values:
        operands = tuple(self.evaluate(operand, frame) for operand in node.operands)
        if node.operator in ("or", "and"):
            return tuple(value for values in operands for value in values)
        if node.operator == "|" and any(isinstance(value, Dictionary) for values in operands for value in values):
            items: list[Item] = []
            rest: list[Value] = []
            for values in operands:
                self.merge(values, items, rest)
            return (Dictionary(tuple(items), tuple(rest), self.place(frame, node.at)),)
        folded = fold(node.operator, operands)
        if folded is not None:
            return (Literal(folded, self.place(frame, node.at)),)
        return self.combined(node.operator, operands, self.place(frame, node.at))

    def combined(self, operator: str, operands: tuple[Values, ...], place: Place) -> Values:
        """An operation whose result is not computed; a signature joined with what it signs is the whole token."""
        if self.assembled.values:
            for values in operands:
                for value in values:
                    parts = [part for item in value.items for part in item] if isinstance(value, Listing) else [value]
                    for part in parts:
                        if isinstance(part, Token) and part.part == "signature":
                            return (Token(part.mint),)
        return (Combined(operator, operands, place),)

    def comparison(self, node: Comparison, frame: Frame) -> Values:
        operands = tuple(self.evaluate(operand, frame) for operand in node.operands)
        return (Combined(node.operators[0], operands, self.place(frame, node.at)),)

    def conditional(self, node: Conditional, frame: Frame) -> Values:
        return self.evaluate(node.then, frame) + self.evaluate(node.otherwise, frame)

    def template(self, node: Template, frame: Frame) -> Values:
        parts = tuple(self.evaluate(part, frame) for part in node.parts)
        if all(part and isinstance(part[0], Literal) for part in parts):
            return (Literal("".join(str(part[0].value) for part in parts if isinstance(part[0], Literal)), self.place(frame, node.at)),)
        return self.combined("f", parts, self.place(frame, node.at))

    def opaque(self, node: Opaque, frame: Frame) -> Values:
        parts = tuple(values for values in (self.evaluate(child, frame) for child in node.children) if values)
        return (Combined("?", parts, self.place(frame, node.at)),) if parts else UNKNOWN

    def comprehension(self, node: Comprehension, frame: Frame) -> Values:
        iterables = tuple(self.evaluate(iterable, frame) for iterable in node.iterables)
        if node.key is not None and iterables:
            # A copy of a dictionary by comprehension keeps its items; conditions on keys are not followed.
            items: list[Item] = []
            rest: list[Value] = []
            for values in iterables:
                self.merge(values, items, rest)
            copied = isinstance(node.key, Name) and isinstance(node.element, Name)
            if any(isinstance(value, Dictionary) for values in iterables for value in values) or (copied and rest):
                return (Dictionary(tuple(items), tuple(rest), self.place(frame, node.at)),)
            spelled = self.spelled_out(node, iterables, frame)
            if spelled is not None:
                return (spelled,)
        local = dict(frame.local or {})
        for target, values in zip(node.targets, iterables, strict=False):
            for name in names_in(target):
                local[name] = elements(values)
        inner = Frame(
            frame.path,
            frame.function,
            frame.owner,
            frame.arguments,
            frame.receiver,
            frame.caller,
            frame.call,
            frame.outer,
            local,
            frame.depth,
        )
        parts = [self.evaluate(node.element, inner)]
        if node.key is not None:
            key = self.text(self.evaluate(node.key, inner))
            return (Dictionary((Item(key, parts[0], self.place(frame, node.at)),), place=self.place(frame, node.at)),)
        return (Combined("each", (*parts, *iterables), self.place(frame, node.at)),)

    def spelled_out(self, node: Comprehension, iterables: tuple[Values, ...], frame: Frame) -> Dictionary | None:
        """A dictionary made by a comprehension over constants (``{name: getattr(user, name) for name in ("role", "email")}``)."""
        target = node.targets[0]
        constants = [value for value in elements(iterables[0]) if isinstance(value, Literal)]
        if len(node.targets) != 1 or not isinstance(target, Name) or not constants:
            return None
        items: list[Item] = []
        for constant in constants:
            inner = self.with_local(frame, {target.name: (constant,)})
            key = self.text(self.evaluate(node.key, inner))
            items.append(Item(key, self.evaluate(node.element, inner), self.place(frame, node.at)))
        return Dictionary(tuple(items), place=self.place(frame, node.at))

    def with_local(self, frame: Frame, names: dict[str, Values]) -> Frame:
        """A frame with more local names."""
        return Frame(
            frame.path,
            frame.function,
            frame.owner,
            frame.arguments,
            frame.receiver,
            frame.caller,
            frame.call,
            frame.outer,
            {**(frame.local or {}), **names},
            frame.depth,
        )

    def lambda_(self, node: Lambda, frame: Frame) -> Values:
        return (Combined("lambda", (self.evaluate(node.body, frame),), self.place(frame, node.at)),)

    def attribute(self, node: Attribute, frame: Frame) -> Values:
        found: list[Value] = []
        place = self.place(frame, node.at)
        for base in self.evaluate(node.value, frame):
            found.extend(self.objects.attribute(base, node.name, place, frame))
        return tuple(found)

    def subscript(self, node: Subscript, frame: Frame) -> Values:
        place = self.place(frame, node.at)
        index = self.evaluate(node.index, frame)
        key = next((value.value for value in index if isinstance(value, Literal)), None)
        found: list[Value] = []
        for base in self.evaluate(node.value, frame):
            if isinstance(base, External) and key is None and base.name.rpartition(".")[2][:1].isupper():
                found.append(base)  # a generic class with its parameters
                continue
            found.extend(self.objects.item(base, key, place))
        return tuple(found)

    # -- names -----------------------------------------------------------------------------------------------------

    def name(self, node: Name, frame: Frame) -> Values:
        if frame.local is not None and node.name in frame.local:
            return frame.local[node.name]
        if frame.function is not None:
            return self.in_function(node, frame, frame.function)
        if frame.owner:
            class_ = self.program.modules[frame.path].classes[frame.owner]
            indexes = [
                index
                for index, step in enumerate(class_.steps)
                if step.kind == "assign" and isinstance(step.target, Name) and step.target.name == node.name
            ]
            before = [index for index in indexes if ends_before(class_.steps[index].at, node.at)]
            if before:
                return self.evaluate(class_.steps[before[-1]].value, frame)
            method = FunctionValue(frame.path, f"{frame.owner}.{node.name}")
            if method.name in self.program.modules[frame.path].functions:
                return (method,)
        return self.in_module(node, frame.path)

    def in_function(self, node: Name, frame: Frame, function: FunctionValue) -> Values:
        facts = self.program.function(function)
        index = self.program.modules[frame.path]
        assigned = index.assigned(facts).get(node.name)
        position = self.position(facts, node.at)
        parameter = next((parameter for parameter in facts.parameters if parameter.name == node.name), None)
        found: list[Value] = []
        complete = False
        reached = -1
        if assigned:
            earlier = [number for number in assigned if number < position]
            if not earlier and parameter is None:
                earlier = list(assigned)
            use_branch = facts.steps[position].branch if 0 <= position < len(facts.steps) else ()
            for number in reversed(earlier):
                step = facts.steps[number]
                if exclusive(step.branch, use_branch) or self.never_taken(facts, step.branch, use_branch, frame):
                    continue
                reached = number
                found.extend(self.bound(step, node.name, frame))
                if step.kind != "augment" and step.branch == use_branch[: len(step.branch)]:
                    complete = True
                    break
            if found or complete:
                found = list(self.mutated(tuple(found), facts, node.name, reached, position, frame, use_branch))
        if complete:
            return tuple(found)
        if parameter is not None:
            values = self.parameters.parameter_values(frame, function, parameter)
            use_branch = facts.steps[position].branch if 0 <= position < len(facts.steps) else ()
            found.extend(self.mutated(values, facts, node.name, -1, position, frame, use_branch))
            return tuple(found)
        if assigned:
            return tuple(found)
        nested = f"{facts.name}.{node.name}"
        if nested in index.functions:
            return (Closure(FunctionValue(frame.path, nested), frame),)
        if nested in index.classes:
            return (ClassValue(frame.path, nested),)
        for item in reversed(index.imports.get((facts.name, node.name), ())):
            definition = self.program.imported(frame.path, item)
            if definition is not None:
                return (definition,)
            home = self.program.layout.resolve(frame.path, item.module, item.level)
            if home is not None and item.name is not None:
                return self.in_module(Name(node.at, item.name), home)
        if facts.scope and not facts.owner and facts.scope in index.functions:
            return self.name(node, frame.outer or self.free_frame(FunctionValue(frame.path, facts.scope)))
        if facts.owner:
            outer = index.classes[facts.owner].scope if facts.owner in index.classes else ""
            if outer in index.functions:
                return self.name(node, self.free_frame(FunctionValue(frame.path, outer)))
        return self.in_module(node, frame.path)

    def never_taken(self, facts: Function, branch: tuple[int, ...], use_branch: tuple[int, ...], frame: Frame) -> bool:
        """Whether an arm is ruled out by an argument that this frame knows to be given, or knows to be left out."""
        if frame.caller is None:
            return False
        for index in range(0, len(branch), 2):
            if branch[: index + 2] == use_branch[: index + 2]:
                continue
            test = next((step.value for step in facts.steps if step.kind == "test" and step.operator == str(branch[index])), None)
            truth = self.truth(facts, test, frame) if test is not None else None
            if truth is not None and branch[index + 1] == (1 if truth else 0):
                return True
        return False

    def truth(self, facts: Function, test: Expression, frame: Frame) -> bool | None:
        """Whether a test on a parameter's presence holds; None where that is not known."""
        if isinstance(test, Operation) and test.operator == "not":
            inner = self.truth(facts, test.operands[0], frame)
            return None if inner is None else not inner
        if isinstance(test, Comparison) and len(test.operands) == 2 and test.operators[0] in ("is", "is not", "==", "!="):
            right = test.operands[1]
            if isinstance(right, Constant) and right.value is None:
                inner = self.truth(facts, test.operands[0], frame)
                return inner if inner is None else inner == (test.operators[0] in ("is not", "!="))
            return self.equal(facts, test, frame)
        if not isinstance(test, Name):
            return None
        parameter = next((one for one in facts.parameters if one.name == test.name), None)
        if parameter is None or parameter.kind not in ("positional", "keyword"):
            return None
        argument = frame.arguments.get(test.name)
        if argument is None:
            default = parameter.default
            return False if isinstance(default, Constant) and default.value in (None, False, 0, "") else None
        if argument.expression is None or argument.frame is None:
            return None
        values = self.evaluate(argument.expression, argument.frame)
        constants = [value for value in values if isinstance(value, Literal)]
        if values and len(constants) == len(values):
            return bool(constants[0].value) if len({bool(one.value) for one in constants}) == 1 else None
        return None if constants else True

    def equal(self, facts: Function, test: Comparison, frame: Frame) -> bool | None:
        """Whether a parameter that is given one constant equals another (``kind == "access"``); None where that is not known."""
        left, right = test.operands
        if not isinstance(left, Name) or left.name in self.program.modules[frame.path].assigned(facts):
            return None
        argument = frame.arguments.get(left.name)
        if argument is None or argument.expression is None or argument.frame is None:
            return None
        given = self.evaluate(argument.expression, argument.frame)
        wanted = self.evaluate(right, frame)
        if len(given) != 1 or len(wanted) != 1 or not isinstance(given[0], Literal) or not isinstance(wanted[0], Literal):
            return None
        return (given[0].value == wanted[0].value) == (test.operators[0] in ("==", "is"))

    def in_module(self, node: Name, path: str) -> Values:
        index = self.program.modules.get(path)
        if index is None:
            return UNKNOWN
        definition = self.program.top_level(index, node.name)
        if definition is not None and node.name not in index.assignments:
            if isinstance(definition, External) and definition.name.endswith(".current_user"):
                return self.requests.current_user(path) or (definition,)
            return (definition,)
        fallback = all(index.module.steps[number].branch for number in index.assignments.get(node.name, ()))
        if definition is not None and fallback:
            return (definition,)  # ``try: from … import name`` with another value where that fails
        home = self.program.assignment_home(path, node.name)
        if home is not None:
            return self.module_assignment(home[0], home[1], node if home[0] == path else None) or (
                (definition,) if definition is not None else UNKNOWN
            )
        if definition is not None:
            return (definition,)
        return (External(f"builtins.{node.name}"),)

    def module_assignment(self, path: str, name: str, use: Name | None) -> Values:
        """The values of a module-level name: what the last assignments before ``use`` (or all) give."""
        index = self.program.modules[path]
        steps = index.module.steps
        frame = self.module_frame(path)
        numbers = index.assignments[name]
        if use is not None:
            numbers = [number for number in numbers if ends_before(steps[number].at, use.at)] or numbers
        found: list[Value] = []
        for number in reversed(numbers):
            step = steps[number]
            found.extend(self.bound(step, name, frame))
            if not step.branch and step.kind == "assign":
                break
        return tuple(self.module_mutations(tuple(found), path, name))

    def module_mutations(self, values: Values, path: str, name: str) -> Values:
        """Item assignments to a module-level dictionary."""
        if not any(isinstance(value, Dictionary) for value in values):
            return values
        steps = self.program.modules[path].module.steps
        numbers = self.mutation_index(path, "", steps).get(name)
        if not numbers:
            return values
        frame = self.module_frame(path)
        return self.apply(values, [steps[number] for number in numbers], frame)

    def bound(self, step: Step, name: str, frame: Frame) -> Values:
        """What a step binds ``name`` to."""
        values = self.evaluate(step.value, frame)
        if step.value is None and step.annotation is not None:
            return self.objects.annotated(step.annotation, frame)
        if step.kind == "loop":
            values = elements(values)
        if step.kind == "enter":
            values = tuple(value for value in values)
        if isinstance(step.target, Sequence):
            return unpacked(step.target, name, values)
        if step.kind == "augment" and isinstance(step.target, Name):
            if any(isinstance(value, Dictionary) for value in values):
                return values
            return (Combined(step.operator, (values,), self.place(frame, step.at)),)
        if step.annotation is not None and is_vague(values):
            return self.objects.told_by(step.annotation, frame, values)
        return values

    def mutated(
        self, values: Values, facts: Function, name: str, start: int, end: int, frame: Frame, use_branch: tuple[int, ...]
    ) -> Values:
        """Values after the item assignments and updates between two steps."""
        numbers = self.mutation_index(frame.path, facts.name, facts.steps).get(name)
        if not numbers:
            return values
        steps = [
            facts.steps[number] for number in numbers if start < number < end and not exclusive(facts.steps[number].branch, use_branch)
        ]
        return self.apply(values, steps, frame) if steps else values

    def apply(self, values: Values, steps: list[Step], frame: Frame) -> Values:
        """Dictionaries with the changes of ``steps`` made."""
        items: list[Item] = []
        rest: list[Value] = []
        for step in steps:
            if step.kind == "assign" and isinstance(step.target, Subscript):
                index = self.evaluate(step.target.index, frame)
                keys = [one.value for one in index if isinstance(one, Literal) and isinstance(one.value, str)]
                place = self.place(frame, step.at)
                if keys:
                    items.extend(Item(one, self.evaluate(step.value, frame), place) for one in keys)
                else:
                    items.append(Item(None, self.evaluate(step.value, frame), place))
            elif step.kind == "augment":
                self.merge(self.evaluate(step.value, frame), items, rest)
            elif isinstance(step.value, Call) and isinstance(step.value.function, Attribute):
                call = step.value
                if step.value.function.name == "setdefault" and len(call.positional) == 2:
                    key = self.text(self.evaluate(call.positional[0], frame))
                    items.append(Item(key, self.evaluate(call.positional[1], frame), self.place(frame, call.at)))
                    continue
                for argument in call.positional:
                    self.merge(self.evaluate(argument, frame), items, rest)
                for keyword in call.keywords:
                    if keyword.name is None:
                        self.merge(self.evaluate(keyword.value, frame), items, rest)
                    else:
                        items.append(Item(keyword.name, self.evaluate(keyword.value, frame), self.place(frame, keyword.at)))
        if not items and not rest:
            return values
        changed: list[Value] = []
        for value in values:
            if isinstance(value, Instance):
                value = self.objects.as_dictionary(value) or value
            if isinstance(value, Dictionary):
                fresh = tuple(item for item in items if item not in value.items)
                changed.append(Dictionary((*value.items, *fresh), (*value.rest, *rest), value.place))
            elif isinstance(value, Parameter | Member | Combined):
                changed.append(Dictionary(tuple(items), (value, *rest)))
            else:
                changed.append(value)
        return tuple(changed)

    def listed(self, node: Expression, frame: Frame) -> Values:
        """A list with what is appended to it before it is used; only asked for texts that are joined, for it is dear."""
        values = self.evaluate(node, frame)
        if not isinstance(node, Name) or frame.function is None:
            return values
        facts = self.program.function(frame.function)
        appended: list[Values] = []
        for step in facts.steps[: max(self.position(facts, node.at), 0)]:
            call = step.value
            if (
                step.kind == "evaluate"
                and isinstance(call, Call)
                and isinstance(call.function, Attribute)
                and call.function.name == "append"
            ):
                if isinstance(call.function.value, Name) and call.function.value.name == node.name and call.positional:
                    appended.append(self.evaluate(call.positional[0], frame))
        return tuple(Listing((*value.items, *appended)) if isinstance(value, Listing) and appended else value for value in values)

    def mutation_index(self, path: str, function: str, steps: tuple[Step, ...]) -> dict[str, list[int]]:
        """The steps that change each name's inside."""
        found = self.mutations.get((path, function))
        if found is None:
            found = {}
            for number, step in enumerate(steps):
                if step.kind == "assign" and isinstance(step.target, Subscript) and isinstance(step.target.value, Name):
                    found.setdefault(step.target.value.name, []).append(number)
                elif step.kind == "augment" and step.operator == "|" and isinstance(step.target, Name):
                    found.setdefault(step.target.name, []).append(number)
                elif (
                    step.kind == "evaluate"
                    and isinstance(step.value, Call)
                    and isinstance(step.value.function, Attribute)
                    and step.value.function.name in MUTATORS
                    and isinstance(step.value.function.value, Name)
                ):
                    found.setdefault(step.value.function.value.name, []).append(number)
            self.mutations[path, function] = found
        return found

    def position(self, facts: Function, span: Span) -> int:
        """The index of the step that a place belongs to; -1 before the first (decorators, defaults)."""
        starts = self.starts.get(id(facts))
        if starts is None:
            starts = self.starts[id(facts)] = [(step.at.line, step.at.column) for step in facts.steps]
        return bisect_right(starts, (span.line, span.column)) - 1


def names_in(target: Expression) -> list[str]:
    """The names that a comprehension's target binds."""
    if isinstance(target, Name):
        return [target.name]
    if isinstance(target, Sequence):
        return [name for item in target.items for name in names_in(item)]
    return []


def elements(values: Values) -> Values:
    """What iterating over values gives."""
    found: list[Value] = []
    for value in values:
        if isinstance(value, Listing):
            found.extend(part for item in value.items for part in item)
        elif isinstance(value, Instance) and value.row:
            found.append(value)
        elif isinstance(value, Dictionary):
            found.extend(Literal(item.key, item.place) for item in value.items if item.key is not None)
        else:
            found.append(Combined("element", ((value,),)))
    return tuple(found[:MAX_ALTERNATIVES])


def unpacked(target: Sequence, name: str, values: Values) -> Values:
    """What unpacking gives to one name of the target."""
    position = next((number for number, item in enumerate(target.items) if name in names_in(item)), -1)
    found: list[Value] = []
    for value in values:
        if isinstance(value, Listing) and 0 <= position < len(value.items):
            found.extend(value.items[position])
        elif isinstance(value, Instance) and value.row:
            found.append(value)
        else:
            found.append(Member(value, str(position), item=True))
    return tuple(found)


def exclusive(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether two steps stand in different arms of the same statement."""
    for index in range(0, min(len(one), len(other)), 2):
        if one[index] != other[index]:
            return False
        if one[index + 1] != other[index + 1]:
            return True
    return False


def ends_before(one: Span, other: Span) -> bool:
    """Whether a place ends before another starts."""
    return (one.end_line, one.end_column) <= (other.line, other.column)


def fold(operator: str, operands: tuple[Values, ...]) -> int | float | str | None:
    """Arithmetic on constants, and joining of strings."""
    numbers: list[int | float | str] = []
    for values in operands:
        constant = next((value.value for value in values if isinstance(value, Literal)), None) if len(values) == 1 else None
        if constant is None or isinstance(constant, bool):
            return None
        numbers.append(constant)
    if len(numbers) == 1 and operator == "-" and not isinstance(numbers[0], str):
        return -numbers[0]
    if len(numbers) != 2:
        return None
    left, right = numbers
    if isinstance(left, str) or isinstance(right, str):
        return left + right if operator == "+" and isinstance(left, str) and isinstance(right, str) and len(left) < 10_000 else None
    try:
        if operator == "+":
            return left + right
        if operator == "-":
            return left - right
        if operator == "*":
            return left * right
        if operator == "/":
            return left / right
        if operator == "//":
            return left // right
        if operator == "%":
            return left % right
        if operator == "**" and abs(left) < 1_000 and 0 <= right < 10:
            return float(left**right) if isinstance(left**right, float) else int(left**right)
    except (ZeroDivisionError, OverflowError):
        return None
    return None
