"""What a person deploys so that stanch may act: roles rendered from the actions, and the SCP that guards them."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from stanch.actions import role_policy
from stanch.aws.validate import is_read
from stanch.model.change import Action
from stanch.model.data import JSON, JSONObject
from stanch.model.errors import BadInput
from stanch.probes import PERMISSIONS

VERSION = "2012-10-17"
_FIRST = re.compile("[A-Z][a-z]*")
LARGEST = 6144
"""Characters that IAM takes as a boundary, blanks not counted."""
INLINE = 10_240
"""Characters that IAM takes as all inline policies of a role."""
SEPARATE = ("", "-trust", "-bucket-policy", "-repair")
"""What follows the responder's name in the names of stanch's own roles."""
UNTOUCHABLE = ("role/aws-service-role/*", "role/aws-reserved/*")
"""Roles that belong to AWS and to Identity Center."""
WRITES = tuple(
    f"iam:{verb}*"
    for verb in ("Add", "Attach", "Create", "Delete", "Detach", "Put", "Remove", "Set", "Tag", "Untag", "Update")
)
"""IAM's verbs that change a user, role or policy: those are denied, so that reading one still works."""
WIDE = (
    "account:*",
    "organizations:*",
    *(
        f"ec2:{verb}*{noun}*"
        for noun in ("DhcpOptions", "Gateway", "NetworkAcl", "Peering", "Route", "Subnet", "Vpc")
        for verb in ("Associate", "Create", "Disassociate", "Modify")
    ),
    "ec2:Start*Vpc*",
)
"""What reaches further than one resource. It may be read: where an instance's traffic leaves is a question."""
SHORT = ("autoscaling:Describe*", "ec2:Describe*", "elasticloadbalancing:Describe*", "iam:List*")
"""Reads of settings, not of data, that a boundary bounds by their verbs: it must be short."""
VERBS = tuple(
    f"ec2:{verb}*"
    for verb in (
        *("Accept", "Assign", "Attach", "Delete", "Deregister", "Detach", "Disable", "Enable", "Export"),
        *("Move", "Register", "Reject", "Release", "Replace", "Terminate", "Unassign"),
    )
)
"""Whole verbs of EC2 that no action of the catalogue has; one that an enabled action needs is left out."""


def own_roles(role: str, partition: str) -> tuple[str, ...]:
    """ARNs of the roles that stanch acts with, in any account."""
    return tuple(f"arn:{partition}:iam::*:role/{role}{suffix}" for suffix in SEPARATE)


def member_role(
    actions: Iterable[Action[Any]], *, role: str, worker: str, organisation: str, partition: str
) -> JSONObject:
    """Trust policy and identity policy of the responder role in a member account.

    worker: ARN of the role that stanch runs as; organisation: `o-…`.
    """
    trust: JSONObject = {
        "Version": VERSION,
        "Statement": [
            {
                "Sid": "OnlyTheWorker",
                "Effect": "Allow",
                "Principal": {"AWS": worker},
                "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"],
                "Condition": {
                    "StringEquals": {"aws:PrincipalOrgID": organisation},
                    "StringLike": {"sts:SourceIdentity": "stanch-*"},
                },
            }
        ],
    }
    policy = role_policy(actions, reads=PERMISSIONS, partition=partition)
    return {"RoleName": role, "Trust": trust, "Policy": fitting("the role's policy", policy, INLINE)}


def separate_roles(
    actions: Iterable[Action[Any]],
    *,
    role: str,
    names: Iterable[str],
    trust: JSON,
    protected: Sequence[str],
    partition: str,
) -> JSONObject:
    """The further roles by their full names; one for which no enabled action acts is left out."""
    chosen = tuple(actions)
    return {
        f"{role}-{name}": {
            "Trust": trust,
            "Policy": role_policy(chosen, partition=partition, role=name),
            "Boundary": boundary(chosen, role=role, protected=protected, partition=partition, name=name),
        }
        for name in names
        if any(action.role == name for action in chosen)
    }


def boundary(
    actions: Iterable[Action[Any]],
    *,
    role: str,
    protected: Sequence[str],
    partition: str,
    name: str = "",
    besides: Sequence[JSONObject] = (),
) -> JSONObject:
    """Permissions boundary of a role of stanch's: at most what its actions need, never on what is not to be touched.

    protected: ARNs of the operator's file. name: what follows the responder's name in the role's, empty for itself.
    besides: further statements.
    Raises BadInput when IAM would not take so much text.
    """
    allowed = list(_statements(tuple(actions), name, partition))
    granted = {one for statement in allowed for one in _texts(statement["Action"])}
    never = [*(f"arn:{partition}:iam::*:{one}" for one in UNTOUCHABLE), *own_roles(role, partition)]
    identities = [one for one in protected if ":iam:" in one]
    others = [one for one in protected if one.startswith("arn:") and ":iam:" not in one]
    changing = [one for one in granted if not is_read(one.partition(":")[2])]
    theirs = {arn.split(":")[2] for arn in others}
    writes: list[JSON] = [*sorted({_verb(one) for one in changing if one.partition(":")[0] in theirs})]
    verbs = [one for one in VERBS if not any(fnmatchcase(mine, one) for mine in granted)]
    statements: list[JSON] = [
        *_merged(map(_shortened, allowed)),
        *besides,
        {"Effect": "Deny", "Action": list(WRITES), "Resource": [*never, *identities]},
        {"Effect": "Deny", "Action": [*WIDE, *verbs], "Resource": "*"},
    ]
    if writes:
        statements.append({"Effect": "Deny", "Action": writes, "Resource": list(others)})
    return fitting("the boundary", {"Version": VERSION, "Statement": statements})


