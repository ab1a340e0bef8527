"""GuardDuty's findings in EventBridge's camelCase, about any host, key or bucket of the organisation."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from zlib import crc32

from stanch.lab.dice import hexadecimal, uuid
from stanch.lab.organisation.record import Caller
from stanch.lab.organisation.traces import Found
from stanch.lab.organisation.world import Bucket, Site
from stanch.lab.world import Host
from stanch.model.data import JSON, JSONObject

PLACES = (
    ("64496", "Example Net", "Netherlands", "Amsterdam", 52.37, 4.89),
    ("64499", "Example Mobile", "France", "Paris", 48.85, 2.35),
    ("64501", "Example Hosting", "Germany", "Frankfurt am Main", 50.11, 8.68),
    ("64505", "Example Fibre", "Spain", "Madrid", 40.41, -3.7),
    ("64509", "Example Cloud", "United States", "Ashburn", 39.04, -77.48),
)
"""What the world knows of an address; the same address is always from the same place."""


@dataclass(frozen=True)
class Seen:
    """What a finding says apart from its resource and its action."""

    type: str
    severity: float
    first: datetime
    last: datetime
    count: int = 1
    role: str = "TARGET"
    threats: tuple[str, ...] = ()
    """Names of threat lists that the remote address stands on."""
    additional: Mapping[str, JSON] | None = None


def finding(site: Site, thrown: Random, seen: Seen, resource: JSONObject, action: JSONObject) -> JSONObject:
    """An EventBridge `GuardDuty Finding`, published some minutes after what it saw."""
    number = hexadecimal(thrown, 32)
    published = stamp(seen.last + timedelta(seconds=thrown.randint(60, 600)))
    service: dict[str, JSON] = {
        "serviceName": "guardduty",
        "detectorId": site.detector,
        "action": action,
        "resourceRole": seen.role,
        "additionalInfo": {"value": json.dumps(seen.additional or {}), "type": "default"},
        "evidence": {"threatIntelligenceDetails": [{"threatListName": one, "threatNames": []} for one in seen.threats]},
        "eventFirstSeen": stamp(seen.first),
        "eventLastSeen": stamp(seen.last),
        "archived": False,
        "count": seen.count,
    }
    about = _about(resource)
    detail: dict[str, JSON] = {
        "schemaVersion": "2.0",
        "accountId": site.id,
        "region": site.region,
        "partition": "aws",
        "id": number,
        "arn": f"arn:aws:guardduty:{site.region}:{site.id}:detector/{site.detector}/finding/{number}",
        "type": seen.type,
        "resource": resource,
        "service": service,
        "severity": seen.severity,
        "createdAt": published,
        "updatedAt": published,
        "title": f"{seen.type.partition(':')[2].partition('.')[0]} seen for {about}.",
        "description": f"GuardDuty reports {seen.type} for {about} in account {site.id}.",
    }
    return envelope(thrown, detail)


def envelope(thrown: Random, detail: Mapping[str, JSON]) -> JSONObject:
    """EventBridge's event around a finding."""
    return {
        "version": "0",
        "id": uuid(thrown),
        "detail-type": "GuardDuty Finding",
        "source": "aws.guardduty",
        "account": detail["accountId"],
        "time": f"{str(detail['updatedAt'])[:19]}Z",
        "region": detail["region"],
        "resources": [],
        "detail": dict(detail),
    }


def again(thrown: Random, found: Found, after: timedelta, more: int) -> Found:
    """The same finding sent once more: its id stays, `updatedAt`, `eventLastSeen` and the count change."""
    detail = dict(_part(found.body, "detail"))
    service = dict(_part(detail, "service"))
    at = found.time + after
    service |= {"count": int(str(service["count"])) + more, "eventLastSeen": stamp(at - timedelta(minutes=4))}
    detail |= {"service": service, "updatedAt": stamp(at)}
    return replace(found, time=at, body=envelope(thrown, detail))


def published(body: JSONObject) -> datetime:
    """When a finding was published."""
    return datetime.fromisoformat(str(_part(body, "detail")["updatedAt"]))


def on_host(host: Host, launched: datetime) -> JSONObject:
    """The resource of a finding about an instance."""
    return {"resourceType": "Instance", "instanceDetails": _instance(host, launched)}


def on_caller(caller: Caller, host: Host | None = None, launched: datetime | None = None) -> JSONObject:
    """The resource of a finding about whoever made calls; with the host whose credentials they are."""
    identity = caller.session.identity
    kind = str(identity["type"])
    arn = str(identity.get("arn", ""))
    details: dict[str, JSON] = {
        "accessKeyId": str(identity.get("accessKeyId", caller.session.name)),
        "principalId": str(identity.get("principalId", "")),
        "userType": kind,
        "userName": arn.split("/")[1] if kind == "AssumedRole" else arn.rsplit("/", 1)[-1],
    }
    whose: dict[str, JSON] = {"resourceType": "AccessKey", "accessKeyDetails": details}
    return {**whose, "instanceDetails": _instance(host, launched)} if host and launched else whose


