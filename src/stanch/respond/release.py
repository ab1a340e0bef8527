"""Everything back at once, on the word of two people: each containment by its own revert, what is attacked stays."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from stanch.model.casefile import Containment, State
from stanch.model.contained import Effective, Intended, Persisted, Returned, Tampered
from stanch.model.errors import BadInput, StanchError
from stanch.model.governed import RevertedAll
from stanch.model.label import Code
from stanch.model.walked import Paged
from stanch.respond import containments
from stanch.respond.house import House

LATELY = timedelta(hours=1)
"""A principal whose denied calls, successes or tampering were seen this recently is still at it."""
FREED = frozenset({State.INTENDED, State.CONTAINED, State.CONFIRMED, State.REVERTING})
BUSY = {
    State.CONFIRMING: "a confirm is under way: confirm or revert it by itself",
    State.FAILED: "it failed, and what it left is undone by the worker's sweep",
}


@dataclass(frozen=True)
class Standing:
    """One containment that stands, and what taking it back would mean."""

    one: Containment
    skip: str
    """Why it would be left in place, in a sentence; empty when it would be taken back."""

    @property
    def price(self) -> str:
        """What an attacker gets back."""
        return self.one.change.price or "nothing: that gives an attacker nothing back"


@dataclass(frozen=True)
class Freed:
    """What became of one of them."""

    one: Containment
    problem: str
    """Why it is not, or not wholly, gone; empty when it is."""


def standing(house: House, include: Collection[str] = ()) -> tuple[Standing, ...]:
    """Everything that stands, newest first. include: ids of containments or cases to free although still attacked.

    Who is still at it is what the journal shows: the worker looks once a minute. BadInput for an id that is none.
    """
    files = house.files(with_kind=Intended)
    all_of = [one for file in files for one in file.containments if one.state in (*FREED, *BUSY) and _there(one)]
    known = {name for one in all_of for name in (one.id, one.case)}
    for name in include:
        if name not in known:
            raise BadInput(f"{name!r} is neither a case nor a containment that stands")
    active = _active(house)
    return tuple(Standing(one, _skip(one, active, include)) for one in reversed(all_of))


def witnessed(by: str, second: str, reason: str) -> None:
    """BadInput unless two different people and a reason are named. Names are taken as given, not proven."""
    if not (by.strip() and second.strip() and reason.strip()):
        raise BadInput("taking everything back needs two names and a reason")
    if by.strip().casefold() == second.strip().casefold():
        raise BadInput(f"the second person must be another than {by}: nobody frees everything alone")


def revert_all(
    house: House, *, by: str, second: str, reason: str, include: Collection[str] = ()
) -> tuple[tuple[Freed, ...], tuple[Standing, ...]]:
    """Take back what `standing` shows, on the word of two people; what became of each, and what was left in place.

    The kill switch does not stop it. BadInput unless two different people and a reason are named.
    """
    witnessed(by, second, reason)
    found = standing(house, include)
    mine = tuple(one for one in found if not one.skip)
    left = tuple(one for one in found if one.skip)
    _journal(house, by, second, reason, mine, left)
    why = f"everything taken back by {by} and {second}: {reason}"
    done = tuple(_free(house, each.one, by, why) for each in mine)
    house.seal()
    return done, left


def _there(one: Containment) -> bool:
    return one.state is not State.FAILED or bool(one.left)


def _skip(one: Containment, active: frozenset[str], include: Collection[str]) -> str:
    if one.state in BUSY:
        return BUSY[one.state]
    attacked = bool({one.case, one.change.target.arn} & active)
    if attacked and not {one.id, one.case} & set(include):
        return f"its principal was still active within the last hour: --include {one.id} frees it all the same"
    return ""


def _active(house: House) -> frozenset[str]:
    """Cases, and ARNs of targets, about whose principal something hostile was seen lately."""
    since, found = house.now() - LATELY, set[str]()
    for fact in house.facts(kinds=(Effective, Persisted, Tampered, Returned)):
        body = fact.body
        denied = isinstance(body, Effective) and bool(body.events)
        hostile = isinstance(body, Persisted | Returned) or (isinstance(body, Tampered) and not body.own)
        if fact.time > since and (denied or hostile):
            one = house.file(fact.case).containment(getattr(body, "containment", ""))
            found |= {fact.case, one.change.target.arn} if one else {fact.case}
    return frozenset(found)


def _journal(
    house: House, by: str, second: str, reason: str, mine: tuple[Standing, ...], left: tuple[Standing, ...]
) -> None:
    """Both names and the whole list before the first call; paged, too."""
    number = len(house.facts(kinds=(RevertedAll,))) + 1
    skipped = tuple(f"{each.one.id}: {each.skip}" for each in left)
    body = RevertedAll(by, second, reason, tuple(each.one.id for each in mine), skipped)
    house.write(body, key=f"revert-all/{number}", actor=by)
    text = f"{by} and {second} take everything back ({reason}): {len(mine)} containments, {len(left)} left in place"
    house.write(Paged(text, house.settings.contacts), key=f"revert-all/{number}/paged")


def _free(house: House, one: Containment, by: str, why: str) -> Freed:
    try:
        done = containments.revert(house, one.case, one.id, by=by, reason=why, code=Code.OTHER)
    except StanchError as error:  # one that cannot be reached must not keep the others: it is named, exit code 3
        return Freed(one, str(error))
    if done.state is not State.REVERTED:
        return Freed(done, f"it is {done.state}: {done.reason}; the worker tries again")
    return Freed(done, "; ".join(done.left))
