"""Behind an application's JWTs stand sessions: real HTTP, two workers, real databases, JWTs by PyJWT."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import bridged
import pytest
import servers
from bridged import Device, configure, count, dump, logged_in, old_jwt

# driver, layer, on PostgreSQL
MATRIX = [
    ("sqlalchemy-async", "", True),
    ("sqlalchemy-async", "", False),
    ("sqlalchemy", "sqlmodel", True),
    ("sqlalchemy", "", False),
    ("asyncpg", "", True),
]


@dataclass(frozen=True)
class Running:
    """An application that is served."""

    address: str
    database: str
    folder: Path

    def count(self, sql: str) -> int:
        return count(self.database, self.folder, sql)


def name_of(row: tuple[str, str, bool]) -> str:
    return f"{row[1] or row[0]}-{'postgresql' if row[2] else 'sqlite'}"


@pytest.fixture(scope="module", params=MATRIX, ids=name_of)
def app(request: pytest.FixtureRequest, postgresql: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The application in the phase ``both``, each driver in its turn."""
    driver, layer, is_postgresql = request.param
    folder = tmp_path_factory.mktemp("bridged")
    bridged.make(folder, driver, layer)
    with servers.database(postgresql, f"bridge_{abs(hash(folder))}") as database:
        database = database if is_postgresql else ""
        environment = bridged.prepared(folder, driver, database)
        with bridged.running(folder, environment) as address:
            yield Running(address, database, folder)


def test_a_login_hands_out_a_stand_in_and_the_cookie(app: Running) -> None:
    device = logged_in(app.address, 1)
    assert device.latest is not None
    assert device.token.count(".") == 0 and len(device.token) == 43
    (cookie,) = device.latest.headers.get_list("set-cookie")
    assert cookie.endswith("; Path=/; Secure; HttpOnly; SameSite=Lax")
    assert device.latest.headers["cache-control"] == "no-store"
    secret = device.cookie.partition("=")[2]
    assert secret not in device.latest.text and secret != device.token


def test_the_header_works_and_the_cookie_works_alone(app: Running) -> None:
    device = logged_in(app.address, 1)
    by_header = device.get("/me")
    by_cookie = device.get("/me", header=False, cookie=True)
    assert (by_header.status_code, by_cookie.status_code) == (200, 200)
    assert by_header.json()["sub"] == by_cookie.json()["sub"] == "1"
    assert by_cookie.json()["type"] == "access"
    # the cookie is good for as long as the session
    assert by_cookie.json()["exp"] > by_header.json()["exp"]
    assert "Cookie" in by_cookie.headers["vary"]
    assert device.get("/me", header=False).status_code == 401
    secret = device.cookie.partition("=")[2]
    assert secret not in by_cookie.text


def test_a_front_end_that_has_no_token_any_more_may_send_an_empty_header(app: Running) -> None:
    device = logged_in(app.address, 1)
    for value in ("Bearer null", "Bearer undefined", "Bearer", ""):
        assert device.get("/me", header=False, cookie=True, headers={"authorization": value}).status_code == 200


def test_a_refresh_token_gives_another_stand_in_of_the_same_session(app: Running) -> None:
    device = Device(app.address)
    given = device.post("/login/2").json()
    before = app.count("SELECT count(*) FROM sessions")
    again = device.post("/refresh", json={"token": given["refresh"]})
    assert again.status_code == 200
    assert app.count("SELECT count(*) FROM sessions") == before
    device.token = again.json()["access"]
    assert device.get("/me").json()["sub"] == "2"
    device.token = given["refresh"]
    assert device.get("/me").json()["detail"] == "not for access"
    assert device.post("/refresh", json={"token": given["access"] + "x"}).status_code == 401


def test_a_logout_ends_every_stand_in_and_the_cookie(app: Running) -> None:
    device = Device(app.address)
    given = device.post("/login/3").json()
    kept = device.cookie
    device.token = given["access"]
    assert device.post("/logout", cookie=True).status_code == 200
    assert device.cookie == ""
    assert device.get("/me").json()["detail"] == "invalid"
    device.cookie = kept
    assert device.get("/me", header=False, cookie=True).status_code == 401
    assert device.post("/refresh", header=False, json={"token": given["refresh"]}).status_code == 401


def test_a_logout_by_the_cookie_alone_ends_the_header_too(app: Running) -> None:
    device = logged_in(app.address, 3)
    assert device.post("/logout", header=False, cookie=True).status_code == 200
    assert device.get("/me").status_code == 401


