"""A stranger probes an open port: anyone can cause this finding, so nothing of ours may be contained for it."""

from datetime import datetime, timedelta
from random import Random

from stanch.lab import detector
from stanch.lab.scene import Act, Scenario
from stanch.lab.world import World
from stanch.model.verdict import Outcome

ADDRESS = "198.51.100.230"


def play(world: World, now: datetime, thrown: Random) -> Act:
    """A probe of the operations gateway's SSH port."""
    host = world.hosts["ops-gateway"]
    seen = detector.Sighting(
        host.instance.account,
        "Recon:EC2/PortProbeUnprotectedPort",
        2,
        f"Unprotected port on EC2 instance {host.instance.id} is being probed.",
        f"EC2 instance {host.instance.id} has an unprotected port which is being probed by {ADDRESS}.",
        first=now - timedelta(minutes=50),
        last=now - timedelta(minutes=20),
        count=3,
    )
    resource = detector.on_instance(host, now - timedelta(days=41))
    return Act((detector.finding(world, thrown, seen, resource, detector.port_probe(host, ADDRESS, 22)),))


SCENARIO = Scenario("port_probe", "A stranger's port probe", "benign", (Outcome.QUEUE, Outcome.DISMISS), play)
