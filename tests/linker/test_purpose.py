"""What a token is for, and the evidence for it: the catalogue's purposes, one small program for each kind of evidence."""

from __future__ import annotations

import pytest
from programs import Program, program

from jwtlint.facts import lifecycle as facts

FLASK = """
import os
from datetime import datetime, timedelta, timezone

import jwt
import requests
from flask import Flask, abort, jsonify, redirect, render_template, request, url_for
from flask_mail import Mail, Message

from models import Invitation, User

app = Flask(__name__)
mail = Mail(app)
KEY = os.environ["KEY"]


def later(minutes=30):
    return datetime.now(timezone.utc) + timedelta(minutes=minutes)

"""
MODELS = """
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String)
    email = db.Column(db.String)
    password_hash = db.Column(db.String)


class Invitation(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    email = db.Column(db.String)
"""


def minted(code: str) -> facts.Mint:
    """The only token that the program mints."""
    found = program(FLASK + code, models=MODELS).all(facts.Mint)
    assert len({(mint.place, mint.purpose) for mint in found}) == 1
    return found[0]


def judged(mint: facts.Mint | facts.Verification) -> tuple[str, str]:
    """A purpose, and its evidence in one text."""
    return mint.purpose, "; ".join(reason.text for reason in mint.reasons)


# -- session -----------------------------------------------------------------------------------------------------------

SESSION = {
    "minted where a password is checked": (
        """
@app.post("/login")
def login():
    user = User.query.filter_by(name=request.json["name"]).first()
    if user is None or not user.check_password(request.json["password"]):
        abort(401)
    return jsonify(token=jwt.encode({"sub": str(user.id), "exp": later()}, KEY))
""",
        ["it is minted in the handler login", "a password is checked", "its claim sub names a user"],
    ),
    "minted at sign-up": (
        """
@app.post("/users")
def register():
    user = User(**request.json)
    return jsonify(token=jwt.encode({"user_id": user.id, "exp": later()}, KEY))
""",
        ["it is minted in the handler register"],
    ),
    "minted after another's login": (
        """
@app.get("/auth/google/callback")
def google_callback():
    profile = requests.get("https://openidconnect.googleapis.com/v1/userinfo").json()
    user = User.query.filter_by(email=profile["email"]).first()
    response = redirect("/")
    response.set_cookie("token", jwt.encode({"sub": str(user.id), "exp": later()}, KEY), httponly=True)
    return response
""",
        ["it is minted in the handler google_callback"],
    ),
    "minted at refresh": (
        """
@app.post("/token/refresh")
def renew():
    claims = jwt.decode(request.json["refresh"], KEY, algorithms=["HS256"])
    return jsonify(access=jwt.encode({"sub": claims["sub"], "exp": later()}, KEY))
""",
        ["it is minted in the handler renew"],
    ),
    "minted by a wrapper with a telling name": (
        """
def create_access_token(user):
    return jwt.encode({"sub": str(user.id), "type": "access", "exp": later()}, KEY)


@app.post("/login")
def sign_in():
    user = User.query.filter_by(name=request.json["name"]).first()
    return jsonify(access_token=create_access_token(user))
""",
        ["the name create_access_token is that of a login's token", "a claim says that it is for access"],
    ),
    "turned into the current user by the verifier": (
        """
def encode_auth_token(user_id):
    return jwt.encode({"sub": user_id, "exp": later()}, KEY)


def current_user():
    claims = jwt.decode(request.headers["Authorization"].split()[1], KEY, algorithms=["HS256"])
    return User.query.get(claims["sub"])


@app.get("/orders")
def orders():
    return jsonify(current_user().name)


@app.post("/login")
def login():
    user = User.query.filter_by(name=request.json["name"]).first()
    return jsonify(token=encode_auth_token(user.id))
""",
        ["the application takes the current user from such tokens"],
    ),
}


@pytest.mark.parametrize("name", SESSION)
def test_a_session_is(name: str) -> None:
    code, expected = SESSION[name]
    purpose, evidence = judged(minted(code))
    assert purpose == "session"
    for reason in expected:
        assert reason in evidence


# -- one-time ----------------------------------------------------------------------------------------------------------

