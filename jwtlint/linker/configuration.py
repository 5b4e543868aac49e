"""Sessions that a framework mints and verifies by configuration: managers, strategies, routes, settings."""

from __future__ import annotations

from jwtlint.facts import lifecycle as facts
from jwtlint.facts.lifecycle import Place
from jwtlint.linker.authentication import AuthenticationClasses
from jwtlint.linker.claims_hooks import ClaimsHooks
from jwtlint.linker.configured import Configured, Recorder
from jwtlint.linker.cookie_settings import CookieSettings
from jwtlint.linker.delivery import Deliveries, Sent
from jwtlint.linker.hooks import HookFinder
from jwtlint.linker.library import Api
from jwtlint.linker.library_settings import Expiry, LibrarySettings
from jwtlint.linker.lifetimes import Lifetime
from jwtlint.linker.managers import Managers
from jwtlint.linker.mint_views import MintViews
from jwtlint.linker.responses import ResponseHooks
from jwtlint.linker.sites import Site, Sites
from jwtlint.linker.tokens import Mints
from jwtlint.linker.values import Literal
from jwtlint.linker.verification import Verifications


class Configuration:
    """Reads configured sessions.

    It is made before anything is evaluated, for it tells the evaluator what authentication classes make of a request.
    """

    def __init__(self, sites: Sites) -> None:
        self.program = sites.program
        self.evaluator = sites.evaluator
        self.sites = sites
        self.settings = LibrarySettings(sites.evaluator)
        self.recorder = Recorder(sites, self.settings)
        self.hooks = HookFinder(sites)
        self.authentication = AuthenticationClasses(self.recorder, self.hooks)
        self.minting: set[str] = set()

    def read(self, session_applications: set[str], mints: Mints, verifications: Verifications) -> Configured:
        """Every fact of the configuration. Verifiers count only where the application mints, itself or by configuration."""
        self.hooks.verifications = verifications
        claims = ClaimsHooks(self.recorder, self.hooks, mints)
        MintViews(self.recorder, self.hooks, claims, ResponseHooks(self.recorder, self.hooks)).read()
        self.minting = session_applications | {fact.application for fact in self.recorder.found.facts if isinstance(fact, facts.Mint)}
        Managers(self.recorder, self.hooks, claims).read(self.minting)
        self.authentication.judge(self.minting, verifications)
        places = {(self.program.applications[mint.site.path], mint.site.meaning.library): mint.place for mint in mints.all}
        found = self.recorder.found.facts
        used = set(places) | {(fact.application, fact.library) for fact in found if isinstance(fact, facts.Mint | facts.Verification)}
        used = {(application, library) for application, library in used if application in self.minting}
        claims.overridden(self.minting)
        claims.named_in_settings(used)
        self.keys(used, places)
        self.queries(used)
        return self.recorder.found

    def keys(self, used: set[tuple[str, str]], places: dict[tuple[str, str], Place]) -> None:
        """The keys that libraries take from settings."""
        paths = {application: path for path, application in self.program.applications.items()}
        for application, library in sorted(used):
            pair = self.settings.is_asymmetric(paths[application], library)
            for setting in self.settings.key(paths[application], library):
                values = self.settings.settings.evaluated(setting)
                if pair:
                    values = tuple(value for value in values if isinstance(value, Literal) and str(value.value).startswith("-----BEGIN"))
                self.recorder.signing_keys(values, places.get((application, library), setting.place), setting.frame.path)

        for assigned in self.settings.everywhere("one-time-key"):
            for setting in assigned.settings:
                self.recorder.signing_keys(self.settings.settings.evaluated(setting), setting.place, setting.frame.path, "one-time")

    def queries(self, used: set[tuple[str, str]]) -> None:
        """Settings by which libraries take tokens from the query string."""
        for assigned in self.settings.everywhere("token-in-query"):
            if (assigned.application, assigned.library) in used:
                for setting in assigned.settings:
                    if self.settings.holds(setting, assigned.model):
                        self.recorder.query(assigned.library, setting.place, f"{setting.frame.path}::")

    # -- questions of the story ------------------------------------------------------------------------------------

    def lifetime(self, site: Site, api: Api) -> tuple[Lifetime | None, Expiry]:
        """The lifetime that the settings give to a minting call, or the library's default."""
        return self.settings.lifetime(site.path, api)

    def refresh_record(self, site: Site) -> tuple[bool, bool]:
        """Whether a library keeps a record of its refresh tokens, and whether it replaces them when they are used."""
        library = site.meaning.library
        return self.settings.keeps_record(site.path, library, site.meaning.api), self.settings.rotates(site.path, library)

    def loads_user(self, path: str) -> bool:
        """Whether a hook of the framework loads the user on each request, in the application of a file."""
        return self.program.applications[path] in self.recorder.found.user_loading

    def loads_user_of(self, application: str) -> bool:
        """The same by the application's name."""
        found = self.recorder.found
        return application in found.user_loading or application in found.user_loading_dependencies

    def ends_with_session(self, application: str) -> bool:
        """Whether the tokens of an application end with the web framework's session."""
        return application in self.recorder.found.session_backed

    def cookies(self, deliveries: Deliveries) -> list[Sent]:
        """Cookies whose flags come from settings or from a transport object."""
        return CookieSettings(self.recorder, deliveries, self.minting).read()
