"""The generated tests notice when the generated code is broken: each mutation below makes at least one of them fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from jwtlint.cli.scaffold import command

SCHEMA = "CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL, password_hash text NOT NULL);\n"
FAILED = 1  # pytest's exit status when tests ran and some failed


class Mutation(NamedTuple):
    """One line of the generated code, made worse."""

    title: str
    file: str
    right: str
    wrong: str
    tests: str


MUTATIONS = [
    Mutation(
        "a revoked session is live",
        "types.py",
        "return self.revoked_at is None and at < self.ends_at",
        "return at < self.ends_at",
        "test_store",
    ),
    Mutation(
        "nobody looks at revoked_at",
        "types.py",
        "return self.revoked_at is None and at < self.ends_at",
        "return at < min(self.expires_at, self.last_used_at + timedelta(seconds=self.idle_seconds))",
        "test_store",
    ),
    Mutation("no idle limit", "types.py", "self.last_used_at + timedelta(seconds=self.idle_seconds)", "self.expires_at", "test_store"),
    Mutation(
        "no absolute limit",
        "types.py",
        "self.expires_at, self.last_used_at",
        "self.last_used_at + timedelta(days=99), self.last_used_at",
        "test_store",
    ),
    Mutation(
        "the table holds the token",
        "tokens.py",
        "    return month + dot + urlsafe",
        "    return token or month + dot + urlsafe",
        "test_store",
    ),
    Mutation("anything may be a token", "tokens.py", "TOKEN.fullmatch(value) is not None", "len(value) > 0", "test_store"),
    Mutation("older peppers are forgotten", "tokens.py", "for pepper in peppers]", "for pepper in peppers[:1]]", "test_store"),
    Mutation("login keeps the old session", "store.py", 'self.end(work, replaces, "replaced", actor, now)', "None", "test_store"),
    Mutation(
        "rotation keeps the old token",
        "store.py",
        "                statements.REVOKE,\n                id=session.id,\n                now=now,\n                reason=kind,",
        "                statements.REVOKE,\n                id=session.id + '?',\n                now=now,\n                reason=kind,",
        "test_store",
    ),
    Mutation(
        "a touch brings a session back",
        "statements.py",
        "WHERE id = :id AND revoked_at IS NULL AND expires_at > :now AND last_used_at <= :before",
        "WHERE id = :id AND expires_at > :now AND last_used_at <= :before",
        "test_store",
    ),
    Mutation(
        "every look-up writes",
        "store.py",
        "        if now - session.last_used_at >= self.settings.touch_interval:\n            return",
        "        if True:\n            return",
        "test_store",
    ),
    Mutation("logins are not counted one by one", "store.py", "if self.settings.max_sessions is None:", "if True:", "test_store"),
    Mutation(
        "a handle is enough to end a session",
        "statements.py",
        "WHERE user_id = :user_id AND family_id = :family_id LIMIT 1",
        "WHERE family_id = :family_id LIMIT 1",
        "test_store",
    ),
    Mutation(
        "revoke others ends this one",
        "statements.py",
        "WHERE user_id = :user_id AND family_id <> :keep AND revoked_at IS NULL",
        "WHERE user_id = :user_id AND :keep = :keep AND revoked_at IS NULL",
        "test_store",
    ),
    Mutation(
        "revoke all ends everybody",
        "statements.py",
        "WHERE user_id = :user_id AND family_id <> :keep AND revoked_at IS NULL",
        "WHERE :user_id = :user_id AND family_id <> :keep AND revoked_at IS NULL",
        "test_store",
    ),
    Mutation("a login under way outlives a new password", "store.py", "began is not None and any", "False and any", "test_store"),
    Mutation(
        "the clean-up forgets", "migrations/sqlite.up.sql", 'AFTER DELETE ON "sessions"', 'AFTER DELETE ON "session_users"', "test_store"
    ),
    Mutation("forwarded addresses are believed", "devices.py", "hops[-trusted_proxies]", "hops[0]", "test_devices"),
    Mutation(
        "an upgrade is another device", "devices.py", "before != now and family(before) != family(now)", "before != now", "test_devices"
    ),
    Mutation("another device is none", "devices.py", "before != now and family(before) != family(now)", "False", "test_devices"),
    Mutation("one move is two devices", "devices.py", "TURNS = 3", "TURNS = 1", "test_devices"),
    Mutation("turns are never noticed", "devices.py", "TURNS = 3", "TURNS = 99", "test_devices"),
    Mutation("a suspicion is repeated", "store.py", 'kind="suspected"', 'kind="created"', "test_devices"),
    Mutation("the audit says no where it is blind", "audit.py", '"unknown" if reason else "no"', '"no"', "test_audit"),
    Mutation("the audit takes times without a zone", "audit.py", "if at.tzinfo is None:", "if False:", "test_audit"),
    Mutation(
        "the end of a session belongs to it",
        "audit.py",
        "one.created_at <= at < one.ends_at",
        "one.created_at <= at <= one.ends_at",
        "test_audit",
    ),
    Mutation(
        "the audit sees the sessions in use only",
        "statements.py",
        'FROM "session_history" WHERE user_id = :user_id',
        'FROM "session_history" WHERE user_id = :user_id AND 0',
        "test_audit",
    ),
    Mutation("events can be changed", "migrations/sqlite.up.sql", "BEFORE UPDATE ON", "BEFORE INSERT ON", "test_audit"),
    Mutation("skipped times exist", "audit.py", "!= given", "is None", "test_audit"),
    Mutation(
        "a JWT is exchanged again and again",
        "statements.py",
        "ON CONFLICT (jwt_hash) DO NOTHING",
        "ON CONFLICT (jwt_hash) DO UPDATE SET family_id = excluded.family_id",
        "test_legacy",
    ),
    Mutation(
        "revoke all forgets JWTs",
        "store.py",
        "            work.execute(statements.END_TOKENS_OF_USER, user_id=user_id, now=now)\n",
        "",
        "test_legacy",
    ),
    Mutation("going back a phase brings ended JWTs back", "legacy.py", "self.issues_jwt and self.is_ended(jwt)", "False", "test_legacy"),
    Mutation("JWTs are accepted for ever", "legacy.py", 'settings.phase == "session_only"', "False", "test_legacy"),
    Mutation("the cut-off is not looked at", "legacy.py", "until is not None and", "False and", "test_legacy"),
]
CACHE_MUTATIONS = [
    Mutation(
        "naive DEL",
        "cache.py",
        "pipeline.set(self.key(id_), TOMBSTONE, ex=self.tombstone_seconds)",
        "pipeline.delete(self.key(id_))",
        "test_cache",
    ),
    Mutation("an entry is written over a tombstone", "cache.py", "            nx=True,\n", "", "test_cache"),
    Mutation("nobody is told", "cache.py", "return self.cache.end(ids)", "return timedelta(0)", "test_cache"),
    Mutation("the epoch is not looked at", "cache.py", "if data and of == epoch", "if data", "test_cache"),
    Mutation("Redis down lets in nobody", "cache.py", 'self.sleep()\n            return TOMBSTONE, ""', "raise", "test_cache"),
    Mutation("limits do not hold in the cache", "cache.py", "session.is_live(now)\n            and ", "", "test_cache"),
    Mutation("entries live for an hour", "settings.py", "cache_seconds: int = 30", "cache_seconds: int = 3600", "test_cache"),
    Mutation(
        "the epoch changes before the commit only", "store.py", "Ended(len(ended), self.announce(None))", "Ended(len(ended))", "test_cache"
    ),
    # SQLite has one writer at a time and forgives these
    Mutation(
        "a new token is a way around the end",
        "store.py",
        "work.fetch(statements.LOCK_KNOWN_USER, user_id=session.user_id)",
        "None",
        "test_store",
    ),
    Mutation("a login is a way around the end of everybody", "store.py", "statements.LOCK_ALL_USERS", '"SELECT 1"', "test_store"),
]


def project(folder: Path, *options: str) -> Path:
    """A small application with the generated package in it."""
    (folder / "app").mkdir(parents=True)
    (folder / "app" / "__init__.py").touch()
    (folder / "app" / "schema.sql").write_text(SCHEMA)
    done = CliRunner().invoke(command, [str(folder), "--framework", "none", *options], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return folder


def run(folder: Path, tests: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run generated tests."""
    names = [f"app/sessions/tests/{tests}.py"] if tests else ["app/sessions/tests"]
    plain = {"PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "SESSIONS_TEST_DATABASE_URL": ""}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *names]
    return subprocess.run(command, cwd=folder, env={**os.environ, **plain, **environment}, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package on SQLite; its tests pass."""
    folder = project(tmp_path_factory.mktemp("plain") / "project", "--driver", "sqlite3")
    done = run(folder, "")
    assert done.returncode == 0, done.stdout
    return folder


@pytest.fixture(scope="module")
def cached(tmp_path_factory: pytest.TempPathFactory, postgresql: str, redis: str) -> Path:
    """The package on PostgreSQL with Redis in front; its tests of the cache pass."""
    folder = project(tmp_path_factory.mktemp("cached") / "project", "--driver", "psycopg", "--cache", "redis")
    done = run(folder, "test_cache", SESSIONS_TEST_DATABASE_URL=f"{postgresql}/postgres", SESSIONS_TEST_REDIS_URL=redis)
    assert done.returncode == 0 and "skipped" not in done.stdout, done.stdout
    return folder


def mutated(folder: Path, mutation: Mutation, place: Path) -> Path:
    """A copy of a project with one mutation."""
    shutil.copytree(folder, place)
    file = place / "app" / "sessions" / mutation.file
    text = file.read_text()
    assert text.count(mutation.right) == 1, f"{mutation.right!r} stands {text.count(mutation.right)} times in {mutation.file}"
    file.write_text(text.replace(mutation.right, mutation.wrong))
    return place


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda one: one.title)
def test_a_mutation_is_noticed(plain: Path, mutation: Mutation, tmp_path: Path) -> None:
    done = run(mutated(plain, mutation, tmp_path / "project"), mutation.tests)
    assert done.returncode == FAILED, done.stdout


@pytest.mark.parametrize("mutation", CACHE_MUTATIONS, ids=lambda one: one.title)
def test_a_mutation_of_the_cache_is_noticed(cached: Path, mutation: Mutation, tmp_path: Path, postgresql: str, redis: str) -> None:
    folder = mutated(cached, mutation, tmp_path / "project")
    done = run(folder, mutation.tests, SESSIONS_TEST_DATABASE_URL=f"{postgresql}/postgres", SESSIONS_TEST_REDIS_URL=redis)
    assert done.returncode == FAILED, done.stdout
