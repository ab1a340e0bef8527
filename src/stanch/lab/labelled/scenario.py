"""A scenario: one story told as an attack, as a look-alike, or as both with one fact between them."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from stanch.lab.labelled.stage import Stage
from stanch.lab.organisation.attacks.scene import anywhere
from stanch.lab.organisation.world import Site


class Kind(StrEnum):
    """How a scenario is told."""

    PAIR = "pair"
    """As an attack and as a look-alike whose records are the same but for one authorising fact."""
    ATTACK = "attack"
    LOOK_ALIKE = "look_alike"


class Side(StrEnum):
    """One telling."""

    ATTACK = "attack"
    BENIGN = "benign"


@dataclass(frozen=True)
class Scenario:
    """One row of a playbook's table; the function's docstring is its title."""

    kind: Kind
    play: Callable[[Stage], None]
    tier: str
    """`critical` or `high`: what the finding's type deserves."""
    right: tuple[str, ...] = ("contain",)
    """Outcomes that are right for the attack; a look-alike may be anything but contained."""
    fact: str = ""
    """The authorising fact of a pair."""
    suits: Callable[[Site], bool] = anywhere

    @property
    def name(self) -> str:
        """Unique within its playbook."""
        return self.play.__name__

    @property
    def title(self) -> str:
        """In a sentence."""
        return (self.play.__doc__ or "").strip().splitlines()[0]

    @property
    def sides(self) -> tuple[Side, ...]:
        """Its tellings, the attack first."""
        match self.kind:
            case Kind.PAIR:
                return (Side.ATTACK, Side.BENIGN)
            case Kind.ATTACK:
                return (Side.ATTACK,)
            case Kind.LOOK_ALIKE:
                return (Side.BENIGN,)