def test_a_new_password_ends_the_other_devices_on_the_next_request(app: Running) -> None:
    here, there = logged_in(app.address, 4), logged_in(app.address, 4)
    stranger = logged_in(app.address, 5)
    assert here.post("/password").status_code == 200
    assert here.get("/me").status_code == 200
    assert there.get("/me").status_code == 401
    assert there.get("/me", header=False, cookie=True).status_code == 401
    assert stranger.get("/me").status_code == 200


def test_a_reset_ends_all_and_logs_in_anew(app: Running) -> None:
    old = logged_in(app.address, 6)
    new = Device(app.address)
    new.token = new.post("/reset/6").json()["access"]
    assert old.get("/me").status_code == 401
    assert new.get("/me").status_code == 200


def test_sessions_end_also_where_the_response_is_an_error(app: Running) -> None:
    device = logged_in(app.address, 7)
    assert Device(app.address).post("/broken-reset/7").status_code == 500
    assert device.get("/me").status_code == 401


def test_a_role_is_what_the_row_says_now(app: Running) -> None:
    device = logged_in(app.address, 8)
    assert device.get("/me").json()["role"] == "user"
    Device(app.address).post("/role/8/admin")
    assert device.get("/me").json()["role"] == "admin"
    assert device.get("/me", header=False, cookie=True).json()["role"] == "admin"
    old = Device(app.address, old_jwt(8, role="owner"))
    assert old.get("/me").json()["role"] == "admin"
    assert Device(app.address).post("/demote/8").status_code == 200
    assert device.get("/me").status_code == 401


def test_a_user_who_is_switched_off_or_deleted_is_out(app: Running) -> None:
    off, gone = logged_in(app.address, 9), logged_in(app.address, 10)
    jwt_of_off = Device(app.address, old_jwt(9))
    Device(app.address).post("/switch-off/9")
    assert off.get("/me").status_code == 401
    assert off.get("/me", header=False, cookie=True).status_code == 401
    assert jwt_of_off.get("/me").status_code == 401
    # in a transaction that is committed after the response was made
    assert Device(app.address).send("DELETE", "/users/10").status_code == 200
    assert gone.get("/me").status_code == 401
    assert gone.get("/me", header=False, cookie=True).status_code == 401


def test_a_user_who_is_committed_after_the_response_was_made_is_logged_in(app: Running) -> None:
    number = 1_000 + app.count("SELECT count(*) FROM users")
    device = Device(app.address)
    device.token = device.post(f"/signup/{number}").json()["access"]
    assert device.get("/me").status_code == 200
    assert device.get("/me", header=False, cookie=True).status_code == 200


def test_an_old_jwt_is_exchanged_and_ends_with_its_session(app: Running) -> None:
    device = Device(app.address, old_jwt(11))
    assert device.get("/me").json()["sub"] == "11"
    assert device.cookie
    by_cookie = device.get("/me", header=False, cookie=True)
    assert (by_cookie.status_code, by_cookie.json()["type"]) == (200, "access")
    assert device.get("/me").headers.get_list("set-cookie") == []
    assert device.post("/logout").status_code == 200
    assert device.get("/me").json()["detail"] == "invalid"
    assert device.get("/me", header=False, cookie=True).status_code == 401


def test_an_account_that_an_old_jwt_deletes_gets_no_session(app: Running) -> None:
    number = 2_000 + app.count("SELECT count(*) FROM users")
    assert Device(app.address).post(f"/signup/{number}").status_code == 200
    sessions = app.count("SELECT count(*) FROM sessions")
    device = Device(app.address, old_jwt(number))
    assert device.send("DELETE", "/me").status_code == 200
    assert device.get("/me").status_code == 401
    # and that of the login went with the account
    assert app.count("SELECT count(*) FROM sessions") == sessions - 1


def test_an_old_jwt_for_refreshing_gives_a_cookie_for_access(app: Running) -> None:
    device = Device(app.address)
    old = old_jwt(22, type="refresh", exp=int(time.time()) + 86_400)
    reply = device.post("/refresh", json={"token": old})
    assert reply.status_code == 200
    assert device.get("/me", header=False, cookie=True).json()["type"] == "access"
    device.token = reply.json()["access"]
    assert device.get("/me").status_code == 200


def test_old_jwts_end_with_a_new_password_but_for_the_one_that_changed_it(app: Running) -> None:
    here, there, unused = (Device(app.address, old_jwt(12, device=one)) for one in "abc")
    assert there.get("/me").status_code == 200
    assert here.post("/password").status_code == 200
    assert [one.get("/me").status_code for one in (here, there, unused)] == [200, 401, 401]


