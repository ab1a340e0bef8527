"""A person's decision: what is confirmed stays, and of two that decide at once exactly one wins."""

from dataclasses import replace
from threading import Barrier, Thread

import pytest
from sqlalchemy import event

from stanch.model.casefile import State
from stanch.model.contained import Confirmed, Decided, Reverted
from stanch.model.errors import BadInput
from stanch.model.walked import Paged, Reminded
from stanch.respond import containments
from stanch.store.database import open_database

from .night import HOUR, START

EXPIRY = 4 * HOUR
DENIES = [
    ("leaked_user_key", "I2", "user/maria.lindqvist"),
    ("stolen_instance_credentials", "I7", "role/payments-api-host"),
]


@pytest.fixture
def elsewhere(night):
    """Another process on the same state folder: a house with a connection of its own."""
    house = replace(night.house, database=open_database(night.house.settings.state / "stanch.db"))
    yield house
    house.database.dispose()


def before_the_write(house, do):
    """Let something happen after this house has read the state and before it writes its decision."""
    asked = []

    def count(*_):
        asked.append(1)
        if len(asked) == 2:
            do()

    event.listen(house.database, "checkout", count)


@pytest.mark.parametrize(("scenario", "action", "holder"), DENIES)
def test_a_confirmed_deny_loses_its_own_end_and_stays(night, scenario, action, holder):
    night.walk(scenario)
    (timed,) = night.eyes.denies()[holder]["Statement"]
    assert night.confirm(scenario, action).state is State.CONFIRMED
    (kept,) = night.eyes.denies()[holder]["Statement"]
    narrowed = {key: value for key, value in timed["Condition"].items() if key != "DateLessThan"}
    assert kept == {
        **{key: value for key, value in timed.items() if key != "Condition"},
        **({"Condition": narrowed} if narrowed else {}),
    }
    for after in (EXPIRY, EXPIRY + HOUR):
        night.sweep_at(after)
    assert night.eyes.denies()[holder]["Statement"] == [kept]
    assert night.one(scenario, action).state is State.CONFIRMED


@pytest.mark.parametrize(
    ("scenario", "action", "other"),
    [("leaked_user_key", "I1", "I2"), ("crypto_mining", "E4", "E1"), ("malicious_caller_on_web", "N1", "")],
)
def test_what_has_no_end_of_its_own_stays_too_and_its_neighbour_does_not(night, scenario, action, other):
    night.walk(scenario)
    held = _held(night)
    night.lab.wire.clear()
    assert night.confirm(scenario, action).state is State.CONFIRMED
    assert {one.name for one in night.changes()} <= {"scheduler:DeleteSchedule"}  # only AWS's own end of it goes
    night.sweep_at(EXPIRY)
    assert _held(night) == held
    assert night.states(scenario) == {action: "confirmed", **({other: "reverted"} if other else {})}


def test_a_confirm_is_by_a_named_person_and_written_once(night):
    night.walk("stolen_instance_credentials")
    night.confirm("stolen_instance_credentials", "I7", by="sam")
    assert [(one.decision, one.by, one.reason) for one in night.told(Decided)] == [("confirm", "sam", "it is real")]
    assert [one.by for one in night.told(Confirmed)] == ["sam"]
    actors = {fact.actor for fact in night.house.facts(kinds=(Decided, Confirmed))}
    assert actors == {"sam"}


def test_what_is_confirmed_is_not_confirmed_again(night):
    night.walk("stolen_instance_credentials")
    night.confirm("stolen_instance_credentials", "I7", by="sam")
    for again in ("sam", "robin"):
        with pytest.raises(BadInput, match="is confirmed: it cannot be changed by a confirm now"):
            night.confirm("stolen_instance_credentials", "I7", by=again)
    assert len(night.told(Decided)) == 1


@pytest.mark.parametrize(("scenario", "action", "_"), DENIES)
def test_what_was_confirmed_can_be_reverted_by_a_person(night, scenario, action, _):
    night.walk(scenario)
    night.confirm(scenario, action)
    night.sweep_at(EXPIRY + HOUR)
    assert night.revert(scenario, action, by="sam").state is State.REVERTED
    assert night.eyes.policies() == ()


def test_what_was_reverted_is_not_confirmed(night):
    night.walk("leaked_user_key")
    night.sweep_at(EXPIRY)
    with pytest.raises(BadInput, match="is reverted: it cannot be changed by a confirm now"):
        night.confirm("leaked_user_key", "I2")
    assert night.eyes.policies() == ()


def test_a_containment_that_does_not_exist_is_named(night):
    night.walk("leaked_user_key")
    case = night.file("leaked_user_key").id
    with pytest.raises(BadInput, match=f"case {case} has no containment"):
        containments.confirm(night.house, case, f"{case}.1/I3/nobody", by="robin", reason="-")
    with pytest.raises(BadInput, match="there is no case 'C-00000000'"):
        containments.revert(night.house, "C-00000000", "C-00000000.1/I3/nobody", by="robin", reason="-")


