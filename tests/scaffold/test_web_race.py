"""Fifty clients at once over HTTP, two worker processes, PostgreSQL: no session outlives its end, none is lost."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import psycopg
import pytest
from served import application, prepared, served

CLIENTS = 50
TURNS = 12
USERS = 5


class Client:
    """One client: what it holds, and whether its session was ended."""

    def __init__(self, http: httpx.AsyncClient, user: int) -> None:
        self.http = http
        self.user = user
        self.cookie = ""
        self.is_ended = False

    async def log_in(self) -> int:
        """Get a session; the worker that gave it."""
        reply = await self.http.post(f"/login/{self.user}")
        assert reply.status_code == 200, reply.text
        self.cookie = reply.headers["set-cookie"].partition(";")[0]
        return int(reply.text)

    async def ask(self, method: str, path: str) -> httpx.Response:
        """A request with the session."""
        return await self.http.request(method, path, headers={"cookie": self.cookie})


async def race(address: str) -> tuple[list[str], set[int], set[int]]:
    """What went wrong, and which workers answered logins and reads."""
    wrong: list[str] = []
    readers: set[int] = set()
    limits = httpx.Limits(max_connections=CLIENTS, max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=address, limits=limits, timeout=60) as http:
        clients = [Client(http, number % USERS + 1) for number in range(CLIENTS)]
        loggers = set(await asyncio.gather(*(client.log_in() for client in clients)))

        async def use(number: int) -> None:
            client = clients[number]
            for turn in range(TURNS):
                was_ended = client.is_ended
                reply = await client.ask("GET", "/me")
                if reply.status_code == 200:
                    readers.add(reply.json()["worker"])
                    if was_ended:
                        wrong.append(f"client {number} was let in after its end")
                    if reply.json()["user"] != client.user:
                        wrong.append(f"client {number} was taken for another user")
                elif number % 2 == 1:
                    wrong.append(f"client {number} was refused: {reply.status_code} {reply.text}")
                if number % 2 == 1 and turn == TURNS // 3:
                    # each odd client ends the session of an even one of the same user, from another device as it were
                    await end(client, clients[(number + USERS) % CLIENTS])

        async def end(by: Client, victim: Client) -> None:
            shown = (await victim.ask("GET", "/sessions")).json()
            handle = next(one["handle"] for one in shown if one["is_this"])
            reply = await by.ask("DELETE", f"/sessions/{handle}")
            if (reply.status_code, reply.json().get("ended")) != (200, 1):
                wrong.append(f"the end of a session was answered with {reply.status_code} {reply.text}")
            victim.is_ended = True

        await asyncio.gather(*(use(number) for number in range(CLIENTS)))
        for number, client in enumerate(clients):
            expected = 401 if number % 2 == 0 else 200
            for _ in range(2):
                reply = await client.ask("GET", "/me")
                if reply.status_code != expected:
                    wrong.append(f"client {number} got {reply.status_code} in the end")
    return wrong, loggers, readers


KINDS = [("sqlalchemy-async", False), ("asyncpg", False), ("sqlalchemy-async", True)]


@pytest.mark.parametrize(("driver", "cached"), KINDS, ids=["sqlalchemy", "asyncpg", "redis"])
def test_fifty_clients_over_two_workers(tmp_path: Path, database: str, redis: str, driver: str, cached: bool) -> None:
    application(tmp_path, driver, cached)
    environment = prepared(tmp_path, driver, database)
    with served(tmp_path, environment | {"REDIS_URL": redis}) as address:
        wrong, loggers, readers = asyncio.run(race(address))
    assert wrong == []
    assert len(loggers | readers) == 2, "both workers took part"
    with psycopg.connect(database) as connection:
        live = connection.execute("SELECT count(*) FROM sessions WHERE revoked_at IS NULL").fetchone()
        ended = connection.execute("SELECT count(*) FROM sessions WHERE revoked_reason = 'ended by the user'").fetchone()
    assert (live, ended) == ((CLIENTS // 2,), (CLIENTS // 2,))
