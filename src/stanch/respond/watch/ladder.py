"""Does it bite? Denied calls are the proof; calls that still succeed mean that the rung failed: the next is taken."""

from datetime import datetime

from stanch.actions import climb
from stanch.model.casefile import CaseFile, Containment
from stanch.model.contained import Effective, Persisted
from stanch.probes.activity import Act
from stanch.respond.further import Arm, take
from stanch.respond.house import House
from stanch.respond.watch.acts import ids, page
from stanch.respond.watch.minted import Session, acts_by
from stanch.stages.watch import CREDENTIALS, PROPAGATION, STANDING, denied, spared, succeeded


def bites(house: House, arm: Arm, file: CaseFile, acts: tuple[Act, ...], sessions: tuple[Session, ...] = ()) -> None:
    """Journal for each identity cut of the case that it is effective, or climb to the next rung.

    acts: those of the credential that the finding names; a session that it minted is judged by its own.
    """
    egress = file.resolved.egress if file.resolved else ()
    for one in file.containments:
        if one.state in STANDING and one.change.target.kind in CREDENTIALS:
            known = acts_by(file, one.change.target, acts, sessions)
            if known is None:
                continue
            went_on = succeeded(known, _since(one) + PROPAGATION, spared(one, house.context, egress))
            _effective(house, one, denied(known, _since(one)), silent=not went_on)
            if went_on and not one.persisted:
                why = f"{len(went_on)} calls succeeded after {one.change.title} should have stopped them"
                climb_on(house, arm, one, ids(went_on), why)


def _since(one: Containment) -> datetime:
    return one.contained_at or one.at


def _effective(house: House, one: Containment, stopped: tuple[Act, ...], *, silent: bool) -> None:
    fresh = tuple(event for event in ids(stopped) if event not in one.proof)
    if fresh:
        body = Effective(one.id, f"{len(stopped)} calls of the contained principal were denied", fresh)
        house.write(body, key=f"{one.id}/effective/{fresh[-1]}", case=one.case)
    elif silent and not one.effective and house.now() >= _since(one) + PROPAGATION:
        body = Effective(one.id, "a minute passed without a success of the contained principal", ())
        house.write(body, key=f"{one.id}/effective/silence", case=one.case)


def climb_on(house: House, arm: Arm, one: Containment, cited: tuple[str, ...], why: str) -> None:
    """Take the next rungs, within the guardrails, until one of them is in place. `cited`: what shows that it failed."""
    tried: list[str] = []
    for name in house.actions[one.change.action].next_rungs:
        target = climb(one.change.target, house.actions[name].target)
        if target is not None:
            tried.append(name)
            if take(house, arm, one.case, name, target, why=why):
                break
    house.write(Persisted(one.id, cited, tuple(tried)), key=f"{one.id}/persisted", case=one.case)
    then = f"next: {', '.join(tried)}" if tried else "there is no further rung: a person must act"
    page(house, one, "persisted", f"{why} ({one.change.target.name}); {then}")
