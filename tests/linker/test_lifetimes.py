"""How long a token lives is read through whatever sets it, and the finding points at what somebody would change.

A comment ``# lives:`` stands at the value that sets the lifetime and gives it in seconds.
"""

from __future__ import annotations

import pytest
from programs import Program

from jwtlint.facts import lifecycle as facts

HEAD = """
import calendar
import os
import time
from datetime import UTC, datetime, timedelta, timezone

import jwt
from flask import Flask, abort, current_app, jsonify, request

from models import User

app = Flask(__name__)
KEY = os.environ["KEY"]
"""
LOGIN = """

@app.post("/login")
def login():
    user = User.query.filter_by(name=request.json["name"]).first()
    if user is None or not user.check_password(request.json["password"]):
        abort(401)
    return jsonify(access_token=sign(user))
"""
USER = """
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String)
    password_hash = db.Column(db.String)
"""


def signing(code: str, **others: str) -> Program:
    """The application whose login calls the ``sign(user)`` that ``code`` defines."""
    return Program({"app.py": HEAD + code + LOGIN, "models.py": USER, **{f"{name}.py": text for name, text in others.items()}})


def sign(expiry: str) -> str:
    """A ``sign`` function with this ``exp``."""
    return f"def sign(user):\n    return jwt.encode({{'sub': str(user.id), 'exp': {expiry}}}, KEY)\n"


def check(found: Program) -> None:
    """The token lives as long as the comments say, by the value at which they stand."""
    mint = found.one(facts.Mint)
    assert mint.expiry == "set"
    assert mint.lifetime_place is not None
    place = mint.lifetime_place
    assert [(str(mint.lifetime), place.path, place.line)] == found.marked("lives")


@pytest.mark.parametrize(
    ("expiry", "seconds"),
    [
        ("datetime.utcnow() + timedelta(days=7)", 604_800),
        ("datetime.now(timezone.utc) + timedelta(hours=1, minutes=30)", 5_400),
        ("datetime.now(tz=UTC) + timedelta(0, 90)", 90),
        ("timedelta(weeks=2) + datetime.now(UTC)", 1_209_600),
        ("datetime.now(UTC) + timedelta(days=1) * 30", 2_592_000),
        ("datetime.now(UTC) + 30 * timedelta(days=1)", 2_592_000),
        ("(datetime.now(UTC) + timedelta(hours=8)).timestamp()", 28_800),
        ("int((datetime.now(UTC) + timedelta(hours=8)).timestamp())", 28_800),
        ("calendar.timegm((datetime.utcnow() + timedelta(hours=8)).utctimetuple())", 28_800),
        ("time.time() + 3600", 3_600),
        ("int(time.time()) + 60 * 60 * 24", 86_400),
        ("int(time.time() + 2 ** 3 * 450)", 3_600),
        ("round(time.time()) + timedelta(days=1).total_seconds()", 86_400),
        ("datetime.now(UTC) + timedelta(minutes=float('90'))", 5_400),
    ],
)
def test_an_expiry_in_line(expiry: str, seconds: int) -> None:
    mint = signing(sign(expiry)).one(facts.Mint)
    assert (mint.expiry, mint.lifetime) == ("set", seconds)


