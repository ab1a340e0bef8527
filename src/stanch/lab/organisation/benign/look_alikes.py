"""Ordinary days that look like attacks and raise the same findings: the hardest thing to tell, and nobody's fault."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from stanch.lab.cloudtrail import Session
from stanch.lab.organisation import addresses, findings
from stanch.lab.organisation.benign.terraform import Run
from stanch.lab.organisation.day import OFFICE, Day
from stanch.lab.organisation.found import CLIS
from stanch.lab.organisation.record import Caller, Pen
from stanch.lab.organisation.sessions import (
    function_session,
    instance_session,
    key_session,
    pipeline_session,
    signed_in,
)
from stanch.lab.organisation.traces import Found, Trace, get_object, list_objects
from stanch.lab.organisation.wanted import wanted
from stanch.lab.organisation.world import Site
from stanch.model.data import JSON, JSONObject

CHANCE = 1 / 45
"""A weekday and account."""
EXFILTRATION = "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS"


def of_site_day(day: Day, site: Site) -> Iterator[Trace]:
    """Nothing on most days."""
    thrown = day.dice("look-alike", site.id)
    if day.working and thrown.random() < CHANCE:
        at = day.times(thrown, 1, OFFICE, 1)[0]
        yield from thrown.choice((copied_credentials, bulk_read, changed_roles, new_colleague))(
            day, site, Pen(thrown), at
        )


def copied_credentials(day: Day, site: Site, pen: Pen, at: datetime) -> Iterator[Trace]:
    """Someone debugs at the office with an instance's credentials."""
    workload = pen.dice.choice([one for one in site.workloads if one.hosts] or list(site.workloads))
    if not workload.hosts:
        return
    host = workload.hosts[0]
    event, caller, _ = instance_session(pen, site, workload, host, at - timedelta(minutes=50), day.number)
    yield event
    session, office = caller.session, pen.dice.choice(addresses.pool(addresses.OFFICE))
    away = Caller.of(
        Session(session.actor, session.account, session.identity, office, pen.dice.choice(CLIS), session.name),
        site.region,
    )
    since = at
    request: dict[str, JSON] = {"secretId": workload.secrets[0]}
    for call in ("sts:GetCallerIdentity", "secretsmanager:GetSecretValue", "ssm:GetParameter", "sqs:GetQueueUrl"):
        at += timedelta(seconds=pen.dice.uniform(5, 90))
        yield pen.write(away, at, call, request=request if "Secret" in call else None)
    resource = findings.on_caller(away, host, day.organisation.midnight(-41))
    seen = findings.Seen(EXFILTRATION, 8, since, at, 4)
    action = findings.api_call("secretsmanager", "GetSecretValue", office)
    yield _benign(findings.finding(site, pen.dice, seen, resource, action))


def bulk_read(day: Day, site: Site, pen: Pen, at: datetime) -> Iterator[Trace]:
    """A function is run once over a whole bucket: a backfill."""
    workload = pen.dice.choice(site.workloads)
    event, caller = function_session(pen, site, workload, at, day.number)
    yield event
    bucket, since = pen.dice.choice(workload.buckets), at
    yield from list_objects(pen, caller, at, bucket, f"{workload.name}/")
    for n in range(pen.dice.randint(60, 200)):
        at += timedelta(seconds=pen.dice.uniform(0.05, 1.5))
        key = f"{workload.name}/{1 + n % 28:02d}/{pen.dice.getrandbits(40):010x}.json"
        yield from get_object(pen, caller, at, bucket, key, pen.dice.randint(100_000, 30_000_000))
    resource = findings.on_bucket(caller, bucket, day.organisation.midnight(-400))
    seen = findings.Seen("Exfiltration:S3/AnomalousBehavior", 8, since, at, 12)
    action = findings.api_call("s3", "GetObject", caller.session.address)
    yield _benign(findings.finding(site, pen.dice, seen, resource, action))


def changed_roles(day: Day, site: Site, pen: Pen, at: datetime) -> Iterator[Trace]:
    """A pipeline makes roles, which it has not done for a while."""
    mine = [one for one in day.organisation.pipelines if one.site.id == site.id]
    pipeline = pen.dice.choice(mine)
    address = pen.dice.choice(addresses.pool(addresses.CI))
    issued, caller = pipeline_session(pen, pipeline, address, at)
    yield from issued
    yield from Run(pipeline, pen, caller, at).fresh("role")
    kind = pen.dice.choice(("PrivilegeEscalation:IAMUser/AnomalousBehavior", "Persistence:IAMUser/AnomalousBehavior"))
    seen = findings.Seen(kind, 5, at, at + timedelta(seconds=20), 2)
    action = findings.api_call("iam", "CreateRole", address)
    yield _benign(findings.finding(site, pen.dice, seen, findings.on_caller(caller), action))


def new_colleague(day: Day, site: Site, pen: Pen, at: datetime) -> Iterator[Trace]:
    """An administrator gives a new colleague a user and a policy; where none has a role, a program's key is rotated."""
    admins = [
        (one, role)
        for one in day.organisation.people
        for role in one.roles
        if role.account == site.id and "_Admin_" in role.name and one.since <= day.number
    ]
    if admins:
        person, role = pen.dice.choice(admins)
        event, caller = signed_in(pen, person, role, site.region, person.vpn, person.browser, at)
        yield event
    else:
        user = pen.dice.choice(site.users)
        caller = key_session(user, user.address.on(day.number), site.region)
    name, since = f"u{pen.dice.getrandbits(20):05x}", at
    for call in ("iam:CreateUser", "iam:AttachUserPolicy", "iam:CreateLoginProfile", "iam:CreateAccessKey"):
        at += timedelta(seconds=pen.dice.uniform(8, 70))
        asked = wanted(call, site, pen.dice) or {}
        yield pen.write(caller, at, call, request={**asked, "userName": name})
    seen = findings.Seen("Persistence:IAMUser/AnomalousBehavior", 5, since, at, 3)
    action = findings.api_call("iam", "CreateUser", caller.session.address)
    yield _benign(findings.finding(site, pen.dice, seen, findings.on_caller(caller), action))


def _benign(body: JSONObject) -> Found:
    return Found(findings.published(body), body, "benign", "")
