"""What each recipe makes of code as people write it: the line before, and the line after."""

from __future__ import annotations

from textwrap import dedent

import pytest
from mending import mend

FLASK = """\
import os
from datetime import datetime, timedelta, timezone

import jwt
from flask import Flask, abort, jsonify, make_response, request

from models import User

app = Flask(__name__)
{top}

@app.post("/login")
def login():
    user = User.query.filter_by(email=request.json["email"]).first()
    if user is None or not user.check_password(request.json["password"]):
        abort(401)
    {claims}
    token = jwt.encode(claims, os.environ["SECRET_KEY"], algorithm="HS256")
    response = make_response("", 204)
    {cookie}
    return response
"""
CLAIMS = 'claims = {"sub": str(user.id), "exp": datetime.now(timezone.utc) + timedelta(minutes=10)}'
COOKIE = 'response.set_cookie("t", token, httponly=True, secure=True, samesite="Lax")'


def flask(cookie: str = COOKIE, claims: str = CLAIMS, top: str = "") -> bytes:
    return FLASK.format(cookie=cookie, claims=claims, top=top).encode()


@pytest.mark.parametrize(
    ("rule", "before", "after", "safety"),
    [
        ("JWT303", 'response.set_cookie("t", token, secure=True)', 'response.set_cookie("t", token, secure=True, httponly=True)', "safe"),
        (
            "JWT303",
            'response.set_cookie("t", token, httponly=False, secure=True)',
            'response.set_cookie("t", token, httponly=True, secure=True)',
            "unsafe",
        ),
        (
            "JWT303",
            'response.set_cookie("t", token, 600, None, "/", None, True, False)',
            'response.set_cookie("t", token, 600, None, "/", None, True, True)',
            "unsafe",
        ),
        ("JWT304", "response.set_cookie('t', token, httponly=True)", "response.set_cookie('t', token, httponly=True, secure=True)", "safe"),
        (
            "JWT304",
            'response.set_cookie("t", token, secure=(False), httponly=True)',
            'response.set_cookie("t", token, secure=(True), httponly=True)',
            "safe",
        ),
        ("JWT305", 'response.set_cookie("t", token, secure=True)', 'response.set_cookie("t", token, secure=True, samesite="Lax")', "safe"),
        (
            "JWT305",
            "response.set_cookie('t', token, samesite='None')",
            "response.set_cookie('t', token, samesite='Lax')",
            "unsafe",
        ),
    ],
)
def test_flags_of_a_cookie(rule: str, before: str, after: str, safety: str) -> None:
    files, outcome = mend({"app.py": flask(before)}, {rule})
    assert files["app.py"].decode() == flask(after).decode()
    assert [done.fix.safety for done in outcome.done] == [safety]


def test_all_flags_of_one_cookie_are_set_in_rounds() -> None:
    files, outcome = mend({"app.py": flask('response.set_cookie("t", token)')}, {"JWT303", "JWT304", "JWT305"}, unsafe=False)
    assert b'response.set_cookie("t", token, httponly=True, secure=True, samesite="Lax")' in files["app.py"]
    assert len(outcome.done) == 3


def test_a_flag_in_options_that_are_spread() -> None:
    top = 'OPTIONS = {"secure": True, "samesite": "Lax", "httponly": False}\n'
    files, _ = mend({"app.py": flask('response.set_cookie("t", token, **OPTIONS)', top=top)}, {"JWT303"})
    assert b'"httponly": True}' in files["app.py"]


def test_a_flag_in_options_that_cannot_be_seen_is_left_to_them() -> None:
    top = 'def options():\n    return {"httponly": False}\n'
    _, outcome = mend({"app.py": flask('response.set_cookie("t", token, **options())', top=top)}, {"JWT303"})
    assert not outcome.done


def test_a_flag_that_something_else_decides_is_left_to_it() -> None:
    files, outcome = mend({"app.py": flask('response.set_cookie("t", token, secure=SECURE)', top="SECURE = False\n")}, {"JWT304"})
    assert not outcome.done
    assert [left.reason for left in outcome.left] == ["the flag comes from SECURE; set it there"]
    assert b"SECURE = False" in files["app.py"]


