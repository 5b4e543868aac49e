"""Whether the server can end a session token: what it reads on the way from the token to the user.

A comment ``# reads:`` stands at the lookup and gives its kind.
"""

from __future__ import annotations

import pytest
from programs import Program, at

from jwtlint.facts import lifecycle as facts

APP = """
import hashlib
import os
import uuid
from datetime import datetime, timezone

import jwt
import redis
from flask import Flask, abort, g, jsonify, request

from models import Blacklist, LoginSession, User, db

app = Flask(__name__)
KEY = os.environ["KEY"]
store = redis.Redis.from_url(os.environ["REDIS_URL"])


@app.post("/login")
def login():
    user = User.query.filter_by(name=request.json["name"]).first()
    if user is None or not user.check_password(request.json["password"]):
        abort(401)
    return jsonify(access_token=sign(user))


@app.get("/me")
def me():
    return jsonify(name=current_user().name)

"""
SIGN = """
def sign(user):
    claims = {"sub": str(user.id), "jti": uuid.uuid4().hex, "sid": "", "iat": datetime.now(timezone.utc), "ver": user.token_version}
    return jwt.encode(claims, KEY, algorithm="HS256")


def token_of_request():
    return request.headers["Authorization"].removeprefix("Bearer ")

"""
MODELS = """
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String)
    role = db.Column(db.String)
    password_hash = db.Column(db.String)
    token_version = db.Column(db.Integer, default=0)
    password_changed_at = db.Column(db.DateTime)
    token_secret = db.Column(db.String)
    active = db.Column(db.Boolean)
    current_jti = db.Column(db.String)


class Blacklist(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    jti = db.Column(db.String, unique=True)
    token = db.Column(db.Text)


class LoginSession(db.Model):
    id = db.Column(db.String, primary_key=True)
    user_id = db.Column(db.Integer)
    revoked_at = db.Column(db.DateTime)
"""


def verifying(code: str, sign: str = SIGN) -> Program:
    """The application whose requests ask the ``current_user()`` that ``code`` defines."""
    return Program({"app.py": APP + sign + code, "models.py": MODELS})


