"""What the user says on the command line; the rest is found out."""

from __future__ import annotations

import msgspec

from jwtlint.scaffold.choice import Cache, Database, Driver, Framework, Migrations


class Wishes(msgspec.Struct, frozen=True, omit_defaults=True):
    """The options of the command line; None for those that were not given. ``output`` is relative to the scanned folder."""

    framework: Framework | None = None
    database: Database | None = None
    driver: Driver | None = None
    cache: Cache | None = None
    migrations: Migrations | None = None
    user_model: str | None = None
    output: str | None = None
    alembic_head: str | None = None

    def over(self, earlier: Wishes) -> Wishes:
        """These wishes, and where they say nothing those of an earlier run."""
        names = self.__struct_fields__
        said = {name: value for name in names if (value := getattr(self, name)) is not None}
        return msgspec.structs.replace(earlier, **said)
