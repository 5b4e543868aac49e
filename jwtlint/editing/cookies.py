"""Flags of cookies, wherever they are decided: the call that sets the cookie, the options it spreads, or a setting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import libcst

from jwtlint.editing.code import argument_named, is_literal, keyword, last_name, quoted, replaceable, spread, text_of
from jwtlint.editing.draft import Draft
from jwtlint.editing.layout import with_argument
from jwtlint.editing.recipe import Proposal, Refused, Task
from jwtlint.editing.settings import Holder, add_beside, holder_of, name_of, settings_named
from jwtlint.editing.tree import Tree
from jwtlint.linker.library import Api, Argument, LibraryModel
from jwtlint.rules.fixes import Safety

CALLS = ("set-cookie", "cookie-transport", "cookie-setter")


class Flag(NamedTuple):
    """A flag of a cookie: its name in the models' arguments and settings, and the code of its good value.

    ``explicit`` is how far the fix is to be trusted where the program asks for the bad value by name.
    """

    argument: str
    setting: str
    annotation: str
    value: str
    explicit: Safety


def set_flag(task: Task, flag: Flag) -> Proposal:
    """Give the cookie of a finding a flag. Raises :class:`Refused`."""
    tree = task.files.tree(task.finding.place.path)
    draft = Draft(tree)
    call = tree.at(task.finding.place, libcst.Call)
    if call is not None and last_name(call.func) in names_of_calls(task.models()):
        return in_call(task, flag, draft, call)
    value = tree.expression_at(task.finding.place)
    holder = holder_of(tree, value) if value is not None else None
    name = name_of(holder) if holder is not None else None
    if value is None or holder is None or name is None:
        raise Refused("the place that decides the flag has a form that is not known")
    if is_literal(value) and name not in enabling(task.models()):
        draft.replace(value, replaceable(value, in_style_of(tree, flag.value, value)))
        # a name of another kind may mean more than the cookie
        own = flag.setting.removeprefix("cookie-").replace("-", "") in name.replace("_", "").lower()
        return Proposal(f"set {name} to {flag.value}", flag.explicit if own else "unsafe", (draft,))
    return beside(flag, draft, holder, name, task.models())


def in_call(task: Task, flag: Flag, draft: Draft, call: libcst.Call) -> Proposal:
    """The flag in the call that sets the cookie."""
    known = argument_of(task.models(), last_name(call.func), flag.argument, draft.tree)
    if known is None or not known[1].keywords:
        return by_setting(task, flag, draft, call)
    api, argument = known
    name = argument.keywords[0]
    value = in_case_of(api, flag)
    given = argument_named(call, argument.keywords, argument.pos)
    if given is not None:
        if not is_literal(given.value):
            raise Refused(f"the flag comes from {draft.tree.code(given.value)}; set it there")
        draft.replace(given.value, replaceable(given.value, in_style_of(draft.tree, value, given.value)))
        return Proposal(f"set {name}={value}", flag.explicit, (draft,))
    for options in spread(call):
        found = entry_in(draft.tree, options.value, argument)
        if found is not None:
            if not is_literal(found):
                raise Refused(f"the flag comes from {draft.tree.code(found)}; set it there")
            draft.replace(found, replaceable(found, in_style_of(draft.tree, value, found)))
            return Proposal(f"set {name}={value}", flag.explicit, (draft,))
    draft.replace(call, with_argument(call, keyword(name, in_style_of(draft.tree, value, None))))
    return Proposal(f"set {name}={value}", "safe", (draft,))


def by_setting(task: Task, flag: Flag, draft: Draft, call: libcst.Call) -> Proposal:
    """The flag as a setting, where the call takes none: beside another setting of the same library."""
    models = [model for model in task.models() if sets_cookies(model, last_name(call.func)) and is_imported(model, draft.tree)]
    for model in models:
        for name in (setting.name for setting in model.setting):
            for path in task.files.mentioning(name.rpartition(".")[2]):
                tree = task.files.tree(path)
                for holder in settings_named(tree, name.rpartition(".")[2]):
                    return beside(flag, Draft(tree), holder, name.rpartition(".")[2], [model])
    raise Refused("the library decides the flag, and no setting of it was found that could change that")


def beside(flag: Flag, draft: Draft, holder: Holder, sibling: str, models: Sequence[LibraryModel]) -> Proposal:
    """The flag as a new setting beside another one of the same library."""
    for model in models:
        names = [setting.name for setting in model.setting]
        own = [name for name in names if name.rpartition(".")[2] == sibling]
        for setting in model.setting:
            same_table = any(name.rpartition(".")[0] == setting.name.rpartition(".")[0] for name in own)
            if setting.meaning == flag.setting and same_table:
                name = setting.name.rpartition(".")[2]
                add_beside(draft, holder, name, in_style_of(draft.tree, flag.value, None), flag.annotation)
                return Proposal(f"set {name} to {flag.value}", "safe", (draft,))
    raise Refused("the library has no setting for the flag")


def names_of_calls(models: Sequence[LibraryModel]) -> set[str]:
    """The last names of all calls that set cookies."""
    return {match.rpartition(".")[2] for model in models for api in model.api if api.fact in CALLS for match in api.match}


def enabling(models: Sequence[LibraryModel]) -> set[str]:
    """The settings that switch cookies on, which say nothing of flags."""
    return {setting.name.rpartition(".")[2] for model in models for setting in model.setting if setting.meaning == "cookie-enabled"}


def sets_cookies(model: LibraryModel, callee: str) -> bool:
    """Whether a call of a name sets a library's cookies."""
    return any(api.fact in CALLS and any(match.rpartition(".")[2] == callee for match in api.match) for api in model.api)


