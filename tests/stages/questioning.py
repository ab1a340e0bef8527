"""Builders for tests of questions: a finding, events around it, and what is answered."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from stanch.model.case import Case
from stanch.model.context import (
    Context,
    Networks,
)
from stanch.model.finding import Connection, Direction, Finding, Form, Identity, IdentityKind, Instance
from stanch.model.verdict import Evidence
from stanch.model.walked import Measured, Resolved
from stanch.playbooks import load, postures
from stanch.stages.investigate import investigate
from stanch.stages.triage import triage
from stanch.trail import Trail

ACCOUNT, REGION = "111122223333", "eu-west-1"
AT = datetime(2026, 3, 20, 2, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
STRANGER, OFFICE, NAT = "198.51.100.77", "192.0.2.9", "203.0.113.10"
KEY, ISSUER = "ASIAEXAMPLEORDERS001", "arn:aws:iam::111122223333:role/orders-api"
HOST = Instance("i-0a1b2c3d4e5f60718", ACCOUNT, REGION)
WHO = Identity(IdentityKind.ASSUMED_ROLE, ACCOUNT, "orders-api", f"AROAEXAMPLE:{HOST.id}", KEY)
SHELF, TABLE = load(), postures()

THEFT = Finding(
    id="theft",
    account=ACCOUNT,
    region=REGION,
    type="UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS",
    severity=8,
    updated_at=AT + MINUTE,
    form=Form.GUARDDUTY,
    product="GuardDuty",
    last_seen=AT,
    identity=WHO,
    instance=HOST,
    caller_ip=STRANGER,
)
PEER = Connection(STRANGER, Direction.OUTBOUND, 49152, 3333, blocked=False)
MINER = replace(
    THEFT, id="miner", type="CryptoCurrency:EC2/BitcoinTool.B", identity=None, caller_ip="", connection=PEER
)
LISTED = replace(
    THEFT,
    id="listed",
    type="UnauthorizedAccess:IAMUser/MaliciousIPCaller",
    identity=Identity(IdentityKind.IAM_USER, ACCOUNT, "ana", "AIDAEXAMPLEANA", "AKIAEXAMPLEANA00001"),
    instance=None,
)
KNOCK = replace(
    MINER,
    id="knock",
    type="UnauthorizedAccess:EC2/MaliciousIPCaller.Custom",
    connection=Connection(STRANGER, Direction.INBOUND, 443, 40000, blocked=False),
)
NOBODY = Resolved(1, confirmed=True, how="", arns=(), egress=(), tags=())


def call(name: str, minutes: float = 0, ip: str = STRANGER, **fields: Any) -> dict[str, Any]:
    """An event of the stolen session, `minutes` after the finding was last seen."""
    service, _, action = name.partition(":")
    session = {"sessionIssuer": {"arn": ISSUER}, "ec2RoleDelivery": "2.0"}
    who = {"type": "AssumedRole", "principalId": WHO.principal_id, "accessKeyId": KEY, "sessionContext": session}
    return {
        "eventTime": (AT + minutes * MINUTE).isoformat(),
        "eventSource": f"{service}.amazonaws.com",
        "eventName": action,
        "awsRegion": REGION,
        "sourceIPAddress": ip,
        "recipientAccountId": ACCOUNT,
        "userIdentity": who,
        **fields,
    }


def by(kind: str, name: str, key: str = "AKIAEXAMPLEANA00001") -> dict[str, Any]:
    """Another caller's identity."""
    arn = f"arn:aws:iam::{ACCOUNT}:user/{name}"
    return {"type": kind, "principalId": f"AIDAEXAMPLE{name.upper()}", "arn": arn, "accessKeyId": key}


def history(days: int = 20, **fields: Any) -> list[dict[str, Any]]:
    """One harmless event a day before the finding, from the instance's way out."""
    return [call("ssm:GetParameters", minutes=-1440 * (day + 2), ip=NAT, **fields) for day in range(days)]


def written(tmp_path: Path, *events: dict[str, Any], others: tuple[str, ...] = ()) -> Trail:
    """A trail of these events, and of logs of other kinds, each given as its text."""
    folder = tmp_path / "logs"
    folder.mkdir(exist_ok=True)
    numbered = [{"eventID": f"e{number:03}", **one} for number, one in enumerate(events)]
    (folder / "logs.json").write_text(json.dumps({"Records": numbered}), encoding="utf-8")
    for number, text in enumerate(others):
        (folder / f"{number}.log").write_text(text, encoding="utf-8")
    trail = Trail.load(folder)
    assert not trail.skips
    return trail


def ask(
    tmp_path: Path,
    finding: Finding,
    *events: dict[str, Any],
    context: Context | None = None,
    more: tuple[Finding, ...] = (),
    resolved: Resolved = NOBODY,
    depth: str = "full",
    others: tuple[str, ...] = (),
    whole: bool = False,
    measured: Measured | None = None,
) -> Mapping[str, Evidence]:
    """The answers by question; only those that are looked at are asked, unless the whole playbook is wanted."""
    trail = written(tmp_path, *events, others=others)
    case = Case("C-00000000", 1, (), (finding, *more), AT)
    where = replace(triage(Case("C-0", 1, (), (finding,), AT), TABLE, SHELF), lead=finding.key)
    playbook = SHELF[where.playbook]

    def investigated(*names: str) -> Mapping[str, Evidence]:
        asked = replace(playbook, questions=tuple(one for one in playbook.questions if one.id in names))
        found = investigate(case, where, asked, depth, trail, context or Context(), resolved, measured=measured)
        return {one.question: one for one in found}

    names = [one.id for one in playbook.questions]
    if whole or depth != "full":
        return investigated(*names)
    return Answers(names, lambda name: investigated(name)[name])


class Answers(Mapping[str, Evidence]):
    """Answers that are sought when they are looked at."""

    def __init__(self, names: Sequence[str], answer: Callable[[str], Evidence]) -> None:
        self._names, self._answer = names, cache(answer)

    def __getitem__(self, name: str) -> Evidence:
        if name not in self._names:
            raise KeyError(name)
        return self._answer(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def answers(found: Mapping[str, Evidence], *questions: str) -> str:
    return " ".join(found[one].answer for one in questions)


def own(**ranges: tuple[str, ...]) -> Context:
    return Context(networks=Networks(**ranges))
