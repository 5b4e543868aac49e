"""Real git repositories, and an application for them whose sessions are JWTs."""

from __future__ import annotations

import subprocess
from pathlib import Path

TOKENS = """\
import os
from datetime import datetime, timedelta, timezone

import jwt

KEY = os.environ["KEY"]


def issue(claims):
    claims = dict(claims, exp=datetime.now(timezone.utc) + timedelta(minutes=10))
    return jwt.encode(claims, KEY, algorithm="HS256")
"""
VIEWS = """\
from flask import Flask, abort, jsonify, request

from models import User
from tokens import issue

app = Flask(__name__)


@app.post("/login")
def login():
    user = User.query.filter_by(email=request.json["email"]).first()
    if user is None or not user.check_password(request.json["password"]):
        abort(401)
    return jsonify(access_token=issue({"sub": str(user.id)}))
"""


def git(folder: Path, *arguments: str, data: bytes | None = None) -> str:
    """Run git as somebody; give what it says."""
    identity = ("-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false", "-c", "init.defaultBranch=main")
    result = subprocess.run(["git", *identity, *arguments], cwd=folder, input=data, capture_output=True, check=True)
    return result.stdout.decode().strip()


def commit(folder: Path, message: str = "change") -> None:
    """Commit everything."""
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", message)


def mend(application: Path) -> None:
    """The session is an opaque id, kept on the server."""
    (application / "tokens.py").write_text("import secrets\n\n\ndef issue(claims):\n    return secrets.token_urlsafe(32)\n")
