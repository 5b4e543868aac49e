"""One file of a front end as facts.

Reading is tolerant: what cannot be parsed is passed over, and the rest of the file still says what it says.
"""

from __future__ import annotations

import codecs
import re

from jwtlint.facts.program import Span
from jwtlint.facts.web import WebModule, Written
from jwtlint.web.blanks import Filled, fill
from jwtlint.web.languages import COMPONENTS, SCRIPTS, parser
from jwtlint.web.markup import scripts_of
from jwtlint.web.scripts import read_script

# a project template for cookiecutter: only its own expressions are filled in, ``{{`` is JSX otherwise
COOKIECUTTER = re.compile(rb"\{\{-?\s*cookiecutter\.[^{}\r\n]*\}\}")
TEMPLATE_SUFFIXES = (".jinja", ".jinja2", ".j2", ".mako", ".djhtml", ".tmpl")


def make_ready(path: str) -> None:
    """Load the grammars that a file needs."""
    kind = kind_of(path)
    if kind != "script":
        parser("html")
    parser(SCRIPTS[suffix_of(plain_name(path)[0])] if kind == "script" else "javascript" if kind == "page" else "typescript")


def read_module(path: str, data: bytes) -> WebModule:
    """The facts of a script, a component or a page. ``data`` are the bytes of the file; bytes that are no UTF-8 are replaced."""
    data = in_utf8(data)
    kind = kind_of(path)
    if kind == "page":
        filled = fill(data, mako=path.endswith(".mako"))
        scripts = scripts_of(filled.data)
        return read_script(path, Filled(scripts.data, filled.holes), scripts.language, "page", written(filled))
    script, language = visible_script(path, data)
    return read_script(path, script, language, "module" if kind == "component" else "script")


def visible_script(path: str, data: bytes) -> tuple[Filled, str]:
    """The scripts of a file at their own offsets, all else blank, and the language that they are written in. ``data`` is UTF-8."""
    name, template = plain_name(path)
    kind = kind_of(path)
    if kind == "page":
        filled = fill(data, mako=path.endswith(".mako"))
        scripts = scripts_of(filled.data)
        return Filled(scripts.data, filled.holes), scripts.language
    suffix = suffix_of(name)
    if kind == "component":
        filled = own_template(data)
        scripts = scripts_of(filled.data, svelte=suffix == ".svelte")
        return Filled(scripts.data, filled.holes), scripts.language
    return fill(data) if template else own_template(data), SCRIPTS[suffix]


def kind_of(path: str) -> str:
    """Whether a file is a ``script``, a ``component`` or a ``page``, by its name."""
    suffix = suffix_of(plain_name(path)[0])
    return "script" if suffix in SCRIPTS else "component" if suffix in COMPONENTS else "page"


def plain_name(path: str) -> tuple[str, bool]:
    """A file's name without the suffixes of template languages, and whether it had one."""
    name = path.rpartition("/")[2].lower()
    template = False
    while name.endswith(TEMPLATE_SUFFIXES):
        template = True
        name = name.rpartition(".")[0]
    return name, template


def suffix_of(name: str) -> str:
    """The suffix of a name, with its dot; "" for none."""
    return f".{name.rpartition('.')[2]}" if "." in name else ""


def in_utf8(data: bytes) -> bytes:
    """Bytes that are UTF-8: others become question marks, so that every offset stays as it is."""
    if data.startswith(codecs.BOM_UTF8):
        data = data[len(codecs.BOM_UTF8) :]
    if data.isascii():
        return data
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return bytes(byte if byte < 128 else 63 for byte in data)
    return data


def own_template(data: bytes) -> Filled:
    """A file of a project template with that template's expressions filled."""
    if b"cookiecutter." not in data:
        return Filled(data, [])
    return Filled(COOKIECUTTER.sub(lambda found: b"_" + b"$" * (len(found[0]) - 1), data), [])


def written(filled: Filled) -> tuple[Written, ...]:
    """What the server writes into a page, with its place."""
    found: list[Written] = []
    line, line_start, position = 1, 0, 0
    for hole in filled.holes:
        line += filled.data.count(b"\n", position, hole.start)
        line_start = filled.data.rfind(b"\n", 0, hole.start) + 1
        position = hole.start
        inside = filled.data.count(b"\n", hole.start, hole.end)
        end_start = filled.data.rfind(b"\n", 0, hole.end) + 1 if inside else line_start
        found.append(Written(Span(line, hole.start - line_start, line + inside, hole.end - end_start), hole.text))
    return tuple(found)
