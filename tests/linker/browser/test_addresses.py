"""Tokens in addresses that scripts put together or read."""

from __future__ import annotations

import pytest
from fronts import OPAQUE_SERVER, Front, as_expected, front

HELD = 'const token = localStorage.getItem("access_token");\n'


@pytest.mark.parametrize(
    "line",
    [
        "new WebSocket(`wss://live.example/ws?token=${token}`);",
        'new EventSource("/events?access_token=" + encodeURIComponent(token));',
        'location.href = "/files/report.pdf?jwt=" + token;',
        'axios.get("/api/report", { params: { token } });',
        'const socket = io("/live", { query: { token } });',
        'const url = new URL(base); url.searchParams.set("access_token", token);',
        'new WebSocket(base + "?" + new URLSearchParams({ token }));',
        "window.open(`${base}/download#access_token=${token}`);",
    ],
)
def test_a_token_that_is_put_into_an_address(line: str) -> None:
    assert as_expected(front(f"{HELD}{line} // kept: url\n"))


@pytest.mark.parametrize(
    "line",
    [
        "fetch(`/api/reset-password?token=${route.params.token}`);",
        "fetch(`/api/verify?token=${token}`);",
        "link = `${location.origin}/register?token=${data.token}`;",
        "fetch(`/maps?token=${MAPBOX_TOKEN}`);",
        "fetch(`/api/items?page_token=${next}`);",
        'fetch("/token", { method: "POST", body: `grant_type=refresh_token&refresh_token=${token}` });',
        'fetch("/api/items", { headers: { Authorization: `Bearer ${token}` } });',
        'const socket = io("/live", { auth: { token } });',
    ],
)
def test_what_is_no_session_token_in_an_address(line: str) -> None:
    assert front(f"{HELD}{line}\n").found() == []


@pytest.mark.parametrize(
    "lines",
    [
        "this.connection = new SocketBuilder(`wss://live.example/ws?access_token=${accessToken}`).build(); // kept: url",
        "const live = useWebSocket(`${base}/live?token=${accessToken}`); // kept: url",
        'const address = base + "/live?token=" + accessToken; // kept: url\nconst live = new WebSocket(address);',
        "const address = `${base}/live?token=${accessToken}`; // kept: url\nconst events = new EventSourcePolyfill(address);",
    ],
)
def test_a_token_in_the_address_of_a_socket_needs_no_other_sign(lines: str) -> None:
    assert as_expected(front(f"export function connect(accessToken) {{\n{lines}\n}}\n"))


@pytest.mark.parametrize(
    "line",
    [
        "new WebSocket(`wss://live.example/ws?ticket=${ticket}`);",
        "new WebSocket(`wss://live.example/ws?csrf_token=${csrfToken}`);",
        "const address = `${base}/live?token=${inviteToken}`; share(address);",
    ],
)
def test_a_ticket_or_a_link_is_no_session_token(line: str) -> None:
    assert front(f"export function connect(ticket, csrfToken, inviteToken) {{ {line} }}\n").found() == []


def test_a_token_that_is_read_from_the_address_and_kept() -> None:
    told = front(
        """
        const handed = new URLSearchParams(location.hash.slice(1)).get("access_token"); // kept: url
        if (handed) localStorage.setItem("access_token", handed); // kept: local_storage
        """
    )
    assert as_expected(told)
    assert [fact.direction for fact in told.told if fact.medium == "url"] == ["read"]


def test_what_the_template_takes_from_the_request_is_in_the_page() -> None:
    server = """
import jwt
from flask import Flask, abort, g, redirect, request
from models import User
app = Flask(__name__)

@app.before_request
def who():
    g.pass_ = request.cookies.get("sid")

@app.post("/login")
def login():
    user = User.query.filter_by(email=request.form["email"]).first()
    if user is None or not user.check_password(request.form["password"]):
        abort(401)
    response = redirect("/")
    response.set_cookie("sid", jwt.encode({"sub": str(user.id)}, KEY, algorithm="HS256"), httponly=True, secure=True, samesite="Lax")
    return response
"""
    page = """
    <meta name="api" content="{{ g.pass_ }}"> {# kept: page #}
    <meta name="csrf" content="{{ csrf_token() }}">
    <p>{{ g.member.name }}</p>
    <script>const t = "{{ request.cookies['sid'] }}";</script> {# kept: page #}
    """
    assert as_expected(Front({"templates/base.html": page}, server))
    assert Front({"templates/base.html": page}, OPAQUE_SERVER).found() == []
