"""What a migration changes in small programs, step by step, and what it leaves alone."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import libcst
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jwtlint.cli import main
from jwtlint.config import Options
from jwtlint.editing.draft import Draft
from jwtlint.editing.files import Files
from jwtlint.editing.recipe import Refused
from jwtlint.editing.settings import settings_named
from jwtlint.errors import UserError
from jwtlint.migrate import routes
from jwtlint.migrate.run import Migration, migrate
from jwtlint.scaffold.wishes import Wishes

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
MODELS = """\
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

engine = create_engine("sqlite:///shop.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    hashed_password: Mapped[str]
    role: Mapped[str]
    is_active: Mapped[bool]
"""
SECURITY = """\
import os
from datetime import datetime, timedelta, timezone

import jwt

KEY = os.environ["SECRET_KEY"]


def create_access_token(user):
    claims = {"sub": str(user.id), "role": user.role, "exp": datetime.now(timezone.utc) + timedelta(hours=8)}
    return jwt.encode(claims, KEY, algorithm="HS256")


def read_token(token):
    return jwt.decode(token, KEY, algorithms=["HS256"])
"""
MAIN = """\
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm
from pydantic import BaseModel
from sqlalchemy.orm import Session

from shop.database import get_db
from shop.models import User
from shop.passwords import hashed, is_right
from shop.security import create_access_token, read_token

app = FastAPI()
bearer = OAuth2PasswordBearer(tokenUrl="login")


class Profile(BaseModel):
    email: str | None = None
    password: str | None = None


def current_user(token: str = Depends(bearer), db: Session = Depends(get_db)) -> User:
    user = db.get(User, int(read_token(token)["sub"]))
    if user is None or not user.is_active:
        raise HTTPException(401)
    return user


@app.post("/login")
def login(form: OAuth2PasswordRequestForm = Depends(), db: Session = Depends(get_db)):
    user = db.query(User).filter(User.email == form.username).one()
    if not is_right(form.password, user.hashed_password):
        raise HTTPException(401)
    return {"access_token": create_access_token(user)}


@app.post("/logout")
def logout(user: User = Depends(current_user)):
    \"\"\"Say goodbye.\"\"\"
    return {"ok": True}


@app.post("/password")
def change_password(new_password: str, user: User = Depends(current_user), db: Session = Depends(get_db)):
    user.hashed_password = hashed(new_password)
    db.commit()
    return {"ok": True}
"""
DATABASE = """\
from sqlalchemy.orm import Session

from shop.models import engine


def get_db():
    with Session(engine) as db:
        yield db
"""
PROGRAM = {"shop/__init__.py": "", "shop/database.py": DATABASE, "shop/models.py": MODELS, "shop/security.py": SECURITY}
PROGRAM["shop/main.py"] = MAIN


def written(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """A folder with files."""
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text if isinstance(text, bytes) else text.encode())
    return root


def migrated(root: Path, files: Mapping[str, str | bytes] = PROGRAM, **identifiers: str) -> Migration:
    """The migration of a small program, worked out and not written."""
    return migrate(written(root, files), Options(cache=False), Wishes(database="sqlite"), identifiers)


def after(done: Migration, path: str) -> str:
    """A changed file's new text; what it was where it was left alone."""
    return done.changed[path][1].decode() if path in done.changed else (done.generated.root / path).read_text()


def configuration(done: Migration) -> str:
    """The generated ``bridge.py``."""
    (found,) = [one.text for one in done.generated.files if one.path.endswith("/bridge.py")]
    return found


def test_a_token_is_replaced_by_a_stand_in_where_it_is_made(tmp_path: Path) -> None:
    text = after(migrated(tmp_path), "shop/security.py")
    assert 'return token_for(jwt.encode(claims, KEY, algorithm="HS256"))\n' in text


def test_lines_keep_to_the_length_that_the_formatter_is_told(tmp_path: Path) -> None:
    files = {**PROGRAM, "pyproject.toml": "[tool.ruff]\nline-length = 60\n"}
    text = after(migrated(tmp_path, files), "shop/security.py")
    assert 'return token_for(\n        jwt.encode(claims, KEY, algorithm="HS256"),\n    )\n' in text


def test_a_token_is_looked_up_where_it_is_verified(tmp_path: Path) -> None:
    text = after(migrated(tmp_path), "shop/security.py")
    assert 'claims_of(token, lambda: jwt.decode(token, KEY, algorithms=["HS256"]))' in text.replace("\n        ", " ").replace("( ", "(")
    assert "from shop.sessions.bridge import claims_of, token_for\n" in text


def test_a_role_is_read_from_the_row_from_then_on(tmp_path: Path) -> None:
    text = configuration(migrated(tmp_path))
    assert 'IDENTIFIERS: tuple[tuple[str, str], ...] = (("sub", "id"),)' in text
    assert 'FRESH: tuple[tuple[str, str], ...] = (("role", "role"),)' in text


HEADER = """\
from fastapi import Depends, Header, HTTPException

from shop.settings import settings


def token_of(authorization: str = Header()) -> str:
    prefix, _, token = authorization.partition(" ")
    if prefix != settings.auth_token_prefix:
        raise HTTPException(403)
    return token
"""


@pytest.mark.parametrize(
    ("setting", "scheme"),
    [
        ('auth_token_prefix: str = "Token"', "Token"),
        ('auth_token_prefix = Field("Shop", env="PREFIX")', "Shop"),
        ('auth_token_prefix = os.environ.get("AUTH_TOKEN_PREFIX", "JWT")', "JWT"),
        ('auth_token_prefix = "Bearer"', "Bearer"),
        # keys in Redis, and a setting that nobody reads where the header is
        ('auth_token_prefix = "session"', "Bearer"),
        ('other_token_prefix = "Token"', "Bearer"),
    ],
)
def test_the_word_before_the_token_may_stand_in_a_setting(tmp_path: Path, setting: str, scheme: str) -> None:
    files = {"shop/header.py": HEADER, "shop/settings.py": f"import os\n\n\nclass Settings:\n    {setting}\n\n\nsettings = Settings()\n"}
    assert f'SCHEME = "{scheme}"' in configuration(migrated(tmp_path, {**PROGRAM, **files}))


def test_a_logout_ends_the_session_first_of_all(tmp_path: Path) -> None:
    assert '    """Say goodbye."""\n    log_out()\n    return {"ok": True}\n' in after(migrated(tmp_path), "shop/main.py")


def test_a_new_password_ends_the_other_sessions(tmp_path: Path) -> None:
    text = after(migrated(tmp_path), "shop/main.py")
    assert "    user.hashed_password = hashed(new_password)\n    password_changed(user)\n    db.commit()\n" in text


def with_writer(more: str, assignment: str) -> dict[str, str]:
    """The program with more handlers, and a function that writes what came with a request into a user's row."""
    users = f"""\
from shop.passwords import hashed


def save_user(db, user, data):
    if data.password:
        user.hashed_password = hashed(data.password)
    {assignment}
    db.commit()
"""
    main = MAIN.replace("from shop.security", "from shop.users import save_user\nfrom shop.security") + more
    return {**PROGRAM, "shop/main.py": main, "shop/users.py": users}


def test_a_general_update_ends_sessions_only_with_a_password(tmp_path: Path) -> None:
    more = """

@app.patch("/me")
def update_me(data: Profile, user: User = Depends(current_user), db: Session = Depends(get_db)):
    save_user(db, user, data)
    return {"ok": True}
"""
    text = after(migrated(tmp_path, with_writer(more, "user.email = data.email or user.email")), "shop/main.py")
    assert "    save_user(db, user, data)\n    if data.password:\n        password_changed(user)\n    return" in text


def test_sessions_are_added_behind_all_else(tmp_path: Path) -> None:
    text = after(migrated(tmp_path), "shop/main.py")
    # the generated package needs nothing of this file, so its import stands with the others
    assert "from shop.sessions.bridge import install, log_out, password_changed\n" in text
    assert "app = FastAPI()\ninstall(app)\n" in text


@pytest.mark.parametrize(
    ("value", "call"),
    [
        ("False", "\n    account_ended(user)\n"),
        ("bool(value)", "\n    if not user.is_active:\n        account_ended(user)\n"),
    ],
)
def test_an_account_that_is_switched_off_loses_its_sessions(tmp_path: Path, value: str, call: str) -> None:
    more = f"""

@app.post("/users/{{id}}/lock")
def lock(id: int, value: int = 0, admin: User = Depends(current_user), db: Session = Depends(get_db)):
    user = db.get(User, id)
    user.is_active = {value}
    db.commit()
    return {{"ok": True}}
"""
    text = after(migrated(tmp_path, {**PROGRAM, "shop/main.py": MAIN + more}), "shop/main.py")
    assert f"    user.is_active = {value}{call}    db.commit()\n" in text


def test_a_general_update_ends_all_sessions_where_it_switches_off(tmp_path: Path) -> None:
    more = """

class Update(Profile):
    is_active: bool = True


@app.patch("/users/{id}")
def update_user(id: int, data: Update, admin: User = Depends(current_user), db: Session = Depends(get_db)):
    user = db.get(User, id)
    save_user(db, user, data)
    return {"ok": True}
"""
    text = after(migrated(tmp_path, with_writer(more, "user.is_active = data.is_active")), "shop/main.py")
    assert "    save_user(db, user, data)\n    if data.is_active is False:\n        account_ended(user)\n    if data.password:\n" in text


def test_an_account_that_is_switched_on_keeps_what_it_has(tmp_path: Path) -> None:
    more = """

@app.post("/users/{id}/unlock")
def unlock(id: int, admin: User = Depends(current_user), db: Session = Depends(get_db)):
    user = db.get(User, id)
    user.is_active = True
    user.hashed_password = hashed("changeme")
    db.commit()
    return {"ok": True}
"""
    text = after(migrated(tmp_path, {**PROGRAM, "shop/main.py": MAIN + more}), "shop/main.py")
    assert "account_ended" not in text


LOGOUT = MAIN[MAIN.index('@app.post("/logout")') : MAIN.index('@app.post("/password")')]
WITHOUT_LOGOUT = {**PROGRAM, "shop/main.py": MAIN.replace(LOGOUT, "")}


def test_an_application_without_a_logout_is_given_one(tmp_path: Path) -> None:
    done = migrated(tmp_path, WITHOUT_LOGOUT)
    assert 'app = FastAPI()\ninstall(app, prefix="/account")\n' in after(done, "shop/main.py")
    assert "users see and end their sessions: GET /account/sessions, POST /account/logout" in " ".join(
        one.title for one in done.study.steps
    )


TAKES_APART = """\
import jwt

from shop.security import KEY, create_access_token


def test_login(client):
    token = client.post("/login", data={"username": "a@example.com", "password": "b"}).json()["access_token"]
    assert jwt.decode(token, KEY, algorithms=["HS256"])["sub"] == "1"


def test_token(user):
    assert jwt.decode(create_access_token(user), KEY, algorithms=["HS256"])["role"] == user.role


def test_page(client):
    assert client.get("/").status_code == 200
"""


def test_tests_that_take_tokens_apart_are_left_to_people(tmp_path: Path) -> None:
    found = migrated(tmp_path, {**PROGRAM, "tests/test_login.py": TAKES_APART})
    left = [(one.place.path, one.place.line) for one in found.study.left if one.place is not None and "apart" in one.title]
    assert left == [("tests/test_login.py", 8), ("tests/test_login.py", 12)]
    assert "tests/test_login.py" not in found.changed
    told = CliRunner().invoke(main, ["migrate", str(tmp_path), "--database", "sqlite"]).output
    assert told.count("this test takes a token apart") == 1
    assert "\n      tests/test_login.py:8\n      tests/test_login.py:12\n" in told


def test_where_there_is_a_logout_it_is_said_how_to_have_the_routes(tmp_path: Path) -> None:
    (left,) = [one for one in migrated(tmp_path).study.left if "see their sessions" in one.title]
    assert "--routes /account" in left.reason


@pytest.mark.parametrize(
    ("wish", "call"), [("none", "install(app)"), ("/api/me/", 'install(app, prefix="/api/me")'), ("/", 'install(app, prefix="")')]
)
def test_where_the_routes_are_can_be_said(tmp_path: Path, wish: str, call: str) -> None:
    root = written(tmp_path, WITHOUT_LOGOUT)
    done = migrate(root, Options(cache=False), Wishes(database="sqlite"), {}, wish)
    assert f"app = FastAPI()\n{call}\n" in after(done, "shop/main.py")


def test_routes_are_added_to_the_addresses_of_a_django_project(tmp_path: Path) -> None:
    fixture = Path(__file__).parents[2] / "fixtures" / "migrate-django-pyjwt"
    root = shutil.copytree(fixture, tmp_path / "notebook")
    done = migrate(root, Options(cache=False), Wishes(database="sqlite"), {}, "/account")
    text = after(done, "notebook/urls.py")
    (line,) = [line for line in text.splitlines() if "sessions.urls" in line]
    assert line == f'    path("account/", include("{done.detected.choice.package}.urls")),'


@pytest.mark.parametrize("fixture", ["migrate-django-pyjwt", "migrate-drf-simplejwt"])
def test_the_bridge_stands_before_django_s_check_of_csrf_tokens(tmp_path: Path, fixture: str) -> None:
    root = shutil.copytree(Path(__file__).parents[2] / "fixtures" / fixture, tmp_path / "project")
    done = migrate(root, Options(cache=False), Wishes(database="sqlite"), {})
    (settings_path,) = [path.relative_to(root).as_posix() for path in root.rglob("settings.py")]
    text = after(done, settings_path)
    names = ["SecurityMiddleware", "BridgeMiddleware", "CsrfViewMiddleware"]
    assert sorted(names, key=text.index) == names


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (
            "from django.urls import include, re_path\n\nurlpatterns = [\n    re_path(r'^api/', include('shop.urls')),\n]\n",
            (
                "from django.urls import include, path, re_path\n\nurlpatterns = [\n    re_path(r'^api/', include('shop.urls')),\n"
                "    path('account/', include('shop.sessions.urls')),\n]\n"
            ),
        ),
        (
            'from django.urls import path, re_path\n\nurlpatterns = [path("a", a), re_path(r"^.*$", page)]\n',
            (
                "from django.urls import include, path, re_path\n\n"
                'urlpatterns = [path("a", a), path("account/", include("shop.sessions.urls")), re_path(r"^.*$", page)]\n'
            ),
        ),
        (
            "from django.conf.urls import include, url\n\nurlpatterns = [\n    url(r'^a$', a)\n]\n",
            (
                "from django.conf.urls import include, url\nfrom django.urls import path\n\nurlpatterns = [\n    url(r'^a$', a),\n"
                "    path('account/', include('shop.sessions.urls'))\n]\n"
            ),
        ),
    ],
)
def test_a_pattern_is_written_as_its_neighbours_are(tmp_path: Path, before: str, expected: str) -> None:
    files = Files(written(tmp_path, {"urls.py": before}), ["urls.py"])
    draft = Draft(files.tree("urls.py"))
    patterns = next(settings_named(draft.tree, "urlpatterns")).value
    assert isinstance(patterns, libcst.List)
    assert routes.add(draft, patterns, "account/", "shop.sessions.urls") is not None
    assert draft.text() == expected


