import os
from datetime import datetime

import pytest

from stanch.lab.run import in_process
from stanch.model.errors import BadInput


def test_the_callers_environment_is_kept_out_and_restored(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    before = dict(os.environ)
    with in_process(1, now):
        assert "AWS_PROFILE" not in os.environ
        assert "AWS_ENDPOINT_URL" not in os.environ
    assert dict(os.environ) == before


def test_two_labs_in_one_process_are_refused(now: datetime) -> None:
    with in_process(1, now), pytest.raises(BadInput, match="already running"), in_process(2, now):
        pass
