"""The questions of the playbook on crypto mining."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stanch.model.context import (
    Asset,
    Context,
    Pipeline,
)
from stanch.model.finding import Direction, Finding, Interface
from stanch.model.walked import Measured
from stanch.playbooks import ask as question_asked
from stanch.playbooks import tables
from stanch.trail import Trail

from .questioning import (
    ACCOUNT,
    AT,
    HOST,
    MINER,
    MINUTE,
    NAT,
    OFFICE,
    PEER,
    SHELF,
    STRANGER,
    answers,
    ask,
    by,
    call,
    history,
)

SENSED = replace(MINER, type="Impact:Runtime/CryptoMinerExecuted", connection=None)


def node(workload: str) -> Context:
    return Context(assets=(Asset(HOST.arn, workload=workload),))


@pytest.mark.parametrize(
    ("finding", "context", "wanted"),
    [
        (MINER, Context(), "yes no no yes"),
        (MINER, node("blockchain-node"), "unknown no yes unknown"),
        (MINER, node("web"), "yes no no yes"),
        (replace(MINER, connection=replace(PEER, blocked=True)), Context(), "no no no yes"),
        (replace(MINER, connection=replace(PEER, blocked=None)), Context(), "unknown no no yes"),
        (replace(MINER, connection=replace(PEER, direction=Direction.INBOUND)), Context(), "no no no yes"),
        (replace(MINER, connection=replace(PEER, remote_port=443)), Context(), "yes no no no"),
        (replace(MINER, connection=None), Context(), "unknown no no unknown"),
        (
            replace(MINER, type="CryptoCurrency:Runtime/BitcoinTool.B", connection=None),
            Context(),
            "unknown yes no unknown",
        ),
        (
            replace(MINER, type="CryptoCurrency:Runtime/BitcoinTool.B!DNS", connection=None),
            Context(),
            "unknown no no unknown",
        ),
        (replace(MINER, instance=None), Context(), "yes no unknown yes"),
        (
            replace(SENSED, type="CryptoCurrency:Runtime/BitcoinTool.B"),
            node("blockchain-node"),
            "unknown unknown yes unknown",
        ),
        (SENSED, node("blockchain-node"), "unknown yes yes unknown"),
        (SENSED, node("threat-research"), "unknown unknown yes unknown"),
    ],
)
def test_mining_is_told_from_the_finding_and_the_operator_s_file(
    tmp_path: Path, finding: Finding, context: Context, wanted: str
) -> None:
    assert answers(ask(tmp_path, finding, context=context), "M9", "M6", "M7", "M1") == wanted


def launch(minutes: float, size: str = "m7g.large", count: int = 1, name: str = "ana", **fields: Any) -> dict[str, Any]:
    items = [{"instanceId": HOST.id if number == 0 else f"i-{number:017x}"} for number in range(count)]
    return call(
        "ec2:RunInstances",
        minutes,
        OFFICE,
        **{
            "userIdentity": by("IAMUser", name),
            "requestParameters": {"instanceType": size},
            "responseElements": {"instancesSet": {"items": items}},
            **fields,
        },
    )


SERVICE = {"type": "AWSService", "invokedBy": "autoscaling.amazonaws.com"}
LINKED = {**by("AssumedRole", "x"), "invokedBy": "autoscaling.amazonaws.com"}


@pytest.mark.parametrize(
    ("events", "context", "answer"),
    [
        ([launch(-60)], Context(), "yes"),
        ([launch(-60, userIdentity=SERVICE)], Context(), "no"),
        ([launch(-60, userIdentity=LINKED)], Context(), "no"),
        ([launch(-60)], Context(pipelines=(Pipeline(f"arn:aws:iam::{ACCOUNT}:user/ana"),)), "no"),
        ([launch(-1440 * 20)], Context(), "no"),
        ([launch(-60, errorCode="Client.DryRunOperation")], Context(), "unknown"),
        ([call("s3:ListBuckets")], Context(), "unknown"),
    ],
)
def test_m2_asks_who_launched_it(tmp_path: Path, events: list[dict[str, Any]], context: Context, answer: str) -> None:
    assert answers(ask(tmp_path, MINER, *events, call("s3:ListBuckets"), context=context), "M2") == answer


@pytest.mark.parametrize(
    ("events", "answer"),
    [
        ([launch(-60, "p5.48xlarge")], "yes"),
        ([launch(-60, "m7i.metal-24xl")], "yes"),
        ([launch(-60, "m7g.large")], "no"),
        ([launch(-60, "p5.48xlarge"), launch(-1440 * 30, "p5.48xlarge")], "no"),
        ([launch(-60, awsRegion="ap-south-1")], "yes"),
    ],
)
def test_m3_sees_sizes_and_regions_never_used(tmp_path: Path, events: list[dict[str, Any]], answer: str) -> None:
    assert answers(ask(tmp_path, MINER, *history(), *events), "M3") == answer


@pytest.mark.parametrize(
    ("events", "answer"),
    [
        ([launch(-60, count=6)], "yes"),
        ([launch(-60, count=4)], "no"),
        ([launch(-60, count=6), launch(-1440 * 10, count=8)], "no"),
    ],
)
def test_m4_sees_more_launches_than_ever(tmp_path: Path, events: list[dict[str, Any]], answer: str) -> None:
    assert answers(ask(tmp_path, MINER, *history(), *events), "M4") == answer


OWN, ENI = "10.0.4.21", "eni-0a1b2c3d4e5f60718"
PLACED = replace(MINER, instance=replace(HOST, interfaces=(Interface(ENI, OWN),)))


def talk(minutes: float, peer: str = STRANGER, *, back: bool = True, action: str = "ACCEPT") -> list[str]:
    """Flow records of the instance's connection to the peer, and back."""
    start = int((AT + minutes * MINUTE).timestamp())
    ways = [f"{OWN} {peer} 49152 3333", f"{peer} {OWN} 3333 49152"][: 2 if back else 1]
    return [f"2 {ACCOUNT} {ENI} {way} 6 9 900 {start} {start + 9} {action} OK" for way in ways]


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        ([*talk(-30), *talk(-19)], "yes"),
        ([*talk(-30), *talk(-21)], "no"),
        ([*talk(-30, back=False), *talk(-10, back=False)], "no"),
        ([*talk(-30, action="REJECT"), *talk(-10, action="REJECT")], "no"),
        ([*talk(-30, "203.0.113.5"), *talk(-10, "203.0.113.5")], "no"),
        ([*talk(-1440 * 9), *talk(-30), *talk(-10)], "no"),
        (talk(-1440 * 9), "unknown"),
    ],
    ids=["lasting", "short", "unanswered", "refused", "someone else", "a peer of old", "no logs of the time"],
)
def test_m10_wants_a_lasting_exchange_with_a_new_peer(tmp_path: Path, lines: list[str], answer: str) -> None:
    assert answers(ask(tmp_path, PLACED, *history(), others=("\n".join(lines),)), "M10") == answer


