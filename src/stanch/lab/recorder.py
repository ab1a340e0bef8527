"""CloudTrail's eye on the wire: whatever changes something, or is refused, is recorded with whoever signed it.

Of plain reads it records none, to keep the lab quick; AWS records those of management events too. What the lab's own
hands do (they build it, and carry out callers' requests, which record themselves) is no event.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from botocore.exceptions import UnknownServiceError
from moto.core.responses import BaseResponse
from moto.core.utils import get_service_model
from moto.iam.exceptions import NotFoundException
from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from stanch.lab import lookup, spelling
from stanch.lab.clock import LabClock
from stanch.lab.cloudtrail import Issued, Pen, Session, role_session
from stanch.lab.dice import dice
from stanch.lab.wire import OF_THE_LAB
from stanch.lab.world import WORKER, Role
from stanch.model.data import JSON, JSONObject

WORKER_ID = "AROASTANCHWORKERLAB77"
NAMES = re.compile(r".*(?:Name|Names|Arn|ARN|Id|Ids|Bucket)$")
"""Parameters that name what is acted on."""
CODE = re.compile(r'<Code>([^<]+)</Code>|"__type"\s*:\s*"(?:[^"#]*#)?([^"]+)"')
BUCKETS = {
    ("PUT", "policy"): "PutBucketPolicy",
    ("DELETE", "policy"): "DeleteBucketPolicy",
    ("PUT", "publicAccessBlock"): "PutBucketPublicAccessBlock",
    ("DELETE", "publicAccessBlock"): "DeleteBucketPublicAccessBlock",
    ("PUT", ""): "CreateBucket",
    ("DELETE", ""): "DeleteBucket",
}
"""S3's management events that scenarios meet: method and query -> event name. Calls on objects are data events."""


@dataclass
class Recorder:
    """Records what reaches one lab."""

    clock: LabClock
    home: str
    """Account of the lab's own credentials."""
    _sources: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    """Access key of an assumed session -> its source identity and when it was issued."""

    def issued(self, key: str, source_identity: str) -> None:
        """STS gave a session with this access key, under this source identity."""
        self._sources[key] = source_identity, self.clock.now()

    def saw(self, response: BaseResponse, operation: str, answer: tuple[int, Any, Any]) -> None:
        """A request to a service that has its operation's name in it, and what it was answered."""
        params = {**response.uri_match, **_parameters(response)}
        self._keep(response, _source(response), operation, params, _error(answer))

    def saw_bucket(self, response: BaseResponse, answer: object) -> None:
        """A request to S3, whose operation only its method and query tell."""
        parts = urlsplit(response.uri)
        query = next((one for one in parse_qs(parts.query, keep_blank_values=True) if not one.startswith("x-")), "")
        operation = BUCKETS.get((response.method, query))
        name = vars(response).get("bucket_name") or parts.path.strip("/")
        if operation is not None:
            self._keep(response, "s3", operation, {"bucketName": name}, _error(answer))

    def _keep(self, response: BaseResponse, source: str, operation: str, params: Mapping[str, Any], error: str) -> None:
        if OF_THE_LAB in response.headers:
            return
        session, at, account = self._who(response), self.clock.now(), response.current_account
        pen = Pen(dice(0, session.actor, operation, at.isoformat(), str(lookup.recorded(account))))
        call = f"{source}:{operation}"
        event = pen.write(
            session, at, call, request=spelling.request(source, operation, params), error=error, region=response.region
        )
        lookup.keep(event, *names(params))

    def _who(self, response: BaseResponse) -> Session:
        account, partition, key = response.current_account, response.partition, response.access_key
        agent = str(response.headers.get("User-Agent", ""))
        assumed = sts_backends[account][partition].get_assumed_role_from_access_key(key)
        if assumed is not None:
            source, at = self._sources.get(key, ("", self.clock.now()))
            role = iam_backends[account][partition].get_role_by_arn(assumed.role_arn)
            known = Role(account, role.name, role.arn, role.id)
            return role_session(known, Issued(assumed.session_name, key, at, source=source), "127.0.0.1", agent)
        return self._user(account, partition, key, agent) or self._worker(key, agent)

    def _user(self, account: str, partition: str, key: str, agent: str) -> Session | None:
        try:
            user = iam_backends[account][partition].get_user_from_access_key_id(key)
        except NotFoundException:
            return None
        if user is None:
            return None
        said = {"type": "IAMUser", "principalId": user.id, "arn": user.arn, "accountId": account, "accessKeyId": key}
        return Session(user.arn, account, {**said, "userName": user.name}, "127.0.0.1", agent, key)

    def _worker(self, key: str, agent: str) -> Session:
        worker = Role(self.home, WORKER, f"arn:aws:iam::{self.home}:role/{WORKER}", WORKER_ID)
        return role_session(worker, Issued("lab", key, self.clock.now()), "127.0.0.1", agent)


def names(params: Mapping[str, Any]) -> tuple[str, ...]:
    """What a request names: ids, names and ARNs, and of an ARN also its last step."""
    found = [text for key, value in params.items() if NAMES.fullmatch(key) for text in _texts(value)]
    last = (one.rpartition("/")[2] for one in found if one.startswith("arn:"))
    return tuple(dict.fromkeys((*found, *last)))


def _texts(value: object) -> Iterable[str]:
    match value:
        case str():
            return (value,)
        case list() | tuple():
            return tuple(one for one in value if isinstance(one, str))
        case _:
            return ()


def _parameters(response: BaseResponse) -> JSONObject:
    if response.automated_parameter_parsing:
        return cast("JSONObject", dict(cast("Mapping[str, JSON]", response._get_params())))  # noqa: SLF001
    try:
        body = json.loads(response.body or "{}")
    except ValueError:
        body = {key: value[0] for key, value in response.querystring.items() if key not in {"Action", "Version"}}
    return cast("JSONObject", body) if isinstance(body, dict) else {}


def _source(response: BaseResponse) -> str:
    """First label of `eventSource`."""
    try:
        return str(get_service_model(response.boto3_service_name).endpoint_prefix)
    except UnknownServiceError:
        return str(response.boto3_service_name)


def _error(answer: object) -> str:
    """Error code of an answer, empty when it succeeded."""
    match answer:
        case (int(status), _, (str() | bytes()) as body) if status >= 400:  # noqa: PLR2004 -- HTTP's first error
            text = body.decode(errors="replace") if isinstance(body, bytes) else body
            found = CODE.search(text)
            return next((one for one in found.groups() if one), "") if found else f"Http{status}"
        case _:
            return ""
