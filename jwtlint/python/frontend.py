"""From one Python file's bytes to :class:`jwtlint.facts.program.Module`.

The standard library's parser does the work: it is ten times faster than LibCST's and needs no import of 0.3 s. Syntax
newer than the running interpreter is first rewritten by :mod:`jwtlint.python.modern`, which uses LibCST.
"""

from __future__ import annotations

import ast
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import TypeVar

from jwtlint.facts import program as facts

make_span = facts.Span
SPAN_ONE = make_span(1, 0, 1, 0)
PLACE: Callable[[ast.AST], tuple[int, int, int, int]] = attrgetter("lineno", "col_offset", "end_lineno", "end_col_offset")

OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.BitOr: "|",
    ast.BitAnd: "&",
    ast.BitXor: "^",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.MatMult: "@",
    ast.And: "and",
    ast.Or: "or",
    ast.Not: "not",
    ast.USub: "-",
    ast.UAdd: "+",
    ast.Invert: "~",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}

NodeType = TypeVar("NodeType", bound=ast.AST)


class Unreadable(Exception):
    """The file cannot be parsed. The message is one sentence for the user; ``line`` is 1-based, 0 when not known."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


def read_module(path: str, data: bytes) -> facts.Module:
    """Give the facts of one file. ``path`` is only recorded. Raises :class:`Unreadable`."""
    tree = parse(data)
    try:
        return ModuleReader(path).read(tree)
    except RecursionError:
        raise Unreadable("the code is nested too deeply to be read") from None


def parse(data: bytes) -> ast.Module:
    """Parse a file's bytes, by its own encoding declaration. Raises :class:`Unreadable`."""
    if b"\0" in data:
        raise Unreadable("the file holds NUL bytes, so it is not Python source")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(data)
    except SyntaxError as error:
        return parse_newer_syntax(data, error)
    except RecursionError:
        raise Unreadable("the code is nested too deeply to be parsed") from None
    except MemoryError:
        raise Unreadable("the code is nested too deeply to be parsed") from None
    except (ValueError, LookupError) as error:
        raise Unreadable(f"the file cannot be decoded ({first_line(error)})") from None


def parse_newer_syntax(data: bytes, error: SyntaxError) -> ast.Module:
    """Try again with newer syntax rewritten; raise :class:`Unreadable` with the first error if that fails as well."""
    line = error.lineno or 0
    failure = Unreadable(f"it is not valid Python ({first_line(error.msg)})", line)
    if "too many nested" in error.msg or "encoding" in error.msg or "codec" in error.msg:
        raise failure from None
    if b"{{" in data or b"{%" in data:
        from jwtlint.python import templates

        try:
            return ast.parse(templates.fill(data))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            pass  # doubled braces stand in f-strings, too
    from jwtlint.python import modern

    older = modern.rewrite(data)
    if older is None:
        raise failure from None
    try:
        return ast.parse(older)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise failure from None


def first_line(error: object) -> str:
    """The first line of a message."""
    return (str(error).splitlines() or [""])[0]


class Scope:
    """The function, class or module whose steps are being written."""

    __slots__ = ("name", "owner", "index", "steps", "arms", "branch")

    def __init__(self, name: str, owner: str, index: int) -> None:
        self.name = name
        self.owner = owner
        self.index = index
        self.steps: list[facts.Step] = []
        self.arms = 0
        self.branch: tuple[int, ...] = ()


