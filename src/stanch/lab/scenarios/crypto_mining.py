"""The batch worker talks to a mining pool, and its role tries for more machines."""

from datetime import datetime, timedelta
from random import Random

from stanch.lab import detector
from stanch.lab.cloudtrail import Issued, Pen, role_session
from stanch.lab.dice import session_key
from stanch.lab.scene import Act, Scenario
from stanch.lab.traffic import SDK
from stanch.lab.world import World
from stanch.model.data import JSONObject
from stanch.model.verdict import Outcome

ID = "crypto_mining"
POOL = "198.51.100.201"
REFUSED = "Client.UnauthorizedOperation"


def play(world: World, now: datetime, thrown: Random) -> Act:
    """An outbound connection on a pool's port, then refused launches in a region that nobody uses."""
    host, pen = world.hosts["batch-worker"], Pen(thrown, "attack", ID)
    start = now - timedelta(minutes=26)
    issued = Issued(host.instance.id, session_key(thrown), now - timedelta(hours=4), delivery="2.0")
    session = role_session(host.role, issued, host.public, SDK)
    calls = (("ec2:DescribeInstanceTypes", ""), ("ec2:DescribeSubnets", ""), *[("ec2:RunInstances", REFUSED)] * 3)
    launch: JSONObject = {"instanceType": "g6.12xlarge", "minCount": 1, "maxCount": 8}
    events = (
        Pen(thrown).issue(host.role, issued),
        *(
            pen.write(
                session,
                start + timedelta(seconds=50 * n),
                call,
                error=error,
                region="ap-southeast-2",
                request=launch if error else None,
            )
            for n, (call, error) in enumerate(calls)
        ),
    )
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
    targets = (host.instance.arn, host.role.arn, POOL)
    return Act((detector.finding(world, thrown, seen, resource, action),), events, targets)


SCENARIO = Scenario(ID, "A host talks to a mining pool", "attack", (Outcome.CONTAIN,), play)
