"""Reading: whole answers as plain JSON, and each kind of no as its own error."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from moto import mock_aws

from stanch.aws import Aws
from stanch.aws.reader import plain
from stanch.model.change import Call
from stanch.model.errors import BadInput, Denied, FailedResponse, NotFound, Unsupported
from stanch.model.ports import Reader

OWN = "111122223333"


def reader() -> Reader:
    return Aws(role="stanch-responder", assume="auto", default_region="eu-west-1").reader(OWN, "eu-west-1")


def users(name: str, marker: str) -> str:
    more = f"<IsTruncated>true</IsTruncated><Marker>{marker}</Marker>" if marker else "<IsTruncated>false</IsTruncated>"
    member = f"<member><UserName>{name}</UserName><CreateDate>2026-01-01T00:00:00Z</CreateDate></member>"
    return f"<ListUsersResponse><ListUsersResult><Users>{member}</Users>{more}</ListUsersResult></ListUsersResponse>"


def test_pages_are_merged_and_times_are_iso(endpoint: Any) -> None:
    endpoint.answer("ListUsers", users("a", "m-1"), users("b", ""))
    answer = reader().read("iam", "ListUsers")
    assert answer["Users"] == [
        {"UserName": "a", "CreateDate": "2026-01-01T00:00:00Z"},
        {"UserName": "b", "CreateDate": "2026-01-01T00:00:00Z"},
    ]
    assert "ResponseMetadata" not in answer
    assert [one.get("Marker") for one in endpoint.asked[1:]] == [None, "m-1"]


@pytest.mark.parametrize(
    "operation",
    ["UpdateAccessKey", "CreateUser", "DeleteUser", "SimulatePrincipalPolicy", "getUser", "GenerateCredentialReport"],
)
def test_a_reader_only_reads(endpoint: Any, operation: str) -> None:
    with pytest.raises(BadInput, match="only does Get, List, Describe and Lookup"):
        reader().read("iam", operation)
    assert endpoint.asked == []


@pytest.mark.parametrize(
    ("service", "operation", "params"),
    [
        ("iam", "GetNothing", {}),
        ("nothing", "GetUser", {}),
        ("iam", "GetUser", {"Nonsense": 1}),
        ("iam", "Getuser", {}),
    ],
)
def test_what_aws_does_not_have_is_our_mistake(
    endpoint: Any, service: str, operation: str, params: dict[str, Any]
) -> None:
    with pytest.raises(BadInput):
        reader().read(service, operation, **params)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("NoSuchEntity", NotFound),
        ("InvalidInstanceID.NotFound", NotFound),
        ("ResourceNotFoundException", NotFound),
        ("WAFNonexistentItemException", NotFound),
        ("LoadBalancerNotFound", NotFound),
        ("AccessDenied", Denied),
        ("AccessDeniedException", Denied),
        ("UnauthorizedOperation", Denied),
        ("UnknownOperationException", Unsupported),
        ("InvalidAction", Unsupported),
        ("ValidationError", FailedResponse),
        ("InvalidInstanceID.Malformed", FailedResponse),
    ],
)
def test_each_no_is_its_own_error(endpoint: Any, code: str, kind: type[FailedResponse]) -> None:
    endpoint.fail("GetUser", code, "because")
    with pytest.raises(FailedResponse) as raised:
        reader().read("iam", "GetUser", UserName="a")
    assert type(raised.value) is kind
    assert (raised.value.call, raised.value.code, raised.value.message) == ("iam:GetUser", code, "because")
    assert raised.value.request_id == "r-err"


def test_an_endpoint_that_talks_html_does_not_support_the_operation(endpoint: Any) -> None:
    endpoint.answer("GetUser", "<!doctype html><title>Not Found</title>", status=404)
    with pytest.raises(Unsupported):
        reader().read("iam", "GetUser", UserName="a")


def test_a_gap_of_the_simulation_in_this_process_is_unsupported(endpoint: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    with mock_aws():
        aws = Aws(role="r", assume="auto", default_region="eu-west-1")
        simulated = aws.reader(aws.account, "eu-west-1")
        with pytest.raises(Unsupported, match="GetFindings"):
            simulated.read("guardduty", "GetFindings", DetectorId="a" * 32, FindingIds=["x"])
        with pytest.raises(Unsupported, match="DescribeSpotFleetRequestHistory"):
            simulated.read(
                "ec2", "DescribeSpotFleetRequestHistory", SpotFleetRequestId="x", StartTime="2026-01-01T00:00:00Z"
            )


def test_pages_are_merged_where_botocore_has_no_paginator(endpoint: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    with mock_aws():
        aws = Aws(role="r", assume="auto", default_region="eu-west-1")
        for name in ("a", "b", "c"):
            params: Any = {"Name": name, "Scope": "REGIONAL", "IPAddressVersion": "IPV4", "Addresses": []}
            assert aws.call(
                Call("wafv2", "CreateIPSet", params, "arn"), account=aws.account, region="eu-west-1", case="C-0a1b2c3d"
            ).ok
        answer: Any = aws.reader(aws.account, "eu-west-1").read("wafv2", "ListIPSets", Scope="REGIONAL", Limit=1)
    assert [row["Name"] for row in answer["IPSets"]] == ["a", "b", "c"]
    assert "NextMarker" not in answer


def test_values_become_json() -> None:
    east = timezone(timedelta(hours=2))
    value = {"at": datetime(2026, 1, 1, 2, tzinfo=east), "raw": b"\x00\xff", "list": ({"n": 1.5},), "no": None}
    assert plain(value) == {"at": "2026-01-01T00:00:00Z", "raw": "AP8=", "list": [{"n": 1.5}], "no": None}
    with pytest.raises(BadInput, match="object"):
        plain(object())
