"""Comments and docstrings in lines that are not too wide."""

from __future__ import annotations

import textwrap


def comment(line: str, width: int) -> str:
    """A comment in lines that are not too wide."""
    text = line.rstrip("\n")
    if len(text) <= width or not text.lstrip().startswith("# "):
        return line
    indent = text[: len(text) - len(text.lstrip())]
    wrapped = textwrap.wrap(text.strip()[2:], max(width - len(indent) - 2, 20), break_long_words=False, break_on_hyphens=False)
    return "".join(f"{indent}# {one}\n" for one in wrapped)


def docstring(text: str, indent: str, width: int) -> str:
    """A docstring whose paragraphs are wrapped anew where one of their lines is too wide."""
    if all(len(line) <= width for line in text.splitlines()):
        return text
    kept: list[str] = []
    paragraph: list[str] = []

    def close() -> None:
        if any(len(line) > width for line in paragraph):
            joined = " ".join(line.strip() for line in paragraph)
            hanging = indent + ("  " if joined.startswith("- ") else "")
            wrapper = textwrap.TextWrapper(
                width, initial_indent=indent, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False
            )
            kept.extend(wrapper.wrap(joined))
        else:
            kept.extend(paragraph)
        paragraph.clear()

    for line in text.rstrip("\n").split("\n"):
        if not line.strip() or line.strip() == '"""':
            close()
            kept.append(line)
            continue
        if line.lstrip().startswith("- "):
            close()
        paragraph.append(line)
    close()
    if kept[-1].strip() != '"""' and len(kept) > 1 and text.count("\n") <= 1:
        kept[-1] = kept[-1].removesuffix('"""')
        kept.append(f'{indent}"""')
    return "\n".join(kept) + "\n"
