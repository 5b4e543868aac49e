"""A draft of a model for a function of the user's own that calls a library which jwtlint knows.

What the function's parameters stand for is read from its body; what it makes of a token (its lifetime, whether its signature is checked)
is what the linker tells. The draft is then tried on a caller, with the function's source beside it and without, and what a model cannot
say is told in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from jwtlint.drafting.caller import caller
from jwtlint.drafting.flow import Flow
from jwtlint.drafting.source import Source
from jwtlint.errors import UserError, suggestion
from jwtlint.facts import lifecycle as facts
from jwtlint.facts.layout import Layout
from jwtlint.facts.program import Call, Function
from jwtlint.linker.definitions import argument_of
from jwtlint.linker.library import Api, Argument, Example, LibraryModel
from jwtlint.linker.lifecycle import link
from jwtlint.python.frontend import read_module

SUBJECTS = ("sub", "user_id", "uid", "identity", "id")
MAX_DEPTH = 4  # of functions that call each other down to the library
UNKNOWN = "EXPIRY_OF_THE_WRAPPER"  # a setting that nobody sets, so that the lifetime is not known
PINNED = {"pinned", "fixed"}
COMPARED = ("role", "expiry", "lifetime", "algorithms", "signature", "reloads_user")


class Draft(msgspec.Struct, frozen=True):
    """A model, and what it cannot say."""

    model: LibraryModel
    remarks: tuple[str, ...] = ()


def draft(root: Path, path: str, name: str, models: Sequence[LibraryModel]) -> Draft:
    """A model for ``name`` in the file ``path`` below ``root``. Raises :class:`UserError` where none can be drafted."""
    source = Source(root, models)
    source.read(path)
    function = source.function(path, name)
    if function is None:
        known = [one.name for one in source.modules[path].functions]
        raise UserError(f'{path} has no function "{name}"{suggestion(name, known) or "; it has " + ", ".join(known) if known else ""}')
    source.leave_out_callers(path, function)
    told = source.facts()
    found = api_of(source, path, function, told)
    if found is None:
        raise UserError(
            f"{name} calls no library that jwtlint knows to make or verify tokens; `jwtlint docs --output DIR` lists them in libraries.html"
        )
    names = dotted_names(source, path, name)
    api = msgspec.structs.replace(found[0], match=tuple(names))
    package = names[-1].partition(".")[0]
    model = LibraryModel(imports=(package,), name=package.replace("_", "-"), api=(api,), screen=(package,))
    return tried(source, function, names[-1], model, found[1], import_root(path, names[0]))


def api_of(
    source: Source, path: str, function: Function, told: Sequence[facts.LifecycleFact], depth: int = 0
) -> tuple[Api, facts.Place] | None:
    """What a function means to its callers, without its names, and where it calls the library; None where it calls none."""
    flow = Flow(function)
    key = f"{path}::{function.name}"
    for fact in told:
        if isinstance(fact, facts.Mint | facts.Verification) and fact.function == key:
            call = next((one for one in flow.calls() if is_at(one, fact.place)), None)
            known = api_in(source.models, fact, call) if call is not None else None
            if call is not None and known is not None:
                return outer(flow, call, known, fact), fact.place
    if depth < MAX_DEPTH:
        for call in flow.calls():
            target = source.called(path, call)
            if target is not None and target[1] is not function:
                inner = api_of(source, *target, told, depth + 1)
                if inner is not None:
                    return outer(flow, call, inner[0], None), inner[1]
    return None


def is_at(call: Call, place: facts.Place) -> bool:
    """Whether a call stands at a place."""
    at = call.at
    return (at.line, at.column, at.end_line, at.end_column) == (place.line, place.column, place.end_line, place.end_column)


def api_in(models: Sequence[LibraryModel], fact: facts.Mint | facts.Verification, call: Call) -> Api | None:
    """The library's API that a call means."""
    kind = "mint" if isinstance(fact, facts.Mint) else "verify"
    last = getattr(call.function, "name", "")
    for model in models:
        if model.name == fact.library:
            for api in model.api:
                if api.fact == kind and any(name.rpartition(".")[2] == last for name in api.match):
                    return api
    return None


