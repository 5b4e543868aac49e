"""Claims are seen however a program puts them together.

Each program signs a token for the user who logs in; a comment ``# enters:`` names the claims that must be found at its line.
"""

from __future__ import annotations

import pytest
from programs import Program, program

from jwtlint.facts import lifecycle as facts

USER = """
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from werkzeug.security import check_password_hash


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str]
    role: Mapped[str]
    password_hash: Mapped[str]

    def check_password(self, password):
        return check_password_hash(self.password_hash, password)

    @property
    def claims(self):
        return {"sub": str(self.id), "role": self.role}

    def to_dict(self):
        return {column.name: getattr(self, column.name) for column in self.__table__.columns}

    def to_claims(self, extra=None):
        found = {"sub": str(self.id), "role": self.role}
        if extra:
            found.update(extra)
        return found
"""
HEAD = """
import copy
import os
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta, timezone
from enum import Enum
from functools import partial
from typing import Any, NamedTuple, TypedDict, cast

import jwt
from flask import Flask, abort, jsonify, request
from pydantic import BaseModel, Field

from models import User

app = Flask(__name__)
KEY = os.environ["KEY"]


def later():
    return datetime.now(timezone.utc) + timedelta(minutes=10)

"""
LOGIN = """

@app.post("/login")
def login():
    user = User.query.filter_by(name=request.json["name"]).first()
    if user is None or not user.check_password(request.json["password"]):
        abort(401)
    return jsonify(access_token=sign(user))
"""


def signing(code: str) -> Program:
    """The application whose login calls the ``sign(user)`` that ``code`` defines."""
    return program(HEAD + code + LOGIN, models=USER)


def entered(found: Program) -> list[tuple[str, str, int]]:
    """The claims that enter the token: those that grant rights or describe a person, with their places."""
    return sorted((claim.name, claim.place.path, claim.place.line) for claim in found.all(facts.Claim, purpose="session"))


