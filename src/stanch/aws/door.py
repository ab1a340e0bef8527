"""The door: reads and calls in any account of the organisation, counted, with the standard AWS variables."""

import ipaddress
import re
from collections.abc import Iterable
from threading import Lock
from typing import Any, Literal
from urllib.parse import urlsplit

from botocore import xform_name
from botocore.client import BaseClient
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from stanch.aws.athena import Queries
from stanch.aws.faults import code_of, from_answer, from_transport, message_of, request_id_of
from stanch.aws.objects import Buckets
from stanch.aws.reader import LiveReader
from stanch.aws.sessions import Sessions
from stanch.aws.validate import is_read
from stanch.model.change import Call, Receipt
from stanch.model.errors import BadInput, Environment, NotFound
from stanch.model.ports import Reader

Assume = Literal["auto", "always"]
"""`auto`: the role is assumed in accounts other than the caller's own; `always`: in that one too."""

_SERVICES = (
    *("sts", "iam", "ec2", "elbv2", "wafv2", "autoscaling", "s3", "lambda"),
    *("athena", "cloudtrail", "guardduty", "logs", "securityhub", "sqs", "scheduler", "stepfunctions"),
)
_READER = "stanch-reader"
_ACCOUNT = re.compile(r"[0-9]{12}")


class Aws:
    """All that stanch may ask of AWS. Constructed once; safe to share between threads."""

    def __init__(self, *, role: str, assume: Assume, default_region: str | None) -> None:
        """`role` is the name (with path) of the responder role; raises Environment when a profile does not exist."""
        self._role = role
        self._assume = assume
        self._lock = Lock()
        self._caller: tuple[str, str] | None = None
        self.reads = 0
        """Requests sent that only read, retries included; assuming a role is one."""
        self.writes = 0
        """Requests sent that may change something, retries included."""
        try:
            self._sessions = Sessions(default_region=default_region, on_request=self._count)
        except BotoCoreError as error:
            raise from_transport("reading the AWS configuration", error) from error

    @property
    def account(self) -> str:
        """Id of the account that the caller's own credentials belong to; raises Environment when they do not work."""
        return self._identity()[1]

    def check(self) -> None:
        """Raise Environment, with what to do, when AWS does not answer the caller's own credentials."""
        self._identity()

    @property
    def simulated(self) -> bool:
        """Whether every service that stanch uses is answered by this machine (a loopback endpoint), not by AWS."""
        try:
            return all(_is_loopback(self._sessions.own(service).meta.endpoint_url) for service in _SERVICES)
        except (BotoCoreError, ValueError) as error:
            raise Environment(f"the AWS endpoint cannot be used: {error}; check AWS_ENDPOINT_URL and region") from error

    def reader(self, account: str, region: str) -> Reader:
        """Read-only questions to one account and region (empty: the default region)."""
        return LiveReader(lambda service: self._client(service, _existing(account), region, _READER))

    def buckets(self) -> Buckets:
        """The objects of buckets, with the caller's own credentials."""
        return Buckets(lambda: self._sessions.own("s3"))

    def athena(self) -> Queries:
        """Questions to Athena, with the caller's own credentials."""
        return Queries(lambda: self._sessions.own("athena"), lambda: self._sessions.own("s3"))

    def call(self, call: Call, *, account: str, region: str, case: str, role: str = "", policy: str = "") -> Receipt:
        """Send one call and say what AWS answered; never raises for an error of AWS or of the transport.

        role: what follows the responder's name and a hyphen in the role that makes this call, empty for the responder.
        policy: the session policy under which the role is assumed. Where the caller acts in its own account without
        assuming a role (`auto`), no session is made and no policy narrows it.

        Raises BadInput for a call that still waits for something: it must be planned again.
        """
        if call.waits_for:
            raise BadInput(f"{call.name} was to be sent while it still waits for {call.waits_for}")
        try:
            client = self._client(call.service, account, region, f"stanch-{case}", role, policy)
            answer: dict[str, Any] = getattr(client, xform_name(call.operation))(**call.params)
        except ClientError as error:
            return Receipt(call, request_id_of(error), ok=False, error=f"{code_of(error)}: {message_of(error)}")
        except (BotoCoreError, ResponseParserError, NotImplementedError, Environment) as error:
            return Receipt(call, "", ok=False, error=f"{type(error).__name__}: {' '.join(str(error).split())}")
        return Receipt(call, str(answer["ResponseMetadata"].get("RequestId", "")), ok=True)

    def warm(
        self, services: Iterable[str], *, account: str, region: str, case: str, role: str = "", policy: str = ""
    ) -> None:
        """Get a session ready for the calls of a case that need it, while there is something else to wait for.

        Where that fails the calls themselves fail, and say why.
        """
        try:
            role_arn = self._role_arn(account, role)
            if role_arn:
                self._sessions.warm(role_arn, f"stanch-{case}", services, region, policy)
        except (BotoCoreError, ClientError, Environment):
            return

    def _client(
        self, service: str, account: str, region: str, name: str, role: str = "", policy: str = ""
    ) -> BaseClient:
        role_arn = self._role_arn(account, role)
        if not role_arn:
            return self._sessions.own(service, region)
        return self._sessions.assuming(role_arn, name, service, region, policy=policy)

    def _role_arn(self, account: str, role: str) -> str:
        """ARN of the role that acts in an account; empty where the caller's own credentials do."""
        if not _ACCOUNT.fullmatch(account):
            raise BadInput(f"account {account!r} is not twelve digits")
        partition, own = self._identity()
        if account == own and self._assume == "auto" and not role:
            return ""
        full = f"{self._role.lstrip('/')}-{role}" if role else self._role.lstrip("/")
        return f"arn:{partition}:iam::{account}:role/{full}"

    def _identity(self) -> tuple[str, str]:
        if self._caller is None:
            self._caller = self._ask_who_we_are()
        return self._caller

    def _ask_who_we_are(self) -> tuple[str, str]:
        call = "sts:GetCallerIdentity"
        try:
            sts: Any = self._sessions.own("sts")
            answer = sts.get_caller_identity()
        except ClientError as error:
            raise Environment(f"{from_answer(call, error)}; the AWS credentials in use do not work") from error
        except (BotoCoreError, ResponseParserError) as error:
            raise from_transport(call, error) from error
        return str(answer["Arn"]).split(":")[1], str(answer["Account"])

    def _count(self, operation: str) -> None:
        with self._lock:
            if is_read(operation) or operation == "AssumeRole":
                self.reads += 1
            else:
                self.writes += 1


def _existing(account: str) -> str:
    """The account, if there can be one: findings of other products name accounts that AWS does not have."""
    if not _ACCOUNT.fullmatch(account):
        raise NotFound("sts:AssumeRole", "NoSuchAccount", f"account {account!r} is not twelve digits")
    return account


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
