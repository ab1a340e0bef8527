"""AWS's own services, most of the volume: roles for compute, keys for storage, inventories, balancers, backups."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from stanch.lab.cloudtrail import Issued, service_session
from stanch.lab.dice import session_key
from stanch.lab.organisation.day import Day
from stanch.lab.organisation.record import Caller, Pen
from stanch.lab.organisation.sessions import linked_session, service_assumes
from stanch.lab.organisation.traces import Trace
from stanch.lab.organisation.world import Site
from stanch.model.data import JSON

VOLUME = {"production": 2600, "security": 1500, "staging": 1300, "development": 1200, "sandbox": 700}
"""Calls on a weekday, by stage."""
OWN: dict[tuple[str, str], int] = {
    # by itself: (service, call): weight
    ("cloudtrail.amazonaws.com", "kms:GenerateDataKey"): 14,
    ("cloudtrail.amazonaws.com", "s3:GetBucketAcl"): 6,
    ("delivery.logs.amazonaws.com", "s3:GetBucketAcl"): 3,
    ("delivery.logs.amazonaws.com", "s3:PutObject"): 10,
    ("secretsmanager.amazonaws.com", "kms:Decrypt"): 12,
    ("ec2.amazonaws.com", "kms:Decrypt"): 3,
    ("events.amazonaws.com", "kms:Decrypt"): 5,
    ("sns.amazonaws.com", "kms:GenerateDataKey"): 4,
    ("dynamodb.amazonaws.com", "kms:Decrypt"): 5,
}
LINKED: dict[tuple[str, str, str], tuple[int, str, float]] = {
    # with its role: (name, service, call): weight, error, share of errors
    ("AutoScaling", "autoscaling.amazonaws.com", "ec2:DescribeInstanceStatus"): (12, "", 0),
    ("AutoScaling", "autoscaling.amazonaws.com", "elasticloadbalancing:DescribeTargetHealth"): (10, "", 0),
    ("AutoScaling", "autoscaling.amazonaws.com", "ec2:CreateTags"): (1, "", 0),
    ("ECS", "ecs.amazonaws.com", "elasticloadbalancing:DescribeTargetHealth"): (6, "", 0),
    ("ECS", "ecs.amazonaws.com", "ec2:AttachNetworkInterface"): (2, "", 0),
    ("ECS", "ecs.amazonaws.com", "elasticloadbalancing:RegisterTargets"): (2, "", 0),
    ("RDS", "rds.amazonaws.com", "ec2:DescribeSecurityGroups"): (3, "", 0),
    ("RDS", "rds.amazonaws.com", "monitoring:PutMetricAlarm"): (1, "", 0),
    ("AmazonGuardDuty", "guardduty.amazonaws.com", "ec2:DescribeInstances"): (5, "", 0),
    ("AmazonGuardDuty", "guardduty.amazonaws.com", "s3:GetBucketPolicy"): (2, "NoSuchBucketPolicy", 0.4),
    ("SecurityHub", "securityhub.amazonaws.com", "config:DescribeConfigurationRecorders"): (3, "", 0),
    ("AmazonInspector2", "inspector2.amazonaws.com", "ec2:DescribeInstances"): (4, "", 0),
    ("AmazonInspector2", "inspector2.amazonaws.com", "lambda:GetFunction20150331v2"): (2, "", 0),
    ("AmazonSSM", "ssm.amazonaws.com", "ec2:DescribeInstanceStatus"): (4, "", 0),
    ("TrustedAdvisor", "trustedadvisor.amazonaws.com", "iam:GetAccountPasswordPolicy"): (2, "NoSuchEntity", 0.8),
    ("TrustedAdvisor", "trustedadvisor.amazonaws.com", "s3:GetBucketAcl"): (2, "", 0),
    ("AccessAnalyzer", "access-analyzer.amazonaws.com", "iam:GetRole"): (3, "NoSuchEntityException", 0.1),
    ("ResourceExplorer", "resource-explorer-2.amazonaws.com", "ec2:DescribeVolumes"): (2, "", 0),
}  # fmt: skip
INVENTORY = (
    ("s3:GetBucketPolicy", "NoSuchBucketPolicy", 0.4),
    ("s3:GetBucketTagging", "NoSuchTagSet", 0.25),
    ("s3:GetBucketCors", "NoSuchCORSConfiguration", 0.9),
    ("s3:GetBucketLifecycle", "NoSuchLifecycleConfiguration", 0.5),
    ("s3:GetBucketReplication", "ReplicationConfigurationNotFoundError", 0.9),
    ("s3:GetBucketEncryption", "", 0),
    ("s3:GetBucketVersioning", "", 0),
    ("s3:GetBucketPublicAccessBlock", "NoSuchPublicAccessBlockConfiguration", 0.2),
    ("s3:GetBucketLogging", "", 0),
    ("ec2:DescribeSecurityGroups", "", 0),
    ("ec2:DescribeNetworkInterfaces", "", 0),
    ("iam:ListRolePolicies", "", 0),
    ("iam:GetRole", "", 0),
    ("lambda:ListFunctions20150331", "", 0),
    ("rds:DescribeDBInstances", "", 0),
)
"""What AWS Config asks in a sweep, and how that fails."""


def of_site_day(day: Day, site: Site) -> Iterator[Trace]:
    """All services in one account."""
    thrown = day.dice("services", site.id)
    pen, total = Pen(thrown), day.load(VOLUME[site.account.env])
    yield from _compute(day, site, pen, total // 3)
    yield from _own(day, site, pen, total // 3)
    yield from _linked(day, site, pen, total // 4)
    yield from _config(day, site, pen)
    if site.account.env != "sandbox":
        yield from _backup(day, site, pen)


def _compute(day: Day, site: Site, pen: Pen, n: int) -> Iterator[Trace]:
    """Roles for functions, tasks and builds, again and again."""
    thrown, roles = pen.dice, [one for one in site.workloads if one.since <= day.number]
    kinds = ("lambda.amazonaws.com", "ecs-tasks.amazonaws.com", "ec2.amazonaws.com")
    for at in day.times(thrown, n):
        workload = thrown.choice(roles or site.workloads)
        issued = Issued(f"{thrown.getrandbits(64):016x}", session_key(thrown), at)
        yield service_assumes(pen, site, workload.role, issued, kinds[thrown.getrandbits(1) if workload.hosts else 0])


def _own(day: Day, site: Site, pen: Pen, n: int) -> Iterator[Trace]:
    thrown, weights = pen.dice, tuple(OWN.values())
    callers = {name: Caller.of(service_session(name, site.id), site.region) for name, _ in OWN}
    for at, (service, call) in zip(day.times(thrown, n), thrown.choices(tuple(OWN), weights, k=n), strict=True):
        yield pen.write(callers[service], at, call, request=_request(call, site, thrown, at))


def _linked(day: Day, site: Site, pen: Pen, n: int) -> Iterator[Trace]:
    thrown = pen.dice
    sessions: dict[tuple[str, int], Caller] = {}
    weights = [weight for weight, _, _ in LINKED.values()]
    for at, (name, service, call) in zip(
        day.times(thrown, n), thrown.choices(tuple(LINKED), weights, k=n), strict=True
    ):
        key = name, at.hour
        if key not in sessions:
            sessions[key] = linked_session(thrown, site, name, service, at)
        _, error, share = LINKED[name, service, call]
        failed = error if thrown.random() < share else ""
        yield pen.write(sessions[key], at, call, request=_request(call, site, thrown, at), error=failed)


def _config(day: Day, site: Site, pen: Pen) -> Iterator[Trace]:
    """AWS Config reads everything every twelve hours, and whatever has changed at once."""
    thrown = pen.dice
    for start in [day.midnight + timedelta(hours=3), day.midnight + timedelta(hours=15), *day.times(thrown, 14)]:
        at = start
        caller = linked_session(thrown, site, "Config", "config.amazonaws.com", at)
        for bucket in site.buckets if start.hour in (3, 15) else thrown.sample(site.buckets, 1):
            for call, error, share in INVENTORY:
                at += timedelta(seconds=thrown.random() * 0.6)
                request: dict[str, JSON] | None = {"bucketName": bucket.name} if call.startswith("s3:") else None
                failed = error if thrown.random() < share else ""
                yield pen.write(caller, at, call, request=request, error=failed)


def _backup(day: Day, site: Site, pen: Pen) -> Iterator[Trace]:
    """Snapshots of each host at night."""
    at = day.midnight + timedelta(hours=2, minutes=pen.dice.randint(0, 20))
    caller = linked_session(pen.dice, site, "Backup", "backup.amazonaws.com", at)
    for host in site.hosts:
        at += timedelta(seconds=pen.dice.randint(2, 40))
        number = f"snap-0{pen.dice.getrandbits(64):016x}"
        made: dict[str, JSON] = {"snapshotId": number, "volumeId": f"vol-0{host.instance.id[3:]}"[:21]}
        yield pen.write(
            caller, at, "ec2:DescribeInstances", request={"instancesSet": {"items": [{"instanceId": host.instance.id}]}}
        )
        yield pen.write(caller, at, "ec2:CreateSnapshot", request={"volumeId": made["volumeId"]}, response=made)


def _request(call: str, site: Site, thrown: Random, at: datetime) -> dict[str, JSON] | None:
    bucket = thrown.choice(site.buckets).name
    match call:
        case "s3:PutObject":
            return {"bucketName": bucket, "key": f"logs/{at:%Y/%m/%d}/{thrown.getrandbits(64):016x}.log.gz"}
        case "kms:GenerateDataKey":
            return {"keySpec": "AES_256", "encryptionContext": {"aws:s3:arn": f"arn:aws:s3:::{bucket}"}}
        case _ if call.startswith("s3:"):
            return {"bucketName": bucket}
        case _:
            return None
