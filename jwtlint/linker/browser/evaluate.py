"""What an expression of a script may be: names, imports, objects, classes and calls are followed through all files.

Every evaluation is bounded: in depth, in the number of values, and in the whole work for one program.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jwtlint.facts.program import (
    Attribute,
    Blank,
    Call,
    Closure,
    Conditional,
    Constant,
    Expression,
    Mapping,
    Name,
    Operation,
    Sequence,
    Starred,
    Step,
    Subscript,
    Template,
)
from jwtlint.linker.browser.frames import MODULE, Frame
from jwtlint.linker.browser.library import WebApi, WebKnowledge
from jwtlint.linker.browser.program import Binding, WebProgram
from jwtlint.linker.browser.values import (
    Answer,
    Argument,
    ClassValue,
    External,
    Filled,
    FunctionValue,
    Instance,
    ListValue,
    Literal,
    Member,
    Mixed,
    ModuleValue,
    ObjectValue,
    Stored,
    Value,
    Values,
    dotted,
    text_of,
)

MAX_DEPTH = 40  # expressions inside expressions, calls included
MAX_CALLS = 6
MAX_VALUES = 8
BUDGET = 400_000  # evaluations for one program
# the global object by its names (HTML, "The Window object"; ECMAScript, globalThis)
GLOBALS = frozenset(("window", "globalThis", "self", "top", "parent", "global", "document.defaultView", "unsafeWindow"))
# what gives its receiver or what it waits for
SAME = frozenset(
    "json text toString trim valueOf unwrap toPromise catch finally pipe asObservable clone slice toUpperCase toLowerCase".split()
)
# what gives its argument to a function, or what that function gives
HANDED = frozenset(("then", "subscribe", "tap", "map", "switchMap", "mergeMap", "concatMap", "do", "forEach", "exhaustMap"))


class WebEvaluator:
    """Evaluates expressions of one program."""

    def __init__(self, program: WebProgram, knowledge: WebKnowledge) -> None:
        self.program = program
        self.knowledge = knowledge
        self.left = BUDGET
        self.active: set[tuple[int, int]] = set()
        self.known: dict[tuple[int, int], Values] = {}
        self.properties: dict[tuple[int, int, str], Values] = {}
        self.frames: dict[tuple[str, int], Frame] = {}
        self.given: dict[int, Values] = {}  # what variables of states may be, by the call that makes them
        self.kept: list[object] = []  # what identities in ``known`` refer to

    # -- frames ----------------------------------------------------------------------------------------------------

    def frame(self, path: str, function: int = MODULE) -> Frame:
        """A function's frame when no particular call is looked at."""
        known = self.frames.get((path, function))
        if known is None:
            around = None if function == MODULE else self.frame(path, self.program.function(path, function).scope)
            known = self.frames[path, function] = Frame(path, function, around)
        return known

    def called(self, function: FunctionValue, call: Call, caller: Frame) -> Frame:
        """A function's frame for one call."""
        scope = self.program.function(function.path, function.index).scope
        around = function.frame or self.frame(function.path, scope)
        return Frame(function.path, function.index, around, call, caller, function.receiver, caller.depth + 1)

    # -- expressions -----------------------------------------------------------------------------------------------

    def evaluate(self, node: Expression, frame: Frame, depth: int = 0) -> Values:
        """What an expression may be; nothing when it cannot be told."""
        key = (id(node), id(frame))
        known = self.known.get(key)
        if known is not None:
            return known
        if depth > MAX_DEPTH or key in self.active or self.left <= 0:
            return ()
        self.left -= 1
        self.active.add(key)
        try:
            found = unique(self.of(node, frame, depth + 1))
        finally:
            self.active.discard(key)
        if len(self.active) == 0 or depth < MAX_DEPTH // 2:
            self.known[key] = found
            self.kept += (node, frame)
        return found

    def of(self, node: Expression, frame: Frame, depth: int) -> Iterable[Value]:
        if isinstance(node, Name):
            return self.name(node.name, frame, depth)
        if isinstance(node, Constant):
            return (Literal(node.value),)
        if isinstance(node, Attribute):
            return self.members(self.evaluate(node.value, frame, depth), node.name, depth)
        if isinstance(node, Call):
            return self.call(node, frame, depth)
        if isinstance(node, Subscript):
            return self.subscript(node, frame, depth)
        if isinstance(node, Template):
            return (self.mixed(node.parts, frame, depth),)
        if isinstance(node, Mapping):
            return (ObjectValue(node, frame),)
        if isinstance(node, Sequence):
            return (ListValue(node, frame),)
        if isinstance(node, Closure):
            return (FunctionValue(frame.path, node.function, frame, self.this(frame)),)
        if isinstance(node, Blank):
            return (Filled(node.text),)
        if isinstance(node, Conditional):
            return (*self.evaluate(node.then, frame, depth), *self.evaluate(node.otherwise, frame, depth))
        if isinstance(node, Operation):
            if node.operator in ("||", "??"):
                return [value for operand in node.operands for value in self.evaluate(operand, frame, depth)]
            if node.operator in ("&&", ",") and node.operands:
                return self.evaluate(node.operands[-1], frame, depth)
            if node.operator == "+" and len(node.operands) > 1:
                return (self.mixed(node.operands, frame, depth),)
        if isinstance(node, Starred):
            return self.evaluate(node.value, frame, depth)
        return ()

    def mixed(self, parts: Iterable[Expression], frame: Frame, depth: int) -> Value:
        """A text that is put together; a constant when all of it is known."""
        text: list[str] = []
        held: list[Values] = []
        for part in parts:
            values = self.evaluate(part, frame, depth)
            known = text_of(values)
            if known is not None:
                text.append(known)
            elif len(values) == 1 and isinstance(values[0], Mixed):
                text.append(values[0].text)
                held.extend(values[0].parts)
            else:
                text.append("\0")
                held.append(values)
        return Mixed("".join(text), tuple(held)) if held else Literal("".join(text))

    def subscript(self, node: Subscript, frame: Frame, depth: int) -> Iterable[Value]:
        held = self.evaluate(node.value, frame, depth)
        found: list[Value] = []
        for index in self.evaluate(node.index, frame, depth):
            if isinstance(index, Literal) and index.value is not None:
                name = f"[{index.value}]" if isinstance(index.value, int) else str(index.value)
                found.extend(self.members(held, name, depth))
        return found or [Member(base, "[]") for base in held]

    # -- names -----------------------------------------------------------------------------------------------------

    def this(self, frame: Frame) -> Value | None:
        """What ``this`` is."""
        here: Frame | None = frame
        while here is not None:
            if here.receiver is not None:
                return here.receiver
            here = here.around
        owner = self.program.modules[frame.path].this_of(frame.function)
        return Instance(ClassValue(frame.path, owner)) if owner >= 0 else None

    def name(self, name: str, frame: Frame, depth: int) -> Iterable[Value]:
        """What a name means in a frame."""
        if name == "this":
            this = self.this(frame)
            return (this,) if this is not None else (External("this"),)
        if name == "undefined":
            return (Literal(None),)
        here: Frame | None = frame
        while here is not None:
            index = self.program.modules[here.path]
            bindings = index.bindings.get(here.function, {}).get(name, ())
            if here.function != MODULE:
                parameter = index.parameters[here.function].get(name)
                if parameter is not None:
                    position, keys = parameter
                    given = self.walk_keys(self.parameter(here, position, name, depth), keys, depth)
                    return [*given, *self.bound(bindings, here, depth)]
            if bindings:
                return self.bound(bindings, here, depth)
            here = here.around
        return self.at_top(frame.path, name, depth)

    def bound(self, bindings: Iterable[Binding], frame: Frame, depth: int) -> list[Value]:
        """What the steps that bind a name give it."""
        found: list[Value] = []
        for step, function, keys in bindings:
            own = frame if function == frame.function else self.frame(frame.path, function)
            found.extend(self.assigned(step, own, keys, depth))
        return found

    def assigned(self, step: Step, frame: Frame, keys: tuple[str, ...], depth: int) -> Values:
        """What one step gives a name."""
        if step.value is None:
            return self.annotated(step, frame, depth)
        values = self.evaluate(step.value, frame, depth)
        if step.kind == "loop":
            values = tuple(Member(value, "[]") for value in values)
        return self.walk_keys(values, keys, depth)

    def annotated(self, step: Step, frame: Frame, depth: int) -> Values:
        """The object that a declared type stands for."""
        return self.typed(step.annotation.name, frame, depth) if isinstance(step.annotation, Name) else ()

    def typed(self, annotation: str, frame: Frame, depth: int) -> Values:
        """An object of a class by the class's name; an imported one may be a library's."""
        found: list[Value] = []
        for value in self.at_top(frame.path, annotation, depth):
            if isinstance(value, ClassValue):
                found.append(Instance(value))
            elif isinstance(value, External) and "." in value.name:
                found.append(value)
        return tuple(found)

    def walk_keys(self, values: Values, keys: tuple[str, ...], depth: int) -> Values:
        """What a pattern takes out of values."""
        for key in keys:
            if key != "...":
                values = tuple(self.members(values, key, depth))
        return values

    def at_top(self, path: str, name: str, depth: int) -> Values:
        """What a name means at the top of a file."""
        index = self.program.modules[path]
        if name in index.classes:
            return (ClassValue(path, index.classes[name]),)
        item = index.imports.get(name)
        if item is not None:
            return self.imported(path, item.module, item.name, depth)
        top = self.frame(path)
        bindings = index.bindings.get(MODULE, {}).get(name)
        if bindings:
            return tuple(self.bound(bindings, top, depth))
        other = self.program.sharing(path, name)
        if other is not None and depth < MAX_DEPTH:
            return self.at_top(other, name, depth + 1)
        return (External(name),)

    # -- modules ---------------------------------------------------------------------------------------------------

    def imported(self, path: str, specifier: str, name: str, depth: int) -> Values:
        """What an import gives."""
        target = self.program.layout.resolve(path, specifier)
        if target is None or target not in self.program.modules:
            if target is None and not specifier.startswith("."):
                package = specifier.removeprefix("node:")
                return (External(package if name in ("*", "default") else f"{package}.{name}"),)
            return (External(f"{target or specifier}#{name}"),)
        return (ModuleValue(target),) if name == "*" else self.exported(target, name, depth)

    def exported(self, path: str, name: str, depth: int, seen: frozenset[str] = frozenset()) -> Values:
        """What a file exports under a name."""
        if depth > MAX_DEPTH or path in seen:
            return ()
        index = self.program.modules[path]
        item = index.exports.get(name)
        if item is not None:
            if item.module:
                return self.imported(path, item.module, item.local, depth + 1)
            return self.at_top(path, item.local, depth + 1)
        for specifier in index.stars:
            target = self.program.layout.resolve(path, specifier)
            if target is not None and target in self.program.modules:
                found = self.exported(target, name, depth + 1, seen | {path})
                if found:
                    return found
        return tuple(self.common_js(path, name, depth))

    def common_js(self, path: str, name: str, depth: int) -> Iterator[Value]:
        """What ``module.exports`` or ``exports.x`` give."""
        for step in self.program.modules[path].module.steps:
            target = step.target
            if step.kind != "assign" or step.value is None or not isinstance(target, Attribute):
                continue
            holder = target.value
            whole = isinstance(holder, Name) and holder.name == "module" and target.name == "exports"
            part = (isinstance(holder, Name) and holder.name == "exports") or (
                isinstance(holder, Attribute) and holder.name == "exports" and isinstance(holder.value, Name)
            )
            if whole:
                values = self.evaluate(step.value, self.frame(path), depth)
                yield from values if name == "default" else self.members(values, name, depth)
            elif part and target.name == name:
                yield from self.evaluate(step.value, self.frame(path), depth)

    # -- members ---------------------------------------------------------------------------------------------------

    def members(self, values: Iterable[Value], name: str, depth: int) -> Values:
        """A property of values."""
        return unique([one for value in values for one in self.member(value, name, depth)])

    def member(self, value: Value, name: str, depth: int) -> Iterable[Value]:
        if depth > MAX_DEPTH:
            return ()
        if isinstance(value, ModuleValue):
            return self.exported(value.path, name, depth) or (Member(value, name),)
        if isinstance(value, ObjectValue):
            return self.property(value, name, depth)
        if isinstance(value, ListValue):
            return self.element(value, name, depth)
        if isinstance(value, Instance):
            return self.of_instance(value, name, depth)
        if isinstance(value, ClassValue):
            return self.of_class(value, name, depth, None) or (Member(value, name),)
        if isinstance(value, External):
            return (External(name if value.name in GLOBALS else f"{value.name}{name if name.startswith('[') else '.' + name}"),)
        if isinstance(value, Literal | FunctionValue):
            return ()
        if isinstance(value, Answer):
            kept = self.container(value, name, depth)
            if kept:
                return kept
            if name == "[0]":
                return (Member(value, name), *self.state(value, depth))
        return (Member(value, name),)

    def property(self, value: ObjectValue, name: str, depth: int) -> Iterable[Value]:
        """A property of an object that is written out; looked for once."""
        key = (id(value.node), id(value.frame), name)
        found = self.properties.get(key)
        if found is None:
            if self.left <= 0:
                return ()
            self.left -= 1
            self.properties[key] = ()  # objects may be spread into each other
            self.kept += (value.node, value.frame)
            found = self.properties[key] = unique(self.property_of(value, name, depth))
        return found

    def property_of(self, value: ObjectValue, name: str, depth: int) -> Iterable[Value]:
        spread: list[Value] = []
        for entry in reversed(value.node.entries):
            if isinstance(entry.key, Constant) and str(entry.key.value) == name:
                found = self.evaluate(entry.value, value.frame, depth)
                return [with_receiver(one, value) for one in found]
            if entry.key is None:
                spread.extend(self.members(self.evaluate(entry.value, value.frame, depth), name, depth + 1))
            elif not isinstance(entry.key, Constant) and text_of(self.evaluate(entry.key, value.frame, depth)) == name:
                return self.evaluate(entry.value, value.frame, depth)
        return spread

    def element(self, value: ListValue, name: str, depth: int) -> Iterable[Value]:
        """An element of a list that is written out."""
        if name[1:-1].isdigit() and int(name[1:-1]) < len(value.node.items):
            return self.evaluate(value.node.items[int(name[1:-1])], value.frame, depth)
        return [one for item in value.node.items[:MAX_VALUES] for one in self.evaluate(item, value.frame, depth)] if name == "[]" else ()

    def of_instance(self, value: Instance, name: str, depth: int) -> Iterable[Value]:
        return self.of_class(value.of, name, depth, value) or (Member(value, name),)

    def of_class(self, class_: ClassValue, name: str, depth: int, this: Value | None) -> Values:
        """A method or a field of a class; of its base classes where it has none itself."""
        index = self.program.modules[class_.path]
        number = index.methods.get(class_.index, {}).get(name)
        if number is not None:
            return (FunctionValue(class_.path, number, None, this or class_),)
        found: list[Value] = []
        facts = index.module.classes[class_.index]
        scope = self.frame(class_.path, facts.scope)
        for step in facts.fields:
            if isinstance(step.target, Name) and step.target.name == name:
                found.extend(with_receiver(one, this or class_) for one in self.assigned(step, scope, (), depth))
        for label, function in index.methods.get(class_.index, {}).items():
            own = index.functions[function]
            frame = self.frame(class_.path, function)
            if label == "constructor" and isinstance(this, Instance) and this.call is not None and this.frame is not None:
                if this.frame.depth < MAX_CALLS:
                    frame = self.called(FunctionValue(class_.path, function, None, this), this.call, this.frame)
            for position, parameter in enumerate(own.parameters):
                if parameter.holds and isinstance(parameter.target, Name) and parameter.target.name == name:
                    found.extend(self.parameter(frame, position, name, depth))
            for step in own.steps:
                target = step.target
                if step.kind == "assign" and isinstance(target, Attribute) and target.name == name and step.value is not None:
                    if isinstance(target.value, Name) and target.value.name == "this":
                        found.extend(self.evaluate(step.value, frame, depth))
        if not found and depth < MAX_DEPTH:
            for base in facts.bases:
                for one in self.evaluate(base, scope, depth):
                    if isinstance(one, ClassValue) and one != class_:
                        found.extend(self.of_class(one, name, depth + 1, this))
        return unique(found)

    def container(self, value: Answer, name: str, depth: int) -> Values:
        """A property of a container of state: ``useAuth().setToken`` of what ``defineStore(...)`` or ``create(...)`` gave."""
        callee = value.callee
        made = callee if isinstance(callee, Answer) else None
        if made is None and isinstance(callee, Member) and callee.name in ("getState", "use") and isinstance(callee.base, Answer):
            made = callee.base
        if made is None:
            return ()
        api = self.knowledge.meaning(dotted(made.callee), "container")
        if api is None:
            return ()
        found: list[Value] = []
        for state in self.states(api, made, depth):
            found.extend(self.members((state,), name, depth + 1))
            for part in ("actions", "getters", "reducers"):
                found.extend(self.members(self.members((state,), part, depth + 1), name, depth + 1))
        return tuple(one for one in found if not isinstance(one, Member))

    def state(self, value: Answer, depth: int) -> Values:
        """What a variable of ``[x, setX] = useState(first)`` may be: what it is at first, and what ``setX`` is given in its function."""
        known = self.given.get(id(value.call))
        if known is not None:
            return known
        path = value.frame.path
        index = self.program.modules[path]
        setter = index.setters.get(id(value.call))
        api = self.knowledge.meaning(dotted(value.callee) or "?", "state") if setter is not None else None
        if api is None or setter is None:
            return ()
        self.given[id(value.call)] = ()  # it may be changed to what it was
        self.kept.append(value.call)
        nodes = [(self.argument(api, "value", value.call), value.frame)]
        nodes += [
            (site.call.positional[0], self.frame(path, site.function))
            for site in index.called.get(setter[0], ())
            if site.call.positional and index.within(site.function, setter[1])
        ]
        found: list[Value] = []
        for node, frame in nodes:
            for one in self.evaluate(node, frame, depth) if node is not None else ():
                if isinstance(one, FunctionValue) and isinstance(node, Closure):
                    found.extend(self.returned(one, Call(node.at, node, (), ()), frame, depth))
                else:
                    found.append(one)
        self.given[id(value.call)] = unique(one for one in found if not isinstance(one, Literal))
        return self.given[id(value.call)]

    def states(self, api: WebApi, made: Answer, depth: int) -> Values:
        """The objects that say what a container holds and does."""
        found: list[Value] = []
        for name in ("state", "options"):
            node = self.argument(api, name, made.call)
            for value in self.evaluate(node, made.frame, depth) if node is not None else ():
                if isinstance(value, FunctionValue):
                    found.extend(self.returned(value, made.call, made.frame, depth))
                elif isinstance(value, Answer) and self.knowledge.meaning(dotted(value.callee)) is not None:
                    inner = value.call.positional[0] if value.call.positional else None  # middleware around it
                    for one in self.evaluate(inner, value.frame, depth) if inner is not None else ():
                        if isinstance(one, FunctionValue):
                            found.extend(self.returned(one, value.call, value.frame, depth))
                else:
                    found.append(value)
        return tuple(found)

    # -- calls -----------------------------------------------------------------------------------------------------

    def argument(self, api: WebApi, name: str, call: Call) -> Expression | None:
        """The argument of a call that a model names."""
        given = api.args.get(name)
        if given is None or given.pos is None or given.pos >= len(call.positional):
            return None
        node = call.positional[given.pos]
        if given.option:
            return option(node, given.option) if isinstance(node, Mapping) else None
        return node

    def call(self, node: Call, frame: Frame, depth: int) -> Iterable[Value]:
        """What a call gives."""
        found: list[Value] = []
        for callee in self.evaluate(node.function, frame, depth):
            found.extend(self.result(callee, node, frame, depth))
        if not found and isinstance(node.function, Attribute) and node.function.name in SAME:
            return self.evaluate(node.function.value, frame, depth)
        return found

    def result(self, callee: Value, node: Call, frame: Frame, depth: int) -> Iterable[Value]:
        if isinstance(callee, FunctionValue):
            return self.returned(callee, node, frame, depth)
        if isinstance(callee, ClassValue):
            return (Instance(callee, id(node), node, frame),)
        if isinstance(callee, External) and callee.name in ("require", "import") and node.positional:
            specifier = text_of(self.evaluate(node.positional[0], frame, depth))
            if specifier is not None:
                target = self.program.layout.resolve(frame.path, specifier)
                if target in self.program.modules:
                    return (ModuleValue(target), *self.common_js(target, "default", depth))
                return (External(specifier),)
        if isinstance(callee, External | Member | Answer):
            name = dotted(callee)
            api = self.knowledge.meaning(name) if name else None
            if api is not None and api.fact == "identity":
                if node.positional:
                    return self.evaluate(node.positional[0], frame, depth)
            elif api is not None and api.fact in ("read", "cell", "instance"):
                known = self.modelled(api, node, frame, depth)
                if known is not None and api.fact != "cell":
                    return known
            if isinstance(callee, Member | External) and isinstance(node.function, Attribute):
                method = node.function.name
                if method in SAME:
                    return self.evaluate(node.function.value, frame, depth)
                if method == "then" and node.positional:
                    return self.then(node, frame, depth)
                if method == "replace" and len(node.positional) == 2:
                    return self.evaluate(node.function.value, frame, depth)
            return (Answer(callee, node, frame),)
        if isinstance(callee, Instance | ObjectValue | ListValue | Literal | Mixed):
            return ()
        return (Answer(callee, node, frame),)

    def then(self, node: Call, frame: Frame, depth: int) -> Values:
        """What ``promise.then(f)`` gives: what ``f`` returns."""
        found: list[Value] = []
        for handler in self.evaluate(node.positional[0], frame, depth):
            if isinstance(handler, FunctionValue):
                found.extend(self.returned(handler, node, frame, depth))
        return tuple(found)

    def modelled(self, api: WebApi, node: Call, frame: Frame, depth: int) -> Values | None:
        """What a call of a library gives, as far as the model says."""
        if api.fact == "instance":
            class_ = self.argument(api, "class", node)
            values = self.evaluate(class_, frame, depth) if class_ is not None else ()
            return tuple(Instance(value) if isinstance(value, ClassValue) else value for value in values)
        key = self.argument(api, "key", node)
        text = text_of(self.evaluate(key, frame, depth)) if key is not None else None
        return (Stored(api.medium, text if text is not None else "*"),)

    def returned(self, function: FunctionValue, node: Call, caller: Frame, depth: int) -> Values:
        """What a function of the program gives when it is called."""
        if caller.depth >= MAX_CALLS or depth > MAX_DEPTH:
            return ()
        frame = self.called(function, node, caller)
        found: list[Value] = []
        for step in self.program.function(function.path, function.index).steps:
            if step.kind == "return" and step.value is not None:
                found.extend(self.evaluate(step.value, frame, depth))
        return unique(found)

    def parameter(self, frame: Frame, position: int, name: str, depth: int) -> Values:
        """What a parameter is: of the call that is looked at, or of the call that hands the function on."""
        function = self.program.function(frame.path, frame.function)
        if frame.call is not None and frame.caller is not None:
            direct = not any(isinstance(argument, Closure) and argument.function == frame.function for argument in frame.call.positional)
            if direct:
                if any(isinstance(argument, Starred) for argument in frame.call.positional):
                    return ()
                if position >= len(frame.call.positional):
                    return ()
                return self.evaluate(frame.call.positional[position], frame.caller, depth)
        handed = self.handed(frame, position, depth)
        if handed:
            return handed
        annotation = function.parameters[position].annotation
        if annotation:
            typed = self.typed(annotation, frame, depth)
            if typed:
                return typed
        return (Argument(frame.path, frame.function, position, name),)

    def handed(self, frame: Frame, position: int, depth: int) -> Values:
        """What a function is given that is itself an argument: ``login().then(data => …)``."""
        index = self.program.modules[frame.path]
        known = index.closures.get(frame.function)
        if known is None or position:
            return ()
        closure, function = known
        around = frame.around if frame.around is not None and frame.around.function == function else self.frame(frame.path, function)
        parent = index.parents.get(id(closure))
        if parent is None or parent[1]:
            return self.from_options(closure, around, depth)
        call = parent[0]
        if isinstance(call.function, Attribute) and call.function.name in HANDED:
            return self.evaluate(call.function.value, around, depth)
        if isinstance(call.function, Name) and call.function.name in HANDED:
            outer = index.parents.get(id(call))
            if outer is not None and isinstance(outer[0].function, Attribute) and outer[0].function.name == "pipe":
                return self.evaluate(outer[0].function.value, around, depth)
        return ()

    def from_options(self, closure: Closure, around: Frame, depth: int) -> Values:
        """What ``onSuccess(data)`` is given, beside ``mutationFn`` or ``queryFn`` of the same options."""
        index = self.program.modules[around.path]
        holder = index.properties.get(id(closure))
        if holder is None or holder[1] not in ("onSuccess", "success", "next", "done"):
            return ()
        for name in ("mutationFn", "queryFn", "fetcher"):
            node = option(holder[0], name)
            for value in self.evaluate(node, around, depth) if node is not None else ():
                if isinstance(value, FunctionValue):
                    parent = index.parents.get(id(holder[0]))
                    if parent is not None:
                        return self.returned(value, Call(parent[0].at, parent[0].function, (), ()), around, depth)
        return ()


def unique(values: Iterable[Value]) -> Values:
    """Values without repetitions, the first few."""
    found: list[Value] = []
    for value in values:
        if value not in found:
            found.append(value)
            if len(found) == MAX_VALUES:
                break
    return tuple(found)


def with_receiver(value: Value, receiver: Value) -> Value:
    """A function as a method of what it was taken from."""
    if isinstance(value, FunctionValue):
        return FunctionValue(value.path, value.index, value.frame, receiver)
    return value


def option(node: Expression, name: str) -> Expression | None:
    """A property of an object that is written out, by its dotted name."""
    for part in name.split("."):
        if not isinstance(node, Mapping):
            return None
        found = next((entry.value for entry in node.entries if isinstance(entry.key, Constant) and str(entry.key.value) == part), None)
        if found is None:
            return None
        node = found
    return node
