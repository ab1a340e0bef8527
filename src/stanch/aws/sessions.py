"""Sessions and clients of botocore, one per account, region and case, safe to share between threads."""

import os
from collections.abc import Callable, Iterable
from copy import copy
from functools import cache
from threading import RLock
from typing import Any

from botocore.client import BaseClient
from botocore.config import Config
from botocore.credentials import CredentialProvider, CredentialResolver, DeferredRefreshableCredentials
from botocore.exceptions import ClientError
from botocore.hooks import HierarchicalEmitter
from botocore.loaders import Loader, create_loader
from botocore.session import Session

_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 4},
    connect_timeout=5,
    read_timeout=20,
    max_pool_connections=32,  # questions are asked side by side
    user_agent_extra="stanch",
)
_KEPT = 128  # assumed sessions, newest first: each case has its own, and cases end


@cache
def models() -> Loader:
    """The service models, loaded once for all sessions: they are large."""
    return create_loader(Session().get_config_variable("data_path"))


class Sessions:
    """Makes clients that act as the caller itself or as the responder role of another account."""

    def __init__(self, *, default_region: str | None, on_request: Callable[[str], None]) -> None:
        """`on_request` is told the name of the operation of every request that is sent, retries included."""
        self._on_request = on_request
        self._lock = RLock()
        self._handlers = HierarchicalEmitter()  # botocore's own, looked through once for all sessions
        Session(event_hooks=self._handlers)
        self._own = self._session()
        # Of all SDKs only Python's leaves out AWS_REGION.
        self._region = default_region or os.environ.get("AWS_REGION") or self._own.get_config_variable("region")
        self._clients: dict[tuple[str, str, str, str, str], BaseClient] = {}
        self._assumed: dict[tuple[str, str, str], Session] = {}

    def own(self, service: str, region: str = "") -> BaseClient:
        """A client with the caller's own credentials; raises botocore's errors."""
        return self._client(self._own, ("", "", "", service, region))

    def assuming(self, role_arn: str, name: str, service: str, region: str = "", *, policy: str = "") -> BaseClient:
        """A client as the role, with `name` as session name and source identity; raises botocore's errors.

        policy: the session policy, which leaves the session only what it allows; empty for all that the role may do.
        """
        with self._lock:
            session = self._assumed.get((role_arn, name, policy)) or self._assume(role_arn, name, policy)
            return self._client(session, (role_arn, name, policy, service, region))

    def warm(self, role_arn: str, name: str, services: Iterable[str], region: str, policy: str) -> None:
        """Get a session's credentials and clients before they are needed; raises botocore's errors."""
        with self._lock:
            session = self._assumed.get((role_arn, name, policy)) or self._assume(role_arn, name, policy)
        credentials: Any = session.get_credentials()
        credentials.get_frozen_credentials()
        for service in services:
            self.assuming(role_arn, name, service, region, policy=policy)

    def _client(self, session: Session, key: tuple[str, str, str, str, str]) -> BaseClient:
        with self._lock:  # botocore's sessions make clients one at a time; clients themselves are thread-safe
            if key not in self._clients:
                region = key[4] or self._region
                self._clients[key] = session.create_client(key[3], region_name=region, config=_CONFIG)
            return self._clients[key]

    def _session(self) -> Session:
        session = Session(event_hooks=copy(self._handlers), include_builtin_handlers=False)
        session.register_component("data_loader", models())
        session.register("request-created", self._count)
        return session

    def _count(self, **event: Any) -> None:
        self._on_request(event["operation_name"])

    def _assume(self, role_arn: str, name: str, policy: str) -> Session:
        self._forget_oldest()
        session = self._session()
        credentials = DeferredRefreshableCredentials(lambda: self._fetch(role_arn, name, policy), "stanch-assume-role")
        session.register_component("credential_provider", CredentialResolver([_Given(credentials)]))
        self._assumed[role_arn, name, policy] = session
        return session

    def _forget_oldest(self) -> None:
        while len(self._assumed) >= _KEPT:
            oldest = next(iter(self._assumed))
            del self._assumed[oldest]
            for key in [key for key in self._clients if key[:3] == oldest]:
                del self._clients[key]

    def _fetch(self, role_arn: str, name: str, policy: str) -> dict[str, Any]:
        sts: Any = self.own("sts")
        narrow = {"Policy": policy} if policy else {}
        try:  # a policy that AWS finds too large is an error like any other: it is never asked again without
            answer = sts.assume_role(RoleArn=role_arn, RoleSessionName=name, SourceIdentity=name, **narrow)
            issued = answer["Credentials"]
        except ClientError as error:
            error.response["Error"]["Message"] = f"{role_arn}: {error.response['Error'].get('Message', '')}"
            raise
        return {
            "access_key": issued["AccessKeyId"],
            "secret_key": issued["SecretAccessKey"],
            "token": issued["SessionToken"],
            "expiry_time": issued["Expiration"].isoformat(),
        }


class _Given(CredentialProvider):
    """Hands botocore the credentials it is given."""

    METHOD = CANONICAL_NAME = "stanch-assume-role"

    def __init__(self, credentials: DeferredRefreshableCredentials) -> None:
        super().__init__()
        self._credentials = credentials

    def load(self) -> DeferredRefreshableCredentials:
        """The credentials."""
        return self._credentials
