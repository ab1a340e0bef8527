"""The shelf of attacks: a module a family, discovered by its `ATTACKS`; adding a variant is one function and one row.

An attack is a function of a `Scene` that yields what it leaves behind. It says nothing that tells: its names, agents
and addresses come from where everybody's do, and only the truth knows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from itertools import islice
from pkgutil import iter_modules

from stanch.lab.dice import dice
from stanch.lab.organisation.attacks.scene import Attack, Clock, Scene, Stealth
from stanch.lab.organisation.record import Event, Pen
from stanch.lab.organisation.traces import Found, Trace
from stanch.lab.organisation.world import Organisation, Site
from stanch.model.errors import BadInput

__all__ = ["Attack", "Scene", "Stealth", "Woven", "catalogue", "play", "weave"]

QUIET = 15
"""Days without attacks at the start, for baselines; a third of a shorter time."""


@dataclass(frozen=True)
class Woven:
    """An attack as it was played."""

    scenario: str
    """`<attack>#<number>`: what `truth.ndjson` calls it."""
    attack: Attack
    stealth: Stealth
    account: str
    traces: tuple[Trace, ...]

    @property
    def findings(self) -> tuple[Found, ...]:
        """Its findings, re-sent ones included."""
        return tuple(one for one in self.traces if isinstance(one, Found))

    def row(self) -> Mapping[str, object]:
        """Its row in `attacks.ndjson`."""
        ours = [one.time for one in self.traces if not isinstance(one, Event) or one.intent == "attack"]
        return {
            "scenario": self.scenario,
            "attack": self.attack.id,
            "family": self.attack.family,
            "title": self.attack.title,
            "stealth": self.stealth.value,
            "account": self.account,
            "from": min(ours).isoformat(),
            "to": max(ours).isoformat(),
            "targets": sorted({target for one in self.findings for target in one.targets}),
            "findings": sorted({str(_detail(one)["id"]) for one in self.findings}),
        }


def catalogue() -> Mapping[str, Attack]:
    """All attacks by id, in the order of their ids; modules that begin with an underscore are shared parts."""
    modules = (import_module(f"{__name__}.{one.name}") for one in iter_modules(__path__))
    found = [attack for module in modules for attack in getattr(module, "ATTACKS", ())]
    ids = [one.id for one in found]
    if len(set(ids)) < len(ids):
        raise BadInput(f"two attacks have the same id: {sorted(ids)}")
    return {one.id: one for one in sorted(found, key=lambda one: one.id)}


def weave(organisation: Organisation, count: int, stealth: str) -> tuple[Woven, ...]:
    """So many attacks (below 0: one a week and ten accounts, but one of each family), families in turn.

    Raises BadInput for a stealth that is none.
    """
    degrees = tuple(Stealth) if stealth == "mixed" else (_degree(stealth),)
    usual = max(len(_families()), organisation.days * len(organisation.sites) // 70)
    return tuple(
        play(organisation, attack, number, degrees[number % len(degrees)])
        for number, attack in enumerate(islice(_in_turn(organisation.seed), usual if count < 0 else count))
    )


def play(organisation: Organisation, attack: Attack, number: int, stealth: Stealth) -> Woven:
    """One attack, somewhere and some time in the organisation; its number sets its dice."""
    scenario = f"{attack.id}#{number}"
    thrown = dice(organisation.seed, "attack", scenario)
    fitting = [one for one in organisation.sites if attack.suits(one)] or list(organisation.sites)
    site: Site = thrown.choice(fitting)
    quiet = min(QUIET, organisation.days // 3)
    day = thrown.randint(quiet, max(quiet, organisation.days - 2))
    start = organisation.midnight(day).replace(hour=thrown.randint(0, 14), minute=thrown.randint(0, 59))
    scene = Scene(organisation, site, Pen(thrown, "attack", scenario), Clock(start, thrown, stealth), stealth, day)
    end = organisation.midnight(organisation.days)
    traces = tuple(one for one in attack.play(scene) if one.time < end)
    return Woven(scenario, attack, stealth, site.id, traces)


def _in_turn(seed: int) -> Iterator[Attack]:
    """Family after family, each time with one of its attacks."""
    thrown, families = dice(seed, "attacks"), _families()
    while True:
        for attacks in families.values():
            yield thrown.choice(attacks)


def _families() -> Mapping[str, list[Attack]]:
    families: dict[str, list[Attack]] = {}
    for one in catalogue().values():
        families.setdefault(one.family, []).append(one)
    return families


def _degree(name: str) -> Stealth:
    try:
        return Stealth(name)
    except ValueError as error:
        known = ", ".join((*Stealth, "mixed"))
        raise BadInput(f"{name!r} is no degree of stealth; there are {known}") from error


def _detail(found: Found) -> Mapping[str, object]:
    detail = found.body["detail"]
    assert isinstance(detail, Mapping)  # noqa: S101 -- written by the lab
    return detail
