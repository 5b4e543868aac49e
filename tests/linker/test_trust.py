"""A decision that rests on a token's claim is seen however the claim gets there.

A comment ``# trusts:`` stands where a claim is read on which access depends.
"""

from __future__ import annotations

import pytest
from programs import Program, at, program

from jwtlint.facts import lifecycle as facts

FASTAPI = """
from functools import wraps
from typing import Annotated

import jwt
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm
from pydantic import BaseModel

from models import User
from settings import KEY

app = FastAPI()
bearer = OAuth2PasswordBearer(tokenUrl="login")


@app.post("/login")
def login(form: OAuth2PasswordRequestForm = Depends()):
    user = User.query.filter_by(name=form.username).first()
    if user is None or not user.check_password(form.password):
        raise HTTPException(401)
    return {"access_token": jwt.encode({"sub": str(user.id), "role": user.role, "scopes": user.scopes}, KEY)}

"""
CURRENT_CLAIMS = """
def current_claims(token: str = Depends(bearer)) -> dict:
    try:
        return jwt.decode(token, KEY, algorithms=["HS256"])
    except jwt.InvalidTokenError:
        raise HTTPException(401)

"""
FLASK = """
from functools import wraps

import jwt
from flask import Flask, abort, g, jsonify, request

from models import User
from settings import KEY

app = Flask(__name__)


@app.post("/login")
def login():
    user = User.query.filter_by(name=request.json["name"]).first()
    if user is None or not user.check_password(request.json["password"]):
        abort(401)
    return jsonify(access_token=jwt.encode({"sub": str(user.id), "role": user.role}, KEY))


def claims_of_request():
    token = request.headers["Authorization"].removeprefix("Bearer ")
    try:
        return jwt.decode(token, KEY, algorithms=["HS256"])
    except jwt.InvalidTokenError:
        abort(401)

"""
USER = """
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String)
    role = db.Column(db.String)
    password_hash = db.Column(db.String)
"""


def application(head: str, code: str) -> Program:
    return program(head + code, models=USER, settings="KEY = load()\n")


def trusted(found: Program) -> list[tuple[str, str, int]]:
    """The claims on which decisions rest, where they are read."""
    return sorted((fact.claim, *at(fact)) for fact in found.all(facts.Trust, purpose="session", fresh=False))


