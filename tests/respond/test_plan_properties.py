"""Whole plans: forward then inverse is where it was, and after any prefix of calls the record is true and the way back
is armed. Evidence and the emptied isolation group stay, as their actions say."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.standing import Standing

from stanch.aws import Aws
from stanch.lab.run import Lab
from stanch.lab.write import Simulation
from stanch.model.casefile import State
from stanch.model.change import Call, Receipt
from stanch.respond import containments
from stanch.respond.house import House
from stanch.respond.inline import Inline
from stanch.settings import load_settings
from stanch.store.database import open_database

from .night import HOUR, Eyes, Night, tidy

MINING, KEY, STOLEN, WEB = "crypto_mining", "leaked_user_key", "stolen_instance_credentials", "malicious_caller_on_web"
HOST = "batch-worker"
USER = "maria.lindqvist"
FEW = settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))


@dataclass(frozen=True)
class Before:
    """What the account may look like when the attack comes."""

    protected: bool
    key_inactive: bool
    two_groups: bool
    """The first interface has the groups of both."""


worlds = st.builds(Before, st.booleans(), st.booleans(), st.booleans())
scenarios = st.sampled_from((MINING, KEY, STOLEN, WEB))


@pytest.fixture
def nights(
    lab: Lab,
    opening: Standing,
    simulation: Simulation,
    eyes: Eyes,
    model_house: House,
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[Before], Any]:
    """A fresh night in such an account, as often as one is needed."""

    @contextmanager
    def one(before: Before) -> Iterator[Night]:
        tidy(lab, opening)
        folder: Path = tmp_path_factory.mktemp("night")
        chosen = load_settings(folder, state="state", context=simulation.context, profile="article")
        house = replace(model_house, settings=chosen, database=open_database(chosen.state / "stanch.db"))
        _prepare(eyes, before)
        lab.wire.clear()
        yield Night(lab, simulation, house, eyes, folder)
        house.database.dispose()
        tidy(lab, opening)

    return one


def _prepare(eyes: Eyes, before: Before) -> None:
    host, user = eyes.world.hosts[HOST].instance, eyes.world.users[USER]
    if before.protected:
        eyes.client(host.account, "ec2").modify_instance_attribute(
            InstanceId=host.id, DisableApiTermination={"Value": True}
        )
    if before.key_inactive:
        eyes.client(user.account, "iam").update_access_key(UserName=user.name, AccessKeyId=user.key, Status="Inactive")
    if before.two_groups:
        groups = [group for one in host.interfaces for group in one.groups]
        eyes.set_groups(host.interfaces[0].id, *groups)


def seen(night: Night) -> dict[str, Any]:
    """All that a plan may change and must give back, asked of AWS."""
    eyes = night.eyes
    return {
        "policies": eyes.policies(),
        "key": eyes.key(night.world.users[USER]),
        "groups": {one: sorted(groups) for one, groups in eyes.groups(HOST).items()},
        "protections": eyes.protections(HOST),
        "blocked": eyes.blocked(),
    }


@FEW
@given(scenarios, worlds)
def test_forward_then_inverse_restores_what_was_there(
    nights: Callable[[Before], Any], scenario: str, world: Before
) -> None:
    with nights(world) as night:
        before = seen(night)
        night.walk(scenario)
        done = night.file(scenario).containments
        assert done or world.key_inactive, "something is done, if it is not so already"
        assert all(one.state is State.CONTAINED for one in done)
        assert (seen(night) != before) is bool(done)
        for one in reversed(done):
            containments.revert(night.house, one.case, one.id, by="robin", reason="it is ours")
        assert seen(night) == before
        assert not any(containments.missing(night.house, one) == () for one in done if one.change.action != "E1")


@FEW
@given(scenarios, worlds, st.integers(min_value=0, max_value=8), st.booleans())
def test_with_any_prefix_of_calls_failing_or_done_the_record_is_true_and_the_way_back_armed(
    nights: Callable[[Before], Any], scenario: str, world: Before, prefix: int, fails_first: bool
) -> None:
    """The first calls fail and the others work, or the other way round."""
    with nights(world) as night:
        before = seen(night)
        armed: set[str] = set()
        asked = 0
        call = Aws.call

        def now_and_then(aws: Aws, one: Call, **where: Any) -> Receipt:
            nonlocal asked
            asked += 1
            assert armed, "a way back is armed before the first call"
            if (asked <= prefix) is fails_first:
                return Receipt(one, "", ok=False, error="AccessDenied: not now")
            return call(aws, one, **where)

        with (
            patch.object(Aws, "call", now_and_then),
            patch.object(Inline, "arm", lambda _, containment, __: armed.add(containment)),
        ):
            night.walk(scenario)
        done = night.file(scenario).containments
        assert {one.id for one in done} <= armed
        for one in done:
            in_place = containments.missing(night.house, replace(one, state=State.CONTAINED)) == ()
            assert in_place is (one.state is State.CONTAINED) or one.left, one
            assert one.state is State.CONTAINED or "AccessDenied" in one.reason
        for minutes in range(2):
            night.sweep_at(4 * HOUR + minutes * timedelta(hours=1))
        assert seen(night) == before
