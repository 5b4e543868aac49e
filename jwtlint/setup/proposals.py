"""What ``jwtlint init`` would write. A file that exists is never changed: then what to add by hand is told."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from jwtlint.setup.surroundings import FILES, Service, Surroundings
from jwtlint.setup.templates import template

HOOKS = ".pre-commit-config.yaml"
# the template, the file, and what stands above the template in a file of its own
CI: dict[Service, tuple[str, str, str]] = {
    "github": ("github.yml", ".github/workflows/jwtlint.yml", ""),
    "gitlab": ("gitlab.yml", FILES["gitlab"], ""),
    "azure": ("azure.yml", FILES["azure"], "trigger:\n  - '*'\n\npool:\n  vmImage: ubuntu-latest\n\n"),
    "jenkins": ("Jenkinsfile", FILES["jenkins"], ""),
}


class Proposal(msgspec.Struct, frozen=True):
    """One file. ``text`` None: there is nothing to do, for the ``reason``. ``by_hand``: the file exists, and ``text`` is to be added."""

    path: str
    reason: str
    text: str | None = None
    by_hand: bool = False


def proposals(around: Surroundings) -> Iterator[Proposal]:
    """What to write, and what not."""
    yield configuration(around)
    yield hook(around)
    if around.service is None:
        yield Proposal("a CI file", f"{around.reason}; name it: --ci github, gitlab, azure or jenkins")
    else:
        yield ci(around, around.service)


def configuration(around: Surroundings) -> Proposal:
    """The settings."""
    if around.configuration is not None:
        return Proposal(around.configuration.name, "it holds jwtlint's settings already")
    return Proposal("jwtlint.toml", "the settings", template("jwtlint.toml"))


def hook(around: Surroundings) -> Proposal:
    """The pre-commit hook."""
    entry = template("pre-commit.yaml")
    if HOOKS in around.speaking:
        return Proposal(HOOKS, "it speaks of jwtlint already")
    if (around.top / HOOKS).exists():
        return Proposal(HOOKS, "it exists; add this under its key `repos`", entry, by_hand=True)
    return Proposal(HOOKS, "the hook, which `pre-commit install` switches on", f"repos:\n{entry}")


def ci(around: Surroundings, service: Service) -> Proposal:
    """The CI job."""
    name, path, head = CI[service]
    known = next((other for other in around.speaking if other != HOOKS and other.startswith(FILES[service])), None)
    if known is not None:
        return Proposal(known, "it speaks of jwtlint already")
    if (around.top / path).exists():
        return Proposal(path, "it exists; add this to it", template(name), by_hand=True)
    return Proposal(path, f"the CI job, since {around.reason}", head + template(name))
