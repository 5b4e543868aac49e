"""What travels with a request: ``request.user``, ``g.user``, ``request.state.claims`` and their like.

One function writes such an attribute (a middleware, a decorator, a hook before the request), others read it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jwtlint.facts.program import Attribute, Constant, Expression, Name, Subscript
from jwtlint.linker.values import External, FunctionValue, Instance, Listing, Member, Parameter, Result, Value, Values, dotted, last_name

if TYPE_CHECKING:
    from jwtlint.linker.evaluate import Evaluator

CARRIERS = frozenset(
    {
        "request",
        "req",
        "g",
        "state",
        "ctx",
        "context",
        "scope",
        "_request_ctx_stack",
        "top",
        "info",
        "websocket",
        "environ",
        "conn",
        "connection",
        "self",
        "session",
    }
)
MAX_WRITES = 6


class RequestState:
    """The attributes that are written on request-like objects, by application."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.program = evaluator.program
        self.writes: dict[tuple[str, str, str], list[tuple[FunctionValue, Expression]]] | None = None
        self.running: set[tuple[str, str, str]] = set()
        self.made_contexts: dict[str, Values] = {}
        self.pairs: dict[str, list[Listing]] = {}
        self.credentials: dict[str, list[Value]] = {}  # what libraries' authentication classes make of a request, by application

    def index(self) -> dict[tuple[str, str, str], list[tuple[FunctionValue, Expression]]]:
        """Every write, by application, carrier and name; read once."""
        if self.writes is None:
            self.writes = {}
            for path, index in self.program.modules.items():
                application = self.program.applications[path]
                for function in index.module.functions:
                    for step in function.steps:
                        if step.kind != "assign" or step.value is None or step.target is None:
                            continue
                        written = carried(step.target)
                        if written is not None and not written[1] and isinstance(step.target, Subscript):
                            frame = self.evaluator.free_frame(FunctionValue(path, function.name))
                            written = (written[0], self.evaluator.text(self.evaluator.evaluate(step.target.index, frame)) or "")
                        if written is not None and written[1]:
                            key = (application, *written)
                            self.writes.setdefault(key, []).append((FunctionValue(path, function.name), step.value))
        return self.writes

    def read(self, base: Value, name: str, path: str) -> Values:
        """What an attribute or item of a request-like object holds; none where nobody writes it."""
        carrier = self.carrier(base)
        if not carrier:
            return ()
        application = self.program.applications.get(path, "")
        found: list[Value] = []
        for key in ((application, carrier, name), *(((application, "request", name),) if carrier != "request" else ())):
            if key in self.running:
                continue
            self.running.add(key)
            try:
                for function, expression in self.index().get(key, ())[:MAX_WRITES]:
                    found.extend(self.evaluator.evaluate(expression, self.evaluator.free_frame(function)))
            finally:
                self.running.discard(key)
            if found:
                return tuple(found)
        if name in ("user", "auth") and carrier == "request":
            authenticated = self.authenticated(application)
            position = 0 if name == "user" else 1
            found.extend(value for pair in authenticated if position < len(pair.items) for value in pair.items[position])
            if found:
                return tuple(found)
        if name == "auth" and carrier in ("request", "connection", "conn"):
            return tuple(self.credentials.get(application, ()))
        if carrier == "context":
            for context in self.contexts(application):
                found.extend(self.evaluator.objects.attribute_of_context(context, name))
            if found:
                return tuple(found)
        if name in ("user", "current_user") and carrier == "request":
            return self.current_user(path)
        return ()

    def contexts(self, application: str) -> Values:
        """What the functions that make a GraphQL context give."""
        if application not in self.made_contexts:
            self.made_contexts[application] = ()
            found: list[Value] = []
            for path, index in self.program.modules.items():
                if self.program.applications[path] == application:
                    for function in index.module.functions:
                        if function.name.rpartition(".")[2] in ("get_context", "context_getter", "get_graphql_context"):
                            found.extend(self.evaluator.calls.returned(self.evaluator.free_frame(FunctionValue(path, function.name))))
            self.made_contexts[application] = tuple(found)
        return self.made_contexts[application]

    def authenticated(self, application: str) -> list[Listing]:
        """The pairs of user and credentials that an application's authentication classes give (Django REST framework)."""
        if application not in self.pairs:
            self.pairs[application] = []
            for path, index in self.program.modules.items():
                if self.program.applications[path] != application:
                    continue
                for owner, methods in index.methods.items():
                    method = methods.get("authenticate")
                    if method is None or owner not in index.classes:
                        continue
                    values = self.evaluator.calls.returned(self.evaluator.free_frame(FunctionValue(path, method.name)))
                    self.pairs[application].extend(value for value in values if isinstance(value, Listing) and len(value.items) == 2)
        return self.pairs[application]

    def carrier(self, base: Value) -> str:
        """The name of a request-like object, or ""."""
        if isinstance(base, Parameter):
            name = base.name
        elif isinstance(base, Member):
            name = base.name
        elif isinstance(base, External):
            name = last_name(base)
        elif isinstance(base, Result):
            name = dotted(base).rpartition(".")[2].lower()
            name = "request" if name.endswith("request") or name in ("websocket", "httpconnection") else name
        else:
            return ""
        if name in ("req", "_request"):
            return "request"
        return name if name in CARRIERS else ""

    def current_user(self, path: str) -> Values:
        """The user of the request: a row of the application's user class."""
        user = self.evaluator.calls.user_class(path)
        return (Instance(user, row=True),) if user is not None else ()


def carried(target: Expression) -> tuple[str, str] | None:
    """The carrier and the name that an assignment writes on a request-like object; "" for an item whose key is no literal."""
    if isinstance(target, Attribute):
        holder, name = target.value, target.name
    elif isinstance(target, Subscript) and isinstance(target.index, Constant) and isinstance(target.index.value, str):
        holder, name = target.value, target.index.value
    elif isinstance(target, Subscript) and isinstance(target.index, Name | Attribute):
        holder, name = target.value, ""
    else:
        return None
    if isinstance(holder, Name | Attribute) and holder.name in CARRIERS and holder.name != "self":
        return ("request" if holder.name in ("req", "_request") else holder.name), name
    return None