def test_m10_says_nothing_of_a_declared_node_nor_of_who_calls_in(tmp_path: Path) -> None:
    lines = ("\n".join([*talk(-30), *talk(-10)]),)
    declared = ask(tmp_path, PLACED, *history(), others=lines, context=node("blockchain-node"))
    inward = replace(PLACED, connection=replace(PEER, direction=Direction.INBOUND))
    assert answers(declared, "M10") == "unknown"
    assert answers(ask(tmp_path, inward, *history(), others=lines), "M10") == "unknown"


def template(minutes: float, name: str = "ana", **fields: Any) -> dict[str, Any]:
    return call("ec2:CreateLaunchTemplateVersion", minutes, OFFICE, **{"userIdentity": by("IAMUser", name), **fields})


SCALED = launch(-60, userIdentity=SERVICE)


@pytest.mark.parametrize(
    ("events", "answer"),
    [
        ([template(-90), SCALED], "yes"),
        ([template(-30), SCALED], "no"),
        ([template(-1440 * 9), SCALED], "no"),
        ([template(-1440 * 9), template(-90), SCALED], "no"),
        ([template(-1440 * 9, "bob"), template(-90), SCALED], "yes"),
        ([template(-90, errorCode="AccessDenied"), SCALED], "no"),
        ([template(-90, userIdentity=LINKED), SCALED], "no"),
        ([template(-90, recipientAccountId="444455556666"), SCALED], "no"),
        ([template(-90), launch(-60)], "unknown"),
        ([template(-90)], "unknown"),
    ],
)
def test_m11_asks_who_changed_what_a_service_launches_by(
    tmp_path: Path, events: list[dict[str, Any]], answer: str
) -> None:
    assert answers(ask(tmp_path, MINER, *history(), *events, call("s3:ListBuckets")), "M11") == answer


