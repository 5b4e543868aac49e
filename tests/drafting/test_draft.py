"""A drafted model tells of a caller what the wrapper's own source tells of it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import pytest
import tomli
from click.testing import CliRunner, Result
from programs import MODELS

from jwtlint.cli import main
from jwtlint.facts import lifecycle as facts
from jwtlint.facts.layout import Layout
from jwtlint.linker.library import LibraryModel
from jwtlint.linker.lifecycle import link
from jwtlint.python.frontend import read_module

TOKENS = '''\
import os
import time
from datetime import datetime, timedelta, timezone

import jwt
from flask_jwt_extended import create_access_token
from itsdangerous import TimedJSONWebSignatureSerializer
from jose import jwt as jose

from . import settings
from .inner import with_expiry

KEY = os.environ["KEY"]


def issue(payload, minutes=15):
    payload = {**payload, "exp": datetime.now(timezone.utc) + timedelta(minutes=minutes)}
    return jwt.encode(payload, KEY, algorithm="HS256")


def issue_for(user_id, *, hours: int = 8):
    claims = {"sub": str(user_id)}
    claims["exp"] = int(time.time()) + hours * 3600
    token = jose.encode(claims, KEY)
    return token


def issue_through_another(data, ttl=None):
    return issue(dict(data), minutes=ttl or 5)


def issue_elsewhere(data):
    return with_expiry(data)


def issue_for_ever(data):
    return jwt.encode(data.copy(), KEY, algorithm="HS256").decode()


def issue_by_framework(user_id, claims=None):
    return create_access_token(user_id, additional_claims=claims)


def issue_by_settings(data):
    data = {**data}
    data.update({"exp": datetime.utcnow() + timedelta(seconds=settings.SECONDS)})
    return jwt.encode(data, key=KEY)


def issue_row(user):
    claims = {"sub": user.id, "email": user.email, "exp": datetime.now(timezone.utc) + timedelta(days=30)}
    return jwt.encode(claims, KEY, "HS256")


def check(raw):
    return jwt.decode(raw, KEY, algorithms=["HS256"])


def peek(raw):
    return jwt.decode(raw, options={"verify_signature": False})


def check_with(raw, key, algorithms):
    return jwt.decode(raw, key, algorithms=algorithms)


def subject(raw):
    payload = jwt.decode(raw, KEY, algorithms=["HS256"])
    return payload["sub"]


class Signer:
    def __init__(self, key):
        self.key = key

    def sign(self, claims, lifetime=timedelta(minutes=5)):
        return jwt.encode({**claims, "exp": datetime.utcnow() + lifetime}, self.key)


def unrelated(text):
    return text.upper()
'''
INNER = """\
from datetime import datetime, timedelta

import jwt


def with_expiry(claims):
    return jwt.encode({**claims, "exp": datetime.utcnow() + timedelta(hours=2)}, "k")
"""
LOGIN = """\
from flask import Flask, abort, jsonify, request

from acme.auth.tokens import NAME
from models import User

app = Flask(__name__)


@app.post("/login")
def login():
    user = User.query.filter_by(email=request.json["email"]).first()
    if user is None or not user.check_password(request.json["password"]):
        abort(401)
    return jsonify(access_token=CALL)
"""
CLAIMS = '{"sub": str(user.id), "role": user.role, "email": user.email}'
READ = """\
from flask import Flask, abort, g, request

from acme.auth.tokens import NAME
from models import User

app = Flask(__name__)


@app.before_request
def load_user():
    claims = CALL
    g.user = User.query.get(claims["sub"])
    g.is_admin = claims["role"] == "admin"


@app.post("/close")
def close():
    if not g.is_admin:
        abort(403)
    return "closed"
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    package = tmp_path / "src/acme/auth"
    package.mkdir(parents=True)
    (package / "tokens.py").write_text(TOKENS)
    (package / "inner.py").write_text(INNER)
    (package / "settings.py").write_text("import os\n\nSECONDS = int(os.environ['SECONDS'])\n")
    (package / "__init__.py").write_text("from .tokens import issue, check as verify\n")
    (package.parent / "__init__.py").write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def infer(name: str) -> Result:
    return CliRunner().invoke(main, ["models", "infer", f"src/acme/auth/tokens.py::{name}"])


def drafted(name: str) -> tuple[LibraryModel, str]:
    """The model that is printed, and all that is."""
    result = infer(name)
    assert result.exit_code == 0, result.output
    return msgspec.convert({"name": "acme", **tomli.loads(result.stdout)}, LibraryModel), result.stdout


