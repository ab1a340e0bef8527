"""What is at stake: the costs of acting, of not acting and of looking, and the probabilities at which each pays."""

from collections.abc import Mapping
from dataclasses import dataclass

from stanch.model.change import TargetKind


@dataclass(frozen=True)
class Stakes:
    """Costs of one action, in hundredths of what a missed attack costs. Authored, not measured."""

    disrupt: float
    """What it costs to contain someone who did nothing wrong."""
    production: float = 0.0
    """The same in production, where that is more."""
    miss: float = 100.0
    """What it costs to let an attacker go on."""
    review: float = 0.5
    """What it costs to have a person look."""
    delay: float = 0.15
    """Share of the damage that is done before a person who is called acts, 0..1."""

    def contain(self, *, production: bool = False) -> float:
        """From this probability on, containing is cheaper than calling a person, 0..1."""
        disrupt = max(self.disrupt, self.production) if production else self.disrupt
        return min(1.0, max(0.0, (disrupt - self.review) / (disrupt + self.delay * self.miss)))

    @property
    def dismiss(self) -> float:
        """Below this probability looking costs more than it saves, 0..1."""
        return self.review / (self.miss * (1 - self.delay))


STAKES: Mapping[TargetKind, Stakes] = {
    TargetKind.ACCESS_KEY: Stakes(10),
    TargetKind.USER: Stakes(10),
    TargetKind.ROLE: Stakes(10, production=20),
    TargetKind.ROLE_SESSION: Stakes(5),
    TargetKind.INSTANCE_CREDENTIALS: Stakes(5),
    TargetKind.INSTANCE: Stakes(15, production=40),
    TargetKind.ADDRESS: Stakes(1, miss=20),
    TargetKind.BUCKET: Stakes(20, production=40),
    TargetKind.BUCKET_ACCESS: Stakes(5),
    TargetKind.FUNCTION: Stakes(15, production=40),
    TargetKind.DEED: Stakes(5),
}
"""By what an action cuts. Pure cost says to contain far below the floors, as containing is reversible; the floors hold
all the same: they are what a person must be able to trust."""
LOOK = Stakes(10)
"""The costs of a case that is only looked at."""
