"""Five bugs that timed reverts have had ever since people wrote them: none of them is here."""

from datetime import timedelta

from stanch.aws import Aws
from stanch.model.casefile import State
from stanch.model.contained import Effective, Intended, Returned, Reverted
from stanch.respond import containments
from stanch.respond.house import House

from .night import HOUR, START

MINING, STOLEN, LEAKED = "crypto_mining", "stolen_instance_credentials", "leaked_user_key"
EXPIRY = 4 * HOUR
SECOND = timedelta(seconds=1)


def test_the_timer_survives_a_restart(night):
    """Bug: the timer was kept in memory, and after a restart the block was for ever."""
    night.walk(STOLEN)
    night.house.database.dispose()
    night.lab.clock.set(START + EXPIRY)
    fresh = House.build(night.house.settings, clock=night.lab.clock)  # nothing but the state folder is carried over
    assert isinstance(fresh.aws, Aws)
    assert containments.sweep(fresh) == (night.one(STOLEN, "I7").id,)
    assert night.states(STOLEN) == {"I7": "reverted"}
    assert night.eyes.denies() == {}
    fresh.database.dispose()


def test_many_blocks_expire_independently(night):
    """Bug: one timer for all, so that each new block postponed, or ended, all the others."""
    night.walk(STOLEN)
    night.lab.clock.set(START + HOUR)
    night.walk(LEAKED)
    night.lab.clock.set(START + 2 * HOUR)
    night.walk(MINING)
    standing = []
    for after in (EXPIRY - SECOND, EXPIRY, EXPIRY + HOUR, EXPIRY + 2 * HOUR):
        night.sweep_at(after)
        names = (STOLEN, LEAKED, MINING)
        standing.append([name for name in names if "contained" in night.states(name).values()])
    assert standing == [[STOLEN, LEAKED, MINING], [LEAKED, MINING], [MINING], []]


def test_the_second_run_works(night):
    """Bug: what the first block left behind (an expired rule, a name taken) kept the second from being made."""
    for run in (0, 1, 2):
        start = run * 5 * HOUR
        night.lab.clock.set(START + start)
        night.take(night.later(STOLEN, run * 5 * HOUR))
        assert night.states(STOLEN) == {"I7": "contained"}
        assert len(night.eyes.denies()) == 1
        night.sweep_at(start + EXPIRY)
        assert night.states(STOLEN) == {"I7": "reverted"}
        assert night.eyes.denies() == {}
    assert [len(one.containments) for one in night.files(STOLEN)] == [1, 1, 1]
    assert len(night.told(Reverted)) == 3


def test_repeat_offenders_are_tracked_and_reset(night):
    """Bug: a counter of repeats that was never kept, or never forgotten: the next, innocent one paid for it."""
    night.walk(STOLEN)
    night.sweep_at(EXPIRY)
    one = night.one(STOLEN, "I7")
    night.house.write(Returned(2, one.id, ("e1",)), key=f"{one.case}/returned/2", case=one.case)
    night.take(night.finding(MINING))  # the next run walks what came back as well
    back = night.file(STOLEN)
    assert (back.returns, back.round) == (1, 2)
    again = back.containments[-1]
    assert (again.state, again.change.terms.round) == (State.CONTAINED, 2)
    assert again.expires_at == night.house.now() + EXPIRY  # a clock of its own
    night.house.write(Effective(again.id, "a call was denied", ("e2",)), key="seen", case=one.case)
    night.sweep_at(2 * EXPIRY)
    assert night.one(STOLEN, "I7").state is State.REVERTED
    later = night.later(STOLEN, 3 * EXPIRY)
    night.lab.clock.set(START + 3 * EXPIRY)
    night.take(later)
    (fresh,) = night.file(STOLEN).containments
    assert (night.file(STOLEN).returns, fresh.tried_until, fresh.persisted) == (0, None, False)


def test_a_person_can_lift_one_block_by_hand(night):
    """Bug: lifting one lifted all, or the timer came back for it and undid what the person had set up since."""
    night.walk(STOLEN, LEAKED)
    night.revert(STOLEN, "I7")
    assert night.states(STOLEN) == {"I7": "reverted"}
    assert set(night.states(LEAKED).values()) == {"contained"}
    night.lab.wire.clear()
    one = night.one(STOLEN, "I7")
    night.lab.clock.set(START + EXPIRY)
    containments.revert_if_due(night.house, one.id)  # its timer fires all the same
    assert night.changes() == ()
    assert [fact.by for fact in night.told(Reverted)] == ["robin"]
    night.sweep_at(EXPIRY)
    assert set(night.states(LEAKED).values()) == {"reverted"}
    assert len(night.told(Intended)) == 3
