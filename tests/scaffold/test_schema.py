"""The tables on a real PostgreSQL: made, made again, taken away; read by one primary key, written in place, kept for the audit."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from importlib import resources
from typing import Any

import psycopg
import pytest
from psycopg.rows import DictRow, dict_row

CODE = resources.files("jwtlint.scaffold") / "code"
UP = (CODE / "migrations" / "postgresql.up.sql").read_text(encoding="utf-8")
DOWN = (CODE / "migrations" / "postgresql.down.sql").read_text(encoding="utf-8")
STATEMENTS: dict[str, str] = {}
exec((CODE / "statements.py").read_text(encoding="utf-8"), STATEMENTS)

Connection = psycopg.Connection[DictRow]

OBJECTS = """
SELECT c.relname AS name, c.relkind::text AS kind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public'
UNION SELECT p.proname, 'function' FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'public'
UNION SELECT t.tgname, 'trigger' FROM pg_trigger t WHERE NOT t.tgisinternal
"""
SEED = {
    "id": "text",
    "user_id": "bigint",
    "created_at": "timestamp with time zone",
    "last_used_at": "timestamp with time zone",
    "user_agent": "text",
    "ip": "inet",
    "revoked_at": "timestamp with time zone",
}


@pytest.fixture
def empty(database: str) -> Iterator[Connection]:
    """A database with users and nothing else."""
    with psycopg.connect(database, autocommit=True, row_factory=dict_row) as connection:
        connection.execute('CREATE TABLE "users" ("id" bigint PRIMARY KEY)')
        connection.execute('INSERT INTO "users" SELECT generate_series(1, 100)')
        yield connection


@pytest.fixture
def made(empty: Connection) -> Connection:
    """The same with the tables."""
    run(empty, UP)
    return empty


def run(connection: Connection, sql: str) -> None:
    """Run a script in one transaction."""
    with connection.transaction():
        connection.execute(sql)


def ask(connection: Connection, sql: str, **values: Any) -> list[DictRow]:
    """The rows of one of the generated code's statements."""
    return connection.execute(re.sub(r":([a-z_]+)", r"%(\1)s", sql), values).fetchall()


def fill(connection: Connection, number: int) -> None:
    """Make sessions."""
    connection.execute(
        """
        INSERT INTO "sessions" (id, user_id, expires_at, idle_seconds, auth_method, family_id, user_agent, last_user_agent)
        SELECT encode(sha256(n::text::bytea), 'base64'), 1 + mod(n, 100), now() + interval '30 days', 604800, 'password', 'f' || n, 'a', 'a'
        FROM generate_series(1, %s) AS n
        """,
        [number],
    )


def objects(connection: Connection) -> set[tuple[str, str]]:
    return {(row["name"], row["kind"]) for row in connection.execute(OBJECTS)}


def test_up_down_up(empty: Connection) -> None:
    before = objects(empty)
    run(empty, UP)
    after = objects(empty)
    run(empty, DOWN)
    assert objects(empty) == before
    run(empty, UP)
    assert objects(empty) == after
    assert {name for name, kind in after - before if kind in "rp"} >= {"sessions", "session_events", "session_history", "session_users"}


def test_up_twice_changes_nothing(made: Connection) -> None:
    fill(made, 10)
    before = objects(made)
    run(made, UP)
    assert objects(made) == before
    assert len(ask(made, 'SELECT * FROM "sessions"')) == 10


def test_the_seed_columns_are_as_they_should_be(made: Connection) -> None:
    sql = "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'sessions' ORDER BY ordinal_position"
    columns = {row["column_name"]: row["data_type"] for row in made.execute(sql)}
    assert list(columns)[: len(SEED)] == list(SEED)
    assert {name: columns[name] for name in SEED} == SEED


def test_every_other_column_is_explained() -> None:
    table = UP[UP.index('CREATE TABLE IF NOT EXISTS "sessions"') : UP.index(") WITH (fillfactor")]
    for line in table.splitlines()[1:]:
        name = line.split()[0] if line.strip() else ""
        if name not in SEED and name not in ("last_ip", "last_user_agent", "", "--"):
            assert "--" in line, f"{name} is not explained"


