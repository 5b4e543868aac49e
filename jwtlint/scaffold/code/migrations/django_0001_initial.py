"""Makes the tables of the sessions, by the SQL that stands beside this file as well."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models, router
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

UP = "postgresql.up.sql"  # the file's text

DOWN = "postgresql.down.sql"  # the file's text

UP_SQLITE = "sqlite.up.sql"  # the file's text

DOWN_SQLITE = "sqlite.down.sql"  # the file's text


class RunScript(Operation):
    """Runs the SQL for the database that is there."""

    reduces_to_sql = True
    reversible = True

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The models are said beside this."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        before: ProjectState,
        after: ProjectState,
    ) -> None:
        """Make the tables."""
        self.run(app_label, schema_editor, UP, UP_SQLITE)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        before: ProjectState,
        after: ProjectState,
    ) -> None:
        """Take them away."""
        self.run(app_label, schema_editor, DOWN, DOWN_SQLITE)

    def run(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        script: str,
        sqlite: str,
    ) -> None:
        """Run a script, if the router wants this application's tables there."""
        connection = schema_editor.connection
        if router.allow_migrate(connection.alias, app_label):
            for statement in (
                statements(sqlite) if connection.vendor == "sqlite" else [script]
            ):
                schema_editor.execute(statement, params=None)

    def describe(self) -> str:
        """In words."""
        return "Runs SQL"


def statements(script: str) -> Iterator[str]:
    """The statements of a script, one by one; sqlite3 knows where the body of a trigger
    ends.
    """
    text = ""
    for line in script.splitlines(keepends=True):
        text += line
        if sqlite3.complete_statement(text):
            yield text
            text = ""


def fields_of_session() -> list[tuple[str, models.Field[object, object]]]:
    """The columns that live sessions have, and those that were put away."""
    return [
        ("id", models.TextField(primary_key=True, serialize=False)),
        ("created_at", models.DateTimeField()),
        ("last_used_at", models.DateTimeField()),
        ("user_agent", models.TextField()),
        ("ip", models.GenericIPAddressField(null=True)),
        ("revoked_at", models.DateTimeField(null=True)),
        ("expires_at", models.DateTimeField()),
        ("idle_seconds", models.IntegerField()),
        ("auth_at", models.DateTimeField(null=True)),
        ("auth_method", models.TextField()),
        ("revoked_reason", models.TextField(null=True)),
        ("revoked_by", models.TextField(null=True)),
        ("family_id", models.TextField()),
        ("last_ip", models.GenericIPAddressField(null=True)),
        ("last_user_agent", models.TextField()),
    ]


def user(
    related_name: str = "+", *, is_constrained: bool = False
) -> models.ForeignKey[object, object]:
    """Whose it is."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name=related_name,
        db_index=False,
        db_constraint=is_constrained,
    )


MODELS = [
    migrations.CreateModel(
        name="LoginSession",
        fields=[
            *fields_of_session(),
            ("user", user("login_sessions", is_constrained=True)),
        ],
        options={
            "db_table": "sessions",
            "indexes": [
                models.Index(fields=["user", "created_at"], name="sessions_user"),
                models.Index(fields=["expires_at"], name="sessions_expiry"),
                models.Index(
                    fields=["revoked_at"],
                    name="sessions_revoked",
                    condition=models.Q(revoked_at__isnull=False),
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="SessionHistory",
        fields=[*fields_of_session(), ("user", user())],
        options={
            "db_table": "session_history",
            "indexes": [
                models.Index(fields=["user", "created_at"], name="session_history_user")
            ],
        },
    ),
    migrations.CreateModel(
        name="SessionEvent",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("at", models.DateTimeField()),
            ("kind", models.TextField()),
            ("session_id", models.TextField()),
            ("family_id", models.TextField()),
            ("actor", models.TextField()),
            ("reason", models.TextField()),
            ("ip", models.GenericIPAddressField(null=True)),
            ("user_agent", models.TextField()),
            ("user", user()),
        ],
        options={
            "db_table": "session_events",
            "managed": False,
            "indexes": [
                models.Index(
                    fields=["session_id", "at"], name="session_events_session"
                ),
                models.Index(fields=["user", "at"], name="session_events_user"),
            ],
        },
    ),
    migrations.CreateModel(
        name="SessionUser",
        fields=[
            (
                "user",
                models.OneToOneField(
                    settings.AUTH_USER_MODEL,
                    on_delete=django.db.models.deletion.DO_NOTHING,
                    primary_key=True,
                    related_name="+",
                    serialize=False,
                ),
            ),
            ("tokens_valid_after", models.DateTimeField(null=True)),
        ],
        options={"db_table": "session_users"},
    ),
    migrations.CreateModel(
        name="SessionExchange",
        fields=[
            ("jwt_hash", models.TextField(primary_key=True, serialize=False)),
            ("family_id", models.TextField()),
            ("at", models.DateTimeField()),
            ("claims", models.TextField(null=True)),
            ("user", user()),
        ],
        options={
            "db_table": "session_exchanges",
            "indexes": [
                models.Index(fields=["at"], name="session_exchanges_at"),
                models.Index(
                    fields=["user", "family_id"], name="session_exchanges_family"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="SessionAudit",
        fields=[
            ("name", models.TextField(primary_key=True, serialize=False)),
            ("at", models.DateTimeField()),
        ],
        options={"db_table": "session_audit"},
    ),
]


class Migration(migrations.Migration):
    """Everything, and nothing before it but the users table."""

    initial = True
    dependencies: ClassVar = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations: ClassVar = [
        migrations.SeparateDatabaseAndState(
            database_operations=[RunScript()], state_operations=MODELS
        )
    ]
