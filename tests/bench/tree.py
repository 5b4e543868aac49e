"""A large tree of Python files, the same on every run: many that have nothing to do with tokens, and one in a hundred that has."""

from __future__ import annotations

import random
from pathlib import Path

WORDS = (
    "account address amount archive batch branch budget carrier catalogue category channel charge city cluster column contract "
    "country coupon currency customer delivery depot device discount document driver event field folder forecast gateway group "
    "invoice item journal label ledger letter limit market measure member message meter notice offer order parcel partner payment "
    "period picture place plan price product profile quote rate reading receipt record region report request route sample schedule "
    "section sensor series service shelf shipment signal site source stage station stock supplier survey table tariff ticket tour "
    "track unit update value vehicle version visit voucher warehouse week zone"
).split()

PACKAGES = 100
SERVICE_FILES = 5

SECURITY = '''\
"""Tokens of the {name} service."""

from datetime import datetime, timedelta, timezone

import jwt
from fastapi import HTTPException

from .settings import ACCESS_MINUTES, ALGORITHM, SIGNING_KEY


def create_access_token(data: dict, minutes: int = ACCESS_MINUTES) -> str:
    to_encode = data.copy()
    to_encode.update({{"exp": datetime.now(timezone.utc) + timedelta(minutes=minutes)}})
    return jwt.encode(to_encode, SIGNING_KEY, algorithm=ALGORITHM)


def read_token(token: str) -> dict:
    try:
        return jwt.decode(token, SIGNING_KEY, algorithms=[ALGORITHM])
    except jwt.InvalidTokenError:
        raise HTTPException(401, "not signed in") from None
'''
SETTINGS = """\
import os

SIGNING_KEY = os.environ["{NAME}_KEY"]
ALGORITHM = "HS256"
ACCESS_MINUTES = {minutes}
"""
USERS = '''\
from sqlalchemy import Boolean, Column, Integer, String
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class User(Base):
    """A person who signs in to the {name} service."""

    __tablename__ = "{name}_users"
    id = Column(Integer, primary_key=True)
    email = Column(String, unique=True)
    hashed_password = Column(String)
    is_active = Column(Boolean, default=True)
    role = Column(String, default="reader")
'''
DEPENDENCIES = '''\
from fastapi import Depends
from fastapi.security import OAuth2PasswordBearer

from .security import read_token
from .users import User

scheme = OAuth2PasswordBearer(tokenUrl="/login")


def current_user(token: str = Depends(scheme)) -> dict:
    """Who sends the request."""
    return read_token(token)


def only_editors(user: dict = Depends(current_user)) -> User:
    if user["role"] != "editor":
        raise PermissionError
    return user
'''
MAIN = '''\
from fastapi import Depends, FastAPI, HTTPException
from passlib.context import CryptContext

from .dependencies import current_user, only_editors
from .security import create_access_token
from .users import User

app = FastAPI(title="{name}")
passwords = CryptContext(schemes=["bcrypt"])


@app.post("/login")
def login(email: str, password: str, session) -> dict:
    user = session.query(User).filter(User.email == email).first()
    if user is None or not passwords.verify(password, user.hashed_password):
        raise HTTPException(401)
    return {{"access_token": create_access_token({{"sub": str(user.id), "role": user.role}})}}


@app.get("/me")
def me(user: dict = Depends(current_user)) -> dict:
    return user


@app.delete("/{name}/{{number}}")
def delete(number: int, user: dict = Depends(only_editors)) -> None:
    """Delete one."""
'''

MODULE = '''\
"""What the platform knows of {title}."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

{imports}

logger = logging.getLogger(__name__)

{limit}_LIMIT = {number}
{names}_NAMES = ({words})


@dataclass
class {name}:
    """One {subject} with its {object}."""

{fields}    notes: list[str] = field(default_factory=list)
'''