def _shortened(statement: Mapping[str, JSON]) -> Mapping[str, JSON]:
    """The statement with its lists and descriptions by their verbs: the role's own policy names each of them."""
    short = (next((one for one in SHORT if fnmatchcase(name, one)), name) for name in _texts(statement["Action"]))
    return {**statement, "Action": [*dict.fromkeys(short)]}


def _verb(permission: str) -> str:
    """`s3:PutBucketPolicy` -> `s3:Put*`."""
    service, _, name = permission.partition(":")
    return f"{service}:{''.join(_FIRST.findall(name)[:1])}*"


def fitting(what: str, document: JSONObject, most: int = LARGEST) -> JSONObject:
    """The document, if IAM takes it; raises BadInput when it is longer."""
    size = len(json.dumps(document, separators=(",", ":")))
    if size > most:
        raise BadInput(
            f"{what} has {size} characters and IAM takes {most}: name fewer protected ARNs, or patterns of them"
        )
    return document


def _statements(actions: Sequence[Action[Any]], role: str, partition: str) -> Iterator[dict[str, JSON]]:
    found = role_policy(actions, reads=PERMISSIONS, partition=partition, role=role)["Statement"]
    for one in found if isinstance(found, list) else ():
        yield dict(one)


def _merged(statements: Iterable[Mapping[str, JSON]]) -> Iterator[JSONObject]:
    """The same permissions in fewer words: one statement for all actions of the same resources and condition."""
    together: dict[str, dict[str, JSON]] = {}
    for one in statements:
        where = {key: value for key, value in one.items() if key not in ("Sid", "Action")}
        kept = together.setdefault(json.dumps(where, sort_keys=True), {**where, "Action": []})
        kept["Action"] = sorted({*_texts(kept["Action"]), *_texts(one["Action"])})
    yield from together.values()


def _texts(value: JSON) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [value]
    return tuple(one for one in listed if isinstance(one, str))


def org_policy(*, role: str, break_glass: Sequence[str], partition: str) -> JSONObject:
    """The SCP that lets only stanch's roles and break-glass change what stanch makes; a person attaches it."""
    own = own_roles(role, partition)
    exempt: list[JSON] = [*own, *break_glass]
    standby = (f"arn:{partition}:iam::*:role/stanch-{one}-*" for one in ("revert", "schedule"))
    resources: list[JSON] = [f"arn:{partition}:iam::*:policy/stanch/*", *own, *standby]
    return {
        "Version": VERSION,
        "Statement": [
            {
                "Sid": "OnlyStanchChangesItsPoliciesAndRoles",
                "Effect": "Deny",
                "Action": [
                    "iam:AttachRolePolicy",
                    "iam:CreatePolicyVersion",
                    "iam:DeletePolicy",
                    "iam:DeletePolicyVersion",
                    "iam:DeleteRole",
                    "iam:DeleteRolePermissionsBoundary",
                    "iam:DeleteRolePolicy",
                    "iam:DetachRolePolicy",
                    "iam:PutRolePermissionsBoundary",
                    "iam:PutRolePolicy",
                    "iam:SetDefaultPolicyVersion",
                    "iam:UpdateAssumeRolePolicy",
                ],
                "Resource": resources,
                "Condition": {"ArnNotLike": {"aws:PrincipalArn": exempt}},
            },
            {
                "Sid": "OnlyStanchChangesItsSchedules",
                "Effect": "Deny",
                "Action": ["scheduler:*Schedule", "states:UpdateStateMachine", "states:DeleteStateMachine"],
                "Resource": [
                    f"arn:{partition}:scheduler:*:*:schedule/stanch/*",
                    f"arn:{partition}:states:*:*:stateMachine:stanch-revert-*",
                ],
                "Condition": {"ArnNotLike": {"aws:PrincipalArn": exempt}},
            },
            {
                "Sid": "OnlyStanchDetachesItsPolicies",
                "Effect": "Deny",
                "Action": ["iam:DetachRolePolicy", "iam:DetachUserPolicy"],
                "Resource": "*",
                "Condition": {
                    "ArnLike": {"iam:PolicyARN": f"arn:{partition}:iam::*:policy/stanch/*"},
                    "ArnNotLike": {"aws:PrincipalArn": exempt},
                },
            },
            {
                "Sid": "OnlyStanchChangesItsIsolationGroups",
                "Effect": "Deny",
                "Action": ["ec2:AuthorizeSecurityGroup*", "ec2:RevokeSecurityGroup*", "ec2:DeleteSecurityGroup"],
                "Resource": f"arn:{partition}:ec2:*:*:security-group/*",
                "Condition": {
                    "Null": {"aws:ResourceTag/stanch:isolation": "false"},
                    "ArnNotLike": {"aws:PrincipalArn": exempt},
                },
            },
        ],
    }


def kill_switch() -> JSONObject:
    """The one deny that stops stanch from outside: put inline on the role that the worker runs as."""
    return {
        "Version": VERSION,
        "Statement": [
            {"Sid": "StanchAssumesNothing", "Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*"},
        ],
    }


GOES_ON = (
    "denies with an end of their own (I2, I3, I4, I6, I7, I5, S2) still end when they were to end: IAM does that",
    "what AWS itself was asked to take back at a time (schedules in the member account) is still taken back",
    "sessions that were assumed already last up to one hour, each for the calls of its one containment",
)
"""What happens after the deny, whatever stanch does."""
STOPS = (
    "every new containment, and every read, in accounts where a role is assumed",
    "stanch's own reverts of what does not end by itself, until the deny is taken away",
)
NOT_STOPPED = (
    "calls in the worker's own account, made without assuming a role: there `stanch guard stop` stops containments",
)
