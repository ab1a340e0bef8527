"""Declared tests: scanners and testers who do what attackers do, in the window that the operator has written down."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from stanch.lab.cloudtrail import Issued, role_session
from stanch.lab.dice import session_key
from stanch.lab.organisation.benign.vendors import SWEEP
from stanch.lab.organisation.day import Day
from stanch.lab.organisation.record import Caller, Pen
from stanch.lab.organisation.sessions import SDK, service_assumes
from stanch.lab.organisation.traces import Talk, Trace, list_objects, talk
from stanch.lab.organisation.world import Declared, Site

TRIES = (
    *("iam:CreateUser", "iam:CreateAccessKey", "iam:AttachUserPolicy", "secretsmanager:GetSecretValue"),
    *("ec2:ModifySnapshotAttribute", "lambda:UpdateFunctionCode20150331v2", "iam:CreatePolicyVersion"),
    *("cloudtrail:StopLogging", "s3:GetBucketPolicy", "sts:GetCallerIdentity"),
)
PORTS = (22, 80, 443, 445, 1433, 3306, 3389, 5432, 6379, 8080, 9200)


def of_day(day: Day) -> Iterator[Trace]:
    """Declared penetration tests, and the weekly scan of the network by the security account."""
    for test in day.organisation.tests:
        for n in range(3):
            at = test.start + timedelta(hours=8 * n + 1)
            if day.midnight <= at < day.midnight + timedelta(days=1):
                yield from _test(day, test, at)
    if day.midnight.isoweekday() == 2:
        yield from _scan(day)


def _test(day: Day, test: Declared, at: datetime) -> Iterator[Trace]:
    site = day.organisation.site(test.role.account)
    pen = Pen(day.dice("test", test.role.id, str(at.hour)))
    issued = Issued("assessment", session_key(pen.dice), at)
    yield service_assumes(pen, site, test.role, issued, "ec2.amazonaws.com")
    caller = Caller.of(role_session(test.role, issued, test.address, SDK), site.region)
    for call in (*pen.dice.sample(SWEEP, 30), *pen.dice.sample(TRIES, 6)):
        at += timedelta(seconds=pen.dice.uniform(0.5, 12))
        yield pen.write(caller, at, call, error="AccessDenied" if pen.dice.random() < 0.35 else "")
    yield from list_objects(pen, caller, at, site.buckets[0])


def _scan(day: Day) -> Iterator[Trace]:
    """The scanner knocks at each port of each host of one account."""
    sites = day.organisation.sites
    target: Site = sites[1 + day.number // 7 % (len(sites) - 1)]
    scanner = scanner_address(sites[0])
    pen = Pen(day.dice("scan"))
    for n, host in enumerate(target.hosts):
        for m, port in enumerate(PORTS):
            at = day.midnight + timedelta(hours=4, seconds=20 * n + m)
            knock = Talk(scanner, port, pen.dice.randint(32768, 60999), 60, 60, accepted=port in (443, 8080))
            yield from talk(at, target.id, target.region, host.instance.id, host.instance.interfaces[0], knock)


def scanner_address(site: Site) -> str:
    """Where the scanner of the security account knocks from."""
    return f"{site.networks[0].cidr}.1.9"
