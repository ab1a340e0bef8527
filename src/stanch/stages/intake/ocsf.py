"""OCSF findings (1.1 to 1.6), as the new Security Hub and others send them."""

import re
from collections.abc import Iterator
from datetime import datetime

from stanch.model.finding import Connection, Direction, Finding, Form, Identity, IdentityKind, Instance, Interface
from stanch.stages.intake import guardduty, parts, severity, syntax
from stanch.stages.intake.fields import MAX_COUNT, Field

CLASSES = {
    2002: "Vulnerability Finding",
    2003: "Compliance Finding",
    2004: "Detection Finding",
    2006: "Data Security Finding",
    2007: "Application Security Posture Finding",
    2008: "IAM Analysis Finding",
}
"""The classes that hold a finding."""
GUARDDUTY = "productv2/aws/guardduty"
"""The end of GuardDuty's product ARN in Security Hub; only AWS itself can import findings under it."""
TYPE = re.compile(r"[A-Za-z]+:[A-Za-z0-9]+/.+")
INSTANCES = ("AWS::EC2::Instance", "AwsEc2Instance")
CLOSE = 3
"""`activity_id` of a finding that its detector closed."""
ARCHIVED = 5
"""`status_id`."""
DIRECTIONS = {1: Direction.INBOUND, 2: Direction.OUTBOUND}
DISPOSITIONS = {1: False, 2: True}
"""`disposition_id` allowed and blocked."""


def parse(finding: Field, *, vouched: bool) -> Finding:
    """One OCSF finding. Raises BadInput naming the field."""
    info, own = finding.at("finding_info"), _is_guardduty(finding)
    account, region = _account(finding), _region(finding)
    who = _identities(finding, account, own=own)
    arn = syntax.GUARDDUTY_FINDING.fullmatch(info.at("uid").need()) if own else None
    return Finding(
        id=arn[2] if arn else info.at("uid").need(),
        account=account,
        region=region,
        type=_type(finding, own=own),
        severity=severity.ocsf(finding),
        updated_at=_updated(finding),
        form=Form.OCSF,
        product=_product(finding),
        partition=_partition(finding),
        detector=arn[1] if arn else finding.at("metadata", "product", "uid").shown(512),
        title=info.at("title").shown(512),
        description=info.at("desc").shown(2048),
        created_at=_time(info, "created_time"),
        first_seen=_time(info, "first_seen_time"),
        last_seen=_time(info, "last_seen_time"),
        count=finding.at("count").whole(1, MAX_COUNT, 1),
        identity=parts.only(who),
        instance=_instance(finding, account, region),
        connection=parts.only(map(_connection, finding.at("evidences").each())),
        caller_ip=parts.only(map(_caller, finding.at("evidences").each())) or "",
        resources=parts.resources((one.at("type").text(), one.at("uid").text()) for one in _resources(finding)),
        sample=guardduty.claims_sample(info.at("title")),
        archived=finding.at("activity_id").number() == CLOSE or finding.at("status_id").number() == ARCHIVED,
        actors=max(1, len(who)),
        vouched=vouched,
    )


def _is_guardduty(finding: Field) -> bool:
    arn = syntax.arn(finding.at("metadata", "product", "uid").text())
    return arn is not None and arn.resource == GUARDDUTY and not arn.account


def _product(finding: Field) -> str:
    if _is_guardduty(finding):
        return "GuardDuty"
    product = finding.at("metadata", "product")
    name = product.at("name").shown(128)
    # Anybody may write the name; see the ARN of GuardDuty above.
    return product.at("uid").shown(256) or "unknown" if not name or "guardduty" in name.lower() else name


def _account(finding: Field) -> str:
    return finding.at("cloud", "account", "uid").need(syntax.PLACE)


def _region(finding: Field) -> str:
    own = finding.at("cloud", "region")
    regions = (one.at("region") for one in _resources(finding))
    return (own if own.value is not None else next(regions, own)).need(syntax.PLACE)


def _partition(finding: Field) -> str:
    given = (finding.at("cloud"), *_resources(finding))
    named = (syntax.valid(syntax.PARTITION, one.at("cloud_partition").text()) for one in given)
    return next(filter(None, named), "aws")


