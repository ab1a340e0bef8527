from dataclasses import replace
from typing import Any

import pytest

from stanch.model.finding import Connection, Direction, Finding, Form, Identity, IdentityKind, Instance, Interface, Skip
from stanch.stages.intake import read

ACCOUNT, REGION = "111122223333", "eu-west-1"
KEY, PRINCIPAL, ROLE = "ASIAEXAMPLEEXAMPLE12", "AROAEXAMPLEEXAMPLE12:i-0f3c9a71be2d4aa10", "payments"
HOST = "i-0f3c9a71be2d4aa10"
UID = "8ac2f1d3c0b94f5f9b1f0e5d6a7b8c90"
DETECTOR = "12abc34d567e8fa901bc2d34e56789f0"
ARN = f"arn:aws:guardduty:{REGION}:{ACCOUNT}:detector/{DETECTOR}/finding/{UID}"
THEFT = "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS"
WHEN = "2026-11-23T01:42:30.123Z"
MILLISECONDS = 1795398150123
CALL = {"actionType": "AWS_API_CALL", "awsApiCallAction": {"remoteIpDetails": {"ipAddressV4": "203.0.113.047"}}}
FLOW = {
    "actionType": "NETWORK_CONNECTION",
    "networkConnectionAction": {
        "connectionDirection": "OUTBOUND",
        "blocked": False,
        "localPortDetails": {"port": 40000},
        "remotePortDetails": {"port": "3333"},
        "remoteIpDetails": {"ipAddressV4": "198.051.100.007"},
    },
}


def guardduty(**changes: Any) -> dict[str, Any]:
    return {
        "schemaVersion": "2.0",
        "accountId": ACCOUNT,
        "region": REGION,
        "partition": "aws",
        "id": UID,
        "arn": ARN,
        "type": THEFT,
        "severity": 8,
        "updatedAt": WHEN,
        "createdAt": WHEN,
        "title": "Stolen",
        "resource": {
            "resourceType": "AccessKey",
            "accessKeyDetails": {
                "accessKeyId": KEY,
                "principalId": PRINCIPAL,
                "userType": "AssumedRole",
                "userName": ROLE,
            },
            "instanceDetails": {
                "instanceId": HOST,
                "iamInstanceProfile": {"arn": f"arn:aws:iam::{ACCOUNT}:instance-profile/{ROLE}"},
                "networkInterfaces": [
                    {
                        "networkInterfaceId": "eni-0a1b2c3d4e5f60718",
                        "privateIpAddress": "10.20.4.17",
                        "publicIp": "198.51.100.20",
                        "subnetId": "subnet-0aa1",
                        "vpcId": "vpc-0a1",
                        "securityGroups": [{"groupId": "sg-0a1"}, {"groupId": "sg-0b2"}],
                    }
                ],
            },
        },
        "service": {"detectorId": DETECTOR, "count": 3, "action": CALL, "resourceRole": "TARGET"},
    } | changes


def pascal(value: Any) -> Any:
    if isinstance(value, dict):
        return {name[:1].upper() + name[1:]: pascal(one) for name, one in value.items()}
    return [pascal(one) for one in value] if isinstance(value, list) else value


