"""AWS's API as botocore describes it: whether a call is one, and which IAM permissions it takes; no network."""

from functools import cache

from botocore.exceptions import UnknownServiceError
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

from stanch.aws.sessions import models
from stanch.model.change import Call
from stanch.model.errors import BadInput

_READ_VERBS = ("Get", "List", "Describe", "Lookup")
_READS = frozenset({"FilterLogEvents"})
"""Reads that the verb does not tell."""
_PREFIX = {"cloudwatch": "cloudwatch"}
"""IAM's prefix where it is not the name that requests are signed for."""
_DIFFERENT = {
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:DeletePublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "lambda:Invoke": "lambda:InvokeFunction",
}
"""IAM actions that are not named after their operation."""
_TAGGING = {"ec2": ("TagSpecifications", "ec2:CreateTags"), "iam": ("Tags", "iam:TagPolicy")}
"""Parameter that tags while creating, and the permission that this takes besides."""


def is_read(operation: str) -> bool:
    """Whether an operation only reads, by its verb."""
    return operation.startswith(_READ_VERBS) or operation in _READS


def problems(call: Call) -> tuple[str, ...]:
    """Why AWS could not accept this call, in sentences; empty for a well-formed change."""
    try:
        model = _model(call.service)
    except UnknownServiceError:
        return (f"AWS has no service {call.service!r}",)
    if call.operation not in model.operation_names:
        return (f"{call.service} has no operation {call.operation!r}",)
    if is_read(call.operation):
        return (f"{call.name} only reads: it changes nothing",)
    shape = model.operation_model(call.operation).input_shape
    if shape is None:
        return (f"{call.name} takes no parameters",) if call.params else ()
    report = ParamValidator().validate(dict(call.params), shape)
    return tuple(f"{call.name}: {line}" for line in report.generate_report().splitlines())


def permission(call: Call) -> str:
    """The IAM action that allows the call, `elasticloadbalancing:DeregisterTargets`; raises BadInput if unknown."""
    try:
        prefix = _PREFIX.get(call.service) or _model(call.service).signing_name
    except UnknownServiceError as error:
        raise BadInput(f"AWS has no service {call.service!r}") from error
    action = f"{prefix}:{call.operation}"
    return _DIFFERENT.get(action, action)


def permissions(call: Call) -> tuple[str, ...]:
    """All IAM actions that the call takes: its own, and the one to tag what it creates."""
    parameter, tagging = _TAGGING.get(call.service, ("", ""))
    return (permission(call), tagging) if call.params.get(parameter) else (permission(call),)


@cache
def _model(service: str) -> ServiceModel:
    return ServiceModel(models().load_service_model(service, "service-2"), service)
