"""Applications in layers: what handlers reach through services, repositories, schemas and serializers.

A comment ``# changes:``, ``# answers:``, ``# takes:`` stands where a fact of that kind is expected.
"""

from __future__ import annotations

import pytest
from programs import Program, at

from jwtlint.facts import lifecycle as facts

MODELS = """
from sqlalchemy import Boolean, Column, Integer, String
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    name = Column(String)
    role = Column(String)
    is_active = Column(Boolean)
    hashed_password: str = Column(String)


class Room(Base):
    __tablename__ = "rooms"
    id = Column(Integer, primary_key=True)
    topic = Column(String)
    password_hash: str = Column(String)
"""
SCHEMAS = """
from pydantic import BaseModel


class UserUpdate(BaseModel):
    name: str | None = None
    password: str | None = None


class StaffUpdate(BaseModel):
    role: str | None = None
    is_active: bool | None = None


class NameUpdate(BaseModel):
    name: str | None = None
"""
SECURITY = """
import os

import jwt
from fastapi import Depends, HTTPException
from fastapi.security import OAuth2PasswordBearer

from models import User

KEY = os.environ["KEY"]
bearer = OAuth2PasswordBearer("/login")


def create_token(user, kind="access"):
    return jwt.encode({"sub": str(user.id), "kind": kind}, KEY)


def get_db():
    yield None


def claims_of(token):
    return jwt.decode(token, KEY, algorithms=["HS256"])


def current_user(token: str = Depends(bearer), db=Depends(get_db)) -> User:
    claims = claims_of(token)
    user = db.query(User).filter(User.id == claims["sub"]).first()
    if user is None:
        raise HTTPException(401)
    return user
"""
APP = """
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordRequestForm
from passlib.context import CryptContext

from models import Room, User
from schemas import NameUpdate, StaffUpdate, UserUpdate
from security import claims_of, create_token, current_user, get_db

app = FastAPI()
passwords = CryptContext()


@app.post("/login")
def login(form: OAuth2PasswordRequestForm = Depends(), db=Depends(get_db)):
    user = db.query(User).filter(User.name == form.username).first()
    if user is None or not passwords.verify(form.password, user.hashed_password):
        raise HTTPException(401)
    return {"access_token": create_token(user)}

"""


def application(code: str, **others: str) -> Program:
    """The application with more handlers."""
    files = {"app": APP + code, "models": MODELS, "schemas": SCHEMAS, "security": SECURITY, **others}
    return Program({f"{name}.py": text for name, text in files.items()})


