"""Findings about nothing: knocks at public hosts, travellers, careless names, tests; many are sent again and again."""

from collections.abc import Iterator
from datetime import timedelta

from stanch.lab.organisation import findings
from stanch.lab.organisation.day import Day
from stanch.lab.organisation.record import Pen
from stanch.lab.organisation.sessions import key_session, signed_in
from stanch.lab.organisation.traces import Found, Talk, Trace, talk
from stanch.lab.organisation.world import Site
from stanch.model.data import JSONObject

KNOCKS = (
    ("Recon:EC2/PortProbeUnprotectedPort", 2.0),
    ("UnauthorizedAccess:EC2/SSHBruteForce", 2.0),
    ("UnauthorizedAccess:EC2/RDPBruteForce", 2.0),
)
CALLERS = (
    ("Discovery:IAMUser/AnomalousBehavior", 2.0, "iam", "ListRoles"),
    ("UnauthorizedAccess:IAMUser/ConsoleLoginSuccess.B", 5.0, "signin", "ConsoleLogin"),
    ("Persistence:IAMUser/AnomalousBehavior", 5.0, "iam", "CreateRole"),
    ("UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom", 5.0, "ec2", "DescribeInstances"),
    ("Stealth:IAMUser/PasswordPolicyChange", 2.0, "iam", "UpdateAccountPasswordPolicy"),
)
NAMES = (
    ("Impact:EC2/SuspiciousDomainRequest.Reputation", 2.0, "cdn.static.example"),
    ("CryptoCurrency:EC2/BitcoinTool.B!DNS", 8.0, "pool.example"),
    ("DefenseEvasion:EC2/UnusualDNSResolver", 5.0, "dns.example"),
)
SHARE = {"knock": 0.5, "caller": 0.16, "name": 0.03}
"""How many a day and account."""


def of_site_day(day: Day, site: Site) -> Iterator[Trace]:
    """The benign findings of one account, re-sent ones included."""
    thrown = day.dice("findings", site.id)
    pen = Pen(thrown)
    for kind, share in SHARE.items():
        if thrown.random() < share:
            for trace in {"knock": _knock, "caller": _caller, "name": _name}[kind](day, site, pen):
                yield trace
                if isinstance(trace, Found):
                    yield from _again(pen, trace)


def _again(pen: Pen, found: Found) -> Iterator[Found]:
    for _ in range(pen.dice.choice((0, 0, 1, 2, 4))):
        found = findings.again(
            pen.dice, found, timedelta(minutes=pen.dice.choice((15, 60, 360))), pen.dice.randint(1, 40)
        )
        yield found


def _knock(day: Day, site: Site, pen: Pen) -> Iterator[Trace]:
    hosts = [one for one in site.hosts if one.public]
    if not hosts:
        return
    host, address = pen.dice.choice(hosts), pen.dice.choice(day.organisation.strangers)
    kind, severity = pen.dice.choice(KNOCKS)
    seen = _seen(day, pen, kind, severity)
    port = 3389 if "RDP" in kind else 22
    knock = Talk(address, port, pen.dice.randint(1024, 65000), 60, 0, accepted=False)
    yield from talk(seen.first, site.id, site.region, host.instance.id, host.instance.interfaces[0], knock)
    action = (
        findings.port_probe(host, address, port)
        if "Probe" in kind
        else findings.connection(host, address, "INBOUND", (port, knock.remote))
    )
    yield _found(site, pen, seen, findings.on_host(host, day.organisation.midnight(-40)), action)


def _caller(day: Day, site: Site, pen: Pen) -> Iterator[Trace]:
    """A person with a role here works from home; in accounts without people a program's key."""
    kind, severity, service, operation = pen.dice.choice(CALLERS)
    seen = _seen(day, pen, kind, severity)
    people = [(one, role) for one in day.organisation.people for role in one.roles if role.account == site.id]
    if people:
        person, role = pen.dice.choice(people)
        event, caller = signed_in(
            pen, person, role, site.region, person.home.on(day.number), person.browser, seen.first
        )
        yield event
    else:
        user = pen.dice.choice(site.users)
        caller = key_session(user, user.address.on(day.number), site.region)
    for n, call in enumerate(("iam:ListRoles", "ec2:DescribeInstances", "iam:ListUsers", "s3:ListBuckets")):
        yield pen.write(caller, seen.first + timedelta(seconds=11 * (n + 1)), call)
    if operation not in ("ListRoles", "DescribeInstances"):
        yield pen.write(caller, seen.last, f"{service}:{operation}")
    action = findings.api_call(service, operation, caller.session.address)
    yield _found(site, pen, seen, findings.on_caller(caller), action)


def _name(day: Day, site: Site, pen: Pen) -> Iterator[Trace]:
    if site.hosts:
        kind, severity, domain = pen.dice.choice(NAMES)
        resource = findings.on_host(pen.dice.choice(site.hosts), day.organisation.midnight(-40))
        yield _found(site, pen, _seen(day, pen, kind, severity), resource, findings.name_lookup(domain))


def _found(site: Site, pen: Pen, seen: findings.Seen, resource: JSONObject, action: JSONObject) -> Found:
    body = findings.finding(site, pen.dice, seen, resource, action)
    return Found(findings.published(body), body, "benign", "")


def _seen(day: Day, pen: Pen, kind: str, severity: float) -> findings.Seen:
    first = day.times(pen.dice, 1)[0]
    role = "ACTOR" if "!DNS" in kind or "Domain" in kind else "TARGET"
    return findings.Seen(kind, severity, first, first + timedelta(minutes=pen.dice.randint(1, 50)), role=role)
