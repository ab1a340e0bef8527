"""What an action is aimed at: only identities, resources and peers that AWS asserts in the finding."""

import re
from collections.abc import Callable, Iterable, Mapping

from stanch.model.change import Target, TargetKind
from stanch.model.finding import Direction, Finding, IdentityKind
from stanch.model.trust import Asserted, Assertions, assertions, target
from stanch.model.walked import Resolved

Aim = Callable[[Assertions, Resolved], Iterable[Target]]
BUCKET = re.compile(r"arn:[a-z-]+:s3:::(?P<name>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])")
FUNCTION = re.compile(
    r"(?P<arn>arn:[a-z-]+:lambda:(?P<region>[a-z0-9-]+):(?P<account>[0-9]{12}):function:(?P<name>[A-Za-z0-9_-]{1,64}))"
    r"(:[A-Za-z0-9$_-]+)?"
)
"""A function's ARN, also one of a version or an alias: stopping is for the whole function."""


def aim(kind: TargetKind, finding: Finding, resolved: Resolved) -> tuple[Target, ...]:
    """The targets of that kind which the finding asserts; none where it asserts none, and none of another account."""
    return tuple(_AIMS[kind](assertions(finding), resolved)) if kind in _AIMS else ()


def _identity(kind: TargetKind, said: Assertions, resolved: Resolved) -> Iterable[Target]:
    who = said.identity.value if said.identity else None
    if who is None or not who.name:
        return
    stolen_from_instance = _instance_session(said)
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
        arn = _principal(said, resolved)
        name = who.access_key if kind is TargetKind.ACCESS_KEY else arn.rpartition("/")[2]
        within = {
            TargetKind.ACCESS_KEY: who.name,
            TargetKind.ROLE_SESSION: who.principal_id,
            TargetKind.INSTANCE_CREDENTIALS: stolen_from_instance,
        }.get(kind, "")
        host = said.instance if kind is TargetKind.INSTANCE_CREDENTIALS else None
        account = Asserted(who.account)
        yield target(kind, account, said.region, Asserted(name), Asserted(arn), Asserted(within), host)


def _principal(said: Assertions, resolved: Resolved) -> str:
    """ARN of the user or role that the finding names, as AWS knows it or else as it is without a path."""
    who = said.identity.value if said.identity else None
    if who is None or who.kind not in (IdentityKind.IAM_USER, IdentityKind.ASSUMED_ROLE) or not who.name:
        return ""
    word = "user" if who.kind is IdentityKind.IAM_USER else "role"
    return dict(resolved.arns).get(who.name, f"arn:{said.partition.value}:iam::{who.account}:{word}/{who.name}")


def _instance_session(said: Assertions) -> str:
    """ARN of the instance whose own credentials the finding is about, empty if they are not an instance's.

    The session name alone proves nothing (its author chooses it): the detector must name the instance as well.
    """
    if said.identity is None or said.instance is None:
        return ""
    session = said.identity.value.principal_id.partition(":")[2]
    return said.instance.value.arn if session == said.instance.value.id else ""


def _instance(said: Assertions, _resolved: Resolved) -> Iterable[Target]:
    if said.instance is not None:
        at = said.instance.value
        place = Asserted(at.account), Asserted(at.region)
        yield target(TargetKind.INSTANCE, *place, Asserted(at.id), Asserted(at.arn), instance=said.instance)


def _address(said: Assertions, _resolved: Resolved) -> Iterable[Target]:
    peer, at = said.peer, said.instance
    if peer is not None and at is not None and peer.value.direction is Direction.INBOUND:
        place = Asserted(at.value.account), Asserted(at.value.region)
        yield target(TargetKind.ADDRESS, *place, peer, peer, Asserted(at.value.arn), at)


def _buckets(said: Assertions, _resolved: Resolved) -> Iterable[Target]:
    for name, arn in _bucket(said):
        yield target(TargetKind.BUCKET, said.account, said.region, name, arn)


def _access(said: Assertions, resolved: Resolved) -> Iterable[Target]:
    """The principal's access to each bucket that the finding names."""
    principal = _principal(said, resolved)
    for name, arn in _bucket(said):
        if principal:
            yield target(TargetKind.BUCKET_ACCESS, said.account, said.region, name, arn, Asserted(principal))


def _bucket(said: Assertions) -> Iterable[tuple[Asserted[str], Asserted[str]]]:
    return ((Asserted(match["name"]), Asserted(match[0])) for match in _named(BUCKET, said))


def _functions(said: Assertions, _resolved: Resolved) -> Iterable[Target]:
    for match in _named(FUNCTION, said):
        if match["account"] == said.account.value:
            name, arn = Asserted(match["name"]), Asserted(match["arn"])
            yield target(TargetKind.FUNCTION, said.account, Asserted(match["region"]), name, arn)


def _named(pattern: re.Pattern[str], said: Assertions) -> Iterable[re.Match[str]]:
    """The resources that the finding names by an ARN of that form, each once."""
    ids = dict.fromkeys(one.value.id for one in said.resources)
    return filter(None, map(pattern.fullmatch, ids))


def _of_identity(kind: TargetKind) -> Aim:
    return lambda said, resolved: _identity(kind, said, resolved)


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
