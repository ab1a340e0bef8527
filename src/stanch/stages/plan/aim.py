"""What an action is aimed at: only identities, resources and peers that AWS asserts in the finding."""

import re
from collections.abc import Callable, Iterable, Mapping

from stanch.model.change import Target, TargetKind
from stanch.model.facts import Resolved
from stanch.model.finding import Direction, Finding, IdentityKind

Aim = Callable[[Finding, Resolved], Iterable[Target]]
BUCKET = re.compile(r"arn:[a-z-]+:s3:::(?P<name>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])")
FUNCTION = re.compile(
    r"(?P<arn>arn:[a-z-]+:lambda:(?P<region>[a-z0-9-]+):(?P<account>[0-9]{12}):function:(?P<name>[A-Za-z0-9_-]{1,64}))"
    r"(:[A-Za-z0-9$_-]+)?"
)
"""A function's ARN, also one of a version or an alias: stopping is for the whole function."""


def aim(kind: TargetKind, finding: Finding, resolved: Resolved) -> tuple[Target, ...]:
    """The targets of that kind which the finding asserts; none where it asserts none, and none of another account."""
    return tuple(_AIMS[kind](finding, resolved)) if kind in _AIMS else ()


def _identity(kind: TargetKind, finding: Finding, resolved: Resolved) -> Iterable[Target]:
    who = finding.identity
    if who is None or not who.name:
        return
    stolen_from_instance = _instance_session(finding)
    is_user = who.kind is IdentityKind.IAM_USER
    is_role = who.kind is IdentityKind.ASSUMED_ROLE
    wanted = {
        TargetKind.USER: is_user,
        TargetKind.ACCESS_KEY: is_user and who.access_key.startswith("AKIA"),
        TargetKind.ROLE: is_role and not stolen_from_instance,
        TargetKind.ROLE_SESSION: is_role and not stolen_from_instance and ":" in who.principal_id,
        TargetKind.INSTANCE_CREDENTIALS: is_role and bool(stolen_from_instance),
    }
    if wanted[kind]:
        arn = _principal(finding, resolved)
        name = who.access_key if kind is TargetKind.ACCESS_KEY else arn.rpartition("/")[2]
        within = {
            TargetKind.ACCESS_KEY: who.name,
            TargetKind.ROLE_SESSION: who.principal_id,
            TargetKind.INSTANCE_CREDENTIALS: stolen_from_instance,
        }.get(kind, "")
        host = finding.instance if kind is TargetKind.INSTANCE_CREDENTIALS else None
        yield Target(kind, who.account, finding.region, name, arn, within, host)


def _principal(finding: Finding, resolved: Resolved) -> str:
    """ARN of the user or role that the finding names, as AWS knows it or else as it is without a path."""
    who = finding.identity
    if who is None or who.kind not in (IdentityKind.IAM_USER, IdentityKind.ASSUMED_ROLE) or not who.name:
        return ""
    word = "user" if who.kind is IdentityKind.IAM_USER else "role"
    return dict(resolved.arns).get(who.name, f"arn:{finding.partition}:iam::{who.account}:{word}/{who.name}")


def _instance_session(finding: Finding) -> str:
    """ARN of the instance whose own credentials the finding is about, empty if they are not an instance's.

    The session name alone proves nothing (its author chooses it): the detector must name the instance as well.
    """
    if finding.identity is None or finding.instance is None:
        return ""
    session = finding.identity.principal_id.partition(":")[2]
    return finding.instance.arn if session == finding.instance.id else ""


def _instance(finding: Finding, _resolved: Resolved) -> Iterable[Target]:
    at = finding.instance
    if at is not None:
        yield Target(TargetKind.INSTANCE, at.account, at.region, at.id, at.arn, instance=at)


def _address(finding: Finding, _resolved: Resolved) -> Iterable[Target]:
    peer, at = finding.connection, finding.instance
    if peer is not None and at is not None and peer.direction is Direction.INBOUND:
        yield Target(TargetKind.ADDRESS, at.account, at.region, peer.remote_ip, peer.remote_ip, at.arn, at)


def _buckets(finding: Finding, _resolved: Resolved) -> Iterable[Target]:
    for match in _named(BUCKET, finding):
        yield Target(TargetKind.BUCKET, finding.account, finding.region, match["name"], match[0])


def _access(finding: Finding, resolved: Resolved) -> Iterable[Target]:
    """The principal's access to each bucket that the finding names."""
    principal = _principal(finding, resolved)
    for match in _named(BUCKET, finding):
        if principal:
            yield Target(TargetKind.BUCKET_ACCESS, finding.account, finding.region, match["name"], match[0], principal)


def _functions(finding: Finding, _resolved: Resolved) -> Iterable[Target]:
    for match in _named(FUNCTION, finding):
        if match["account"] == finding.account:
            yield Target(TargetKind.FUNCTION, match["account"], match["region"], match["name"], match["arn"])


def _named(pattern: re.Pattern[str], finding: Finding) -> Iterable[re.Match[str]]:
    """The resources that the finding names by an ARN of that form, each once."""
    ids = dict.fromkeys(one.id for one in finding.resources)
    return filter(None, map(pattern.fullmatch, ids))


def _of_identity(kind: TargetKind) -> Aim:
    return lambda finding, resolved: _identity(kind, finding, resolved)


_AIMS: Mapping[TargetKind, Aim] = {
    **{
        kind: _of_identity(kind)
        for kind in (
            TargetKind.USER,
            TargetKind.ACCESS_KEY,
            TargetKind.ROLE,
            TargetKind.ROLE_SESSION,
            TargetKind.INSTANCE_CREDENTIALS,
        )
    },
    TargetKind.INSTANCE: _instance,
    TargetKind.ADDRESS: _address,
    TargetKind.BUCKET: _buckets,
    TargetKind.BUCKET_ACCESS: _access,
    TargetKind.FUNCTION: _functions,
}
"""A deed is aimed at by what CloudTrail shows, never by a finding."""
