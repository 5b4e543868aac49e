"""What a repository has already: where it is hosted, which CI it uses, hooks, a configuration. Nothing is run; files are looked at."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from jwtlint import config

Service: TypeAlias = Literal["github", "gitlab", "azure", "jenkins"]

MAX_BYTES = 1_000_000
REMOTE = re.compile(r"^\s*url\s*=\s*(\S+)", re.MULTILINE)
# the file or folder that a service reads
FILES: dict[Service, str] = {
    "github": ".github/workflows",
    "gitlab": ".gitlab-ci.yml",
    "azure": "azure-pipelines.yml",
    "jenkins": "Jenkinsfile",
}
HOSTS: dict[str, Service] = {"github.": "github", "gitlab.": "gitlab", "dev.azure.": "azure", "visualstudio.": "azure"}


class Surroundings(msgspec.Struct, frozen=True):
    """``service``: whose CI the repository uses, or would use, and ``reason`` for thinking so; None where nothing tells.

    ``configuration`` is the file with jwtlint's settings; ``speaking`` are the files of hooks and CI that speak of jwtlint already.
    """

    top: Path
    service: Service | None
    reason: str
    configuration: Path | None
    speaking: tuple[str, ...]


def look(top: Path) -> Surroundings:
    """Look around in the repository with its top at ``top``. Raises :class:`UserError` for a broken configuration."""
    service, reason = service_of(top)
    found = config.discover(top).path
    return Surroundings(top, service, reason, found, tuple(speaking(top)))


def service_of(top: Path) -> tuple[Service | None, str]:
    """The CI service: of the files that are there, else of the host that the repository is pushed to."""
    for service, name in FILES.items():
        if (top / name).exists():
            return service, f"there is {name}"
    settings = text_of(top / ".git" / "config") if (top / ".git").is_dir() else ""
    for url in REMOTE.findall(settings):
        for part, service in HOSTS.items():
            if part in url:
                return service, f"it is pushed to {part.rstrip('.')}"
    return None, "nothing tells which CI it uses"


def speaking(top: Path) -> list[str]:
    """The files of hooks and CI that speak of jwtlint."""
    names = [".pre-commit-config.yaml", *(name for service, name in FILES.items() if service != "github")]
    workflows = top / FILES["github"]
    if workflows.is_dir() and not workflows.is_symlink():
        names += sorted(f"{FILES['github']}/{path.name}" for path in workflows.iterdir() if path.suffix in (".yml", ".yaml"))
    return [name for name in names if "jwtlint" in text_of(top / name)]


def text_of(path: Path) -> str:
    """The beginning of a file; nothing where there is none. A link is not followed."""
    if path.is_symlink() or not path.is_file():
        return ""
    try:
        with open(path, "rb") as file:
            return file.read(MAX_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
