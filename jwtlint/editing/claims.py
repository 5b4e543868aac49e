"""Claims in code: where one enters a token, and where one is read again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import libcst

from jwtlint.editing.code import last_name, text_of
from jwtlint.editing.draft import Draft
from jwtlint.editing.functions import only_assignment, readings, scope_of
from jwtlint.editing.layout import without_argument, without_entry
from jwtlint.editing.recipe import Refused, Task
from jwtlint.editing.tokens import events
from jwtlint.editing.tree import Tree, descendants
from jwtlint.facts.lifecycle import Place
from jwtlint.linker.vocabulary import words

CLAIM_WORDS = frozenset({"claims", "claim", "payload", "token", "decoded", "jwt", "identity", "auth", "current", "principal", "caller"})
PERSONS = frozenset({"user", "account", "member", "person", "customer", "admin", "employee", "staff", "player", "owner", "operator"})
# ``request["user"] = decode(token)``: an attribute or an entry that claims are put into
KEEPS = re.compile(
    rb"^[ \t]*(\w+(?:\.\w+)*(?:\.\w+|\[[^\]\n]+\]))[ \t]*=[ \t]*(?:await[ \t]+)?[\w.]*(?:claims|payload|decode|verify)", re.MULTILINE
)
TOKEN_CALLS = frozenset("token tokens encode jwt sign signed access refresh claims payload dict update copy issue mint dumps".split())
ENFORCED = frozenset({"scopes", "scope", "roles", "permissions"})
ENTERING = ("JWT201", "JWT203", "JWT405")
CLAIM_MESSAGE = re.compile(r'claim "([^"]+)"')


class Reading(NamedTuple):
    """An expression that reads a claim (``claims["role"]``, ``claims.get("role")``, ``claims.role``, ``"role" in claims``), and what it
    reads from."""

    tree: Tree
    node: libcst.BaseExpression
    base: libcst.BaseExpression
    line: int


def remove_claim(task: Task, draft: Draft, place: Place, name: str) -> libcst.BaseExpression:
    """Take a claim out where it enters a token; gives the expression it was filled with. Raises :class:`Refused`."""
    tree = draft.tree
    statement = tree.at(place, libcst.Assign)
    if statement is not None:
        return remove_item(draft, statement, name)
    node = tree.expression_at(place) or tree.at(place, libcst.Arg)
    if node is None:
        raise Refused("the claim enters in a form that is not known")
    for around in (node, *tree.ancestors(node)):
        if isinstance(around, libcst.DictElement):
            mapping = tree.parents[around]
            if text_of(around.key) != name or not isinstance(mapping, libcst.Dict):
                break
            holder = tree.parents.get(mapping)
            refuse_other_uses(tree, holder)
            call = tree.parents.get(holder) if holder is not None else None
            alone = len(mapping.elements) == 1 and isinstance(holder, libcst.Arg) and holder.keyword is not None
            if alone and isinstance(holder, libcst.Arg) and isinstance(call, libcst.Call):
                # nothing is left to hand over
                draft.replace(call, without_argument(call, holder))
            else:
                draft.replace(mapping, without_entry(mapping, around))
            return around.value
        if isinstance(around, libcst.Arg):
            call = tree.parents[around]
            if around.keyword is None or around.keyword.value != name or not isinstance(call, libcst.Call):
                break
            if is_mint(task, tree, call):
                if name in ENFORCED:
                    raise Refused(f"{last_name(call.func)} belongs to a library that decides by the claim itself")
            elif last_name(call.func) not in ("dict", "update"):
                raise Refused(f"the claim is a field of {last_name(call.func) or 'an object'}, which has to change as well")
            draft.replace(call, without_argument(call, around))
            return around.value
        if isinstance(around, libcst.Assign):
            return remove_item(draft, around, name)
        if isinstance(around, libcst.BaseStatement):
            break
    raise Refused("the claim enters in a form that is not known")


def refuse_other_uses(tree: Tree, holder: libcst.CSTNode | None) -> None:
    """Refuse to change a dictionary that serves for more than the token, such as the answer's body. Raises :class:`Refused`."""
    if not isinstance(holder, libcst.Assign) or len(holder.targets) != 1 or not isinstance(holder.targets[0].target, libcst.Name):
        return
    name = holder.targets[0].target.value
    for one in readings(scope_of(tree, holder), name):
        parent = tree.parents.get(one)
        call = tree.parents.get(parent) if isinstance(parent, libcst.Arg) else None
        if isinstance(call, libcst.Call) and not TOKEN_CALLS & set(words(last_name(call.func))):
            raise Refused(f"{name} serves for more than the token ({last_name(call.func) or 'a call'} gets it too)")


