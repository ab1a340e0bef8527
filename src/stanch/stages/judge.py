"""Weigh the evidence and decide: log-odds from a prior and likelihood ratios, every step kept in the ledger."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import combinations, product

from stanch.model.case import Posture, Tier, Triage
from stanch.model.playbook import Trust
from stanch.model.stakes import LOOK
from stanch.model.trust import PROOF, Written, excuse, weighed
from stanch.model.verdict import Answer, Conclusion, Evidence, Flip, Other, Outcome, Verdict, Weight

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
LONE = 0.5
"""What p must keep with any one evidence family left out: none alone may carry a containment."""
BENIGN = 0.05
"""At or below this probability the verdict says benign."""
STRONG = math.log(8)
"""From here on an answer, or a family of them, accuses so strongly that nothing explains the finding away."""
FLIPS, LARGEST = 5, 3
"""How many sets of other answers are told, and how many answers such a set has at most."""


def judge(
    prior: float,
    evidence: Sequence[Evidence],
    *,
    triage: Triage,
    depth: str,
    critical: Sequence[str],
    threshold: float,
    alone: bool = False,
) -> Verdict:
    """The verdict on this evidence; `depth` is `critical` when only the critical questions were asked.

    prior, threshold: 0..1. alone: no finding of another type is in the case, about which nothing was asked here. Pure:
    the same evidence, in whatever order, gives the same bytes.
    """
    case = _Weighing(prior, tuple(sorted(evidence, key=lambda one: one.question)), _asked(depth, critical), threshold)
    at_once = triage.posture is Posture.AT_ONCE  # its coverage was judged before acting, on the critical questions
    outcome = _outcome(triage, case, alone=alone)
    explained = outcome is Outcome.QUEUE and triage.tier is Tier.HIGH and triage.posture is Posture.INVESTIGATE
    flips = tuple(sorted(_flips(case), key=lambda one: _change(case, one))[:FLIPS])
    return Verdict(
        conclusion=_conclusion(case, contain=case.contains or (at_once and case.p >= threshold)),
        outcome=outcome,
        p=round(case.p, 6),
        prior=prior,
        p_low=round(case.p_low, 6),
        threshold=threshold,
        coverage=round(case.coverage, 4),
        ledger=weigh(evidence),
        reasons=_queued(case) if explained else case.hindrances or (_why(case, triage),),
        would_change=(*(_said(case, one) for one in flips), *_gaps(case.evidence)),
        flips=flips,
    )


def weigh(evidence: Iterable[Evidence]) -> tuple[Weight, ...]:
    """Clip each answer, discount it within its family, clip the family; the lines sum to what is added to the prior."""
    lines = [
        Weight(one.question, family, one.answer, ln, one.says, one.events, _explains(one))
        for family, ranked in _families(evidence).items()
        for one, ln in zip(ranked, _discounted(tuple(map(_clip, ranked))), strict=True)
    ]
    return tuple(sorted(lines, key=lambda line: (-abs(line.ln), line.question)))


def probability(prior: float, ledger: Iterable[Weight]) -> float:
    """Posterior probability of malice."""
    return _odds(prior, (line.ln for line in ledger))


@dataclass(frozen=True)
class _Asked:
    """Which questions must be answered."""

    critical: frozenset[str] | None
    """Ids; None for those that their playbook calls mandatory."""

    def must(self, one: Evidence) -> bool:
        return one.mandatory if self.critical is None else one.question in self.critical


@dataclass(frozen=True)
class _Weighing:
    """The evidence and what follows from it; the same for what is and for what might have been."""

    prior: float
    evidence: tuple[Evidence, ...]
    asked: _Asked
    threshold: float

    @cached_property
    def sums(self) -> tuple[float, ...]:
        """What each family adds."""
        ranked = _families(self.evidence).values()
        return tuple(math.fsum(_discounted(tuple(map(_clip, one)))) for one in ranked)

    @cached_property
    def p(self) -> float:
        return _odds(self.prior, self.sums)

    @cached_property
    def p_low(self) -> float:
        total = math.fsum(self.sums)
        return _odds(self.prior, (total - max(self.sums, default=0.0),))

    @cached_property
    def coverage(self) -> float:
        asked = [one for one in self.evidence if self.asked.must(one) and not _silenced(one)]
        return sum(one.answer is not Answer.UNKNOWN for one in asked) / len(asked) if asked else 0.0

    @property
    def hindrances(self) -> tuple[str, ...]:
        """Why it is not to be contained, in sentences."""
        found = [f"a person must decide: {one.says}" for one in self.evidence if _forbids(one)]
        if self.p < self.threshold:
            found.append(f"the probability of an attack is {self.p:.1%}, below the {self.threshold:.0%} needed to act")
        elif self.p_low < LONE:
            found.append(f"without its strongest kind of evidence the probability would fall to {self.p_low:.1%}")
        if self.coverage < COVERAGE:
            share = f"{self.coverage:.0%} of the mandatory questions could be answered"
            found.append(f"only {share}, {COVERAGE:.0%} are needed")
        return tuple(found)

    @property
    def explained(self) -> tuple[Evidence, ...]:
        """The answers that explain what the finding reports; none where anything else speaks against leaving it.

        The one rule by which a high case waits in the queue and calls nobody (docs/adr/0014). What the actor wrote can
        only keep a case from it, and so can a source that was switched off.
        """
        known = [one for one in self.evidence if one.answer is not Answer.UNKNOWN]
        asked = [one for one in self.evidence if self.asked.must(one)]
        answered = sum(one in known and one.trust is not Trust.C for one in asked)
        if self.p > BENIGN or not asked or answered / len(asked) < COVERAGE:
            return ()
        against = _families(one for one in known if _clip(one) > 0).values()  # no excuse beside them makes them weaker
        accused = any(math.fsum(_discounted(tuple(map(_clip, one)))) >= STRONG for one in against)
        if accused or any(one.silenced or _forbids(one) for one in self.evidence):
            return ()
        return tuple(one for one in known if _explains(one))

    @property
    def contains(self) -> bool:
        """Nothing speaks against containing."""
        enough = self.p >= self.threshold and self.p_low >= LONE and self.coverage >= COVERAGE
        return enough and not any(map(_forbids, self.evidence))


def _asked(depth: str, critical: Sequence[str]) -> _Asked:
    return _Asked(frozenset(critical) if depth == "critical" else None)


def _families(evidence: Iterable[Evidence]) -> dict[str, list[Evidence]]:
    """The known answers by family, the strongest first; of two as strong the excuse, then by name."""
    found: dict[str, list[Evidence]] = {}
    for one in sorted(
        _uncovered(tuple(evidence)), key=lambda one: (one.family, -abs(_clip(one)), _clip(one), one.question)
    ):
        if one.answer is not Answer.UNKNOWN:
            found.setdefault(one.family, []).append(one)
    return found


def _uncovered(evidence: Sequence[Evidence]) -> Sequence[Evidence]:
    """In the time of a declared test what looks like an attack is the test: nothing accuses. A veto goes with it."""
    if not any(one.covers and one.answer is Answer.YES for one in evidence):
        return evidence
    return tuple(replace(one, likelihood_ratio=min(one.likelihood_ratio, 1.0)) for one in evidence)


@lru_cache(maxsize=1 << 14)
def _discounted(ranked: tuple[float, ...]) -> tuple[float, ...]:
    """Within a family each further answer counts half; the family as a whole is clipped."""
    parts = [ln / 2**rank for rank, ln in enumerate(ranked)]
    total = abs(math.fsum(parts))
    scale = min(1.0, FAMILY_CAP / total) if total else 1.0
    return tuple(round(ln * scale, 6) for ln in parts)


def _odds(prior: float, added: Iterable[float]) -> float:
    return 1 / (1 + math.exp(-math.fsum((math.log(prior / (1 - prior)), *added))))


def _clip(one: Evidence) -> float:
    said = weighed(one.trust, math.log(one.likelihood_ratio))
    ln = max(said.value, 0.0) if isinstance(said, Written) else max(excuse(said), EXCUSE[one.trust])
    return min(ln, ACCUSE[one.trust])


def _silenced(one: Evidence) -> bool:
    return one.silenced and one.answer is Answer.UNKNOWN


def _forbids(one: Evidence) -> bool:
    return one.vetoes and one.answer is Answer.YES


def _explains(one: Evidence) -> bool:
    return one.explains and one.trust in PROOF and one.answer is not Answer.UNKNOWN and _clip(one) < 0


def _outcome(triage: Triage, case: _Weighing, *, alone: bool) -> Outcome:
    grave = triage.tier in (Tier.CRITICAL, Tier.HIGH)
    if not grave and case.p < LOOK.dismiss and case.coverage >= COVERAGE and not any(map(_forbids, case.evidence)):
        return Outcome.DISMISS
    if triage.posture is Posture.QUEUE:
        return Outcome.QUEUE
    if triage.posture is Posture.ESCALATE or not grave:
        return Outcome.ESCALATE
    if triage.tier is Tier.HIGH and triage.posture is Posture.INVESTIGATE and alone and case.explained:
        return Outcome.QUEUE
    return Outcome.CONTAIN if case.contains else Outcome.ESCALATE


def _conclusion(case: _Weighing, *, contain: bool) -> Conclusion:
    if contain and not any(map(_forbids, case.evidence)):
        return Conclusion.TRUE_POSITIVE
    benign = case.p <= BENIGN and case.coverage >= COVERAGE
    return Conclusion.BENIGN if benign else Conclusion.INSUFFICIENT


def _flips(case: _Weighing) -> Iterator[Flip]:
    """All smallest sets of other answers that turn the decision round."""
    wanted = not case.contains
    others = [(number, found) for number, one in enumerate(case.evidence) if (found := _others(one, accuse=wanted))]
    for size in range(1, LARGEST + 1):
        sets = (chosen for picked in combinations(others, size) for chosen in _chosen(picked))
        turned = [flip for chosen in sets if (flip := _turned(case, chosen)).contain is wanted]
        if turned:
            yield from turned
            return


def _others(one: Evidence, *, accuse: bool) -> tuple[Evidence, ...]:
    """The question with each other answer that leads the wanted way; one not answered may also close a gap."""
    ratios = ((Answer.YES, one.yes), (Answer.NO, one.no))
    turned = [replace(one, answer=answer, likelihood_ratio=lr) for answer, lr in ratios if answer is not one.answer]
    gap = accuse and one.answer is Answer.UNKNOWN
    return tuple(other for other in turned if gap or _leads(one, other, accuse=accuse))


def _leads(one: Evidence, other: Evidence, *, accuse: bool) -> bool:
    change = _clip(other) - (0.0 if one.answer is Answer.UNKNOWN else _clip(one))
    return (change > 0 or _forbids(one)) if accuse else (change < 0 or _forbids(other))


def _chosen(picked: Sequence[tuple[int, tuple[Evidence, ...]]]) -> Iterator[dict[int, Evidence]]:
    numbers = [number for number, _ in picked]
    for answers in product(*(found for _, found in picked)):
        yield dict(zip(numbers, answers, strict=True))


def _turned(case: _Weighing, chosen: dict[int, Evidence]) -> Flip:
    evidence = tuple(chosen.get(number, one) for number, one in enumerate(case.evidence))
    turned = _Weighing(case.prior, evidence, case.asked, case.threshold)
    others = ((case.evidence[number], one) for number, one in chosen.items())
    told = tuple(Other(one.question, one.ask, was.answer, one.answer) for was, one in others)
    return Flip(told, round(turned.p, 6), turned.contains)


def _why(case: _Weighing, triage: Triage) -> str:
    return (
        f"the probability of an attack is {case.p:.1%}, at or above the {case.threshold:.0%} needed; tier {triage.tier}"
    )


def _queued(case: _Weighing) -> tuple[str, ...]:
    because = " ".join(f"{one.says} ({one.question})" for one in case.explained)
    likely = f"the probability of an attack is {case.p:.1%}, at most {BENIGN:.0%}"
    known = f"{case.coverage:.0%} of the mandatory questions were answered"
    return (
        f"queued, not paged, because this explains it: {because}",
        f"{likely}, {known}, and nothing accuses strongly; a person sees it in the queue",
    )


def _change(case: _Weighing, flip: Flip) -> tuple[float, tuple[str, ...]]:
    return (-abs(flip.p - case.p), tuple(f"{one.question}={one.answer}" for one in flip.answers))


def _said(case: _Weighing, flip: Flip) -> str:
    answers = " and ".join(f"{one.answer} to {one.question} ({one.ask})" for one in flip.answers)
    then = "it would be contained" if flip.contain else "it would not be contained"
    return f"{answers}: {case.p:.0%} -> {flip.p:.0%}, {then}"


def _gaps(evidence: Sequence[Evidence]) -> Iterator[str]:
    return (f"not known: {one.ask}" for one in evidence if one.answer is Answer.UNKNOWN)
