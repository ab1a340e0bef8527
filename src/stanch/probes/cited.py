"""Does the trail hold what a finding of our own cites, and was it who the finding says?"""

from stanch.model.finding import Finding
from stanch.probes.finding import Refetched
from stanch.trail import Trail

_SQL = """
SELECT count(*) AS n FROM events
WHERE event_id IN (SELECT unnest($ids)) AND account_id = $account AND coalesce(principal_id, '') = $principal
  AND event_time BETWEEN $first AND $last
"""


def reread(trail: Trail, finding: Finding) -> Refetched:
    """Read the cited events again; all must be there, in that account, by that principal. Raises BadInput."""
    ids = [one.id for one in finding.resources]
    first = finding.first_seen or finding.updated_at
    params = {
        "ids": ids,
        "account": finding.account,
        "principal": finding.identity.principal_id if finding.identity else "",
        "first": first,
        "last": finding.last_seen or finding.updated_at,
    }
    there = trail.query(_SQL, params)[0]["n"] if ids else 0
    if not ids or there != len(set(ids)):
        return Refetched(confirmed=False, how=f"{there} of the {len(set(ids))} cited events are in the trail")
    return Refetched(confirmed=True, how=f"the {there} cited events were read again in the trail, by the same principal")
