"""The responder's IAM role, rendered from the actions that are enabled: what none of them can do is not in it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stanch.actions._denial import PATH
from stanch.actions._examples import TERMS
from stanch.actions._isolation import ISOLATION_TAG
from stanch.aws.validate import permissions
from stanch.model.change import Action, Call, Target, TargetKind
from stanch.model.data import JSON, JSONObject
from stanch.model.errors import BadInput

_ARN = re.compile(r"arn:[^:]+:(?P<service>[^:]+):(?P<region>[^:]*):(?P<account>[^:]*):(?P<type>[^/:]+)(?P<rest>.*)")


@dataclass(frozen=True)
class _Scope:
    """What narrows a permission beyond the kind of resource that the call itself names."""

    besides: tuple[str, ...] = ()
    """Further resources that AWS checks for the operation, without partition."""
    instead: tuple[str, ...] = ()
    """Resources in place of the call's own."""
    condition: Mapping[str, Mapping[str, JSON]] | None = None


_OUR_POLICY = {"ArnLike": {"iam:PolicyARN": f"arn:PARTITION:iam::*:policy{PATH}*"}}
_OUR_GROUP = {"Null": {f"aws:ResourceTag/{ISOLATION_TAG}": "false"}}
# A bucket's ARN names no account. Without this a policy of another account that lets us in would let us write there.
_OUR_ACCOUNT = {"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}}
_BUCKETS = _Scope(instead=("s3:::*",), condition=_OUR_ACCOUNT)
_WHILE_CREATING = {"StringEquals": {"ec2:CreateAction": ["CreateSecurityGroup", "CreateSnapshots"]}}
# https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
_SCOPES = {
    "ec2:AssociateAddress": _Scope(besides=("ec2:*:*:instance/*", "ec2:*:*:network-interface/*")),
    "ec2:CreateSecurityGroup": _Scope(besides=("ec2:*:*:vpc/*",)),
    "ec2:CreateSnapshots": _Scope(besides=("ec2:*:*:volume/*", "ec2:*::snapshot/*")),
    "ec2:CreateTags": _Scope(
        instead=("ec2:*:*:security-group/*", "ec2:*::snapshot/*"),
        condition=_WHILE_CREATING,
    ),
    "ec2:DisassociateAddress": _Scope(besides=("ec2:*:*:instance/*", "ec2:*:*:network-interface/*")),
    "ec2:ModifyInstanceAttribute": _Scope(besides=("ec2:*:*:volume/*",)),
    "ec2:ModifyNetworkInterfaceAttribute": _Scope(besides=("ec2:*:*:instance/*", "ec2:*:*:security-group/*")),
    "ec2:RevokeSecurityGroupEgress": _Scope(condition=_OUR_GROUP),
    "ec2:RevokeSecurityGroupIngress": _Scope(condition=_OUR_GROUP),
    "iam:AttachRolePolicy": _Scope(condition=_OUR_POLICY),
    "iam:AttachUserPolicy": _Scope(condition=_OUR_POLICY),
    "iam:DetachRolePolicy": _Scope(condition=_OUR_POLICY),
    "iam:DetachUserPolicy": _Scope(condition=_OUR_POLICY),
    "s3:DeleteBucketPolicy": _BUCKETS,
    "s3:PutBucketPolicy": _BUCKETS,
    "s3:PutBucketPublicAccessBlock": _BUCKETS,
    "wafv2:UpdateIPSet": _Scope(instead=("wafv2:*:*:regional/ipset/stanch-blocked-*/*",)),
}

_DETACHING = _Scope(condition={"ArnNotLike": _OUR_POLICY["ArnLike"]})
# Repair makes some of the same calls on what is not stanch's own, and what narrows those is another thing.
_REPAIRING = {
    "ec2:ModifyImageAttribute": _Scope(instead=("ec2:*::image/*",)),
    "ec2:ModifySnapshotAttribute": _Scope(
        instead=("ec2:*::snapshot/*",),
        condition={"Null": {"ec2:Add/userId": "true", "ec2:Add/group": "true"}},
    ),
    "ec2:RevokeSecurityGroupIngress": _Scope(),
    "iam:DetachGroupPolicy": _DETACHING,
    "iam:DetachRolePolicy": _DETACHING,
    "iam:DetachUserPolicy": _DETACHING,
}
"""Permission -> what narrows it in a repair: a snapshot is given to nobody, and none of stanch's denies is detached."""


def possible_calls(action: Action[Any]) -> tuple[Call, ...]:
    """Every call the action makes over its examples: to contain, to keep, to undo. Raises BadInput without examples."""
    if not action.examples:
        raise BadInput(f"action {action.id} has no examples: its permissions cannot be derived")
    return tuple(call for target, state in action.examples for call in _calls(action, target, state))


def _calls(action: Action[Any], target: Target, state: object) -> Iterator[Call]:
    untouched = action.examples[0][1]
    yield from action.forward(target, state, TERMS)
    yield from action.keep(target, state, TERMS)
    yield from action.inverse(target, state, None, TERMS).calls
    yield from action.inverse(target, untouched, state, TERMS).calls


def role_policy(
    actions: Iterable[Action[Any]], *, reads: Iterable[str] = (), partition: str = "aws", role: str = ""
) -> JSONObject:
    """The identity policy that lets the responder do these actions and nothing else; the same for any order.

    `reads` are the IAM permissions of whatever else must be read, such as the probes'. The writes of actions with a
    role of their own (`Action.role`) stand only in the policy of that role, which reads nothing: the responder does.
    """
    chosen = tuple(actions)
    wanted = () if role else (*reads, *(permission for action in chosen for permission in action.permissions))
    asked = sorted(set(wanted))
    writes: dict[tuple[str, bool], set[str]] = {}
    for action in (action for action in chosen if action.role == role):
        for call in possible_calls(action):
            for permission in permissions(call):
                repair = action.target is TargetKind.DEED and permission in _REPAIRING
                writes.setdefault((permission, repair), set()).update(_resources(permission, call, repair=repair))
    statements: list[JSON] = [_statement(name, writes[name, repair], repair=repair) for name, repair in sorted(writes)]
    if asked:
        statements.insert(0, {"Sid": "Read", "Effect": "Allow", "Action": asked, "Resource": "*"})
    return {"Version": "2012-10-17", "Statement": [_in_partition(one, partition) for one in statements]}


def _scope(permission: str, *, repair: bool) -> _Scope:
    return (_REPAIRING if repair else _SCOPES).get(permission, _Scope())


def _statement(permission: str, resources: set[str], *, repair: bool = False) -> JSONObject:
    scope = _scope(permission, repair=repair)
    sid = "".join(part[:1].upper() + part[1:] for part in permission.split(":")) + ("Repair" if repair else "")
    statement: dict[str, JSON] = {"Sid": sid, "Effect": "Allow", "Action": permission, "Resource": sorted(resources)}
    return {**statement, "Condition": scope.condition} if scope.condition else statement


def _resources(permission: str, call: Call, *, repair: bool = False) -> set[str]:
    scope = _scope(permission, repair=repair)
    own = () if scope.instead else (like(call),)
    return {*own, *(f"arn:PARTITION:{arn}" for arn in (*scope.besides, *scope.instead))}


def beside(permission: str, *, instead: bool = False) -> tuple[str, ...]:
    """Further resources that AWS checks for a permission; `instead`: those in place of the call's own."""
    scope = _SCOPES.get(permission, _Scope())
    return tuple(f"arn:PARTITION:{arn}" for arn in (scope.instead if instead else scope.besides))


def like(call: Call) -> str:
    """All resources of the kind that a call changes, in any account; under stanch's own path where it has one."""
    match = _ARN.fullmatch(call.resource)
    if match is None:
        raise BadInput(f"{call.name} changes {call.resource!r}, which is no ARN: its permission cannot be narrowed")
    region, separator = "*" if match["region"] else "", match["rest"][:1] or "/"
    path = PATH if match["rest"].startswith(PATH) else separator
    return f"arn:PARTITION:{match['service']}:{region}:*:{match['type']}{path}*"


def _in_partition(value: JSON, partition: str) -> JSON:
    if isinstance(value, str):
        return value.replace("arn:PARTITION:", f"arn:{partition}:")
    if isinstance(value, Mapping):
        return {key: _in_partition(item, partition) for key, item in value.items()}
    return [_in_partition(item, partition) for item in value] if isinstance(value, list) else value
