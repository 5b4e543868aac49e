"""What the README, the templates of ``jwtlint init`` and the action tell people to run does what they say."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
import tomli
import yaml

CHECKOUT = Path(__file__).resolve().parent.parent
TEMPLATES = CHECKOUT / "jwtlint/setup/templates"
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
BLOCKS = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)]
CHECK = re.compile(r"jwtlint check [^'\n]*--format[^'\n]*")
TOLD = [
    pytest.param(line.strip(), id=f"{name}: {line.strip()}")
    for name, text in [("README", README), *((path.name, path.read_text(encoding="utf-8")) for path in sorted(TEMPLATES.glob("*[el]")))]
    for line in CHECK.findall(text)
    if " -" in line and "html:" not in line and "`" not in line and "#" not in line
]
SCHEMAS = {
    "action.yml": "vendor.github-actions",
    "jwtlint/setup/templates/github.yml": "vendor.github-workflows",
    "jwtlint/setup/templates/gitlab.yml": "vendor.gitlab-ci",
    "jwtlint/setup/templates/azure.yml": "vendor.azure-pipelines",
}


def repository(place: Path, fixture: str) -> Path:
    """A repository with a fixture application."""
    shutil.copytree(CHECKOUT / "fixtures" / fixture, place)
    subprocess.run(["git", "init", "-q", place], check=True)
    return place


def run(command: str, folder: Path) -> int:
    """The exit status of a command line in a shell in which ``jwtlint`` is this one."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "GITHUB_STEP_SUMMARY": str(folder / "summary.md")}
    return subprocess.run(["bash", "-euc", command], cwd=folder, env=environment, capture_output=True, check=False).returncode


@pytest.mark.parametrize("command", TOLD)
def test_a_job_fails_where_jwts_are_sessions_and_passes_where_they_are_not(command: str, tmp_path: Path) -> None:
    bad, good = repository(tmp_path / "bad", "react-context-axios"), repository(tmp_path / "good", "react-cookie-session")
    assert (run(command, bad), run(command, good)) == (1, 0)
    for folder, findings in ((bad, True), (good, False)):
        for kind, name in re.findall(r"--format \"?(\w+):([^\s\"]+)", command):
            text = (folder / ("summary.md" if name.startswith("$") else name)).read_text(encoding="utf-8")
            assert told(kind, text) is findings


def told(kind: str, text: str) -> bool:
    """Whether a report holds findings."""
    if kind == "sarif":
        return bool(json.loads(text)["runs"][0]["results"])
    if kind == "gitlab":
        return bool(json.loads(text))
    if kind == "junit":
        return ElementTree.fromstring(text).find(".//failure") is not None
    return "JWT101" in text


def test_editors_start_a_server_and_vim_hands_over_its_buffer(tmp_path: Path) -> None:
    """The snippets for editors: what each of them starts is a language server that ends when the editor does."""
    blocks = dict(re.findall(r"```(lua|toml|json|vim)\n(.*?)```", README, re.DOTALL))
    server = tomli.loads(blocks["toml"])["language-server"]["jwtlint"]
    settings = json.loads(blocks["json"])
    assert [server["command"], *server["args"]] == [settings["glspc.server.command"], *settings["glspc.server.commandArguments"]]
    assert 'cmd = { "jwtlint", "lsp" }' in blocks["lua"]
    command = shutil.which(server["command"], path=str(Path(sys.executable).parent))
    assert command is not None
    # an editor that is gone without a word is no reason to stay
    done = subprocess.run([command, *server["args"]], input=b"", capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"")
    folder = repository(tmp_path / "bad", "react-context-axios")
    told = re.search(r"system\('(.*?) ' \.\.", blocks["vim"])
    assert told is not None
    python = next(path for path in sorted(folder.rglob("*.py")) if "jwt.encode" in path.read_text())
    with python.open("rb") as text:
        line = [str(Path(sys.executable).parent / "jwtlint"), *told[1].split()[1:], str(python.relative_to(folder)), "-"]
        found = subprocess.run(line, cwd=folder, stdin=text, capture_output=True, text=True, check=False)
    assert found.returncode == 1
    assert all(one.startswith(f"{python.relative_to(folder)}:") for one in found.stdout.splitlines())


def test_enough_is_run() -> None:
    assert len(BLOCKS) == 4
    assert {one.id.partition(":")[0] for one in TOLD} == {"README", "github.yml", "gitlab.yml", "azure.yml", "Jenkinsfile"}


@pytest.mark.parametrize("file", SCHEMAS)
def test_the_files_are_what_the_services_read(file: str) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", SCHEMAS[file], str(CHECKOUT / file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("number", "schema"), [(1, "vendor.gitlab-ci"), (2, "vendor.azure-pipelines")], ids=["gitlab", "azure"])
def test_the_snippets_are_what_the_services_read(number: int, schema: str, tmp_path: Path) -> None:
    (tmp_path / "snippet.yml").write_text(yaml.safe_dump(BLOCKS[number]), encoding="utf-8")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(tmp_path / "snippet.yml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_service_that_init_knows_has_its_snippet() -> None:
    for name in ("GitHub Actions", "GitLab", "Azure Pipelines", "Jenkins", "pre-commit"):
        assert re.search(rf"^(By hand it is this, )?(in|and with) {name}[^\n]*:\n\n```", README, re.MULTILINE), name


def test_the_picture_is_what_the_command_below_it_draws() -> None:
    told = re.search(r"\(drawn by `(jwtlint graph fixtures/[\w-]+)`\)", README)
    assert told is not None
    command = [sys.executable, "-m", "jwtlint", *told[1].split()[1:]]
    drawn = subprocess.run(command, cwd=CHECKOUT, capture_output=True, check=True).stdout
    assert drawn.decode() == (CHECKOUT / ".github/lives.svg").read_text(encoding="utf-8")
