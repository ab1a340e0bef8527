"""Contained in how many calls and how long, beside what people use: the clock is the simulated AWS's own.

    .venv/bin/python bench/side_by_side.py [--runs 20] [--custodian PATH]

PATH is the `custodian` of Cloud Custodian in a venv of its own (`python -m venv DIR && DIR/bin/pip install c7n`);
without it stanch is measured alone. Every run has a simulated AWS of its own (moto, corrected, one process for each),
which delays every request, notes when it came and went, and after every change looks whether the state is contained:
nobody's word counts. Sequential calls are the longest chain of requests of which each began after the one before had
ended. The time of containing runs from the first request after the verdict; for Custodian from its first request.
`role` takes action I3 on a role in a case that is open; the others are whole walks from the finding.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import Any

import typer

from stanch.lab.clock import OPENING, LabClock
from stanch.lab.run import CREDENTIALS
from stanch.lab.world import REGION, RESPONDER
from stanch.model.change import Target, TargetKind
from stanch.model.contained import Contained
from stanch.model.facts import Fact
from stanch.model.walked import Judged, Planned
from stanch.respond.further import by_the_sweep, take
from stanch.respond.house import House
from stanch.respond.run import once, running, settled
from stanch.settings import load_settings
from stanch.sources import open_source

SCENARIOS = {
    "host": "crypto_mining",
    "key": "leaked_user_key",
    "role": "stolen_instance_credentials",
    "credentials": "stolen_instance_credentials",
}
LATENCIES = (0.0, 0.1)


@dataclass(frozen=True)
class Run:
    """One run of one tool, by the clock of the simulated AWS; seconds."""

    contained: float
    """Until the first predicate was true, nan when it never was."""
    complete: float
    """Until all were, nan when they never were."""
    verified: float
    """Until the last request before it was said to be contained."""
    from_finding: float
    """Until all were true, from the first request of all."""
    depth: int
    """Sequential requests until the last one."""
    depth_contained: int
    calls: int
    left: tuple[str, ...]


def main(runs: int = 20, custodian: str = "", only: str = "") -> None:
    """Print a Markdown table for each latency."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        with _simulation(place) as scene:
            for latency in LATENCIES:
                _table(latency, _measured(scene, latency, runs, custodian, only))


def _measured(scene: "Scene", latency: float, runs: int, custodian: str, only: str) -> dict[str, list[Run]]:
    found: dict[str, list[Run]] = {}
    for number in range(runs):
        for scenario in SCENARIOS:
            if only and only != scenario:
                continue
            found.setdefault(f"stanch: {scenario}", []).append(_stanch(scene, scenario, latency, number))
            if custodian and scenario in ("host", "key"):
                found.setdefault(f"custodian: {scenario}", []).append(
                    _custodian(scene, custodian, scenario, latency, number)
                )
    return found