CLAIMS = {
    "a dict literal": """
def sign(user):
    return jwt.encode({"sub": str(user.id), "role": user.role, "exp": later()}, KEY)  # enters: role
""",
    "a literal over several lines": """
def sign(user):
    return jwt.encode(
        {
            "sub": str(user.id),
            "role": user.role,  # enters: role
            "email": user.email,  # enters: email
        },
        KEY,
    )
""",
    "a literal in a variable": """
def sign(user):
    claims = {"sub": str(user.id), "role": user.role}  # enters: role
    token = jwt.encode(payload=claims, key=KEY)
    return token
""",
    "dict() with keywords": """
def sign(user):
    return jwt.encode(dict(sub=str(user.id), role=user.role), KEY)  # enters: role
""",
    "dict() of a dictionary and keywords": """
def sign(user):
    base = {"sub": str(user.id), "email": user.email}  # enters: email
    return jwt.encode(dict(base, role=user.role), KEY)  # enters: role
""",
    "dict() of pairs": """
def sign(user):
    return jwt.encode(dict([("sub", str(user.id)), ("role", user.role)]), KEY)  # enters: role
""",
    "the operator |": """
def sign(user):
    base = {"sub": str(user.id)}
    claims = base | {"role": user.role}  # enters: role
    return jwt.encode(claims | {"exp": later()}, KEY)
""",
    "the operator |=": """
def sign(user):
    claims = {"sub": str(user.id)}
    claims |= {"role": user.role}  # enters: role
    return jwt.encode(claims, KEY)
""",
    "** in a literal": """
def sign(user):
    rights = {"role": user.role}  # enters: role
    return jwt.encode({"sub": str(user.id), **rights, **{"email": user.email}}, KEY)  # enters: email
""",
    "** of one arm of a condition": """
def sign(user):
    return jwt.encode({"sub": str(user.id), **({"role": user.role} if user.role else {})}, KEY)  # enters: role
""",
    "update with a dictionary": """
def sign(user):
    claims = {"sub": str(user.id)}
    claims.update({"role": user.role})  # enters: role
    return jwt.encode(claims, KEY)
""",
    "update with keywords": """
def sign(user):
    claims = {"sub": str(user.id)}
    claims.update(role=user.role, exp=later())  # enters: role
    return jwt.encode(claims, KEY)
""",
    "a wrapper that copies and updates": """
def create_access_token(data: dict, expires: timedelta | None = None):
    to_encode = data.copy()
    to_encode.update({"exp": later()})
    return jwt.encode(to_encode, KEY, algorithm="HS256")


def sign(user):
    return create_access_token(data={"sub": user.name, "role": user.role})  # enters: role
""",
    "a wrapper round a wrapper": """
def encode(payload, **options):
    return jwt.encode(payload, KEY, **options)


def create_token(subject, extra):
    return encode({"sub": subject, **extra}, algorithm="HS256")


def sign(user):
    return create_token(str(user.id), extra={"role": user.role})  # enters: role
""",
    "copy.deepcopy": """
def sign(user):
    claims = copy.deepcopy({"sub": str(user.id), "role": user.role})  # enters: role
    return jwt.encode(claims, KEY)
""",
    "an item that is assigned": """
def sign(user):
    claims = {"sub": str(user.id)}
    claims["role"] = user.role  # enters: role
    return jwt.encode(claims, KEY)
""",
    "an item that is assigned under a condition": """
def sign(user):
    claims = {"sub": str(user.id)}
    if user.role:
        claims["role"] = user.role  # enters: role
    return jwt.encode(claims, KEY)
""",
    "items that are assigned in a loop": """
def sign(user):
    claims = {"sub": str(user.id)}
    for name in ("role", "email"):
        claims[name] = getattr(user, name)  # enters: role, email
    return jwt.encode(claims, KEY)
""",
    "setdefault": """
def sign(user):
    claims = {"sub": str(user.id)}
    claims.setdefault("role", user.role)  # enters: role
    return jwt.encode(claims, KEY)
""",
    "a comprehension over names": """
def sign(user):
    return jwt.encode({name: getattr(user, name) for name in ("id", "role", "email")}, KEY)  # enters: role, email
""",
    "a comprehension that filters": """
def sign(user):
    claims = {"sub": str(user.id), "role": user.role}  # enters: role
    return jwt.encode({key: value for key, value in claims.items() if value is not None}, KEY)
""",
    "names that are constants": """
ROLE_CLAIM = "role"


def sign(user):
    return jwt.encode({"sub": str(user.id), ROLE_CLAIM: user.role}, KEY)  # enters: role
""",
    "names that are members of an enumeration": """
class Names(str, Enum):
    ROLE = "role"
    MAIL = "email"


def sign(user):
    return jwt.encode({"sub": str(user.id), Names.ROLE: user.role, Names.MAIL.value: user.email}, KEY)  # enters: role, email
""",
    "a dataclass and asdict": """
@dataclass
class Payload:
    sub: str
    role: str = "user"
    tags: list = field(default_factory=list)


def sign(user):
    payload = Payload(sub=str(user.id), role=user.role)  # enters: role
    return jwt.encode(asdict(payload), KEY)
""",
    "a dataclass by position": """
@dataclass
class Payload:
    sub: str
    role: str


def sign(user):
    return jwt.encode(asdict(Payload(str(user.id), user.role)), KEY)  # enters: role
""",
    "the __dict__ of an object": """
@dataclass
class Payload:
    sub: str
    role: str


def sign(user):
    return jwt.encode(Payload(str(user.id), user.role).__dict__, KEY)  # enters: role
""",
    "a named tuple": """
class Payload(NamedTuple):
    sub: str
    role: str


def sign(user):
    return jwt.encode(Payload(sub=str(user.id), role=user.role)._asdict(), KEY)  # enters: role
""",
    "a typed dictionary": """
class Payload(TypedDict):
    sub: str
    role: str


def sign(user):
    return jwt.encode(cast(dict[str, Any], Payload(sub=str(user.id), role=user.role)), KEY)  # enters: role
""",
    "a pydantic model and model_dump": """
class Payload(BaseModel):
    sub: str
    role: str | None = None


def sign(user):
    payload = Payload(sub=str(user.id), role=user.role)  # enters: role
    return jwt.encode(payload.model_dump(exclude_none=True), KEY)
""",
    "a pydantic model and dict": """
class Subject(BaseModel):
    sub: str


class Payload(Subject):
    role: str


def sign(user):
    return jwt.encode(Payload(sub=str(user.id), role=user.role).dict(), KEY)  # enters: role
""",
    "a pydantic model that is changed after it was made": """
class Payload(BaseModel):
    sub: str
    role: str = ""


def sign(user):
    payload = Payload(sub=str(user.id))
    payload.role = user.role  # enters: role
    return jwt.encode(payload.model_dump(), KEY)
""",
    "a pydantic model filled from a dictionary": """
class Payload(BaseModel):
    sub: str
    role: str


def sign(user):
    values = {"sub": str(user.id), "role": user.role}  # enters: role
    return jwt.encode(Payload(**values).model_dump(), KEY)
""",
    "helper methods on self": """
class Tokens:
    def claims(self, user):
        return {"sub": str(user.id), **self.rights(user)}

    def rights(self, user):
        return {"role": user.role}  # enters: role

    def make(self, user):
        return self.encode(self.claims(user))

    def encode(self, claims):
        return jwt.encode(claims, KEY)


def sign(user):
    return Tokens().make(user)
""",
    "an overridden helper method": """
class Tokens:
    def claims(self, user):
        return {"sub": str(user.id)}

    def make(self, user):
        return jwt.encode(self.claims(user), KEY)


class StaffTokens(Tokens):
    def claims(self, user):
        return {**super().claims(user), "role": user.role}  # enters: role


def sign(user):
    return StaffTokens().make(user)
""",
    "claims kept on self": """
class Token:
    def __init__(self, user):
        self.payload = {"sub": str(user.id)}
        self.payload["role"] = user.role  # enters: role

    def encoded(self):
        return jwt.encode(self.payload, KEY)


def sign(user):
    return Token(user).encoded()
""",
    "a builder": """
class Builder:
    def __init__(self):
        self.claims = {}

    def subject(self, value):
        self.claims["sub"] = value
        return self

    def role(self, value):
        self.claims["role"] = value  # enters: role
        return self

    def build(self):
        return jwt.encode(self.claims, KEY)


def sign(user):
    return Builder().subject(str(user.id)).role(user.role).build()
""",
    "a module-level instance": """
class Tokens:
    def __init__(self, key):
        self.key = key

    def make(self, user, **extra):
        return jwt.encode({"sub": str(user.id), **extra}, self.key)


tokens = Tokens(KEY)


def sign(user):
    return tokens.make(user, role=user.role)  # enters: role
""",
    "class attributes": """
class Tokens:
    ROLE = "role"
    BASE = {"iss": "https://shop.example", "email": "support@shop.example"}  # enters: email

    @classmethod
    def make(cls, user):
        return jwt.encode({**cls.BASE, "sub": str(user.id), cls.ROLE: user.role}, KEY)  # enters: role


def sign(user):
    return Tokens.make(user)
""",
    "a static method": """
class Tokens:
    @staticmethod
    def claims_of(user):
        return {"sub": str(user.id), "role": user.role}  # enters: role


def sign(user):
    return jwt.encode(Tokens.claims_of(user), KEY)
""",
    "functools.partial of the library": """
encode = partial(jwt.encode, key=KEY, algorithm="HS256")


def sign(user):
    return encode({"sub": str(user.id), "role": user.role})  # enters: role
""",
    "functools.partial of a wrapper": """
def make(kind, user, extra):
    return jwt.encode({"sub": str(user.id), "typ": kind, **extra}, KEY)


make_access = partial(make, "access")


def sign(user):
    return make_access(user, extra={"role": user.role})  # enters: role
""",
    "a function that is called through a table": """
def jwt_token(user):
    return jwt.encode({"sub": str(user.id), "role": user.role}, KEY)  # enters: role


MAKERS = {"jwt": jwt_token}


def sign(user):
    return MAKERS["jwt"](user)
""",
    "a function that is given as an argument": """
def claims_of(user):
    return {"sub": str(user.id), "role": user.role}  # enters: role


def make(user, describe):
    return jwt.encode(describe(user), KEY)


def sign(user):
    return make(user, describe=claims_of)
""",
    "a lambda": """
claims_of = lambda user: {"sub": str(user.id), "role": user.role}  # enters: role


def sign(user):
    return jwt.encode(claims_of(user), KEY)
""",
    "a nested function": """
def sign(user):
    def claims():
        return {"sub": str(user.id), "role": user.role}  # enters: role

    return jwt.encode(claims(), KEY)
""",
    "one of several that are returned": """
def parts(user):
    claims = {"sub": str(user.id), "role": user.role}  # enters: role
    return claims, later()


def sign(user):
    claims, expires = parts(user)
    claims["exp"] = expires
    return jwt.encode(claims, KEY)
""",
    "a method of the user": """
def sign(user):
    return jwt.encode(user.to_claims({"email": user.email}), KEY)  # enters: email
""",
    "a property of the user": """
def sign(user):
    return jwt.encode({**user.claims, "exp": later()}, KEY)
""",
    "a nested dictionary": """
def sign(user):
    return jwt.encode({"sub": str(user.id), "data": {"role": user.role}}, KEY)  # enters: role
""",
    "a walrus": """
def sign(user):
    return jwt.encode(claims, KEY) if (claims := {"sub": str(user.id), "role": user.role}) else ""  # enters: role
""",
    "a caught error": """
def sign(user):
    claims = {"sub": str(user.id)}
    try:
        claims["role"] = user.role  # enters: role
    except AttributeError:
        pass
    return jwt.encode(claims, KEY)
""",
    "a token whose signature is checked elsewhere in the same function": """
def sign(user):
    token = jwt.encode({"sub": str(user.id), "role": user.role}, KEY)  # enters: role
    assert jwt.decode(token, KEY, algorithms=["HS256"])["sub"] == str(user.id)
    return token
""",
}
IN_MODEL = {  # what enters in models.py, whose text all programs share
    "a method of the user": ["role"],
    "a property of the user": ["role"],
}


