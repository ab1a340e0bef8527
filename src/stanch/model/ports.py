"""The doors that stages knock at without knowing what is behind them."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeVar

from stanch.model.data import JSON, JSONObject

T = TypeVar("T")


class Reader(Protocol):
    """Read-only questions to AWS in one account and region."""

    def read(self, service: str, operation: str, **params: JSON) -> JSONObject:
        """Answer of a Get, List, Describe or Lookup operation, all pages merged, times as ISO 8601 UTC.

        Raises NotFound, Denied, Unsupported or FailedResponse; BadInput for an operation that is not read-only.
        """
        ...


class Clock(Protocol):
    """Where the time comes from; the lab has one that a test can move."""

    def now(self) -> datetime:
        """The current time, UTC, aware."""
        ...


class Durability(Protocol):
    """What the walk asks of a durable engine."""

    def start(self, case: str, round: int) -> None:
        """Run the walk of this round to its end, resuming it where a dead process left it."""
        ...

    def step(self, name: str, do: Callable[[], None]) -> None:
        """Run one step of the current walk, at least once; a step that was checkpointed is not run again."""
        ...

    def arm(self, containment: str, at: datetime) -> None:
        """Revert this containment at that time, even if this process is gone by then and another one lives."""
        ...

    def disarm(self, containment: str) -> None:
        """Forget the revert of this containment."""
        ...

    def pending(self) -> tuple[str, ...]:
        """Ids of walks that were started and have not ended."""
        ...

    def take_over(self) -> None:
        """Finish the walks that a dead predecessor left."""
        ...