WAYS = {
    "a denylist of ids in a table": """
def current_user():
    claims = jwt.decode(token_of_request(), KEY, algorithms=["HS256"])
    if Blacklist.query.filter_by(jti=claims["jti"]).first() is not None:  # reads: denylist
        abort(401)
    return User.query.get(claims["sub"])
""",
    "a denylist of tokens in a table": """
def is_blacklisted(token):
    return db.session.query(Blacklist).filter(Blacklist.token == token).count() > 0  # reads: denylist


def current_user():
    token = token_of_request()
    claims = jwt.decode(token, KEY, algorithms=["HS256"])
    if is_blacklisted(token):
        abort(401)
    return User.query.get(claims["sub"])
""",
    "a denylist in Redis": """
def current_user():
    claims = jwt.decode(token_of_request(), KEY, algorithms=["HS256"])
    if store.exists(f"revoked:{claims['jti']}"):  # reads: denylist
        abort(401)
    return User.query.get(claims["sub"])
""",
    "a session row that a statement under a name asks for": """
import asyncio


async def row_of(claims):
    query = """ + "'''" + """
        select u.id from users u
        join sessions s on s.user_id = u.id
        where u.id = $1 and s.digest = $2 and s.revoked = false
    """ + "'''" + """
    async with app.pool.acquire() as connection:
        return await connection.fetchrow(query, claims["sub"], hashlib.sha256(claims["secret"].encode()).hexdigest())  # reads: session-row


def current_user():
    claims = jwt.decode(token_of_request(), KEY, algorithms=["HS256"])
    return asyncio.run(row_of(claims)) or abort(401)
""",
    "a version of the user that is kept in Redis": """
def session_version(user_id):
    return store.get(f"session_version:{user_id}")  # reads: epoch


def current_user():
    claims = jwt.decode(token_of_request(), KEY, algorithms=["HS256"])
    version = session_version(claims["sub"])
    if version is None or int(version) != int(claims["ver"]):
        abort(401)
    return User.query.get(claims["sub"])
""",
    "a denylist that is a set": """
revoked_tokens = set()


def current_user():
    claims = jwt.decode(token_of_request(), KEY, algorithms=["HS256"])
    if claims["jti"] in revoked_tokens:  # reads: denylist
        abort(401)
    return User.query.get(claims["sub"])
""",
    "a denylist of a class of its own": """
class Denylist:
    def __init__(self, client):
        self.client = client

    def holds(self, jti):
        return self.client.sismember("denied", jti)  # reads: denylist


denylist = Denylist(store)


def current_user():
    claims = jwt.decode(token_of_request(), KEY, algorithms=["HS256"])
    if denylist.holds(claims["jti"]):
        abort(401)
    return User.query.get(claims["sub"])
""",
    "an allowlist in Redis": """
def current_user():
    claims = jwt.decode(token_of_request(), KEY, algorithms=["HS256"])
    if not store.sismember("active_tokens", claims["jti"]):  # reads: allowlist
        abort(401)
    return User.query.get(claims["sub"])
""",
    "a session's row": """
def current_user():
    claims = jwt.decode(token_of_request(), KEY, algorithms=["HS256"])
    session = LoginSession.query.get(claims["sid"])  # reads: session-row
    if session is None or session.revoked_at is not None:
        abort(401)
    return User.query.get(session.user_id)
""",
    "a session's row in SQL": """
def current_user():
    claims = jwt.decode(token_of_request(), KEY, algorithms=["HS256"])
    row = db.session.execute("SELECT user_id FROM sessions WHERE id = :id", {"id": claims["sid"]}).first()  # reads: session-row
    if row is None:
        abort(401)
    return User.query.get(row.user_id)
""",
    "a version in the user's row": """
def current_user():
    claims = jwt.decode(token_of_request(), KEY, algorithms=["HS256"])
    user = User.query.get(claims["sub"])
    if user is None or user.token_version != claims["ver"]:  # reads: epoch
        abort(401)
    return user
""",
    "a version that the query asks for": """
def current_user():
    claims = jwt.decode(token_of_request(), KEY, algorithms=["HS256"])
    user = User.query.filter_by(id=claims["sub"], token_version=claims["ver"]).first()  # reads: epoch
    return user or abort(401)
""",
    "the time of the last change of the password": """
def current_user():
    claims = jwt.decode(token_of_request(), KEY, algorithms=["HS256"])
    user = User.query.get(claims["sub"])
    if user.password_changed_at and claims["iat"] < user.password_changed_at.timestamp():  # reads: epoch
        abort(401)
    return user
""",
    "a fragment of the password's hash": """
def fingerprint(user):
    return hashlib.sha256(user.password_hash.encode()).hexdigest()[:16]


def current_user():
    claims = jwt.decode(token_of_request(), KEY, algorithms=["HS256"])
    user = User.query.get(claims["sub"])
    if claims["ver"] != fingerprint(user):  # reads: epoch
        abort(401)
    return user
""",
    "the one token id in the user's row": """
def current_user():
    claims = jwt.decode(token_of_request(), KEY, algorithms=["HS256"])
    user = User.query.get(claims["sub"])
    if user.current_jti != claims["jti"]:  # reads: allowlist
        abort(401)
    return user
""",
    "a key of the user": """
def current_user():
    token = token_of_request()
    claimed = jwt.decode(token, options={"verify_signature": False})
    user = User.query.get(claimed["sub"])
    jwt.decode(token, user.token_secret, algorithms=["HS256"])  # reads: key
    return user
""",
    "a key made of the user's password hash": """
def current_user():
    token = token_of_request()
    user = User.query.get(request.headers["X-User"])
    jwt.decode(token, KEY + user.password_hash, algorithms=["HS256"])  # reads: key
    return user
""",
}


@pytest.mark.parametrize("name", WAYS)
def test_a_token_can_be_ended_by(name: str) -> None:
    found = verifying(WAYS[name])
    expected = found.marked("reads")
    lookups = found.all(facts.Lookup, purpose="session")
    assert sorted((one.kind, *at(one)) for one in lookups) == expected
    verification = found.one(facts.Verification, signature="checked")
    assert verification.purpose == "session"
    assert [verification.revocation] == [kind for kind, _, _ in expected]


