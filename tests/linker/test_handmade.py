"""A JWT that is signed by hand is one like any other, and a code over something else is none.

A comment ``# minted:`` stands at the code that signs a token, ``# verified:`` where the codes are compared.
"""

from __future__ import annotations

from textwrap import dedent

import pytest
from programs import Program, at

from jwtlint.facts import lifecycle as facts

HEAD = """
import base64
import hashlib
import hmac
import json
import os
import time

from fastapi import Depends, FastAPI, Header, HTTPException

KEY = os.environ["KEY"].encode()
app = FastAPI()


def encoded(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

"""
ROUTES = """

@app.post("/login")
def login(name: str, password: str):
    user = authenticate(name, password)
    return {"access_token": sign({"sub": user.id, "role": user.role, "exp": int(time.time()) + 7200})}


def current_user(authorization: str = Header()):
    claims = read(authorization.removeprefix("Bearer "))
    if claims["role"] != "admin":
        raise HTTPException(403)
    return claims


@app.get("/reports")
def reports(user=Depends(current_user)):
    return {"for": user["sub"]}
"""
SIGN = """
def sign(claims):
    header = encoded(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    payload = encoded(json.dumps(claims).encode())
    code = hmac.new(KEY, f"{header}.{payload}".encode(), hashlib.sha256).digest()  # minted: here
    return f"{header}.{payload}.{encoded(code)}"

"""
READ = """
def read(token):
    header, payload, signature = token.split(".")
    expected = hmac.new(KEY, f"{header}.{payload}".encode(), hashlib.sha256).digest()
    if not hmac.compare_digest(encoded(expected), signature):  # verified: here
        raise HTTPException(401)
    return json.loads(decoded(payload))
"""
SIGNING = {
    "with a joined list": """
        def sign(claims):
            parts = [encoded(json.dumps({"typ": "JWT", "alg": "HS256"}).encode()), encoded(json.dumps(claims).encode())]
            message = ".".join(parts)
            code = hmac.new(KEY, message.encode(), hashlib.sha256).digest()  # minted: here
            return f"{message}.{encoded(code)}"
        """,
    "with a list that grows": """
        def sign(claims):
            segments = []
            segments.append(encoded(json.dumps({"alg": "HS256"}).encode()))
            segments.append(encoded(json.dumps(claims).encode()))
            code = hmac.digest(KEY, ".".join(segments).encode(), "sha256")  # minted: here
            segments.append(encoded(code))
            return ".".join(segments)
        """,
    "with a comprehension": """
        def sign(claims):
            segments = [encoded(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims)]
            code = hmac.new(KEY, ".".join(segments).encode(), hashlib.sha256).digest()  # minted: here
            return ".".join([*segments, encoded(code)])
        """,
    "with a header that is written out": """
        HEADER = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').rstrip(b"=")


        def sign(claims):
            message = HEADER + b"." + base64.urlsafe_b64encode(json.dumps(claims).encode()).replace(b"=", b"")
            code = hmac.new(KEY, msg=message, digestmod="sha256")  # minted: here
            return (message + b"." + base64.urlsafe_b64encode(code.digest())).decode()
        """,
    "with a header that is encoded": """
        def sign(claims):
            message = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." + encoded(json.dumps(claims).encode())
            return "%s.%s" % (message, encoded(hmac.new(KEY, message.encode(), "sha256").digest()))  # minted: here
        """,
    "with a code that is fed": """
        def sign(claims):
            message = "{}.{}".format(encoded(json.dumps({"alg": "HS256"}).encode()), encoded(json.dumps(claims).encode()))
            code = hmac.new(KEY, digestmod="sha256")  # minted: here
            code.update(message.encode())
            token = message
            token += "." + encoded(code.digest())
            return token
        """,
    "by a function that signs any text": """
        def segment(value):
            return encoded(json.dumps(value).encode())


        def signature(text):
            return encoded(hmac.new(KEY, text.encode(), hashlib.sha256).digest())


        def sign(claims):
            message = segment({"alg": "HS256"}) + "." + segment(claims)
            return message + "." + signature(message)  # minted: here


        def signed_link(path):
            return path + "?signature=" + signature(path)
        """,
    "by a class": """
        class Codec:
            def __init__(self, key):
                self.key = key

            def segment(self, value):
                return encoded(json.dumps(value).encode())

            def encode(self, claims):
                message = self.segment({"alg": "HS256"}) + "." + self.segment(claims)
                return message + "." + encoded(self.code(message))  # minted: here

            def code(self, message):
                return hmac.new(self.key, message.encode(), hashlib.sha256).digest()


        codec = Codec(KEY)


        def sign(claims):
            return codec.encode(claims)
        """,
}
READING = {
    "by an operator": """
        def read(token):
            parts = token.split(".")
            if len(parts) != 3:
                raise HTTPException(401)
            expected = hmac.new(KEY, ".".join(parts[:2]).encode(), hashlib.sha256).digest()
            if decoded(parts[2]) != expected:  # verified: here
                raise HTTPException(401)
            return json.loads(decoded(parts[1]))
        """,
    "by the whole of what is signed": """
        def read(token):
            message, _, signature = token.rpartition(".")
            _, payload = message.split(".")
            if not hmac.compare_digest(hmac.new(KEY, message.encode(), "sha256").digest(), decoded(signature)):  # verified: here
                raise HTTPException(401)
            return json.loads(decoded(payload))
        """,
    "by partitions": """
        def read(token):
            header, _, rest = token.partition(".")
            payload, _, signature = rest.partition(".")
            expected = hmac.new(KEY, f"{header}.{payload}".encode(), "sha256").digest()
            if not hmac.compare_digest(expected, decoded(signature)):  # verified: here
                raise HTTPException(401)
            return json.loads(decoded(payload))
        """,
    "in a function of its own": """
        def is_genuine(token):
            message, signature = token.rsplit(".", 1)
            expected = encoded(hmac.new(KEY, message.encode(), "sha256").digest())
            return hmac.compare_digest(expected, signature)  # verified: here


        def read(token):
            if not is_genuine(token):
                raise HTTPException(401)
            return json.loads(decoded(token.split(".")[1]))
        """,
    "with a function that reads a segment": """
        def cut(token):
            header, payload, signature = token.split(".")
            return header, payload, signature


        def object_in(segment, name):
            try:
                return json.loads(decoded(segment))
            except ValueError as error:
                raise HTTPException(401, name) from error


        def read(token):
            header, payload, signature = cut(token)
            if object_in(header, "header")["alg"] != "HS256":
                raise HTTPException(401)
            claims = object_in(payload, "payload")
            expected = hmac.new(KEY, f"{header}.{payload}".encode(), "sha256").digest()
            if not hmac.compare_digest(expected, decoded(signature)):  # verified: here
                raise HTTPException(401)
            return claims
        """,
}


