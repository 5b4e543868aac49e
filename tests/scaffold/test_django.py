"""Sessions as generated into real Django projects: their own tests on both databases, the migration, the admin, many clients at once."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path

import django_project
import psycopg
import pytest
import servers
from browser import Browser
from catalogs import catalog

KEYS = ["integer", "uuid", "text", "bigint"]
PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "sessions"]


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The projects that were made so far, by the type of the user's key (and ``-redis``)."""
    return {}


@pytest.fixture
def project(request: pytest.FixtureRequest, projects: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with sessions; with Django's own user model, unless the test asks for another key."""
    name = getattr(request, "param", "integer")
    if name not in projects:
        folder = tmp_path_factory.mktemp(name)
        key, _, cache = name.partition("-")
        django_project.make(folder, key, *(["--cache", cache] if cache else []))
        projects[name] = folder
    return projects[name]


# -- the generated tests ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("project", ["integer", "uuid"], indirect=True)
def test_the_generated_tests_pass_on_sqlite(project: Path) -> None:
    said = django_project.run(project, PYTEST)
    assert re.search(r"\d{3} passed", said) and "skipped" not in said, said


@pytest.mark.parametrize("project", KEYS, indirect=True)
def test_the_generated_tests_pass_on_postgresql(project: Path, database: str) -> None:
    said = django_project.run(project, PYTEST, DATABASE_URL=database, SESSIONS_TEST_DATABASE_URL=database)
    assert re.search(r"\d{3} passed", said) and "skipped" not in said, said


@pytest.mark.parametrize("project", ["uuid-redis"], indirect=True)
def test_the_generated_tests_pass_with_redis(project: Path, database: str, redis: str) -> None:
    addresses = {"DATABASE_URL": database, "SESSIONS_TEST_DATABASE_URL": database, "REDIS_URL": redis, "SESSIONS_TEST_REDIS_URL": redis}
    said = django_project.run(project, PYTEST, **addresses)
    assert re.search(r"\d{3} passed", said) and "skipped" not in said, said


def test_the_generated_tests_pass_without_time_zones(project: Path, database: str) -> None:
    addresses = {"DATABASE_URL": database, "SESSIONS_TEST_DATABASE_URL": database}
    said = django_project.run(project, PYTEST, USE_TZ="0", TIME_ZONE="America/New_York", **addresses)
    assert re.search(r"\d{3} passed", said), said


def test_the_generated_tests_pass_under_django_s_own_runner(project: Path) -> None:
    said = django_project.manage(project, "test", "sessions")
    assert re.search(r"Ran \d\d tests", said) and said.rstrip().endswith("..."), said


@pytest.mark.parametrize("project", ["text"], indirect=True)
def test_mypy_and_jwtlint_are_content(project: Path) -> None:
    mypy = [sys.executable, "-m", "mypy", "--strict", "--python-version", "3.10", "--cache-dir", os.devnull, "sessions"]
    assert "Success" in django_project.run(project, mypy)
    django_project.run(project, [sys.executable, "-m", "jwtlint", "check", "--no-cache", "sessions"])


# file, what stands in it, what is put there instead, and which tests notice
MUTATIONS = [
    ("users.py", "store.admit(session, client) if may_log_in(user) else None", "session", "Cookies"),
    ("users.py", "store.admit(session, client) if may_log_in(user) else None", "store.admit(session, client)", "Ends"),
    ("requests.py", "if not is_own_request(", "if False and is_own_request(", "Forgery"),
    ("requests.py", "found.session is None and not found.is_replaced", "found.session is None", "Cookies"),
    ("requests.py", "if not store.settings.accept_bearer:", "if False:", "HeaderInApi"),
    ("middleware.py", "is_committed(known.issued):", "True:", "Lifecycle"),
    ("middleware.py", "by_cookie(request).admitted or", "by_cookie(request).user or", "Devices"),
    ("responses.py", "httponly=True", "httponly=False", "Cookies"),
    ("middleware.py", 'settings_dict["ATOMIC_REQUESTS"]', 'settings_dict.get("NONE")', "Devices"),
    ("auth.py", "replaces=session_of(request)", "replaces=None", "Lifecycle"),
    ("receivers.py", "replaces=session_of(request)", "replaces=None", "Lifecycle"),
    ("receivers.py", "not connections[using].in_atomic_block", "False", "Committed"),
    ("receivers.py", "keep=session", "keep=None", "Committed"),
    ("drf.py", "self.enforce_csrf(request)", "pass", "CookieInApi"),
    ("decorators.py", "if session.is_fresh(", "if True or session.is_fresh(", "Lifecycle"),
]


@pytest.mark.parametrize(("file", "right", "wrong", "tests"), MUTATIONS, ids=[f"{file}: {wrong}" for file, _, wrong, _ in MUTATIONS])
def test_the_generated_tests_notice(project: Path, tmp_path: Path, file: str, right: str, wrong: str, tests: str) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(project, copy)
    path = copy / "sessions" / file
    text = path.read_text(encoding="utf-8")
    assert right in text
    path.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    done = subprocess.run([*PYTEST, "-x", "-k", tests], cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr  # pytest's status when tests ran, and some failed


# -- the migration ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("project", KEYS, indirect=True)
def test_the_migration_makes_what_the_sql_makes(project: Path, postgresql: str) -> None:
    with (
        servers.database(postgresql, f"by_django_{os.getpid()}") as by_django,
        servers.database(postgresql, f"by_sql_{os.getpid()}") as by_sql,
    ):
        for url in (by_django, by_sql):
            django_project.manage(project, "migrate", DATABASE_URL=url)
        made = catalog(by_django)
        assert {name for name, *_ in made["triggers"]} >= {"sessions", "session_events"}

        django_project.manage(project, "migrate", "login_sessions", "zero", DATABASE_URL=by_sql)
        assert not [name for name, *_ in catalog(by_sql)["columns"] if str(name).startswith("session")]
        assert not catalog(by_sql)["functions"]
        script = (project / "sessions/migrations/postgresql.up.sql").read_text(encoding="utf-8")
        for _ in range(2):
            with psycopg.connect(by_sql) as connection:
                connection.execute(script)
            assert catalog(by_sql) == made

        # where the SQL was run by hand, Django's migration changes nothing
        django_project.manage(project, "migrate", "login_sessions", DATABASE_URL=by_sql)
        assert catalog(by_sql) == made
        for _ in range(2):
            django_project.manage(project, "migrate", "login_sessions", "zero", DATABASE_URL=by_django)
            django_project.manage(project, "migrate", "login_sessions", DATABASE_URL=by_django)
            assert catalog(by_django) == made


@pytest.mark.parametrize("project", KEYS, indirect=True)
def test_nothing_is_left_to_migrate_and_nothing_to_check(project: Path) -> None:
    assert "No changes detected" in django_project.manage(project, "makemigrations", "--check")
    assert "no issues" in django_project.manage(project, "check", "--fail-level", "WARNING")
    shown = django_project.manage(project, "sqlmigrate", "login_sessions", "0001")
    assert 'CREATE TABLE IF NOT EXISTS "sessions"' in shown


def test_a_second_run_changes_nothing(project: Path) -> None:
    assert "up to date; nothing was changed" in django_project.scaffold(project)


# -- real servers -----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def people(project: Path, database: str) -> dict[str, str]:
    """The environment in which the project runs on a PostgreSQL that knows some users."""
    environment = {"DATABASE_URL": database, "TOUCH_SECONDS": "0", "HASHER": "django.contrib.auth.hashers.MD5PasswordHasher"}
    django_project.manage(project, "migrate", **environment)
    script = """
from django.contrib.auth import get_user_model as model
for number in range(51): model().objects.create_user(f"user{number}", password="password")
model().objects.create_superuser("admin", password="password")
"""
    django_project.manage(project, "shell", "--command", script, **environment)
    return environment


@contextlib.contextmanager
def served(project: Path, log: Path, *environments: dict[str, str]) -> Iterator[tuple[int, ...]]:
    """A server process for each environment; their ports."""
    with contextlib.ExitStack() as stack:
        ports = []
        for environment in environments:
            port = servers.free_port()
            output = stack.enter_context(open(log / f"{port}.log", "wb"))
            command = [sys.executable, "-m", "project.serve", str(port)]
            process = subprocess.Popen(command, cwd=project, env={**os.environ, **environment}, stdout=output, stderr=output)
            stack.callback(process.wait, 10)
            stack.callback(process.terminate)
            wait_for(port, process)
            ports.append(port)
        yield tuple(ports)


@pytest.fixture
def site(project: Path, people: dict[str, str], tmp_path: Path) -> Iterator[tuple[int, ...]]:
    """The project behind two server processes; their ports. Every request of a session is written down."""
    with served(project, tmp_path, people, people) as ports:
        yield ports


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until a server listens."""
    for _ in range(600):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        assert process.poll() is None, "the server ended"
        time.sleep(0.05)
    raise AssertionError("the server does not listen")


def logged_in(port: int, name: str) -> Browser:
    """A browser in which a user is logged in."""
    browser = Browser()
    assert browser.ask(port, "POST", "/log-in/", {"username": name, "password": "password"})[0] == 204
    browser.cookies["csrftoken"] = browser.cookies.get("csrftoken", "")
    browser.json(port, "GET", "/token/")
    return browser


def test_with_fifty_clients_no_session_survives_its_revoke_and_none_is_lost(site: tuple[int, ...]) -> None:
    stop = threading.Event()
    revoked = [threading.Event() for _ in range(50)]
    wrong: list[str] = []
    asked = [0] * 50

    def client(number: int, browser: Browser) -> None:
        """Ask again and again who one is, now of this server, now of that."""
        name = f"user{number}"
        while not stop.is_set():
            was_revoked = revoked[number].is_set()
            copy = Browser()
            copy.cookies = dict(browser.cookies)
            user = copy.json(site[asked[number] % 2], "GET", "/who/")["user"]
            asked[number] += 1
            if was_revoked and user is not None:
                wrong.append(f"{name} was let in after the revoke")
            if user not in (name, None) or (user is None and number % 2):
                wrong.append(f"{name} was taken for {user}")

    def owner(number: int) -> None:
        """End all other sessions of a user, from another device."""
        browser = logged_in(site[number % 2], f"user{number}")
        ended = browser.json(site[1 - number % 2], "POST", "/account/sessions/revoke-others", {})
        revoked[number].set()
        if ended["ended"] != 1:
            wrong.append(f"user{number}: {ended['ended']} sessions were ended")

    with ThreadPoolExecutor(50) as pool:
        browsers = list(pool.map(lambda number: logged_in(site[number % 2], f"user{number}"), range(50)))
        running = [pool.submit(client, number, browser) for number, browser in enumerate(browsers)]
        try:
            with ThreadPoolExecutor(5) as owners:
                list(owners.map(owner, range(0, 50, 2)))
            before = list(asked)
            while any(now - then < 3 for then, now in zip(before, asked, strict=True)) and not any(one.done() for one in running):
                time.sleep(0.05)
        finally:
            stop.set()
        for one in running:
            one.result()
    assert wrong == []
    for number, browser in enumerate(browsers):
        for port in site:
            copy = Browser()
            copy.cookies = dict(browser.cookies)
            assert copy.json(port, "GET", "/who/")["user"] == (f"user{number}" if number % 2 else None)


def test_real_jwts_are_exchanged_once_and_a_rolling_deployment_logs_nobody_out(
    project: Path, people: dict[str, str], tmp_path: Path
) -> None:
    django_project.write(project, {"project/jwt.py": snippet(0)})
    mint = "from rest_framework_simplejwt.tokens import AccessToken as T; from django.contrib.auth.models import User; "
    mint += "print('jwt', T.for_user(User.objects.get(username='user7')))"
    jwt = re.findall(r"jwt (\S+)", django_project.manage(project, "shell", "--command", mint, **people))[0]
    phases = [{**people, "PHASE": phase} for phase in ("jwt_only", "both", "session_only")]

    def ask(port: int, token: str = "") -> tuple[int, Browser]:
        browser = Browser()
        browser.authorization = f"Bearer {token}" if token else ""
        return browser.ask(port, "GET", "/api/")[0], browser

    with served(project, tmp_path, *phases) as (jwt_only, both, session_only):
        before, before_cookies = ask(jwt_only, jwt)
        assert before == 200 and "__Host-sid" not in before_cookies.cookies
        with ThreadPoolExecutor(20) as pool:
            tabs = list(pool.map(lambda _: ask(both, jwt), range(20)))
        assert {status for status, _ in tabs} == {200}
        with_cookie = [browser for _, browser in tabs if "__Host-sid" in browser.cookies]
        assert len(with_cookie) == 1
        browser = with_cookie[0]
        browser.authorization = ""
        for port in (jwt_only, both, session_only):
            assert browser.json(port, "GET", "/api/") == {"user": "user7"}
        assert ask(both, jwt[:-4] + "AAAA")[0] == 401
        assert ask(session_only, jwt)[0] == 401
        # the API took the JWT, pages and the admin never did
        stranger = Browser()
        stranger.authorization = f"Bearer {jwt}"
        assert stranger.json(both, "GET", "/who/") == {"user": None}
        with psycopg.connect(people["DATABASE_URL"]) as connection:
            assert connection.execute('SELECT count(*) FROM "sessions"').fetchone() == (1,)
        browser.json(both, "GET", "/token/")
        assert browser.ask(both, "POST", "/account/logout", {})[0] == 204
        assert ask(both, jwt)[0] == 401


def test_the_api_s_description_names_the_cookie(project: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(project, copy)
    urls = (copy / "project/urls.py").read_text(encoding="utf-8")
    (copy / "project/urls.py").write_text(urls + snippet(1), encoding="utf-8")
    with open(copy / "project/settings.py", "a", encoding="utf-8") as settings:
        settings.write(
            'INSTALLED_APPS += ["drf_spectacular"]\nREST_FRAMEWORK = {"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema"}\n'
        )
    said = django_project.manage(copy, "spectacular", "--validate")
    assert "securitySchemes:\n    sessionCookie:\n      type: apiKey\n      in: cookie\n      name: __Host-sid" in said, said


def snippet(number: int) -> str:
    """One of the pieces of Python in the generated README's part about Django."""
    part = (resources.files("jwtlint.scaffold") / "code" / "README.django.md").read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", part, re.DOTALL)[number].replace("app.sessions", "sessions")


def test_the_admin_logs_in_by_the_table_and_out_again(site: tuple[int, ...]) -> None:
    browser = Browser()
    _, page = browser.ask(site[0], "GET", "/admin/login/")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token is not None
    fields = {"username": "admin", "password": "password", "csrfmiddlewaretoken": token[1], "next": "/admin/"}
    assert browser.ask(site[0], "POST", "/admin/login/", fields)[0] == 302
    assert set(browser.cookies) == {"csrftoken", "__Host-sid"}
    for path in ("", "auth/user/", "login_sessions/loginsession/", "login_sessions/sessionevent/", "login_sessions/sessionhistory/"):
        assert browser.ask(site[1], "GET", f"/admin/{path}")[0] == 200
    # users are deleted, though nobody may delete sessions in the admin
    _, page = browser.ask(site[1], "GET", "/admin/auth/user/?q=user50")
    found = re.search(r"/admin/auth/user/(\d+)/change/", page)
    assert found is not None
    victim = logged_in(site[0], "user50")
    assert victim.json(site[0], "GET", "/who/")["user"] == "user50"
    deleted = browser.ask(site[0], "POST", f"/admin/auth/user/{found[1]}/delete/", {"post": "yes"})
    assert deleted[0] == 302
    assert victim.json(site[1], "GET", "/who/")["user"] is None
    copy = dict(browser.cookies)
    assert browser.ask(site[0], "POST", "/admin/logout/", {})[0] == 200
    assert "__Host-sid" not in browser.cookies
    browser.cookies = copy
    assert browser.ask(site[1], "GET", "/admin/")[0] == 302