NO_WAY = {
    "the user is only loaded": """
def current_user():
    claims = jwt.decode(token_of_request(), KEY, algorithms=["HS256"])
    return User.query.get(claims["sub"]) or abort(401)
""",
    "the user's activity is checked": """
def current_user():
    claims = jwt.decode(token_of_request(), KEY, algorithms=["HS256"])
    user = User.query.get(claims["sub"])
    if user is None or not user.active:
        abort(401)
    return user
""",
    "only what the request says is compared": """
from marshmallow import Schema, fields


class CodeSchema(Schema):
    code = fields.Str(required=True)


def current_user():
    claims = jwt.decode(token_of_request(), KEY, algorithms=["HS256"])
    sent = CodeSchema().load(request.json)
    if sent["code"] != claims["code"]:
        abort(401)
    return User.query.get(claims["sub"])
""",
    "only the token's type is checked": """
def current_user():
    claims = jwt.decode(token_of_request(), KEY, algorithms=["HS256"])
    if claims["type"] != "access":
        abort(401)
    return User.query.get(claims["sub"])
""",
    "the denylist is read for other tokens only": """
def current_user():
    claims = jwt.decode(token_of_request(), KEY, algorithms=["HS256"])
    if claims.get("kind") == "api":
        if Blacklist.query.filter_by(jti=claims["jti"]).first():
            abort(401)
    return User.query.get(claims["sub"])
""",
    "the denylist is read by the logout alone": """
def current_user():
    claims = jwt.decode(token_of_request(), KEY, algorithms=["HS256"])
    return User.query.get(claims["sub"])


@app.post("/logout")
def logout():
    claims = jwt.decode(token_of_request(), KEY, algorithms=["HS256"])
    if not Blacklist.query.filter_by(jti=claims["jti"]).first():
        db.session.add(Blacklist(jti=claims["jti"]))
        db.session.commit()
    return "", 204
""",
    "the role in the row is compared with the claim": """
def current_user():
    claims = jwt.decode(token_of_request(), KEY, algorithms=["HS256"])
    user = User.query.get(claims["sub"])
    if user.role != claims.get("role"):
        abort(403)
    return user
""",
    "the expiry is compared with the clock": """
def current_user():
    claims = jwt.decode(token_of_request(), KEY, algorithms=["HS256"])
    if claims["exp"] < datetime.now(timezone.utc).timestamp():
        abort(401)
    return User.query.get(claims["sub"])
""",
    "the id is only written into the log": """
def current_user():
    claims = jwt.decode(token_of_request(), KEY, algorithms=["HS256"])
    app.logger.info("session %s", claims["jti"])
    return User.query.get(claims["sub"])
""",
    "the user is kept in a cache": """
def current_user():
    claims = jwt.decode(token_of_request(), KEY, algorithms=["HS256"])
    cached = store.get(f"user:{claims['sub']}")
    return User(**cached) if cached else User.query.get(claims["sub"])
""",
}


@pytest.mark.parametrize("name", NO_WAY)
def test_a_token_cannot_be_ended_where(name: str) -> None:
    found = verifying(NO_WAY[name])
    line = found.files["app.py"].splitlines().index("def current_user():") + 2
    (verification,) = [one for one in found.all(facts.Verification, purpose="session") if one.place.line == line]
    assert verification.revocation == "none"


@pytest.mark.parametrize(
    ("use", "reloads"),
    [
        ("return User.query.get(claims['sub']) or abort(401)", True),
        ("user = User.query.get(claims['sub'])\n    if user is None:\n        abort(401)\n    return user", True),
        ("return User.query.filter_by(id=claims['sub']).first_or_404()", True),
        ("return User(id=claims['sub'], name=claims['name'])", False),
        ("g.user_id = claims['sub']\n    return g", False),
    ],
)
def test_whether_a_verifier_reads_the_user_again(use: str, reloads: bool) -> None:
    code = f"def current_user():\n    claims = jwt.decode(token_of_request(), KEY, algorithms=['HS256'])\n    {use}\n"
    assert verifying(code).one(facts.Verification).reloads_user is reloads


# -- hooks of libraries ------------------------------------------------------------------------------------------------

