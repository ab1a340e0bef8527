"""What is read from parameters that Cedar cannot take apart."""

import json
from datetime import UTC, datetime

import pytest

from stanch.guardrails.content import Known, content
from stanch.model.change import Call
from stanch.model.data import JSON

EXPIRES = datetime(2026, 3, 1, 16, tzinfo=UTC)


def read(params: dict[str, JSON]) -> dict[str, JSON]:
    return dict(content(Call("iam", "CreatePolicy", params, "arn"), EXPIRES, Known()))


def statement(until: str, effect: str = "Deny") -> dict[str, JSON]:
    return {"Effect": effect, "Condition": {"DateLessThan": {"aws:CurrentTime": until}}}


@pytest.mark.parametrize(
    ("document", "effects"),
    [
        ('{"Statement": [{"Effect": "Deny"}, {"Effect": "Deny"}]}', ["Deny"]),
        ('{"Statement": {"Effect": "Deny"}}', ["Deny"]),
        ('{"Statement": [{"Effect": "Deny"}, {"Effect": "Allow"}]}', ["Allow", "Deny"]),
        ('{"Statement": [{"Effect": "deny"}]}', ["deny"]),
        ('{"Statement": [{"Effect": "Deny"}, {}]}', ["Deny", "unreadable"]),
        ('{"Statement": [{"Effect": "Deny"}, "Allow"]}', ["Deny", "unreadable"]),
        ('{"Statement": [{"Effect": "Deny", "Effect": "Allow"}]}', ["unreadable"]),
        ('{"Statement": [{"Effect": ["Deny"]}]}', ["unreadable"]),
        ('{"Statement": []}', ["unreadable"]),
        ("[]", ["unreadable"]),
        ("{", ["unreadable"]),
        ("[" * 100_000, ["unreadable"]),
        (None, ["unreadable"]),
    ],
)
def test_effects_of_a_policy_document(document: JSON, effects: list[str]) -> None:
    assert read({"PolicyDocument": document})["effects"] == effects


@pytest.mark.parametrize(
    ("statements", "expires"),
    [
        ([statement("2026-03-01T16:00:00Z")], True),
        ([statement("2026-03-01T15:59:59+00:00"), statement("2026-03-01T12:00:00Z")], True),
        ([statement("2026-03-01T16:00:01Z")], False),
        ([statement("2026-03-01T12:00:00Z"), {"Effect": "Deny"}], False),
        ([statement("2026-03-01T12:00:00")], False),
        ([statement("soon")], False),
        ([{"Condition": {"DateGreaterThan": {"aws:CurrentTime": "2026-03-01T12:00:00Z"}}}], False),
        ([{"Condition": []}], False),
        ([], False),
    ],
)
def test_a_document_expires_only_if_all_of_it_does_in_time(statements: JSON, expires: bool) -> None:
    assert read({"PolicyDocument": json.dumps({"Statement": statements})})["expires"] is expires


def test_tag_keys_are_found_however_deep() -> None:
    tags: list[JSON] = [{"Key": "stanch:case", "Value": "x"}, {"Value": "no key"}, "odd"]
    params: dict[str, JSON] = {"Tags": tags[:1], "TagSpecifications": [{"ResourceType": "snapshot", "Tags": tags}]}
    assert read(params)["tag_keys"] == ["stanch:case", "unreadable"]


@pytest.mark.parametrize(
    ("addresses", "single"),
    [
        ([], True),
        (["203.0.113.7/32", "2001:db8::1/128"], True),
        (["203.0.113.7/32", "198.51.100.0/31"], False),
        (["0.0.0.0/0"], False),
        (["203.0.113.7/24"], False),
        (["everything"], False),
    ],
)
def test_single_addresses(addresses: list[JSON], single: bool) -> None:
    assert read({"Addresses": addresses})["single_addresses"] is single


def test_a_call_without_such_parameters_has_no_content() -> None:
    expected = {
        "effects": [],
        "expires": False,
        "own_statement": False,
        "added": 0,
        "removed": 0,
        "denied": [],
        "tag_keys": [],
        "single_addresses": True,
        "delete_on_termination": [],
    }
    assert read({"UserName": "alice"}) == expected


OURS = {"Sid": "stanchC1r1", **statement("2026-03-01T16:00:00Z")}
THEIRS = {"Sid": "Read", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}


def document(*statements: JSON, **head: JSON) -> str:
    return json.dumps({"Version": "2012-10-17", **head, "Statement": list(statements)})


def put(new: str, old: str | None) -> dict[str, JSON]:
    call = Call("s3", "PutBucketPolicy", {"Bucket": "b", "Policy": new}, "arn")
    return dict(content(call, EXPIRES, Known(old, "stanchC1r1")))


@pytest.mark.parametrize(
    ("new", "old", "own", "added", "removed"),
    [
        (document(THEIRS, OURS), document(THEIRS), True, 1, 0),
        (document(OURS, THEIRS), document(THEIRS), True, 1, 0),
        (document(OURS), "", True, 1, 0),
        (document(THEIRS), document(THEIRS, OURS), True, 0, 1),
        (document(THEIRS), document(THEIRS), True, 0, 0),
        (document(OURS), document(THEIRS), False, 1, 1),
        (document(THEIRS, THEIRS), document(THEIRS), False, 1, 0),
        (document({**THEIRS, "Action": "s3:*"}, OURS), document(THEIRS), False, 2, 1),
        (document(THEIRS, {**OURS, "Sid": "other"}), document(THEIRS), False, 1, 0),
        (document(THEIRS, OURS, Version="2008-10-17"), document(THEIRS), False, 1, 0),
        (document(THEIRS, OURS), None, False, 1, 0),
        ("{", document(THEIRS), False, 0, 0),
        (document(THEIRS, OURS), "[]", False, 0, 0),
        (document(THEIRS, OURS), document(), False, 2, 0),
    ],
)
def test_only_our_own_statement_may_differ_from_what_was_read(
    new: str, old: str | None, own: bool, added: int, removed: int
) -> None:
    said = put(new, old)
    assert (said["own_statement"], said["added"], said["removed"]) == (own, added, removed)


def test_of_a_whole_document_only_what_it_adds_is_judged() -> None:
    said = put(document(THEIRS, OURS), document(THEIRS))
    assert (said["effects"], said["expires"]) == (["Deny"], True)


def test_a_policy_is_deleted_only_if_all_of_it_is_ours() -> None:
    call = Call("s3", "DeleteBucketPolicy", {"Bucket": "b"}, "arn")
    assert content(call, EXPIRES, Known(document(OURS), "stanchC1r1"))["own_statement"]
    assert content(call, EXPIRES, Known("", "stanchC1r1"))["own_statement"]
    assert not content(call, EXPIRES, Known(document(OURS, THEIRS), "stanchC1r1"))["own_statement"]
    assert not content(call, EXPIRES, Known(None, "stanchC1r1"))["own_statement"]


@pytest.mark.parametrize(
    ("condition", "denied"),
    [
        (
            {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/web"}},
            ["arn:aws:iam::111122223333:role/web"],
        ),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/web"}}, ["everyone"]),
        ({"ArnEquals": {"aws:PrincipalArn": ["a", "b"]}}, ["everyone"]),
        ({}, ["everyone"]),
    ],
)
def test_whom_a_statement_denies(condition: JSON, denied: list[str]) -> None:
    assert put(document({**OURS, "Condition": condition}), "")["denied"] == denied