def test_m11_does_not_count_a_declared_pipeline(tmp_path: Path) -> None:
    context = Context(pipelines=(Pipeline(f"arn:aws:iam::{ACCOUNT}:user/ana"),))
    assert answers(ask(tmp_path, MINER, *history(), template(-90), SCALED, context=context), "M11") == "no"


def protect(name: str) -> dict[str, Any]:
    asked = {"instanceId": HOST.id, "disableApiTermination": {"value": True}}
    return call("ec2:ModifyInstanceAttribute", -30, OFFICE, userIdentity=by("IAMUser", name), requestParameters=asked)


@pytest.mark.parametrize(
    ("events", "answer"),
    [
        ([launch(-60), protect("ana")], "yes"),
        ([launch(-60, requestParameters={"disableApiTermination": True})], "yes"),
        ([launch(-60), protect("responder")], "no"),
        ([protect("responder")], "unknown"),
    ],
)
def test_m8_does_not_mistake_a_responder_for_the_launcher(
    tmp_path: Path, events: list[dict[str, Any]], answer: str
) -> None:
    assert answers(ask(tmp_path, MINER, *events), "M8") == answer


def test_an_instance_s_events_are_told_by_aws_s_mark_not_by_the_session_s_name(tmp_path: Path) -> None:
    genuine = call("guardduty:DeleteDetector", ip=NAT)
    forged = json.loads(json.dumps(genuine))
    del forged["userIdentity"]["sessionContext"]["ec2RoleDelivery"]
    assert answers(ask(tmp_path, MINER, genuine), "C6") == "yes"
    assert answers(ask(tmp_path, MINER, forged), "C6") == "unknown"


@pytest.mark.parametrize(
    ("values", "answer"), [([97.0] * 12, "yes"), ([97.0] * 11 + [20.0], "no"), ([97.0] * 11, "unknown")]
)
def test_m5_wants_an_hour_of_a_busy_processor(values: list[float], answer: str) -> None:
    question = next(one for one in SHELF["crypto_mining"].questions if one.id == "M5")
    when = AT.replace(tzinfo=None)
    named = {"instance_id": HOST.id, "is_lead": True}
    finding = tuple(named.get(name) for name, _ in tables.CASE_FINDINGS.columns)
    load = [(HOST.id, "CPUUtilization", when - 5 * number * MINUTE, one) for number, one in enumerate(values)]
    beside = (tables.filled(tables.CASE_FINDINGS, [finding]), tables.filled(tables.METRICS, load))
    with Trail.load(None).desk(beside) as desk:
        row = question_asked(desk, SHELF["crypto_mining"], question, {"when": when, "until": when})
    assert row.answer == answer


def test_m5_says_why_it_is_not_known(tmp_path: Path) -> None:
    assert ask(tmp_path, MINER)["M5"].says == "Not known: nothing was asked of CloudWatch."
    denied = Measured(1, HOST.id, "CPUUtilization", (), "CloudWatch could not be asked: AccessDenied")
    assert ask(tmp_path, MINER, measured=denied)["M5"].says == f"Not known: {denied.why}."


def test_m5_reads_what_was_measured_of_the_lead_s_instance(tmp_path: Path) -> None:
    readings = tuple(((AT - 5 * number * MINUTE).isoformat(), 97.0) for number in range(12))
    mine = Measured(1, HOST.id, "CPUUtilization", readings)
    assert answers(ask(tmp_path, MINER, measured=mine), "M5") == "yes"
    assert answers(ask(tmp_path, MINER, measured=replace(mine, instance="i-00000000000000000")), "M5") == "unknown"
