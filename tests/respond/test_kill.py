"""Processes are killed at every moment at which something has just become durable, and started again.

A moment is a journalled row, a call that AWS has answered but the journal does not know yet, a checkpoint signed, a
step checkpointed by the engine, a timer armed. What is in AWS afterwards is asked of AWS itself.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from stanch.lab.clock import OPENING
from stanch.lab.remote import Remote
from stanch.lab.scheduler import Fired
from stanch.model.contained import Contained, Decided

from .killing import Nurseries, Nursery, Site
from .undisturbed import DEADLINE, Undisturbed, done, each, go, is_contained, is_reverted, killed, lives_until_done

pytestmark = pytest.mark.kill

MINER, KEY, SESSION = "crypto_mining", "leaked_user_key", "stolen_instance_credentials"
EVERY = bool(os.environ.get("STANCH_EVERY_MOMENT"))
STRIDE = 1 if EVERY else 12
"""Every twelfth moment is killed at, and in one test each call; `make kill` takes all moments."""
ROWS = 1 if EVERY else 3
"""New rows that a life journals at most, where processes die again and again."""


@pytest.fixture(scope="module")
def nurseries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nurseries]:
    simulation = tmp_path_factory.mktemp("simulation")
    with Nursery("lab", str(simulation)) as lab, Nursery("stanch") as stanch:
        assert lab.port != stanch.port, "both are ready"
        yield Nurseries(lab, stanch, simulation)


@pytest.fixture(scope="module")
def undisturbed(nurseries: Nurseries, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Undisturbed]:
    scenarios = (MINER, KEY, SESSION)
    folders = [tmp_path_factory.mktemp(one) for one in scenarios]
    with ThreadPoolExecutor() as pool:
        found = pool.map(lambda folder, one: go(nurseries, folder, one), folders, scenarios)
        return dict(zip(scenarios, found, strict=True))


# What an undisturbed run does, so that what the others are held against cannot be wrong


def test_the_miners_host_is_isolated_with_its_evidence_and_given_back(undisturbed: dict[str, Undisturbed]) -> None:
    normal = undisturbed[MINER]
    assert len(normal.before["groups"]) == 2
    assert "isolation" not in str(normal.before["groups"])
    assert normal.contained["groups"] == {face: ["isolation"] for face in normal.before["groups"]}
    assert normal.contained["walls"] == [([], [])]
    assert normal.contained["snapshots"] == dict.fromkeys(normal.before["disks"], 1)
    assert normal.contained["protected"] == [True, True]
    left = {"walls": [([], [])], "snapshots": normal.contained["snapshots"]}
    assert normal.reverted == {**normal.before, **left}


@pytest.mark.parametrize("scenario", [KEY, SESSION])
def test_the_thief_is_denied_by_one_policy_that_ends_itself(undisturbed: dict[str, Undisturbed], scenario: str) -> None:
    normal = undisturbed[scenario]
    assert normal.before["policies"] == {}
    (policy,) = normal.contained["policies"].values()
    (statement,) = policy["says"]["Statement"]
    assert (statement["Effect"], len(policy["held by"]), policy["versions"]) == ("Deny", 1, 1)
    assert statement["Condition"]["DateLessThan"] == {"aws:CurrentTime": f"{DEADLINE:%Y-%m-%dT%H:%M:%SZ}"}
    assert list(normal.before.get("keys", {}).values()) == (["Active"] if scenario == KEY else [])
    assert list(normal.contained.get("keys", {}).values()) == (["Inactive"] if scenario == KEY else [])
    assert normal.reverted == normal.before


# Killed once while it contains, once while it reverts


def test_a_host_killed_for_at_any_moment(
    nurseries: Nurseries, undisturbed: dict[str, Undisturbed], tmp_path: Path
) -> None:
    _killed_at_every_moment(nurseries, undisturbed[MINER], tmp_path, MINER, start="journalled FindingReceived")


def test_a_user_killed_for_at_any_moment(
    nurseries: Nurseries, undisturbed: dict[str, Undisturbed], tmp_path: Path
) -> None:
    # until here, and in what the engine writes, the walk is the same as the miner's
    start, engines_own = "journalled Planned", ("checkpointed",)
    _killed_at_every_moment(nurseries, undisturbed[KEY], tmp_path, KEY, start=start, leave_out=engines_own)


def _killed_at_every_moment(
    nurseries: Nurseries,
    normal: Undisturbed,
    folder: Path,
    scenario: str,
    *,
    start: str,
    leave_out: tuple[str, ...] = (),
) -> None:
    first = normal.contain.index(start)
    at = [n for n, name in enumerate(normal.contain) if n >= first and not name.startswith(leave_out)]
    assert len(at) >= len(normal.revert), "else not every moment of reverting comes up"

    def check(number: int) -> None:
        moments = normal.contain[: at[number] + 1]
        with nurseries.site(folder / str(number), scenario) as site:
            assert killed(site.respond(kill=len(moments))).moments == moments
            calls_come_after_their_timer(site, moments)
            done(site.respond())
            is_contained(site, normal)
            site.clock.set(DEADLINE)
            if number < len(normal.revert):
                assert killed(site.sweep(kill=number + 1)).moments == normal.revert[: number + 1]
            done(site.sweep())
            is_reverted(site, normal)

    each([f"{normal.contain[n]}, then while reverting" for n in at], check, stride=STRIDE)


def test_a_host_killed_for_while_calls_are_under_way_at_once(
    nurseries: Nurseries, undisturbed: dict[str, Undisturbed], tmp_path: Path
) -> None:
    """Of calls side by side any may be answered first: here the last ones are."""
    normal = undisturbed[MINER]

    def check(number: int) -> None:
        with nurseries.site(tmp_path / str(number), MINER) as site:
            killed(site.respond(kind="sent", kill=number + 1, backwards=True))
            done(site.respond())
            assert (site.aws, sorted(site.changes)) == (normal.contained, sorted(normal.changes))
            assert set(site.states.values()) == {"contained"}
            assert site.verify().problem == ""

    each(normal.changes, check, stride=STRIDE)


def calls_come_after_their_timer(site: Site, moments: tuple[str, ...]) -> None:
    """A containment that has made a call is journalled and its revert waits in the engine."""
    begun = 0
    intended = 0
    for name in moments:
        intended += name == "journalled Intended"
        begun = intended if name.startswith("sent") else begun
    assert len(site.armed) >= begun


# Killed again and again


def test_a_process_that_dies_after_every_few_rows_gets_there(
    nurseries: Nurseries, undisturbed: dict[str, Undisturbed], tmp_path: Path
) -> None:
    with nurseries.site(tmp_path / "site", SESSION) as site:
        lives = lives_until_done(lambda: site.respond(kind="journalled", kill=1 + ROWS))
        assert lives > 8 // ROWS, "the first row of most lives is the override, and no news"
        is_contained(site, undisturbed[SESSION])
        site.clock.set(DEADLINE)
        assert lives_until_done(lambda: site.sweep(kind="journalled", kill=1)) > 3
        is_reverted(site, undisturbed[SESSION])


def test_a_process_that_dies_at_every_call_makes_each_call_once(
    nurseries: Nurseries, undisturbed: dict[str, Undisturbed], tmp_path: Path
) -> None:
    with nurseries.site(tmp_path / "site", KEY) as site:
        assert lives_until_done(lambda: site.respond(kind="sent", kill=1)) == len(undisturbed[KEY].changes)
        is_contained(site, undisturbed[KEY])
        assert not site.kinds["Called"], "no life was long enough for a receipt"
        site.clock.set(DEADLINE)
        assert lives_until_done(lambda: site.sweep(kind="sent", kill=1)) == len(undisturbed[KEY].undoing)
        is_reverted(site, undisturbed[KEY])
        assert "a stolen key works again" in str(site.case.pages), "the price is said, receipts or not"


# Killed while a person confirms


def test_a_confirm_killed_at_any_moment(
    nurseries: Nurseries, undisturbed: dict[str, Undisturbed], tmp_path: Path
) -> None:
    with nurseries.site(tmp_path / "normal", KEY) as site:
        done(site.respond())
        normal = done(site.run("case", "confirm", "C-", "--by", "Ben"))
        kept = site.aws
        (policy,) = kept["policies"].values()
        assert "Condition" not in policy["says"]["Statement"][0], "nothing ends by itself any more"
        changes = site.changes
        assert kept["keys"] == undisturbed[KEY].contained["keys"]

    def check(number: int) -> None:
        with nurseries.site(tmp_path / str(number), KEY) as site:
            done(site.respond())
            confirm = ("case", "confirm", "C-", "--by", "Ben")
            assert killed(site.run(*confirm, kill=number + 1)).moments == normal.moments[: number + 1]
            done(site.sweep())
            assert set(site.states.values()) <= {"contained", "confirmed"}, "what was decided is finished"
            if "contained" in site.states.values():
                done(site.run(*confirm))
            site.clock.set(DEADLINE + timedelta(hours=1))
            done(site.sweep())
            assert (site.aws, site.changes) == (kept, changes)
            assert set(site.states.values()) == {"confirmed"}
            assert {name: site.kinds[name] for name in ("Decided", "Confirmed", "Reverted")} == {
                "Decided": 2,
                "Confirmed": 2,
                "Reverted": 0,
            }
            assert site.verify().problem == ""

    each(list(normal.moments), check, stride=STRIDE)


# Down for longer than the four hours


def test_a_worker_that_comes_back_too_late_contains_nothing_and_undoes_what_it_began(
    nurseries: Nurseries, undisturbed: dict[str, Undisturbed], tmp_path: Path
) -> None:
    moments = undisturbed[MINER].contain
    planned, started = moments.index("journalled Planned"), moments.index("sent ec2:ModifyNetworkInterfaceAttribute")
    intended = [n for n, name in enumerate(moments) if name == "journalled Intended"]
    armed = [n for n, name in enumerate(moments) if name == "armed"]
    at = [planned, *intended, *armed, started]

    def check(number: int) -> None:
        with nurseries.site(tmp_path / str(number), MINER) as site:
            killed(site.respond(kill=at[number] + 1))
            began = site.aws
            site.clock.set(DEADLINE + timedelta(hours=1))
            ended = site.respond()
            assert (ended.killed, ended.code) == (0, 3), "a person must look"
            assert site.aws == {**undisturbed[MINER].before, "snapshots": began["snapshots"], "walls": began["walls"]}
            assert set(site.states.values()) == {"reverted"}
            assert site.kinds["Reverted"] == len(site.states)
            assert str(site.case.outcome) == "escalate"
            assert "not contained" in str(site.case.reasons)
            assert site.verify().problem == ""

    each([moments[n] for n in at], check, stride=STRIDE)


def test_what_was_contained_when_the_worker_died_is_reverted_when_it_comes_back(
    nurseries: Nurseries, undisturbed: dict[str, Undisturbed], tmp_path: Path
) -> None:
    with nurseries.site(tmp_path / "site", MINER) as site:
        killed(site.respond(kind="journalled Contained", kill=2))
        site.clock.set(DEADLINE + timedelta(hours=20))
        assert site.respond().killed == 0
        is_reverted(site, undisturbed[MINER])


# The engine's own timer


def test_a_timer_fires_in_the_next_process_without_any_sweep(
    nurseries: Nurseries, undisturbed: dict[str, Undisturbed], tmp_path: Path
) -> None:
    with nurseries.site(tmp_path / "site", SESSION) as site:
        killed(site.respond(kind="journalled Planned", kill=1))  # from here on the end is fixed
        site.clock.set(DEADLINE - timedelta(seconds=5))  # of the engine's time: enough to die before it fires
        killed(site.respond(kind="checkpointed contain", kill=1))
        assert site.aws == undisturbed[SESSION].contained
        site.clock.set(DEADLINE)
        killed(site.run("serve", kind="journalled Reverted", kill=1, sweeping=False))
        assert site.aws == undisturbed[SESSION].reverted
        assert site.respond().killed == 0
        is_reverted(site, undisturbed[SESSION])


# Two at once


def test_a_confirm_while_the_calls_are_under_way_is_refused_and_holds_afterwards(
    nurseries: Nurseries, undisturbed: dict[str, Undisturbed], tmp_path: Path
) -> None:
    confirm = ("case", "confirm", "C-", "--by", "Ben", "--only", "E4")
    with nurseries.site(tmp_path / "site", MINER) as site:
        with site.standing_still(*site.command, kind="sent ec2:ModifyNetworkInterface") as slow:
            refused = site.run(*confirm)
            assert refused.code == 1
            assert "E4 is intended" in refused.stderr
        done(slow[0])
        is_contained(site, undisturbed[MINER])
        done(site.run(*confirm))
        site.clock.set(DEADLINE)
        done(site.sweep())
        assert site.states == {"E1": "reverted", "E4": "confirmed"}
        assert site.aws["groups"] == undisturbed[MINER].contained["groups"]


def test_a_timer_that_fires_while_the_calls_are_under_way_waits_and_leaves_nothing_contained(
    nurseries: Nurseries, undisturbed: dict[str, Undisturbed], tmp_path: Path
) -> None:
    with nurseries.site(tmp_path / "site", SESSION) as site:
        killed(site.respond(kind="journalled Planned", kill=1))
        site.clock.set(DEADLINE - timedelta(seconds=1))
        with site.standing_still(*site.command, kind="sent iam:CreatePolicy") as slow:
            site.clock.set(DEADLINE)
            site.wait_for("timer fired", "still")
            assert site.taken
        assert slow[0].killed == 0
        site.sweep()
        is_reverted(site, undisturbed[SESSION])
        assert site.kinds["Called"] == len(site.changes), "every call has its receipt"
        order = [type(fact.body) for fact in site.facts]
        assert order.index(Contained) < order.index(Decided), "the timer waited"


def test_a_persons_revert_and_the_sweep_take_turns(
    nurseries: Nurseries, undisturbed: dict[str, Undisturbed], tmp_path: Path
) -> None:
    with nurseries.site(tmp_path / "site", KEY) as site:
        done(site.respond())
        revert = ("case", "revert", "C-", "--by", "Ben")
        with ThreadPoolExecutor() as pool:
            with site.standing_still(*revert, kind="sent iam:DetachUserPolicy") as person:
                sweeping = pool.submit(site.sweep, kind="about")
                site.wait_for("about to take a turn")
                assert site.taken, "the person has the turn for as long as it takes"
            done(person[0])
            done(sweeping.result())
        assert site.aws == undisturbed[KEY].reverted
        assert sorted(site.changes) == sorted([*undisturbed[KEY].changes, *undisturbed[KEY].undoing])
        assert site.kinds["Called"] == len(site.changes), "every call has its receipt"
        assert (site.kinds["Reverted"], site.kinds["RevertFailed"]) == (2, 0)
        assert site.verify().problem == ""


def test_a_second_worker_on_the_same_state_is_refused_and_does_no_harm(
    nurseries: Nurseries, undisturbed: dict[str, Undisturbed], tmp_path: Path
) -> None:
    with nurseries.site(tmp_path / "site", KEY) as site:
        with site.standing_still(*site.command, kind="about to send iam:CreatePolicy") as first:
            second = site.respond()
            assert (second.killed, second.code) == (0, 1)
            assert "one worker" in second.stderr
        done(first[0])
        is_contained(site, undisturbed[KEY])


# Killed and never started again


@pytest.mark.parametrize("scenario", [KEY, MINER])
def test_a_worker_that_is_killed_after_containing_is_outlived_by_the_revert(
    nurseries: Nurseries, undisturbed: dict[str, Undisturbed], tmp_path: Path, scenario: str
) -> None:
    """AWS's side takes everything back by the lab's clock."""
    normal = undisturbed[scenario]
    last = normal.contain.count("journalled Contained")
    with nurseries.site(tmp_path / "site", scenario) as site:
        killed(site.respond(kind="journalled Contained", kill=last))
        assert site.aws == normal.contained
        cloud = Remote(site.endpoint)
        assert cloud.fire_due(DEADLINE + timedelta(minutes=14)) == ()
        fired = cloud.fire_due(DEADLINE + timedelta(minutes=15))
        assert {"I1", "I2"} <= actions(fired) if scenario == KEY else "E4" in actions(fired)
        assert [(one.error, one.pages) for one in fired] == [("", ())] * len(fired)
        after = site.aws
        assert after.get("keys") == normal.before.get("keys")
        assert after.get("groups") == normal.before.get("groups")
        assert [one["held by"] for one in after["policies"].values()] == [[]] * len(after["policies"])
        assert cloud.fire_due(OPENING + timedelta(hours=24)) == (), "each fires once and is gone"


def actions(fired: tuple[Fired, ...]) -> set[str]:
    """Ids of the actions whose schedules fired."""
    return {one.schedule.rpartition("/")[2].split("-")[3] for one in fired}
