"""What a login framework's object is given: by the arguments of its call, or by a configuration class that the call names."""

from __future__ import annotations

from dataclasses import dataclass

from jwtlint.facts.lifecycle import Place
from jwtlint.linker.sites import Site, Sites
from jwtlint.linker.values import ClassValue, Instance, Values


@dataclass(frozen=True, slots=True)
class Given:
    """An argument's values. ``place`` is where a configuration class sets it, None where the call itself does."""

    values: Values
    place: Place | None = None


def given(sites: Sites, site: Site, name: str) -> Given | None:
    """An argument of a call by its name in the model; None where it is not given."""
    argument = site.argument(name)
    frame = sites.frame(site.path, site.function)
    if argument is not None:
        return Given(sites.evaluator.evaluate(argument, frame))
    keywords = site.meaning.api.args[name].keywords if name in site.meaning.api.args else ()
    config = site.argument("config")
    if config is None or not keywords:
        return None
    for value in sites.evaluator.evaluate(config, frame):
        of = value if isinstance(value, ClassValue) else value.of if isinstance(value, Instance) else None
        found = of_class(sites, of, keywords) if of is not None else None
        if found is not None:
            return found
    return None


def of_class(sites: Sites, of: ClassValue, names: tuple[str, ...]) -> Given | None:
    """The field of a configuration class that bears one of the names."""
    objects = sites.evaluator.objects
    for one in objects.lineage(of):
        if not isinstance(one, ClassValue):
            continue
        for name in names:
            step = objects.field(sites.program.class_(one), name)
            if step is not None and step.value is not None:
                place = sites.program.place(one.path, step.value.at)
                return Given(objects.class_level(one, name) or (), place)
    return None
