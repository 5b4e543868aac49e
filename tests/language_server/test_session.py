from __future__ import annotations

from pathlib import Path

import pytest
from editors import editing, session
from lsprotocol import types

LOGIN = """\
import os

import jwt
from flask import Flask, abort, jsonify, request

from models import User

app = Flask(__name__)


@app.post("/login")
def login():
    user = User.query.filter_by(email=request.json["email"]).first()
    if user is None or not user.check_password(request.json["password"]):
        abort(401)
    return jsonify(access_token=jwt.encode({"sub": str(user.id), "role": user.role}, os.environ["KEY"], algorithm="HS256"))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / ".git").mkdir()
    (folder / "app.py").write_text(LOGIN)
    return folder


def test_what_is_typed_is_what_is_told(project: Path) -> None:
    async def work() -> None:
        async with editing(project) as editor:
            app = project / "app.py"
            found = await editor.open(app)
            assert editor.rules(app) == ["JWT101", "JWT105", "JWT201", "JWT308"]
            (role,) = [one for one in found if one.code == "JWT201"]
            assert role.range == types.Range(types.Position(15, 65), types.Position(15, 71))
            assert role.severity == types.DiagnosticSeverity.Warning
            assert role.source == "jwtlint"
            await editor.type(app, LOGIN.replace(', "role": user.role', ""))
            assert editor.rules(app) == ["JWT101", "JWT105", "JWT308"]
            assert app.read_text() == LOGIN

    session(work)
