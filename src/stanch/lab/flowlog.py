"""VPC flow logs of the simulated organisation: on for every VPC that it laid out, delivering what they are told to.

Nothing flows in moto, so that nothing is recorded by itself: a test, or a scene, says what passed, in AWS's default
format. https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from moto.ec2.models import ec2_backends
from moto.logs.models import logs_backends

from stanch.lab.hosts import Hands
from stanch.lab.world import REGION
from stanch.model.data import JSON
from stanch.model.errors import BadInput

GROUP = "vpc-flow-logs"
FIELDS = 14


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
    values = line.split()
    try:
        if len(values) != FIELDS:
            raise ValueError(f"it has {len(values)} fields")
        start, end = (datetime.fromtimestamp(int(one), UTC) for one in values[10:12])
        if values[13] == "NODATA":
            return Flow(values[1], values[2], start, end)
        ports = int(values[5]), int(values[6])
        passed = Flow(values[1], values[2], start, end, values[3], values[4], ports, int(values[8]), int(values[9]))
    except ValueError as error:
        raise BadInput(f"no flow record in the default format: {error}: {line!r}") from error
    return passed if values[12] != "ACCEPT" else Flow(**{**vars(passed), "accepted": True})


def turn_on(hands: Hands, vpc: str) -> None:
    """Let the VPC have flow logs of all traffic, by the minute, in CloudWatch Logs."""
    hands.make("logs", "create_log_group", logGroupName=GROUP)
    role = f"arn:aws:iam::{hands.account}:role/flow-logs"
    kind: dict[str, JSON] = {
        "ResourceIds": [vpc],
        "ResourceType": "VPC",
        "TrafficType": "ALL",
        "MaxAggregationInterval": 60,
    }
    hands.make("ec2", "create_flow_logs", **kind, LogGroupName=GROUP, DeliverLogsPermissionArn=role)


def turn_off(account: str) -> None:
    """Let the account's VPCs have no flow logs any more."""
    ec2_backends[account][REGION].flow_logs.clear()


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