ONE_TIME = {
    "a link in a mail to reset the password": (
        """
@app.post("/password/forgot")
def forgot_password():
    user = User.query.filter_by(email=request.json["email"]).first()
    token = jwt.encode({"sub": str(user.id), "exp": later()}, KEY)
    mail.send(Message("Reset", recipients=[user.email], body=url_for("reset", token=token, _external=True)))
    return "", 204
""",
        ["forgot_password", "it is sent by mail"],
    ),
    "a claim that says what it is for": (
        """
def make_token(user):
    return jwt.encode({"sub": str(user.id), "purpose": "email-verification", "exp": later()}, KEY)


@app.post("/users")
def create_user():
    user = User(**request.json)
    welcome(user, make_token(user))
    return "", 201
""",
        ["a claim says that it is for verification", "it carries the claim purpose"],
    ),
    "a name that says what it is for": (
        """
def invitation_token(invitation):
    return jwt.encode({"invitation_id": invitation.id, "exp": later()}, KEY)


@app.post("/invitations")
def invite():
    invitation = Invitation(email=request.json["email"])
    return jsonify(url="https://shop.example/join/" + invitation_token(invitation))
""",
        ["the name invitation_token speaks of invitation", "it carries invitation_id"],
    ),
    "a link by which to sign in": (
        """
@app.post("/magic-link")
def send_magic_link():
    user = User.query.filter_by(email=request.json["email"]).first()
    magic_token = jwt.encode({"sub": str(user.id), "exp": later()}, KEY)
    mail.send(Message("Sign in", recipients=[user.email], body=f"https://shop.example/magic/{magic_token}"))
    return "", 204
""",
        ["speaks of magic", "it is sent by mail"],
    ),
    "a download's address": (
        """
@app.get("/photos/<int:photo_id>/link")
def download_link(photo_id):
    token = jwt.encode({"file_id": photo_id, "exp": later()}, KEY)
    return jsonify(url=f"https://cdn.example/photos?token={token}")
""",
        ["speaks of download", "it carries file_id"],
    ),
    "the state of an OAuth request": (
        """
@app.get("/login/gitlab")
def start():
    state = jwt.encode({"next": request.args["next"], "nonce": os.urandom(8).hex(), "exp": later(10)}, KEY)
    return redirect(f"https://gitlab.example/oauth/authorize?state={state}")
""",
        ["the name state speaks of state", "it carries next"],
    ),
}


@pytest.mark.parametrize("name", ONE_TIME)
def test_a_one_time_token_is(name: str) -> None:
    code, expected = ONE_TIME[name]
    purpose, evidence = judged(minted(code))
    assert purpose == "one-time"
    for reason in expected:
        assert reason in evidence


# -- service -----------------------------------------------------------------------------------------------------------

SERVICE = {
    "a call to another service": (
        """
def call_inventory(path):
    token = jwt.encode({"iss": "orders", "aud": "inventory", "exp": later(1)}, KEY)
    return requests.get(f"https://inventory.internal{path}", headers={"Authorization": f"Bearer {token}"}, timeout=5)


@app.get("/stock/<sku>")
def stock(sku):
    return call_inventory(f"/items/{sku}").json()
""",
        ["its issuer is an application and it names no user", "it is sent to another service"],
    ),
    "the token of an app at a vendor": (
        """
APP_ID = os.environ["GITHUB_APP_ID"]


def app_token():
    return jwt.encode({"iat": datetime.now(timezone.utc), "exp": later(9), "iss": APP_ID}, KEY, algorithm="RS256")


def installation_token(installation):
    url = f"https://api.github.com/app/installations/{installation}/access_tokens"
    return requests.post(url, headers={"Authorization": f"Bearer {app_token()}"}, timeout=5).json()["token"]
""",
        ["its issuer is an application and it names no user", "it is sent to another service"],
    ),
    "an assertion by which a service account gets its token": (
        """
def fetch_token():
    assertion = jwt.encode(
        {"iss": os.environ["CLIENT_EMAIL"], "scope": "messaging", "aud": "https://oauth2.example/token", "exp": later(60)},
        KEY,
        algorithm="RS256",
    )
    return requests.post("https://oauth2.example/token", data={"assertion": assertion}, timeout=5).json()
""",
        ["the name assertion speaks of assertion", "it is sent to another service"],
    ),
}


@pytest.mark.parametrize("name", SERVICE)
def test_a_service_s_token_is(name: str) -> None:
    code, expected = SERVICE[name]
    purpose, evidence = judged(minted(code))
    assert purpose == "service"
    for reason in expected:
        assert reason in evidence


# -- federation --------------------------------------------------------------------------------------------------------

FEDERATION = {
    "an issuer's token for a registered client": (
        """
@app.get("/.well-known/jwks.json")
def jwks():
    return jsonify(keys=[PUBLIC])


@app.post("/oauth/token")
def issue():
    user = User.query.get(request.form["code"])
    claims = {"iss": "https://id.example", "sub": str(user.id), "aud": request.form["client_id"], "nonce": "n", "exp": later()}
    return jsonify(id_token=jwt.encode(claims, KEY, algorithm="RS256"))
""",
        ["speaks of id", "the application publishes its keys"],
    ),
    "a guest's token for an embedded dashboard": (
        """
METABASE_SECRET = os.environ["METABASE_SECRET"]


@app.get("/dashboard")
def dashboard():
    token = jwt.encode({"resource": {"dashboard": 4}, "params": {}, "exp": later(10)}, METABASE_SECRET)
    return render_template("dashboard.html", url=f"https://metabase.example/embed/dashboard/{token}")
""",
        ["the key belongs to metabase"],
    ),
    "a room's token": (
        """
@app.get("/rooms/<room>/token")
def room_token(room):
    claims = {"iss": os.environ["LIVEKIT_KEY"], "sub": request.args["name"], "video": {"room": room}, "exp": later()}
    return jsonify(token=jwt.encode(claims, os.environ["LIVEKIT_SECRET"]))
""",
        ["it carries the claim", "the key belongs to livekit"],
    ),
}


