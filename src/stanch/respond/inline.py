"""The durability port without durability: a replay starts, ends and is forgotten."""

from collections.abc import Callable
from datetime import datetime

from stanch.respond.edge import run
from stanch.respond.house import House
from stanch.respond.record import Record


class Inline:
    """Runs walks in place; there is nothing to resume and nothing to revert, because nothing is changed."""

    def __init__(self, house: House) -> None:
        self._house = house

    def start(self, case: str, round: int) -> None:
        """Run the walk to its end."""
        run(Record(self._house, self, case, round))

    def step(self, name: str, do: Callable[[], None]) -> None:  # noqa: ARG002  # the port's shape
        """Run a step."""
        do()

    def arm(self, containment: str, at: datetime) -> None:
        """Nothing to arm."""

    def disarm(self, containment: str) -> None:
        """Nothing to disarm."""

    def pending(self) -> tuple[str, ...]:
        """Never any."""
        return ()

    def take_over(self) -> None:
        """Nothing was left."""
