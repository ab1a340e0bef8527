"""What passed over an instance's interfaces since a moment, as VPC flow logs assert it: peers, bytes, accepted or not.

Only flow logs that deliver to CloudWatch Logs in the instance's own account are read. Where an interface has none, or
what is there cannot be read, that is said: absence of a record is never taken for absence of traffic.
https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from stanch.aws.answer import rows, text
from stanch.model.data import JSON, JSONObject
from stanch.model.errors import FailedResponse
from stanch.model.ports import Reader

NEEDED = ("interface-id", "srcaddr", "dstaddr", "bytes", "start", "end", "action", "log-status")
"""Fields of a record without which it proves nothing."""
TELLING = ("ALL", "ACCEPT")
"""Traffic types of flow logs that would show accepted traffic."""
QUIET, TRAFFIC = "NODATA", "OK"


@dataclass(frozen=True)
class Flow:
    """One record of one interface: what passed between two addresses in a window of one or ten minutes."""

    interface: str
    start: datetime
    end: datetime
    source: str = ""
    destination: str = ""
    bytes: int = 0
    accepted: bool = False

    def carried(self, peer: str) -> bool:
        """Whether bytes were accepted to or from this address."""
        return self.accepted and self.bytes > 0 and peer in (self.source, self.destination)


@dataclass(frozen=True)
class Flows:
    """What flow logs say of an instance."""

    records: tuple[Flow, ...] = ()
    """Of windows that began at the moment or later, by time."""
    silent: tuple[str, ...] = ()
    """Interfaces of which no such record has arrived (yet)."""
    unknown: tuple[str, ...] = ()
    """Why it is not known what passed over some interface, in sentences."""


@dataclass(frozen=True)
class _Log:
    """A flow log that can be read."""

    covers: str
    """Interface, subnet or VPC."""
    group: str
    fields: tuple[str, ...]


def since(reader: Reader, instance: str, moment: datetime) -> Flows:
    """The instance's flows in windows that began at `moment` or later. Raises Environment if AWS cannot be asked."""
    try:
        places = _places(reader, instance)
        logs, useless = _logs(reader, sorted({one for place in places for one in place}))
    except FailedResponse as error:
        return Flows(unknown=(f"flow logs of instance {instance}: {error}",))
    if not places:
        return Flows(unknown=(f"instance {instance} has no interface that EC2 knows",))
    found = [_of_interface(reader, place, logs, useless, moment) for place in places]
    records = {flow for one in found for flow in one.records}
    return Flows(
        tuple(sorted(records, key=lambda one: (one.start, one.interface, one.source, one.destination, one.bytes))),
        tuple(name for one in found for name in one.silent),
        tuple(reason for one in found for reason in one.unknown),
    )


def _places(reader: Reader, instance: str) -> tuple[tuple[str, str, str], ...]:
    """(interface, subnet, VPC) of each interface of the instance."""
    answer = reader.read("ec2", "DescribeInstances", InstanceIds=[instance])
    found = (row for reservation in rows(answer, "Reservations") for row in rows(reservation, "Instances"))
    faces = (face for row in found if text(row, "InstanceId") == instance for face in rows(row, "NetworkInterfaces"))
    return tuple((text(one, "NetworkInterfaceId"), text(one, "SubnetId"), text(one, "VpcId")) for one in faces)


def _logs(reader: Reader, places: Sequence[str]) -> tuple[tuple[_Log, ...], tuple[tuple[str, str], ...]]:
    """The flow logs that can be read, and (what it covers, why) of those that cannot."""
    answer = reader.read("ec2", "DescribeFlowLogs", Filter=[{"Name": "resource-id", "Values": list(places)}])
    listed = rows(answer, "FlowLogs")
    readable = tuple(_Log(text(row, "ResourceId"), _group(row), _fields(row)) for row in listed if not _useless(row))
    return readable, tuple((text(row, "ResourceId"), _useless(row)) for row in listed if _useless(row))


