"""Cookies that a front end's own server sets, in JavaScript: HttpOnly by an option, or by default."""

from __future__ import annotations

import pytest
from fronts import as_expected, front

ANSWER = 'const answer = await (await fetch("http://api/api/login", { method: "POST", body })).json();\n'


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (
            "web/src/app/actions.ts",
            (
                'import { cookies } from "next/headers";\n'
                f"{ANSWER}"
                '(await cookies()).set("held", answer.access_token); // kept: cookie\n'
                'cookies().set("other", answer.access_token, { secure: true, httpOnly: false }); // kept: cookie\n'
            ),
        ),
        (
            "web/src/app/api/login/route.ts",
            (
                'import { NextResponse } from "next/server";\n'
                f"{ANSWER}"
                "const response = NextResponse.json({ ok: true });\n"
                'response.cookies.set("held", answer.access_token, { maxAge: 3600 }); // kept: cookie\n'
            ),
        ),
        (
            "web/server/api/login.post.ts",
            (
                "export default defineEventHandler(async (event) => {\n"
                f"{ANSWER}"
                'setCookie(event, "held", answer.access_token, { path: "/" }); // kept: cookie\n});\n'
            ),
        ),
        (
            "web/src/routes/login/+page.server.ts",
            (
                "export const actions = { default: async ({ cookies }) => {\n"
                f"{ANSWER}"
                'cookies.set("held", answer.access_token, { path: "/", httpOnly: false }); // kept: cookie\n} };\n'
            ),
        ),
    ],
)
def test_a_cookie_that_scripts_can_read(path: str, text: str) -> None:
    assert as_expected(front(text, path))


@pytest.mark.parametrize(
    "call",
    [
        'jar.set("held", answer.access_token, { httpOnly: true });',
        'jar.set("held", answer.access_token, OPTIONS);',
        'jar.set("held", answer.access_token, { ...OPTIONS, maxAge: 60 });',
        'jar.set("held", answer.access_token, { httpOnly: process.env.NODE_ENV === "production" });',
        'jar.set("held", answer.access_token, optionsFor(request));',
        'jar.set("language", answer.language);',
        'jar.set("held", "", { maxAge: 0 });',
    ],
)
def test_a_cookie_that_scripts_cannot_read_or_that_is_no_token(call: str) -> None:
    told = front(
        f'import {{ cookies }} from "next/headers";\nimport {{ OPTIONS, optionsFor }} from "./options";\n'
        f"const jar = await cookies();\n{ANSWER}{call}\n",
        options='export const OPTIONS = { httpOnly: true, secure: true, sameSite: "lax" as const };\n',
    )
    assert told.found() == []


def test_sveltekit_keeps_scripts_away_by_itself() -> None:
    call = 'cookies.set("held", answer.access_token, { path: "/" });'
    text = f"export const actions = {{ default: async ({{ cookies }}) => {{\n{ANSWER}{call}\n}} }};\n"
    assert front(text, "web/src/routes/login/+page.server.ts").found() == []