CHANGES = {
    "a helper's dropped cache is no revocation": """
def invalidate_user_cache(user_id):
    cache.delete(f"user:{user_id}")


@app.post("/password")
def change_password(new: UserUpdate, user: User = Depends(current_user)):  # changes: password-change
    user.hashed_password = passwords.hash(new.password)
    invalidate_user_cache(user.id)
""",
    "a service that a constructor hands on to the one above": """
from containers import Provide


class UserRepository:
    def __init__(self, session):
        self.session = session

    def save(self, key: int, **columns):
        user = self.session.get(User, key)
        for name, value in columns.items():
            setattr(user, name, value)


class UserService:
    def __init__(self, users: UserRepository | None = None):
        self.users = users or UserRepository(None)

    def accept(self, user, password):
        self.users.save(user.id, **{"hashed_password": password})


class Resource:
    def __init__(self, service, *options):
        self.service = service


class UserResource(Resource):
    def __init__(self, name: str, service: UserService = Provide["users"]):
        super().__init__(service, name)


class PasswordResource(UserResource):
    @app.post("/password")
    def post(self, new: NameUpdate, user: User = Depends(current_user)):  # changes: password-change
        self.service.accept(user, new.name)
""",
    "a reset under the address of sign-ups": """
@app.post("/register/reset-password/{token}")
def reset(token: str, password: str, db=Depends(get_db)):  # changes: password-change
    user = db.query(User).filter(User.id == claims_of(token)["sub"]).first()
    user.hashed_password = passwords.hash(password)
""",
    "the fields of a schema that loads the request": """
from marshmallow import Schema, fields


class PersonSchema(Schema):
    name = fields.Str()
    password = fields.Str(load_only=True)


class People:
    def save(self, user, **columns):
        for name, value in columns.items():
            setattr(user, name, value)


@app.put("/me")
def update_me(body: dict, user: User = Depends(current_user)):  # changes: password-change
    People().save(user, **PersonSchema().load(body))
""",
    "a dictionary that is known to hold no password": """
class Users:
    def update(self, user, data):
        values = data if isinstance(data, dict) else data.model_dump(exclude_unset=True)
        if "password" in values:
            user.hashed_password = passwords.hash(values["password"])
        for name in values:
            setattr(user, name, values[name])


@app.post("/verified")
def verified(user: User = Depends(current_user)):
    Users().update(user, {"verified": True, "code": None})


@app.put("/me")
def update_me(data: UserUpdate, user: User = Depends(current_user)):  # changes: password-change
    Users().update(user, data)
""",
    "an entity that a repository writes back": """
from dataclasses import dataclass


@dataclass
class UserEntity:
    id: int
    name: str
    role: str
    hashed_password: str


class Users:
    def __init__(self, db):
        self.db = db

    def get(self, key: int) -> UserEntity:
        row = self.db.get(User, key)
        return UserEntity(id=row.id, name=row.name, role=row.role, hashed_password=row.hashed_password)

    def update(self, entity: UserEntity):
        row = self.db.get(User, entity.id)
        row.name = entity.name
        row.role = entity.role
        row.hashed_password = entity.hashed_password


@app.post("/me")
def rename(new: NameUpdate, db=Depends(get_db), user: User = Depends(current_user)):
    entity = Users(db).get(user.id)
    entity.name = new.name
    Users(db).update(entity)


@app.post("/password")
def change_password(new: UserUpdate, db=Depends(get_db), user: User = Depends(current_user)):  # changes: password-change
    entity = Users(db).get(user.id)
    entity.hashed_password = passwords.hash(new.password)
    Users(db).update(entity)
""",
    "a message that a mediator brings to its handler": """
from dataclasses import dataclass
from typing import Generic, TypeVar

Message = TypeVar("Message")
Answer = TypeVar("Answer")


class Handler(Generic[Message, Answer]):
    async def handle(self, message: Message) -> Answer: ...


@dataclass
class ChangePassword:
    user: User
    password: str


@dataclass
class ListRooms:
    user: User


class ChangePasswordHandler(Handler[ChangePassword, None]):
    async def handle(self, message: ChangePassword) -> None:
        message.user.hashed_password = passwords.hash(message.password)


class ListRoomsHandler(Handler[ListRooms, list]):
    async def handle(self, message: ListRooms) -> list:
        return [message.user.name]


@app.post("/password")
async def change_password(new: UserUpdate, bus: Bus = Depends(), user: User = Depends(current_user)):  # changes: password-change
    await bus.send(ChangePassword(user, new.password))


@app.post("/rooms")
async def rooms(bus: Bus = Depends(), user: User = Depends(current_user)):
    return await bus.send(ListRooms(user))
""",
    "a document that is made of schemas": """
from beanie import Document
from pydantic import BaseModel


class PersonOut(BaseModel):
    name: str


class Person(Document, PersonOut):
    password: str


@app.post("/password")
async def change_password(new: UserUpdate, user: User = Depends(current_user)):  # changes: password-change
    person = await Person.find_one(Person.name == user.name)
    person.password = passwords.hash(new.password)
    await person.save()
""",
    "another thing's password": """
class RoomService:
    def update_room(self, room, data: UserUpdate):
        room.password_hash = passwords.hash(data.password)


@app.put("/rooms/{room_id}")
def update_room(room_id: int, data: UserUpdate, db=Depends(get_db), rooms: RoomService = Depends()):
    rooms.update_room(db.query(Room).filter(Room.id == room_id).first(), data)
""",
    "a copy of the row that is written back": """
class Users:
    def update(self, user: User, data):
        values = data if isinstance(data, dict) else data.model_dump(exclude_unset=True)
        if values.get("password"):
            values["hashed_password"] = passwords.hash(values["password"])
        for name in values:
            setattr(user, name, values[name])

    def rename(self, user: User, name):
        data = UserUpdate(**vars(user))
        data.name = name
        return self.update(user, data)


users = Users()


@app.put("/me/name")
def rename(name: str, user: User = Depends(current_user)):
    users.rename(user, name)


@app.put("/me")
def update_me(data: UserUpdate, user: User = Depends(current_user)):  # changes: password-change
    users.update(user, data)
""",
    "fields of a schema, one after the other": """
def apply(user: User, data):
    for name, value in data.model_dump(exclude_unset=True).items():
        setattr(user, name, value)


@app.patch("/users/{user_id}")
def edit(user_id: int, data: StaffUpdate, db=Depends(get_db)):  # changes: account-end
    apply(db.query(User).filter(User.id == user_id).first(), data)


@app.patch("/users/{user_id}/name")
def edit_name(user_id: int, data: NameUpdate, db=Depends(get_db)):
    apply(db.query(User).filter(User.id == user_id).first(), data)
""",
    "rights that are rows of their own": """
def add_scope(db, username: str, scope: str):
    db.execute(scopes.insert().values(username=username, scope=scope))


def rename_scope(db, scope: str, title: str):
    db.execute(scopes.update().values(title=title))


@app.post("/users/{username}/scopes/{scope}")
def give(username: str, scope: str, db=Depends(get_db)):  # changes: role-change
    add_scope(db, username, scope)


@app.put("/scopes/{scope}")
def rename(scope: str, title: str, db=Depends(get_db)):
    rename_scope(db, scope, title)
""",
    "a hash in a schema that is dumped into an update": """
class Repository:
    def update(self, user_id, **columns):
        self.db.execute(table.update().where(table.c.id == user_id).values(**columns))


class Accounts:
    def __init__(self):
        self.repository = Repository()

    def update(self, user_id: int, data: UserUpdate):
        data.password = hash_password(data.password)
        return self.repository.update(user_id, **data.model_dump())

    def create(self, data: UserUpdate):
        data.password = hash_password(data.password)
        return self.repository.create(**data.model_dump())


@app.put("/me")
def update_me(data: UserUpdate, user: User = Depends(current_user), accounts: Accounts = Depends()):  # changes: password-change
    accounts.update(user.id, data)


@app.post("/staff")
def add_member(data: UserUpdate, accounts: Accounts = Depends()):
    accounts.create(data)
""",
    "two handlers of one name": """
@app.put("/me/password")
def update(new: UserUpdate, user: User = Depends(current_user)):  # changes: password-change
    user.hashed_password = passwords.hash(new.password)


@app.put("/me/name")
def update(new: NameUpdate, user: User = Depends(current_user)):
    user.name = new.name
""",
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_through_layers(name: str) -> None:
    found = application(CHANGES[name])
    handlers = found.all(facts.Handler, revokes=False)
    assert sorted((one.role, *at(one)) for one in handlers) == found.marked("changes")
    assert found.all(facts.Handler, revokes=True) == []


def test_a_handler_that_another_of_its_name_replaces_is_called_by_its_own_name() -> None:
    assert application(CHANGES["two handlers of one name"]).one(facts.Handler).name == "update"


CONTAINER = """
from fastapi import Depends, Request

from security import create_token


class Tokens:
    def make(self, user):
        return create_token(user)


class Container:
    def tokens(self):
        return Tokens()


def get_container(request: Request):
    container: Container = request.app.state.container
    return container


def get_tokens(request: Request):
    return request.app.state.tokens


def from_container(container: Container = Depends(get_container)):
    return container.tokens()
"""


@pytest.mark.parametrize("dependency", ["get_tokens", "from_container"])
def test_an_annotation_tells_what_a_container_of_the_application_gives(dependency: str) -> None:
    code = f"""
from container import Tokens, from_container, get_tokens


@app.post("/token")
def token(name: str, db=Depends(get_db), tokens: Tokens = Depends({dependency})):
    user = db.query(User).filter(User.name == name).first()
    return {{"access_token": tokens.make(user)}}  # answers: body
"""
    found = application(code, container=CONTAINER)
    wanted = found.lines("answers")
    assert [at(one) for one in found.all(facts.Delivery, medium="body") if at(one) in wanted] == wanted


SANIC = """
from functools import wraps

import jwt
from sanic import Sanic, json
from sanic.exceptions import Unauthorized
from tortoise import Model, fields

app = Sanic("shop")
SECRET = "a secret of the shop"  # key: literal


class Users(Model):
    login = fields.CharField(max_length=32)
    password = fields.CharField(max_length=32)
    is_active = fields.BooleanField()


async def authentication(request):
    claims = jwt.decode(request.token, request.app.config.SECRET, algorithms=["HS256"])
    request.ctx.user = await Users.get(id=claims["id"])


app.register_middleware(authentication, "request")


def active_only(view):
    @wraps(view)
    async def guarded(request, *args):
        if {test}:
            raise Unauthorized("switched off")
        return await view(request, *args)

    return guarded


@app.post("/login")
async def login(request):
    user = await Users.get(login=request.json.get("login"))
    if user.password != request.json.get("password"):
        raise Unauthorized("wrong")
    return json({{"access": jwt.encode({{"id": user.id}}, request.app.config.SECRET)}})


@app.get("/users/<user_id:int>/deactivate")
@active_only
async def deactivate(request, user_id):
    user = await Users.get(id=user_id)
    user.is_active = False
    await user.save()
    return json({{}})
"""


@pytest.mark.parametrize(("test", "survive"), [("not request.ctx.user.is_active", False), ("not request.ctx.user.login", True)])
def test_a_decorator_that_refuses_users_who_are_switched_off_guards_the_application(test: str, survive: bool) -> None:
    found = Program({"app.py": SANIC.format(test=test)})
    assert found.one(facts.Handler, role="account-end").tokens_survive is survive


def test_a_setting_that_is_an_attribute_of_the_application_s_configuration() -> None:
    found = Program({"app.py": SANIC.format(test="True")})
    assert {at(one) for one in found.all(facts.SigningKey, source="literal")} == set(found.lines("key"))


SERVICE = """
from fastapi import Depends

from security import create_token


class Accounts:
    def authenticate(self, name):
        user = find(name)
        return {"access_token": create_token(user)}


def make_accounts() -> Accounts:
    return Accounts()


AccountsDep = Depends(make_accounts)
"""


@pytest.mark.parametrize(
    ("imported", "default"),
    [("from service import Accounts, AccountsDep", "AccountsDep"), ("import service", "service.AccountsDep")],
)
def test_a_dependency_that_is_kept_under_a_name(imported: str, default: str) -> None:
    code = f"""
{imported}


@app.post("/token")
def token(name: str, accounts={default}):
    answer = accounts.authenticate(name)
    return {{"access_token": answer["access_token"]}}  # answers: body
"""
    found = application(code, service=SERVICE)
    wanted = found.lines("answers")
    assert [at(one) for one in found.all(facts.Delivery, medium="body") if at(one) in wanted] == wanted


@pytest.mark.parametrize(
    ("path", "parameter", "taken"),
    [
        ("/refresh", "refresh_token: str", True),
        ("/refresh", "refresh_token: str | None = None", True),
        ("/refresh/{refresh_token}", "refresh_token: str", False),
        ("/refresh", "refresh_token: str = Body()", False),
        ("/refresh", "refresh_token: str = Cookie()", False),
    ],
)
def test_a_plain_text_parameter_is_read_from_the_query_string(path: str, parameter: str, taken: bool) -> None:
    code = f"""
from fastapi import Body, Cookie

from security import claims_of


@app.post("{path}")
def refresh({parameter}, db=Depends(get_db)):
    claims = claims_of(refresh_token)
    user = db.query(User).filter(User.id == claims["sub"]).first()
    if user is None:
        raise HTTPException(401)
    return {{"access_token": create_token(user)}}
"""
    assert bool(application(code).all(facts.Delivery, medium="url", direction="read")) is taken


READ = "def touch(db, name):\n    user = db.query(User).filter(User.name == name).first()\n"
REFRESH = """
import jwt

from security import KEY


{helper}


@app.post("/refresh")
def refresh(data: dict, db=Depends(get_db)):
    name = jwt.decode(data["refresh"], KEY, algorithms=["HS256"])["sub"]
    {read}
    return {{"access_token": jwt.encode({{"sub": name}}, KEY)}}
"""


@pytest.mark.parametrize(
    ("helper", "copies"),
    [
        (f"{READ}    user.seen = 1\n    return user", True),
        (f"{READ}    if user is None:\n        raise HTTPException(401)\n    return user", False),
    ],
    ids=["passed over", "refused"],
)
def test_a_user_who_is_read_and_passed_over_is_not_checked(helper: str, copies: bool) -> None:
    found = application(REFRESH.format(helper=helper, read="touch(db, name)"))
    assert bool(found.all(facts.Mint, copies_claims=True)) is copies


@pytest.mark.parametrize(
    ("helper", "recorded"),
    [
        ("def set_auth_cookies(response, refresh_token):\n    response.set_cookie('refresh', refresh_token, httponly=True)", False),
        ("def set_auth_cookies(response, refresh_token):\n    store.set_token(refresh_token)", True),
    ],
    ids=["a cookie", "a store"],
)
def test_a_refresh_token_in_a_cookie_is_no_record(helper: str, recorded: bool) -> None:
    code = f"""
{helper}


@app.post("/auth/login")
def start(response: Response, name: str, db=Depends(get_db)):
    user = db.query(User).filter(User.name == name).first()
    refresh_token = jwt.encode({{"sub": str(user.id), "type": "refresh"}}, KEY)
    set_auth_cookies(response, refresh_token=refresh_token)
    return {{"access_token": create_token(user)}}
"""
    head = "import jwt\nfrom fastapi import Response\n\nfrom security import KEY\n"
    assert application(head + code).one(facts.Mint, role="refresh").record is recorded


@pytest.mark.parametrize(("helper", "recorded"), [("deny_token", True), ("note", False)])
def test_a_refresh_handler_that_ends_the_shown_token_knows_the_ended_ones(helper: str, recorded: bool) -> None:
    head = """
import jwt

from security import KEY, claims_of


def invalidate_token(token):
    store.set(f"invalid:{token}", 1)


def deny_token(token):
    invalidate_token(token)


def note(token):
    print(token)

"""
    code = f"""
@app.post("/refresh")
def refresh(data: dict):
    claims = claims_of(data["refresh"])
    {helper}(data["refresh"])
    return {{"access_token": make(claims["sub"], "access"), "refresh_token": make(claims["sub"], "refresh")}}


def make(subject, kind):
    return jwt.encode({{"sub": subject, "type": kind}}, KEY)
"""
    found = application(head + code).one(facts.Mint, role="refresh", copies_claims=False)
    assert (found.record, found.rotated) == (recorded, True)


def test_a_handler_called_refresh_token_may_mint_an_access_token() -> None:
    code = """
import jwt

from security import KEY, claims_of


class Tokens:
    def refresh_token(self, shown):
        access_token = jwt.encode({"sub": claims_of(shown)["sub"]}, KEY)
        return {"access_token": access_token}


@app.post("/renew")
def renew(data: dict):
    return Tokens().refresh_token(data["refresh"])
"""
    assert {mint.role for mint in application(code).all(facts.Mint)} == {"access"}


def test_a_key_that_a_serializer_of_an_interface_was_made_with() -> None:
    code = """
from abc import ABC, abstractmethod

import jwt

import settings


class Serializer(ABC):
    @abstractmethod
    def dumps(self, user): ...


class JwtSerializer(Serializer):
    def __init__(self, secret):
        self.secret = secret

    def dumps(self, user):
        return jwt.encode({"sub": str(user.id)}, self.secret)


class Resets:
    def __init__(self, serializer: Serializer):
        self.serializer = serializer

    def start(self, user):
        return self.serializer.dumps(user)


def resets():
    return Resets(JwtSerializer(settings.KEY))


@app.post("/forgot-password")
def forgot(name: str, service: Resets = Depends(), user: User = Depends(current_user)):
    send_mail(user, service.start(user))
"""
    found = application(code, settings='KEY = "a literal"\n').one(facts.SigningKey)
    assert (found.source, *at(found)) == ("literal", "settings.py", 1)


def test_an_arm_that_a_constant_rules_out_sets_no_lifetime() -> None:
    code = """
import time

import jwt

from security import KEY

SHORT = 900
LONG = 30 * 86_400


def make(user, kind):
    if kind == "access":
        seconds = SHORT
    else:
        seconds = LONG
    return jwt.encode({"sub": str(user.id), "exp": time.time() + seconds}, KEY)


@app.post("/token")
def token(name: str, db=Depends(get_db)):
    user = db.query(User).filter(User.name == name).first()
    return {"access_token": make(user, "access"), "refresh_token": make(user, "refresh")}
"""
    lifetimes = {(one.role, one.lifetime) for one in application(code).all(facts.Mint) if one.lifetime is not None}
    assert lifetimes == {("access", 900), ("refresh", 2_592_000)}


MAGIC = """
import smtplib

import jwt

from security import KEY


def make_magic_tokens(subject):
    tokens = []
    for one in (subject, "browser"):
        encoded_jwt = jwt.encode({"sub": str(one)}, KEY)
        tokens.append(encoded_jwt)
    return tokens


def send_login_email(to, token):
    smtplib.SMTP("localhost").sendmail("shop@example.com", to, token)


@app.post("/magic/{email}")
def login_with_magic_link(email: str, db=Depends(get_db)):
    user = db.query(User).filter(User.name == email).first()
    tokens = make_magic_tokens(user.id)
    send_login_email(email, tokens[0])
    return {"claim": tokens[1]}
"""


def test_the_tokens_of_a_list_are_followed_to_where_its_elements_go() -> None:
    purposes = {one.wrapper: one.purpose for one in application(MAGIC).all(facts.Mint)}
    assert purposes == {"create_token": "session", "make_magic_tokens": "one-time"}


SERIALIZER = """
from django.contrib.auth import get_user_model
from rest_framework import generics, serializers
from rest_framework_simplejwt.authentication import JWTAuthentication

User = get_user_model()


class UserSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = {fields}
        {locked}


class UserView(generics.RetrieveUpdateAPIView):
    queryset = User.objects.all()
    serializer_class = UserSerializer
    authentication_classes = (JWTAuthentication,)

    def update(self, request, *args, **kwargs):
        user = User.objects.get(pk=request.data["pk"])
        serializer = UserSerializer(user, data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save()
"""
URLS = """
from django.urls import path
from rest_framework_simplejwt.views import TokenObtainPairView

from accounts.views import UserView

urlpatterns = [path("token/", TokenObtainPairView.as_view()), path("users/", UserView.as_view())]
"""


@pytest.mark.parametrize(
    ("fields", "locked", "changes"),
    [
        ('["id", "password", "email"]', "", True),
        ('["id", "email"]', "", False),
        ('["id", "password", "email"]', 'read_only_fields = ["password"]', False),
    ],
)
def test_a_password_that_a_model_serializer_takes_is_changed(fields: str, locked: str, changes: bool) -> None:
    found = Program(
        {
            "manage.py": "",
            "accounts/__init__.py": "",
            "accounts/views.py": SERIALIZER.format(fields=fields, locked=locked),
            "accounts/urls.py": URLS,
        }
    )
    assert [one.role for one in found.all(facts.Handler)] == (["password-change"] if changes else [])


@pytest.mark.parametrize(
    ("answer", "carries"),
    [
        ('Response(json.dumps({"redirect": "/chat"}), media_type="application/json")', False),
        ('JSONResponse({"state": "ok", "parts": [1, 2]}, 201)', False),
        ('JSONResponse({"state": "ok", "user": drawn(name)})', True),
        ("JSONResponse(answer_for(name))", True),
    ],
)
def test_a_body_of_nothing_but_literals_carries_no_token(answer: str, carries: bool) -> None:
    code = f"""
import json

from fastapi.responses import JSONResponse, Response
from shop import answer_for, drawn


@app.post("/login")
def login(name: str, db=Depends(get_db)):
    user = db.query(User).filter(User.name == name).first()
    remember(create_token(user))
    return {answer}  # answers: body
"""
    found = application(code)
    assert (found.lines("answers")[-1] in [at(one) for one in found.all(facts.Delivery, medium="body")]) == carries


@pytest.mark.parametrize(
    ("line", "role"),
    [("hand_out(user, response)", "access"), ("kept = hand_out(user, response)", "refresh")],
)
def test_a_token_that_is_not_given_back_is_not_called_like_what_is(line: str, role: str) -> None:
    code = f"""
import secrets

import jwt
from fastapi import Response
from security import KEY


def hand_out(user, response):
    value = jwt.encode({{"sub": user.name}}, KEY)
    response.set_cookie("s", value)
    return value


def renewed_refresh_token(user, response):
    {line}
    return secrets.token_urlsafe()


@app.post("/renew")
def renew(name: str, response: Response, db=Depends(get_db)):
    user = db.query(User).filter(User.name == name).first()
    response.set_cookie("r", renewed_refresh_token(user, response))
"""
    found = application(code)
    assert [mint.role for mint in found.all(facts.Mint) if mint.place.path == "app.py"] == [role]


MAKER_PROTOCOL = """
from typing import Protocol


class TokenMaker(Protocol):
    def make(self, name: str) -> str: ...

    def check(self, token: str) -> str | None: ...
"""
JWT_MAKER = """
import jwt


class JwtMaker:
    def make(self, name):
        return jwt.encode({"sub": name}, KEY, algorithm="HS256")

    def check(self, token):
        return jwt.decode(token, KEY, algorithms=["HS256"])["sub"]

"""
SKETCH = """
class Sketch:
    def make(self, name):
        return name.upper()
"""
ACCOUNTS = """
from protocol import TokenMaker


class Accounts:
    def __init__(self, users, maker{annotation}) -> None:
        self.users = users
        self.maker = maker

    async def enter(self, name, password):
        user = await self.users.by_name(name)
        if user is None or not verify_password(password, user.hashed_password):
            return None
        return self.maker.make(user.name)
"""
ENTRY = """
from fastapi import Depends, FastAPI, HTTPException
from implemented import JwtMaker
from service import Accounts

app = FastAPI()


def accounts(users=Depends(user_store)) -> Accounts:
    return Accounts(users, maker=JwtMaker())


@app.post("/login")
async def login(body: Body, service: Accounts = Depends(accounts)):
    made = await service.enter(body.name, body.password)
    if made is None:
        raise HTTPException(401)
    return {"access_token": made}  # answers: body
"""


@pytest.mark.parametrize(("annotation", "beside"), [("", ""), (": TokenMaker", ""), (": TokenMaker", SKETCH)])
def test_a_class_that_has_all_methods_of_a_protocol_stands_behind_it(annotation: str, beside: str) -> None:
    """PEP 544: an implementation need not inherit. ``Sketch`` lacks a method, and implements nothing."""
    service = ACCOUNTS.format(annotation=annotation)
    program = Program({"protocol.py": MAKER_PROTOCOL, "implemented.py": JWT_MAKER + beside, "service.py": service, "entrance.py": ENTRY})
    assert [at(one) for one in program.all(facts.Delivery, medium="body")] == program.lines("answers")
