"""`stanch case`: list, show, confirm, revert, as a person uses them the morning after."""

from datetime import timedelta
from typing import Any

import pytest

from stanch.lab.world import PROD, SANDBOX

from .desk import DANA, Account, Desk, LabCloud

DANAS = ("--by", "dana")


@pytest.fixture
def stolen(stanch: Desk, lab: LabCloud) -> str:
    """Id of a case whose stolen credentials are denied."""
    told = stanch(*lab.command("stolen_instance_credentials", *DANA))
    assert (told.case["verified"], told.code) == (True, 0)
    assert "1 containments wait for a person; the earliest reverts at 05:44 UTC" in told.err
    return str(told.case["case"])


@pytest.fixture
def isolated(stanch: Desk, lab: LabCloud) -> str:
    """Id of a case whose host is isolated."""
    told = stanch(*lab.command("crypto_mining", *DANA))
    assert (told.case["verified"], told.code) == (True, 0)
    return str(told.case["case"])


def states(case: dict[str, Any]) -> dict[str, str]:
    return {one["id"].split("/")[1]: one["state"] for one in case["containments"]}


def host(lab: LabCloud) -> tuple[Account, str]:
    """The mining host, and the account that it is in."""
    details = lab.finding("crypto_mining")["detail"]["resource"]["instanceDetails"]
    return lab.inside(SANDBOX.id), details["instanceId"]


def test_cases_are_listed_and_shown_by_the_beginning_of_their_id(
    stanch: Desk, lab: LabCloud, stolen: str, isolated: str
) -> None:
    listed = stanch("case", "list", "--json")
    assert [(one["kind"], one["case"]) for one in listed.lines] == [("case", stolen), ("case", isolated)]
    person = stanch("case", "list")
    assert [line.split()[0] for line in person.out.splitlines()] == [stolen, isolated]
    for prefix in (stolen, stolen[:6], stolen.removeprefix("C-")[:5]):
        (shown,) = stanch("case", "show", prefix, "--json").lines
        assert (shown["case"], shown["outcome"], states(shown)) == (stolen, "contain", {"I7": "contained"})
    assert shown["file"]["verdict"]["ledger"]
    told = stanch("case", "show", stolen).out
    for part in (
        "verdict",
        "prior of this finding type",
        "I7 ",
        "call  iam:CreatePolicy",
        "inverse  iam:DetachRolePolicy",
    ):
        assert part in told
    assert "until 05:44 UTC unless confirmed" in told
    count = len(lab.changes)
    for verb in ("show", "confirm", "revert"):
        for prefix, says in (("C-zzzz", "no case has"), ("C-", "2 cases have")):
            wrong = stanch("case", verb, prefix)
            assert (wrong.code, wrong.out) == (1, "")
            sentence = f"stanch: {says} an id that starts with {prefix!r}: `stanch case list` shows them\n"
            assert wrong.err == sentence
    assert len(lab.changes) == count


def test_a_confirm_keeps_it_past_the_four_hours_and_a_second_one_has_nothing_to_do(
    stanch: Desk, lab: LabCloud, stolen: str
) -> None:
    told = stanch("case", "confirm", stolen, *DANAS, "--reason", "rotated", "--json")
    (case,) = told.lines
    assert (told.code, states(case)) == (0, {"I7": "confirmed"})
    again = stanch("case", "confirm", stolen, *DANAS)
    assert (again.code, again.out) == (1, "")
    assert again.err == f"stanch: case {stolen}: nothing to do: I7 is confirmed\n"
    lab.later(timedelta(hours=5))
    assert stanch("respond", "--once", "--json").code == 0
    assert states(stanch("case", "show", stolen, "--json").lines[0]) == {"I7": "confirmed"}
    ((name, holders),) = lab.inside(PROD.id).policies.items()
    assert holders == ["payments-api-host"]
    policy = {"PolicyArn": f"arn:aws:iam::{PROD.id}:policy/stanch/{name}"}
    version = lab.inside(PROD.id).iam.get_policy(**policy)["Policy"]["DefaultVersionId"]
    said = lab.inside(PROD.id).iam.get_policy_version(**policy, VersionId=version)["PolicyVersion"]["Document"]
    assert "aws:CurrentTime" not in str(said)
    assert "confirmed by dana" in stanch("case", "show", stolen).out
    # A person may still take back what a person kept.
    assert stanch("case", "revert", stolen, *DANAS).code == 0
    assert lab.inside(PROD.id).policies == {}


def test_without_an_answer_it_is_reverted_by_the_next_run_after_four_hours(
    stanch: Desk, lab: LabCloud, isolated: str
) -> None:
    account, instance = host(lab)
    lab.later(timedelta(hours=3, minutes=59))
    assert stanch("respond", "--once", "--json").code == 0
    assert all(names[0].startswith("stanch-isolation") for names in account.groups(instance).values())
    lab.later(timedelta(minutes=1))
    told = stanch("respond", "--once", "--json")
    assert "nobody confirmed it" in told.err
    assert states(stanch("case", "show", isolated, "--json").lines[0]) == {"E1": "reverted", "E4": "reverted"}
    assert not any("isolation" in name for names in account.groups(instance).values() for name in names)
    late = stanch("case", "confirm", isolated, *DANAS)
    assert (late.code, late.err) == (
        1,
        f"stanch: case {isolated}: nothing to do: E1 is reverted, E4 is reverted\n",
    )


