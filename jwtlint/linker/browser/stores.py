"""Where scripts keep things: in web storage, in cookies, in state that a library keeps; by whatever wrapper."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from jwtlint.facts.lifecycle import Medium, Place
from jwtlint.facts.program import Attribute, Call, Constant, Expression, Mapping, Name, Sequence, Span, Step, Subscript
from jwtlint.linker.browser.calls import MAX_HOPS, Callers, state_of
from jwtlint.linker.browser.evaluate import WebEvaluator, option
from jwtlint.linker.browser.frames import MODULE, Frame
from jwtlint.linker.browser.library import WebApi
from jwtlint.linker.browser.program import CallSite, spoken_name
from jwtlint.linker.browser.values import (
    Answer,
    Argument,
    External,
    FunctionValue,
    ListValue,
    Literal,
    Member,
    Mixed,
    ObjectValue,
    Value,
    Values,
    dotted,
    text_of,
)
from jwtlint.linker.traversal import walk

COOKIE = re.compile(r"^\s*([^=;\s\x00]+)=")
ENDED = re.compile(r"max-age=(?:0|-\d+)|expires=thu, 01.jan.1970", re.IGNORECASE)  # deletes a cookie (RFC 6265 §5.3)
UNFOUND_STORAGE = re.compile(r"storage", re.IGNORECASE)
# what is called a storage and is none of a page's
NOT_WEB = frozenset(("AsyncStorage", "SecureStore", "EncryptedStorage", "SecureStoragePlugin"))
MEDIA: dict[str, Medium] = {"local_storage": "local_storage", "session_storage": "session_storage", "cookie": "cookie"}


class Kept(msgspec.Struct):
    """One thing that is kept. ``key`` is "" where it is not known. ``values`` is what it may be, ``nodes`` how it is written.

    ``names`` are names under which it goes besides. ``whole``: ``names`` and ``values`` are all that a container of state holds.
    """

    medium: Medium
    path: str
    function: int
    at: Span
    key: str
    values: list[Value] = []
    nodes: list[Expression] = []
    names: list[str] = []
    calls: list[Place] = []  # the way there, from whoever hands the value over
    wrapper: Place | None = None  # where the project's own wrapper writes
    whole: bool = False


class Stores:
    """Finds what is kept."""

    def __init__(self, evaluator: WebEvaluator, callers: Callers) -> None:
        self.evaluator = evaluator
        self.program = evaluator.program
        self.knowledge = evaluator.knowledge
        self.callers = callers
        self.cells: dict[int, Kept] = {}  # by the identity of the call that makes the variable

    def find(self) -> list[Kept]:
        """All that is kept, in no order."""
        found: list[Kept] = []
        for site, frame, values in self.callers.callees:
            for value in values:
                name = dotted(value)
                api = self.knowledge.meaning(name) if name else None
                if api is None:
                    api = self.guessed(site, value)
                if api is not None:
                    found.extend(self.of_call(api, site, frame))
        for index in self.program.modules.values():
            for function, step in index.steps():
                if step.kind == "assign" and isinstance(step.target, Attribute | Subscript) and step.value is not None:
                    found.extend(self.of_assignment(index.path, function, step))
        self.fill_cells()
        return found

    def guessed(self, site: CallSite, value: Value) -> WebApi | None:
        """``setItem`` of something of which only the callers know what it is, or else of which only the name says so."""
        function = site.call.function
        if not isinstance(function, Attribute) or function.name != "setItem" or len(site.call.positional) < 2:
            return None
        name = spoken_name(function.value)
        if not isinstance(value, Member) or name in NOT_WEB:
            return None
        known = self.by_callers(site)
        if known is not None or not UNFOUND_STORAGE.search(name):
            return known
        which = "sessionStorage" if "session" in name.lower() else "localStorage"
        return self.knowledge.meaning(f"{which}.setItem", "store")

    def by_callers(self, site: CallSite) -> WebApi | None:
        """What a storage is that the callers give."""
        for context in self.callers.contexts(site.path, site.function):
            for value in self.evaluator.evaluate(site.call.function, context):
                name = dotted(value)
                api = self.knowledge.meaning(name, "store") if name else None
                if api is not None:
                    return api
        return None

    # -- calls -----------------------------------------------------------------------------------------------------

    def of_call(self, api: WebApi, site: CallSite, frame: Frame) -> Iterator[Kept]:
        """What one call keeps."""
        if api.fact == "store":
            value = self.evaluator.argument(api, "value", site.call)
            key = self.evaluator.argument(api, "key", site.call)
            if value is not None and not self.hidden(api, site, frame):
                yield from self.written(MEDIA[api.medium], site.path, site.function, site.call.at, key, value, frame)
        elif api.fact == "cell":
            if not self.hidden(api, site, frame):
                yield from self.cell(api, site, frame)
        elif api.fact == "persist":
            yield from self.persisted(api, site, frame)
        elif api.fact == "container" and api.option:
            for name in ("options", "state"):
                given = self.evaluator.argument(api, name, site.call)
                persist = option(given, api.option) if given is not None else None
                if persist is not None and not (isinstance(persist, Constant) and not persist.value):
                    yield from self.persisted(api, site, frame, persist)
                    return

    def hidden(self, api: WebApi, site: CallSite, frame: Frame) -> bool:
        """Whether an option keeps scripts away, or may do so in production: it depends on something, or is not known."""
        options = self.evaluator.argument(api, "options", site.call)
        if not api.http_only or options is None:
            return api.hides
        given = self.evaluator.evaluate(options, frame)
        if not given or not all(isinstance(one, ObjectValue) for one in given):
            return True
        flags = [flag for one in given if isinstance(one, ObjectValue) for flag in self.flags(one, api.http_only)]
        if not flags:
            return api.hides
        return any(not isinstance(flag, Literal) or bool(flag.value) for flag in flags)

    def flags(self, options: ObjectValue, name: str) -> Iterator[Value]:
        """What an option may be; something unknown where it is computed, or may stand in an object that is spread and not known."""
        unknown = External(name)
        node = option(options.node, name)
        if node is not None:
            yield from self.evaluator.evaluate(node, options.frame) or (unknown,)
            return
        for entry in options.node.entries:
            if entry.key is None:
                spread = self.evaluator.evaluate(entry.value, options.frame)
                if not spread:
                    yield unknown
                for one in spread:
                    yield from self.flags(one, name) if isinstance(one, ObjectValue) else (unknown,)

    def written(
        self, medium: Medium, path: str, function: int, at: Span, key: Expression | None, value: Expression, frame: Frame
    ) -> Iterator[Kept]:
        """What is kept under a key; where the key is a parameter, by each caller."""
        place = self.program.place(path, at)
        text = self.key_text(key, frame)
        values = list(self.evaluator.evaluate(value, frame))
        lacking = self.lacks(values)
        if text is not None or key is None:
            kept = Kept(medium, path, function, at, text or "", values, [value])
            kept.values.extend(self.set_elsewhere(values))
            if lacking:
                for context in self.callers.contexts(path, function) or self.outer(path, function):
                    kept.values.extend(self.evaluator.evaluate(value, context))
                    kept.calls.extend(self.way(context))
                    kept.nodes.extend(self.given(context))
            yield kept
            return
        seen: set[Place] = set()
        for context in self.callers.contexts(path, function) or self.outer(path, function):
            text = self.key_text(key, context)
            call = self.deciding(key, context)
            if text is None or call is None:
                continue
            seen.add(self.program.place(call[0], call[1].at))
            kept = Kept(medium, call[0], call[2], call[1].at, text, list(self.evaluator.evaluate(value, context)), [value], wrapper=place)
            kept.values.extend(self.set_elsewhere(kept.values))
            kept.nodes.extend(self.given(context))
            yield kept
        if not seen:
            yield Kept(medium, path, function, at, "", values, [value])

    def set_elsewhere(self, values: list[Value]) -> list[Value]:
        """What the setters of states are given that the project's own hooks hand out: ``const [pass, setPass] = useStored("pass")``."""
        found: list[Value] = []
        for value in values:
            keys: list[str] = []
            while isinstance(value, Member) and not (value.name == "[0]" and isinstance(value.base, Answer)):
                keys.insert(0, value.name)
                value = value.base
            if isinstance(value, Member) and isinstance(value.base, Answer):
                for node, frame in self.callers.set_by.get(state_of(value.base), ()):
                    found.extend(self.evaluator.walk_keys(self.evaluator.evaluate(node, frame), tuple(keys), 0))
        return found

    def key_text(self, key: Expression | None, frame: Frame) -> str | None:
        """A key's text, as far as it is known: of one that is put together, its known parts. None where the callers decide."""
        if key is None:
            return None
        values = self.evaluator.evaluate(key, frame)
        text = text_of(values)
        if text is not None:
            return text
        for value in values:
            if isinstance(value, Literal) and isinstance(value.value, str):
                return value.value
            if isinstance(value, Mixed):
                parts = value.text.replace("\0", "")
                if not self.lacks((value,)) or (frame.call is not None and any(letter.isalnum() for letter in parts)):
                    return parts
        return None if self.lacks(values) else spoken_name(key) or None

    def lacks(self, values: list[Value] | Values) -> bool:
        """Whether a value is a parameter, or has one in it."""
        return any(isinstance(root(value), Argument) for value in flat(values))

    def outer(self, path: str, function: int) -> list[Frame]:
        """The frames of the functions around a function, where it is itself called by nobody that is known."""
        index = self.program.modules[path]
        found: list[Frame] = []
        while function != MODULE and not found:
            scope = index.functions[function].scope
            for context in self.callers.contexts(path, scope):
                found.append(Frame(path, function, context, None, None, context.receiver, context.depth))
            function = scope
        return found

    def deciding(self, key: Expression, context: Frame) -> tuple[str, Call, int] | None:
        """The call that gives the key: file, call, and the function it stands in."""
        found: tuple[str, Call, int] | None = None
        node, frame = key, context
        for _ in range(MAX_HOPS):
            bound = self.passed(node, frame)
            if bound is None:
                break
            call, frame, node = bound
            found = (frame.path, call, frame.function)
        if found is None and context.call is not None and context.caller is not None:
            found = (context.caller.path, context.call, context.caller.function)
        return found

    def passed(self, node: Expression, frame: Frame, depth: int = 0) -> tuple[Call, Frame, Expression] | None:
        """The call by which a parameter in an expression got its value, the frame of that call, and the argument.

        Of several parameters that of the innermost function counts: a prefix is given once, the key at each call.
        """
        best: tuple[Call, Frame, Expression] | None = None
        nearest = MAX_HOPS * 4
        for inner in walk(node):
            if not isinstance(inner, Name):
                continue
            here: Frame | None = frame
            distance = 0
            while here is not None and distance < nearest:
                index = self.program.modules[here.path]
                parameter = index.parameters[here.function].get(inner.name) if here.function != MODULE else None
                if parameter is not None:
                    if here.call is not None and here.caller is not None and parameter[0] < len(here.call.positional):
                        best, nearest = (here.call, here.caller, here.call.positional[parameter[0]]), distance
                    break
                bindings = index.bindings.get(here.function, {}).get(inner.name)
                if bindings:
                    value = bindings[0].step.value
                    found = self.passed(value, here, depth + 1) if value is not None and depth < MAX_HOPS else None
                    if found is not None:
                        best, nearest = found, distance
                    break
                here = here.around
                distance += 1
        return best

    def given(self, context: Frame) -> list[Expression]:
        """The arguments of the calls that lead to a frame."""
        found: list[Expression] = []
        here: Frame | None = context
        while here is not None and here.call is not None:
            found.extend(here.call.positional[-1:])
            here = here.caller
        return found

    def way(self, context: Frame) -> list[Place]:
        """The places of the calls that lead to a frame, outermost first."""
        found: list[Place] = []
        here: Frame | None = context
        while here is not None and here.call is not None and here.caller is not None:
            found.append(self.program.place(here.caller.path, here.call.at))
            here = here.caller
        return list(reversed(found))

    # -- assignments -----------------------------------------------------------------------------------------------

    def of_assignment(self, path: str, function: int, step: Step) -> Iterator[Kept]:
        """What an assignment keeps: to a property of the storage, to ``document.cookie``, to a kept variable's ``value``."""
        target, value = step.target, step.value
        if not isinstance(target, Attribute | Subscript) or value is None:
            return
        frame = self.evaluator.frame(path, function)
        for base in self.evaluator.evaluate(target.value, frame):
            name = dotted(base)
            api = self.knowledge.meaning(name, "storage") if name else None
            if api is not None:
                key: Expression = Constant(target.at, target.name) if isinstance(target, Attribute) else target.index
                yield from self.written(MEDIA[api.medium], path, function, step.at, key, value, frame)
            elif isinstance(target, Attribute) and isinstance(base, External):
                api = self.knowledge.meaning(f"{name}.{target.name}", "cookie-text")
                if api is not None:
                    yield from self.cookie(path, function, step, value, frame)

    def cookie(self, path: str, function: int, step: Step, value: Expression, frame: Frame) -> Iterator[Kept]:
        """``document.cookie = name + "=" + value``"""
        contexts = [frame]
        parts = self.evaluator.evaluate(value, frame)
        if self.lacks(parts):
            contexts += self.callers.contexts(path, function)
        for number, context in enumerate(contexts):
            for one in self.evaluator.evaluate(value, context):
                if not isinstance(one, Mixed) or ENDED.search(one.text):
                    continue
                found = COOKIE.match(one.text)
                key, held = (found[1], one.parts[0]) if found is not None else ("", ())
                if found is None and one.text.startswith("\0=") and len(one.parts) > 1:
                    key, held = text_of(one.parts[0]) or "", one.parts[1]
                    if not key and number == 0 and len(contexts) > 1:
                        continue  # a wrapper: the callers say which cookie it is
                if found is not None and "\0" not in one.text.partition(";")[0]:
                    continue  # what is known of the value is all of it; the hole is an attribute's
                call = self.deciding(value, context) if number and found is None else None
                at, where, own = (call[1].at, call[0], call[2]) if call is not None else (step.at, path, function)
                kept = Kept("cookie", where, own, at, key, list(held), [])
                if number:
                    kept.nodes.extend(self.given(context))
                    kept.calls.extend(self.way(context))
                else:
                    kept.nodes.extend(holes(value))
                yield kept

    # -- variables that are kept -----------------------------------------------------------------------------------

    def cell(self, api: WebApi, site: CallSite, frame: Frame) -> Iterator[Kept]:
        """A variable that is kept. What it is given later is found by :meth:`fill_cells`."""
        key = self.evaluator.argument(api, "key", site.call)
        text = self.key_text(key, frame)
        medium = self.medium(api, self.evaluator.argument(api, "storage", site.call), frame)
        names = self.bound_names(site)
        if text is None and key is not None and isinstance(site.step.target, Name | None):
            for context in self.callers.contexts(site.path, site.function):
                text = text or self.key_text(key, context)
        kept = Kept(medium, site.path, site.function, site.call.at, text or (names[0] if names else ""), names=names)
        value = self.evaluator.argument(api, "value", site.call)
        if value is not None:
            kept.values.extend(self.evaluator.evaluate(value, frame))
            firsts = [entry.key for one in kept.values if isinstance(one, ObjectValue) for entry in one.node.entries]
            kept.names.extend(str(key.value) for key in firsts if isinstance(key, Constant))
        self.cells[id(site.call)] = kept
        yield kept

    def bound_names(self, site: CallSite) -> list[str]:
        """The names that a call's value is given: of a variable, or of the property that it is the value of."""
        index = self.program.modules[site.path]
        holder = index.properties.get(id(site.call))
        if holder is not None:
            return [holder[1]]
        target = site.step.target
        if isinstance(target, Sequence) and target.items:
            target = target.items[0]
        name = spoken_name(target)
        return [name] if name else []

    def fill_cells(self) -> None:
        """What kept variables are given: ``cell.value = x``, ``setCell(x)``, ``cell.set(x)``."""
        if not self.cells:
            return
        for index in self.program.modules.values():
            for function, step in index.steps():
                target = step.target
                if step.kind == "assign" and not step.operator and step.value is not None and isinstance(target, Attribute | Name):
                    frame = self.evaluator.frame(index.path, function)
                    holder = target.value if isinstance(target, Attribute) else target
                    if isinstance(target, Attribute) and target.name not in ("value", "current", "data"):
                        continue
                    for base in self.evaluator.evaluate(holder, frame):
                        self.fill(base, step.value, frame)
        for site, frame, values in self.callers.callees:
            if not site.call.positional:
                continue
            for value in values:
                if isinstance(value, Member) and value.name in ("[1]", "set", "update"):
                    self.fill(value.base, site.call.positional[0], frame)

    def fill(self, base: Value, value: Expression, frame: Frame) -> None:
        if isinstance(base, Answer) and id(base.call) in self.cells:
            kept = self.cells[id(base.call)]
            kept.values.extend(self.evaluator.evaluate(value, frame))
            kept.nodes.append(value)

    # -- containers of state -----------------------------------------------------------------------------------------

    def medium(self, api: WebApi, storage: Expression | None, frame: Frame) -> Medium:
        """Where a library keeps things, which an option may change: ``createJSONStorage(() => sessionStorage)``."""
        if storage is None:
            return MEDIA[api.medium]
        return medium_named(self.mentioned(storage, frame)) or MEDIA[api.medium]

    def mentioned(self, node: Expression, frame: Frame, depth: int = 0) -> str:
        """The names of all that an expression gives, functions' values included, in lower case."""
        found: list[str] = []
        for value in self.evaluator.evaluate(node, frame):
            found.append(dotted(value))
            if isinstance(value, Answer) and depth < 3:
                found.extend(self.mentioned(argument, value.frame, depth + 1) for argument in value.call.positional)
            elif isinstance(value, FunctionValue) and depth < 3:
                inner = Frame(value.path, value.index, value.frame)
                for step in self.program.function(value.path, value.index).steps:
                    if step.value is not None and step.kind in ("return", "evaluate"):
                        found.append(self.mentioned(step.value, inner, depth + 1))
            elif isinstance(value, ObjectValue) and depth < 2:
                for entry in value.node.entries:
                    found.append(self.mentioned(entry.value, value.frame, depth + 1))
        if isinstance(node, Call) and not found:
            found.append(spoken_name(node.function))
        return " ".join(found).lower()

    def varied(self, api: WebApi, path: str) -> Medium | None:
        """Another medium, where the front end's configuration says so itself, or names a module that changes the usual one."""
        found: Medium | None = None
        for other, index in self.program.modules.items() if api.variants or api.settings else ():
            if other.rpartition("/")[2].startswith(("nuxt.config", "vite.config")) and path.startswith(other.rpartition("/")[0]):
                for _, step in index.steps():
                    for node in walk(step.value) if step.value is not None else ():
                        said = next((one for one in (option(node, name) for name in api.settings) if one is not None), None)
                        if said is not None:
                            text = self.mentioned(said, self.evaluator.frame(other)) or str(getattr(said, "value", "")).lower()
                            return medium_named(text) or MEDIA[api.medium]
                        if isinstance(node, Constant) and node.value in api.variants:
                            found = MEDIA[api.variants[str(node.value)]]
        return found

    def persisted(self, api: WebApi, site: CallSite, frame: Frame, options: Expression | None = None) -> Iterator[Kept]:
        """State that is kept: the names of its parts, but for those left out. It stands at the option that has it kept, or at the call."""
        at = options.at if options is not None else site.call.at
        given = options if options is not None else self.evaluator.argument(api, "options", site.call)
        settings = [value for value in self.evaluator.evaluate(given, frame) if isinstance(value, ObjectValue)] if given is not None else []
        storage = next((one for one in (self.setting(settings, name) for name in api.storage_options) if one is not None), None)
        medium = self.medium(api, storage[0], storage[1]) if storage is not None else MEDIA[api.medium]
        parts = list(self.state(api, site, frame))
        for names, keep in ((api.include, True), (api.exclude, False)):
            for name in names:
                setting = self.setting(settings, name)
                listed = self.listed(*setting) if setting is not None else None
                if listed is not None:
                    parts = [part for part in parts if matches(part[0], listed) == keep]
        key = next((text for text in (self.setting_text(settings, name) for name in ("name", "key")) if text), "")
        if not key:
            given = self.evaluator.argument(api, "name", site.call)
            key = (self.key_text(given, frame) or "") if given is not None else ""
        kept = Kept(self.varied(api, site.path) or medium if storage is None else medium, site.path, site.function, at, key, whole=True)
        for path, value in parts:
            kept.names.append(path[-1])
            kept.values.extend(value)
        if kept.names:
            yield kept

    def setting(self, settings: list[ObjectValue], name: str) -> tuple[Expression, Frame] | None:
        """One option."""
        for value in settings:
            node = option(value.node, name)
            if node is not None:
                return node, value.frame
        return None

    def setting_text(self, settings: list[ObjectValue], name: str) -> str:
        found = self.setting(settings, name)
        return (text_of(self.evaluator.evaluate(*found)) or "") if found is not None else ""

    def listed(self, node: Expression, frame: Frame) -> list[str] | None:
        """The names that an option lists, or that its function takes out of the state."""
        found: list[str] = []
        known = False
        for value in self.evaluator.evaluate(node, frame):
            if isinstance(value, FunctionValue):
                call = Call(node.at, node, (), ())
                for one in self.evaluator.returned(value, call, frame, 0):
                    if isinstance(one, ObjectValue):
                        known = True
                        found.extend(str(entry.key.value) for entry in one.node.entries if isinstance(entry.key, Constant))
                        if any(entry.key is None for entry in one.node.entries):
                            return None
            elif isinstance(value, ListValue):
                known = True
                for item in value.node.items:
                    text = text_of(self.evaluator.evaluate(item, value.frame))
                    if text is not None:
                        found.append(text)
                    elif isinstance(item, Mapping) and option(item, "paths") is not None:
                        found.extend(self.listed(option(item, "paths") or item, frame) or [])
        return found if known else None

    def state(self, api: WebApi, site: CallSite, frame: Frame) -> Iterator[tuple[tuple[str, ...], Values]]:
        """The parts of the state that a call keeps: their paths, and what they are at first."""
        node = self.evaluator.argument(api, "state", site.call)
        if node is not None:
            for value in self.evaluator.evaluate(node, frame):
                yield from self.parts(value, site.call, frame, ())
        elif api.fact == "persist":  # a plug-in of a store: all stores of the front end
            for other, own, values in self.callers.callees:
                for value in values:
                    if self.knowledge.meaning(dotted(value) or "?", "container") is not None:
                        for argument in other.call.positional[:1]:
                            for one in self.evaluator.evaluate(argument, own):
                                yield from self.parts(one, other.call, own, ())

    def parts(self, value: Value, call: Call, frame: Frame, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Values]]:
        """The parts of what a container is made of."""
        if len(path) > 3:
            return
        if isinstance(value, FunctionValue):
            for one in self.evaluator.returned(value, Call(call.at, call.function, (), ()), frame, 0):
                yield from self.parts(one, call, frame, path)
            if not path:
                yield from self.changed(value)
        elif isinstance(value, Answer):
            for argument in value.call.positional[:1]:
                for one in self.evaluator.evaluate(argument, value.frame):
                    yield from self.parts(one, value.call, value.frame, path)
        elif isinstance(value, Member) and value.name in ("reducer", "default"):
            yield from self.parts(value.base, call, frame, path)
        elif isinstance(value, ObjectValue):
            for name in ("state", "initialState"):
                node = option(value.node, name)
                if node is not None and not path:
                    for one in self.evaluator.evaluate(node, value.frame):
                        yield from self.parts(one, call, value.frame, path)
                    modules = option(value.node, "modules")
                    for one in self.evaluator.evaluate(modules, value.frame) if modules is not None else ():
                        yield from self.nested(one, call, path)
                    return
            modules = option(value.node, "modules")
            if modules is not None and not path:
                for one in self.evaluator.evaluate(modules, value.frame):
                    yield from self.nested(one, call, path)
                return
            for entry in value.node.entries:
                if isinstance(entry.key, Constant):
                    name = str(entry.key.value)
                    held = self.evaluator.evaluate(entry.value, value.frame)
                    if not any(isinstance(one, FunctionValue) for one in held):
                        yield (*path, name), held
                    for one in held:
                        if isinstance(one, ObjectValue | Member) or (isinstance(one, Answer) and self.is_reducer(one)):
                            yield from self.parts(one, call, value.frame, (*path, name))
                elif entry.key is None:
                    for one in self.evaluator.evaluate(entry.value, value.frame):
                        if isinstance(one, ObjectValue):
                            yield from self.parts(one, call, value.frame, path)

    def nested(self, value: Value, call: Call, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Values]]:
        """The states of a store's modules."""
        if isinstance(value, ObjectValue):
            for entry in value.node.entries:
                if isinstance(entry.key, Constant):
                    for one in self.evaluator.evaluate(entry.value, value.frame):
                        for inner, held in self.parts(one, call, value.frame, ()):
                            yield (*path, str(entry.key.value), *inner), held

    def is_reducer(self, value: Answer) -> bool:
        """Whether a call puts reducers together."""
        return dotted(value.callee).rpartition(".")[2] in ("combineReducers", "persistReducer", "createReducer")

    def changed(self, maker: FunctionValue) -> Iterator[tuple[tuple[str, ...], Values]]:
        """What a store's functions put into its state: ``set({ token })``."""
        index = self.program.modules[maker.path]
        for site in index.calls:
            if spoken_name(site.call.function) not in ("set", "setState", "patch") or not site.call.positional:
                continue
            scope = site.function
            while scope not in (MODULE, maker.index):
                scope = index.functions[scope].scope
            if scope != maker.index:
                continue
            frame = self.evaluator.frame(site.path, site.function)
            for value in self.evaluator.evaluate(site.call.positional[0], frame):
                if isinstance(value, ObjectValue):
                    for entry in value.node.entries:
                        if isinstance(entry.key, Constant):
                            yield (str(entry.key.value),), self.evaluator.evaluate(entry.value, value.frame)


def medium_named(text: str) -> Medium | None:
    """The medium that a text in lower case names: ``sessionstorage``, ``cookies``."""
    return "session_storage" if "session" in text else "cookie" if "cookie" in text else "local_storage" if "local" in text else None


def matches(path: tuple[str, ...], listed: list[str]) -> bool:
    """Whether a part of a state is listed, itself or what it is a part of, or has a listed part."""
    name = ".".join(path)
    return any(name == one or name.startswith(f"{one}.") or one.startswith(f"{name}.") for one in listed)


def flat(values: list[Value] | Values, depth: int = 0) -> Iterator[Value]:
    """Values with the parts of texts that are put together."""
    for value in values:
        if isinstance(value, Mixed) and depth < 6:
            for part in value.parts:
                yield from flat(part, depth + 1)
        else:
            yield value


def root(value: Value) -> Value:
    """What a property is one of in the end."""
    while isinstance(value, Member):
        value = value.base
    return value


def holes(node: Expression) -> list[Expression]:
    """The parts of a text that are no constants."""
    inner = [*getattr(node, "parts", ()), *getattr(node, "operands", ())]
    return [part for part in inner if not isinstance(part, Constant)][:1] if inner else [node]
