"""An application whose tokens name users by their names, in a cookie of its own, behind another word in the header."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import bridged
import jwt
import msgspec
import psycopg
import pytest
import servers
from bridged import BRIDGE, KEY, Device

MAIN = f"""
import jwt
from fastapi import FastAPI, HTTPException, Request, Response

from app.sessions.bridge import claims_of, install, log_out, password_changed, token_for

KEY = "{KEY}"
app = FastAPI()
install(app)


@app.post("/login/{{name}}")
def login(name: str, response: Response) -> str:
    token = token_for(jwt.encode({{"username": name, "user": {{"role": "from the token"}}}}, KEY, algorithm="HS256"))
    response.set_cookie("access_token", f"Bearer {{token}}", httponly=True)
    return token


@app.get("/header")
def header(request: Request) -> dict:
    return read(request.headers.get("authorization", "").removeprefix("Token "))


@app.get("/cookie")
def cookie(request: Request) -> dict:
    return read(request.cookies.get("access_token", "").removeprefix("Bearer "))


def read(token: str) -> dict:
    try:
        return claims_of(token, lambda: jwt.decode(token, KEY, algorithms=["HS256"]))
    except jwt.InvalidTokenError:
        raise HTTPException(401) from None


@app.post("/password/{{name}}")
def password(name: str) -> None:
    password_changed(name)


@app.post("/payload-password")
def payload_password(request: Request) -> None:
    password_changed(cookie(request))
"""
NAMED = msgspec.structs.replace(
    BRIDGE,
    identifiers=(("username", "name"),),
    fresh=(("user.role", "role"),),
    scheme="Token",
    legacy_cookie="access_token",
    legacy_cookie_prefix="Bearer ",
)


@pytest.fixture(scope="module", params=["sqlalchemy", "asyncpg"])
def app(request: pytest.FixtureRequest, postgresql: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The application's address, and the database's."""
    folder: Path = tmp_path_factory.mktemp("named")
    bridged.make(folder, request.param, bridge=NAMED)
    (folder / "app/main.py").write_text(MAIN, encoding="utf-8")
    with servers.database(postgresql, f"named_{abs(hash(folder))}") as database:
        environment = bridged.prepared(folder, request.param, database)
        with psycopg.connect(database) as connection:
            connection.execute("UPDATE users SET name = 'user' || id")
        with bridged.served(folder, environment) as address:
            yield address, database


def test_the_header_has_another_word_and_the_cookie_another_name(app: tuple[str, str]) -> None:
    address, _ = app
    device = Device(address)
    token = device.post("/login/user1").json()
    sid = device.cookie
    assert device.get("/header", headers={"authorization": f"Token {token}"}).json() == {"username": "user1", "user": {"role": "user"}}
    assert device.get("/cookie", headers={"cookie": f'access_token="Bearer {token}"'}).json()["username"] == "user1"
    # either is there where only the session's cookie came
    for path in ("/header", "/cookie"):
        assert device.get(path, headers={"cookie": sid}).json()["username"] == "user1"
        assert device.get(path, headers={"cookie": f"{sid}; theme=dark; access_token=old"}).json()["username"] == "user1"
        assert device.get(path).status_code == 401


def test_who_takes_a_name_over_takes_no_session_over(app: tuple[str, str]) -> None:
    address, database = app
    device = Device(address)
    token = device.post("/login/user2").json()
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE users SET name = 'renamed' WHERE name = 'user2'")
        connection.execute("UPDATE users SET name = 'user2' WHERE name = 'user3'")
    assert device.get("/header", headers={"authorization": f"Token {token}"}).json()["username"] == "renamed"


def test_a_user_is_found_by_the_name_and_by_claims(app: tuple[str, str]) -> None:
    address, _ = app
    one, other = Device(address), Device(address)
    tokens = [device.post("/login/user4").json() for device in (one, other)]
    headers = [{"cookie": f'access_token="Bearer {token}"'} for token in tokens]
    assert one.post("/payload-password", headers=headers[0]).status_code == 200
    assert [one.get("/cookie", headers=value).status_code for value in headers] == [200, 401]
    assert one.post("/password/user4").status_code == 200
    assert one.get("/cookie", headers=headers[0]).status_code == 401


def test_a_jwt_in_the_applications_own_cookie_is_exchanged(app: tuple[str, str]) -> None:
    address, _ = app
    device = Device(address)
    old = jwt.encode({"username": "user5", "user": {"role": "owner"}}, KEY, algorithm="HS256")
    reply = device.get("/cookie", headers={"cookie": f'access_token="Bearer {old}"'})
    assert reply.json() == {"username": "user5", "user": {"role": "user"}} and device.cookie
    assert device.get("/cookie", headers={"cookie": device.cookie}).json()["username"] == "user5"


def test_a_token_of_nobody_opens_nothing(app: tuple[str, str]) -> None:
    address, _ = app
    device = Device(address)
    token = device.post("/login/nobody").json()
    assert device.cookie == ""
    assert device.get("/header", headers={"authorization": f"Token {token}"}).status_code == 401
