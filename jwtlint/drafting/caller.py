"""Code that calls a wrapper, with which a draft is tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jwtlint.drafting.flow import Flow
from jwtlint.facts.program import Function, Parameter
from jwtlint.linker.library import Api

VERIFYING = """

def read(raw):
    return CALL
"""
LOGIN = """\
from flask import Flask, abort, jsonify, request

from models import User

app = Flask(__name__)


@app.post("/login")
def login():
    user = User.query.filter_by(email=request.json["email"]).first()
    if user is None or not user.check_password(request.json["password"]):
        abort(401)
    token = CALL
    return jsonify(access_token=token)
"""
VALUES: Mapping[str, str] = {
    "claims": '{"sub": user.id, "role": user.role}',
    "extra": '{"role": user.role}',
    "identity": "user.id",
    "token": "raw",
    "key": "KEY",
    "algorithms": '["HS256"]',
    "lifetime": "600",
}


def caller(function: Function, name: str, api: Api) -> tuple[str, int]:
    """Code that calls a function with what it needs, and the line of the call."""
    module, _, last = name.rpartition(".")
    receiver = ""
    if function.owner:
        module, _, receiver = module.rpartition(".")
    roles = {argument.keywords[0]: role for role, argument in api.args.items()}
    flow = Flow(function)
    given: list[str] = []
    for parameter in flow.parameters:
        role = roles.get(parameter.name, "")
        if parameter.default is None or role in ("claims", "extra", "identity", "token"):
            value = "user" if role == "identity" and flow.is_taken_apart(parameter.name) else VALUES.get(role, "None")
            named = parameter.kind == "keyword" or by_name(given, flow.parameters, parameter)
            given.append(f"{parameter.name}={value}" if named else value)
    target = f"{receiver}().{last}" if receiver else last
    call = f"{target}({', '.join(given)})"
    head = f"from {module} import {receiver or last}\n"
    code = VERIFYING if api.fact == "verify" else LOGIN
    code = head + code.replace("CALL", call)
    return code, next(number for number, text in enumerate(code.splitlines(), 1) if call in text)


def by_name(given: Sequence[str], parameters: Sequence[Parameter], parameter: Parameter) -> bool:
    """Whether an argument before this one was left out, so that it must be named."""
    return len(given) < parameters.index(parameter)
