"""The auditor's and the administrator's command line: ``python -m app.sessions
--help``.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from datetime import datetime, timedelta

from . import statements
from .audit import moment
from .devices import family
from .rows import Value
from .service import audit, database, opened, store
from .settings import settings
from .store import Ended
from .types import UTC, Session, UserId

TIME = "%Y-%m-%d %H:%M:%S"


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(
        prog="python -m app.sessions",
        description="Ask about the sessions of users, and end them.",
    )
    add_commands(top)
    return top


def add_commands(top: argparse.ArgumentParser) -> None:
    """What can be asked."""
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    active = commands.add_parser(
        "was-active",
        help="was this user logged in at that time? exit status 0 yes, 1 no, 3 unknown",
    )
    active.add_argument("user", help="the user's id")
    active.add_argument(
        "at", help="a time, as 2026-03-04T02:14 (with --zone) or 2026-03-04T02:14+01:00"
    )
    active.add_argument(
        "--zone", help="the time zone that the time is meant in, as America/New_York"
    )
    shown = commands.add_parser("list", help="the user's live sessions")
    shown.add_argument("user", help="the user's id")
    told = commands.add_parser("events", help="what happened to the user's sessions")
    told.add_argument("user", help="the user's id")
    told.add_argument(
        "--since", default="1970-01-01T00:00+00:00", help="a time with its offset"
    )
    ended = commands.add_parser("revoke-user", help="end all sessions of a user")
    ended.add_argument("user", help="the user's id")
    ended.add_argument("--reason", required=True, help="why; it is kept")
    ended.add_argument("--by", required=True, help="who does it; it is kept")
    everyone = commands.add_parser(
        "revoke-everyone", help="end all sessions of all users"
    )
    everyone.add_argument("--reason", required=True, help="why; it is kept")
    everyone.add_argument("--by", required=True, help="who does it; it is kept")
    commands.add_parser(
        "maintain",
        help="put ended sessions away, forget what is too old; run it every hour",
    )
    commands.add_parser(
        "jwt-use", help="how many JWTs were exchanged for sessions in the last 30 days"
    )


async def run_opened(arguments: argparse.Namespace) -> int:
    """Do what is asked, with the database at hand."""
    async with opened():
        return await run(arguments)


async def run(arguments: argparse.Namespace) -> int:
    """Do what is asked; the exit status."""
    match arguments.command:
        case "was-active":
            return await was_active(
                UserId(arguments.user), moment(arguments.at, arguments.zone)
            )
        case "list":
            for session in await store.live(UserId(arguments.user)):
                print(line(session))
        case "events":
            values: dict[str, Value] = {
                "user_id": UserId(arguments.user),
                "since": moment(arguments.since),
                "until": store.clock(),
            }
            for row in await database.fetch(statements.EVENTS_OF_USER, **values):
                print(
                    row["at"],
                    row["kind"],
                    row["family_id"],
                    row["ip"] or "-",
                    family(str(row["user_agent"])),
                    row["reason"],
                    sep="  ",
                )
        case "revoke-user":
            done = await store.revoke_all(
                UserId(arguments.user), reason=arguments.reason, by=arguments.by
            )
            print(told(done))
        case "revoke-everyone":
            done = await store.revoke_everyone(reason=arguments.reason, by=arguments.by)
            print(told(done))
        case "maintain":
            await maintain()
        case "jwt-use":
            since = store.clock() - timedelta(days=30)
            row = (await database.fetch(statements.JWT_USE, since=since))[0]
            latest = row["latest"] or "-"
            print(f"{row['exchanged']} exchanged in 30 days, the latest at {latest}")
    return 0


async def was_active(user: UserId, at: datetime) -> int:
    """Answer the auditor."""
    answer = await audit.was_logged_in(user, at)
    seconds = answer.precision.total_seconds()
    said = f"user {user} at {answer.at:{TIME}} UTC: {answer.verdict}"
    print(
        f"{said} ({answer.reason})"
        if answer.reason
        else f"{said} (times are right to {seconds:.0f} s)"
    )
    for session in answer.sessions:
        print(f"  {line(session)}")
    return {"no": 1, "unknown": 3}.get(answer.verdict, 0)


def line(session: Session) -> str:
    """A session in one line."""
    begin, end = f"{session.created_at:{TIME}}", f"{session.ends_at:{TIME}}"
    ended = (
        f", ended by {session.revoked_by}: {session.revoked_reason}"
        if session.revoked_at
        else ""
    )
    device = f"{family(session.user_agent)} at {session.ip or 'an unknown address'}"
    method = session.auth_method
    return f"{session.handle}  {begin} to {end} UTC  {device}, by {method}{ended}"


def told(done: Ended) -> str:
    """What ending sessions did, in words."""
    seconds = done.within.total_seconds()
    return f"{done.count} sessions ended, everywhere within {seconds:.0f} s"


async def maintain() -> None:
    """Put away what ended, forget what is beyond the retention, make room for the
    months to come.
    """
    put_away = 0
    while found := await store.clean_up():
        put_away += found
    before = datetime.now(UTC) - settings.retention
    forgotten = await store.forget(before)
    print(
        f"{put_away} sessions put away, {forgotten} forgotten from before {before:%F}"
    )


def main() -> int:
    """The command line."""
    arguments = parser().parse_args()
    try:
        return asyncio.run(run_opened(arguments))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    except Exception as error:
        # Python would end with status 1, which is taken for "no"
        print(f"no answer: {type(error).__name__}: {error}", file=sys.stderr)
        raise SystemExit(2) from error


if __name__ == "__main__":
    sys.exit(main())
