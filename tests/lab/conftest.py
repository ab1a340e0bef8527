"""How the lab's tests reach it: one lab a module, plain clients through the responder's role of each account."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3
import pytest
from tests.standing import standing

from stanch.lab.run import Lab
from stanch.lab.world import REGION, RESPONDER
from stanch.lab.write import Simulation

NOW = datetime(2026, 11, 19, 14, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def now() -> datetime:
    return NOW


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with standing(7, NOW) as running:
        yield running


@pytest.fixture(scope="module")
def simulation(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    return lab.write(tmp_path_factory.mktemp("simulation"))


@pytest.fixture(scope="module")
def door() -> Callable[..., Any]:
    """`door(account, service, endpoint=None)`: a client in `account`, with a session of its responder role."""
    return cache(_door)


def _door(account: str, service: str, endpoint: str | None = None) -> Any:
    home = boto3.session.Session(
        aws_access_key_id="STANCHLAB", aws_secret_access_key="not-a-secret", region_name=REGION
    )
    role = f"arn:aws:iam::{account}:role/{RESPONDER}"
    issued = home.client("sts", endpoint_url=endpoint).assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    session: Any = boto3.session.Session(
        aws_access_key_id=issued["AccessKeyId"],
        aws_secret_access_key=issued["SecretAccessKey"],
        aws_session_token=issued["SessionToken"],
        region_name=REGION,
    )
    return session.client(service, endpoint_url=endpoint)
