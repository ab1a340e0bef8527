"""An operator's own policies: they can forbid more, never permit more, and a broken one stops stanch at start."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from moto import mock_aws

from stanch.aws import Aws
from stanch.guardrails import Bucket, Circumstances, Guardrails
from stanch.model.case import Mode, Tier
from stanch.model.change import Call, Change, RevertsBy, Target, TargetKind, Terms
from stanch.model.errors import BadInput, FailedResponse
from stanch.model.finding import IdentityKind

from .calm import OPEN

ACCOUNT = "111122223333"
USER = f"arn:aws:iam::{ACCOUNT}:user/erin"
KEY = Target(TargetKind.ACCESS_KEY, ACCOUNT, "eu-west-1", "AKIAEXAMPLE", USER, "erin")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CALL, BACK = (
    Call("iam", "UpdateAccessKey", {"UserName": "erin", "AccessKeyId": "AKIAEXAMPLE", "Status": status}, USER)
    for status in ("Inactive", "Active")
)
TERMS = Terms("C-00000000", 1, NOW, NOW + timedelta(hours=4))
ONE = Change("I1", "Deactivate access key", KEY, {}, (CALL,), (BACK,), "", "", "", RevertsBy.STANCH, TERMS)
CALM = Circumstances(
    playbook="credential-exfiltration",
    tier=Tier.CRITICAL,
    mode=Mode.ACT,
    executing=True,
    purpose="contain",
    confidence=0.97,
    account=ACCOUNT,
    identity=IdentityKind.IAM_USER,
    sample=False,
    known_type=True,
    outsider=False,
    confirmed=True,
    actors=1,
    at_once=True,
    fence=OPEN,
    protected=(),
    own_role="stanch-responder",
    stopped=False,
)


def written(folder: Path, text: str, name: str = "ours.cedar") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_a_forbid_of_the_operator_is_obeyed_and_explained(tmp_path: Path) -> None:
    text = """
    @id("careful") @reason("below 99 % we want to be asked")
    forbid (principal == Playbook::"credential-exfiltration", action in Action::"iam", resource)
    when { context.case.confidence < 990 };
    """
    guardrails = Guardrails(written(tmp_path, text))
    permit = guardrails.judge(CALL, ONE, CALM)
    assert (permit.allowed, permit.policies) == (False, ("operator/ours/careful",))
    assert guardrails.explain(permit) == "below 99 % we want to be asked"
    assert guardrails.judge(CALL, ONE, replace(CALM, confidence=0.99)).allowed
    assert guardrails.judge(CALL, ONE, replace(CALM, playbook="another")).allowed


def test_a_forbid_without_id_or_reason_is_named_by_file(tmp_path: Path) -> None:
    guardrails = Guardrails(written(tmp_path, "forbid (principal, action, resource);"))
    permit = guardrails.judge(CALL, ONE, CALM)
    assert permit.policies == ("operator/ours/policy0",)
    assert guardrails.explain(permit) == "policy operator/ours/policy0"


def test_a_permit_of_the_operator_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"policy operator/ours/policy0 permits: a policy of your own can only forbid"):
        Guardrails(written(tmp_path, "permit (principal, action, resource);"))


def test_a_policy_that_fails_when_it_is_asked_refuses_everything(tmp_path: Path) -> None:
    text = "forbid (principal, action, resource) when { context.case.actors * 9223372036854775807 < 0 };"
    guardrails = Guardrails(written(tmp_path, text))
    assert guardrails.judge(CALL, ONE, CALM).allowed
    overflowing = guardrails.judge(BACK, ONE, replace(CALM, purpose="revert", actors=2))
    assert (overflowing.allowed, len(overflowing.errors)) == (False, 1)
    assert "cannot be judged" in guardrails.explain(overflowing)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('@id("typo") forbid (principal, action, resource) when { context.case.teir == "high" };', ("typo", "teir")),
        ('@id("typo") forbid (principal, action, resource) when { context.target.arn > 3 };', ("typo",)),
        ('@id("typo") forbid (principal, action == Action::"iam:AtachUserPolicy", resource);', ("typo", "Atach")),
        ("forbid (principal, action, resource) when {", ("cannot be read as Cedar",)),
        ("forbid (principal == ?principal, action, resource);", ("template",)),
    ],
)
def test_a_policy_that_cannot_be_used_is_named(tmp_path: Path, text: str, names: tuple[str, ...]) -> None:
    with pytest.raises(BadInput) as raised:
        Guardrails(written(tmp_path, text))
    for part in ("ours.cedar", *names):
        assert part in str(raised.value)


def test_two_policies_of_one_name_are_refused(tmp_path: Path) -> None:
    text = '@id("same") forbid (principal, action, resource) when { context.case.sample };'
    with pytest.raises(BadInput, match="operator/ours/same"):
        Guardrails(written(tmp_path, text + text))


@pytest.mark.parametrize("name", ["ours.cedar.txt", "README.md"])
def test_a_folder_without_policies_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match=r"no \*\.cedar file"):
        Guardrails(written(tmp_path, "forbid (principal, action, resource);", name))
    with pytest.raises(BadInput, match=r"no \*\.cedar file"):
        Guardrails(tmp_path / "missing")


def test_an_operator_may_guard_an_account(tmp_path: Path) -> None:
    text = f'@id("a") forbid (principal, action, resource) when {{ context.case.account == "{ACCOUNT}" }};'
    guardrails = Guardrails(written(tmp_path, text))
    assert guardrails.judge(CALL, ONE, CALM).policies == ("operator/ours/a",)


# Reading again ---------------------------------------------------------------------------------------------------

FORBID_ALL = '@id("all") @reason("not today") forbid (principal, action, resource);'
FORBID_LOW = '@id("low") forbid (principal, action, resource) when { context.case.confidence < 500 };'


def touched(folder: Path, text: str, name: str = "ours.cedar") -> None:
    """Written again, with a time of its own even where two writes fall into one tick."""
    file = written(folder, text, name) / name
    at = file.stat().st_mtime_ns + 1_000_000 * len(text)
    os.utime(file, ns=(at, at))


def test_a_changed_policy_comes_into_force_and_an_unchanged_one_is_not_read_again(tmp_path: Path) -> None:
    guardrails = Guardrails(written(tmp_path, FORBID_LOW))
    before = guardrails.digest
    assert guardrails.judge(CALL, ONE, CALM).allowed
    assert not guardrails.reread()
    touched(tmp_path, FORBID_ALL)
    assert guardrails.reread()
    assert guardrails.judge(CALL, ONE, CALM).policies == ("operator/ours/all",)
    assert guardrails.digest != before
    assert not guardrails.reread()


@pytest.mark.parametrize("broken", ["forbid (principal", "permit (principal, action, resource);", "// nothing"])
def test_a_broken_change_is_said_once_and_the_old_policies_stay(tmp_path: Path, broken: str) -> None:
    guardrails = Guardrails(written(tmp_path, FORBID_ALL))
    if broken == "// nothing":
        (tmp_path / "ours.cedar").unlink()
    else:
        touched(tmp_path, broken)
    with pytest.raises(BadInput):
        guardrails.reread()
    assert not guardrails.reread()
    assert guardrails.judge(CALL, ONE, CALM).policies == ("operator/ours/all",)
    touched(tmp_path, FORBID_LOW)
    assert guardrails.reread()
    assert guardrails.judge(CALL, ONE, CALM).allowed


def test_policies_of_a_bucket_are_read_and_read_again(aws_in_memory: Aws, s3: Any) -> None:
    s3.create_bucket(Bucket="rules")
    s3.put_object(Bucket="rules", Key="team/ours.cedar", Body=FORBID_ALL.encode())
    s3.put_object(Bucket="rules", Key="team/README.md", Body=b"no policy")
    s3.put_object(Bucket="rules", Key="elsewhere/other.cedar", Body=b"forbid (")
    guardrails = Guardrails(Bucket("s3://rules/team/", aws_in_memory))
    assert guardrails.judge(CALL, ONE, CALM).policies == ("operator/ours/all",)
    assert not guardrails.reread()
    s3.put_object(Bucket="rules", Key="team/ours.cedar", Body=FORBID_LOW.encode())
    assert guardrails.reread()
    assert guardrails.judge(CALL, ONE, CALM).allowed


@pytest.mark.parametrize(
    ("body", "why"),
    [(b"forbid (", "cannot be read as Cedar"), (b"\xff\xfe", "is no text"), (b" " * 1_000_001, "longer")],
)
def test_what_a_bucket_holds_must_be_usable(aws_in_memory: Aws, s3: Any, body: bytes, why: str) -> None:
    s3.create_bucket(Bucket="rules")
    s3.put_object(Bucket="rules", Key="ours.cedar", Body=body)
    with pytest.raises(BadInput, match=why):
        Guardrails(Bucket("s3://rules", aws_in_memory))


def test_a_bucket_that_is_not_there_stops_it(aws_in_memory: Aws) -> None:
    with pytest.raises(FailedResponse, match="NoSuchBucket"):
        Guardrails(Bucket("s3://nowhere/rules", aws_in_memory))


@pytest.fixture
def aws_in_memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        yield Aws(role="stanch-responder", assume="auto", default_region="us-east-1")


@pytest.fixture
def s3(aws_in_memory: Aws) -> Any:
    return botocore.session.Session().create_client("s3", region_name="us-east-1")
