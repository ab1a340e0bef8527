"""Programs outside AWS with an IAM user's old key: the same few calls at the same hours, from the office."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from stanch.lab.organisation.day import Day
from stanch.lab.organisation.record import Caller, Pen
from stanch.lab.organisation.sessions import assumed, key_session
from stanch.lab.organisation.traces import Trace, get_object, list_objects, put_object
from stanch.lab.organisation.world import KeyUser, Site

JOBS = {
    "backup": ("s3:ListBuckets", "put*24"),
    "export": ("s3:ListBuckets", "list", "get*40"),
    "metrics": ("monitoring:GetMetricData", "monitoring:ListMetrics", "ec2:DescribeInstances"),
    "mailer": ("ses:GetSendQuota", "ses:GetAccount", "sts:GetCallerIdentity"),
    "sync": ("sts:GetCallerIdentity", "list", "get*12", "put*12"),
    "etl": ("glue:GetDatabases", "glue:GetTables", "list", "get*25", "put*6"),
}  # fmt: skip


def of_site_day(day: Day, site: Site) -> Iterator[Trace]:
    """All keys of the account."""
    for user in site.users:
        thrown = day.dice("key", user.user.id)
        caller = key_session(user, user.address.on(day.number), site.region)
        for hour in user.hours:
            at = day.midnight + timedelta(hours=hour, minutes=7, seconds=thrown.randint(0, 50))
            if thrown.random() < 0.3:
                role = site.roles["nightly-backup"]
                events, lent = assumed(Pen(thrown), caller, role, user.job, at)
                yield from events
                yield from _job(Pen(thrown), lent, site, user, at)
            else:
                yield from _job(Pen(thrown), caller, site, user, at)


def _job(pen: Pen, caller: Caller, site: Site, user: KeyUser, at: datetime) -> Iterator[Trace]:
    thrown, bucket = pen.dice, site.buckets[len(user.job) % len(site.buckets)]
    for step in JOBS[user.job]:
        what, _, most = step.partition("*")
        for _ in range(thrown.randint(int(most) // 2, int(most)) if most else 1):
            at += timedelta(seconds=thrown.uniform(0.2, 4))
            key = f"{user.job}/{at:%Y/%m/%d}/{thrown.getrandbits(32):08x}.parquet"
            match what:
                case "get":
                    yield from get_object(pen, caller, at, bucket, key, thrown.randint(10_000, 9_000_000))
                case "put":
                    yield from put_object(pen, caller, at, bucket, key, thrown.randint(10_000, 9_000_000))
                case "list":
                    yield from list_objects(pen, caller, at, bucket, f"{user.job}/")
                case _:
                    error = "AccessDenied" if thrown.random() < 0.06 else ""
                    yield pen.write(caller, at, what, error=error)
