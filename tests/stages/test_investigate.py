"""Questions meet the finding, the logs and the operator's facts; what is not known stays unknown."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanch.model.case import Case, Triage
from stanch.model.context import (
    Account,
    Asset,
    Availability,
    Context,
    Networks,
    Organisation,
    Partner,
    Pipeline,
    Window,
)
from stanch.model.errors import BadInput
from stanch.model.facts import Resolved
from stanch.model.finding import Connection, Direction, Finding, Form, Identity, IdentityKind, Instance, Interface
from stanch.model.verdict import Answer, Evidence
from stanch.playbooks import load, postures
from stanch.stages.investigate import investigate
from stanch.stages.investigate.addresses import Ranges
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


def ask(
    tmp_path: Path,
    finding: Finding,
    *events: dict[str, Any],
    context: Context | None = None,
    more: tuple[Finding, ...] = (),
    resolved: Resolved = NOBODY,
    depth: str = "full",
) -> dict[str, Evidence]:
    numbered = [{"eventID": f"e{number:03}", **one} for number, one in enumerate(events)]
    (tmp_path / "logs.json").write_text(json.dumps({"Records": numbered}), encoding="utf-8")
    trail = Trail.load(tmp_path / "logs.json")
    assert not trail.skips
    case = Case("C-00000000", 1, (), (finding, *more), AT)
    where = replace(triage(Case("C-0", 1, (), (finding,), AT), TABLE, SHELF), lead=finding.key)
    found = investigate(case, where, SHELF[where.playbook], depth, trail, context or Context(), resolved)
    return {one.question: one for one in found}


def answers(found: dict[str, Evidence], *questions: str) -> str:
    return " ".join(found[one].answer for one in questions)


def own(**ranges: tuple[str, ...]) -> Context:
    return Context(networks=Networks(**ranges))


# Depth, sources, and what is said of them


def test_critical_asks_the_critical_questions_only_and_full_asks_all_in_order(tmp_path: Path) -> None:
    playbook = SHELF["credential_exfiltration"]
    assert tuple(ask(tmp_path, THEFT, depth="critical")) == playbook.critical
    assert tuple(ask(tmp_path, THEFT)) == tuple(one.id for one in playbook.questions)
    with pytest.raises(BadInput, match="critical"):
        ask(tmp_path, THEFT, depth="deep")


def test_without_logs_every_question_about_logs_is_unknown_and_says_why(tmp_path: Path) -> None:
    found = ask(tmp_path, THEFT)
    needing = {one.id for one in SHELF["credential_exfiltration"].questions if one.needs}
    assert {name for name, one in found.items() if one.answer is Answer.UNKNOWN} >= needing
    assert found["E3"].says == f"Not known: there are no CloudTrail events of account {ACCOUNT} around the finding."
    assert found["E3"].likelihood_ratio == 1


def test_logs_of_another_account_or_time_are_no_logs(tmp_path: Path) -> None:
    elsewhere = call("sts:GetCallerIdentity", recipientAccountId="444455556666")
    assert answers(ask(tmp_path, THEFT, elsewhere), "C5") == "unknown"
    assert answers(ask(tmp_path, THEFT, *history()), "C5", "C1") == "unknown unknown"


def test_the_operator_s_word_that_logging_is_off_counts_more_than_logs(tmp_path: Path) -> None:
    off = Context(sources=Availability(cloudtrail_management=False))
    found = ask(tmp_path, THEFT, call("sts:GetCallerIdentity"), context=off)
    assert "management events are off" in found["C5"].says


@pytest.mark.parametrize(
    ("days", "declared", "answer"),
    [(20, None, "no"), (10, None, "unknown"), (10, 90, "no"), (20, 5, "unknown")],
)
def test_nothing_is_new_before_fourteen_days_of_history(
    tmp_path: Path, days: int, declared: int | None, answer: str
) -> None:
    context = Context(sources=Availability(baseline_days=declared))
    found = ask(tmp_path, THEFT, *history(days), call("sts:GetCallerIdentity"), context=context)
    assert answers(found, "C1") == answer
    assert answer == "no" or "14 are needed" in found["C1"].says


def test_evidence_cites_at_most_twenty_events_oldest_first_and_counts_all(tmp_path: Path) -> None:
    found = ask(tmp_path, THEFT, *(call("s3:ListBuckets", minutes=-number) for number in range(30)))["E1"]
    assert found.n == 30
    assert found.events == tuple(f"e{number:03}" for number in range(29, 9, -1))
    assert len(found.query) == 12


def test_a_sentence_counts_what_it_speaks_of(tmp_path: Path) -> None:
    found = ask(tmp_path, THEFT, call("cloudtrail:StopLogging"), call("guardduty:DeleteDetector", 1))["C6"]
    assert found.says.startswith("2 calls switched")


def test_the_present_plays_no_part(tmp_path: Path) -> None:
    late = call("cloudtrail:StopLogging", minutes=61)
    soon = call("cloudtrail:StopLogging", minutes=59)
    quiet = call("sts:GetCallerIdentity")
    assert answers(ask(tmp_path, THEFT, quiet, late), "C6") == "no"
    assert answers(ask(tmp_path, THEFT, quiet, soon), "C6") == "yes"


def test_a_sample_beside_the_lead_is_no_evidence(tmp_path: Path) -> None:
    other = replace(KNOCK, identity=WHO)
    assert answers(ask(tmp_path, THEFT, more=(other,)), "C7") == "yes"
    assert answers(ask(tmp_path, THEFT, more=(replace(other, sample=True),)), "C7") == "no"
    assert answers(ask(tmp_path, THEFT, more=(replace(other, archived=True),)), "C7") == "no"


def test_an_attacker_s_text_is_data(tmp_path: Path) -> None:
    nasty = "'); DROP TABLE events; --"
    strange = replace(THEFT, identity=replace(WHO, name=nasty), title=nasty)
    context = Context(penetration_tests=(Window(nasty, AT - DAY, AT + DAY),), vpc_endpoints=(nasty,))
    found = ask(
        tmp_path, strange, call("sts:GetCallerIdentity", userAgent=nasty, sourceIPAddress=nasty), context=context
    )
    assert answers(found, "E1", "C11") == "yes no"


# Credential exfiltration


@pytest.mark.parametrize(
    ("finding", "context", "resolved", "answer"),
    [
        (THEFT, Context(), NOBODY, "yes"),
        (THEFT, own(vpn=("198.51.100.0/24",)), NOBODY, "no"),
        (THEFT, own(egress=(f"{STRANGER}/32",)), NOBODY, "no"),
        (THEFT, Context(partners=(Partner("vendor", networks=(f"{STRANGER}/32",)),)), NOBODY, "no"),
        (THEFT, Context(), replace(NOBODY, egress=(STRANGER,)), "no"),
        (
            replace(THEFT, instance=replace(HOST, interfaces=(Interface("eni-0a", public_ip=STRANGER),))),
            Context(),
            NOBODY,
            "no",
        ),
        (replace(THEFT, caller_ip="10.1.2.3"), Context(), NOBODY, "unknown"),
        (replace(THEFT, caller_ip="10.1.2.3"), own(office=("10.0.0.0/8",)), NOBODY, "no"),
        (replace(THEFT, caller_ip=""), Context(), NOBODY, "unknown"),
    ],
)
def test_e1_tells_a_stranger_s_address(
    tmp_path: Path, finding: Finding, context: Context, resolved: Resolved, answer: str
) -> None:
    assert answers(ask(tmp_path, finding, context=context, resolved=resolved, depth="critical"), "E1") == answer


def test_one_stranger_is_not_excused_by_another_caller(tmp_path: Path) -> None:
    other = replace(THEFT, id="other", caller_ip=OFFICE)
    found = ask(tmp_path, THEFT, more=(other,), context=own(office=("192.0.2.0/24",)))
    assert answers(found, "E1") == "yes"


@pytest.mark.parametrize(
    ("remote", "accounts", "wanted"),
    [
        ("444455556666", ("111122223333", "444455556666"), "yes unknown"),
        ("999988887777", ("111122223333",), "no yes"),
        ("444455556666", (), "unknown yes"),
        ("", ("111122223333",), "unknown yes"),
    ],
)
def test_e2_asks_whose_account_the_caller_stands_in(
    tmp_path: Path, remote: str, accounts: tuple[str, ...], wanted: str
) -> None:
    inside = replace(THEFT, type=THEFT.type.replace("Outside", "Inside"), remote_account=remote)
    context = Context(organisation=Organisation(accounts=tuple(Account(one) for one in accounts)))
    assert answers(ask(tmp_path, inside, context=context, depth="critical"), "E2", "E1") == wanted


@pytest.mark.parametrize(
    ("places", "answer"),
    [
        ([(-9, NAT), (0, STRANGER), (9, NAT)], "yes"),
        ([(-9, "10.0.0.5"), (0, STRANGER), (9, "10.0.0.5")], "yes"),
        ([(-9, NAT), (-8, NAT), (0, STRANGER), (9, STRANGER)], "no"),
        ([(-9, STRANGER), (0, "198.51.100.78"), (9, STRANGER)], "no"),
        ([(-9, STRANGER), (0, "2001:db8::1"), (9, STRANGER)], "no"),
        ([(-9, STRANGER), (0, "ssm.amazonaws.com"), (9, STRANGER)], "no"),
    ],
)
def test_e3_sees_one_key_in_two_networks_at_once(tmp_path: Path, places: list[tuple[float, str]], answer: str) -> None:
    found = ask(tmp_path, THEFT, *(call("s3:ListBuckets", minutes, ip) for minutes, ip in places))
    assert answers(found, "E3") == answer


def test_e5_trusts_declared_endpoints_only_and_all_calls_must_use_them(tmp_path: Path) -> None:
    context = Context(vpc_endpoints=("vpce-0a",))
    through = call("s3:ListBuckets", vpcEndpointId="vpce-0a")
    around = call("s3:ListBuckets", 1, vpcEndpointId="vpce-0b")
    assert answers(ask(tmp_path, THEFT, through, context=context), "E5") == "yes"
    assert answers(ask(tmp_path, THEFT, through, around, context=context), "E5") == "no"
    assert answers(ask(tmp_path, THEFT, through), "E5") == "no"


@pytest.mark.parametrize(
    ("events", "answer"),
    [
        ([call("iam:CreateAccessKey")], "yes"),
        ([call("iam:CreateAccessKey", errorCode="AccessDenied")], "no"),
        ([call("iam:CreateAccessKey", ip=NAT)], "no"),
        ([call("secretsmanager:GetSecretValue", n, requestParameters={"secretId": f"s{n}"}) for n in range(3)], "yes"),
        ([call("secretsmanager:GetSecretValue", n, requestParameters={"secretId": "one"}) for n in range(3)], "no"),
        ([call("sts:AssumeRole", n, requestParameters={"roleArn": f"r{n}"}) for n in range(3)], "yes"),
    ],
)
def test_e6_sees_what_a_stranger_does_with_the_credentials(
    tmp_path: Path, events: list[dict[str, Any]], answer: str
) -> None:
    assert answers(ask(tmp_path, THEFT, *events, context=own(egress=(f"{NAT}/32",))), "E6") == answer


# What several playbooks ask


@pytest.mark.parametrize(
    ("before", "context", "answer"),
    [
        ({"ip": NAT}, Context(), "no"),
        ({"ip": "198.51.100.3"}, Context(), "yes"),
        ({"ip": NAT}, own(vpn=("198.51.100.0/24",)), "unknown"),
    ],
)
def test_c1_asks_whether_the_network_is_new_to_the_principal(
    tmp_path: Path, before: dict[str, Any], context: Context, answer: str
) -> None:
    earlier = [{**one, "sourceIPAddress": before["ip"]} for one in history()]
    found = ask(tmp_path, THEFT, *earlier, call("s3:ListBuckets"), context=context)
    assert answers(found, "C1") == answer


def test_a_principal_without_history_is_not_new_to_a_network(tmp_path: Path) -> None:
    others = history(userIdentity=by("IAMUser", "bob"))
    assert answers(ask(tmp_path, THEFT, *others, call("s3:ListBuckets")), "C1") == "unknown"


@pytest.mark.parametrize(("apis", "spread", "answer"), [(5, 1, "yes"), (4, 1, "no"), (5, 4, "no")])
def test_c4_needs_five_denied_apis_within_ten_minutes(tmp_path: Path, apis: int, spread: int, answer: str) -> None:
    denied = [call(f"iam:List{n}", n * spread, errorCode="AccessDenied") for n in range(apis)]
    assert answers(ask(tmp_path, THEFT, *denied), "C4") == answer


@pytest.mark.parametrize(("services", "spread", "answer"), [(6, 2, "yes"), (5, 2, "no"), (6, 5, "no")])
def test_c5_needs_six_services_within_fifteen_minutes(tmp_path: Path, services: int, spread: int, answer: str) -> None:
    looks = [call(f"svc{n}:ListThings", n * spread) for n in range(services)]
    assert answers(ask(tmp_path, THEFT, *looks), "C5") == answer


@pytest.mark.parametrize(
    ("event", "answer"),
    [
        (call("cloudtrail:StopLogging"), "yes"),
        (call("cloudtrail:StopLogging", errorCode="AccessDenied"), "no"),
        (call("guardduty:UpdateDetector", requestParameters={"enable": False}), "yes"),
        (call("guardduty:UpdateDetector", requestParameters={"findingPublishingFrequency": "ONE_HOUR"}), "no"),
        (
            call("s3:PutBucketPublicAccessBlock", requestParameters={"Configuration": {"BlockPublicAcls": False}}),
            "yes",
        ),
        (
            call("s3:PutBucketPublicAccessBlock", requestParameters={"Configuration": {"BlockPublicAcls": True}}),
            "no",
        ),
        (call("cloudtrail:StopLogging", userIdentity=by("IAMUser", "bob", "AKIAEXAMPLEBOB00001")), "unknown"),
    ],
)
def test_c6_sees_watching_switched_off_by_the_case_s_own_credentials(
    tmp_path: Path, event: dict[str, Any], answer: str
) -> None:
    assert answers(ask(tmp_path, THEFT, event, call("s3:X", userIdentity=by("IAMUser", "b", "AKIAB"))), "C6") == answer


@pytest.mark.parametrize(
    ("other", "answer"),
    [
        (replace(KNOCK, identity=WHO), "yes"),
        (replace(KNOCK, last_seen=AT - 2 * DAY), "no"),
        (replace(KNOCK, type="Recon:EC2/PortProbeUnprotectedPort"), "no"),
        (replace(KNOCK, type="Brand:New/Type"), "no"),
        (replace(KNOCK, severity=2), "no"),
        (replace(LISTED, identity=WHO), "no"),
    ],
)
def test_c7_counts_independent_findings_only(tmp_path: Path, other: Finding, answer: str) -> None:
    assert answers(ask(tmp_path, THEFT, more=(other,)), "C7") == answer


@pytest.mark.parametrize(
    ("principal", "hours", "answer"),
    [
        (ISSUER, 1, "yes"),
        (f"arn:aws:iam::{ACCOUNT}:role/teams/red/orders-api", 1, "yes"),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/orders-api/{HOST.id}", 1, "yes"),
        (HOST.arn, 1, "yes"),
        (ISSUER, -1, "no"),
        (f"arn:aws:iam::{ACCOUNT}:role/other", 1, "no"),
        (f"arn:aws:iam::{ACCOUNT}:user/orders-api", 1, "no"),
        ("arn:aws:iam::444455556666:role/orders-api", 1, "no"),
        ("*", 1, "no"),
    ],
)
def test_c11_knows_a_declared_penetration_test(tmp_path: Path, principal: str, hours: int, answer: str) -> None:
    window = Window(principal, AT - DAY, AT + hours * timedelta(hours=1))
    assert (
        answers(ask(tmp_path, THEFT, context=Context(penetration_tests=(window,)), depth="critical"), "C11") == answer
    )
    assert answers(ask(tmp_path, THEFT, context=Context(change_windows=(window,)), depth="critical"), "C11") == "no"


# Crypto mining


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
    genuine = call("cloudtrail:StopLogging")
    forged = json.loads(json.dumps(genuine))
    del forged["userIdentity"]["sessionContext"]["ec2RoleDelivery"]
    assert answers(ask(tmp_path, MINER, genuine), "C6") == "yes"
    assert answers(ask(tmp_path, MINER, forged), "C6") == "unknown"


# Known-malicious addresses


@pytest.mark.parametrize(
    ("direction", "blocked", "answer"),
    [
        (Direction.OUTBOUND, False, "yes"),
        (Direction.INBOUND, True, "no"),
        (Direction.INBOUND, False, "unknown"),
        (Direction.OUTBOUND, True, "unknown"),
        (Direction.INBOUND, None, "unknown"),
        (Direction.UNKNOWN, True, "unknown"),
    ],
)
def test_i1_tells_a_knock_from_a_connection(
    tmp_path: Path, direction: Direction, blocked: bool | None, answer: str
) -> None:
    peer = Connection(STRANGER, direction, 443, 40000, blocked)
    assert answers(ask(tmp_path, replace(KNOCK, connection=peer)), "I1") == answer


def sign_in(minutes: float, result: str, ip: str = STRANGER) -> dict[str, Any]:
    return call(
        "signin:ConsoleLogin",
        minutes,
        ip,
        userIdentity=by("IAMUser", "ana", ""),
        responseElements={"ConsoleLogin": result},
    )


@pytest.mark.parametrize(
    ("results", "wanted"),
    [
        ("FFFS", "yes yes"),
        ("FFS", "no yes"),
        ("SFFF", "no yes"),
        ("FFFF", "no no"),
    ],
)
def test_i4_and_i5_read_sign_ins(tmp_path: Path, results: str, wanted: str) -> None:
    tries = [sign_in(n, "Success" if one == "S" else "Failure") for n, one in enumerate(results)]
    assert answers(ask(tmp_path, LISTED, *tries), "I4", "I5") == wanted


@pytest.mark.parametrize(
    ("events", "answer"),
    [
        ([call("s3:ListBuckets", userIdentity=by("IAMUser", "ana"))], "yes"),
        ([call("s3:ListBuckets", userIdentity=by("IAMUser", "ana"), errorCode="AccessDenied")], "no"),
        ([call("s3:ListBuckets", userIdentity=by("IAMUser", "ana"), ip=OFFICE)], "unknown"),
        (
            [call("s3:GetObject", userIdentity={"type": "AWSAccount", "principalId": "", "accountId": "anonymous"})],
            "no",
        ),
    ],
)
def test_i5_counts_authenticated_success_from_the_address(
    tmp_path: Path, events: list[dict[str, Any]], answer: str
) -> None:
    assert answers(ask(tmp_path, LISTED, *events), "I5") == answer


def test_what_others_do_from_the_operator_s_own_address_is_not_held_against_anyone(tmp_path: Path) -> None:
    events = [sign_in(n, "Failure") for n in range(3)] + [sign_in(4, "Success")]
    found = ask(tmp_path, LISTED, *events, context=own(office=("198.51.100.0/24",)))
    assert answers(found, "I4", "I5", "C2") == "unknown unknown yes"
    assert found["C2"].likelihood_ratio == pytest.approx(1 / 10)


def test_i3_knows_the_operator_s_list_and_tor(tmp_path: Path) -> None:
    for kind, answer in (("MaliciousIPCaller", "no"), ("MaliciousIPCaller.Custom", "yes"), ("TorIPCaller", "yes")):
        finding = replace(LISTED, type=f"UnauthorizedAccess:IAMUser/{kind}")
        assert answers(ask(tmp_path, finding), "I3") == answer


@pytest.mark.parametrize(("buckets", "answer"), [(2, "yes"), (1, "no"), (0, "no")])
def test_i7_counts_what_the_address_reached(tmp_path: Path, buckets: int, answer: str) -> None:
    reads = [
        call("s3:GetObject", n, userIdentity=by("IAMUser", "ana"), requestParameters={"bucketName": f"b{n}"})
        for n in range(buckets)
    ]
    one = call("sts:GetCallerIdentity", userIdentity=by("IAMUser", "ana"))
    assert answers(ask(tmp_path, LISTED, one, *reads), "I7") == answer


def test_where_no_identity_is_named_the_address_s_own_acts_count(tmp_path: Path) -> None:
    looks = [call(f"svc{n}:ListThings", n, userIdentity=by("IAMUser", "ana")) for n in range(6)]
    named = replace(KNOCK, identity=Identity(IdentityKind.IAM_USER, ACCOUNT, "bob"))
    assert answers(ask(tmp_path, KNOCK, *looks), "C5") == "yes"
    assert answers(ask(tmp_path, named, *looks), "C5") == "unknown"


# Addresses


@pytest.mark.parametrize(
    ("text", "label", "network"),
    [
        ("192.0.2.9", "office", "192.0.2.0/24"),
        ("::ffff:192.0.2.9", "office", "192.0.2.0/24"),
        ("203.0.113.10", "instance", "203.0.113.0/24"),
        ("203.0.113.11", "partner", "203.0.113.0/24"),
        ("172.16.0.1", "private", "172.16.0.0/24"),
        ("100.64.1.2", "private", "100.64.1.0/24"),
        ("fd00::1", "private", "fd00::/48"),
        ("198.51.100.1", "foreign", "198.51.100.0/24"),
        ("2001:db8:1:2::3", "foreign", "2001:db8:1::/48"),
        ("AWS Internal", "service", ""),
        ("s3.amazonaws.com", "service", ""),
    ],
)
def test_an_address_is_named_by_the_first_range_that_holds_it(text: str, label: str, network: str) -> None:
    partner = Partner("vendor", networks=("203.0.113.0/24",))
    ranges = Ranges.of(Context(networks=Networks(office=("192.0.2.0/24",)), partners=(partner,)), (NAT,))
    found = ranges.label(text)
    assert (found.label, found.network) == (label, network)


@given(st.ip_addresses())
def test_without_the_operator_s_file_no_address_is_his(address: object) -> None:
    assert Ranges.of(Context(), ()).label(str(address)).label in ("foreign", "private")


def test_a_lead_must_be_among_the_findings(tmp_path: Path) -> None:
    case = Case("C-0", 1, (), (THEFT,), AT)
    where = triage(case, TABLE, SHELF)
    found = investigate(case, where, SHELF[where.playbook], "critical", Trail.load(None), Context(), NOBODY)
    assert isinstance(where, Triage)
    assert [one.question for one in found] == ["E1", "E2", "C11"]
