"""Workloads: programs on instances and in functions, busy by day, quieter at night and at weekends."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from stanch.lab.cloudtrail import Session
from stanch.lab.organisation.day import Day
from stanch.lab.organisation.record import Caller, Event, Pen
from stanch.lab.organisation.sessions import AGENT, function_session, instance_session
from stanch.lab.organisation.traces import Talk, Trace, get_object, put_object, talk
from stanch.lab.organisation.world import Site, Workload
from stanch.lab.world import Host
from stanch.model.data import JSON

CALLS = {
    "secretsmanager:GetSecretValue": 20,
    "ssm:GetParameter": 12,
    "ssm:GetParameters": 6,
    "kms:Decrypt": 14,
    "sts:GetCallerIdentity": 5,
    "dynamodb:DescribeTable": 5,
    "sqs:GetQueueUrl": 6,
    "ecr:GetAuthorizationToken": 3,
    "ecr:BatchGetImage": 3,
    "ec2:DescribeTags": 3,
    "ec2:DescribeInstances": 2,
    "logs:CreateLogStream": 4,
    "get": 26,
    "put": 10,
}
"""What programs ask of AWS, by weight."""
_NAMES, _WEIGHTS = tuple(CALLS), tuple(CALLS.values())
MISSES = {
    "secretsmanager:GetSecretValue": "AccessDenied",
    "ssm:GetParameter": "ParameterNotFound",
    "kms:Decrypt": "AccessDenied",
    "sqs:GetQueueUrl": "AWS.SimpleQueueService.NonExistentQueue",
    "ec2:DescribeInstances": "AccessDenied",
    "get": "NoSuchKey",
}
"""How they fail: a few programs ask for what is not there, every time."""
SHIFT = 6
"""Hours that an instance's credentials live."""


def of_site_day(day: Day, site: Site) -> Iterator[Trace]:
    """All workloads of the account that are deployed by that day."""
    for workload in site.workloads:
        if workload.since > day.number:
            continue
        if not workload.hosts:
            yield from _function(day, site, workload)
        for host in workload.hosts:
            yield from _host(day, site, workload, host)


def _host(day: Day, site: Site, workload: Workload, host: Host) -> Iterator[Trace]:
    thrown = day.dice(host.instance.id)
    pen, minute = Pen(thrown), thrown.randint(0, 59)
    calls = day.times(thrown, day.load(workload.calls))
    for shift in range(24 // SHIFT):
        start = day.midnight + timedelta(hours=SHIFT * shift, minutes=minute)
        event, outside, inside = instance_session(pen, site, workload, host, start, day.number)
        yield event
        until = start + timedelta(hours=SHIFT)
        for at in (one for one in calls if start <= one < until):
            yield from _call(pen, inside if thrown.random() < 0.5 else outside, site, workload, at)
        yield from _agent(pen, outside, host, start)
    for n, at in enumerate(day.times(thrown, day.load(workload.calls // 3))):
        yield from _connection(site, host, workload, thrown, n, at, day.organisation.strangers)


def _function(day: Day, site: Site, workload: Workload) -> Iterator[Trace]:
    thrown = day.dice("function", workload.role.id)
    pen = Pen(thrown)
    times = day.times(thrown, day.load(workload.calls))
    for n in range(0, len(times), 12):
        event, caller = function_session(pen, site, workload, times[n], day.number)
        yield event
        yield pen.write(
            caller, times[n], "logs:CreateLogStream", request={"logGroupName": f"/aws/lambda/{workload.name}"}
        )
        for at in times[n : n + 12]:
            yield from _call(pen, caller, site, workload, at)


def _call(pen: Pen, caller: Caller, site: Site, workload: Workload, at: datetime) -> Iterator[Trace]:
    thrown = pen.dice
    call = thrown.choices(_NAMES, _WEIGHTS)[0]
    error = MISSES.get(call, "") if thrown.random() < _faults(workload) else ""
    if call in ("get", "put"):
        bucket = thrown.choice(workload.buckets)
        key = f"{workload.name}/{at:%Y/%m/%d}/{thrown.getrandbits(40):010x}.json"
        size = int(thrown.lognormvariate(10, 1.6))
        yield from (
            get_object(pen, caller, at, bucket, key, size, error=error)
            if call == "get"
            else put_object(pen, caller, at, bucket, key, size)
        )
        return
    yield pen.write(caller, at, call, request=_request(call, site, workload, thrown), error=error)


def _faults(workload: Workload) -> float:
    """Share of failing calls: one program in six is badly set up."""
    return 0.25 if workload.role.id[-1] in "ABCDE" else 0.02


def _request(call: str, site: Site, workload: Workload, thrown: Random) -> dict[str, JSON] | None:
    match call:
        case "secretsmanager:GetSecretValue":
            return {"secretId": thrown.choice(workload.secrets)}
        case "ssm:GetParameter":
            return {"name": f"/{workload.name}/settings", "withDecryption": True}
        case "kms:Decrypt":
            return {"encryptionContext": {"app": workload.name}, "encryptionAlgorithm": "SYMMETRIC_DEFAULT"}
        case "dynamodb:DescribeTable":
            return {"tableName": workload.name}
        case "sqs:GetQueueUrl":
            return {"queueName": f"{workload.name}-{site.account.env}"}
        case _:
            return None


def _agent(pen: Pen, caller: Caller, host: Host, start: datetime) -> Iterator[Event]:
    """The SSM agent says now and then that it is there."""
    session = caller.session
    agent = Caller.of(
        Session(session.actor, session.account, session.identity, session.address, AGENT, session.name), caller.region
    )
    for n in range(SHIFT):
        at = start + timedelta(minutes=60 * n + pen.dice.randint(0, 50))
        request: dict[str, JSON] = {
            "instanceId": host.instance.id,
            "agentVersion": "3.3.2299.0",
            "agentStatus": "Active",
        }
        yield pen.write(agent, at, "ssm:UpdateInstanceInformation", request=request)


def _connection(
    site: Site, host: Host, workload: Workload, thrown: Random, n: int, at: datetime, strangers: tuple[str, ...]
) -> Iterator[Trace]:
    """Flows: from the neighbours that call it, to its database, to AWS, and strangers' knocks at public hosts."""
    face = host.instance.interfaces[0]
    if face.public_ip and n % 3 == 0:
        knock = Talk(
            thrown.choice(strangers),
            thrown.choice((22, 23, 445, 3389, 8080)),
            thrown.randint(1024, 65000),
            60,
            0,
            accepted=False,
        )
        yield from talk(at, site.id, site.region, host.instance.id, face, knock)
    peers = [
        one for one in site.hosts if one.instance.id != host.instance.id and one.instance.interfaces[0].vpc == face.vpc
    ]
    if peers and n % 2:
        peer = peers[(n // 2) % min(3, len(peers))].instance.interfaces[0].private_ip
        said = Talk(
            peer, workload.port, thrown.randint(32768, 60999), thrown.randint(400, 9000), thrown.randint(400, 90000)
        )
    else:
        peer = f"{face.private_ip.rsplit('.', 2)[0]}.1.5" if n % 4 else thrown.choice(AWS_PEERS)
        said = Talk(
            peer,
            thrown.randint(32768, 60999),
            5432 if n % 4 else 443,
            thrown.randint(400, 40000),
            thrown.randint(400, 9000),
        )
    yield from talk(at, site.id, site.region, host.instance.id, face, said)


AWS_PEERS = tuple(f"198.19.250.{n}" for n in range(1, 30))
"""Addresses that stand for AWS's public endpoints."""
