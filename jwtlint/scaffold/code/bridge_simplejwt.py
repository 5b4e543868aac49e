"""djangorestframework-simplejwt, with sessions behind its tokens.

All of it that signs or reads a token does so by one object,
``rest_framework_simplejwt.state.token_backend``; that is where the sessions are put in,
when Django starts. Views, serializers, claims that ``get_token()`` adds, djoser and
dj-rest-auth need no change, and no setting of theirs does. Who likes to see in the
settings what is behind them may name :class:`JWTAuthentication` there.

A refresh token that is put on the blacklist ends its session, unless the same request
hands out others for it, as the rotation of refresh tokens does.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.db.models.signals import post_save, pre_save
from rest_framework_simplejwt import authentication, exceptions, state
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.settings import api_settings

from . import bridge, statements, tokens, users
from .requests import current_request
from .service import database, store
from .types import UserId

APP = "rest_framework_simplejwt.token_blacklist"
MADE = "_simplejwt_made"
# what the list of outstanding tokens has in the place of a token that opens something
LISTED = "stands for a session"

INVALID: type[Exception] = exceptions.TokenBackendError
# older versions have none of its own
EXPIRED: type[Exception] = getattr(exceptions, "TokenBackendExpiredToken", INVALID)


class JWTAuthentication(authentication.JWTAuthentication):
    """Accepts what stands for a session, from the header and from the cookie, and JWTs
    as far as ``Settings.phase`` does.
    """


@dataclass(slots=True)
class Made:
    """What a request has signed (by the JWT), and the ids of that and of the tokens
    that it has read; which tokens it put on the blacklist, and their sessions.
    """

    tokens: dict[str, str] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)
    read_ids: set[str] = field(default_factory=set)
    blacklisted: list[tuple[UserId, str]] = field(default_factory=list)
    blacklisted_ids: set[str] = field(default_factory=set)


def made() -> Made:
    """The same for the request that is answered now."""
    request = current_request.get()
    if request is None:
        return Made()
    found: Made = vars(request).setdefault(MADE, Made())
    return found


class SessionTokenBackend(TokenBackend):
    """Signs and reads as the application's own backend does, but hands out what stands
    for a JWT.
    """

    def __init__(self, inner: TokenBackend) -> None:
        vars(self).update(vars(inner))
        self.inner = inner

    def encode(self, payload: dict[str, Any]) -> str:
        """A token for some claims; the same for the same."""
        known, jwt = made(), self.inner.encode(payload)
        if jwt not in known.tokens:
            known.tokens[jwt] = bridge.token_for(jwt)
            known.ids.add(id_in(payload))
        return known.tokens[jwt]

    def decode(self, token: Any, verify: bool = True) -> dict[str, Any]:
        """The claims of a token. Raises TokenBackendError."""
        claims: dict[str, Any] = bridge.claims_of(
            token,
            lambda: self.inner.decode(token, verify),
            expired=EXPIRED if verify else None,
            invalid=INVALID,
        )
        made().read_ids.add(id_in(claims))
        text = token.decode() if isinstance(token, bytes) else token
        return in_the_header(claims) if bridge.is_alias(text) else claims


def in_the_header(claims: dict[str, Any]) -> dict[str, Any]:
    """The claims of the cookie's session, as those of a token that is sent in the
    header: a session may have been made for a refresh token.
    """
    kind = api_settings.AUTH_TOKEN_CLASSES[0].token_type
    if api_settings.TOKEN_TYPE_CLAIM is not None:
        claims[api_settings.TOKEN_TYPE_CLAIM] = kind
    if api_settings.JTI_CLAIM is not None:
        claims.setdefault(api_settings.JTI_CLAIM, tokens.new_family())
    return claims


def id_in(claims: dict[str, Any]) -> str:
    """The id of a token."""
    return str(claims.get(api_settings.JTI_CLAIM, ""))


# -- the blacklist ---------------------------------------------------------------------


def connect() -> None:
    """Put the sessions in."""
    if not isinstance(state.token_backend, SessionTokenBackend):
        state.token_backend = SessionTokenBackend(state.token_backend)
    if apps.is_installed(APP):
        label = APP.rpartition(".")[2]
        pre_save.connect(
            before_listing,
            apps.get_model(label, "OutstandingToken"),
            dispatch_uid="login_sessions.before_listing",
        )
        post_save.connect(
            after_blacklisting,
            apps.get_model(label, "BlacklistedToken"),
            dispatch_uid="login_sessions.after_blacklisting",
        )


def before_listing(sender: type[Model], instance: Any, **_: object) -> None:
    """Keep what opens a session out of the list of outstanding tokens."""
    if tokens.is_token(instance.token):
        instance.token = LISTED


def after_blacklisting(
    sender: type[Model], instance: Any, created: bool, **_: object
) -> None:
    """Have the session of a token end that was put on the blacklist."""
    if not created:
        return
    listed, known = instance.token, made()
    found = sessions_of(listed)
    if bridge.current_passage() is None:
        for user_id, family in found:
            store.revoke_handle(user_id, family, reason="logout")
        return
    if not known.blacklisted_ids:
        bridge.at_last(end_blacklisted)
    known.blacklisted_ids.add(listed.jti)
    known.blacklisted += found


def sessions_of(listed: Any) -> list[tuple[UserId, str]]:
    """The users and handles of the sessions that an outstanding token stands for: by
    its id, or by the JWT that it was.
    """
    found = database.fetch(
        statements.EXCHANGED, jwt_hash=tokens.jwt_id(str(listed.token))
    )
    if listed.user is not None:
        found += [
            row
            for row in database.fetch(
                statements.STAND_INS_OF_USER, user_id=users.key(listed.user)
            )
            if id_in(json.loads(str(row["claims"]))) == listed.jti
        ]
    pairs = [(UserId(str(row["user_id"])), str(row["family_id"])) for row in found]
    return list(dict.fromkeys(pairs))


def end_blacklisted() -> None:
    """End the sessions, but for that of the request if it goes on with other tokens. A
    request that puts on the blacklist what it has brought is a logout.
    """
    known, passage = made(), bridge.current_passage()
    if passage is None:
        return
    goes_on = bool(known.ids - known.blacklisted_ids)
    own = [
        (one.user_id, one.family_id)
        for one in (passage.used, passage.held)
        if one is not None
    ]
    found = dict.fromkeys(known.blacklisted)
    if goes_on:
        found = {one: None for one in found if one not in own}
    elif known.blacklisted_ids & known.read_ids:
        found |= dict.fromkeys(own)
    for user_id, family in found:
        store.revoke_handle(user_id, family, reason="logout")
    if not found.keys().isdisjoint(own):
        passage.take_back()
