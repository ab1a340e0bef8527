"""One action on one target: the change it gives here and now, or why it gives none."""

from collections.abc import Callable, Collection
from functools import partial
from typing import Any

from stanch.model.abreast import together
from stanch.model.change import Action, Change, Refusal, Target, Terms
from stanch.model.errors import Environment, FailedResponse
from stanch.stages.plan.glance import ReaderOf
from stanch.store.codec import plain

Expect = Callable[[Change], object]


def consider(
    action: Action[Any],
    target: Target,
    terms: Terms,
    reader_of: ReaderOf | None,
    roles: Collection[str] = (),
    expect: Expect | None = None,
) -> Change | tuple[Refusal, ...]:
    """The change, or the refusals; none of either where the action has nothing to do with what the target is.

    Reads live state through `reader_of`; without it (replay) the state is presumed from the finding. roles: the roles
    of their own that the operator made for actions which are as strong as an administrator. expect: told the change as
    presumed, while the state is read.
    """
    if action.role and action.role not in roles:
        off = f'it acts with a role of its own, which is off: write roles = ["{action.role}"] once that role exists'
        return (Refusal(action.id, target.arn, "", off),)
    presumed = reader_of is None
    try:
        before = _read(action, target, terms, reader_of, expect) if reader_of else action.presume(target)
    except (FailedResponse, Environment) as error:
        call = error.call if isinstance(error, FailedResponse) else ""
        return (Refusal(action.id, target.arn, call, f"the state before cannot be read: {error}"),)
    if action.applies is not None and (presumed or not action.applies(target, before)):
        return ()
    objections = () if presumed else action.objections(target, before)
    if objections:
        return tuple(Refusal(action.id, target.arn, "", reason) for reason in objections)
    change = _change(action, target, before, terms, presumed=presumed)
    if not change.forward:
        return (Refusal(action.id, target.arn, "", "already so: there is nothing to change"),)
    return change


def _read(action: Action[Any], target: Target, terms: Terms, reader_of: ReaderOf, expect: Expect | None) -> Any:
    reading = partial(action.snapshot, reader_of(target.account, target.region), target)
    if expect is None or action.applies is not None:
        return reading()
    presumed = _change(action, target, action.presume(target), terms, presumed=True)
    before, _ = together(reading, partial(expect, presumed))
    return before


def _change(action: Action[Any], target: Target, before: object, terms: Terms, *, presumed: bool) -> Change:
    return Change(
        action=action.id,
        title=action.title,
        target=target,
        before=plain(before),
        forward=action.forward(target, before, terms),
        inverse=action.inverse(target, before, None, terms).calls,
        blast_radius=action.blast_radius(target, before),
        cut=action.cut,
        breaks=action.breaks,
        reverts_by=action.reverts_by,
        terms=terms,
        presumed=presumed,
        no_inverse=action.no_inverse,
        price=action.price,
        approval=action.approval or action.consent(target, before),
    )
