"""A person's word on what a case was: one label stands, all that was said stays in the journal."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from stanch.model.verdict import Conclusion

MACHINES = frozenset({"", "timer", "stanch"})
"""Deciders that are no person: what they decide is no label. An unanswered expiry says nothing about the case."""


class Code(StrEnum):
    """Why a person took a containment back."""

    FALSE_POSITIVE = "false_positive"
    """What the detector saw did not happen."""
    BENIGN = "benign"
    """It happened and was allowed."""
    DUPLICATE = "duplicate"
    TOO_DISRUPTIVE = "too_disruptive"
    OTHER = "other"

    @property
    def conclusion(self) -> Conclusion | None:
        """What it says about the case; None where it says nothing."""
        return {Code.FALSE_POSITIVE: Conclusion.FALSE_POSITIVE, Code.BENIGN: Conclusion.BENIGN}.get(self)


class How(StrEnum):
    """By which act it was said."""

    JUDGE = "judge"
    """A judgement on the case as such: it counts more than what an act on a containment implies."""
    CONFIRM = "confirm"
    REVERT = "revert"


@dataclass(frozen=True)
class Label:
    """One statement of a person about a case."""

    conclusion: Conclusion
    by: str
    reason: str
    how: How
    at: datetime
    seq: int
    """Its row in the journal."""

    @property
    def wrong(self) -> bool:
        """A containment of the case was, or would have been, wrong."""
        return self.conclusion in (Conclusion.FALSE_POSITIVE, Conclusion.BENIGN)

    @property
    def judged(self) -> bool:
        """It says whether containing was right; `insufficient` does not."""
        return self.conclusion is not Conclusion.INSUFFICIENT


def standing(said: Iterable[Label]) -> Label | None:
    """The label that counts: the latest, but a judgement gives way only to another, or to the same person's word."""
    stands: Label | None = None
    for one in said:
        weaker = stands is not None and stands.how is How.JUDGE and one.how is not How.JUDGE and stands.by != one.by
        stands = stands if weaker else one
    return stands
