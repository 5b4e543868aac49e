"""The life story of every token: all parts of the linker put together."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from jwtlint.facts import lifecycle as facts
from jwtlint.facts.layout import Layout
from jwtlint.facts.program import Module
from jwtlint.facts.web import WebModule
from jwtlint.facts.web_layout import WebLayout
from jwtlint.linker.assembled import Assembled
from jwtlint.linker.browser.library import WebModel
from jwtlint.linker.callgraph import CallGraph
from jwtlint.linker.evaluate import Evaluator
from jwtlint.linker.filled import Filled
from jwtlint.linker.handmade import Handmade
from jwtlint.linker.knowledge import Knowledge
from jwtlint.linker.library import LibraryModel
from jwtlint.linker.program import Program
from jwtlint.linker.runners import called_in_place
from jwtlint.linker.story import Story
from jwtlint.linker.subjects import Way

RECURSION_LIMIT = 8_000  # the evaluator bounds its own nesting at 220 expressions, some ten calls each


class LinkOptions(msgspec.Struct, frozen=True):
    """What the configuration says to the linker: more names of claims that grant rights, or describe a person."""

    role_claims: tuple[str, ...] = ()
    profile_claims: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FrontEnd:
    """What the browser runs: the files that were parsed, all files of front ends, the libraries, and the Python files that are servers'."""

    modules: tuple[WebModule, ...]
    layout: WebLayout
    models: tuple[WebModel, ...]
    servers: tuple[str, ...] = ()


def link(
    modules: Sequence[Module],
    layout: Layout,
    models: Sequence[LibraryModel],
    options: LinkOptions | None = None,
    front_end: FrontEnd | None = None,
) -> facts.Lifecycle:
    """Tell the story of every token in the program.

    ``modules`` are the files that were parsed, ``layout`` knows all Python files of the tree, ``models`` the libraries.
    """
    return link_with_ways(modules, layout, models, options, front_end)[0]


def link_with_ways(
    modules: Sequence[Module],
    layout: Layout,
    models: Sequence[LibraryModel],
    options: LinkOptions | None = None,
    front_end: FrontEnd | None = None,
) -> tuple[facts.Lifecycle, tuple[Way, ...]]:
    """The story of every token, and the ways in which the tokens come to be made."""
    options = options or LinkOptions()
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, RECURSION_LIMIT))
    try:
        knowledge = Knowledge(models)
        program = Program(called_in_place(modules, knowledge), layout)
        graph = CallGraph(Evaluator(program, knowledge, first_look(program, knowledge)))
        story = Story(graph, frozenset(options.role_claims), frozenset(options.profile_claims))
        lifecycle = story.tell()
        ways = (*story.ways, *story.configuration.recorder.ways)
        if front_end is None or not front_end.modules:
            return lifecycle, ways
        from jwtlint.linker.browser.story import Server, go_on

        server = Server(lifecycle, program.applications, front_end.servers, story.held_for_pages, frozenset(story.bridged.applications))
        return go_on(server, front_end.modules, front_end.layout, front_end.models), ways
    finally:
        # how deep a file may be nested must not depend on what this process did before
        sys.setrecursionlimit(before)


def first_look(program: Program, knowledge: Knowledge) -> Assembled:
    """The tokens that several steps assemble. What is evaluated for it is not kept, for it was worked out without knowing them."""
    graph = CallGraph(Evaluator(program, knowledge))
    assembled = Assembled()
    Filled(graph, assembled).find()
    Handmade(graph, assembled).find()
    return assembled


def is_settled(lifecycle: facts.Lifecycle) -> bool:
    """Whether every token of the program is known to be none of a session."""
    tokens = [fact for fact in lifecycle.facts if isinstance(fact, facts.Mint | facts.Verification)]
    known = all(fact.purpose in ("one-time", "service", "federation") for fact in tokens)
    return known and not any(isinstance(fact, facts.Trust) for fact in lifecycle.facts)
