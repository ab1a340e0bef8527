"""`stanch replay` asks AWS nothing, changes nothing and leaves nothing behind."""

from .desk import DANA, Desk, LabCloud


def test_a_replay_sends_no_request_to_an_aws_that_is_up_and_writes_nothing(stanch: Desk, lab: LabCloud) -> None:
    facts = (*lab.logs, "--context", f"{lab.simulation / 'context.yaml'}")
    before = stanch.files
    told = stanch.shell("replay", str(lab.findings), *facts, "--json")
    assert told.summary == {"kind": "summary", "records": 8, "findings": 8, "skips": 0, "errors": 0, "cases": 8}
    assert any(one["outcome"] == "contain" and one["calls"] for one in told.of("case"))
    assert {call["result"] for one in told.of("case") for call in one["calls"]} == {"would"}
    assert all(one["mode"] == "observe" and one["verified"] is None for one in told.of("case"))
    assert lab.requests == []
    assert lab.remote.requests() == ()
    assert stanch.files == before
    # The same variables do lead somewhere.
    assert stanch(*lab.command("crypto_mining", *DANA)).code == 0
    assert lab.changes
    assert stanch.files > before


def test_a_replay_needs_neither_credentials_nor_a_profile(stanch: Desk, lab: LabCloud) -> None:
    stanch.variables = {name: value for name, value in stanch.variables.items() if name in ("HOME", "PATH")}
    told = stanch("replay", str(lab.findings / "crypto_mining.json"), "--json")
    assert told.case["outcome"] == "contain"
    assert told.err == ""


def test_a_replay_is_as_of_the_time_that_the_context_names(stanch: Desk, lab: LabCloud) -> None:
    (stanch.folder / "context.yaml").write_text("now: 2026-11-23T01:44:00Z\n", encoding="utf-8")
    first, second = (stanch("replay", str(lab.findings), "--context", "context.yaml").out for _ in range(2))
    assert first == second
    assert "would contain" in first
    assert "[would do]" in first
    assert "ends by itself 2026-11-23T05:44:00Z" in first
