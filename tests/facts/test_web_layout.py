from __future__ import annotations

import pytest

from jwtlint.facts.web_layout import WebLayout, is_web

LAYOUT = WebLayout(
    [
        "web/src/main.ts",
        "web/src/App.vue",
        "web/src/stores/auth.ts",
        "web/src/stores/index.ts",
        "web/src/lib/keys.js",
        "web/src/pages/login/Login.tsx",
        "web/shared/format.ts",
        "site/src/lib/api.ts",
        "site/src/routes/+page.svelte",
        "admin/src/stores/auth.ts",
    ]
)


@pytest.mark.parametrize(
    ("importer", "specifier", "path"),
    [
        ("web/src/main.ts", "./stores/auth", "web/src/stores/auth.ts"),
        ("web/src/main.ts", "./stores", "web/src/stores/index.ts"),
        ("web/src/main.ts", "./App.vue", "web/src/App.vue"),
        ("web/src/pages/login/Login.tsx", "../../lib/keys", "web/src/lib/keys.js"),
        ("web/src/pages/login/Login.tsx", "../../stores/auth.js", "web/src/stores/auth.ts"),
        ("web/src/pages/login/Login.tsx", "@/stores/auth", "web/src/stores/auth.ts"),
        ("web/src/pages/login/Login.tsx", "~/stores/auth", "web/src/stores/auth.ts"),
        ("web/src/pages/login/Login.tsx", "src/lib/keys", "web/src/lib/keys.js"),
        ("web/src/pages/login/Login.tsx", "@shared/format", "web/shared/format.ts"),
        ("site/src/routes/+page.svelte", "$lib/api", "site/src/lib/api.ts"),
        ("web/src/main.ts", "vue", None),
        ("web/src/main.ts", "@vueuse/core", None),
        ("web/src/main.ts", "./missing", None),
        ("web/src/main.ts", "../../../../etc/passwd", None),
    ],
)
def test_where_a_specifier_leads(importer: str, specifier: str, path: str | None) -> None:
    assert LAYOUT.resolve(importer, specifier) == path


def test_what_is_a_front_ends_file() -> None:
    files = "a.js a.mjs a.cjs a.jsx a.ts a.mts a.tsx a.vue a.svelte a.html a.htm a.jinja a.jinja2 a.j2 a.mako".split()
    assert all(map(is_web, files))
    assert not any(map(is_web, ["a.py", "a.css", "a.json", "a.md", "ajs", "a.txt"]))