def test_a_flag_of_a_library_is_written_beside_its_other_settings() -> None:
    app = """\
    from flask import Flask, jsonify
    from flask_jwt_extended import JWTManager, create_access_token, set_access_cookies

    app = Flask(__name__)
    app.config['JWT_TOKEN_LOCATION'] = ['cookies']  # no headers
    jwt = JWTManager(app)


    @app.post("/login")
    def login():
        response = jsonify(ok=True)
        set_access_cookies(response, create_access_token("1"))
        return response
    """
    files, outcome = mend({"app.py": dedent(app).encode()}, {"JWT304", "JWT305"})
    text = files["app.py"].decode()
    assert "app.config['JWT_TOKEN_LOCATION'] = ['cookies']  # no headers\n" in text
    assert "app.config['JWT_COOKIE_SECURE'] = True\n" in text
    assert "app.config['JWT_COOKIE_SAMESITE'] = " in text
    assert {done.fix.safety for done in outcome.done} == {"safe"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("LIFETIME = timedelta(days=7)", "LIFETIME = timedelta(hours=1)"),
        ("LIFETIME = timedelta(7)  # one week", "LIFETIME = timedelta(hours=1)"),
        ("LIFETIME = timedelta(days=7)  # in all browsers", "LIFETIME = timedelta(hours=1)  # in all browsers"),
        ("LIFETIME = timedelta(minutes=480)  # 8 小時", "LIFETIME = timedelta(hours=1)"),
        ("HOURS = 48  # hours\nLIFETIME = timedelta(hours=HOURS)", "HOURS = 1  # hours\nLIFETIME = timedelta(hours=HOURS)"),
        ("LIFETIME = timedelta(minutes=60 * 24 * 8)", "LIFETIME = timedelta(hours=1)"),
        ("# 60 minutes * 24 hours * 8 days = 8 days\nLIFETIME = timedelta(days=8)", "LIFETIME = timedelta(hours=1)"),
        ("MINUTES = 60 * 24 * 8\nLIFETIME = timedelta(minutes=MINUTES)", "MINUTES = 60\nLIFETIME = timedelta(minutes=MINUTES)"),
        ("SECONDS = 24 * 60 * 60\nLIFETIME = timedelta(seconds=SECONDS)", "SECONDS = 60 * 60\nLIFETIME = timedelta(seconds=SECONDS)"),
        ("LIFETIME = timedelta(seconds=int(os.getenv('S', '86400')))", "LIFETIME = timedelta(seconds=int(os.getenv('S', '3600')))"),
    ],
)
def test_a_lifetime_is_told_in_the_unit_of_the_value(before: str, after: str) -> None:
    claims = 'claims = {"sub": str(user.id), "exp": datetime.now(timezone.utc) + LIFETIME}'
    files, _ = mend({"app.py": flask(claims=claims, top=f"{before}\n")}, {"JWT106"})
    assert files["app.py"].decode() == flask(claims=claims, top=f"{after}\n").decode()


def test_a_lifetime_that_the_unit_cannot_tell_is_left() -> None:
    claims = 'claims = {"sub": str(user.id), "exp": datetime.now(timezone.utc) + timedelta(days=DAYS)}'
    _, outcome = mend({"app.py": flask(claims=claims, top="DAYS = 7\n")}, {"JWT106"})
    assert [left.reason for left in outcome.left] == ["the value counts days, in which 1 hour cannot be told"]


def test_an_expiry_is_added_to_claims_that_are_put_together_elsewhere() -> None:
    wrapper = "def sign(payload):\n    return jwt.encode(payload, os.environ['K'], algorithm='HS256')\n"
    code = flask(claims='claims = {"sub": str(user.id)}', top=wrapper)
    code = code.replace(b'jwt.encode(claims, os.environ["SECRET_KEY"], algorithm="HS256")', b"sign(claims)")
    files, outcome = mend({"app.py": code}, {"JWT105"})
    assert b'{**payload, "exp": datetime.now(timezone.utc) + timedelta(minutes=15)}' in files["app.py"], outcome
    assert len(outcome.done) == 1