LIFETIMES = {
    "a timedelta in line": """
def sign(user):
    expires = datetime.now(UTC) + timedelta(days=7)  # lives: 604800
    return jwt.encode({"sub": str(user.id), "exp": expires}, KEY)
""",
    "a constant that is a timedelta": """
LIFETIME = timedelta(days=7)  # lives: 604800


def sign(user):
    return jwt.encode({"sub": str(user.id), "exp": datetime.now(UTC) + LIFETIME}, KEY)
""",
    "a constant number of minutes": """
MINUTES = 60 * 24 * 8  # lives: 691200


def sign(user):
    return jwt.encode({"sub": str(user.id), "exp": datetime.now(UTC) + timedelta(minutes=MINUTES)}, KEY)
""",
    "constants made of constants": """
MINUTE = 60
HOUR = 60 * MINUTE
LIFETIME = 12 * HOUR  # lives: 43200


def sign(user):
    now = int(time.time())
    return jwt.encode({"sub": str(user.id), "iat": now, "exp": now + LIFETIME}, KEY)
""",
    "an item that is assigned": """
def sign(user):
    claims = {"sub": str(user.id)}
    claims["exp"] = datetime.now(UTC) + timedelta(hours=3)  # lives: 10800
    return jwt.encode(claims, KEY)
""",
    "an optional argument that the caller gives": """
def create_access_token(data, expires_delta=None):
    to_encode = data.copy()
    if expires_delta:
        expire = datetime.now(UTC) + expires_delta
    else:
        expire = datetime.now(UTC) + timedelta(minutes=15)
    to_encode.update({"exp": expire})
    return jwt.encode(to_encode, KEY)


def sign(user):
    return create_access_token({"sub": str(user.id)}, expires_delta=timedelta(days=2))  # lives: 172800
""",
    "an optional argument that the caller leaves out": """
def create_access_token(data, expires_delta: timedelta | None = None):
    to_encode = data.copy()
    if expires_delta is not None:
        expire = datetime.now(UTC) + expires_delta
    else:
        expire = datetime.now(UTC) + timedelta(minutes=15)  # lives: 900
    return jwt.encode({**to_encode, "exp": expire}, KEY)


def sign(user):
    return create_access_token({"sub": str(user.id)})
""",
    "a parameter's default": """
def make(user, minutes=600):  # lives: 36000
    return jwt.encode({"sub": str(user.id), "exp": datetime.now(UTC) + timedelta(minutes=minutes)}, KEY)


def sign(user):
    return make(user)
""",
    "an environment variable's default": """
MINUTES = int(os.getenv("TOKEN_MINUTES", "1440"))  # lives: 86400


def sign(user):
    return jwt.encode({"sub": str(user.id), "exp": datetime.now(UTC) + timedelta(minutes=MINUTES)}, KEY)
""",
    "the default of os.environ.get": """
def sign(user):
    seconds = int(os.environ.get("TOKEN_SECONDS", 7200))  # lives: 7200
    return jwt.encode({"sub": str(user.id), "exp": int(time.time()) + seconds}, KEY)
""",
    "an environment variable or a number": """
MINUTES = int(os.environ.get("TOKEN_MINUTES") or 120)  # lives: 7200


def sign(user):
    return jwt.encode({"sub": str(user.id), "exp": datetime.now(UTC) + timedelta(minutes=MINUTES)}, KEY)
""",
    "a class attribute": """
class Tokens:
    lifetime = timedelta(days=30)  # lives: 2592000

    def make(self, user):
        return jwt.encode({"sub": str(user.id), "exp": datetime.now(UTC) + self.lifetime}, KEY)


def sign(user):
    return Tokens().make(user)
""",
    "an argument of the constructor": """
class Tokens:
    def __init__(self, lifetime):
        self.lifetime = lifetime

    def make(self, user):
        return jwt.encode({"sub": str(user.id), "exp": datetime.now(UTC) + self.lifetime}, KEY)


tokens = Tokens(lifetime=timedelta(hours=10))  # lives: 36000


def sign(user):
    return tokens.make(user)
""",
    "the longer of two": """
def sign(user):
    lifetime = timedelta(days=30) if request.json.get("remember") else timedelta(minutes=30)  # lives: 2592000
    return jwt.encode({"sub": str(user.id), "exp": datetime.now(UTC) + lifetime}, KEY)
""",
}


@pytest.mark.parametrize("name", LIFETIMES)
def test_a_lifetime_through(name: str) -> None:
    check(signing(LIFETIMES[name]))


# -- settings ----------------------------------------------------------------------------------------------------------

