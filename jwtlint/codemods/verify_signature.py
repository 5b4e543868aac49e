"""Has the signature of a token checked that is only decoded so far.

Unsafe: whoever sends tokens that this application did not sign is refused from then on. The key is the one that signs: where the call
has none, it is taken from the call that mints.
"""

from __future__ import annotations

import libcst

from jwtlint.editing.code import constant, expression, keyword, quoted, text_of
from jwtlint.editing.draft import Draft
from jwtlint.editing.layout import with_argument, without, without_argument
from jwtlint.editing.recipe import Proposal, Refused, Task
from jwtlint.editing.tokens import Event, algorithm_of, api_of, argument, call_at, event_at, events, same_expression
from jwtlint.linker.library import Api

SWITCH = "verify_signature"
# what a token whose signature is not checked hides: that it is accepted as a session
REVEALS = ("JWT102", "JWT107", "JWT202")


def mend(task: Task) -> Proposal:
    """Switch the check on. Raises :class:`Refused` where the key is not known."""
    event = event_at(task, "verification", task.finding.place)
    tree = task.files.tree(task.finding.place.path)
    call = call_at(tree, task.finding.place)
    api = api_of(task, event.detail("library"), "verify", call)
    draft = Draft(tree)
    changed = switched_on(api, call)
    if changed is None:
        raise Refused("this call never checks a signature; call the library's verifying function with the key in its place")
    changed = with_key(task, event, api, call, changed, draft)
    draft.replace(call, changed)
    return Proposal("check the signature", "unsafe", (draft,))


def switched_on(api: Api, call: libcst.Call) -> libcst.Call | None:
    """The call without what switches the check off."""
    options = argument(api, "options", call)
    if options is not None and isinstance(options.value, libcst.Dict):
        for element in options.value.elements:
            if isinstance(element, libcst.DictElement) and text_of(element.key) == SWITCH and is_false(element.value):
                rest = without(options.value.elements, element)
                if not rest:
                    return without_argument(call, options)
                new = options.with_changes(value=options.value.with_changes(elements=rest))
                return call.with_changes(args=[new if arg is options else arg for arg in call.args])
        return None
    verify = argument(api, "verify", call)
    if verify is not None and is_false(verify.value):
        return without_argument(call, verify)
    return None


def with_key(task: Task, event: Event, api: Api, original: libcst.Call, call: libcst.Call, draft: Draft) -> libcst.Call:
    """The call with the key and the algorithm of the tokens that the application mints."""
    application = event.story.application
    key = argument(api, "key", original)
    if key is None or is_empty(key.value):
        code = minting_key(task, application, event.detail("library"), draft)
        position = api.args["key"].pos if "key" in api.args else None
        if key is not None:
            call = call.with_changes(args=[arg.with_changes(value=expression(code)) if arg is key else arg for arg in call.args])
        elif position is not None and len([arg for arg in call.args if arg.keyword is None]) == position:
            call = inserted(call, position, code)
        else:
            call = with_argument(call, keyword(api.args["key"].keywords[0], code))
    if argument(api, "algorithms", original) is None and "algorithms" in api.args:
        name = algorithm_of(task, event.story)
        call = with_argument(call, keyword(api.args["algorithms"].keywords[0], f"[{quoted(draft.tree, name)}]"))
    return call


def inserted(call: libcst.Call, position: int, code: str) -> libcst.Call:
    """A call with one more positional argument."""
    new = libcst.Arg(expression(code))
    if position == len(call.args):
        return with_argument(call, new)
    comma = libcst.Comma(whitespace_after=libcst.SimpleWhitespace(" "))
    return call.with_changes(args=[*call.args[:position], new.with_changes(comma=comma), *call.args[position:]])


def minting_key(task: Task, application: str, library: object, draft: Draft) -> str:
    """The one key that signs the application's tokens, as an expression that means the same here."""
    found: set[str] = set()
    reason = "the application mints no token of this kind, so the key has to be fetched from the issuer"
    for event in events(task, "mint", application):
        if event.detail("library") != library:
            continue
        try:
            source = task.files.tree(event.step.place.path)
            mint = call_at(source, event.step.place)
            given = argument(api_of(task, library, "mint", mint), "key", mint)
            if given is None or is_empty(given.value):
                continue
            found.add(same_expression(draft, source, given.value))
        except Refused as refused:
            reason = refused.reason
    if len(found) != 1:
        raise Refused("the application signs with more than one key" if found else reason)
    return found.pop()


def is_false(node: libcst.BaseExpression) -> bool:
    """Whether a node is a false literal."""
    try:
        return not constant(node)
    except ValueError:
        return False


def is_empty(node: libcst.BaseExpression) -> bool:
    """Whether a key is none: ``None`` or an empty string."""
    return is_false(node)
