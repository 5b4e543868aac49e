from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    code = f"import hatchling.build as b; print(b.build_wheel({str(folder)!r}))"
    subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, check=True, capture_output=True)
    (found,) = folder.glob("*.whl")
    return found


def test_the_wheel_holds_every_module_and_every_rule(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    modules = {path.relative_to(CHECKOUT).as_posix() for path in (CHECKOUT / "jwtlint").rglob("*.py")}
    rules = {f"jwtlint/_rules/{path.relative_to(CHECKOUT / 'rules').as_posix()}" for path in (CHECKOUT / "rules").rglob("*.toml")}
    others = [path for path in (CHECKOUT / "jwtlint").rglob("*.*") if path.suffix in (".json", ".css", ".js", ".typed")]
    data = {path.relative_to(CHECKOUT).as_posix() for path in others}
    data |= {f"jwtlint/setup/templates/{path.name}" for path in (CHECKOUT / "jwtlint/setup/templates").iterdir() if path.is_file()}
    code = {path.relative_to(CHECKOUT).as_posix() for path in (CHECKOUT / "jwtlint/scaffold/code").rglob("*.*") if is_source(path)}
    assert modules | rules | data | code == {name for name in names if not name.startswith("jwtlint_sessions-")}


def is_source(path: Path) -> bool:
    """Whether a file in code/ is generated from: a module, SQL, or a page."""
    return path.suffix in (".py", ".sql", ".md", ".html", ".typed")


def test_an_installed_wheel_finds_its_rules(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    result = subprocess.run(
        [sys.executable, "-m", "jwtlint", "rules"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(result.stdout.splitlines()) == len(list((CHECKOUT / "rules").glob("*.toml")))


def test_no_module_is_a_drawer() -> None:
    names = {path.stem for path in (CHECKOUT / "jwtlint").rglob("*.py")}
    assert names & {"utils", "util", "helpers", "common", "misc"} == set()