def test_a_name_that_is_taken_is_not_used(tmp_path: Path) -> None:
    files = Files(written(tmp_path, {"urls.py": "from os import path\n\nurlpatterns = []\n"}), ["urls.py"])
    draft = Draft(files.tree("urls.py"))
    patterns = next(settings_named(draft.tree, "urlpatterns")).value
    assert isinstance(patterns, libcst.List)
    with pytest.raises(Refused, match="called path already"):
        routes.add(draft, patterns, "account/", "shop.sessions.urls")


def test_sessions_are_added_in_a_factory_before_the_tables_are_made(tmp_path: Path) -> None:
    start, rest = MAIN.split("app = FastAPI()\n")
    factory = """

def create_app():
    application = FastAPI()
    application.include_router(router)
    Base.metadata.create_all(engine)
    return application
"""
    main = start.replace("import Depends,", "import APIRouter, Depends,").replace("import User\n", "import Base, User, engine\n")
    main += "router = APIRouter()\n" + rest.replace("@app.", "@router.") + factory
    text = after(migrated(tmp_path, {**PROGRAM, "shop/main.py": main}), "shop/main.py")
    assert "    application.include_router(router)\n    from shop.sessions.bridge import install\n    install(application)\n" in text
    assert text.index("install(application)") < text.index("create_all(engine)")


