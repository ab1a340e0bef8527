"""What is known of a case when a call is judged."""

from dataclasses import dataclass
from typing import Literal

from stanch.model.case import Mode, Tier
from stanch.model.data import JSON
from stanch.model.finding import IdentityKind


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
    contained_last_hour: int
    contained_account: int
    """Of those, in this account."""
    contained_playbook: int
    """Of those, by this playbook."""
    protected: tuple[str, ...]
    """Break-glass ARNs (`*` matches any run of characters) and whole accounts (twelve digits, or the root's ARN)."""
    own_role: str
    """Name of the role that stanch acts with."""
    stopped: bool
    """A person pulled the kill switch."""
    approved_by: str = ""
    """Who let this very change be made, by name; nobody, unless said, and that only forbids."""
    state: JSON = None
    """The action's state as just read, where something made after planning must be recognised; it only adds to
    what the change itself knew before."""
