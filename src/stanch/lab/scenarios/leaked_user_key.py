"""A developer's long-term key is tried out from a listed address: refusals first, then what it may do."""

from datetime import datetime, timedelta
from random import Random

from stanch.lab import detector
from stanch.lab.cloudtrail import Event, Pen, user_session
from stanch.lab.scene import Act, Scenario
from stanch.lab.traffic import SDK
from stanch.lab.world import World
from stanch.model.verdict import Outcome

ID = "leaked_user_key"
ADDRESS = "203.0.113.150"
REFUSED = (
    "iam:ListUsers",
    "iam:ListAccessKeys",
    "secretsmanager:ListSecrets",
    "organizations:DescribeOrganization",
    "rds:DescribeDBInstances",
    "lambda:ListFunctions20150331",
)
ALLOWED = (
    "sts:GetCallerIdentity",
    "s3:ListBuckets",
    "ec2:DescribeInstances",
    "ec2:DescribeSecurityGroups",
    "logs:DescribeLogGroups",
    "elasticloadbalancing:DescribeLoadBalancers",
    "monitoring:DescribeAlarms",
    "ssm:DescribeParameters",
)


def play(world: World, now: datetime, thrown: Random) -> Act:
    """Six calls refused, eight answered, three buckets asked for their policies, within ten minutes."""
    user, start = world.users["maria.lindqvist"], now - timedelta(minutes=29)
    events = _events(world, start, thrown)
    seen = detector.Sighting(
        user.account,
        "UnauthorizedAccess:IAMUser/MaliciousIPCaller",
        5,
        f"API DescribeInstances was invoked from a known malicious IP address {ADDRESS}.",
        f"API calls of IAM user {user.name} were invoked from a known malicious IP address {ADDRESS}.",
        first=start,
        last=events[-1].time,
        count=len(events),
        threats=("ProofPoint",),
    )
    resource = detector.on_key(user.key, user.id, "IAMUser", user.name)
    action = detector.api_call("ec2", "DescribeInstances", ADDRESS)
    return Act((detector.finding(world, thrown, seen, resource, action),), events, (user.arn, user.key, ADDRESS))


def _events(world: World, start: datetime, thrown: Random) -> tuple[Event, ...]:
    pen = Pen(thrown, "attack", ID)
    session = user_session(world.users["maria.lindqvist"], ADDRESS, SDK)
    tries = [(call, "AccessDenied") for call in REFUSED] + [(call, "") for call in ALLOWED]
    answers = (
        pen.write(session, start + timedelta(seconds=22 * n), call, error=error)
        for n, (call, error) in enumerate(tries)
    )
    later = start + timedelta(minutes=8)
    buckets = (
        pen.write(session, later + timedelta(seconds=9 * n), "s3:GetBucketPolicy", request={"bucketName": one})
        for n, one in enumerate(world.buckets[:3])
    )
    return (*answers, *buckets)


SCENARIO = Scenario(ID, "A user's key in a stranger's hands", "attack", (Outcome.CONTAIN,), play)
