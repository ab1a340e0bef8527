"""A second opinion on every deny that stanch writes: an evaluator of IAM by others, in a process of its own.

It is `@cloud-copilot/iam-simulate`, installed by whoever runs this; IAM_SIMULATE names the folder it was installed in.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from stanch.actions import catalogue
from stanch.actions._deny import iam_time
from stanch.actions._examples import ACCESS, ACCOUNT, CREDENTIALS, ROLE, SESSION, TERMS, USER
from stanch.lab.judgement import denied
from stanch.model.change import Target

VARIABLE = "IAM_SIMULATE"
DRIVER = Path(__file__).with_name("independent.cjs")
T, END = TERMS.issued_at, TERMS.expires_at
MOMENTS = {"before the end": END - timedelta(minutes=1), "at the end": END, "after it": END + timedelta(minutes=1)}
"""T+3h59, T+4h00, T+4h01."""
ALLOW = {"Effect": "Allow", "Action": "*", "Resource": "*"}
ASSUMED = f"arn:aws:sts::{ACCOUNT}:assumed-role/web/deploy"
THIEF, OWN, ENDPOINT = "203.0.113.9", "198.51.100.20", "vpc-0aaaaaaaaaaaaaaaa"

pytestmark = pytest.mark.independent


@dataclass(frozen=True)
class Asked:
    """A request under the policy of one action, and whether it must be denied while that lasts."""

    action: str
    target: Target
    says: str
    wanted: bool
    facts: Mapping[str, str] = field(default_factory=dict)
    call: str = "ec2:DescribeInstances"
    resource: str = "*"
    principal: str = ASSUMED


def session(issued: datetime, **more: str) -> dict[str, str]:
    """Facts of a request with a session's credentials."""
    return {"aws:TokenIssueTime": iam_time(issued), "aws:ViaAWSService": "false", "aws:SourceIp": THIEF, **more}


def stolen(**more: str) -> dict[str, str]:
    """The same, with the credentials of the instance; a name stands for its condition key."""
    keys = {"vpc": "aws:SourceVpc", "ip": "aws:SourceIp", "via": "aws:ViaAWSService", "of": "ec2:SourceInstanceARN"}
    base = {"ec2:SourceInstanceARN": CREDENTIALS.within, "aws:ViaAWSService": "false"}
    return base | {keys[name]: value for name, value in more.items()}


def requests() -> Iterator[Asked]:
    yield Asked("I2", USER, "the user", True, principal=USER.arn)
    for seconds, wanted in ((-3600, True), (59, True), (60, False), (3600, False)):
        issued = session(T + timedelta(seconds=seconds))
        yield Asked("I3", ROLE, f"session issued {seconds} s after the cut", wanted, issued)
    yield Asked("I4", SESSION, "that session", True, session(T, **{"aws:userid": SESSION.within}))
    yield Asked("I4", SESSION, "another one", False, session(T, **{"aws:userid": f"{SESSION.within}2"}))
    yield Asked("I6", CREDENTIALS, "its credentials", True, stolen(ip=THIEF))
    yield Asked("I6", CREDENTIALS, "its credentials at home", True, stolen(vpc=ENDPOINT))
    yield Asked("I6", CREDENTIALS, "another instance's", False, stolen(ip=THIEF, of=f"{CREDENTIALS.within}0"))
    yield Asked("I6", CREDENTIALS, "no instance's", False, session(T))
    yield Asked("I7", CREDENTIALS, "a thief", True, stolen(ip=THIEF))
    yield Asked("I7", CREDENTIALS, "a thief behind an endpoint of his own", True, stolen(vpc="vpc-0999"))
    yield Asked("I7", CREDENTIALS, "through the endpoint", False, stolen(vpc=ENDPOINT))
    yield Asked("I7", CREDENTIALS, "through the gateway", False, stolen(ip=OWN))
    yield Asked("I7", CREDENTIALS, "from beside the gateway's address", True, stolen(ip="198.51.100.22"))
    yield Asked("I7", CREDENTIALS, "forwarded by a service", False, stolen(ip=THIEF, via="true"))
    yield Asked("I7", CREDENTIALS, "no instance's credentials", False, session(T))
    yield Asked("I7", CREDENTIALS, "another instance's", False, stolen(ip=THIEF, of=f"{CREDENTIALS.within}0"))
    bucket = {"call": "s3:GetObject", "resource": f"{ACCESS.arn}/2026/a.csv"}
    yield Asked("S2", ACCESS, "the principal", True, session(T, **{"aws:PrincipalArn": ACCESS.within}), **bucket)
    other = session(T, **{"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/audit"})
    yield Asked("S2", ACCESS, "another principal", False, other, **bucket)
    listing = {"call": "s3:ListBucket", "resource": ACCESS.arn}
    yield Asked("S2", ACCESS, "the bucket itself", True, session(T, **{"aws:PrincipalArn": ACCESS.within}), **listing)
    assume = {"call": "sts:AssumeRole", "resource": ROLE.arn, "principal": USER.arn}
    yield Asked("I5", ROLE, "a new session", True, {}, **assume)


