"""What calls gave to whom, by their structured parameters: rights, credentials, trust, roles handed to services.

The parameters are the caller's, so a row may accuse and never excuses (class B).
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from stanch.model.data import JSON
from stanch.playbooks import policy
from stanch.playbooks.policy import Powers
from stanch.trail import Cell, Trail

_ATTACH = {"AttachUserPolicy": "user", "AttachRolePolicy": "role", "AttachGroupPolicy": "group"}
_INLINE = {"PutUserPolicy": "user", "PutRolePolicy": "role", "PutGroupPolicy": "group"}
_NAME = {"user": "userName", "role": "roleName", "group": "groupName"}
_CREDENTIAL = (
    *("CreateAccessKey", "CreateLoginProfile", "UpdateLoginProfile", "CreateServiceSpecificCredential"),
    *("UploadSSHPublicKey", "UploadSigningCertificate", "UpdateAccessKey"),
)
_RESOURCE = {
    "PutBucketPolicy": ("bucket", "bucketName"),
    "PutAccessPointPolicy": ("bucket", "name"),
    "PutKeyPolicy": ("key", "keyId"),
    "PutResourcePolicy": ("resource", "secretId"),  # secrets, and of others whatever they are called
    "SetRepositoryPolicy": ("repository", "repositoryName"),
    "PutRegistryPolicy": ("repository", "registryId"),
    "CreateTopic": ("topic", "name"),
    "SetTopicAttributes": ("topic", "topicArn"),
    "CreateQueue": ("queue", "queueName"),
    "SetQueueAttributes": ("queue", "queueUrl"),
    "PutFileSystemPolicy": ("filesystem", "fileSystemId"),
    "PutBackupVaultAccessPolicy": ("vault", "backupVaultName"),
    "UpdateDomainConfig": ("domain", "domainName"),
    "UpdateElasticsearchDomainConfig": ("domain", "domainName"),
    "PutDestinationPolicy": ("destination", "destinationName"),
    "PutPermission": ("bus", "eventBusName"),
    "PutDomainPermissionsPolicy": ("domain", "domain"),
}
"""Calls that write the policy of a resource: what it is, and the parameter that names it."""
_POLICY_KEYS = (
    *("policy", "bucketPolicy", "resourcePolicy", "policyDocument", "policyText", "policyInJson", "accessPolicy"),
    *("accessPolicies", "Policy"),
)
_OPEN_ACL = re.compile(
    r"groups/global/(?:AllUsers|AuthenticatedUsers)|\"(?:public-read|public-read-write|authenticated-read)\""
)
_ACL = ("PutBucketAcl", "PutObjectAcl")
_URL = ("CreateFunctionUrlConfig", "UpdateFunctionUrlConfig")
_ADDED = (
    *("AddPermission", "AddPermission20150331", "AddPermission20150331v2"),
    "AddLayerVersionPermission20181031",
)
_OPENING = (*_RESOURCE, *_ACL, *_URL, *_ADDED)
_PASSING = frozenset(
    {
        *("RunInstances", "RequestSpotInstances", "CreateStack", "UpdateStack", "CreateStackSet", "UpdateStackSet"),
        *("CreateChangeSet", "CreateProject", "RegisterTaskDefinition", "RunTask", "StartTask", "CreateService"),
        *("CreateDevEndpoint", "CreateJob", "UpdateJob", "CreateNotebookInstance", "CreateTrainingJob"),
        *("CreateProcessingJob", "CreateCodeInterpreter", "CreateFunction20150331", "CreatePipeline"),
        *("PutPipelineDefinition", "RunJobFlow"),
        "UpdateFunctionConfiguration20150331v2",
    }
)
"""Calls that hand a role to a service: `iam:PassRole` itself is no event."""
_ROLE_KEYS = frozenset(
    {
        *(
            "role",
            "roleArn",
            "executionRoleArn",
            "taskRoleArn",
            "serviceRole",
            "instanceRoleArn",
            "administrationRoleARN",
        ),
        *("stoppingRoleArn", "accessRoleArn", "roleARN", "jobFlowRole"),
    }
)
DEPTH, MOST = 4, 200
_NAMES = (
    *_ATTACH,
    *_INLINE,
    *_CREDENTIAL,
    *sorted(_PASSING),
    *("CreatePolicy", "CreatePolicyVersion", "CreateRole", "UpdateAssumeRolePolicy", "AddUserToGroup"),
    *_OPENING,
)
_SQL = f"""
SELECT event_id, event_time, event_name, account_id, principal_arn, actor_type, request_parameters, response_elements
FROM events
WHERE event_time BETWEEN $since AND $until AND error_code IS NULL
  AND event_name IN ({", ".join(f"'{one}'" for one in _NAMES)})
