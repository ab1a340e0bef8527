"""Does he come back? A revert is no amnesty: who acts again is contained again, under a new clock."""

from datetime import timedelta

from stanch.model.casefile import CaseFile, State
from stanch.model.contained import Returned
from stanch.probes.activity import Act
from stanch.respond import containments
from stanch.respond.house import House
from stanch.respond.watch.acts import ids, page
from stanch.stages.watch import CREDENTIALS, own_networks, succeeded

AFTERWARDS = timedelta(hours=24)
"""How long a principal stays on watch after a revert: longer than any session lives."""


def returned(house: House, file: CaseFile, acts: tuple[Act, ...]) -> None:
    """Begin a new round when the credential is used again from a stranger's address after its clock ran out.

    Only where nobody decided: a person's revert stands.
    """
    ended = [
        one
        for one in file.containments
        if one.state is State.REVERTED
        and one.decided_by == containments.TIMER
        and one.change.terms.round == file.round
        and one.change.target.kind in CREDENTIALS
        and one.change.target not in file.minted
    ]
    if not ended or file.outcome is None:
        return
    last = max(ended, key=lambda one: one.at)
    egress = file.resolved.egress if file.resolved else ()
    again = succeeded(acts, last.at, (*own_networks(house.context), *egress))
    if again and house.now() - last.at < AFTERWARDS:
        number = file.round + 1
        house.write(Returned(number, last.id, ids(again)), key=f"{file.id}/returned/{number}", case=file.id)
        many = f"{len(again)} calls, return {file.returns + 1}"
        page(house, last, "returned", f"{last.change.target.name} is at work again after the revert ({many})")
