"""A policy is read as a document: what it gives counts, not how it is spelt or named; damage is never harmless."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanch.playbooks.policy import MAX_CHARACTERS, UNREADABLE, document, managed

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["Allow", "*", "iam:*"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["Statement", "Effect", "Action", "NotAction", "Resource", "Principal", "AWS"]), inner
        )
    ),
    max_leaves=12,
)


def allow(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*", **statement}]})


@pytest.mark.parametrize(
    ("text", "admin", "iam", "wildcard"),
    [
        (allow(Action="*"), True, True, True),
        (allow(Action=["*:*"]), True, True, True),
        (allow(Action="**"), True, True, True),
        (allow(NotAction="iam:DeleteUser"), True, True, True),
        (allow(Action="iam:*"), False, True, True),
        (allow(Action="IAM:Attach*"), False, True, False),
        (allow(Action="iam:PutUser?olicy"), False, True, False),
        (allow(Action="iam:List*"), False, False, False),
        (allow(Action="s3:*"), False, False, True),
        (allow(Action="*", Resource="arn:aws:s3:::logs"), False, False, True),
        (allow(Action="iam:*", Resource="arn:aws:iam::111122223333:user/me"), False, False, True),
        (allow(Action=["ec2:DescribeInstances"]), False, False, False),
        (allow(Action="*", Effect="Deny"), False, False, False),
        (allow(Action="*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}), True, True, True),
    ],
)
def test_a_document_gives_what_it_says(text: str, admin: bool, iam: bool, wildcard: bool) -> None:
    for spelling in (text, quote(text), json.loads(text)):
        found = document(spelling)
        assert (found.admin, found.iam, found.wildcard, found.readable) == (admin, iam, wildcard, True)


def test_a_single_statement_need_not_stand_in_a_list() -> None:
    assert document({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}).admin


@pytest.mark.parametrize(
    ("principal", "outsiders"),
    [
        ({"AWS": "arn:aws:iam::444455556666:root"}, ("444455556666",)),
        ({"AWS": ["444455556666", "arn:aws:iam::111122223333:user/ana"]}, ("111122223333", "444455556666")),
        ({"AWS": "*"}, ("*",)),
        ("*", ("*",)),
        ({"Service": "ec2.amazonaws.com"}, ()),
        ({"Federated": "arn:aws:iam::111122223333:saml-provider/corp"}, ()),
        ({"AWS": "AIDAEXAMPLEANA"}, ()),
    ],
)
def test_a_trust_names_accounts(principal: object, outsiders: tuple[str, ...]) -> None:
    assert document(allow(Principal=principal, Action="sts:AssumeRole")).outsiders == outsiders


@pytest.mark.parametrize(
    ("condition", "outsiders"),
    [
        ({"StringEquals": {"AWS:SourceOwner": "111122223333"}}, ("111122223333",)),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:sns:eu-west-1:444455556666:orders"}}, ("444455556666",)),
        ({"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::orders"}}, ()),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-example"}}, ()),
        ({"StringLike": {"aws:SourceAccount": "*"}}, ("*",)),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:*:*:*:*"}}, ("*",)),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:orders"}}, ("*",)),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:*:*:orders"}}, ()),
        ({"StringNotEquals": {"aws:SourceAccount": "111122223333"}}, ("*",)),
        ({"StringEqualsIfExists": {"aws:SourceAccount": "111122223333"}}, ("*",)),
        ({"ForAllValues:StringEquals": {"aws:SourceAccount": "111122223333"}}, ("*",)),
        ({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, ("*",)),
        ({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, ("*",)),
        ({}, ("*",)),
    ],
)
def test_anyone_means_those_whom_a_condition_names_where_that_counts(
    condition: object, outsiders: tuple[str, ...]
) -> None:
    text = allow(Principal={"AWS": "*"}, Action="sns:Publish", Condition=condition)
    assert document(text, confined=True).outsiders == outsiders
    assert document(text).outsiders == ("*",)


@pytest.mark.parametrize(
    "damaged",
    [
        *("", "{", "[]", "null", "7", None, 7, "[" * 100_000, "x" * (MAX_CHARACTERS + 1)),
        json.dumps({"Statement": [{}] * 1000}),
        allow(Action=["s3:GetObject"] * 3000),
    ],
)
def test_what_cannot_be_read_is_unreadable(damaged: object) -> None:
    assert document(damaged) == UNREADABLE


@given(VALUES)
def test_no_document_breaks_the_reader(value: object) -> None:
    assert document(value) == document(json.dumps(value)) or isinstance(value, str)


@pytest.mark.parametrize(
    ("arn", "admin", "iam", "readable"),
    [
        ("arn:aws:iam::aws:policy/AdministratorAccess", True, True, True),
        ("arn:aws-cn:iam::aws:policy/AdministratorAccess", True, True, True),
        ("arn:aws:iam::aws:policy/IAMFullAccess", False, True, True),
        ("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess", False, False, True),
        ("arn:aws:iam::111122223333:policy/AdministratorAccess", False, False, False),
        ("AdministratorAccess", False, False, False),
        (None, False, False, False),
    ],
)
def test_only_a_policy_of_aws_is_known_by_its_name(arn: object, admin: bool, iam: bool, readable: bool) -> None:
    found = managed(arn)
    assert (found.admin, found.iam, found.readable) == (admin, iam, readable)
