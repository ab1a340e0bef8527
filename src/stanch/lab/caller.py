"""Somebody with credentials who goes on calling: judged by the simulated IAM, carried out, and seen by CloudTrail."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, cast
from urllib.parse import unquote

import botocore.session
from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError

from stanch.aws.sessions import models
from stanch.lab import judgement, lookup, spelling
from stanch.lab.clock import LabClock
from stanch.lab.cloudtrail import READS, Event, Issued, Pen, Session, role_session, stamp
from stanch.lab.dice import dice
from stanch.lab.wire import OF_THE_LAB
from stanch.lab.world import REGION, Role
from stanch.model.data import JSON, JSONObject
from stanch.model.errors import BadInput

DENIED, GONE = "AccessDenied", "InvalidClientTokenId"
ABSENT = frozenset({"NoSuchEntity", "NoSuchBucket", "NoSuchBucketPolicy"})


@dataclass(frozen=True)
class Caller:
    """A user with a key, a session of a role, or the credentials of an instance used from anywhere."""

    session: Session
    clock: LabClock
    pen: Pen
    issued: datetime | None = None
    """When his session was issued; None for a long-term key."""
    instance: str = ""
    """ARN of the instance whose credentials they are."""
    vpc: str = ""
    """VPC whose endpoint the calls go through."""

    def call(self, service: str, operation: str, *names: str, **params: JSON) -> str:
        """Make a call on the resources of these names; returns the error code, empty when it succeeded.

        A call with an inactive key, or as somebody who was deleted, is refused before CloudTrail sees it, as on AWS.
        Raises BadInput where a policy in force cannot be judged.
        """
        return self._call(service, operation, names, params)[0]

    def assume(self, role: Role, name: str) -> "Caller":
        """Assume a role, also another account's, and go on as its session, from the same place.

        Raises BadInput where he may not.
        """
        error, answer = self._call("sts", "AssumeRole", (role.arn,), {"RoleArn": role.arn, "RoleSessionName": name})
        if error:
            raise BadInput(f"{self.session.actor} may not assume {role.arn}: {error}")
        issued = Issued(name, answer["Credentials"]["AccessKeyId"], self.clock.now())
        session = role_session(role, issued, self.session.address, self.session.agent)
        return Caller(session, self.clock, self.pen, issued.at)

    def write(
        self,
        call: str,
        *names: str,
        error: str = "",
        request: Mapping[str, JSON] | None = None,
        response: JSONObject | None = None,
    ) -> Event:
        """Let CloudTrail record a call without anything being judged or done."""
        at = self.clock.now()
        # Two hands with equal dice are still two calls: no event id may ever come twice.
        nth = lookup.recorded(self.session.account)
        pen = Pen(dice(0, self.session.actor, at.isoformat(), str(nth)), self.pen.intent, self.pen.scenario)
        service, operation = call.split(":")
        said = spelling.request(service, operation, request or {})
        event = pen.write(self.session, at, call, request=said, response=response, error=error)
        lookup.keep(event, *names)
        return event

    def _call(
        self, service: str, operation: str, names: tuple[str, ...], params: Mapping[str, JSON]
    ) -> tuple[str, Mapping[str, Any]]:
        """The error code, empty when it succeeded, and the answer."""
        documents = self._own_documents()
        if documents is None or self._inactive():
            return GONE, {}
        client = self._client(service)
        model = client.meta.service_model
        theirs, resource = self._resource_documents(service, operation, params)
        asked = f"{model.signing_name}:{operation}", resource
        refused = judgement.denied((*documents, *theirs), self._facts(), *asked)
        error, answer = (DENIED, {}) if refused else _do(client, operation, params)
        said = spelling.response(service, answer) if _leaves_something(operation, answer) else None
        self.write(f"{model.endpoint_prefix}:{operation}", *names, error=error, request=params, response=said)
        return error, answer

    def _facts(self) -> dict[str, str]:
        facts = {
            "aws:CurrentTime": stamp(self.clock.now()),
            "aws:userid": str(self.session.identity["principalId"]),
            "aws:PrincipalArn": self.session.actor,
            "aws:ViaAWSService": "false",
        }
        if self.issued:
            facts["aws:TokenIssueTime"] = stamp(self.issued)
        if self.instance:
            facts["ec2:SourceInstanceARN"] = self.instance
        return facts | ({"aws:SourceVpc": self.vpc} if self.vpc else {"aws:SourceIp": self.session.address})

    def _inactive(self) -> bool:
        key = str(self.session.identity["accessKeyId"])
        if self.issued or self.session.identity["type"] != "IAMUser":
            return False
        name = self.session.identity["userName"]
        listed = self._client("iam").list_access_keys(UserName=name)["AccessKeyMetadata"]
        return not any(one["AccessKeyId"] == key and one["Status"] == "Active" for one in listed)

    def _own_documents(self) -> tuple[JSONObject, ...] | None:
        """The policies in force on the user or role, attached and inline; None when there is no such principal."""
        kind = "user" if ":user/" in self.session.actor else "role"
        who = {f"{kind.title()}Name": self.session.actor.rpartition("/")[2]}
        iam = self._client("iam")
        try:
            attached = getattr(iam, f"list_attached_{kind}_policies")(**who)["AttachedPolicies"]
            inline = getattr(iam, f"list_{kind}_policies")(**who)["PolicyNames"]
        except ClientError as error:
            if _code(error) in ABSENT:
                return None
            raise
        written = (getattr(iam, f"get_{kind}_policy")(**who, PolicyName=one)["PolicyDocument"] for one in inline)
        return (*(self._document(one["PolicyArn"]) for one in attached), *map(_parsed, written))

    def _document(self, arn: str) -> JSONObject:
        iam = self._client("iam")
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        return _parsed(iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])

    def _resource_documents(
        self, service: str, operation: str, params: Mapping[str, JSON]
    ) -> tuple[tuple[JSONObject, ...], str]:
        """The policy of the bucket, or of who may assume the role, that the call is about, and that one's ARN."""
        if service == "s3" and "Bucket" in params:
            key = f"/{params['Key']}" if "Key" in params else ""
            found = self._policy("s3", "get_bucket_policy", "Policy", Bucket=params["Bucket"])
            return found, f"arn:aws:s3:::{params['Bucket']}{key}"
        if service == "sts" and operation.startswith("AssumeRole"):
            arn = str(params["RoleArn"])
            hands = Caller(Session(arn, arn.split(":")[4], {}, "", ""), self.clock, self.pen)
            trust = hands._policy("iam", "get_role", "Role.AssumeRolePolicyDocument", RoleName=arn.rpartition("/")[2])
            return trust, arn
        return (), "*"

    def _policy(self, service: str, operation: str, where: str, **params: JSON) -> tuple[JSONObject, ...]:
        try:
            answer = getattr(self._client(service), operation)(**params)
        except ClientError as error:
            if _code(error) in ABSENT:
                return ()
            raise
        for step in where.split("."):
            answer = answer[step]
        return (_parsed(answer),)

    @cached_property
    def _hands(self) -> Any:
        session = botocore.session.get_session()
        session.register_component("data_loader", models())
        session.register("before-call", self._sign)
        return session

    def _client(self, service: str) -> Any:
        return self._hands.create_client(service, region_name=REGION)

    def _sign(self, **event: Any) -> None:
        event["params"]["headers"][OF_THE_LAB] = self.session.account


