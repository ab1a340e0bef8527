"""Every member of the catalogue keeps the promises that the rest of stanch relies on."""

import json
from dataclasses import is_dataclass, replace
from importlib.metadata import EntryPoint
from typing import Any

import pytest

import stanch.actions as shelf
from stanch.actions import catalogue, possible_calls, role_policy
from stanch.actions._examples import TERMS
from stanch.aws.validate import permission, problems
from stanch.model.change import Action, RevertsBy
from stanch.model.errors import BadInput

ACTIONS = catalogue()
EXAMPLES = [
    pytest.param(action, target, state, id=f"{action.id}-{n}")
    for action in ACTIONS.values()
    for n, (target, state) in enumerate(action.examples)
]
FORBIDDEN = ("NetworkAcl", "organizations:", "StopLogging", "PutUserPolicy", "PutRolePolicy", "Terminate", "Release")
STRONG = {
    "trust": {"iam:UpdateAssumeRolePolicy"},
    "bucket-policy": {"s3:PutBucketPolicy", "s3:DeleteBucketPolicy"},
    "repair": {"ec2:ModifyImageAttribute", "ec2:RevokeSecurityGroupIngress", "guardduty:UpdateDetector"},
}
"""Writes as strong as an administrator's, by the suffix of the role that alone holds them."""
DELETES = {"iam:DeletePolicy", "iam:DeletePolicyVersion", "lambda:DeleteFunctionConcurrency"}
"""Deletes in the responder's own role: of what stanch itself made."""


@pytest.fixture(params=list(ACTIONS.values()), ids=list(ACTIONS))
def action(request: pytest.FixtureRequest) -> Action[Any]:
    chosen: Action[Any] = request.param
    return chosen


def test_the_catalogue_is_complete_and_sorted() -> None:
    hosts = ["E1", "E2", "E3", "E4", "E5", "E6", "E7"]
    identities = ["I1", "I2", "I3", "I4", "I5", "I6", "I7"]
    assert list(ACTIONS) == [*hosts, *identities, "L1", "N1", "R1", "R2", "S1", "S2"]


def test_an_action_says_what_people_need_to_know(action: Action[Any]) -> None:
    assert action.title
    assert action.breaks.endswith(".")
    assert action.cut.startswith(("hard", "soft"))
    assert all(name.split(":")[1].startswith(("Get", "List", "Describe")) for name in action.permissions)
    assert is_dataclass(action.state)
    assert not action.approval or action.approval.endswith(".")
    assert not action.runbook or action.runbook.startswith("AWS")
    assert action.price or action.id == "E1" or action.reverts_by is RevertsBy.NOBODY


def test_what_is_not_wholly_reversible_or_strikes_others_waits_for_a_person() -> None:
    assert [name for name, action in ACTIONS.items() if action.approval] == ["E6", "I5"]
    assert {name: action.role for name, action in ACTIONS.items() if action.role} == {
        "I5": "trust",
        "S2": "bucket-policy",
        "R2": "repair",
    }


def test_it_contains_and_undoes_an_untouched_target(action: Action[Any]) -> None:
    target, state = action.examples[0]
    assert action.forward(target, state, TERMS)
    assert action.inverse(target, state, None, TERMS).calls or action.no_inverse
    assert action.objections(target, state) == ()


def test_what_it_sends_side_by_side_or_ahead_is_what_it_sends(action: Action[Any]) -> None:
    operations = {call.operation for call in possible_calls(action)}
    assert action.abreast <= operations
    assert action.prepares <= operations


def test_what_nobody_reverts_says_why(action: Action[Any]) -> None:
    assert (action.reverts_by is RevertsBy.NOBODY) == bool(action.no_inverse)


def test_the_last_example_is_contained(action: Action[Any]) -> None:
    target, state = action.examples[-1]
    assert action.forward(target, state, TERMS) == ()