ORDER BY event_time, event_id
"""  # noqa: S608  # names of ours


@dataclass(frozen=True)
class Grant:
    """One thing that one call gave."""

    event: str
    kind: str
    """rights (to `target`), policy (a version of a managed one), credential, trust, resource, group, pass."""
    holder: str
    """user, role, group, policy, or the kind of resource: what `target` is."""
    target: str
    """Name, or ARN of a policy or of a role that is passed."""
    own: bool
    """The caller gave it to itself."""
    powers: Powers = policy.NONE


Row = Mapping[str, JSON]


def grants(trail: Trail, since: datetime, until: datetime, known: Collection[str]) -> list[tuple[Cell, ...]]:
    """Rows of `stanch.playbooks.tables.GRANTS` for the calls that succeeded between these times.

    known: ids of the accounts that the operator declares his or his partners'.
    """
    found: list[tuple[Cell, ...]] = []
    written: dict[str, Powers] = {}
    for row in trail.query(_SQL, {"since": since, "until": until}):
        asked = _object(row["request_parameters"])
        _remember(written, row, asked)
        mine = {*known, str(row["account_id"])}
        found += [_cells(one, mine) for one in _read(row, asked, written)]
    return found


def _cells(one: Grant, mine: Collection[str]) -> tuple[Cell, ...]:
    powers = one.powers
    outsider = any(who not in mine for who in powers.outsiders)
    return (
        *(one.event, one.kind, one.holder, one.target, one.own),
        *(powers.admin, powers.iam, powers.wildcard, powers.readable, outsider),
    )


def _object(text: JSON) -> Mapping[str, JSON]:
    found = json.loads(text) if isinstance(text, str) else None
    return found if isinstance(found, dict) else {}


def _text(value: JSON) -> str:
    return value[:2048] if isinstance(value, str) else ""


def _remember(written: dict[str, Powers], row: Row, asked: Mapping[str, JSON]) -> None:
    """What a policy of the customer's own says, as far as the trail saw it written."""
    arn = _text(asked.get("policyArn"))
    if row["event_name"] == "CreatePolicy":
        made = _object(row["response_elements"]).get("policy")
        arn = _text(made.get("arn")) if isinstance(made, dict) else ""
    if row["event_name"] in ("CreatePolicy", "CreatePolicyVersion") and arn:
        written[arn] = policy.document(asked.get("policyDocument"))


def _read(row: Row, asked: Mapping[str, JSON], written: Mapping[str, Powers]) -> Iterable[Grant]:
    event, name = str(row["event_id"]), str(row["event_name"])
    if name in _ATTACH:
        arn = _text(asked.get("policyArn"))
        yield _rights(row, asked, _ATTACH[name], written.get(arn) or policy.managed(arn))
    elif name in _INLINE:
        yield _rights(row, asked, _INLINE[name], policy.document(asked.get("policyDocument")))
    elif name == "CreatePolicyVersion":
        arn = _text(asked.get("policyArn"))
        yield Grant(event, "policy", "policy", arn, own=False, powers=written.get(arn, policy.UNREADABLE))
    elif name in _CREDENTIAL:
        if name != "UpdateAccessKey" or asked.get("status") == "Active":  # the other way it gives nothing
            target = _text(asked.get("userName")) or _own_name(row, "user")
            yield Grant(event, "credential", "user", target, own=target == _own_name(row, "user"))
    elif name == "AddUserToGroup":
        target = _text(asked.get("userName"))
        yield Grant(event, "group", "user", target, own=target == _own_name(row, "user"))
    elif name in ("CreateRole", "UpdateAssumeRolePolicy"):
        said = policy.document(asked.get("assumeRolePolicyDocument") or asked.get("policyDocument"))
        yield Grant(event, "trust", "role", _text(asked.get("roleName")), own=False, powers=said)
    elif name in _OPENING:
        yield from _opening(event, name, asked)
    else:
        for role in sorted(_passed(asked, DEPTH))[:MOST]:
            yield Grant(event, "pass", "role", role, own=False)