def is_imported(model: LibraryModel, tree: Tree) -> bool:
    """Whether a file names one of a library's modules."""
    return any(module.partition(".")[0] in tree.source.text for module in model.imports)


def argument_of(models: Sequence[LibraryModel], callee: str, name: str, tree: Tree) -> tuple[Api, Argument] | None:
    """Where a call takes a flag, by the library that the file imports; else by any that has such a call."""
    found: list[tuple[bool, Api, Argument]] = []
    for model in models:
        for api in model.api:
            if api.fact in CALLS and name in api.args and any(match.rpartition(".")[2] == callee for match in api.match):
                found.append((is_imported(model, tree), api, api.args[name]))
    for wanted in (True, False):
        for imported, api, argument in found:
            if imported == wanted:
                return api, argument
    return None


def in_case_of(api: Api, flag: Flag) -> str:
    """A value in the spelling of the library: Starlette's and Litestar's SameSite values are in small letters."""
    default = api.args[flag.argument].default
    return flag.value.lower() if isinstance(default, str) and default.islower() else flag.value


def in_style_of(tree: Tree, value: str, old: libcst.CSTNode | None) -> str:
    """A value with the quotes of the string that stood there, else of the file."""
    if not value.startswith('"'):
        return value
    return quoted(tree, value[1:-1], old)


def entry_in(tree: Tree, options: libcst.BaseExpression, argument: Argument) -> libcst.BaseExpression | None:
    """The value of the flag in a dictionary that a call spreads: one that stands there, or a name for one in the same file.

    None where the dictionary says nothing of the flag. Raises :class:`Refused` where it cannot be seen, for then it may.
    """
    if isinstance(options, libcst.Name):
        for holder in settings_named(tree, options.value):
            if isinstance(holder, libcst.Assign | libcst.AnnAssign) and isinstance(holder.value, libcst.Dict):
                return entry_in(tree, holder.value, argument)
    if not isinstance(options, libcst.Dict):
        raise Refused(f"the flag may stand in {tree.code(options)}, which is put together elsewhere")
    for element in options.elements:
        if not isinstance(element, libcst.DictElement):
            raise Refused(f"the flag may stand in {tree.code(element.value)}, which is put together elsewhere")
        if text_of(element.key) in argument.keywords:
            return element.value
    return None
