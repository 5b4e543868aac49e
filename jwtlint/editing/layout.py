"""New arguments and entries, laid out as those beside them are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import libcst

Item = TypeVar("Item", libcst.Arg, libcst.BaseDictElement, libcst.BaseElement)


def with_argument(call: libcst.Call, argument: libcst.Arg) -> libcst.Call:
    """A call with one more argument at its end."""
    args = list(call.args)
    if not args:
        return call.with_changes(args=[argument])
    last = args[-1]
    if isinstance(last.comma, libcst.Comma):
        opening = call.whitespace_before_args
        args[-1:] = behind_comma(args, argument, opening if isinstance(opening, libcst.ParenthesizedWhitespace) else None)
        return call.with_changes(args=args)
    gap = last.whitespace_after_arg
    between = gap_between(args, call.whitespace_before_args)
    if isinstance(gap, libcst.ParenthesizedWhitespace) and isinstance(between, libcst.ParenthesizedWhitespace):
        # what is said behind the last argument stays on its line
        between = between.with_changes(first_line=gap.first_line)
        gap = gap.with_changes(first_line=libcst.TrailingWhitespace())
    args[-1] = last.with_changes(comma=libcst.Comma(whitespace_after=between), whitespace_after_arg=libcst.SimpleWhitespace(""))
    return call.with_changes(args=[*args, argument.with_changes(whitespace_after_arg=gap)])


def with_entry(mapping: libcst.Dict, entry: libcst.DictElement) -> libcst.Dict:
    """A dictionary display with one more entry at its end."""
    elements = list(mapping.elements)
    opening = mapping.lbrace.whitespace_after
    if not elements:
        return mapping.with_changes(elements=[entry])
    last = elements[-1]
    # LibCST keeps what stands behind the last entry with the closing bracket
    closing = mapping.rbrace.whitespace_before
    between = gap_between(elements, opening)
    if isinstance(closing, libcst.ParenthesizedWhitespace) and isinstance(between, libcst.ParenthesizedWhitespace):
        between = between.with_changes(first_line=closing.first_line)
        closing = closing.with_changes(first_line=libcst.TrailingWhitespace())
    if isinstance(last.comma, libcst.Comma):
        elements[-1] = last.with_changes(comma=last.comma.with_changes(whitespace_after=between))
        entry = entry.with_changes(comma=last.comma)
    else:
        elements[-1] = last.with_changes(comma=libcst.Comma(whitespace_after=between))
    return mapping.with_changes(elements=[*elements, entry], rbrace=mapping.rbrace.with_changes(whitespace_before=closing))


def behind_comma(items: Sequence[Item], new: Item, opening: libcst.ParenthesizedWhitespace | None) -> list[Item]:
    """The last of some items, which has a comma already, and a new one after it."""
    last = items[-1]
    comma = last.comma
    assert isinstance(comma, libcst.Comma)
    closing = comma.whitespace_after
    between = gap_between(items, opening or closing)
    if isinstance(closing, libcst.ParenthesizedWhitespace):
        # a comment behind the last item stays with it
        if isinstance(between, libcst.ParenthesizedWhitespace):
            between = between.with_changes(first_line=closing.first_line, empty_lines=[])
        closing = closing.with_changes(first_line=libcst.TrailingWhitespace())
    return [
        last.with_changes(comma=comma.with_changes(whitespace_after=between)),
        new.with_changes(comma=libcst.Comma(whitespace_after=closing)),
    ]


def gap_between(items: Sequence[Item], opening: libcst.BaseParenthesizableWhitespace) -> libcst.BaseParenthesizableWhitespace:
    """What stands between two items: as between the last two, else as before the first."""
    gap: libcst.BaseParenthesizableWhitespace | None = None
    if len(items) > 1:
        comma = items[-2].comma
        gap = comma.whitespace_after if isinstance(comma, libcst.Comma) else None
    elif isinstance(opening, libcst.ParenthesizedWhitespace):
        gap = opening
    if isinstance(gap, libcst.ParenthesizedWhitespace):
        return gap.with_changes(first_line=libcst.TrailingWhitespace(), empty_lines=[])
    return gap if gap is not None and not gap.empty else libcst.SimpleWhitespace(" ")


def without_entry(mapping: libcst.Dict, entry: libcst.BaseDictElement) -> libcst.Dict:
    """A dictionary display without one entry."""
    kept = [element for element in mapping.elements if element is not entry]
    if not kept:
        return mapping.with_changes(
            elements=[],
            lbrace=mapping.lbrace.with_changes(whitespace_after=libcst.SimpleWhitespace("")),
            rbrace=mapping.rbrace.with_changes(whitespace_before=libcst.SimpleWhitespace("")),
        )
    closing = mapping.rbrace.whitespace_before
    if mapping.elements[-1] is entry:
        before = kept[-1].comma
        assert isinstance(before, libcst.Comma)
        gap = before.whitespace_after
        if isinstance(closing, libcst.ParenthesizedWhitespace) and isinstance(gap, libcst.ParenthesizedWhitespace):
            closing = closing.with_changes(first_line=gap.first_line)
        kept[-1] = kept[-1].with_changes(comma=tight(before) if isinstance(entry.comma, libcst.Comma) else libcst.MaybeSentinel.DEFAULT)
    return mapping.with_changes(elements=kept, rbrace=mapping.rbrace.with_changes(whitespace_before=closing))


def tight(comma: libcst.Comma) -> libcst.Comma:
    """A comma with nothing after it."""
    return comma.with_changes(whitespace_after=libcst.SimpleWhitespace(""))


def without_argument(call: libcst.Call, argument: libcst.Arg) -> libcst.Call:
    """A call without one argument."""
    kept = without(call.args, argument)
    if not kept:
        return call.with_changes(args=[], whitespace_before_args=libcst.SimpleWhitespace(""))
    if call.args[-1] is argument and not isinstance(kept[-1].comma, libcst.Comma):
        kept[-1] = kept[-1].with_changes(whitespace_after_arg=argument.whitespace_after_arg)
    return call.with_changes(args=kept)


def without(items: Sequence[Item], gone: Item) -> list[Item]:
    """Items without one; its neighbour takes over how the list ends."""
    index = next(number for number, item in enumerate(items) if item is gone)
    kept = [item for item in items if item is not gone]
    if index == len(items) - 1 and kept:
        before = kept[-1]
        closing = gone.comma
        if isinstance(closing, libcst.Comma) and isinstance(before.comma, libcst.Comma):
            kept[-1] = before.with_changes(comma=merged(before.comma, closing))
        else:
            kept[-1] = before.with_changes(comma=libcst.MaybeSentinel.DEFAULT)
    return kept


def merged(before: libcst.Comma, closing: libcst.Comma) -> libcst.Comma:
    """The comma before a removed last item: it ends its line as before, and leads to the closing bracket as the removed one did."""
    gap, end = before.whitespace_after, closing.whitespace_after
    if isinstance(gap, libcst.ParenthesizedWhitespace) and isinstance(end, libcst.ParenthesizedWhitespace):
        return before.with_changes(whitespace_after=end.with_changes(first_line=gap.first_line))
    return before.with_changes(whitespace_after=end)


def with_element(sequence: libcst.List | libcst.Tuple, element: libcst.Element, index: int) -> libcst.List | libcst.Tuple:
    """A list or tuple display with one more element, written as its neighbours are."""
    elements = list(sequence.elements)
    if not elements:
        return sequence.with_changes(elements=[element])
    if index < len(elements):
        between = gap_between(elements, opening_of(sequence))
        elements.insert(index, element.with_changes(comma=libcst.Comma(whitespace_after=between)))
        return sequence.with_changes(elements=elements)
    last = elements[-1]
    between = gap_between(elements, opening_of(sequence))
    if isinstance(last.comma, libcst.Comma):
        closing = last.comma.whitespace_after
        elements[-1] = last.with_changes(comma=last.comma.with_changes(whitespace_after=between))
        element = element.with_changes(comma=last.comma.with_changes(whitespace_after=closing))
    else:
        elements[-1] = last.with_changes(comma=libcst.Comma(whitespace_after=between))
    return sequence.with_changes(elements=[*elements, element])


def opening_of(sequence: libcst.List | libcst.Tuple) -> libcst.BaseParenthesizableWhitespace:
    """What stands behind the opening bracket."""
    if isinstance(sequence, libcst.List):
        return sequence.lbracket.whitespace_after
    return sequence.lpar[0].whitespace_after if sequence.lpar else libcst.SimpleWhitespace(" ")
