"""``jwtlint init`` in repositories of several kinds."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jwtlint import config
from jwtlint.cli import main
from jwtlint.setup.templates import template


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    monkeypatch.chdir(root)
    return root


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(main, ["init", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result


def push_to(root: Path, url: str) -> None:
    subprocess.run(["git", "remote", "add", "origin", url], cwd=root, check=True)


def files(root: Path) -> dict[str, str]:
    found = [path for path in root.rglob("*") if path.is_file() and ".git" not in path.relative_to(root).parts]
    return {path.relative_to(root).as_posix(): path.read_text() for path in found}


def test_a_repository_on_github(repository: Path) -> None:
    push_to(repository, "git@github.com:acme/shop.git")
    said = run().stdout
    assert sorted(files(repository)) == [".github/workflows/jwtlint.yml", ".pre-commit-config.yaml", "jwtlint.toml"]
    assert "written: .github/workflows/jwtlint.yml: the CI job, since it is pushed to github\n" in said
    assert files(repository)[".github/workflows/jwtlint.yml"] == template("github.yml")
    # the settings are those that hold without a file
    assert config.read(repository / "jwtlint.toml") == config.Configuration()


def test_a_second_run_changes_nothing(repository: Path) -> None:
    push_to(repository, "https://github.com/acme/shop")
    run()
    before = files(repository)
    said = run().stdout
    assert files(repository) == before
    assert said.count("left alone: ") == 3 and "written" not in said


@pytest.mark.parametrize(
    ("url", "present", "written"),
    [
        ("https://gitlab.com/acme/shop.git", "", ".gitlab-ci.yml"),
        ("https://gitlab.acme.example/shop.git", "", ".gitlab-ci.yml"),
        ("https://dev.azure.com/acme/shop", "", "azure-pipelines.yml"),
        ("https://github.com/acme/shop", ".gitlab-ci.yml", None),
        ("https://example.org/shop", ".github/workflows/tests.yml", ".github/workflows/jwtlint.yml"),
        ("https://example.org/shop", "Jenkinsfile", None),
        ("https://example.org/shop", "", None),
    ],
)
def test_the_ci_is_found_out(repository: Path, url: str, present: str, written: str | None) -> None:
    push_to(repository, url)
    if present:
        (repository / present).parent.mkdir(parents=True, exist_ok=True)
        (repository / present).write_text("# ours\n")
    said = run().stdout
    new = set(files(repository)) - {present, "jwtlint.toml", ".pre-commit-config.yaml"}
    assert new == ({written} if written else set())
    if present:
        assert (repository / present).read_text() == "# ours\n"
    if not written:
        assert f"left alone: {present or 'a CI file'}" in said


def test_the_ci_is_named(repository: Path) -> None:
    run("--ci", "jenkins")
    assert files(repository)["Jenkinsfile"] == template("Jenkinsfile")
    assert "a CI file" not in run("--ci", "none").stdout


def test_what_exists_is_never_changed_and_what_to_add_is_shown(repository: Path) -> None:
    (repository / ".pre-commit-config.yaml").write_text("repos: []\n")
    (repository / ".gitlab-ci.yml").write_text("tests: { script: [make] }\n")
    (repository / "pyproject.toml").write_text("[tool.jwtlint]\nmax-lifetime = 5\n")
    said = run().stdout
    assert files(repository) == {
        ".pre-commit-config.yaml": "repos: []\n",
        ".gitlab-ci.yml": "tests: { script: [make] }\n",
        "pyproject.toml": "[tool.jwtlint]\nmax-lifetime = 5\n",
    }
    assert "add this under its key `repos`" in said and "entry: jwtlint check --changed" in said
    assert "    - jwtlint check --format text --format gitlab:" in said
    assert "pyproject.toml: it holds jwtlint's settings already" in said


def test_a_dry_run_writes_nothing(repository: Path) -> None:
    assert "would write: jwtlint.toml" in run("--dry-run", "--ci", "github").stdout
    assert files(repository) == {}


def test_from_a_folder_below(repository: Path) -> None:
    (repository / "src").mkdir()
    run("src")
    assert "jwtlint.toml" in files(repository)


def test_nothing_is_written_through_a_link(repository: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (repository / ".github").symlink_to(outside)
    result = CliRunner().invoke(main, ["init", "--ci", "github"])
    assert result.exit_code == 2 and "symbolic link" in result.stderr
    assert list(outside.iterdir()) == []


def test_outside_a_repository(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["init", str(tmp_path)])
    assert result.exit_code == 2 and "does not lie in a git repository" in result.stderr
