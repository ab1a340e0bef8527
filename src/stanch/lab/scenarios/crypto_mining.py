"""The batch worker talks to a mining pool, its processor has no rest, and its role tries for more machines."""

from datetime import datetime, timedelta
from random import Random

from stanch.lab import detector
from stanch.lab.cloudtrail import Event, Issued, Pen, role_session
from stanch.lab.dice import session_key
from stanch.lab.processor import Load
from stanch.lab.scene import Act, Scenario
from stanch.lab.traffic import SDK
from stanch.lab.world import Host, World
from stanch.model.data import JSONObject
from stanch.model.verdict import Outcome

ID = "crypto_mining"
POOL = "198.51.100.201"
REFUSED = "Client.UnauthorizedOperation"
UNUSED = "ap-southeast-2"
LAUNCH: JSONObject = {"instanceType": "g6.12xlarge", "minCount": 1, "maxCount": 8}


def play(world: World, now: datetime, thrown: Random) -> Act:
    """An outbound connection on a pool's port, then refused launches in a region that nobody uses."""
    host, start = world.hosts["batch-worker"], now - timedelta(minutes=26)
    seen = detector.Sighting(
        host.instance.account,
        "CryptoCurrency:EC2/BitcoinTool.B",
        8,
        f"EC2 instance {host.instance.id} is querying an IP address that is associated with cryptocurrency activity.",
        f"The EC2 instance {host.instance.id} is communicating with {POOL} on TCP port 3333.",
        first=start,
        last=now - timedelta(minutes=9),
        count=14,
        role="ACTOR",
        threats=("ProofPoint",),
    )
    resource = detector.on_instance(host, now - timedelta(days=41))
    action = detector.connection(host, POOL, "OUTBOUND", 49712, 3333)
    finding = detector.finding(world, thrown, seen, resource, action)
    busy = Load(host.instance, now - timedelta(hours=3), now, 97.4)
    return Act((finding,), _events(host, start, thrown), (host.instance.arn, host.role.arn, POOL), (busy,))


def _events(host: Host, start: datetime, thrown: Random) -> tuple[Event, ...]:
    pen, steps = Pen(thrown, "attack", ID), [start + timedelta(seconds=50 * n) for n in range(5)]
    issued = Issued(host.instance.id, session_key(thrown), start - timedelta(hours=4), delivery="2.0")
    session = role_session(host.role, issued, host.public, SDK)
    looks = zip(steps, ("ec2:DescribeInstanceTypes", "ec2:DescribeSubnets"), strict=False)
    return (
        Pen(thrown).issue(host.role, issued),
        *(pen.write(session, at, call, region=UNUSED) for at, call in looks),
        *(pen.write(session, at, "ec2:RunInstances", error=REFUSED, region=UNUSED, request=LAUNCH) for at in steps[2:]),
    )


SCENARIO = Scenario(ID, "A host talks to a mining pool", "attack", (Outcome.CONTAIN,), play)
