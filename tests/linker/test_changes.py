"""Logouts, new passwords, ended accounts and new roles: what they do to the tokens that are out there."""

from __future__ import annotations

import pytest
from programs import program

from jwtlint.facts import lifecycle as facts

APP = """
import os

import jwt
import redis
from flask import Flask, abort, jsonify, request
from werkzeug.security import generate_password_hash

from models import Account, Blacklist, LoginSession, Team, User, UserPicture, db

app = Flask(__name__)
KEY = os.environ["KEY"]
store = redis.Redis()


@app.post("/login")
def login():
    user = User.query.filter_by(name=request.json["name"]).first()
    if user is None or not user.check_password(request.json["password"]):
        abort(401)
    return jsonify(access_token=jwt.encode({"sub": str(user.id), "jti": "", "sid": "", "ver": user.token_version}, KEY))


def claims_of_request():
    return jwt.decode(request.cookies["token"], KEY, algorithms=["HS256"])


@app.get("/me")
def me():
    return jsonify(name=current_user().name)

"""
MODELS = """
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String)
    email = db.Column(db.String)
    role = db.Column(db.String)
    password_hash = db.Column(db.String)
    token_version = db.Column(db.Integer, default=0)
    active = db.Column(db.Boolean)

    def set_password(self, password):
        self.password_hash = generate(password)


class Team(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    members = db.relationship("User")


class UserPicture(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.Integer)


class Account(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    balance = db.Column(db.Integer)


class Blacklist(db.Model):
    jti = db.Column(db.String, primary_key=True)


class LoginSession(db.Model):
    id = db.Column(db.String, primary_key=True)
    user_id = db.Column(db.Integer)
"""
PLAIN = """
def current_user():
    user = User.query.get(claims_of_request()["sub"])
    return user or abort(401)

"""
ACTIVE = """
def current_user():
    user = User.query.get(claims_of_request()["sub"])
    if user is None or not user.active:
        abort(401)
    return user

"""
CLAIMS_ONLY = """
class Caller:
    def __init__(self, claims):
        self.id = claims["sub"]
        self.name = claims["name"]


def current_user():
    return Caller(claims_of_request())

"""
EPOCH = """
def current_user():
    claims = claims_of_request()
    user = User.query.get(claims["sub"])
    if user is None or user.token_version != claims["ver"]:
        abort(401)
    return user

"""
DENYLIST = """
def current_user():
    claims = claims_of_request()
    if Blacklist.query.filter_by(jti=claims["jti"]).first():
        abort(401)
    return User.query.get(claims["sub"])

"""
SESSION_ROW = """
def current_user():
    session = LoginSession.query.get(claims_of_request()["sid"])
    return User.query.get(session.user_id) if session else abort(401)

"""


def handled(verifier: str, handler: str) -> facts.Handler:
    """The one handler that has a part in the story, beside the login."""
    return program(APP + verifier + handler, models=MODELS).one(facts.Handler)


TASK = """
def cleanup_tokens(user_id):
    for key in store.scan_iter(f"user:{user_id}:*"):
        store.unlink(key)

"""
LOGOUT = '@app.post("/logout")\ndef logout():\n'
REVOKING = {
    "a new row of the denylist": (DENYLIST, "db.session.add(Blacklist(jti=claims_of_request()['jti']))"),
    "a deleted session row": (SESSION_ROW, "db.session.delete(LoginSession.query.get(claims_of_request()['sid']))"),
    "all session rows of the user deleted": (SESSION_ROW, "LoginSession.query.filter_by(user_id=current_user().id).delete()"),
    "a session's record that says so": (SESSION_ROW, "LoginSession.query.get(claims_of_request()['sid']).revoked = True"),
    "a refresh token's record": (
        PLAIN,
        "row = LoginSession.query.filter_by(id=request.cookies['refresh']).first()\n    row.revoked_at = now()",
    ),
    "a task after the response": (PLAIN + TASK, "tasks.add_task(cleanup_tokens, current_user().id)"),
    "a raised version": (EPOCH, "current_user().token_version += 1"),
    "a raised version, by assignment": (EPOCH, "user = current_user()\n    user.token_version = user.token_version + 1"),
    "a raised version, in a query": (EPOCH, "User.query.filter_by(id=current_user().id).update({'token_version': User.token_version + 1})"),
}
IDLE = {
    "a cookie that is deleted": (PLAIN, "response = jsonify()\n    response.delete_cookie('token')\n    return response"),
    "a denylist that nobody reads is no help, but a version is not raised": (EPOCH, "return jsonify(message='bye')"),
    "a share that is revoked": (PLAIN, "Team.query.get(request.json['team']).revoked = True"),
    "the time of the logout": (PLAIN, "current_user().last_seen = now()"),
}


@pytest.mark.parametrize("name", REVOKING)
def test_a_logout_revokes_by(name: str) -> None:
    verifier, code = REVOKING[name]
    handler = handled(verifier, f"{LOGOUT}    {code}\n    db.session.commit()\n    return '', 204\n")
    assert (handler.role, handler.name, handler.revokes) == ("logout", "logout", True)


@pytest.mark.parametrize("name", IDLE)
def test_a_logout_revokes_nothing_by(name: str) -> None:
    verifier, code = IDLE[name]
    handler = handled(verifier, f"{LOGOUT}    {code}\n")
    assert (handler.role, handler.revokes) == ("logout", False)


CHANGE = '@app.post("/password")\ndef change():\n    user = current_user()\n'
PASSWORDS = {
    "a method of the user": "user.set_password(request.json['new'])",
    "a hash that is assigned": "user.password_hash = generate_password_hash(request.json['new'])",
    "a query": "User.query.filter_by(id=user.id).update({'password_hash': generate_password_hash(request.json['new'])})",
    "SQL": "db.session.execute('UPDATE users SET password_hash = :hash WHERE id = :id', {})",
    "SQL under a name": "query = 'UPDATE users SET password_hash = %s WHERE id = %s' % (new, user.id)\n    cursor.execute(query)",
}


