"""What stanch does to an account, as data: Call, Change, Plan, Refusal, Receipt."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Generic, TypeVar

from stanch.model.data import JSON, JSONObject
from stanch.model.finding import Instance
from stanch.model.ports import Reader


class TargetKind(StrEnum):
    """What an action changes."""

    ACCESS_KEY = "access_key"
    USER = "user"
    ROLE = "role"
    ROLE_SESSION = "role_session"
    INSTANCE_CREDENTIALS = "instance_credentials"
    INSTANCE = "instance"
    ADDRESS = "address"
    BUCKET = "bucket"
    BUCKET_ACCESS = "bucket_access"
    """One principal's access to one bucket."""
    FUNCTION = "function"
    DEED = "deed"
    """One change that the contained principal made: what R1 repairs."""


NAMED_TWICE = frozenset(
    {TargetKind.ROLE_SESSION, TargetKind.INSTANCE_CREDENTIALS, TargetKind.BUCKET_ACCESS, TargetKind.DEED}
)
"""Kinds of which several share a name: what they lie within tells them apart."""


@dataclass(frozen=True)
class Deed:
    """A change that a contained principal made with success, as CloudTrail asserts it (class A, parameters class B)."""

    event: str
    """CloudTrail's event id."""
    at: datetime
    call: str
    """`service:Operation`, the service as in `eventSource` without its domain."""
    params: JSONObject
    """`requestParameters`."""
    answer: JSONObject
    """`responseElements`, secrets left out."""


@dataclass(frozen=True)
class Target:
    """A single AWS-asserted identity, resource or layer-4 peer; never taken from free text."""

    kind: TargetKind
    account: str
    region: str
    name: str
    """Key id, user, role, instance id, address, bucket, function, or what a deed changed."""
    arn: str
    """ARN of the user (also for its key), role, instance, bucket, function or what a deed changed; for an address the
    address itself."""
    within: str = ""
    """Access key: user name. Role session: `AROA…:session`. Instance credentials: ARN of the instance. Address: ARN of
    the instance it reached. Bucket access: ARN of the user or role that has it. Deed: its event's id."""
    instance: Instance | None = None
    """For an instance: what the finding says of it, used where AWS cannot be asked (replay)."""
    deed: Deed | None = None
    """For a deed: what was done."""


@dataclass(frozen=True)
class Call:
    """One AWS API call, exactly as botocore will send it."""

    service: str
    """botocore's service name, `iam`."""
    operation: str
    """The API's operation name, `AttachUserPolicy`."""
    params: JSONObject
    resource: str
    """ARN (or id) of the one resource that it changes."""
    waits_for: str = ""
    """What is not known before the calls ahead of it ran; such a call is planned again, never sent."""

    @property
    def name(self) -> str:
        """`service:Operation`, as IAM writes actions."""
        return f"{self.service}:{self.operation}"


class RevertsBy(StrEnum):
    """Who takes a containment back when stanch is dead."""

    NATIVE = "native"
    """An IAM condition on `aws:CurrentTime` ends it."""
    SCHEDULER = "scheduler"
    """A one-time EventBridge Scheduler schedule in the member account, through Step Functions that read first; where
    the operator has deployed neither, stanch's own timer alone."""
    STANCH = "stanch"
    """Only stanch's own durable timer."""
    NOBODY = "nobody"
    """Repair: it stays, and no clock runs. Whoever wants it back does that by his own rights."""


class Lasting(StrEnum):
    """What becomes of a containment that nobody answers, in the `hardened` profile."""

    REVERT = "revert"
    """It reverts after four hours, unless the contained principal is still trying: then it holds and pages."""
    DECAY = "decay"
    """It ends when the sessions that it denies have died."""
    HOLD = "hold"
    """It stays until a person decides: a stolen long-term key never comes back in silence."""


@dataclass(frozen=True)
class Terms:
    """What was fixed when a containment was intended; a re-plan under the same terms gives the same calls."""

    case: str
    round: int
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class Undo:
    """What is left to undo of our own delta."""

    calls: tuple[Call, ...] = ()
    conflicts: tuple[str, ...] = ()
    """What someone else changed meanwhile, in sentences: left alone, paged."""


S = TypeVar("S")


@dataclass(frozen=True)
class Machine:
    """A Step Functions state machine that takes one action back: it reads, compares, and undoes only our own delta."""

    definition: JSONObject
    """In the Amazon States Language, with JSONata; `arn:PARTITION:` stands for the partition."""
    needs: tuple[str, ...]
    """Which fields of the state before it must be told."""


