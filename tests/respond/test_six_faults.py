"""What the best-known sample responder gets wrong, each as a test of what happens here."""

from datetime import timedelta
from random import Random

from stanch.lab.caller import Caller
from stanch.lab.cloudtrail import Issued, Pen, role_session, user_session
from stanch.model.change import Target, TargetKind
from stanch.model.verdict import Outcome
from stanch.respond.further import by_the_sweep, take

from .night import HOUR, START, Night

LEAKED, MINING, STOLEN = "leaked_user_key", "crypto_mining", "stolen_instance_credentials"
STRANGER = "203.0.113.150"
MINUTE = timedelta(minutes=1)


def with_the_key(night: Night, session: Issued | None = None) -> Caller:
    user = night.world.users["maria.lindqvist"]
    return Caller(
        user_session(user, STRANGER, "aws-cli/2", session),
        night.lab.clock,
        Pen(Random(1)),
        session.at if session else None,
    )


def test_a_leaked_long_term_key_is_truly_denied(night):
    assert with_the_key(night).call("s3", "ListBuckets") == ""
    night.walk(LEAKED)
    assert with_the_key(night).call("s3", "ListBuckets") == "InvalidClientTokenId"


def test_a_session_that_the_key_minted_after_the_finding_was_last_seen_is_denied(night):
    minted = Issued("console", "ASIAMINTED0000000001", START - MINUTE)
    assert minted.at > night.simulation.acts[LEAKED].events[-1].time
    night.walk(LEAKED)
    assert with_the_key(night, minted).call("s3", "ListBuckets") == "AccessDenied"


def test_a_session_of_a_role_minted_after_the_finding_and_before_the_cut_is_denied_and_a_later_one_is_not(night):
    night.walk(STOLEN)
    host = night.world.hosts["payments-api"]
    target = Target(TargetKind.ROLE, host.role.account, "eu-west-1", host.role.name, host.role.arn)
    take(night.house, by_the_sweep, night.file(STOLEN).id, "I3", target, why="a test")
    night.revert(STOLEN, "I7")
    night.lab.clock.set(START + 3 * HOUR)
    for issued, answer in ((START - MINUTE, "AccessDenied"), (START + 2 * MINUTE, "")):
        session = role_session(host.role, Issued(host.instance.id, "ASIAMINTED0000000002", issued), STRANGER, "x")
        caller = Caller(session, night.lab.clock, Pen(Random(2)), issued, host.instance.arn)
        assert caller.call("s3", "ListBuckets") == answer


def test_a_strangers_port_probe_isolates_nothing(night):
    night.walk("port_probe")
    assert (night.file("port_probe").containments, night.changes()) == ((), ())


def test_evidence_that_cannot_be_taken_does_not_keep_the_host_on_the_network(night):
    night.lab.wire.deny("ec2:CreateSnapshots")
    night.walk(MINING)
    assert night.states(MINING) == {"E1": "failed", "E4": "contained"}
    (group,) = {one for groups in night.eyes.groups("batch-worker").values() for one in groups}
    assert night.eyes.rules(group) == 0


def test_nothing_waits_for_a_snapshot_to_be_finished(night):
    night.walk(MINING)
    between = [one.operation for one in night.lab.wire.requests()]
    started = between.index("CreateSnapshots")
    isolated = between.index("ModifyNetworkInterfaceAttribute")
    assert between[started:isolated].count("DescribeSnapshots") <= 1  # one look that they exist


def test_a_call_that_fails_is_reported_as_failed_and_never_as_a_success(night):
    night.lab.wire.deny("ec2:ModifyNetworkInterfaceAttribute")
    night.walk(MINING)
    assert night.states(MINING)["E4"] == "failed"
    assert night.file(MINING).outcome is Outcome.ESCALATE
    assert any("ModifyNetworkInterfaceAttribute" in one for one in night.file(MINING).reasons)


def test_what_was_done_can_be_undone(night):
    own = night.eyes.own_groups("batch-worker")
    night.walk(MINING)
    assert night.eyes.groups("batch-worker") != own
    night.revert(MINING, "E4")
    assert night.eyes.groups("batch-worker") == own