def told(files: dict[str, str], models: tuple[LibraryModel, ...]) -> list[object]:
    """What is told of the tokens of a caller, apart from places and names of libraries."""
    libraries = {name.partition(".")[0] for model in models for name in model.imports}
    lifecycle = link([read_module(path, code.encode()) for path, code in files.items()], Layout(files, libraries), models)
    mine = {f"app.py::{name}" for name in ("login", "load_user", "close")}
    found: list[object] = []
    minted = {one.token for one in lifecycle.facts if isinstance(one, facts.Mint) and one.purpose == "session"}
    for one in lifecycle.facts:
        if isinstance(one, facts.Mint) and one.token in minted:
            found.append(("mint", one.role, one.expiry, one.lifetime, one.purpose))
        elif isinstance(one, facts.Claim) and one.token in minted:
            found.append(("claim", one.name, one.category, one.source))
        elif isinstance(one, facts.Delivery | facts.Handler) and one.function in mine:
            found.append((type(one).__name__, one.purpose))
        elif isinstance(one, facts.Trust):
            found.append(("trust", one.claim, one.category, one.fresh))
        elif isinstance(one, facts.Verification) and one.purpose == "session":
            algorithms = "pinned" if one.algorithms == "fixed" else one.algorithms
            found.append(("verification", algorithms, one.signature, one.revocation, one.reloads_user))
    return sorted(found, key=str)


def sources(project: Path, name: str) -> dict[str, str]:
    """The wrapper's files, where an installation would put them, without the functions that it has nothing to do with."""
    files = {path.relative_to(project / "src").as_posix(): path.read_text() for path in (project / "src").rglob("*.py")}
    head, *definitions = re.split(r"\n\n\n(?=def |class )", TOKENS)
    wanted = (name.partition(".")[0], "issue") if name == "issue_through_another" else (name.partition(".")[0],)
    kept = [one for one in definitions if re.match(rf"(?:def|class) (?:{'|'.join(wanted)})\b", one)]
    return {**files, "acme/auth/tokens.py": "\n\n\n".join([head, *kept])}


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("issue", f"issue({CLAIMS})"),
        ("issue", f"issue({CLAIMS}, 60 * 24)"),
        ("issue", f"issue(payload={CLAIMS}, minutes=90)"),
        ("issue_for", "issue_for(user.id)"),
        ("issue_for", "issue_for(user.id, hours=200)"),
        ("issue_through_another", f"issue_through_another({CLAIMS})"),
        ("issue_elsewhere", f"issue_elsewhere({CLAIMS})"),
        ("issue_for_ever", f"issue_for_ever({CLAIMS})"),
        ("issue_by_framework", "issue_by_framework(user.id)"),
        ("issue_by_framework", 'issue_by_framework(user.id, {"role": user.role})'),
        ("Signer.sign", f"Signer('k').sign({CLAIMS})"),
    ],
)
def test_a_mint_of_a_session(project: Path, name: str, call: str) -> None:
    model, _ = drafted(name)
    app = LOGIN.replace("NAME", name.partition(".")[0]).replace("CALL", call)
    with_source = told({"app.py": app, **sources(project, name)}, MODELS)
    assert any(one[0] == "mint" for one in with_source if isinstance(one, tuple))
    assert told({"app.py": app}, (*MODELS, model)) == with_source
    # without either nothing is known
    assert told({"app.py": app}, MODELS) == []


@pytest.mark.parametrize(
    ("name", "call"), [("check", "check(request.headers['Authorization'])"), ("check_with", "check_with(request.args['t'], K, ['HS256'])")]
)
def test_a_verifier(project: Path, name: str, call: str) -> None:
    model, _ = drafted(name)
    app = READ.replace("NAME", name).replace("CALL", call)
    with_source = told({"app.py": app, **sources(project, name)}, MODELS)
    assert any(one[0] == "trust" for one in with_source if isinstance(one, tuple))
    assert told({"app.py": app}, (*MODELS, model)) == with_source


WRAPPERS = [name for name in re.findall(r"^def (\w+)", TOKENS, re.MULTILINE) if name != "unrelated"] + ["Signer.sign"]


@pytest.mark.parametrize("name", WRAPPERS)
def test_every_draft_is_a_model_that_a_configuration_takes_and_whose_example_holds(project: Path, name: str) -> None:
    (project / "lint").mkdir()
    (project / "lint/acme.toml").write_text(drafted(name)[1])
    (project / "jwtlint.toml").write_text("models = ['lint']\n")
    result = CliRunner().invoke(main, ["test", "--config", "jwtlint.toml"])
    assert (result.exit_code, result.stdout) == (0, "1 file tried; every example is as it says\n")