def is_mint(task: Task, tree: Tree, call: libcst.Call) -> bool:
    """Whether a call is one that makes a token."""
    where = tree.spans(tree.index_of(call))[call]
    return any(
        event.step.place.path == tree.source.path and tree.characters(event.step.place) == where for event in events(task, "mint")
    )


def remove_item(draft: Draft, statement: libcst.Assign, name: str) -> libcst.BaseExpression:
    """Take ``claims["name"] = value`` out; gives the value."""
    target = statement.targets[0].target if len(statement.targets) == 1 else None
    if not isinstance(target, libcst.Subscript) or key_of(target) != name:
        raise Refused("the claim enters in a form that is not known")
    draft.remove_statement(statement)
    return statement.value


def key_of(node: libcst.Subscript) -> str | None:
    """The string in ``x["name"]``."""
    if len(node.slice) == 1 and isinstance(node.slice[0].slice, libcst.Index):
        return text_of(node.slice[0].slice.value)
    return None


def readings_of(task: Task, name: str, application: str | None) -> list[Reading]:
    """Every expression that reads a claim.

    Raises :class:`Refused` where claims are handed on as a whole, or read in a form that is not known, so that nobody can tell.
    """
    found: list[Reading] = []
    kept = keeping_places(task)
    elsewhere = other_applications(task, application)
    for path in task.files.paths:
        if path.startswith(elsewhere) or not may_read(task.files.data(path) if path.endswith(".py") else None, name, kept):
            continue
        try:
            tree = task.files.tree(path)
        except Refused:
            continue
        found.extend(readings_in(tree, name, kept, minting_functions(tree, entering(task, name, application))))
    deciding = {event.step.place for event in events(task, "trust", application) if event.detail("claim") == name}
    deciding |= told_of(task, ("JWT202",), name, application)
    for place in sorted(deciding):
        tree = task.files.tree(place.path)
        reading = reading_at(tree, place, name)
        if reading is None:
            raise Refused(f'the claim "{name}" decides in {place.path}:{place.line}, in a form that is not known')
        if all(one.node is not reading.node for one in found):
            found.append(reading)
    for path in sorted({event.step.place.path for event in events(task, "verification", application)}):
        handed_on(task.files.tree(path))
    return found


def other_applications(task: Task, application: str | None) -> tuple[str, ...]:
    """How the paths of other applications begin, which have tokens of their own."""
    others = {story.application for story in task.tokens} - {application, None}
    own = application or ""
    return tuple(sorted(f"{one}/" for one in others if one and not own.startswith(f"{one}/"))) if application else ()


def told_of(task: Task, rules: tuple[str, ...], name: str, application: str | None) -> set[Place]:
    """The places of findings of some rules about a claim, but for those in other applications."""
    elsewhere = other_applications(task, application)
    return {
        one.place
        for one in task.findings
        if one.rule in rules and name in CLAIM_MESSAGE.findall(one.message) and not one.place.path.startswith(elsewhere)
    }


def may_read(data: bytes | None, name: str, kept: set[str]) -> bool:
    """Whether a file may read a claim, by its bytes: parsing every file that has the word would take too long."""
    word = re.escape(name.encode("utf-8", "replace"))
    if data is None or name.encode("utf-8", "replace") not in data:
        return False
    reads = re.compile(
        rb"([\w.\]\[\"'()]*)\s*(?:\[\s*[\"']" + word + rb"[\"']\s*\]|\.(?:get|pop)\(\s*[\"']" + word + rb"[\"']|\." + word + rb"\b)"
        rb"|[\"']" + word + rb"[\"']\s+(?:not\s+)?in\s+([\w.\]\[\"'()]+)"
    )
    for one in reads.finditer(data):
        base = (one[1] or one[2] or b"").decode("utf-8", "replace")
        if base in kept or (CLAIM_WORDS | PERSONS) & set(words(re.sub(r"\W+", "_", base))):
            return True
    return False


def keeping_places(task: Task) -> set[str]:
    """The code of the objects' attributes and entries that claims are kept in (``g.claims``, ``request["user"]``)."""
    return {one.decode("utf-8", "replace") for one in task.files.matches(KEEPS)}


def minting_functions(tree: Tree, places: set[Place]) -> list[libcst.CSTNode]:
    """The functions of a file in which a claim enters."""
    found: list[libcst.CSTNode] = []
    for place in places:
        if place.path != tree.source.path:
            continue
        node = tree.expression_at(place) or tree.at(place, libcst.Assign) or tree.at(place, libcst.Arg)
        function = tree.around(node, libcst.FunctionDef) if node is not None else None
        if function is not None:
            found.append(function)
    return found


