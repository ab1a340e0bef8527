"""Flow logs as the probe reads them: only what proves something counts, and what is not known is said."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stanch.model.errors import Denied
from stanch.probes import flows
from stanch.probes.flows import Flow

CUT = datetime(2026, 11, 23, 1, 45, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PEER, HOME, FACE, OTHER = "198.51.100.201", "10.30.1.9", "eni-0aaaaaaaaaaaaaaaa", "eni-0bbbbbbbbbbbbbbbb"
DEFAULT = (
    "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} "
    "${bytes} ${start} ${end} ${action} ${log-status}"
)


@dataclass
class Account:
    """An account whose instance has one interface, or two."""

    lines: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    logs: tuple[Mapping[str, Any], ...] = ()
    faces: tuple[str, ...] = (FACE,)
    denied: str = ""
    asked: list[Mapping[str, Any]] = field(default_factory=list)

    def read(self, service: str, operation: str, **params: Any) -> Any:
        if operation == self.denied:
            raise Denied(f"{service}:{operation}", "AccessDenied", "no", "")
        if operation == "DescribeInstances":
            faces = [{"NetworkInterfaceId": one, "SubnetId": "subnet-1", "VpcId": "vpc-1"} for one in self.faces]
            return {"Reservations": [{"Instances": [{"InstanceId": "i-1", "NetworkInterfaces": faces}]}]}
        if operation == "DescribeFlowLogs":
            (wanted,) = params["Filter"]
            return {"FlowLogs": [one for one in self.logs if one["ResourceId"] in wanted["Values"]]}
        self.asked.append(params)
        return {"events": [{"message": line} for line in self.lines.get(params["logGroupName"], ())]}


def log(covers: str = "vpc-1", **more: Any) -> dict[str, Any]:
    usual = {"FlowLogId": "fl-1", "TrafficType": "ALL", "LogDestinationType": "cloud-watch-logs", "LogGroupName": "g"}
    return {**usual, "ResourceId": covers, "LogFormat": DEFAULT, "DeliverLogsStatus": "SUCCESS", **more}


def line(start: datetime, source: str, to: str, size: int, action: str = "ACCEPT", face: str = FACE) -> str:
    window = f"{start.timestamp():.0f} {(start + MINUTE).timestamp():.0f}"
    return f"2 111122223333 {face} {source} {to} 49712 3333 6 10 {size} {window} {action} OK"


def status(word: str, face: str = FACE) -> str:
    return f"2 111122223333 {face} - - - - - - - {CUT.timestamp():.0f} {(CUT + MINUTE).timestamp():.0f} - {word}"


def ask(account: Account) -> flows.Flows:
    return flows.since(account, "i-1", CUT)


def test_a_record_is_read_and_says_who_got_what() -> None:
    account = Account({"g": (line(CUT, HOME, PEER, 640), line(CUT, PEER, HOME, 80, "REJECT"))}, (log(),))
    there, back = sorted(ask(account).records, key=lambda one: one.bytes, reverse=True)
    assert there == Flow(FACE, CUT, CUT + MINUTE, HOME, PEER, 640, accepted=True)
    assert (there.carried(PEER), there.carried(HOME), there.carried("198.51.100.20")) == (True, True, False)
    assert not back.carried(PEER)
    assert account.asked == [
        {"logGroupName": "g", "filterPattern": f'"{FACE}"', "startTime": int(CUT.timestamp()) * 1000}
    ]


def test_a_window_that_began_before_is_left_out_and_another_interfaces_too() -> None:
    lines = (line(CUT - timedelta(seconds=1), HOME, PEER, 640), line(CUT, HOME, PEER, 1, face=OTHER))
    found = ask(Account({"g": lines}, (log(),)))
    assert (found.records, found.silent, found.unknown) == ((), (FACE,), ())


def test_a_window_without_traffic_is_a_record_and_a_skipped_one_is_a_gap() -> None:
    found = ask(Account({"g": (status("NODATA"),)}, (log(),)))
    assert (found.records, found.silent, found.unknown) == ((Flow(FACE, CUT, CUT + MINUTE),), (), ())
    gap = ask(Account({"g": (status("NODATA"), status("SKIPDATA"))}, (log(),)))
    assert len(gap.records) == 1
    assert "SKIPDATA" in gap.unknown[0]


def test_a_line_that_is_no_record_hides_none_of_the_others() -> None:
    found = ask(Account({"g": ("nonsense", line(CUT, HOME, PEER, 640), line(CUT, HOME, PEER, 640)[:60])}, (log(),)))
    assert [one.carried(PEER) for one in found.records] == [True]
    assert len(found.unknown) == 2


@pytest.mark.parametrize("covers", [FACE, "subnet-1", "vpc-1"])
def test_flow_logs_of_interface_subnet_or_network_are_found(covers: str) -> None:
    assert len(ask(Account({"g": (status("NODATA"),)}, (log(covers),))).records) == 1


@pytest.mark.parametrize(
    ("logs", "why"),
    [
        ((), "has no flow log that can be read"),
        ((log("vpc-2"),), "has no flow log that can be read"),
        ((log(LogDestinationType="s3", LogGroupName=""),), "delivers to s3, which is not read"),
        ((log(TrafficType="REJECT"),), "does not record accepted traffic"),
        ((log(DeliverLogsStatus="FAILED", DeliverLogsErrorMessage="Access error"),), "does not deliver: Access error"),
        ((log(LogFormat="${interface-id} ${start} ${end}"),), "leaves out srcaddr, dstaddr, bytes, action, log-status"),
        ((log(DeliverCrossAccountRole="arn:aws:iam::444455556666:role/x"),), "delivers to another account"),
        ((log(LogGroupName=""),), "names no log group"),
    ],
    ids=["none", "elsewhere", "s3", "rejected only", "not delivered", "short format", "another account", "no group"],
)
def test_what_cannot_prove_anything_is_said_to_be_unknown(logs: tuple[Mapping[str, Any], ...], why: str) -> None:
    found = ask(Account({"g": (line(CUT, HOME, PEER, 640),)}, logs))
    assert found.records == ()
    assert why in found.unknown[0]


def test_a_format_of_the_operators_own_is_read_by_its_fields() -> None:
    fields = "${log-status} ${action} ${end} ${start} ${bytes} ${dstaddr} ${srcaddr} ${flow-direction} ${interface-id}"
    start, end = f"{CUT.timestamp():.0f}", f"{(CUT + MINUTE).timestamp():.0f}"
    own = f"OK ACCEPT {end} {start} 640 {PEER} {HOME} egress {FACE}"
    found = ask(Account({"g": (own,)}, (log(LogFormat=fields),)))
    assert found.records == (Flow(FACE, CUT, CUT + MINUTE, HOME, PEER, 640, accepted=True),)


def test_the_log_group_is_also_known_by_its_arn() -> None:
    where = "arn:aws:logs:eu-west-1:111122223333:log-group:/flow/prod:*"
    account = Account({"/flow/prod": (status("NODATA"),)}, (log(LogGroupName="", LogDestination=where),))
    assert len(ask(account).records) == 1


def test_every_interface_must_have_been_heard_of() -> None:
    account = Account({"g": (status("NODATA"),)}, (log(),), (FACE, OTHER))
    assert ask(account).silent == (OTHER,)
    one = Account({"g": (status("NODATA"),)}, (log(FACE),), (FACE, OTHER))
    assert OTHER in ask(one).unknown[0]


@pytest.mark.parametrize("operation", ["DescribeInstances", "DescribeFlowLogs", "FilterLogEvents"])
def test_what_may_not_be_read_is_unknown(operation: str) -> None:
    found = ask(Account({"g": (status("NODATA"),)}, (log(),), denied=operation))
    assert found.records == ()
    assert "AccessDenied" in found.unknown[0]


def test_an_instance_that_is_gone_is_unknown() -> None:
    assert "no interface" in ask(Account(faces=())).unknown[0]
