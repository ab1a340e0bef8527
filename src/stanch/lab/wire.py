"""The wire into the simulated AWS: every request is written down, and any operation can be made to fail."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock
from typing import Protocol

READS = (
    "Get",
    "List",
    "Describe",
    "Head",
    "Lookup",
    "Filter",
    "Search",
    "Simulate",
    "BatchGet",
    "Decode",
    "AssumeRole",
)
"""What an operation that changes nothing starts with; assuming a role makes a session, but changes no resource."""

OF_THE_LAB = "x-moto-account-id"
"""Header of requests by the lab's own hands: in whose account they are meant (moto's way of saying it)."""


@dataclass(frozen=True)
class Request:
    """One request that reached the simulated AWS, also if it was then refused."""

    service: str
    operation: str
    account: str
    region: str
    mutating: bool
    failed: str = ""
    """Error code that the lab answered on purpose, empty when AWS's own code ran."""

    @property
    def name(self) -> str:
        """`service:Operation`."""
        return f"{self.service}:{self.operation}"


@dataclass(frozen=True)
class Fault:
    """What to answer instead of doing the operation."""

    operation: str
    """`service:Operation`."""
    denied: bool
    """Denied, else throttled."""
    first: int = 1
    """Which request is the first to fail, counted from the moment the fault was set."""
    times: int | None = None
    """How many fail, None for all that follow."""

    def hits(self, count: int) -> bool:
        """Whether the `count`-th request fails."""
        return count >= self.first and (self.times is None or count < self.first + self.times)


class Controls(Protocol):
    """What a test may do to a lab, in this process or served by another."""

    def requests(self) -> tuple[Request, ...]:
        """All requests since the start or the last `clear`, in order of arrival."""
        ...

    def deny(self, operation: str, *, first: int = 1) -> None:
        """Answer AccessDenied to `service:Operation` from its `first`-th request on."""
        ...

    def throttle(self, operation: str, times: int, *, first: int = 1) -> None:
        """Answer Throttling to `times` requests of `service:Operation`, beginning with its `first`-th."""
        ...

    def clear(self) -> None:
        """Forget all requests and all faults."""
        ...


@dataclass
class Wire:
    """The wire of a lab in this process; safe to use from several threads."""

    _requests: list[Request] = field(default_factory=list)
    _faults: list[tuple[Fault, list[int]]] = field(default_factory=list)
    """Each with the number of requests that it has counted."""
    _lock: Lock = field(default_factory=Lock)

    def requests(self) -> tuple[Request, ...]:
        """All requests since the start or the last `clear`."""
        with self._lock:
            return tuple(self._requests)

    def deny(self, operation: str, *, first: int = 1) -> None:
        """Answer AccessDenied from the `first`-th request on."""
        self._set(Fault(operation, denied=True, first=first))

    def throttle(self, operation: str, times: int, *, first: int = 1) -> None:
        """Answer Throttling to `times` requests, beginning with the `first`-th."""
        self._set(Fault(operation, denied=False, first=first, times=times))

    def clear(self) -> None:
        """Forget all requests and all faults."""
        with self._lock:
            self._requests.clear()
            self._faults.clear()

    def take(self, service: str, operation: str, *, account: str, region: str, dry_run: bool) -> str:
        """Write a request down; returns the error code to answer, empty to let it pass."""
        with self._lock:
            code = self._fault(service, f"{service}:{operation}")
            mutating = not dry_run and not operation.startswith(READS)
            self._requests.append(Request(service, operation, account, region, mutating, code))
        return code

    def _set(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append((fault, [0]))

    def _fault(self, service: str, name: str) -> str:
        code = ""
        for fault, count in self._faults:
            if fault.operation == name:
                count[0] += 1
                if fault.hits(count[0]):
                    code = code or _code(service, fault)
        return code


def mutating(requests: Iterable[Request]) -> tuple[Request, ...]:
    """Those that would change something in an account."""
    return tuple(one for one in requests if one.mutating)


COMMON = (
    "AccessDenied",
    "AccessDeniedException",
    "RequestLimitExceeded",
    "Throttling",
    "ThrottlingException",
    "UnauthorizedOperation",
    "UnknownOperation",
)
"""Error codes that the lab answers and that belong to no service in particular."""


def _code(service: str, fault: Fault) -> str:
    """The word each service family uses for the same refusal."""
    if service == "ec2":
        return "UnauthorizedOperation" if fault.denied else "RequestLimitExceeded"
    if service in {"iam", "sts", "elbv2"}:
        return "AccessDenied" if fault.denied else "Throttling"
    return "AccessDeniedException" if fault.denied else "ThrottlingException"