EXTENDED = """
import redis
from flask import Flask, jsonify, request
from flask_jwt_extended import JWTManager, create_access_token, get_jwt_identity, jwt_required

from models import Blacklist, User, db

app = Flask(__name__)
manager = JWTManager(app)  # manager: x


@app.post("/login")
def login():
    user = User.query.filter_by(name=request.json["name"]).first()
    if not user.check_password(request.json["password"]):
        return "", 401
    return jsonify(access_token=create_access_token(identity=str(user.id)))


@app.get("/me")
@jwt_required()
def me():
    return jsonify(name=User.query.get(get_jwt_identity()).name)

"""
HOOKS = {
    "a table": """
@manager.token_in_blocklist_loader
def is_revoked(header, payload):
    return Blacklist.query.filter_by(jti=payload["jti"]).first() is not None  # reads: denylist
""",
    "Redis": """
store = redis.Redis()


@manager.token_in_blocklist_loader
def is_revoked(header, payload):
    return store.get("blocklist:" + payload["jti"]) is not None  # reads: denylist
""",
}


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_of_the_library_reads(name: str) -> None:
    found = Program({"app.py": EXTENDED + HOOKS[name], "models.py": MODELS})
    assert sorted((one.kind, *at(one)) for one in found.all(facts.Lookup)) == found.marked("reads")
    assert [one.revocation for one in found.all(facts.Verification, purpose="session")] == ["denylist"]


def test_without_a_hook_the_library_s_manager_verifies_and_nothing_can_end_a_token() -> None:
    found = Program({"app.py": EXTENDED, "models.py": MODELS})
    verification = found.one(facts.Verification, purpose="session")
    assert [at(verification)] == found.lines("manager")
    assert verification.revocation == "none"


# -- how it verifies ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "algorithms", "signature"),
    [
        ('jwt.decode(token_of_request(), KEY, algorithms=["HS256"])', "pinned", "checked"),
        ('jwt.decode(token_of_request(), KEY, ["HS256"])', "pinned", "checked"),
        ("jwt.decode(token_of_request(), KEY, algorithms=ALGORITHMS)", "pinned", "checked"),
        ("jwt.decode(token_of_request(), KEY)", "missing", "checked"),
        ("jwt.decode(token_of_request(), KEY, algorithms=None)", "missing", "checked"),
        ('jwt.decode(token_of_request(), KEY, algorithms=["HS256", "none"])', "none-allowed", "checked"),
        ('jwt.decode(token_of_request(), KEY, algorithms=[header()["alg"]])', "from-header", "checked"),
        ('jwt.decode(token_of_request(), options={"verify_signature": False})', "missing", "skipped"),
        ('jwt.decode(token_of_request(), KEY, algorithms=["HS256"], options=dict(verify_signature=False))', "pinned", "skipped"),
        ("jwt.decode(token_of_request(), KEY, verify=False)", "missing", "skipped"),
    ],
)
def test_how_a_token_is_verified(call: str, algorithms: str, signature: str) -> None:
    code = f"""
ALGORITHMS = ("HS256",)


def header():
    return jwt.get_unverified_header(token_of_request())


def current_user():
    return User.query.get({call}["sub"])
"""
    verification = verifying(code).one(facts.Verification)
    assert (verification.algorithms, verification.signature) == (algorithms, signature)


@pytest.mark.parametrize(
    ("use", "trusted"),
    [
        ('return User.query.get(claims["sub"])', True),
        ('issuer = claims["iss"]\n    return User.query.get(jwt.decode(token, KEYS[issuer], algorithms=["RS256"])["sub"])', False),
    ],
)
def test_an_unverified_token_is_trusted_unless_it_is_only_routed(use: str, trusted: bool) -> None:
    code = f"""
def current_user():
    token = token_of_request()
    claims = jwt.decode(token, options={{"verify_signature": False}})
    {use}
"""
    assert verifying(code).one(facts.Verification, signature="skipped").trusted is trusted


