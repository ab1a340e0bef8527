"""The lab as a process of its own, on a free port of the loopback."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from stanch.lab.clock import LabClock
from stanch.lab.cloudtrail import Session, user_session
from stanch.lab.flowlog import Flow, parse
from stanch.lab.remote import Remote, RemoteCaller
from stanch.lab.wire import mutating
from stanch.lab.world import PROD, SANDBOX, User
from stanch.model.errors import BadInput

Door = Callable[..., Any]
SERVE = """
import sys
from datetime import datetime
from pathlib import Path
from stanch.lab.serve import serve
serve(0, 7, datetime.fromisoformat(sys.argv[1]), Path(sys.argv[2]))
"""


@dataclass(frozen=True)
class Served:
    process: subprocess.Popen[str]
    endpoint: str
    folder: Path


@pytest.fixture(scope="module")
def served(now: datetime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    argv = [sys.executable, "-c", SERVE, now.isoformat(), str(folder)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        assert "simulated" in said["note"]
        yield Served(process, said["endpoint"], folder)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0


@pytest.fixture
def remote(served: Served) -> Iterator[Remote]:
    controls = Remote(served.endpoint)
    controls.clear()
    yield controls
    controls.clear()


def test_the_written_findings_can_be_fetched_again(served: Served, remote: Remote, door: Door) -> None:
    for file in sorted((served.folder / "findings").iterdir()):
        detail = json.loads(file.read_text(encoding="utf-8"))["detail"]
        client = door(detail["accountId"], "guardduty", served.endpoint)
        again = client.get_findings(DetectorId=detail["service"]["detectorId"], FindingIds=[detail["id"]])["Findings"]
        assert [one["Type"] for one in again] == [detail["type"]]
    assert mutating(remote.requests()) == ()


def test_a_finding_can_be_put_and_a_wrong_one_is_refused(served: Served, remote: Remote, door: Door) -> None:
    detail = json.loads((served.folder / "findings" / "port_probe.json").read_text(encoding="utf-8"))["detail"]
    remote.put({**detail, "id": "f" * 32})
    client = door(PROD.id, "guardduty", served.endpoint)
    assert "f" * 32 in client.list_findings(DetectorId=detail["service"]["detectorId"])["FindingIds"]
    with pytest.raises(BadInput, match="Severity"):
        remote.put({**detail, "severity": "low"})


def test_interfaces_are_corrected_there_too(served: Served, remote: Remote, door: Door) -> None:
    finding = json.loads((served.folder / "findings" / "stolen_instance_credentials.json").read_text(encoding="utf-8"))
    faces = finding["detail"]["resource"]["instanceDetails"]["networkInterfaces"]
    ec2 = door(PROD.id, "ec2", served.endpoint)
    shown = ec2.describe_network_interfaces(NetworkInterfaceIds=[one["networkInterfaceId"] for one in faces])
    own = {one["NetworkInterfaceId"]: [g["GroupId"] for g in one["Groups"]] for one in shown["NetworkInterfaces"]}
    assert own == {one["networkInterfaceId"]: [g["groupId"] for g in one["securityGroups"]] for one in faces}


def test_faults_and_requests_go_over_the_wire(served: Served, remote: Remote, door: Door) -> None:
    iam = door(PROD.id, "iam", served.endpoint)
    remote.deny("iam:CreateUser")
    remote.throttle("iam:ListUsers", 1)
    with pytest.raises(ClientError, match="AccessDenied"):
        iam.create_user(UserName="someone")
    assert "someone" not in {one["UserName"] for one in iam.list_users()["Users"]}
    (change,) = mutating(remote.requests())
    assert (change.name, change.account, change.failed) == ("iam:CreateUser", PROD.id, "AccessDenied")
    assert [one.failed for one in remote.requests() if one.operation == "ListUsers"] == ["Throttling", ""]


def test_somebody_acts_in_it_is_judged_and_is_seen(served: Served, remote: Remote, door: Door, now: datetime) -> None:
    iam = door(PROD.id, "iam", served.endpoint)
    known = iam.get_user(UserName="maria.lindqvist")["User"]
    (key,) = iam.list_access_keys(UserName="maria.lindqvist")["AccessKeyMetadata"]
    user = User(PROD.id, known["UserName"], known["Arn"], known["UserId"], key["AccessKeyId"])
    thief = RemoteCaller(remote, user_session(user, "203.0.113.150", "aws-cli/2"))
    assert thief.call("iam", "CreateUser", "backdoor", UserName="backdoor") == ""
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    arn = iam.create_policy(PolicyName="cut", PolicyDocument=document)["Policy"]["Arn"]
    iam.attach_user_policy(UserName=user.name, PolicyArn=arn)
    assert thief.call("iam", "CreateUser", "second", UserName="second") == "AccessDenied"
    iam.update_access_key(UserName=user.name, AccessKeyId=user.key, Status="Inactive")
    assert thief.call("s3", "ListBuckets") == "InvalidClientTokenId"
    thief.write("s3:ListBuckets", request={"a": 1})
    made = {one["UserName"] for one in iam.list_users()["Users"]}
    assert "backdoor" in made
    assert "second" not in made
    shown = door(PROD.id, "cloudtrail", served.endpoint).lookup_events
    wanted = [{"AttributeKey": "AccessKeyId", "AttributeValue": user.key}]
    assert [one["EventName"] for one in shown(LookupAttributes=wanted)["Events"]] == ["ListBuckets"]


def test_flow_logs_deliver_there_what_they_are_told_to(
    served: Served, remote: Remote, door: Door, now: datetime
) -> None:
    ec2, logs = (door(SANDBOX.id, one, served.endpoint) for one in ("ec2", "logs"))
    (log,) = ec2.describe_flow_logs()["FlowLogs"]
    assert (log["LogDestinationType"], log["TrafficType"], log["DeliverLogsStatus"]) == (
        "cloud-watch-logs",
        "ALL",
        "SUCCESS",
    )
    window = {"start": now, "end": now + timedelta(minutes=1)}
    quiet = Flow(SANDBOX.id, "eni-1", **window)
    busy = Flow(
        SANDBOX.id, "eni-1", **window, source="10.30.1.9", destination="198.51.100.201", bytes=60, accepted=True
    )
    remote.flows(quiet, busy)
    asked = {"logGroupName": log["LogGroupName"], "filterPattern": '"eni-1"', "startTime": int(now.timestamp() * 1000)}
    found = [one["message"] for one in logs.filter_log_events(**asked)["events"]]
    assert found == [quiet.line, busy.line]
    assert [parse(one) for one in found] == [quiet, busy]
    for wrong in ("2 1 eni-1", busy.line.replace(" 60 ", " sixty ")):
        with pytest.raises(BadInput):
            parse(wrong)


def test_what_is_no_request_of_anybodys_is_refused(remote: Remote) -> None:
    nobody = Session("arn:aws:iam::111122223333:user/maria.lindqvist", PROD.id, {}, "203.0.113.1", "x")
    with pytest.raises(BadInput, match="nobody can act so"):
        RemoteCaller(remote, nobody).call("iam", "CreateTrouble")


def test_the_clock_is_shared_through_a_file(served: Served, now: datetime) -> None:
    clock = LabClock.shared(served.folder / "clock")
    assert clock.now() == now
    assert clock.advance(timedelta(hours=4)) == LabClock.shared(served.folder / "clock").now()


def test_a_lab_elsewhere_than_on_the_loopback_is_refused() -> None:
    with pytest.raises(BadInput, match=r"127\.0\.0\.1"):
        Remote("http://198.51.100.7:5000")
