"""What the kill tests need: processes to kill, the simulated AWS as it is, and the journal as it is."""

import json
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import boto3

from stanch.lab.clock import OPENING, VARIABLE, LabClock
from stanch.lab.remote import Remote
from stanch.lab.run import CREDENTIALS
from stanch.lab.wire import mutating
from stanch.lab.world import REGION, RESPONDER
from stanch.model.casefile import CaseFile, fold
from stanch.model.errors import Environment
from stanch.model.facts import Fact
from stanch.store import checkpoint, journal
from stanch.store.database import open_database
from stanch.store.lock import hold
from stanch.store.verify import Verification, verify

DRIVER = Path(__file__).with_name("kill_driver.py")
DEADLINE = 120.0
"""Seconds that a process may take before the test gives up on it."""


class Nursery:
    """A process that forks the others."""

    def __init__(self, *argv: str) -> None:
        command = [sys.executable, str(DRIVER), *argv]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    @cached_property
    def port(self) -> int:
        assert self._process.stdout is not None
        said: dict[str, int] = json.loads(self._process.stdout.readline())
        return said["port"]

    def child(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=DEADLINE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=DEADLINE)


@dataclass(frozen=True)
class Nurseries:
    """Where simulated clouds and stanch processes come from, and what the simulation wrote."""

    lab: Nursery
    stanch: Nursery
    simulation: Path

    @contextmanager
    def site(self, folder: Path, scenario: str) -> Iterator["Site"]:
        """A simulated AWS of its own, and a fresh working folder with its own clock."""
        folder.mkdir()
        with self.lab.child() as cloud, cloud.makefile("r", encoding="utf-8") as said:
            endpoint = json.loads(said.readline())["endpoint"]
            yield Site(self, folder, endpoint, scenario, LabClock(OPENING, folder / "clock"))


@dataclass(frozen=True)
class Ended:
    """How a process ended, and the moments it passed."""

    killed: int
    """The signal, 0 when it ended by itself."""
    code: int
    moments: tuple[str, ...]
    stdout: str
    stderr: str

    def __str__(self) -> str:
        how = f"killed by signal {self.killed}" if self.killed else f"exit code {self.code}"
        return f"{how} after {', '.join(self.moments)}\n{self.stderr}"