@pytest.mark.parametrize(("action", "target", "state"), EXAMPLES)
def test_every_call_is_one_that_aws_accepts(action: Action[Any], target: Any, state: Any) -> None:
    untouched = action.examples[0][1]
    calls = (
        *action.forward(target, state, TERMS),
        *action.keep(target, state, TERMS),
        *action.inverse(target, untouched, state, TERMS).calls,
        *action.inverse(target, untouched, None, TERMS).calls,
    )
    assert [problem for call in calls for problem in problems(call)] == []
    assert all(call.resource for call in calls)
    assert not [call.name for call in calls if any(word in call.name for word in FORBIDDEN)]


@pytest.mark.parametrize(("action", "target", "state"), EXAMPLES)
def test_planning_is_pure(action: Action[Any], target: Any, state: Any) -> None:
    assert action.forward(target, state, TERMS) == action.forward(target, state, TERMS)
    assert action.inverse(target, state, state, TERMS) == action.inverse(target, state, state, TERMS)


@pytest.mark.parametrize(("action", "target", "state"), EXAMPLES)
def test_the_blast_radius_is_the_target(action: Action[Any], target: Any, state: Any) -> None:
    assert target.name in action.blast_radius(target, state)


def test_replay_shows_calls_from_the_target_alone(action: Action[Any]) -> None:
    target = action.examples[0][0]
    presumed = action.presume(target)
    assert isinstance(presumed, action.state)
    calls = action.forward(target, presumed, TERMS)
    assert calls
    assert [problem for call in calls for problem in problems(call)] == []


def test_only_calls_that_need_no_placeholder_can_be_sent() -> None:
    isolate = ACTIONS["E4"]
    target, fresh = isolate.examples[0]
    calls = isolate.forward(target, fresh, TERMS)
    assert [bool(call.waits_for) for call in calls] == [False, True, True, True]
    assert all(call.waits_for for call in calls if "<" in json.dumps(call.params))


def test_the_role_has_exactly_the_permissions_of_the_calls() -> None:
    granted = {action for statement in _statements(ACTIONS.values()) for action in _actions(statement)}
    own = [action for action in ACTIONS.values() if not action.role]
    needed = {permission(call) for action in own for call in possible_calls(action)}
    reads = {read for action in ACTIONS.values() for read in action.permissions}
    assert granted == needed | reads | {"iam:TagPolicy", "ec2:CreateTags"}


def test_the_role_knows_the_whole_life_of_a_deny() -> None:
    granted = {action for statement in _statements([ACTIONS["I2"]]) for action in _actions(statement)}
    assert {
        "iam:CreatePolicy",
        "iam:AttachUserPolicy",
        "iam:CreatePolicyVersion",
        "iam:DetachUserPolicy",
        "iam:DeletePolicyVersion",
        "iam:DeletePolicy",
    } <= granted
    assert "iam:AttachRolePolicy" not in granted


def test_the_role_holds_nothing_that_stanch_must_never_do() -> None:
    text = json.dumps(role_policy(ACTIONS.values()))
    rules = "ec2:RevokeSecurityGroupIngress"  # its own role takes them from any group, the responder from its own
    assert not [word for word in (*FORBIDDEN, *set().union(*STRONG.values()) - {rules}) if word in text]


@pytest.mark.parametrize("role", STRONG)
def test_what_is_as_strong_as_an_administrator_has_a_role_of_its_own(role: str) -> None:
    policy: Any = role_policy(ACTIONS.values(), role=role)
    assert {name for statement in policy["Statement"] for name in _actions(statement)} == STRONG[role]


def test_the_role_deletes_only_what_stanch_made() -> None:
    granted = {action for statement in _statements(ACTIONS.values()) for action in _actions(statement)}
    assert {name for name in granted if "Delete" in name} == DELETES


