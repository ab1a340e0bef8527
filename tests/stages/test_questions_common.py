"""The questions that several playbooks ask."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from stanch.model.context import (
    Context,
    Window,
)
from stanch.model.finding import Finding

from .questioning import (
    ACCOUNT,
    AT,
    DAY,
    HOST,
    ISSUER,
    KNOCK,
    LISTED,
    NAT,
    STRANGER,
    THEFT,
    WHO,
    answers,
    ask,
    by,
    call,
    history,
    own,
)


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


@pytest.mark.parametrize(
    ("ip", "context", "answer"),
    [
        (STRANGER, Context(), "yes"),
        (NAT, Context(), "no"),
        (STRANGER, own(vpn=("198.51.100.0/24",)), "no"),
        ("10.0.4.9", Context(), "no"),
    ],
)
def test_c13_sees_an_instance_s_credentials_on_a_stranger_s_network(
    tmp_path: Path, ip: str, context: Context, answer: str
) -> None:
    odd = replace(THEFT, type="Impact:IAMUser/AnomalousBehavior", instance=None)
    assert answers(ask(tmp_path, odd, *history(), call("s3:ListBuckets", ip=ip), context=context), "C13") == answer


def test_c13_says_nothing_of_credentials_that_no_instance_was_given(tmp_path: Path) -> None:
    odd = replace(LISTED, type="Impact:IAMUser/AnomalousBehavior")
    who = by("IAMUser", "ana")
    events = [*history(userIdentity=who), call("s3:ListBuckets", userIdentity=who)]
    assert answers(ask(tmp_path, odd, *events), "C13") == "unknown"


PROGRAM = replace(LISTED, type="Impact:IAMUser/AnomalousBehavior")


def at_home(*networks: str, **fields: Any) -> list[dict[str, Any]]:
    """Twenty days of a user's key, from these addresses in turn."""
    who = by("IAMUser", "ana")
    days = range(2, 22)
    return [
        call("s3:GetObject", -1440 * day, networks[day % len(networks)], userIdentity=who, **fields) for day in days
    ]


SIGNED_IN = call("signin:ConsoleLogin", -3000, NAT, userIdentity=by("IAMUser", "ana"))


@pytest.mark.parametrize(
    ("before", "now", "context", "answer"),
    [
        (at_home(NAT), STRANGER, Context(), "yes"),
        (at_home(NAT), NAT, Context(), "no"),
        (at_home(NAT), STRANGER, own(vpn=("198.51.100.0/24",)), "no"),
        (at_home(NAT, STRANGER), STRANGER, Context(), "no"),
        (at_home(NAT, "192.0.2.9", "198.18.1.1", "198.18.2.1"), STRANGER, Context(), "no"),
        ([*at_home(NAT), SIGNED_IN], STRANGER, Context(), "no"),
        (at_home(NAT)[:4], STRANGER, Context(), "unknown"),
    ],
    ids=["left", "stayed", "to our own", "was there before", "travels", "a person's", "too young"],
)  # fmt: skip
def test_c14_sees_a_program_s_key_leave_its_settled_places(
    tmp_path: Path, before: list[dict[str, Any]], now: str, context: Context, answer: str
) -> None:
    used = call("s3:ListBuckets", ip=now, userIdentity=by("IAMUser", "ana"))
    assert answers(ask(tmp_path, replace(PROGRAM, caller_ip=now), *before, used, context=context), "C14") == answer


def test_c14_says_nothing_of_sessions(tmp_path: Path) -> None:
    odd = replace(THEFT, type="Impact:IAMUser/AnomalousBehavior", instance=None)
    assert answers(ask(tmp_path, odd, *history(), call("s3:ListBuckets")), "C14") == "unknown"


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
            call(
                "s3:PutBucketPublicAccessBlock",
                requestParameters={"PublicAccessBlockConfiguration": {"BlockPublicAcls": False}},
            ),
            "yes",
        ),
        (
            call(
                "s3:PutBucketPublicAccessBlock",
                requestParameters={"PublicAccessBlockConfiguration": {"BlockPublicAcls": True}},
            ),
            "no",
        ),
        (call("guardduty:DeleteDetector", userIdentity=by("IAMUser", "bob", "AKIAEXAMPLEBOB00001")), "unknown"),
        (call("cloudtrail:StopLogging", userIdentity=by("IAMUser", "bob", "AKIAEXAMPLEBOB00001")), "yes"),
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