@dataclass
class Site:
    """One state folder and the AWS that belongs to it."""

    nurseries: Nurseries
    folder: Path
    endpoint: str
    scenario: str
    clock: LabClock

    def respond(self, **where: Any) -> Ended:
        """Start stanch on the finding, as an operator does, also after a crash."""
        return self.run(*self.command, **where)

    def sweep(self, **where: Any) -> Ended:
        """Start stanch with nothing new to do."""
        return self.run("respond", "--once", **where)

    @cached_property
    def command(self) -> tuple[str, ...]:
        simulation = self.nurseries.simulation
        finding = simulation / "findings" / f"{self.scenario}.json"
        logs = simulation / "logs" / "AWSLogs" / self.finding["accountId"]
        facts = ("--logs", f"{logs}", "--context", f"{simulation / 'context.yaml'}")
        return ("respond", str(finding), "--once", "--json", *facts, "--override-observation", "Ann: a rehearsal")

    def run(self, *argv: str, kind: str = "", kill: int = 0, sweeping: bool = True, backwards: bool = False) -> Ended:
        """Run a command to its end, or to the `kill`-th moment of this kind."""
        wish = {"output": str(self.folder), "kind": kind, "kill": kill, "stop": 0, "sweeping": sweeping}
        wish["backwards"] = backwards
        with self._started(argv, wish) as (_, said):
            return self._ended(json.loads(said.readline()), self.folder)

    @contextmanager
    def standing_still(self, *argv: str, kind: str) -> Iterator[list[Ended]]:
        """A process of which one thread stands still at its first moment of this kind while the block runs."""
        end: list[Ended] = []
        folder = self.folder / "still"
        folder.mkdir()
        wish = {"output": str(folder), "kind": kind, "kill": 0, "stop": 1, "sweeping": True}
        wish["backwards"] = False
        with self._started(argv, wish) as (asked, said):
            assert json.loads(said.readline()) == {"standing": True}
            try:
                yield end
            finally:
                asked.sendall(b"\n")
                end.append(self._ended(json.loads(said.readline()), folder))

    def wait_for(self, moment: str, folder: str = "") -> None:
        """Until a process that writes into that folder has come to this moment."""
        deadline = time.monotonic() + DEADLINE
        while moment not in (self.folder / folder / "moments").read_text(encoding="utf-8"):
            assert time.monotonic() < deadline, f"it never came to {moment!r}"
            time.sleep(0.02)

    @contextmanager
    def _started(self, argv: tuple[str, ...], wish: dict[str, Any]) -> Iterator[tuple[socket.socket, Any]]:
        variables = {**CREDENTIALS, "AWS_ENDPOINT_URL": self.endpoint, VARIABLE: str(self.folder / "clock")}
        wish = {**wish, "folder": str(self.folder), "argv": argv, "variables": variables}
        with self.nurseries.stanch.child() as asked, asked.makefile("r", encoding="utf-8") as said:
            asked.sendall(json.dumps(wish).encode() + b"\n")
            yield asked, said

    def _ended(self, how: dict[str, int], folder: Path) -> Ended:
        texts = [(folder / name).read_text(encoding="utf-8") for name in ("moments", "stdout", "stderr")]
        return Ended(how["killed"], how["code"], tuple(texts[0].splitlines()), texts[1], texts[2])

    # What there is

    @property
    def facts(self) -> tuple[Fact, ...]:
        engine = open_database(self.folder / ".stanch" / "stanch.db")
        with engine.begin() as connection:
            found = journal.facts(connection)
        engine.dispose()
        return found

    @property
    def kinds(self) -> Counter[str]:
        """How many facts of each kind."""
        return Counter(type(fact.body).__name__ for fact in self.facts)

    @property
    def case(self) -> CaseFile:
        """The only case."""
        facts = [fact for fact in self.facts if fact.case]
        assert len({fact.case for fact in facts}) == 1
        return fold(facts)

    @property
    def states(self) -> dict[str, str]:
        """State by action."""
        return {one.change.action: str(one.state) for one in self.case.containments}

    def verify(self) -> Verification:
        """The journal against its hashes and its signed checkpoints."""
        state = self.folder / ".stanch"
        engine = open_database(state / "stanch.db")
        key = checkpoint.load_key(state / "checkpoint.key").public_key()
        with engine.begin() as connection:
            result = verify(connection, checkpoint.read(state / "checkpoints.log", key))
        engine.dispose()
        return result

    @property
    def taken(self) -> bool:
        """A process is changing a containment, and no other may."""
        try:
            with hold(self.folder / ".stanch" / "turns.lock", wait=False):
                return False
        except Environment:
            return True

    @property
    def armed(self) -> set[str]:
        """Containments whose revert waits in the engine."""
        engine = open_database(self.folder / ".stanch" / "stanch.db")
        with engine.begin() as connection:
            tables = "SELECT count(*) FROM sqlite_master WHERE name = 'workflow_status'"
            if not connection.exec_driver_sql(tables).scalar_one():
                return set()
            waiting = "SELECT workflow_uuid FROM workflow_status WHERE status IN ('DELAYED', 'ENQUEUED')"
            found = {str(one).removeprefix("revert/") for one in connection.exec_driver_sql(waiting).scalars()}
        engine.dispose()
        return found

    @property
    def changes(self) -> list[str]:
        """Every request that changed something, in the order in which AWS got them."""
        return [one.name for one in mutating(Remote(self.endpoint).requests())]

    @property
    def aws(self) -> dict[str, Any]:
        """What stanch may change, as it is in AWS."""
        host = self.finding["resource"].get("instanceDetails", {}).get("instanceId")
        user = self.finding["resource"].get("accessKeyDetails", {})
        found = {"policies": self.door.policies()}
        if host:
            found |= self.door.host(host)
        if user.get("userType") == "IAMUser":
            found["keys"] = self.door.keys(user["userName"])
        return found

    @cached_property
    def finding(self) -> dict[str, Any]:
        """What GuardDuty says."""
        file = self.nurseries.simulation / "findings" / f"{self.scenario}.json"
        detail: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))["detail"]
        return detail

    @cached_property
    def door(self) -> "Door":
        """The account, as the test sees it."""
        return Door(self.endpoint, self.finding["accountId"])


