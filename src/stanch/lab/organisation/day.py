"""A day of the organisation: when people work, when machines do, and whose dice decide."""

from bisect import bisect
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random

from stanch.lab.dice import dice
from stanch.lab.organisation.world import Organisation

SHOP = (5, 4, 3, 3, 3, 4, 6, 9, 12, 14, 15, 15, 14, 14, 15, 15, 15, 16, 17, 18, 17, 14, 10, 7)
"""How busy the organisation's customers keep its programs, by UTC hour."""
OFFICE = (0, 0, 0, 0, 0, 0, 1, 5, 14, 18, 17, 12, 8, 14, 18, 17, 13, 7, 3, 2, 1, 1, 0, 0)
"""When people work, by their own hour."""
WEEKEND = 0.55
"""Share of a weekday's load that machines see at a weekend."""
_BUSY: dict[tuple[int, ...], tuple[int, ...]] = {SHOP: tuple(accumulate(SHOP)), OFFICE: tuple(accumulate(OFFICE))}


@dataclass(frozen=True)
class Day:
    """The n-th day."""

    organisation: Organisation
    number: int

    @property
    def midnight(self) -> datetime:
        """Its start, UTC."""
        return self.organisation.midnight(self.number)

    @property
    def working(self) -> bool:
        """Monday to Friday."""
        return self.midnight.isoweekday() <= 5

    def dice(self, *whose: str) -> Random:
        """The dice of whoever this is, for today."""
        return dice(self.organisation.seed, str(self.number), *whose)

    def load(self, n: float) -> int:
        """How many of something happen today, when n happen on a weekday."""
        return max(1, round(n * (1 if self.working else WEEKEND)))

    def times(self, thrown: Random, n: int, curve: tuple[int, ...] = SHOP, zone: int = 0) -> list[datetime]:
        """That many times today, in order, dense where the curve is high."""
        sums, midnight = _BUSY[curve], self.midnight
        top, found = sums[-1], []
        for _ in range(n):
            hour = (bisect(sums, thrown.random() * top) - zone) % 24
            found.append(midnight + timedelta(seconds=int(hour * 3600 + thrown.random() * 3600)))
        found.sort()
        return found
