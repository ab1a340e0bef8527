"""One action on one target: the change it gives here and now, or why it gives none."""

from collections.abc import Collection
from typing import Any

from stanch.model.change import Action, Change, Refusal, Target, Terms
from stanch.model.errors import Environment, FailedResponse
from stanch.stages.plan.glance import ReaderOf
from stanch.store.codec import plain


def consider(
    action: Action[Any], target: Target, terms: Terms, reader_of: ReaderOf | None, roles: Collection[str] = ()
) -> Change | tuple[Refusal, ...]:
    """The change, or the refusals; none of either where the action has nothing to do with what the target is.

    Reads live state through `reader_of`; without it (replay) the state is presumed from the finding. roles: the roles
    of their own that the operator made for actions which are as strong as an administrator.
    """
    if action.role and action.role not in roles:
        off = f'it acts with a role of its own, which is off: write roles = ["{action.role}"] once that role exists'
        return (Refusal(action.id, target.arn, "", off),)
    presumed = reader_of is None
    try:
        before = (
            action.snapshot(reader_of(target.account, target.region), target) if reader_of else action.presume(target)
        )
    except (FailedResponse, Environment) as error:
        call = error.call if isinstance(error, FailedResponse) else ""
        return (Refusal(action.id, target.arn, call, f"the state before cannot be read: {error}"),)
    if action.applies is not None and (presumed or not action.applies(target, before)):
        return ()
    objections = () if presumed else action.objections(target, before)
    if objections:
        return tuple(Refusal(action.id, target.arn, "", reason) for reason in objections)
    forward = action.forward(target, before, terms)
    if not forward:
        return (Refusal(action.id, target.arn, "", "already so: there is nothing to change"),)
    return Change(
        action=action.id,
        title=action.title,
        target=target,
        before=plain(before),
        forward=forward,
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
