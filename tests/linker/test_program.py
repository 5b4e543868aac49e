"""Where names lead across files, and which files are one application."""

from __future__ import annotations

import pytest
from programs import Program

from jwtlint.facts import lifecycle as facts

USER = """
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String)
    role = db.Column(db.String)
    password_hash = db.Column(db.String)
"""
ROUTES = """
from flask import Blueprint, abort, jsonify, request

from {models} import User
{imported}

auth = Blueprint("auth", __name__)


@auth.post("/login")
def login():
    user = User.query.filter_by(name=request.json["name"]).first()
    if user is None or not user.check_password(request.json["password"]):
        abort(401)
    return jsonify(access_token={called}({{"sub": str(user.id), "role": user.role}}))
"""
SIGN = """
import jwt as _jwt


def sign(claims, key="k"):
    return _jwt.encode(claims, key)
"""


def minted_in_login(files: dict[str, str]) -> list[tuple[str, str]]:
    """The session tokens: where they are minted, and the handler from which."""
    found = Program(files)
    return [(mint.place.path, mint.trace[0].text) for mint in found.all(facts.Mint, purpose="session")]


NAMES = {
    "an import": ("from shop.tokens import sign", "sign", {}),
    "an alias": ("from shop.tokens import sign as make_token", "make_token", {}),
    "a module": ("import shop.tokens", "shop.tokens.sign", {}),
    "a module under another name": ("import shop.tokens as tk", "tk.sign", {}),
    "a submodule": ("from shop import tokens", "tokens.sign", {}),
    "a relative import": ("from .tokens import sign", "sign", {}),
    "a relative submodule": ("from . import tokens", "tokens.sign", {}),
    "a star": ("from shop.tokens import *", "sign", {}),
    "a re-export of the package": ("from shop import sign", "sign", {"shop/__init__.py": "from .tokens import sign\n"}),
    "a re-export under another name": ("from shop import issue", "issue", {"shop/__init__.py": "from .tokens import sign as issue\n"}),
    "a star re-export": ("from shop import sign", "sign", {"shop/__init__.py": "from shop.tokens import *\n"}),
    "a re-export of a re-export": (
        "from shop.core import sign",
        "sign",
        {"shop/core/__init__.py": "from .security import sign\n", "shop/core/security.py": "from ..tokens import sign\n"},
    ),
    "an assignment": ("from shop.core import issue", "issue", {"shop/core.py": "from shop import tokens\n\nissue = tokens.sign\n"}),
    "a fallback": ("try:\n    from shop.tokens import sign\nexcept ImportError:\n    sign = None", "sign", {}),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_function_is_found_through(name: str) -> None:
    imported, called, others = NAMES[name]
    files = {
        "shop/__init__.py": "",
        "shop/models.py": USER,
        "shop/tokens.py": SIGN,
        "shop/routes.py": ROUTES.format(models="shop.models", imported=imported, called=called),
        **others,
    }
    assert minted_in_login(files) == [("shop/tokens.py", "in login")]


@pytest.mark.parametrize(
    ("imported", "called"), [("from shop import tokens", "tokens.sign"), ("from . import tokens as made", "made.sign")]
)
def test_a_package_needs_no_file_that_says_so(imported: str, called: str) -> None:
    routes = ROUTES.format(models="shop.models", imported=imported, called=called)
    files = {"shop/models.py": USER, "shop/tokens.py": SIGN, "shop/routes.py": routes}
    assert minted_in_login(files) == [("shop/tokens.py", "in login")]


def test_an_import_inside_the_handler() -> None:
    routes = ROUTES.format(models="models", imported="", called="sign").replace(
        "def login():\n", "def login():\n    from tokens import sign\n"
    )
    assert minted_in_login({"models.py": USER, "tokens.py": SIGN, "routes.py": routes}) == [("tokens.py", "in login")]


def test_a_src_layout() -> None:
    files = {
        "src/shop/__init__.py": "from shop.tokens import sign\n",
        "src/shop/models.py": USER,
        "src/shop/tokens.py": SIGN,
        "src/shop/routes.py": ROUTES.format(models="shop.models", imported="from shop import sign", called="sign"),
        "wsgi.py": "from shop import routes\n",
    }
    assert minted_in_login(files) == [("src/shop/tokens.py", "in login")]


def test_a_function_named_like_the_library_s_is_not_the_library_s() -> None:
    own = "def encode(claims, key):\n    return table.insert(claims)\n"
    routes = ROUTES.format(models="models", imported="from tokens import encode", called="encode")
    found = Program({"models.py": USER, "tokens.py": own, "routes.py": routes})
    assert found.all(facts.Mint) == []
    assert not any(found.lifecycle.applications.values())


# -- applications ------------------------------------------------------------------------------------------------------

LOGIN = """
import jwt
from flask import Flask, abort, jsonify, request

from {models} import User

app = Flask(__name__)


@app.post("/login")
def login():
    user = User.query.filter_by(name=request.json["name"]).first()
    if user is None or not user.check_password(request.json["password"]):
        abort(401)
    return jsonify(access_token=jwt.encode({{"sub": str(user.id)}}, "k"))
"""
OPAQUE = """
import secrets

from flask import Flask, abort, request

from {models} import LoginSession, User, db

app = Flask(__name__)


@app.post("/login")
def login():
    user = User.query.filter_by(name=request.json["name"]).first()
    if user is None or not user.check_password(request.json["password"]):
        abort(401)
    db.session.add(LoginSession(id=secrets.token_urlsafe(32), user_id=user.id))
    return "", 204


@app.post("/logout")
def logout():
    return "", 204


@app.post("/password")
def change_password():
    user = User.query.get(request.json["id"])
    user.set_password(request.json["new"])
    return "", 204
"""


def sessions(files: dict[str, str]) -> dict[str, bool]:
    """Each application, and whether its sessions are JWTs."""
    return Program(files).lifecycle.applications


def test_two_applications_side_by_side_are_told_apart() -> None:
    files = {
        "portal/app.py": LOGIN.format(models="models"),
        "portal/models.py": USER,
        "staff/app.py": OPAQUE.format(models="models"),
        "staff/models.py": USER,
    }
    assert sessions(files) == {"portal": True, "staff": False}
    assert Program(files).all(facts.Handler) == []  # what the other application's handlers do concerns no token


def test_two_applications_that_share_a_package() -> None:
    kit = "import jwt\n\n\ndef sign(claims, key):\n    return jwt.encode(claims, key)\n"
    portal = ROUTES.format(models="portal.models", imported="from tokenkit.sign import sign", called="sign")
    files = {
        "apps/portal/portal/__init__.py": "",
        "apps/portal/portal/routes.py": portal,
        "apps/portal/portal/models.py": USER,
        "apps/staff/staff/__init__.py": "",
        "apps/staff/staff/models.py": USER,
        "apps/staff/staff/app.py": OPAQUE.format(models="staff.models") + "\nfrom tokenkit.sign import sign\n\n\n"
        "def state_of(next_page):\n    return sign({'next': next_page, 'purpose': 'oauth-state'}, 'k')\n",
        "libs/tokenkit/tokenkit/__init__.py": "",
        "libs/tokenkit/tokenkit/sign.py": kit,
    }
    found = sessions(files)
    assert found["apps/portal/portal"] is True
    assert found["apps/staff/staff"] is False


def test_a_package_that_one_application_alone_uses_is_a_part_of_it() -> None:
    kit = "import jwt\n\n\ndef sign(claims, key):\n    return jwt.encode(claims, key)\n"
    files = {
        "apps/portal/portal/__init__.py": "",
        "apps/portal/portal/routes.py": ROUTES.format(models="portal.models", imported="from tokenkit import sign", called="sign.sign"),
        "apps/portal/portal/models.py": USER,
        "libs/tokenkit/tokenkit/__init__.py": "",
        "libs/tokenkit/tokenkit/sign.py": kit,
    }
    assert set(sessions(files).values()) == {True}
    assert minted_in_login(files) == [("libs/tokenkit/tokenkit/sign.py", "in login")]


def test_modules_of_one_django_project_are_one_application_though_none_imports_the_other() -> None:
    files = {
        "manage.py": "",
        "shop/__init__.py": "",
        "shop/settings.py": 'INSTALLED_APPS = ["people", "orders"]\nROOT_URLCONF = "shop.urls"\n',
        "people/__init__.py": "",
        "people/views.py": "import jwt\n",
        "orders/__init__.py": "",
        "orders/views.py": "import jwt\n",
    }
    assert len(sessions(files)) == 1


def test_a_module_that_is_named_in_a_string_belongs_to_the_application() -> None:
    files = {
        "app.py": LOGIN.format(models="models") + '\napp.config.from_object("settings.Production")\n',
        "models.py": USER,
        "settings.py": "class Production:\n    KEY = 'k'\n",
        "elsewhere/tool.py": "import jwt\n",
    }
    assert sessions(files) == {".": True, "elsewhere/tool.py": False}


def test_a_verifier_in_another_application_says_nothing_of_this_one() -> None:
    verify = """
import jwt
from flask import Flask, request

from models import Blacklist

app = Flask(__name__)


@app.get("/me")
def me():
    claims = jwt.decode(request.cookies["token"], "k", algorithms=["HS256"])
    return "" if Blacklist.query.filter_by(jti=claims["jti"]).first() else claims["sub"]
"""
    found = Program(
        {
            "portal/app.py": LOGIN.format(models="models") + "\n\n@app.post('/logout')\ndef logout():\n    return ''\n",
            "portal/models.py": USER,
            "gateway/app.py": verify,
            "gateway/models.py": "class Blacklist(db.Model):\n    jti = db.Column(db.String)\n",
        }
    )
    assert found.lifecycle.applications == {"gateway": False, "portal": True}
    assert found.one(facts.Verification).purpose != "session"
    assert [(one.application, one.role, one.revokes) for one in found.all(facts.Handler)] == [("portal", "logout", False)]
