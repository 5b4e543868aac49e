"""Refresh tokens: whether the server records and rotates them, and what their handlers copy from old tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jwtlint.facts import lifecycle as facts
from jwtlint.facts.lifecycle import Place, Reason
from jwtlint.linker.changes import Changes
from jwtlint.linker.frames import Frame
from jwtlint.linker.handlers import Route
from jwtlint.linker.tokens import Context, Mint
from jwtlint.linker.values import ClassValue, FunctionValue, Instance, Method
from jwtlint.linker.verification import StateRead
from jwtlint.linker.vocabulary import claim_category, plain, words

if TYPE_CHECKING:
    from jwtlint.linker.story import Story


class RefreshTokens:
    """Reads what becomes of refresh tokens."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.graph = story.graph
        self.evaluator = story.evaluator
        self.program = story.program
        self.flow = story.flow
        self.handlers = story.handlers
        self.mints = story.mints
        self.verifications = story.verifications
        self.configuration = story.configuration
        self.session_contexts = story.session_contexts
        self.extra_roles = story.extra_roles

    def record(self, mint: Mint, context: Context) -> tuple[bool, bool]:
        """Whether the server keeps a record of a refresh token, and whether the refresh handler replaces it."""
        if context.role != "refresh":
            return False, False
        recorded, rotated = self.configuration.refresh_record(mint.site)
        if recorded:
            return recorded, rotated
        return self.refresh_record(mint)

    def refresh_record(self, mint: Mint) -> tuple[bool, bool]:
        """Look for a write of the token (or its id) near the mint, and for a new refresh token in the refresh handler."""
        application = self.story.application(mint.site.path)
        rotating = {
            context.route.function: context.route
            for contexts in self.session_contexts.values()
            for context, _ in contexts
            if context.role in ("refresh", "either")
            and context.route is not None
            and {"refresh", "renew", "rotate"} & set(context.route.words)
            and self.story.application(context.route.function.path) == application
        }
        rotated = bool(rotating)
        # a handler that ends the token it was shown knows the ended ones
        recorded = any(Changes(self.story.sites, {}).of(route).revokes for route in rotating.values())
        for route in self.minting_routes(mint.place):
            frame = self.evaluator.free_frame(route.function)
            for one in self.graph.reach(frame):
                recorded = recorded or self.writes_token(one, mint.place)
        if self.reads_of(application):
            recorded = True
        return recorded, rotated

    def writes_token(self, frame: Frame, mint: Place) -> bool:
        """Whether a function stores a token: gives it, its hash or its id to a model or a store."""
        from jwtlint.facts.program import Attribute, Name
        from jwtlint.linker.changes import WRITE_VERBS

        if frame.function is None:
            return False
        index = self.program.modules[frame.path]
        number = index.module.functions.index(self.program.function(frame.function))
        for call, _ in index.calls_in(number):
            callees = self.evaluator.evaluate(call.function, frame)
            name = call.function.name if isinstance(call.function, Name | Attribute) else ""
            to_model = any(isinstance(callee, ClassValue) and self.evaluator.calls.is_model(callee) for callee in callees)
            verbs = set(words(name))
            if not to_model and not (
                verbs & (WRITE_VERBS | {"store", "register"})
                and verbs & {"token", "session", "refresh", "jti", "setex", "set", "sadd", "hset"}
            ):
                continue
            if name == "setdefault" or verbs & {"cookie", "cookies", "header", "headers"}:
                continue  # what it is given goes to the client
            if any(
                "Schema" in base or "BaseModel" in base
                for callee in callees
                if isinstance(callee, ClassValue)
                for base in self.evaluator.objects.external_bases(callee)
            ):
                continue
            for argument in [*call.positional, *(keyword.value for keyword in call.keywords)]:
                values = self.evaluator.evaluate(argument, frame)
                if mint in self.flow.tokens(values):
                    return True
                if any(plain(one) in ("jti", "sid", "session_id", "token_id") for one in self.flow.names(values)):
                    return True
        return False

    def reads_of(self, application: str) -> list[StateRead]:
        """The state that the application's verifiers read, apart from columns of users."""
        return [
            read
            for path in self.verifications.all
            if self.story.application(path.site.path) == application
            for read in path.reads
            if read.kind in ("denylist", "allowlist", "session-row")
        ]

    def minting_routes(self, mint: Place) -> list[Route]:
        """The handlers from which a mint is reached."""
        found: list[Route] = []
        for one in self.mints.all:
            if one.place == mint:
                for context in one.contexts:
                    if context.route is not None and context.route not in found:
                        found.append(context.route)
        return found

    def copied_claims(self, mint: Mint, contexts: list[Context]) -> None:
        """A refresh handler that fills the new token from the old one's claims."""
        for context in contexts:
            route = context.route
            top = route.function if route is not None else context.top
            if top is None:
                continue
            given = route.words if route is not None else words(top.name)
            if not {"refresh", "renew", "reissue", "rotate", "extend"} & set(given):
                continue
            if mint.site.meaning.api.claims_hooks:
                continue
            copied: list[str] = []
            where: Place | None = None
            fresh = False
            for claim in context.claims:
                if claim.category == "registered":
                    continue
                read = self.flow.claims(claim.values, through_calls=False)
                if read:
                    copied.append(claim.name)
                    where = where or next((place for _, _, place in read if place is not None), claim.place)
                elif self.flow.rows(claim.values):
                    fresh = True
            for value in context.open_claims:
                if self.flow.claims((value,)):
                    copied.append("*")
            identity_only = all(claim_category(name, self.extra_roles) == "identifier" for name in copied)
            if not copied or (identity_only and (fresh or (route is not None and self.reads_user(route)))):
                continue
            if identity_only and self.configuration.loads_user(mint.site.path):
                continue
            place = self.copying_place(context, where, mint.place)
            self.story.facts.append(
                facts.Mint(
                    place=mint.place,
                    application=self.story.application(mint.site.path),
                    function=f"{top.path}::{top.name}",
                    token=mint.identity,
                    purpose="session",
                    library=mint.site.meaning.library,
                    role=context.role,
                    expiry="set",
                    record=True,
                    rotated=True,
                    copies_claims=True,
                    copies_place=place,
                    trace=self.story.trace(mint, context),
                    reasons=(Reason(f"{', '.join(sorted(set(copied)))} copied from the old token", place),),
                )
            )

    def copying_place(self, context: Context, claim: Place | None, mint: Place) -> Place:
        """The call that gets the copied claims, in the function that copies them; in the handler where that is not told."""
        frames = context.frame.chain()
        for number, frame in enumerate(frames):
            if frame.function is None:
                continue
            at = self.program.function(frame.function).at
            holds = claim is not None and claim.path == frame.path and at.line <= claim.line <= at.end_line
            if holds or frame.function == context.top:
                call = frames[number - 1].call if number else None
                return self.evaluator.place(frame, call.at) if call is not None else mint
        return mint

    def is_passed_over(self, frame: Frame) -> bool:
        """Whether a function is called for its effect alone, and can refuse nothing."""
        while frame.caller is not None and frame.function is not None and frame.call is not None:
            if any(step.kind == "raise" for step in self.program.function(frame.function).steps):
                return False
            above = frame.caller
            steps = self.program.function(above.function).steps if above.function is not None else ()
            if any(step.kind == "evaluate" and step.value is frame.call for step in steps):
                return True
            frame = above
        return False

    def reads_user(self, route: Route) -> bool:
        """Whether a handler reads a user's row, and does not pass over what came of it."""
        for frame in self.graph.reach(self.evaluator.free_frame(route.function)):
            if frame.function is None or self.is_passed_over(frame):
                continue
            index = self.program.modules[frame.path]
            number = index.module.functions.index(self.program.function(frame.function))
            for call, step in index.calls_in(number):
                own = any(isinstance(one, FunctionValue | Method) for one in self.evaluator.evaluate(call.function, frame))
                if own and step.kind == "evaluate" and step.value is call:
                    continue  # what it gives is thrown away; what it refuses is seen in itself
                for value in self.evaluator.evaluate(call, frame):
                    if isinstance(value, Instance) and value.row and set(words(value.of.name)) & {"user", "account", "member", "customer"}:
                        return True
                name = getattr(call.function, "name", "")
                if (
                    {"user"} & set(words(name))
                    and {"get", "find", "load", "fetch", "by"} & set(words(name))
                    and name not in ("get_jwt_identity",)
                ):
                    return True
        return False
