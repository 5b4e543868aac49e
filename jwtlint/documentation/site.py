"""A static site from the TOML files: an index with all rules, a page a rule, and the libraries that are known.

Every page stands alone (its style is inside, it runs no script and loads nothing), so the site can be opened from disk or served
by anything.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

from jwtlint import __version__
from jwtlint.linker.library import LibraryModel
from jwtlint.report.escape import html
from jwtlint.report.page import shell
from jwtlint.report.page.highlight import block
from jwtlint.report.page.prose import prose, scrolling, standards
from jwtlint.report.story import svg
from jwtlint.report.verdict import plural
from jwtlint.rules.catalogue import Rule

FAILURES = {
    "revocation": ("It cannot be revoked", "Logout, a new password, a dismissal: the token stays valid until it expires."),
    "staleness": ("Its claims go stale", "A role that was taken away is still in the token."),
    "theft": ("Theft is for ever", "Whoever copies it is the user, and scripts can usually copy it."),
    "hygiene": ("Signatures", "Mistakes with any JWT, a session or not."),
    "upkeep": ("Comments to jwtlint", "What is asked to be ignored, and is not in order."),
}


def sections(rules: Sequence[Rule]) -> Iterator[tuple[str, str, str, list[Rule]]]:
    """The rules by failure: the failure, its title, a sentence about it, and its rules."""
    for failure in dict.fromkeys([*FAILURES, *(rule.failure for rule in rules)]):
        own = [rule for rule in rules if rule.failure == failure]
        if own:
            yield (failure, *FAILURES.get(failure, (failure.capitalize(), "")), own)


def pages(rules: Sequence[Rule], models: Sequence[LibraryModel]) -> Iterator[tuple[str, str]]:
    """Each page's path in the site, and its text."""
    yield "index.html", whole("jwtlint: the rules", "".join(index(rules)), "")
    yield "libraries.html", whole("jwtlint: the libraries it knows", "".join(libraries(models)), "")
    for number, rule in enumerate(rules):
        before = rules[number - 1] if number else None
        after = rules[number + 1] if number + 1 < len(rules) else None
        yield f"rules/{rule.code}.html", whole(f"{rule.code} {rule.name}", "".join(rule_page(rule, before, after)), "../")


def whole(title: str, body: str, up: str) -> str:
    """A page with its head and foot. ``up`` leads to the site's top."""
    style = svg.stylesheet() + shell.data("code.css") + shell.data("report.css") + shell.data("site.css")
    links = f'<nav aria-label="Site"><a href="{up}index.html">Rules</a> <a href="{up}libraries.html">Libraries</a></nav>'
    head = f'<a class="skip" href="#main">Skip to the text</a><header><p class="brand">jwtlint</p>{links}</header>'
    foot = f"<footer><p>Made from the rule files of jwtlint {html(__version__)} by <code>jwtlint docs</code>.</p></footer>"
    return shell.page(title, f'{head}<main id="main" tabindex="-1">{body}</main>{foot}', style)


def index(rules: Sequence[Rule]) -> Iterator[str]:
    """The table of rules, by failure."""
    yield "<h1>When a JWT is a session</h1>"
    yield "<p>A JSON Web Token that stands for a logged-in user is a session that nobody can end. jwtlint finds where a code base "
    yield "does that, and what follows from it.</p>"
    for failure, title, text, own in sections(rules):
        yield f'<section aria-labelledby="{failure}"><h2 id="{failure}">{html(title)}</h2><p>{html(text)}</p>'
        told = ['<table><thead><tr><th scope="col">Rule</th><th scope="col">Level</th><th scope="col">Why</th></tr></thead><tbody>']
        for rule in own:
            link = f'<a href="rules/{rule.code}.html"><span class="rule">{rule.code}</span> {html(rule.name)}</a>'
            badge = f'<span class="badge {rule.level}">{rule.level}</span>'
            told.append(f'<tr><th scope="row">{link}</th><td>{badge}</td><td>{prose(first_sentence(rule.why))}</td></tr>')
        told.append("</tbody></table>")
        yield scrolling("".join(told), html(title)) + "</section>"


