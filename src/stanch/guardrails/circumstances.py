"""What is known of a case when a call is judged."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from stanch.model.case import Mode, Tier
from stanch.model.context import Ring
from stanch.model.data import JSON
from stanch.model.finding import IdentityKind


@dataclass(frozen=True)
class Budget:
    """Actors and workloads that may be disrupted within an hour."""

    organisation: int
    account: int
    playbook: int
    reserve: int
    """So many more for at-once credential cuts on privileged principals."""


@dataclass(frozen=True)
class Disruption:
    """An actor cut or a workload disrupted within the last hour, however many calls that took."""

    account: str
    arn: str
    playbook: str


@dataclass(frozen=True)
class Fence:
    """What the operator's settings and facts say of the case's account at this moment."""

    budget: Budget
    disrupted: tuple[Disruption, ...]
    """By all cases, this one too."""
    privileged: tuple[str, ...]
    """ARNs of principals that are as strong as an administrator."""
    environment: Ring
    ou: str
    in_protected_ou: Literal["yes", "no", "unknown"]
    floor: float
    """Least probability of malice, 0..1."""
    freeze: str
    """Why nothing is changed now, empty where nothing is frozen."""
    freezes_all: bool
    """At-once credential cuts are frozen as well."""
    rings: Mapping[str, tuple[str, ...]]
    """Action -> environments and units in which it may act; one that is not named may act nowhere."""


@dataclass(frozen=True)
class Circumstances:
    """What the guardrails weigh besides the call and its change.

    No field that decides has a default: a fact that nobody looked up must not be able to permit anything.
    """

    playbook: str
    """Id of the playbook that wants the call."""
    tier: Tier
    mode: Mode
    executing: bool
    """The call is about to be sent, not only planned."""
    purpose: Literal["contain", "revert", "keep"]
    confidence: float
    """Probability of malice, 0..1."""
    account: str
    """Account of the lead finding."""
    identity: IdentityKind | None
    """Whom the lead finding names as the actor; None when it names nobody."""
    sample: bool
    known_type: bool
    """The finding's type is one that stanch knows."""
    outsider: bool
    """A stranger can cause findings of this type."""
    confirmed: bool
    """Found again at its detector, or vouched for by the operator."""
    actors: int
    """How many actors the finding names."""
    at_once: bool
    """The finding's type is contained at once, before the whole investigation."""
    fence: Fence
    protected: tuple[str, ...]
    """Break-glass and protected ARNs (`*` matches any run of characters) and whole accounts (twelve digits, or the
    root's ARN)."""
    own_role: str
    """Name of the role that stanch acts with."""
    stopped: bool
    """A person pulled the kill switch."""
    approved_by: str = ""
    """Who let this very change be made, by name; nobody, unless said, and that only forbids."""
    state: JSON = None
    """The action's state as just read, where something made after planning must be recognised; it only adds to
    what the change itself knew before."""
