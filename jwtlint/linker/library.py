"""What is known of libraries and frameworks: the typed form of ``rules/models/*.toml``.

The linker asks these models what a call means; it knows no library by itself. The ``rules`` package reads the files.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from jwtlint.facts.lifecycle import Purpose, TokenRole

ApiFact: TypeAlias = Literal[
    "mint",  # makes a token: args claims, key, algorithm, lifetime, identity, extra
    "verify",  # verifies or decodes one: args token, key, algorithms, options; the call's value is the claims, or holds them
    "sign",  # signs or encrypts a token object that was made before; a method of the object: args key
    "mac",  # makes a message authentication code: args key, message
    "mac-update",  # gives it (more of) the message; a method of the code: args message
    "compare",  # compares two values in constant time; a method ``verify`` of the code, too
    "claims",  # gives the claims of the request's verified token
    "identity",  # gives its subject
    "header",  # gives a token's unverified header
    "guard",  # a decorator or dependency that demands a token; ``role = "refresh"`` where it demands a refresh token
    "manager",  # the configuration that verifies, with its hooks
    "strategy",  # a login framework's configuration that mints and verifies: args key, lifetime
    "mint-view",  # a route's view that mints by configuration
    "mint-routes",  # an include of ready routes (``include("djoser.urls.jwt")``) that mint by configuration
    "authentication",  # a class that verifies, named in settings, a view or a middleware list
    "claims-hook",  # a method that a subclass overrides to add claims: ``method``, and what it gets and gives
    "stand-in",  # hands out something else in a token's place: args token
    "look-up",  # looks a session up, and verifies a token only if there is none: args token, verify
    "revoke",  # ends tokens on the server
    "rotate",  # replaces a refresh token by a new one and ends the old
    "set-cookie",  # args name, value, http_only, secure, same_site
    "cookie-setter",  # puts tokens in cookies whose flags come from settings: args token
    "cookie-transport",  # a login framework's cookie configuration: args name, http_only, secure, same_site
    "response",  # a response whose argument content becomes the body
    "redirect",  # args url
    "page",  # renders a template: args context, or its keywords
    "mail",  # sends mail: args content
    "outgoing-request",  # sends a request to another service
    "route",  # a decorator or call that makes a function or class a handler: args path, view
    "routes",  # a registration of a class or of an include: args path, view
    "dependency",  # names a function that runs before a handler (``Depends``, ``before_request``): args view
    "query",  # the mapping of a request's query string
    "body",  # the mapping of a request's body
    "authenticate",  # checks a user's password
    "grant",  # gives a request its rights, on which decorators then decide: args rights
    "password-set",  # sets a user's password
    "password-hash",  # hashes or checks a password
    "session-login",  # logs a user in by a server-side session
    "session-logout",  # ends a server-side session
    "environment",  # reads an environment variable: args name, default
    "setting-read",  # reads a setting by name: args name, default
    "duration",  # a length of time: args weeks, days, hours, minutes, seconds
    "moment",  # a point in time
    "random",  # random bytes or text
    "foreign-keys",  # fetches an issuer's public keys
    "published-keys",  # publishes one's own public keys
    "secret-wrapper",  # wraps a key: args key
    "runner",  # calls the function that it is given, or whose method it is, with what it is given besides (``run_in_threadpool``,
    # ``task.delay``): args function
    "adapter",  # gives a function back in another form (``sync_to_async``): args function
    "identity-function",  # gives its first argument back (``str``, ``jsonable_encoder``, ``make_response``): args value
]
# "response": the call gives a response that carries the token. Of an authentication class it tells what the request's credentials are:
# the token's "claims" or the "user".
Returns: TypeAlias = Literal["", "token", "pair", "claims", "object", "response", "user"]


class Argument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where an argument stands: by position (0-based, ``self`` not counted), by keyword, or both.

    ``default`` is what the library takes when it is not given.
    """

    pos: int | None = None
    kw: str | tuple[str, ...] = ()
    default: str | int | float | bool | None = None

    @property
    def keywords(self) -> tuple[str, ...]:
        """The accepted keyword names."""
        return (self.kw,) if isinstance(self.kw, str) else self.kw


