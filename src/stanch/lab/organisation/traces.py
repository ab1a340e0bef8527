"""What traffic leaves behind apart from CloudTrail: flows, lines of S3's access logs, findings."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple, TypeAlias

from stanch.lab.organisation.record import Caller, Event, Pen
from stanch.lab.organisation.world import Bucket
from stanch.model.data import JSON, JSONObject
from stanch.model.finding import Interface

FLOW_FIELDS = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action "
    "log-status vpc-id subnet-id instance-id pkt-srcaddr pkt-dstaddr flow-direction"
)
"""AWS's custom format: the default one and what else is needed to say who spoke to whom."""


class Flow(NamedTuple):
    """One record of a VPC flow log."""

    time: datetime
    account: str
    region: str
    text: str


class Access(NamedTuple):
    """One line of an S3 server access log."""

    time: datetime
    account: str
    bucket: str
    text: str


@dataclass(frozen=True)
class Found:
    """A finding of GuardDuty and the truth about it."""

    time: datetime
    """When this version of it was published."""
    body: JSONObject
    """The EventBridge envelope."""
    intent: str
    scenario: str
    targets: tuple[str, ...] = ()
    """What may be contained: ARNs, key ids, addresses."""


Trace: TypeAlias = Event | Flow | Access | Found


@dataclass(frozen=True)
class Talk:
    """A connection seen from one interface of ours."""

    peer: str
    local: int
    remote: int
    bytes_in: int
    bytes_out: int
    accepted: bool = True
    protocol: int = 6
    seconds: int = 59


def talk(at: datetime, account: str, region: str, instance: str, face: Interface, said: Talk) -> tuple[Flow, ...]:
    """The flow records of a connection: one a direction, only the first when it was rejected."""
    start = int(at.timestamp())
    tail = f"{face.vpc} {face.subnet} {instance}"

    def line(source: str, target: str, ports: str, volume: int, direction: str) -> Flow:
        packets = max(1, volume // 900)
        action = "ACCEPT" if said.accepted else "REJECT"
        text = (
            f"5 {account} {face.id} {source} {target} {ports} {said.protocol} {packets} {volume} {start} "
            f"{start + said.seconds} {action} OK {tail} {source} {target} {direction}\n"
        )
        return Flow(at, account, region, text)

    inward = line(said.peer, face.private_ip, f"{said.remote} {said.local}", said.bytes_in, "ingress")
    if not said.accepted:
        return (inward,)
    return inward, line(face.private_ip, said.peer, f"{said.local} {said.remote}", said.bytes_out, "egress")


def get_object(
    pen: Pen, caller: Caller, at: datetime, bucket: Bucket, key: str, size: int, *, error: str = ""
) -> tuple[Trace, ...]:
    """A read of an object: the data event, and the line of the access log where the bucket has one."""
    return _object(pen, caller, at, bucket, ("GetObject", "REST.GET.OBJECT", f"GET /{key}"), key, size, error)


def put_object(pen: Pen, caller: Caller, at: datetime, bucket: Bucket, key: str, size: int) -> tuple[Trace, ...]:
    """A write of an object."""
    return _object(pen, caller, at, bucket, ("PutObject", "REST.PUT.OBJECT", f"PUT /{key}"), key, size, "")


def delete_object(pen: Pen, caller: Caller, at: datetime, bucket: Bucket, key: str) -> tuple[Trace, ...]:
    """A deletion of an object."""
    return _object(pen, caller, at, bucket, ("DeleteObject", "REST.DELETE.OBJECT", f"DELETE /{key}"), key, 0, "")


def list_objects(pen: Pen, caller: Caller, at: datetime, bucket: Bucket, prefix: str = "") -> tuple[Trace, ...]:
    """A page of a bucket's list."""
    words = ("ListObjects", "REST.GET.BUCKET", f"GET /?list-type=2&prefix={prefix}")
    return _object(pen, caller, at, bucket, words, "", 4000, "")


def _object(
    pen: Pen,
    caller: Caller,
    at: datetime,
    bucket: Bucket,
    words: tuple[str, str, str],
    key: str,
    size: int,
    error: str,
) -> tuple[Trace, ...]:
    name, operation, uri = words
    read = name != "PutObject"
    request: dict[str, JSON] = {"bucketName": bucket.name, "Host": f"{bucket.name}.s3.{caller.region}.amazonaws.com"}
    request |= {"key": key} if key else {"list-type": "2", "prefix": uri.rpartition("=")[2]}
    moved: JSONObject = {
        "SignatureVersion": "SigV4",
        "CipherSuite": "TLS_AES_128_GCM_SHA256",
        "bytesTransferredIn": 0 if read else size,
        "AuthenticationMethod": "AuthHeader",
        "bytesTransferredOut": 243 if error else size if read else 0,
    }
    event = pen.write(caller, at, f"s3:{name}", request=request, error=error, extra={"additionalEventData": moved})
    if not bucket.access_logged:
        return (event,)
    who = str(caller.session.identity.get("arn", "-"))
    line = access_line(
        at, bucket.name, caller.session.address, who, operation, key or "-", uri, size, caller.session.agent, pen.dice,
        error,
    )  # fmt: skip
    return event, Access(at, event.account, bucket.name, line)


def access_line(
    at: datetime,
    bucket: str,
    address: str,
    who: str,
    operation: str,
    key: str,
    uri: str,
    size: int,
    agent: str,
    thrown: Random,
    error: str = "",
) -> str:
    """A line in the format of S3's server access logs."""
    status, code = (403, error) if error else (200, "-")
    owner = f"{hash_of(bucket):064x}"
    said = agent.replace('"', "'")
    return (
        f"{owner} {bucket} [{at:%d/%b/%Y:%H:%M:%S} +0000] {address} {who} {thrown.getrandbits(64):016X} {operation} "
        f'{key} "{uri} HTTP/1.1" {status} {code} {size} {size} {thrown.randint(8, 90)} {thrown.randint(5, 60)} "-" '
        f'"{said}" - {thrown.getrandbits(96):024x} SigV4 TLS_AES_128_GCM_SHA256 AuthHeader '
        f"{bucket}.s3.amazonaws.com TLSv1.3 - -\n"
    )


def hash_of(text: str) -> int:
    """A number of 256 bits that stands for the canonical id of a bucket's owner."""
    return Random(text).getrandbits(256)  # noqa: S311 -- an id, no secret depends on it


def later(at: datetime, seconds: float) -> datetime:
    """So many seconds after."""
    return at + timedelta(seconds=seconds)
