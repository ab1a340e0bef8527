"""What each question, and each source of data, is worth: the same cases judged again without it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from stanch.model.case import Triage
from stanch.model.playbook import Playbook
from stanch.model.verdict import Answer, Evidence, Outcome, Verdict
from stanch.stages.judge import judge

ITSELF = "finding and operator's facts"
"""The source of what needs no log."""


@dataclass(frozen=True)
class Weighed:
    """Everything that a bundle's verdict was computed from."""

    attack: bool
    triage: Triage
    playbook: Playbook
    evidence: tuple[Evidence, ...]
    prior: float
    threshold: float

    def verdict(self, keep: Callable[[Evidence], bool] = lambda _: True) -> Verdict:
        """The verdict with every answer that is not kept unknown: so it would be with its source switched off."""
        return judge(
            self.prior,
            tuple(one if keep(one) else _unknown(one) for one in self.evidence),
            triage=self.triage,
            depth="full",
            critical=self.playbook.critical,
            threshold=self.threshold,
        )


@dataclass(frozen=True)
class Loss:
    """What is different without one thing."""

    without: str
    asked: int
    """Bundles in which it was asked and answered."""
    attacks_lost: int
    """Attacks that would no longer be contained."""
    look_alikes_contained: int
    """Benign bundles that would then be contained."""


def by_question(cases: Sequence[Weighed]) -> tuple[Loss, ...]:
    """The loss without each question, the dearest first."""
    names = {(one.playbook.id, evidence.question) for one in cases for evidence in one.evidence}
    return _dearest(
        _loss(f"{playbook}/{question}", [one for one in cases if one.playbook.id == playbook], _but(question))
        for playbook, question in sorted(names)
    )


def by_source(cases: Sequence[Weighed]) -> tuple[Loss, ...]:
    """The loss without each source of data, the dearest first."""
    needs = {
        (playbook.id, question.id): question.needs or (ITSELF,)
        for playbook in {one.playbook.id: one.playbook for one in cases}.values()
        for question in playbook.questions
    }
    sources = sorted({source for one in needs.values() for source in one})
    return _dearest(_without_source(source, cases, needs) for source in sources)


def _without_source(source: str, cases: Sequence[Weighed], needs: dict[tuple[str, str], tuple[str, ...]]) -> Loss:
    each = [_loss(source, [one], _not_from(source, one.playbook.id, needs)) for one in cases]
    asked, lost, gained = (sum(found) for found in zip(*map(_numbers, each), strict=True)) if each else (0, 0, 0)
    return Loss(source, asked, lost, gained)


def _not_from(source: str, playbook: str, needs: dict[tuple[str, str], tuple[str, ...]]) -> Callable[[Evidence], bool]:
    return lambda evidence: source not in needs[playbook, evidence.question]


def _numbers(one: Loss) -> tuple[int, int, int]:
    return one.asked, one.attacks_lost, one.look_alikes_contained


def _loss(name: str, cases: Iterable[Weighed], keep: Callable[[Evidence], bool]) -> Loss:
    asked = lost = gained = 0
    for one in cases:
        if all(keep(evidence) or evidence.answer is Answer.UNKNOWN for evidence in one.evidence):
            continue
        asked += 1
        before = one.verdict().outcome is Outcome.CONTAIN
        after = one.verdict(keep).outcome is Outcome.CONTAIN
        lost += one.attack and before and not after
        gained += not one.attack and after and not before
    return Loss(name, asked, lost, gained)


def _unknown(one: Evidence) -> Evidence:
    return replace(one, answer=Answer.UNKNOWN, likelihood_ratio=1.0)


def _but(question: str) -> Callable[[Evidence], bool]:
    return lambda evidence: evidence.question != question


def _dearest(losses: Iterable[Loss]) -> tuple[Loss, ...]:
    return tuple(sorted(losses, key=lambda one: (-one.attacks_lost - one.look_alikes_contained, one.without)))
