"""Credentials of the payments instance are used from an address that is nobody's we know."""

from datetime import datetime
from random import Random

from stanch.lab.cloudtrail import Pen
from stanch.lab.scenarios._outside import outside
from stanch.lab.scene import Act, Scenario
from stanch.lab.world import World
from stanch.model.verdict import Outcome

ID = "stolen_instance_credentials"
ADDRESS = "203.0.113.47"


def play(world: World, now: datetime, thrown: Random) -> Act:
    """The payments instance's session, also from the foreign address."""
    return outside(world, now, thrown, world.hosts["payments-api"], ADDRESS, Pen(thrown, "attack", ID))


SCENARIO = Scenario(ID, "Instance credentials used from outside", "attack", (Outcome.CONTAIN,), play)
