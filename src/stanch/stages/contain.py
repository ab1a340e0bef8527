"""Make a change true, or undo it: read the state, send what is left to do, read it again, until nothing is left.

Both directions are the same loop over the action's own `forward` and `inverse`. So a resumed process repeats nothing,
and "verified" is not our word but the state as read back.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

from stanch.model.change import Action, Call, Change, Permit, Receipt, Undo
from stanch.model.data import JSON
from stanch.model.errors import FailedResponse
from stanch.model.ports import Reader
from stanch.store.codec import plain, typed

ROUNDS = 8
"""Read-send passes before we say that it does not converge; E4 needs three, a contended WAF set a few more."""
CONTENTION = ("WAFOptimisticLockException",)
"""Someone else wrote first: read again and try again, within ROUNDS."""

Send = Callable[[Call], Receipt]
Allow = Callable[[Call, JSON], Permit]
"""(call, state just read) -> the guardrails' decision on exactly this call."""


@dataclass(frozen=True)
class Result:
    """How a pass ended."""

    problem: str = ""
    """Why it is not done, in a sentence; empty when the state read back says that it is."""
    conflicts: tuple[str, ...] = ()
    read_back: JSON = None


Pass = Generator[Receipt, None, Result]


def contain(action: Action[Any], change: Change, reader: Reader, send: Send, allow: Allow) -> Pass:
    """Apply the change; yields the receipt of each call as it is made."""
    return _converge(
        action, change, reader, send, allow, lambda state: Undo(action.forward(change.target, state, change.terms))
    )


def undo(action: Action[Any], change: Change, reader: Reader, send: Send, allow: Allow) -> Pass:
    """Undo our own delta by compare-and-set; what someone else changed is left alone and named."""
    before = typed(action.state, change.before)
    return _converge(
        action, change, reader, send, allow, lambda state: action.inverse(change.target, before, state, change.terms)
    )


def keep(action: Action[Any], change: Change, reader: Reader, send: Send, allow: Allow) -> Pass:
    """Take away the change's own expiry, after a person confirmed it."""
    return _converge(
        action, change, reader, send, allow, lambda state: Undo(action.keep(change.target, state, change.terms))
    )


def _converge(
    action: Action[Any], change: Change, reader: Reader, send: Send, allow: Allow, left: Callable[[Any], Undo]
) -> Pass:
    for _ in range(ROUNDS):
        try:
            state = action.snapshot(reader, change.target)
        except FailedResponse as error:
            return Result(f"the state cannot be read: {error}")
        todo = left(state)
        if not todo.calls:
            return Result(conflicts=todo.conflicts, read_back=plain(state))
        problem = yield from _send_all(todo.calls, plain(state), send, allow)
        if problem:
            return Result(problem, todo.conflicts, plain(state))
    return Result(
        f"the state does not hold after {ROUNDS} attempts: someone keeps changing it, or AWS does not apply it"
    )


def _send_all(calls: tuple[Call, ...], state: JSON, send: Send, allow: Allow) -> Generator[Receipt, None, str]:
    """Send calls in order up to the first that waits for an answer of another; returns the problem, if any."""
    for call in calls:
        if call.waits_for:
            return ""
        permit = allow(call, state)
        if not permit.allowed:
            return f"a guardrail refused {call.name}: {', '.join((*permit.policies, *permit.errors)) or 'no permit'}"
        receipt = send(call)
        yield receipt
        if not receipt.ok:
            return "" if receipt.error.startswith(CONTENTION) else f"{call.name} failed: {receipt.error}"
    return ""
