"""What is known of a user or role that stanch may deny: its attached policies and stanch's own among them."""

import json
from dataclasses import dataclass
from functools import partial
from typing import Literal

from stanch.aws.answer import at, flag, number, rows, text
from stanch.model.abreast import each, together
from stanch.model.change import Target
from stanch.model.data import JSON, JSONObject
from stanch.model.errors import NotFound
from stanch.model.ports import Reader

PATH = "/stanch/"
"""IAM path of every policy that stanch makes; its role may touch no other."""
QUOTA = 10
"""Managed policies that can be attached to a user or role, AWS's default."""
PrincipalKind = Literal["User", "Role"]
"""As IAM's operations spell it."""


@dataclass(frozen=True)
class Version:
    """One version of a managed policy."""

    id: str
    document: str
    """Canonical JSON."""
    default: bool


@dataclass(frozen=True)
class Policy:
    """A managed policy under stanch's path."""

    arn: str
    versions: tuple[Version, ...]
    attached_to: tuple[str, ...]
    """`User/alice`, `Role/web`, `Group/staff`."""

    @property
    def in_force(self) -> str:
        """The document of the default version, empty when there is none."""
        return next((version.document for version in self.versions if version.default), "")


@dataclass(frozen=True)
class Principal:
    """A user or role, and the policies that stanch made for it."""

    exists: bool
    path: str = "/"
    attached: tuple[str, ...] = ()
    """ARNs of the managed policies attached to it."""
    quota: int = QUOTA
    """How many can be attached."""
    policies: tuple[Policy, ...] = ()
    """Policies of stanch's own path and naming for this principal, whatever case they were made in."""
    id: str = ""
    """`AIDA…` or `AROA…`, which a new principal of the same name does not share; empty when it was not read."""

    def policy(self, arn: str) -> Policy | None:
        """The policy of that ARN, if it exists."""
        return next((policy for policy in self.policies if policy.arn == arn), None)


READS: dict[PrincipalKind, tuple[str, ...]] = {
    kind: tuple(
        f"iam:{operation}"
        for operation in (
            f"Get{kind}",
            f"ListAttached{kind}Policies",
            "GetAccountSummary",
            "ListPolicies",
            "ListPolicyVersions",
            "GetPolicyVersion",
            "ListEntitiesForPolicy",
        )
    )
    for kind in ("User", "Role")
}
"""IAM permissions that reading a Principal takes."""


def canonical(document: JSON) -> str:
    """A policy document as the one text that equal documents share."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def read_principal(reader: Reader, target: Target, kind: PrincipalKind, ending: str) -> Principal:
    """The live principal, and stanch's policies whose name has that ending; raises FailedResponse."""
    named = {f"{kind}Name": target.name}
    policies, found, attached, summary = together(
        partial(_policies, reader, ending),
        partial(_if_it_exists, reader, f"Get{kind}", named),
        partial(_if_it_exists, reader, f"ListAttached{kind}Policies", named),
        partial(reader.read, "iam", "GetAccountSummary"),
    )
    if not (found and attached):
        return Principal(exists=False, policies=policies)
    return Principal(
        exists=True,
        path=text(found, kind, "Path"),
        attached=tuple(sorted(text(row, "PolicyArn") for row in rows(attached, "AttachedPolicies"))),
        quota=number(summary, "SummaryMap", f"AttachedPoliciesPer{kind}Quota", default=QUOTA),
        policies=policies,
        id=text(found, kind, f"{kind}Id"),
    )


def _if_it_exists(reader: Reader, operation: str, named: dict[str, str]) -> JSONObject:
    """The answer, empty when there is no such principal."""
    try:
        return reader.read("iam", operation, **named)
    except NotFound:
        return {}


def _policies(reader: Reader, ending: str) -> tuple[Policy, ...]:
    listed = reader.read("iam", "ListPolicies", Scope="Local", PathPrefix=PATH)
    arns = sorted(text(row, "Arn") for row in rows(listed, "Policies") if text(row, "PolicyName").endswith(ending))
    return each([partial(_policy, reader, arn) for arn in arns])


def _policy(reader: Reader, arn: str) -> Policy:
    versions, holders = together(partial(_versions, reader, arn), partial(_holders, reader, arn))
    return Policy(arn, versions, holders)


def _versions(reader: Reader, arn: str) -> tuple[Version, ...]:
    listed = rows(reader.read("iam", "ListPolicyVersions", PolicyArn=arn), "Versions")
    return each([partial(_version, reader, arn, text(one, "VersionId"), one) for one in listed])


def _version(reader: Reader, arn: str, id: str, row: JSON) -> Version:
    answer = reader.read("iam", "GetPolicyVersion", PolicyArn=arn, VersionId=id)
    return Version(id, canonical(at(answer, "PolicyVersion", "Document")), default=flag(row, "IsDefaultVersion"))


def _holders(reader: Reader, arn: str) -> tuple[str, ...]:
    answer = reader.read("iam", "ListEntitiesForPolicy", PolicyArn=arn)
    kinds = (("User", "PolicyUsers"), ("Role", "PolicyRoles"), ("Group", "PolicyGroups"))
    return tuple(sorted(f"{kind}/{text(row, f'{kind}Name')}" for kind, key in kinds for row in rows(answer, key)))
