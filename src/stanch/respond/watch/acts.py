"""What CloudTrail shows of a credential or a resource, asked live in every region where it would stand."""

from collections.abc import Iterable
from datetime import datetime

from stanch.model.casefile import Containment
from stanch.model.change import Target
from stanch.model.errors import Environment
from stanch.model.finding import Finding
from stanch.model.ports import Reader
from stanch.model.walked import Paged
from stanch.probes import activity
from stanch.probes.activity import Act
from stanch.respond.house import House
from stanch.stages.watch import Suspect

GLOBAL = "us-east-1"
"""Where CloudTrail keeps the calls to global services (IAM, STS's global endpoint)."""


def acts_of(house: House, finding: Finding, who: Suspect) -> tuple[Act, ...]:
    """Everything that the credential did since the finding says it began, oldest first."""
    since = finding.first_seen or finding.created_at or finding.updated_at
    found: list[Act] = []
    for reader in _readers(house, finding.account, finding.region):
        session = who.principal_id.partition(":")[2]
        found += activity.by_key(reader, who.access_key, since) if who.access_key else ()
        found += activity.by_name(reader, session, since) if session else ()
    return in_time(act for act in found if who.did(act))


def acts_by_key(house: House, key: str, account: str, region: str, since: datetime) -> tuple[Act, ...]:
    """Everything that was done with an issued key in that account, oldest first."""
    found = (act for reader in _readers(house, account, region) for act in activity.by_key(reader, key, since))
    return in_time(act for act in found if act.access_key == key)


def acts_on(house: House, target: Target, names: Iterable[str], since: datetime) -> tuple[Act, ...]:
    """Everything that anybody did to resources of these names, oldest first."""
    readers = _readers(house, target.account, target.region)
    return in_time(
        act for name in sorted(names) for reader in readers for act in activity.on_resource(reader, name, since)
    )


def in_time(acts: Iterable[Act]) -> tuple[Act, ...]:
    """Each act once, oldest first."""
    return tuple(sorted({act.event_id: act for act in acts}.values(), key=lambda act: (act.at, act.event_id)))


def ids(acts: Iterable[Act]) -> tuple[str, ...]:
    """Their event ids."""
    return tuple(act.event_id for act in acts)


def page(house: House, one: Containment, what: str, text: str) -> None:
    """Page a person about a containment, once for each thing that happened."""
    house.write(Paged(text), key=f"{one.id}/paged/{what}", case=one.case)


def _readers(house: House, account: str, region: str) -> tuple[Reader, ...]:
    if house.aws is None:
        raise Environment("a replay asks AWS nothing")
    return tuple(house.aws.reader(account, one) for one in dict.fromkeys((region, GLOBAL)))
