"""Flask applications that speak of JWTs, as `jwtlint migrate` leaves them: with the bridge to their sessions."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any

import msgspec
import webapps
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from jwtlint.scaffold.choice import Bridge, Choice, Imported
from jwtlint.scaffold.render.package import render

KEY = "a key that is long enough for HMAC with SHA-256"

DATABASE = """
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()
"""
MODELS = """
from app.database import db


class User(db.Model):
    __tablename__ = "users"

    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(80), unique=True, nullable=False)
    password = db.Column(db.String(80), nullable=False)
    role = db.Column(db.String(20), nullable=False, default="user")
    is_active = db.Column(db.Boolean, nullable=False, default=True)


class DenylistToken(db.Model):
    __tablename__ = "denylist_tokens"

    id = db.Column(db.Integer, primary_key=True)
    token = db.Column(db.String(500), unique=True, nullable=False)
"""

# PyJWT by hand: a decorator, a before_request, a table of tokens that are not good any more
BY_HAND = {
    "app/database.py": DATABASE,
    "app/models.py": MODELS,
    "app/tokens.py": f'''
from datetime import datetime, timedelta, timezone
from functools import wraps

import jwt
from flask import g, jsonify, request

from app.database import db
from app.models import DenylistToken, User
from app.sessions.bridge import claims_of, token_for

KEY = "{KEY}"


def make_token(user, **more):
    now = datetime.now(timezone.utc)
    payload = {{"sub": str(user.id), "role": user.role, "iat": now, "exp": now + timedelta(minutes=15), **more}}
    return token_for(jwt.encode(payload, KEY, algorithm="HS256"))


def read_token(token):
    payload = claims_of(token, lambda: jwt.decode(token, KEY, algorithms=["HS256"]))
    if DenylistToken.query.filter_by(token=token).first():
        raise jwt.InvalidTokenError("on the list")
    return payload


def token_required(view):
    @wraps(view)
    def guarded(*args, **kwargs):
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if not token:
            return jsonify(error="no token"), 401
        try:
            payload = read_token(token)
        except jwt.ExpiredSignatureError:
            return jsonify(error="expired"), 401
        except jwt.InvalidTokenError as error:
            return jsonify(error=str(error)), 401
        g.user = db.session.get(User, int(payload["sub"]))
        g.payload = payload
        return view(*args, **kwargs)

    return guarded
''',
    "app/main.py": """
from flask import Flask, g, jsonify, request

from app.database import db
from app.models import DenylistToken, User
from app.sessions import bridge
from app.tokens import make_token, read_token, token_required

app = Flask(__name__)
bridge.install(app)


@app.before_request
def who():
    token = request.headers.get("Authorization", "").partition(" ")[2]
    g.early = None
    if token:
        try:
            g.early = read_token(token)["sub"]
        except Exception as error:
            g.early = type(error).__name__


@app.post("/register")
def register():
    user = User(name=request.json["name"], password=request.json["password"])
    db.session.add(user)
    db.session.commit()
    return jsonify(token=make_token(user)), 201


@app.post("/login")
def login():
    user = User.query.filter_by(name=request.json["name"]).first()
    if user is None or user.password != request.json["password"]:
        return jsonify(error="no"), 401
    return jsonify(token=make_token(user))


@app.get("/me")
@token_required
def me():
    return jsonify(name=g.user.name, early=g.early, claims=g.payload)


@app.get("/admin")
@token_required
def admin():
    if g.payload["role"] != "admin":
        return jsonify(error="not for you"), 403
    return jsonify(ok=True)


@app.post("/change")
@token_required
def change():
    return jsonify(changed=True)


@app.get("/echo")
def echo():
    return jsonify(headers=dict(request.headers))


@app.post("/logout")
@token_required
def logout():
    token = request.headers["Authorization"].partition(" ")[2]
    db.session.add(DenylistToken(token=token))
    db.session.commit()
    bridge.log_out()
    return jsonify(ok=True)


@app.post("/password")
@token_required
def password():
    g.user.password = request.json["password"]
    bridge.password_changed(g.user)
    db.session.commit()
    return jsonify(ok=True)


