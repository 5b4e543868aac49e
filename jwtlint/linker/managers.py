"""Managers: the objects by which a login framework verifies tokens on every request, with their hooks."""

from __future__ import annotations

from collections.abc import Iterator

from jwtlint.facts.program import Attribute, Call, Name
from jwtlint.linker.claims_hooks import ClaimsHooks
from jwtlint.linker.configured import Recorder
from jwtlint.linker.given import given
from jwtlint.linker.hooks import HookFinder
from jwtlint.linker.library import Api
from jwtlint.linker.sites import Site
from jwtlint.linker.values import FunctionValue


class Managers:
    """Judges the managers of applications that mint."""

    def __init__(self, recorder: Recorder, hooks: HookFinder, claims: ClaimsHooks) -> None:
        self.recorder = recorder
        self.hooks = hooks
        self.claims = claims
        self.sites = recorder.sites
        self.program = recorder.program
        self.knowledge = recorder.sites.knowledge

    def read(self, minting: set[str]) -> None:
        """The verification that each library's first manager in an application stands for, and its hooks."""
        seen: set[tuple[str, str]] = set()
        for site in [*self.sites.find("manager"), *self.decorated()]:
            application = self.recorder.application(site.path)
            if application not in minting or (application, site.meaning.library) in seen:
                continue
            seen.add((application, site.meaning.library))
            origin = self.recorder.origin(site)
            hooks = self.hooks.of_manager(site)
            dependents = self.hooks.dependents(site)
            reads = [*self.hooks.reads(site, hooks), *dependents.reads]
            self.recorder.lookups(application, reads)
            keyed = any(keyword.name in site.meaning.api.keyed_hooks for keyword in site.call.keywords)
            self.recorder.verification(origin, reads[0].kind if reads else "library" if keyed else "none", bool(hooks.user))
            if dependents.reloads_user:
                self.recorder.found.user_loading_dependencies.add(application)
            for hook in hooks.claims:
                self.recorder.claims(self.claims.read(hook), application, origin.place)
            key = given(self.sites, site, "key")
            if key is not None:
                self.recorder.signing_keys(key.values, origin.place, site.path)
            if sets_cookies(site.meaning.api):
                self.recorder.found.cookie_carriers.append(origin)

    def decorated(self) -> Iterator[Site]:
        """Managers that are a decorator (``@AuthJWT.load_config``)."""
        for name in sorted(self.knowledge.names_of("manager")):
            for path, number in self.program.mentions.get(name, ()):
                functions = self.program.modules[path].module.functions
                for decorator in functions[number].decorators if number < len(functions) else ():
                    target = decorator.function if isinstance(decorator, Call) else decorator
                    if not (isinstance(target, Name | Attribute) and target.name == name):
                        continue
                    call = decorator if isinstance(decorator, Call) else Call(decorator.at, target, (), ())
                    function = FunctionValue(path, functions[number].name)
                    frame = self.sites.evaluator.parameters.definition_frame(function)
                    site = self.sites.site(call, None, path, None, frame, ("manager",))
                    if site is not None:
                        yield site


def sets_cookies(api: Api) -> bool:
    """Whether a manager is given the flags of its cookies."""
    return "secure" in api.args
