"""Weigh the evidence and decide: log-odds from a prior and likelihood ratios, every step kept in the ledger."""

import math
from collections.abc import Sequence
from itertools import groupby

from stanch.model.case import Posture, Tier, Triage
from stanch.model.playbook import Trust
from stanch.model.verdict import Answer, Conclusion, Evidence, Outcome, Verdict, Weight

LR_CAP = math.log(30)
"""No single answer weighs more, either way."""
FAMILY_CAP = math.log(100)
"""No evidence family weighs more, either way."""
EXCUSE = {Trust.A: -LR_CAP, Trust.B: -math.log(3), Trust.C: 0.0, Trust.D: -LR_CAP}
"""How far an answer may excuse, by who controls the fields it reads."""
ACCUSE = {Trust.A: LR_CAP, Trust.B: LR_CAP, Trust.C: math.log(4), Trust.D: LR_CAP}
"""How far an answer may accuse."""
COVERAGE = 0.6
"""Share of mandatory questions that must have an answer before anything is contained."""
BENIGN = 0.05
"""At or below this probability the verdict says benign."""


def judge(
    prior: float, evidence: Sequence[Evidence], *, triage: Triage, depth: str, critical: Sequence[str], threshold: float
) -> Verdict:
    """The verdict on this evidence; `depth` is `critical` when only the critical questions were asked.

    prior, threshold: 0..1. Pure: the same input gives the same bytes.
    """
    ledger = weigh(evidence)
    p = probability(prior, ledger)
    families = {line.family for line in ledger}
    p_low = min([probability(prior, [w for w in ledger if w.family != family]) for family in families] or [p])
    asked = [one for one in evidence if (one.question in critical if depth == "critical" else one.mandatory)]
    answered = sum(one.answer is not Answer.UNKNOWN for one in asked)
    coverage = answered / len(asked) if asked else 0.0
    hindrances = _hindrances(p, p_low, coverage, threshold)
    outcome = _outcome(triage, contain=not hindrances)
    at_once = triage.posture is Posture.AT_ONCE  # its coverage was judged before acting, on the critical questions
    return Verdict(
        conclusion=_conclusion(p, coverage, contain=not hindrances or (at_once and p >= threshold)),
        outcome=outcome,
        p=round(p, 6),
        prior=prior,
        p_low=round(p_low, 6),
        threshold=threshold,
        coverage=round(coverage, 4),
        ledger=ledger,
        reasons=_reasons(triage, p, threshold, hindrances),
        would_change=_would_change(prior, evidence, threshold, contain=not hindrances),
    )


def weigh(evidence: Sequence[Evidence]) -> tuple[Weight, ...]:
    """Clip each answer, discount it within its family, clip the family; the lines sum to what is added to the prior."""
    known = [one for one in evidence if one.answer is not Answer.UNKNOWN]
    lines: list[Weight] = []
    for family, group in groupby(sorted(known, key=lambda one: one.family), key=lambda one: one.family):
        ranked = sorted(((_clip(one), one) for one in group), key=lambda pair: (-abs(pair[0]), pair[1].question))
        parts = [(ln / 2**rank, one) for rank, (ln, one) in enumerate(ranked)]
        total = sum(ln for ln, _ in parts)
        scale = min(1.0, FAMILY_CAP / abs(total)) if total else 1.0
        lines += [
            Weight(one.question, family, one.answer, round(ln * scale, 6), one.says, one.events) for ln, one in parts
        ]
    return tuple(sorted(lines, key=lambda line: (-abs(line.ln), line.question)))


def probability(prior: float, ledger: Sequence[Weight]) -> float:
    """Posterior probability of malice."""
    return 1 / (1 + math.exp(-(math.log(prior / (1 - prior)) + math.fsum(line.ln for line in ledger))))


def _clip(one: Evidence) -> float:
    return min(max(math.log(one.likelihood_ratio), EXCUSE[one.trust]), ACCUSE[one.trust])


def _hindrances(p: float, p_low: float, coverage: float, threshold: float) -> tuple[str, ...]:
    found = []
    if p < threshold:
        found.append(f"the probability of an attack is {p:.1%}, below the {threshold:.0%} needed to act")
    elif p_low < 0.5:  # noqa: PLR2004  # the design's rule: one family alone may never carry a containment
        found.append(f"without its strongest kind of evidence the probability would fall to {p_low:.1%}")
    if coverage < COVERAGE:
        found.append(f"only {coverage:.0%} of the mandatory questions could be answered, {COVERAGE:.0%} are needed")
    return tuple(found)


def _outcome(triage: Triage, *, contain: bool) -> Outcome:
    if triage.posture is Posture.QUEUE:
        return Outcome.QUEUE
    if triage.posture is Posture.ESCALATE or triage.tier not in (Tier.CRITICAL, Tier.HIGH):
        return Outcome.ESCALATE
    return Outcome.CONTAIN if contain else Outcome.ESCALATE


def _conclusion(p: float, coverage: float, *, contain: bool) -> Conclusion:
    if contain:
        return Conclusion.TRUE_POSITIVE
    return Conclusion.BENIGN if p <= BENIGN and coverage >= COVERAGE else Conclusion.INSUFFICIENT


def _reasons(triage: Triage, p: float, threshold: float, hindrances: tuple[str, ...]) -> tuple[str, ...]:
    if hindrances:
        return hindrances
    return (f"the probability of an attack is {p:.1%}, at or above the {threshold:.0%} needed; tier {triage.tier}",)


def _would_change(prior: float, evidence: Sequence[Evidence], threshold: float, *, contain: bool) -> tuple[str, ...]:
    """Single questions whose answer, left out, flips the decision, and those that nobody could answer."""
    flips = []
    for one in evidence:
        rest = [other for other in evidence if other is not one]
        if one.answer is Answer.UNKNOWN:
            flips.append(f"not known: {one.ask}")
        elif (probability(prior, weigh(rest)) >= threshold) is not contain:
            flips.append(f"a different answer to: {one.ask}")
    return tuple(flips)
