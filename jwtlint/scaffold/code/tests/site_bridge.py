"""A small application that speaks of JWTs, for the tests: as an application of today
makes, reads and trusts them, but for the calls of the bridge.
"""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from typing import Any
from unittest.mock import patch

from fastapi import FastAPI, HTTPException, Request

from .. import bridge, service
from ..bridge import claims_of, token_for
from ..passage import Rules
from .people import own_people
from .support import Stage

SECRET = b"only for tests"
LIFETIME = 900  # seconds


def encoded(data: bytes) -> str:
    """As it stands in a JWT."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(claims: dict[str, Any], secret: bytes = SECRET) -> str:
    """A JWT (RFC 7515 section 3.1, HS256)."""
    head = encoded(b'{"alg":"HS256","typ":"JWT"}')
    text = f"{head}.{encoded(json.dumps(claims).encode())}"
    return f"{text}.{encoded(hmac.digest(secret, text.encode(), 'sha256'))}"


def verified(jwt: str, now: float) -> dict[str, Any]:
    """The claims of a JWT; the errors of the application's library for a bad one."""
    text, _, signature = jwt.rpartition(".")
    wanted = encoded(hmac.digest(SECRET, text.encode(), "sha256"))
    if not hmac.compare_digest(signature.encode(), wanted.encode()):
        raise bridge.INVALID("bad signature")
    part = text.split(".")[1]
    claims: dict[str, Any] = json.loads(
        urlsafe_b64decode(part + "=" * (-len(part) % 4))
    )
    if claims["exp"] <= now:
        raise bridge.EXPIRED("Signature has expired")
    return claims


def claims_for(s: Stage, user_id: object, **changes: object) -> dict[str, Any]:
    """What the application's JWTs say."""
    now = int(s.clock.now.timestamp())
    claims = {"sub": str(user_id), "type": "access", "iat": now, "exp": now + LIFETIME}
    return claims | changes


def bearer(token: str) -> dict[str, str]:
    """The header that carries a token."""
    return {"authorization": f"{bridge.SCHEME} {token}".strip()}


@asynccontextmanager
async def site(s: Stage) -> AsyncIterator[FastAPI]:
    """The application, on the tables of a stage."""
    app = FastAPI()
    bridge.install(app, store=s.store)
    add_routes(app, s)
    rules = Rules(bridge.KEY, bridge.LARGEST_KEY, (("sub", bridge.KEY),))
    with ExitStack() as patches:
        patches.enter_context(own_people())
        patches.enter_context(patch.object(service, "store", s.store))
        patches.enter_context(patch.object(bridge, "RULES", rules))
        patches.enter_context(patch.object(bridge, "LEGACY_COOKIE", ""))
        yield app


def add_routes(app: FastAPI, s: Stage) -> None:
    """Routes as an application has them."""

    def read(request: Request) -> dict[str, Any]:
        sent = request.headers.get("authorization", "")
        token = sent.removeprefix(bridge.SCHEME).strip()
        now = s.clock.now.timestamp()
        try:
            found: dict[str, Any] = claims_of(token, lambda: verified(token, now))
        except (bridge.EXPIRED, bridge.INVALID, IndexError) as error:
            # some applications have one error for both
            is_old = "expired" in str(error)
            detail = "the token is too old" if is_old else "no good token"
            raise HTTPException(401, detail) from None
        return found

    @app.post("/login/{user_id}")
    async def login(user_id: str) -> dict[str, str]:
        access = token_for(signed(claims_for(s, user_id)))
        refresh = claims_for(s, user_id, type="refresh", exp=2**31)
        return {"access": access, "refresh": token_for(signed(refresh))}

    @app.post("/refresh")
    async def refresh(request: Request) -> dict[str, str]:
        found = read(request)
        return {"access": token_for(signed(claims_for(s, found["sub"])))}

    @app.get("/me")
    async def me(request: Request) -> dict[str, Any]:
        return read(request)

    @app.post("/change")
    async def change(request: Request) -> dict[str, Any]:
        return read(request)

    @app.post("/logout")
    async def logout(request: Request) -> None:
        read(request)
        bridge.log_out()

    @app.post("/password")
    async def password(request: Request) -> None:
        bridge.password_changed(read(request)["sub"])

    @app.post("/switch-off/{user_id}")
    async def switch_off(user_id: str) -> None:
        bridge.account_ended(user_id)
        raise HTTPException(500, "and then something else fails")
