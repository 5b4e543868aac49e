"""What a whole program says of its tokens: minted, given claims, delivered, verified, trusted, revoked.

The linker makes these facts; rules only select among them by the typed attributes below. Every judgement carries the
reasons for it, each with its place.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

Purpose: TypeAlias = Literal["session", "one-time", "service", "federation", "unknown"]
TokenRole: TypeAlias = Literal["access", "refresh", "either"]
Confidence: TypeAlias = Literal["high", "medium", "low"]
ClaimCategory: TypeAlias = Literal["identifier", "registered", "authorization", "profile", "secret", "other"]
RevocationKind: TypeAlias = Literal["none", "denylist", "allowlist", "session-row", "epoch", "key", "library"]
HandlerRole: TypeAlias = Literal[
    "login",
    "signup",
    "refresh",
    "logout",
    "password-change",
    "account-end",
    "role-change",
    "federated-login",
    "impersonation",
    "other",
]
Medium: TypeAlias = Literal["body", "cookie", "url", "page", "header", "mail", "outgoing-request", "local_storage", "session_storage"]
SameSite: TypeAlias = Literal["lax", "strict", "none", "missing", "configured"]
Flag: TypeAlias = Literal["on", "off", "configured"]
IgnoreState: TypeAlias = Literal["used", "unused", "without-rule", "unknown-rule", "misspelt", "misplaced"]


class Place(msgspec.Struct, frozen=True, order=True):
    """Where something stands. Lines are 1-based; columns are 0-based UTF-8 byte offsets, the end exclusive."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


class Reason(msgspec.Struct, frozen=True):
    """One piece of evidence, in a few words, with its place."""

    text: str
    place: Place | None = None


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """What every lifecycle fact has.

    ``application`` names the application the place belongs to; ``function`` is ``path::qualified name`` around the place (or
    ``path::`` at module level); ``token`` is the identity of the token's mint or verification, or "".
    ``trace`` is the way there, from the origin to the place: for a mint the calls from the handler down to the library.
    """

    place: Place
    application: str
    function: str = ""
    token: str = ""
    purpose: Purpose = "unknown"
    confidence: Confidence = "high"
    reasons: tuple[Reason, ...] = ()
    trace: tuple[Reason, ...] = ()


class Mint(Fact, frozen=True, kw_only=True):
    """A token is made. ``lifetime`` is in seconds, None when it cannot be told.

    ``expiry`` is ``set``, ``missing`` or ``unknown``. ``record`` tells whether the server keeps a record of this token.
    ``rotated`` tells whether the refresh handler replaces it. ``copies_claims``: minted in a refresh handler from the old
    token's claims, the user not read again. ``bridged``: a migration hands out a stand-in for a session in its place.
    """

    library: str
    wrapper: str = ""
    role: TokenRole = "access"
    expiry: Literal["set", "missing", "unknown"] = "unknown"
    lifetime: int | None = None
    lifetime_place: Place | None = None
    algorithm: str = ""
    record: bool = False
    rotated: bool = False
    copies_claims: bool = False
    copies_place: Place | None = None
    bridged: bool = False


class Claim(Fact, frozen=True, kw_only=True):
    """A claim enters a token; ``place`` is where. ``source`` is what the value is made of (``user.role``)."""

    name: str
    category: ClaimCategory
    source: str = ""


class Verification(Fact, frozen=True, kw_only=True):
    """A token is verified (or only decoded). ``algorithms`` tells how they are pinned; ``signature`` whether it is checked.

    ``trusted`` is False where the content is not relied on (only routing, display, unused helper).
    ``reloads_user``: the verifier reads the user again and refuses a missing or inactive one. ``bridged``: a migration looks a
    session up before.
    """

    library: str
    revocation: RevocationKind = "none"
    algorithms: Literal["pinned", "missing", "from-header", "none-allowed", "fixed"] = "pinned"
    signature: Literal["checked", "skipped"] = "checked"
    trusted: bool = True
    external_issuer: bool = False
    reloads_user: bool = False
    bridged: bool = False


class Lookup(Fact, frozen=True, kw_only=True):
    """On the verifying path, server-side state about tokens is read: a denylist, an allowlist, a session row, an epoch."""

    kind: RevocationKind


class Trust(Fact, frozen=True, kw_only=True):
    """A claim of a verified token decides something. ``fresh``: the decision also reads the server's data."""

    claim: str
    category: ClaimCategory
    fresh: bool = False


class Delivery(Fact, frozen=True, kw_only=True):
    """A token leaves the server, or a session token is taken from a URL (``medium`` url, ``direction`` read).

    Scripts deliver, too: they keep a token, or put it into an address. ``name`` is that of the cookie, or the key under which it is kept.
    ``fields`` are the names that it bears in a body or in a template's context, ``route`` is the path of the handler that answers it.
    ``answered_place`` is where the server hands out what a script keeps, ``stored_place`` where a script keeps what a server hands out.
    """

    medium: Medium
    direction: Literal["sent", "read"] = "sent"
    handler_role: HandlerRole = "other"
    http_only: Flag = "configured"
    secure: Flag = "configured"
    same_site: SameSite = "configured"
    name: str = ""
    fields: tuple[str, ...] = ()
    route: str = ""
    answered_place: Place | None = None
    stored_place: Place | None = None


class Handler(Fact, frozen=True, kw_only=True):
    """A request handler with a part in the story. ``jwt_sessions``: its application's sessions are JWTs.

    ``revokes``: it reaches something that ends the user's tokens on the server. ``tokens_survive``: for account-end and
    role-change, the verifier goes on accepting the token (or the role in it) after the change.
    """

    role: HandlerRole
    name: str
    route: str = ""
    jwt_sessions: bool = False
    revokes: bool = False
    tokens_survive: bool = True


class SigningKey(Fact, frozen=True, kw_only=True):
    """The key of a token. ``source``: a literal, a guessable literal default, the environment, a file, or unknown."""

    source: Literal["literal", "default-literal", "environment", "file", "random", "unknown"]
    name: str = ""


class Ignore(Fact, frozen=True, kw_only=True):
    """A comment that wants a rule silent. No part of a token's life: it is known only when the rules were asked.

    ``rule`` is as the comment names it. ``problem`` tells why a comment that is neither used nor unused is not obeyed.
    """

    rule: str
    state: IgnoreState
    scope: Literal["statement", "file"]
    problem: str = ""


LifecycleFact: TypeAlias = Mint | Claim | Verification | Lookup | Trust | Delivery | Handler | SigningKey | Ignore


class Lifecycle(msgspec.Struct, frozen=True):
    """Every fact of the scanned program, and its verdict's basis.

    ``applications`` maps an application's name to whether its sessions are JWTs.
    """

    facts: tuple[LifecycleFact, ...]
    applications: dict[str, bool]
