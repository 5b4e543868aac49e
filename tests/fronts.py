"""Small front ends written in the tests themselves, beside a server whose sessions are JWTs, and what the linker tells of them.

A comment ``// kept: local_storage`` (or ``session_storage``, ``cookie``, ``url``, ``page``) says what a test expects at that line.
"""

from __future__ import annotations

import re
from textwrap import dedent

from programs import LIBRARIES, MODELS

from jwtlint.facts import lifecycle as facts
from jwtlint.facts.layout import Layout
from jwtlint.facts.web_layout import WebLayout, is_web
from jwtlint.linker.lifecycle import FrontEnd, link
from jwtlint.python.frontend import read_module
from jwtlint.rules import models
from jwtlint.web.frontend import read_module as read_web_module

WEB_MODELS = models.load_web()
SERVER = """
import jwt
from flask import Flask, abort, jsonify, request
from models import User
app = Flask(__name__)

@app.post("/api/login")
def login():
    user = User.query.filter_by(email=request.json["email"]).first()
    if user is None or not user.check_password(request.json["password"]):
        abort(401)
    return jsonify(access_token=jwt.encode({"sub": str(user.id)}, KEY, algorithm="HS256"), name=user.name)
"""
OPAQUE_SERVER = """
import secrets
from flask import Flask, abort, jsonify, request
from models import Session, User, db
app = Flask(__name__)

@app.post("/api/login")
def login():
    user = User.query.filter_by(email=request.json["email"]).first()
    if user is None or not user.check_password(request.json["password"]):
        abort(401)
    token = secrets.token_urlsafe(32)
    db.session.add(Session(token=token, user=user))
    return jsonify(access_token=token)
"""


class Front:
    """A front end's files by path, beside a server in Python, and the deliveries of session tokens in its files."""

    def __init__(self, files: dict[str, str], server: str | None = SERVER) -> None:
        self.files = {path: dedent(text).lstrip("\n") for path, text in files.items()}
        python = {"server.py": server} if server is not None else {}
        modules = [read_module(path, text.encode()) for path, text in python.items()]
        web = tuple(read_web_module(path, text.encode()) for path, text in self.files.items() if is_web(path))
        front_end = FrontEnd(web, WebLayout(self.files), WEB_MODELS, tuple(python))
        self.lifecycle = link(modules, Layout(python, LIBRARIES), MODELS, None, front_end)
        self.deliveries = [fact for fact in self.lifecycle.facts if isinstance(fact, facts.Delivery)]
        self.told = [fact for fact in self.deliveries if is_web(fact.place.path) and fact.purpose == "session"]

    def found(self) -> list[tuple[str, int, str]]:
        """Path, line and medium of each session token in the front end."""
        return sorted((fact.place.path, fact.place.line, fact.medium) for fact in self.told)

    def expected(self) -> list[tuple[str, int, str]]:
        """What the comments expect."""
        return sorted(
            (path, number, medium)
            for path, text in self.files.items()
            for number, line in enumerate(text.splitlines(), 1)
            for medium in re.findall(r"kept: (\w+)", line)
        )


def front(text: str, path: str = "web/src/app.ts", server: str | None = SERVER, **others: str) -> Front:
    """A front end of one file, and of others named by keywords: ``storage="…"`` is ``web/src/storage.ts``."""
    return Front({path: text, **{f"web/src/{name}.ts": other for name, other in others.items()}}, server)


def as_expected(told: Front) -> bool:
    """Whether exactly what the comments expect is found; shows both in the assertion where not."""
    assert told.found() == told.expected()
    return True
