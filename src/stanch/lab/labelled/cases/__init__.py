"""The shelf of labelled scenarios: a module a playbook, discovered by its `SCENARIOS`; one row and one function each.

Written from what operations see, not from what the playbooks ask. Attackers and colleagues draw their names, agents,
addresses and hours from the same places, so that nothing but what was done, and what was declared, tells them apart.
"""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from stanch.lab.labelled.scenario import Scenario


def catalogue() -> Mapping[str, Scenario]:
    """All scenarios by `playbook/name`, sorted."""
    names = sorted(one.name for one in iter_modules(__path__) if not one.name.startswith("_"))
    found = {f"{name}/{one.name}": one for name in names for one in import_module(f"{__name__}.{name}").SCENARIOS}
    return dict(sorted(found.items()))
