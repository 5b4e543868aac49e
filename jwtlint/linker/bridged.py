"""Where a migration put sessions behind an application's JWTs: ``token_for(jwt.encode(…))``, ``claims_of(token, lambda: …)``.

``token_for`` hands out a stand-in for a session and lets the JWT fall; ``claims_of`` looks the session and its user up. Both are
functions of the generated ``bridge.py``, which is recognised by the modules that lie beside it.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from jwtlint.facts import lifecycle as facts
from jwtlint.facts.lifecycle import Place
from jwtlint.facts.program import Call, Constant, Expression, Lambda, Name, Sequence
from jwtlint.linker.sites import Site, Sites
from jwtlint.linker.tokens import Context, Mint
from jwtlint.linker.traversal import walk

# generated modules that stand between an application and a library, and the library
ADAPTERS = {"simplejwt": "djangorestframework-simplejwt", "jwt_manager": "flask-jwt-extended", "strategy": "fastapi-users"}
# those whose own code makes stand-ins, so that no call has to be wrapped
MINTING = frozenset({"djangorestframework-simplejwt", "fastapi-users"})


class Bridged:
    """The calls that are wrapped. ``applications`` are those that hand out stand-ins; ``adapted`` maps one to the libraries that an adapter
    puts on sessions; ``fresh`` maps one to the claims that are read from the user's row at each request."""

    def __init__(self, sites: Sites) -> None:
        self.sites = sites
        self.mints: set[Place] = set()
        self.verifications: set[Place] = set()
        self.applications: set[str] = set()
        self.adapted: dict[str, set[str]] = {}
        self.fresh: dict[str, set[str]] = {}
        for site in sites.find("stand-in"):
            self.applications.add(sites.program.applications[site.path])
            self.mints.update(self.calls_in(site, site.argument("token")))
        for site in sites.find("look-up"):
            self.applications.add(sites.program.applications[site.path])
            argument = site.argument("verify")
            self.verifications.update(self.calls_in(site, argument.body if isinstance(argument, Lambda) else argument))
        for path, application in sites.program.applications.items():
            if sites.program.is_bridge(path):
                self.read_bridge(path, application)

    def read_bridge(self, path: str, application: str) -> None:
        """What a generated ``bridge.py`` and the modules beside it tell."""
        folder = path.removesuffix("bridge.py")
        for module, library in ADAPTERS.items():
            if f"{folder}{module}.py" in self.sites.program.layout.paths:
                self.adapted.setdefault(application, set()).add(library)
                if library in MINTING:
                    self.applications.add(application)
        for step in self.sites.program.modules[path].module.steps if path in self.sites.program.modules else ():
            if step.kind == "assign" and isinstance(step.target, Name) and step.target.name == "FRESH":
                self.fresh.setdefault(application, set()).update(first_texts(step.value))

    def is_fresh(self, application: str, claim: str) -> bool:
        """Whether a claim of a stand-in is read from the user's row."""
        return claim in self.fresh.get(application, ())

    def calls_in(self, site: Site, expression: Expression | None) -> Iterator[Place]:
        """The places of all calls in an argument."""
        if expression is not None:
            frame = self.sites.frame(site.path, site.function)
            for node in walk(expression):
                if isinstance(node, Call):
                    yield self.sites.evaluator.place(frame, node.at)

    def hides(self, mint: Mint, context: Context) -> bool:
        """Whether the token of one way to a mint falls: the mint is wrapped, or a call on the way to it is, or its library is adapted."""
        library = mint.site.meaning.library
        if mint.place in self.mints:
            return True
        if library in MINTING and library in self.adapted.get(self.sites.program.applications[mint.site.path], ()):
            return True
        return any(
            frame.call is not None and frame.caller is not None and self.sites.evaluator.place(frame.caller, frame.call.at) in self.mints
            for frame in context.frame.chain()
        )

    def told(self, fact: facts.LifecycleFact) -> facts.LifecycleFact | None:
        """A fact that a library's configuration stands for, in an application whose tokens stand for sessions; None if it says nothing
        there any more."""
        if fact.application not in self.adapted or fact.purpose != "session":
            return fact
        if isinstance(fact, facts.Mint | facts.Verification):
            return msgspec.structs.replace(fact, purpose="unknown", bridged=True)
        if isinstance(fact, facts.Claim):
            return None if self.is_fresh(fact.application, fact.name) else fact
        return fact if isinstance(fact, facts.Handler | facts.SigningKey) else None


def first_texts(expression: Expression | None) -> Iterator[str]:
    """The first text of each tuple in a display of tuples."""
    for pair in expression.items if isinstance(expression, Sequence) else ():
        if isinstance(pair, Sequence) and pair.items and isinstance(pair.items[0], Constant) and isinstance(pair.items[0].value, str):
            yield pair.items[0].value