def test_a_name_that_tells_the_lifetime_is_not_made_a_lie() -> None:
    claims = 'claims = {"sub": str(user.id), "exp": datetime.now(timezone.utc) + FIVE_YEARS}'
    _, outcome = mend({"app.py": flask(claims=claims, top="FIVE_YEARS = timedelta(days=1825)\n")}, {"JWT106"})
    assert "the name FIVE_YEARS says how long" in outcome.left[0].reason


def test_a_refresh_token_s_lifetime_is_not_made_an_access_token_s() -> None:
    claims = 'claims = {"sub": str(user.id), "exp": datetime.now(timezone.utc) + timedelta(seconds=REFRESH_SECONDS)}'
    _, outcome = mend({"app.py": flask(claims=claims, top="REFRESH_SECONDS = 86400\n")}, {"JWT106"})
    assert "REFRESH_SECONDS is a refresh token's lifetime" in outcome.left[0].reason


def test_a_measure_of_time_stays_what_it_is() -> None:
    claims = 'claims = {"sub": str(user.id), "exp": datetime.now(timezone.utc) + timedelta(seconds=ONE_DAY)}'
    _, outcome = mend({"app.py": flask(claims=claims, top="ONE_DAY = 24 * 60 * 60\n")}, {"JWT106"})
    assert "ONE_DAY is a measure of time" in outcome.left[0].reason


def test_strings_have_the_quotes_of_the_file() -> None:
    code = flask('response.set_cookie("t", token, secure=True)').replace(b'"', b"'").replace(b"import jwt", b'"""Doc."""\nimport jwt')
    files, _ = mend({"app.py": code}, {"JWT305"})
    assert b"samesite='Lax')" in files["app.py"]


def test_an_expiry_is_written_into_the_claims_and_a_line_that_gets_too_long_is_broken() -> None:
    claims = 'claims = {"sub": str(user.id)}'
    files, _ = mend({"app.py": flask(claims=claims)}, {"JWT105"})
    added = """claims = {
        "sub": str(user.id),
        "exp": datetime.now(timezone.utc) + timedelta(minutes=15),
    }"""
    assert files["app.py"].decode() == flask(claims=added).decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('SECRET = "hunter2-hunter2"', 'SECRET = os.environ["SECRET"]'),
        ('SECRET = os.getenv("APP_SECRET", "hunter2-hunter2")', 'SECRET = os.environ["APP_SECRET"]'),
        ('SECRET = os.environ.get("APP_SECRET", "hunter2-hunter2")', 'SECRET = os.environ["APP_SECRET"]'),
        ('SECRET = os.environ.get("APP_SECRET") or "hunter2-hunter2"', 'SECRET = os.environ["APP_SECRET"]'),
        ('app.config["SECRET_KEY"] = "hunter2-hunter2"\nSECRET = app.config["SECRET_KEY"]', None),
    ],
)
def test_a_key_comes_from_the_environment(before: str, after: str | None) -> None:
    code = flask(top=f"{before}\n").replace(b'os.environ["SECRET_KEY"], alg', b"SECRET, alg")
    after = after or 'app.config["SECRET_KEY"] = os.environ["SECRET_KEY"]\nSECRET = app.config["SECRET_KEY"]'
    files, outcome = mend({"app.py": code}, {"JWT404"})
    assert files["app.py"].decode() == flask(top=f"{after}\n").replace(b'os.environ["SECRET_KEY"], alg', b"SECRET, alg").decode()
    assert [done.fix.safety for done in outcome.done] == ["unsafe"]


def test_a_settings_class_that_reads_the_environment_only_loses_the_default() -> None:
    settings = b"""from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    secret: str = 'hunter2'


s = Settings()
"""
    code = flask(top="from settings import s\n").replace(b'os.environ["SECRET_KEY"], alg', b"s.secret, alg")
    files, _ = mend({"app.py": code, "settings.py": settings}, {"JWT404"})
    assert b"    secret: str\n" in files["settings.py"]
    assert files["app.py"] == code


VERIFIER = """
{header}def current(raw):
    {before}
    return User.query.get(claims["sub"])


@app.before_request
def load():
    g.user = current(request.headers["Authorization"])
"""


