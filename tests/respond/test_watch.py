"""After a containment: proof that it bites, the next rung where it does not, what is undone put back, a return cut."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from stanch.lab.caller import Caller
from stanch.lab.cloudtrail import Issued, Pen, role_session, user_session
from stanch.model.casefile import State
from stanch.model.contained import Effective, Persisted, Proposed, PutBack, Returned, Tampered
from stanch.model.walked import Paged
from stanch.respond.further import by_the_sweep
from stanch.respond.watch import look

from .night import HOUR, START, Night

STOLEN, STRANGER = "stolen_instance_credentials", "203.0.113.47"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def stolen(night: Night) -> Night:
    """The credentials are contained, and nobody has looked after them since."""
    night.walk(STOLEN)
    assert night.states(STOLEN) == {"I7": "contained"}
    return night


def thief(night: Night, address: str = STRANGER, vpc: str = "") -> Caller:
    """Whoever holds the credentials that the finding names."""
    host, who = night.world.hosts["payments-api"], night.file(STOLEN).findings[0].identity
    issued = Issued(host.instance.id, who.access_key, START - HOUR)
    session = role_session(host.role, issued, address, "Boto3/1.34")
    return Caller(session, night.lab.clock, Pen(Random(f"{address}{vpc}")), issued.at, host.instance.arn, vpc)


def colleague(night: Night) -> Caller:
    """Another principal of the account, who has nothing to do with the case."""
    session = user_session(night.world.users["erik.nyman"], STRANGER, "aws-cli/2")
    return Caller(session, night.lab.clock, Pen(Random(5)))


def pipeline(night: Night) -> Caller:
    """The pipeline that the operator declared."""
    issued = Issued("deploy", "ASIAPIPELINE00000001", START)
    session = role_session(night.world.roles["deploy-storefront"], issued, "192.0.2.130", "Terraform")
    return Caller(session, night.lab.clock, Pen(Random(6)), issued.at)


def after(night: Night, time: timedelta) -> None:
    night.lab.clock.set(START + time)


def looked(night: Night) -> None:
    look(night.house, by_the_sweep, night.file(STOLEN).id)


def detach(night: Night, caller: Caller) -> None:
    one = night.one(STOLEN, "I7")
    role, policy = one.change.target.name, one.change.forward[-1].params["PolicyArn"]
    assert caller.call("iam", "DetachRolePolicy", policy, role, RoleName=role, PolicyArn=policy) == ""
    assert night.eyes.denies() == {}


def test_a_denied_call_is_the_proof_that_the_cut_bites(stolen):
    after(stolen, MINUTE * 2)
    assert thief(stolen).call("s3", "ListBuckets") == "AccessDenied"
    looked(stolen)
    one = stolen.one(STOLEN, "I7")
    assert one.effective == "1 calls of the contained principal were denied"
    assert len(one.proof) == 1
    assert not one.persisted


def test_each_denied_call_is_proof_once(stolen):
    after(stolen, MINUTE * 2)
    for _ in range(2):
        thief(stolen).call("s3", "ListBuckets")
        looked(stolen)
        looked(stolen)
    one = stolen.one(STOLEN, "I7")
    assert len(one.proof) == len(set(one.proof)) == len(stolen.told(Effective)) == 2
    assert one.effective == "2 calls of the contained principal were denied"


def test_a_minute_of_silence_is_said_to_be_no_more_than_that(stolen):
    after(stolen, MINUTE / 2)
    looked(stolen)
    assert stolen.one(STOLEN, "I7").effective == ""
    after(stolen, MINUTE)
    looked(stolen)
    assert stolen.one(STOLEN, "I7").effective == "a minute passed without a success of the contained principal"
    assert stolen.one(STOLEN, "I7").proof == ()


def test_the_instance_itself_works_on_and_that_is_no_failure_of_the_cut(stolen):
    after(stolen, MINUTE * 2)
    host = stolen.world.hosts["payments-api"]
    assert thief(stolen, host.public).call("s3", "ListBuckets") == ""
    assert thief(stolen, host.public, host.instance.interfaces[0].vpc).call("s3", "ListBuckets") == ""
    looked(stolen)
    assert stolen.states(STOLEN) == {"I7": "contained"}
    assert stolen.told(Persisted) == ()


def test_who_goes_on_meets_the_next_rung_and_then_the_next(stolen):
    for minute, rungs in ((2, ["I7", "I6"]), (4, ["I7", "I6", "I3"])):
        after(stolen, MINUTE * minute)
        thief(stolen).write("s3:ListBuckets")  # let through although it should have been denied
        looked(stolen)
        assert sorted(stolen.states(STOLEN)) == sorted(rungs)
    assert set(stolen.states(STOLEN).values()) == {"contained"}
    assert len(stolen.eyes.denies()) == 1  # all of them on the one role
    assert {told.then for told in stolen.told(Persisted)} == {("I6",), ("I3",)}


def test_the_last_rung_waits_for_a_person(stolen):
    settings = stolen.house.settings.model_copy(update={"roles": ("trust",)})
    stolen.house = replace(stolen.house, settings=settings)
    for minute in (2, 4, 6):
        after(stolen, MINUTE * minute)
        thief(stolen).write("s3:ListBuckets")
        looked(stolen)
    assert [told.change.action for told in stolen.told(Proposed)] == ["I5"]
    assert "I5" not in stolen.states(STOLEN)
    assert [one.action for one in stolen.file(STOLEN).proposals] == ["I5"]


def test_a_success_before_the_cut_can_bite_proves_nothing(stolen):
    after(stolen, MINUTE * 0.9)
    thief(stolen).write("s3:ListBuckets")
    after(stolen, MINUTE * 3)
    looked(stolen)
    assert stolen.told(Persisted) == ()


def test_another_principal_of_the_same_name_is_not_the_contained_one(stolen):
    after(stolen, MINUTE * 2)
    host = stolen.world.hosts["reports-api"]
    posing = Issued(stolen.world.hosts["payments-api"].instance.id, "ASIAOTHER00000000001", START)
    Caller(role_session(host.role, posing, STRANGER, "x"), stolen.lab.clock, Pen(Random(7)), START).write(
        "s3:ListBuckets"
    )
    looked(stolen)
    assert stolen.told(Persisted) == ()


def test_a_deny_that_somebody_detached_is_put_back_once_and_he_is_named(stolen):
    after(stolen, MINUTE * 2)
    detach(stolen, colleague(stolen))
    looked(stolen)
    assert stolen.eyes.denies() != {}
    (told,) = stolen.told(Tampered)
    assert (told.by, told.own) == (stolen.world.users["erik.nyman"].arn, False)
    assert len(stolen.told(PutBack)) == 1
    after(stolen, MINUTE * 3)
    detach(stolen, colleague(stolen))
    looked(stolen)
    assert stolen.eyes.denies() == {}
    assert "so a person must act" in stolen.told(Paged)[-1].text


def test_a_declared_pipeline_is_paged_about_and_not_fought(stolen):
    after(stolen, MINUTE * 2)
    detach(stolen, pipeline(stolen))
    looked(stolen)
    assert stolen.eyes.denies() == {}
    (told,) = stolen.told(Tampered)
    assert told.own
    assert stolen.world.roles["deploy-storefront"].arn in stolen.told(Paged)[-1].text


def test_who_waits_out_the_clock_and_returns_is_contained_again_under_a_new_one(stolen):
    stolen.sweep_at(4 * HOUR)
    assert stolen.eyes.denies() == {}
    after(stolen, 4 * HOUR + MINUTE)
    assert thief(stolen).call("s3", "ListBuckets") == ""
    looked(stolen)
    assert [told.round for told in stolen.told(Returned)] == [2]
    stolen.take()
    again = stolen.file(STOLEN).containments[-1]
    assert (again.state, again.expires_at) == (State.CONTAINED, START + 8 * HOUR + MINUTE)
    assert stolen.file(STOLEN).returns == 1
    assert thief(stolen).call("s3", "ListBuckets") == "AccessDenied"


def test_the_service_that_works_on_after_the_revert_is_no_return(stolen):
    stolen.sweep_at(4 * HOUR)
    after(stolen, 4 * HOUR + MINUTE)
    thief(stolen, stolen.world.hosts["payments-api"].public).call("s3", "ListBuckets")
    looked(stolen)
    assert stolen.told(Returned) == ()


def test_what_a_person_took_back_is_not_contained_again(stolen):
    stolen.revert(STOLEN, "I7")
    after(stolen, MINUTE)
    thief(stolen).call("s3", "ListBuckets")
    looked(stolen)
    assert stolen.told(Returned) == ()


def test_an_account_that_cannot_be_asked_is_paged_about_and_nothing_is_climbed(stolen):
    after(stolen, MINUTE * 2)
    stolen.lab.wire.deny("cloudtrail:LookupEvents")
    stolen.take()
    assert "could not be looked at" in stolen.told(Paged)[-1].text
    assert stolen.told(Effective) == ()
