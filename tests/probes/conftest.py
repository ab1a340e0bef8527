"""A simulated AWS in this process, read through the real door."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from stanch.aws import Aws


@pytest.fixture(scope="session")
def door() -> Aws:
    return Aws(role="stanch-responder", assume="auto", default_region="eu-west-1")


@pytest.fixture
def aws(door: Aws, monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")  # 1,300 images that nothing here looks at
    with mock_aws():
        yield door
