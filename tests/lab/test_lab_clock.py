from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from stanch.lab.clock import VARIABLE, LabClock, from_environment
from stanch.model.errors import BadInput

START = datetime(2026, 11, 19, 14, 30, tzinfo=UTC)


def test_it_stands_still_until_it_is_moved() -> None:
    clock = LabClock(START)
    assert clock.now() == clock.now() == START
    assert clock.advance(timedelta(hours=4)) == clock.now() == START + timedelta(hours=4)


def test_all_who_name_the_file_share_the_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = LabClock(START, tmp_path / "clock")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "clock"))
    theirs = from_environment()
    assert theirs is not None
    assert theirs.now() == START
    theirs.advance(timedelta(minutes=5))
    assert mine.now() == START + timedelta(minutes=5)
    assert [one.name for one in tmp_path.iterdir()] == ["clock"]


def test_it_answers_in_utc() -> None:
    clock = LabClock(START.astimezone(timezone(timedelta(hours=2))))
    assert clock.now().utcoffset() == timedelta(0)


def test_without_the_variable_there_is_no_lab_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert from_environment() is None


def test_a_naive_time_or_a_file_without_a_time_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="aware"):
        LabClock(datetime(2026, 11, 19, 14, 30))  # noqa: DTZ001 -- the point of the test
    (tmp_path / "clock").write_text("soon", encoding="ascii")
    with pytest.raises(BadInput, match="clock"):
        LabClock.shared(tmp_path / "clock")
