"""From a script's syntax tree to its facts: imports, exports, functions, classes and their steps, in textual order."""

from __future__ import annotations

from collections import deque

from tree_sitter import Node

from jwtlint.facts.program import Closure, Constant, Entry, Expression, Mapping, Name, Opaque, Starred, Step
from jwtlint.facts.web import DEFAULT, WebClass, WebExport, WebFunction, WebImport, WebModule, WebParameter, Written
from jwtlint.web.blanks import Filled
from jwtlint.web.expressions import FUNCTIONS, Expressions, first_named, span
from jwtlint.web.languages import parser

DECLARATIONS = frozenset(("lexical_declaration", "variable_declaration"))
FUNCTION_DECLARATIONS = frozenset(("function_declaration", "generator_function_declaration"))
CLASSES = frozenset(("class_declaration", "abstract_class_declaration", "class"))
# what says nothing of values
TYPES = frozenset(
    (
        "comment interface_declaration type_alias_declaration function_signature empty_statement import_alias hash_bang_line "
        "debugger_statement"
    ).split()
)
# a name or a value, but no statement
EXPRESSIONS = frozenset(("identifier", "string", "number", "this", "true", "false", "null", "object", "array", "template_string"))
MODULE = -1
MAX_NESTING = 60  # functions and classes inside functions and classes; what lies deeper is left out