@app.post("/password-late")
@token_required
def password_late():
    g.user.password = request.json["password"]
    db.session.commit()
    bridge.password_changed(g.user)
    return jsonify(ok=True)


@app.post("/reset")
def reset():
    user = User.query.filter_by(name=request.json["name"]).first()
    user.password = request.json["password"]
    bridge.password_changed(user)
    db.session.commit()
    return jsonify(token=make_token(user))


@app.post("/role/<name>/<role>")
def set_role(name, role):
    User.query.filter_by(name=name).first().role = role
    db.session.commit()
    return jsonify(ok=True)


@app.delete("/user/<name>")
def delete(name):
    user = User.query.filter_by(name=name).first()
    bridge.account_ended(user)
    db.session.delete(user)
    db.session.commit()
    return jsonify(ok=True)


@app.post("/fails")
@token_required
def fails():
    make_token(g.user)
    raise RuntimeError("on purpose")
""",
}

# flask-jwt-extended: a factory, a module of extensions, blueprints
EXTENDED = {
    "app/extensions.py": """
from flask_sqlalchemy import SQLAlchemy

from app.sessions.jwt_manager import JWTManager

db = SQLAlchemy()
jwt = JWTManager()
""",
    "app/models.py": MODELS.replace("app.database", "app.extensions"),
    "app/main.py": f"""
from flask import Flask

from app.extensions import db, jwt
from app.sessions import bridge


def create_app(**config):
    app = Flask(__name__)
    app.config["JWT_SECRET_KEY"] = "{KEY}"
    app.config.update(config)
    bridge.install(app)
    register_extensions(app)
    from app.views import blueprint

    app.register_blueprint(blueprint)
    return app


def register_extensions(app):
    db.init_app(app)
    jwt.init_app(app)
""",
    "app/views.py": """
from flask import Blueprint, jsonify, request
from flask_jwt_extended import (
    create_access_token,
    create_refresh_token,
    current_user,
    get_csrf_token,
    get_jti,
    get_jwt,
    get_jwt_header,
    get_jwt_identity,
    jwt_required,
    set_access_cookies,
)

from app.extensions import db, jwt
from app.models import DenylistToken, User
from app.sessions import bridge
from app.sessions.bridge import token_for

blueprint = Blueprint("users", __name__)


@jwt.user_identity_loader
def identity(user):
    return str(user.id)


@jwt.user_lookup_loader
def load(header, payload):
    return db.session.get(User, int(payload["sub"]))


@jwt.additional_claims_loader
def more(user):
    return {"role": user.role}


@jwt.token_in_blocklist_loader
def is_blocked(header, payload):
    return DenylistToken.query.filter_by(token=payload["jti"]).first() is not None


@blueprint.post("/login")
def login():
    user = User.query.filter_by(name=request.json["name"]).first()
    if user is None or user.password != request.json["password"]:
        return jsonify(msg="no"), 401
    access = token_for(create_access_token(identity=user, fresh=True))
    refresh = token_for(create_refresh_token(identity=user))
    response = jsonify(access_token=access, refresh_token=refresh, jti=get_jti(access))
    if request.json.get("cookies"):
        set_access_cookies(response, access)
    return response


@blueprint.post("/refresh")
@jwt_required(refresh=True)
def refresh():
    return jsonify(access_token=token_for(create_access_token(identity=current_user)))


@blueprint.get("/me")
@jwt_required()
def me():
    return jsonify(name=current_user.name, identity=get_jwt_identity(), claims=get_jwt(), header=get_jwt_header())


@blueprint.get("/perhaps")
@jwt_required(optional=True)
def perhaps():
    return jsonify(name=current_user.name if current_user else None)


@blueprint.post("/fresh")
@jwt_required(fresh=True)
def fresh():
    return jsonify(ok=True)


@blueprint.post("/change")
@jwt_required()
def change():
    return jsonify(changed=True)


@blueprint.post("/block")
@jwt_required()
def block():
    db.session.add(DenylistToken(token=get_jwt()["jti"]))
    db.session.commit()
    return jsonify(ok=True)


@blueprint.post("/logout")
@jwt_required()
def logout():
    bridge.log_out()
    return jsonify(ok=True)


