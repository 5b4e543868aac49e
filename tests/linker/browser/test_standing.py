"""Whose token it is, and whether such tokens are JWTs: only then is a finding made of it."""

from __future__ import annotations

from fronts import OPAQUE_SERVER, SERVER, front

STORE = 'localStorage.setItem("token", (await login()).data.token);\n'
OAUTH = 'localStorage.setItem("access_token", (await login()).data.access_token);\n'


def test_a_server_whose_sessions_are_jwts_decides() -> None:
    (kept,) = front(STORE, server=SERVER).told
    assert kept.confidence == "high"
    assert any("sessions" in reason.text for reason in kept.reasons)


def test_an_opaque_token_is_told_to_pedants_only() -> None:
    told = front(OAUTH, server=OPAQUE_SERVER)
    assert told.told == []
    assert [(fact.purpose, fact.confidence) for fact in told.deliveries if fact.medium == "local_storage"] == [("unknown", "low")]


def test_scripts_that_take_the_token_apart_know_it_for_a_jwt() -> None:
    told = front(f'import {{ jwtDecode }} from "jwt-decode";\n{STORE}export const me = (t) => jwtDecode(t);\n', server=OPAQUE_SERVER)
    assert [(fact.medium, fact.confidence) for fact in told.told] == [("local_storage", "medium")]
    by_hand = front(f'{STORE}const claims = (token) => JSON.parse(atob(token.split(".")[1]));\n', server=None)
    assert len(by_hand.told) == 1


def test_a_name_that_says_jwt_is_enough() -> None:
    assert len(front('localStorage.setItem("jwt", answer.jwt);\n', server=None).told) == 1


def test_what_names_say_does_not_outweigh_the_server() -> None:
    assert front('localStorage.setItem("jwt", answer.jwt);\n', server=OPAQUE_SERVER).told == []


def test_tokens_of_another_issuer_are_not_the_servers() -> None:
    server = """
import jwt
from flask import Flask, abort, request
app = Flask(__name__)
keys = jwt.PyJWKClient("https://id.example/.well-known/jwks.json")

@app.before_request
def identify():
    token = request.headers["Authorization"].removeprefix("Bearer ")
    key = keys.get_signing_key_from_jwt(token)
    request.user_id = jwt.decode(token, key.key, algorithms=["RS256"], audience="api", issuer="https://id.example/")["sub"]
"""
    told = front(f'import {{ jwtDecode }} from "jwt-decode";\n{OAUTH}export const me = (t) => jwtDecode(t);\n', server=server)
    assert told.told == []


def test_without_a_server_an_access_token_counts_and_a_plain_token_does_not() -> None:
    assert len(front(OAUTH, server=None).told) == 1
    assert front(STORE, server=None).told == []


def test_sessions_by_jwt_show_in_the_verdict() -> None:
    assert list(front(OAUTH, server=None).lifecycle.applications.values()) == [True]
    assert True not in front(OAUTH, server=OPAQUE_SERVER).lifecycle.applications.values()
