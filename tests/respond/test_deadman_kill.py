"""stanch is killed after it contained, and never started again: AWS's side takes everything back by the lab's clock."""

from datetime import timedelta
from pathlib import Path

import pytest

from stanch.lab.clock import OPENING
from stanch.lab.remote import Remote
from stanch.lab.scheduler import Fired

from .killing import Nurseries, Nursery

pytestmark = pytest.mark.kill

HOUR = timedelta(hours=1)
SIGKILL = 9


@pytest.fixture(scope="module")
def nurseries(tmp_path_factory: pytest.TempPathFactory):
    simulation = tmp_path_factory.mktemp("simulation")
    with Nursery("lab", str(simulation)) as lab, Nursery("stanch") as stanch:
        assert lab.port != stanch.port, "both are ready"
        yield Nurseries(lab, stanch, simulation)


def actions(fired: tuple[Fired, ...]) -> set[str]:
    """Ids of the actions whose schedules fired."""
    return {one.schedule.rpartition("/")[2].split("-")[3] for one in fired}


@pytest.mark.parametrize("scenario", ["leaked_user_key", "crypto_mining"])
def test_a_worker_that_is_killed_after_containing_is_outlived_by_the_revert(
    nurseries: Nurseries, tmp_path: Path, scenario: str
) -> None:
    with nurseries.site(tmp_path / "site", scenario) as site:
        before = site.aws
        undisturbed = site.respond()
        assert (undisturbed.killed, undisturbed.code) == (0, 0)
        last = undisturbed.moments.count("journalled Contained")
        contained = site.aws
    with nurseries.site(tmp_path / "again", scenario) as site:
        assert site.respond(kind="journalled Contained", kill=last).killed == SIGKILL
        assert site.aws == contained
        cloud = Remote(site.endpoint)
        assert cloud.fire_due(OPENING + 4 * HOUR + timedelta(minutes=14)) == ()
        fired = cloud.fire_due(OPENING + 4 * HOUR + timedelta(minutes=15))
        assert {"I1", "I2"} <= actions(fired) if scenario == "leaked_user_key" else "E4" in actions(fired)
        assert [(one.error, one.pages) for one in fired] == [("", ())] * len(fired)
        after = site.aws
        assert after.get("keys") == before.get("keys")
        assert after.get("groups") == before.get("groups")
        assert [one["held by"] for one in after["policies"].values()] == [[]] * len(after["policies"])
        assert cloud.fire_due(OPENING + 24 * HOUR) == (), "each fires once and is gone"