def test_what_is_printed(project: Path) -> None:
    assert drafted("issue")[1].partition("\n[[example]]")[0] == """\
# Drafted by `jwtlint models infer src/acme/auth/tokens.py::issue`: look through it, and put it into a folder that `models` names.
name = "acme"
imports = ["acme"]

[[api]]
match = ["acme.auth.tokens.issue", "acme.auth.issue"]
fact = "mint"
args.claims = { pos = 0, kw = "payload" }
args.lifetime = { pos = 1, kw = "minutes" }
returns = "token"
lifetime_default = 900
lifetime_unit = 60
"""


def test_packages_that_pass_it_on_under_another_name(project: Path) -> None:
    assert drafted("check")[0].api[0].match == ("acme.auth.tokens.check", "acme.auth.verify")


def test_what_a_model_cannot_say_is_said_in_words(project: Path) -> None:
    assert '# - the function writes the claim "email" by itself, which a model cannot say\n' in drafted("issue_row")[1]
    assert "# - the lifetime is not known from the source: write lifetime_default" in drafted("issue_by_settings")[1]
    assert "# - the function gives something else than the claims" in drafted("subject")[1]
    assert "# - " not in drafted("issue")[1]


CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("function", "lines"),
    [
        ("fastapi-pyjwt-wrapper/app/core/security.py::create_access_token", ["lifetime_default = 900", 'returns = "token"']),
        # a dependency of FastAPI that others build upon: what they do is not done here
        ("fastapi-pyjwt-wrapper/app/api/deps.py::get_token_payload", ['algorithms = "fixed"', 'args.token = { pos = 0, kw = "token" }']),
        ("src-layout-reexports/src/acme_notes/auth/manager.py::JWTManager.encode", ['args.lifetime = { kw = "lifetime" }']),
    ],
)
def test_wrappers_of_sample_applications(function: str, lines: list[str]) -> None:
    result = CliRunner().invoke(main, ["models", "infer", str(CHECKOUT / "fixtures" / function)])
    assert result.exit_code == 0, result.output
    for line in lines:
        assert f"{line}\n" in result.stdout
    assert "reloads_user = true" not in result.stdout and "by itself" not in result.stdout


def test_signatures_that_are_not_checked(project: Path) -> None:
    (api,) = drafted("peek")[0].api
    assert (api.fact, api.signature, api.returns) == ("verify", "skipped", "claims")


def test_a_check_with_the_model_finds_what_it_found_with_the_source(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """As in real life: the wrapper is a package of its own, and the application, in another repository, imports it."""
    shop = tmp_path_factory.mktemp("shop")
    (shop / ".git").mkdir()
    (shop / "app.py").write_text(LOGIN.replace("NAME", "issue").replace("CALL", f"issue({CLAIMS}, 60 * 24)"))
    (shop / "lint").mkdir()
    (shop / "jwtlint.toml").write_text("models = ['lint']\n")

    def rules() -> list[str]:
        result = CliRunner().invoke(main, ["check", str(shop), "--config", str(shop / "jwtlint.toml"), "--format", "json"])
        return sorted(json.loads(result.stdout)["stats"]["rules"])

    assert rules() == []
    result = CliRunner().invoke(main, ["models", "infer", "src/acme/auth/tokens.py::issue", "--output", str(shop / "lint/acme.toml")])
    assert (result.exit_code, result.stdout) == (0, "")
    assert rules() == ["JWT101", "JWT106", "JWT201", "JWT203", "JWT308"]


@pytest.mark.parametrize(
    ("argument", "sentence"),
    [
        ("src/acme/auth/tokens.py::isue", 'has no function "isue"; did you mean "issue"?'),
        ("src/acme/auth/tokens.py::unrelated", "unrelated calls no library that jwtlint knows to make or verify tokens"),
        ("src/acme/auth/tokens.py", "is no PATH::FUNCTION"),
        ("nothing.py::issue", "there is no Python file nothing.py"),
        ("broken.py::issue", "broken.py cannot be read: "),
    ],
)
def test_mistakes_are_one_sentence(project: Path, argument: str, sentence: str) -> None:
    (project / "broken.py").write_text("def (:\n")
    result = CliRunner().invoke(main, ["models", "infer", argument])
    assert result.exit_code == 2 and sentence in result.stderr and "Traceback" not in result.output
    assert result.stdout == ""


def test_a_file_that_is_there_is_kept(project: Path) -> None:
    (project / "acme.toml").write_text("mine\n")
    result = CliRunner().invoke(main, ["models", "infer", "src/acme/auth/tokens.py::issue", "--output", "acme.toml"])
    assert result.exit_code == 2 and "acme.toml exists already" in result.stderr
    assert (project / "acme.toml").read_text() == "mine\n"
