"""Session policies: the one containment that a session is for, as a policy of exactly its calls."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from stanch.actions._isolation import ISOLATION_TAG
from stanch.actions._place import partition
from stanch.actions._role import beside, like
from stanch.aws.validate import permissions
from stanch.model.change import Call, Change, Target, TargetKind

LIMIT = 2048
"""Characters that AWS takes as an inline session policy; what it makes of them must fit into a packed limit besides."""
_NEW = frozenset({"ec2:CreateSecurityGroup"})
"""Operations whose resource has no ARN before they are done."""
_ON_OURS = {"ec2:RevokeSecurityGroupEgress": ISOLATION_TAG}
"""Operations that are for what stanch made alone, by the tag that says so: granted before it has a name."""
_BOUND = frozenset({"iam:AttachUserPolicy", "iam:DetachUserPolicy", "iam:AttachRolePolicy", "iam:DetachRolePolicy"})


@dataclass(frozen=True, order=True)
class Grant:
    """One permission on the resources of one call."""

    permission: str
    resources: tuple[str, ...]
    policy: str = ""
    """The only managed policy that may be attached or detached with it; empty for all else."""
    tag: str = ""
    """The tag that a resource must carry, which stanch alone sets; empty where the resources say enough."""


@dataclass(frozen=True)
class Session:
    """What one session may do. It only narrows: AWS grants what the role's own policy and this one both allow."""

    grants: frozenset[Grant]

    @property
    def document(self) -> str:
        """The policy, without a blank."""
        together: dict[tuple[tuple[str, ...], str, str], list[str]] = {}
        for one in sorted(self.grants):
            together.setdefault((one.resources, one.policy, one.tag), []).append(one.permission)
        statements = [_statement(actions, *where) for where, actions in together.items()]
        return json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))

    @property
    def fits(self) -> bool:
        """Whether AWS would take it by its length."""
        return len(self.document) <= LIMIT


def sessions(change: Change) -> tuple[Session, ...]:
    """The sessions of a change: one, or as few of its call groups as fit. None is widened so that it fits.

    Split into forward and inverse, then by service, then by call; a session that still does not fit is among them.
    A call on what is not made yet is in it where stanch's own tag says on what; else it gets a session of its own once
    its resource is known.
    """
    forward, inverse = (
        tuple(call for call in calls if _is_known(call) or call.name in _NEW or call.name in _ON_OURS)
        for calls in (change.forward, change.inverse)
    )
    return _split(change.target, (*forward, *inverse), (forward, inverse))


def oversized(change: Change) -> str:
    """Why no session can make one of the calls, in a sentence; empty where all fit."""
    for call in (*change.forward, *change.inverse):
        size = len(session_of(change.target, (call,)).document)
        if size > LIMIT:
            return f"a session policy of {call.name} alone takes {size} characters, AWS takes {LIMIT}"
    return ""


def session_for(change: Change, call: Call) -> Session:
    """The session that makes this call: a planned one that covers it, or else one of this call alone."""
    alone = session_of(change.target, (call,))
    return next((one for one in sessions(change) if alone.grants <= one.grants and one.fits), alone)


def session_of(target: Target, calls: Iterable[Call]) -> Session:
    """A session of exactly these calls."""
    return Session(frozenset(grant for call in calls for grant in _grants(target, call)))


def _split(target: Target, calls: tuple[Call, ...], apart: tuple[tuple[Call, ...], ...]) -> tuple[Session, ...]:
    whole = session_of(target, calls)
    if whole.fits:
        return (whole,) if calls else ()
    return tuple(one for group in apart for one in _by_service(target, group))


def _by_service(target: Target, calls: tuple[Call, ...]) -> tuple[Session, ...]:
    whole = session_of(target, calls)
    if whole.fits:
        return (whole,) if calls else ()
    services = dict.fromkeys(call.service for call in calls)
    apart = [tuple(call for call in calls if call.service == one) for one in services]
    return tuple(one for group in apart for one in _by_call(target, group))


def _by_call(target: Target, calls: tuple[Call, ...]) -> tuple[Session, ...]:
    whole = session_of(target, calls)
    return (whole,) if whole.fits else tuple(session_of(target, (call,)) for call in calls)


def _is_known(call: Call) -> bool:
    return call.resource.startswith("arn:") and "<" not in call.resource and call.name not in _NEW


def _grants(target: Target, call: Call) -> Iterable[Grant]:
    first, *further = permissions(call)
    own = call.resource if _is_known(call) and first not in _ON_OURS else like(call)
    here = tuple(_narrowed(one, target) for one in sorted({own, *beside(first)}))
    yield Grant(first, here, str(call.params["PolicyArn"]) if call.name in _BOUND else "", _ON_OURS.get(first, ""))
    for name in further:  # what tags while creating: the role's own policy binds it to the creating
        yield Grant(name, tuple(_narrowed(one, target) for one in _tagged(name, call)))


def _tagged(permission: str, call: Call) -> tuple[str, ...]:
    return (call.resource,) if permission == "iam:TagPolicy" else beside(permission, instead=True)


def _narrowed(arn: str, target: Target) -> str:
    """The ARN in the target's partition, account and region, and of the target where it means any instance."""
    here = f"{target.region}:{target.account}:"
    placed = arn.replace("PARTITION", partition(target)).replace(":*:*:", f":{here}")
    mine = f"instance/{target.name}" if target.kind is TargetKind.INSTANCE else "instance/*"
    return placed.replace("ec2:*::", f"ec2:{target.region}::").replace("instance/*", mine)


def _statement(actions: list[str], resources: tuple[str, ...], policy: str, tag: str) -> dict[str, object]:
    one: dict[str, object] = {"Effect": "Allow", "Action": actions, "Resource": list(resources)}
    bound = {"ArnEquals": {"iam:PolicyARN": policy}} if policy else {}
    carried = {"Null": {f"aws:ResourceTag/{tag}": "false"}} if tag else {}
    return {**one, "Condition": {**bound, **carried}} if policy or tag else one