def _table(latency: float, found: dict[str, list[Run]]) -> None:
    print(f"\n{1000 * latency:.0f} ms added to every call, n = {min(map(len, found.values()))}\n")
    print(
        "| | sequential calls: until so, until read back | calls | contained, s: median, p95 | all of it, s "
        "| read back, s | finding to all of it, s | left undone |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for name, runs in found.items():
        depth = f"{_median(runs, 'depth_contained'):.0f}, {_median(runs, 'depth'):.0f}"
        times = " | ".join(_times(runs, key) for key in ("contained", "complete", "verified", "from_finding"))
        left = "; ".join(runs[-1].left) or "nothing"
        print(f"| {name} | {depth} | {_median(runs, 'calls'):.0f} | {times} | {left} |")


def _median(runs: list[Run], key: str) -> float:
    return float(statistics.median(getattr(one, key) for one in runs))


def _times(runs: list[Run], key: str) -> str:
    values = sorted(getattr(one, key) for one in runs)
    if any(map(isnan, values)):
        return "never"
    p95 = values[min(len(values) - 1, round(0.95 * len(values)))]
    return f"{statistics.median(values):.2f}, {p95:.2f}"


@dataclass(frozen=True)
class Scene:
    """The process that forks simulated clouds."""

    port: int
    host: str
    account: str
    simulation: Path
    work: Path

    @contextmanager
    def cloud(self, scenario: str, latency: float) -> Iterator["Cloud"]:
        """A simulated AWS of its own, as it was at the start."""
        with socket.create_connection(("127.0.0.1", self.port)) as door, door.makefile("r", encoding="utf-8") as said:
            door.sendall(json.dumps({"scenario": scenario, "latency": latency}).encode() + b"\n")
            yield Cloud(json.loads(said.readline())["endpoint"], door, said)


@dataclass(frozen=True)
class Cloud:
    """One simulated AWS."""

    endpoint: str
    door: socket.socket
    said: Any

    def recorded(self) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
        """Every request and what is left undone; the cloud is gone afterwards."""
        self.door.sendall(b"\n")
        told = json.loads(self.said.readline())
        return sorted(told["requests"], key=lambda one: one["begun"]), tuple(told["left"])


@contextmanager
def _simulation(place: Path) -> Iterator[Scene]:
    command = [sys.executable, str(Path(__file__).with_name("scene.py")), str(place / "simulation")]
    (place / "simulation").mkdir()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        told = json.loads(process.stdout.readline()) if process.stdout else {}
        yield Scene(told["port"], told["host"], told["account"], place / "simulation", place)
        process.communicate()


def _stanch(scene: Scene, scenario: str, latency: float, number: int) -> Run:
    state = scene.work / f"stanch-{scenario}-{latency}-{number}"
    state.mkdir()
    verdicts: list[float] = []
    planned: list[float] = []
    contained: list[float] = []

    def watch(fact: Fact) -> None:
        if isinstance(fact.body, Judged) and not planned:
            verdicts.append(time.monotonic())
        if isinstance(fact.body, Planned):
            planned.append(time.monotonic())
        if isinstance(fact.body, Contained):
            contained.append(time.monotonic())

    with scene.cloud(scenario, latency) as cloud, _environment(cloud.endpoint):
        settings = load_settings(
            state, state=state / "state", context=scene.simulation / "context.yaml", profile="article"
        )
        house = House.build(
            settings,
            clock=LabClock(OPENING),
            logs=scene.simulation / "logs",
            override="bench: simulated",
            watch=watch,
        )
        with running(house) as engine, settled():
            once(house, engine, (open_source(str(scene.simulation / "findings" / f"{SCENARIOS[scenario]}.json")),))
            if scenario == "role":
                verdicts.append(time.monotonic())
                file = house.files()[0]
                role = next(one.change.target for one in file.containments)
                target = Target(TargetKind.ROLE, role.account, role.region, role.name, role.arn)
                take(house, by_the_sweep, file.id, "I3", target, why="a measurement")
        house.database.dispose()
        requests, left = cloud.recorded()
    return _run(requests, left, verdicts[-1], contained[-1])


def _custodian(scene: Scene, custodian: str, scenario: str, latency: float, number: int) -> Run:
    folder = scene.work / f"custodian-{scenario}-{latency}-{number}"
    folder.mkdir()
    policy = folder / "policy.json"
    finding = json.loads((scene.simulation / "findings" / f"{SCENARIOS[scenario]}.json").read_text())["detail"]
    with scene.cloud(scenario, latency) as cloud:
        policy.write_text(json.dumps({"policies": [_policy(scenario, finding)]}))
        role = f"arn:aws:iam::{finding['accountId']}:role/{RESPONDER}"
        where = ["--region", REGION if scenario == "host" else "us-east-1", "--assume", role, "--cache-period", "0"]
        environment = {**os.environ, **CREDENTIALS, "AWS_ENDPOINT_URL": cloud.endpoint}
        done = subprocess.run(
            [custodian, "run", "-s", str(folder / "out"), *where, str(policy)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            sys.exit(f"custodian failed: {done.stderr}")
        requests, left = cloud.recorded()
    return _run(requests, (*left, "no undo"), 0.0, float("inf"))


def _policy(scenario: str, finding: dict[str, Any]) -> dict[str, Any]:
    """What an operator of Custodian writes for it; the quarantine group is prepared."""
    if scenario == "host":
        wanted = {"InstanceId": finding["resource"]["instanceDetails"]["instanceId"]}
        isolate = {"type": "modify-security-groups", "remove": "all", "isolation-group": "prepared-isolation"}
        return {"name": "isolate", "resource": "aws.ec2", "filters": [wanted], "actions": ["snapshot", isolate]}
    details = finding["resource"]["accessKeyDetails"]
    return {
        "name": "key",
        "resource": "aws.iam-user",
        "filters": [{"UserName": details["userName"]}],
        "actions": [{"type": "remove-keys", "disable": True}],
    }


def _run(requests: list[dict[str, Any]], left: tuple[str, ...], since: float, until: float) -> Run:
    mine = [one for one in requests if since <= one["begun"] <= until]
    start, first = mine[0]["begun"], requests[0]["begun"]
    done = _since(mine, lambda state: next(iter(state.values())))
    complete = _since(mine, lambda state: all(state.values()))
    return Run(
        contained=done - start,
        complete=complete - start,
        verified=mine[-1]["ended"] - start,
        from_finding=complete - first,
        depth=_depth(mine),
        depth_contained=_depth([one for one in mine if one["ended"] <= done]),
        calls=len(mine),
        left=left,
    )


def _since(requests: list[dict[str, Any]], true: Any) -> float:
    """When it became true and stayed so; nan when it did not."""
    looks = sorted((one for one in requests if one["state"]), key=lambda one: one["ended"])
    at = float("nan")
    for one in looks:
        if not true(one["state"]):
            at = float("nan")
        elif isnan(at):
            at = one["ended"]
    return at


def _depth(requests: list[dict[str, Any]]) -> int:
    """The longest chain of requests of which each began after the one before had ended."""
    chains: list[tuple[float, int]] = []
    for one in requests:
        chains.append((one["ended"], 1 + max((n for ended, n in chains if ended <= one["begun"]), default=0)))
    return max((n for _, n in chains), default=0)


@contextmanager
def _environment(endpoint: str) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(CREDENTIALS, AWS_ENDPOINT_URL=endpoint)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


if __name__ == "__main__":
    typer.run(main)