@pytest.mark.parametrize("role", ["", "bucket-policy"])
def test_buckets_are_written_only_in_the_roles_own_account(role: str) -> None:
    policy: Any = role_policy(ACTIONS.values(), role=role)
    wide = [one for one in policy["Statement"] if one["Resource"] == ["arn:aws:s3:::*"]]
    assert wide
    assert all("aws:ResourceAccount" in one["Condition"]["StringEquals"] for one in wide)


def test_only_reads_are_granted_on_everything() -> None:
    wide = [statement for statement in _statements(ACTIONS.values()) if statement["Resource"] == "*"]
    assert [statement["Sid"] for statement in wide] == ["Read"]
    assert all(name.split(":")[1].startswith(("Get", "List", "Describe")) for name in _actions(wide[0]))


def test_policies_are_only_attached_from_stanchs_own_path() -> None:
    for statement in _statements(ACTIONS.values()):
        if "Detach" in statement["Sid"] and statement["Sid"].endswith("Repair"):
            assert statement["Condition"] == {"ArnNotLike": {"iam:PolicyARN": "arn:aws:iam::*:policy/stanch/*"}}
        elif "tach" in statement["Sid"]:
            assert statement["Condition"] == {"ArnLike": {"iam:PolicyARN": "arn:aws:iam::*:policy/stanch/*"}}
        if statement["Sid"].startswith(("IamCreatePolicy", "IamDeletePolicy", "IamTagPolicy")):
            assert statement["Resource"] == ["arn:aws:iam::*:policy/stanch/*"]


def test_the_role_is_the_same_in_any_order_and_fits_another_partition() -> None:
    forwards, backwards = role_policy(ACTIONS.values()), role_policy(reversed(list(ACTIONS.values())))
    assert json.dumps(forwards) == json.dumps(backwards)
    chinese = json.dumps(role_policy(ACTIONS.values(), partition="aws-cn"))
    assert "arn:aws-cn:iam::*:policy/stanch/*" in chinese
    assert "arn:aws:" not in chinese
    assert "PARTITION" not in chinese


def test_the_responder_gives_a_snapshot_to_nobody_and_stops_no_trail() -> None:
    by_sid = {statement["Sid"]: statement for statement in _statements(ACTIONS.values())}
    sharing = by_sid["Ec2ModifySnapshotAttributeRepair"]
    assert sharing["Condition"] == {"Null": {"ec2:Add/userId": "true", "ec2:Add/group": "true"}}
    assert sharing["Resource"] == ["arn:aws:ec2:*::snapshot/*"]
    assert "CloudtrailStopLogging" not in by_sid
    assert not [sid for sid in by_sid if sid.startswith("IamAttach") and sid.endswith("Repair")]


def test_a_disabled_actions_permission_vanishes() -> None:
    without = json.dumps(role_policy(action for action in ACTIONS.values() if action.id != "N1"))
    assert "wafv2" not in without


def test_an_action_without_examples_gets_no_role() -> None:
    with pytest.raises(BadInput, match="I2 has no examples"):
        role_policy([replace(ACTIONS["I2"], examples=())])


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("no_such_package_at_all:ACTION", "extension mine .* does not load: ModuleNotFoundError"),
        ("stanch.actions:NOPE", "extension mine .* does not load: AttributeError"),
        ("stanch.actions:GROUP", "extension mine .* is a str, not an Action"),
        ("stanch.actions.deny_user:ACTION", "action id 'I2' is taken"),
    ],
)
def test_a_broken_extension_stops_start_up_by_name(monkeypatch: pytest.MonkeyPatch, value: str, reason: str) -> None:
    entry = EntryPoint("mine", value, shelf.GROUP)
    monkeypatch.setattr(shelf, "entry_points", lambda group: (entry,))
    with pytest.raises(BadInput, match=reason):
        catalogue()


def _statements(actions: Any) -> list[dict[str, Any]]:
    policy: Any = role_policy(actions)
    return list(policy["Statement"])


def _actions(statement: dict[str, Any]) -> list[str]:
    named = statement["Action"]
    return [named] if isinstance(named, str) else list(named)
