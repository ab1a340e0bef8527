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

from stanch.lab import judgement, lookup, spelling
from stanch.lab.clock import LabClock
from stanch.lab.cloudtrail import Event, Issued, Pen, Session, role_session, stamp
from stanch.lab.world import REGION, Role
from stanch.model.data import JSON, JSONObject
from stanch.model.errors import BadInput

DENIED = "AccessDenied"


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

        A call with an inactive key is refused before CloudTrail sees it, as on AWS.
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
        service, operation = call.split(":")
        said = spelling.request(service, operation, request or {})
        event = self.pen.write(self.session, self.clock.now(), call, request=said, response=response, error=error)
        lookup.keep(event, *names)
        return event

    def _call(
        self, service: str, operation: str, names: tuple[str, ...], params: Mapping[str, JSON]
    ) -> tuple[str, Mapping[str, Any]]:
        """The error code, empty when it succeeded, and the answer."""
        if self._inactive():
            return "InvalidClientTokenId", {}
        error = DENIED if judgement.denied(self._documents(), self._facts()) else ""
        answer = {} if error else getattr(self._client(service), xform_name(operation))(**params)
        said = None if error else spelling.response(service, answer)
        self.write(f"{service}:{operation}", *names, error=error, request=params, response=said)
        return error, answer

    def _facts(self) -> dict[str, str]:
        facts = {
            "aws:CurrentTime": stamp(self.clock.now()),
            "aws:userid": str(self.session.identity["principalId"]),
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

    def _documents(self) -> tuple[JSONObject, ...]:
        """The managed policies in force on the user or role."""
        iam, kind = self._client("iam"), "user" if ":user/" in self.session.actor else "role"
        name = self.session.actor.rpartition("/")[2]
        listed = getattr(iam, f"list_attached_{kind}_policies")(**{f"{kind.title()}Name": name})["AttachedPolicies"]
        return tuple(self._document(one["PolicyArn"]) for one in listed)

    def _document(self, arn: str) -> JSONObject:
        iam = self._client("iam")
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        found = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
        return cast("JSONObject", json.loads(unquote(found)) if isinstance(found, str) else found)

    @cached_property
    def _hands(self) -> Any:
        session = botocore.session.get_session()
        session.register("before-call", self._sign)
        return session

    def _client(self, service: str) -> Any:
        return self._hands.create_client(service, region_name=REGION)

    def _sign(self, **event: Any) -> None:
        event["params"]["headers"]["x-moto-account-id"] = self.session.account
