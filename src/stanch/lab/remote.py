"""The controls of a lab that another process serves."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import cast
from urllib.error import HTTPError
from urllib.request import Request as HTTPRequest
from urllib.request import urlopen

from stanch.lab.cloudtrail import Session
from stanch.lab.flowlog import Flow
from stanch.lab.scheduler import Fired
from stanch.lab.serve import PREFIX
from stanch.lab.wire import Request
from stanch.model.data import JSON, JSONObject
from stanch.model.errors import BadInput

PATIENCE = 120
"""Seconds that a lab may take to answer: firing what is due makes many calls."""


@dataclass(frozen=True)
class RemoteCaller:
    """Somebody with credentials who calls in a served lab: what `stanch.lab.caller.Caller` is in this process."""

    lab: "Remote"
    session: Session
    issued: datetime | None = None
    instance: str = ""
    vpc: str = ""
    intent: str = "attack"
    scenario: str = ""

    def call(self, service: str, operation: str, *names: str, **params: JSON) -> str:
        """Make a call, judged, carried out and recorded there; returns the error code, empty when it succeeded."""
        return self.lab.act(self, call=f"{service}:{operation}", names=names, request=params, judged=True)

    def write(self, call: str, *names: str, error: str = "", request: JSONObject | None = None) -> None:
        """Let its CloudTrail record a call without anything being judged or done."""
        self.lab.act(self, call=call, names=names, request=request or {}, judged=False, error=error)


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

    def act(self, who: RemoteCaller, **what: JSON) -> str:
        """Let somebody act in the lab; returns the error code of the call."""
        issued = who.issued.isoformat() if who.issued else None
        said: dict[str, JSON] = {**asdict(who.session), "issued": issued, "instance": who.instance, "vpc": who.vpc}
        answer = self._ask("act", who=said, intent=who.intent, scenario=who.scenario, **what)
        return str(cast("JSONObject", answer)["error"])

    def flows(self, *flows: Flow) -> None:
        """Let the simulated flow logs deliver these records."""
        self._ask("flows", lines=[one.line for one in flows])

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
