"""What is known of browsers' interfaces and of JavaScript libraries: the typed form of ``rules/models/web/*.toml``."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from jwtlint.linker.library import Example

WebMedium: TypeAlias = Literal["", "local_storage", "session_storage", "cookie"]
WebFact: TypeAlias = Literal[
    "storage",  # an object whose properties are kept: the medium itself
    "store",  # keeps a value: args key, value, options
    "read",  # gives a value back: args key
    "cell",  # a variable that is kept: args key, value, options
    "state",  # a variable and the function that changes it: args value
    "cookie-text",  # a property to which ``name=value`` is assigned
    "persist",  # keeps the state of a container: args state, options
    "container",  # holds state that a plug-in may keep: args name, state, options; kept where ``option`` is set
    "request",  # sends a request: args url, query, body, options
    "headers",  # sets a request's header: args name, value
    "address",  # goes to an address, or connects to one: args url
    "query",  # gives a parameter of the page's own address: args name
    "add-query",  # puts a parameter into an address: args name, value
    "decode",  # reads what a JWT says, or verifies it: args token
    "mint",  # makes a JWT
    "instance",  # gives an object of a class: args class
    "identity",  # gives its first argument, or its receiver, in another form
    "resolve",  # gives its argument to a function: ``then``, ``subscribe``
]
Returns: TypeAlias = Literal["", "reference", "state"]


class WebArgument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where an argument stands: its position (0-based), or ``option``, a property of the argument ``options``."""

    pos: int | None = None
    option: str = ""


class WebApi(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One meaning of some names.

    ``match`` holds a package and what it exports (``js-cookie.set``, ``@vueuse/core.useStorage``), or a global name
    (``localStorage.setItem``). ``()`` stands for what a call gives, ``[1]`` for an element: ``react-cookie.useCookies()[1]``. ``*.name``
    means the property of anything.
    """

    match: tuple[str, ...]
    fact: WebFact
    medium: WebMedium = ""
    args: dict[str, WebArgument] = {}
    returns: Returns = ""
    storage_options: tuple[str, ...] = ()  # options that name the medium
    include: tuple[str, ...] = ()  # options that list what is kept
    exclude: tuple[str, ...] = ()  # options that list what is not
    option: str = ""  # container: the option that has it kept
    variants: dict[str, WebMedium] = {}  # modules named in the front end's configuration that change the medium
    settings: tuple[str, ...] = ()  # options of that configuration, by their dotted names, that say the medium
    http_only: str = ""  # the option that keeps scripts away, where a server runs the same code
    hides: bool = False  # scripts are kept away unless that option says otherwise


class WebModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that is known of one library. ``packages`` are its names on npm; ``screen`` are substrings that make a file worth parsing."""

    packages: tuple[str, ...] = ()
    name: str = ""
    screen: tuple[str, ...] = ()
    api: tuple[WebApi, ...] = ()
    example: tuple[Example, ...] = ()


class WebKnowledge:
    """All models, indexed by the names they speak of."""

    def __init__(self, models: tuple[WebModel, ...]) -> None:
        self.models = models
        self.exact: dict[str, list[WebApi]] = {}
        self.patterns: dict[str, list[WebApi]] = {}
        for model in models:
            for api in model.api:
                for name in api.match:
                    if name.startswith("*."):
                        self.patterns.setdefault(name[2:], []).append(api)
                    else:
                        self.exact.setdefault(name, []).append(api)
        self.last_names = {name.rpartition(".")[2].partition("()")[0].partition("[")[0] for name in [*self.exact, *self.patterns]}

    def meaning(self, name: str, *facts: str) -> WebApi | None:
        """The first meaning of a name that is one of ``facts`` (any, if none are given)."""
        for api in self.exact.get(name, ()):
            if not facts or api.fact in facts:
                return api
        tail = name
        while self.patterns and "." in tail:
            tail = tail.partition(".")[2]
            for api in self.patterns.get(tail, ()):
                if not facts or api.fact in facts:
                    return api
        return None
