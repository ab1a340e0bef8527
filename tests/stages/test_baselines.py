"""What is usual: robust to a poisoned past, honest about a short one, and unknown where a log is off or young."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from stanch.model.case import Case
from stanch.model.context import Asset, Availability, Context, Window
from stanch.playbooks import DERIVED, needed
from stanch.stages.investigate import investigate
from stanch.stages.investigate.sources import missing
from stanch.stages.triage import triage
from stanch.trail import Trail
from stanch.trail.sigma import Rule

from .questioning import (
    ACCOUNT,
    AT,
    DAY,
    ISSUER,
    LISTED,
    NAT,
    NOBODY,
    SHELF,
    STRANGER,
    TABLE,
    THEFT,
    answers,
    ask,
    by,
    call,
    history,
    written,
)

NEIGHBOUR = "198.51.100.3"  # in the stranger's network
TAKEN = replace(THEFT, type="Exfiltration:S3/AnomalousBehavior")


def visits(*days: int) -> list[dict[str, Any]]:
    """The stranger's network, so many days before the finding."""
    return [call("ssm:GetParameters", -1440 * day, NEIGHBOUR) for day in days]


@pytest.mark.parametrize(
    ("days", "answer"),
    [
        ((), "no"),
        ((30, 25, 20), "yes"),
        ((30, 25), "unknown"),  # not often enough
        ((8, 5, 4, 3, 2), "unknown"),  # every day, but for a week only: an attacker who has settled in
        ((30, 30, 30, 30), "unknown"),  # one day
    ],
)
def test_only_a_settled_habit_excuses(tmp_path: Path, days: tuple[int, ...], answer: str) -> None:
    found = ask(tmp_path, THEFT, *history(40), *visits(*days), call("s3:ListBuckets"))
    assert answers(found, "C1") == answer


def test_days_in_which_the_principal_was_itself_in_question_are_no_habit(tmp_path: Path) -> None:
    events = [*history(40), *visits(30, 25, 20), call("s3:ListBuckets")]
    long = replace(THEFT, first_seen=AT - 26 * DAY)
    assert answers(ask(tmp_path, THEFT, *events), "C1") == "yes"
    assert answers(ask(tmp_path, long, *events), "C1") == "unknown"


def test_what_was_done_in_a_penetration_test_is_no_habit(tmp_path: Path) -> None:
    events = [*history(40), *visits(30, 25, 20), call("s3:ListBuckets")]
    test = Window(ISSUER, AT - 31 * DAY, AT - 19 * DAY)
    assert answers(ask(tmp_path, THEFT, *events, context=Context(penetration_tests=(test,))), "C1") == "unknown"
    other = replace(test, principal=f"arn:aws:iam::{ACCOUNT}:role/other")
    assert answers(ask(tmp_path, THEFT, *events, context=Context(penetration_tests=(other,))), "C1") == "yes"


def test_days_of_other_cases_about_the_principal_are_no_habit(tmp_path: Path) -> None:
    trail = written(tmp_path, *history(40), *visits(30, 25, 20), call("s3:ListBuckets"))
    case = Case("C-00000000", 1, (), (THEFT,), AT)
    where = triage(case, TABLE, SHELF)

    def c1(*suspected: tuple[datetime, datetime]) -> str:
        found = investigate(case, where, SHELF[where.playbook], "full", trail, Context(), NOBODY, suspected)
        return next(one.answer for one in found if one.question == "C1")

    assert c1() == "yes"
    assert c1((AT - 20 * DAY, AT - 20 * DAY)) == "unknown"
    assert c1((AT - 60 * DAY, AT - 50 * DAY)) == "yes"


def new_api(*before: dict[str, Any]) -> list[dict[str, Any]]:
    return [*history(40), *before, call("kms:ListKeys")]


def peers(count: int, days: int = 20) -> list[dict[str, Any]]:
    """Other roles of the account that list keys each day."""
    return [
        call("kms:ListKeys", -1440 * (day + 2), NAT, userIdentity=role(f"peer-{number}"))
        for number in range(count)
        for day in range(days)
    ]