def act(clock: LabClock, asked: Mapping[str, JSON]) -> str:
    """What another process asks somebody to do here; returns the error code, raises BadInput for what is no request."""
    try:
        who, what = dict(cast("dict[str, Any]", asked["who"])), cast("dict[str, Any]", asked)
        issued = datetime.fromisoformat(text) if (text := who.pop("issued")) else None
        instance, vpc = str(who.pop("instance")), str(who.pop("vpc"))
        pen = Pen(dice(0, "remote"), str(what["intent"]), str(what["scenario"]))
        one = Caller(Session(**who), clock, pen, issued, instance, vpc)
        if not what["judged"]:
            one.write(what["call"], *what["names"], error=what["error"], request=what["request"])
            return str(what["error"])
        service, operation = what["call"].split(":")
        return one.call(service, operation, *what["names"], **what["request"])
    except (KeyError, TypeError, ValueError, AttributeError, BotoCoreError) as error:
        raise BadInput(f"nobody can act so: {type(error).__name__}: {error}") from error


def _do(client: Any, operation: str, params: Mapping[str, JSON]) -> tuple[str, Mapping[str, Any]]:
    """Error code, empty when it succeeded, and the answer."""
    try:
        return "", getattr(client, xform_name(operation))(**params)
    except ClientError as error:
        return _code(error), {}


def _leaves_something(operation: str, answer: Mapping[str, Any]) -> bool:
    """Whether CloudTrail keeps the answer: only of what makes something."""
    return bool(set(answer) - {"ResponseMetadata"}) and not operation.startswith(tuple(set(READS) - {"Assume"}))


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])


def _parsed(document: Any) -> JSONObject:
    return cast("JSONObject", json.loads(unquote(document)) if isinstance(document, str) else document)
