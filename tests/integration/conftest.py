from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from repositories import TOKENS, VIEWS, git

CHECKOUT = Path(__file__).parent.parent.parent
PARTS = ("jwtlint", "rules", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml", "action.yml")


@pytest.fixture(scope="session")
def distribution(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of its own that holds this project as it stands, with everything committed."""
    root = tmp_path_factory.mktemp("distribution")
    for name in PARTS:
        if (CHECKOUT / name).is_dir():
            shutil.copytree(CHECKOUT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(CHECKOUT / name, root / name)
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "this project")
    return root


@pytest.fixture
def registry(distribution: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pip takes this project for the distribution that the texts name; everything else comes from where it always comes from."""
    code = f"import hatchling.build as b; print(b.build_wheel({str(tmp_path)!r}))"
    built = subprocess.run([sys.executable, "-c", code], cwd=distribution, check=True, capture_output=True, text=True)
    (tmp_path / "constraints.txt").write_text(f"jwtlint-sessions @ file://{tmp_path / built.stdout.split()[-1]}\n")
    monkeypatch.setenv("PIP_CONSTRAINT", str(tmp_path / "constraints.txt"))


@pytest.fixture
def application(tmp_path: Path) -> Path:
    """A repository with an application whose sessions are JWTs, in two files that are harmless one by one."""
    root = tmp_path / "application"
    root.mkdir()
    git(root, "init", "-q")
    (root / "tokens.py").write_text(TOKENS)
    (root / "views.py").write_text(VIEWS)
    return root


@pytest.fixture
def fresh_python(tmp_path: Path) -> dict[str, str]:
    """The environment in which ``python`` is a fresh virtual environment's."""
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "python"], check=True)
    return {**os.environ, "PATH": f"{tmp_path / 'python' / 'bin'}{os.pathsep}{os.environ['PATH']}"}
