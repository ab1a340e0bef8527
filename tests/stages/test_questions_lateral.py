"""The questions of the playbook on lateral movement."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stanch.model.context import (
    Account,
    Asset,
    Availability,
    Context,
    Flow,
    KnownResource,
    Organisation,
    Partner,
    Pipeline,
    Window,
)
from stanch.model.finding import Interface
from stanch.model.verdict import Evidence

from .questioning import (
    ACCOUNT,
    AT,
    DAY,
    HOST,
    KEY,
    LISTED,
    MINUTE,
    NAT,
    STRANGER,
    THEFT,
    answers,
    ask,
    by,
    call,
    history,
)

OWN, DATABASE, PARTNER = "10.0.4.21", "10.0.8.5", "444455556666"
ENI = "eni-0a1b2c3d4e5f60718"
PLACED = replace(HOST, interfaces=(Interface(ENI, OWN, groups=("sg-app",)),))
SWEEP = replace(THEFT, id="sweep", type="Impact:EC2/PortSweep", identity=None, caller_ip="", instance=PLACED)
ENTRY = replace(LISTED, id="entry", type="InitialAccess:IAMUser/AnomalousBehavior")
FIRST, SECOND, THIRD = "ASIAEXAMPLECHAIN0001", "ASIAEXAMPLECHAIN0002", "ASIAEXAMPLECHAIN0003"
HUMAN = by("IAMUser", "ana")


def past(*names: str, days: tuple[int, ...] = tuple(range(2, 22)), **fields: Any) -> list[dict[str, Any]]:
    """Ana's harmless days, with these calls on each."""
    return [
        call(name, -1440 * day, NAT, userIdentity=HUMAN, **fields)
        for day in days
        for name in ("s3:ListBuckets", *names)
    ]


def assume(role: str, issued: str, key: str = "AKIAEXAMPLEANA00001", minutes: float = 0) -> dict[str, Any]:
    """One step of a chain."""
    return call(
        "sts:AssumeRole",
        minutes,
        userIdentity={**HUMAN, "accessKeyId": key},
        requestParameters={"roleArn": role},
        responseElements={"credentials": {"accessKeyId": issued}},
    )


