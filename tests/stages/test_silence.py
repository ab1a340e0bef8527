"""A source that someone switches off while the case goes on is evasion, and its gaps do not protect him."""

from pathlib import Path
from typing import Any

import pytest

from stanch.model.context import Context, Pipeline
from stanch.model.verdict import Answer

from .questioning import LISTED, NAT, THEFT, ask, by, call

DEPLOY = "arn:aws:iam::111122223333:role/deploy"


def stopped(name: str = "cloudtrail:StopLogging", **fields: Any) -> dict[str, Any]:
    session = {"sessionIssuer": {"arn": DEPLOY}}
    who = {"type": "AssumedRole", "principalId": "AROAEXAMPLEDEPLOY:run", "accessKeyId": "ASIAEXAMPLEDEPLOY01"}
    return call(name, userIdentity={**who, "sessionContext": session}, **fields)


def test_by_anyone_it_is_evasion_and_by_a_declared_pipeline_it_is_not(tmp_path: Path) -> None:
    mine = call("s3:ListBuckets")
    declared = Context(pipelines=(Pipeline(DEPLOY),))
    assert ask(tmp_path, THEFT, mine, stopped())["C6"].answer is Answer.YES
    assert ask(tmp_path, THEFT, mine, stopped(), context=declared)["C6"].answer is Answer.NO
    assert ask(tmp_path, THEFT, mine, stopped(errorCode="AccessDenied"))["C6"].answer is Answer.NO


def test_what_its_silence_leaves_unknown_leaves_the_count(tmp_path: Path) -> None:
    found = ask(tmp_path, THEFT, stopped())
    assert (found["E3"].answer, found["E3"].silenced) == (Answer.UNKNOWN, True)
    assert not found["E1"].silenced
    assert not ask(tmp_path, THEFT, call("s3:ListBuckets"))["E3"].silenced


def test_half_a_log_excuses_nobody(tmp_path: Path) -> None:
    failed = call("s3:ListBuckets", errorCode="AccessDenied", userIdentity=by("IAMUser", "ana"))
    assert ask(tmp_path, LISTED, failed)["I5"].answer is Answer.NO
    assert ask(tmp_path, LISTED, failed, stopped(ip=NAT))["I5"].answer is Answer.UNKNOWN


@pytest.mark.parametrize("minutes", [-60 * 24 * 8, 90])
def test_outside_the_window_it_says_nothing(tmp_path: Path, minutes: int) -> None:
    assert ask(tmp_path, THEFT, call("s3:ListBuckets"), stopped(minutes=minutes))["C6"].answer is Answer.NO
