"""The settings as they are told to people and to editors are those that the program reads."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import tomli
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jwtlint import config, toml
from jwtlint.cli import main
from jwtlint.config import Configuration
from jwtlint.errors import UserError

SHIPPED = Path(config.__file__).with_name("config.schema.json")
SCHEMA: dict[str, Any] = json.loads(SHIPPED.read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)


def run(*arguments: str) -> str:
    result = CliRunner().invoke(main, ["config", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def is_read(tables: dict[str, object]) -> bool:
    """Whether the program takes a configuration."""
    try:
        toml.convert(tables, Configuration, "here")
    except UserError:
        return False
    return True


def test_the_shipped_schema_is_the_printed_one() -> None:
    assert run("--schema") == SHIPPED.read_text(encoding="utf-8"), "run `jwtlint config --schema > jwtlint/config.schema.json`"


def test_it_is_what_editors_read() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert SCHEMA["additionalProperties"] is False
    assert list(SCHEMA["properties"]) == list(Configuration.__struct_encode_fields__)
    for key, described in SCHEMA["properties"].items():
        assert described["description"].endswith("."), key
        assert "type" in described or "enum" in described, key
        # defaults and examples hold themselves
        for value in [described[name] for name in ("default",) if name in described] + described.get("examples", []):
            VALIDATOR.validate({key: value})
            assert is_read({key: value})


def test_a_second_tool_reads_it(tmp_path: Path) -> None:
    """As an editor, or CI, would: a second tool reads the schema and the TOML."""
    for text, status in (("max-lifetime = 5\n[per-file-ignores]\n'a/*' = ['JWT1']\n", 0), ("max-lifetme = 5\n", 1)):
        (tmp_path / "jwtlint.toml").write_text(text)
        command = [sys.executable, "-m", "check_jsonschema", "--schemafile", str(SHIPPED), str(tmp_path / "jwtlint.toml")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == status, done.stdout + done.stderr


GOOD = [
    "",
    "max-lifetime = 1",
    "select = ['JWT1', 'no-expiry']\nignore = []",
    "exclude = []\nextend-exclude = ['a/']",
    "[per-file-ignores]\n'x/*' = ['JWT308']",
    "baseline = 'known.json'\nfail-level = 'error'\nstrict = true",
    "models = ['m']\nrules = ['r']\nrole-claims = ['rank']\nprofile-claims = ['shoe']",
    "include-tests = true\npedantic = false\nmin-level = 'warning'\nmax-file-size = 10",
]
BAD = [
    "max-lifetme = 5",
    "max_lifetime = 5",
    "max-lifetime = 0",
    "max-lifetime = '5'",
    "max-lifetime = 1.5",
    "max-lifetime = true",
    "select = 'JWT1'",
    "select = [1]",
    "exclude = 'a'",
    "per-file-ignores = ['a']",
    "[per-file-ignores]\n'x/*' = 'JWT308'",
    "baseline = 1",
    "fail-level = 'fatal'",
    "strict = 'yes'",
    "[more]\nx = 1",
]


@pytest.mark.parametrize("text", GOOD)
def test_good_settings(text: str) -> None:
    tables = tomli.loads(text)
    VALIDATOR.validate(tables)
    assert is_read(tables)


@pytest.mark.parametrize("text", BAD)
def test_bad_settings(text: str) -> None:
    tables = tomli.loads(text)
    assert not VALIDATOR.is_valid(tables)
    assert not is_read(tables)


# a whole number written as 60.0 is an integer to JSON Schema and none to TOML
LEAVES = st.one_of(
    st.booleans(), st.integers(-3, 3), st.floats(0.1, 0.9), st.sampled_from(["note", "warning", "error", "fatal", "JWT1", ""])
)
LISTS = st.lists(LEAVES, max_size=2)
VALUES = st.one_of(LEAVES, LISTS, st.dictionaries(st.sampled_from(["a/*", "", "\x1b"]), st.one_of(LEAVES, LISTS), max_size=2))
KEYS = st.sampled_from([*Configuration.__struct_encode_fields__, "max_lifetime", "x"])


# no time is checked
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_schema_and_program_take_the_same(tables: dict[str, object]) -> None:
    assert VALIDATOR.is_valid(tables) == is_read(tables)


def test_people_are_told_too() -> None:
    lines = run().splitlines()
    assert [line.split()[0] for line in lines] == list(Configuration.__struct_encode_fields__)
    assert lines[0].endswith("How many minutes an access token may live. (default: 60)")
    page = run("per-file-ignores")
    assert page.startswith("per-file-ignores\n\n    Rules that do not count in some files")
    assert 'example: per-file-ignores = { "internal/*" = ["token-in-response-body"] }\n' in page
    assert "type: list of strings\n" in run("select")
    assert 'type: "error" or "note" or "warning"\ndefault: "note"\n' in run("fail-level")


@pytest.mark.parametrize("key", Configuration.__struct_encode_fields__)
def test_examples_are_toml(key: str) -> None:
    for line in run(key).splitlines():
        if line.startswith("example: "):
            assert is_read(tomli.loads(line.removeprefix("example: ")))


def test_a_key_that_is_none() -> None:
    result = CliRunner().invoke(main, ["config", "max-lifetme"])
    assert result.exit_code == 2
    assert result.stderr == 'jwtlint: there is no setting "max-lifetme"; did you mean "max-lifetime"?\n'