@pytest.mark.parametrize("name", FEDERATION)
def test_a_token_for_others_is(name: str) -> None:
    code, expected = FEDERATION[name]
    purpose, evidence = judged(minted(code))
    assert purpose == "federation"
    for reason in expected:
        assert reason in evidence


# -- unknown, and both -------------------------------------------------------------------------------------------------


def test_a_helper_that_nobody_calls_is_for_nobody_knows_what() -> None:
    found = Program({"kit.py": "import jwt\n\ndef pack(values, key):\n    return jwt.encode(values, key, algorithm='HS256')\n"})
    assert found.one(facts.Mint).purpose == "unknown"
    assert found.lifecycle.applications == {"kit.py": False}


def test_one_wrapper_for_sessions_and_for_links_mints_sessions() -> None:
    found = program(
        FLASK
        + """
def make(user, purpose):
    return jwt.encode({"sub": str(user.id), "purpose": purpose, "exp": later()}, KEY)


@app.post("/login")
def login():
    user = User.query.filter_by(name=request.json["name"]).first()
    if not user.check_password(request.json["password"]):
        abort(401)
    return jsonify(access_token=make(user, "access"))


@app.post("/password/forgot")
def forgot_password():
    user = User.query.filter_by(email=request.json["email"]).first()
    mail.send(Message("Reset", recipients=[user.email], body=make(user, "password-reset")))
    return "", 204
""",
        models=MODELS,
    )
    assert found.one(facts.Mint).purpose == "session"
    assert [one.handler_role for one in found.all(facts.Delivery)] == ["login"]  # the link is no delivery of a session


def test_every_reason_has_its_place_in_the_program() -> None:
    found = program(FLASK + SESSION["turned into the current user by the verifier"][0], models=MODELS)
    reasons = [reason for fact in found.lifecycle.facts for reason in (*fact.reasons, *fact.trace)]
    assert reasons
    for reason in reasons:
        assert reason.place is not None
        assert 1 <= reason.place.line <= len(found.files[reason.place.path].splitlines())


def test_an_application_with_only_other_tokens_has_no_jwt_sessions() -> None:
    for code, _ in (*ONE_TIME.values(), *SERVICE.values(), *FEDERATION.values()):
        assert not any(program(FLASK + code, models=MODELS).lifecycle.applications.values())


# -- verifications -----------------------------------------------------------------------------------------------------


def test_the_verifier_of_a_link_is_not_that_of_a_session() -> None:
    found = program(
        FLASK
        + ONE_TIME["a link in a mail to reset the password"][0]
        + """

@app.post("/password/reset/<token>")
def reset(token):
    claims = jwt.decode(token, KEY, algorithms=["HS256"])
    user = User.query.get(claims["sub"])
    user.set_password(request.json["password"])
    return "", 204
""",
        models=MODELS,
    )
    assert found.one(facts.Verification).purpose == "one-time"


def test_the_verifier_of_a_session_turns_it_into_the_current_user() -> None:
    found = program(FLASK + SESSION["turned into the current user by the verifier"][0], models=MODELS)
    purpose, evidence = judged(found.one(facts.Verification))
    assert purpose == "session"
    assert "current_user turns it into the current user" in evidence


def test_a_verifier_of_user_tokens_that_are_minted_elsewhere_is_federation() -> None:
    found = program(
        FLASK
        + """
def current_user():
    claims = jwt.decode(request.headers["Authorization"].split()[1], KEY, algorithms=["HS256"])
    return User.query.get(claims["sub"])


@app.get("/orders")
def orders():
    return jsonify(current_user().name)
""",
        models=MODELS,
    )
    purpose, evidence = judged(found.one(facts.Verification))
    assert purpose == "federation"
    assert "the application mints no such token" in evidence
    assert not any(found.lifecycle.applications.values())


def purpose_beside_sessions(handler: str) -> str:
    """What the last verification is for, in an application whose sessions are JWTs."""
    text = FLASK + SESSION["turned into the current user by the verifier"][0] + handler
    return program(text, models=MODELS).all(facts.Verification)[-1].purpose


@pytest.mark.parametrize(
    ("source", "purpose"),
    [('cookies["token"]', "session"), ('cookies["oauth_state"]', "unknown"), ('form["t"]', "unknown")],
)
def test_what_one_handler_verifies_is_a_session_where_it_comes_in_a_cookie(source: str, purpose: str) -> None:
    handler = f"""

@app.get("/orders")
def orders():
    claims = jwt.decode(request.{source}, KEY, algorithms=["HS256"])
    return jsonify(User.query.get(claims["sub"]).name)
"""
    assert purpose_beside_sessions(handler) == purpose


@pytest.mark.parametrize(("path", "purpose"), [("/verify-email", "one-time"), ("/verify", "unknown")])
def test_the_verifier_of_an_address_is_not_that_of_a_session(path: str, purpose: str) -> None:
    handler = f"""

@app.get("{path}")
def check():
    claims = jwt.decode(request.args["token"], KEY, algorithms=["HS256"])
    user = User.query.get(claims["sub"])
    user.checked = True
    return "", 204
"""
    assert purpose_beside_sessions(handler) == purpose