def role(name: str) -> dict[str, Any]:
    issuer = {"sessionIssuer": {"arn": f"arn:aws:iam::{ACCOUNT}:role/{name}"}}
    return {"type": "AssumedRole", "principalId": f"AROA{name}:x", "accessKeyId": "ASIAOTHER", "sessionContext": issuer}


@pytest.mark.parametrize(
    ("before", "answer"),
    [
        ([], "yes"),
        ([call("kms:ListKeys", -1440 * 30, NAT)], "no"),
        (peers(2), "no"),
        (peers(1), "yes"),  # one peer may be the attacker's
        (peers(3, days=4), "yes"),  # peers that came lately
    ],
)
def test_c3_asks_the_principal_and_its_established_peers(
    tmp_path: Path, before: list[dict[str, Any]], answer: str
) -> None:
    assert answers(ask(tmp_path, TAKEN, *new_api(*before)), "C3") == answer


@pytest.mark.parametrize(("minutes", "answer"), [(-50, "yes"), (-70, "no")])
def test_c3_leaves_the_work_of_the_day_before_the_finding_out(tmp_path: Path, minutes: int, answer: str) -> None:
    events = [*history(), call("kms:ListKeys", minutes, NAT), call("ssm:GetParameters", ip=NAT)]
    assert answers(ask(tmp_path, TAKEN, *events), "C3") == answer


