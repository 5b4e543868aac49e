"""The lives of the session tokens as drawings, and the tokens that were left alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jwtlint.report.document import Report, TokenStory
from jwtlint.report.escape import html
from jwtlint.report.page.prose import scrolling
from jwtlint.report.story import layout, svg
from jwtlint.report.story.lives import Entry, Life, lives
from jwtlint.report.story.wording import PURPOSES
from jwtlint.report.verdict import plural


def stories(report: Report) -> Iterator[str]:
    """The section's HTML; nothing when there is no session token."""
    found = lives(report)
    if not found:
        return
    yield '<section aria-labelledby="lives"><h2 id="lives">The life of each session token</h2>'
    yield f'<p class="legend">{"".join(legend())}</p>'
    several = len({life.application for life in found}) > 1
    for number, life in enumerate(found):
        yield from story(life, number, several)
    yield "</section>"


def legend() -> Iterator[str]:
    """What the colours and lines of the drawings mean."""
    words = {"good": "as it should be", "unseen": "not seen", "plain": ""}
    for state, spoken in svg.SPOKEN.items():
        text = words.get(state, spoken)
        if text:
            yield f'<span class="key {state}">{text}</span> '


def story(life: Life, number: int, several: bool) -> Iterator[str]:
    """One life: drawn wide for wide windows, and narrow for narrow ones and for paper."""
    where = f"{life.place.path}:{life.place.line}"
    application = f" in {html(life.application)}" if several and life.application not in ("", ".") else ""
    yield f'<article class="story" aria-labelledby="life-{number}"><h3 id="life-{number}">{html(life.title)}{application}'
    yield f' <span class="where">{html(where)}</span></h3><p>{html(life.summary)}</p>'
    name = f"The stages of the {life.title[:1].lower()}{life.title[1:]} of {where}"
    yield svg.element(layout.wide(life), anchor, "wide", name)
    yield svg.element(layout.narrow(life), anchor, "narrow", name)
    yield "</article>"


def anchor(entry: Entry) -> str:
    """Where an entry of a drawing leads: to its finding."""
    return f"#finding-{entry.finding + 1}" if entry.finding is not None else ""


def left_alone(report: Report) -> Iterator[str]:
    """The tokens that are no sessions, with the reasons for that; nothing when there are none."""
    tokens = [token for token in report.tokens if token.purpose != "session"]
    if not tokens:
        return
    yield '<section aria-labelledby="alone"><h2 id="alone">Tokens that are no sessions</h2>'
    yield f"<details><summary>{plural(len(tokens), 'token')}: nothing is said against JWTs for these</summary>"
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("What it is for", "Where", "Why we think so"))
    told = [f"<table><thead><tr>{heads}</tr></thead>"]
    for token in tokens:
        where = f"<code>{html(place_of(token))}</code>"
        told.append(f"<tr><td>{html(PURPOSES[token.purpose])}</td><td>{where}</td><td>{reasons(token)}</td></tr>")
    told.append("</table>")
    yield f"{scrolling(''.join(told), 'Tokens that are no sessions')}</details></section>"


def place_of(token: TokenStory) -> str:
    """Where a token is minted, or verified."""
    place = token.steps[0].place
    for step in token.steps:
        if step.event in ("mint", "verification"):
            place = step.place
            break
    return f"{place.path}:{place.line}"


def reasons(token: TokenStory) -> str:
    """The first reasons for a token's purpose."""
    told: Sequence[str] = [reason.text for reason in token.reasons[:3]]
    return html("; ".join(told)) if told else "nothing decides"