class Reader:
    """Reads one script."""

    def __init__(self, path: str, filled: Filled) -> None:
        self.path = path
        self.imports: list[WebImport] = []
        self.exports: list[WebExport] = []
        self.functions: list[WebFunction | None] = []
        self.classes: list[WebClass | None] = []
        self.bodies: deque[tuple[int, Node, str, int]] = deque()  # functions still to be read: index, node, name, scope
        self.owner = MODULE  # the class whose members are read
        self.owners: dict[int, int] = {}
        self.depths: dict[int, int] = {MODULE: 0}
        self.class_depth = 0
        self.scope = MODULE
        self.steps: list[Step] = []
        self.expressions = Expressions(filled, lambda step: self.steps.append(step), self.add_function, self.add_class)

    def read(self, root: Node, kind: str, written: tuple[Written, ...]) -> WebModule:
        """The facts of the whole tree."""
        self.statements([root])
        top = tuple(self.steps)
        while self.bodies:
            self.function(*self.bodies.popleft())
        is_module = bool(self.imports or self.exports)
        return WebModule(
            path=self.path,
            kind="module" if kind == "script" and is_module else kind,
            imports=tuple(self.imports),
            exports=tuple(self.exports),
            functions=tuple(one for one in self.functions if one is not None),
            classes=tuple(one for one in self.classes if one is not None),
            steps=top,
            written=written,
        )

    # -- statements ------------------------------------------------------------------------------------------------

    def statements(self, nodes: list[Node]) -> None:
        """Read statements and those inside them, in textual order."""
        waiting = list(reversed(nodes))
        while waiting:
            node = waiting.pop()
            inner = self.statement(node)
            if inner:
                waiting.extend(reversed(inner))

    def statement(self, node: Node) -> list[Node]:
        """Read one statement; gives the statements inside it that are still to be read."""
        kind = node.type
        if kind == "expression_statement":
            inner = first_named(node)
            if inner is not None:
                if inner.type in ("internal_module", "module"):
                    return inner.named_children
                if inner.type in ("assignment_expression", "augmented_assignment_expression"):
                    self.expressions.convert(inner)  # emits its step
                else:
                    self.step("evaluate", node, inner)
            return []
        if kind in DECLARATIONS:
            self.declaration(node)
        elif kind in FUNCTION_DECLARATIONS:
            name = self.name_of(node)
            index = self.add_function(node, name)
            self.bind(node, name, index)
        elif kind in CLASSES:
            self.add_class(node)
        elif kind == "return_statement":
            value = first_named(node)
            if value is not None:
                self.step("return", node, value)
        elif kind == "import_statement":
            self.import_statement(node)
        elif kind == "export_statement":
            return self.export_statement(node)
        elif kind == "enum_declaration":
            self.enum(node)
        elif kind in ("if_statement", "while_statement", "do_statement", "switch_statement"):
            return self.with_test(node)
        elif kind in ("for_in_statement", "for_statement"):
            return self.loop(node)
        elif kind == "throw_statement":
            value = first_named(node)
            if value is not None:
                self.step("raise", node, value)
        elif kind in TYPES:
            return []
        elif kind in EXPRESSIONS or kind.endswith("_expression") or kind in FUNCTIONS:
            self.step("evaluate", node, node)
        else:
            # blocks, cases, labels, ``try``, programs, and what could not be parsed
            return node.named_children
        return []

    def step(self, kind: str, node: Node, value: Node) -> None:
        """Add a step of one value."""
        converted = self.expressions.convert(value)
        self.steps.append(Step(kind, span(node), (), None, converted))

    def with_test(self, node: Node) -> list[Node]:
        """A statement with a condition."""
        test = node.child_by_field_name("condition") or node.child_by_field_name("value")
        if test is not None:
            self.step("test", test, test)
        return [child for child in node.named_children if test is None or child.id != test.id]

    def loop(self, node: Node) -> list[Node]:
        """A ``for``."""
        left, right, body = (node.child_by_field_name(name) for name in ("left", "right", "body"))
        if left is not None and right is not None:
            target = self.expressions.convert(left)
            self.steps.append(Step("loop", span(left), (), target, self.expressions.convert(right), None, "const"))
            return [body] if body is not None else []
        return node.named_children

    def declaration(self, node: Node) -> None:
        """``const``, ``let``, ``var``."""
        word = node.children[0].type if node.children else "var"
        for child in node.named_children:
            if child.type != "variable_declarator":
                continue
            name, value = child.child_by_field_name("name"), child.child_by_field_name("value")
            if name is None:
                continue
            target = self.expressions.convert(name)
            annotation = self.annotation(child)
            if value is not None and value.type in FUNCTIONS and isinstance(target, Name):
                self.bind(child, target.name, self.add_function(value, target.name), word)
                continue
            converted = self.expressions.convert(value) if value is not None else None
            typed = Name(span(child), annotation) if annotation else None
            self.steps.append(Step("assign", span(child), (), target, converted, typed, word))

    def bind(self, node: Node, name: str, index: int, word: str = "const") -> None:
        """Give a function its name."""
        at = span(node)
        self.steps.append(Step("assign", at, (), Name(at, name), Closure(at, index), None, word))

    def enum(self, node: Node) -> None:
        """TypeScript's ``enum``, as an object."""
        body = node.child_by_field_name("body")
        entries: list[Entry] = []
        for number, child in enumerate(body.named_children if body is not None else ()):
            at = span(child)
            if child.type == "enum_assignment":
                name, value = child.child_by_field_name("name"), child.child_by_field_name("value")
                if name is not None and value is not None:
                    entries.append(Entry(at, Constant(at, self.label(name)), self.expressions.convert(value)))
            elif child.type != "comment":
                entries.append(Entry(at, Constant(at, self.label(child)), Constant(at, number)))
        at = span(node)
        self.steps.append(Step("assign", at, (), Name(at, self.name_of(node)), Mapping(at, tuple(entries)), None, "const"))

    # -- modules ---------------------------------------------------------------------------------------------------

    def import_statement(self, node: Node) -> None:
        """``import``"""
        source = node.child_by_field_name("source")
        at = span(node)
        if source is None:
            clause = next((child for child in node.named_children if child.type == "import_require_clause"), None)
            if clause is not None and len(clause.named_children) == 2:
                name, source = clause.named_children
                self.imports.append(WebImport(at, self.label(source), "*", self.text(name)))
            return
        module = self.label(source)
        clause = next((child for child in node.named_children if child.type == "import_clause"), None)
        if clause is None:
            self.imports.append(WebImport(at, module, "", ""))
            return
        for child in clause.named_children:
            if child.type == "identifier":
                self.imports.append(WebImport(at, module, "default", self.text(child)))
            elif child.type == "namespace_import":
                inner = first_named(child)
                if inner is not None:
                    self.imports.append(WebImport(at, module, "*", self.text(inner)))
            elif child.type == "named_imports":
                for one in child.named_children:
                    imported, alias = one.child_by_field_name("name"), one.child_by_field_name("alias")
                    if imported is not None:
                        self.imports.append(WebImport(span(one), module, self.label(imported), self.text(alias or imported)))

    def export_statement(self, node: Node) -> list[Node]:
        """``export``; gives the declaration in it, which is still to be read."""
        source = node.child_by_field_name("source")
        declaration = node.child_by_field_name("declaration")
        value = node.child_by_field_name("value")
        module = self.label(source) if source is not None else ""
        default = any(child.type == "default" for child in node.children)
        if declaration is not None:
            names = self.declared(declaration)
            for name in names:
                self.exports.append(WebExport("default" if default else name, name))
            if not names and default:
                return self.default(node, declaration)
            return [declaration]
        clause = next((child for child in node.named_children if child.type in ("export_clause", "namespace_export")), None)
        if clause is not None and clause.type == "namespace_export":
            inner = first_named(clause)
            if inner is not None:
                self.exports.append(WebExport(self.label(inner), "*", module))
        elif clause is not None:
            for one in clause.named_children:
                name_node, alias = one.child_by_field_name("name"), one.child_by_field_name("alias")
                if name_node is not None:
                    self.exports.append(WebExport(self.label(alias or name_node), self.label(name_node), module))
        elif source is not None:
            self.exports.append(WebExport("*", "*", module))
        else:
            given = value or first_named(node)
            if given is not None:
                return self.default(node, given)
        return []

    def default(self, node: Node, value: Node) -> list[Node]:
        """``export default`` of what has no name, or has one elsewhere."""
        at = span(node)
        self.exports.append(WebExport("default", DEFAULT))
        if value.type in CLASSES:
            converted: Expression = Name(at, self.add_class(value))
        elif value.type in FUNCTION_DECLARATIONS:
            self.bind(node, DEFAULT, self.add_function(value, ""))
            return []
        else:
            converted = self.expressions.convert(value)
        self.steps.append(Step("assign", at, (), Name(at, DEFAULT), converted, None, "const"))
        return []

    def declared(self, node: Node) -> list[str]:
        """The names that a declaration gives."""
        if node.type in DECLARATIONS:
            found: list[str] = []
            for child in node.named_children:
                name = child.child_by_field_name("name") if child.type == "variable_declarator" else None
                if name is not None:
                    found.extend(names_in(self.expressions.convert(name)))
            return found
        label = self.name_of(node)
        return [label] if label else []

    # -- definitions -----------------------------------------------------------------------------------------------

    def add_function(self, node: Node, name: str) -> int:
        """Take a function, whose body is read later; gives its index."""
        index = len(self.functions)
        self.functions.append(None)
        self.owners[index] = MODULE
        self.depths[index] = self.depths[self.scope] + 1
        self.bodies.append((index, node, name or self.name_of(node), self.scope))
        return index

    def function(self, index: int, node: Node, name: str, scope: int) -> None:
        """Read a function."""
        self.scope, self.steps = index, []
        parameters = node.child_by_field_name("parameters")
        given = parameters.named_children if parameters is not None else []
        single = node.child_by_field_name("parameter")
        if single is not None:
            given = [single]
        converted = tuple(self.parameter(child) for child in given if child.type not in ("comment", "decorator"))
        body = node.child_by_field_name("body") if self.depths[index] <= MAX_NESTING else None
        if body is not None and body.type != "statement_block":
            self.step("return", body, body)
        elif body is not None:
            self.statements(body.named_children)
        self.functions[index] = WebFunction(span(node), name, self.owners[index], scope, converted, tuple(self.steps))

    def parameter(self, node: Node) -> WebParameter:
        """One parameter, in TypeScript or JavaScript."""
        if node.type in ("required_parameter", "optional_parameter"):
            pattern = node.child_by_field_name("pattern")
            holds = any(child.type in ("accessibility_modifier", "readonly", "override_modifier") for child in node.children)
            target = self.expressions.convert(pattern) if pattern is not None else Opaque(span(node), ())
            return WebParameter(target, self.annotation(node), holds)
        return WebParameter(self.expressions.convert(node))

    def annotation(self, node: Node) -> str:
        """The name of the type that is declared, without its arguments; "" for anything else."""
        given = node.child_by_field_name("type")
        inner = first_named(given) if given is not None else None
        if inner is not None and inner.type == "generic_type":
            inner = first_named(inner)
        return self.text(inner) if inner is not None and inner.type in ("type_identifier", "identifier") else ""

    def add_class(self, node: Node) -> str:
        """Read a class; gives its name. Its methods are read later."""
        name = self.name_of(node) or f"*class {node.start_byte}*"
        number = len(self.classes)
        self.classes.append(None)
        bases: list[Expression] = []
        heritage = next((child for child in node.named_children if child.type == "class_heritage"), None)
        for child in heritage.named_children if heritage is not None else ():
            base = first_named(child) if child.type == "extends_clause" else child
            if base is not None and child.type != "implements_clause":
                bases.append(self.expressions.convert(base))
        for child in node.named_children:
            if child.type == "decorator":
                self.step("evaluate", child, child)
        kept, self.steps = self.steps, []
        body = node.child_by_field_name("body") if self.class_depth < MAX_NESTING else None
        self.class_depth += 1
        for child in body.named_children if body is not None else ():
            if child.type == "method_definition":
                self.owners[self.add_function(child, self.name_of(child))] = number
            elif child.type in ("public_field_definition", "field_definition"):
                self.field(child, number)
        self.class_depth -= 1
        fields, self.steps = self.steps, kept
        self.classes[number] = WebClass(span(node), name, self.scope, tuple(bases), tuple(fields))
        return name

    def field(self, node: Node, owner: int) -> None:
        """A field of a class; a function in one is a method."""
        name = node.child_by_field_name("name") or node.child_by_field_name("property")
        value = node.child_by_field_name("value")
        if name is None:
            return
        at = span(node)
        label = self.label(name)
        annotation = self.annotation(node)
        if value is not None and value.type in FUNCTIONS:
            self.owners[self.add_function(value, label)] = owner
            return
        converted = self.expressions.convert(value) if value is not None else None
        typed = Name(at, annotation) if annotation else None
        self.steps.append(Step("assign", at, (), Name(at, label), converted, typed, "field"))

    # -- texts -----------------------------------------------------------------------------------------------------

    def name_of(self, node: Node) -> str:
        """The declared name of a function, class or enum."""
        name = node.child_by_field_name("name")
        return self.label(name) if name is not None else ""

    def label(self, node: Node) -> str:
        """A name, or the content of a string."""
        text = self.text(node)
        return text[1:-1] if node.type == "string" else text.lstrip("#")

    def text(self, node: Node) -> str:
        return self.expressions.text(node)


def names_in(target: Expression) -> list[str]:
    """The names that a target binds."""
    found: list[str] = []
    waiting = [target]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Name):
            found.append(node.name)
        elif isinstance(node, Mapping):
            waiting.extend(entry.value for entry in reversed(node.entries))
        elif isinstance(node, Starred):
            waiting.append(node.value)
        else:
            waiting.extend(reversed(getattr(node, "items", ())))
    return found


def read_script(path: str, filled: Filled, language: str, kind: str = "script", written: tuple[Written, ...] = ()) -> WebModule:
    """The facts of a script (UTF-8, holes filled)."""
    tree = parser(language).parse(filled.data)
    return Reader(path, filled).read(tree.root_node, kind, written)