def _type(finding: Field, *, own: bool) -> str:
    info = finding.at("finding_info")
    types = info.at("types").each()
    if own:
        for field in (*types, info.at("analytic", "name")):
            if TYPE.fullmatch(field.text()):
                return field.need()
        return info.at("types").need()
    generators = (
        finding.at("metadata", "event_code"),
        finding.at("compliance", "control"),
        info.at("analytic", "name"),
    )
    given = next((one for one in (*generators, *types) if one.text()), None)
    return given.need() if given else CLASSES[finding.at("class_uid").whole(0, 9999, 0)]


def _updated(finding: Field) -> datetime:
    info = finding.at("finding_info")
    return (_time(info, "modified_time") or _time(finding, "time")) or info.at("modified_time").need_time()


def _time(field: Field, name: str) -> datetime | None:
    return field.at(f"{name}_dt").time() or field.at(name).time()


def _resources(finding: Field, *kinds: str) -> Iterator[Field]:
    return (one for one in finding.at("resources").each() if not kinds or one.at("type").text() in kinds)


def _identities(finding: Field, account: str, *, own: bool) -> tuple[Identity, ...]:
    """Everyone who acted, each once. An actor may also be a user of the operating system: those are left out."""
    actors = (one.at("actor") for one in (finding, *finding.at("evidences").each()))
    found = (parts.actor(actor, account) for actor in actors)
    return tuple(dict.fromkeys(one for one in found if one and _is_aws(one) and (own or one.account == account)))


def _is_aws(one: Identity) -> bool:
    # AWS's principals have a type, a unique id or a key.
    return one.kind is not IdentityKind.UNKNOWN or bool(one.access_key)


def _caller(evidence: Field) -> str | None:
    return syntax.address(evidence.at("src_endpoint", "ip").text()) or None if evidence.at("api").entries() else None


def _connection(evidence: Field) -> Connection | None:
    """The peer is the side that the resource is not on."""
    if evidence.at("api").entries():
        return None
    info, source, target = (evidence.at(name) for name in ("connection_info", "src_endpoint", "dst_endpoint"))
    way = DIRECTIONS.get(info.at("direction_id").whole(0, 99, 0), parts.direction(info.at("direction").text()))
    remote, local = (source, target) if way is Direction.INBOUND else (target, source)
    ip = syntax.address(remote.at("ip").text())
    if not ip or way is Direction.UNKNOWN:
        return None
    blocked = DISPOSITIONS.get(evidence.at("disposition_id").whole(0, 99, 0))
    return Connection(ip, way, parts.port(local.at("port")), parts.port(remote.at("port")), blocked)


def _instance(finding: Field, account: str, region: str) -> Instance | None:
    """The one instance that is named; a finding speaks for its own account only."""
    found = {one.at("uid").text(): one for one in _resources(finding, *INSTANCES)}
    if len(found) != 1:
        return None
    text, resource = next(iter(found.items()))
    arn = syntax.arn(text)
    if (arn.account if arn else resource.at("owner", "account", "uid").text() or account) != account:
        return None
    data, device = resource.at("data"), resource.at("device")
    interfaces = (*data.at("network_interfaces").each(), *device.at("network_interfaces").each())
    return parts.instance(
        id=arn.name if arn else text,
        account=account,
        region=arn.region if arn else region,
        partition=_partition(finding),
        profile=data.at("iam_instance_profile", "arn").text() or device.at("instance_profile", "uid_alt").text(),
        interfaces=map(_interface, interfaces),
    )


def _interface(one: Field) -> Interface | None:
    ip = one.at("ip").text()
    private = syntax.is_private(ip)
    read = parts.interface(
        id=one.first("network_interface_id", "uid").text(),
        private_ip=one.at("private_ip_address").text() or (ip if private else ""),
        public_ip=one.at("public_ip").text() or ("" if private else ip),
        subnet=one.first("subnet_id", "subnet_uid").text(),
        vpc=one.first("vpc_id", "vpc_uid").text(),
        groups=(group.first("group_id", "uid").text() for group in one.at("security_groups").each()),
    )
    return read if read.id else None
