"""How everyone in the organisation gets credentials, each with the event that shows it."""

from datetime import datetime
from random import Random

from stanch.lab.cloudtrail import Issued, Session, granted, role_session, service_session, user_session
from stanch.lab.dice import session_key
from stanch.lab.organisation.found import ISSUER
from stanch.lab.organisation.record import Caller, Event, Pen
from stanch.lab.organisation.world import KeyUser, Person, Pipeline, Site, Vendor, Workload
from stanch.lab.world import Host, Role
from stanch.model.data import JSON

SDK = "Boto3/1.40.44 md/Botocore#1.40.44 ua/2.1 os/linux#6.1.0 md/arch#aarch64 lang/python#3.12.3"
JAVA = "aws-sdk-java/2.33.4 md/io#async ua/2.1 os/Linux#6.1.0 lang/java#21.0.8 md/OpenJDK_64-Bit_Server_VM#21.0.8"
AGENT = "aws-sdk-go/1.55.5 (go1.23.4; linux; arm64) amazon-ssm-agent/3.3.2299.0"


def address_of(workload: Workload, host: Host | None, day: int) -> str:
    """Where the calls of a workload come from when they go over the internet."""
    return host.public if host and host.public else workload.network.egress.on(day)


def agent_of(workload: Workload) -> str:
    """The SDK that a workload is written with."""
    return SDK if len(workload.name) % 2 else JAVA


def instance_session(
    pen: Pen, site: Site, workload: Workload, host: Host, at: datetime, day: int
) -> tuple[Event, Caller, Caller]:
    """An instance's credentials: the event, the caller over the internet, and the one through the endpoint if any."""
    issued = Issued(host.instance.id, session_key(pen.dice), at, delivery="2.0")
    event = service_assumes(pen, site, workload.role, issued, "ec2.amazonaws.com")
    session = role_session(workload.role, issued, address_of(workload, host, day), agent_of(workload))
    outside = Caller.of(session, site.region)
    endpoint = workload.network.endpoint
    if not endpoint:
        return event, outside, outside
    inside = role_session(workload.role, issued, host.instance.interfaces[0].private_ip, session.agent)
    return event, outside, Caller.of(inside, site.region, endpoint)


def function_session(pen: Pen, site: Site, workload: Workload, at: datetime, day: int) -> tuple[Event, Caller]:
    """A function's credentials."""
    issued = Issued(workload.name, session_key(pen.dice), at)
    event = service_assumes(pen, site, workload.role, issued, "lambda.amazonaws.com")
    return event, Caller.of(
        role_session(workload.role, issued, workload.network.egress.on(day), agent_of(workload)), site.region
    )


def service_assumes(pen: Pen, site: Site, role: Role, issued: Issued, service: str) -> Event:
    """The AssumeRole by which a service gets a session of a role."""
    broker = Caller.of(service_session(service, site.id), site.region)
    request: dict[str, JSON] = {"roleArn": role.arn, "roleSessionName": issued.name}
    return pen.write(broker, issued.at, "sts:AssumeRole", request=request, response=granted(role, issued))


def linked_session(thrown: Random, site: Site, name: str, service: str, at: datetime) -> Caller:
    """An AWS service with its service-linked role."""
    issued = Issued(f"{name}-{thrown.getrandbits(32):08x}", session_key(thrown), at)
    session = role_session(site.roles[f"AWSServiceRoleFor{name}"], issued, service, service)
    identity = {**session.identity, "invokedBy": service}
    return Caller.of(Session(session.actor, session.account, identity, service, service, session.name), site.region)


def signed_in(
    pen: Pen, person: Person, role: Role, region: str, address: str, agent: str, at: datetime
) -> tuple[Event, Caller]:
    """Someone through single sign-on with a permission set of an account."""
    issued = Issued(f"{person.name}@northlight.example", session_key(pen.dice), at, mfa=True)
    identity: dict[str, JSON] = {"type": "SAMLUser", "userName": issued.name, "accountId": role.account}
    broker = Caller.of(Session(role.arn, role.account, identity, address, agent, issued.key), region)
    request: dict[str, JSON] = {"roleArn": role.arn, "roleSessionName": issued.name, "durationSeconds": 28800}
    event = pen.write(broker, at, "sts:AssumeRoleWithSAML", request=request, response=granted(role, issued))
    return event, Caller.of(role_session(role, issued, address, agent), region)


