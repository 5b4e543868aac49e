"""Redis hangs, dies and comes back under an application with two worker processes: nobody gets an error, nobody is let in who was ended."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
import servers
from redis import Redis
from served import application, prepared, served

REQUESTS = 12  # enough for both workers to answer


class Site:
    """The application, and what Redis holds of it."""

    def __init__(self, http: httpx.Client, redis: Redis) -> None:
        self.http = http
        self.redis = redis

    def log_in(self) -> dict[str, str]:
        """A new session; the headers that carry it."""
        reply = self.http.post("/login/1")
        assert reply.status_code == 200, reply.text
        return {"cookie": reply.headers["set-cookie"].partition(";")[0]}

    def answers(self, session: dict[str, str]) -> set[int]:
        """How requests with a session are answered."""
        return {self.http.get("/me", headers=session).status_code for _ in range(REQUESTS)}

    def log_out(self, session: dict[str, str]) -> int:
        """End a session; how that is answered."""
        return self.http.post("/logout", headers=session).status_code

    def entries(self) -> list[bytes]:
        """The sessions that Redis says yes to."""
        found = [self.redis.get(key) for key in self.redis.scan_iter("session:*")]
        return [value for value in found if isinstance(value, bytes) and b"|" in value]

    def outage(self, end: Callable[[], object], begin: Callable[[], object]) -> None:
        """What happens before, during and after an outage."""
        known, other = self.log_in(), self.log_in()
        assert self.answers(known) == self.answers(other) == {200}
        assert len(self.entries()) >= 2
        end()
        assert self.answers(known) == self.answers(other) == {200}
        assert self.log_out(other) == 204
        assert self.answers(other) == {401}
        during = self.log_in()
        assert self.answers(during) == {200}
        assert self.log_out(during) == 204
        assert self.answers(during) == {401}
        begin()
        # what Redis could not be told of, it may go on saying for cache_seconds
        servers.wait_for(lambda: self.answers(other) == {401}, "an ended session is let in for longer than an entry lives")
        assert self.answers(during) == {401}
        assert self.answers(known) == {200}
        servers.wait_for(lambda: self.answers(known) == {200} and bool(self.entries()), "Redis is not used again")
        assert self.log_out(known) == 204
        assert self.answers(known) == {401}


@pytest.mark.parametrize("kind", ["hangs", "dies"])
def test_an_outage_of_redis_is_no_error_and_lets_nobody_in(tmp_path: Path, database: str, kind: str) -> None:
    application(tmp_path, "sqlalchemy-async", cached=True)
    settings = tmp_path / "app/sessions/settings.py"
    settings.write_text(settings.read_text().replace("cache_seconds: int = 30", "cache_seconds: int = 4"))
    environment = prepared(tmp_path, "sqlalchemy-async", database)
    port = servers.free_port()
    with ExitStack() as before, ExitStack() as after:
        address = before.enter_context(servers.valkey(port))
        redis = Redis.from_url(address)
        number = int(str(redis.info("server")["process_id"]))
        ways: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
            "hangs": (lambda: os.kill(number, signal.SIGSTOP), lambda: os.kill(number, signal.SIGCONT)),
            "dies": (before.close, lambda: after.enter_context(servers.valkey(port))),
        }
        with served(tmp_path, environment | {"REDIS_URL": address}) as site, httpx.Client(base_url=site, timeout=30) as http:
            Site(http, redis).outage(*ways[kind])
        assert "Traceback" not in (tmp_path / "server.log").read_text()
