"""Everyday traffic: people through single sign-on, users with keys, a pipeline, workloads, services, a vendor."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import chain
from random import Random

from stanch.lab.building import ISSUER
from stanch.lab.cloudtrail import (
    Event,
    Issued,
    Pen,
    Session,
    granted,
    role_session,
    service_session,
    user_session,
)
from stanch.lab.dice import dice, session_key
from stanch.lab.world import PROD, SECURITY, VENDOR, Host, Place, World
from stanch.model.data import JSONObject

DAYS = 20
"""How far back it goes; baselines need 14."""
ENGINEER = "AWSReservedSSO_Engineer_6f1d2c3b4a596877"
BUILDER = "AWSReservedSSO_Builder_0a1b2c3d4e5f6071"
PEOPLE = (
    ("anna.berg", ENGINEER, (Place.OFFICE, Place.VPN, Place.HOME_EAST)),
    ("tomas.wiik", ENGINEER, (Place.OFFICE, Place.VPN)),
    ("lea.moreau", ENGINEER, (Place.VPN, Place.HOME_WEST)),
    ("jonas.falk", BUILDER, (Place.OFFICE, Place.VPN)),
)
BROWSER = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0"
CLI = "aws-cli/2.31.6 md/awscrt#0.27.6 ua/2.1 os/linux#6.8.0 lang/python#3.13.7"
SDK = "Boto3/1.40.44 md/Botocore#1.40.44 ua/2.1 os/linux#6.1.0 lang/python#3.12.3"
LOOKS = (
    "ec2:DescribeInstances",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeVolumes",
    "elasticloadbalancing:DescribeTargetHealth",
    "monitoring:GetMetricData",
    "logs:FilterLogEvents",
    "s3:ListBuckets",
    "iam:ListRoles",
    "ssm:DescribeParameters",
    "ec2:DescribeImages",
)
WORK = ("ssm:PutParameter", "logs:PutRetentionPolicy", "ec2:CreateTags", "monitoring:PutMetricAlarm")
DEPLOYS = (
    "s3:GetBucketLocation",
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:ModifyTargetGroup",
    "ssm:SendCommand",
    "ssm:GetCommandInvocation",
    "elasticloadbalancing:DescribeTargetHealth",
)
HUM = ("kms:Decrypt", "secretsmanager:GetSecretValue", "ssm:GetParameter", "sts:GetCallerIdentity")


def everyday(world: World, now: datetime, days: int = DAYS) -> tuple[Event, ...]:
    """The traffic of the `days` before `now`, nobody's intent but the operator's; not in order."""
    dates = [now - timedelta(days=back) for back in range(days, -1, -1)]
    found = chain.from_iterable(_day(world, date) for date in dates)
    return tuple(one for one in found if now - timedelta(days=days) <= one.time < now)


def _day(world: World, date: datetime) -> Iterator[Event]:
    name = f"{date:%Y-%m-%d}"
    midnight = datetime.combine(date.date(), time(), UTC)
    for host in world.hosts.values():
        yield from _workload(host, midnight, dice(world.seed, name, host.name))
    yield from _services(midnight, dice(world.seed, name, "services"))
    yield from _vendor(world, midnight, dice(world.seed, name, "vendor"))
    if date.isoweekday() <= 5:  # noqa: PLR2004 -- Monday to Friday
        for person, role, places in PEOPLE:
            yield from _person(world, person, role, places, midnight, dice(world.seed, name, person))
        yield from _key_user(world, midnight, dice(world.seed, name, "maria"))
        yield from _console_user(world, midnight, dice(world.seed, name, "erik"))
        yield from _pipeline(world, midnight, dice(world.seed, name, "pipeline"))


def _person(
    world: World, person: str, role: str, places: tuple[Place, ...], midnight: datetime, thrown: Random
) -> Iterator[Event]:
    pen, start = Pen(thrown), midnight + timedelta(minutes=thrown.randint(7 * 60, 10 * 60))
    own = world.roles[role]
    issued = Issued(f"{person}@harbourgoods.example", session_key(thrown), start, mfa=True)
    place = thrown.choice(places)
    broker = Session(person, own.account, {"type": "SAMLUser", "userName": issued.name}, place, BROWSER, person)
    yield pen.write(
        broker, start, "sts:AssumeRoleWithSAML", request=_wanted(own.arn, issued), response=granted(own, issued)
    )
    session = role_session(own, issued, place, thrown.choice((BROWSER, CLI)))
    yield pen.sign_in(session, start + timedelta(seconds=2))
    for at in _spread(thrown, start, hours=7, n=thrown.randint(6, 14)):
        yield pen.write(session, at, thrown.choice(LOOKS), error=_slip(thrown))
    if thrown.random() < 0.4:  # noqa: PLR2004 -- some days something is changed
        yield pen.write(session, start + timedelta(hours=3), thrown.choice(WORK))


def _key_user(world: World, midnight: datetime, thrown: Random) -> Iterator[Event]:
    place = thrown.choice((Place.OFFICE, Place.VPN, Place.VPN))
    session = user_session(world.users["maria.lindqvist"], place, CLI)
    for at in _spread(thrown, midnight + timedelta(hours=8), hours=8, n=thrown.randint(4, 9)):
        call = thrown.choice(
            ("s3:ListBuckets", "s3:GetBucketLocation", "logs:DescribeLogGroups", "ec2:DescribeInstances")
        )
        yield Pen(thrown).write(session, at, call, error=_slip(thrown))


def _console_user(world: World, midnight: datetime, thrown: Random) -> Iterator[Event]:
    pen, at = Pen(thrown), midnight + timedelta(minutes=thrown.randint(8 * 60, 15 * 60))
    issued = Issued("console", session_key(thrown), at, mfa=True)
    session = user_session(world.users["erik.nyman"], thrown.choice((Place.OFFICE, Place.VPN)), BROWSER, issued)
    if thrown.random() < 0.2:  # noqa: PLR2004 -- people mistype their password
        yield pen.sign_in(session, at, ok=False)
    yield pen.sign_in(session, at + timedelta(seconds=25))
    for when in _spread(thrown, at + timedelta(minutes=1), hours=1, n=3):
        yield pen.write(session, when, thrown.choice(LOOKS))


def _pipeline(world: World, midnight: datetime, thrown: Random) -> Iterator[Event]:
    pen, own = Pen(thrown), world.roles["deploy-storefront"]
    provider = f"arn:aws:iam::{PROD.id}:oidc-provider/{ISSUER}"
    subject = "repo:harbourgoods/storefront:ref:refs/heads/main"
    for start in _spread(thrown, midnight + timedelta(hours=8), hours=8, n=thrown.randint(1, 3)):
        issued = Issued(f"run-{thrown.randint(10**9, 10**10)}", session_key(thrown), start, provider=provider)
        web = {"type": "WebIdentityUser", "principalId": f"{provider}:sts.amazonaws.com:{subject}", "userName": subject}
        broker = Session(subject, own.account, {**web, "identityProvider": provider}, Place.CI, SDK, subject)
        request = _wanted(own.arn, issued)
        yield pen.write(broker, start, "sts:AssumeRoleWithWebIdentity", request=request, response=granted(own, issued))
        session = role_session(own, issued, Place.CI, SDK)
        for n, call in enumerate(DEPLOYS):
            yield pen.write(session, start + timedelta(seconds=20 * (n + 1)), call)


def _workload(host: Host, midnight: datetime, thrown: Random) -> Iterator[Event]:
    pen = Pen(thrown)
    for quarter in range(4):
        start = midnight + timedelta(hours=6 * quarter, minutes=thrown.randint(0, 9))
        issued = Issued(host.instance.id, session_key(thrown), start, delivery="2.0")
        yield pen.issue(host.role, issued)
        session = role_session(host.role, issued, host.public, SDK)
        for at in _spread(thrown, start, hours=5, n=4):
            yield pen.write(session, at, thrown.choice(HUM))


def _services(midnight: datetime, thrown: Random) -> Iterator[Event]:
    for account in (PROD.id, SECURITY.id):
        session = service_session("config.amazonaws.com", account)
        for at in _spread(thrown, midnight, hours=23, n=4):
            yield Pen(thrown).write(session, at, "ec2:DescribeNetworkInterfaces")


def _vendor(world: World, midnight: datetime, thrown: Random) -> Iterator[Event]:
    pen, own = Pen(thrown), world.roles["partner-monitoring"]
    for quarter in range(4):
        start = midnight + timedelta(hours=6 * quarter, minutes=30)
        issued = Issued("monitoring", session_key(thrown), start)
        identity = {"type": "AWSAccount", "accountId": VENDOR.id, "principalId": "AROAQVENDORMONITORING:poller"}
        broker = Session(VENDOR.id, own.account, identity, Place.VENDOR, SDK, "poller")
        yield pen.write(
            broker, start, "sts:AssumeRole", request=_wanted(own.arn, issued), response=granted(own, issued)
        )
        session = role_session(own, issued, Place.VENDOR, SDK)
        for n, call in enumerate(("ec2:DescribeInstances", "monitoring:GetMetricData")):
            yield pen.write(session, start + timedelta(seconds=n + 1), call)


def _wanted(arn: str, issued: Issued) -> JSONObject:
    return {"roleArn": arn, "roleSessionName": issued.name}


def _spread(thrown: Random, start: datetime, *, hours: int, n: int) -> list[datetime]:
    return sorted(start + timedelta(seconds=thrown.randint(60, hours * 3600)) for _ in range(n))


def _slip(thrown: Random) -> str:
    """Now and then someone asks for what he may not have."""
    return "AccessDenied" if thrown.random() < 0.03 else ""  # noqa: PLR2004
