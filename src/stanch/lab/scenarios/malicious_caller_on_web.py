"""An address from the operator's threat list reaches the web instance, guesses a password and looks around with it."""

from datetime import datetime, timedelta
from random import Random

from stanch.lab import detector
from stanch.lab.cloudtrail import Event, Issued, Pen, user_session
from stanch.lab.dice import session_key
from stanch.lab.scene import Act, Scenario
from stanch.lab.traffic import BROWSER
from stanch.lab.world import World
from stanch.model.verdict import Outcome

ID = "malicious_caller_on_web"
ADDRESS = "203.0.113.181"
LOOKS = ("ec2:DescribeInstances", "iam:ListUsers", "secretsmanager:ListSecrets", "rds:DescribeDBInstances")


def play(world: World, now: datetime, thrown: Random) -> Act:
    """Failed logins, a login, calls on four buckets; and the same address inbound on the web instance."""
    host, start = world.hosts["storefront-web"], now - timedelta(minutes=35)
    seen = detector.Sighting(
        host.instance.account,
        "UnauthorizedAccess:EC2/MaliciousIPCaller.Custom",
        5,
        f"EC2 instance {host.instance.id} is communicating with a disallowed IP address {ADDRESS}.",
        f"EC2 instance {host.instance.id} is communicating with {ADDRESS} on the list shop-threat-list.",
        first=start,
        last=now - timedelta(minutes=7),
        count=9,
        threats=("shop-threat-list",),
        additional={"threatListName": "shop-threat-list"},
    )
    resource = detector.on_instance(host, now - timedelta(days=41))
    action = detector.connection(host, ADDRESS, "INBOUND", 8080, 51544)
    finding = detector.finding(world, thrown, seen, resource, action)
    user = world.users["erik.nyman"]
    return Act((finding,), _events(world, start, thrown), (ADDRESS, user.arn, host.instance.arn))


def _events(world: World, start: datetime, thrown: Random) -> tuple[Event, ...]:
    pen = Pen(thrown, "attack", ID)
    inside = start + timedelta(minutes=4)
    issued = Issued("console", session_key(thrown), inside)
    session = user_session(world.users["erik.nyman"], ADDRESS, BROWSER, issued)
    return (
        *(pen.sign_in(session, start + timedelta(seconds=31 * n), ok=False) for n in range(6)),
        pen.sign_in(session, inside, mfa=False),
        *(pen.write(session, inside + timedelta(seconds=20 * n + 20), call) for n, call in enumerate(LOOKS)),
        *(
            pen.write(
                session, inside + timedelta(seconds=15 * n + 120), "s3:GetBucketPolicy", request={"bucketName": one}
            )
            for n, one in enumerate(world.buckets)
        ),
    )


SCENARIO = Scenario(ID, "A listed address on the web front and in the console", "attack", (Outcome.CONTAIN,), play)
