"""`stanch demo`, which is what `make demo` runs, on a desk with an empty HOME and nothing else."""

import re
from pathlib import Path

import pytest

from .desk import ROOT, Desk, sit_down


def test_make_demo_runs_this_command() -> None:
    assert re.search(
        r"^demo:.*\n\t@\$\(BIN\)/stanch demo$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
    )


@pytest.fixture(scope="module")
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    desk = sit_down(request.getfixturevalue("stanch_nursery"), tmp_path_factory.mktemp("demo"))
    told = desk.shell("demo")
    assert (told.code, told.err) == (0, "")
    assert {Path(one).name for one in desk.files} == {"stanch-demo.html"}
    return told.out


def act(story: str, number: int) -> str:
    """One of the numbered parts of the story."""
    start = story.index(f"\n{number}. ")
    after = re.search(rf"\n({number + 1}\. |01:47  The attackers go on)", story[start:])
    assert after is not None
    return story[start : start + after.start()]


def test_the_demo_says_first_what_is_simulated(story: str) -> None:
    assert story.startswith("stanch demo\n")
    assert "are simulated" in story.splitlines()[1]
    assert (
        "judges the attackers' next calls by the denies and the keys that are in force then, and by nothing else"
        in story
    )
    assert "what flow logs say is the scene's script" in story


def test_the_demo_shows_the_attackers_next_calls_denied_and_the_service_alive(story: str) -> None:
    part = story[story.index("01:47  The attackers go on") : story.index("What stanch will never do")]
    assert re.search(
        r"s3:ListBuckets +denied \(AccessDenied\) +the credentials of payments-api, from 203\.0\.113\.47", part
    )
    assert re.search(r"s3:ListBuckets +let through +the credentials of payments-api, from 198\.51\.100\.20", part)
    assert re.search(r"iam:CreateUser +denied \(InvalidClientTokenId\) +the leaked key", part)
    assert re.search(r"I7  effective: 1 calls of the contained principal were denied \(event [0-9a-f-]{36}\)", part)
    assert re.search(r"E4  effective: flow logs: 2 records, .* none accepted to or from 198\.51\.100\.201", part)


def test_the_demo_shows_finding_weights_calls_inverses_and_read_back(story: str) -> None:
    first = act(story, 1)
    assert "found      UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS" in first
    assert re.search(r"verdict    true positive: probability of an attack 9\d\.\d%", first)
    assert re.search(r"^ +\+\d\.\d\d  prior of this finding type", first, re.MULTILINE)
    assert re.search(r"^ +\+\d\.\d\d  E1  The credentials are used from a stranger's address", first, re.MULTILINE)
    assert "call  iam:CreatePolicy" in first
    assert "inverse  iam:DetachRolePolicy" in first
    assert "2 of 2 calls accepted; read back: in place" in first
    second = act(story, 2)
    assert second.count("call  ec2:ModifyNetworkInterfaceAttribute") == 2
    assert second.count("inverse  ec2:ModifyNetworkInterfaceAttribute") == 2


def test_the_demo_leaves_the_look_alike_and_what_is_not_to_be_touched_alone(story: str) -> None:
    alike = act(story, 5)
    assert "critical  escalate" in alike
    assert re.search(r"^ +-\d\.\d\d  E1  .*a range that the operator declared", alike, re.MULTILINE)
    for number in (5, 6, 7, 8):
        assert "call  " not in act(story, number)
        assert "calls accepted" not in act(story, number)
    assert "low  queue" in act(story, 6)
    assert "high  escalate" in act(story, 7)
    assert "a person must rotate" in act(story, 7)
    assert "a sample finding" in act(story, 8)


def test_the_demo_shows_what_is_refused_confirmed_and_reverted_by_the_clock(story: str) -> None:
    assert "refused    ec2:ReplaceNetworkAclEntry: network ACLs are never touched" in story
    assert "refused    organizations:AttachPolicy: nothing organisation-wide is ever changed" in story
    assert "confirmed by dana; read back: it no longer ends by itself" in story
    assert "02:44" in story
    assert "LAST REMINDER: Isolate instance" in story
    after = story[story.index("After four hours: reverted by the clock") :]
    for action in ("E1", "E4", "I1", "I2"):
        assert re.search(rf"  {action}  .*: reverted; reverted by timer; read back: gone$", after, re.MULTILINE)
    assert re.search(r"  I7  .*: confirmed; confirmed by dana", after)
    assert re.search(r"\d+ requests reached the simulated AWS, [1-9]\d* of them changed something", after)
    assert re.search(r"whole: \d+ rows, each chained to the one before, under \d+ signed checkpoints", after)
    assert "0 containments are still waiting" in after


def test_the_demo_as_json(stanch: Desk) -> None:
    told = stanch("demo", "--json")
    assert (told.code, told.err) == (0, "")
    assert [(one["outcome"], one["verified"]) for one in told.lines] == [
        ("contain", True),
        ("contain", True),
        ("contain", True),
        ("contain", True),
        ("escalate", None),
        ("queue", None),
        ("escalate", None),
        ("queue", None),
    ]
