"""One request of an application that speaks of tokens and payloads, as JWTs have them,
with sessions behind it.

What the application hands out in the place of a JWT is a *stand-in*: a random token,
whose hash is kept in ``session_exchanges`` with the claims. It ends with its session,
whatever ends that, and what is in it is read anew where rights depend on it.

Methods that ask the database are called around the application's own code; those that
the application calls ask nothing, so that they are the same for asynchronous code.
"""

from __future__ import annotations

import json
import logging
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Literal, TypeAlias, TypeVar

from . import cookies, rows, statements, subjects, tokens
from .claims import (
    Claims,
    ends_of,
    found_at,
    is_jwt,
    is_scalar,
    moment,
    payload_of,
    plain,
    put,
    refreshed,
)
from .database import Transaction
from .legacy import Legacy, LegacyToken
from .rows import Row
from .store import SessionStore
from .types import (
    UTC,
    Client,
    Issued,
    LoginOvertaken,
    Session,
    TooManySessions,
    UserId,
)

Token = TypeVar("Token", str, bytes)
# an attribute of the user, and what must stand there
Whose: TypeAlias = tuple[str, object]

# what is handed out where no token is; an empty text is no success to some code
IN_COOKIE = "the-session-is-in-the-cookie"
KEPT = 20  # stand-ins of one session
KEPT_AFTER_EXPIRY = timedelta(days=1)

logger = logging.getLogger(__name__)


class RefusedToken(Exception):
    """A token that opens nothing, where the application has no error of its own."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the application's claims mean.

    ``key`` is the user's key attribute, ``largest_key`` the largest number it may be.
    ``identifiers`` says whose a token is, ``fresh`` what is read from the user's row at
    each request: pairs of a claim and an attribute. Claims in claims are "user.id".
    ``logins`` are the ends of the addresses at which users prove who they are.
    """

    key: str
    largest_key: int
    identifiers: tuple[tuple[str, str], ...]
    fresh: tuple[tuple[str, str], ...] = ()
    refuse_disabled: bool = True
    logins: tuple[str, ...] = ()

    @property
    def read_anew(self) -> tuple[tuple[str, str], ...]:
        """The claims that are never taken from what was written down: names change
        hands, too.
        """
        named = tuple(pair for pair in self.identifiers if pair[1] != self.key)
        return self.fresh + named


@dataclass(frozen=True, slots=True)
class Opened:
    """A live session that a token opens, and the claims of the token."""

    session: Session
    claims: Claims


@dataclass(frozen=True, slots=True)
class Judged:
    """What is known of a JWT before the application verifies it. ``session`` is the one
    that it was exchanged for.
    """

    is_accepted: bool
    user_id: UserId | None = None
    issued_at: datetime | None = None
    fresh: Claims = field(default_factory=dict)
    session: Session | None = None


@dataclass(frozen=True, slots=True)
class StandIn:
    """A stand-in that is not in the database yet. ``whose`` is None where its claims
    name no user.
    """

    token: str
    claims: Claims
    whose: Whose | None


@dataclass(frozen=True, slots=True)
class End:
    """Sessions to end: one (``token``, or the request's own), or a user's."""

    kind: Literal["one", "others", "all"]
    reason: str
    token: str | None = None
    whose: Whose | None = None


