"""Cookies of login frameworks, whose flags come from settings, from a transport object, or from a strategy's arguments."""

from __future__ import annotations

from dataclasses import dataclass, field

from jwtlint.facts.lifecycle import Flag, Place, SameSite
from jwtlint.linker.configured import Origin, Recorder
from jwtlint.linker.delivery import Deliveries, Sent
from jwtlint.linker.given import given
from jwtlint.linker.values import FunctionValue, Literal

SWITCHES = {"http_only": "cookie-http-only", "secure": "cookie-secure"}


@dataclass(slots=True)
class Flags:
    """The flags of one cookie. ``elsewhere`` holds those that a setting decides badly, each alone, with the setting's place."""

    http_only: Flag = "configured"
    secure: Flag = "configured"
    same_site: SameSite = "configured"
    elsewhere: list[tuple[Flags, Place]] = field(default_factory=list)


class CookieSettings:
    """Tells of the cookies that no call of the program gives flags to."""

    def __init__(self, recorder: Recorder, deliveries: Deliveries, minting: set[str]) -> None:
        self.recorder = recorder
        self.minting = minting
        self.deliveries = deliveries
        self.sites = recorder.sites
        self.settings = recorder.settings
        self.sent: dict[Place, Sent] = {}
        self.setting: set[tuple[str, str]] = set()  # applications and libraries whose cookies the program sets itself

    def read(self) -> list[Sent]:
        """Every such cookie: at the setting that decides a flag, else at the call that sets the cookie."""
        for site in self.sites.find("cookie-setter"):
            self.setting.add((self.recorder.application(site.path), site.meaning.library))
            self.tell(self.recorder.origin(site))
        for site in self.sites.find("cookie-transport"):
            if self.recorder.application(site.path) in self.minting:
                self.tell(self.recorder.origin(site))
        for origin in self.recorder.found.cookie_carriers:
            enabled = self.enabled(origin)
            if enabled is not None and (self.recorder.application(origin.path), origin.meaning.library) not in self.setting:
                self.tell(Origin(origin.meaning, enabled.path, enabled, origin.function, origin.site))
        return list(self.sent.values())

    def enabled(self, origin: Origin) -> Place | None:
        """Where a library is told to put its tokens into cookies by itself; None where it is not."""
        api, library = origin.meaning.api, origin.meaning.library
        if origin.site is not None and "cookie" in api.args:
            argument = given(self.sites, origin.site, "cookie")
            if argument is not None:
                off = any(isinstance(value, Literal) and not value.value for value in argument.values)
                return None if off else argument.place or origin.place
        elif origin.site is not None and "secure" in api.args:
            return origin.place
        for model, settings in self.settings.assigned(origin.path, library, "cookie-enabled"):
            if any(self.settings.holds(setting, model) for setting in settings):
                return settings[0].place
        return None

    def tell(self, origin: Origin) -> None:
        """The cookie of one origin, and the settings that decide its flags badly."""
        flags = Flags()
        flags.http_only = self.flag(origin, "http_only", flags)
        flags.secure = self.flag(origin, "secure", flags)
        flags.same_site = self.same_site(origin, flags)
        self.sent.setdefault(origin.place, sent(flags, origin.place, origin.function))
        for alone, place in flags.elsewhere:
            self.sent[place] = sent(alone, place)

    def flag(self, origin: Origin, name: str, flags: Flags) -> Flag:
        """A boolean flag where the cookie is set; "configured" where a setting decides it."""
        api = origin.meaning.api
        argument = given(self.sites, origin.site, name) if origin.site is not None else None
        if argument is not None:
            value = self.deliveries.truth(argument.values)
            return self.placed(value, value == "off", argument.place, name, flags)
        truth = self.settings.truth(origin.path, origin.meaning.library, SWITCHES[name])
        if truth.place is not None:
            return self.placed(as_flag(truth.value), truth.value is False, truth.place, name, flags)
        if name in api.args and api.args[name].default is not None:
            return as_flag(bool(api.args[name].default))
        known = self.settings.models.get((origin.meaning.library, SWITCHES[name]))
        return as_flag(truth.value) if known else "configured"

    def placed(self, value: Flag, bad: bool, place: Place | None, name: str, flags: Flags) -> Flag:
        """A flag that is set at ``place`` (None: by the call itself); a bad one is told there."""
        if place is None:
            return value
        if bad:
            flags.elsewhere.append((Flags(http_only="off") if name == "http_only" else Flags(secure="off"), place))
            return "configured"
        return value

    def same_site(self, origin: Origin, flags: Flags) -> SameSite:
        """SameSite where the cookie is set; "configured" where a setting decides it."""
        api = origin.meaning.api
        argument = given(self.sites, origin.site, "same_site") if origin.site is not None else None
        if argument is not None:
            constants = [value.value for value in argument.values if isinstance(value, Literal)]
            found = self.named(constants, bool(argument.values) and len(constants) == len(argument.values))
            return self.same_site_at(found, argument.place, flags)
        for _, settings in self.settings.assigned(origin.path, origin.meaning.library, "cookie-same-site"):
            kinds: set[SameSite] = set()
            for setting in settings:
                values = self.recorder.sites.evaluator.settings.evaluated(setting)
                constants = [value.value for value in values if isinstance(value, Literal)]
                kinds.add(self.named(constants, bool(values) and len(constants) == len(values)))
            return self.same_site_at(kinds.pop() if len(kinds) == 1 else "configured", settings[0].place, flags)
        if "same_site" in api.args and api.args["same_site"].default is not None:
            return self.deliveries.named_same_site(api.args["same_site"].default)
        for model in self.settings.models.get((origin.meaning.library, "cookie-same-site"), ()):
            return self.deliveries.named_same_site(model.default)
        return "configured"

    def named(self, constants: list[str | int | float | bool | None], known: bool) -> SameSite:
        """SameSite by the constants that it may be."""
        kinds = {self.deliveries.named_same_site(one) for one in constants}
        return kinds.pop() if known and len(kinds) == 1 else "configured"

    def same_site_at(self, found: SameSite, place: Place | None, flags: Flags) -> SameSite:
        """SameSite that is set at ``place`` (None: by the call itself); a bad one is told there."""
        if place is not None and found in ("none", "missing"):
            flags.elsewhere.append((Flags(same_site=found), place))
            return "configured"
        return found


def sent(flags: Flags, place: Place, function: FunctionValue | None = None) -> Sent:
    """A cookie with its flags."""
    return Sent("cookie", place, function, place.path, None, http_only=flags.http_only, secure=flags.secure, same_site=flags.same_site)


def as_flag(value: bool | None) -> Flag:
    """A switch as a cookie's flag."""
    return "configured" if value is None else "on" if value else "off"
