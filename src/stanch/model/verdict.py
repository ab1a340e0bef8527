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
    yes: float = 1.0
    """Authored ratio of *yes*, whatever the answer was."""
    no: float = 1.0
    """Authored ratio of *no*."""
    vetoes: bool = False
    """*Yes* forbids to contain, however likely an attack is."""
    silenced: bool = False
    """It has no answer because someone switched its source off meanwhile: that is evasion, not a gap."""
    explains: bool = False
    """Its excuse would explain what the finding reports."""
    covers: bool = False
    """*Yes* declares what looks like an attack itself: beside it no answer accuses."""


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
    explains: bool = False
    """It explains what the finding reports."""


@dataclass(frozen=True)
class Other:
    """One question answered otherwise than it was."""

    question: str
    ask: str
    was: Answer
    answer: Answer


@dataclass(frozen=True)
class Flip:
    """A smallest set of other answers with which the decision would be the opposite."""

    answers: tuple[Other, ...]
    """One to three."""
    p: float
    """Probability of malice with them, 0..1."""
    contain: bool
    """Whether it would be contained with them."""


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
    """Share of mandatory questions that got an answer, 0..1; those of a source that someone switched off left out."""
    ledger: tuple[Weight, ...]
    reasons: tuple[str, ...]
    """Why this outcome, in sentences."""
    would_change: tuple[str, ...] = ()
    """`flips` in sentences, then what nobody could answer."""
    flips: tuple[Flip, ...] = ()
    """What would change the decision, the greatest change first."""