@pytest.mark.parametrize(
    ("rule", "before", "after"),
    [
        (
            "JWT403",
            'header = jwt.get_unverified_header(raw)\n    claims = jwt.decode(raw, KEY, algorithms=[header["alg"]])',
            'claims = jwt.decode(raw, KEY, algorithms=["HS256"])',
        ),
        ("JWT403", "claims = jwt.decode(raw, KEY)", 'claims = jwt.decode(raw, KEY, algorithms=["HS256"])'),
        ("JWT402", "claims = jwt.decode(raw, KEY, algorithms=['none', 'HS256'])", "claims = jwt.decode(raw, KEY, algorithms=['HS256'])"),
        (
            "JWT401",
            'claims = jwt.decode(raw, options={"verify_signature": False})',
            'claims = jwt.decode(raw, KEY, algorithms=["HS256"])',
        ),
        (
            "JWT401",
            'claims = jwt.decode(raw, KEY, algorithms=["HS256"], options={"verify_signature": False, "require": ["exp"]})',
            'claims = jwt.decode(raw, KEY, algorithms=["HS256"], options={"require": ["exp"]})',
        ),
        ("JWT401", "claims = jwt.decode(raw, KEY, verify=False)", 'claims = jwt.decode(raw, KEY, algorithms=["HS256"])'),
    ],
)
def test_verifiers(rule: str, before: str, after: str) -> None:
    def code(body: str) -> bytes:
        top = 'KEY = os.environ["KEY"]\n'
        start = flask(top=top).replace(b'os.environ["SECRET_KEY"], alg', b"KEY, alg").replace(b"import Flask", b"import Flask, g")
        return start + VERIFIER.format(header="", before=body).encode()

    files, outcome = mend({"app.py": code(before)}, {rule})
    assert files["app.py"].decode() == code(after).decode(), outcome


def test_the_algorithm_is_named_as_where_the_tokens_are_minted() -> None:
    code = flask(top='ALGORITHM = "HS256"\nKEY = os.environ["KEY"]\n').replace(b'"HS256")\n    r', b"ALGORITHM)\n    r")
    code = code.replace(b"import Flask", b"import Flask, g") + VERIFIER.format(header="", before="claims = jwt.decode(raw, KEY)").encode()
    files, _ = mend({"app.py": code}, {"JWT403"})
    assert b"claims = jwt.decode(raw, KEY, algorithms=[ALGORITHM])" in files["app.py"]


def test_a_claim_that_other_code_reads_is_not_left_out() -> None:
    claims = 'claims = {"sub": str(user.id), "full_name": user.full_name}'
    body = 'claims = jwt.decode(raw, "", algorithms=["HS256"])\n    print(claims["full_name"])'
    reader = VERIFIER.format(header="", before=body).encode()
    files, outcome = mend({"app.py": flask(claims=claims).replace(b"import Flask", b"import Flask, g") + reader}, {"JWT203"})
    assert not outcome.done
    assert 'the claim "full_name" is read in app.py:' in outcome.left[0].reason


def test_a_dictionary_that_is_answered_too_is_not_changed() -> None:
    claims = 'claims = {"sub": str(user.id), "full_name": user.full_name}\n    print(jsonify(claims))'
    _, outcome = mend({"app.py": flask(claims=claims)}, {"JWT203"})
    assert [left.reason for left in outcome.left] == ["claims serves for more than the token (jsonify gets it too)"]


def test_a_call_on_an_inner_line_that_gets_too_long_is_broken() -> None:
    cookie = 'response.set_cookie(\n        "a_cookie_with_a_long_name", token, httponly=True, samesite="Lax", path="/some/where"\n    )'
    files, _ = mend({"app.py": flask(cookie)}, {"JWT304"})
    assert b'(\n        "a_cookie_with_a_long_name",\n        token,\n' in files["app.py"]
    assert b"        secure=True,\n    )\n" in files["app.py"]


def test_a_required_field_of_a_settings_class() -> None:
    settings = b"""from pydantic import Field
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    secret: str = Field('hunter2', alias='APP_SECRET')


s = Settings()
"""
    code = flask(top="from settings import s\n").replace(b'os.environ["SECRET_KEY"], alg', b"s.secret, alg")
    files, outcome = mend({"app.py": code, "settings.py": settings}, {"JWT404"})
    assert b"secret: str = Field(..., alias='APP_SECRET')" in files["settings.py"], outcome


