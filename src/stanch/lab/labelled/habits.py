"""What everyone in an account did in the weeks before a case: thin, regular, the same for attacks and look-alikes."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from random import Random

from stanch.lab.dice import dice, hexadecimal
from stanch.lab.labelled.place import DAYS, Log, world
from stanch.lab.organisation import addresses
from stanch.lab.organisation.benign.people import PAGES, place
from stanch.lab.organisation.day import Day
from stanch.lab.organisation.found_site import KINDS
from stanch.lab.organisation.record import Pen
from stanch.lab.organisation.sessions import (
    function_session,
    instance_session,
    key_session,
    linked_session,
    pipeline_session,
    signed_in,
)
from stanch.lab.organisation.traces import Found, Talk, Trace, get_object, list_objects, talk
from stanch.lab.organisation.wanted import wanted
from stanch.lab.organisation.world import Site, Workload
from stanch.lab.world import Host
from stanch.model.data import JSONObject

JOBS = ("sts:GetCallerIdentity", "ec2:DescribeInstances", "monitoring:ListMetrics")
"""What old keys are used for every day, besides reading one bucket."""
PLANS = ("iam:GetRole", "iam:ListRolePolicies", "ssm:GetParameter", "ec2:DescribeVpcs", "logs:DescribeLogGroups")


def history(seed: int, number: int, account: str, days: int) -> Iterator[Log]:
    """The last so many days before the everyday ones."""
    for n in range(DAYS - 2 - days, DAYS - 2):
        yield from _of(seed, number, account, n)


@lru_cache(maxsize=1024)
def _of(seed: int, number: int, account: str, n: int) -> tuple[Log, ...]:
    at = world(seed, number)
    thrown = dice(at.organisation.seed, "habits", account, str(n))
    traces = _day(Day(at.organisation, n), at.organisation.site(account), thrown)
    return tuple(at.respell(one) for one in traces if not isinstance(one, Found))


def _day(day: Day, site: Site, thrown: Random) -> Iterator[Trace]:
    pen = Pen(thrown)
    for workload in site.workloads:
        yield from _workload(day, site, workload, pen)
    for user in site.users:
        caller = key_session(user, user.address.on(day.number), site.region)
        at = day.midnight + timedelta(hours=user.hours[0], minutes=7)
        for call in JOBS:
            at += timedelta(seconds=thrown.uniform(1, 9))
            yield pen.write(caller, at, call)
        bucket = site.buckets[len(user.job) % len(site.buckets)]
        for n in range(3):
            yield from get_object(pen, caller, at + timedelta(seconds=n), bucket, f"{user.job}/{n}.parquet", 200_000)
    yield from _people(day, site, pen)
    yield from _changes(day, site, pen)


def _workload(day: Day, site: Site, workload: Workload, pen: Pen) -> Iterator[Trace]:
    at = day.midnight + timedelta(hours=pen.dice.randint(1, 21), minutes=pen.dice.randint(0, 59))
    if workload.hosts:
        host = workload.hosts[day.number % len(workload.hosts)]
        event, outside, inside = instance_session(pen, site, workload, host, at, day.number)
        caller = pen.dice.choice((outside, inside))
        yield from _connections(site, workload, host, at, pen.dice)
    else:
        event, caller = function_session(pen, site, workload, at, day.number)
    yield event
    secret = {"secretId": pen.dice.choice(workload.secrets)}
    yield pen.write(caller, at + timedelta(seconds=2), "secretsmanager:GetSecretValue", request={**secret})
    bucket = pen.dice.choice(workload.buckets)
    yield from list_objects(pen, caller, at + timedelta(seconds=3), bucket, f"{workload.name}/")
    for n in range(2):
        key = f"{workload.name}/{at:%Y/%m/%d}/{pen.dice.getrandbits(32):08x}.json"
        yield from get_object(pen, caller, at + timedelta(seconds=4 + n), bucket, key, pen.dice.randint(2_000, 400_000))


def _connections(site: Site, workload: Workload, host: Host, at: datetime, thrown: Random) -> Iterator[Trace]:
    """To its database, to neighbours on their port, and to AWS."""
    face = host.instance.interfaces[0]
    near = [one for one in site.workloads if one.hosts and one.network == workload.network and one is not workload]
    peers = [(f"{face.private_ip.rsplit('.', 2)[0]}.1.5", 5432), ("198.18.250.10", 443)]
    peers += [(one.hosts[0].instance.interfaces[0].private_ip, one.port) for one in near[:2]]
    for peer, port in peers:
        said = Talk(peer, thrown.randint(32768, 60999), port, thrown.randint(900, 40000), thrown.randint(900, 9000))
        yield from talk(at, site.id, site.region, host.instance.id, face, said)


def _people(day: Day, site: Site, pen: Pen) -> Iterator[Trace]:
    for person in day.organisation.people:
        mine = [one for one in person.roles if one.account == site.id]
        if not mine or person.since > day.number or pen.dice.random() > person.active * (1 if day.working else 0.1):
            continue
        at = day.midnight + timedelta(hours=9 - person.zone, minutes=pen.dice.randint(0, 400))
        where = place(person, day.number, pen.dice.random())
        event, caller = signed_in(pen, person, pen.dice.choice(mine), site.region, where, person.browser, at)
        yield event
        for call in pen.dice.choice(PAGES)[:4]:
            at += timedelta(seconds=pen.dice.uniform(1, 40))
            yield pen.write(caller, at, call.rstrip("!"))


def _changes(day: Day, site: Site, pen: Pen) -> Iterator[Trace]:
    """Pipelines look every other day and change something once a week; groups of hosts grow and shrink."""
    runners = addresses.pool(addresses.CI)
    for n, pipeline in enumerate(one for one in day.organisation.pipelines if one.site.id == site.id):
        if (day.number + n) % 2:
            continue
        at = day.midnight + timedelta(hours=10, minutes=pen.dice.randint(0, 300))
        issued, caller = pipeline_session(pen, pipeline, pen.dice.choice(runners), at)
        yield from issued
        changes = ("iam:CreateRole", "iam:PutRolePolicy", "ssm:PutParameter") if day.number % 6 == 0 else ()
        for call in (*PLANS, *changes):
            at += timedelta(seconds=pen.dice.uniform(0.2, 3))
            yield pen.write(caller, at, call, request=wanted(call, site, pen.dice))
    if day.number % 3 == 0:
        at = day.midnight + timedelta(hours=pen.dice.randint(6, 20))
        scaling = linked_session(pen.dice, site, "AutoScaling", "autoscaling.amazonaws.com", at)
        kind = pen.dice.choice(KINDS)
        made = {"instancesSet": {"items": [{"instanceId": f"i-0{hexadecimal(pen.dice, 16)}", "instanceType": kind}]}}
        asked: JSONObject = {"instancesSet": {"items": [{"minCount": 1, "maxCount": 1}]}, "instanceType": kind}
        yield pen.write(scaling, at, "ec2:RunInstances", request=asked, response=made)
