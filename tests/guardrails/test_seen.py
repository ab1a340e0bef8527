"""What a state mentions, whatever its shape."""

from stanch.guardrails.seen import groups_of, ids, own_groups
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