class Passage:
    """What a request brought, and what its response must carry.

    First :meth:`take_cookie` and :meth:`resolve`; then the application's own code,
    which calls :meth:`claims`, :meth:`stand_in` and what ends sessions; then
    :meth:`settle`. ``set_cookie`` is then the value of a header, or None.
    """

    def __init__(
        self,
        store: SessionStore,
        legacy: Legacy,
        rules: Rules,
        client: Client,
        *,
        began: datetime | None = None,
        is_own: bool = True,
        path: str = "",
        by_page: bool = True,
    ) -> None:
        """``began`` is when the request did. ``is_own`` is False where another site
        made the browser send it: such a request gets no cookie. ``by_page`` is False
        where no page of a browser sent it, which tells where it comes from.
        """
        self.store = store
        self.legacy = legacy
        self.rules = rules
        self.client = client
        self.began = began or store.clock()
        self.is_own = is_own
        self.by_page = by_page
        self.is_login = f"/{path.strip('/')}".endswith(rules.logins)
        self.set_cookie: str | None = None
        # the session's token; to be noted also where the cookie does not count, since
        # a login or logout concerns it
        self.cookie: str | None = None
        # what came by the cookie, and whose request it is by the application's word
        self.held: Session | None = None
        self.used: Session | None = None
        self.user_id: UserId | None = None
        self.asked: set[str] = set()
        self.opened: dict[str, Opened] = {}
        self.judged: dict[str, Judged] = {}
        self.minted: dict[str, Claims] = {}
        self.to_exchange: list[str] = []
        self.exchanged: list[tuple[Session, StandIn]] = []
        self.stand_ins: list[StandIn] = []
        self.made: dict[UserId, Session] = {}
        self.ends: list[End] = []
        # users whose sessions this very request has ended
        self.ended: set[UserId] = set()
        # those of them whose own session was to stay
        self.spared: set[UserId] = set()
        self.issued: Issued | None = None
        # whether a login as somebody else takes the browser over, though the
        # application asked whose the request was before: some ask always
        self.is_browser_s = False
        self.has_accepted_jwt = False
        self.is_asked = False
        self.is_over = False

    # -- what the request brought ------------------------------------------------------

    async def take_cookie(self, token: str) -> str | None:
        """Open the session of a cookie; a name for it, good for this request only, for
        code that may put into a response what it is given. None if it opens nothing: it
        is then taken back, unless the browser has a newer one.
        """
        self.cookie = token
        session = await self.store.look_up(token, self.client)
        opened = None
        if session is not None:
            self.held = session
            opened = await self.open_session(session)
        elif not await self.store.is_replaced(token):
            self.take_back()
        if opened is None:
            return None
        alias = tokens.new_token()
        self.asked.add(alias)
        self.opened[alias] = opened
        return alias

    async def resolve(self, candidates: Iterable[str]) -> None:
        """Find out what tokens of the request open, and what is known of its JWTs.
        Tokens that are not given here open nothing.
        """
        settings = self.store.settings
        for text in candidates:
            if text in self.asked:
                continue
            self.asked.add(text)
            if tokens.is_token(text):
                opened = await self.open(text) if settings.accept_bearer else None
                if opened is not None:
                    self.opened[text] = opened
            elif is_jwt(text) and settings.phase != "session_only":
                self.judged[text] = await self.judge(text)

    async def open(self, token: str) -> Opened | None:
        """What a stand-in opens, or the token of a session itself."""
        for row in await self.store.database.fetch(
            statements.LOOK_UP_STAND_IN, jwt_hash=tokens.jwt_id(token)
        ):
            return await self.admit(rows.session(row), json.loads(str(row["claims"])))
        session = await self.store.look_up(token, self.client)
        return None if session is None else await self.open_session(session)

    async def admit(self, session: Session, claims: Claims) -> Opened | None:
        """A stand-in's session, if it is live and its user may be here."""
        admitted = await self.store.admit(session, self.client)
        if admitted is None or admitted.needs_reauthentication:
            return None
        fresh = await self.read_anew(admitted.user_id)
        return None if fresh is None else Opened(admitted, refreshed(claims, fresh))

    async def open_session(self, session: Session) -> Opened | None:
        """The same for a session that was let in by its own token. The claims are those
        of the first stand-in, but that they end with the session.
        """
        fresh = await self.read_anew(session.user_id)
        if session.needs_reauthentication or fresh is None:
            return None
        first = await self.store.database.fetch(
            statements.STAND_INS_OF,
            user_id=session.user_id,
            family_id=session.family_id,
        )
        if first:
            claims = refreshed(json.loads(str(first[0]["claims"])), fresh)
        else:
            claims = self.made_up(session.user_id, fresh)
        if not first or "exp" in claims:
            claims["exp"] = int(session.ends_at.timestamp())
        return Opened(session, claims)

    def made_up(self, user_id: UserId, fresh: Claims) -> Claims:
        """The claims of a session that no stand-in was made for."""
        claims: Claims = {}
        for claim, attribute in self.rules.identifiers:
            own = user_id if isinstance(user_id, int) and claim != "sub" else str(user_id)
            put(claims, claim, own if attribute == self.rules.key else fresh[claim])
        for claim, value in fresh.items():
            put(claims, claim, value)
        return claims

    async def judge(self, jwt: str) -> Judged:
        """What is known of a JWT whose signature nobody has looked at yet."""
        claims = payload_of(jwt)
        if claims is None:
            return Judged(is_accepted=True)  # it is for the library to refuse it
        whose = self.whose_claims(claims)
        user_id = None if whose is None else await self.key_of(whose)
        issued_at = moment(claims.get("iat"))
        session: Session | None = None
        if known := await self.store.database.fetch(
            statements.EXCHANGED, jwt_hash=tokens.jwt_id(jwt)
        ):
            user_id = UserId(str(known[0]["user_id"]))
            session = await self.legacy.of_family(
                user_id, str(known[0]["family_id"]), self.client
            )
            if session is None or session.needs_reauthentication:
                return Judged(is_accepted=False)
        elif self.legacy.is_too_new(issued_at):
            return Judged(is_accepted=False)
        elif user_id is not None and not await self.legacy.is_in_force(
            LegacyToken(user_id, issued_at)
        ):
            return Judged(is_accepted=False)
        if user_id is None or not await self.exists(user_id):
            return Judged(is_accepted=True, issued_at=issued_at)
        fresh = await self.read_anew(user_id)
        if fresh is None:
            return Judged(is_accepted=False)
        return Judged(True, user_id, issued_at, fresh, session)

    async def read_anew(self, user_id: UserId) -> Claims | None:
        """The claims that are read from the user's row; None if the user is gone or may
        not log in.
        """
        wanted = self.rules.read_anew
        if not wanted and not self.rules.refuse_disabled:
            return {}
        found = await subjects.read(
            self.store.database, user_id, [path for _, path in wanted]
        )
        if found is None or (self.rules.refuse_disabled and not found[0]):
            return None
        return {claim: plain(found[1][path]) for claim, path in wanted}

    def session_of(self, token: str, *, is_over_too: bool = False) -> Session | None:
        """The live session that one of the given tokens stands for; ``is_over_too``:
        also where the token's own time is over. Of JWTs only those that were exchanged
        stand for one: their signatures were verified then.
        """
        opened, judged = self.opened.get(token), self.judged.get(token)
        claims = opened.claims if opened else payload_of(token) or {}
        if not is_over_too and ends_of(claims) <= self.store.clock().timestamp():
            return None
        return opened.session if opened else judged.session if judged else None

    # -- what the application calls ----------------------------------------------------

    def claims(
        self,
        token: object,
        verify: Callable[[], Any],
        invalid: type[Exception],
        expired: type[Exception] | None,
        *,
        exchange: bool = True,
    ) -> Any:
        """The claims of a token. ``verify`` is the application's own verification, for
        JWTs, and for errors as it knows them; ``invalid`` is raised where it has none;
        ``expired`` for a stand-in whose claim ``exp`` is past (None: that is not
        looked at). ``exchange`` is False where a JWT may be another than a session's,
        and so must not become one.
        """
        self.is_asked = True
        text = token.decode("utf-8", "replace") if isinstance(token, bytes) else token
        if not isinstance(text, str):
            verify()
            raise invalid("no token")
        if not tokens.is_token(text):
            return self.claims_of_jwt(text, verify, invalid, exchange=exchange)
        claims = self.minted.get(text)
        if text in self.opened:
            found = self.opened[text]
            claims = found.claims
            self.use(found.session)
        if claims is None:
            verify()
            raise invalid("the session has ended")
        ends = claims.get("exp")
        if expired is not None and isinstance(ends, int | float):
            if ends <= self.store.clock().timestamp():
                raise expired("Signature has expired")
        return deepcopy(claims)

    def claims_of_jwt(
        self,
        jwt: str,
        verify: Callable[[], Any],
        invalid: type[Exception],
        *,
        exchange: bool,
    ) -> Any:
        """The payload of a JWT, if this phase accepts it, and nothing ended it."""
        payload = verify()
        if self.store.settings.phase == "session_only":
            raise invalid("JWTs are not accepted any more: log in again")
        if not is_jwt(jwt):
            return payload
        judged = self.judged.get(jwt)
        if judged is None or not judged.is_accepted:
            raise invalid("the session has ended")
        self.has_accepted_jwt = True
        if judged.session is not None:
            self.use(judged.session)
        elif judged.user_id is not None:
            self.user_id = self.user_id or judged.user_id
            is_new = exchange and jwt not in self.to_exchange
            if is_new and self.store.settings.phase == "both":
                self.to_exchange.append(jwt)
        return refreshed(payload, judged.fresh) if type(payload) is dict else payload

    def use(self, session: Session) -> None:
        """Note whose request it is: the first that the application asks for."""
        self.used = self.used or session
        self.user_id = self.user_id or session.user_id

    def stand_in(self, jwt: Token) -> Token:
        """What to hand out in the place of a JWT that the application has just made: a
        stand-in, or the JWT where JWTs are still handed out, or a text that opens
        nothing where the cookie alone counts.
        """
        settings = self.store.settings
        text = jwt.decode("utf-8", "replace") if isinstance(jwt, bytes) else jwt
        if settings.phase == "jwt_only":
            return jwt
        claims = payload_of(text)
        if claims is None:
            logger.warning("a token that is no JWT was handed out as it is")
            return jwt
        whose = self.whose_claims(claims)
        if whose is None and self.used is None and not self.to_exchange:
            if all(one.whose is None for one in self.stand_ins):
                return jwt
        made = StandIn(tokens.new_token(), self.without_fresh(claims), whose)
        self.stand_ins.append(made)
        self.minted[made.token] = claims
        handed = made.token if settings.accept_bearer else IN_COOKIE
        return handed.encode() if isinstance(jwt, bytes) else handed

    def log_out(self, token: str | bytes | None = None) -> None:
        """End the session that a token stands for, or the request's own."""
        text = token.decode("utf-8", "replace") if isinstance(token, bytes) else token
        self.ends.append(End("one", "logout", token=text))

    def password_changed(self, user: object = None) -> None:
        """End a user's other sessions, and all JWTs; without ``user``, those of who
        makes the request.
        """
        self.end_of("others", "new password", user)

    def role_changed(self, user: object = None) -> None:
        """The same after a change of rights."""
        self.end_of("others", "role changed", user)

    def account_ended(self, user: object = None) -> None:
        """End all of a user's sessions."""
        self.end_of("all", "account deactivated", user)

    def end_of(self, kind: Literal["others", "all"], reason: str, user: object) -> None:
        """Note that a user's sessions are to be ended."""
        whose = None if user is None else self.whose_user(user)
        if user is not None and whose is None:
            logger.error(
                "%s: no sessions were ended, for nothing says which user a %s is",
                reason,
                type(user).__name__,
            )
            return
        self.ends.append(End(kind, reason, whose=whose))

    # -- what the response must carry --------------------------------------------------

    @property
    def has_work(self) -> bool:
        """Whether the response waits for :meth:`settle`."""
        waiting = (self.to_exchange, self.exchanged, self.stand_ins, self.ends)
        return any(waiting)

    async def settle(self, *, is_last: bool = True) -> None:
        """Do what was noted: exchange JWTs, make the session, write stand-ins, end
        sessions. Raises TooManySessions and LoginOvertaken, after all ends.

        Unless ``is_last``, stand-ins of users whom the database does not show yet wait
        for the next call.
        """
        try:
            await self.exchange()
            await self.write(is_last=is_last)
        finally:
            await self.carry_out()
        if self.has_accepted_jwt:
            self.has_accepted_jwt = False
            await self.legacy.mark()

    async def exchange(self) -> None:
        """Exchange the JWTs that the application accepted for sessions."""
        waiting, self.to_exchange = self.to_exchange, []
        for jwt in waiting:
            judged = self.judged[jwt]
            # this very request may have deleted the account
            if judged.user_id is None or not await self.exists(judged.user_id):
                continue
            name = tokens.jwt_id(jwt)
            # what this very request ended for the user's other devices is not for it
            began = None if judged.user_id in self.spared else judged.issued_at
            found = LegacyToken(judged.user_id, began)
            issued = await self.legacy.exchange(name, found, self.client)
            session: Session | None
            if issued is not None:
                session = issued.session
                self.hand_out(issued)
                claims = self.without_fresh(payload_of(jwt) or {})
                # for the cookie; the token of this stand-in is nobody's
                kept = StandIn(tokens.new_token(), claims, None)
                self.exchanged.append((session, kept))
            else:
                session = (await self.judge(jwt)).session
            if session is None:
                raise LoginOvertaken("the session was ended meanwhile; log in again")
            self.judged[jwt] = Judged(
                True, judged.user_id, judged.issued_at, judged.fresh, session
            )
            self.use(session)

    async def write(self, *, is_last: bool) -> None:
        """Make the session where there is none yet, and write the stand-ins."""
        waiting, self.stand_ins = self.stand_ins, []
        if self.used is not None and not self.is_login:
            self.made.setdefault(self.used.user_id, self.used)
        unnamed: list[StandIn] = []
        named: dict[UserId, list[StandIn]] = {}
        for one in waiting:
            if one.whose is None:
                unnamed.append(one)
                continue
            owner = await self.key_of(one.whose)
            if owner is not None and await self.exists(owner):
                named.setdefault(owner, []).append(one)
            elif is_last:
                logger.warning("a token was made for a user whom the database lacks")
            else:
                self.stand_ins.append(one)
        for owner in named:
            if owner not in self.made:
                self.made[owner] = await self.create(owner)
        if unnamed and self.made:
            own = self.used.user_id if self.used else next(iter(self.made))
            named.setdefault(own, []).extend(unnamed)
        elif unnamed and not is_last:
            self.stand_ins += unnamed
        groups = {
            self.made[owner].family_id: (self.made[owner], some)
            for owner, some in named.items()
        }
        exchanged, self.exchanged = self.exchanged, []
        for session, one in exchanged:
            groups.setdefault(session.family_id, (session, []))[1].append(one)
        for session, some in groups.values():
            await self.keep(session, some)

    async def create(self, user_id: UserId) -> Session:
        """A new session, in the place of the one that the user's request came with. As
        long as headers are accepted a client may hold several, as it could of JWTs.
        """
        old = None
        if not self.store.settings.accept_bearer:
            old = await self.store.opened_by(self.cookie)
        issued = await self.store.create(
            user_id,
            self.client,
            replaces=old if old is not None and old.user_id == user_id else None,
            began=None if user_id in self.ended else self.began,
        )
        if not self.made or self.is_browser_s:
            self.hand_out(issued)
        return issued.session

    def hand_out(self, issued: Issued) -> None:
        """Send the cookie, unless another site made the browser ask."""
        if self.is_own:
            self.issued = issued
            self.set_cookie = cookies.set_cookie(issued.token, self.store.settings)

    def take_back(self) -> None:
        """Take the cookie back."""
        self.issued = None
        self.set_cookie = cookies.delete_cookie(self.store.settings)

    async def keep(self, session: Session, stand_ins: list[StandIn]) -> None:
        """Write stand-ins of a session, and take away those that it has too many. What
        ends first comes first: of the tokens of a login that is the one for access.
        """
        now = self.store.clock()
        async with self.store.database.transaction() as work:
            for number, one in enumerate(sorted(stand_ins, key=expiry)):
                await work.execute(
                    statements.STAND_IN,
                    jwt_hash=tokens.jwt_id(one.token),
                    family_id=session.family_id,
                    user_id=session.user_id,
                    now=now + timedelta(microseconds=number),
                    claims=json.dumps(one.claims),
                )
            found = await work.fetch(
                statements.STAND_INS_OF,
                user_id=session.user_id,
                family_id=session.family_id,
            )
            for name in surplus(found, len(stand_ins), now):
                await work.execute(statements.FORGET_STAND_IN, jwt_hash=name)

    async def carry_out(self, transaction: Transaction | None = None) -> None:
        """End what is to be ended, in the application's ``transaction`` if one is
        given.
        """
        waiting, self.ends = self.ends, []
        failed: Exception | None = None
        for end in waiting:
            try:
                if end.kind == "one":
                    await self.end_one(end, transaction)
                else:
                    await self.end_user(end, transaction)
            except Exception as error:
                logger.exception("%s: sessions could not be ended", end.reason)
                failed = error
        if failed is not None:
            raise failed

    async def end_one(self, end: End, transaction: Transaction | None) -> None:
        """Log out."""
        if end.token is None:
            found = [self.used]
            if self.used is None:
                found = [one.session for one in self.opened.values()]
                found += [one.session for one in self.judged.values()]
            held = await self.store.opened_by(self.cookie) or self.held
            families = {one.family_id for one in found if one is not None}
            # a page that logs out means its cookie, too; another client may hold
            # several tokens, and means the one that it sends
            if self.by_page or not families or held is None:
                families.add("" if held is None else held.family_id)
                self.take_back()
            if held is not None and held.family_id in families:
                found.append(held)
                self.take_back()
        else:
            await self.resolve([end.token])
            known = self.opened.get(end.token) or self.judged.get(end.token)
            found = [None if known is None else known.session]
        for session in {one.id: one for one in found if one is not None}.values():
            await self.store.revoke(
                session, reason=end.reason, transaction=transaction
            )
            if self.held is not None and session.family_id == self.held.family_id:
                self.take_back()

    async def end_user(self, end: End, transaction: Transaction | None) -> None:
        """End the sessions of a user. Of a user who is gone there are none."""
        user_id = self.user_id if end.whose is None else await self.key_of(end.whose)
        if user_id is None:
            logger.error("%s: no sessions were ended, for no user is known", end.reason)
            return
        if not await self.exists(user_id):
            return
        self.ended.add(user_id)
        if end.kind == "others" and user_id == self.user_id:
            self.spared.add(user_id)
        keep = self.made.get(user_id)
        if self.used is not None and self.used.user_id == user_id:
            keep = self.used
        await self.store.revoke_all(
            user_id,
            reason=end.reason,
            by=None if self.user_id is None else str(self.user_id),
            keep=keep if end.kind == "others" else None,
            transaction=transaction,
        )

    # -- whose it is -------------------------------------------------------------------

    def whose_claims(self, claims: Mapping[str, Any]) -> Whose | None:
        """The user whom claims name, if they name one."""
        for claim, attribute in self.rules.identifiers:
            value = found_at(claims, claim)
            if self.is_name(attribute, value):
                return attribute, value
        return None

    def whose_user(self, user: object) -> Whose | None:
        """The user whom the application means by an object of its own: a user, a row,
        the claims of a token, or a key.
        """
        key = self.rules.key
        if isinstance(user, str | int) or is_key(user):
            names = [key, *(one for _, one in self.rules.identifiers if one != key)]
            return next(((one, user) for one in names if self.is_name(one, user)), None)
        own = subjects.key_of(user)
        if own is not None:
            return key, own
        for attribute in (key, *(one for _, one in self.rules.identifiers)):
            value = item(user, attribute)
            if self.is_name(attribute, value):
                return attribute, value
        return self.whose_claims(user) if isinstance(user, Mapping) else None

    def is_name(self, attribute: str, value: object) -> bool:
        """Whether a value can say which user is meant."""
        if attribute == self.rules.key:
            return self.as_key(value) is not None
        return is_scalar(value)

    def as_key(self, value: object) -> UserId | None:
        """A value as a user's key; None if it can be none."""
        # a driver may have a class of its own, as for UUIDs
        if not is_scalar(value) and not is_key(value):
            return None
        try:
            found = UserId(str(value))
        except (ValueError, OverflowError):
            return None
        limit = self.rules.largest_key
        return None if isinstance(found, int) and not 0 <= found <= limit else found

    async def key_of(self, whose: Whose) -> UserId | None:
        """The key of a user; whether there is such a user is asked only where the key
        has to be found.
        """
        attribute, value = whose
        if attribute == self.rules.key:
            return self.as_key(value)
        return await subjects.key_by(self.store.database, attribute, value)

    async def exists(self, user_id: UserId) -> bool:
        """Whether the database shows a user."""
        return bool(
            await self.store.database.fetch(statements.USER_EXISTS, user_id=user_id)
        )

    def without_fresh(self, claims: Claims) -> Claims:
        """Claims to be kept: of those that are read anew, only that they are there."""
        kept = deepcopy(claims)
        for claim, _ in self.rules.fresh:
            if found_at(kept, claim) is not None:
                put(kept, claim, None)
        return kept