def application(sign: str, read: str) -> Program:
    """An application that signs and reads its sessions in these ways."""
    return Program({"app.py": HEAD + dedent(sign) + dedent(read) + ROUTES})


def check(found: Program) -> None:
    """The tokens are sessions, with their claims, their lifetime, their delivery, and the decisions that rest on them."""
    mint = found.one(facts.Mint)
    assert [at(mint)] == found.lines("minted")
    assert (mint.purpose, mint.algorithm, mint.expiry, mint.lifetime) == ("session", "HS256", "set", 7200)
    assert [fact.name for fact in found.all(facts.Claim)] == ["role"]
    assert [fact.medium for fact in found.all(facts.Delivery)] == ["body"]
    verification = found.one(facts.Verification)
    assert [at(verification)] == found.lines("verified")
    assert (verification.purpose, verification.signature, verification.algorithms) == ("session", "checked", "fixed")
    assert [fact.claim for fact in found.all(facts.Trust)] == ["role"]


@pytest.mark.parametrize("sign", SIGNING.values(), ids=SIGNING.keys())
def test_a_token_is_signed(sign: str) -> None:
    check(application(sign, READ))


@pytest.mark.parametrize("read", READING.values(), ids=READING.keys())
def test_a_token_is_verified(read: str) -> None:
    check(application(SIGN, read))


def test_the_key_is_that_of_the_code() -> None:
    found = application(SIGN.replace("hmac.new(KEY", 'hmac.new(b"hunter2"'), READ)
    assert [fact.source for fact in found.all(facts.SigningKey)] == ["literal"]


def test_a_token_without_exp_never_expires() -> None:
    found = Program({"app.py": (HEAD + SIGN + READ + ROUTES).replace(', "exp": int(time.time()) + 7200', "")})
    assert found.one(facts.Mint).expiry == "missing"