@pytest.mark.parametrize("name", PASSWORDS)
def test_a_password_is_changed_by(name: str) -> None:
    handler = handled(PLAIN, f"{CHANGE}    {PASSWORDS[name]}\n    db.session.commit()\n    return '', 204\n")
    assert (handler.role, handler.revokes) == ("password-change", False)


def test_a_new_password_that_raises_the_version_revokes() -> None:
    assert handled(EPOCH, f"{CHANGE}    user.set_password('x')\n    user.token_version += 1\n    return ''\n").revokes


def test_a_new_password_that_leaves_the_denylist_alone_does_not_revoke() -> None:
    assert not handled(DENYLIST, f"{CHANGE}    user.set_password('x')\n    return ''\n").revokes


@pytest.mark.parametrize(
    ("verifier", "survive"),
    [(CLAIMS_ONLY, True), (PLAIN, False), (ACTIVE, False)],
    ids=["by its claims", "by the user's row", "by an active user's row"],
)
def test_tokens_of_a_deleted_user_survive_where_they_are_taken(verifier: str, survive: bool) -> None:
    code = "@app.delete('/users/<int:user_id>')\ndef remove(user_id):\n    db.session.delete(User.query.get(user_id))\n    return ''\n"
    handler = handled(verifier, code)
    assert (handler.role, handler.tokens_survive) == ("account-end", survive)


@pytest.mark.parametrize(
    ("verifier", "survive"),
    [(CLAIMS_ONLY, True), (PLAIN, True), (ACTIVE, False)],
    ids=["by its claims", "by the user's row", "by an active user's row"],
)
def test_tokens_of_a_disabled_user_survive_where_they_are_taken(verifier: str, survive: bool) -> None:
    code = "@app.post('/users/<int:user_id>/disable')\ndef disable(user_id):\n    User.query.get(user_id).active = False\n    return ''\n"
    handler = handled(verifier, code)
    assert (handler.role, handler.tokens_survive) == ("account-end", survive)


@pytest.mark.parametrize("verifier", [PLAIN, EPOCH], ids=["by the user's row", "by a version"])
def test_a_new_role_counts_at_once_where_the_row_decides(verifier: str) -> None:
    code = (
        "@app.put('/role/<int:user_id>')\ndef promote(user_id):\n    User.query.get(user_id).role = request.json['role']\n    return ''\n"
    )
    handler = handled(verifier, code)
    assert (handler.role, handler.tokens_survive) == ("role-change", False)


@pytest.mark.parametrize(
    "code",
    [
        "@app.put('/me/email')\ndef change_email():\n    current_user().email = request.json['email']\n    return ''\n",
        "@app.post('/items')\ndef add():\n    db.session.add(Item(owner=current_user().id))\n    return ''\n",
        "@app.delete('/teams/<int:id>/members')\ndef leave(id):\n    Team.query.get(id).members.remove(current_user())\n    return ''\n",
        "@app.delete('/me/picture')\ndef plain():\n    user = current_user()\n    db.session.delete(user.picture)\n    return ''\n",
        "@app.delete('/pictures/<int:id>')\ndef fade(id):\n    db.session.delete(UserPicture.query.get(id))\n    return ''\n",
        "@app.delete('/books/<int:id>')\ndef settle(id):\n    db.session.delete(Account.query.get(id))\n    return ''\n",
        "@app.get('/activate')\ndef begin():\n    db.session.execute('UPDATE users SET active = 1 WHERE id = :id', {})\n    return ''\n",
        "@app.post('/users')\ndef create():\n    db.session.add(User(password_hash=generate_password_hash('x')))\n    return ''\n",
        "class UserListUpdate:\n    is_full: bool\n\n@app.get('/news')\ndef news():\n    return jsonify(UserListUpdate(is_full=True))\n",
    ],
    ids=[
        "another address",
        "another thing",
        "a membership",
        "something of the user's",
        "a table of such things",
        "a purse",
        "a user who may begin",
        "a new user",
        "a message that is called an update",
    ],
)
def test_what_changes_no_credential_has_no_part(code: str) -> None:
    assert program(APP + PLAIN + code, models=MODELS).all(facts.Handler) == []


def test_the_table_of_users_is_told_from_another_that_has_a_password() -> None:
    models = """
from sqlalchemy import Column, Integer, String
from sqlalchemy.orm import as_declarative


@as_declarative()
class Base:
    id = Column(Integer, primary_key=True)


class Proxy(Base):
    password = Column(String)


class User(Base):
    password_hash = Column(String)
"""
    code = """
import os

import jwt
from flask import Flask, abort, jsonify, request

from models import Proxy, User, db

app = Flask(__name__)
KEY = os.environ["KEY"]


@app.post("/login")
def login():
    user = db.query(User).filter_by(name=request.json["name"]).first()
    if user is None or not user.check_password(request.json["password"]):
        abort(401)
    return jsonify(access_token=jwt.encode({"sub": str(user.id)}, KEY))


@app.get("/me")
def me():
    return jsonify(jwt.decode(request.headers["Authorization"], KEY, algorithms=["HS256"])["sub"])


@app.post("/gone")
def gone():
    db.delete(db.query(TABLE).first())
    return "", 204
"""
    assert program(code.replace("TABLE", "Proxy"), models=models).all(facts.Handler) == []
    assert program(code.replace("TABLE", "User"), models=models).one(facts.Handler).name == "gone"
