"""All questions together: from a folder and what the user wishes to a :class:`Choice`, with the reason for each part of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from typing import TypeVar

import msgspec

from jwtlint.errors import UserError, suggestion
from jwtlint.linker.values import ClassValue
from jwtlint.scaffold.choice import (
    SQLALCHEMY_DRIVERS,
    Choice,
    Database,
    DjangoApp,
    Driver,
    Framework,
    Imported,
    Layer,
    Migrations,
    Tables,
)
from jwtlint.scaffold.project import databases, django, frameworks, locations, schemas, users
from jwtlint.scaffold.project.alembic import AlembicProject, find_environments, new_revision
from jwtlint.scaffold.project.creation import find_create_all
from jwtlint.scaffold.project.django import DjangoProject
from jwtlint.scaffold.project.engines import Handle, Handles, find_handles, mentions, metadata_of
from jwtlint.scaffold.project.evidence import Evidence
from jwtlint.scaffold.project.formatting import find_formatting
from jwtlint.scaffold.project.frameworks import FrameworkUse
from jwtlint.scaffold.project.places import Places, is_below
from jwtlint.scaffold.project.record import Record, find_record
from jwtlint.scaffold.project.requirements import Requirements, find_requirements
from jwtlint.scaffold.project.schemas import SqlTable
from jwtlint.scaffold.project.source import Source
from jwtlint.scaffold.project.users import Candidate
from jwtlint.scaffold.wishes import Wishes

T = TypeVar("T")

NEAR = 30  # a candidate so much worse than the best is no rival
LAYER_DRIVERS: dict[Layer, tuple[Driver, ...]] = {
    "sqlalchemy": ("sqlalchemy", "sqlalchemy-async"),
    "sqlmodel": ("sqlalchemy", "sqlalchemy-async"),
    "flask-sqlalchemy": ("sqlalchemy",),
    "django": ("django",),
}
FIXED: dict[Driver, Database] = {"sqlite3": "sqlite", "psycopg": "postgresql", "psycopg-async": "postgresql", "asyncpg": "postgresql"}
ASYNCHRONOUS_URLS = frozenset({"asyncpg", "aiosqlite", "psycopg_async"})
GIVEN = "given on the command line"


class Detail(msgspec.Struct, frozen=True):
    """One thing that was found out, in words, and why."""

    subject: str
    says: str
    why: tuple[Evidence, ...] = ()


class Detected(msgspec.Struct, frozen=True):
    """The choice, the reasons, and what the next steps need to know.

    ``url_driver`` is the driver that URLs of the application's database name ("" for none); ``create_all`` is where SQLAlchemy makes the
    tables, if that is how they are made.
    """

    choice: Choice
    details: tuple[Detail, ...]
    wishes: Wishes
    requirements: Requirements
    record: Record | None
    application: FrameworkUse | None
    alembic: AlembicProject | None
    django: DjangoProject | None
    url_driver: str = ""
    create_all: Evidence | None = None


def detect(source: Source, given: Wishes) -> Detected:
    """Find out all that is not given. Raises :class:`UserError` where only the user can decide, naming the option that does."""
    return Detection(source, given).run()


class Detection:
    """One run over one project."""

    def __init__(self, source: Source, given: Wishes) -> None:
        self.source = source
        self.record = find_record(source)
        self.wishes = given.over(self.record.wishes) if self.record is not None else given
        self.own = self.record.paths() if self.record is not None else set[str]()
        self.places = Places(source)
        self.projects = django.find_projects(source, self.places)
        self.details: list[Detail] = []
        self.url_driver = ""

    def note(self, subject: str, says: str, *why: Evidence | None) -> None:
        """Keep a detail for the report."""
        self.details.append(Detail(subject, says, tuple(one for one in why if one is not None)))

    def run(self) -> Detected:
        """Ask one question after the other; each builds on those before."""
        source = self.source
        sql = schemas.find_tables(source)
        user = self.user(sql)
        root = self.places.root_of(user.path) if user.path.endswith(".py") else self.root_without_class()
        self.refuse_templates(root, user)
        self.note("application", f"imported from {root or 'the folder itself'}")
        uses = [one for one in frameworks.find_uses(source, self.projects) if is_below(one.path, root)]
        framework, application = self.framework(uses, root)
        handles = inside(find_handles(source, self.places), root)
        layer, driver = self.driver(user, framework, handles, root)
        project = self.django_project(user, root) if framework == "django" or layer == "django" else None
        folders = self.folders(root, user.path)
        requirements = find_requirements(source, folders)
        database = self.database(driver, project, folders, requirements, root)
        table = f'table "{user.model.table}"' + (f" in schema {user.model.schema}" if user.model.schema else "")
        self.note("user model", f"{user.model.dotted}, {table}, key {user.model.key} ({user.model.key_type})", user.why)
        metadata = self.metadata(user, layer, driver, handles)
        engine = self.handle("engine", handles.engines, driver, metadata is not None and layer == "flask-sqlalchemy")
        factory = self.handle("session factory", handles.factories, driver)
        session = self.handle("dependency", handles.dependencies, driver)
        db = self.flask_object(handles, layer)
        pool = self.handle("pool", [one for one in handles.pools if one.driver == driver], driver)
        output, package = self.output(root, user, application, handles)
        tables = self.tables(root, sql)
        migrations, environment = self.migrations(framework, layer, root)
        formatting, why = find_formatting(source, [*folders_above(output), *folders])
        quotes = ", single quotes" if formatting.single_quotes else ""
        self.note("formatting", f"{formatting.line_length} characters a line{quotes}", why)
        alembic = None
        if migrations == "alembic" and environment is not None:
            own = self.record.revision() if self.record is not None else None
            created = datetime.now(timezone.utc).replace(tzinfo=None)
            alembic = new_revision(environment, self.wishes.alembic_head, tables.sessions, created, own)
            self.note("migrations", f"Alembic, after {alembic.down_revision or 'no revision'}", environment.why)
        choice = Choice(
            framework=framework,
            layer=layer,
            driver=driver,
            database=database,
            cache=self.wishes.cache or "none",
            migrations=migrations,
            user=user.model,
            root=root,
            output=output,
            package=package,
            engine=engine,
            session_factory=factory,
            get_session=session,
            db=db,
            metadata=metadata,
            pool=pool,
            tables=tables,
            alembic=alembic,
            django=self.django_app(project, user) if project is not None else None,
            formatting=formatting,
        )
        create_all = self.create_all(root) if migrations == "sql" and driver in SQLALCHEMY_DRIVERS else None
        details = tuple(self.details)
        return Detected(
            choice, details, self.wishes, requirements, self.record, application, environment, project, self.url_driver, create_all
        )

    # -- the user model ----------------------------------------------------------------------------------------------

    def user(self, sql: list[SqlTable]) -> Candidate:
        """The user model. Raises :class:`UserError` where there is none, or more than one."""
        if self.wishes.user_model is not None:
            return self.asked_user(self.wishes.user_model)
        candidates = [one for one in users.find_candidates(self.source, self.places, self.projects) if one.path not in self.own]
        if not any(one.model.name for one in candidates):
            candidates += self.sql_candidates(sql)
            candidates.sort(key=lambda one: -one.score)
        if not candidates:
            other = users.other_mapper(self.source)
            if other is not None:
                raise UserError(f"the user model ({other[1].place}) is mapped by {other[0]}, for which there is no generated code")
            raise UserError(f"no user model was found in {self.source.root}; name the class with --user-model path/to/models.py:User")
        best = candidates[0]
        rivals = [one for one in candidates if one.score >= best.score - NEAR and one.model.name and best.model.name] or [best]
        roots = {self.places.root_of(one.path) for one in rivals}
        if len(roots) > 1:
            shallow = min(depth(root) for root in roots)
            nearest = [root for root in roots if depth(root) == shallow]
            if len(nearest) > 1:
                names = ", ".join(f"{one.path}:{one.model.name}" for one in rivals if self.places.root_of(one.path) in nearest)
                raise UserError(f"there are several applications here ({names}); give the folder of the one that is meant")
            rivals = [one for one in rivals if self.places.root_of(one.path) == nearest[0]]
        best = rivals[0]
        equals = [one for one in rivals if one.score >= best.score - 5 and one.model.table != best.model.table]
        if equals:
            names = " and ".join(f"{one.path}:{one.model.name}" for one in (best, *equals))
            raise UserError(f"{names} may each be the user model; choose with --user-model")
        return best

    def asked_user(self, wish: str) -> Candidate:
        """The class that the command line names as ``path/to/models.py:User`` or ``app.models:User``."""
        where, _, name = wish.rpartition(":")
        if not where or not name:
            raise UserError(f'--user-model is written as path/to/models.py:User, not as "{wish}"')
        path = where if where.endswith(".py") else None
        if path is None:
            matching = [one for one in self.source.modules if self.places.module(one) == where]
            path = matching[0] if matching else f"{where.replace('.', '/')}.py"
        path = path.removeprefix("./")
        index = self.source.modules.get(path)
        if index is None:
            raise UserError(f"--user-model names {where}, which is no module of {self.source.root}")
        value = ClassValue(path, name)
        if name not in index.classes:
            raise UserError(f"{path} has no class {name}{suggestion(name, index.classes)}")
        class_ = index.classes[name]
        found = users.of_class(self.source, self.places, value, class_, self.projects, named=True, asked=True)
        if found is None:
            raise UserError(f"{path}:{name} is no table with a single key of SQLAlchemy, SQLModel or Django; name the class that is")
        return found

    def sql_candidates(self, sql: list[SqlTable]) -> list[Candidate]:
        """Tables that SQL of the application's makes and that may hold the users."""
        found: list[Candidate] = []
        for one in sql:
            score = users.name_score(one.name) - 20
            password = min((name for name in one.columns if users.PASSWORD.search(name.lower())), key=len, default="")
            active = next((name for name in users.ACTIVE if name in one.booleans()), "")
            inactive = next((name for name in users.INACTIVE if name in one.booleans()), "")
            model = one.user_model(password, active, inactive)
            if model is not None and score >= 40 and one.why.path not in self.own:
                layer: Layer = "sqlalchemy"
                found.append(Candidate(model, layer, one.why.path, one.why.line, score + (30 if password else 0), ""))
        return found

    def root_without_class(self) -> str:
        """The import root where the users are known from SQL only: that of the application object, or of most modules."""
        uses = frameworks.find_uses(self.source, self.projects)
        if uses:
            return self.places.root_of(uses[0].path)
        roots = [self.places.root_of(path) for path in self.source.modules]
        return max(set(roots), key=lambda root: (roots.count(root), -depth(root))) if roots else ""

    def refuse_templates(self, root: str, user: Candidate) -> None:
        """A template's modules have no names yet."""
        if "{" in user.model.module:
            raise UserError(f"{user.path} is part of a template of an application; run scaffold in an application made from it")

    # -- framework, layer, database ------------------------------------------------------------------------------------

    def framework(self, uses: list[FrameworkUse], root: str) -> tuple[Framework, FrameworkUse | None]:
        """The framework, and the place where the application object is made."""
        aside = users.ASIDE | {"migrations", "versions"}
        uses = [one for one in uses if not aside & set(one.path[len(root) :].split("/"))]
        uses = sorted(uses, key=lambda one: (not one.routers, one.path.count("/"), not one.name, -one.routers, one.path))
        wanted = self.wishes.framework
        if wanted is not None:
            self.note("framework", wanted, Evidence("", 0, GIVEN))
            return wanted, next((one for one in uses if one.framework == wanted), None)
        if uses:
            counts = {one.framework: sum(other.framework == one.framework for other in uses) for one in uses}
            if "django" in counts:
                first = next(one for one in uses if one.framework == "django")
            else:
                first = next(one for one in uses if counts[one.framework] == max(counts.values()))
            self.note("framework", TITLES[first.framework], first.why)
            return first.framework, first
        for name in ("fastapi", "flask"):
            why = frameworks.imports_of(self.source, name, root, aside)
            if why is not None:
                self.note("framework", TITLES[name], why)
                return ("fastapi" if name == "fastapi" else "flask"), None
        other = frameworks.other_framework(self.source, root, aside)
        says = "none that there is code for" + (f" ({other[0]} is there)" if other is not None else "")
        self.note("framework", says, other[1] if other is not None else None)
        return "none", None

    def driver(self, user: Candidate, framework: Framework, handles: Handles, root: str) -> tuple[Layer, Driver]:
        """The database layer and the driver."""
        has_class = bool(user.model.name) and user.model.module != ""
        layer = user.layer
        wanted = self.wishes.driver
        if wanted is not None:
            layer = layer if wanted in LAYER_DRIVERS.get(layer, ()) else layer_for(wanted)
            if wanted == "django" and not self.projects:
                raise UserError("--driver django needs a Django project, and there are no Django settings here")
            self.note("database layer", f"{layer}, by {wanted}", Evidence("", 0, GIVEN))
            return layer, wanted
        if layer == "django":
            self.note("database layer", "Django's ORM", user.why)
            return "django", "django"
        if layer == "flask-sqlalchemy":
            self.note("database layer", "Flask-SQLAlchemy", handles.flask[0].why if handles.flask else user.why)
            return layer, "sqlalchemy"
        if not has_class or user.path.rpartition("/")[0].endswith("versions"):
            raw = self.raw_driver(handles)
            if raw is not None:
                return raw
        asynchronous, why = self.asynchronous(handles, root)
        title = "SQLModel" if layer == "sqlmodel" else "SQLAlchemy"
        self.note("database layer", f"{title}, {'asynchronous' if asynchronous else 'synchronous'}", why or user.why)
        return layer, "sqlalchemy-async" if asynchronous else "sqlalchemy"

    def raw_driver(self, handles: Handles) -> tuple[Layer, Driver] | None:
        """The driver that is used without an ORM; None where there is none."""
        by_driver: dict[str, list[Handle]] = {}
        for one in handles.pools:
            by_driver.setdefault(one.driver, []).append(one)
        if not by_driver:
            if handles.engines or handles.factories:
                return None
            for module, name in (("asyncpg", "asyncpg"), ("psycopg_pool", "psycopg"), ("psycopg", "psycopg"), ("sqlite3", "sqlite3")):
                why = frameworks.imports_of(self.source, module, "", frozenset({"migrations", "versions"}) | users.ASIDE)
                if why is not None:
                    self.note("database layer", name, why)
                    return layer_for(driver_named(name)), driver_named(name)
            return None
        name = max(by_driver, key=lambda one: (len(by_driver[one]), one))
        self.note("database layer", name, by_driver[name][0].why)
        return layer_for(driver_named(name)), driver_named(name)

    def asynchronous(self, handles: Handles, root: str) -> tuple[bool, Evidence | None]:
        """Whether the application reaches SQLAlchemy asynchronously: as most handlers do, or as its engines are made."""
        for group in (handles.dependencies, handles.engines, handles.factories):
            flags = {one.asynchronous for one in group}
            if len(flags) == 1 or group is handles.dependencies and flags:
                return group[0].asynchronous, group[0].why
            if flags:
                both = {flag: next(one for one in group if one.asynchronous is flag) for flag in flags}
                application = both[True].application
                wanted = mentions(self.source, application, "AsyncSession") >= mentions(self.source, application, "Session")
                return wanted, both[wanted].why
        where = [path for path, _ in self.source.program.mentions.get("AsyncSession", ()) if is_below(path, root)]
        return bool(where), Evidence(where[0], 0, "AsyncSession") if where else None

    def database(
        self, driver: Driver, project: DjangoProject | None, folders: list[str], requirements: Requirements, root: str
    ) -> Database:
        """The database. Raises :class:`UserError` where nothing tells it, or it is one that the generated code does not speak to."""
        wanted = self.wishes.database
        fixed = FIXED.get(driver)
        paths = [path for path in self.source.modules if is_below(path, root) and path not in self.own]
        uses = databases.find_databases(self.source, folders, [project] if project is not None else [], requirements, paths)
        decided = databases.decide(uses)
        spoken = wanted or fixed or (decided[0] if decided is not None else "")
        named = [one.driver for one in uses if one.database == spoken and one.driver]
        usable = [name for name in named if (name in ASYNCHRONOUS_URLS) is (driver == "sqlalchemy-async") or name == "psycopg"]
        self.url_driver = next(iter(usable), "")
        if wanted is not None:
            if fixed is not None and fixed != wanted:
                raise UserError(f"--driver {driver} speaks to {fixed} only, not to {wanted}; leave --database out")
            self.note("database", wanted, Evidence("", 0, GIVEN))
            return wanted
        if fixed is not None:
            why = next((one.why for one in uses if one.database == fixed), None)
            self.note("database", fixed, why)
            return fixed
        if decided is None:
            raise UserError("nothing here tells which database the application runs on; say it with --database postgresql or sqlite")
        name, why = decided
        if name not in ("postgresql", "sqlite"):
            raise UserError(
                f"the application runs on {name} ({why.place}), which the generated code does not speak to; "
                "if it also runs on PostgreSQL or SQLite, say so with --database"
            )
        other = next((one for one in uses if one.database not in (name, "postgresql") and one.weight > 1), None)
        beside = f" ({other.database} too)" if other is not None else ""
        self.note("database", f"{name}{beside}", why, other.why if other is not None else None)
        return "postgresql" if name == "postgresql" else "sqlite"

    # -- what is imported of the application -----------------------------------------------------------------------------

    def metadata(self, user: Candidate, layer: Layer, driver: Driver, handles: Handles) -> Imported | None:
        """The metadata that the tables join."""
        if driver not in SQLALCHEMY_DRIVERS:
            return None
        if layer == "flask-sqlalchemy":
            found = next((one for one in handles.flask if one.imported is not None), None)
            if found is None or found.imported is None:
                return None
            name = found.imported.names[0]
            return Imported(found.imported.module, (name,), f"{name}.metadata")
        if not user.path.endswith(".py") or user.model.name not in self.source.modules[user.path].classes:
            return None
        known = metadata_of(self.source, self.places, ClassValue(user.path, user.model.name))
        if known is None:
            return Imported(user.model.module, (user.model.name,), f"{user.model.name}.metadata")
        imported, why = known
        self.note("metadata", f"{imported.expression} of {imported.module}", why)
        return imported

    def handle(self, subject: str, handles: Iterable[Handle], driver: Driver, hidden: bool = False) -> Imported | None:
        """The best of some handles that the driver can use."""
        asynchronous = driver in ("sqlalchemy-async", "psycopg-async", "asyncpg")
        usable = [one for one in handles if one.imported is not None and one.asynchronous is asynchronous and one.path not in self.own]
        if not usable or hidden:
            return None
        best = min(usable, key=lambda one: (is_aside(one), one.path.count("/") if subject != "dependency" else 0))
        assert best.imported is not None
        self.note(subject, f"{best.imported.expression} of {best.imported.module}", best.why)
        return best.imported

    def flask_object(self, handles: Handles, layer: Layer) -> Imported | None:
        """Flask-SQLAlchemy's object."""
        found = next((one for one in handles.flask if one.imported is not None), None)
        if layer != "flask-sqlalchemy" or found is None or found.imported is None:
            return None
        self.note("database object", f"{found.imported.expression} of {found.imported.module}", found.why)
        return found.imported

    # -- where it goes -----------------------------------------------------------------------------------------------------

    def folders(self, root: str, path: str) -> list[str]:
        """The folders whose settings count: the import root and those above it."""
        return list(dict.fromkeys([*folders_above(root), *(["/".join(path.split("/")[:1])] if "/" in path else [])]))

    def output(self, root: str, user: Candidate, application: FrameworkUse | None, handles: Handles) -> tuple[str, str]:
        """The generated package's folder and its dotted name."""
        own = self.record.output if self.record is not None else None
        if self.wishes.output is not None:
            output = self.wishes.output.strip("/").removeprefix("./") or "sessions"
            self.note("package", output, Evidence("", 0, GIVEN))
        elif own is not None:
            output = own
            self.note("package", output, Evidence(f"{own}/.scaffold.json", 0, "generated there before"))
        else:
            anchors = [one.path for one in (*handles.engines, *handles.flask) if not is_aside(one)][:1]
            anchors += [user.path] if user.model.module and not user.model.module.startswith("django.") else []
            first = user.path
            if application is not None and application.framework != "django":
                anchors.append(application.path)
                first = application.path
            if application is not None and application.framework == "django":
                folder = self.beside_django_apps(root, user)
            else:
                folder = locations.output_folder(self.source, root, anchors, first)
            name, taken = locations.free_name(self.source, folder, own)
            output = f"{folder}/{name}" if folder else name
            self.note("package", output, taken)
        package = self.places.module(f"{output}/__init__.py", root)
        if not all(part.isidentifier() for part in package.split(".")):
            raise UserError(f"{output} cannot be imported as a Python package; give a folder of the application with --output")
        return output, package

    def beside_django_apps(self, root: str, user: Candidate) -> str:
        """The folder that holds the application with the user model, or most of the local applications."""
        if user.model.module and not user.model.module.startswith("django."):
            app = django.app_folder(self.source, ClassValue(user.path, user.model.name))
            return app.rpartition("/")[0]
        local = [path.removesuffix("/models.py") for path in self.source.modules if path.endswith("/models.py") and is_below(path, root)]
        parents = [path.rpartition("/")[0] for path in local]
        return max(set(parents), key=lambda one: (parents.count(one), -depth(one))) if parents else root

    def tables(self, root: str, sql: list[SqlTable]) -> Tables:
        """The names of the tables."""
        if self.record is not None:
            return self.record.tables
        tables, why = locations.free_tables(locations.taken_tables(self.source, self.places, root, sql, self.own))
        if why:
            self.note("tables", f"called {tables.sessions} …", *why)
        return tables

    def migrations(self, framework: Framework, layer: Layer, root: str) -> tuple[Migrations, AlembicProject | None]:
        """The migration tool."""
        environments = find_environments(self.source)
        near = [one for one in environments if is_below(one.versions, root) or is_below(root, one.folder)]
        wanted = self.wishes.migrations
        environment = self.environment(near) if wanted in (None, "alembic") and framework != "django" else None
        if wanted == "alembic" and environment is None:
            raise UserError("--migrations alembic needs an Alembic environment, and there is no alembic.ini here; run alembic init first")
        if wanted == "django" and not self.projects:
            raise UserError("--migrations django needs a Django project, and there are no Django settings here")
        if wanted is not None:
            if wanted != "alembic":
                self.note("migrations", wanted, Evidence("", 0, GIVEN))
            return wanted, environment if wanted == "alembic" else None
        if framework == "django" or layer == "django":
            self.note("migrations", "Django's")
            return "django", None
        if environment is not None:
            return "alembic", environment
        self.note("migrations", "plain SQL, since there is no migration tool")
        return "sql", None

    def create_all(self, root: str) -> Evidence | None:
        """Where SQLAlchemy makes the application's tables."""
        aside = users.ASIDE | {"versions"}
        paths = [path for path in self.source.modules if is_below(path, root) and not aside & set(path[len(root) :].split("/"))]
        found = find_create_all(self.source, paths)
        if found is not None:
            self.note("tables", "made by SQLAlchemy's create_all", found)
        return found

    def environment(self, near: list[AlembicProject]) -> AlembicProject | None:
        """The Alembic environment; that with the revision which is asked for, where there are several."""
        used = [one for one in near if one.revisions] or near
        if len(used) > 1:
            head = self.wishes.alembic_head
            own = self.record.alembic.revision if self.record is not None and self.record.alembic is not None else None
            known = [one for one in used if head is not None and any(each.identifier.startswith(head) for each in one.revisions)]
            known = known or [one for one in used if any(each.identifier == own for each in one.revisions)]
            if len(known) != 1:
                names = ", ".join(f"{one.versions} (head {', '.join(each.identifier for each in one.heads())})" for one in used)
                raise UserError(f"there are several Alembic environments, {names}; give the revision to go on from with --alembic-head")
            return known[0]
        return used[0] if used else None

    # -- Django --------------------------------------------------------------------------------------------------------------

    def django_project(self, user: Candidate, root: str) -> DjangoProject:
        """The Django project that the user model belongs to. Raises :class:`UserError` where there is none."""
        if not self.projects:
            raise UserError("--framework django needs a Django project, and there are no Django settings here")
        near = [one for one in self.projects if is_below(user.path, one.folder) or is_below(one.folder, root)]
        return max(near or self.projects, key=lambda one: len(one.folder))

    def django_app(self, project: DjangoProject, user: Candidate) -> DjangoApp:
        """The Django side of the choice."""
        settings = self.places.module(project.modules[0])
        if user.layer == "django" and project.user_model == "auth.User" and user.model.name != "User":
            project = msgspec.structs.replace(project, user_model=f"{user.model.table.rpartition('_')[0]}.{user.model.name}")
        return DjangoApp(settings, project.user_model, rest_framework=project.rest_framework)


