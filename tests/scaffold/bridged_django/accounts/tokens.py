"""What this application makes of JWTs, as a migration leaves it."""

import time

import jwt
from django.conf import settings
from sessions.bridge import claims_of, token_for

LIFETIME = 3600


def mint(user):
    return token_for(sign({"id": user.pk, "role": user.role, "exp": int(time.time()) + LIFETIME}))


def mint_refresh(user):
    return token_for(sign({"id": user.pk, "kind": "refresh", "exp": int(time.time()) + 10 * LIFETIME}))


def sign(claims):
    return jwt.encode({"iat": int(time.time()), **claims}, settings.SECRET_KEY, algorithm="HS256")


def read(token):
    return claims_of(token, lambda: jwt.decode(token, settings.SECRET_KEY, algorithms=["HS256"]))
