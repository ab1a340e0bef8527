"""A share with the exact binomial interval (Clopper and Pearson, Biometrika 26, 1934) that holds the true one."""

from dataclasses import dataclass

from stanch.respond.precision import lower_bound

TAIL = 0.975
"""Each end leaves out 2.5 %: together the interval holds the true share with 95 % confidence."""


@dataclass(frozen=True)
class Share:
    """How many of how many."""

    right: int
    n: int

    @property
    def value(self) -> float | None:
        """The share, 0..1; None of nothing."""
        return self.right / self.n if self.n else None

    @property
    def low(self) -> float:
        """The interval's lower end: 0 where there is nothing to count."""
        return lower_bound(self.right, self.n, TAIL)

    @property
    def high(self) -> float:
        """The interval's upper end, the mirror image of the lower: 1 where there is nothing to count."""
        return 1 - lower_bound(self.n - self.right, self.n, TAIL)