def test_forged_and_expired_jwts_get_the_librarys_own_errors(app: Running) -> None:
    forged = bridged.jwt.encode({"sub": "1", "type": "access", "role": "admin"}, "another key that is long enough too", algorithm="HS256")
    assert Device(app.address, forged).get("/me").json()["detail"] == "invalid"
    assert Device(app.address, old_jwt(1, exp=1)).get("/me").json()["detail"] == "expired"
    strange = ({"sub": "\x00"}, {"sub": "9" * 40}, {"sub": ["1"]}, {"sub": None}, {"iat": 1e300}, {"iat": "x"})
    for claims in strange:
        one = bridged.jwt.encode(claims, "another key that is long enough too", algorithm="HS256")
        assert Device(app.address, one).get("/me").json()["detail"] == "invalid"


def test_an_expired_stand_in_gets_the_librarys_error(app: Running) -> None:
    device = Device(app.address)
    device.token = device.post("/short/13").json()["access"]
    assert device.get("/me").json()["detail"] == "expired"


def test_a_dump_of_the_tables_opens_nothing(app: Running) -> None:
    device = Device(app.address)
    given = device.post("/login/14").json()
    Device(app.address, old := old_jwt(14)).get("/me")
    text = dump(app.database, app.folder)
    assert "access" in text
    secrets = [given["access"], given["refresh"], device.cookie.partition("=")[2], old]
    assert [one for one in secrets if one in text] == []


def test_another_site_is_a_stranger(app: Running) -> None:
    device = logged_in(app.address, 15)
    foreign = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    assert device.post("/change", header=False, cookie=True, headers=foreign).status_code == 401
    assert device.post("/change", header=False, cookie=True).status_code == 200
    # and cannot log a browser in
    reply = Device(app.address).post("/login/15", headers=foreign)
    assert reply.headers.get_list("set-cookie") == []


def test_streams_and_large_bodies_pass(app: Running) -> None:
    device = logged_in(app.address, 16)
    assert len(device.get("/stream").text) > 100_000
    first_use = Device(app.address, old_jwt(16)).get("/stream")
    assert len(first_use.text) > 100_000 and first_use.headers.get_list("set-cookie")
    large = device.post("/length", content=b'"' + b"x" * 3_000_000 + b'"', headers={"content-type": "application/json"})
    assert large.status_code in (200, 422)
    assert device.post("/length", content=b"x" * 3_000_000, headers={"content-type": "application/octet-stream"}).text == "3000000"


def test_twenty_requests_with_one_jwt_make_one_session(app: Running) -> None:
    token = old_jwt(17, device="twenty")
    before = app.count("SELECT count(*) FROM sessions WHERE user_id = 17")
    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda _: Device(app.address, token).get("/me"), range(20)))
    assert {reply.status_code for reply in replies} == {200}
    assert app.count("SELECT count(*) FROM sessions WHERE user_id = 17") == before + 1
    assert sum(len(reply.headers.get_list("set-cookie")) for reply in replies) == 1


def test_a_login_takes_the_browser_over_and_ends_nobody_elses_session(app: Running) -> None:
    other = logged_in(app.address, 19)
    elsewhere = Device(app.address, cookie=other.cookie)
    other.post("/login/18", header=False, cookie=True)
    assert elsewhere.get("/me", cookie=True).json()["sub"] == "19"
    assert other.get("/me", header=False, cookie=True).json()["sub"] == "18"


def test_a_session_keeps_twenty_stand_ins_and_its_first(app: Running) -> None:
    device = Device(app.address)
    given = device.post("/login/20").json()
    for _ in range(25):
        latest = device.post("/refresh", json={"token": given["refresh"]})
        assert latest.status_code == 200
        device.token = latest.json()["access"]
    assert device.get("/me").status_code == 200
    assert device.get("/me", header=False, cookie=True).json()["type"] == "access"
    where = "claims IS NOT NULL AND user_id = 20"
    assert app.count(f"SELECT count(*) FROM session_exchanges WHERE {where}") == 21


def test_websockets_pass(app: Running) -> None:
    from websockets.sync.client import connect

    device = logged_in(app.address, 21)
    url = app.address.replace("http", "ws") + "/talk"
    with connect(url, additional_headers={"cookie": device.cookie}) as socket:
        assert socket.recv() == "21"
    with connect(f"{url}?token={device.token}") as socket:
        assert socket.recv() == "21"
    with connect(url) as socket:
        socket.send(device.token)
        assert socket.recv() == "21"
    with connect(url, additional_headers={"cookie": device.cookie}, origin="https://evil.example") as socket:
        socket.send("nothing")
        with pytest.raises(Exception, match="4401"):
            socket.recv()


