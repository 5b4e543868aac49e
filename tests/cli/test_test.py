"""Rules and models of one's own, without code: ``--config`` loads them, and ``jwtlint test`` tries their own examples."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jwtlint.cli import main

MODEL = """\
imports = ["acmeauth"]

[[api]]
match = ["acmeauth.issue"]
fact = "mint"
args.claims = { pos = 0 }
returns = "token"
expiry_claim = false
purpose = "session"

[[example]]
code = '''
import acmeauth
token = acmeauth.issue({"sub": "1", "role": "admin"})
'''
facts = [{ fact = "mint", line = 2 }, { fact = "claim", line = 2, name = "role" }]
"""
RULE = """\
code = "BANK1"
name = "no-rank-in-tokens"
failure = "staleness"
level = "error"
cwe = [863]
asvs = ["8.3.1"]
why = "A rank in a token is a photograph."
remedy = "Read it from the row."

[fix]
none = "the rank belongs to another system"

[match]
fact = "claim"
where = { name = "rank" }

[report]
message = "the claim {name} is in a token"

[[example]]
bad = '''
import acmeauth
def login(user):
    return acmeauth.issue({"sub": user.id, "rank": user.rank})
'''
good = '''
import acmeauth
def login(user):
    return acmeauth.issue({"sub": user.id})
'''
"""
WEB = """\
packages = ["@acme/vault"]

[[example]]
file = "app.js"
code = '''
localStorage.setItem("access_token", await login());
'''
facts = [{ fact = "delivery", line = 1, medium = "local_storage" }]
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "lint/models/web").mkdir(parents=True)
    (tmp_path / "lint/rules").mkdir()
    (tmp_path / "lint/models/acmeauth.toml").write_text(MODEL)
    (tmp_path / "lint/rules/BANK1-no-rank-in-tokens.toml").write_text(RULE)
    (tmp_path / "jwtlint.toml").write_text("models = ['lint/models']\nrules = ['lint/rules']\n")
    code = 'import acmeauth\n\n\ndef login(user):\n    return acmeauth.issue({"sub": user.id, "rank": user.rank})\n'
    (tmp_path / "app.py").write_text(code)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def edit(path: Path, old: str, new: str) -> None:
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_a_rule_and_a_model_of_ones_own_find_something(project: Path) -> None:
    found = run("check", "--config", "jwtlint.toml", "--select", "BANK1,no-rank-in-tokens", "--format", "concise")
    assert (found.exit_code, found.stdout) == (1, "app.py:5:44: error[BANK1] the claim rank is in a token\n")
    assert "BANK1" not in run("check").stdout


def test_examples_that_hold(project: Path) -> None:
    result = run("test", "--config", "jwtlint.toml")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "2 files tried; every example is as it says\n", "")


def test_an_example_that_does_not_hold_is_told(project: Path) -> None:
    edit(project / "lint/rules/BANK1-no-rank-in-tokens.toml", '"rank": user.rank', '"grade": user.grade')
    edit(project / "lint/models/acmeauth.toml", 'name = "role"', 'name = "shoe_size"')
    result = run("test", "--config", "jwtlint.toml")
    assert result.exit_code == 1
    first, second, last = result.stdout.splitlines()
    assert first.endswith('acmeauth.toml: example 1: there is no fact claim in line 2 with name = "shoe_size"')
    assert "BANK1-no-rank-in-tokens.toml: example 1: the rule does not fire in `bad` (" in second
    assert last == "2 files tried; what is said above is not so"


def test_a_rule_that_fires_in_good_code_is_told(project: Path) -> None:
    edit(project / "lint/rules/BANK1-no-rank-in-tokens.toml", '{"sub": user.id}', '{"sub": user.id, "rank": user.rank}')
    assert "example 1: the rule fires in `good`" in run("test", "--config", "jwtlint.toml").stdout


def test_models_of_front_ends(project: Path) -> None:
    (project / "lint/models/web/vault.toml").write_text(WEB)
    told = run("test", "--config", "jwtlint.toml").stdout
    assert told == "3 files tried; every example is as it says\n"
    edit(project / "lint/models/web/vault.toml", "line = 1", "line = 3")
    told = run("test", "--config", "jwtlint.toml").stdout
    assert 'vault.toml: example 1: there is no fact delivery in line 3 with medium = "local_storage"' in told
    assert "vault.toml: example 1: it does not name the delivery by local_storage access_token in line 1" in told


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('fact = "claim", line', 'fact = "clam", line', 'there is no kind of fact "clam"'),
        ('name = "role"', 'nam = "role"', 'a claim has no "nam"'),
        ("token = acmeauth", "token = = acmeauth", "example 1: its code cannot be read: "),
        ("[[example]]", "[[example]]\nfile = '../x.py'", "there is no fact"),
    ],
)
def test_mistakes_in_examples_of_models(project: Path, old: str, new: str, sentence: str) -> None:
    edit(project / "lint/models/acmeauth.toml", old, new)
    result = run("test", "--config", "jwtlint.toml")
    if "../" in new:
        # a name only: nothing of it is written
        assert result.exit_code == 0 and not (project.parent / "x.py").exists()
    else:
        assert result.exit_code == 1 and sentence in result.stdout and "Traceback" not in result.output


def test_an_example_writes_nothing_elsewhere(project: Path) -> None:
    edit(project / "lint/rules/BANK1-no-rank-in-tokens.toml", "[[example]]", "[[example]]\nfile = '../../escaped.py'")
    assert 'its file "../../escaped.py" lies elsewhere' in run("test", "--config", "jwtlint.toml").stdout


def test_without_an_example_nothing_shows_that_it_works(project: Path) -> None:
    (project / "lint/models/acmeauth.toml").write_text(MODEL.partition("[[example]]")[0])
    result = run("test", "--config", "jwtlint.toml")
    assert result.exit_code == 1 and "acmeauth.toml: it has no example" in result.stdout


def test_wrong_use(project: Path) -> None:
    assert run("test").exit_code == 2
    (project / "jwtlint.toml").write_text("strict = true\n")
    result = run("test", "--config", "jwtlint.toml")
    assert result.exit_code == 2 and "names no folders of rules or models" in result.stderr
