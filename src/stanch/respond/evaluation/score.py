"""What the results of an evaluation add up to: precision, recall, escalation, wrong targets, calibration."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from stanch.model.case import Tier
from stanch.model.verdict import Outcome
from stanch.respond.evaluation.ablation import Weighed
from stanch.respond.evaluation.bundle import Bundle
from stanch.respond.evaluation.interval import Share

BINS = 10
"""Bins of equal mass in which calibration is looked at."""
HANDLED = (Outcome.CONTAIN, Outcome.ESCALATE)


@dataclass(frozen=True)
class Result:
    """What stanch would have done with one bundle."""

    bundle: Bundle
    verdict: str
    p: float | None
    """Probability of malice; None where nothing was weighed (queued or escalated by its type alone)."""
    outcome: Outcome
    targets: tuple[str, ...]
    """ARNs or addresses that it would have contained."""
    seconds: float
    """Wall time of the whole walk."""
    cited: bool = True
    """Whether what it would have done cites evidence."""
    weighed: Weighed | None = None
    """What the verdict was computed from, to judge again without a part of it."""
    prior: float | None = None
    """Probability before any evidence; None where nothing was weighed."""

    @property
    def attack(self) -> bool:
        """Whether it was one, in truth."""
        return self.bundle.expect.truth == "attack"

    @property
    def contained(self) -> bool:
        """Whether it would have contained anything."""
        return self.outcome is Outcome.CONTAIN

    @property
    def wrong_targets(self) -> tuple[str, ...]:
        """Targets that the bundle does not allow."""
        return tuple(one for one in self.targets if one not in self.bundle.expect.targets)

    @property
    def right(self) -> bool:
        """An outcome that the bundle allows, on allowed targets alone."""
        return self.outcome in self.bundle.expect.outcomes and not self.wrong_targets


@dataclass(frozen=True)
class Bin:
    """One bin of the reliability plot."""

    n: int
    said: float
    """Mean probability that was said, 0..1."""
    was: Share
    """How many of them were attacks."""


@dataclass(frozen=True)
class Score:
    """The measures over a set of results; every share keeps its n."""

    cases: int
    contained: int
    precision: Share
    """Attacks on allowed targets among the contained."""
    recall_critical: Share
    """Contained among the critical attacks."""
    handled_critical: Share
    """Contained or escalated among the critical attacks."""
    escalated: Share
    look_alikes: Share
    """Contained among the benign."""
    pairs: Share
    """Minimal pairs of which both are right."""
    right: Share
    wrong_targets: int
    """Bundles in which something else than the allowed would have been contained."""
    uncited: int
    """Bundles in which something would have been contained without evidence."""
    bins: tuple[Bin, ...]
    brier: float | None
    weighed: int
    """How many results carry a probability."""
    levelled: tuple[Bin, ...]
    """The bins of what would have been said with the set's own share of attacks for the prior of every type."""
    queued: Share
    attacks_unseen: int
    """Attacks that were queued or dismissed: nobody was paged, and nothing was contained."""

    @property
    def ece(self) -> float | None:
        """Expected calibration error over the bins; None when nothing was weighed."""
        return _error(self.bins)

    @property
    def ece_levelled(self) -> float | None:
        """The same at the set's own share of attacks: how well the evidence is weighed, whatever the priors."""
        return _error(self.levelled)


def _error(bins: Sequence[Bin]) -> float | None:
    n = sum(one.n for one in bins)
    return math.fsum(one.n * abs(one.said - (one.was.value or 0)) for one in bins) / n if n else None


def score(results: Sequence[Result]) -> Score:
    """The measures of these results."""
    critical = [one for one in results if one.attack and one.bundle.expect.tier is Tier.CRITICAL]
    said = [(one.p, one.attack) for one in results if one.p is not None]
    return Score(
        cases=len(results),
        contained=sum(one.contained for one in results),
        precision=_share(lambda one: one.attack and not one.wrong_targets, [one for one in results if one.contained]),
        recall_critical=_share(lambda one: one.contained, critical),
        handled_critical=_share(lambda one: one.outcome in HANDLED, critical),
        escalated=_share(lambda one: one.outcome is Outcome.ESCALATE, results),
        look_alikes=_share(lambda one: one.contained, [one for one in results if not one.attack]),
        pairs=_pairs(results),
        right=_share(lambda one: one.right, results),
        wrong_targets=sum(bool(one.wrong_targets) for one in results),
        uncited=sum(one.contained and not one.cited for one in results),
        bins=_bins(said),
        brier=math.fsum((p - attack) ** 2 for p, attack in said) / len(said) if said else None,
        weighed=len(said),
        levelled=_bins(tuple(_level(results))),
        queued=_share(lambda one: one.outcome is Outcome.QUEUE, results),
        attacks_unseen=sum(one.attack and one.outcome not in HANDLED for one in results),
    )


def _level(results: Iterable[Result]) -> Iterator[tuple[float, bool]]:
    """Odds keep what the evidence added: each prior is taken out, and the share of attacks put in its place."""
    said = [(one.p, one.prior, one.attack) for one in results if one.p is not None and one.prior is not None]
    share = sum(attack for *_, attack in said) / len(said) if said else 0.0
    if 0 < share < 1:
        for p, prior, attack in said:
            yield 1 / (1 + math.exp(-math.fsum((_logit(p), -_logit(prior), _logit(share))))), attack


def _logit(p: float) -> float:
    kept = min(max(p, 1e-9), 1 - 1e-9)  # probabilities are told with six digits
    return math.log(kept / (1 - kept))


def _share(test: Callable[[Result], bool], among: Sequence[Result]) -> Share:
    return Share(sum(map(test, among)), len(among))


def _pairs(results: Iterable[Result]) -> Share:
    """Bundles that name each other, or share a `pair`: right only if all of them are."""
    groups: dict[str, list[Result]] = {}
    twins = {_beside(one.bundle.name, one.bundle.expect.twin_of) for one in results if one.bundle.expect.twin_of}
    for one in results:
        expect, name = one.bundle.expect, one.bundle.name
        key = expect.pair or (_beside(name, expect.twin_of) if expect.twin_of else name if name in twins else "")
        if key:
            groups.setdefault(key, []).append(one)
    return Share(sum(all(one.right for one in group) for group in groups.values()), len(groups))


def _beside(name: str, twin: str) -> str:
    """The name of a bundle that lies in the same folder."""
    head, slash, _ = name.rpartition("/")
    return f"{head}{slash}{twin}"


def _bins(said: Sequence[tuple[float, bool]]) -> tuple[Bin, ...]:
    """Equal mass, not equal width: most probabilities lie at the ends."""
    ranked = sorted(said)
    edges = [round(len(ranked) * one / BINS) for one in range(BINS + 1)]
    parts = [ranked[low:high] for low, high in pairwise(edges) if high > low]
    return tuple(
        Bin(len(part), math.fsum(p for p, _ in part) / len(part), Share(sum(attack for _, attack in part), len(part)))
        for part in parts
    )