def readings_in(tree: Tree, name: str, kept: set[str], minting: list[libcst.CSTNode]) -> Iterator[Reading]:
    """The expressions in one file that read a claim out of what looks like claims.

    A person that is a mapping (``user["role"]``) may be a row or claims; where the token is minted it is a row.
    """
    for index, statement in enumerate(tree.module.body):
        if name not in tree.text_of(index):
            continue
        tree.spans(index)
        for node in descendants(statement):
            base = base_of(tree, node, name)
            if base is None:
                continue
            person = not isinstance(node, libcst.Attribute) and bool(PERSONS & set(words(last_name(base))))
            if person and isinstance(base, libcst.Name):
                function = tree.around(node, libcst.FunctionDef)
                person = function is not None and function not in minting and only_assignment(function, base.value) is None
            if person or holds_claims(base) or tree.code(base) in kept:
                yield reading(tree, node, base)


def reading_at(tree: Tree, place: Place, name: str) -> Reading | None:
    """The reading of a claim at a place, or right around it."""
    node = tree.expression_at(place)
    while isinstance(node, libcst.BaseExpression):
        base = base_of(tree, node, name)
        if base is not None:
            return reading(tree, node, base)
        around = tree.parents.get(node)
        node = around if isinstance(around, libcst.BaseExpression) else None
    return None


def reading(tree: Tree, node: libcst.CSTNode, base: libcst.BaseExpression) -> Reading:
    """A reading with its line."""
    assert isinstance(node, libcst.BaseExpression)
    return Reading(tree, node, base, tree.line_of(node))


def base_of(tree: Tree, node: libcst.CSTNode, name: str) -> libcst.BaseExpression | None:
    """What a claim is read from by a node; None where it is none that reads the claim."""
    if isinstance(node, libcst.Subscript):
        return node.value if key_of(node) == name and not is_target(tree, node) else None
    if isinstance(node, libcst.Attribute):
        return node.value if node.attr.value == name and not is_target(tree, node) else None
    if isinstance(node, libcst.Call):
        if isinstance(node.func, libcst.Attribute) and node.func.attr.value in ("get", "pop") and node.args:
            return node.func.value if text_of(node.args[0].value) == name else None
        return None
    if isinstance(node, libcst.Comparison) and text_of(node.left) == name and len(node.comparisons) == 1:
        if isinstance(node.comparisons[0].operator, libcst.In | libcst.NotIn):
            return node.comparisons[0].comparator
    return None


def is_target(tree: Tree, node: libcst.CSTNode) -> bool:
    """Whether a node is assigned to, or deleted."""
    return isinstance(tree.parents.get(node), libcst.AssignTarget | libcst.Del)


def holds_claims(base: libcst.CSTNode) -> bool:
    """Whether an expression looks by its name as if it held a token's claims."""
    if isinstance(base, libcst.Call):
        return bool({"jwt", "claims", "decode", "token"} & set(words(last_name(base.func))))
    return bool(CLAIM_WORDS & set(words(last_name(base))))


def handed_on(tree: Tree) -> None:
    """Refuse where claims are spread into something (``TokenData(**payload)``)."""
    for index, statement in enumerate(tree.module.body):
        if "**" not in tree.text_of(index):
            continue
        tree.spans(index)
        for node in descendants(statement):
            if isinstance(node, libcst.Arg) and node.star == "**" and holds_claims(node.value):
                call = tree.parents.get(node)
                if isinstance(call, libcst.Call) and last_name(call.func) != "dict":
                    line = tree.line_of(node)
                    raise Refused(f"all claims are handed on in {tree.source.path}:{line}, so who reads this one cannot be told")


def refuse_readers(readings: list[Reading], name: str) -> None:
    """Refuse to take a claim away that is read. Raises :class:`Refused`."""
    for one in readings:
        raise Refused(f'the claim "{name}" is read in {one.tree.source.path}:{one.line}; read it from the user\'s row there first')


def application_of(task: Task, place: Place) -> str | None:
    """The application whose token a finding is about; None where no story tells, which stands for all of them."""
    near: set[str] = set()
    for story in task.tokens:
        for step in story.steps:
            if step.place == place:
                return story.application
            if step.place.path == place.path:
                near.add(story.application)
    everything = near or {story.application for story in task.tokens}
    return everything.pop() if len(everything) == 1 else None


def claim_of(task: Task) -> str:
    """The claim that a finding is about, which its message names. Raises :class:`Refused`."""
    names = CLAIM_MESSAGE.findall(task.finding.message)
    if len(names) != 1:
        raise Refused("which claim is meant cannot be told")
    return str(names[0])


def entering(task: Task, name: str, application: str | None) -> set[Place]:
    """Where a claim enters the tokens of an application."""
    found = {event.step.place for event in events(task, "claim", application) if event.detail("name") == name}
    return found | told_of(task, ENTERING, name, application)
