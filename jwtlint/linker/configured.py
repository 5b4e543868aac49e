"""The facts of sessions that a framework mints and verifies by configuration."""

from __future__ import annotations

from dataclasses import dataclass, field

from jwtlint.facts import lifecycle as facts
from jwtlint.facts.lifecycle import Place, Purpose, Reason, RevocationKind, TokenRole
from jwtlint.linker.keys import Keys
from jwtlint.linker.knowledge import Meaning
from jwtlint.linker.library_settings import Expiry, LibrarySettings
from jwtlint.linker.lifetimes import Lifetime
from jwtlint.linker.sites import Site, Sites
from jwtlint.linker.subjects import Way, origins
from jwtlint.linker.tokens import Context
from jwtlint.linker.values import FunctionValue, Values
from jwtlint.linker.verification import StateRead


@dataclass(frozen=True, slots=True)
class Origin:
    """The piece of configuration that stands for a mint or a verification: a call, a setting, a route."""

    meaning: Meaning
    path: str
    place: Place
    function: FunctionValue | None = None
    site: Site | None = None

    @property
    def key(self) -> str:
        """``path::function``"""
        return f"{self.path}::{self.function.name if self.function is not None else ''}"


@dataclass(slots=True)
class Configured:
    """What the configuration says: facts, and the state its verifiers read, by application.

    ``minting`` are the pieces of configuration that mint; ``user_loading`` the applications in which a framework reads the user on
    each request, ``user_loading_dependencies`` those in which the program's dependencies do; ``session_backed`` those whose tokens end
    with the web framework's session. ``verifiers`` are the places whose claims a handler may hold, with their applications.
    """

    facts: list[facts.LifecycleFact] = field(default_factory=list)
    reads: dict[str, list[StateRead]] = field(default_factory=dict)
    minting: list[Origin] = field(default_factory=list)
    cookie_carriers: list[Origin] = field(default_factory=list)
    user_loading: set[str] = field(default_factory=set)
    user_loading_dependencies: set[str] = field(default_factory=set)
    session_backed: set[str] = field(default_factory=set)
    verifiers: dict[Place, str] = field(default_factory=dict)


class Recorder:
    """Makes the facts of configured sessions."""

    def __init__(self, sites: Sites, settings: LibrarySettings) -> None:
        self.sites = sites
        self.program = sites.program
        self.settings = settings
        self.keys = Keys(sites.evaluator)
        self.found = Configured()
        self.ways: list[Way] = []

    def application(self, path: str) -> str:
        """The application of a file."""
        return self.program.applications[path]

    def origin(self, site: Site) -> Origin:
        """A call as a piece of configuration."""
        return Origin(site.meaning, site.path, self.sites.place(site), site.function, site)

    # -- mints -----------------------------------------------------------------------------------------------------

    def mint(self, origin: Origin, lifetime: Lifetime | None, expiry: Expiry) -> None:
        """The mint that a piece of configuration stands for, with its refresh token."""
        api = origin.meaning.api
        library = origin.meaning.library
        record = self.settings.keeps_record(origin.path, library, api)
        roles: tuple[TokenRole, ...] = ("access", "refresh") if api.returns == "pair" else (api.role,)
        for role in roles:
            self.found.facts.append(
                facts.Mint(
                    place=origin.place,
                    application=self.application(origin.path),
                    function=origin.key,
                    token=identity(origin.place),
                    purpose="session",
                    reasons=(Reason(f"{library} mints login tokens here", origin.place),),
                    library=library,
                    role=role,
                    expiry=expiry,
                    lifetime=lifetime.seconds if lifetime is not None and role != "refresh" else None,
                    lifetime_place=(lifetime.place if lifetime is not None else None) or origin.place,
                    record=record,
                    rotated=record and self.settings.rotates(origin.path, library),
                )
            )
        self.found.minting.append(origin)
        if api.session_record:
            self.found.session_backed.add(self.application(origin.path))

    def body(self, origin: Origin, place: Place | None = None, function: FunctionValue | None = None) -> None:
        """The answer of a configured login that carries the token in its body."""
        where = place or origin.place
        self.found.facts.append(
            facts.Delivery(
                place=where,
                application=self.application(where.path),
                function=f"{function.path}::{function.name}" if function is not None else origin.key,
                token=identity(origin.place),
                purpose="session",
                medium="body",
                handler_role="login",
                fields=("access", "refresh", "access_token", "refresh_token", "token"),
                trace=(Reason("token minted here", origin.place), Reason("delivered here", where)),
            )
        )

    def query(self, library: str, place: Place, function: str) -> None:
        """A setting by which the library takes session tokens from the query string."""
        self.found.facts.append(
            facts.Delivery(
                place=place,
                application=self.application(place.path),
                function=function,
                purpose="session",
                medium="url",
                direction="read",
                reasons=(Reason(f"{library} takes tokens from the query string by this setting", place),),
            )
        )

    # -- verifications ---------------------------------------------------------------------------------------------

    def verification(self, origin: Origin, kind: RevocationKind, reloads: bool = False) -> None:
        """The verification that a piece of configuration stands for."""
        library = origin.meaning.library
        if kind == "none" and self.settings.truth(origin.path, library, "revocation").value is not False:
            kind = "library"
        reloads = reloads or origin.meaning.api.reloads_user
        application = self.application(origin.path)
        if reloads:
            self.found.user_loading.add(application)
        self.found.verifiers[origin.place] = application
        self.found.facts.append(
            facts.Verification(
                place=origin.place,
                application=application,
                function=origin.key,
                token=identity(origin.place),
                purpose="session",
                reasons=(Reason(f"{library} verifies login tokens by this configuration", origin.place),),
                library=library,
                revocation=kind,
                algorithms="fixed",
                reloads_user=reloads,
            )
        )

    def lookups(self, application: str, reads: list[StateRead]) -> None:
        """The state that hooks of a verifier read."""
        self.found.reads.setdefault(application, []).extend(reads)
        for read in reads[:1]:
            self.found.facts.append(
                facts.Lookup(
                    place=read.place,
                    application=application,
                    function=f"{read.place.path}::{read.function.name if read.function else ''}",
                    purpose="session",
                    kind=read.kind,
                )
            )

    # -- claims and keys -------------------------------------------------------------------------------------------

    def claims(self, context: Context, application: str, configured: Place) -> None:
        """Claims that a hook adds."""
        self.ways.append(Way(configured, "session", "either", (), tuple(origins(context.claims))))
        for claim in context.claims:
            if claim.category in ("authorization", "profile", "secret"):
                self.found.facts.append(
                    facts.Claim(
                        place=claim.place,
                        application=application,
                        function=f"{claim.place.path}::",
                        purpose="session",
                        name=claim.name,
                        category=claim.category,
                        trace=(Reason(f"the claim {claim.name} enters", claim.place), Reason("tokens are configured here", configured)),
                    )
                )

    def signing_keys(self, values: Values, used: Place, path: str, purpose: Purpose = "session") -> None:
        """Literals that are the key."""
        for origin in self.keys.literals(values):
            self.found.facts.append(
                facts.SigningKey(
                    place=origin.place,
                    application=self.application(path),
                    purpose=purpose,
                    source="literal" if origin.source == "literal" else "default-literal",
                    trace=(Reason("the key is set here", origin.place), Reason("tokens are signed here", used)),
                )
            )


def identity(place: Place) -> str:
    """The identity of a token: the place of its mint or verification."""
    return f"{place.path}:{place.line}:{place.column}"