def test_what_the_package_needs_itself_imports_it_late(tmp_path: Path) -> None:
    models = MODELS + "\n    def token(self):\n        return create_access_token(self)\n"
    models = models.replace("from sqlalchemy import", "from shop.security import create_access_token\nfrom sqlalchemy import", 1)
    text = after(migrated(tmp_path, {**PROGRAM, "shop/models.py": models}), "shop/security.py")
    assert "def create_access_token(user):\n    from shop.sessions.bridge import token_for\n" in text
    assert "\nfrom shop.sessions.bridge" not in text.replace("\n    from", "")


RESET = """

@app.post("/forgot")
def forgot(email: str, db: Session = Depends(get_db)):
    user = db.query(User).filter(User.email == email).one()
    token = signed({"sub": user.email, "purpose": "password-reset"}, minutes=15)
    send_mail(user.email, f"https://shop.example/reset?token={token}")
    return {"ok": True}
"""
SIGNED = SECURITY.replace(
    """    claims = {"sub": str(user.id), "role": user.role, "exp": datetime.now(timezone.utc) + timedelta(hours=8)}
    return jwt.encode(claims, KEY, algorithm="HS256")
""",
    """    return signed({"sub": str(user.id), "role": user.role}, minutes=480)


def signed(claims, minutes):
    claims = {**claims, "exp": datetime.now(timezone.utc) + timedelta(minutes=minutes)}
    return jwt.encode(claims, KEY, algorithm="HS256")
""",
)