DEPENDENCIES = {
    "Depends as a default": """
@app.delete("/items/{item}")
def delete_item(item: int, claims: dict = Depends(current_claims)):
    if claims["role"] != "admin":  # trusts: role
        raise HTTPException(403)
""",
    "Annotated": """
@app.delete("/items/{item}")
def delete_item(item: int, claims: Annotated[dict, Depends(current_claims)]):
    if claims.get("role") != "admin":  # trusts: role
        raise HTTPException(403)
""",
    "a name for Annotated": """
Claims = Annotated[dict, Depends(current_claims)]


@app.delete("/items/{item}")
def delete_item(item: int, claims: Claims):
    if claims.get("role") not in ("admin", "owner"):  # trusts: role
        raise HTTPException(403)
""",
    "a dependency of a dependency": """
def admin_only(claims: dict = Depends(current_claims)):
    if claims["role"] != "admin":  # trusts: role
        raise HTTPException(403)
    return claims


@app.delete("/items/{item}", dependencies=[Depends(admin_only)])
def delete_item(item: int):
    return {}
""",
    "a dependency that a function makes": """
def require(role: str):
    def check(claims: dict = Depends(current_claims)):
        if claims["role"] != role:  # trusts: role
            raise HTTPException(403)

    return check


@app.delete("/items/{item}", dependencies=[Depends(require("admin"))])
def delete_item(item: int):
    return {}
""",
    "a dependency that is an object": """
class Require:
    def __init__(self, *roles):
        self.roles = roles

    def __call__(self, claims: dict = Depends(current_claims)):
        if claims["role"] not in self.roles:  # trusts: role
            raise HTTPException(403)


@app.delete("/items/{item}", dependencies=[Depends(Require("admin"))])
def delete_item(item: int):
    return {}
""",
    "a model filled from the claims": """
class Caller(BaseModel):
    sub: str
    role: str


def current_caller(claims: dict = Depends(current_claims)) -> Caller:
    return Caller(**claims)


@app.delete("/items/{item}")
def delete_item(item: int, caller: Caller = Depends(current_caller)):
    if caller.role != "admin":  # trusts: role
        raise HTTPException(403)
""",
    "a model filled claim by claim": """
class Caller(BaseModel):
    sub: str
    role: str


def current_caller(claims: dict = Depends(current_claims)) -> Caller:
    return Caller(sub=claims["sub"], role=claims.get("role", "user"))  # trusts: role


@app.delete("/items/{item}")
def delete_item(item: int, caller: Caller = Depends(current_caller)):
    if caller.role != "admin":
        raise HTTPException(403)
""",
    "a variable": """
@app.delete("/items/{item}")
def delete_item(item: int, claims: dict = Depends(current_claims)):
    role = claims.get("role")  # trusts: role
    if role != "admin":
        raise HTTPException(403)
""",
    "membership": """
@app.get("/reports")
def reports(claims: dict = Depends(current_claims)):
    if "reports:read" not in claims["scopes"]:  # trusts: scopes
        raise HTTPException(403)
""",
    "any of several": """
@app.get("/reports")
def reports(claims: dict = Depends(current_claims)):
    if not any(scope in ("reports:read", "all") for scope in claims["scopes"]):  # trusts: scopes
        raise HTTPException(403)
""",
    "a helper that answers yes or no": """
def is_admin(claims: dict) -> bool:
    return claims["role"] == "admin"  # trusts: role


@app.delete("/items/{item}")
def delete_item(item: int, claims: dict = Depends(current_claims)):
    if not is_admin(claims):
        raise HTTPException(403)
""",
}


@pytest.mark.parametrize("name", DEPENDENCIES)
def test_a_claim_is_trusted_through(name: str) -> None:
    found = application(FASTAPI + CURRENT_CLAIMS, DEPENDENCIES[name])
    assert trusted(found) == found.marked("trusts")


MIDDLEWARE = """
@app.middleware("http")
async def identify(request: Request, call_next):
    request.state.claims = jwt.decode(request.cookies["token"], KEY, algorithms=["HS256"])
    return await call_next(request)


@app.delete("/items/{item}")
def delete_item(item: int, request: Request):
    if request.state.claims["role"] != "admin":  # trusts: role
        raise HTTPException(403)
"""


def test_a_claim_is_trusted_through_the_request_s_state() -> None:
    found = application(FASTAPI, MIDDLEWARE)
    assert trusted(found) == found.marked("trusts")


def test_a_middleware_beside_a_dependency_verifies_sessions_too() -> None:
    found = application(FASTAPI + CURRENT_CLAIMS, DEPENDENCIES["a variable"] + MIDDLEWARE)
    assert {one.function for one in found.all(facts.Verification, purpose="session")} == {"app.py::current_claims", "app.py::identify"}