def first_sentence(text: str) -> str:
    """A text up to its first full stop or colon at the end of a word."""
    words = text.split()
    for number, word in enumerate(words):
        if word.endswith((".", ":")) and number > 3:
            return " ".join(words[: number + 1]).rstrip(":.") + "."
    return " ".join(words)


def rule_page(rule: Rule, before: Rule | None, after: Rule | None) -> Iterator[str]:
    """A rule: what it finds, why that matters, how to mend it, what is wrong and what is right."""
    yield f'<p class="small">{html(FAILURES.get(rule.failure, (rule.failure,))[0])}</p>'
    yield f'<h1><span class="rule">{rule.code}</span> {html(rule.name)} <span class="badge {rule.level}">{rule.level}</span></h1>'
    yield f'<h2>Why it matters</h2><p class="text">{prose(rule.why)}</p>'
    yield f'<h2>How to mend it</h2><p class="text">{prose(rule.remedy)}</p>'
    several = len(rule.example) > 1
    for number, example in enumerate(rule.example, 1):
        suffix = f" ({number})" if several else ""
        yield code(f"Wrong{suffix}", example.file, example.bad, "wrong", example.good)
        yield code(f"Right{suffix}", example.file, example.good, "right", example.bad)
    yield f"<h2>Standards</h2><p>{standards(rule)}</p>"
    yield "<h2>On the command line</h2>"
    yield f"<p>Ask for it alone: <code>jwtlint check --select {rule.code}</code>. "
    yield f"Leave it out: <code>jwtlint check --ignore {html(rule.name)}</code>.</p>"
    yield '<nav class="turn" aria-label="Other rules">'
    if before is not None:
        yield f'<a href="{before.code}.html">← {before.code} {html(before.name)}</a>'
    if after is not None:
        yield f'<a class="next" href="{after.code}.html">{after.code} {html(after.name)} →</a>'
    yield "</nav>"


def code(title: str, file: str, text: str, kind: str, other: str) -> str:
    """An example with its title, the lines marked that the ``other`` version of it has not."""
    frame = scrolling(block(text, file, own_lines(text, other)), html(f"{title}: {file}"))
    return f'<h2>{html(title)}</h2><figure class="{kind}"><figcaption>{html(file)}</figcaption>{frame}</figure>'


def own_lines(text: str, other: str) -> set[int]:
    """The numbers, from 1, of the lines of a text that another version of it has not."""
    lines, others = text.strip("\n").splitlines(), other.strip("\n").splitlines()
    matcher = difflib.SequenceMatcher(None, others, lines, autojunk=False)
    return {number + 1 for kind, _, _, start, end in matcher.get_opcodes() if kind != "equal" for number in range(start, end)}


def libraries(models: Sequence[LibraryModel]) -> Iterator[str]:
    """The libraries and frameworks of which something is known, and what."""
    yield "<h1>The libraries that jwtlint knows</h1>"
    yield "<p>Each is one TOML file in <code>rules/models/</code>, with examples that the tests run. A wrapper of your own is described "
    yield "in the same way, in a folder that <code>[tool.jwtlint] models = [...]</code> names.</p>"
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("Library", "Modules", "What is known"))
    told = [f"<table><thead><tr>{heads}</tr></thead><tbody>"]
    for model in models:
        kinds: dict[str, int] = {}
        for api in model.api:
            kinds[api.fact] = kinds.get(api.fact, 0) + 1
        known = ", ".join(f"{html(kind)} ({count})" for kind, count in sorted(kinds.items())) or "settings"
        modules = " ".join(f"<code>{html(name)}</code>" for name in model.imports)
        told.append(f'<tr><th scope="row">{html(model.distribution or model.name)}</th><td>{modules}</td><td>{known}</td></tr>')
    told.append("</tbody></table>")
    yield f"<p>{plural(len(models), 'model')}.</p>{scrolling(''.join(told), 'Libraries')}"