def test_one_time_tokens_of_the_same_helper_stay_what_they_are(tmp_path: Path) -> None:
    main = MAIN.replace("import create_access_token,", "import create_access_token, signed,")
    main = main.replace("from shop.passwords", "from shop.mail import send_mail\nfrom shop.passwords") + RESET
    done = migrated(tmp_path, {**PROGRAM, "shop/main.py": main, "shop/security.py": SIGNED})
    text = after(done, "shop/security.py")
    assert 'return jwt.encode(claims, KEY, algorithm="HS256")\n' in text
    assert "token_for(" in text and "token_for(jwt" not in text and text.index("token_for(") < text.index("def signed")
    assert RESET in after(done, "shop/main.py")


def test_flask_jwt_extended_gets_a_manager_of_ours(tmp_path: Path) -> None:
    app = """\
from flask import Flask, jsonify, request
from flask_jwt_extended import JWTManager, create_access_token, jwt_required
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///shop.db"
db = SQLAlchemy(app)
jwt = JWTManager(app)


class User(db.Model):
    __tablename__ = "users"
    id = db.Column(db.Integer, primary_key=True)
    email = db.Column(db.String(80), unique=True)
    password = db.Column(db.String(80))


@app.post("/login")
def login():
    user = User.query.filter_by(email=request.json["email"]).one()
    if not user.check_password(request.json["password"]):
        return jsonify(ok=False), 401
    return jsonify(access_token=create_access_token(identity=str(user.id)))


@app.get("/me")
@jwt_required()
def me():
    return jsonify(ok=True)


if __name__ == "__main__":
    app.run()
"""
    text = after(migrated(tmp_path, {"shop.py": app}), "shop.py")
    assert "from sessions.jwt_manager import JWTManager\n" in text
    assert "from flask_jwt_extended import create_access_token, jwt_required\n" in text
    assert "jsonify(access_token=token_for(create_access_token(identity=str(user.id))))" in text
    # behind the database, and never below what runs the application
    assert text.index("db = SQLAlchemy(app)") < text.index('install(app, prefix="/account")\n') < text.index("__main__")


