"""Every knob of the sessions. Times are ``timedelta``; the presets follow NIST SP
800-63B (Revision 4) section 2.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

Policy: TypeAlias = Literal["log", "step_up", "revoke"]
Phase: TypeAlias = Literal["jwt_only", "both", "session_only"]
Limit: TypeAlias = Literal["reject", "evict_oldest"]


@dataclass(frozen=True, slots=True)
class Settings:
    """How sessions behave. Change values here, or pass another ``Settings`` to the
    store.

    A session keeps the limits that it was created with, so a change here does not
    change what the audit says of the past.
    """

    # the longest a session lives, however much it is used (OWASP ASVS 5.0 V7.3.2)
    absolute_timeout: timedelta = timedelta(days=30)
    # how long it lives without use (V7.3.1)
    idle_timeout: timedelta = timedelta(days=7)
    # last_used_at is written at most this often; the audit is right to this
    touch_interval: timedelta = timedelta(seconds=60)
    # how recent a login must be for changes of password, e-mail and second factors
    # (V7.5.1)
    fresh_for: timedelta = timedelta(minutes=10)

    # how many sessions a user may have at once (V7.1.2); None: any number
    max_sessions: int | None = None
    at_max_sessions: Limit = "evict_oldest"

    # what to do when one session is seen on two devices: write it down, ask for the
    # password again, or end it
    shared_session: Policy = "log"
    # two networks that take turns within this time are two devices
    alternation_window: timedelta = timedelta(minutes=10)
    # write an event for every touch, not only for one from a new place
    record_every_touch: bool = False

    # the cookie; the prefix __Host- makes browsers insist on Secure, Path=/ and no
    # Domain (RFC 6265bis section 4.1.3.2)
    cookie_name: str = "__Host-sid"
    # True only on http://localhost during development: drops Secure and the prefix
    insecure_development_cookie: bool = False

    # origins other than the application's own that may send unsafe requests, as
    # "https://app.example.com"
    trusted_origins: tuple[str, ...] = ()
    # how many proxies of yours stand in front; 0: X-Forwarded-For is not read
    trusted_proxies: int = 0

    # secrets that the hash of a token is keyed with, the current one first; empty: a
    # plain hash, which 256 random bits do not need
    peppers: tuple[bytes, ...] = ()
    # put the month before each token and id ("2610.…"), for a table partitioned by it
    partition_by_month: bool = False

    # moving from JWTs: see README, "From JWTs to sessions"
    phase: Phase = "session_only"
    # accept the session's token in "Authorization: Bearer" as well; for clients that
    # have no cookie jar
    accept_bearer: bool = False
    # JWTs issued from this time on are refused, for nobody issues them any more
    jwt_issued_before: datetime | None = None

    # how long the cache may go on saying yes (seconds are lost when Redis cannot be
    # told of a revoke)
    cache_seconds: int = 30
    # the longest a request may take between reading a session and acting on it
    request_timeout: timedelta = timedelta(seconds=60)

    # how long ended sessions and events are kept for the audit
    retention: timedelta = timedelta(days=400)
    # open WebSockets are asked again this often
    websocket_interval: timedelta = timedelta(seconds=15)

    @property
    def cookie(self) -> str:
        """The cookie's name as it is sent."""
        return (
            self.cookie_name.removeprefix("__Host-")
            if self.insecure_development_cookie
            else self.cookie_name
        )


# NIST SP 800-63B-4: re-authentication at the latest after 30 days; after 24 hours or 1
# hour of inactivity; after 12 hours or 15 minutes
PRESETS: dict[str, Settings] = {
    "aal1": Settings(),
    "aal2": replace(
        Settings(),
        absolute_timeout=timedelta(hours=24),
        idle_timeout=timedelta(hours=1),
        shared_session="step_up",
    ),
    "aal3": replace(
        Settings(),
        absolute_timeout=timedelta(hours=12),
        idle_timeout=timedelta(minutes=15),
        shared_session="revoke",
    ),
}

settings = Settings()
