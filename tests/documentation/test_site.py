from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from jwtlint.cli import main
from jwtlint.documentation import readme
from jwtlint.errors import UserError
from jwtlint.rules import catalogue, models

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    result = CliRunner().invoke(main, ["docs", "--output", str(folder)])
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{len(catalogue.load()) + 2} pages in {folder}; begin with {folder / 'index.html'}\n"
    return folder


def test_a_page_for_every_rule(site: Path) -> None:
    for rule in catalogue.load():
        text = (site / "rules" / f"{rule.code}.html").read_text(encoding="utf-8")
        assert f"<title>{rule.code} {rule.name}</title>" in text
        assert text.count("<h2>Wrong") == text.count("<h2>Right") == len(rule.example)
        for number in rule.cwe:
            assert f"https://cwe.mitre.org/data/definitions/{number}.html" in text
        assert 'class="marked"' in text


def test_rules_of_ones_own_get_pages_too(tmp_path: Path) -> None:
    rule = (CHECKOUT / "rules/JWT201-authorization-claim.toml").read_text(encoding="utf-8")
    (tmp_path / "own").mkdir()
    (tmp_path / "own/BANK1-no-rights.toml").write_text(rule.replace("JWT201", "BANK1").replace('"authorization-claim"', '"no-rights"'))
    (tmp_path / "jwtlint.toml").write_text("rules = ['own']\n")
    result = CliRunner().invoke(main, ["docs", "--output", str(tmp_path / "site"), "--config", str(tmp_path / "jwtlint.toml")])
    assert result.exit_code == 0, result.stderr
    assert (tmp_path / "site/rules/BANK1.html").exists() and (tmp_path / "site/rules/JWT201.html").exists()


def test_every_link_in_the_site_leads_somewhere(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    for page in pages:
        for link in re.findall('href="([^"#:]+)"', page.read_text(encoding="utf-8")):
            assert (page.parent / link).resolve() in pages, (page, link)
    index = (site / "index.html").read_text(encoding="utf-8")
    assert {f"rules/{rule.code}.html" for rule in catalogue.load()} <= set(re.findall('href="([^"]+)"', index))


def test_the_libraries_are_told(site: Path) -> None:
    text = (site / "libraries.html").read_text(encoding="utf-8")
    known = models.load()
    assert text.count('<th scope="row">') == len(known)
    assert "PyJWT" in text and "flask_jwt_extended" in text


def test_pages_run_and_load_nothing(site: Path) -> None:
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert "default-src 'none'" in text and "script-src 'none'" in text
        assert "<script>" not in text and "url(" not in text


def test_a_second_run_writes_the_same(site: Path) -> None:
    before = {page: page.read_bytes() for page in site.rglob("*")if page.is_file()}
    CliRunner().invoke(main, ["docs", "--output", str(site)])
    assert {page: page.read_bytes() for page in site.rglob("*") if page.is_file()} == before


def test_the_readme_is_up_to_date() -> None:
    result = CliRunner().invoke(main, ["docs", "--readme", str(CHECKOUT / "README.md"), "--check"])
    assert result.exit_code == 0, "run: jwtlint docs --readme README.md"


def test_the_readme_tells_every_format() -> None:
    from jwtlint.report import registry

    text = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    table = text[text.index("| format | for |") :].partition("\n\n")[0]
    assert sorted(re.findall("`([a-z]+)`", table.replace("jwtlint/report/schema.json", ""))) == registry.names()


def test_a_readme_is_renewed_between_its_marks(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text(f"before\n{readme.BEGIN}\nold\n{readme.END}\nafter\n")
    stale = CliRunner().invoke(main, ["docs", "--readme", str(path), "--check"])
    assert stale.exit_code == 1 and "not up to date" in stale.stderr and "old" in path.read_text()
    assert CliRunner().invoke(main, ["docs", "--readme", str(path)]).exit_code == 0
    text = path.read_text()
    assert text.startswith(f"before\n{readme.BEGIN}\n| rule |") and text.endswith(f"{readme.END}\nafter\n") and "old" not in text
    assert text.count("| JWT") == len(catalogue.load())
    assert "up to date" in CliRunner().invoke(main, ["docs", "--readme", str(path)]).stdout


def test_mistakes_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="has no place for the rules"):
        readme.updated("text", catalogue.load(), "README.md")
    result = CliRunner().invoke(main, ["docs"])
    assert result.exit_code == 2 and "--output DIR" in result.stderr
    (tmp_path / "file").write_text("")
    result = CliRunner().invoke(main, ["docs", "--output", str(tmp_path / "file")])
    assert result.exit_code == 2 and "cannot be written" in result.stderr
