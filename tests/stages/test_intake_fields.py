from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stanch.model.finding import Finding, Skip
from stanch.stages.intake import read
from stanch.stages.intake.fields import Field
from stanch.stages.intake.syntax import address

GUARDDUTY: dict[str, Any] = {
    "accountId": "111122223333",
    "region": "mars-north-1",
    "id": "f1",
    "type": "Impact:Toaster/BurntBread",
    "severity": 5,
    "updatedAt": "2026-11-23T01:42:30Z",
    "service": {},
    "resource": {"resourceType": "Toaster", "toasterDetails": {"id": "t-1"}},
}
ASFF: dict[str, Any] = {
    "SchemaVersion": "2018-10-08",
    "Id": "f1",
    "ProductArn": "arn:aws:securityhub:eu-west-1::product/aws/inspector",
    "GeneratorId": "aws/inspector",
    "AwsAccountId": "111122223333",
    "Types": ["Vulnerabilities/CVE"],
    "UpdatedAt": "2026-11-23T01:42:30Z",
    "Severity": {"Label": "HIGH"},
    "Resources": [],
}
OCSF: dict[str, Any] = {
    "class_uid": 2002,
    "severity_id": 3,
    "time": 1795398150,
    "metadata": {"version": "1.1.0", "product": {"name": "Scanner"}},
    "cloud": {"region": "eu-west-1", "account": {"uid": "111122223333"}},
    "finding_info": {"uid": "f1", "title": "Old"},
}


def without(record: dict[str, Any], path: str) -> dict[str, Any]:
    first, _, rest = path.partition(".")
    copy = dict(record)
    if rest:
        copy[first] = without(copy[first], rest)
    else:
        del copy[first]
    return copy


def one(record: Any) -> Finding:
    (finding,) = read("record", record, vouched=False)
    assert isinstance(finding, Finding), finding
    return finding


@pytest.mark.parametrize("path", ["accountId", "region", "id", "type", "severity", "updatedAt"])
def test_guardduty_must_have(path: str) -> None:
    assert read("r:1", without(GUARDDUTY, path), vouched=True) == (Skip("r:1", f"{path} is missing", malformed=True),)


@pytest.mark.parametrize("path", ["AwsAccountId", "Id", "UpdatedAt"])
def test_asff_must_have(path: str) -> None:
    found = read("r:1", [ASFF, without(ASFF, path)], vouched=True)
    assert found[1] == Skip("r:1", f"[1].{path} is missing", malformed=True)
    assert isinstance(found[0], Finding)


@pytest.mark.parametrize("path", ["cloud.account.uid", "cloud.region", "finding_info.uid", "severity_id"])
def test_ocsf_must_have(path: str) -> None:
    assert read("r:1", without(OCSF, path), vouched=True) == (Skip("r:1", f"{path} is missing", malformed=True),)


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (ASFF | {"Severity": {"Label": "BAD"}}, "detail.findings[1].Severity.Label must be one of"),
        (ASFF | {"Severity": {}}, "detail.findings[1].Severity.Label is missing"),
        (ASFF | {"Id": 7}, "detail.findings[1].Id must be a string, not 7"),
        (ASFF | {"AwsAccountId": "1/2"}, "detail.findings[1].AwsAccountId cannot be '1/2'"),
        (ASFF | {"UpdatedAt": "yesterday"}, "detail.findings[1].UpdatedAt must be a time, not 'yesterday'"),
        (ASFF | {"GeneratorId": "a\x1b[2J"}, r"detail.findings[1].GeneratorId cannot be 'a\x1b[2J'"),
        ("finding", "detail.findings[1].AwsAccountId is missing"),
        ({}, "detail.findings[1].AwsAccountId is missing"),
    ],
)
def test_a_broken_finding_is_named_by_record_and_field_and_the_others_still_come(broken: Any, reason: str) -> None:
    detail = {"findings": [ASFF, broken, ASFF]}
    record: Any = {"detail-type": "Security Hub Findings - Imported", "source": "aws.securityhub", "detail": detail}
    first, skip, last = read("q:1", record, vouched=False)
    assert isinstance(first, Finding)
    assert isinstance(last, Finding)
    assert isinstance(skip, Skip)
    assert (skip.record, skip.malformed) == ("q:1", True)
    assert skip.reason.startswith(reason)


