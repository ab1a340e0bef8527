"""The controls of a lab that another process serves."""

import json
from datetime import datetime
from typing import cast
from urllib.error import HTTPError
from urllib.request import Request as HTTPRequest
from urllib.request import urlopen

from stanch.lab.scheduler import Fired
from stanch.lab.serve import PREFIX
from stanch.lab.wire import Request
from stanch.model.data import JSON, JSONObject
from stanch.model.errors import BadInput

PATIENCE = 120
"""Seconds that a lab may take to answer: firing what is due makes many calls."""


class Remote:
    """Implements `stanch.lab.wire.Controls` over HTTP; `endpoint` is what the served lab printed."""

    def __init__(self, endpoint: str) -> None:
        if not endpoint.startswith("http://127.0.0.1:"):
            raise BadInput(f"a lab is served on 127.0.0.1, not at {endpoint}")
        self._base = endpoint.rstrip("/") + PREFIX

    def requests(self) -> tuple[Request, ...]:
        """All requests since the start or the last `clear`."""
        return tuple(_request(one) for one in cast("list[JSONObject]", self._ask("requests")))

    def deny(self, operation: str, *, first: int = 1) -> None:
        """Answer AccessDenied from the `first`-th request on."""
        self._ask("deny", operation=operation, first=first)

    def throttle(self, operation: str, times: int, *, first: int = 1) -> None:
        """Answer Throttling to `times` requests, beginning with the `first`-th."""
        self._ask("throttle", operation=operation, times=times, first=first)

    def clear(self) -> None:
        """Forget all requests and all faults."""
        self._ask("clear")

    def put(self, finding: JSONObject) -> None:
        """Put a finding (GuardDuty's camelCase) into the simulated GuardDuty; BadInput says why it will not go."""
        self._ask("findings", **finding)

    def fire_due(self, now: datetime) -> tuple[Fired, ...]:
        """Let Scheduler and Step Functions do what is due by then, as AWS does whoever else is dead."""
        found = cast("list[dict[str, JSON]]", self._ask("schedules", now=now.isoformat()))
        return tuple(_fired(one) for one in found)

    def _ask(self, verb: str, **body: JSON) -> JSON:
        data = json.dumps(body).encode()
        wanted = HTTPRequest(self._base + verb, data, {"Content-Type": "application/json"})  # noqa: S310
        try:
            with urlopen(wanted, timeout=PATIENCE) as answer:  # noqa: S310 -- the constructor lets only loopback through
                return cast("JSON", json.load(answer))
        except HTTPError as error:
            raise BadInput(f"the lab refused {verb}: {error.read().decode()}") from error


def _fired(row: dict[str, JSON]) -> Fired:
    calls, pages = (tuple(map(str, cast("list[str]", row[name]))) for name in ("calls", "pages"))
    return Fired(str(row["schedule"]), str(row["target"]), calls, pages, str(row["error"]))


def _request(row: JSONObject) -> Request:
    words = {name: str(value) for name, value in row.items() if name != "mutating"}
    return Request(**words, mutating=bool(row["mutating"]))
