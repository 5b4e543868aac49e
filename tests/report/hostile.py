"""A report about code that wants to speak: to a terminal, to HTML, to a workflow, to Markdown."""

from __future__ import annotations

from handmade import claim, delivery, handler, lifecycle, mint, verification

from jwtlint.facts.lifecycle import Place, Reason
from jwtlint.report.document import Prefix, Rendering, build
from jwtlint.rules import catalogue
from jwtlint.rules.findings import find
from jwtlint.sources.failures import FileError
from jwtlint.sources.text import Texts

NAME = "</script></title></style>\"'`\x1b[31m\u202e<img src=x onerror=document.title='owned'><svg onload=document.title='owned'>]]>"
MARKS = "@everyone #1 ```\n::error::x%0A|**bold**|[link](javascript:alert(1))"
PATH = "a b/<b>é'\"&,:%.py"
SOURCE = f"""\
def login(user):
    claims = {{"role": user.role, 'x': "{NAME.replace(chr(10), ' ')}"}}  # {MARKS.replace(chr(10), ' ')}
    return jwt.encode(claims, KEY)
"""


def rendering() -> Rendering:
    minted = Place(PATH, 3, 11, 3, 34)
    trace = (Reason(f"in {NAME}", Place(PATH, 1, 0, 1, 16)), Reason(MARKS, minted))
    story = lifecycle(
        mint(place=minted, wrapper=NAME, expiry="missing", reasons=(Reason(NAME),), trace=trace),
        claim(NAME, place=Place(PATH, 2, 14, 2, 20)),
        claim(MARKS, place=Place(PATH, 2, 22, 2, 31)),
        delivery("cookie", name=NAME, place=Place(PATH, 3, 4, 3, 10), http_only="off", secure="off", same_site="missing"),
        verification(place=Place(PATH, 1, 4, 1, 9), library=NAME, token="other"),
        handler("logout", name=NAME, token="", place=Place(PATH, 1, 0, 1, 10)),
        mint(place=Place(PATH, 1, 10, 1, 14), token="mail", purpose="one-time", reasons=(Reason(NAME),), application=NAME),
    )
    texts = Texts(None, {PATH: SOURCE.encode()})
    rules = catalogue.load()
    findings = find(rules, story, texts, {"max-lifetime": 3600})
    errors = [FileError(f"{NAME}.py", f"it is not valid Python ({MARKS})", 2)]
    return Rendering(build(story, findings, errors, 3, 2), texts, lambda: rules, prefix=Prefix("re po/", ""))