def assumed(
    pen: Pen,
    caller: Caller,
    role: Role,
    name: str,
    at: datetime,
    *,
    address: str = "",
    agent: str = "",
    region: str = "",
) -> tuple[tuple[Event, ...], Caller]:
    """A chained session: recorded in the caller's account and, when it is another, also in the role's."""
    issued = Issued(name, session_key(pen.dice), at)
    request: dict[str, JSON] = {"roleArn": role.arn, "roleSessionName": name}
    response = granted(role, issued)
    events = [pen.write(caller, at, "sts:AssumeRole", request=request, response=response)]
    if role.account != caller.session.account:
        identity: dict[str, JSON] = {
            "type": "AWSAccount",
            "principalId": str(caller.session.identity.get("principalId", "")),
            "accountId": caller.session.account,
        }
        abroad = Session(
            caller.session.actor,
            role.account,
            identity,
            caller.session.address,
            caller.session.agent,
            caller.session.name,
        )
        events.append(
            pen.write(Caller.of(abroad, caller.region), at, "sts:AssumeRole", request=request, response=response)
        )
    session = role_session(role, issued, address or caller.session.address, agent or caller.session.agent)
    return tuple(events), Caller.of(session, region or caller.region)


def pipeline_session(pen: Pen, pipeline: Pipeline, address: str, at: datetime) -> tuple[tuple[Event, ...], Caller]:
    """A run of a pipeline, by web identity or with its old key."""
    region = pipeline.site.region
    if pipeline.user:
        return (), Caller.of(user_session(pipeline.user, address, pipeline.agent), region)
    provider = f"arn:aws:iam::{pipeline.site.id}:oidc-provider/{ISSUER}"
    name = f"run-{pen.dice.randint(10**9, 10**10)}"
    issued = Issued(name, session_key(pen.dice), at, provider=provider)
    identity: dict[str, JSON] = {
        "type": "WebIdentityUser",
        "principalId": f"{provider}:sts.amazonaws.com:{pipeline.subject}",
        "userName": pipeline.subject,
        "identityProvider": provider,
    }
    broker = Caller.of(Session(pipeline.role.arn, pipeline.site.id, identity, address, SDK, issued.key), region)
    request: dict[str, JSON] = {"roleArn": pipeline.role.arn, "roleSessionName": name, "durationSeconds": 3600}
    event = pen.write(
        broker, at, "sts:AssumeRoleWithWebIdentity", request=request, response=granted(pipeline.role, issued)
    )
    return (event,), Caller.of(role_session(pipeline.role, issued, address, pipeline.agent), region)


def vendor_session(pen: Pen, vendor: Vendor, site: Site, at: datetime) -> tuple[Event, Caller]:
    """A partner with its role of ours."""
    role, address = site.roles[vendor.role], pen.dice.choice(vendor.addresses)
    issued = Issued("collector", session_key(pen.dice), at)
    identity: dict[str, JSON] = {
        "type": "AWSAccount",
        "principalId": f"AROA{vendor.account}COLLECT:collector",
        "accountId": vendor.account,
    }
    broker = Caller.of(Session(role.arn, site.id, identity, address, SDK, issued.key), site.region)
    request: dict[str, JSON] = {"roleArn": role.arn, "roleSessionName": "collector", "externalId": f"x-{site.id}"}
    event = pen.write(broker, at, "sts:AssumeRole", request=request, response=granted(role, issued))
    return event, Caller.of(role_session(role, issued, address, SDK), site.region)


def key_session(user: KeyUser, address: str, region: str, agent: str = "") -> Caller:
    """A user's long-lived key."""
    return Caller.of(user_session(user.user, address, agent or user.agent), region)
