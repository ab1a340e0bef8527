"""How we decide: a Playbook and its Questions."""

from dataclasses import dataclass
from enum import StrEnum


class Trust(StrEnum):
    """Who controls the fields that a question reads; decides how far its answer may excuse."""

    A = "A"
    """Asserted by AWS, not choosable."""
    B = "B"
    """Asserted by AWS, but choosable by the actor."""
    C = "C"
    """Written by the actor."""
    D = "D"
    """Owned by the operator."""


@dataclass(frozen=True)
class Question:
    """A predicate over the case's tables with a likelihood ratio for each answer."""

    id: str
    ask: str
    family: str
    """Evidence family: answers that would be wrong together share one."""
    trust: Trust
    yes: float
    """Likelihood ratio of *yes*, malice against benign."""
    no: float
    """Likelihood ratio of *no*."""
    sql: str
    """One row: `answer` (yes, no, unknown), `n`, `events` (ids)."""
    needs: tuple[str, ...] = ()
    """Sources it needs (`cloudtrail`, `baseline`); a missing one makes the answer unknown."""
    mandatory: bool = False
    when_yes: str = ""
    """The sentence for people when the answer is yes."""
    when_no: str = ""
    vetoes: bool = False
    """*Yes* leaves the case to a person, however likely an attack is; only for what the attacker cannot say."""
    unless: str = ""
    """SQL of the same form; where it says yes, a *yes* that excuses becomes *no*. It may read anything."""
    covers: bool = False
    """What a *yes* declares looks like an attack itself: then no answer accuses. Only beside `vetoes`."""


@dataclass(frozen=True)
class Prior:
    """Beta prior of malice for finding types."""

    pattern: str
    """A finding type, `*` matches any run of characters."""
    malicious: float
    benign: float

    @property
    def mean(self) -> float:
        """Probability of malice before any evidence, 0..1."""
        return self.malicious / (self.malicious + self.benign)


@dataclass(frozen=True)
class Playbook:
    """One folder under `playbooks/`: which findings, which questions, which actions."""

    id: str
    title: str
    version: str
    """First twelve hex digits of the SHA-256 of its files, priors excepted."""
    matches: tuple[str, ...]
    """Finding types, `*` matches any run of characters."""
    priors: tuple[Prior, ...]
    questions: tuple[Question, ...]
    critical: tuple[str, ...]
    """The questions that alone are asked before containing at once."""
    actions: tuple[str, ...]
    """Ids of the actions it may take, in order."""
    observe_days: int = 30
    explains: tuple[str, ...] = ()
    """The questions whose excuse explains what the findings report, by the word of AWS or of the operator."""