class Door:
    """Plain questions to the simulated AWS."""

    _session = boto3.session.Session(
        aws_access_key_id="STANCHLAB", aws_secret_access_key="not-a-secret", region_name=REGION
    )

    def __init__(self, endpoint: str, account: str) -> None:
        sts = self._session.client("sts", endpoint_url=endpoint)
        role = f"arn:aws:iam::{account}:role/{RESPONDER}"
        issued = sts.assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
        names = {
            "aws_access_key_id": "AccessKeyId",
            "aws_secret_access_key": "SecretAccessKey",
            "aws_session_token": "SessionToken",
        }
        mine: Any = {name: issued[key] for name, key in names.items()}
        self._iam: Any = self._session.client("iam", endpoint_url=endpoint, **mine)
        self._ec2: Any = self._session.client("ec2", endpoint_url=endpoint, **mine)

    def policies(self) -> dict[str, Any]:
        """Stanch's own policies: number of versions, what is in force, who has it attached."""
        return {
            one["PolicyName"]: self._policy(one) for one in self._iam.list_policies(PathPrefix="/stanch/")["Policies"]
        }

    def _policy(self, one: dict[str, Any]) -> dict[str, Any]:
        held = self._iam.list_entities_for_policy(PolicyArn=one["Arn"])
        version = {"PolicyArn": one["Arn"], "VersionId": one["DefaultVersionId"]}
        return {
            "versions": len(self._iam.list_policy_versions(PolicyArn=one["Arn"])["Versions"]),
            "says": self._iam.get_policy_version(**version)["PolicyVersion"]["Document"],
            "held by": [each["UserName"] for each in held["PolicyUsers"]]
            + [each["RoleName"] for each in held["PolicyRoles"]],
        }

    def keys(self, user: str) -> dict[str, str]:
        found = self._iam.list_access_keys(UserName=user)["AccessKeyMetadata"]
        return {one["AccessKeyId"]: one["Status"] for one in found}

    def host(self, id: str) -> dict[str, Any]:
        shown = self._ec2.describe_instances(InstanceIds=[id])["Reservations"][0]["Instances"][0]
        disks = {one["DeviceName"]: one["Ebs"] for one in shown["BlockDeviceMappings"]}
        named = [{"Name": "group-name", "Values": ["stanch-isolation-*"]}]
        walls = self._ec2.describe_security_groups(Filters=named)["SecurityGroups"]
        names = {one["GroupId"]: "isolation" for one in walls}
        faces = self._ec2.describe_network_interfaces(Filters=[{"Name": "attachment.instance-id", "Values": [id]}])
        mine = [{"Name": "volume-id", "Values": [one["VolumeId"] for one in disks.values()]}]
        copies = self._ec2.describe_snapshots(OwnerIds=["self"], Filters=mine)["Snapshots"]
        return {
            "groups": {
                one["NetworkInterfaceId"]: sorted(names.get(g["GroupId"], g["GroupId"]) for g in one["Groups"])
                for one in faces["NetworkInterfaces"]
            },
            "walls": [(one["IpPermissions"], one["IpPermissionsEgress"]) for one in walls],
            "protected": [self._attribute(id, name) for name in ("disableApiTermination", "disableApiStop")],
            "dies with it": {name: one["DeleteOnTermination"] for name, one in disks.items()},
            "snapshots": Counter(one["VolumeId"] for one in copies),
            "disks": sorted(one["VolumeId"] for one in disks.values()),
        }

    def _attribute(self, id: str, name: str) -> bool:
        answer = self._ec2.describe_instance_attribute(InstanceId=id, Attribute=name)
        return bool(answer[name[0].upper() + name[1:]]["Value"])
