"""A clock that stands still until it is moved; processes that name the same file share the same time."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from stanch.model.errors import BadInput

VARIABLE = "LAB_CLOCK"
"""Environment variable with the path of a shared clock. Not `STANCH_…`: those are settings, a movable clock is none."""

OPENING = datetime(2026, 11, 23, 1, 44, tzinfo=UTC)
"""What time it is in a lab that nobody told another."""


class LabClock:
    """Implements `stanch.model.ports.Clock`; starts at `start` and moves only when told to."""

    def __init__(self, start: datetime, file: Path | None = None) -> None:
        self._file = file
        self._now = start
        self.set(start)

    @classmethod
    def shared(cls, file: Path) -> "LabClock":
        """The clock that another process keeps in this file; raises BadInput when there is no time in it."""
        return cls(_read(file), file)

    def now(self) -> datetime:
        """The lab's time, UTC, aware."""
        return _read(self._file) if self._file else self._now

    def set(self, now: datetime) -> None:
        """Move to that time; raises BadInput for a time without an offset."""
        if now.tzinfo is None:
            raise BadInput(f"the lab's clock needs an aware time, got {now.isoformat()}")
        self._now = now.astimezone(UTC)
        if self._file:
            # Readers must never see half a time: write beside it, then rename over it.
            fresh = self._file.with_suffix(f".{os.getpid()}")
            fresh.write_text(self._now.isoformat(), encoding="ascii")
            fresh.replace(self._file)

    def advance(self, by: timedelta) -> datetime:
        """Move on by that much and return the new time."""
        self.set(self.now() + by)
        return self.now()


def from_environment() -> LabClock | None:
    """The shared clock that `LAB_CLOCK` names, None when it names none."""
    path = os.environ.get(VARIABLE)
    return LabClock.shared(Path(path)) if path else None


def _read(file: Path) -> datetime:
    try:
        return datetime.fromisoformat(file.read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise BadInput(f"no lab clock in {file}: {error}") from error
