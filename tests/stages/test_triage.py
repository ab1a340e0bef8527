"""Where findings go: by type and by what they name, never by severity alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanch.model.case import Case, Posture, Tier
from stanch.model.finding import Finding, Form, Identity, IdentityKind, Instance
from stanch.playbooks import load, postures
from stanch.stages.triage import triage

ACCOUNT, REGION = "111122223333", "eu-west-1"
AT = datetime(2026, 3, 20, 2, tzinfo=UTC)
ROLE = Identity(IdentityKind.ASSUMED_ROLE, ACCOUNT, "orders-api", access_key="ASIAEXAMPLEORDERS001")
HOST = Instance("i-0a1b2c3d4e5f60718", ACCOUNT, REGION)
EXFILTRATION = "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS"
SHELF, TABLE = load(), postures()


def finding(
    kind: str, severity: float = 5, *, identity: Identity | None = None, instance: Instance | None = None
) -> Finding:
    return Finding(
        id=f"{kind}-{severity}",
        account=ACCOUNT,
        region=REGION,
        type=kind,
        severity=severity,
        updated_at=AT,
        form=Form.GUARDDUTY,
        product="GuardDuty",
        identity=identity,
        instance=instance,
    )


def case(*findings: Finding) -> Case:
    return Case("C-00000000", 1, (), findings, AT)


@pytest.mark.parametrize(
    ("one", "tier", "posture", "playbook"),
    [
        (finding(EXFILTRATION, 8, identity=ROLE), Tier.CRITICAL, Posture.AT_ONCE, "credential_exfiltration"),
        (
            finding("CryptoCurrency:EC2/BitcoinTool.B", 8, instance=HOST),
            Tier.CRITICAL,
            Posture.AT_ONCE,
            "crypto_mining",
        ),
        (
            finding("CryptoCurrency:EC2/BitcoinTool.B!DNS", 8, instance=HOST),
            Tier.HIGH,
            Posture.INVESTIGATE,
            "crypto_mining",
        ),
        (
            finding("UnauthorizedAccess:IAMUser/MaliciousIPCaller", 5, identity=ROLE),
            Tier.HIGH,
            Posture.INVESTIGATE,
            "malicious_ip",
        ),
        (finding("AttackSequence:IAM/CompromisedCredentials", 9, identity=ROLE), Tier.CRITICAL, Posture.AT_ONCE, ""),
        (finding("Discovery:IAMUser/AnomalousBehavior", 4), Tier.MEDIUM, Posture.QUEUE, ""),
        (finding("Recon:EC2/PortProbeUnprotectedPort", 2, instance=HOST), Tier.LOW, Posture.QUEUE, ""),
        (finding("Recon:EC2/PortProbeUnprotectedPort", 8.9, instance=HOST), Tier.MEDIUM, Posture.QUEUE, ""),
        (finding("Policy:IAMUser/RootCredentialUsage", 2), Tier.HIGH, Posture.ESCALATE, ""),
        (finding("Brand:New/Type", 9.9, identity=ROLE), Tier.LOW, Posture.QUEUE, ""),
    ],
)
def test_a_finding_goes_where_its_type_says(one: Finding, tier: Tier, posture: Posture, playbook: str) -> None:
    found = triage(case(one), TABLE, SHELF)
    assert (found.tier, found.posture, found.playbook, found.lead) == (tier, posture, playbook, one.key)
    assert found.reason


@pytest.mark.parametrize("identity", [None, replace(ROLE, name=""), replace(ROLE, kind=IdentityKind.UNKNOWN)])
def test_nothing_is_done_at_once_to_nobody(identity: Identity | None) -> None:
    found = triage(case(finding(EXFILTRATION, 9, identity=identity)), TABLE, SHELF)
    assert (found.tier, found.posture) == (Tier.HIGH, Posture.INVESTIGATE)
    assert "names no identity" in found.reason


def test_whatever_the_root_user_did_goes_to_a_person() -> None:
    root = replace(ROLE, kind=IdentityKind.ROOT, name="root")
    found = triage(case(finding("UnauthorizedAccess:IAMUser/MaliciousIPCaller", identity=root)), TABLE, SHELF)
    assert (found.tier, found.posture) == (Tier.HIGH, Posture.ESCALATE)


def test_samples_are_of_the_lowest_tier_and_say_so() -> None:
    found = triage(case(replace(finding(EXFILTRATION, 9, identity=ROLE), sample=True)), TABLE, SHELF)
    assert (found.tier, found.posture) == (Tier.LOW, Posture.QUEUE)
    assert "sample" in found.reason


def test_archived_findings_are_queued() -> None:
    found = triage(case(replace(finding(EXFILTRATION, 9, identity=ROLE), archived=True)), TABLE, SHELF)
    assert (found.tier, found.posture) == (Tier.MEDIUM, Posture.QUEUE)


def test_the_most_urgent_finding_leads_in_any_order() -> None:
    probe = finding("Recon:EC2/PortProbeUnprotectedPort", 9, instance=HOST)
    sample = replace(finding("CryptoCurrency:EC2/BitcoinTool.B", 9.5, instance=HOST), sample=True)
    miner = finding("CryptoCurrency:EC2/BitcoinTool.B", 5, instance=HOST)
    for some in permutations((probe, sample, miner)):
        assert triage(case(*some), TABLE, SHELF).lead == miner.key


def test_between_equals_one_that_a_playbook_matches_leads_then_the_newest() -> None:
    unmatched = finding("AttackSequence:IAM/CompromisedCredentials", 9.9, identity=ROLE)
    matched = finding(EXFILTRATION, 8, identity=ROLE)
    newer = replace(matched, id="newer", updated_at=AT + timedelta(hours=1))
    assert triage(case(unmatched, matched), TABLE, SHELF).lead == matched.key
    assert triage(case(newer, unmatched, matched), TABLE, SHELF).lead == newer.key


KINDS = st.sampled_from([entry.pattern for entry in TABLE.entries] + ["Brand:New/Type"])


@given(KINDS, st.floats(0, 10), st.booleans(), st.booleans(), st.booleans())
def test_no_severity_lifts_a_finding_above_its_posture(
    kind: str, severity: float, named: bool, sample: bool, archived: bool
) -> None:
    one = replace(finding(kind, severity, identity=ROLE if named else None), sample=sample, archived=archived)
    found = triage(case(one), TABLE, SHELF)
    stance = TABLE.of(one)
    assert (found.tier is Tier.CRITICAL) is (found.posture is Posture.AT_ONCE)
    assert found.posture is not Posture.AT_ONCE or (stance.posture is Posture.AT_ONCE and named)
    if sample or archived or not stance.known:
        assert found.posture is Posture.QUEUE
    if stance.posture is Posture.QUEUE:
        assert found.tier in (Tier.LOW, Tier.MEDIUM)
