"""A finding is real only if its detector still has it, with the same account, type and resource."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from stanch.model.data import JSON, JSONObject
from stanch.model.errors import Denied, NotFound, Unsupported
from stanch.model.finding import Finding, Form, Identity, IdentityKind, Instance
from stanch.probes.finding import refetch

ACCOUNT, DETECTOR = "111122223333", "a" * 32
ARN = f"arn:aws:guardduty:eu-west-1:{ACCOUNT}:detector/{DETECTOR}/finding/f1"
HUB_ID = f"arn:aws:securityhub:eu-west-1:{ACCOUNT}:finding/h1"
KEY = "AKIAIOSFODNN7EXAMPLE"
MISUSE = "UnauthorizedAccess:IAMUser/MaliciousIPCaller"
MINING = "CryptoCurrency:EC2/BitcoinTool.B"


@dataclass
class Detectors:
    """What GuardDuty and Security Hub would answer."""

    findings: list[dict[str, Any]] = field(default_factory=list)
    error: Exception | None = None
    asked: list[tuple[str, str, dict[str, JSON]]] = field(default_factory=list)

    def read(self, service: str, operation: str, **params: JSON) -> JSONObject:
        self.asked.append((service, operation, params))
        if self.error:
            raise self.error
        return {"Findings": self.findings}


def finding(**changes: Any) -> Finding:
    user = Identity(IdentityKind.IAM_USER, ACCOUNT, "alice", access_key=KEY)
    made = Finding(
        id="f1",
        account=ACCOUNT,
        region="eu-west-1",
        type=MISUSE,
        severity=8.0,
        updated_at=datetime(2026, 1, 1, tzinfo=UTC),
        form=Form.GUARDDUTY,
        product="GuardDuty",
        detector=DETECTOR,
        identity=user,
    )
    return replace(made, **changes)


def mining() -> Finding:
    host = Instance("i-0123456789abcdef0", ACCOUNT, "eu-west-1")
    return finding(type=MINING, identity=None, instance=host)


def guardduty(**changes: Any) -> dict[str, Any]:
    key = {"AccessKeyId": KEY, "UserName": "alice"}
    return {"Id": "f1", "AccountId": ACCOUNT, "Type": MISUSE, "Resource": {"AccessKeyDetails": key}, **changes}


def hub(**changes: Any) -> dict[str, Any]:
    resources = [
        {"Id": f"AWS::IAM::AccessKey:{KEY}", "Details": {"AwsIamAccessKey": {"PrincipalName": "alice"}}},
        {"Id": f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-0123456789abcdef0"},
    ]
    made = {"Id": HUB_ID, "AwsAccountId": ACCOUNT, "GeneratorId": "my-rule", "Types": ["TTPs"], "Resources": resources}
    return {**made, **changes}


def from_hub(**changes: Any) -> Finding:
    return finding(**{"id": HUB_ID, "form": Form.ASFF, "product": "Mine", "detector": "", "type": "my-rule", **changes})


@pytest.mark.parametrize("told", [finding(), finding(id=ARN, form=Form.ASFF, detector="arn:product")])
def test_a_guardduty_finding_is_found_again_at_its_detector(told: Finding) -> None:
    aws = Detectors([guardduty()])
    assert refetch(aws, told).confirmed
    assert aws.asked == [("guardduty", "GetFindings", {"DetectorId": DETECTOR, "FindingIds": ["f1"]})]


def test_an_instance_finding_is_compared_by_instance() -> None:
    live = guardduty(Type=MINING, Resource={"InstanceDetails": {"InstanceId": "i-0123456789abcdef0"}})
    assert refetch(Detectors([live]), mining()).confirmed
    other = guardduty(Type=MINING, Resource={"InstanceDetails": {"InstanceId": "i-0fedcba9876543210"}})
    refused = refetch(Detectors([other]), mining())
    assert not refused.confirmed
    assert "its instance is i-0fedcba9876543210, not i-0123456789abcdef0" in refused.how


@pytest.mark.parametrize(
    ("live", "word"),
    [
        (guardduty(AccountId="999999999999"), "its account is 999999999999"),
        (guardduty(Type="Recon:EC2/PortProbe"), "its type is Recon:EC2/PortProbe"),
        (guardduty(Resource={"AccessKeyDetails": {"AccessKeyId": "AKIAOTHER", "UserName": "alice"}}), "access key"),
        (guardduty(Resource={"AccessKeyDetails": {"AccessKeyId": KEY, "UserName": "root-admin"}}), "root-admin"),
        (guardduty(Resource={}), "its access key is absent"),
    ],
)
def test_a_finding_that_was_altered_on_its_way_is_not_confirmed(live: dict[str, Any], word: str) -> None:
    answer = refetch(Detectors([live]), finding())
    assert not answer.confirmed
    assert word in answer.how


def test_roots_name_is_not_compared_for_detectors_spell_it_as_they_like() -> None:
    root = Identity(IdentityKind.ROOT, ACCOUNT, "root", access_key=KEY)
    live = guardduty(Resource={"AccessKeyDetails": {"AccessKeyId": KEY, "UserName": "Root"}})
    assert refetch(Detectors([live]), finding(identity=root)).confirmed


def test_a_finding_that_nobody_has_is_not_confirmed() -> None:
    assert refetch(Detectors(), finding()).how == "GuardDuty has no finding f1"
    assert refetch(Detectors([guardduty(Id="f2")]), finding()).how == "GuardDuty has no finding f1"


@pytest.mark.parametrize("kind", [NotFound, Denied, Unsupported])
def test_a_detector_that_cannot_be_asked_does_not_confirm(kind: Any) -> None:
    answer = refetch(Detectors(error=kind("guardduty:GetFindings", "Code", "because")), finding())
    assert not answer.confirmed
    assert answer.how == "GuardDuty could not be asked: guardduty:GetFindings failed: Code: because"


def test_other_findings_are_found_again_at_security_hub() -> None:
    aws = Detectors([hub()])
    assert refetch(aws, from_hub()).confirmed
    (asked,) = aws.asked
    assert asked == ("securityhub", "GetFindings", {"Filters": {"Id": [{"Value": HUB_ID, "Comparison": "EQUALS"}]}})


@pytest.mark.parametrize(
    ("live", "word"),
    [
        (hub(AwsAccountId="999999999999"), "its account is 999999999999"),
        (hub(GeneratorId="other"), "its type is other, TTPs, not my-rule"),
        (hub(Resources=[]), f"its resources do not name access key {KEY}"),
    ],
)
def test_security_hubs_copy_must_be_the_same(live: dict[str, Any], word: str) -> None:
    answer = refetch(Detectors([live]), from_hub())
    assert not answer.confirmed
    assert word in answer.how


def test_a_guardduty_finding_without_its_detector_is_looked_up_at_security_hub() -> None:
    aws = Detectors()
    assert refetch(aws, finding(detector="")).how == "Security Hub has no finding f1"
