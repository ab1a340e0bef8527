"""An operator's desk: an empty HOME, a working folder, the command line, and a simulated AWS to point it at."""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import botocore.session

from stanch.aws.sessions import models
from stanch.lab.clock import OPENING, VARIABLE, LabClock
from stanch.lab.remote import Remote
from stanch.lab.run import CREDENTIALS
from stanch.lab.world import REGION, RESPONDER

from .nursery import CONTROL

DEADLINE = 120.0
"""Seconds that a process may take before the test gives up on it."""
ROOT = Path(__file__).parents[2]
SCRIPT = Path(sys.executable).with_name("stanch")
DANA = ("--override-observation", "dana: exercise")
READS = re.compile(
    r"(Get|List|Describe|LookupEvents|AssumeRole)|GET |POST (/detector/[0-9a-f]+/findings/get|/findings)$"
)
"""Names of requests that change nothing; GuardDuty and Security Hub are asked by POST."""


class Nursery:
    """A process that forks the others."""

    def __init__(self, *argv: str) -> None:
        # A warning of stanch or of what it runs on is an error here as in every test.
        strict = ("-W", "error") if argv[0] == "stanch" else ()
        command = [sys.executable, *strict, str(Path(__file__).with_name("nursery.py")), *argv]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self._port = json.loads(self._process.stdout.readline())["port"]

    def child(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self._port), timeout=DEADLINE)

    def close(self) -> None:
        self._process.communicate(timeout=DEADLINE)


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Standard output as JSON; fails where a line is none."""
        return [json.loads(line) for line in self.out.splitlines()]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["kind"] == kind]

    @property
    def case(self) -> dict[str, Any]:
        """The only case."""
        (line,) = self.of("case")
        return line

    @property
    def summary(self) -> dict[str, Any]:
        assert self.lines[-1]["kind"] == "summary"
        return self.lines[-1]


@dataclass
class Desk:
    """Runs commands in `folder`, with `variables` and no others."""

    nursery: Nursery
    folder: Path
    variables: dict[str, str] = field(default_factory=dict)

    def __call__(self, *argv: str) -> Ran:
        """`stanch ARGV` in a process forked from one that has imported it already."""
        out, err = (self.folder.parent / name for name in ("out", "err"))
        wish = {"folder": str(self.folder), "variables": self.variables, "argv": argv, "out": str(out), "err": str(err)}
        with self.nursery.child() as asked, asked.makefile("r", encoding="utf-8") as said:
            asked.sendall(json.dumps(wish).encode() + b"\n")
            code = json.loads(said.readline())["code"]
        return Ran(code, out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8"))

    def shell(self, *argv: str) -> Ran:
        """The installed `stanch`, started as a person's shell does."""
        done = subprocess.run(
            [str(SCRIPT), *argv],
            cwd=self.folder,
            env=self.variables,
            capture_output=True,
            text=True,
            timeout=DEADLINE,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def write(self, name: str, *findings: Any) -> str:
        """A file of findings, one a line; a text is written as it is."""
        lines = [one if isinstance(one, str) else json.dumps(one) for one in findings]
        (self.folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return name

    @property
    def files(self) -> set[str]:
        """Everything under the folder and under HOME."""
        places = (self.folder, Path(self.variables["HOME"]))
        return {str(path) for place in places for path in place.rglob("*")}


@dataclass(frozen=True)
class Cloud:
    """A simulated AWS of the test's own."""

    endpoint: str

    def _ask(self, verb: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        wanted = Request(f"{self.endpoint}{CONTROL}{verb}", data, {"Content-Type": "application/json"})
        with urlopen(wanted, timeout=DEADLINE) as answer:
            return json.load(answer)

    @property
    def requests(self) -> list[str]:
        """Every HTTP request since the start, by operation."""
        found: list[str] = self._ask("requests")
        return found

    @property
    def changes(self) -> list[str]:
        """Those that are not known to be mere questions."""
        return [one for one in self.requests if not READS.match(one)]

    def refuse(self, *words: str) -> None:
        """From now on a request whose body has all these words is denied, as an IAM policy on a resource does."""
        self._ask("refuse", words)

    def client(self, service: str, **credentials: str) -> Any:
        own = {"aws_access_key_id": "STANCHLAB", "aws_secret_access_key": "not-a-secret"}
        session: Any = botocore.session.Session()
        session.register_component("data_loader", models())
        return session.create_client(service, REGION, endpoint_url=self.endpoint, **{**own, **credentials})


@dataclass(frozen=True)
class LabCloud(Cloud):
    """The lab's organisation, and the files that it wrote."""

    simulation: Path
    clock: LabClock

    @property
    def remote(self) -> Remote:
        return Remote(self.endpoint)

    @property
    def findings(self) -> Path:
        return self.simulation / "findings"

    def finding(self, scenario: str) -> Any:
        return json.loads((self.findings / f"{scenario}.json").read_text(encoding="utf-8"))

    def command(self, scenario: str, *more: str) -> tuple[str, ...]:
        """`respond` on a scenario's finding with the operator's facts, as JSON."""
        context = ("--context", f"{self.simulation / 'context.yaml'}")
        return ("respond", str(self.findings / f"{scenario}.json"), "--once", "--json", *context, *more)

    @property
    def logs(self) -> tuple[str, str]:
        """What adds the organisation's logs to a command; most cases need none, and reading them takes time."""
        return ("--logs", f"{self.simulation / 'logs'}")

    def later(self, by: timedelta) -> None:
        self.clock.advance(by)

    def inside(self, account: str) -> "Account":
        role = f"arn:aws:iam::{account}:role/{RESPONDER}"
        issued = self.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
        names = {
            "aws_access_key_id": "AccessKeyId",
            "aws_secret_access_key": "SecretAccessKey",
            "aws_session_token": "SessionToken",
        }
        return Account(self, {name: issued[key] for name, key in names.items()})


@dataclass(frozen=True)
class Account:
    """Plain questions to one account."""

    cloud: Cloud
    credentials: Mapping[str, str] = field(default_factory=dict)

    def __getattr__(self, service: str) -> Any:
        return _client(self.cloud, service, tuple(sorted(self.credentials.items())))

    @property
    def policies(self) -> dict[str, list[str]]:
        """Stanch's own policies and who has each attached."""
        found = self.iam.list_policies(PathPrefix="/stanch/")["Policies"]
        return {one["PolicyName"]: self._holders(one["Arn"]) for one in found}

    def _holders(self, arn: str) -> list[str]:
        held = self.iam.list_entities_for_policy(PolicyArn=arn)
        return [one["UserName"] for one in held["PolicyUsers"]] + [one["RoleName"] for one in held["PolicyRoles"]]

    def groups(self, instance: str) -> dict[str, list[str]]:
        """Names of the security groups of each interface."""
        mine = [{"Name": "attachment.instance-id", "Values": [instance]}]
        faces = self.ec2.describe_network_interfaces(Filters=mine)["NetworkInterfaces"]
        return {one["NetworkInterfaceId"]: sorted(group["GroupName"] for group in one["Groups"]) for one in faces}

    def keys(self, user: str) -> dict[str, str]:
        found = self.iam.list_access_keys(UserName=user)["AccessKeyMetadata"]
        return {one["AccessKeyId"]: one["Status"] for one in found}


@lru_cache(maxsize=16)  # the clouds of tests that are over are gone
def _client(cloud: Cloud, service: str, credentials: tuple[tuple[str, str], ...]) -> Any:
    return cloud.client(service, **dict(credentials))


def sit_down(nursery: Nursery, folder: Path) -> Desk:
    """A desk in an empty folder, with an empty HOME and no AWS at all."""
    for name in ("home", "work"):
        (folder / name).mkdir()
    variables = {"HOME": str(folder / "home"), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "COLUMNS": "200"}
    return Desk(nursery, folder / "work", variables)


@contextmanager
def clouds(nursery: Nursery) -> Iterator[str]:
    """The endpoint of a simulated AWS that lives as long as the block."""
    with nursery.child() as cloud, cloud.makefile("r", encoding="utf-8") as said:
        yield json.loads(said.readline())["endpoint"]


def point(desk: Desk, endpoint: str, clock: Path | None = None) -> None:
    """Give the desk this AWS by the standard variables."""
    desk.variables |= {**CREDENTIALS, "AWS_ENDPOINT_URL": endpoint}
    if clock is not None:
        desk.variables[VARIABLE] = str(clock)


def lab_cloud(endpoint: str, simulation: Path, clock: Path) -> LabCloud:
    return LabCloud(endpoint, simulation, LabClock(OPENING, clock))
