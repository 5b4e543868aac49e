from __future__ import annotations

from jwtlint.facts.web_layout import WebLayout
from jwtlint.sources.web_gather import gather
from jwtlint.sources.web_screen import CREDENTIALS, NAMES, STORES


def wanted(files: dict[str, tuple[int, str]]) -> list[str]:
    subjects = {path: bits for path, (bits, _) in files.items()}
    imports = {path: "\n".join(named.split()).encode() for path, (_, named) in files.items()}
    return gather(WebLayout(files), subjects, imports)


def test_from_where_things_are_kept_to_who_hands_tokens_over_and_what_is_used() -> None:
    files = {
        "src/storage.ts": (STORES, "./keys"),
        "src/keys.ts": (0, ""),
        "src/index.ts": (0, "./storage"),
        "src/login.ts": (NAMES, "./index ./Form.vue"),
        "src/http.ts": (NAMES | CREDENTIALS, ""),
        "src/Form.vue": (0, ""),
        "src/other.ts": (NAMES, "./unrelated"),
        "src/unrelated.ts": (0, ""),
    }
    assert wanted(files) == ["src/http.ts", "src/index.ts", "src/keys.ts", "src/login.ts", "src/storage.ts"]


def test_where_nothing_is_kept_nothing_is_read() -> None:
    assert wanted({"a.ts": (NAMES, ""), "b.ts": (CREDENTIALS, "./a")}) == []
    assert wanted({"theme.ts": (STORES, ""), "b.ts": (NAMES, "")}) == []


def test_a_page_with_the_word_is_read() -> None:
    assert wanted({"templates/a.html": (NAMES, ""), "b.ts": (0, "")}) == ["templates/a.html"]