NOT_YET = {
    "a pydantic model that is changed after it was made": "assignments to attributes of a local object are not followed",
    "claims kept on self": "changes to a dictionary that hangs on an object are not followed",
    "a builder": "changes to a dictionary that hangs on an object are not followed",
    "a function that is called through a table": "callers through a table of functions are not found",
    "a lambda": "the body of a lambda is read, its call is not bound",
}


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.xfail(reason=NOT_YET[name])] if name in NOT_YET else []) for name in CLAIMS],
)
def test_claims_enter_through(name: str) -> None:
    found = signing(CLAIMS[name])
    expected = found.marked("enters")
    own = [one for one in entered(found) if one[1] == "app.py"]
    assert own == expected
    assert [claim for claim, path, _ in entered(found) if path == "models.py"] == IN_MODEL.get(name, [])


def test_a_claim_that_is_set_after_the_token_was_minted_does_not_enter() -> None:
    found = signing(
        """
def sign(user):
    claims = {"sub": str(user.id)}
    token = jwt.encode(claims, KEY)
    claims["role"] = user.role
    return token
"""
    )
    assert entered(found) == []


def test_claims_of_two_callers_are_kept_apart() -> None:
    found = signing(
        """
def encode(claims):
    return jwt.encode(claims, KEY)


def reset_link(user):
    return encode({"sub": str(user.id), "purpose": "password-reset", "email": user.email})


def sign(user):
    return encode({"sub": str(user.id), "role": user.role})  # enters: role


@app.post("/forgot")
def forgot_password():
    user = User.query.filter_by(name=request.json["name"]).first()
    send_mail(user.email, "https://shop.example/reset?token=" + reset_link(user))
    return "", 204
"""
    )
    assert entered(found) == found.marked("enters")


