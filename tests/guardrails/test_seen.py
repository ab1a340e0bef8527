"""What a state mentions, whatever its shape."""

from stanch.guardrails.seen import (
    arns,
    document,
    groups_of,
    ids,
    nothing_was_set,
    own_groups,
    registrations,
    targets_of,
)
from stanch.model.data import JSON

STATE: JSON = {
    "group": {"id": "sg-0fee", "ours": True, "ingress": ["sgr-0a"]},
    "foreign": [{"id": "sg-0bad", "ours": False}, {"id": "sg-0bad", "ours": "true"}],
    "interfaces": [
        {"id": "eni-0a", "groups": ["sg-01", "sg-02"]},
        {"id": "eni-0b", "groups": ["sg-03"], "note": "eni-0c is not an id here"},
    ],
    "groups": ["sg-01", "sg-02", "sg-03", "sg-0fee"],
}


def test_ids_are_whole_ids_of_one_kind() -> None:
    assert ids(STATE, "eni") == {"eni-0a", "eni-0b"}
    assert ids(STATE, "sgr") == {"sgr-0a"}
    assert ids(None, "eni") == set()


def test_only_what_the_state_marks_as_ours_is_own() -> None:
    assert own_groups(STATE) == {"sg-0fee"}
    assert own_groups([]) == set()


def test_groups_are_those_of_the_one_interface() -> None:
    assert groups_of(STATE, "eni-0a") == {"sg-01", "sg-02"}
    assert groups_of(STATE, "eni-0b") == {"sg-03"}
    assert groups_of(STATE, "eni-0d") == set()
    assert groups_of(STATE, None) == set()


def test_arns_are_those_of_one_service() -> None:
    scaling = "arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:1:autoScalingGroupName/web"
    state: JSON = {"group": {"arn": scaling, "name": "arn:aws:iam::111122223333:role/web"}}
    assert arns(state, "autoscaling") == {scaling}
    assert arns(None, "autoscaling") == set()


def test_registrations_and_targets_are_compared_whole() -> None:
    state: JSON = {"registered": [{"group": "arn:g", "id": "i-1", "port": 80}, {"group": "arn:g", "id": "i-1"}, "odd"]}
    assert registrations(state) == {("arn:g", "i-1", 80), ("arn:g", "i-1", 0)}
    assert targets_of({"TargetGroupArn": "arn:g", "Targets": [{"Id": "i-1", "Port": 80}]}) == {("arn:g", "i-1", 80)}
    assert registrations(None) == targets_of(None) == set()


def test_only_the_top_of_a_state_says_what_was_set() -> None:
    assert document({"document": "{}"}) == "{}"
    assert document({"inner": {"document": "{}"}}) is None
    assert nothing_was_set({"exists": True, "reserved": None})
    assert not nothing_was_set({"exists": True, "reserved": 5})
    assert not nothing_was_set({"exists": True})
