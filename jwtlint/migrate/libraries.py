"""What depends on the application's JWT library: its errors, and the parts of it that mint or verify by themselves."""

from __future__ import annotations

import re

from jwtlint.facts.lifecycle import Delivery
from jwtlint.migrate.calls import Bridge
from jwtlint.migrate.plan import Step
from jwtlint.migrate.study import Study
from jwtlint.scaffold.choice import Imported

# (expired, invalid): the classes that a library's decode raises
ERRORS: dict[str, tuple[Imported, Imported]] = {
    "pyjwt": (
        Imported("jwt", ("ExpiredSignatureError",), "ExpiredSignatureError"),
        Imported("jwt", ("InvalidTokenError",), "InvalidTokenError"),
    ),
    "python-jose": (
        Imported("jose", ("ExpiredSignatureError",), "ExpiredSignatureError"),
        Imported("jose", ("JWTError",), "JWTError"),
    ),
    "authlib": (
        Imported("authlib.jose.errors", ("ExpiredTokenError",), "ExpiredTokenError"),
        Imported("authlib.jose.errors", ("InvalidTokenError",), "InvalidTokenError"),
    ),
}
# libraries that stand on another, whose errors they raise
STANDS_ON = {
    "flask-jwt-extended": "pyjwt",
    "fastapi-users": "pyjwt",
    "djangorestframework-simplejwt": "pyjwt",
    "flask-jwt": "pyjwt",
    "flask-praetorian": "pyjwt",
}
ADAPTED = frozenset({"flask-jwt-extended", "fastapi-users", "djangorestframework-simplejwt"})
MANAGERS = {"flask-jwt-extended": "JWTManager"}
SCHEME = re.compile(r"[\"'](Token|JWT|Bearer) ?[\"']")


def errors_of(library: str, study: Study) -> tuple[Imported | None, Imported | None]:
    """The errors of a library, where they are known."""
    return ERRORS.get(STANDS_ON.get(library, library), (None, None))


def scheme_of(study: Study) -> str:
    """The word before the token in the Authorization header, as the application writes it."""
    counts: dict[str, int] = {}
    for path in {fact.place.path for fact in study.verifications()} | {path for word in ("uthorization",) for path in study.files.mentioning(word)}:
        text = (study.files.data(path) or b"").decode("utf-8", "replace")
        for match in SCHEME.finditer(text):
            counts[match[1]] = counts.get(match[1], 0) + 1
    # a scheme that somebody chose is told from the usual one, which also stands in descriptions
    for scheme in ("Token", "JWT"):
        if counts.get(scheme):
            return scheme
    return "Bearer"


def cookie_of(study: Study) -> str:
    """The cookie in which the application hands its session token out; "" where it does not."""
    for fact in study.told.lifecycle.facts:
        if isinstance(fact, Delivery) and fact.purpose == "session" and fact.medium == "cookie" and fact.direction == "sent" and fact.name:
            return fact.name
    return ""


def adapt(study: Study, bridge: Bridge) -> None:
    """Tell of the library's own parts that ``install(app)`` puts on the sessions."""
    for fact in study.verifications():
        if fact.library in MANAGERS:
            study.step(Step("library", fact.place, f"{MANAGERS[fact.library]} looks sessions up; install(…) sees to it"))