def test_state_is_looked_for_on_the_way_to_the_claims() -> None:
    guarded = READ.replace("    return json", '    if store.get(f"revoked:{token}"):\n        raise HTTPException(401)\n    return json')
    found = Program({"app.py": "import redis\nstore = redis.Redis()\n" + HEAD + SIGN + guarded + ROUTES})
    assert found.one(facts.Verification).revocation == "denylist"


def test_a_token_for_another_service_is_no_session() -> None:
    call = """
def call_partner():
    token = sign({"iss": "billing", "exp": int(time.time()) + 60})
    return httpx.post("https://partner.example/", headers={"Authorization": "Bearer " + token})
"""
    found = Program({"app.py": "import httpx\n" + HEAD + SIGN + call})
    assert found.one(facts.Mint).purpose == "service"


NO_JWTS = {
    "a webhook": """
        import hashlib, hmac, json
        from flask import Flask, abort, request
        app = Flask(__name__)
        @app.post("/hook")
        def hook():
            expected = "sha256=" + hmac.new(SECRET, request.data, hashlib.sha256).hexdigest()
            if not hmac.compare_digest(expected, request.headers["X-Hub-Signature-256"]):
                abort(401)
            return {"role": json.loads(request.data)["role"]}
        """,
    "a webhook with a time": """
        import hashlib, hmac, json
        from flask import Flask, abort, request
        app = Flask(__name__)
        @app.post("/hook")
        def hook():
            header = dict(part.split("=") for part in request.headers["Stripe-Signature"].split(","))
            payload = request.get_data(as_text=True)
            expected = hmac.new(SECRET, f"{header['t']}.{payload}".encode(), hashlib.sha256).hexdigest()
            if not hmac.compare_digest(expected, header["v1"]):
                abort(401)
            return json.loads(payload)["role"]
        """,
    "a signed cookie": """
        import base64, hashlib, hmac, json
        from flask import Flask, abort, make_response, request
        app = Flask(__name__)
        def dump(data):
            payload = base64.urlsafe_b64encode(json.dumps(data).encode()).decode()
            return payload + "." + hmac.new(SECRET, payload.encode(), hashlib.sha256).hexdigest()
        def load(value):
            payload, signature = value.rsplit(".", 1)
            if not hmac.compare_digest(hmac.new(SECRET, payload.encode(), hashlib.sha256).hexdigest(), signature):
                abort(401)
            return json.loads(base64.urlsafe_b64decode(payload))
        @app.post("/login")
        def login():
            response = make_response("")
            response.set_cookie("auth", dump({"user_id": 1, "role": "admin"}))
            return response
        @app.get("/")
        def index():
            return load(request.cookies["auth"])["role"]
        """,
    "a signed cookie with a time": """
        import base64, hashlib, hmac, json, time
        from flask import Flask, abort, make_response, request
        app = Flask(__name__)
        def dump(data):
            value = base64.urlsafe_b64encode(json.dumps(data).encode()).decode() + "." + str(int(time.time()))
            return value + "." + hmac.new(SECRET, value.encode(), hashlib.sha256).hexdigest()
        def load(value):
            payload, timestamp, signature = value.split(".")
            if not hmac.compare_digest(hmac.new(SECRET, f"{payload}.{timestamp}".encode(), hashlib.sha256).hexdigest(), signature):
                abort(401)
            return json.loads(base64.urlsafe_b64decode(payload))
        @app.post("/login")
        def login():
            response = make_response("")
            response.set_cookie("auth", dump({"user_id": 1, "role": "admin"}))
            return response
        @app.get("/")
        def index():
            return load(request.cookies["auth"])["role"]
        """,
    "a request that is signed": """
        import hashlib, hmac
        def sign(key, message):
            return hmac.new(key, message.encode(), hashlib.sha256).digest()
        def signature(secret, date, region, policy):
            return hmac.new(sign(sign(("AWS4" + secret).encode(), date), region), policy, hashlib.sha256).hexdigest()
        """,
}


@pytest.mark.parametrize("code", NO_JWTS.values(), ids=NO_JWTS.keys())
def test_other_codes_are_no_jwts(code: str) -> None:
    assert Program({"app.py": code}).lifecycle.facts == ()
