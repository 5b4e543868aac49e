"""Code as HTML: numbered lines, words in colours by Pygments, and the exact span marked.

A file is read by Pygments as a whole where it is small, so that a string over many lines is one; of a large file only the lines around
the span are. Everything that is scanned text is escaped here.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from jwtlint.facts.lifecycle import Place
from jwtlint.report.escape import html
from jwtlint.sources.text import Texts

WHOLE_FILE = 100_000  # bytes
LONG_LINE = 300  # characters
BEFORE, AFTER = 80, 120  # characters kept around a span in a long line
INDENT = 80  # a label stands no further to the right
HEIGHT = 12  # lines of a span that are shown
LEXERS = {
    "py": "python",
    "pyi": "python",
    "js": "javascript",
    "mjs": "javascript",
    "cjs": "javascript",
    "jsx": "javascript",
    "ts": "typescript",
    "mts": "typescript",
    "tsx": "typescript",
    "html": "html+jinja",
    "htm": "html+jinja",
    "jinja": "html+jinja",
    "jinja2": "html+jinja",
    "j2": "html+jinja",
    "vue": "html",
    "svelte": "html",
    "toml": "toml",
}
# what Pygments calls a word, from the beginning of its name, and the class that colours it
CLASSES = (
    ("Token.Comment", "c"),
    ("Token.Literal.String.Doc", "c"),
    ("Token.Literal.String", "s"),
    ("Token.Literal.Number", "n"),
    ("Token.Keyword", "k"),
    ("Token.Operator.Word", "k"),
    ("Token.Name.Function", "f"),
    ("Token.Name.Class", "f"),
    ("Token.Name.Decorator", "d"),
    ("Token.Name.Tag", "k"),
    ("Token.Name.Attribute", "d"),
    ("Token.Name.Builtin", "b"),
)

Piece = tuple[str, str]


class Highlighter:
    """The lines of files as pieces, each a class and a text."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts
        self.known: dict[str, list[list[Piece]]] = {}

    def frame(self, place: Place, label: str, level: str, context: int = 2) -> str:
        """The lines around a place as a list, the place marked, and a label under its last line."""
        count = len(self.texts.lines(place.path))
        if not 0 < place.line <= count:
            return ""
        end = max(place.line, min(place.end_line, count))
        shown = min(end, place.line + HEIGHT - 1)
        first, last = max(1, place.line - context), min(count, shown + context)
        lines = self.window(place.path, first, last)
        told = []
        for number in range(first, last + 1):
            pieces = lines[number - first]
            inside = self.line(pieces, place, number) if place.line <= number <= shown else pieces_html(cropped(pieces, LONG_LINE))
            told.append(f'<li data-line="{number}"><code>{inside or " "}</code></li>')
            if number == shown:
                rest = f" (to line {end})" if shown < end else ""
                told.append(f'<li class="label {level}"><code>{" " * min(self.indent(place), INDENT)}</code>{html(label + rest)}</li>')
        return f'<ol class="code">{"".join(told)}</ol>'

    def indent(self, place: Place) -> int:
        """The number of characters before a place's last shown line begins, or before the place where it is one line."""
        if place.line != place.end_line:
            return 0
        before = self.texts.line(place.path, place.line)[: place.column].decode("utf-8", "replace")
        return len(before.replace("\t", "    "))

    def line(self, pieces: Sequence[Piece], place: Place, number: int) -> str:
        """A line of which a part is marked."""
        text = "".join(part for _, part in pieces)
        start = len(text) - len(text.lstrip())
        end = len(text.rstrip())
        if number == place.line:
            start = self.texts.column(place.path, number, place.column) - 1
        if number == place.end_line:
            end = self.texts.column(place.path, number, place.end_column) - 1
        end = max(start, end)
        before, rest = split(pieces, start)
        inside, after = split(rest, end - start)
        if len(text) > LONG_LINE:
            before, inside, after = cropped(before, BEFORE, left=True), cropped(inside, LONG_LINE), cropped(after, AFTER)
        return f"{pieces_html(before)}<mark>{pieces_html(inside)}</mark>{pieces_html(after)}"

    def window(self, path: str, first: int, last: int) -> list[list[Piece]]:
        """The pieces of some lines, both ends included."""
        lines = self.texts.lines(path)
        if sum(map(len, lines)) > WHOLE_FILE:
            part = [line[: 4 * LONG_LINE] if len(line) > WHOLE_FILE else line for line in lines[first - 1 : last]]
            return read(path, part)
        if path not in self.known:
            self.known[path] = read(path, lines)
        return self.known[path][first - 1 : last]


def read(path: str, lines: Sequence[bytes]) -> list[list[Piece]]:
    """Lines as pieces; as plain text where Pygments does not know the language, or does not give back the same text."""
    texts = [line.decode("utf-8", "replace") for line in lines]
    name = LEXERS.get(path.rpartition(".")[2].lower())
    if name is not None:
        found = colored("\n".join(texts), name)
        if ["".join(part for _, part in line) for line in found] == texts:
            return found
    return [[("", text)] for text in texts]


def colored(text: str, name: str) -> list[list[Piece]]:
    """A text's lines as pieces, by the lexer of a name."""
    from pygments.lexers import get_lexer_by_name

    lexer = get_lexer_by_name(name, stripnl=False, ensurenl=False)
    lines: list[list[Piece]] = [[]]
    for kind, part in lexer.get_tokens(text):
        word = class_of(str(kind))
        for number, piece in enumerate(part.split("\n")):
            if number:
                lines.append([])
            line = lines[-1]
            if piece and line and line[-1][0] == word:
                line[-1] = (word, line[-1][1] + piece)
            elif piece:
                line.append((word, piece))
    return lines


def class_of(kind: str) -> str:
    """The class of a word; empty for what needs no colour."""
    return next((word for start, word in CLASSES if kind.startswith(start)), "")


def split(pieces: Sequence[Piece], at: int) -> tuple[list[Piece], list[Piece]]:
    """Pieces before and after a number of characters."""
    before: list[Piece] = []
    after: list[Piece] = []
    for word, part in pieces:
        if at > 0:
            before.append((word, part[:at]))
        if at < len(part):
            after.append((word, part[max(at, 0) :]))
        at -= len(part)
    return before, after


def cropped(pieces: list[Piece], room: int, left: bool = False) -> list[Piece]:
    """Pieces of at most so many characters, cut at the right, or at the left."""
    length = sum(len(part) for _, part in pieces)
    if length <= room:
        return pieces
    return [("", "…"), *split(pieces, length - room)[1]] if left else [*split(pieces, room)[0], ("", "…")]


def pieces_html(pieces: Sequence[Piece]) -> str:
    """Pieces as HTML."""
    return "".join(spans(pieces))


def spans(pieces: Sequence[Piece]) -> Iterator[str]:
    """Each piece, in an element of its class if it has one."""
    for word, part in pieces:
        shown = html(part.replace("\t", "    "))
        yield f'<span class="{word}">{shown}</span>' if word else shown


def block(code: str, file: str, marked: Container[int] = ()) -> str:
    """A whole example as numbered lines, some of them marked."""
    lines = read(file, code.strip("\n").encode("utf-8").splitlines())
    items = []
    for number, line in enumerate(lines, 1):
        kind = ' class="marked"' if number in marked else ""
        items.append(f'<li data-line="{number}"{kind}><code>{pieces_html(line) or " "}</code></li>')
    return f'<ol class="code">{"".join(items)}</ol>'
