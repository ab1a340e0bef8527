"""GuardDuty's side of the lab: findings in the camelCase of EventBridge, key for key as AWS writes them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from stanch.lab.dice import hexadecimal, uuid
from stanch.lab.world import REGION, Host, World
from stanch.model.data import JSON, JSONObject
from stanch.model.finding import Interface


@dataclass(frozen=True)
class Sighting:
    """What a finding says apart from its resource and its action."""

    account: str
    type: str
    severity: float
    title: str
    description: str
    first: datetime
    last: datetime
    count: int = 1
    role: str = "TARGET"
    threats: Sequence[str] = ()
    """Names of threat lists that the remote address stands on."""
    additional: Mapping[str, JSON] | None = None


def finding(world: World, dice: Random, seen: Sighting, resource: JSONObject, action: JSONObject) -> JSONObject:
    """An EventBridge `GuardDuty Finding`, published two minutes after what it saw."""
    number, detector = hexadecimal(dice, 32), world.detectors[seen.account]
    written = stamp(seen.last + timedelta(minutes=2))
    detail: dict[str, JSON] = {
        "schemaVersion": "2.0",
        "accountId": seen.account,
        "region": REGION,
        "partition": "aws",
        "id": number,
        "arn": f"arn:aws:guardduty:{REGION}:{seen.account}:detector/{detector}/finding/{number}",
        "type": seen.type,
        "resource": resource,
        "service": _service(seen, detector, action),
        "severity": seen.severity,
        "createdAt": written,
        "updatedAt": written,
        "title": seen.title,
        "description": seen.description,
    }
    return {
        "version": "0",
        "id": uuid(dice),
        "detail-type": "GuardDuty Finding",
        "source": "aws.guardduty",
        "account": seen.account,
        "time": seen.last.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [],
        "detail": detail,
    }


def stamp(at: datetime) -> str:
    """GuardDuty's time: milliseconds, `Z`."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def on_instance(host: Host, launched: datetime) -> JSONObject:
    """The resource of a finding about a host."""
    return {"resourceType": "Instance", "instanceDetails": _instance(host, launched)}


def on_key(key: str, principal: str, kind: str, name: str) -> JSONObject:
    """The resource of a finding about a principal, known by the key it used."""
    details = {"accessKeyId": key, "principalId": principal, "userType": kind, "userName": name}
    return {"resourceType": "AccessKey", "accessKeyDetails": details}


def on_session_of(host: Host, key: str, launched: datetime) -> JSONObject:
    """The resource of a finding about the credentials of a host."""
    principal = f"{host.role.id}:{host.instance.id}"
    whose = on_key(key, principal, "AssumedRole", host.role.name)
    return {**whose, "instanceDetails": _instance(host, launched)}


def api_call(service: str, operation: str, address: str) -> JSONObject:
    """The action of a finding about API calls from `address`."""
    call: dict[str, JSON] = {
        "api": operation,
        "serviceName": f"{service}.amazonaws.com",
        "callerType": "Remote IP",
        "remoteIpDetails": _remote(address),
        "affectedResources": {},
    }
    return {"actionType": "AWS_API_CALL", "awsApiCallAction": call}


def connection(host: Host, address: str, direction: str, local: int, remote: int) -> JSONObject:
    """The action of a finding about a TCP connection with `address`, which was not blocked."""
    link: dict[str, JSON] = {
        "connectionDirection": direction,
        "blocked": False,
        "protocol": "TCP",
        "localPortDetails": {"port": local, "portName": "Unknown"},
        "remotePortDetails": {"port": remote, "portName": "Unknown"},
        "localIpDetails": {"ipAddressV4": host.instance.interfaces[0].private_ip},
        "remoteIpDetails": _remote(address),
    }
    return {"actionType": "NETWORK_CONNECTION", "networkConnectionAction": link}


def port_probe(host: Host, address: str, port: int) -> JSONObject:
    """The action of a finding about a probe of an open port by a stranger."""
    probe: dict[str, JSON] = {
        "localPortDetails": {"port": port, "portName": "SSH"},
        "localIpDetails": {"ipAddressV4": host.instance.interfaces[0].private_ip},
        "remoteIpDetails": _remote(address),
    }
    return {"actionType": "PORT_PROBE", "portProbeAction": {"blocked": False, "portProbeDetails": [probe]}}


def _instance(host: Host, launched: datetime) -> JSONObject:
    return {
        "instanceId": host.instance.id,
        "instanceType": host.kind,
        "launchTime": stamp(launched),
        "platform": None,
        "productCodes": [],
        "iamInstanceProfile": {"arn": host.profile, "id": f"AIPA{host.role.id[4:]}"},
        "networkInterfaces": [_interface(host, *one) for one in enumerate(host.instance.interfaces)],
        "tags": [{"key": key, "value": value} for key, value in host.tags],
        "instanceState": "running",
        "availabilityZone": f"{REGION}a",
        "imageId": host.image,
        "imageDescription": None,
    }


def _service(seen: Sighting, detector: str, action: JSONObject) -> JSONObject:
    return {
        "serviceName": "guardduty",
        "detectorId": detector,
        "action": action,
        "resourceRole": seen.role,
        "additionalInfo": {"value": json.dumps(seen.additional or {}), "type": "default"},
        "evidence": {"threatIntelligenceDetails": [{"threatListName": one, "threatNames": []} for one in seen.threats]},
        "eventFirstSeen": stamp(seen.first),
        "eventLastSeen": stamp(seen.last),
        "archived": False,
        "count": seen.count,
    }


def _remote(address: str) -> JSONObject:
    return {
        "ipAddressV4": address,
        "organization": {"asn": "64496", "asnOrg": "Example Net", "isp": "Example Net", "org": "Example Net"},
        "country": {"countryName": "Netherlands"},
        "city": {"cityName": "Amsterdam"},
        "geoLocation": {"lat": 52.37, "lon": 4.89},
    }


def _interface(host: Host, index: int, face: Interface) -> JSONObject:
    name = f"ip-{face.private_ip.replace('.', '-')}.{REGION}.compute.internal"
    label = f"{host.name}-back" if index else host.name
    public: dict[str, JSON] = {"publicIp": face.public_ip, "publicDnsName": ""} if face.public_ip else {}
    return {
        "networkInterfaceId": face.id,
        "privateIpAddress": face.private_ip,
        "privateDnsName": name,
        "privateIpAddresses": [{"privateDnsName": name, "privateIpAddress": face.private_ip}],
        **public,
        "subnetId": face.subnet,
        "vpcId": face.vpc,
        "securityGroups": [{"groupName": label, "groupId": group} for group in face.groups],
        "ipv6Addresses": [],
    }
