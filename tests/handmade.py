"""Facts made by hand, for tests of what selects and tells them."""

from __future__ import annotations

from typing import Any

from jwtlint.facts import lifecycle as facts


def place(line: int = 1, column: int = 0, end_column: int = 5, path: str = "app.py") -> facts.Place:
    return facts.Place(path, line, column, line, end_column)


def common(given: dict[str, Any]) -> dict[str, Any]:
    return {"place": place(), "application": "app", "purpose": "session", "token": "t", "function": "app.py::login", **given}


def mint(**given: Any) -> facts.Mint:
    return facts.Mint(**{"library": "pyjwt", **common(given)})


def claim(name: str = "role", **given: Any) -> facts.Claim:
    return facts.Claim(**{"name": name, "category": "authorization", **common(given)})


def verification(**given: Any) -> facts.Verification:
    return facts.Verification(**{"library": "pyjwt", **common(given)})


def handler(role: str, **given: Any) -> facts.Handler:
    return facts.Handler(**{"role": role, "name": role, "jwt_sessions": True, **common(given)})


def delivery(medium: str, **given: Any) -> facts.Delivery:
    return facts.Delivery(**{"medium": medium, **common(given)})


def trust(**given: Any) -> facts.Trust:
    return facts.Trust(**{"claim": "role", "category": "authorization", **common(given)})


def lookup(kind: str, **given: Any) -> facts.Lookup:
    return facts.Lookup(**{"kind": kind, **common(given)})


def signing_key(source: str, **given: Any) -> facts.SigningKey:
    return facts.SigningKey(**{"source": source, **common(given)})


def lifecycle(*all_facts: facts.LifecycleFact) -> facts.Lifecycle:
    return facts.Lifecycle(all_facts, {"app": True})
