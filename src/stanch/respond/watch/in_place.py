"""Is it still in place? What someone removed is put back once, paged, and counted against whoever did it."""

from stanch.model.casefile import Containment
from stanch.model.contained import PutBack, Tampered
from stanch.probes.activity import Act
from stanch.respond import containments
from stanch.respond.house import House
from stanch.respond.watch.acts import acts_on, ids, page


def guard_own(house: House, one: Containment) -> None:
    """Put back once what is gone; for the operator's own people and pipelines, and from then on, only page."""
    missing = containments.missing(house, one)
    if not missing:
        return
    culprits = _culprits(house, one)
    by = culprits[-1].principal_arn if culprits else ""
    own = _is_own(house, by)
    number = one.tampered + 1
    house.write(
        Tampered(one.id, by, ", ".join(missing), ids(culprits), own), key=f"{one.id}/tampered/{number}", case=one.case
    )
    who = by or "someone whom CloudTrail does not show yet"
    text = f"{who} undid {one.change.title} on {one.change.target.name}"
    page(house, one, f"tampered/{number}", f"{text}: {_answer(house, one, own=own)}")


def _answer(house: House, one: Containment, *, own: bool) -> str:
    if own:
        return "one of the operator's own, so nothing is put back: settle it with them"
    if one.put_back:
        return "it was put back once already, so a person must act"
    problem = containments.put_back(house, one)
    if problem:
        return f"it could not be put back: {problem}"
    house.write(PutBack(one.id), key=f"{one.id}/put-back", case=one.case)
    return "put back once; it counts as evasion of the defence"


def _culprits(house: House, one: Containment) -> tuple[Act, ...]:
    """Mutating acts, of others than stanch, on what the change touched, oldest first."""
    target = one.change.target
    arns = {call.resource for call in one.change.forward} | {target.name, target.arn, *filter(None, (one.switch,))}
    names = arns | {arn.rpartition("/")[2] for arn in arns}
    acts = acts_on(house, target, names, one.contained_at or one.at)
    mine = f":role/{house.settings.role}"
    return tuple(act for act in acts if not act.error and not act.read_only and mine not in act.principal_arn)


def _is_own(house: House, arn: str) -> bool:
    """Whether the operator's file names this principal as a pipeline or as break-glass."""
    return bool(arn) and arn in (*(one.role for one in house.context.pipelines), *house.context.break_glass)
