"""The one place where a call, its change and its circumstances become what the policies see."""

import hashlib
import ipaddress
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from stanch.guardrails.circumstances import Circumstances
from stanch.guardrails.content import Known, content
from stanch.guardrails.schedules import SERVICE, schedule
from stanch.guardrails.seen import (
    arns,
    document,
    groups_of,
    ids,
    nothing_was_set,
    own_groups,
    registrations,
    targets_of,
)
from stanch.model.change import Call, Change, Target, TargetKind
from stanch.model.data import JSON, JSONObject
from stanch.model.dead_man import OWN_ROLE, schedule_arn
from stanch.model.deed import ATTACHING, added
from stanch.model.errors import BadInput

UNCATALOGUED = "uncatalogued"
"""The Cedar action that stands for every operation which no action of the catalogue makes."""
ISOLATION = "stanch-isolation-"
"""How the name of our own empty security group begins."""
SCALING = ":autoScalingGroupName/"
"""What stands before the name in the ARN of an Auto Scaling group; the name may hold slashes itself."""
BLOCKED = "stanch-blocked-"
"""How the name of our own WAF IP set begins."""
SEPARATE = ("", "-trust", "-bucket-policy", "-repair")
"""What follows the responder's name in the names of stanch's own roles."""


@dataclass(frozen=True)
class Question:
    """One question to Cedar."""

    request: dict[str, JSON]
    entities: tuple[JSONObject, ...]


def question(call: Call, change: Change, around: Circumstances, operations: frozenset[str]) -> Question:
    """May this playbook make this call? Raises BadInput for a fact that cannot be one."""
    action = call.name if call.name in operations else UNCATALOGUED
    context: dict[str, JSON] = {
        "case": _case(around),
        "target": _target(change, around),
        "change": _change(call, change, around),
        "content": content(call, change.terms.expires_at, _known(change, around)),
    }
    if action == UNCATALOGUED:
        context |= {"service": call.service, "operation": call.operation}
    else:
        context["params"] = _plain(call.params)
    if action != UNCATALOGUED and call.service == SERVICE:
        context["schedule"] = schedule(call, change)
    resource = {"type": "Resource", "id": call.resource}
    return Question(
        {
            "principal": {"type": "Playbook", "id": around.playbook},
            "action": {"type": "Action", "id": action},
            "resource": resource,
            "context": context,
        },
        ({"uid": resource, "attrs": _resource(call, change, around), "parents": []},),
    )


def _case(around: Circumstances) -> JSONObject:
    if not 0 <= around.confidence <= 1:
        raise BadInput(f"the confidence {around.confidence} is not a probability")
    fence, spent = around.fence, _spent(around)
    if not 0 <= fence.floor <= 1:
        raise BadInput(f"the floor {fence.floor} is not a probability")
    counts = (*spent, around.actors, fence.budget.organisation, fence.budget.account, fence.budget.playbook)
    if min(*counts, fence.budget.reserve) < 0:
        raise BadInput(f"a count of the circumstances is below zero: {counts}")
    return {
        "purpose": around.purpose,
        "mode": around.mode.value,
        "executing": around.executing,
        "tier": around.tier.value,
        "confidence": math.floor(round(around.confidence * 1000, 6)),
        "account": around.account,
        "identity": around.identity.value if around.identity else "",
        "sample": around.sample,
        "known_type": around.known_type,
        "outsider": around.outsider,
        "confirmed": around.confirmed,
        "stopped": around.stopped,
        "approved_by": around.approved_by,
        "actors": around.actors,
        "at_once": around.at_once,
        "environment": fence.environment,
        "ou": fence.ou,
        "in_protected_ou": fence.in_protected_ou,
        "floor": math.ceil(round(fence.floor * 1000, 6)),
        "freeze": fence.freeze,
        "freezes_all": fence.freezes_all,
        "contained_last_hour": spent[0],
        "contained_account": spent[1],
        "contained_playbook": spent[2],
        "budget_organisation": fence.budget.organisation,
        "budget_account": fence.budget.account,
        "budget_playbook": fence.budget.playbook,
        "budget_reserve": fence.budget.reserve,
    }


def _spent(around: Circumstances) -> tuple[int, int, int]:
    """Actors and workloads disrupted in the last hour: in all, in the case's account, by its playbook."""
    done = around.fence.disrupted
    return (
        len({(one.account, one.arn) for one in done}),
        len({one.arn for one in done if one.account == around.account}),
        len({(one.account, one.arn) for one in done if one.playbook == around.playbook}),
    )


def _target(change: Change, around: Circumstances) -> JSONObject:
    target = change.target
    return {
        "kind": target.kind.value,
        "name": target.name,
        "arn": target.arn,
        "account": target.account,
        "within": target.within,
        "iam_name": _iam_name(target),
        "protected": _protected(target, around.protected),
        "privileged": _named(target, around.fence.privileged),
        "counted": _counted(target, around),
        "stanch": any(_is_own_role(arn, around.own_role) for arn in (target.arn, target.within)),
        "interfaces": _interfaces(change, around),
        "associations": sorted(ids(change.before, "eipassoc") | ids(around.state, "eipassoc")),
        "allocations": sorted(ids(change.before, "eipalloc")),
        "cidr": _cidr(target),
    }


def _counted(target: Target, around: Circumstances) -> bool:
    """Cutting it once more spends nothing; nor does a repair, which disrupts nobody."""
    known = any((one.account, one.arn) == (target.account, target.arn) for one in around.fence.disrupted)
    return known or target.kind is TargetKind.DEED