def test_a_role_goes_from_the_token_with_all_its_readers_or_not_at_all() -> None:
    claims = 'claims = {"sub": str(user.id), "role": user.role}'
    reader = """

    def admin(raw):
        claims = jwt.decode(raw, os.environ["SECRET_KEY"], algorithms=["HS256"])
        user = User.query.get(claims["sub"])
        if user is None:
            abort(401)
        if claims.get("role") != "admin":
            abort(403)
        return user


    @app.get("/admin")
    def page():
        return admin(request.headers["Authorization"]).name
    """
    code = flask(claims=claims) + dedent(reader).encode()
    files, outcome = mend({"app.py": code}, {"JWT201"})
    assert b'claims = {"sub": str(user.id)}' in files["app.py"]
    assert b'if user.role != "admin":' in files["app.py"]
    assert outcome.done[0].fix.title.endswith("and read it from the user's row")
    # without the row where the claim is read nothing is touched
    blind = code.replace(b"    user = User.query.get(claims[\"sub\"])\n    if user is None:\n        abort(401)\n", b"    user = claims\n")
    files, outcome = mend({"app.py": blind}, {"JWT201"})
    assert files["app.py"] == blind
    assert "the user's row is not loaded" in outcome.left[0].reason


def test_rights_of_flask_jwt_extended_are_read_from_the_current_user() -> None:
    app = """\
    from flask import Flask, abort, jsonify
    from flask_jwt_extended import JWTManager, create_access_token, get_jwt, jwt_required

    from models import User

    app = Flask(__name__)
    jwt = JWTManager(app)


    @jwt.user_lookup_loader
    def load(header, claims):
        return User.query.get(claims["sub"])


    @app.post("/login")
    def login():
        user = User.query.first()
        return jsonify(access_token=create_access_token(user.id, additional_claims={"role": user.role}))


    @app.get("/admin")
    @jwt_required()
    def admin():
        if get_jwt()["role"] != "admin":
            abort(403)
        return "hello"
    """
    files, outcome = mend({"app.py": dedent(app).encode()}, {"JWT201", "JWT202"})
    text = files["app.py"].decode()
    assert '    if current_user.role != "admin":' in text, outcome
    assert "from flask_jwt_extended import JWTManager, create_access_token, current_user, jwt_required" in text
    assert "create_access_token(user.id)" in text


def test_rights_of_rest_framework_are_read_from_the_request_s_user() -> None:
    serializer = """\
    from rest_framework_simplejwt.serializers import TokenObtainPairSerializer
    from rest_framework_simplejwt.views import TokenObtainPairView


    class Serializer(TokenObtainPairSerializer):
        @classmethod
        def get_token(cls, user):
            token = super().get_token(user)
            token["role"] = user.role
            return token


    class Login(TokenObtainPairView):
        serializer_class = Serializer
    """
    permission = """\
    from rest_framework.permissions import BasePermission
    from rest_framework.views import APIView


    class IsEditor(BasePermission):
        def has_permission(self, request, view):
            return request.auth["role"] == "editor"


    class Articles(APIView):
        permission_classes = [IsEditor]

        def post(self, request):
            return None
    """
    urls = """\
    from django.urls import path

    from app.permissions import Articles
    from app.serializers import Login

    urlpatterns = [path("login", Login.as_view()), path("articles", Articles.as_view())]
    """
    settings = """\
    REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework_simplejwt.authentication.JWTAuthentication"]}
    ROOT_URLCONF = "app.urls"
    """
    sources = {
        "manage.py": "",
        "app/__init__.py": "",
        "app/serializers.py": serializer,
        "app/permissions.py": permission,
        "app/urls.py": urls,
        "app/settings.py": settings,
    }
    files, outcome = mend({path: dedent(code).encode() for path, code in sources.items()}, {"JWT201"})
    assert b'return request.user.role == "editor"' in files["app/permissions.py"], outcome
    assert b'"role"' not in files["app/serializers.py"]