def refusal_of(error: Exception) -> tuple[int, str]:
    """The status and the text of a response in the place of one that must not be
    sent.
    """
    if isinstance(error, TooManySessions):
        return 409, str(error)
    if isinstance(error, LoginOvertaken):
        return 401, str(error)
    return 500, "Internal Server Error"


# -- values ----------------------------------------------------------------------------


def expiry(one: StandIn) -> float:
    """When a stand-in ends by its own claims."""
    return ends_of(one.claims)


def surplus(found: list[Row], new: int, now: datetime) -> list[str]:
    """The hashes of a session's stand-ins that are to go, of all in the order in which
    they were made: what ended a day ago, and of too many those that end first, so that
    a token for refreshing outlives those for access. The first has the claims that the
    cookie stands for, and stays, as do the ``new`` ones.
    """
    old = found[1 : len(found) - new]
    ends = {str(row["jwt_hash"]): ends_of(json.loads(str(row["claims"]))) for row in old}
    limit = (now - KEPT_AFTER_EXPIRY).timestamp()
    gone = [name for name, end in ends.items() if end < limit]
    left = sorted((name for name in ends if name not in gone), key=ends.__getitem__)
    return gone + left[: max(0, len(found) - len(gone) - 1 - KEPT)]


def is_key(value: object) -> bool:
    """Whether a value has the type that users' keys have, where that is no plain one."""
    return isinstance(value, UserId) and not isinstance(value, str | int)


def item(user: object, name: str) -> object:
    """An attribute of an object, or an item of a row."""
    if isinstance(user, Mapping):
        return user.get(name)
    try:
        return getattr(user, name, None)
    except Exception:
        # an attribute that would have to be loaded, and cannot be here
        return None