@pytest.mark.parametrize("severity", ["high", None, True, -1, 10.5, [], "NaN"])
def test_a_severity_that_is_none_is_malformed(severity: Any) -> None:
    (skip,) = read("r", GUARDDUTY | {"severity": severity}, vouched=True)
    assert isinstance(skip, Skip)
    assert skip.malformed
    assert skip.reason.startswith("severity ")


@pytest.mark.parametrize(
    ("severity", "expected"),
    [
        ({"Label": "HIGH", "Original": "8.3"}, 8.3),
        ({"Label": "HIGH", "Product": 70, "Normalized": 70}, 8),
        ({"Label": "CRITICAL", "Original": "5.0"}, 9),
        ({"Label": "LOW"}, 2),
        ({"Product": 5, "Normalized": 50}, 5),
        ({"Normalized": 0}, 0),
    ],
)
def test_a_label_leads_and_the_products_number_refines_it(severity: dict[str, Any], expected: float) -> None:
    assert one(ASFF | {"Severity": severity}).severity == expected


@pytest.mark.parametrize(("number", "expected"), [(0, 0), (1, 0), (2, 2), (3, 5), (4, 8), (5, 9), (6, 9), (99, 0)])
def test_ocsf_severities_stand_on_the_same_scale(number: int, expected: float) -> None:
    assert one(OCSF | {"severity_id": number}).severity == expected


def test_what_does_not_exist_yet_is_read_all_the_same() -> None:
    finding = one(GUARDDUTY | {"count": "many", "service": {"count": "12", "action": None, "archived": "true"}})
    assert (finding.type, finding.region, finding.count) == ("Impact:Toaster/BurntBread", "mars-north-1", 12)
    assert [(resource.type, resource.id) for resource in finding.resources] == [("Toaster", "t-1")]
    assert finding.archived
    assert (finding.identity, finding.instance, finding.connection) == (None, None, None)


@pytest.mark.parametrize(
    "resource",
    [
        {"accessKeyDetails": {"userName": "a/b", "userType": "IAMUser"}, "instanceDetails": {"instanceId": "i-XYZ"}},
        {"accessKeyDetails": None, "instanceDetails": []},
        {"accessKeyDetails": {"userName": ["x"]}, "instanceDetails": {"instanceId": "i-1; reboot"}},
        "none",
    ],
)
def test_a_part_that_is_not_well_formed_is_absent_and_the_finding_stays(resource: object) -> None:
    finding = one(GUARDDUTY | {"resource": resource})
    assert (finding.identity, finding.instance) == (None, None)


def test_a_key_or_principal_that_is_not_well_formed_is_absent_and_the_identity_stays() -> None:
    key = {"userName": "ann", "userType": "IAMUser", "accessKeyId": "GeneratedFindingAccessKeyId", "principalId": "{}"}
    identity = one(GUARDDUTY | {"resource": {"accessKeyDetails": key}}).identity
    assert identity is not None
    assert (identity.name, identity.access_key, identity.principal_id) == ("ann", "", "")


@pytest.mark.parametrize("account", ["1234567891234", "<account_uid>"])
def test_an_account_that_cannot_exist_leaves_nothing_to_contain(account: str) -> None:
    resource = {
        "accessKeyDetails": {"userName": "ann", "userType": "IAMUser"},
        "instanceDetails": {"instanceId": "i-0123456789abcdef0"},
    }
    finding = one(GUARDDUTY | {"accountId": account, "resource": resource})
    assert (finding.account, finding.identity, finding.instance) == (account, None, None)


def test_a_finding_without_a_region_of_its_own_takes_that_of_its_arn() -> None:
    arn = "arn:aws-cn:guardduty:cn-north-1:111122223333:detector/d1/finding/f1"
    finding = one(without(GUARDDUTY, "region") | {"arn": arn})
    assert (finding.region, finding.partition, finding.detector) == ("cn-north-1", "aws-cn", "d1")