def _opening(event: str, name: str, asked: Mapping[str, JSON]) -> Iterable[Grant]:
    """Whom a call lets at a resource; nothing where it sets something else of it."""
    holder, key = _RESOURCE.get(name, ("bucket", "bucketName") if name in _ACL else ("function", "functionName"))
    target, written = _text(asked.get(key)), _written(asked)
    if name == "PutBucketPolicy":  # of a bucket a condition counts for nothing, as ever
        yield Grant(event, "resource", holder, target, own=False, powers=policy.document(written))
    elif name in _RESOURCE and written:
        yield Grant(event, "resource", holder, target, own=False, powers=policy.document(written, confined=True))
    elif name in _ADDED or asked.get("principal"):
        yield Grant(event, "resource", holder, target, own=False, powers=_named(asked))
    elif name in (*_ACL, *_URL) and (asked.get("authType") == "NONE" or _OPEN_ACL.search(json.dumps(asked))):
        yield Grant(event, "resource", holder, target, own=False, powers=Powers(outsiders=("*",)))


def _written(asked: Mapping[str, JSON]) -> JSON:
    """The policy among the parameters; topics and queues have it among their attributes."""
    attributes = asked.get("attributes")
    if isinstance(attributes, Mapping):
        return attributes.get("Policy") or attributes.get("policy")
    if "attributeName" in asked:
        return asked.get("attributeValue") if asked["attributeName"] == "Policy" else None
    return next((asked[key] for key in _POLICY_KEYS if asked.get(key)), None)


def _named(asked: Mapping[str, JSON]) -> Powers:
    """Powers for those whom the parameters name without a policy, confined where a source's account is named."""
    named = asked.get("principal") or asked.get("aWSAccountIds") or asked.get("aWSAccountId")
    source = asked.get("sourceAccount") or asked.get("principalOrgID")
    condition: JSON = {"StringEquals": {"aws:SourceAccount": source}} if source else {}
    statement: JSON = {"Effect": "Allow", "Principal": {"AWS": named}, "Condition": condition}
    return policy.document({"Statement": [statement]}, confined=True)


def _rights(row: Row, asked: Mapping[str, JSON], holder: str, powers: Powers) -> Grant:
    target = _text(asked.get(_NAME[holder]))
    return Grant(str(row["event_id"]), "rights", holder, target, own=target == _own_name(row, holder), powers=powers)


def _own_name(row: Row, holder: str) -> str:
    """Name of the caller, where it is such a one; never empty, so that nothing equals it by being absent."""
    kind, _, name = _text(row["principal_arn"]).rpartition(":")[2].partition("/")
    return name.rpartition("/")[2] if kind == holder and name else "\0"


def _passed(value: JSON, depth: int) -> set[str]:
    """Every role or instance profile that the parameters name where a role is given."""
    found: set[str] = set()
    if depth and isinstance(value, Mapping):
        for key, one in value.items():
            if key in _ROLE_KEYS and isinstance(one, str) and one:
                found.add(_text(one))
            elif key == "iamInstanceProfile" and isinstance(one, Mapping):
                found |= {_text(part) for part in (one.get("arn"), one.get("name")) if part}
            else:
                found |= _passed(one, depth - 1)
    elif depth and isinstance(value, list):
        for one in value[:MOST]:
            found |= _passed(one, depth - 1)
    return found - {""}