def test_a_revert_gives_each_interface_its_own_groups_and_a_second_one_has_nothing_to_do(
    stanch: Desk, lab: LabCloud, isolated: str
) -> None:
    account, instance = host(lab)
    ended = stanch("case", "revert", isolated, "--only", "E4", *DANAS, "--reason", "false alarm", "--json")
    assert (ended.code, states(ended.lines[0])) == (0, {"E1": "contained", "E4": "reverted"})
    assert account.groups(instance) == {
        one["networkInterfaceId"]: sorted(group["groupName"] for group in one["securityGroups"])
        for one in _interfaces(lab)
    }
    rest = stanch("case", "revert", isolated, *DANAS, "--json")
    assert (rest.code, states(rest.lines[0])) == (0, {"E1": "reverted", "E4": "reverted"})
    for only in ((), ("--only", "E4"), ("--only", "I2")):
        again = stanch("case", "revert", isolated, *only, *DANAS)
        assert (again.code, again.out) == (1, "")
        assert again.err == f"stanch: case {isolated}: nothing to do: E1 is reverted, E4 is reverted\n"
    shown = stanch("case", "show", isolated, "--json").lines[0]["file"]["containments"]
    assert [(one["decided_by"], one["reason"]) for one in shown] == [("dana", "reverted"), ("dana", "false alarm")]


def test_an_interface_that_a_person_changed_meanwhile_is_left_as_it_is_and_named(
    stanch: Desk, lab: LabCloud, isolated: str
) -> None:
    account, instance = host(lab)
    first, second = (one["networkInterfaceId"] for one in _interfaces(lab))
    own = [group["groupName"] for group in _interfaces(lab)[0]["securityGroups"]]
    vpc = _interfaces(lab)[0]["vpcId"]
    forensics = account.ec2.create_security_group(GroupName="forensics", Description="by hand", VpcId=vpc)["GroupId"]
    account.ec2.modify_network_interface_attribute(NetworkInterfaceId=second, Groups=[forensics])
    ended = stanch("case", "revert", isolated, *DANAS)
    assert ended.code == 3
    assert account.groups(instance) == {first: sorted(own), second: ["forensics"]}
    assert f"left: someone gave interface {second} the groups {forensics}: left as it is" in ended.out
    assert "read back: gone\n" not in ended.out[ended.out.index("E4 ") :]
    assert "page       someone changed it meanwhile and was not overwritten" in ended.out


def _interfaces(lab: LabCloud) -> Any:
    return lab.finding("crypto_mining")["detail"]["resource"]["instanceDetails"]["networkInterfaces"]


def test_everything_is_taken_back_by_two_people_after_it_was_shown(
    stanch: Desk, lab: LabCloud, stolen: str, isolated: str
) -> None:
    two = ("case", "revert-all", "--by", "dana", "--second", "robin", "--reason", "a bad release")
    count = len(lab.changes)
    shown = stanch(*two)
    assert shown.code == 0
    assert "would free: the host is back on the network" in shown.out
    assert "3 of 3 would be taken back: --yes does it" in shown.err
    assert len(lab.changes) == count
    alone = stanch("case", "revert-all", "--by", "dana", "--second", "Dana", "--reason", "x", "--yes")
    assert (alone.code, "nobody frees everything alone" in alone.err) == (1, True)
    done = stanch(*two, "--yes", "--json")
    assert done.code == 0
    assert {(one["state"], one["problem"]) for one in done.lines} == {("reverted", "")}
    assert lab.inside(PROD.id).policies == {}
    for case in (stolen, isolated):
        assert set(states(stanch("case", "show", case, "--json").lines[0]).values()) == {"reverted"}
    assert stanch("audit", "verify").code == 0


def test_an_answer_says_what_the_case_was(stanch: Desk, lab: LabCloud, stolen: str) -> None:
    stanch("case", "confirm", stolen, *DANAS)
    assert stanch("case", "show", stolen, "--json").lines[0]["label"] == "true_positive"
    assert stanch("case", "judge", stolen, "maybe", *DANAS, "--reason", "x").code == 2
    told = stanch("case", "judge", stolen, "benign", *DANAS, "--reason", "asked the owner")
    assert told.out == f"case {stolen}: dana says benign: asked the owner\n"
    assert "credential_exfiltration observes again for" in told.err
    shown = stanch("case", "show", stolen).out
    assert "label      true positive, dana: confirmed (does not stand any more)" in shown
    assert "label      benign, dana: asked the owner" in shown