def outer(flow: Flow, call: Call, inner: Api, fact: facts.Mint | facts.Verification | None) -> Api:
    """What a call of a known API means to the callers of the function around it. ``fact`` is what the linker tells of that call."""
    if inner.fact == "verify":
        return verifier(flow, call, inner, fact if isinstance(fact, facts.Verification) else None)
    return minter(flow, call, inner, fact if isinstance(fact, facts.Mint) else None)


def minter(flow: Flow, call: Call, inner: Api, fact: facts.Mint | None) -> Api:
    """A function that makes a token."""
    args: dict[str, Argument] = {}
    claims = argument_of(inner, "claims", call)
    extra = argument_of(inner, "extra", call)
    identity = argument_of(inner, "identity", call)
    expires = argument_of(inner, "lifetime", call)
    whole, entries = flow.payload(claims) if claims is not None else (set(), {})
    more, additional = flow.payload(extra) if extra is not None else (set(), {})
    subjects = [value for key in SUBJECTS for value in (*entries.get(key, ()), *additional.get(key, ()))]
    subject = flow.reaching(identity, *subjects) - whole - more
    lasting = [*entries.get("exp", ()), *additional.get("exp", ()), *([expires] if expires is not None else [])]
    length = flow.reaching(*lasting) - whole - more - subject
    keyed = flow.reaching(argument_of(inner, "key", call)) - whole - more - subject - length
    place(args, flow, "claims" if whole and not subject else "extra", whole or more)
    place(args, flow, "identity", subject)
    place(args, flow, "lifetime", length)
    place(args, flow, "key", keyed)
    unit = flow.unit(min(length), *lasting) if length else 1
    if length and expires is not None and unit == 1:
        unit = inner.lifetime_unit
    expiry = fact.expiry if fact is not None else None
    lifetime = fact.lifetime if fact is not None else inner.lifetime_default
    always = any(one.name in length and one.default is None for one in flow.parameters)  # every caller says how long
    never = expiry == "missing" or (expiry is None and not lasting and not inner.expiry_claim)
    return Api(
        match=(),
        fact="mint",
        args=args,
        returns="token" if flow.gives(call) else "object",
        role=fact.role if fact is not None else inner.role,
        purpose=inner.purpose,
        lifetime_setting="" if always or lifetime is not None else inner.lifetime_setting or (UNKNOWN if expiry == "set" else ""),
        lifetime_default=None if never or always else lifetime,
        lifetime_unit=unit,
        expiry_claim=not (never or (expiry == "unknown" and not inner.expiry_claim)),
        record=inner.record,
        session_record=inner.session_record,
    )


def verifier(flow: Flow, call: Call, inner: Api, fact: facts.Verification | None) -> Api:
    """A function that verifies a token."""
    args: dict[str, Argument] = {}
    token = flow.reaching(argument_of(inner, "token", call))
    place(args, flow, "token", token)
    place(args, flow, "key", flow.reaching(argument_of(inner, "key", call)) - token)
    given = flow.reaching(argument_of(inner, "algorithms", call)) - token
    place(args, flow, "algorithms", given)
    pinned = fact.algorithms in PINNED if fact is not None else inner.algorithms == "fixed"
    if not pinned and not given:
        args["algorithms"] = Argument(kw="algorithms")  # which nobody gives
    return Api(
        match=(),
        fact="verify",
        args=args,
        returns=(inner.returns or "claims") if flow.gives(call) else "",
        purpose=inner.purpose,
        signature=fact.signature if fact is not None else inner.signature,
        algorithms="fixed" if pinned and not given else "argument",
        reloads_user=fact.reloads_user if fact is not None else inner.reloads_user,
    )


def place(args: dict[str, Argument], flow: Flow, role: str, names: set[str]) -> None:
    """Note where the parameter stands that has a role: the first of those that reach it."""
    for position, parameter in enumerate(flow.parameters):
        if parameter.name in names and role not in args:
            args[role] = Argument(pos=position if parameter.kind == "positional" else None, kw=parameter.name)


