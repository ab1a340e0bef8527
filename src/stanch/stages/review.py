"""What the clock owes a person while a containment waits for a decision: reminders, then the revert."""

from datetime import datetime, timedelta

from stanch.model.casefile import Containment, State

WAIT = timedelta(hours=4)
"""Every containment reverts after this long unless a person confirms it."""
REMINDERS = (timedelta(hours=1), timedelta(hours=3), timedelta(hours=3, minutes=45))
"""When a person is reminded, louder each time, counted from the containment."""


def due(one: Containment, now: datetime) -> bool:
    """The containment's time is over and nobody has decided."""
    return one.state in (State.INTENDED, State.CONTAINED) and now >= one.expires_at


def reminders(one: Containment, now: datetime) -> tuple[tuple[int, str], ...]:
    """Reminders due by now: (minutes after the containment, text). None where a revert gives nothing back."""
    if one.state is not State.CONTAINED or now >= one.expires_at or not one.change.price:
        return ()
    issued = one.change.terms.issued_at
    passed = [after for after in REMINDERS if now >= issued + after]
    return tuple((int(after.total_seconds() // 60), _text(one, after)) for after in passed)


def _text(one: Containment, after: timedelta) -> str:
    minutes = int((WAIT - after).total_seconds() // 60)
    loud = "LAST REMINDER: " if after == REMINDERS[-1] else ""
    return (
        f"{loud}{one.change.title}, {one.change.target.name}: reverts by itself in {minutes} minutes, at "
        f"{one.expires_at:%H:%M} UTC, unless someone confirms it; then {one.change.price}"
    )
