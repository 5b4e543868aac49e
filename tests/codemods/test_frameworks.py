"""The cookie flags in each framework's own words."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from jwtlint.editing.files import Files
from jwtlint.editing.recipe import Refused, Task
from jwtlint.facts.lifecycle import Place
from jwtlint.fixing.suggest import recipe
from jwtlint.rules import models
from jwtlint.rules.findings import Finding

MODELS = models.load(examples=False)


def fixed(folder: Path, code: str, name: str) -> str:
    """The code after a recipe was asked about its last call that is no part of another."""
    (folder / "app.py").write_text(code)
    statement = ast.parse(code).body[-1]
    call = next(node for node in ast.walk(statement) if isinstance(node, ast.Call))
    place = Place("app.py", call.lineno, call.col_offset, call.end_lineno or 0, call.end_col_offset or 0)
    finding = Finding(rule="JWT303", name="", failure="theft", level="error", confidence="high", message="", place=place)
    (draft,) = recipe(name).mend(Task(finding, Files(folder, ["app.py"]), (), (), {}, lambda: MODELS)).drafts
    return draft.text().splitlines()[-1]


@pytest.mark.parametrize(
    ("imports", "call", "http_only", "secure", "same_site"),
    [
        ("flask", 'r.set_cookie("t", v)', "httponly=True", "secure=True", 'samesite="Lax"'),
        ("quart", 'r.set_cookie("t", v)', "httponly=True", "secure=True", 'samesite="Lax"'),
        ("fastapi", 'r.set_cookie("t", v)', "httponly=True", "secure=True", 'samesite="lax"'),
        ("starlette", 'r.set_cookie("t", v)', "httponly=True", "secure=True", 'samesite="lax"'),
        ("django", 'r.set_cookie("t", v)', "httponly=True", "secure=True", 'samesite="Lax"'),
        ("django", 'r.set_signed_cookie("t", v)', "httponly=True", "secure=True", 'samesite="Lax"'),
        ("rest_framework", 'r.set_cookie("t", v)', "httponly=True", "secure=True", 'samesite="Lax"'),
        ("aiohttp", 'r.set_cookie("t", v)', "httponly=True", "secure=True", 'samesite="Lax"'),
        ("sanic", 'r.add_cookie("t", v)', "httponly=True", "secure=True", 'samesite="Lax"'),
        ("tornado", 'self.set_cookie("t", v)', "httponly=True", "secure=True", 'samesite="Lax"'),
        ("tornado", 'self.set_secure_cookie("t", v)', "httponly=True", "secure=True", 'samesite="Lax"'),
        ("litestar", 'r.set_cookie("t", v)', "httponly=True", "secure=True", 'samesite="lax"'),
        ("litestar", 'Cookie("t", value=v)', "httponly=True", "secure=True", 'samesite="lax"'),
        ("fastapi_users", 'CookieTransport("t")', "cookie_httponly=True", "cookie_secure=True", 'cookie_samesite="lax"'),
    ],
)
def test_a_flag_is_named_as_the_framework_names_it(
    tmp_path: Path, imports: str, call: str, http_only: str, secure: str, same_site: str
) -> None:
    code = f'import {imports}\nX = "x"\n{call}\n'
    assert fixed(tmp_path, code, "cookie_http_only") == f"{call[:-1]}, {http_only})"
    assert fixed(tmp_path, code, "cookie_secure") == f"{call[:-1]}, {secure})"
    assert fixed(tmp_path, code, "cookie_same_site") == f"{call[:-1]}, {same_site})"


@pytest.mark.parametrize(
    ("settings", "added"),
    [
        ('app.config["JWT_TOKEN_LOCATION"] = ["cookies"]', 'app.config["JWT_COOKIE_SECURE"] = True'),
        ('JWT_TOKEN_LOCATION = ["cookies"]', "JWT_COOKIE_SECURE = True"),
        ('JWT_TOKEN_LOCATION: list[str] = ["cookies"]', "JWT_COOKIE_SECURE: bool = True"),
        ('app.config.update(JWT_TOKEN_LOCATION=["cookies"])', 'app.config.update(JWT_TOKEN_LOCATION=["cookies"], JWT_COOKIE_SECURE=True)'),
        ("app.config.from_mapping({'JWT_SECRET_KEY': k})", "app.config.from_mapping({'JWT_SECRET_KEY': k, 'JWT_COOKIE_SECURE': True})"),
        ("class Config:\n    JWT_SECRET_KEY = k", "    JWT_COOKIE_SECURE = True"),
    ],
)
def test_a_setting_is_written_beside_another_in_the_same_form(tmp_path: Path, settings: str, added: str) -> None:
    code = f"import flask_jwt_extended\n{settings}\nset_access_cookies(r, t)\n"
    (tmp_path / "app.py").write_text(code)
    place = Place("app.py", code.count("\n"), 0, code.count("\n"), 24)
    finding = Finding(rule="JWT304", name="", failure="theft", level="error", confidence="high", message="", place=place)
    proposal = recipe("cookie_secure").mend(Task(finding, Files(tmp_path, ["app.py"]), (), (), {}, lambda: MODELS))
    assert added in proposal.drafts[0].text().splitlines()
    assert proposal.title == "set JWT_COOKIE_SECURE to True"


def test_a_library_without_such_a_setting_says_so(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="the library decides the flag"):
        fixed(tmp_path, "import fastapi_login\nmanager.set_cookie(r, t)\n", "cookie_secure")