@pytest.mark.parametrize(
    "key",
    ["jwt.PyJWKClient(URL).get_signing_key_from_jwt(token).key", "requests.get(URL).json()['keys'][0]", "jwks_key(token)"],
)
def test_a_token_whose_key_is_fetched_is_another_issuer_s(key: str) -> None:
    code = f"""
import requests

URL = "https://login.example.com/.well-known/jwks.json"


def jwks_key(token):
    keys = requests.get(URL, timeout=5).json()
    return keys[jwt.get_unverified_header(token)["kid"]]


def current_user():
    token = token_of_request()
    claims = jwt.decode(token, {key}, algorithms=["RS256"], audience="shop", issuer="https://login.example.com")
    return User.query.filter_by(subject=claims["sub"]).first()
"""
    verification = verifying(code).one(facts.Verification)
    assert (verification.purpose, verification.external_issuer) == ("federation", True)


SCHEME = """
import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm
from models import User, denylist, refresh_rows

app = FastAPI()
scheme = OAuth2PasswordBearer(tokenUrl="login")


def opened(token):
    return jwt.decode(token, KEY, algorithms=["HS256"])


@app.post("/login")
async def login(form: OAuth2PasswordRequestForm = Depends()):
    user = await User.by_name(form.username)
    if user is None or not verify_password(form.password, user.hashed_password):
        raise HTTPException(401)
    return {"access_token": jwt.encode({"sub": user.name}, KEY, algorithm="HS256")}


async def current_user(token: str = Depends(scheme)):
    {check}
    return await User.by_name(opened(token)["sub"])


async def user_who_refreshes(token: str = Depends(scheme)):
    if await refresh_rows.get(token) is None:
        raise HTTPException(401)
    return await User.by_name(opened(token)["sub"])


@app.get("/me")
async def me(user=Depends(current_user)):
    return {"name": user.name}


@app.post("/refresh")
async def again(user=Depends(user_who_refreshes)):
    return {"access_token": jwt.encode({"sub": user.name}, KEY, algorithm="HS256")}
"""


@pytest.mark.parametrize(
    ("check", "ended"), [("if await denylist.exists(f'denied:{token}'):\n        raise HTTPException(401)", True), ("", False)]
)
def test_a_token_that_the_framework_takes_from_the_header_is_looked_up(check: str, ended: bool) -> None:
    """By the access token's way: that refresh tokens are looked up says nothing of it."""
    program = Program({"app.py": SCHEME.replace("{check}", check)})
    assert {one.revocation != "none" for one in program.all(facts.Verification)} == {ended}


def test_a_token_s_row_may_be_asked_for_through_a_function_that_runs_statements() -> None:
    found = Program(
        {"app.py": """
import jwt
from flask import Flask, abort, g, jsonify, request

from database import Database, config

app = Flask(__name__)


@app.post("/login")
def login():
    user = Database().one("SELECT * FROM users WHERE name = ?", [request.json["name"]])
    if not check(request.json["password"], user["password_hash"]):
        abort(401)
    token = jwt.encode({"user_id": user["id"], "exp": later()}, config.KEY, algorithm="HS256")
    Database().run("INSERT INTO logins (jwt_token, user_id) VALUES (?, ?)", [token, user["id"]])
    return jsonify(token=token)


@app.before_request
def load_user():
    token = request.cookies["token"]
    claims = jwt.decode(token, config.KEY, algorithms=["HS256"])
    if not Database().one("SELECT 1 FROM logins WHERE jwt_token = ?", [token]):
        abort(401)
    g.user_id = claims["user_id"]


@app.post("/logout")
def logout():
    Database().run("UPDATE logins SET jwt_token = NULL WHERE jwt_token = ?", [request.cookies["token"]])
    return "", 204
""", "database.py": """
import sqlite3


class Database:
    def __init__(self):
        self.connection = sqlite3.connect(config.PATH)

    def run(self, query, arguments=None):
        with self.connection as connection:
            return connection.execute(query, arguments)

    def one(self, query, arguments=None):
        return self.run(query, arguments).fetchone()
"""}
    )
    assert found.one(facts.Verification).revocation == "allowlist"
    (lookup,) = found.all(facts.Lookup)
    assert (lookup.kind, lookup.place.path, lookup.place.line) == ("allowlist", "app.py", 23)
    assert found.one(facts.Handler, role="logout").revokes
