"""What only FastAPI has: OpenAPI, WebSockets, CORS by middleware."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import timedelta
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType
from typing import Any
from unittest.mock import patch

import pytest
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from .. import asgi, settings, web
from ..asgi import Visit
from .browser import Browser
from .front import stage
from .replies import ORIGIN
from .site import site
from .support import HOME, PHONE

SID = "__Host-sid"
FAST = timedelta(milliseconds=5)


def again(module: ModuleType) -> ModuleType:
    """A fresh copy of a module, which reads the settings as they are now."""
    spec = spec_from_file_location(module.__name__, str(module.__file__))
    assert spec is not None and spec.loader is not None
    copy = module_from_spec(spec)
    with patch.dict(sys.modules, {module.__name__: copy}):
        spec.loader.exec_module(copy)
    return copy


# -- OpenAPI ---------------------------------------------------------------------------


async def test_openapi_tells_of_the_cookie() -> None:
    async with stage() as s, site(s) as app:
        schema = app.openapi()
        schemes = schema["components"]["securitySchemes"]
        assert schemes["session"] == {"type": "apiKey", "in": "cookie", "name": SID}
        own = settings.settings
        has_bearer = own.accept_bearer or own.phase != "session_only"
        names = ["session", "bearer"] if has_bearer else ["session"]
        assert list(schemes) == names
        for path in ("/me", "/sessions"):
            secured = schema["paths"][path]["get"]["security"]
            assert sorted(secured, key=list, reverse=True) == [{n: []} for n in names]
        assert "security" not in schema["paths"]["/public"]["get"]
        assert "security" not in schema["paths"]["/login/{user_id}"]["post"]
        for path in ("/me", "/both", "/sessions"):
            assert "parameters" not in schema["paths"][path]["get"]


@pytest.mark.parametrize(
    "changes", [{"accept_bearer": True}, {"phase": "both"}, {"phase": "jwt_only"}]
)
def test_openapi_tells_of_the_bearer_token_while_it_is_accepted(
    changes: dict[str, Any],
) -> None:
    changed = replace(settings.settings, **changes)
    with patch.object(settings, "settings", changed):
        copy = again(asgi)
        with patch.dict(sys.modules, {asgi.__name__: copy}):
            changed_web = again(web)
    app = FastAPI()
    changed_web.install(app)
    schema = app.openapi()
    assert set(schema["components"]["securitySchemes"]) == {"session", "bearer"}
    assert schema["components"]["securitySchemes"]["bearer"] == {
        "type": "http",
        "scheme": "bearer",
    }
    # either of them will do
    secured = schema["paths"]["/sessions"]["get"]["security"]
    assert sorted(secured, key=str) == [{"bearer": []}, {"session": []}]


# -- CORS ------------------------------------------------------------------------------


async def test_cors_lets_a_trusted_front_end_in_and_nobody_else() -> None:
    front = "https://front.example.org"
    async with stage(trusted_origins=(front,)) as s, site(s) as app:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=[front],
            allow_credentials=True,
            allow_methods=["*"],
        )
        browser = Browser(app)
        user = await s.user()
        own = {"origin": front, "sec-fetch-site": "same-site"}
        reply = await browser.post(f"/login/{user}", own)
        assert reply.status == 200
        assert reply.header("access-control-allow-origin") == front
        assert reply.header("access-control-allow-credentials") == "true"
        # what is refused can be read by the front end, which must tell its user
        reply = await Browser(app).get("/me", own)
        assert reply.status == 401
        assert reply.header("access-control-allow-origin") == front
        foreign = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
        reply = await browser.post("/change", foreign)
        assert reply.status == 403
        assert reply.header("access-control-allow-origin") == ""


# -- WebSockets ------------------------------------------------------------------------


async def test_a_websocket_needs_a_session() -> None:
    async with stage() as s, site(s) as app:
        browser = Browser(app)
        issued = await s.store.create(await s.user(), HOME)
        for path in ("/talk", f"/talk?token={issued.token}"):
            async with browser.socket(path) as socket:
                assert (await socket.next())["type"] == "websocket.close"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "https://other.example.org", "sec-fetch-site": "same-site"},
    ],
    ids=str,
)
async def test_another_site_cannot_open_a_websocket(headers: dict[str, str]) -> None:
    async with stage() as s, site(s) as app:
        browser = Browser(app)
        await browser.post(f"/login/{await s.user()}")
        async with browser.socket("/talk", headers) as socket:
            assert (await socket.next())["type"] == "websocket.close"
        async with browser.socket("/talk", {"origin": ORIGIN}) as socket:
            assert (await socket.next())["type"] == "websocket.accept"


async def test_a_websocket_closes_when_its_session_ends() -> None:
    async with stage(websocket_interval=FAST) as s, site(s) as app:
        user = await s.user()
        browser, phone = Browser(app), Browser(app, PHONE)
        await browser.post(f"/login/{user}")
        await phone.post(f"/login/{user}")
        async with browser.socket("/talk", {"origin": ORIGIN}) as socket:
            assert (await socket.next())["type"] == "websocket.accept"
            await socket.say("hello")
            assert (await socket.next())["text"] == "hello"
            assert (await phone.post("/sessions/revoke-others")).status == 200
            closed = await socket.next()
            assert (closed["type"], closed["code"]) == ("websocket.close", 4401)


async def test_a_websocket_outlives_a_new_token_but_not_the_idle_limit() -> None:
    limit = timedelta(hours=1)
    async with (
        stage(websocket_interval=FAST, idle_timeout=limit) as s,
        site(s) as app,
    ):
        browser = Browser(app)
        await browser.post(f"/login/{await s.user()}")
        async with browser.socket("/talk", {"origin": ORIGIN}) as socket:
            assert (await socket.next())["type"] == "websocket.accept"
            await browser.post("/promote")
            for text in ("still", "here"):
                await socket.say(text)
                assert (await socket.next())["text"] == text
            s.clock.advance(hours=1)
            assert (await socket.next())["code"] == 4401


async def test_a_websocket_closes_when_the_database_does_not_answer() -> None:
    async with stage(websocket_interval=FAST) as s, site(s) as app:
        browser = Browser(app)
        await browser.post(f"/login/{await s.user()}")
        async with browser.socket("/talk", {"origin": ORIGIN}) as socket:
            assert (await socket.next())["type"] == "websocket.accept"
            with patch.object(s.store, "is_still_live", side_effect=OSError):
                closed = await socket.next()
            assert (closed["type"], closed["code"]) == ("websocket.close", 1011)


# -- mounting --------------------------------------------------------------------------


async def test_sessions_that_are_not_installed_say_so() -> None:
    async with stage() as s, site(s) as app:
        app.user_middleware.clear()
        with pytest.raises(RuntimeError, match="install"):
            await Browser(app).get("/me")
        assert not hasattr(app.state, Visit.__name__)
