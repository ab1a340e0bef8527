"""Is the host cut off? Flow logs are the proof: a soft cut counts once they show nothing accepted to or from the peer.

Their silence is none: where there are no flow logs, or no record arrives, that is said once and nothing is claimed.
"""

from datetime import datetime, timedelta

from stanch.model.casefile import CaseFile, Containment
from stanch.model.change import TargetKind
from stanch.model.contained import Effective
from stanch.model.errors import Environment
from stanch.probes import flows
from stanch.probes.flows import Flow, Flows
from stanch.respond.further import Arm
from stanch.respond.house import House
from stanch.respond.watch.acts import page
from stanch.respond.watch.ladder import climb_on
from stanch.stages.watch import PROPAGATION, STANDING

CUTS = frozenset({"E4", "E7"})
"""Actions that cut a host off the network. A stopped instance (E6) is read back as stopped, which says more."""
LATE = timedelta(minutes=30)
"""Windows last up to ten minutes and arrive up to fifteen later: what has not come by then will hardly come."""


def severed(house: House, arm: Arm, file: CaseFile) -> None:
    """Journal for each network cut of the case that flow logs show it, or climb to the next rung."""
    for one in file.containments:
        if one.state in STANDING and one.change.action in CUTS and not one.persisted:
            peers = _peers(file, one)
            if peers and house.now() >= _bites_at(one):
                _look(house, arm, one, peers)


def _look(house: House, arm: Arm, one: Containment, peers: tuple[str, ...]) -> None:
    seen, shown = _ask(house, one), ", ".join(peers)
    went_on = tuple(flow for flow in seen.records if any(flow.carried(peer) for peer in peers))
    if went_on:
        total = sum(flow.bytes for flow in went_on)
        why = f"flow logs show {total} bytes accepted to or from {shown} after {one.change.title} should have cut them"
        climb_on(house, arm, one, tuple(map(_told, went_on)), why)
    elif seen.records and not seen.silent and not seen.unknown:
        last = max(flow.end for flow in seen.records)
        window = f"{_bites_at(one):%H:%M:%S} to {last:%H:%M:%S} UTC"
        how = f"flow logs: {len(seen.records)} records, {window}, none accepted to or from {shown}"
        house.write(Effective(one.id, how, ()), key=f"{one.id}/effective/flows", case=one.case)
    elif seen.unknown or house.now() >= _bites_at(one) + LATE:
        why = "; ".join(seen.unknown) or f"no flow record of {', '.join(seen.silent)} has arrived"
        text = f"whether {one.change.target.name} still talks to {shown} is not known: no flow logs show it ({why})"
        page(house, one, "flows-unknown", text)


def _ask(house: House, one: Containment) -> Flows:
    if house.aws is None:
        raise Environment("a replay asks AWS nothing")
    target = one.change.target
    return flows.since(house.aws.reader(target.account, target.region), target.name, _bites_at(one))


def _bites_at(one: Containment) -> datetime:
    return (one.contained_at or one.at) + PROPAGATION


def _peers(file: CaseFile, one: Containment) -> tuple[str, ...]:
    """The layer-4 peers of this very instance that the case's findings name."""
    if one.change.target.kind is not TargetKind.INSTANCE:
        return ()
    about = (f for f in file.findings if f.instance and f.instance.id == one.change.target.name and f.connection)
    return tuple(sorted({f.connection.remote_ip for f in about if f.connection and f.connection.remote_ip}))


def _told(flow: Flow) -> str:
    """A flow as the journal cites it: flow records have no ids."""
    return f"flow {flow.interface} {flow.source}>{flow.destination} {flow.start:%Y-%m-%dT%H:%M:%SZ} {flow.bytes} bytes"
