"""A small application with sessions, for the tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from typing import Annotated
from unittest.mock import patch

from fastapi import Depends, FastAPI, HTTPException, Request, Response

from .. import hooks, service
from ..application import Db, get_db
from ..legacy import LegacyToken
from ..types import Session, UserId
from ..web import (
    CurrentSession,
    CurrentUser,
    FreshSession,
    OptionalSession,
    install,
    log_in,
    reauthenticate,
    rotate,
    unproved_session,
)
from .people import key_of, own_people, session_of, transaction_of
from .support import Stage
from .talk import talk


@asynccontextmanager
async def site(
    s: Stage,
    verify: Callable[[str], LegacyToken | None] | None = None,
    legacy_cookie: str | None = None,
) -> AsyncIterator[FastAPI]:
    """The application, on the tables of a stage."""
    app = FastAPI()
    install(app, store=s.store, verify=verify, legacy_cookie=legacy_cookie)

    async def db_of_stage() -> AsyncIterator[Db]:
        async with session_of(s) as db:
            yield db

    app.dependency_overrides[get_db] = db_of_stage
    add_routes(app, s)
    with ExitStack() as patches:
        patches.enter_context(own_people())
        patches.enter_context(patch.object(service, "store", s.store))
        yield app


def add_routes(app: FastAPI, s: Stage) -> None:
    """Routes as an application has them."""

    @app.post("/login/{user_id}")
    async def login(request: Request, response: Response, user_id: str) -> dict[str, bool]:
        await log_in(request, response, UserId(user_id))
        return {"logged_in": True}

    @app.post("/login-too-late/{user_id}")
    async def login_too_late(request: Request, response: Response, user_id: str) -> None:
        await hooks.password_changed(UserId(user_id))
        await log_in(request, response, UserId(user_id))

    @app.get("/public")
    async def public() -> dict[str, str]:
        return {"hello": "everybody"}

    @app.get("/perhaps")
    async def perhaps(session: OptionalSession) -> dict[str, bool]:
        return {"logged_in": session is not None}

    @app.get("/session")
    async def session_only(session: CurrentSession) -> dict[str, str]:
        return {"user": str(session.user_id)}

    @app.get("/me")
    async def me(user: CurrentUser) -> dict[str, str]:
        return {"user": key_of(user)}

    @app.get("/both")
    async def both(session: CurrentSession, user: CurrentUser) -> dict[str, str]:
        return {"user": key_of(user), "handle": session.handle}

    @app.post("/change")
    async def change(session: CurrentSession) -> dict[str, bool]:
        return {"changed": True}

    @app.post("/email")
    async def email(session: FreshSession) -> dict[str, bool]:
        return {"changed": True}

    @app.post("/reauthenticate")
    async def prove(
        request: Request,
        response: Response,
        session: Annotated[Session, Depends(unproved_session)],
    ) -> dict[str, bool]:
        await reauthenticate(request, response, session, "passkey")
        return {"proved": True}

    @app.post("/promote")
    async def promote(
        request: Request, response: Response, session: CurrentSession
    ) -> dict[str, bool]:
        await rotate(request, response, session, "became an administrator")
        return {"promoted": True}

    @app.post("/password/{outcome}")
    async def password(session: FreshSession, outcome: str) -> dict[str, bool]:
        async with transaction_of(s) as work:
            await hooks.password_changed(session.user_id, keep=session, transaction=work)
            if outcome == "fails":
                raise HTTPException(500, "the new password could not be saved")
        return {"changed": True}

    app.add_api_websocket_route("/talk", talk)
