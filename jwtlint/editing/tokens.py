"""What the tokens' stories and the calls that make them tell a recipe: algorithm, key, library, lifetime."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import libcst

from jwtlint.editing.code import argument_named, last_name, names_in
from jwtlint.editing.draft import Draft
from jwtlint.editing.imports import bound_name, module_of, small_statements
from jwtlint.editing.recipe import Refused, Task
from jwtlint.editing.tree import Tree
from jwtlint.facts.lifecycle import Place
from jwtlint.linker.library import Api, LibraryModel
from jwtlint.report.document import Step, TokenStory


class Event(NamedTuple):
    """One event of a token, and the story it belongs to."""

    story: TokenStory
    step: Step

    def detail(self, name: str) -> object:
        """An attribute of the fact."""
        return self.step.details.get(name)


def events(task: Task, kind: str, application: str | None = None) -> Iterator[Event]:
    """All events of a kind, in one application or in all."""
    for story in task.tokens:
        if application is None or story.application == application:
            for step in story.steps:
                if step.event == kind:
                    yield Event(story, step)


def event_at(task: Task, kind: str, place: Place) -> Event:
    """The event at a place. Raises :class:`Refused`."""
    for event in events(task, kind):
        if event.step.place == place:
            return event
    raise Refused("the token's story is not known well enough here")


def api_of(task: Task, library: object, kind: str, call: libcst.Call) -> Api:
    """What a library's model says of a call. Raises :class:`Refused`."""
    api = api_named(task.models(), library, kind, call)
    if api is None:
        raise Refused("the form of this call is not known well enough")
    return api


def api_named(models: Iterable[LibraryModel], library: object, kind: str, call: libcst.Call) -> Api | None:
    """What a library's model says of a call, by the last name of what is called; None for nothing."""
    name = last_name(call.func)
    for model in models:
        if model.name == library:
            for api in model.api:
                if api.fact == kind and any(match.rpartition(".")[2] == name for match in api.match):
                    return api
    return None


def argument(api: Api, name: str, call: libcst.Call) -> libcst.Arg | None:
    """An argument of a call, by the name that the models give it."""
    if name not in api.args:
        return None
    return argument_named(call, api.args[name].keywords, api.args[name].pos)


def call_at(tree: Tree, place: Place) -> libcst.Call:
    """The call at a place. Raises :class:`Refused`."""
    call = tree.at(place, libcst.Call)
    if call is None:
        raise Refused("the place is no plain call")
    return call


def algorithm_of(task: Task, story: TokenStory) -> str:
    """The one algorithm with which an application signs the tokens of a story. Raises :class:`Refused`."""
    mints = list(events(task, "mint", story.application))
    same = [event for event in mints if event.story.purpose == story.purpose and story.purpose != "unknown"]
    known = {str(event.detail("algorithm") or "") for event in same or mints}
    if not known or "" in known:
        raise Refused("which algorithm signs these tokens cannot be told from the code")
    if len(known) > 1:
        raise Refused(f"the application signs with more than one algorithm ({', '.join(sorted(known))})")
    (name,) = known
    if name.lower() == "none":
        raise Refused("the application signs with the algorithm none")
    return name


def same_expression(draft: Draft, source: Tree, node: libcst.BaseExpression) -> str:
    """The code of an expression of another file (or the same one), if its names mean the same here; what has to be imported is.

    Raises :class:`Refused`.
    """
    code = source.code(node)
    for name in set(names_in(node)):
        if name in ("True", "False", "None"):
            continue
        there = meaning(source, name)
        if there is None:
            raise Refused(f"{name} is not known where the token is verified")
        if source.source.path == draft.path:
            continue
        if meaning(draft.tree, name) != there:
            raise Refused(f"{name} is not known where the token is verified")
    return code


def meaning(tree: Tree, name: str) -> tuple[str, str] | None:
    """What a name at the top level of a file stands for: the module and the name it is imported from, or the file's own."""
    for statement in small_statements(tree.module.body):
        if isinstance(statement, libcst.ImportFrom) and not isinstance(statement.names, libcst.ImportStar):
            for alias in statement.names:
                if bound_name(alias) == name:
                    return module_of(statement), alias.evaluated_name
        elif isinstance(statement, libcst.Import):
            for alias in statement.names:
                if bound_name(alias) == name:
                    return alias.evaluated_name if alias.asname is not None else name, ""
        elif isinstance(statement, libcst.Assign):
            if any(isinstance(target.target, libcst.Name) and target.target.value == name for target in statement.targets):
                return tree.source.path, name
        elif isinstance(statement, libcst.AnnAssign) and isinstance(statement.target, libcst.Name) and statement.target.value == name:
            return tree.source.path, name
    return None