@dataclass(frozen=True)
class Action(Generic[S]):
    """One member of the catalogue. `forward` and `inverse` are pure and say what is *left* to do, given the state.

    The same `forward` plans, resumes after a crash, and verifies: a containment is in place when it returns nothing.
    """

    id: str
    title: str
    target: TargetKind
    state: type[S]
    """Frozen dataclass of the state it reads."""
    snapshot: Callable[[Reader, Target], S]
    """Read the live state; raises FailedResponse."""
    presume: Callable[[Target], S]
    """The state as far as the target itself tells, for replay without AWS."""
    objections: Callable[[Target, S], tuple[str, ...]]
    """Why it must not or cannot be done here, in sentences; empty when nothing speaks against it."""
    forward: Callable[[Target, S, Terms], tuple[Call, ...]]
    """Calls still needed to contain."""
    inverse: Callable[[Target, S, S | None, Terms], Undo]
    """(target, before, now or None for 'as we left it', terms) -> what to undo; compare-and-set."""
    keep: Callable[[Target, S, Terms], tuple[Call, ...]]
    """Calls still needed so that it stays after a person confirmed; empty where nothing expires by itself."""
    blast_radius: Callable[[Target, S], str]
    """The single thing touched, in words."""
    reverts_by: RevertsBy
    cut: str
    """`hard` or `soft`, and why."""
    breaks: str
    """What healthy use would break, in a sentence."""
    permissions: tuple[str, ...]
    """IAM permissions for its reads; those of its calls are derived from the calls."""
    no_inverse: str = ""
    """Why nothing is taken back, where that is so."""
    price: str = ""
    """What a revert that nobody answered gives back to an attacker, in words; empty where that is nothing."""
    approval: str = ""
    """Why only a person may start it, in a sentence; empty where the walk may."""
    consent: Callable[[Target, S], str] = lambda target, state: ""  # noqa: ARG005
    """Why only a person may start it on this very target, in a sentence; empty where the walk may."""
    applies: Callable[[Target, S], bool] | None = None
    """Whether the target has what the action changes; where not, and where AWS is not asked (replay), it is passed
    over without a word. None: every target of the kind has it."""
    spared_by: str = ""
    """Id of the better action: where that one is planned on the same target, this one is not needed."""
    abreast: frozenset[str] = frozenset()
    """Operations of which several that follow each other may be under way at once: none needs what another did."""
    prepares: frozenset[str] = frozenset()
    """Operations that cut nothing yet: they need not wait for what must come first."""
    role: str = ""
    """Where it acts with a role of its own: what follows the responder's name and a hyphen (`trust`). Such a role is as
    strong as an administrator, so it is off unless the operator makes it, and shares no session with other calls."""
    lasting: Lasting = Lasting.REVERT
    """What becomes of it in the `hardened` profile when nobody answers."""
    runbook: str = ""
    """AWS's own SSM runbook for the same by hand, empty where there is none."""
    next_rungs: tuple[str, ...] = ()
    """Ids of the actions to take, in order, where this one is in place and the contained principal still succeeds."""
    machine: Machine | None = None
    """What takes it back on AWS's side when stanch is dead, where its inverse must read first."""
    examples: tuple[tuple[Target, S], ...] = ()
    """Representative states, untouched first: the responder's IAM role and the contract tests are derived from them."""


@dataclass(frozen=True)
class Change:
    """One action on one target, planned: everything needed to judge, do and undo it."""

    action: str
    title: str
    target: Target
    before: JSON
    """The action's state before, as JSON."""
    forward: tuple[Call, ...]
    inverse: tuple[Call, ...]
    blast_radius: str
    cut: str
    breaks: str
    reverts_by: RevertsBy
    terms: Terms
    presumed: bool = False
    """Planned without asking AWS (replay): the state is what the finding said."""
    no_inverse: str = ""
    price: str = ""
    approval: str = ""
    """Why only a person may start it, in a sentence; empty where the walk may."""

    @property
    def id(self) -> str:
        """Identifies the containment: case, round, action, target; two sessions of one role are two."""
        inner = f"~{sha256(self.target.within.encode()).hexdigest()[:8]}" if self.target.kind in NAMED_TWICE else ""
        return f"{self.terms.case}.{self.terms.round}/{self.action}/{self.target.name}{inner}"


@dataclass(frozen=True)
class Refusal:
    """A guardrail, an objection or a missing fact said no. A value with its reason, never an exception."""

    action: str
    target: str
    call: str
    """`service:Operation`, or empty when the whole action was refused."""
    reason: str
    policy: str = ""
    """The Cedar policy that forbade it, when one did."""
    facts: tuple[str, ...] = ()
    """What that policy looked at, `case.tier = "low"`."""


@dataclass(frozen=True)
class Plan:
    """What will be done, and what will not and why."""

    changes: tuple[Change, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    proposals: tuple[Change, ...] = ()
    """Changes that only a person's approval still stands before."""


@dataclass(frozen=True)
class Receipt:
    """AWS's answer to one call."""

    call: Call
    request_id: str
    ok: bool
    error: str = ""
    """`Code: message` when it failed."""


@dataclass(frozen=True)
class Permit:
    """A guardrail's decision on one call."""

    call: str
    allowed: bool
    policies: tuple[str, ...] = ()
    """Ids of the policies that decided."""
    errors: tuple[str, ...] = field(default=())
    """Evaluation errors; any of them makes `allowed` false."""
    facts: tuple[str, ...] = ()
    """What the deciding policies looked at, `case.tier = "low"`."""
