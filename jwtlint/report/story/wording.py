"""The few words for each event in a token's life, and the state that it is in when no finding says more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from jwtlint.report.document import Step
from jwtlint.rules.findings import duration

if TYPE_CHECKING:
    from jwtlint.report.story.lives import State


class Words(NamedTuple):
    """A text, a state, and the name of a function or cookie in the code (empty for none)."""

    text: str
    state: State
    code: str = ""


Telling: TypeAlias = Callable[[Step], Words]

LIFETIME_RULES = ("no-expiry", "long-lived-session-token")
MINTED_ELSEWHERE = Words("minted elsewhere", "unseen")
NO_CLAIM = Words("no rights and no personal data seen", "good")
NOT_DELIVERED = Words("the way to the client is not seen", "unseen")
NOT_STORED = Words("where the client keeps it is not seen", "unseen")
NOT_VERIFIED = Words("no verification is seen", "unseen")
NOT_REVOKED = {True: Words("nothing is seen that ends it", "unseen"), False: Words("ends by itself", "plain")}
KEPT_BY_SCRIPT = "a script of the client must keep it"
NOTHING_ENDS_IT = "nothing looks whether it was ended"

LIBRARY_NAMES = {"hand-made": "hand-made code"}
CATEGORIES = {"authorization": "a right", "profile": "personal data", "secret": "a secret", "identifier": "an identifier"}
MEDIA = {
    "body": "in the response body",
    "cookie": "in a cookie",
    "url": "in a URL",
    "page": "inside a page",
    "header": "in a response header",
    "mail": "in a mail",
    "outgoing-request": "in a request to another service",
}
STORES = {"local_storage": "in localStorage, for every script", "session_storage": "in sessionStorage, for every script"}
KINDS = {
    "denylist": "a list of ended tokens is read",
    "allowlist": "a list of live tokens is read",
    "session-row": "a session row is read",
    "epoch": "the user's session epoch is compared",
    "key": "a key of the user's own is used",
    "library": "the library's own list is read",
}
HANDLERS = {
    "logout": ("logout ends it", "logout ends nothing"),
    "password-change": ("a new password ends it", "a new password ends nothing"),
    "account-end": ("the account's end ends it", "the account's end ends nothing"),
    "role-change": ("a change of role ends it", "a change of role ends nothing"),
}
PURPOSES = {
    "session": "Session token",
    "one-time": "One-time token",
    "service": "Service token",
    "federation": "Token of an identity provider",
    "unknown": "Token of unknown purpose",
}


def title(purpose: str, roles: set[str]) -> str:
    """What kind of token it is."""
    if purpose == "session" and roles == {"refresh"}:
        return "Refresh token"
    if purpose == "session" and roles and "refresh" not in roles:
        return "Access token"
    if purpose == "session" and len(roles) > 1:
        return "Access and refresh token"
    return PURPOSES[purpose]


def mint(step: Step) -> Words:
    """``access token by pyjwt``, in a function"""
    library = str(step.details["library"])
    role = str(step.details["role"])
    kind = "token" if role == "either" else f"{role} token"
    return Words(f"{kind} by {LIBRARY_NAMES.get(library, library)}", "plain", str(step.details["wrapper"] or ""))


def lifetime(step: Step) -> Words | None:
    """How long a token lives."""
    seconds = step.details["lifetime"]
    if step.details["expiry"] == "missing":
        return Words("never expires", "missing")
    if isinstance(seconds, int) and not isinstance(seconds, bool):
        return Words(f"lives for {duration(seconds)}", "plain")
    return None


def is_guessable(step: Step) -> bool:
    """Whether a key stands in the source."""
    return step.details["source"] in ("literal", "default-literal")


def key(step: Step) -> Words:
    """The key of a token."""
    return Words("signed with a key from the source", "plain")


def claim(step: Step) -> Words:
    """``role: a right``"""
    category = CATEGORIES.get(str(step.details["category"]))
    return Words(f"{step.details['name']}: {category}" if category else str(step.details["name"]), "plain")


def is_delivery(step: Step) -> bool:
    """Whether a token travels; else it is kept."""
    return step.details["medium"] not in STORES


def delivery(step: Step) -> Words:
    """How a token travels."""
    medium = str(step.details["medium"])
    text = MEDIA.get(medium, medium)
    if step.details["direction"] == "read":
        text = f"read {text.replace('in ', 'from ', 1)}"
    role = str(step.details["handler_role"])
    text += f", at {role.replace('-', ' ')}" if role != "other" else ""
    return Words(text, "plain", str(step.details["name"]) if medium == "cookie" else "")


def storage(step: Step) -> Words | None:
    """Where the client keeps what is delivered so; None where the way does not tell."""
    medium = str(step.details["medium"])
    if medium in STORES:
        return Words(STORES[medium], "error")
    if medium == "cookie":
        return cookie(step)
    if medium in ("body", "page", "header") and step.details["direction"] == "sent":
        return Words(KEPT_BY_SCRIPT, "note")
    return None


def cookie(step: Step) -> Words:
    """A cookie with what is missing of the three attributes that guard it."""
    lacking = []
    if step.details["http_only"] == "off":
        lacking.append("HttpOnly")
    if step.details["secure"] == "off":
        lacking.append("Secure")
    if step.details["same_site"] in ("missing", "none"):
        lacking.append("SameSite")
    if lacking:
        return Words(f"in a cookie without {' and '.join(lacking) if len(lacking) < 3 else 'any guard'}", "missing")
    return Words("in a guarded cookie", "good")


def verification(step: Step) -> Words:
    """Who verifies a token, and how."""
    library = str(step.details["library"])
    text = f"by {LIBRARY_NAMES.get(library, library)}"
    if step.details["signature"] == "skipped":
        return Words(f"{text}, the signature not checked", "missing" if step.details["trusted"] else "plain")
    if step.details["reloads_user"]:
        return Words(f"{text}; the user is loaded again", "good")
    return Words(text, "plain")


def trust(step: Step) -> Words:
    """What is decided by a claim."""
    claim = step.details["claim"]
    if step.details["fresh"]:
        return Words(f"{claim} is compared with the server's data", "good")
    return Words(f"the claim {claim} decides", "plain")


def trusted_nothing(verifications: Sequence[Step]) -> Words:
    """What is told when no claim decides anything."""
    if not verifications:
        return Words("not seen", "unseen")
    return Words("no right is read from the token", "good")


def lookup(step: Step) -> Words:
    """What the server remembers of a token."""
    return Words(KINDS.get(str(step.details["kind"]), "the server's state is read"), "good")


def revocation(step: Step) -> Words | None:
    """The way in which a verification notices that a token was ended; None where there is none."""
    kind = str(step.details["revocation"])
    return Words(KINDS[kind], "good") if kind in KINDS else None


def handler(step: Step) -> Words | None:
    """Whether a handler that should end tokens does; None for handlers of which that is not asked."""
    role = str(step.details["role"])
    if role not in HANDLERS:
        return None
    ends, fails = HANDLERS[role]
    # an account's end or a change of role may be noticed by the verifier
    noticed = role in ("account-end", "role-change") and not step.details["tokens_survive"]
    name = str(step.details["name"])
    return Words(ends, "good", name) if step.details["revokes"] or noticed else Words(fails, "missing", name)


def summary(mints: Sequence[Step], claims: Sequence[Step], states: Mapping[str, str]) -> str:
    """The life in a sentence."""
    parts = []
    lifetimes = [one.details["lifetime"] for one in mints if isinstance(one.details["lifetime"], int)]
    if any(one.details["expiry"] == "missing" for one in mints):
        parts.append("never expires")
    elif lifetimes:
        parts.append(f"lives for {duration(max(int(one or 0) for one in lifetimes))}")
    rights = sorted({str(one.details["name"]) for one in claims if one.details["category"] == "authorization"})
    if rights:
        parts.append(f"carries {'a right' if len(rights) == 1 else 'rights'} ({', '.join(rights)})")
    if states["stored"] in ("error", "warning", "note"):
        parts.append("lies where scripts can read it")
    if states["revoked"] == "missing":
        parts.append("can hardly be ended before")
    elif states["revoked"] == "error":
        parts.append("outlives some of what should end it")
    elif states["revoked"] == "good":
        parts.append("can be ended by the server")
    if not parts:
        return ""
    told = ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else parts[0]
    return f"It {told}."