# -- the other phases ------------------------------------------------------------------


@pytest.fixture
def later(tmp_path: Path, postgresql: str) -> Iterator[tuple[Path, dict[str, str], str]]:
    """An application that is not served yet."""
    bridged.make(tmp_path, "sqlalchemy-async")
    with servers.database(postgresql, f"bridge_{abs(hash(tmp_path))}") as database:
        yield tmp_path, bridged.prepared(tmp_path, "sqlalchemy-async", database), database


def test_from_phase_to_phase(later: tuple[Path, dict[str, str], str]) -> None:
    folder, environment, database = later
    configure(folder, phase="jwt_only")
    with bridged.running(folder, environment) as address:
        first = Device(address)
        first.token = first.post("/login/1").json()["access"]
        assert first.token.count(".") == 2 and first.cookie == ""
        assert first.get("/me").status_code == 200
        assert count(database, folder, "SELECT count(*) FROM sessions") == 0
    configure(folder)
    with bridged.running(folder, environment) as address:
        first.http.base_url = address
        assert first.get("/me").status_code == 200 and first.cookie
        device = logged_in(address, 2)
    configure(folder, phase="session_only")
    with bridged.running(folder, environment) as address:
        first.http.base_url = device.http.base_url = address
        assert first.get("/me").json()["detail"] == "invalid"
        assert first.get("/me", header=False, cookie=True).status_code == 200
        assert device.get("/me").status_code == 200
        assert Device(address, old_jwt(3)).get("/me").json()["detail"] == "invalid"
        assert logged_in(address, 3).get("/me").status_code == 200
    configure(folder, phase="session_only", accept_bearer=False)
    with bridged.running(folder, environment) as address:
        device.http.base_url = address
        assert device.get("/me").status_code == 401
        assert device.get("/me", cookie=True).status_code == 200
        new = Device(address)
        assert new.post("/login/4").json() == {"access": "the-session-is-in-the-cookie", "refresh": "the-session-is-in-the-cookie"}
        assert new.get("/me", cookie=True).json()["type"] == "access"
        assert new.get("/me").status_code == 401
        # a login ends the session that the browser came with, now that nothing else stands for it
        before = Device(address, cookie=new.cookie)
        assert new.post("/login/4", cookie=True).status_code == 200
        assert before.get("/me", cookie=True).status_code == 401
        assert new.get("/me", cookie=True).status_code == 200


def test_jwts_after_the_cut_off_are_refused(later: tuple[Path, dict[str, str], str]) -> None:
    folder, environment, _ = later
    settings = folder / "app/sessions/settings.py"
    configure(folder)
    cut_off = "jwt_issued_before=datetime.fromisoformat('2026-01-01T00:00:00+00:00'))"
    settings.write_text(settings.read_text().replace("accept_bearer=True)", f"accept_bearer=True, {cut_off}"))
    with bridged.running(folder, environment) as address:
        assert Device(address, old_jwt(1, iat=1_767_000_000)).get("/me").status_code == 200
        assert Device(address, old_jwt(1, iat=1_767_300_000)).get("/me").status_code == 401


def test_one_session_too_many_is_refused_and_gets_no_token(later: tuple[Path, dict[str, str], str]) -> None:
    folder, environment, database = later
    configure(folder, max_sessions=1, at_max_sessions="reject")
    with bridged.running(folder, environment) as address:
        logged_in(address, 1)
        reply = Device(address).post("/login/1", headers={"origin": "https://app.example"})
        assert reply.status_code == 409 and "access" not in reply.text
        # a front end of another origin may read why (Fetch, "CORS protocol")
        assert reply.headers["access-control-allow-origin"] == "https://app.example"
        assert reply.headers.get_list("set-cookie") == []
        assert count(database, folder, "SELECT count(*) FROM sessions") == 1


RELATED = """

from sqlalchemy import ForeignKey
from sqlalchemy.orm import relationship


class Post(Base):
    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


User.posts = relationship(Post, lazy="selectin")
"""


def test_what_the_application_loads_with_each_user_is_not_loaded(tmp_path: Path) -> None:
    bridged.make(tmp_path, "sqlalchemy-async")
    models = tmp_path / "app/models.py"
    models.write_text(models.read_text(encoding="utf-8") + RELATED, encoding="utf-8")
    environment = bridged.prepared(tmp_path, "sqlalchemy-async", "")
    with bridged.running(tmp_path, environment) as address:
        # there is no table of posts
        assert logged_in(address, 1).get("/me").status_code == 200
