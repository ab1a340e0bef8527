"""The shelf of scenarios: one file each, discovered by its `SCENARIO`."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from stanch.lab.scene import Scenario


def catalogue() -> Mapping[str, Scenario]:
    """All scenarios by id, in the order of their ids; modules that begin with an underscore are shared parts."""
    names = sorted(one.name for one in iter_modules(__path__) if not one.name.startswith("_"))
    found: list[Scenario] = [import_module(f"{__name__}.{name}").SCENARIO for name in names]
    return {one.id: one for one in found}
