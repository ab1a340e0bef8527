"""The operator's policies while stanch runs: what changed comes into force, what is broken is only paged."""

from datetime import timedelta

from stanch.model.errors import StanchError
from stanch.model.governed import PoliciesRead
from stanch.model.walked import Paged
from stanch.respond.house import House

EVERY = timedelta(seconds=30)
"""How often it is looked whether they changed, at most."""


def reread(house: House) -> None:
    """Look for changed policies, unless that was done a moment ago; journal which ones are in force."""
    if house.guardrails.operator is None:
        return
    now = house.now()
    if house.guardrails.looked is None or now - house.guardrails.looked >= EVERY:
        house.guardrails.looked = now
        try:
            house.guardrails.reread()
        except StanchError as error:
            text = f"the guardrails in {house.guardrails.operator} cannot be used: {error}"
            house.write(
                Paged(f"{text}; those from before stay in force"), key=f"guardrails/broken/{now:%Y-%m-%dT%H}/{error}"
            )
    _note(house)


def _note(house: House) -> None:
    earlier = [fact.body for fact in house.facts(kinds=(PoliciesRead,))]
    last = earlier[-1] if earlier else None
    if isinstance(last, PoliciesRead) and last.digest == house.guardrails.digest:
        return
    own = tuple(one.id for one in house.guardrails.policies if one.id.startswith("operator/"))
    body = PoliciesRead(str(house.guardrails.operator), house.guardrails.digest, own)
    house.write(body, key=f"guardrails/read/{len(earlier) + 1}")