def asff(**changes: Any) -> dict[str, Any]:
    return {
        "SchemaVersion": "2018-10-08",
        "Id": ARN,
        "ProductArn": f"arn:aws:securityhub:{REGION}::product/aws/guardduty",
        "ProductName": "GuardDuty",
        "Region": REGION,
        "GeneratorId": f"arn:aws:guardduty:{REGION}:{ACCOUNT}:detector/{DETECTOR}",
        "AwsAccountId": ACCOUNT,
        "Types": ["TTPs/UnauthorizedAccess:IAMUser-InstanceCredentialExfiltration.OutsideAWS"],
        "UpdatedAt": WHEN,
        "CreatedAt": WHEN,
        "Severity": {"Label": "HIGH", "Normalized": 70, "Original": "8.0"},
        "Title": "Stolen",
        "ProductFields": {
            "aws/guardduty/service/count": "3",
            "aws/guardduty/service/resourceRole": "TARGET",
            "aws/guardduty/service/action/awsApiCallAction/remoteIpDetails/ipAddressV4": "203.0.113.47",
        },
        "Resources": [
            {
                "Type": "AwsIamAccessKey",
                "Id": f"AWS::IAM::AccessKey:{KEY}",
                "Details": {
                    "AwsIamAccessKey": {
                        "PrincipalId": PRINCIPAL,
                        "PrincipalType": "AssumedRole",
                        "PrincipalName": ROLE,
                    }
                },
            },
            {
                "Type": "AwsEc2Instance",
                "Id": f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{HOST}",
                "Details": {
                    "AwsEc2Instance": {
                        "IamInstanceProfileArn": f"arn:aws:iam::{ACCOUNT}:instance-profile/{ROLE}",
                        "IpV4Addresses": ["198.51.100.20", "10.20.4.17"],
                        "SubnetId": "subnet-0aa1",
                        "VpcId": "vpc-0a1",
                        "NetworkInterfaces": [{"NetworkInterfaceId": "eni-0a1b2c3d4e5f60718"}],
                    }
                },
            },
        ],
    } | changes


def ocsf(**changes: Any) -> dict[str, Any]:
    return {
        "class_uid": 2004,
        "severity_id": 4,
        "count": 3,
        "metadata": {
            "version": "1.6.0",
            "product": {"name": "GuardDuty", "uid": f"arn:aws:securityhub:{REGION}::productv2/aws/guardduty"},
        },
        "cloud": {"region": REGION, "account": {"uid": ACCOUNT}},
        "finding_info": {"uid": ARN, "title": "Stolen", "types": ["Threats", THEFT], "modified_time": MILLISECONDS},
        "resources": [
            {
                "type": "AWS::EC2::Instance",
                "uid": HOST,
                "data": {
                    "iam_instance_profile": {"arn": f"arn:aws:iam::{ACCOUNT}:instance-profile/{ROLE}"},
                    "network_interfaces": [
                        {
                            "network_interface_id": "eni-0a1b2c3d4e5f60718",
                            "private_ip_address": "10.20.4.17",
                            "public_ip": "198.51.100.20",
                            "subnet_id": "subnet-0aa1",
                            "vpc_id": "vpc-0a1",
                            "security_groups": [{"group_id": "sg-0a1"}, {"group_id": "sg-0b2"}],
                        }
                    ],
                },
            }
        ],
        "evidences": [
            {
                "api": {"operation": "GetObject"},
                "actor": {
                    "user": {"type": "AssumedRole", "name": ROLE, "uid": PRINCIPAL, "credential_uid": KEY},
                    "process": {"user": {"name": "root", "uid": "0"}},
                },
                "src_endpoint": {"ip": "203.0.113.47"},
            },
            {"actor": {"user": {"name": "root", "uid": "0"}}},
        ],
    } | changes


def event(kind: str, detail: Any) -> dict[str, Any]:
    source = "aws.guardduty" if "GuardDuty" in kind else "aws.securityhub"
    return {"version": "0", "detail-type": kind, "source": source, "account": "444455556666", "detail": detail}


RECORDS = {
    "EventBridge": event("GuardDuty Finding", guardduty()),
    "EventBridge in PascalCase": event("GuardDuty Finding", pascal(guardduty())),
    "S3 export": guardduty(),
    "API": pascal(guardduty()),
    "API answer": {"Findings": [pascal(guardduty())]},
    "list": [guardduty()],
    "ASFF": asff(),
    "ASFF answer": {"Findings": [asff()]},
    "Security Hub": event("Security Hub Findings - Imported", {"findings": [asff()]}),
    "OCSF": ocsf(),
    "OCSF answer": {"Findings": [ocsf()]},
    "new Security Hub": event("Findings Imported V2", {"findings": [ocsf()]}),
}