def make(root: Path, files: int = 5_000, seed: int = 1) -> None:
    """Write ``files`` files under ``root``, a hundredth of them in services whose sessions are JWTs."""
    chance = random.Random(seed)
    services = max(1, files // 100 // SERVICE_FILES)
    for number in range(services):
        write_service(root / "services" / f"{WORDS[number % len(WORDS)]}_{number}", chance)
    others = files - services * SERVICE_FILES
    modules = [f"{chance.choice(WORDS)}_{chance.choice(WORDS)}_{number}" for number in range(others)]
    packages = [f"{word}s" for word in WORDS[:PACKAGES]]
    for number, module in enumerate(modules):
        package = packages[number % len(packages)]
        # modules of the same package, and some of another
        near = [modules[chance.randrange(number % len(packages), others, len(packages))] for _ in range(chance.randrange(4))]
        other = chance.randrange(others)
        lines = [f"from .{name} import {class_name(name)}" for name in dict.fromkeys(near) if name != module]
        lines.append(f"from ..{packages[other % len(packages)]}.{modules[other]} import {class_name(modules[other])}")
        path = root / "platform" / package / f"{module}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(module_text(module, lines, chance), encoding="utf-8")


def write_service(folder: Path, chance: random.Random) -> None:
    """One application that uses JWTs as sessions."""
    folder.mkdir(parents=True)
    names = {"name": folder.name, "NAME": folder.name.upper(), "minutes": chance.choice((15, 60, 1440))}
    texts = {"security": SECURITY, "settings": SETTINGS, "users": USERS, "dependencies": DEPENDENCIES, "main": MAIN}
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text.format(**names), encoding="utf-8")


def class_name(module: str) -> str:
    """``order_item_7`` -> ``OrderItem7``"""
    return "".join(part.capitalize() for part in module.split("_"))


def module_text(module: str, imports: list[str], chance: random.Random) -> str:
    """A module of about 120 lines: imports, constants, a class, functions."""
    name = class_name(module)
    fields = chance.sample(WORDS, 6)
    head = MODULE.format(
        title=module.replace("_", " "),
        imports="\n".join(sorted(imports)),
        limit=fields[0].upper(),
        number=chance.randrange(1000),
        names=fields[1].upper(),
        words=", ".join(repr(chance.choice(WORDS)) for _ in range(6)),
        name=name,
        subject=fields[0],
        object=fields[1],
        fields="".join(f"    {one}: {chance.choice(('int', 'str', 'Decimal'))}\n" for one in fields),
    )
    parts = [head]
    parts += [method_text(chance, fields) for _ in range(chance.randrange(2, 6))]
    parts += [function_text(chance, name) for _ in range(chance.randrange(2, 7))]
    return "\n".join(parts)


def method_text(chance: random.Random, fields: list[str]) -> str:
    """One method."""
    verb, word, other = chance.choice(("count", "find", "sum", "check", "merge")), chance.choice(WORDS), chance.choice(fields)
    return f'''\
    def {verb}_{word}(self, {word}: int, *, strict: bool = False) -> int:
        """{verb.capitalize()} the {word} of this {other}."""
        if strict and {word} > {chance.randrange(100)}:
            raise ValueError(f"too many: {{{word}}} of {{self.{other}}}")
        total = 0
        for index, note in enumerate(self.notes):
            if note.startswith("{chance.choice(WORDS)}"):
                total += index * {word}
            elif note in ("{chance.choice(WORDS)}", "{chance.choice(WORDS)}"):
                total -= 1
        logger.debug("%s of %s: %d", "{word}", self.{other}, total)
        return total
'''


def function_text(chance: random.Random, name: str) -> str:
    """One function."""
    word, other, third = chance.sample(WORDS, 3)
    return f'''
def {word}_by_{other}(items: Iterable[{name}], {third}: str = "{chance.choice(WORDS)}") -> dict[str, list[{name}]]:
    """Group what has a {word} by its {other}."""
    groups: dict[str, list[{name}]] = {{}}
    for item in items:
        key = f"{{item.notes[0] if item.notes else {third}}}-{chance.randrange(100)}"
        groups.setdefault(key, []).append(item)
    options = {{"{word}": {chance.randrange(50)}, "{other}": [{chance.randrange(9)}, {chance.randrange(9)}], "{third}": {third} or None}}
    if not groups and options["{word}"] > {chance.randrange(50)}:
        logger.warning("no %s for %s", "{word}", {third})
        return {{{third}: [item for item in items if item.notes]}}
    return {{key: sorted(value, key=lambda item: len(item.notes)) for key, value in groups.items()}}
'''
