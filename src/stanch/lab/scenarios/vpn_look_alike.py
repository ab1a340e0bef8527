"""The same as stolen instance credentials to the last call, but from the operator's own declared VPN egress."""

from datetime import datetime
from random import Random

from stanch.lab.cloudtrail import Pen
from stanch.lab.scenarios._outside import outside
from stanch.lab.scene import Act, Scenario
from stanch.lab.world import Place, World
from stanch.model.verdict import Outcome

ID = "vpn_look_alike"
LEFT_ALONE = (Outcome.ESCALATE, Outcome.QUEUE, Outcome.DISMISS)


def play(world: World, now: datetime, thrown: Random) -> Act:
    """The reports instance's session, also from the VPN; nothing may be contained."""
    act = outside(world, now, thrown, world.hosts["reports-api"], str(Place.VPN), Pen(thrown, "benign", ID))
    return Act(act.findings, act.events)


SCENARIO = Scenario(ID, "Instance credentials used from the VPN", "benign", LEFT_ALONE, play)