DECORATORS = {
    "a decorator that hands the claims over": """
def with_claims(view):
    @wraps(view)
    def wrapper(*args, **kwargs):
        return view(claims_of_request(), *args, **kwargs)

    return wrapper


@app.delete("/items/<int:item>")
@with_claims
def delete_item(claims, item):
    if claims["role"] != "admin":  # trusts: role
        abort(403)
""",
    "a decorator that hands the claims over by keyword": """
def with_claims(view):
    @wraps(view)
    def wrapper(*args, **kwargs):
        kwargs["claims"] = claims_of_request()
        return view(*args, **kwargs)

    return wrapper


@app.delete("/items/<int:item>")
@with_claims
def delete_item(item, claims):
    if claims["role"] != "admin":  # trusts: role
        abort(403)
""",
    "a decorator that puts the claims into g": """
def login_required(view):
    @wraps(view)
    def wrapper(*args, **kwargs):
        g.claims = claims_of_request()
        return view(*args, **kwargs)

    return wrapper


@app.delete("/items/<int:item>")
@login_required
def delete_item(item):
    if g.claims.get("role") != "admin":  # trusts: role
        abort(403)
""",
    "a decorator that decides": """
def role_required(role):
    def decorator(view):
        @wraps(view)
        def wrapper(*args, **kwargs):
            if claims_of_request()["role"] != role:  # trusts: role
                abort(403)
            return view(*args, **kwargs)

        return wrapper

    return decorator


@app.delete("/items/<int:item>")
@role_required("admin")
def delete_item(item):
    return "", 204
""",
    "a function that runs before each request": """
@app.before_request
def identify():
    if request.endpoint != "login":
        g.role = claims_of_request()["role"]  # trusts: role


@app.delete("/items/<int:item>")
def delete_item(item):
    if g.role != "admin":
        abort(403)
""",
    "an object made from the claims": """
class Caller:
    def __init__(self, claims):
        self.id = claims["sub"]
        self.role = claims["role"]  # trusts: role

    @property
    def is_admin(self):
        return self.role == "admin"


@app.delete("/items/<int:item>")
def delete_item(item):
    caller = Caller(claims_of_request())
    if not caller.is_admin:
        abort(403)
""",
}


@pytest.mark.parametrize("name", DECORATORS)
def test_a_claim_is_trusted_by_way_of(name: str) -> None:
    found = application(FLASK, DECORATORS[name])
    assert trusted(found) == found.marked("trusts")


SILENT = {
    "the user's row decides": """
@app.delete("/items/<int:item>")
def delete_item(item):
    user = User.query.get(claims_of_request()["sub"])
    if user.role != "admin":
        abort(403)
""",
    "a decorator hands the user over, whose row decides": """
def with_user(view):
    @wraps(view)
    def wrapper(*args, **kwargs):
        user = User.query.get(claims_of_request()["sub"])
        return view(user, *args, **kwargs)

    return wrapper


@app.delete("/items/<int:item>")
@with_user
def delete_item(user, item):
    if user.role != "admin":
        abort(403)
""",
    "the user's row is put into g, and decides": """
@app.before_request
def identify():
    g.user = User.query.get(claims_of_request()["sub"])


@app.delete("/items/<int:item>")
def delete_item(item):
    if g.user.role != "admin":
        abort(403)
""",
    "the claim is only shown": """
@app.get("/me")
def me():
    claims = claims_of_request()
    return jsonify(id=claims["sub"], role=claims["role"])
""",
    "an identifier is compared": """
@app.get("/users/<int:user_id>")
def show(user_id):
    if claims_of_request()["sub"] != str(user_id):
        abort(404)
    return jsonify(id=user_id)
""",
    "the type of the token is checked": """
@app.get("/me")
def me():
    if claims_of_request().get("type") != "access":
        abort(401)
    return "", 204
""",
    "the role comes from the request's body": """
@app.post("/invite")
def invite():
    claims_of_request()
    if request.json["role"] == "admin":
        abort(403)
    return "", 204
""",
}


@pytest.mark.parametrize("name", SILENT)
def test_nothing_is_trusted_where(name: str) -> None:
    assert trusted(application(FLASK, SILENT[name])) == []


def test_a_decision_that_also_asks_the_row_is_fresh() -> None:
    found = application(
        FLASK,
        """
@app.delete("/items/<int:item>")
def delete_item(item):
    claims = claims_of_request()
    user = User.query.get(claims["sub"])
    if claims["role"] != "admin" or user.role != "admin":
        abort(403)
""",
    )
    assert trusted(found) == []


def test_the_trace_leads_from_the_verification_to_the_decision() -> None:
    found = application(FASTAPI + CURRENT_CLAIMS, DEPENDENCIES["a variable"])
    trust = found.one(facts.Trust)
    verified, read, decided = trust.trace
    assert [reason.place is not None for reason in trust.trace] == [True, True, True]
    assert verified.place == found.one(facts.Verification).place
    assert read.place == trust.place
    assert decided.place is not None and decided.place.line == trust.place.line + 1