# -- what it refuses ---------------------------------------------------------------------------------------------------


def test_a_program_without_session_tokens_is_told_so(tmp_path: Path) -> None:
    files = {**PROGRAM, "shop/security.py": "def create_access_token(user): ...\n\n\ndef read_token(token): ...\n"}
    with pytest.raises(UserError, match="nothing to migrate"):
        migrated(tmp_path, files)


def test_who_a_token_names_is_asked_where_nothing_tells(tmp_path: Path) -> None:
    files = {**PROGRAM, "shop/security.py": SECURITY.replace("str(user.id)", "opaque(user)")}
    with pytest.raises(UserError, match="--identifier"):
        migrated(tmp_path, files)
    assert '(("sub", "email"),)' in configuration(migrated(tmp_path, files, sub="email"))


def test_an_identifier_that_the_user_has_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no attribute emial"):
        migrated(tmp_path, PROGRAM, sub="emial")


def test_a_file_that_is_no_python_is_left_and_the_rest_is_done(tmp_path: Path) -> None:
    done = migrated(tmp_path, {**PROGRAM, "shop/broken.py": "import jwt\ndef broken(:\n"})
    assert "shop/security.py" in done.changed and "shop/broken.py" not in done.changed


# -- the command -------------------------------------------------------------------------------------------------------