def test_a_busy_users_table_makes_the_migration_give_up_instead_of_blocking_everybody(empty: Connection, database: str) -> None:
    with psycopg.connect(database) as busy:
        busy.execute('LOCK TABLE "users" IN ROW EXCLUSIVE MODE')
        quick = UP.replace("'5s'", "'200ms'")
        assert quick != UP
        with pytest.raises(psycopg.errors.LockNotAvailable):
            run(empty, quick)
    assert ("sessions", "r") not in objects(empty)
    run(empty, UP)


def test_a_look_up_is_one_read_by_primary_key(made: Connection) -> None:
    fill(made, 5_000)
    made.execute('ANALYZE "sessions", "users"')
    (row,) = ask(made, 'SELECT id FROM "sessions" LIMIT 1')
    plan = "\n".join(str(line["QUERY PLAN"]) for line in ask(made, "EXPLAIN " + STATEMENTS["LOOK_UP"], id=row["id"]))
    assert "Index Scan using sessions_pkey" in plan
    assert "Seq Scan on sessions" not in plan


def test_the_stand_ins_of_a_session_are_found_by_an_index_and_its_row_by_the_hash(made: Connection) -> None:
    made.execute(
        "INSERT INTO session_exchanges (jwt_hash, family_id, user_id, at, claims) "
        "SELECT 'h' || n, 'f' || n, 1 + mod(n, 100), now(), '{}' FROM generate_series(1, 5000) AS n"
    )
    made.execute("ANALYZE session_exchanges")
    values = {"jwt_hash": "h7", "user_id": 8, "family_id": "f7"}
    by_hash = "\n".join(str(line["QUERY PLAN"]) for line in ask(made, "EXPLAIN " + STATEMENTS["LOOK_UP_STAND_IN"], **values))
    of_session = "\n".join(str(line["QUERY PLAN"]) for line in ask(made, "EXPLAIN " + STATEMENTS["STAND_INS_OF"], **values))
    assert "session_exchanges_pkey" in by_hash and "Seq Scan on session_exchanges" not in by_hash
    assert "session_exchanges_family" in of_session


def test_only_jwts_are_counted_as_jwts(made: Connection) -> None:
    made.execute("INSERT INTO session_exchanges VALUES ('jwt', 'f1', 1, now(), NULL), ('stand-in', 'f1', 1, now(), '{}')")
    (row,) = ask(made, STATEMENTS["JWT_USE"], since="2020-01-01Z")
    assert row["exchanged"] == 1


def test_touches_are_done_in_place(made: Connection) -> None:
    fill(made, 500)
    ids = [row["id"] for row in ask(made, 'SELECT id FROM "sessions"')]
    for _ in range(4):
        for one in ids:
            sql = STATEMENTS["TOUCH"].replace(":now", "clock_timestamp()").replace(":before", "clock_timestamp()")
            made.execute(re.sub(r":([a-z_]+)", r"%(\1)s", sql), {"id": one, "last_ip": None, "last_user_agent": "a"})
    (row,) = ask(made, "SELECT pg_stat_force_next_flush(), 1 AS n")
    (row,) = ask(made, "SELECT n_tup_upd AS all, n_tup_hot_upd AS hot FROM pg_stat_user_tables WHERE relname = 'sessions'")
    assert row["all"] == 2_000
    assert row["hot"] / row["all"] > 0.9


