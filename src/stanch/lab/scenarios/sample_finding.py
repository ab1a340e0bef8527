"""AWS's own sample of a finding: looks critical, is about nothing."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from stanch.lab import detector
from stanch.lab.scene import Act, Scenario
from stanch.lab.world import World
from stanch.model.verdict import Outcome


def play(world: World, now: datetime, thrown: Random) -> Act:
    """A sample of a command-and-control finding on AWS's made-up instance."""
    real = world.hosts["storefront-web"]
    host = replace(real, instance=replace(real.instance, id="i-99999999", interfaces=()), tags=())
    seen = detector.Sighting(
        real.instance.account,
        "Backdoor:EC2/C&CActivity.B",
        8,
        f"[SAMPLE] EC2 instance {host.instance.id} is communicating with a Command & Control server.",
        f"[SAMPLE] EC2 instance {host.instance.id} is querying a known Command & Control server.",
        first=now - timedelta(minutes=3),
        last=now - timedelta(minutes=3),
        role="ACTOR",
        additional={"sample": True},
    )
    resource = detector.on_instance(host, now - timedelta(days=1))
    action = detector.connection(real, "198.51.100.0", "OUTBOUND", 39677, 80)
    return Act((detector.finding(world, thrown, seen, resource, action),))


SCENARIO = Scenario("sample_finding", "AWS's sample finding", "benign", (Outcome.QUEUE, Outcome.DISMISS), play)
