"""Where a migration put sessions behind an application's JWTs: ``token_for(jwt.encode(…))``, ``claims_of(token, lambda: …)``.

``token_for`` hands out a stand-in for a session and lets the JWT fall; ``claims_of`` looks the session and its user up. Both are
functions of the generated ``bridge.py``, which is recognised by the modules that lie beside it.
"""

from __future__ import annotations

from collections.abc import Iterator

from jwtlint.facts import lifecycle as facts
from jwtlint.facts.lifecycle import Place
from jwtlint.facts.program import Call, Expression, Lambda
from jwtlint.linker.sites import Site, Sites
from jwtlint.linker.tokens import Context, Mint
from jwtlint.linker.traversal import walk


class Bridged:
    """The calls that are wrapped. ``applications`` are those that hand out stand-ins."""

    def __init__(self, sites: Sites) -> None:
        self.sites = sites
        self.mints: set[Place] = set()
        self.verifications: set[Place] = set()
        self.applications: set[str] = set()
        for site in sites.find("stand-in"):
            self.applications.add(sites.program.applications[site.path])
            self.mints.update(self.calls_in(site, site.argument("token")))
        for site in sites.find("look-up"):
            self.applications.add(sites.program.applications[site.path])
            argument = site.argument("verify")
            self.verifications.update(self.calls_in(site, argument.body if isinstance(argument, Lambda) else argument))

    def calls_in(self, site: Site, expression: Expression | None) -> Iterator[Place]:
        """The places of all calls in an argument."""
        if expression is not None:
            frame = self.sites.frame(site.path, site.function)
            for node in walk(expression):
                if isinstance(node, Call):
                    yield self.sites.evaluator.place(frame, node.at)

    def hides(self, mint: Mint, context: Context) -> bool:
        """Whether the token of one way to a mint falls: the mint is wrapped, or a call on the way to it is."""
        if mint.place in self.mints:
            return True
        return any(
            frame.call is not None and frame.caller is not None and self.sites.evaluator.place(frame.caller, frame.call.at) in self.mints
            for frame in context.frame.chain()
        )

    def told(self, fact: facts.LifecycleFact) -> facts.LifecycleFact | None:
        """A fact that a library's configuration stands for, in an application whose tokens stand for sessions; None if it says nothing
        there any more."""
        import msgspec

        if fact.application not in self.applications or fact.purpose != "session":
            return fact
        if isinstance(fact, facts.Mint | facts.Verification):
            return msgspec.structs.replace(fact, purpose="unknown", bridged=True)
        return fact if isinstance(fact, facts.Handler | facts.SigningKey) else None