WHOLE_USERS = ["user.to_dict()", "user.as_dict()", "dict(user)", "vars(user)", "UserOut.model_validate(user).model_dump()"]


@pytest.mark.parametrize("value", WHOLE_USERS)
def test_a_whole_user_row_is_one_profile_claim(value: str) -> None:
    shown = "class UserOut(BaseModel):\n    id: int\n    email: str\n\n\n"
    found = signing(f"{shown}def sign(user):\n    return jwt.encode({{'sub': str(user.id), 'user': {value}}}, KEY)\n")
    assert {claim.category for claim in found.all(facts.Claim)} == {"profile"}


@pytest.mark.parametrize(
    ("name", "value", "category"),
    [
        ("role", "user.role", "authorization"),
        ("isAdmin", "user.is_admin", "authorization"),
        ("https://shop.example/roles", "user.roles", "authorization"),
        ("scope", "user.scope", "authorization"),
        ("can_publish", "user.can_publish", "authorization"),
        ("r", "user.role", "authorization"),
        ("display_name", "user.name", "profile"),
        ("n", "user.name", "profile"),
        ("avatarUrl", "user.avatar", "profile"),
        ("pw", "user.password_hash", "secret"),
        ("api_key", "user.api_key", "secret"),
    ],
)
def test_a_claim_is_of_a_category_by_its_name_or_by_what_it_holds(name: str, value: str, category: str) -> None:
    found = signing(f"def sign(user):\n    return jwt.encode({{'sub': str(user.id), {name!r}: {value}}}, KEY)\n")
    assert [(claim.name, claim.category) for claim in found.all(facts.Claim)] == [(name, category)]


