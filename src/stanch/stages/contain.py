"""Make a change true, or undo it: read the state, send what is left to do, read it again, until nothing is left.

Both directions are the same loop over the action's own `forward` and `inverse`. So a resumed process repeats nothing,
and "verified" is not our word but the state as read back.
"""

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

from stanch.model.change import Action, Call, Change, Permit, Receipt, Undo
from stanch.model.data import JSON
from stanch.model.errors import Environment, FailedResponse
from stanch.model.ports import Reader
from stanch.store.codec import plain, typed

PAUSES = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)
"""Seconds before reading again when a pass brought nothing new: IAM and EC2 may answer with what was true before."""
PASSES = 16
"""Passes before we give up on a state that somebody else changes as fast as we do."""
CONTENTION = ("WAFOptimisticLockException", "EntityAlreadyExists", "NoSuchEntity", "InvalidGroup.Duplicate")
"""Someone else wrote first, or our own write cannot be read yet: read again; what is not ours never verifies."""

NO_HOLD = "the state does not hold: someone keeps changing it, or AWS accepts the calls and does not apply them"

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
    accepted: list[Call] = []
    pauses = iter(PAUSES)
    for _ in range(PASSES):
        try:
            state = action.snapshot(reader, change.target)
        except (FailedResponse, Environment) as error:
            return Result(f"the state cannot be read: {error}")
        todo = left(state)
        if not todo.calls:
            return Result(conflicts=todo.conflicts, read_back=plain(state))
        before = len(accepted)
        problem = yield from _send_all(todo.calls, plain(state), send, allow, accepted)
        stalled = len(accepted) == before
        pause = next(pauses, None) if stalled else 0.0
        if pause is None or (problem and not problem.startswith(CONTENTION)):
            return Result(problem or NO_HOLD, todo.conflicts, plain(state))
        time.sleep(pause)
    return Result(NO_HOLD)


def _send_all(
    calls: tuple[Call, ...], state: JSON, send: Send, allow: Allow, accepted: list[Call]
) -> Generator[Receipt, None, str]:
    """Send calls in order up to the first that waits for an answer of another; returns the problem, if any.

    A call that AWS has accepted is not sent again: that it is still asked for means that the read was stale.
    """
    for call in calls:
        if call.waits_for:
            return ""
        if call in accepted:
            continue
        permit = allow(call, state)
        if not permit.allowed:
            why = ", ".join((*permit.policies, *permit.errors)) or "no permit"
            looked = f" ({'; '.join(permit.facts)})" if permit.facts else ""
            return f"a guardrail refused {call.name}: {why}{looked}"
        receipt = send(call)
        yield receipt
        if not receipt.ok:
            return f"{receipt.error} ({call.name})"
        accepted.append(call)
    return ""
