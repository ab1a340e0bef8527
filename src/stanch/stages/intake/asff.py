"""The AWS Security Finding Format, as Security Hub CSPM sends it, for GuardDuty and for any other product."""

import re
from collections.abc import Iterator

from stanch.model.data import JSON
from stanch.model.finding import Finding, Form, Identity, Instance, Interface
from stanch.stages.intake import guardduty, parts, sequence, severity, syntax
from stanch.stages.intake.fields import MAX_COUNT, Field

GUARDDUTY = "product/aws/guardduty"
"""The end of GuardDuty's product ARN; only AWS itself can import findings under it."""
TYPE = re.compile(r"(?:.*/)?([A-Za-z]+:[A-Za-z0-9]+)[-/]([^/]+)")
"""`TTPs/Discovery/Recon:EC2-PortProbeUnprotectedPort`: GuardDuty's type with a dash for its slash."""
PREFIX = "aws/guardduty/service/"
"""Where Security Hub puts GuardDuty's `service`; findings of 2019 carry it without the prefix."""


def parse(finding: Field, *, vouched: bool, requested_by: str = "") -> Finding:
    """One finding in ASFF; `requested_by` is the custom action that a person pressed. Raises BadInput."""
    own = _is_guardduty(finding)
    service = _service(finding) if own else Field("ProductFields", None)
    action = finding.at("Action") if finding.at("Action").entries() else service.at("action")
    account, region, partition = _account(finding), _region(finding), _partition(finding)
    told = sequence.read(finding.at("Detection", "Sequence"), account, region, partition)
    arn = syntax.GUARDDUTY_FINDING.fullmatch(finding.at("Id").need()) if own else None
    return Finding(
        id=arn[2] if arn else finding.at("Id").need(),
        account=account,
        region=region,
        type=_type(finding, own=own),
        severity=severity.asff(finding),
        updated_at=finding.at("UpdatedAt").need_time(),
        form=Form.ASFF,
        product=_product(finding),
        partition=partition,
        detector=arn[1] if arn else finding.at("ProductArn").shown(512),
        title=finding.at("Title").shown(512),
        description=finding.at("Description").shown(2048),
        created_at=finding.at("CreatedAt").time(),
        first_seen=finding.at("FirstObservedAt").time(),
        last_seen=finding.at("LastObservedAt").time(),
        count=service.at("count").whole(1, MAX_COUNT, 1),
        resource_role=guardduty.role(service),
        identity=told.identity if told else _identity(finding, account, own=own),
        instance=_instance(finding, account, region, partition),
        connection=parts.connection(action),
        caller_ip=told.caller_ip if told else parts.caller(action),
        remote_account=parts.remote_account(action),
        resources=parts.resources((one.at("Type").text(), one.at("Id").text()) for one in _resources(finding)),
        sample=finding.at("Sample").flag() is True or guardduty.is_sample(service, finding.at("Title")),
        archived=finding.at("RecordState").text() == "ARCHIVED" or service.at("archived").flag() is True,
        requested_by=requested_by,
        actors=told.actors if told else 1,
        vouched=vouched,
    )


def _is_guardduty(finding: Field) -> bool:
    arn = syntax.arn(finding.at("ProductArn").text())
    return arn is not None and arn.resource == GUARDDUTY and not arn.account


def _product(finding: Field) -> str:
    if _is_guardduty(finding):
        return "GuardDuty"
    # Anybody who may import findings chooses the product's name; its ARN he cannot choose.
    arn = finding.at("ProductArn").shown(256)
    name = finding.at("ProductName").shown(128) or finding.at("ProductFields", "aws/securityhub/ProductName").shown(128)
    return arn if not name or "guardduty" in name.lower() else name


def _account(finding: Field) -> str:
    return finding.at("AwsAccountId").need(syntax.PLACE)


def _region(finding: Field) -> str:
    if finding.at("Region").value is None:  # findings of before 2021 have none
        for field in (finding.at("ProductArn"), finding.at("Id")):
            arn = syntax.arn(field.text())
            if arn and arn.region:
                return Field(field.path, arn.region).need(syntax.PLACE)
    return finding.at("Region").need(syntax.PLACE)


def _partition(finding: Field) -> str:
    arn = syntax.arn(finding.at("ProductArn").text())
    return arn.partition if arn else "aws"


def _type(finding: Field, *, own: bool) -> str:
    types = finding.at("Types").each()
    if own:
        matches = (TYPE.fullmatch(one.text()) for one in types)
        if match := next(filter(None, matches), None):
            return Field(types[0].path, f"{match[1]}/{match[2]}").need()
    elif finding.at("GeneratorId").value is not None:
        return finding.at("GeneratorId").need()
    return (types[0] if types else finding.at("Types")).need()


def _service(finding: Field) -> Field:
    """GuardDuty's `service` object, put together again from ProductFields' flat names."""
    whole: dict[str, JSON] = {}
    for name, field in finding.at("ProductFields").entries():
        if name.startswith(PREFIX) or not name.startswith("aws/"):
            *above, last = name.removeprefix(PREFIX).split("/", 8)
            place = whole
            for step in above:
                below = place.setdefault(step, {})
                place = below if isinstance(below, dict) else {}
            place.setdefault(last, field.value)
    return Field(finding.at("ProductFields").path, whole)


def _resources(finding: Field, *kinds: str) -> Iterator[Field]:
    return (one for one in finding.at("Resources").each() if not kinds or one.at("Type").text() in kinds)


def _identity(finding: Field, account: str, *, own: bool) -> Identity | None:
    found = parts.only(_key(one, account) for one in _resources(finding, "AwsIamAccessKey"))
    return found if found and (own or found.account == account) else None


def _key(resource: Field, account: str) -> Identity | None:
    details = resource.at("Details", "AwsIamAccessKey")
    return parts.identity(
        kind=details.at("PrincipalType").text(),
        name=details.first("PrincipalName", "UserName").text(),
        account=details.at("AccountId").text() or account,
        principal_id=details.at("PrincipalId").text(),
        access_key=details.at("AccessKeyId").text() or resource.at("Id").text().rpartition(":")[2],
    )


def _instance(finding: Field, account: str, region: str, partition: str) -> Instance | None:
    """The one instance that is named; a finding speaks for its own account only."""
    found = {one.at("Id").text(): one for one in _resources(finding, "AwsEc2Instance")}
    if len(found) != 1:
        return None
    text, resource = next(iter(found.items()))
    arn = syntax.arn(text)
    if arn and arn.account != account:
        return None
    details = resource.at("Details", "AwsEc2Instance")
    return parts.instance(
        id=arn.name if arn else text,
        account=account,
        region=arn.region if arn else region,
        partition=partition,
        profile=details.at("IamInstanceProfileArn").text(),
        interfaces=_interfaces(details),
    )


def _interfaces(details: Field) -> Iterator[Interface | None]:
    given = details.at("NetworkInterfaces").each()
    # ASFF tells addresses for the instance as a whole: with several interfaces it is not known which is whose.
    addresses = [one.text() for one in details.at("IpV4Addresses").each()] if len(given) == 1 else []
    private = [one for one in addresses if syntax.is_private(one)]
    public = [one for one in addresses if one not in private]
    for one in given:
        read = parts.interface(
            id=one.at("NetworkInterfaceId").text(),
            private_ip=private[0] if private else "",
            public_ip=public[0] if public else "",
            subnet=details.at("SubnetId").text() if len(given) == 1 else "",
            vpc=details.at("VpcId").text(),
            groups=(),
        )
        yield read if read.id else None
