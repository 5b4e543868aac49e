"""Where session tokens leave the server: bodies, cookies, URLs, pages; and where they are taken from a URL."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from jwtlint.facts.lifecycle import Flag, HandlerRole, Medium, Place, SameSite
from jwtlint.facts.program import Attribute, Call, Constant, Expression, Function, Mapping, Name, Step, Subscript, Template
from jwtlint.facts.program import Parameter as ParameterFacts
from jwtlint.linker.definitions import argument_of
from jwtlint.linker.flow import Flow
from jwtlint.linker.frames import Frame
from jwtlint.linker.handlers import Handlers, Route
from jwtlint.linker.library import Api, Argument
from jwtlint.linker.responses import is_of_ready_view, names_token
from jwtlint.linker.sites import Site, Sites
from jwtlint.linker.traversal import walk
from jwtlint.linker.values import (
    ClassValue,
    Combined,
    Dictionary,
    External,
    FunctionValue,
    Instance,
    Listing,
    Literal,
    Member,
    Parameter,
    Result,
    Token,
    Value,
    Values,
    dotted,
    last_name,
)
from jwtlint.linker.verification import VerificationPath
from jwtlint.linker.vocabulary import words

# a token after ``token=`` in an address; the character NUL stands for what is filled in
IN_ADDRESS = re.compile(r"(?:^|[?&#/])(?:\w*token|jwt|auth)=\x00", re.IGNORECASE)
TOKEN_WORDS = frozenset({"token", "jwt", "access", "refresh", "auth", "bearer"})
NO_ARGUMENT = Argument()
LOGIN_ROLES = frozenset({"login", "signup", "refresh", "federated-login", "impersonation"})
VERBS = frozenset({"get", "post", "put", "patch", "delete", "api_route"})


@dataclass(frozen=True, slots=True)
class Sent:
    """One delivery of a token."""

    medium: Medium
    place: Place
    function: FunctionValue | None
    path: str
    mint: Place | None
    role: HandlerRole = "other"
    direction: str = "sent"
    http_only: Flag = "configured"
    secure: Flag = "configured"
    same_site: SameSite = "configured"
    name: str = ""
    certain: bool = True
    fields: tuple[str, ...] = ()
    route: str = ""


class Deliveries:
    """Finds the deliveries of the session tokens ``mints`` (by place)."""

    def __init__(self, sites: Sites, handlers: Handlers, mints: set[Place]) -> None:
        self.sites = sites
        self.handlers = handlers
        self.evaluator = sites.evaluator
        self.program = sites.program
        self.graph = sites.graph
        self.flow = Flow(self.evaluator)
        self.mints = mints

    def session_tokens(self, values: Values) -> list[Place]:
        """The session tokens in values."""
        return sorted(self.flow.tokens(values) & self.mints)

    def token_fields(self, values: Values) -> tuple[str, ...]:
        """The names under which values hold session tokens: keys of dictionaries, keywords of what is made or called."""
        found: dict[str, None] = {}
        for value in self.flow.parts(values):
            if isinstance(value, Dictionary):
                for item in value.items:
                    if item.key and any(not isinstance(one, Dictionary) and self.session_tokens((one,)) for one in item.values):
                        found[item.key] = None
            elif isinstance(value, Result | Instance) and value.call is not None and value.frame is not None:
                for keyword in value.call.keywords:
                    if keyword.name and self.session_tokens(self.evaluator.evaluate(keyword.value, value.frame)):
                        found[keyword.name] = None
        return tuple(found)

    # -- cookies ---------------------------------------------------------------------------------------------------

    def cookies(self) -> list[Sent]:
        """Cookies that are set with a session token."""
        found: list[Sent] = []
        for site in self.sites.find("set-cookie"):
            frame = self.sites.frame(site.path, site.function)
            api = site.meaning.api
            value = argument_of(api, "value", site.call)
            name_argument = argument_of(api, "name", site.call)
            contexts = self.graph.contexts(site.function)[:8] if site.function is not None else [frame]
            tokens: list[Place] = []
            for one in [frame, *contexts]:
                tokens = tokens or self.session_tokens(self.evaluator.evaluate(value, one)) if value is not None else []
            spread = next((keyword.value for keyword in site.call.keywords if keyword.name is None), None)
            if not tokens and spread is not None:
                tokens = self.session_tokens(self.evaluator.evaluate(spread, frame))
            name = self.evaluator.text(self.evaluator.evaluate(name_argument, frame)) or "" if name_argument is not None else ""
            certain = bool(tokens)
            if not tokens and not self.of_ready_view(value, frame) and not self.named_like_token(site, value, name):
                continue
            found.append(
                Sent(
                    "cookie",
                    self.sites.place(site),
                    site.function,
                    site.path,
                    tokens[0] if tokens else None,
                    http_only=self.flag(api, "http_only", site, frame),
                    secure=self.flag(api, "secure", site, frame),
                    same_site=self.same_site(api, site, frame),
                    name=name,
                    certain=certain,
                )
            )
        return found

    def of_ready_view(self, value: Expression | None, frame: Frame) -> bool:
        """Whether a value is a token that a library's login view has put into its answer (``super().post(request).data["access"]``)."""
        if value is None:
            return False
        return any(
            isinstance(one, Member) and one.item and names_token(one.name) and is_of_ready_view(one, self.evaluator.knowledge)
            for one in self.flow.parts(self.evaluator.evaluate(value, frame))
        )

    def named_like_token(self, site: Site, value: Expression | None, name: str) -> bool:
        """Whether a cookie's name and value speak of a login token, the value is of unknown origin, and a mint is near."""
        if value is None or not set(words(name)) & {"access", "refresh", "jwt", "auth"} or "csrf" in words(name):
            return False
        frame = self.sites.frame(site.path, site.function)
        values = self.evaluator.evaluate(value, frame)
        if any(isinstance(one, Literal) for one in values) or site.function is None:
            return False
        if self.flow.tokens(values):
            return False
        owner = self.program.function(site.function).owner
        bases = self.evaluator.objects.external_bases(ClassValue(site.function.path, owner)) if owner else ()
        if any(self.evaluator.knowledge.meaning(base, "mint-view", "rotate") is not None for base in bases):
            return True
        reached = {one.function for one in self.graph.reach(frame)}
        return any(mint.path == site.path or any(one is not None and one.path == mint.path for one in reached) for mint in self.mints)

    def flag(self, api: Api, name: str, site: Site, frame: Frame) -> Flag:
        """A boolean cookie attribute: on, off, or decided elsewhere."""
        argument = argument_of(api, name, site.call)
        if argument is None:
            if any(keyword.name is None for keyword in site.call.keywords):
                return self.spread_flag(api, name, site, frame)
            default = api.args[name].default if name in api.args else False
            return "on" if default else "off"
        return self.truth(self.evaluator.evaluate(argument, frame))

    def spread_flag(self, api: Api, name: str, site: Site, frame: Frame) -> Flag:
        """A boolean cookie attribute in ``**options``."""
        keys = api.args[name].keywords if name in api.args else ()
        for keyword in site.call.keywords:
            if keyword.name is None:
                for value in self.evaluator.evaluate(keyword.value, frame):
                    for key in keys:
                        inner = self.evaluator.objects.item(value, key, self.sites.place(site), missing=False)
                        if inner:
                            return self.truth(inner)
        return "configured"

    def truth(self, values: Values) -> Flag:
        """What a boolean may be: literals decide, anything else is configuration."""
        constants = [value.value for value in values if isinstance(value, Literal)]
        if values and len(constants) == len(values) and len({bool(one) for one in constants}) == 1:
            return "on" if constants[0] else "off"
        return "configured"

    def same_site(self, api: Api, site: Site, frame: Frame) -> SameSite:
        """The SameSite attribute (RFC 6265bis §5.6.7)."""
        argument = argument_of(api, "same_site", site.call)
        if argument is None:
            if any(keyword.name is None for keyword in site.call.keywords):
                return "configured"
            default = api.args["same_site"].default if "same_site" in api.args else None
            return self.named_same_site(default)
        values = self.evaluator.evaluate(argument, frame)
        constants = [value.value for value in values if isinstance(value, Literal)]
        if values and len(constants) == len(values):
            kinds = {self.named_same_site(one) for one in constants}
            return kinds.pop() if len(kinds) == 1 else "configured"
        return "configured"

    def named_same_site(self, value: str | int | float | bool | None) -> SameSite:
        """A SameSite value by its name; ``None`` in Python means that the attribute is left out."""
        if isinstance(value, str) and value:
            lowered = value.lower()
            if lowered == "lax":
                return "lax"
            if lowered == "strict":
                return "strict"
            if lowered == "none":
                return "none"
        return "missing"

    # -- URLs and pages --------------------------------------------------------------------------------------------

    def urls(self) -> list[Sent]:
        """Redirects with a session token in the address."""
        found: list[Sent] = []
        for site in self.sites.find("redirect"):
            argument = argument_of(site.meaning.api, "url", site.call)
            if argument is None:
                continue
            frame = self.sites.frame(site.path, site.function)
            values = self.evaluator.evaluate(argument, frame)
            tokens = self.session_tokens(values)
            if tokens:
                found.append(Sent("url", self.put_in(values, tokens, self.sites.place(site)), site.function, site.path, tokens[0]))
        return found

    def put_together(self, functions: set[FunctionValue]) -> list[Sent]:
        """Addresses that are put together around a session token (``f"…#token={token}"``) in some functions."""
        found: list[Sent] = []
        for function in functions:
            frame = self.evaluator.free_frame(function)
            for step in self.program.function(function).steps:
                for node in walk(step.value) if step.value is not None else ():
                    if isinstance(node, Template) and IN_ADDRESS.search(
                        "".join(str(part.value) if isinstance(part, Constant) else "\0" for part in node.parts)
                    ):
                        tokens = self.session_tokens(self.evaluator.evaluate(node, frame))
                        if tokens:
                            found.append(Sent("url", self.evaluator.place(frame, node.at), function, function.path, tokens[0]))
        return found

    def put_in(self, values: Values, tokens: list[Place], default: Place) -> Place:
        """Where the address with the token was put together."""
        for value in values:
            if isinstance(value, Combined) and value.place is not None and set(self.flow.tokens((value,))) & set(tokens):
                return value.place if value.place.path == default.path else default
        return default

    def from_cookie(self, values: Values, cookies: list[Sent]) -> list[Place]:
        """The session tokens that values take from a request's cookies."""
        names = {one.name: one.mint for one in cookies if one.name and one.mint is not None}
        found: list[Place] = []
        for value in self.flow.parts(values):
            if isinstance(value, Member) and value.item and value.name in names and last_name(value.base).lower() == "cookies":
                mint = names[value.name]
                if mint is not None:
                    found.append(mint)
        return found

    def pages(self, cookies: list[Sent]) -> list[Sent]:
        """Template contexts with a session token."""
        found: list[Sent] = []
        for site in self.sites.find("page"):
            frame = self.sites.frame(site.path, site.function)
            api = site.meaning.api
            parts: list[tuple[Expression, Place]] = []
            context = argument_of(api, "context", site.call)
            if isinstance(context, Mapping):
                parts.extend((entry.value, self.evaluator.place(frame, entry.at)) for entry in context.entries)
            elif context is not None:
                parts.append((context, self.evaluator.place(frame, context.at)))
            parts.extend(
                (keyword.value, self.evaluator.place(frame, keyword.at)) for keyword in site.call.keywords if keyword.value is not context
            )
            for expression, place in parts:
                values = self.evaluator.evaluate(expression, frame)
                tokens = self.session_tokens(values) or self.from_cookie(values, cookies)
                if tokens:
                    where = self.entry_place(expression, frame, tokens, place, cookies)
                    fields = (expression_key(api, site.call, expression), *self.token_fields(values))
                    found.append(Sent("page", where, site.function, site.path, tokens[0], fields=tuple(filter(None, fields))))
                    break
        return found

    def held_for_pages(self, cookies: list[Sent]) -> dict[tuple[str, str], Place]:
        """What templates can reach of a request that holds a session token: ``g.token``, ``request.token``, ``session["token"]``.

        Each with the file that puts it there, and the token's mint. The cookies that hold one are among them, for every file.
        """
        found: dict[tuple[str, str], Place] = {}
        for one in cookies:
            if one.name and one.mint is not None:
                found[one.path, f"cookies.{one.name}"] = one.mint
        for path, index in self.program.modules.items():
            for number, function in enumerate([*index.module.functions, None]):
                steps = index.steps_of(number)
                for step in steps:
                    if step.kind != "assign" or step.value is None or not isinstance(step.target, Attribute | Subscript):
                        continue
                    holder = step.target.value
                    name = holder.name if isinstance(holder, Name | Attribute) else ""
                    if name not in ("g", "request", "session", "state", "globals"):
                        continue
                    key = step.target.name if isinstance(step.target, Attribute) else constant_text(step.target.index)
                    value = FunctionValue(path, function.name) if function is not None else None
                    values = self.evaluator.evaluate(step.value, self.sites.frame(path, value))
                    tokens = self.session_tokens(values) or self.from_cookie(values, cookies)
                    if key and tokens:
                        found[path, f"{name}.{key}"] = tokens[0]
        return found

    def entry_place(self, expression: Expression, frame: Frame, tokens: list[Place], default: Place, cookies: list[Sent]) -> Place:
        """The entry of a context dictionary that holds the token."""
        for value in self.evaluator.evaluate(expression, frame):
            if isinstance(value, Dictionary):
                for item in value.items:
                    if {*self.flow.tokens(item.values), *self.from_cookie(item.values, cookies)} & set(tokens):
                        return item.place
        return default

    def read_from_urls(self, paths: list[VerificationPath]) -> list[Sent]:
        """Session tokens that are taken from a query string."""
        found: list[Sent] = []
        for path in paths:
            argument = path.site.argument("token")
            if argument is None or path.site.function is None:
                continue
            for frame in self.graph.contexts(path.site.function):
                for value in self.flow.parts(self.evaluator.evaluate(argument, frame)):
                    place: Place | None = None
                    if isinstance(value, Member) and self.is_query(value):
                        place = value.place
                    elif isinstance(value, Result) and last_name(value.callee) in ("get_query_argument", "get_argument"):
                        place = value.place
                    elif isinstance(value, Parameter) and self.is_query_parameter(value):
                        facts = self.program.function(value.function)
                        parameter = next(one for one in facts.parameters if one.name == value.name)
                        place = self.program.place(value.function.path, parameter.at)
                    if place is not None:
                        found.append(Sent("url", place, path.site.function, place.path, None, direction="read"))
        return found

    def is_query(self, value: Member) -> bool:
        """Whether a value is read from a request's query string."""
        base = value.base
        name = dotted(base)
        if name and self.evaluator.knowledge.meaning(name, "query") is not None:
            return True
        if isinstance(base, Member) and base.name in ("query_params", "query_string", "args", "GET", "query", "rel_url"):
            return bool(set(words(value.name)) & {"token", "jwt", "access", "auth", "t"})
        return isinstance(base, Result) and isinstance(base.callee, Member) and base.callee.name in ("parse_qs", "get_query_argument")

    def is_query_parameter(self, value: Parameter) -> bool:
        """Whether a handler's parameter is taken from the query string: ``Query(...)``, or a WebSocket handler's plain one."""
        route = self.handlers.routes.get(value.function)
        facts = self.program.function(value.function)
        parameter = next((one for one in facts.parameters if one.name == value.name), None)
        if parameter is None:
            return False
        frame = self.evaluator.parameters.definition_frame(value.function)
        for node in (parameter.default, parameter.annotation):
            for inner in walk(node) if node is not None else ():
                if isinstance(inner, Call):
                    for callee in self.evaluator.evaluate(inner.function, frame):
                        if self.evaluator.knowledge.meaning(dotted(callee), "query") is not None:
                            return True
        if route is None or not set(words(value.name)) & {"token", "jwt"}:
            return False
        return self.is_websocket(facts) or self.is_plain_parameter(parameter, facts, value.function.path)

    def is_plain_parameter(self, parameter: ParameterFacts, facts: Function, path: str) -> bool:
        """Whether FastAPI takes a parameter from the query string by itself: a text that stands in no path, with no other source."""
        texts = [node.name for node in walk(parameter.annotation) if isinstance(node, Name)] if parameter.annotation is not None else []
        if "str" not in texts or not set(texts) <= {"str", "Optional", "Union"} or isinstance(parameter.default, Call):
            return False
        for decorator in facts.decorators:
            if isinstance(decorator, Call) and isinstance(decorator.function, Attribute) and decorator.function.name in VERBS:
                for value in self.evaluator.evaluate(decorator.function.value, self.evaluator.module_frame(path)):
                    if dotted(value).startswith("fastapi."):
                        given = [one.value for one in decorator.positional if isinstance(one, Constant)]
                        return not any(f"{{{parameter.name}" in str(one) for one in given)
        return False

    def is_websocket(self, facts: Function) -> bool:
        """Whether a handler is a WebSocket's, where a plain parameter comes from the address."""
        return any(
            isinstance(decorator, Call)
            and isinstance(decorator.function, Attribute)
            and decorator.function.name in ("websocket", "websocket_route")
            for decorator in facts.decorators
        )

    # -- bodies ----------------------------------------------------------------------------------------------------

    def bodies(self, routes: dict[FunctionValue, tuple[Route, HandlerRole, set[Place]]], elsewhere: set[FunctionValue]) -> list[Sent]:
        """Handlers whose response body carries a session token.

        ``routes`` are the handlers that mint, with their roles and mints; ``elsewhere`` those that deliver in another way.
        """
        found: list[Sent] = []
        for function, (given, role, mints) in routes.items():
            route = given.paths[0] if given.paths else ""
            if role not in LOGIN_ROLES:
                continue
            facts = self.program.function(function)
            frame = self.evaluator.free_frame(function)
            sure: list[Step] = []
            vague: list[Step] = []
            for step in facts.steps:
                if step.kind != "return" or step.value is None:
                    continue
                values = self.evaluator.evaluate(step.value, frame)
                kind = self.body_kind(step.value, values, frame)
                if kind == "body":
                    sure.append(step)
                elif kind == "maybe":
                    vague.append(step)
            mint = min(mints) if mints else None
            written = self.written(function, frame)
            if written:
                found.extend(Sent("body", place, function, function.path, mint, role, route=route) for place in written)
                continue
            if sure:
                found.extend(
                    Sent(
                        "body",
                        self.program.place(function.path, step.at),
                        function,
                        function.path,
                        mint,
                        role,
                        fields=self.token_fields(self.evaluator.evaluate(step.value, frame)) if step.value is not None else (),
                        route=route,
                    )
                    for step in sure
                )
            elif vague and function not in elsewhere:
                step = vague[-1]
                place = self.program.place(function.path, step.at)
                found.append(Sent("body", place, function, function.path, mint, role, certain=False, route=route))
        return found

    def written(self, function: FunctionValue, frame: Frame) -> list[Place]:
        """Where a handler writes a token into its response by a call rather than by returning it, itself or by what it calls."""
        found = [self.sites.place(site) for site in self.writing(frame)]
        for helper in self.graph.callees(frame):
            if helper.call is not None and helper.caller is frame and any(True for _ in self.writing(helper)):
                found.append(self.program.place(function.path, helper.call.at))
        return list(dict.fromkeys(found))

    def writing(self, frame: Frame) -> Iterator[Site]:
        """The calls in a function that write a token into the response."""
        for site in self.sites.find("response"):
            if site.function == frame.function and site.step is not None and site.step.kind == "evaluate":
                if any(self.session_tokens(self.evaluator.evaluate(argument, frame)) for argument in site.call.positional):
                    yield site

    def body_kind(self, node: Expression, values: Values, frame: Frame) -> str:
        """Whether a returned value carries a token in the body (``body``), may (``maybe``), or does not (``none``)."""
        result = "none"
        for value in values:
            if isinstance(value, Result):
                meanings = self.evaluator.knowledge.meanings(dotted(value.callee))
                if any(meaning.api.fact in ("redirect", "page") for meaning in meanings):
                    continue
            if isinstance(value, Token) and value.part == "response":
                continue
            if self.session_tokens((value,)):
                return "body"
            if isinstance(value, Result) and self.is_plain(value):
                continue
            if isinstance(value, Instance | Result | Member | Combined | Parameter):
                result = "maybe"
        if not values:
            result = "maybe"
        return result


    def is_plain(self, value: Value, depth: int = 0) -> bool:
        """Whether a value is made of literals only, by hands of libraries: a text, a dictionary of texts, a response with them."""
        if isinstance(value, Dictionary):
            return not value.rest and all(self.are_plain(item.values, depth) for item in value.items)
        if isinstance(value, Listing):
            return all(self.are_plain(values, depth) for values in value.items)
        if isinstance(value, Result) and isinstance(value.callee, External) and value.frame is not None:
            keywords = value.call.keywords
            given = [*value.call.positional, *(keyword.value for keyword in keywords)]
            if not given or any(keyword.name is None for keyword in keywords):
                return False
            return all(self.are_plain(self.evaluator.evaluate(one, value.frame), depth) for one in given)
        return isinstance(value, Literal)

    def are_plain(self, values: Values, depth: int) -> bool:
        return bool(values) and depth < 6 and all(self.is_plain(one, depth + 1) for one in values)


def expression_key(api: Api, call: Call, expression: Expression) -> str:
    """The name under which a template gets an expression."""
    for keyword in call.keywords:
        if keyword.value is expression and keyword.name not in api.args.get("context", NO_ARGUMENT).keywords:
            return keyword.name or ""
    context = argument_of(api, "context", call)
    if isinstance(context, Mapping):
        for entry in context.entries:
            if entry.value is expression and entry.key is not None:
                return constant_text(entry.key)
    return ""


def constant_text(node: Expression) -> str:
    """A literal text; "" for anything else."""
    return node.value if isinstance(node, Constant) and isinstance(node.value, str) else ""
