"""Parameters and answers of a call as CloudTrail spells them, for the calls that leave something behind."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from stanch.lab.cloudtrail import SECRETS, stamp
from stanch.model.data import JSON, JSONObject

_HIDDEN = frozenset({*SECRETS, "ResponseMetadata"})
"""What CloudTrail never shows."""
_RENAMED = {
    "SecurityGroupRules": "securityGroupRuleSet",
    "Return": "_return",
    "DBSnapshotIdentifier": "dBSnapshotIdentifier",
}
_LISTS = frozenset({"ec2"})
"""Services whose lists CloudTrail shows as `{"items": […]}`."""
_SHARING = {"Snapshot": ("createVolumePermission", "GroupNames"), "Image": ("launchPermission", "UserGroups")}


def request(service: str, operation: str, params: Mapping[str, object]) -> JSONObject:
    """`requestParameters` of a call with botocore's parameters."""
    kind = operation.removeprefix("Modify").removesuffix("Attribute")
    if service == "ec2" and operation == f"Modify{kind}Attribute" and kind in _SHARING and "OperationType" in params:
        permission, groups = _SHARING[kind]
        accounts, all_ = (params.get(name, ()) for name in ("UserIds", groups))
        items: list[JSON] = [{"userId": str(one)} for one in _many(accounts)]
        items += [{"group": str(one)} for one in _many(all_)]
        named = f"{kind.lower()}Id"
        shared: JSONObject = {permission: {str(params["OperationType"]): {"items": items}}}
        return {named: str(params[f"{kind}Id"]), **shared}
    return _object(service, params)


def response(service: str, answer: Mapping[str, object]) -> JSONObject:
    """`responseElements` of what botocore answered."""
    return _object(service, answer)


def _many(value: object) -> Sequence[object]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


def _object(service: str, value: Mapping[str, object]) -> JSONObject:
    shown = ((name, one) for name, one in value.items() if name not in _HIDDEN)
    return {_RENAMED.get(name, f"{name[:1].lower()}{name[1:]}"): _spelt(service, one) for name, one in shown}


def _spelt(service: str, value: object) -> JSON:
    match value:
        case Mapping():
            return _object(service, value)
        case list() | tuple():
            rows: list[JSON] = [_spelt(service, one) for one in value]
            return {"items": rows} if service in _LISTS else rows
        case datetime():
            return stamp(value)
        case None | bool() | int() | float() | str():
            return value
        case _:
            return str(value)
