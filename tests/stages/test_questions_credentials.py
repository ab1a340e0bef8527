"""The questions of the playbook on stolen credentials."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stanch.model.context import (
    Account,
    Context,
    Organisation,
    Partner,
)
from stanch.model.finding import Finding, Interface
from stanch.model.walked import Resolved

from .questioning import AT, HOST, MINUTE, NAT, NOBODY, OFFICE, STRANGER, THEFT, answers, ask, call, own


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


@pytest.mark.parametrize(
    ("visitor", "minutes", "answer"),
    [
        (STRANGER, -60, "yes"),
        ("198.51.100.3", -60, "yes"),  # another address of the same network
        ("203.0.113.77", -60, "no"),
        (STRANGER, 9, "no"),  # after the first use
        (STRANGER, -1500, "no"),
    ],
)
def test_e7_looks_for_the_visit_before_the_theft(tmp_path: Path, visitor: str, minutes: float, answer: str) -> None:
    def visit(ip: str, at: float) -> str:
        start = int((AT + at * MINUTE).timestamp())
        return f"2 111122223333 eni-0a {ip} 10.0.4.21 50123 443 6 9 900 {start} {start + 9} ACCEPT OK"

    placed = replace(THEFT, instance=replace(HOST, interfaces=(Interface("eni-0a", "10.0.4.21"),)))
    flows = "\n".join([visit(visitor, minutes), visit("203.0.113.99", -30)])
    assert answers(ask(tmp_path, placed, call("s3:ListBuckets"), others=(flows,)), "E7") == answer


def test_e7_is_unknown_without_flow_logs(tmp_path: Path) -> None:
    assert "no VPC flow logs" in ask(tmp_path, THEFT, call("s3:ListBuckets"))["E7"].says
