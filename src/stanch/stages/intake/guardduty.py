"""GuardDuty's own form: camelCase from EventBridge and the S3 export, PascalCase from its API."""

from collections.abc import Iterator

from stanch.model.errors import BadInput
from stanch.model.finding import Finding, Form, Identity, Instance, Interface
from stanch.sources import decode
from stanch.stages.intake import parts, sequence, severity, syntax
from stanch.stages.intake.fields import MAX_COUNT, Field

ID_NAMES = ("arn", "functionArn", "dbInstanceArn", "clusterArn", "volumeArn", "instanceId", "accessKeyId", "uid", "id")
"""Where a resource's kind keeps its id, best first; kinds that do not exist yet will most likely use one of them."""
NAMES = (*ID_NAMES, "snapshotArn", "imageArn", "dbInstanceIdentifier", "name")


def parse(finding: Field, *, vouched: bool) -> Finding:
    """One finding of GuardDuty. Raises BadInput naming the field."""
    service = finding.at("service")
    arn = syntax.GUARDDUTY_FINDING.fullmatch(finding.at("arn").text())
    told = sequence.read(service.at("detection", "sequence"), _account(finding), _region(finding), _partition(finding))
    return Finding(
        id=finding.at("id").need(),
        account=_account(finding),
        region=_region(finding),
        type=finding.at("type").need(),
        severity=severity.number(finding.at("severity")),
        updated_at=finding.at("updatedAt").need_time(),
        form=Form.GUARDDUTY,
        product="GuardDuty",
        partition=_partition(finding),
        detector=syntax.valid(syntax.DETECTOR, service.at("detectorId").text()) or (arn[1] if arn else ""),
        title=finding.at("title").shown(512),
        description=finding.at("description").shown(2048),
        created_at=finding.at("createdAt").time(),
        first_seen=service.at("eventFirstSeen").time(),
        last_seen=service.at("eventLastSeen").time(),
        count=service.at("count").whole(1, MAX_COUNT, 1),
        resource_role=role(service),
        identity=told.identity if told else _identity(finding),
        instance=told.instance if told else _instance(finding),
        connection=parts.connection(service.at("action")),
        caller_ip=told.caller_ip if told else parts.caller(service.at("action")),
        remote_account=parts.remote_account(service.at("action")),
        resources=told.resources if told else parts.resources(_resources(finding.at("resource"))),
        sample=is_sample(service, finding.at("title")),
        archived=service.at("archived").flag() is True,
        actors=told.actors if told else 1,
        vouched=vouched,
    )


def role(service: Field) -> str:
    """`TARGET` or `ACTOR`, else empty."""
    word = service.at("resourceRole").text().upper()
    return word if word in ("TARGET", "ACTOR") else ""


def claims_sample(title: Field) -> bool:
    """The title says that it is a sample."""
    return title.text().startswith("[SAMPLE]")


def is_sample(service: Field, title: Field) -> bool:
    """AWS's own sample flag, which stands in an object or in JSON inside a string, or a title that claims it."""
    extra = service.at("additionalInfo")
    inside = (extra, _inner(extra), _inner(extra.at("value")))
    return claims_sample(title) or any(one.at("sample").flag() is True for one in inside)


def _inner(field: Field) -> Field:
    try:
        return Field(field.path, decode(field.text()) if field.text() else None)
    except BadInput:
        return Field(field.path, None)  # free text, not JSON: it cannot flag a sample


def _account(finding: Field) -> str:
    return finding.at("accountId").need(syntax.PLACE)


def _region(finding: Field) -> str:
    arn = syntax.arn(finding.at("arn").text())
    if finding.at("region").value is None and arn and arn.region:
        return Field(finding.at("arn").path, arn.region).need(syntax.PLACE)
    return finding.at("region").need(syntax.PLACE)


def _partition(finding: Field) -> str:
    arn = syntax.arn(finding.at("arn").text())
    return syntax.valid(syntax.PARTITION, finding.at("partition").text()) or (arn.partition if arn else "aws")


def _identity(finding: Field) -> Identity | None:
    key = finding.at("resource", "accessKeyDetails")
    return parts.identity(
        kind=key.at("userType").text(),
        name=key.at("userName").text(),
        account=_account(finding),
        principal_id=key.at("principalId").text(),
        access_key=key.at("accessKeyId").text(),
    )


def _instance(finding: Field) -> Instance | None:
    details = finding.at("resource", "instanceDetails")
    return parts.instance(
        id=details.at("instanceId").text(),
        account=_account(finding),
        region=_region(finding),
        partition=_partition(finding),
        profile=details.at("iamInstanceProfile", "arn").text(),
        interfaces=map(_interface, details.at("networkInterfaces").each()),
    )


def _interface(one: Field) -> Interface | None:
    read = parts.interface(
        id=one.at("networkInterfaceId").text(),
        private_ip=one.at("privateIpAddress").text(),
        public_ip=one.at("publicIp").text(),
        subnet=one.at("subnetId").text(),
        vpc=one.at("vpcId").text(),
        groups=(group.at("groupId").text() for group in one.at("securityGroups").each()),
    )
    return read if read.id else None


def _resources(resource: Field) -> Iterator[tuple[str, str]]:
    for name, field in resource.entries():
        kind = name[:1].upper() + name[1:].removesuffix("Details")
        for one in field.each() or (field,):
            yield kind, one.first(*NAMES).text()
