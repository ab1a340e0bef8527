"""Roles that take other roles every night: backups within an account, the exchange of data between accounts."""

from collections.abc import Iterator
from datetime import timedelta

from stanch.lab.organisation.day import Day
from stanch.lab.organisation.record import Pen
from stanch.lab.organisation.sessions import assumed, function_session, instance_session
from stanch.lab.organisation.traces import Trace, get_object, list_objects
from stanch.lab.organisation.world import Site


def of_day(day: Day) -> Iterator[Trace]:
    """A workload of each account goes over to the tooling role, and on to the account that is its peer."""
    sites = day.organisation.sites
    for n, site in enumerate(sites):
        yield from _chain(day, site, sites[(n + 1) % len(sites)])


def _chain(day: Day, site: Site, peer: Site) -> Iterator[Trace]:
    thrown = day.dice("chain", site.id)
    deployed = [one for one in site.workloads if one.since <= day.number]
    if not deployed:
        return
    workload = thrown.choice(deployed)
    pen, at = Pen(thrown), day.midnight + timedelta(hours=1, minutes=thrown.randint(0, 40))
    if workload.hosts:
        event, caller, _ = instance_session(pen, site, workload, workload.hosts[0], at, day.number)
    else:
        event, caller = function_session(pen, site, workload, at, day.number)
    yield event
    tooling, exchange = site.roles["platform-tooling"], peer.roles["data-exchange"]
    events, caller = assumed(pen, caller, tooling, workload.name, at + timedelta(seconds=4))
    yield from events
    yield pen.write(caller, at + timedelta(seconds=6), "sts:GetCallerIdentity")
    events, there = assumed(pen, caller, exchange, workload.name, at + timedelta(seconds=9), region=peer.region)
    yield from events
    bucket = peer.buckets[0]
    yield pen.write(there, at + timedelta(seconds=10), "s3:ListBuckets")
    yield from list_objects(pen, there, at + timedelta(seconds=11), bucket, f"{bucket.data}/")
    for n in range(thrown.randint(3, 15)):
        key = f"{bucket.data}/{at:%Y/%m/%d}/{n:04d}.parquet"
        yield from get_object(pen, there, at + timedelta(seconds=12 + n), bucket, key, thrown.randint(10_000, 900_000))
