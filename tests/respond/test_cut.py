"""Host isolation is proved by flow logs: bytes that go on mean the next rung, silence is said and never proof."""

from datetime import timedelta

import pytest

from stanch.lab import flowlog
from stanch.lab.scenarios.crypto_mining import POOL
from stanch.lab.world import SANDBOX
from stanch.model.contained import Effective, Persisted, Proposed
from stanch.model.walked import Paged
from stanch.respond.further import by_the_sweep
from stanch.respond.watch import look

from .night import START, Night

MINING, HOST = "crypto_mining", "batch-worker"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def isolated(night: Night) -> Night:
    """The mining host is isolated, and nobody has looked after it since."""
    flowlog.forget(SANDBOX.id)
    night.walk(MINING)
    assert night.states(MINING)["E4"] == "contained"
    return night


def window(night: Night, minute: int, *, face: int = 0, to: str = "", size: int = 0, accepted: bool = True) -> None:
    """What flow logs say of one interface in the minute that began so many minutes after the cut."""
    one = night.world.hosts[HOST].instance.interfaces[face]
    start = START + minute * MINUTE
    at = {"account": SANDBOX.id, "interface": one.id, "start": start, "end": start + MINUTE}
    passed = {"source": one.private_ip, "destination": to, "ports": (49712, 3333), "packets": size // 60, "bytes": size}
    flowlog.deliver(flowlog.Flow(**at, **(passed | {"accepted": accepted} if to else {})))


def looked(night: Night, minute: float) -> None:
    night.lab.clock.set(START + minute * MINUTE)
    look(night.house, by_the_sweep, night.file(MINING).id)


def about_flows(night: Night) -> list[str]:
    return [told.text for told in night.told(Paged) if "flow" in told.text]


def test_a_host_whose_flow_stops_is_seen_to_be_cut(isolated: Night) -> None:
    window(isolated, 0, to=POOL, size=6000)  # began before the cut can bite: it proves nothing
    window(isolated, 1, to=POOL, size=600, accepted=False)
    window(isolated, 1, face=1)
    looked(isolated, 3)
    one = isolated.one(MINING, "E4")
    assert one.effective == (f"flow logs: 2 records, 01:45:00 to 01:46:00 UTC, none accepted to or from {POOL}")
    assert (one.proof, one.persisted) == ((), False)
    looked(isolated, 4)
    assert len(isolated.told(Effective)) == 1
    assert about_flows(isolated) == []


def test_an_interface_without_a_record_keeps_it_open(isolated: Night) -> None:
    window(isolated, 1)
    looked(isolated, 3)
    assert isolated.one(MINING, "E4").effective == ""
    assert isolated.told(Persisted) == ()


def test_what_passed_to_others_is_not_the_peers(isolated: Night) -> None:
    window(isolated, 1, to="198.51.100.7", size=900)
    window(isolated, 1, face=1)
    looked(isolated, 3)
    assert "none accepted" in isolated.one(MINING, "E4").effective


def test_a_tracked_connection_that_goes_on_loses_its_address_and_then_a_person_is_asked_to_stop_the_host(
    isolated: Night,
) -> None:
    face = isolated.world.hosts[HOST].instance.interfaces[0].id
    ec2 = isolated.eyes.client(SANDBOX.id, "ec2")
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    ec2.associate_address(AllocationId=address, NetworkInterfaceId=face)
    window(isolated, 1, to=POOL, size=6000)
    window(isolated, 1, face=1)
    looked(isolated, 3)
    assert isolated.one(MINING, "E4").persisted
    assert isolated.states(MINING)["E7"] == "contained"
    assert isolated.told(Proposed) == ()
    assert "AssociationId" not in ec2.describe_addresses(AllocationIds=[address])["Addresses"][0]
    (told,) = isolated.told(Persisted)
    assert (told.then, len(told.events)) == (("E7",), 1)
    assert f"6000 bytes accepted to or from {POOL}" in about_flows(isolated)[-1]
    window(isolated, 4, to=POOL, size=1200)
    looked(isolated, 6)
    assert [one.action for one in isolated.file(MINING).proposals] == ["E6"]
    assert isolated.one(MINING, "E7").persisted
    assert isolated.one(MINING, "E4").effective == ""
    assert "E6" not in isolated.states(MINING)
    ec2.release_address(AllocationId=address)


def test_a_host_without_an_address_of_its_own_is_proposed_to_be_stopped_at_once(isolated: Night) -> None:
    window(isolated, 2, to=POOL, size=60)
    looked(isolated, 4)
    assert [told.change.action for told in isolated.told(Proposed)] == ["E6"]
    assert "E7" not in isolated.states(MINING)


def test_where_there_are_no_flow_logs_it_is_said_once_and_nothing_is_claimed(isolated: Night) -> None:
    kept = flowlog.turn_off(SANDBOX.id)
    for minute in (2, 3, 60):
        looked(isolated, minute)
    flowlog.turn_on_again(SANDBOX.id, kept)
    (page,) = about_flows(isolated)
    assert "is not known: no flow logs show it" in page
    assert isolated.one(MINING, "E4").effective == ""
    assert isolated.told(Effective) == isolated.told(Persisted) == ()


def test_records_that_never_arrive_are_waited_for_and_then_missed_once(isolated: Night) -> None:
    looked(isolated, 5)
    assert about_flows(isolated) == []
    for minute in (31, 32):
        looked(isolated, minute)
    (page,) = about_flows(isolated)
    assert "no flow record of eni-" in page
    assert isolated.one(MINING, "E4").effective == ""


def test_a_host_that_is_let_go_is_not_asked_after(isolated: Night) -> None:
    isolated.revert(MINING, "E4")
    window(isolated, 2, to=POOL, size=6000)
    looked(isolated, 4)
    assert isolated.told(Persisted) == ()


def test_flow_logs_that_may_not_be_read_are_said_to_be_unknown(isolated: Night) -> None:
    isolated.lab.wire.deny("logs:FilterLogEvents")
    looked(isolated, 3)
    (page,) = about_flows(isolated)
    assert "AccessDenied" in page
    assert isolated.told(Effective) == ()
