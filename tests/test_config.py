from __future__ import annotations

from pathlib import Path

import pytest

from jwtlint import config
from jwtlint.config import Configuration
from jwtlint.errors import UserError


def project(folder: Path, table: str) -> Path:
    path = folder / "pyproject.toml"
    path.write_text(f"[project]\nname = 'x'\n[tool.jwtlint]\n{table}\n")
    return path


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert config.discover(tmp_path) == config.Found()
    assert config.Options().limits == {"max-lifetime": 3600}


def test_every_key_is_read(tmp_path: Path) -> None:
    path = project(
        tmp_path,
        """
        max-lifetime = 15
        select = ["JWT1"]
        ignore = ["no-expiry"]
        exclude = ["a/"]
        extend-exclude = ["b/"]
        models = ["m"]
        rules = ["r"]
        role-claims = ["rank"]
        profile-claims = ["shoe"]
        include-tests = true
        min-level = "warning"
        pedantic = true
        max-file-size = 1000
        per-file-ignores = { "x/*" = ["JWT308"] }
        """,
    )
    assert config.read(path) == Configuration(
        max_lifetime=15,
        select=("JWT1",),
        ignore=("no-expiry",),
        exclude=("a/",),
        extend_exclude=("b/",),
        models=("m",),
        rules=("r",),
        role_claims=("rank",),
        profile_claims=("shoe",),
        include_tests=True,
        min_level="warning",
        pedantic=True,
        max_file_size=1000,
        per_file_ignores={"x/*": ("JWT308",)},
    )


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("max-lifetme = 5", 'unknown key "max-lifetme"; did you mean "max-lifetime"?'),
        ("max_lifetime = 5", 'unknown key "max_lifetime"; did you mean "max-lifetime"?'),
        ("max-lifetime = '5'", 'key "max-lifetime": expected `int`, got `str`'),
        ("max-lifetime = 0", 'key "max-lifetime": expected `int` >= 1'),
        ("min-level = 'fatal'", 'key "min-level": invalid enum value'),
        ("select = 'JWT1'", 'key "select": expected `array`, got `str`'),
        ("zebra = 1", 'unknown key "zebra"'),
        ("pedantic = ", "is not valid TOML"),
    ],
)
def test_a_mistake_is_told_with_its_file_and_key(tmp_path: Path, table: str, sentence: str) -> None:
    path = project(tmp_path, table)
    with pytest.raises(UserError) as caught:
        config.discover(tmp_path)
    assert str(path) in str(caught.value)
    assert sentence in str(caught.value)


def test_the_nearest_file_upward_counts(tmp_path: Path) -> None:
    inner = tmp_path / "service" / "app"
    inner.mkdir(parents=True)
    project(tmp_path, "max-lifetime = 1")
    assert config.discover(inner).configuration.max_lifetime == 1
    (inner.parent / "pyproject.toml").write_text("[project]\nname = 'without a table'\n")
    assert config.discover(inner).configuration.max_lifetime == 1
    (inner.parent / "jwtlint.toml").write_text("max-lifetime = 2\n")
    assert config.discover(inner).configuration.max_lifetime == 2


def test_the_search_stops_at_the_top_of_a_repository(tmp_path: Path) -> None:
    project(tmp_path, "max-lifetime = 1")
    repository = tmp_path / "repository"
    (repository / ".git").mkdir(parents=True)
    assert config.discover(repository).path is None


def test_a_scanned_repository_cannot_choose_rules_and_models(tmp_path: Path) -> None:
    path = project(tmp_path, "models = ['m']\nrules = ['r']")
    found = config.discover(tmp_path)
    assert (found.folders("models"), found.folders("rules")) == ((), ())
    assert found.refused == ("models", "rules")
    chosen = config.named(path)
    assert chosen.folders("models") == (str(tmp_path.resolve() / "m"),)
    assert chosen.refused == ()


def test_a_broken_project_file_of_others_is_of_no_concern(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "pyproject.toml").write_text("name = {{ cookiecutter.name }}\n")
    assert config.discover(tmp_path).path is None


def test_a_link_is_no_configuration(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.toml").write_text("ignore = ['JWT1']\n")
    repository = tmp_path / "repository"
    (repository / ".git").mkdir(parents=True)
    (repository / "jwtlint.toml").symlink_to(tmp_path / "elsewhere.toml")
    assert config.discover(repository).path is None


def test_a_named_file_must_exist_and_hold_the_table(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist"):
        config.named(tmp_path / "none.toml")
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    with pytest.raises(UserError, match=r"has no table \[tool.jwtlint\]"):
        config.named(tmp_path / "pyproject.toml")