class ModuleReader:
    """Walks one tree, once."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.imports: list[facts.Import] = []
        self.functions: list[facts.Function | None] = []
        self.classes: list[facts.Class] = []
        self.mentions: defaultdict[str, set[int]] = defaultdict(set)
        self.scope = Scope("", "", -1)
        self.expressions: dict[type[ast.AST], Callable[..., facts.Expression]] = {
            ast.Name: self.name,
            ast.Constant: self.constant,
            ast.Attribute: self.attribute,
            ast.Subscript: self.subscript,
            ast.Call: self.call,
            ast.Dict: self.mapping,
            ast.List: self.sequence,
            ast.Tuple: self.sequence,
            ast.Set: self.sequence,
            ast.BinOp: self.binary,
            ast.BoolOp: self.boolean,
            ast.UnaryOp: self.unary,
            ast.Compare: self.comparison,
            ast.IfExp: self.conditional,
            ast.JoinedStr: self.template,
            ast.FormattedValue: self.formatted,
            ast.Await: self.awaited,
            ast.Starred: self.starred,
            ast.ListComp: self.comprehension,
            ast.SetComp: self.comprehension,
            ast.GeneratorExp: self.comprehension,
            ast.DictComp: self.comprehension,
            ast.Lambda: self.lambda_,
            ast.NamedExpr: self.walrus,
            ast.Yield: self.yielded,
        }
        self.statements: dict[type[ast.AST], Callable[..., None]] = {
            ast.Expr: self.evaluate,
            ast.Assign: self.assign,
            ast.AnnAssign: self.annotated_assign,
            ast.AugAssign: self.augmented_assign,
            ast.Return: self.return_,
            ast.If: self.if_,
            ast.For: self.for_,
            ast.AsyncFor: self.for_,
            ast.While: self.while_,
            ast.With: self.with_,
            ast.AsyncWith: self.with_,
            ast.Try: self.try_,
            ast.Match: self.match,
            ast.Raise: self.raise_,
            ast.Assert: self.assert_,
            ast.Delete: self.delete,
            ast.FunctionDef: self.function,
            ast.AsyncFunctionDef: self.function,
            ast.ClassDef: self.class_,
            ast.Import: self.import_,
            ast.ImportFrom: self.import_from,
        }
        if hasattr(ast, "TryStar"):
            self.statements[ast.TryStar] = self.try_

    def read(self, tree: ast.Module) -> facts.Module:
        """Walk the whole tree."""
        self.block(tree.body)
        functions = tuple(function for function in self.functions if function is not None)
        count = len(functions)
        return facts.Module(
            path=self.path,
            imports=tuple(self.imports),
            functions=functions,
            classes=tuple(self.classes),
            steps=tuple(self.scope.steps),
            mentions={name: tuple(sorted(count if index < 0 else index for index in indexes)) for name, indexes in self.mentions.items()},
        )

    # -- statements ------------------------------------------------------------------------------------------------

    def block(self, statements: Iterable[ast.stmt]) -> None:
        """Read statements in order."""
        handlers = self.statements
        for statement in statements:
            handler = handlers.get(type(statement))
            if handler is not None:
                handler(statement)

    def arm(self, number: int, index: int, statements: Iterable[ast.stmt]) -> None:
        """Read one arm of a compound statement."""
        before = self.scope.branch
        self.scope.branch = (*before, number, index)
        self.block(statements)
        self.scope.branch = before

    def next_arms(self) -> int:
        """A number for a compound statement, unique in its scope."""
        self.scope.arms += 1
        return self.scope.arms

    def step(
        self,
        kind: str,
        node: ast.AST,
        value: facts.Expression | None = None,
        target: facts.Expression | None = None,
        annotation: facts.Expression | None = None,
        operator: str = "",
    ) -> None:
        """Write one step."""
        scope = self.scope
        scope.steps.append(facts.Step(kind, span(node), scope.branch, target, value, annotation, operator))

    def evaluate(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Constant):
            return  # a docstring or an ellipsis
        self.step("evaluate", node, self.expression(node.value))

    def assign(self, node: ast.Assign) -> None:
        value = self.expression(node.value)
        for target in node.targets:
            self.step("assign", node, value, self.expression(target))

    def annotated_assign(self, node: ast.AnnAssign) -> None:
        value = self.expression(node.value) if node.value is not None else None
        self.step("assign", node, value, self.expression(node.target), self.annotation(node.annotation))

    def augmented_assign(self, node: ast.AugAssign) -> None:
        self.step("augment", node, self.expression(node.value), self.expression(node.target), operator=OPERATORS.get(type(node.op), "?"))

    def return_(self, node: ast.Return) -> None:
        self.step("return", node, self.expression(node.value) if node.value is not None else None)

    def if_(self, node: ast.If) -> None:
        number = self.next_arms()
        self.step("test", node.test, self.expression(node.test), operator=str(number))
        self.arm(number, 0, node.body)
        self.arm(number, 1, node.orelse)

    def for_(self, node: ast.For | ast.AsyncFor) -> None:
        self.step("loop", node, self.expression(node.iter), self.expression(node.target))
        number = self.next_arms()
        self.arm(number, 0, node.body)
        self.block(node.orelse)

    def while_(self, node: ast.While) -> None:
        self.step("test", node.test, self.expression(node.test))
        number = self.next_arms()
        self.arm(number, 0, node.body)
        self.block(node.orelse)

    def with_(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            value = self.expression(item.context_expr)
            if item.optional_vars is None:
                self.step("evaluate", item.context_expr, value)
            else:
                self.step("enter", item.context_expr, value, self.expression(item.optional_vars))
        self.block(node.body)

    def try_(self, node: ast.Try) -> None:
        self.block(node.body)
        number = self.next_arms()
        for index, handler in enumerate(node.handlers):
            if handler.type is not None:
                self.expression(handler.type)
            self.arm(number, index + 1, handler.body)
        self.block(node.orelse)
        self.block(node.finalbody)

    def match(self, node: ast.Match) -> None:
        self.step("test", node.subject, self.expression(node.subject))
        number = self.next_arms()
        for index, case in enumerate(node.cases):
            if case.guard is not None:
                self.step("test", case.guard, self.expression(case.guard))
            self.arm(number, index, case.body)

    def raise_(self, node: ast.Raise) -> None:
        self.step("raise", node, self.expression(node.exc) if node.exc is not None else None)

    def assert_(self, node: ast.Assert) -> None:
        self.step("test", node.test, self.expression(node.test))

    def delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            self.step("delete", node, None, self.expression(target))

    def qualified(self, name: str) -> str:
        """The name of a definition in the current scope."""
        return f"{self.scope.name}.{name}" if self.scope.name else name

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        outer = self.scope
        index = len(self.functions)
        self.functions.append(None)
        is_method = outer.owner != "" and outer.owner == outer.name
        name = self.qualified(node.name)
        self.mention(node.name)
        self.scope = Scope(name, "", index)
        decorators = self.all(node.decorator_list)
        parameters = tuple(self.parameters(node.args))
        returns = self.annotation(node.returns) if node.returns is not None else None
        self.block(node.body)
        self.functions[index] = facts.Function(
            at=span(node),
            name=name,
            owner=outer.owner if is_method else "",
            scope=outer.name,
            parameters=parameters,
            decorators=decorators,
            returns=returns,
            steps=tuple(self.scope.steps),
            heading_end=node.col_offset + len("async def " if isinstance(node, ast.AsyncFunctionDef) else "def ") + len(node.name),
        )
        self.scope = outer

    def parameters(self, arguments: ast.arguments) -> Iterable[facts.Parameter]:
        positional = [*arguments.posonlyargs, *arguments.args]
        first_default = len(positional) - len(arguments.defaults)
        for position, argument in enumerate(positional):
            default = arguments.defaults[position - first_default] if position >= first_default else None
            yield self.parameter(argument, "positional", default)
        if arguments.vararg is not None:
            yield self.parameter(arguments.vararg, "rest", None)
        for argument, keyword_default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            yield self.parameter(argument, "keyword", keyword_default)
        if arguments.kwarg is not None:
            yield self.parameter(arguments.kwarg, "extra", None)

    def parameter(self, argument: ast.arg, kind: str, default: ast.expr | None) -> facts.Parameter:
        annotation = self.annotation(argument.annotation) if argument.annotation is not None else None
        return facts.Parameter(span(argument), argument.arg, kind, annotation, self.expression(default) if default is not None else None)

    def class_(self, node: ast.ClassDef) -> None:
        outer = self.scope
        name = self.qualified(node.name)
        self.mention(node.name)
        bases = self.all(node.bases)
        keywords = tuple(self.keyword(keyword) for keyword in node.keywords)
        decorators = self.all(node.decorator_list)
        self.scope = Scope(name, name, outer.index)
        self.block(node.body)
        self.classes.append(facts.Class(span(node), name, outer.name, bases, keywords, decorators, tuple(self.scope.steps)))
        self.scope = outer

    def import_(self, node: ast.Import) -> None:
        for alias in node.names:
            bound = alias.asname or alias.name.partition(".")[0]
            module = alias.name
            self.mention(bound)
            self.imports.append(facts.Import(span(node), module, None, alias.asname or "", 0, self.scope.name))

    def import_from(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            self.mention(alias.asname or alias.name)
            self.mention(alias.name)
            self.imports.append(
                facts.Import(span(node), node.module or "", alias.name, alias.asname or alias.name, node.level, self.scope.name)
            )

    # -- expressions -----------------------------------------------------------------------------------------------

    def expression(self, node: ast.expr) -> facts.Expression:
        """Read one expression."""
        handler = self.expressions.get(type(node))
        if handler is not None:
            return handler(node)
        return facts.Opaque(span(node), tuple(self.children(node)))

    def all(self, nodes: Sequence[ast.expr]) -> tuple[facts.Expression, ...]:
        """Read expressions in order."""
        return tuple(map(self.expression, nodes)) if nodes else ()

    def children(self, node: ast.AST) -> Iterable[facts.Expression]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                yield self.expression(child)
            else:
                yield from self.children(child)

    def mention(self, name: str) -> None:
        self.mentions[name].add(self.scope.index)

    def annotation(self, node: ast.expr) -> facts.Expression:
        """An annotation; one given as a string is parsed."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 200:
            try:
                inner = ast.parse(node.value.strip(), mode="eval").body
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return facts.Constant(span(node), node.value)
            for part in ast.walk(inner):
                ast.copy_location(part, node) if isinstance(part, ast.expr) else None
            return self.expression(inner)
        return self.expression(node)

    def name(self, node: ast.Name) -> facts.Expression:
        self.mention(node.id)
        return facts.Name(span(node), node.id)

    def constant(self, node: ast.Constant) -> facts.Expression:
        value = node.value
        if isinstance(value, str):
            return facts.Constant(span(node), value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8"))
        if value is None or isinstance(value, (int, float)):
            if isinstance(value, int) and value.bit_length() > 63:
                return facts.Opaque(span(node), ())
            return facts.Constant(span(node), value)
        if isinstance(value, bytes):
            return facts.Constant(span(node), value.decode("latin-1"))
        return facts.Opaque(span(node), ())

    def attribute(self, node: ast.Attribute) -> facts.Expression:
        self.mention(node.attr)
        return facts.Attribute(span(node), self.expression(node.value), node.attr)

    def subscript(self, node: ast.Subscript) -> facts.Expression:
        return facts.Subscript(span(node), self.expression(node.value), self.expression(node.slice))

    def keyword(self, node: ast.keyword) -> facts.Keyword:
        if node.arg is not None:
            self.mention(node.arg)
        return facts.Keyword(span(node), node.arg, self.expression(node.value))

    def call(self, node: ast.Call) -> facts.Expression:
        return facts.Call(
            span(node),
            self.expression(node.func),
            self.all(node.args),
            tuple(map(self.keyword, node.keywords)) if node.keywords else (),
        )

    def mapping(self, node: ast.Dict) -> facts.Expression:
        entries = []
        for key, value in zip(node.keys, node.values, strict=True):
            read_key = self.expression(key) if key is not None else None
            entries.append(facts.Entry(span(key if key is not None else value), read_key, self.expression(value)))
        return facts.Mapping(span(node), tuple(entries))

    def sequence(self, node: ast.List | ast.Tuple | ast.Set) -> facts.Expression:
        return facts.Sequence(span(node), self.all(node.elts))

    def binary(self, node: ast.BinOp) -> facts.Expression:
        operator = OPERATORS.get(type(node.op), "?")
        return facts.Operation(span(node), operator, (self.expression(node.left), self.expression(node.right)))

    def boolean(self, node: ast.BoolOp) -> facts.Expression:
        return facts.Operation(span(node), OPERATORS[type(node.op)], self.all(node.values))

    def unary(self, node: ast.UnaryOp) -> facts.Expression:
        return facts.Operation(span(node), OPERATORS.get(type(node.op), "?"), (self.expression(node.operand),))

    def comparison(self, node: ast.Compare) -> facts.Expression:
        operands = (self.expression(node.left), *self.all(node.comparators))
        return facts.Comparison(span(node), tuple(OPERATORS[type(operator)] for operator in node.ops), operands)

    def conditional(self, node: ast.IfExp) -> facts.Expression:
        return facts.Conditional(span(node), self.expression(node.test), self.expression(node.body), self.expression(node.orelse))

    def template(self, node: ast.JoinedStr) -> facts.Expression:
        return facts.Template(span(node), self.all(node.values))

    def formatted(self, node: ast.FormattedValue) -> facts.Expression:
        return self.expression(node.value)

    def awaited(self, node: ast.Await) -> facts.Expression:
        return self.expression(node.value)

    def starred(self, node: ast.Starred) -> facts.Expression:
        return facts.Starred(span(node), self.expression(node.value))

    def comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> facts.Expression:
        key = None
        if isinstance(node, ast.DictComp):
            key = self.expression(node.key)
            element = self.expression(node.value)
        else:
            element = self.expression(node.elt)
        return facts.Comprehension(
            span(node),
            key,
            element,
            tuple(self.expression(generator.target) for generator in node.generators),
            tuple(self.expression(generator.iter) for generator in node.generators),
            tuple(self.expression(condition) for generator in node.generators for condition in generator.ifs),
        )

    def lambda_(self, node: ast.Lambda) -> facts.Expression:
        names = tuple(argument.arg for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs))
        return facts.Lambda(span(node), names, self.expression(node.body))

    def walrus(self, node: ast.NamedExpr) -> facts.Expression:
        value = self.expression(node.value)
        self.step("assign", node, value, self.expression(node.target))
        return value

    def yielded(self, node: ast.Yield) -> facts.Expression:
        if node.value is None:
            return facts.Opaque(span(node), ())
        value = self.expression(node.value)
        self.step("yield", node, value)
        return facts.Opaque(span(node), (value,))


def span(node: ast.AST) -> facts.Span:
    """The place of a node; a node without one stands at the file's start."""
    try:
        return make_span(*PLACE(node))
    except (AttributeError, TypeError):
        return SPAN_ONE
