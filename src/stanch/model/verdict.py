"""Evidence, and what it adds up to: a Verdict whose ledger is its explanation."""

from dataclasses import dataclass
from enum import StrEnum

from stanch.model.playbook import Trust


class Answer(StrEnum):
    """Absence of data is *unknown*, never *no*."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Conclusion(StrEnum):
    """OCSF's verdict, in words."""

    TRUE_POSITIVE = "true_positive"
    FALSE_POSITIVE = "false_positive"
    BENIGN = "benign"
    INSUFFICIENT = "insufficient"


class Outcome(StrEnum):
    """What becomes of a case."""

    CONTAIN = "contain"
    ESCALATE = "escalate"
    QUEUE = "queue"
    DISMISS = "dismiss"


@dataclass(frozen=True)
class Evidence:
    """One answered question: a line of the ledger before weighing."""

    question: str
    ask: str
    family: str
    trust: Trust
    answer: Answer
    likelihood_ratio: float
    """Authored ratio of this answer; 1 when unknown."""
    mandatory: bool
    says: str
    """The answer as a sentence."""
    n: int = 0
    """How many events bear on it."""
    events: tuple[str, ...] = ()
    """Up to 20 event ids that show it."""
    query: str = ""
    """SHA-256 of the question's SQL, first twelve hex digits."""


@dataclass(frozen=True)
class Weight:
    """One line of the ledger after clipping and discounting."""

    question: str
    family: str
    answer: Answer
    ln: float
    """Natural logarithm that this answer adds to the log-odds; they sum to the total exactly as shown."""
    says: str
    events: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """A judgement and everything needed to recompute it."""

    conclusion: Conclusion
    outcome: Outcome
    p: float
    """Probability of malice, 0..1."""
    prior: float
    """Probability before evidence, 0..1."""
    p_low: float
    """Smallest p with any one evidence family left out."""
    threshold: float
    """What p had to reach to contain."""
    coverage: float
    """Share of mandatory questions that got an answer, 0..1."""
    ledger: tuple[Weight, ...]
    reasons: tuple[str, ...]
    """Why this outcome, in sentences."""
    would_change: tuple[str, ...] = ()
    """Single answers that would flip the outcome."""
