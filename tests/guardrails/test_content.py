"""What is read from parameters that Cedar cannot take apart."""

import json
from datetime import UTC, datetime

import pytest

from stanch.guardrails.content import content
from stanch.model.change import Call
from stanch.model.data import JSON

EXPIRES = datetime(2026, 3, 1, 16, tzinfo=UTC)


def read(params: dict[str, JSON]) -> dict[str, JSON]:
    return dict(content(Call("iam", "CreatePolicy", params, "arn"), EXPIRES))


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
        "tag_keys": [],
        "single_addresses": True,
        "delete_on_termination": [],
    }
    assert read({"UserName": "alice"}) == expected