def test_titles_are_cut_and_their_control_characters_made_visible() -> None:
    finding = one(GUARDDUTY | {"title": "\x1b[31m" + "x" * 5000})
    assert len(finding.title) == 512
    assert finding.title.startswith("\N{REPLACEMENT CHARACTER}[31m")


NO_FINDINGS: dict[str, Any] = {
    "a CloudTrail event of the API call s3:CreateBucket, not a finding": {
        "eventVersion": "1.11",
        "eventSource": "s3.amazonaws.com",
        "eventName": "CreateBucket",
    },
    "an event 'Scheduled Event', not a finding": {
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "detail": {},
    },
    "a file of 1 records (0 of them CloudTrail events), not a finding": {"Records": [{"eventSource": "aws:s3"}]},
    "an OCSF event of the class 6003, not a finding": {"class_uid": 6003, "metadata": {"version": "1.6.0"}},
    "an object of no known format (it has 'meta', 'event'), not a finding": {"meta": {}, "event": {}},
    "an empty object, not a finding": {},
    "an empty list: it holds no finding": [],
}


@pytest.mark.parametrize(("reason", "body"), NO_FINDINGS.items(), ids=list(NO_FINDINGS))
def test_what_holds_no_finding_is_skipped_with_the_reason(reason: str, body: Any) -> None:
    assert read("r", body, vouched=True) == (Skip("r", reason),)


@pytest.mark.parametrize("body", [None, 7, "text", [7]])
def test_what_is_not_even_an_object_is_malformed(body: Any) -> None:
    (skip,) = read("r", body, vouched=True)
    assert isinstance(skip, Skip)
    assert skip.malformed


@pytest.mark.parametrize("detail", [None, {}, {"findings": []}, {"findings": {}}])
@pytest.mark.parametrize("kind", ["GuardDuty Finding", "Security Hub Findings - Imported", "Findings Imported V2"])
def test_an_envelope_without_its_finding_is_malformed(kind: str, detail: Any) -> None:
    (skip,) = read("r", {"detail-type": kind, "detail": detail}, vouched=False)
    assert isinstance(skip, Skip)
    assert skip.malformed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("075.050.255.67", "75.50.255.67"),
        ("203.0.113.7", "203.0.113.7"),
        ("2001:DB8::1", "2001:db8::1"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("999.1.1.1", ""),
        ("0203.0.113.7", ""),
        ("203.0.113.0/24", ""),
        ("fe80::1%eth0", ""),
        ("malicious_ip", ""),
        ("", ""),
    ],
)
def test_addresses_are_put_into_their_usual_form(text: str, expected: str) -> None:
    assert address(text) == expected


@settings(deadline=None)
@given(st.ip_addresses(v=4))
def test_padding_does_not_change_an_address(ip: object) -> None:
    assert address(".".join(octet.zfill(3) for octet in str(ip).split("."))) == str(ip)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-11-23T01:42:30.123Z", "2026-11-23T01:42:30.123000+00:00"),
        ("2026-11-23T03:42:30+02:00", "2026-11-23T01:42:30+00:00"),
        ("2025-02-14T14:27:03.913874", "2025-02-14T14:27:03.913874+00:00"),
        (1795398150, "2026-11-23T01:42:30+00:00"),
        (1795398150123, "2026-11-23T01:42:30.123000+00:00"),
        ("1795398150", "2026-11-23T01:42:30+00:00"),
    ],
)
def test_times_are_read_as_utc(value: Any, expected: str) -> None:
    time = Field("t", value).time()
    assert time is not None
    assert time.isoformat() == expected


@pytest.mark.parametrize("value", [None, "", "soon", True, [], 1e300, "0001-01-01T00:00:00+23:00"])
def test_what_is_no_time_is_none(value: Any) -> None:
    assert Field("t", value).time() is None


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@settings(deadline=None)
@given(st.sampled_from([GUARDDUTY, ASFF, OCSF]), st.data())
def test_no_value_in_any_field_crashes_intake(record: dict[str, Any], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(record)))
    assert read("r", record | {name: data.draw(ANYTHING)}, vouched=False)