BY_ATTRIBUTE = """
from config import settings


def sign(user):
    expires = datetime.now(UTC) + timedelta(minutes=settings.TOKEN_MINUTES)
    return jwt.encode({"sub": str(user.id), "exp": expires}, KEY)
"""
SETTINGS = {
    "pydantic settings": """
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    TOKEN_MINUTES: int = 60 * 24 * 8  # lives: 691200


settings = Settings()
""",
    "pydantic settings with Field": """
from pydantic import Field
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    TOKEN_MINUTES: int = Field(default=600, alias="ACCESS_MINUTES")  # lives: 36000


settings = Settings()
""",
    "pydantic settings with Field by position": """
from pydantic import BaseSettings, Field


class Settings(BaseSettings):
    TOKEN_MINUTES: int = Field(600, env="ACCESS_MINUTES")  # lives: 36000


settings = Settings()
""",
    "pydantic settings behind a cached function": """
from functools import lru_cache

from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    TOKEN_MINUTES: int = 600  # lives: 36000


@lru_cache
def get_settings() -> Settings:
    return Settings()


settings = get_settings()
""",
    "a plain class that reads the environment": """
import os


class Settings:
    TOKEN_MINUTES = int(os.getenv("TOKEN_MINUTES", 600))  # lives: 36000


settings = Settings()
""",
    "a dataclass": """
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    TOKEN_MINUTES: int = 600  # lives: 36000


settings = Settings()
""",
    "decouple": """
from decouple import config


class settings:
    TOKEN_MINUTES = config("TOKEN_MINUTES", default=600, cast=int)  # lives: 36000
""",
    "environs": """
from environs import Env

env = Env()


class settings:
    TOKEN_MINUTES = env.int("TOKEN_MINUTES", 600)  # lives: 36000
""",
    "starlette's Config": """
from starlette.config import Config

config = Config(".env")


class settings:
    TOKEN_MINUTES = config("TOKEN_MINUTES", cast=int, default=600)  # lives: 36000
""",
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_lifetime_from(name: str) -> None:
    check(signing(BY_ATTRIBUTE, config=SETTINGS[name]))


def test_a_lifetime_from_a_settings_module() -> None:
    code = BY_ATTRIBUTE.replace("from config import settings", "import settings")
    check(signing(code, settings="TOKEN_MINUTES = 600  # lives: 36000\n"))


FLASK = """
def sign(user):
    expires = datetime.now(UTC) + current_app.config["TOKEN_LIFETIME"]
    return jwt.encode({"sub": str(user.id), "exp": expires}, KEY)
"""


@pytest.mark.parametrize(
    "setting",
    [
        'app.config["TOKEN_LIFETIME"] = timedelta(days=7)  # lives: 604800',
        "app.config.update(TOKEN_LIFETIME=timedelta(days=7))  # lives: 604800",
        'app.config.from_mapping({"TOKEN_LIFETIME": timedelta(days=7)})  # lives: 604800',
        'app.config.setdefault("TOKEN_LIFETIME", timedelta(days=7))  # lives: 604800',
    ],
)
def test_a_lifetime_from_flask_s_configuration(setting: str) -> None:
    check(signing(f"{setting}\n{FLASK}"))


def test_a_lifetime_from_a_configuration_class_that_is_named_in_a_string() -> None:
    classes = """
from datetime import timedelta


class Config:
    TOKEN_LIFETIME = timedelta(days=7)  # lives: 604800


class TestConfig(Config):
    TOKEN_LIFETIME = timedelta(days=365)
"""
    check(signing('app.config.from_object("settings.Config")\n' + FLASK, settings=classes))


def test_a_lifetime_from_django_s_settings() -> None:
    check(
        Program(
            {
                "manage.py": "",
                "shop/__init__.py": "",
                "shop/settings.py": 'INSTALLED_APPS = ["people"]\nROOT_URLCONF = "shop.urls"\nTOKEN_DAYS = 14  # lives: 1209600\n',
                "shop/urls.py": 'from django.urls import path\nfrom people import views\nurlpatterns = [path("login/", views.login)]\n',
                "people/__init__.py": "",
                "people/views.py": """
                    from datetime import datetime, timedelta, timezone

                    import jwt
                    from django.conf import settings
                    from django.contrib.auth import authenticate
                    from django.http import JsonResponse


                    def login(request):
                        user = authenticate(request, username=request.POST["name"], password=request.POST["password"])
                        if user is None:
                            return JsonResponse({}, status=401)
                        expires = datetime.now(timezone.utc) + timedelta(days=settings.TOKEN_DAYS)
                        token = jwt.encode({"sub": str(user.pk), "exp": expires}, settings.SECRET_KEY)
                        return JsonResponse({"token": token})
                """,
            }
        )
    )


# -- lifetimes that a library reads ------------------------------------------------------------------------------------

EXTENDED = """
from datetime import timedelta

from flask import Flask, jsonify, request
from flask_jwt_extended import JWTManager, create_access_token

from models import User

app = Flask(__name__)
{setting}
jwt = JWTManager(app)


@app.post("/login")
def login():
    user = User.query.filter_by(name=request.json["name"]).first()
    if not user.check_password(request.json["password"]):
        return "", 401
    return jsonify(access_token=create_access_token(identity=str(user.id){argument}))
"""


def extended(setting: str = "", argument: str = "") -> facts.Mint:
    """The token of an application with Flask-JWT-Extended."""
    return Program({"app.py": EXTENDED.format(setting=setting, argument=argument), "models.py": USER}).one(facts.Mint)


@pytest.mark.parametrize(
    ("setting", "argument", "seconds"),
    [
        ("", "", 900),  # the library's own default
        ('app.config["JWT_ACCESS_TOKEN_EXPIRES"] = timedelta(days=1)', "", 86_400),
        ('app.config["JWT_ACCESS_TOKEN_EXPIRES"] = 7200', "", 7_200),
        ("", ", expires_delta=timedelta(days=3)", 259_200),
        ('app.config["JWT_ACCESS_TOKEN_EXPIRES"] = timedelta(days=1)', ", expires_delta=timedelta(minutes=5)", 300),
    ],
)
def test_a_library_s_lifetime_is_the_argument_or_the_setting_or_the_default(setting: str, argument: str, seconds: int) -> None:
    mint = extended(setting, argument)
    assert (mint.expiry, mint.lifetime) == ("set", seconds)


@pytest.mark.parametrize(("setting", "argument"), [('app.config["JWT_ACCESS_TOKEN_EXPIRES"] = False', ""), ("", ", expires_delta=False")])
def test_a_library_s_expiry_can_be_switched_off(setting: str, argument: str) -> None:
    assert extended(setting, argument).expiry == "missing"


# -- no lifetime -------------------------------------------------------------------------------------------------------


def test_a_payload_without_exp_never_ends() -> None:
    assert signing("def sign(user):\n    return jwt.encode({'sub': str(user.id)}, KEY)\n").one(facts.Mint).expiry == "missing"


def test_a_payload_of_which_not_all_is_known_may_end() -> None:
    code = "def sign(user):\n    return jwt.encode({'sub': str(user.id), **elsewhere(user)}, KEY)\n"
    assert signing("from elsewhere import elsewhere\n\n" + code).one(facts.Mint).expiry == "unknown"


def test_an_expiry_whose_time_cannot_be_told_has_no_lifetime() -> None:
    mint = signing(sign("user.membership_ends")).one(facts.Mint)
    assert (mint.expiry, mint.lifetime) == ("set", None)


def test_access_and_refresh_token_of_one_function_have_a_lifetime_each() -> None:
    found = signing(
        """
def make(user, kind, lifetime):
    return jwt.encode({"sub": str(user.id), "type": kind, "exp": datetime.now(UTC) + lifetime}, KEY)


def sign(user):
    return {
        "access": make(user, "access", timedelta(minutes=10)),
        "refresh": make(user, "refresh", timedelta(days=30)),
    }
"""
    )
    assert {mint.role: mint.lifetime for mint in found.all(facts.Mint)} == {"access": 600, "refresh": 2_592_000}
