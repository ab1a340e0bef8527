"""VPC flow logs of the simulated organisation: on for every VPC that it laid out, delivering what they are told to.

Nothing flows in moto, so that nothing is recorded by itself: a test, or a scene, says what passed, in AWS's default
format. https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from moto.ec2.models import ec2_backends
from moto.ec2.models.flow_logs import FlowLogs
from moto.logs.models import logs_backends

from stanch.lab.hosts import Hands
from stanch.lab.world import REGION
from stanch.model.errors import BadInput

GROUP = "vpc-flow-logs"


@dataclass(frozen=True)
class Flow:
    """One record: what passed over an interface within a window."""

    account: str
    interface: str
    start: datetime
    end: datetime
    source: str = ""
    """Empty, with `destination`, for a window in which nothing passed."""
    destination: str = ""
    ports: tuple[int, int] = (0, 0)
    packets: int = 0
    bytes: int = 0
    accepted: bool = False

    @property
    def line(self) -> str:
        """The record in AWS's default format, version 2."""
        window = f"{int(self.start.timestamp())} {int(self.end.timestamp())}"
        if not self.source:
            return f"2 {self.account} {self.interface} - - - - - - - {window} - NODATA"
        sizes = f"{self.ports[0]} {self.ports[1]} 6 {self.packets} {self.bytes}"
        action = "ACCEPT" if self.accepted else "REJECT"
        return f"2 {self.account} {self.interface} {self.source} {self.destination} {sizes} {window} {action} OK"


def parse(line: str) -> Flow:
    """The record that a line holds; raises BadInput for a line that is none."""
    match line.split():
        case ["2", account, interface, *_, start, end, _, "NODATA"]:
            return Flow(account, interface, _time(start), _time(end))
        case ["2", account, face, source, to, port, remote, _, packets, size, start, end, action, "OK"]:
            ports, sizes = (_number(port), _number(remote)), (_number(packets), _number(size))
            quiet, accepted = Flow(account, face, _time(start), _time(end)), action == "ACCEPT"
            passed = replace(quiet, source=source, destination=to, ports=ports, packets=sizes[0], bytes=sizes[1])
            return replace(passed, accepted=accepted)
        case _:
            raise BadInput(f"no flow record in the default format: {line!r}")


def turn_on(hands: Hands, vpc: str) -> None:
    """Let the VPC have flow logs of all traffic, by the minute, in CloudWatch Logs."""
    hands.make("logs", "create_log_group", logGroupName=GROUP)
    role = f"arn:aws:iam::{hands.account}:role/flow-logs"
    hands.make(
        "ec2",
        "create_flow_logs",
        ResourceIds=[vpc],
        ResourceType="VPC",
        TrafficType="ALL",
        MaxAggregationInterval=60,
        LogGroupName=GROUP,
        DeliverLogsPermissionArn=role,
    )


def turn_off(account: str) -> dict[str, FlowLogs]:
    """Let the account's VPCs have no flow logs until they are turned on again with what this returns."""
    held = ec2_backends[account][REGION].flow_logs
    kept = dict(held)
    held.clear()
    return kept


def turn_on_again(account: str, kept: dict[str, FlowLogs]) -> None:
    """Undo `turn_off`."""
    ec2_backends[account][REGION].flow_logs.update(kept)


def forget(account: str) -> None:
    """Forget all records of an account."""
    logs_backends[account][REGION].groups[GROUP].streams.clear()


def deliver(*flows: Flow) -> None:
    """Put records where the flow logs of their account deliver to, one stream for each interface, as AWS does."""
    for one in flows:
        group = logs_backends[one.account][REGION].groups[GROUP]
        stream = f"{one.interface}-all"
        if stream not in group.streams:
            group.create_log_stream(stream)
        # Not by PutLogEvents: moto refuses what is old or to come by the machine's clock, and the lab has its own.
        group.put_log_events(stream, [{"timestamp": int(one.start.timestamp() * 1000), "message": one.line}])


def _number(text: str) -> int:
    if not text.isdecimal():
        raise BadInput(f"{text!r} in a flow record is no number")
    return int(text)


def _time(text: str) -> datetime:
    return datetime.fromtimestamp(_number(text), UTC)
