"""Seconds from a finding to its verified containment, and the AWS requests it takes, beside the bare calls by hand.

    .venv/bin/python bench/contain.py [--runs N]

Both run in one process against the same simulated AWS (moto, corrected), so the seconds are those of stanch and of the
simulation, not of AWS: read the ratio. The alternative is the shortest boto3 script that makes the same changes, by
someone who knows every id: nothing is looked up, judged, guarded, journalled, armed or read back.
"""

import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3
import typer

from stanch.lab.clock import OPENING
from stanch.lab.run import Lab, in_process
from stanch.lab.world import REGION
from stanch.model.contained import Contained
from stanch.model.facts import Fact
from stanch.model.finding import Instance
from stanch.respond.house import House
from stanch.respond.run import once, running
from stanch.settings import load_settings
from stanch.sources import open_source

SCENARIOS = ("stolen_instance_credentials", "crypto_mining", "malicious_caller_on_web")

EVERYWHERE = {"CidrIp": "0.0.0.0/0"}
DENY = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}


@dataclass(frozen=True)
class Run:
    """One scenario, once."""

    seconds: float
    reads: int
    writes: int


def main(runs: int = 5) -> None:
    """Print a Markdown table."""
    print("| scenario | finding to contained, s (median) | requests: reads + writes | bare calls, s (median) | ratio |")
    print("|---|---|---|---|---|")
    for name in SCENARIOS:
        ours = [_respond(name) for _ in range(runs)]
        bare = [_by_hand(name) for _ in range(runs)]
        mine, theirs = statistics.median(run.seconds for run in ours), statistics.median(bare)
        requests = f"{ours[0].reads} + {ours[0].writes}"
        print(f"| {name} | {mine:.2f} | {requests} | {theirs:.3f} | {mine / theirs:.1f}x |")


def _respond(name: str) -> Run:
    with _lab() as (lab, folder):
        simulation = lab.write(folder)
        times: dict[str, float] = {}
        settings = load_settings(folder, state=folder / "state", context=simulation.context, profile="article")
        house = House.build(
            settings,
            clock=lab.clock,
            logs=simulation.logs,
            override="bench: simulated",
            watch=lambda fact: _mark(fact, times),
        )
        with running(house) as engine:
            lab.wire.clear()
            start = time.perf_counter()
            once(house, engine, (open_source(str(simulation.findings / f"{name}.json")),))
            requests = lab.wire.requests()
        writes = sum(request.mutating for request in requests)
        return Run(max(times.values()) - start, len(requests) - writes, writes)


def _mark(fact: Fact, times: dict[str, float]) -> None:
    if isinstance(fact.body, Contained):
        times[fact.key] = time.perf_counter()


def _by_hand(name: str) -> float:
    """The bare calls of a short script by someone who knows every id already; the role is assumed beforehand."""
    with _lab() as (lab, _):
        host = {"crypto_mining": "batch-worker"}.get(name, "payments-api")
        machine = lab.world.hosts[host].instance
        session = _member(machine.account)
        start = time.perf_counter()
        if name == "crypto_mining":
            _isolate(session, machine)
        elif name == "stolen_instance_credentials":
            _deny(session, lab.world.hosts[host].role.name)
        else:
            _block(session)
        return time.perf_counter() - start


def _member(account: str) -> boto3.Session:
    role = f"arn:aws:iam::{account}:role/stanch-responder"
    keys = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="by-hand")["Credentials"]
    return boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], REGION)


def _isolate(session: boto3.Session, machine: Instance) -> None:
    ec2 = session.client("ec2")
    ec2.modify_instance_attribute(InstanceId=machine.id, DisableApiTermination={"Value": True})
    ec2.modify_instance_attribute(InstanceId=machine.id, DisableApiStop={"Value": True})
    ec2.create_snapshots(InstanceSpecification={"InstanceId": machine.id})
    group = ec2.create_security_group(GroupName="by-hand", Description="x", VpcId=machine.interfaces[0].vpc)["GroupId"]
    ec2.revoke_security_group_egress(GroupId=group, IpPermissions=[{"IpProtocol": "-1", "IpRanges": [EVERYWHERE]}])
    for interface in machine.interfaces:
        ec2.modify_network_interface_attribute(NetworkInterfaceId=interface.id, Groups=[group])


def _deny(session: boto3.Session, role: str) -> None:
    iam = session.client("iam")
    arn = iam.create_policy(PolicyName="by-hand", PolicyDocument=json.dumps(DENY))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=role, PolicyArn=arn)


def _block(session: boto3.Session) -> None:
    waf = session.client("wafv2")
    ours = next(one for one in waf.list_ip_sets(Scope="REGIONAL")["IPSets"] if one["Name"] == "stanch-blocked-ipv4")
    names = {"Name": ours["Name"], "Id": ours["Id"], "Scope": "REGIONAL"}
    token = waf.get_ip_set(**names)["LockToken"]
    waf.update_ip_set(**names, LockToken=token, Addresses=["203.0.113.181/32"])


@contextmanager
def _lab() -> Iterator[tuple[Lab, Path]]:
    with tempfile.TemporaryDirectory() as folder, in_process(1, OPENING) as lab:
        yield lab, Path(folder)


if __name__ == "__main__":
    typer.run(main)