class Api(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One meaning of one or more callables, classes or attributes.

    ``match`` holds dotted names (``jwt.encode``, ``jwt.PyJWT.encode`` for a method of an instance) or ``*.name`` for a method of a
    receiver that cannot be resolved; the latter needs an import of the model's ``imports`` in the same application.
    """

    match: tuple[str, ...]
    fact: ApiFact
    args: dict[str, Argument] = {}
    returns: Returns = ""
    role: TokenRole = "access"
    purpose: Purpose = "unknown"  # "session" where the library mints nothing else
    signature: Literal["checked", "skipped"] = "checked"
    algorithms: Literal["argument", "optional", "fixed"] = "argument"  # optional: the library pins them when left out
    lifetime_setting: str = ""
    lifetime_default: int | None = None  # seconds; None: no expiry unless given
    lifetime_unit: int = 1  # seconds a bare number counts for
    key_setting: str = ""
    methods: tuple[str, ...] = ()  # HTTP methods of a route decorator, or the handler methods of a view class
    method: str = ""  # claims-hook: the overridden method; verify: the method of the same object that does its work
    revocation_hooks: tuple[str, ...] = ()  # manager: decorators or overridden methods that look tokens up
    claims_hooks: tuple[str, ...] = ()  # manager: decorators of functions that give claims
    user_hooks: tuple[str, ...] = ()  # manager: decorators of functions that load the user
    response_hooks: tuple[str, ...] = ()  # manager, strategy: functions that give the body of the login's answer
    keyed_hooks: tuple[str, ...] = ()  # settings or keywords that name a revocation hook
    reloads_user: bool = False  # the library reads the user's row and refuses an inactive or missing one
    record: bool = False  # the library keeps a server-side record of what it mints
    session_record: bool = False  # … in the web framework's session, so that ending that session revokes
    body: bool = False  # mint-view: gives the token in the response's body
    expiry_claim: bool = True  # False: the library never writes an ``exp`` by itself, so only the claims tell
    needs: tuple[str, ...] = ()  # arguments without which a call has not this meaning
    claims_at: str = ""  # verify: the attribute, key or index of the value under which the claims stand; "" for all of it
    fills: bool = False  # verify: a method whose receiver then holds the claims, while its own value says nothing


class SettingModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A setting that a library reads. ``name`` is a key of Flask's config, a module-level name of Django's settings, or a
    dotted path into a dictionary there (``SIMPLE_JWT.ACCESS_TOKEN_LIFETIME``)."""

    name: str
    meaning: Literal[
        "access-lifetime",
        "refresh-lifetime",
        "key",
        "one-time-key",
        "algorithm",
        "algorithms",
        "verify",
        "cookie-secure",
        "cookie-http-only",
        "cookie-same-site",
        "cookie-enabled",
        "token-in-query",
        "rotate",
        "revocation",
        "stateful",
        "authentication-classes",
        "claims-function",
        "response-function",
        "strategy-class",
        "middleware",
        "installed-apps",
    ]
    default: str | int | float | bool | None = None
    unit: int = 1  # seconds a bare number counts for
    on: str = ""  # revocation, installed-apps: the value (or element) that switches it on


class Example(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A few lines of code and the facts they must give. Each fact has ``fact`` and ``line``, and attributes to compare."""

    code: str
    facts: tuple[dict[str, str | int | bool | list[str] | None], ...] = ()
    file: str = "app.py"


class LibraryModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that is known of one library. ``name`` is the file's stem. ``imports`` are its top-level modules (dots allowed)."""

    imports: tuple[str, ...]
    name: str = ""
    distribution: str = ""  # its name on PyPI
    api: tuple[Api, ...] = ()
    setting: tuple[SettingModel, ...] = ()
    example: tuple[Example, ...] = ()
    screen: tuple[str, ...] = ()  # substrings that make a file worth parsing; default: ``imports``
    base_classes: dict[str, tuple[str, ...]] = {}  # a view base class and the methods of it that are handlers
    aliases: dict[str, str] = {}  # other spellings: ``rest_framework_jwt.views.X`` -> the name that ``match`` uses