TITLES = {"fastapi": "FastAPI", "flask": "Flask", "django": "Django", "none": "none"}


def layer_for(driver: Driver) -> Layer:
    """The layer that a driver is used in by itself."""
    if driver in SQLALCHEMY_DRIVERS:
        return "sqlalchemy"
    if driver == "django" or driver == "asyncpg" or driver == "sqlite3":
        return driver
    return "psycopg"


def driver_named(name: str) -> Driver:
    """A raw driver by its name."""
    known: dict[str, Driver] = {"asyncpg": "asyncpg", "psycopg": "psycopg", "psycopg-async": "psycopg-async", "sqlite3": "sqlite3"}
    return known[name]


def inside(handles: Handles, root: str) -> Handles:
    """The handles in an application."""

    def kept(group: tuple[Handle, ...]) -> tuple[Handle, ...]:
        return tuple(one for one in group if is_below(one.path, root))

    return Handles(kept(handles.engines), kept(handles.factories), kept(handles.dependencies), kept(handles.flask), kept(handles.pools))


def is_aside(handle: Handle) -> bool:
    """Whether a handle is not the application's main one: of scripts, of tests, of a read replica."""
    name = handle.imported.expression.lower() if handle.imported is not None else ""
    return bool(users.ASIDE & set(handle.path.split("/"))) or any(word in name for word in ("test", "reader", "replica", "read_"))


def folders_above(folder: str) -> list[str]:
    """A folder and those above it, nearest first, down to the scanned one."""
    found = [folder]
    while folder:
        folder = folder.rpartition("/")[0]
        found.append(folder)
    return found


def depth(folder: str) -> int:
    """How deep a folder lies."""
    return folder.count("/") + 1 if folder else 0
