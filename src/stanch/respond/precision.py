"""How sure a record makes us: the exact (Clopper-Pearson) lower bound of a share, from the standard library alone."""

import math

CONFIDENCE = 0.95
"""One-sided: the true share lies below the bound in at most one case of twenty."""
STEPS = 60
"""Halvings of [0, 1]: more than a float can tell apart."""


def lower_bound(right: int, n: int, confidence: float = CONFIDENCE) -> float:
    """The smallest share under which `right` or more of `n` still come about with probability 1 - confidence."""
    if not 0 <= right <= n:
        raise ValueError(f"{right} of {n} is no record")
    if right == 0:
        return 0.0
    low, high = 0.0, right / n
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if _at_least(right, n, middle) > 1 - confidence else (middle, high)
    return low


def _at_least(right: int, n: int, p: float) -> float:
    """Probability of `right` or more of `n` where each comes about with probability 0 < p < 1."""
    ways = math.lgamma(n + 1)
    terms = (
        ways - math.lgamma(k + 1) - math.lgamma(n - k + 1) + k * math.log(p) + (n - k) * math.log1p(-p)
        for k in range(right, n + 1)
    )
    return math.fsum(math.exp(term) for term in terms)