def arn(name: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:role/{name}"


def often(role: str, days: tuple[int, ...]) -> list[dict[str, Any]]:
    return [assume(role, f"ASIAOLD{day:013}", minutes=-1440 * day) for day in days]


@pytest.mark.parametrize(
    ("events", "answer"),
    [
        ([assume(arn("ops"), FIRST)], "yes"),
        ([*often(arn("ops"), (30, 25, 20)), assume(arn("ops"), FIRST)], "no"),
        ([*often(arn("ops"), (5, 4, 3)), assume(arn("ops"), FIRST)], "unknown"),
        ([call("s3:ListBuckets", userIdentity=HUMAN)], "no"),
        ([call("s3:ListBuckets", userIdentity=by("IAMUser", "bob", "AKIABOB"))], "unknown"),
        (
            [
                *(one for role in ("a", "b", "c") for one in often(arn(role), (30, 25, 20))),
                assume(arn("a"), FIRST),
                assume(arn("b"), SECOND, FIRST, 1),
                assume(arn("c"), THIRD, SECOND, 2),
            ],
            "yes",
        ),
    ],
)
def test_l1_follows_the_keys_of_a_chain(tmp_path: Path, events: list[dict[str, Any]], answer: str) -> None:
    assert answers(ask(tmp_path, ENTRY, *past(), *events), "L1") == answer


def test_a_chain_that_bites_its_tail_ends(tmp_path: Path) -> None:
    found = ask(tmp_path, ENTRY, *past(), assume(arn("a"), FIRST), assume(arn("b"), FIRST, FIRST, 1))
    assert answers(found, "L1") == "yes"


@pytest.mark.parametrize(
    ("account", "accounts", "partners", "answer"),
    [
        ("999988887777", (ACCOUNT,), (), "yes"),
        (ACCOUNT, (ACCOUNT,), (), "no"),
        ("444455556666", (ACCOUNT, "444455556666"), (), "no"),
        (PARTNER, (ACCOUNT,), (PARTNER,), "no"),
        ("999988887777", (), (), "unknown"),
    ],
)
def test_l2_knows_the_organisation_s_border(
    tmp_path: Path, account: str, accounts: tuple[str, ...], partners: tuple[str, ...], answer: str
) -> None:
    context = Context(
        organisation=Organisation(accounts=tuple(map(Account, accounts))), partners=(Partner("them", partners),)
    )
    assert answers(ask(tmp_path, ENTRY, assume(arn("x", account), FIRST), context=context), "L2") == answer


def test_l2_sees_where_a_session_came_from(tmp_path: Path) -> None:
    context = Context(organisation=Organisation(accounts=(Account(ACCOUNT),)))
    stranger = {"type": "AWSAccount", "principalId": "AIDASTRANGER", "accountId": "999988887777"}
    begun = call(
        "sts:AssumeRole",
        -9,
        userIdentity=stranger,
        requestParameters={"roleArn": arn("orders-api")},
        responseElements={"credentials": {"accessKeyId": KEY}},
    )
    session = replace(THEFT, id="entry", type=ENTRY.type, instance=None)
    assert answers(ask(tmp_path, session, begun, call("s3:ListBuckets"), context=context), "L2") == "yes"


@pytest.mark.parametrize(
    ("before", "name", "answer"),
    [
        (past(), "ssm:StartSession", "yes"),
        (past(), "ec2-instance-connect:SendSSHPublicKey", "yes"),
        (past(), "ssm:DescribeSessions", "no"),
        (past("ssm:StartSession"), "ssm:StartSession", "no"),
        ([*past(), *past("ssm:StartSession", days=(4, 3, 2))], "ssm:StartSession", "unknown"),
        (past(days=(4, 3)), "ssm:StartSession", "unknown"),
    ],
)
def test_l3_sees_a_door_opened_by_one_who_never_did(
    tmp_path: Path, before: list[dict[str, Any]], name: str, answer: str
) -> None:
    filler = history(20)  # the account's history is long enough in every case
    found = ask(tmp_path, ENTRY, *filler, *before, call(name, userIdentity=HUMAN))
    assert answers(found, "L3") == answer


@pytest.mark.parametrize(("snapshot", "answer"), [("snap-0a", "yes"), (None, "no")])
def test_l3_sees_a_copied_disk_attached(tmp_path: Path, snapshot: str | None, answer: str) -> None:
    copy = call("ec2:CreateVolume", userIdentity=HUMAN, requestParameters={"snapshotId": snapshot} if snapshot else {})
    attach = call("ec2:AttachVolume", 1, userIdentity=HUMAN)
    assert answers(ask(tmp_path, ENTRY, *past(), copy, attach), "L3") == answer


def line(peer: str, port: int, minutes: float, *, action: str = "ACCEPT", high: int = 41000, back: bool = False) -> str:
    start = int((AT + minutes * MINUTE).timestamp())
    ends = f"{peer} {OWN} {port} {high}" if back else f"{OWN} {peer} {high} {port}"
    return f"2 {ACCOUNT} {ENI} {ends} 6 9 900 {start} {start + 9} {action} OK"


def talk(peer: str, port: int, minutes: float) -> list[str]:
    return [line(peer, port, minutes), line(peer, port, minutes, back=True)]


def swept(
    tmp_path: Path, *lines: str, days: tuple[int, ...] = tuple(range(2, 22)), context: Context | None = None
) -> Mapping[str, Evidence]:
    """The answers where the host has talked to its database on these days, and now does this."""
    usual = [one for day in days for one in talk(DATABASE, 5432, -1440 * day)]
    return ask(
        tmp_path,
        SWEEP,
        *history(),
        call("s3:ListBuckets", ip=NAT),
        context=context,
        others=("\n".join([*usual, *lines]),),
    )


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        (talk("10.0.9.9", 22, 0), "yes"),
        ([line("10.0.9.9", 22, 0)], "unknown"),  # nobody answered
        ([line("10.0.9.9", 22, 0, action="REJECT")], "no"),
        (talk("10.0.9.9", 8443, 0), "no"),
        (talk("203.0.113.99", 22, 0), "no"),
        (talk(DATABASE, 5432, 0), "no"),
        (talk(DATABASE, 22, 0), "yes"),
    ],
)
def test_l4_sees_a_new_pair_on_an_admin_port(tmp_path: Path, lines: list[str], answer: str) -> None:
    assert answers(swept(tmp_path, *lines), "L4") == answer


def test_a_pair_of_the_last_days_is_neither_new_nor_usual(tmp_path: Path) -> None:
    lately = [one for day in (4, 3, 2) for one in talk("10.0.9.9", 22, -1440 * day)]
    assert answers(swept(tmp_path, *lately, *talk("10.0.9.9", 22, 0)), "L4") == "unknown"