@pytest.mark.parametrize(
    ("api", "read_only", "answer"),
    [
        ("kms:ListKeys", True, "no"),
        ("secretsmanager:GetSecretValue", True, "yes"),
        ("kms:CreateKey", False, "yes"),
    ],
)
def test_c3_lets_people_look_at_something_new(tmp_path: Path, api: str, read_only: bool, answer: str) -> None:
    issuer = {
        "sessionIssuer": {"arn": f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_A_1"}
    }
    person = {**history(1)[0]["userIdentity"], "sessionContext": issuer}
    now = call(api, ip=NAT, readOnly=read_only)
    assert answers(ask(tmp_path, TAKEN, *history(40), now), "C3") == "yes"  # a program's session
    assert (
        answers(ask(tmp_path, TAKEN, *history(40, userIdentity=person), {**now, "userIdentity": person}), "C3")
        == answer
    )


def test_nothing_is_new_to_a_principal_that_is_new_itself(tmp_path: Path) -> None:
    others = history(40, userIdentity=by("IAMUser", "bob"))
    assert answers(ask(tmp_path, TAKEN, *others, *history(3), call("kms:ListKeys")), "C3") == "unknown"


def test_only_what_the_questions_read_is_made(tmp_path: Path) -> None:
    assert needed(["SELECT 1"]) == {}
    assert list(needed(["SELECT * FROM peer_habits"])) == [
        *("case_addresses", "actor_principals", "actor_events", "principal_events", "peers", "peer_habits"),
    ]
    assert set(needed([one.sql for playbook in SHELF.values() for one in playbook.questions])) == set(DERIVED)


def test_of_a_principal_s_past_only_the_columns_are_kept_that_somebody_reads() -> None:
    def columns(sql: str) -> str:
        return " ".join(sql.split("SELECT", 1)[1].split("FROM", 1)[0].split())

    made = needed(["SELECT count(DISTINCT Event_Name) FROM clean_events -- never user_agent, as peers have it"])
    assert "peers" not in made
    assert columns(made["clean_events"]) == "e.event_id, e.event_name"
    assert columns(made["principal_events"]) == "e.event_time, e.event_id, e.event_name"
    assert columns(made["actor_events"]) == (
        "e.event_time, e.event_id, e.event_name, e.principal_arn, 'credential' AS scope"
    )
    assert columns(needed(["SELECT mfa FROM chain_events"])["chain_events"]) == "e.event_id, e.mfa"


FLOW = "2 {account} eni-0a {src} {dst} 40000 443 6 3 900 {start} {end} ACCEPT OK"


def flow(before: timedelta, account: str = ACCOUNT) -> str:
    start = int((AT - before).timestamp())
    return FLOW.format(account=account, src="10.0.0.1", dst="10.0.0.2", start=start, end=start + 9)


@pytest.mark.parametrize(
    ("lines", "sources", "absent"),
    [
        ([], Availability(), {"vpc_flow", "vpc_flow_baseline"}),
        ([flow(timedelta()), flow(20 * DAY)], Availability(), set()),
        ([flow(timedelta()), flow(9 * DAY)], Availability(), {"vpc_flow_baseline"}),
        ([flow(timedelta()), flow(9 * DAY)], Availability(baseline_days=90), {"vpc_flow_baseline"}),
        ([flow(timedelta()), flow(20 * DAY)], Availability(baseline_days=3), {"vpc_flow_baseline"}),
        ([flow(20 * DAY)], Availability(), {"vpc_flow", "vpc_flow_baseline"}),
        ([flow(timedelta()), flow(20 * DAY)], Availability(vpc_flow=False), {"vpc_flow", "vpc_flow_baseline"}),
        ([flow(timedelta(), "444455556666")], Availability(vpc_flow=True), {"vpc_flow", "vpc_flow_baseline"}),
    ],
)
def test_each_log_is_missing_for_a_reason_of_its_own(
    tmp_path: Path, lines: list[str], sources: Availability, absent: set[str]
) -> None:
    (tmp_path / "flows.log").write_text("\n".join(lines), encoding="utf-8")
    trail = Trail.load(tmp_path) if lines else Trail.load(None)
    found = missing(frozenset({"vpc_flow"}), ACCOUNT, AT - DAY, AT, trail, Context(sources=sources))
    assert {one for one in found if one.startswith("vpc")} == absent
    assert "s3_data_events" not in found


def test_data_events_and_access_logs_are_one_source(tmp_path: Path) -> None:
    needs = frozenset({"s3_data_events", "metrics"})

    def found(*events: dict[str, Any], on: bool | None = None) -> dict[str, str]:
        context = Context(sources=Availability(s3_data_events=on))
        return missing(needs, ACCOUNT, AT - DAY, AT, written(tmp_path, *events), context)

    management = call("s3:ListBuckets", managementEvent=True)
    data = call("s3:GetObject", managementEvent=False)
    assert {"s3_data_events", "s3_baseline"} <= found(management).keys()
    assert "s3_data_events" not in found(data)
    assert "0 days of S3" in found(data)["s3_baseline"]
    assert "off" in found(data, on=False)["s3_baseline"]
    assert "CloudWatch" in found(data)["metrics"]


@pytest.mark.parametrize(("level", "answer"), [("high", "yes"), ("low", "unknown")])
def test_the_operator_s_signatures_accuse_a_little_however_many_hit(tmp_path: Path, level: str, answer: str) -> None:
    trail = written(tmp_path, call("s3:ListBuckets"), call("kms:ListKeys"))
    case = Case("C-00000000", 1, (), (THEFT,), AT)
    where = triage(case, TABLE, SHELF)
    rules = [
        Rule(str(n), f"rule {n}", level, (), f"{n}.yml", f"event_name = $s{n}_0", "TRUE", {f"s{n}_0": name})
        for n, name in enumerate(("ListBuckets", "ListBuckets", "ListKeys", "StopLogging"))
    ]
    found = investigate(case, where, SHELF[where.playbook], "full", trail, Context(), NOBODY, (), rules)
    (said,) = [one for one in found if one.question == "S"]
    assert (said.answer, said.n, said.likelihood_ratio) == (answer, 2 * (answer == "yes"), 4 if answer == "yes" else 1)


def test_a_tool_s_name_and_a_signature_accuse_a_little_and_a_canary_much(tmp_path: Path) -> None:
    tool = call("s3:ListBuckets", userAgent="aws-cli/2.1 kali-linux")
    found = ask(tmp_path, THEFT, tool)
    assert (found["C9"].answer, found["C9"].likelihood_ratio) == ("yes", 3)
    assert answers(ask(tmp_path, THEFT, call("s3:ListBuckets", userAgent="aws-cli/2.1")), "C9", "S") == "no unknown"


@pytest.mark.parametrize(
    ("asset", "answer"),
    [
        ({"arn": "arn:aws:s3:::bait", "workload": "canary"}, "yes"),
        ({"arn": "arn:aws:s3:::bait", "data": "canary"}, "yes"),
        ({"arn": ISSUER, "workload": "canary"}, "yes"),
        ({"arn": "arn:aws:s3:::other", "workload": "canary"}, "no"),
        ({"arn": "arn:aws:s3:::bait", "workload": "backup"}, "unknown"),
    ],
)
def test_c10_knows_what_the_operator_laid_out(tmp_path: Path, asset: dict[str, str], answer: str) -> None:
    read = call("s3:GetObject", requestParameters={"bucketName": "bait"}, errorCode="AccessDenied")
    assert answers(ask(tmp_path, THEFT, read, context=Context(assets=(Asset(**asset),))), "C10") == answer


@pytest.mark.parametrize(("hours", "answer"), [(1, "no"), (5, "yes")])
def test_e8_compares_a_key_s_age_with_the_instance_s_own_keys(tmp_path: Path, hours: int, answer: str) -> None:
    def use(key: str, minutes: float, age: float) -> dict[str, Any]:
        event = call("s3:ListBuckets", minutes, NAT)
        who = {**event["userIdentity"], "accessKeyId": key}
        born = (AT + timedelta(minutes=minutes) - timedelta(hours=age)).strftime("%Y-%m-%dT%H:%M:%SZ")
        who["sessionContext"] = {**who["sessionContext"], "attributes": {"creationDate": born}}
        return {**event, "userIdentity": who}

    past = [use(f"ASIAOLD{day:013}", -1440 * (day + 2), 1) for day in range(20)]
    fresh = [use(f"ASIAOLD{day:013}", -1440 * (day + 2), 0.1) for day in range(20)]
    assert answers(ask(tmp_path, THEFT, *fresh, use("ASIAEXAMPLEORDERS001", 0, hours)), "E8") == "unknown"
    assert answers(ask(tmp_path, THEFT, *past, use("ASIAEXAMPLEORDERS001", 0, hours)), "E8") == answer
    assert answers(ask(tmp_path, THEFT, *history(), use("ASIAEXAMPLEORDERS001", 0, hours)), "E8") == "unknown"


@pytest.mark.parametrize(("delivery", "answer"), [("1.0", "yes"), ("2.0", "no"), (None, "unknown")])
def test_e4_reads_how_the_credentials_were_handed_out(tmp_path: Path, delivery: str | None, answer: str) -> None:
    event = call("s3:ListBuckets")
    session = {**event["userIdentity"]["sessionContext"], "ec2RoleDelivery": delivery}
    who = {**event["userIdentity"], "sessionContext": session}
    assert answers(ask(tmp_path, THEFT, {**event, "userIdentity": who}), "E4") == answer


def test_i6_asks_who_else_calls_from_the_address(tmp_path: Path) -> None:
    def crowd(people: int) -> list[dict[str, Any]]:
        return [
            call("s3:ListBuckets", -1440 * (day + 3), STRANGER, userIdentity=by("IAMUser", f"u{one}", f"AKIA{one}"))
            for one in range(people)
            for day in range(4)
        ]

    now = call("s3:ListBuckets", userIdentity=by("IAMUser", "ana"))
    assert answers(ask(tmp_path, LISTED, *history(), *crowd(5), now), "I6") == "yes"
    assert answers(ask(tmp_path, LISTED, *history(), *crowd(4), now), "I6") == "no"
