"""What was disrupted within the last hour, and the page when half of a budget, or all of it, is spent."""

from collections.abc import Iterator
from datetime import timedelta

from stanch.guardrails import Disruption
from stanch.model.change import RevertsBy
from stanch.model.contained import Called, Contained, Intended
from stanch.model.walked import Paged
from stanch.respond.house import House

WINDOW = timedelta(hours=1)
LEVELS = (50, 100)
"""Percent of a budget at which a person is paged."""


def disrupted(house: House) -> tuple[Disruption, ...]:
    """Every actor cut and workload disrupted in the last hour: whom a call to contain reached, or may have reached.

    It counts from the first call, whatever became of the containment: one that failed or was taken back is counted.
    Repairs disrupt nobody.
    """
    bodies = [fact.body for fact in house.facts(kinds=(Called, Contained), since=house.now() - WINDOW)]
    begun = {one.containment for one in bodies if isinstance(one, Contained | Called) and _reached(one)}
    if not begun:
        return ()
    intents = [fact.body for fact in house.facts(kinds=(Intended,))]
    cuts = (one for one in intents if isinstance(one, Intended) and one.change.reverts_by is not RevertsBy.NOBODY)
    mine = (one for one in cuts if one.containment in begun)
    found = (Disruption(one.change.target.account, one.change.target.arn, one.playbook) for one in mine)
    return tuple(dict.fromkeys(found))


def _reached(called: Called | Contained) -> bool:
    """AWS accepted it, or gave no answer that says otherwise."""
    if isinstance(called, Contained):
        return True
    return called.purpose == "contain" and (called.receipt.ok or not called.receipt.request_id)


def announce(house: House, account: str, playbook: str) -> None:
    """Page once an hour when half of a budget is spent, and once when all of it is."""
    hour = f"{house.now():%Y-%m-%dT%H}"
    for scope, name, spent, budget in _scopes(house, account, playbook):
        for level in LEVELS:
            if budget and spent * 100 >= budget * level:
                text = f"{spent} of {budget} containments in this hour, {scope} {name}".rstrip()
                then = "everything else is escalated" if level == LEVELS[-1] else "half of the budget is spent"
                house.write(Paged(f"{text}: {then}"), key=f"budget/{scope}/{name}/{level}/{hour}")


def _scopes(house: House, account: str, playbook: str) -> Iterator[tuple[str, str, int, int]]:
    done, budgets = disrupted(house), house.settings.budgets
    yield "organisation", "", len({(one.account, one.arn) for one in done}), budgets.organisation
    yield "account", account, len({one.arn for one in done if one.account == account}), budgets.account
    mine = {(one.account, one.arn) for one in done if one.playbook == playbook}
    yield "playbook", playbook, len(mine), budgets.playbook
