"""A React front end before and after the migration, in real browsers: nobody is logged out on the day of the change."""

from __future__ import annotations

from pathlib import Path

import servers
from applications import FASTAPI_REACT
from devices import COOKIE, Device, good
from front_end import Profile, add_devices, build, profile
from stage import Stage

PASSWORD = "pia-password-1"


def add(browser: Profile, text: str) -> None:
    """Write something on the shopping list."""
    browser.write("text", text)
    browser.click("add-item")
    browser.until(lambda: text in browser.text("items"))


def test_a_react_application_moves_over(stage: Stage, tmp_path: Path) -> None:
    copy = stage.new_copy(FASTAPI_REACT, "sqlite")
    web = copy.folder / "web"
    build(web)
    port = servers.free_port()
    with profile(tmp_path / "old", f"http://localhost:{port}/") as old, profile(tmp_path / "new", f"http://localhost:{port}/") as new:
        with copy.served(port) as address:
            Device(FASTAPI_REACT, address).sign_up("pia")
            old.open().log_in("pia", PASSWORD)
            add(old, "milk")
            assert old.storage["token"].count(".") == 2

        # the change of the front end waits on a branch
        copy.git("checkout", "--quiet", "-b", "front-end")
        copy.jwtlint("fix", ".", "--select", "JWT301", "--unsafe", "--write")
        copy.commit()
        copy.git("checkout", "--quiet", "main")

        # the server is migrated first: the JWT in the browser is good for a session, and a cookie is handed out for it
        copy.migrate()
        copy.commit()
        with copy.served(port):
            old.open()
            assert old.is_in and "milk" in old.text("items")
            cookie = old.cookies[COOKIE]
            assert cookie["httpOnly"] is True and cookie["secure"] is True and cookie["sameSite"] == "Lax"

        # then the front end keeps nothing any more
        copy.git("merge", "--quiet", "--no-edit", "front-end")
        assert "localStorage" not in (web / "src/api.ts").read_text(encoding="utf-8")
        add_devices(copy.folder)
        build(web)
        with copy.served(port):
            old.open()
            assert old.is_in

            new.open()
            assert new.is_out
            new.log_in("pia", PASSWORD)
            assert new.storage == {}
            assert new.cookies[COOKIE]["httpOnly"] is True
            new.open()
            assert new.is_in
            add(new, "bread")
            old.open()
            assert "bread" in old.text("items")

            new.click("end-others")
            new.until(lambda: new.text("said") != "")
            assert new.text("said") == "1 left"
            old.open()
            assert old.is_out
            new.open()
            assert new.is_in

            device = Device(FASTAPI_REACT, address)
            device.cookies[COOKIE] = str(new.cookies[COOKIE]["value"])
            good(device.me(by="cookie"))
            new.click("logout")
            new.until(lambda: new.is_out)
            assert COOKIE not in new.cookies
            new.open()
            assert new.is_out
            assert not device.is_in(by="cookie")
