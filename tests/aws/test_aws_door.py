"""The door: who it is, whom it becomes, what it counts, and how it says no."""

import threading
from pathlib import Path
from typing import Any

import pytest

from stanch.aws import Aws
from stanch.model.change import Call
from stanch.model.errors import BadInput, Denied, Environment

OWN, OTHER = "111122223333", "444455556666"
UPDATED = (
    "<UpdateAccessKeyResponse><ResponseMetadata><RequestId>r-7</RequestId></ResponseMetadata></UpdateAccessKeyResponse>"
)
USER = "<GetUserResponse><GetUserResult><User><UserName>a</UserName></User></GetUserResult></GetUserResponse>"
KEY = Call("iam", "UpdateAccessKey", {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "Status": "Inactive"}, "arn")


def aws(assume: Any = "auto") -> Aws:
    return Aws(role="stanch-responder", assume=assume, default_region=None)


def test_the_account_is_asked_once(endpoint: Any) -> None:
    door = aws()
    assert (door.account, door.account) == (OWN, OWN)
    assert endpoint.actions() == ["GetCallerIdentity"]
    assert (door.reads, door.writes) == (1, 0)


def test_a_call_in_the_callers_own_account_is_sent_as_the_caller(endpoint: Any) -> None:
    endpoint.answer("UpdateAccessKey", UPDATED)
    door = aws()
    receipt = door.call(KEY, account=OWN, region="eu-west-1", case="C-0a1b2c3d")
    assert (receipt.ok, receipt.request_id, receipt.error, receipt.call) == (True, "r-7", "", KEY)
    assert endpoint.actions() == ["GetCallerIdentity", "UpdateAccessKey"]
    assert endpoint.asked[-1]["Status"] == "Inactive"
    assert (door.reads, door.writes) == (1, 1)


@pytest.mark.parametrize(("account", "assume"), [(OTHER, "auto"), (OTHER, "always"), (OWN, "always")])
def test_elsewhere_the_role_is_assumed_and_names_the_case(endpoint: Any, account: str, assume: str) -> None:
    endpoint.answer("UpdateAccessKey", UPDATED)
    door = aws(assume)
    for _ in range(2):
        assert door.call(KEY, account=account, region="eu-west-1", case="C-0a1b2c3d").ok
    assert endpoint.actions() == ["GetCallerIdentity", "AssumeRole", "UpdateAccessKey", "UpdateAccessKey"]
    assumed = endpoint.asked[1]
    assert assumed["RoleArn"] == f"arn:aws:iam::{account}:role/stanch-responder"
    assert assumed["RoleSessionName"] == assumed["SourceIdentity"] == "stanch-C-0a1b2c3d"
    assert endpoint.signed_by == ["AKIAOWN", "AKIAOWN", "ASIAOTHER", "ASIAOTHER"]
    assert (door.reads, door.writes) == (2, 2)


def test_two_cases_never_share_a_session(endpoint: Any) -> None:
    endpoint.answer("UpdateAccessKey", UPDATED)
    door = aws()
    for case in ("C-00000001", "C-00000002", "C-00000001"):
        door.call(KEY, account=OTHER, region="eu-west-1", case=case)
    names = [one["RoleSessionName"] for one in endpoint.asked if one["Action"] == "AssumeRole"]
    assert names == ["stanch-C-00000001", "stanch-C-00000002"]


def test_a_reader_elsewhere_assumes_the_role_too(endpoint: Any) -> None:
    endpoint.answer("GetUser", USER)
    door = aws()
    assert door.reader(OTHER, "").read("iam", "GetUser", UserName="a") == {"User": {"UserName": "a"}}
    assert endpoint.asked[1]["SourceIdentity"] == "stanch-reader"
    assert (door.reads, door.writes) == (3, 0)


