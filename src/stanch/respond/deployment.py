"""What a person deploys so that stanch may act: roles rendered from the actions, and the SCP that guards them."""

from collections.abc import Iterable, Sequence
from typing import Any

from stanch.actions import role_policy
from stanch.model.change import Action
from stanch.model.data import JSON, JSONObject
from stanch.probes import PERMISSIONS

VERSION = "2012-10-17"
UNTOUCHABLE = (
    "arn:PARTITION:iam::*:role/aws-service-role/*",
    "arn:PARTITION:iam::*:role/aws-reserved/*",
)
"""Roles that belong to AWS and to Identity Center."""
OURS = ("arn:PARTITION:iam::*:policy/stanch/*", "arn:PARTITION:iam::*:role/ROLE")
"""What only stanch and break-glass may change."""


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
    return {"RoleName": role, "Trust": trust, "Policy": role_policy(actions, reads=PERMISSIONS, partition=partition)}


def boundary(actions: Iterable[Action[Any]], *, role: str, protected: Sequence[str], partition: str) -> JSONObject:
    """Permissions boundary: at most what the actions need, and never on what is not to be touched."""
    policy = role_policy(actions, reads=PERMISSIONS, partition=partition)
    statements = policy["Statement"]
    allowed = list(statements) if isinstance(statements, list) else []
    named = [one.replace("PARTITION", partition) for one in UNTOUCHABLE]
    denied: list[JSON] = [*named, f"arn:{partition}:iam::*:role/{role}", *protected]
    return {
        "Version": VERSION,
        "Statement": [
            *allowed,
            {"Sid": "NeverTheseIdentities", "Effect": "Deny", "Action": "iam:*", "Resource": denied},
            {
                "Sid": "NeverWide",
                "Effect": "Deny",
                "Action": ["organizations:*", "account:*", "ec2:*NetworkAcl*", "ec2:*Vpc*", "ec2:*Route*"],
                "Resource": "*",
            },
        ],
    }


def org_policy(*, role: str, break_glass: Sequence[str], partition: str) -> JSONObject:
    """The SCP that lets only stanch's role and break-glass change what stanch makes; a person attaches it."""
    exempt: list[JSON] = [f"arn:{partition}:iam::*:role/{role}", *break_glass]
    resources: list[JSON] = [one.replace("PARTITION", partition).replace("ROLE", role) for one in OURS]
    return {
        "Version": VERSION,
        "Statement": [
            {
                "Sid": "OnlyStanchChangesItsPoliciesAndRole",
                "Effect": "Deny",
                "Action": [
                    "iam:AttachRolePolicy",
                    "iam:CreatePolicyVersion",
                    "iam:DeletePolicy",
                    "iam:DeletePolicyVersion",
                    "iam:DeleteRole",
                    "iam:DeleteRolePolicy",
                    "iam:DetachRolePolicy",
                    "iam:PutRolePolicy",
                    "iam:SetDefaultPolicyVersion",
                    "iam:UpdateAssumeRolePolicy",
                ],
                "Resource": resources,
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
