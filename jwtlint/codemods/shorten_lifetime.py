"""Shortens the life of a session token to the limit (``max-lifetime``).

Unsafe: people who do not refresh their token are logged out sooner.
"""

from __future__ import annotations

import re

import libcst

from jwtlint.editing.code import expression, last_name, names_in, numbered, text_of
from jwtlint.editing.draft import Draft
from jwtlint.editing.imports import small_statements
from jwtlint.editing.recipe import Proposal, Refused, Task
from jwtlint.editing.settings import holder_of, name_of
from jwtlint.editing.tokens import events
from jwtlint.editing.tree import Tree
from jwtlint.linker.vocabulary import words
from jwtlint.rules.findings import duration

UNITS = {"weeks": 604_800, "days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}
NUMBER = r"(?:\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|thirty|half|few)"
SAYS_HOW_LONG = re.compile(
    rf"\b{NUMBER}\W+(?:\w+\W+)?(?:second|minute|hour|day|week|month|year)s?\b|\b\d+\s*(?:min|hrs?|h|d|w)\b", re.IGNORECASE
)
UNIT_WORDS = frozenset("second seconds minute minutes hour hours day days week weeks month months year years".split())

MEASURES = frozenset("minute hour day week month year".split())  # ``ONE_DAY``; ``DAYS`` is a number of them
MEASURE_WORDS = frozenset("one two three five ten a an in per of half".split())


def mend(task: Task) -> Proposal:
    """Put the limit in the place of the value. Raises :class:`Refused`."""
    tree = task.files.tree(task.finding.place.path)
    value = tree.expression_at(task.finding.place)
    if value is None:
        raise Refused("the value that sets the lifetime has a form that is not known")
    limit = task.limits["max-lifetime"]
    holder = holder_of(tree, value)
    told = name_of(holder) if holder is not None else None
    if told is not None and "refresh" in words(told):
        raise Refused(f"{told} is a refresh token's lifetime; give the access token one of its own")
    unit = unit_of(task, tree, value)
    lifetime = int(unit * numbered(value, constants(tree)))
    draft = Draft(tree)
    parent = tree.parents.get(value)
    call = tree.parents.get(parent) if isinstance(parent, libcst.Arg) else None
    if isinstance(parent, libcst.Arg) and isinstance(call, libcst.Call) and last_name(call.func) == "timedelta":
        if len(call.args) != 1:
            raise Refused("the lifetime is a sum of several units")
        holder = holder_of(tree, call)
        told = name_of(holder) if holder is not None and not isinstance(holder, libcst.Arg) else None
        if told is not None and UNIT_WORDS & set(words(told)):
            raise Refused(f"the name {told} says how long the token lives, so it has to change as well")
        name = next(name for name, size in UNITS.items() if limit % size == 0)
        argument = libcst.Arg(
            expression(str(limit // UNITS[name])),
            keyword=libcst.Name(name),
            equal=parent.equal
            if isinstance(parent.equal, libcst.AssignEqual)
            else libcst.AssignEqual(libcst.SimpleWhitespace(""), libcst.SimpleWhitespace("")),
        )
        draft.replace(parent, argument.with_changes(comma=parent.comma, whitespace_after_arg=parent.whitespace_after_arg))
    else:
        if told is not None and set(words(told)) <= UNIT_WORDS | MEASURE_WORDS and set(words(told)) & MEASURES:
            raise Refused(f"{told} is a measure of time, which is right as it is; change the value where the lifetime is made of it")
        if limit % unit or limit < unit:
            raise Refused(f"the value counts {duration(unit).split()[-1]}s, in which {duration(limit)} cannot be told")
        draft.replace(value, number(tree, value, limit // unit))
    forget_comments(draft, value, lifetime)
    return Proposal(f"let the token live for {duration(limit)}", "unsafe", (draft,))


def unit_of(task: Task, tree: Tree, value: libcst.BaseExpression) -> int:
    """The seconds that 1 stands for in the value, by the lifetime that it gives. Raises :class:`Refused`."""
    amount = numbered(value, constants(tree))
    places = {task.finding.place, *(label.place for label in task.finding.labels)}
    lifetimes = {
        seconds
        for event in events(task, "mint")
        if event.step.place in places and isinstance(seconds := event.detail("lifetime"), int) and duration(seconds) in task.finding.message
    }
    for seconds in lifetimes:
        if amount and seconds % amount == 0 and seconds // amount in UNITS.values():
            return int(seconds // amount)
    raise Refused("how the value makes the lifetime cannot be told")


def constants(tree: Tree) -> dict[str, int | float]:
    """The numbers that have a name at the top level of a file."""
    found: dict[str, int | float] = {}
    for statement in small_statements(tree.module.body):
        if isinstance(statement, libcst.Assign) and len(statement.targets) == 1 and isinstance(statement.targets[0].target, libcst.Name):
            try:
                found[statement.targets[0].target.value] = numbered(statement.value, found)
            except Refused:
                found.pop(statement.targets[0].target.value, None)
    return found


def number(tree: Tree, old: libcst.BaseExpression, new: int) -> libcst.BaseExpression:
    """A number in the place of an expression: in quotes where it stood in quotes, a name or a product where such stood."""
    text = text_of(old)
    if text is not None and isinstance(old, libcst.SimpleString):
        return old.with_changes(value=f"{old.prefix}{old.quote}{new}{old.quote}")
    code = str(new)
    if isinstance(old, libcst.BinaryOperation):
        known = constants(tree)
        names = [name for name in names_in(old) if known.get(name) == new]
        product = "60 * 60" if new == 3_600 else f"{new // 60} * 60" if new > 60 and new % 60 == 0 else str(new)
        code = names[0] if names else product if "60" in tree.code(old) else str(new)
    made = expression(code)
    return made.with_changes(lpar=old.lpar, rpar=old.rpar) if old.lpar else made


def forget_comments(draft: Draft, value: libcst.CSTNode, lifetime: int) -> None:
    """Take away what a comment on the same line, or on the lines right above, says of the old lifetime (in seconds)."""
    line = draft.tree.around(value, libcst.SimpleStatementLine)
    if line is None:
        return
    trailing = line.trailing_whitespace
    if trailing.comment is not None and tells(trailing.comment.value, lifetime):
        empty = trailing.with_changes(comment=None, whitespace=libcst.SimpleWhitespace(""))
        draft.replace(trailing, empty)
    for above in line.leading_lines:
        if above.comment is not None and tells(above.comment.value, lifetime) and "=" in above.comment.value:
            draft.replace(above, libcst.RemoveFromParent())


def tells(comment: str, lifetime: int) -> bool:
    """Whether a comment says how long: in English words, or, in any language, by the number of one of the units."""
    amounts = {lifetime // size for size in UNITS.values() if lifetime % size == 0}
    return bool(SAYS_HOW_LONG.search(comment)) or any(int(number) in amounts for number in re.findall(r"\d{1,9}", comment))
