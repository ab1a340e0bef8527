"""CloudTrail's record of a call, in AWS's shape, with the truth about it kept beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random

from stanch.lab.dice import uuid
from stanch.lab.world import REGION, Role, User
from stanch.model.data import JSON, JSONObject

READS = ("Get", "List", "Describe", "Head", "Assume", "Lookup", "Decrypt")
GLOBAL = {"iam", "signin"}
"""Services whose events CloudTrail files under us-east-1."""
SECRETS = {"SecretAccessKey", "SessionToken"}
"""Members of an answer that the lab writes nowhere."""


@dataclass(frozen=True)
class Session:
    """Someone with credentials, at an address."""

    actor: str
    """ARN of the user or role; the service's name for a service."""
    account: str
    identity: JSONObject
    """`userIdentity` of his records."""
    address: str
    agent: str
    name: str = ""
    """Access key, or what else tells this session from his others."""


@dataclass(frozen=True)
class Event:
    """A record and the truth about it."""

    record: JSONObject
    account: str
    region: str
    time: datetime
    actor: str
    session: str
    intent: str
    """`benign` or `attack`."""
    scenario: str
    """Empty for everyday traffic."""

    @property
    def id(self) -> str:
        """CloudTrail's event id."""
        return str(self.record["eventID"])


def stamp(at: datetime) -> str:
    """CloudTrail's time: seconds, `Z`."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Issued:
    """What STS wrote into a role session."""

    name: str
    """Role session name."""
    key: str
    at: datetime
    mfa: bool = False
    delivery: str = ""
    """IMDS version that handed it to an instance."""
    provider: str = ""
    """ARN of the identity provider of a web identity."""
    source: str = ""
    """Source identity that it was asked for with."""


def user_session(user: User, address: str, agent: str, console: Issued | None = None) -> Session:
    """A user with his access key, or in the console with the session that it got for him."""
    identity: dict[str, JSON] = {
        "type": "IAMUser",
        "principalId": user.id,
        "arn": user.arn,
        "accountId": user.account,
        "accessKeyId": console.key if console else user.key,
        "userName": user.name,
    }
    if console:
        identity["sessionContext"] = {"attributes": _attributes(console)}
    return Session(user.arn, user.account, identity, address, agent, console.key if console else user.key)


def role_session(role: Role, issued: Issued, address: str, agent: str) -> Session:
    """A session of a role, calling from `address`."""
    context: dict[str, JSON] = {"sessionIssuer": _issuer(role), "attributes": _attributes(issued)}
    if issued.source:
        context["sourceIdentity"] = issued.source
    if issued.delivery:
        context["ec2RoleDelivery"] = issued.delivery
    if issued.provider:
        context["webIdFederationData"] = {"federatedProvider": issued.provider, "attributes": {}}
    identity: dict[str, JSON] = {
        "type": "AssumedRole",
        "principalId": f"{role.id}:{issued.name}",
        "arn": f"arn:aws:sts::{role.account}:assumed-role/{role.name}/{issued.name}",
        "accountId": role.account,
        "accessKeyId": issued.key,
        "sessionContext": context,
    }
    return Session(role.arn, role.account, identity, address, agent, issued.key)


def service_session(service: str, account: str) -> Session:
    """An AWS service acting by itself; it has no address but its name."""
    return Session(service, account, {"type": "AWSService", "invokedBy": service}, service, service, service)


def root_session(account: str, address: str, agent: str, console: Issued) -> Session:
    """The root user in the console."""
    arn = f"arn:aws:iam::{account}:root"
    identity: dict[str, JSON] = {
        "type": "Root",
        "principalId": account,
        "arn": arn,
        "accountId": account,
        "accessKeyId": console.key,
        "sessionContext": {"attributes": _attributes(console)},
    }
    return Session(arn, account, identity, address, agent, console.key)


@dataclass(frozen=True)
class Pen:
    """Writes the records of one scenario, or of everyday traffic."""

    dice: Random
    intent: str = "benign"
    scenario: str = ""

    def write(
        self,
        session: Session,
        at: datetime,
        call: str,
        *,
        request: JSONObject | None = None,
        response: JSONObject | None = None,
        error: str = "",
        region: str = REGION,
        extra: Mapping[str, JSON] | None = None,
    ) -> Event:
        """The record of `call`, written `service:Operation`; `error` is the code it was answered with."""
        service, operation = call.split(":")
        region = "us-east-1" if service in GLOBAL else region
        failure = {"errorCode": error, "errorMessage": _message(session, call)} if error else {}
        record: dict[str, JSON] = {
            "eventVersion": "1.11",
            "userIdentity": session.identity,
            "eventTime": stamp(at),
            "eventSource": f"{service}.amazonaws.com",
            "eventName": operation,
            "awsRegion": region,
            "sourceIPAddress": session.address,
            "userAgent": session.agent,
            **failure,
            "requestParameters": request,
            "responseElements": response,
            "requestID": uuid(self.dice),
            "eventID": uuid(self.dice),
            "readOnly": operation.startswith(READS),
            "eventType": "AwsConsoleSignIn" if service == "signin" else "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": session.account,
            "eventCategory": "Management",
            **(extra or {}),
        }
        truth = session.actor, session.name, self.intent, self.scenario
        return Event(record, session.account, region, at, *truth)

    def sign_in(self, session: Session, at: datetime, *, ok: bool = True, mfa: bool = True) -> Event:
        """A console login, refused when not `ok`."""
        extra: dict[str, JSON] = {"additionalEventData": {"MFAUsed": "Yes" if mfa and ok else "No"}}
        # A login has no key yet, and AWS names no ARN before it believes who it is.
        unknown = {"accessKeyId"} if ok else {"accessKeyId", "arn", "sessionContext"}
        session = replace(session, identity={k: v for k, v in session.identity.items() if k not in unknown})
        if not ok:
            extra["errorMessage"] = "Failed authentication"
        response = {"ConsoleLogin": "Success" if ok else "Failure"}
        return self.write(session, at, "signin:ConsoleLogin", response=response, extra=extra)

    def issue(self, role: Role, issued: Issued, service: str = "ec2.amazonaws.com") -> Event:
        """The AssumeRole by which a service got a session for an instance (or itself) of ours."""
        return self.write(
            service_session(service, role.account),
            issued.at,
            "sts:AssumeRole",
            request={"roleArn": role.arn, "roleSessionName": issued.name},
            response=granted(role, issued),
        )


def granted(role: Role, issued: Issued) -> JSONObject:
    """`responseElements` of the AssumeRole that issued a session; AWS writes the token too, the lab does not."""
    arn = f"arn:aws:sts::{role.account}:assumed-role/{role.name}/{issued.name}"
    return {
        "credentials": {"accessKeyId": issued.key},
        "assumedRoleUser": {"assumedRoleId": f"{role.id}:{issued.name}", "arn": arn},
    }


def _attributes(issued: Issued) -> JSONObject:
    return {"creationDate": stamp(issued.at), "mfaAuthenticated": str(issued.mfa).lower()}


def _issuer(role: Role) -> JSONObject:
    return {
        "type": "Role",
        "principalId": role.id,
        "arn": role.arn,
        "accountId": role.account,
        "userName": role.name,
    }


def _message(session: Session, call: str) -> str:
    who = session.identity.get("arn", session.actor)
    return f"User: {who} is not authorized to perform: {call}"