def on_bucket(caller: Caller, bucket: Bucket, created: datetime) -> JSONObject:
    """The resource of a finding about a bucket and who used it."""
    details: dict[str, JSON] = {
        "arn": f"arn:aws:s3:::{bucket.name}",
        "name": bucket.name,
        "type": "Destination",
        "createdAt": created.timestamp(),
        "tags": [],
        "defaultServerSideEncryption": {"encryptionType": "SSEAlgorithm", "kmsMasterKeyArn": None},
    }
    return {**on_caller(caller), "resourceType": "S3Bucket", "s3BucketDetails": [details]}


def api_call(service: str, operation: str, address: str, error: str = "") -> JSONObject:
    """The action of a finding about API calls from an address."""
    call: dict[str, JSON] = {
        "api": operation,
        "serviceName": f"{service}.amazonaws.com",
        "callerType": "Remote IP",
        "remoteIpDetails": _remote(address),
        "affectedResources": {},
    }
    return {"actionType": "AWS_API_CALL", "awsApiCallAction": {**call, "errorCode": error} if error else call}


def connection(
    host: Host, address: str, direction: str, ports: tuple[int, int], *, blocked: bool = False
) -> JSONObject:
    """The action of a finding about a connection; ports are (local, remote)."""
    link: dict[str, JSON] = {
        "connectionDirection": direction,
        "blocked": blocked,
        "protocol": "TCP",
        "localPortDetails": {"port": ports[0], "portName": "Unknown"},
        "remotePortDetails": {"port": ports[1], "portName": "Unknown"},
        "localIpDetails": {"ipAddressV4": host.instance.interfaces[0].private_ip},
        "remoteIpDetails": _remote(address),
    }
    return {"actionType": "NETWORK_CONNECTION", "networkConnectionAction": link}


def name_lookup(domain: str) -> JSONObject:
    """The action of a finding about a DNS request."""
    return {"actionType": "DNS_REQUEST", "dnsRequestAction": {"domain": domain, "protocol": "UDP", "blocked": False}}


def port_probe(host: Host, address: str, port: int) -> JSONObject:
    """The action of a finding about a probe of an open port."""
    probe: dict[str, JSON] = {
        "localPortDetails": {"port": port, "portName": "Unknown"},
        "localIpDetails": {"ipAddressV4": host.instance.interfaces[0].private_ip},
        "remoteIpDetails": _remote(address),
    }
    return {"actionType": "PORT_PROBE", "portProbeAction": {"blocked": False, "portProbeDetails": [probe]}}


def stamp(at: datetime) -> str:
    """GuardDuty's time: milliseconds, `Z`."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def _instance(host: Host, launched: datetime) -> JSONObject:
    region = host.instance.region
    return {
        "instanceId": host.instance.id,
        "instanceType": host.kind,
        "launchTime": stamp(launched),
        "platform": None,
        "productCodes": [],
        "iamInstanceProfile": {"arn": host.profile, "id": f"AIPA{host.role.id[4:]}"},
        "networkInterfaces": [_interface(host, region)],
        "tags": [{"key": key, "value": value} for key, value in host.tags],
        "instanceState": "running",
        "availabilityZone": f"{region}a",
        "imageId": host.image,
        "imageDescription": None,
    }


def _interface(host: Host, region: str) -> JSONObject:
    face = host.instance.interfaces[0]
    name = f"ip-{face.private_ip.replace('.', '-')}.{region}.compute.internal"
    public: dict[str, JSON] = {"publicIp": face.public_ip, "publicDnsName": ""} if face.public_ip else {}
    return {
        "networkInterfaceId": face.id,
        "privateIpAddress": face.private_ip,
        "privateDnsName": name,
        "privateIpAddresses": [{"privateDnsName": name, "privateIpAddress": face.private_ip}],
        **public,
        "subnetId": face.subnet,
        "vpcId": face.vpc,
        "securityGroups": [{"groupName": host.name, "groupId": group} for group in face.groups],
        "ipv6Addresses": [],
    }


def _remote(address: str) -> JSONObject:
    asn, name, country, city, lat, lon = PLACES[
        crc32(address.rpartition(".")[0].encode() + address[-1:].encode()) % len(PLACES)
    ]
    return {
        "ipAddressV4": address,
        "organization": {"asn": asn, "asnOrg": name, "isp": name, "org": name},
        "country": {"countryName": country},
        "city": {"cityName": city},
        "geoLocation": {"lat": lat, "lon": lon},
    }


def _about(resource: JSONObject) -> str:
    match resource["resourceType"]:
        case "Instance":
            return f"EC2 instance {_part(resource, 'instanceDetails')['instanceId']}"
        case _:
            return f"principal {_part(resource, 'accessKeyDetails')['userName']}"


def _part(body: Mapping[str, JSON], name: str) -> Mapping[str, JSON]:
    part = body[name]
    assert isinstance(part, Mapping)  # noqa: S101 -- written by this module
    return part
