from __future__ import annotations

from pathlib import Path

import pytest

from jwtlint.errors import UserError
from jwtlint.rules import models
from jwtlint.rules.heads import web_words


def test_all_models_of_the_project_load() -> None:
    assert {"pyjwt", "flask-jwt-extended", "fastapi"} <= {model.name for model in models.load()}


def test_a_model_of_the_user_joins_and_replaces(tmp_path: Path) -> None:
    (tmp_path / "acme.toml").write_text('imports = ["acme.tokens"]\n')
    (tmp_path / "pyjwt.toml").write_text('imports = ["jwt"]\nscreen = ["acme"]\n')
    loaded = {model.name: model for model in models.load([tmp_path])}
    assert loaded["acme"].imports == ("acme.tokens",)
    assert loaded["acme"].screen == ("acme.tokens",)
    assert loaded["pyjwt"].screen == ("acme",)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('imports = ["a"]\n[[api]]\nmatch = ["a.b"]\nfact = "mints"\n', 'key "api[0].fact"'),
        ('import = ["a"]\n', 'unknown key "import"; did you mean "imports"?'),
        ('imports = ["a"]\nname = "b"\n', 'key "name"'),
        ("imports = []\n", "at least one module"),
    ],
)
def test_a_broken_model_is_told_with_its_file_and_key(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "acme.toml").write_text(text)
    with pytest.raises(UserError) as caught:
        models.load([tmp_path])
    assert f"{tmp_path / 'acme.toml'}: " in str(caught.value)
    assert sentence in str(caught.value)


def test_a_folder_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist"):
        models.load([tmp_path / "none"])


def test_a_web_model_of_the_user_joins_and_replaces(tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "acme.toml").write_text('packages = ["acme-storage"]\n')
    (tmp_path / "web" / "pinia.toml").write_text('packages = ["pinia"]\nscreen = ["useAcme"]\n')
    loaded = {model.name: model for model in models.load_web([tmp_path])}
    assert loaded["acme"].screen == ("acme-storage",)
    assert loaded["pinia"].screen == ("useAcme",)
    assert {"acme-storage", "useAcme", "localStorage"} <= set(web_words([tmp_path]))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('packages = ["a"]\n[[api]]\nmatch = ["a.b"]\nfact = "keep"\n', 'key "api[0].fact"'),
        ('package = ["a"]\n', 'unknown key "package"; did you mean "packages"?'),
        ('packages = ["a"]\nname = "b"\n', 'key "name"'),
    ],
)
def test_a_broken_web_model_is_told_with_its_file_and_key(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "acme.toml").write_text(text)
    with pytest.raises(UserError) as caught:
        models.load_web([tmp_path])
    assert sentence in str(caught.value)
