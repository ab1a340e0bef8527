"""The exact binomial interval (Clopper and Pearson, Biometrika 26, 1934), from the tails of the distribution itself."""

import math
from collections.abc import Callable
from dataclasses import dataclass

LEVEL = 0.95
STEPS = 60
"""Halvings of the search; each gives one binary digit."""


@dataclass(frozen=True)
class Share:
    """How many of how many, with the interval that holds the true share with 95 % confidence."""

    right: int
    n: int

    @property
    def value(self) -> float | None:
        """The share, 0..1; None of nothing."""
        return self.right / self.n if self.n else None

    @property
    def low(self) -> float:
        """The interval's lower end: 0 where there is nothing to count."""
        if self.right == 0:
            return 0.0
        return _root(lambda p: 1 - _at_most(self.right - 1, self.n, p) - (1 - LEVEL) / 2)

    @property
    def high(self) -> float:
        """The interval's upper end: 1 where there is nothing to count."""
        if self.right == self.n:
            return 1.0
        return _root(lambda p: (1 - LEVEL) / 2 - _at_most(self.right, self.n, p))


def _at_most(k: int, n: int, p: float) -> float:
    """Probability of at most k successes in n tries."""
    if p <= 0:
        return 1.0
    if p >= 1:
        return 1.0 if k >= n else 0.0
    ln, rest = math.log(p), math.log1p(-p)
    whole = math.lgamma(n + 1)
    terms = (whole - math.lgamma(i + 1) - math.lgamma(n - i + 1) + i * ln + (n - i) * rest for i in range(k + 1))
    return min(1.0, math.fsum(math.exp(one) for one in terms))


def _root(rises: Callable[[float], float]) -> float:
    """Where a rising function of p crosses zero."""
    low, high = 0.0, 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if rises(middle) > 0 else (middle, high)
    return (low + high) / 2
