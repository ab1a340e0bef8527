"""A simulated AWS in this process, read through the real door."""

from collections.abc import Iterator
from functools import cache
from unittest.mock import patch

import pytest
from moto import mock_aws
from moto.core.utils import method_names_from_class

from stanch.aws import Aws


@pytest.fixture(scope="session")
def door() -> Iterator[Aws]:
    # moto goes through all members of a class of responses at every request
    with patch("moto.core.responses.method_names_from_class", cache(method_names_from_class)):
        yield Aws(role="stanch-responder", assume="auto", default_region="eu-west-1")


@pytest.fixture
def aws(door: Aws, monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")  # 1,300 images that nothing here looks at
    with mock_aws():
        yield door