def dotted_names(source: Source, path: str, name: str) -> list[str]:
    """The names under which other projects import a function: of its module, and of packages above that pass it on."""
    parts = path[:-3].split("/")
    folder = parts[:-1]
    top = len(folder)
    while top and "/".join(folder[:top]) in source.layout.packages:
        top -= 1
    module = parts[top:-1] if parts[-1] == "__init__" else parts[top:]
    found = [".".join((*module, name))]
    first = name.partition(".")[0]
    for length in range(len(module) - 1, 0, -1):
        package = "/".join((*parts[:top], *module[:length], "__init__.py"))
        if package in source.layout.paths:
            source.read(package)
            for item in source.modules[package].imports if package in source.modules else ():
                if item.name == first and path in source.targets(package, item.module, item.name, item.level):
                    found.append(".".join((*module[:length], item.alias, *name.split(".")[1:])))
    return found


def import_root(path: str, name: str) -> str:
    """The folder, with a slash, from which a function of a file is imported under its dotted name; "" for the top."""
    folders = path.split("/")[:-1]
    module = name.partition(".")[0]
    return "".join(f"{one}/" for one in folders[: folders.index(module)]) if module in folders else "".join(f"{one}/" for one in folders)


def tried(source: Source, function: Function, name: str, model: LibraryModel, library_call: facts.Place, folder: str) -> Draft:
    """The draft with an example that shows what it gives, and remarks on what the function's source tells beyond it.

    ``folder`` is where the caller stands with which it is tried, so that its import leads to the function.
    """
    (api,) = model.api
    code, line = caller(function, name, api)
    caller_path = f"{folder}jwtlint_caller.py"
    modules = [*source.modules.values(), read_module(caller_path, code.encode())]
    layout = Layout([*source.layout.paths, caller_path], source.libraries)
    beside = link(modules, layout, source.models).facts
    models = [*source.models, model]
    libraries = {*source.libraries, model.imports[0]}
    alone = link([modules[-1]], Layout([caller_path], libraries), models).facts
    kind = facts.Mint if api.fact == "mint" else facts.Verification
    truth = next((one for one in beside if isinstance(one, kind) and one.place == library_call), None)
    found = next((one for one in alone if isinstance(one, kind)), None)
    remarks: list[str] = []
    if found is None:
        raise UserError(f"{name} cannot be told by a model: a call of it is not seen as one that makes or verifies a token")
    shown: dict[str, str | int | bool | list[str] | None] = {"fact": api.fact if api.fact == "mint" else "verification", "line": line}
    for attribute in COMPARED:
        if not hasattr(found, attribute):
            continue
        mine, theirs = getattr(found, attribute), getattr(truth, attribute, None)
        same = mine == theirs or (attribute == "algorithms" and (getattr(found, "signature", "") == "skipped" or {mine, theirs} <= PINNED))
        if truth is not None and not same:
            remarks.append(f"{attribute}: the function's source tells {said(theirs)}, this model {said(mine)}")
        elif mine is not None:
            shown[attribute] = mine
    wanted = [shown]
    told = {one.name for one in alone if isinstance(one, facts.Claim)}
    for one in beside:
        if not isinstance(one, facts.Claim) or truth is None or one.token != truth.token:
            continue
        if one.name in told:
            told.discard(one.name)
            wanted.append({"fact": "claim", "line": line, "name": one.name})
        elif one.category in ("authorization", "profile", "secret") and one.place.path in source.own:
            remarks.append(f'the function writes the claim "{one.name}" by itself, which a model cannot say')
    if isinstance(truth, facts.Verification) and truth.revocation not in ("none", getattr(found, "revocation", "")):
        remarks.append(f"the function looks tokens up ({truth.revocation}), which a model cannot say")
    if api.lifetime_setting == UNKNOWN:
        remarks.append("the lifetime is not known from the source: write lifetime_default (in seconds) in the place of lifetime_setting")
    if api.returns in ("", "object") and api.fact == "verify":
        remarks.append("the function gives something else than the claims: say what by returns and claims_at")
    example = Example(code=code, facts=tuple(wanted), file="app.py")
    return Draft(msgspec.structs.replace(model, example=(example,)), tuple(dict.fromkeys(remarks)))


def said(value: object) -> str:
    """A value in a remark."""
    return "nothing" if value is None else str(value)