def test_events_are_append_only_for_the_owner_and_out_of_reach_for_the_application(made: Connection) -> None:
    insert = "INSERT INTO session_events (at, kind, session_id, family_id, user_id, actor) VALUES (now(), 'created', 's', 'f', 1, '1')"
    made.execute(insert)
    for sql in ("UPDATE session_events SET kind = 'x'", "DELETE FROM session_events"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            run(made, sql)
    made.execute("DROP ROLE IF EXISTS shop")
    made.execute("CREATE ROLE shop")
    made.execute("GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA public TO shop")
    made.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO shop")
    told = re.search(r"REVOKE UPDATE, DELETE, TRUNCATE ON \"session_events\" FROM (\w+);", UP)
    assert told is not None
    made.execute(told[0].replace(told[1], "shop"))
    with made.transaction():
        made.execute("SET LOCAL ROLE shop")
        made.execute(insert)
    for sql in ("UPDATE session_events SET kind = 'x'", "DELETE FROM session_events", "TRUNCATE session_events"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"), made.transaction():
            made.execute("SET LOCAL ROLE shop")
            made.execute(sql)
    made.execute("DROP OWNED BY shop")
    made.execute("DROP ROLE shop")


def test_events_lie_in_months_which_are_dropped_whole(made: Connection) -> None:
    months = {name for name, _ in objects(made) if re.fullmatch(r"session_events_\d{6}", name)}
    assert len(months) == 4
    made.execute(
        """
        CREATE TABLE session_events_202401 PARTITION OF session_events FOR VALUES FROM ('2024-01-01Z') TO ('2024-02-01Z');
        CREATE TABLE session_events_202402 PARTITION OF session_events FOR VALUES FROM ('2024-02-01Z') TO ('2024-03-01Z');
        """
    )
    add = "INSERT INTO session_events (at, kind, session_id, family_id, user_id, actor) VALUES (%s, 'created', 's', 'f', 1, '1')"
    for at in ("2024-01-10Z", "2024-02-10Z", "2023-05-05Z", "now"):
        made.execute(add, [at])
    assert [row["n"] for row in ask(made, "SELECT count(*) AS n FROM session_events_rest")] == [1]
    (row,) = ask(made, STATEMENTS["FORGET_EVENTS"], before="2024-02-15T00:00Z")
    assert row["session_events_forget"] == 1
    left = {name for name, _ in objects(made)}
    assert "session_events_202401" not in left and "session_events_202402" in left
    ask(made, STATEMENTS["MAKE_ROOM"])
    ask(made, STATEMENTS["MAKE_ROOM"])
    assert months < {name for name, _ in objects(made)}


def test_a_month_whose_events_lie_elsewhere_already_does_not_stop_the_others(made: Connection) -> None:
    (row,) = ask(made, "SELECT max(relname) AS last FROM pg_class WHERE relname ~ '^session_events_[0-9]{6}$'")
    made.execute(f"DROP TABLE {row['last']}")
    add = "INSERT INTO session_events (at, kind, session_id, family_id, user_id, actor) VALUES (%s, 'created', 's', 'f', 1, '1')"
    made.execute(add, [f"{row['last'][-6:-2]}-{row['last'][-2:]}-15Z"])
    ask(made, STATEMENTS["MAKE_ROOM"])
    assert (row["last"], "r") not in objects(made)
    assert len(ask(made, "SELECT 1 FROM session_events_rest")) == 1


def test_two_clean_ups_at_once_share_the_work(made: Connection, database: str) -> None:
    fill(made, 100)
    made.execute("UPDATE sessions SET expires_at = now() - interval '2 days', last_used_at = now() - interval '3 days'")
    values = {"before": "now", "batch": 60}
    taken: list[set[str]] = []
    both = threading.Barrier(2, timeout=20)

    def clean() -> None:
        with psycopg.connect(database, row_factory=dict_row) as connection:
            ids = {row["id"] for row in ask(connection, STATEMENTS["ENDED"], **values)}
            taken.append(ids)
            both.wait()
            for one in ids:
                connection.execute("DELETE FROM sessions WHERE id = %s", [one])

    threads = [threading.Thread(target=clean) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not taken[0] & taken[1]
    assert sorted(map(len, taken)) == [40, 60]
    assert [row["n"] for row in ask(made, "SELECT count(*) AS n FROM session_history")] == [100]


def test_deleted_users_leave_their_sessions_to_the_audit(made: Connection) -> None:
    fill(made, 200)
    made.execute("DELETE FROM users WHERE id = 1")
    rows = ask(made, "SELECT revoked_at IS NOT NULL AS ended, revoked_reason AS reason FROM session_history")
    assert rows == [{"ended": True, "reason": "deleted"}] * 2


def test_a_partition_by_month_of_the_token_reads_one_partition(empty: Connection) -> None:
    run(empty, UP.replace(") WITH (fillfactor = 90);", ") PARTITION BY RANGE (id);"))
    empty.execute("CREATE TABLE sessions_2610 PARTITION OF sessions FOR VALUES FROM ('2610.') TO ('2611.') WITH (fillfactor = 90)")
    empty.execute("CREATE TABLE sessions_2611 PARTITION OF sessions FOR VALUES FROM ('2611.') TO ('2612.') WITH (fillfactor = 90)")
    plan = "\n".join(str(line["QUERY PLAN"]) for line in ask(empty, "EXPLAIN " + STATEMENTS["LOOK_UP"], id="2610." + "x" * 43))
    assert "sessions_2610" in plan and "sessions_2611" not in plan