def groups(peer: str, group: str) -> KnownResource:
    state = {
        "NetworkInterfaces": [
            {"NetworkInterfaceId": f"eni-{peer}", "PrivateIpAddress": peer, "Groups": [{"GroupId": group}]}
        ]
    }
    number = int(peer.replace(".", ""))
    return KnownResource(f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-{number:017x}", state=state)


def test_a_new_member_of_a_group_is_no_new_peer(tmp_path: Path) -> None:
    same = Context(resources=(groups(DATABASE, "sg-db"), groups("10.0.8.6", "sg-db")))
    other = Context(resources=(groups(DATABASE, "sg-db"), groups("10.0.8.6", "sg-pay")))
    assert answers(swept(tmp_path, *talk("10.0.8.6", 5432, 0), context=same), "L4") == "no"
    assert answers(swept(tmp_path, *talk("10.0.8.6", 5432, 0), context=other), "L4") == "yes"


@pytest.mark.parametrize(("peers", "spread", "answer"), [(5, 2, "yes"), (4, 2, "no"), (5, 4, "no")])
def test_l5_counts_new_peers_within_ten_minutes(tmp_path: Path, peers: int, spread: int, answer: str) -> None:
    lines = [line(f"10.0.9.{number}", 8443, number * spread - 30, action="REJECT") for number in range(peers)]
    assert answers(swept(tmp_path, *lines), "L5") == answer


def test_l5_counts_those_who_were_never_called_on_such_a_port(tmp_path: Path) -> None:
    near = [f"10.0.9.{number}" for number in range(5)]
    served = [one for peer in near for day in range(2, 22) for one in talk(peer, 8443, -1440 * day)]
    entered = [one for number, peer in enumerate(near) for one in talk(peer, 22, number - 30)]
    assert answers(swept(tmp_path, *served, *entered), "L5") == "yes"
    assert answers(swept(tmp_path, *served, *entered[:8]), "L5") == "no"


def test_what_the_service_map_declares_is_no_surprise(tmp_path: Path) -> None:
    near = [f"10.0.9.{number}" for number in range(5)]
    declared = Context(
        service_map=(Flow("sg-app", "sg-db", (22,)),), resources=tuple(groups(one, "sg-db") for one in near)
    )
    other = replace(declared, service_map=(Flow("sg-app", "sg-db", (443,)),))
    served = [one for peer in near for day in range(2, 22) for one in talk(peer, 8443, -1440 * day)]
    entered = [one for number, peer in enumerate(near) for one in talk(peer, 22, number - 30)]
    assert answers(swept(tmp_path, *served, *entered, context=declared), "L4", "L5", "L6") == "no no yes"
    assert answers(swept(tmp_path, *served, *entered, context=other), "L4", "L5", "L6") == "yes yes no"


@pytest.mark.parametrize(("workload", "answer"), [("bastion", "unknown"), ("", "no")])
def test_l6_leaves_whom_a_declared_host_visits_to_l9(tmp_path: Path, workload: str, answer: str) -> None:
    context = Context(service_map=(Flow("sg-app", "sg-db"),), assets=(Asset(HOST.arn, workload=workload),))
    assert answers(swept(tmp_path, *talk("10.0.9.9", 22, 0), context=context), "L6") == answer


def test_l5_does_not_count_those_who_call_the_host(tmp_path: Path) -> None:
    served = [line(f"10.0.9.{number}", 41000, 0, high=443) for number in range(9)]
    assert answers(swept(tmp_path, *served), "L5") == "no"


def test_without_flow_logs_or_their_history_nothing_is_said_of_peers(tmp_path: Path) -> None:
    lines = talk("10.0.9.9", 22, 0)
    off = Context(sources=Availability(vpc_flow=False))
    assert answers(swept(tmp_path, *lines, days=(3, 2)), "L4", "L5") == "unknown unknown"
    assert answers(swept(tmp_path, *lines, context=off), "L4", "L5", "L6") == "unknown unknown unknown"
    assert "off" in swept(tmp_path, *lines, context=off)["L4"].says


@pytest.mark.parametrize(
    ("declared", "answer"),
    [
        ((Flow("sg-app", "sg-db", (22, 5432)),), "yes"),
        ((Flow("sg-app", "sg-db"),), "yes"),
        ((Flow("sg-app", "sg-db", (443,)),), "no"),
        ((Flow("sg-db", "sg-app", (22,)),), "no"),
        ((), "unknown"),
    ],
)
def test_l6_reads_the_operator_s_service_map(tmp_path: Path, declared: tuple[Flow, ...], answer: str) -> None:
    context = Context(service_map=declared, resources=(groups("10.0.9.9", "sg-db"),))
    assert answers(swept(tmp_path, *talk("10.0.9.9", 22, 0), context=context), "L6") == answer


def test_a_peer_of_unknown_group_is_not_declared(tmp_path: Path) -> None:
    context = Context(service_map=(Flow("sg-app", "sg-db"),))
    assert answers(swept(tmp_path, *talk("10.0.9.9", 22, 0), context=context), "L6") == "no"


def person(mfa: str) -> dict[str, Any]:
    return {**HUMAN, "sessionContext": {"attributes": {"mfaAuthenticated": mfa}}}


def test_c12_wants_a_second_factor_for_all_that_was_done(tmp_path: Path) -> None:
    proven, plain = (call("ssm:StartSession", userIdentity=person(one)) for one in ("true", "false"))
    assert answers(ask(tmp_path, ENTRY, proven), "C12") == "yes"
    assert answers(ask(tmp_path, ENTRY, proven, plain), "C12") == "no"


@pytest.mark.parametrize(("factor", "answer"), [("WEBAUTHN", "yes"), ("PASSWORD", "no")])
def test_c12_knows_a_person_of_identity_center(tmp_path: Path, factor: str, answer: str) -> None:
    issuer = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Ops_0a"
    who = {
        "type": "AssumedRole",
        "principalId": "AROAEXAMPLESSO:ana@example.com",
        "accessKeyId": KEY,
        "sessionContext": {"sessionIssuer": {"arn": issuer}},
    }
    login = call(
        "signin:UserAuthentication",
        -30,
        userIdentity={"type": "Unknown", "userName": "ana@example.com"},
        additionalEventData={"CredentialType": factor},
    )
    session = replace(THEFT, id="entry", type=ENTRY.type, instance=None)
    assert answers(ask(tmp_path, session, login, call("ssm:StartSession", userIdentity=who)), "C12") == answer


def other_host(minutes: float, ip: str) -> dict[str, Any]:
    event = call("ssm:GetParameters", minutes, ip)
    who = {**event["userIdentity"], "principalId": "AROAOTHER:i-0f9e8d7c6b5a49382", "accessKeyId": "ASIAOTHERHOST"}
    return {**event, "userIdentity": who}


@pytest.mark.parametrize(
    ("ip", "before", "answer"),
    [
        ("203.0.113.20", [other_host(-99, "203.0.113.20")], "yes"),
        ("203.0.113.20", [], "unknown"),  # a new address, and nobody's
        (NAT, [other_host(-99, NAT)], "no"),  # both always leave by it
        (NAT, [], "no"),
    ],
)
def test_l8_sees_one_host_s_credentials_on_another(
    tmp_path: Path, ip: str, before: list[dict[str, Any]], answer: str
) -> None:
    found = ask(tmp_path, SWEEP, *history(), *before, call("s3:ListBuckets", ip=ip))
    assert answers(found, "L8") == answer


@pytest.mark.parametrize(("workload", "answer"), [("vulnerability-scanner", "yes"), ("bastion", "yes"), ("web", "no")])
def test_l9_is_the_operator_s_word(tmp_path: Path, workload: str, answer: str) -> None:
    context = Context(assets=(Asset(HOST.arn, workload=workload),))
    assert answers(ask(tmp_path, SWEEP, context=context, depth="critical"), "L9") == answer


@pytest.mark.parametrize(("hours", "ticket", "answer"), [(1, "CHG-1", "yes"), (1, "", "no"), (-1, "CHG-1", "no")])
def test_l10_wants_a_ticket_and_all_of_it_within_the_window(
    tmp_path: Path, hours: int, ticket: str, answer: str
) -> None:
    window = Window(f"arn:aws:iam::{ACCOUNT}:user/ana", AT - DAY, AT + hours * 60 * MINUTE, ticket)
    late = call("ssm:StartSession", 30, STRANGER, userIdentity=HUMAN)
    assert answers(ask(tmp_path, ENTRY, late, context=Context(change_windows=(window,))), "L10") == answer


ANA = f"arn:aws:iam::{ACCOUNT}:user/ana"


@pytest.mark.parametrize(
    ("minutes", "name", "answer"),
    [
        (-50, "s3:ListBuckets", "yes"),  # what ana does every day
        (-50, "ssm:StartSession", "no"),
        (-300, "ssm:StartSession", "yes"),
        (-10, "ssm:StartSession", "yes"),
    ],
)
def test_l10_leaves_daily_work_before_the_finding_out(tmp_path: Path, minutes: int, name: str, answer: str) -> None:
    window = Window(ANA, AT - 20 * MINUTE, AT + 60 * MINUTE, "CHG-1")
    began = replace(ENTRY, first_seen=AT - 15 * MINUTE)
    found = ask(
        tmp_path,
        began,
        *past(),
        call(name, minutes, NAT, userIdentity=HUMAN),
        context=Context(change_windows=(window,)),
    )
    assert answers(found, "L10") == answer


def test_l10_leaves_the_window_of_a_pipeline_to_its_proof(tmp_path: Path) -> None:
    window = Window(ANA, AT - DAY, AT + DAY, "CHG-1")
    for pipelines, answer in (((), "yes"), ((Pipeline(ANA),), "unknown")):
        context = Context(change_windows=(window,), pipelines=pipelines)
        assert answers(ask(tmp_path, ENTRY, *past(), context=context), "L10") == answer


def test_l10_wants_the_first_sight_of_the_finding_in_the_window_too(tmp_path: Path) -> None:
    context = Context(change_windows=(Window(ANA, AT - 20 * MINUTE, AT + 60 * MINUTE, "CHG-1"),))
    for minutes, answer in ((-15, "yes"), (-25, "no")):
        began = replace(ENTRY, first_seen=AT + minutes * MINUTE)
        assert answers(ask(tmp_path, began, *past(), context=context), "L10") == answer


def test_l6_wants_no_declaration_for_what_is_long_usual(tmp_path: Path) -> None:
    context = Context(service_map=(Flow("sg-app", "sg-db", (22,)),), resources=(groups("10.0.9.9", "sg-db"),))
    usual, new = talk(DATABASE, 5432, 1), talk("10.0.9.9", 22, 0)
    assert answers(swept(tmp_path, *usual, *new, context=context), "L6") == "yes"
    assert answers(swept(tmp_path, *usual, context=context), "L6") == "unknown"
    assert answers(swept(tmp_path, *usual, *new, *talk("10.0.9.8", 22, 0), context=context), "L6") == "no"
    lately = [one for day in (4, 3, 2) for one in talk("10.0.9.8", 22, -1440 * day)]
    assert answers(swept(tmp_path, *new, *lately, *talk("10.0.9.8", 22, 0), context=context), "L6") == "no"


@pytest.mark.parametrize(
    ("workload", "answer"),
    [
        ("vulnerability-scanner", "no no yes"),
        ("configuration-management", "no no yes"),
        ("bastion", "yes yes yes"),
        ("web", "yes yes no"),
    ],
)
def test_that_a_declared_scanner_spreads_is_no_surprise(tmp_path: Path, workload: str, answer: str) -> None:
    context = Context(assets=(Asset(HOST.arn, workload=workload),))
    lines = [one for number in range(6) for one in talk(f"10.0.9.{number}", 22, number - 30)]
    assert answers(swept(tmp_path, *lines, context=context), "L4", "L5", "L9") == answer


def entered(hosts: int, minutes: float = 0) -> list[dict[str, Any]]:
    return [
        call(
            "ssm:StartSession",
            minutes + number,
            userIdentity=HUMAN,
            requestParameters={"target": f"i-{number:017x}"},
        )
        for number in range(hosts)
    ]


@pytest.mark.parametrize(
    ("before", "hosts", "answer"),
    [(0, 4, "yes"), (0, 3, "no"), (2, 4, "no"), (2, 5, "yes"), (0, 0, "no")],
)
def test_l11_counts_the_hosts_that_were_entered(tmp_path: Path, before: int, hosts: int, answer: str) -> None:
    found = ask(
        tmp_path, ENTRY, *past(), call("s3:ListBuckets", userIdentity=HUMAN), *entered(before, -9999), *entered(hosts)
    )
    assert answers(found, "L11") == answer


def test_of_a_host_that_calls_nobody_at_aws_the_logs_still_say_so(tmp_path: Path) -> None:
    someone = call("s3:ListBuckets", userIdentity=by("IAMUser", "bob", "AKIABOB"))
    assert answers(ask(tmp_path, SWEEP, *history(), someone), "L1", "L3", "L8") == "no no no"
    assert answers(ask(tmp_path, SWEEP, *history()), "L1", "L3", "L8") == "unknown unknown unknown"
    assert answers(ask(tmp_path, ENTRY, *history(), someone), "L1", "L3", "L8") == "unknown unknown unknown"