INNOCENT = "sub user_id username tenant_id jti sid iat exp type token_version is_refresh".split()


@pytest.mark.parametrize("name", INNOCENT)
def test_an_identifier_or_a_registered_claim_is_no_finding(name: str) -> None:
    found = signing(f"def sign(user):\n    return jwt.encode({{'sub': str(user.id), {name!r}: user.id}}, KEY)\n")
    assert found.all(facts.Claim) == []


# -- dependencies ------------------------------------------------------------------------------------------------------

SERVICE = """
from typing import Annotated

import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordRequestForm

from models import User
from settings import KEY

app = FastAPI()


class Tokens:
    def make(self, user, extra):
        return jwt.encode({"sub": str(user.id), **extra}, KEY)


def get_tokens() -> Tokens:
    return Tokens()

"""


@pytest.mark.parametrize(
    "parameter",
    [
        "tokens: Tokens = Depends(get_tokens)",
        "tokens: Annotated[Tokens, Depends(get_tokens)]",
        "tokens: Tokens = Depends(Tokens)",
        "tokens: Tokens = Depends()",
        "tokens: Annotated[Tokens, Depends()]",
        "tokens: TokensDependency",
        "tokens: FromDishka[Tokens]",
        "tokens=Depends(get_tokens)",
    ],
)
def test_claims_enter_through_a_dependency(parameter: str) -> None:
    found = program(
        SERVICE
        + f"""
TokensDependency = Annotated[Tokens, Depends(get_tokens)]


@app.post("/login")
def login(form: Annotated[OAuth2PasswordRequestForm, Depends()], {parameter}):
    user = User.query.filter_by(name=form.username).first()
    if user is None or not user.check_password(form.password):
        raise HTTPException(401)
    return {{"access_token": tokens.make(user, extra={{"role": user.role}})}}  # enters: role
""",
        models=USER,
        settings="KEY = load()\n",
    )
    assert entered(found) == found.marked("enters")


CALLS = ("grow{n}(a, b)", "grow{n}(b, a)", "grow{n}(a + b, b - a)")
BRANCHES = [f"def grow{n}(a, b):\n    return {' + '.join(CALLS).format(n=n + 1)}" for n in range(12)]
LEAF = "def grow12(a, b):\n    return a + b\n\ndef look(shelf):\n    return shelf.get(grow0(1, 2)).get('height')\n"
ENDLESS = "\n\n".join((*BRANCHES, LEAF))


def test_no_question_uses_up_what_the_others_need(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jwtlint.linker.evaluate.BUDGET", 6_000)
    monkeypatch.setattr("jwtlint.linker.evaluate.SIMPLE", 6_000)
    code = SERVICE + """
@app.post("/login")
def login(form: Annotated[OAuth2PasswordRequestForm, Depends()], tokens: Annotated[Tokens, Depends(get_tokens)]):
    user = User.query.filter_by(name=form.username).first()
    return {"access_token": tokens.make(user, extra={"role": user.role})}  # enters: role
"""

    def found() -> list[tuple[str, str, int]]:
        return entered(program(code, a_tree=ENDLESS, models=USER, settings="KEY = load()\n"))

    assert found() == []
    monkeypatch.setattr("jwtlint.linker.evaluate.SIMPLE", 500)
    assert [name for name, *_ in found()] == ["role"]
