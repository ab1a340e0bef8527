"""What the clock owes a person while a containment waits for a decision: reminders, then the revert."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from stanch.model.casefile import Containment, State
from stanch.model.change import Lasting

WAIT = timedelta(hours=4)
"""Every containment reverts after this long unless a person confirms it."""
DECAY = timedelta(hours=12)
"""The longest that a session lives, so that a deny which decays has nothing left to deny."""
CLOSING = timedelta(minutes=10)
"""This long before its end a containment that is to hold gets more time, before any native end can bite."""
STILL = timedelta(hours=1)
"""A denied call within this time before the end means that the contained principal is still trying."""
REMINDERS = (timedelta(hours=1), timedelta(hours=3), timedelta(hours=3, minutes=45))
"""When a person is reminded, louder each time, counted from the containment."""


LOUD = ("", "SECOND REMINDER: ", "LAST REMINDER: ")
"""How each of them begins."""


@dataclass(frozen=True)
class Reminder:
    """One reminder that is due."""

    minutes: int
    """After the containment."""
    loud: int
    """1, 2, 3."""
    contacts: int
    """How many of the contacts hear it: the last one calls the second, too."""
    text: str


def due(one: Containment, now: datetime) -> bool:
    """The containment's time is over and nobody has decided."""
    return not one.for_good and one.state in (State.INTENDED, State.CONTAINED) and now >= one.expires_at


def reminders(one: Containment, now: datetime) -> tuple[Reminder, ...]:
    """Reminders due by now, each louder than the one before. None where a revert gives nothing back."""
    if one.for_good or one.state is not State.CONTAINED or now >= one.expires_at or not one.change.price:
        return ()
    issued = one.change.terms.issued_at
    return tuple(_reminder(one, number) for number, after in enumerate(REMINDERS) if now >= issued + after)


def wait(lasting: Lasting) -> timedelta:
    """How long a containment of that kind stands before its clock runs out."""
    return DECAY if lasting is Lasting.DECAY else WAIT


def hold(one: Containment, lasting: Lasting, now: datetime, *, hardened: bool) -> str:
    """Why it gets more time although nobody answered, in a sentence; empty when it does not.

    Only in the `hardened` profile: what holds until a person decides, and once more what is still being attacked.
    """
    closing = one.state is State.CONTAINED and one.expires_at - CLOSING <= now < one.expires_at
    if one.for_good or not (hardened and closing):
        return ""
    if lasting is Lasting.HOLD:
        return "it holds until a person decides"
    trying = one.tried_until is not None and now - one.tried_until < STILL
    if lasting is Lasting.REVERT and one.until is None and (trying or one.persisted or one.tampered):
        return "the contained principal is still trying: held once more"
    return ""


def outlook(one: Containment, lasting: Lasting, *, hardened: bool) -> str:
    """What will happen to it and when, in plain words; empty when nothing will."""
    if one.state is not State.CONTAINED:
        return ""
    if one.for_good:
        return f"it stays, in every profile: {one.change.no_inverse}"
    at = f"at {one.expires_at:%Y-%m-%d %H:%M} UTC"
    if not one.change.price:
        return f"it is taken back {at} unless someone confirms it; that gives an attacker nothing back"
    if hardened and lasting is Lasting.HOLD:
        return "it stays until a person confirms or reverts it; a person is paged every 4 hours"
    if hardened and lasting is Lasting.DECAY:
        return f"it ends {at}, when the sessions that it denies have died"
    unless = "someone confirms it or the principal is still trying" if hardened else "someone confirms it"
    return f"it reverts by itself {at} unless {unless}; then {one.change.price}"


def _reminder(one: Containment, number: int) -> Reminder:
    after, last = REMINDERS[number], number == len(REMINDERS) - 1
    minutes = int((one.expires_at - one.change.terms.issued_at - after).total_seconds() // 60)
    text = (
        f"{LOUD[number]}{one.change.title}, {one.change.target.name}: reverts by itself in {minutes} minutes, at "
        f"{one.expires_at:%H:%M} UTC, unless someone confirms it; then {one.change.price}"
    )
    return Reminder(int(after.total_seconds() // 60), number + 1, 2 if last else 1, text)