def test_a_role_that_cannot_be_assumed_is_a_failed_call_and_a_denied_read(endpoint: Any) -> None:
    endpoint.fail("AssumeRole", "AccessDenied", "not authorized", status=403)
    door = aws()
    receipt = door.call(KEY, account=OTHER, region="eu-west-1", case="C-0a1b2c3d")
    assert not receipt.ok
    assert receipt.error == f"AccessDenied: arn:aws:iam::{OTHER}:role/stanch-responder: not authorized"
    with pytest.raises(Denied, match="sts:AssumeRole failed: AccessDenied: arn:aws:iam::444455556666:role"):
        door.reader(OTHER, "eu-west-1").read("iam", "GetUser", UserName="a")
    assert "UpdateAccessKey" not in endpoint.actions()


def test_an_error_of_aws_is_a_receipt_with_code_and_request(endpoint: Any) -> None:
    endpoint.fail("UpdateAccessKey", "NoSuchEntity", "The key\n was not found", status=404)
    receipt = aws().call(KEY, account=OWN, region="eu-west-1", case="C-0a1b2c3d")
    assert (receipt.ok, receipt.request_id) == (False, "r-err")
    assert receipt.error == "NoSuchEntity: The key was not found"


def test_a_throttled_call_is_sent_again_and_each_request_is_counted(endpoint: Any) -> None:
    endpoint.fail("UpdateAccessKey", "Throttling", "slow down")
    endpoint.answers["UpdateAccessKey"].append((200, UPDATED))
    door = aws()
    assert door.call(KEY, account=OWN, region="eu-west-1", case="C-0a1b2c3d").ok
    assert endpoint.actions().count("UpdateAccessKey") == door.writes == 2


def test_parameters_that_aws_does_not_know_are_never_sent(endpoint: Any) -> None:
    wrong = Call("iam", "UpdateAccessKey", {"Nonsense": "1"}, "arn")
    receipt = aws().call(wrong, account=OWN, region="eu-west-1", case="C-0a1b2c3d")
    assert receipt.error.startswith("ParamValidationError")
    assert endpoint.actions() == ["GetCallerIdentity"]


def test_a_call_that_waits_is_never_sent(endpoint: Any) -> None:
    waiting = Call("iam", "UpdateAccessKey", KEY.params, "arn", waits_for="the id of the group")
    with pytest.raises(BadInput, match="waits for the id of the group"):
        aws().call(waiting, account=OWN, region="eu-west-1", case="C-0a1b2c3d")
    assert endpoint.asked == []


@pytest.mark.parametrize("account", ["", "12345", "111122223333 ", "arn:aws:iam::1", "٠١٢٣٤٥٦٧٨٩٠١"])
def test_an_account_is_twelve_digits(endpoint: Any, account: str) -> None:
    with pytest.raises(BadInput, match="twelve digits"):
        aws().call(KEY, account=account, region="eu-west-1", case="C-0a1b2c3d")
    assert endpoint.asked == []


def test_threads_share_one_session(endpoint: Any) -> None:
    endpoint.answer("UpdateAccessKey", UPDATED)
    door = aws()
    oks: list[bool] = []

    def call() -> None:
        oks.append(door.call(KEY, account=OTHER, region="eu-west-1", case="C-0a1b2c3d").ok)

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert oks == [True] * 8
    assert endpoint.actions().count("AssumeRole") == 1
    assert door.writes == 8


def test_a_loopback_endpoint_is_a_simulation(endpoint: Any) -> None:
    assert aws().simulated


@pytest.mark.parametrize(
    ("variable", "url"),
    [
        ("AWS_ENDPOINT_URL_IAM", "https://iam.amazonaws.com"),
        ("AWS_ENDPOINT_URL_WAFV2", "http://192.0.2.1:5000"),
        ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"),
    ],
)
def test_one_service_elsewhere_is_no_simulation(
    endpoint: Any, monkeypatch: pytest.MonkeyPatch, variable: str, url: str
) -> None:
    monkeypatch.setenv(variable, url)
    assert not aws().simulated


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.2:5000", True),
        ("http://localhost:5000", True),
        ("http://[::1]:5000", True),
        ("http://localhost.example.org", False),
        ("http://127.0.0.1.example.org", False),
        ("http://192.0.2.1", False),
    ],
)
def test_only_this_machine_is_a_simulation(bare: pytest.MonkeyPatch, url: str, expected: bool) -> None:
    bare.setenv("AWS_ENDPOINT_URL", url)
    bare.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    assert aws().simulated is expected