def _useless(row: JSONObject) -> str:
    """Why a flow log cannot prove that nothing was accepted; empty when it can."""
    name, where = text(row, "FlowLogId"), text(row, "LogDestinationType") or "cloud-watch-logs"
    missing = [one for one in NEEDED if one not in _fields(row)]
    if where != "cloud-watch-logs":
        return f"{name} delivers to {where}, which is not read"
    if text(row, "DeliverCrossAccountRole"):
        return f"{name} delivers to another account"
    if text(row, "TrafficType") not in TELLING:
        return f"{name} does not record accepted traffic"
    if not _group(row):
        return f"{name} names no log group of this account"
    if text(row, "DeliverLogsStatus") == "FAILED":
        return f"{name} does not deliver: {text(row, 'DeliverLogsErrorMessage') or 'FAILED'}"
    return f"{name} leaves out {', '.join(missing)}" if missing else ""


def _fields(row: JSONObject) -> tuple[str, ...]:
    return tuple(one.removeprefix("${").removesuffix("}") for one in text(row, "LogFormat").split())


def _group(row: JSONObject) -> str:
    """Name of the log group; only the ARN tells it where the flow log was made with a destination."""
    return text(row, "LogGroupName") or text(row, "LogDestination").partition(":log-group:")[2].removesuffix(":*")


def _of_interface(
    reader: Reader,
    place: tuple[str, str, str],
    logs: Iterable[_Log],
    useless: Iterable[tuple[str, str]],
    moment: datetime,
) -> Flows:
    face, mine = place[0], [one for one in logs if one.covers in place]
    if not mine:
        why = "; ".join(reason for covers, reason in useless if covers in place)
        return Flows(unknown=(f"interface {face} has no flow log that can be read{f': {why}' if why else ''}",))
    records: list[Flow] = []
    reasons: list[str] = []
    for log in mine:
        try:
            for flow, gap in _read(reader, log, face, moment):
                records += [flow] if flow else []
                reasons += [gap] if gap else []
        except FailedResponse as error:
            reasons.append(f"flow records of {face} in {log.group}: {error}")
    return Flows(tuple(records), () if records or reasons else (face,), tuple(dict.fromkeys(reasons)))


def _read(reader: Reader, log: _Log, face: str, moment: datetime) -> Iterator[tuple[Flow | None, str]]:
    """Each record of the interface, or why it is none."""
    start = int(moment.timestamp() * 1000)
    asked: dict[str, JSON] = {"logGroupName": log.group, "filterPattern": f'"{face}"', "startTime": start}
    answer = reader.read("logs", "FilterLogEvents", **asked)
    for row in rows(answer, "events"):
        try:
            flow = _flow(log, text(row, "message"))
        except ValueError as error:
            yield None, f"a flow record of {face} in {log.group} cannot be used: {error}"
            continue
        # A window that began before the moment also holds what was let through then.
        if flow.interface == face and flow.start >= moment:
            yield flow, ""


def _flow(log: _Log, line: str) -> Flow:
    """A record; raises ValueError for a line that is none, or one whose window AWS itself could not capture."""
    values = line.split()
    said = dict(zip(log.fields, values, strict=False))
    if len(values) != len(log.fields) or said["log-status"] not in (TRAFFIC, QUIET):
        raise ValueError(f"{said.get('log-status', 'it is too short')} in {line[:120]!r}")
    start, end = (datetime.fromtimestamp(int(said[one]), UTC) for one in ("start", "end"))
    quiet = Flow(said["interface-id"], start, end)
    if said["log-status"] == QUIET:
        return quiet
    source, destination = said["srcaddr"], said["dstaddr"]
    accepted, carried = said["action"] == "ACCEPT", int(said["bytes"])
    return replace(quiet, source=source, destination=destination, bytes=carried, accepted=accepted)