def run(*arguments: str) -> tuple[int, str]:
    """The command's exit status and all that it says."""
    done = CliRunner().invoke(main, ["migrate", *arguments, "--database", "sqlite"])
    return done.exit_code, done.output


def texts(root: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file() and ".git" not in path.parts}


def test_without_write_nothing_is_written(tmp_path: Path) -> None:
    before = texts(written(tmp_path, PROGRAM))
    status, said = run(str(tmp_path))
    assert status == 0 and "shop/security.py:11" in said and "--write does it" in said
    assert run(str(tmp_path), "--diff")[0] == 0
    assert texts(tmp_path) == before


def test_the_next_steps_name_nothing_that_is_done(tmp_path: Path) -> None:
    written(tmp_path, PROGRAM)
    said = run(str(tmp_path), "--write")[1]
    assert "  2. make the tables: sqlite3 THE_DATABASE_FILE < shop/sessions/migrations/sqlite.up.sql\n" in said
    assert said.endswith('under "From JWTs to sessions": the phase stands in the last line of shop/sessions/settings.py\n')
    last = (tmp_path / "shop/sessions/settings.py").read_text().splitlines()[-1]
    assert last == 'settings = Settings(phase="both", accept_bearer=True)'
    readme = (tmp_path / "shop/sessions/README.md").read_text()
    assert f"The phase stands in the last line of `settings.py`, as in `{last}`: that is the line to edit.\n" in readme


def test_tables_that_the_application_makes_at_its_start_are_not_made_by_hand(tmp_path: Path) -> None:
    main = MAIN.replace("import User\n", "import Base, User, engine\n")
    main = main.replace("app = FastAPI()\n", "app = FastAPI()\nBase.metadata.create_all(engine)\n")
    written(tmp_path, {**PROGRAM, "shop/main.py": main})
    said = run(str(tmp_path), "--write")[1]
    assert "  2. make the tables: create_all in shop/main.py makes them with the application's own; where it does not run: sqlite3 " in said


