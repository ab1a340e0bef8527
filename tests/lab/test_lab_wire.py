import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanch.lab.wire import Fault, Wire, mutating


def take(wire: Wire, name: str, *, dry_run: bool = False) -> str:
    service, operation = name.split(":")
    return wire.take(service, operation, account="111122223333", region="eu-west-1", dry_run=dry_run)


@given(first=st.integers(1, 5), times=st.integers(0, 5), count=st.integers(1, 12))
def test_a_throttle_fails_exactly_its_window(first: int, times: int, count: int) -> None:
    fault = Fault("ec2:DescribeVpcs", denied=False, first=first, times=times)
    assert sum(fault.hits(n) for n in range(1, first + times + count)) == times
    assert not any(fault.hits(n) for n in range(1, first))


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("iam:AttachUserPolicy", "AccessDenied"),
        ("ec2:CreateTags", "UnauthorizedOperation"),
        ("wafv2:UpdateIPSet", "AccessDeniedException"),
    ],
)
def test_a_denial_uses_the_services_own_word_from_the_named_request_on(name: str, code: str) -> None:
    wire = Wire()
    wire.deny(name, first=2)
    assert [take(wire, name) for _ in range(3)] == ["", code, code]
    assert take(wire, "iam:GetUser") == ""


def test_only_what_changes_something_counts_as_mutating() -> None:
    wire = Wire()
    for name in ("iam:GetUser", "sts:AssumeRole", "ec2:DescribeInstances", "iam:AttachUserPolicy", "ec2:CreateTags"):
        take(wire, name)
    take(wire, "ec2:CreateSecurityGroup", dry_run=True)
    assert [one.name for one in mutating(wire.requests())] == ["iam:AttachUserPolicy", "ec2:CreateTags"]


def test_clear_forgets_requests_and_faults() -> None:
    wire = Wire()
    wire.throttle("iam:GetUser", 5)
    assert take(wire, "iam:GetUser") == "Throttling"
    wire.clear()
    assert wire.requests() == ()
    assert take(wire, "iam:GetUser") == ""