@blueprint.post("/password")
@jwt_required()
def password():
    current_user.password = request.json["password"]
    bridge.password_changed(current_user)
    db.session.commit()
    return jsonify(ok=True)


@blueprint.post("/role/<name>/<role>")
def set_role(name, role):
    User.query.filter_by(name=name).first().role = role
    db.session.commit()
    return jsonify(ok=True)


@blueprint.delete("/user/<name>")
def delete(name):
    user = User.query.filter_by(name=name).first()
    db.session.delete(user)
    db.session.commit()
    return jsonify(ok=True)
""",
}


def choice(bridge: Bridge) -> Choice:
    """What `jwtlint migrate` would have found out."""
    found = webapps.choice("flask", "sqlalchemy", layer="flask-sqlalchemy")
    user = msgspec.structs.replace(found.user, key_type="integer")
    if bridge.library:
        found = msgspec.structs.replace(found, db=Imported("app.extensions", ("db",), "db"), metadata=Imported("app.extensions", ("db",), "db.metadata"))
    return msgspec.structs.replace(found, user=user, bridge=bridge)


def errors(library: str = "") -> Bridge:
    """The bridge of an application with PyJWT underneath."""
    expired, invalid = (Imported("jwt", (name,), name) for name in ("ExpiredSignatureError", "InvalidTokenError"))
    return Bridge(fresh=(("role", "role"),), expired=expired, invalid=invalid, library=library)  # type: ignore[arg-type]


def write(folder: Path, files: dict[str, str], bridge: Bridge) -> None:
    """Write an application with its sessions."""
    generated = render(choice(bridge))
    for path, content in {"app/__init__.py": "", **files, **generated}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content if path in generated else dedent(content).lstrip("\n"), encoding="utf-8")


@contextmanager
def imported(folder: Path) -> Iterator[ModuleType]:
    """The application's module ``app.main``; afterwards nothing of it is left in this process."""
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield importlib.import_module("app.main")
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name == "app" or name.startswith("app.")]:
            del sys.modules[name]


@contextmanager
def by_hand(folder: Path, url: str, **config: object) -> Iterator[Application]:
    """The application with PyJWT by hand, on a database of its own."""
    write(folder, BY_HAND, errors())
    with imported(folder) as module:
        module.app.config.update({"SQLALCHEMY_DATABASE_URI": url, **config})
        module.db.init_app(module.app)
        yield from running(module.app, module, module.db)


@contextmanager
def extended(folder: Path, url: str, **config: object) -> Iterator[Application]:
    """The application with flask-jwt-extended, on a database of its own."""
    write(folder, EXTENDED, errors("flask-jwt-extended"))
    with imported(folder) as module:
        app = module.create_app(SQLALCHEMY_DATABASE_URI=url, **config)
        yield from running(app, module, module.db)


def running(app: Flask, module: ModuleType, database: Any) -> Iterator[Application]:
    """Make the tables, and let the connections go afterwards."""
    with app.app_context():
        database.create_all()
    yield Application(app, module, database)
    with app.app_context():
        database.engine.dispose()


@dataclass
class Application:
    """An application that runs, and the means to look behind it."""

    flask: Flask
    module: ModuleType
    database: Any

    def device(self) -> FlaskClient:
        """Another browser or telephone."""
        return self.flask.test_client()

    @property
    def bridge(self) -> Any:
        """The generated bridge."""
        return sys.modules["app.sessions.bridge"]

    @property
    def store(self) -> Any:
        """The store of sessions."""
        return sys.modules["app.sessions.service"].store

    def set(self, **changes: object) -> None:
        """Other settings from now on."""
        self.store.settings = replace(self.store.settings, **changes)

    def rows(self, sql: str) -> list[Any]:
        """What the database has, read beside the application."""
        with self.flask.app_context(), self.database.engine.connect() as connection:
            return list(connection.execute(text(sql)))

    def add(self, name: str, password: str = "secret") -> None:
        """A user."""
        models = sys.modules["app.models"]
        with self.flask.app_context():
            self.database.session.add(models.User(name=name, password=password))
            self.database.session.commit()
