"""What follows beyond a round's plan: what is only asked for is not made ready."""

from dataclasses import replace

from stanch.respond.further import by_the_sweep, planned, take

from .night import Night

LEAKED = "leaked_user_key"


def assumed_roles(night: Night) -> int:
    return sum(one.name == "sts:AssumeRole" for one in night.lab.wire.requests())


def test_what_would_be_done_is_said_without_a_session_that_could_do_it(night: Night) -> None:
    night.walk(LEAKED)
    file, mine = night.file(LEAKED), night.one(LEAKED, "I2").change.target
    colleague = night.world.users["erik.nyman"]
    target = replace(
        mine, name=colleague.name, account=colleague.account, arn=mine.arn.replace(mine.name, colleague.name)
    )
    before = assumed_roles(night)
    plan, _ = planned(night.house, file, "I2", target)
    assert [one.target.name for one in plan.changes] == [colleague.name]
    assert assumed_roles(night) == before
    take(night.house, by_the_sweep, file.id, "I2", target, why="a test")
    assert assumed_roles(night) > before
