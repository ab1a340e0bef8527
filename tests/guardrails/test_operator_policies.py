"""An operator's own policies: they can forbid more, never permit more, and a broken one stops stanch at start."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from stanch.guardrails import Circumstances, Guardrails
from stanch.model.case import Mode, Tier
from stanch.model.change import Call, Change, RevertsBy, Target, TargetKind, Terms
from stanch.model.errors import BadInput
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


@pytest.mark.parametrize("operation", ["ec2:CreateNetworkAclEntry", "organizations:AttachPolicy", "iam:PutUserPolicy"])
def test_a_permit_of_the_operator_opens_nothing(tmp_path: Path, operation: str) -> None:
    guardrails = Guardrails(written(tmp_path, "permit (principal, action, resource);"))
    service, _, name = operation.partition(":")
    assert not guardrails.judge(replace(CALL, service=service, operation=name), ONE, CALM).allowed
    assert not guardrails.judge(CALL, ONE, replace(CALM, sample=True)).allowed


def test_a_permit_of_the_operator_alone_is_not_enough(tmp_path: Path) -> None:
    # The policies bind an access key's status to its purpose, so only the target's kind is left to get wrong:
    # no forbid speaks against this one, but no shipped permit speaks for it either.
    other = replace(ONE, target=replace(KEY, kind=TargetKind.USER))
    assert Guardrails().judge(CALL, other, CALM).policies == ()
    permit = Guardrails(written(tmp_path, "permit (principal, action, resource);")).judge(CALL, other, CALM)
    assert (permit.allowed, permit.policies) == (False, ("operator/ours/policy0",))


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
