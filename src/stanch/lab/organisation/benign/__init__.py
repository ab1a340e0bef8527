"""The shelf of everyday actors, a module each, discovered by `of_day` (all accounts) or `of_site_day` (one account).

Those with `of_day` cross accounts and are few; those with `of_site_day` make the volume.
"""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from stanch.lab.organisation.day import Day
from stanch.lab.organisation.traces import Trace
from stanch.lab.organisation.world import Site

_MODULES = tuple(import_module(f"{__name__}.{one.name}") for one in iter_modules(__path__))


def of_day(day: Day) -> Iterator[Trace]:
    """What crosses accounts on that day, not in order."""
    for module in _MODULES:
        if hasattr(module, "of_day"):
            yield from module.of_day(day)


def of_site_day(day: Day, site: Site) -> Iterator[Trace]:
    """What happens in one account on that day, not in order."""
    for module in _MODULES:
        if hasattr(module, "of_site_day"):
            yield from module.of_site_day(day, site)