def test_a_profile_can_name_the_endpoint(bare: pytest.MonkeyPatch, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text("[profile lab]\nregion = eu-west-1\nendpoint_url = http://127.0.0.1:5000\n")
    bare.setenv("AWS_CONFIG_FILE", str(config))
    bare.setenv("AWS_PROFILE", "lab")
    assert aws().simulated


def test_no_credentials_say_what_to_do(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with pytest.raises(Environment, match="AWS_PROFILE"):
        _ = aws().account


def test_credentials_that_do_not_work_say_so(endpoint: Any) -> None:
    endpoint.fail("GetCallerIdentity", "InvalidClientTokenId", "The security token is invalid", status=403)
    with pytest.raises(Environment, match=r"InvalidClientTokenId.*credentials in use do not work"):
        _ = aws().account


def test_an_unknown_profile_says_what_to_do(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("AWS_PROFILE", "nowhere")
    with pytest.raises(Environment, match=r"nowhere.*set AWS_PROFILE"):
        _ = aws().account


def test_no_region_says_what_to_do(endpoint: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(Environment, match="AWS_REGION"):
        aws().reader(OWN, "").read("ec2", "DescribeInstances")


@pytest.mark.parametrize("variable", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_the_region_comes_from_either_variable(endpoint: Any, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv(variable, "eu-central-1")
    described = "<DescribeInstancesResponse><reservationSet/></DescribeInstancesResponse>"
    endpoint.answer("DescribeInstances", described)
    assert aws().reader(OWN, "").read("ec2", "DescribeInstances") == {"Reservations": []}
    assert endpoint.regions[-1] == "eu-central-1"


def test_an_endpoint_that_is_down_says_what_to_do(endpoint: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    door = aws()
    assert door.account == OWN
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(Environment, match="AWS_ENDPOINT_URL"):
        door.reader(OWN, "eu-west-1").read("iam", "GetUser", UserName="a")
    receipt = door.call(KEY, account=OWN, region="eu-central-1", case="C-0a1b2c3d")
    assert receipt.error.startswith("EndpointConnectionError")


def test_a_region_that_is_none_says_what_to_do(endpoint: Any) -> None:
    with pytest.raises(Environment, match="AWS_REGION"):
        aws().reader(OWN, "not a region").read("ec2", "DescribeInstances")


NARROW = '{"Version":"2012-10-17","Statement":[]}'


def test_the_session_of_a_call_is_narrowed_by_its_policy_and_shared_by_calls_of_the_same(endpoint: Any) -> None:
    endpoint.answer("UpdateAccessKey", UPDATED)
    door = aws()
    for policy in (NARROW, NARROW, ""):
        assert door.call(KEY, account=OTHER, region="eu-west-1", case="C-0a1b2c3d", policy=policy).ok
    assumed = [one for one in endpoint.asked if one["Action"] == "AssumeRole"]
    assert [one.get("Policy", "") for one in assumed] == [NARROW, ""]
    assert {one["SourceIdentity"] for one in assumed} == {"stanch-C-0a1b2c3d"}


def test_in_the_callers_own_account_there_is_no_session_to_narrow(endpoint: Any) -> None:
    endpoint.answer("UpdateAccessKey", UPDATED)
    assert aws().call(KEY, account=OWN, region="eu-west-1", case="C-0a1b2c3d", policy=NARROW).ok
    assert "AssumeRole" not in endpoint.actions()


def test_a_policy_that_aws_finds_too_large_fails_the_call_and_is_not_left_out(endpoint: Any) -> None:
    endpoint.fail("AssumeRole", "PackedPolicyTooLarge", "Packed size is 112% of the space")
    receipt = aws().call(KEY, account=OTHER, region="eu-west-1", case="C-0a1b2c3d", policy=NARROW)
    assert not receipt.ok
    assert receipt.error.startswith("PackedPolicyTooLarge: ")
    assert {one["Policy"] for one in endpoint.asked if one["Action"] == "AssumeRole"} == {NARROW}
    assert "UpdateAccessKey" not in endpoint.actions()
