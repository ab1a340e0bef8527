"""The parts of a Finding that every format has in common: who acted, on which instance, from which address."""

from collections.abc import Iterable
from typing import TypeVar

from stanch.model.finding import Connection, Direction, Identity, IdentityKind, Instance, Interface, Resource
from stanch.stages.intake import syntax
from stanch.stages.intake.fields import Field
from stanch.stages.intake.syntax import address, valid

T = TypeVar("T")

KINDS = {kind.value: kind for kind in IdentityKind} | {"Role": IdentityKind.ASSUMED_ROLE}
BY_PREFIX = {"AIDA": IdentityKind.IAM_USER, "AROA": IdentityKind.ASSUMED_ROLE}
"""What IAM's unique ids tell of their principal, where the detector does not say it."""
MAX_RESOURCE_ID = 2048


def only(found: Iterable[T | None]) -> T | None:
    """The one thing that was found; None for none, and for several: nobody is picked by chance."""
    distinct = list(dict.fromkeys(one for one in found if one is not None))
    return distinct[0] if len(distinct) == 1 else None


def identity(*, kind: str, name: str, account: str, principal_id: str, access_key: str) -> Identity | None:
    """Who acted; None unless account and name can be what AWS calls them."""
    principal = valid(syntax.PRINCIPAL, principal_id)
    meant = KINDS.get(kind) or BY_PREFIX.get(principal[:4], IdentityKind.UNKNOWN)
    known = "root" if meant is IdentityKind.ROOT else valid(syntax.NAME, name)
    if not (known and valid(syntax.ACCOUNT, account)):
        return None
    return Identity(meant, account, known, principal, valid(syntax.ACCESS_KEY, access_key))


def actor(field: Field, account: str) -> Identity | None:
    """Who acted, from the `actor` of an attack sequence or of OCSF in a finding of this account."""
    user, issuer = field.at("user"), syntax.arn(field.at("session", "issuer").text())
    # The issuer's ARN is the role itself; the user's name may be the name of the session.
    role = issuer.name if issuer and issuer.resource.startswith("role/") else ""
    return identity(
        kind=user.at("type").text(),
        name=role or user.at("name").text(),
        account=user.at("account", "uid").text() or account,
        principal_id=user.at("uid").text(),
        access_key=user.first("credentialUid", "credential_uid").text() or field.at("session", "uid").text(),
    )


def instance(
    *, id: str, account: str, region: str, partition: str, profile: str, interfaces: Iterable[Interface | None]
) -> Instance | None:
    """An EC2 instance; None unless id and account are well-formed. `profile`: ARN of its instance profile."""
    if not (valid(syntax.INSTANCE, id) and valid(syntax.ACCOUNT, account)):
        return None
    named = syntax.arn(profile)
    role = valid(syntax.NAME, named.name) if named else ""
    return Instance(id, account, region, partition, role, tuple(one for one in interfaces if one))


def interface(*, id: str, private_ip: str, public_ip: str, subnet: str, vpc: str, groups: Iterable[str]) -> Interface:
    """A network interface; whatever is not well-formed is left out, an empty id included."""
    return Interface(
        valid(syntax.INTERFACE, id),
        address(private_ip),
        address(public_ip),
        valid(syntax.SUBNET, subnet),
        valid(syntax.VPC, vpc),
        tuple(one for one in groups if valid(syntax.GROUP, one)),
    )


def resources(named: Iterable[tuple[str, str]]) -> tuple[Resource, ...]:
    """What a finding names, as (type, id), each once; those without an id are left out."""
    kept = ((kind, uid) for kind, uid in named if uid and uid.isprintable() and len(uid) <= MAX_RESOURCE_ID)
    return tuple(Resource(kind[:256], uid) for kind, uid in dict.fromkeys(kept))


def caller(action: Field) -> str:
    """Source address of the API calls, from the `action` of GuardDuty or ASFF; empty when it is about none."""
    calls = ("awsApiCallAction", "kubernetesApiCallAction")
    return next((ip for ip in (_remote(action.at(call)) for call in calls) if ip), "")


def remote_account(action: Field) -> str:
    """Account of the host that made the API calls, where the detector knows it; else empty."""
    return valid(syntax.ACCOUNT, action.at("awsApiCallAction", "remoteAccountDetails", "accountId").text())


def connection(action: Field) -> Connection | None:
    """The network peer, from the `action` of GuardDuty or ASFF; None when there is none, or more than one."""
    network = action.at("networkConnectionAction")
    if ip := _remote(network):
        return Connection(
            ip,
            direction(network.at("connectionDirection").text()),
            _port(network.at("localPortDetails")),
            _port(network.at("remotePortDetails")),
            network.at("blocked").flag(),
        )
    if ip := _remote(action.at("rdsLoginAttemptAction")):
        return Connection(ip, Direction.INBOUND)
    return _probe(action.at("portProbeAction"))


def direction(word: str) -> Direction:
    """Which side opened the connection."""
    return next((one for one in Direction if one.value == word.upper()), Direction.UNKNOWN)


def port(field: Field) -> int:
    """A port, 0 when there is none."""
    return field.whole(0, 65535, 0)


def _probe(probe: Field) -> Connection | None:
    details = probe.at("portProbeDetails").each()
    ip = only(_remote(one) or None for one in details)
    if ip is None:
        return None
    ports = {_port(one.at("localPortDetails")) for one in details}
    local = ports.pop() if len(ports) == 1 else 0
    return Connection(ip, Direction.INBOUND, local_port=local, blocked=probe.at("blocked").flag())


def _remote(action: Field) -> str:
    details = action.at("remoteIpDetails")
    return address(details.at("ipAddressV4").text()) or address(details.at("ipAddressV6").text())


def _port(details: Field) -> int:
    return port(details.at("port"))