def test_the_timer_wins_when_it_writes_first(night, elsewhere):
    night.walk("leaked_user_key")
    one = night.one("leaked_user_key", "I2")
    night.lab.clock.set(START + EXPIRY)
    before_the_write(night.house, lambda: containments.revert_if_due(elsewhere, one.id))
    with pytest.raises(BadInput, match="was decided a moment ago by timer"):
        containments.confirm(night.house, one.case, one.id, by="robin", reason="it is real")
    assert night.one("leaked_user_key", "I2").state is State.REVERTED
    assert night.eyes.policies() == ()
    assert [(one.decision, one.by) for one in night.told(Decided)] == [("revert", "timer")]


def test_a_person_wins_who_writes_first(night, elsewhere):
    night.walk("leaked_user_key")
    one = night.one("leaked_user_key", "I2")
    night.lab.clock.set(START + EXPIRY)
    confirm = {"by": "robin", "reason": "it is real"}
    before_the_write(elsewhere, lambda: containments.confirm(night.house, one.case, one.id, **confirm))
    containments.revert_if_due(elsewhere, one.id)
    assert night.one("leaked_user_key", "I2").state is State.CONFIRMED
    assert [(one.decision, one.by) for one in night.told(Decided)] == [("confirm", "robin")]
    assert night.eyes.denies()["user/maria.lindqvist"]["Statement"][0].get("Condition") is None


def test_a_confirm_that_is_complete_before_the_sweep_comes_to_it_stands(night, elsewhere):
    night.walk("leaked_user_key")
    one = night.one("leaked_user_key", "I2")

    def confirm_the_second(fact):  # while the sweep reverts the first, whose list of what is due is made already
        if isinstance(fact.body, Reverted):
            containments.confirm(elsewhere, one.case, one.id, by="robin", reason="it is real")

    night.watch(confirm_the_second)
    night.sweep_at(EXPIRY)
    assert night.states("leaked_user_key") == {"I1": "reverted", "I2": "confirmed"}
    assert night.eyes.policies() != ()


@pytest.mark.parametrize("first", ["confirm", "timer"])
def test_of_two_threads_one_wins_and_aws_is_as_it_says(night, elsewhere, first):
    night.walk("stolen_instance_credentials")
    one = night.one("stolen_instance_credentials", "I7")
    night.lab.clock.set(START + EXPIRY)
    gate, said = Barrier(2), []

    def confirm():
        gate.wait()
        try:
            containments.confirm(elsewhere, one.case, one.id, by="robin", reason="it is real")
        except BadInput as error:
            said.append(str(error))

    def revert():
        gate.wait()
        containments.revert_if_due(night.house, one.id)

    threads = [Thread(target=confirm), Thread(target=revert)]
    for thread in threads if first == "confirm" else reversed(threads):
        thread.start()
    for thread in threads:
        thread.join()
    (decided,) = night.told(Decided)
    confirmed = decided.decision == "confirm"
    assert night.one("stolen_instance_credentials", "I7").state is (State.CONFIRMED if confirmed else State.REVERTED)
    assert bool(night.eyes.policies()) is confirmed
    assert len(said) == (0 if confirmed else 1)


def test_many_sweeps_at_once_revert_once(night, elsewhere):
    night.walk("crypto_mining")
    night.lab.clock.set(START + EXPIRY)
    gate = Barrier(4)

    def sweep(house):
        gate.wait()
        containments.sweep(house)

    threads = [Thread(target=sweep, args=(house,)) for house in (night.house, elsewhere, night.house, elsewhere)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert night.states("crypto_mining") == {"E1": "reverted", "E4": "reverted"}
    assert len(night.told(Decided)) == len(night.told(Reverted)) == 2
    assert sum(one.operation == "ModifyNetworkInterfaceAttribute" for one in night.changes()) == 4
    assert len([page for page in night.told(Paged) if "fails" in page.text]) == 0


def test_a_confirm_that_aws_refuses_stays_under_way_and_is_finished_by_the_sweep(night):
    night.walk("leaked_user_key")
    night.lab.wire.deny("iam:CreatePolicyVersion")
    assert night.confirm("leaked_user_key", "I2").state is State.CONFIRMING
    (page,) = night.told(Paged)
    assert "does not hold yet: AccessDenied" in page.text
    assert "iam:CreatePolicyVersion" in page.text
    assert night.told(Confirmed) == ()
    night.lab.wire.clear()
    night.sweep_at(HOUR)
    assert night.one("leaked_user_key", "I2").state is State.CONFIRMED
    assert "Condition" not in night.eyes.denies()["user/maria.lindqvist"]["Statement"][0]
    assert [one for one in night.told(Reminded) if "/I2/" in one.containment] == []


def test_a_deny_that_someone_removed_is_put_back_by_the_confirm(night):
    night.walk("leaked_user_key")
    iam = night.eyes.client("111122223333", "iam")
    (arn,) = night.eyes.policies()
    iam.detach_user_policy(UserName="maria.lindqvist", PolicyArn=arn)
    assert night.confirm("leaked_user_key", "I2").state is State.CONFIRMED
    assert "Condition" not in night.eyes.denies()["user/maria.lindqvist"]["Statement"][0]


def _held(night):
    return (
        night.eyes.key(night.world.users["maria.lindqvist"]),
        night.eyes.groups("batch-worker"),
        night.eyes.blocked(),
    )
