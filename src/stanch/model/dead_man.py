"""The AWS-side dead-man's switch of a change: the one-time schedule that takes it back when stanch is gone.

Everything here follows from the change alone, so that whoever makes the schedule and whoever judges it agree.
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address

from stanch.model.change import Call, Change, Target, TargetKind
from stanch.model.data import JSON, JSONObject

GROUP = "stanch"
"""Name of the schedule group in each member account and region."""
LATER = timedelta(minutes=15)
"""How long after stanch's own timer the switch fires."""
DETACHES = ("DetachUserPolicy", "DetachRolePolicy")
"""The calls that a schedule may make by itself: they take away only what nobody but stanch made."""
OWN_ROLE = re.compile(r"stanch-(?:revert|schedule)-[A-Z][A-Z0-9]*")
"""Names of the roles that state machines and schedules act with."""
_LONGEST, _HASH = 64, 16
_ONCE = re.compile(r"at\((?P<time>[0-9T:-]+)\)")
_ODD = re.compile(r"[^0-9A-Za-z_.-]")


@dataclass(frozen=True)
class Switch:
    """One schedule."""

    name: str
    arn: str
    at: datetime
    """When it fires, UTC, whole seconds, never before the change ends and `LATER`."""
    target: str
    """ARN of the state machine, or of the one call that it makes itself."""
    role: str
    """ARN of the role that it acts with."""
    input: JSONObject

    @property
    def params(self) -> JSONObject:
        """What CreateSchedule and UpdateSchedule take, and what GetSchedule says of it as long as nobody changed it."""
        return {
            "GroupName": GROUP,
            "Name": self.name,
            "ScheduleExpression": f"at({self.at:%Y-%m-%dT%H:%M:%S})",
            "ScheduleExpressionTimezone": "UTC",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "ActionAfterCompletion": "DELETE",
            "State": "ENABLED",
            "Target": {
                "Arn": self.target,
                "RoleArn": self.role,
                "Input": json.dumps(_plain(self.input), sort_keys=True),
            },
        }


def switch(change: Change, needs: tuple[str, ...] | None) -> Switch | None:
    """The change's switch; None where nothing is to be taken back, or nothing on AWS's side may do it.

    needs: which parts of the state before the action's state machine must know; None where it has no state machine.
    """
    detach = detaches(change)
    if not change.inverse or (detach is None and needs is None):
        return None
    name = schedule_name(change)
    here = f"arn:{_partition(change)}"
    region, account = region_of(change.target), change.target.account
    by_itself = f"{here}:scheduler:::aws-sdk:iam:{detach.operation[:1].lower()}{detach.operation[1:]}" if detach else ""
    return Switch(
        name=name,
        arn=schedule_arn(change),
        at=fires_at(change.terms.expires_at),
        target=by_itself or machine_arn(_partition(change), region, account, change.action),
        role=schedule_role(_partition(change), account, change.action),
        input=dict(detach.params) if detach else told(change, needs or ()),
    )


def machine_arn(partition: str, region: str, account: str, action: str) -> str:
    """The state machine that takes an action back."""
    return f"arn:{partition}:states:{region}:{account}:stateMachine:stanch-revert-{action}"


def revert_role(partition: str, account: str, action: str) -> str:
    """The role that this state machine acts with."""
    return f"arn:{partition}:iam::{account}:role/stanch-revert-{action}"


def schedule_role(partition: str, account: str, action: str) -> str:
    """The role that an action's schedules act with."""
    return f"arn:{partition}:iam::{account}:role/stanch-schedule-{action}"


def detaches(change: Change) -> Call | None:
    """The call that takes our own policy off its principal, where the change's inverse begins with that."""
    first = change.inverse[0] if change.inverse else None
    return first if first is not None and first.service == "iam" and first.operation in DETACHES else None


def told(change: Change, needs: tuple[str, ...]) -> JSONObject:
    """What the state machine is told: whose containment it is, its target, and what it needs of the state before."""
    before = change.before if isinstance(change.before, dict) else {}
    target = change.target
    return {
        "containment": change.id,
        "case": change.terms.case,
        "action": change.action,
        "account": target.account,
        "region": target.region,
        "name": target.name,
        "within": target.within,
        "arn": target.arn,
        "spellings": list(spellings(target)),
        "before": {name: before.get(name) for name in needs},
    }


def spellings(target: Target) -> tuple[str, ...]:
    """How AWS may write the address of a target as a range; empty for any other target."""
    if target.kind is not TargetKind.ADDRESS:
        return ()
    try:
        address = ip_address(target.name)
    except ValueError:
        return ()
    width = address.max_prefixlen
    return tuple(dict.fromkeys((f"{address}/{width}", f"{address.exploded}/{width}")))


def schedule_name(change: Change) -> str:
    """Its name: unique for the containment, of the characters and the length that AWS takes."""
    tail = f"-{sha256(change.id.encode()).hexdigest()[:_HASH]}"
    head = _ODD.sub("_", f"stanch-{change.terms.case}.{change.terms.round}-{change.action}")
    return f"{head[: _LONGEST - len(tail)]}{tail}"


def schedule_arn(change: Change) -> str:
    """Its ARN, in the member account and region of the target."""
    target = change.target
    where = f"{region_of(target)}:{target.account}"
    return f"arn:{_partition(change)}:scheduler:{where}:schedule/{GROUP}/{schedule_name(change)}"


def region_of(target: Target) -> str:
    """Where its schedule lies: beside it, and for what is global where IAM's own calls go."""
    return target.region or "us-east-1"


def fires_at(expires_at: datetime) -> datetime:
    """When the switch of a containment fires, rounded up to a second: Scheduler knows no smaller part."""
    at = expires_at + LATER
    return at.replace(microsecond=0) + timedelta(seconds=1 if at.microsecond else 0)


def same(text: str, wanted: JSON) -> bool:
    """Whether a schedule's input says exactly that."""
    try:
        found: JSON = json.loads(text)
    except ValueError:
        return False
    return json.dumps(found, sort_keys=True) == json.dumps(_plain(wanted), sort_keys=True)


def at_of(expression: str) -> datetime | None:
    """When a one-time schedule in UTC fires; None for any other."""
    match = _ONCE.fullmatch(expression)
    try:
        return datetime.fromisoformat(match["time"]).replace(tzinfo=UTC) if match else None
    except ValueError:
        return None


def _plain(value: JSON) -> JSON:
    return json.loads(json.dumps(value, default=list))  # type: ignore[no-any-return]  # JSON by construction


def _partition(change: Change) -> str:
    known = (one for one in (change.target.arn, change.target.within) if one.startswith("arn:"))
    return next(known, "arn:aws").split(":")[1]
