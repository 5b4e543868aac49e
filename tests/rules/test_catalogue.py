from __future__ import annotations

import re
from pathlib import Path

import pytest

from jwtlint.errors import UserError
from jwtlint.rules import catalogue

CONTRACT = """
    JWT001 unused-ignore JWT002 invalid-ignore
    JWT101 session-by-jwt JWT102 no-revocation-path JWT103 logout-without-revocation JWT104 credential-change-without-revocation
    JWT105 no-expiry JWT106 long-lived-session-token JWT107 denylist-is-a-session-store JWT108 stateless-refresh-token
    JWT109 jwt-behind-session
    JWT201 authorization-claim JWT202 authorization-from-claim JWT203 profile-claim JWT204 refresh-copies-claims
    JWT301 token-in-local-storage JWT302 token-in-session-storage JWT303 script-readable-token-cookie
    JWT304 token-cookie-without-secure JWT305 token-cookie-without-samesite JWT306 token-in-url JWT307 token-in-page
    JWT308 token-in-response-body JWT401 signature-not-verified JWT402 none-algorithm JWT403 algorithms-not-pinned
    JWT404 hardcoded-secret JWT405 secret-in-claims
""".split()
RULES = catalogue.load()
RULE = """
code = "ACME1"
name = "own-rule"
failure = "hygiene"
level = "note"
cwe = [1]
asvs = ["9.1.1"]
why = "Because."
remedy = "Mend it."
[match]
fact = "mint"
where = { purpose = "session" }
[report]
message = "found {library}"
[[example]]
bad = "x"
good = "y"
"""


def own_rule(folder: Path, text: str = RULE, name: str = "ACME1-own-rule.toml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_the_catalogue_is_the_contract() -> None:
    assert [word for rule in RULES for word in (rule.code, rule.name)] == CONTRACT


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_tells_all_a_reader_needs(rule: catalogue.Rule) -> None:
    families = {"0": "upkeep", "1": "revocation", "2": "staleness", "3": "theft", "4": "hygiene"}
    assert rule.failure == families[rule.code[3]]
    # a rule about comments meets no requirement of a standard for applications
    assert rule.cwe and bool(rule.asvs) == (rule.failure != "upkeep") and rule.example
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", number) for number in rule.asvs)
    assert len(rule.why.split()) > 10 and len(rule.remedy.split()) > 5
    assert not rule.report.message.endswith(".")
    assert all(1 <= len(label.split()) <= 4 for label in rule.report.labels.values())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_examples_in_python_are_whole_files(rule: catalogue.Rule) -> None:
    for example in rule.example:
        if example.engine == "python":
            compile(example.bad, "bad.py", "exec")
            compile(example.good, "good.py", "exec")


def test_rules_of_a_user_join_the_others(tmp_path: Path) -> None:
    own_rule(tmp_path)
    assert "ACME1" in [rule.code for rule in catalogue.load([tmp_path])]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('level = "note"', 'level = "fatal"', 'key "level"'),
        ('name = "own-rule"', 'name = "own-rule"\nlvl = "x"', 'unknown key "lvl"'),
        ('why = "Because."', "", 'the key "why" is missing'),
        ('fact = "mint"', 'fact = "mnt"', 'there is no fact "mnt"; did you mean "mint"?'),
        ('purpose = "session"', 'purpos = "session"', 'the fact has no attribute "purpos"; did you mean "purpose"?'),
        ('purpose = "session"', 'purpose = "sesion"', '"sesion" never occurs; did you mean "session"?'),
        ('purpose = "session"', 'lifetime = { above = "max-life" }', 'there is no limit "max-life"; did you mean "max-lifetime"?'),
        ('purpose = "session"', "lifetime = {}", "a comparison needs min, max, above or below"),
        ("{library}", "{libary}", 'have no "libary"; did you mean "library"?'),
        ("{library}", "{library.__class__}", 'have no "library.__class__"'),
        ('message = "found {library}"', 'message = "m"\nat = "lifetime"', 'no place "lifetime"'),
        ('message = "found {library}"', 'message = "m"\nlabels = { minted = "x" }', '"minted" is neither'),
        ("[report]", 'all = [{ fact = "claim" }]\n[report]', '"fact" and "same" belong together'),
        ("[match]", "[match", "is not valid TOML"),
    ],
)
def test_a_broken_rule_is_told_with_its_file_and_key(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    assert old in RULE
    path = own_rule(tmp_path, RULE.replace(old, new))
    with pytest.raises(UserError) as caught:
        catalogue.load([tmp_path])
    assert str(path) in str(caught.value)
    assert sentence in str(caught.value)


def test_a_rule_is_named_like_its_file(tmp_path: Path) -> None:
    own_rule(tmp_path, name="other.toml")
    with pytest.raises(UserError, match="must be named ACME1-own-rule.toml"):
        catalogue.load([tmp_path])


def test_two_rules_cannot_share_a_code(tmp_path: Path) -> None:
    own_rule(tmp_path, RULE.replace("ACME1", "JWT101"), "JWT101-own-rule.toml")
    with pytest.raises(UserError, match="another rule has the code"):
        catalogue.load([tmp_path])


def test_rules_are_chosen_by_code_prefix_and_name() -> None:
    def chosen(select: list[str], ignore: list[str]) -> list[str]:
        return [rule.code for rule in catalogue.choose(RULES, select, ignore)]

    assert chosen([], []) == [rule.code for rule in RULES]
    assert chosen(["JWT101", "profile-claim"], []) == ["JWT101", "JWT203"]
    assert chosen(["jwt2"], ["JWT202"]) == ["JWT201", "JWT203", "JWT204"]
    with pytest.raises(UserError, match='no rule "token-in-ulr"; did you mean "token-in-url"'):
        chosen(["token-in-ulr"], [])