def test_djangos_settings_that_were_edited_are_no_step(tmp_path: Path) -> None:
    shutil.copytree(FIXTURES / "migrate-django-pyjwt", tmp_path, dirs_exist_ok=True)
    said = run(str(tmp_path), "--write")[1]
    assert re.search(r"  2\. make the tables: python manage\.py migrate login_sessions\n", said) and "INSTALLED_APPS" not in said
    assert said.endswith("the phase stands in LOGIN_SESSIONS in the settings\n")


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    written(tmp_path, PROGRAM)
    assert run(str(tmp_path), "--write")[0] == 0
    before = texts(tmp_path)
    status, said = run(str(tmp_path), "--write")
    assert status == 0 and "migrated already" in said
    assert texts(tmp_path) == before


def test_a_dirty_tree_is_refused(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    before = texts(written(tmp_path, PROGRAM))
    status, said = run(str(tmp_path), "--write")
    assert status == 2 and "not committed" in said and texts(tmp_path) == before
    assert run(str(tmp_path), "--write", "--allow-dirty")[0] == 0


def test_modes_and_line_ends_stay(tmp_path: Path) -> None:
    written(tmp_path, {path: text.replace("\n", "\r\n") for path, text in PROGRAM.items()})
    (tmp_path / "shop/security.py").chmod(0o640)
    assert run(str(tmp_path), "--write")[0] == 0
    assert (tmp_path / "shop/security.py").stat().st_mode & 0o777 == 0o640
    data = (tmp_path / "shop/security.py").read_bytes()
    assert b"token_for(jwt.encode" in data and data.count(b"\n") == data.count(b"\r\n")


# -- whatever the file looks like --------------------------------------------------------------------------------------

NOISE = st.sampled_from(
    [
        "x = 1 ;y=2",
        "x = {  'a':1,\n  'b' : [ 1,2,3 ,],   # odd\n}",
        "def f( a,b = 2 ):\n\treturn  a  # tabs",
        "class  C( object ):\n  '''doc'''\n  x : int = 3\n  def m(self): return self . x",
        "# a comment\n\n\n# another, é 中 🎉",
        "s = 'é' \"ü\" f'{x!r:>{10}}'",
        "if x: pass\nelif y :\n    z = (1 ,\n\n      2)\nelse: pass",
        "async def h():\n    await  x ;  return",
        "x = y = \\\n  3",
        "'''a\n  string # with \\\n'''",
    ]
)
MINTS = st.sampled_from(
    [
        "    return jwt.encode(claims, KEY, algorithm='HS256')",
        "    return jwt . encode( claims , KEY , 'HS256' )  # é",
        "    return jwt.encode(\n        claims,  # the user\n        KEY,\n        algorithm='HS256',\n    )",
        "    token = jwt.encode(payload=claims, key=KEY); return token",
    ]
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(noise=st.lists(NOISE, min_size=1, max_size=4), mint=MINTS, end=st.sampled_from(["\n", "\r\n"]))
def test_nothing_else_is_touched(tmp_path_factory: pytest.TempPathFactory, noise: list[str], mint: str, end: str) -> None:
    security = SECURITY.replace('    return jwt.encode(claims, KEY, algorithm="HS256")', mint)
    head, body = security.split("\n\n\n", 1)
    text = "\n\n".join([head, *noise, body]).replace("\n", end)
    root = tmp_path_factory.mktemp("program")
    done = migrated(root, {**PROGRAM, "shop/security.py": text.encode()})
    changed = done.changed["shop/security.py"][1]
    ast.parse(changed)
    # what was there is there in the same order, but for the two calls
    left = changed.decode()
    touched = {line for one in (mint, '    return jwt.decode(token, KEY, algorithms=["HS256"])') for line in one.split("\n")}
    position = 0
    for line in text.splitlines(keepends=True):
        if line.rstrip("\r\n") not in touched:
            position = left.index(line, position) + len(line)
    written(root, {"shop/security.py": changed})
    assert "shop/security.py" not in migrated(root, {}).changed
