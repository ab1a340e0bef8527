"""One CloudTrail record becomes one typed row, and its secrets stay outside."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanch.model.errors import BadInput
from stanch.trail.event import REDACTED, redact, row
from stanch.trail.schema import EVENTS

LEAST = {
    "eventID": "11111111-2222-4333-8444-555555555555",
    "eventTime": "2026-03-20T02:10:00Z",
    "eventSource": "sts.amazonaws.com",
    "eventName": "AssumeRole",
}
CREDENTIALS = {
    "accessKeyId": "ASIAEXAMPLEISSUED001",
    "secretAccessKey": "hush",
    "sessionToken": "hush",
    "expiration": "x",
}


def cells(**fields: Any) -> dict[str, Any]:
    made = row({**LEAST, **fields}, "a.json#Records[0]")
    return dict(zip([name for name, _ in EVENTS.columns], made, strict=True))


def test_an_issued_key_is_kept_and_its_secrets_are_not() -> None:
    made = cells(responseElements={"credentials": CREDENTIALS})
    assert made["issued_key_id"] == "ASIAEXAMPLEISSUED001"
    assert "hush" not in str(made)
    assert json.loads(made["response_elements"])["credentials"]["sessionToken"] == REDACTED


@pytest.mark.parametrize("part", ["requestParameters", "responseElements", "additionalEventData", "resources"])
def test_secrets_are_taken_out_wherever_they_are(part: str) -> None:
    assert "hush" not in str(cells(**{part: {"a": [{"Password": "hush", "deep": {"SecretString": "hush"}}]}}))


@given(
    st.recursive(
        st.none() | st.booleans() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["sessionToken", "password", "name", "accessKeyId"]), inner, max_size=3)
        ),
        max_leaves=12,
    )
)
def test_redaction_leaves_no_secret_text_and_keeps_the_shape(value: Any) -> None:
    def shape(one: Any) -> Any:
        if isinstance(one, dict):
            return {key: shape(inner) for key, inner in one.items()}
        return [shape(inner) for inner in one] if isinstance(one, list) else type(one)

    def secrets(one: Any) -> list[Any]:
        if isinstance(one, dict):
            mine = [one[key] for key in ("sessionToken", "password") if isinstance(one.get(key), str)]
            return mine + [found for inner in one.values() for found in secrets(inner)]
        return [found for inner in one for found in secrets(inner)] if isinstance(one, list) else []

    clean = redact(value)
    assert shape(clean) == shape(value)
    assert set(secrets(clean)) <= {REDACTED}


@pytest.mark.parametrize(
    ("fields", "principal"),
    [
        (
            {
                "arn": "arn:aws:sts::111122223333:assumed-role/app/i-0a",
                "sessionContext": {"sessionIssuer": {"arn": "arn:aws:iam::111122223333:role/app"}},
            },
            "arn:aws:iam::111122223333:role/app",
        ),
        ({"arn": "arn:aws:iam::111122223333:user/ana"}, "arn:aws:iam::111122223333:user/ana"),
        ({"type": "AWSService", "invokedBy": "autoscaling.amazonaws.com"}, "autoscaling.amazonaws.com"),
        ({}, None),
    ],
)
def test_the_principal_is_the_issuer_else_the_arn_else_the_service(fields: Any, principal: str | None) -> None:
    assert cells(userIdentity=fields)["principal_arn"] == principal


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("075.050.255.67", "75.50.255.67"),
        ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
        ("AWS Internal", "AWS Internal"),
        ("cloudformation.amazonaws.com", "cloudformation.amazonaws.com"),
        ("999.1.1.1", "999.1.1.1"),
    ],
)
def test_addresses_have_one_form_and_names_stay(written: str, kept: str) -> None:
    assert cells(sourceIPAddress=written)["source_ip"] == kept


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"eventID": None}, "eventID: missing"),
        ({"eventTime": "yesterday"}, "eventTime"),
        ({"eventName": 3}, "eventName: unexpected int"),
        ({"userIdentity": "ana"}, "userIdentity: not an object"),
        ({"readOnly": "maybe"}, "readOnly: unexpected str"),
        ({"additionalEventData": {"bytesTransferredOut": "many"}}, "additionalEventData.bytesTransferredOut"),
        *(({"additionalEventData": {"bytesTransferredOut": n}}, "too large") for n in (1 << 63, 1e30, float("nan"))),
    ],
)
def test_a_wrong_field_is_named(fields: Any, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        cells(**fields)


def test_what_an_api_writes_in_its_own_shape_is_no_error() -> None:
    made = cells(requestParameters={"key": {"id": "1"}, "bucketName": ["x"]}, responseElements={"credentials": "none"})
    assert (made["object_key"], made["bucket"], made["issued_key_id"]) == (None, None, None)


def test_text_that_no_database_takes_is_made_harmless() -> None:
    made = cells(userAgent="\ud800 x", requestParameters={"a": "\udfff"})
    assert made["user_agent"] == "? x"
    assert "?" in made["request_parameters"]


@pytest.mark.parametrize(
    ("fields", "management"),
    [
        ({}, True),
        ({"eventCategory": "Data"}, False),
        ({"managementEvent": False}, False),
        ({"managementEvent": True}, True),
    ],
)
def test_management_events_are_told_from_data_events(fields: Any, management: bool) -> None:
    assert cells(**fields)["management_event"] is management


def test_what_has_no_column_is_kept_and_its_secrets_are_not() -> None:
    made = cells(eventVersion="1.11", addedByAws={"x": 1, "password": "hush"}, tlsDetails={"tlsVersion": "TLSv1.3"})
    assert made["other"] == '{"addedByAws":{"x":1,"password":"[redacted]"}}'
    assert made["tls_details"] == '{"tlsVersion":"TLSv1.3"}'
    assert cells()["other"] is None


def test_multi_factor_is_read_from_session_and_sign_in() -> None:
    session = {"sessionContext": {"attributes": {"mfaAuthenticated": "true"}}}
    assert cells(userIdentity=session)["mfa"] is True
    assert cells(additionalEventData={"MFAUsed": "No"})["mfa"] is False
    assert cells()["mfa"] is None