def _change(call: Call, change: Change, around: Circumstances) -> JSONObject:
    return {
        "action": change.action,
        "presumed": change.presumed,
        "approval": bool(change.approval),
        "rings": sorted(around.fence.rings.get(change.action, ())),
        "reversible": bool(change.inverse) or bool(change.no_inverse),
        "waiting": bool(call.waits_for),
        "policy": _policy(change),
        "policy_name": _policy_name(change),
        "isolation_groups": _own_groups(change, around),
        "groups": sorted(groups_of(change.before, call.params.get("NetworkInterfaceId"))),
        "registered": _registered(call, change, around),
        "unset": nothing_was_set(change.before),
        "deed": change.target.deed.call if change.target.deed else "",
        "added": list(added(change.target.deed)) if change.target.deed else [],
    }


def _known(change: Change, around: Circumstances) -> Known:
    read = change.before if around.state is None else around.state
    return Known(document(read), _sid(change))


def _registered(call: Call, change: Change, around: Circumstances) -> bool:
    """Whether the call's targets are places of this change's instance: as found now, or to go back as found before."""
    known = registrations(change.before)
    if around.purpose == "contain":
        known |= registrations(around.state)
    return targets_of(call.params) <= known


def _resource(call: Call, change: Change, around: Circumstances) -> JSONObject:
    name = call.resource.partition(SCALING)[2] or _last(call.resource)
    return {
        "arn": call.resource,
        "name": name,
        "account": _account(call.resource) or change.target.account,
        "target": (bool(call.resource) and call.resource in (change.target.arn, change.target.name))
        or name in _interfaces(change, around)
        or _belongs(call.resource, change, around),
        "own": call.resource in (_policy(change), schedule_arn(change))
        or name in _own_groups(change, around)
        or name.startswith(ISOLATION)
        or f"/ipset/{BLOCKED}" in call.resource,
    }


def _policy(change: Change) -> str:
    """ARN of the one policy that this change may write, or for a deed that attached one, detach."""
    if change.target.deed is not None:
        return next(iter(added(change.target.deed)), "") if change.target.deed.call in ATTACHING else ""
    partition = change.target.arn.split(":")[1] if change.target.arn.startswith("arn:") else "aws"
    return f"arn:{partition}:iam::{change.target.account}:policy/stanch/{_policy_name(change)}"


def _policy_name(change: Change) -> str:
    target, terms = change.target, change.terms
    return f"stanch-{terms.case}.{terms.round}-{change.action}-{_subject(target)}"


def _subject(target: Target) -> str:
    match target.kind:
        case TargetKind.INSTANCE_CREDENTIALS:
            return _last(target.within)
        case TargetKind.ROLE_SESSION:
            return f"{target.name}-{hashlib.sha256(target.within.encode()).hexdigest()[:16]}"
        case _:
            return target.name


def _sid(change: Change) -> str:
    case = "".join(one for one in change.terms.case if one.isalnum())
    return f"stanch{case}r{change.terms.round}"


def _is_own_role(arn: str, own_role: str) -> bool:
    names = {f"{_last(own_role)}{suffix}".lower() for suffix in SEPARATE}
    return ":role/" in arn and (_last(arn).lower() in names or OWN_ROLE.fullmatch(_last(arn)) is not None)


def _iam_name(target: Target) -> str:
    return _last(target.arn) if ":iam::" in target.arn else ""


def _last(arn: str) -> str:
    return arn.rpartition("/")[2]


def _account(arn: str) -> str:
    match arn.split(":", 5):
        case ["arn", _, _, _, account, _]:
            return account
        case _:
            return ""


def _protected(target: Target, protected: Sequence[str]) -> bool:
    """IAM names are unique in an account whatever their path and case, so an ARN with another path is the same one."""
    whole = {target.account, f"arn:aws:iam::{target.account}:root"}
    return not whole.isdisjoint(protected) or _named(target, protected)


def _named(target: Target, patterns: Sequence[str]) -> bool:
    """Whether one of these ARNs is the target's, or of what it lies within."""
    mine = {_canonical(arn) for arn in (target.arn, target.within) if arn}
    return any(fnmatchcase(own, _canonical(one)) for one in patterns for own in mine)


def _canonical(arn: str) -> str:
    head, slash, rest = arn.partition("/")
    return f"{head}{slash}{rest.rpartition('/')[2]}".lower() if ":iam::" in arn else arn


def _interfaces(change: Change, around: Circumstances) -> list[str]:
    named = change.target.instance.interfaces if change.target.instance else ()
    seen = {*ids(change.before, "eni"), *ids(around.state, "eni"), *(one.id for one in named)}
    return sorted(seen) if change.target.kind is TargetKind.INSTANCE else []


def _belongs(resource: str, change: Change, around: Circumstances) -> bool:
    """Whether it is the Auto Scaling group, a target group or an elastic address of the change's instance."""
    if change.target.kind is not TargetKind.INSTANCE:
        return False
    places = {group for group, _, _ in registrations(change.before) | registrations(around.state)}
    scaling = arns(change.before, "autoscaling") | arns(around.state, "autoscaling")
    seen = ids(change.before, "eipalloc") | ids(around.state, "eipalloc")
    return resource in places | scaling or (":elastic-ip/" in resource and _last(resource) in seen)


def _own_groups(change: Change, around: Circumstances) -> list[str]:
    return sorted(own_groups(change.before) | own_groups(around.state))


def _cidr(target: Target) -> str:
    if target.kind is not TargetKind.ADDRESS:
        return ""
    try:
        return str(ipaddress.ip_network(target.name))
    except ValueError as error:
        raise BadInput(f"the target {target.name!r} is not an address") from error


def _plain(value: JSON) -> JSON:
    """The value in the types that `json` writes."""
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(inner) for inner in value]
    return value