CASES = tuple((asked, when) for asked in requests() for when in MOMENTS)


def document(asked: Asked) -> dict[str, Any]:
    """The policy that the action writes, where others have put nothing, or an allow."""
    action = catalogue()[asked.action]
    params = action.forward(asked.target, action.examples[0][1], TERMS)[0].params
    return dict(json.loads(str(params.get("PolicyDocument") or params["Policy"])))


def facts(asked: Asked, when: str) -> dict[str, str]:
    return {**asked.facts, "aws:CurrentTime": iam_time(MOMENTS[when])}


def simulation(asked: Asked, when: str) -> dict[str, Any]:
    """The request in the other evaluator's form: everything is allowed but for what the policy denies."""
    own, policy = {"Version": "2012-10-17", "Statement": [ALLOW]}, document(asked)
    identity = [{"name": "allow", "policy": own}]
    on_resource = {"resourcePolicy": policy} if asked.action in {"S2", "I5"} else {}
    return {
        "request": {
            "principal": asked.principal,
            "action": asked.call,
            "resource": {"resource": asked.resource, "accountId": ACCOUNT},
            "contextVariables": facts(asked, when),
        },
        "identityPolicies": identity if on_resource else [*identity, {"name": "stanch", "policy": policy}],
        "serviceControlPolicies": [],
        "resourceControlPolicies": [],
        **on_resource,
    }


@pytest.fixture(scope="module")
def verdicts() -> list[dict[str, Any]]:
    """What the other evaluator says of every case; one process for all of them."""
    node, modules = shutil.which("node"), os.environ.get(VARIABLE, "")
    if node is None:
        pytest.skip("node is not installed")
    if not (Path(modules) / "@cloud-copilot" / "iam-simulate").is_dir() or not modules:
        pytest.skip(f"{VARIABLE} names no folder with @cloud-copilot/iam-simulate: .ci/run installs it")
    told = json.dumps([simulation(asked, when) for asked, when in CASES])
    environment = {**os.environ, "NODE_PATH": str(Path(modules).resolve())}
    ran = subprocess.run([node, str(DRIVER)], input=told, capture_output=True, text=True, env=environment, check=True)
    found: list[dict[str, Any]] = json.loads(ran.stdout)
    assert len(found) == len(CASES)
    return found


@pytest.mark.parametrize("number", range(len(CASES)), ids=[f"{a.action}-{a.says}-{when}" for a, when in CASES])
def test_both_evaluators_agree_with_each_other_and_with_what_was_meant(
    verdicts: list[dict[str, Any]], number: int
) -> None:
    asked, when = CASES[number]
    said = verdicts[number]
    assert said.get("error") is None
    assert said["ignored"] == []  # it judged the same request, no part of it left out
    meant = asked.wanted and when == "before the end"
    assert (said["result"] == "ExplicitlyDenied") is meant
    assert said["result"] in {"ExplicitlyDenied", "Allowed"}
    assert denied([document(asked)], facts(asked, when), asked.call, asked.resource) is meant
