from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stanch.model.finding import Connection, Finding, Form, Identity, IdentityKind, Instance, Resource
from stanch.stages.intake import correlate

NOW = datetime(2026, 11, 23, 1, 42, tzinfo=UTC)
ACCOUNT, REGION = "111122223333", "eu-west-1"
ANN = f"{ACCOUNT}/IAMUser/ann"
WEB = f"{ACCOUNT}/{REGION}/i-0a"


def finding(id: str, *, user: str = "", host: str = "", things: tuple[str, ...] = (), count: int = 1) -> Finding:
    return Finding(
        id=id,
        account=ACCOUNT,
        region=REGION,
        type="Recon:EC2/Portscan",
        severity=5,
        updated_at=NOW,
        form=Form.GUARDDUTY,
        product="GuardDuty",
        count=count,
        identity=Identity(IdentityKind.IAM_USER, ACCOUNT, user) if user else None,
        instance=Instance(host, ACCOUNT, REGION) if host else None,
        connection=Connection("203.0.113.7"),
        caller_ip="203.0.113.7",
        title="The same title",
        resources=tuple(Resource("S3Bucket", thing) for thing in things),
    )


def ids(findings: tuple[Finding, ...]) -> list[str]:
    return [one.id for one in findings]


def test_findings_about_one_identity_or_instance_are_one_case_also_by_way_of_others() -> None:
    both = finding("3", user="ann", host="i-0a")
    first, second = correlate([finding("1", user="ann"), finding("2", user="bob"), finding("4", host="i-0a"), both], {})
    assert (ids(first.findings), first.subjects) == (["1", "4", "3"], (ANN, WEB))
    assert ids(second.findings) == ["2"]


def test_an_address_or_title_in_common_joins_nothing() -> None:
    assert len(correlate([finding("1", user="ann"), finding("2", user="bob"), finding("3", things=("b",))], {})) == 3


def test_findings_without_an_actor_or_host_are_joined_by_their_first_resource() -> None:
    groups = correlate([finding("1", things=("a", "b")), finding("2", things=("b",)), finding("3", things=("a",))], {})
    assert [(ids(group.findings), group.subjects) for group in groups] == [
        (["1", "3"], (f"{ACCOUNT}/{REGION}/a",)),
        (["2"], (f"{ACCOUNT}/{REGION}/b",)),
    ]
    assert len(correlate([finding("1"), finding("2")], {})) == 2


def test_a_finding_joins_the_open_case_about_its_subject() -> None:
    groups = correlate(
        [finding("1", user="bob"), finding("2", host="i-0a"), finding("3", user="ann")], {ANN: "C-1", WEB: "C-1"}
    )
    assert [(group.case_id, ids(group.findings)) for group in groups][1:] == [("C-1", ["2", "3"])]
    assert groups[1].subjects == (WEB, ANN)


def test_a_new_id_is_derived_from_the_first_finding_and_never_taken_twice() -> None:
    (one,) = correlate([finding("1", user="ann")], {})
    assert one.case_id == "C-296344d3"
    (again,) = correlate([finding("1", user="ann")], {}, taken=[one.case_id])
    assert again.case_id == "C-4d406e54"
    assert correlate([finding("1", user="ann")], {}, taken=[one.case_id]) == (again,)


@pytest.mark.parametrize("order", list(permutations([0, 1, 2])))
def test_the_newest_revision_wins_and_duplicates_collapse(order: tuple[int, ...]) -> None:
    old = finding("1", user="ann", count=1)
    new = replace(old, updated_at=NOW + timedelta(minutes=15), count=4)
    (group,) = correlate([(old, new, new)[place] for place in order], {})
    assert group.findings == (new,)


@pytest.mark.parametrize("reverse", [False, True])
def test_of_one_revision_in_two_forms_the_fuller_is_kept_and_who_pressed_the_button(reverse: bool) -> None:
    native = finding("1", user="ann")
    pressed = replace(native, form=Form.ASFF, requested_by="Contain")
    (group,) = correlate([pressed, native] if reverse else [native, pressed], {})
    assert group.findings == (replace(native, requested_by="Contain"),)


FINDINGS = st.lists(
    st.builds(
        lambda n, user, host: finding(str(n), user=user, host=host),
        st.integers(0, 9),
        st.sampled_from(["", "ann", "bob", "eve"]),
        st.sampled_from(["", "i-0a", "i-0b", "i-0c"]),
    ),
    max_size=12,
)


@settings(deadline=None)
@given(FINDINGS)
def test_every_finding_is_in_exactly_one_case_and_no_two_cases_share_a_subject(findings: list[Finding]) -> None:
    groups = correlate(findings, {})
    keys = [one.key for group in groups for one in group.findings]
    assert sorted(keys) == sorted({one.key for one in findings})
    about = [subject for group in groups for subject in group.subjects]
    assert len(about) == len(set(about))
    assert correlate(findings, {}) == groups