def one(record: Any) -> Finding:
    (finding,) = read("record", record, vouched=True)
    assert isinstance(finding, Finding), finding
    return finding


@pytest.mark.parametrize("record", RECORDS.values(), ids=list(RECORDS))
def test_a_finding_is_the_same_in_whatever_form_it_arrives(record: Any) -> None:
    finding = one(record)
    interface = Interface("eni-0a1b2c3d4e5f60718", "10.20.4.17", "198.51.100.20", "subnet-0aa1", "vpc-0a1")
    if finding.form is not Form.ASFF:  # which does not tell the groups
        interface = replace(interface, groups=("sg-0a1", "sg-0b2"))
    assert finding.key == f"{ACCOUNT}/{REGION}/{UID}"
    assert finding.revision == f"{finding.key}@2026-11-23T01:42:30.123000+00:00#3"
    assert (finding.product, finding.type, finding.severity, finding.title) == ("GuardDuty", THEFT, 8, "Stolen")
    assert finding.detector == DETECTOR
    assert finding.identity == Identity(IdentityKind.ASSUMED_ROLE, ACCOUNT, ROLE, PRINCIPAL, KEY)
    assert finding.instance == Instance(HOST, ACCOUNT, REGION, "aws", ROLE, (interface,))
    assert (finding.caller_ip, finding.connection) == ("203.0.113.47", None)
    assert (finding.actors, finding.sample, finding.archived, finding.vouched) == (1, False, False, True)


@pytest.mark.parametrize(
    "record",
    [
        guardduty(service={"action": FLOW}),
        pascal(guardduty(service={"action": FLOW})),
        asff(Action=pascal(FLOW)),
        ocsf(
            evidences=[
                {
                    "connection_info": {"direction": "Outbound", "direction_id": 2},
                    "src_endpoint": {"ip": "10.20.4.17", "port": 40000},
                    "dst_endpoint": {"ip": "198.051.100.007", "port": 3333},
                    "disposition_id": 1,
                }
            ]
        ),
    ],
)
def test_the_peer_of_a_connection_is_the_same_in_every_form(record: Any) -> None:
    finding = one(record)
    assert finding.connection == Connection("198.51.100.7", Direction.OUTBOUND, 40000, 3333, blocked=False)
    assert finding.caller_ip == ""


def test_a_pressed_button_is_kept() -> None:
    pressed = event("Security Hub Findings - Custom Action", {"actionName": "Contain", "findings": [asff()]})
    assert one(pressed).requested_by == "Contain"


@pytest.mark.parametrize(
    "changes",
    [
        {"service": {"additionalInfo": {"sample": True}}},
        {"service": {"additionalInfo": {"value": '{"threatName": "x", "sample": true}', "type": "default"}}},
        {"title": "[SAMPLE] Stolen"},
    ],
)
def test_a_sample_is_known_in_every_way_it_is_written(changes: dict[str, Any]) -> None:
    assert one(guardduty(**changes)).sample
    assert one(pascal(guardduty(**changes))).sample


@pytest.mark.parametrize(
    "changes",
    [
        {"Sample": True},
        {"ProductFields": {"aws/guardduty/service/additionalInfo/sample": "true"}},
        {"ProductFields": {"additionalInfo": '{"sample": true}'}},
        {"Title": "[SAMPLE] Stolen"},
    ],
)
def test_a_sample_is_known_in_asff(changes: dict[str, Any]) -> None:
    assert one(asff(**changes)).sample


def test_nobody_else_can_pass_for_guardduty() -> None:
    forged = asff(ProductArn=f"arn:aws:securityhub:{REGION}:{ACCOUNT}:product/{ACCOUNT}/default")
    assert "GuardDuty" not in one(forged).product
    assert one(forged).id == ARN
    metadata = {
        "product": {"name": "GuardDuty", "uid": f"arn:aws:securityhub:{REGION}:{ACCOUNT}:productv2/x/guardduty"}
    }
    assert one(ocsf(metadata=metadata)).product != "GuardDuty"
    (skip,) = read("record", event("GuardDuty Finding", guardduty()) | {"source": "my.app"}, vouched=False)
    assert isinstance(skip, Skip)
    assert skip.malformed
    assert "'aws.guardduty'" in skip.reason


