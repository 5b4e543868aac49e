"""The README that is generated: for its framework, and naming tests that are there."""

from __future__ import annotations

import ast
import re

import msgspec
import pytest
import webapps

from jwtlint.scaffold.choice import Bridge
from jwtlint.scaffold.render.package import render

KINDS = [
    ("fastapi", "sqlalchemy-async", ""),
    ("fastapi", "sqlalchemy", ""),
    ("fastapi", "asyncpg", ""),
    ("flask", "sqlalchemy", "flask-sqlalchemy"),
    ("flask", "sqlite3", ""),
    ("none", "psycopg", ""),
    ("django", "django", ""),
]
# each requirement of the chapter, https://github.com/OWASP/ASVS/blob/v5.0.0/5.0/en/0x16-V7-Session-Management.md; 7.1.3 is on paper only
CHAPTER = "7.1.1 7.1.2 7.2.1 7.2.2 7.2.3 7.2.4 7.3.1 7.3.2 7.4.1 7.4.2 7.4.3 7.4.4 7.4.5 7.6.1 7.6.2"
OVER_HTTP = "7.5.1 7.5.2 7.5.3"


def generated(kind: tuple[str, str, str], cached: bool = False) -> dict[str, str]:
    """The package, by the path in it."""
    framework, driver, layer = kind
    files = render(webapps.choice(framework, driver, layer=layer, cached=cached))
    return {path.removeprefix("app/sessions/"): text for path, text in files.items()}


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_each_test_that_it_names_is_there(kind: tuple[str, str, str]) -> None:
    files = generated(kind)
    named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", files["README.md"])
    assert len(named) >= 15
    for file, name in named:
        tree = ast.parse(files[f"tests/{file}"])
        assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}, (file, name)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_it_names_each_requirement_of_the_chapter(kind: tuple[str, str, str]) -> None:
    text = generated(kind)["README.md"]
    for number in f"{CHAPTER} {OVER_HTTP if kind[0] != 'none' else ''}".split():
        assert re.search(rf"^\| (?:[\d., –]*, )?{re.escape(number)}\b", text, re.MULTILINE), number


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_it_speaks_of_its_own_framework_only(kind: tuple[str, str, str]) -> None:
    text = generated(kind)["README.md"]
    assert "<!--" not in text
    assert "\n\n\n" not in re.sub(r"```.*?```", "code", text, flags=re.DOTALL)
    assert ("## In FastAPI" in text) == (kind[0] == "fastapi")
    assert ("## In Flask" in text) == (kind[0] == "flask")
    assert ("## Django" in text) == (kind[0] == "django")
    assert ("lifespan=lifespan" in text) == (kind[1] == "asyncpg")
    assert "generate again with `--cache redis`" in text
    assert "put\n  up a tombstone" in generated(kind, cached=True)["README.md"]


def test_each_setting_is_explained() -> None:
    files = generated(KINDS[0])
    tree = ast.parse(files["settings.py"])
    settings = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Settings")
    names = [node.target.id for node in settings.body if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)]
    missing = [name for name in names if f"`{name}`" not in files["README.md"] and f"`{name} " not in files["README.md"]]
    assert len(names) > 15
    assert missing == []


def test_it_tells_how_to_go_on_from_a_bridge() -> None:
    def text(bridge: Bridge | None, framework: str = "fastapi", driver: str = "sqlalchemy-async") -> str:
        choice = msgspec.structs.replace(webapps.choice(framework, driver), bridge=bridge)
        return next(text for path, text in render(choice).items() if path.endswith("README.md"))

    plain, bridged = text(None), text(Bridge())
    assert "stand-in" not in plain and "verify=verify" in plain
    assert "verify=verify" not in bridged and "strategy.py" not in bridged and "<!--" not in bridged
    for setting in ('phase="both"', 'phase="session_only"', "accept_bearer=False", "jwt_issued_before="):
        assert setting in bridged
    assert "strategy.py" in text(Bridge(library="fastapi-users"))
    assert "hooks.py` to end sessions" in bridged and "hooks.py` to end sessions" not in text(Bridge(), driver="sqlalchemy")