def test_another_product_speaks_for_its_own_account_only() -> None:
    arn = f"arn:aws:securityhub:{REGION}:{ACCOUNT}:product/{ACCOUNT}/default"
    finding = one(asff(ProductArn=arn, AwsAccountId="444455556666"))
    assert finding.instance is None
    resources: list[Any] = asff()["Resources"]
    resources[0]["Details"]["AwsIamAccessKey"]["AccountId"] = "444455556666"
    assert one(asff(ProductArn=arn, Resources=resources)).identity is None
    foreign = one(asff(Resources=resources)).identity
    assert foreign is not None
    assert foreign.account == "444455556666"


ACTOR = {
    "id": PRINCIPAL,
    "user": {"name": "a-session", "uid": PRINCIPAL, "type": "AssumedRole", "account": {"uid": ACCOUNT}},
    "session": {"uid": KEY, "issuer": f"arn:aws:iam::{ACCOUNT}:role/team/{ROLE}"},
}
HOST_RESOURCE = {
    "uid": f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{HOST}",
    "accountId": ACCOUNT,
    "resourceType": "EC2_INSTANCE",
    "region": REGION,
    "data": {"ec2Instance": {"ec2NetworkInterfaceUids": ["eni-1"]}},
}
CARD = {
    "uid": "eni-1",
    "resourceType": "EC2_NETWORK_INTERFACE",
    "data": {
        "ec2NetworkInterface": {
            "privateIpAddresses": [{"privateIpAddress": "10.0.0.9"}],
            "securityGroups": [{"groupId": "sg-1"}],
            "subNetId": "subnet-1",
            "vpcId": "vpc-1",
        }
    },
}


def sequence(actors: list[Any], resources: list[Any]) -> dict[str, Any]:
    told = {"uid": UID, "actors": actors, "resources": resources, "endpoints": [{"ip": "203.0.113.47"}]}
    service = {"detectorId": DETECTOR, "detection": {"sequence": told}}
    return guardduty(
        type="AttackSequence:IAM/CompromisedCredentials",
        severity=9,
        resource={"resourceType": "AttackSequence"},
        service=service,
    )


@pytest.mark.parametrize("spell", [lambda record: record, pascal], ids=["camelCase", "PascalCase"])
def test_a_sequence_gives_its_single_actor_and_its_single_instance(spell: Any) -> None:
    finding = one(spell(sequence([ACTOR], [HOST_RESOURCE, CARD])))
    assert finding.identity == Identity(IdentityKind.ASSUMED_ROLE, ACCOUNT, ROLE, PRINCIPAL, KEY)
    interface = Interface("eni-1", "10.0.0.9", "", "subnet-1", "vpc-1", ("sg-1",))
    assert finding.instance == Instance(HOST, ACCOUNT, REGION, "aws", "", (interface,))
    assert (finding.actors, finding.caller_ip) == (1, "203.0.113.47")


def test_of_several_actors_or_instances_none_is_picked() -> None:
    other = HOST_RESOURCE | {"uid": "i-0123456789abcdef0"}
    finding = one(sequence([ACTOR, ACTOR | {"id": "other"}], [HOST_RESOURCE, other]))
    assert (finding.identity, finding.instance, finding.actors) == (None, None, 2)


def test_a_sequence_in_asff_names_its_actor_too() -> None:
    detection = {"Sequence": pascal({"actors": [ACTOR], "endpoints": [{"ip": "203.0.113.47"}]})}
    finding = one(asff(Detection=detection, Resources=[]))
    assert finding.identity == Identity(IdentityKind.ASSUMED_ROLE, ACCOUNT, ROLE, PRINCIPAL, KEY)
    assert finding.caller_ip == "203.0.113.47"
