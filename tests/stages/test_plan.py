"""From a verdict to a Plan: targets are what the finding asserts, and everything that is not done has its reason."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from stanch.model.case import Case, Posture, Tier, Triage
from stanch.model.change import Action, Call, Plan, RevertsBy, Target, TargetKind, Terms, Undo
from stanch.model.errors import Denied
from stanch.model.finding import Connection, Direction, Finding, Form, Identity, IdentityKind, Instance, Resource
from stanch.model.playbook import Playbook
from stanch.model.walked import Resolved
from stanch.stages.plan import BY_HAND, aim, plan

ACCOUNT, REGION = "111122223333", "eu-west-1"
AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
TERMS = Terms("C-0a1b2c3d", 1, AT, AT + timedelta(hours=4))
HOST = Instance("i-0a1b2c3d4e5f60718", ACCOUNT, REGION)
USER = Identity(IdentityKind.IAM_USER, ACCOUNT, "alice", "AIDAALICE", "AKIAALICE")
ROLE = Identity(IdentityKind.ASSUMED_ROLE, ACCOUNT, "web", "AROAWEB:deploy", "ASIAWEB")
STOLEN = replace(ROLE, principal_id=f"AROAWEB:{HOST.id}")
PEER = Connection("203.0.113.7", Direction.INBOUND)
BUCKETS = (Resource("S3Bucket", "arn:aws:s3:::invoices"),)
LAMBDA = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:resize"
NOTHING = Resolved(1, confirmed=True, how="", arns=(), egress=(), tags=())
WITH_PATH = replace(NOTHING, arns=(("web", f"arn:aws:iam::{ACCOUNT}:role/app/web-real"),))


def finding(**said: Any) -> Finding:
    return Finding("f1", ACCOUNT, REGION, "Recon:IAMUser/Any", 5, AT, Form.GUARDDUTY, "GuardDuty", **said)


def aimed(kind: TargetKind, about: Finding, resolved: Resolved = NOTHING) -> list[tuple[str, str, str]]:
    return [(one.name, one.arn, one.within) for one in aim(kind, about, resolved)]


@pytest.mark.parametrize(
    ("kind", "about", "wanted"),
    [
        (TargetKind.USER, finding(identity=USER), ("alice", f"arn:aws:iam::{ACCOUNT}:user/alice", "")),
        (TargetKind.ACCESS_KEY, finding(identity=USER), ("AKIAALICE", f"arn:aws:iam::{ACCOUNT}:user/alice", "alice")),
        (TargetKind.ROLE, finding(identity=ROLE), ("web", f"arn:aws:iam::{ACCOUNT}:role/web", "")),
        (
            TargetKind.INSTANCE_CREDENTIALS,
            finding(identity=STOLEN, instance=HOST),
            ("web", f"arn:aws:iam::{ACCOUNT}:role/web", HOST.arn),
        ),
        (
            TargetKind.ROLE_SESSION,
            finding(identity=ROLE),
            ("web", f"arn:aws:iam::{ACCOUNT}:role/web", "AROAWEB:deploy"),
        ),
        (TargetKind.INSTANCE, finding(instance=HOST), (HOST.id, HOST.arn, "")),
        (TargetKind.BUCKET, finding(resources=BUCKETS), ("invoices", "arn:aws:s3:::invoices", "")),
        (
            TargetKind.BUCKET_ACCESS,
            finding(identity=ROLE, resources=BUCKETS),
            ("invoices", "arn:aws:s3:::invoices", f"arn:aws:iam::{ACCOUNT}:role/web"),
        ),
        (TargetKind.FUNCTION, finding(resources=(Resource("Lambda", f"{LAMBDA}:7"),)), ("resize", LAMBDA, "")),
        (TargetKind.ADDRESS, finding(instance=HOST, connection=PEER), ("203.0.113.7", "203.0.113.7", HOST.arn)),
    ],
)
def test_each_kind_of_target_comes_from_asserted_fields(
    kind: TargetKind, about: Finding, wanted: tuple[str, str, str]
) -> None:
    assert aimed(kind, about) == [wanted]


@pytest.mark.parametrize(
    ("kind", "about"),
    [
        (TargetKind.USER, finding()),
        (TargetKind.USER, finding(identity=ROLE)),
        (TargetKind.USER, finding(identity=replace(USER, name=""))),
        (TargetKind.USER, finding(identity=replace(USER, kind=IdentityKind.ROOT))),
        (TargetKind.USER, finding(identity=replace(USER, kind=IdentityKind.FEDERATED_USER))),
        (TargetKind.ACCESS_KEY, finding(identity=replace(USER, access_key="ASIASESSION"))),
        (TargetKind.ACCESS_KEY, finding(identity=replace(USER, access_key=""))),
        (TargetKind.ACCESS_KEY, finding(identity=replace(ROLE, access_key="AKIAODD"))),
        (TargetKind.ROLE, finding(identity=USER)),
        (TargetKind.ROLE, finding(identity=STOLEN, instance=HOST)),  # the narrower cut is for these
        (TargetKind.INSTANCE_CREDENTIALS, finding(identity=ROLE, instance=HOST)),
        (TargetKind.INSTANCE_CREDENTIALS, finding(identity=STOLEN)),  # its author chooses a session's name
        (TargetKind.ROLE_SESSION, finding(identity=STOLEN, instance=HOST)),
        (TargetKind.ROLE_SESSION, finding(identity=replace(ROLE, principal_id="AROAWEB"))),
        (TargetKind.ROLE_SESSION, finding(identity=USER)),
        (TargetKind.BUCKET, finding(resources=(Resource("S3Object", "arn:aws:s3:::invoices/2026/secret"),))),
        (TargetKind.BUCKET, finding(resources=(Resource("S3Bucket", "invoices"),))),
        (TargetKind.BUCKET_ACCESS, finding(resources=BUCKETS)),
        (TargetKind.BUCKET_ACCESS, finding(identity=replace(ROLE, kind=IdentityKind.ROOT), resources=BUCKETS)),
        (TargetKind.FUNCTION, finding(resources=(Resource("Lambda", LAMBDA.replace(ACCOUNT, "999988887777")),))),
        (TargetKind.DEED, finding(identity=USER, instance=HOST, resources=BUCKETS)),
        (TargetKind.INSTANCE, finding(identity=STOLEN)),
        (TargetKind.ADDRESS, finding(instance=HOST)),
        (TargetKind.ADDRESS, finding(connection=PEER)),
        (TargetKind.ADDRESS, finding(instance=HOST, connection=replace(PEER, direction=Direction.OUTBOUND))),
        (TargetKind.ADDRESS, finding(instance=HOST, connection=replace(PEER, direction=Direction.UNKNOWN))),
    ],
)
def test_what_is_not_asserted_is_no_target(kind: TargetKind, about: Finding) -> None:
    assert aimed(kind, about) == []


@pytest.mark.parametrize("kind", [TargetKind.USER, TargetKind.ROLE, TargetKind.INSTANCE, TargetKind.ADDRESS])
def test_text_that_others_write_never_makes_a_target(kind: TargetKind) -> None:
    written = f"arn:aws:iam::{ACCOUNT}:user/victim i-0123456789abcdef0 203.0.113.99"
    assert aimed(kind, finding(title=written, description=written, caller_ip="203.0.113.99")) == []


def test_the_live_arn_wins_with_its_path_and_its_real_name() -> None:
    (target,) = aim(TargetKind.ROLE, finding(identity=ROLE), WITH_PATH)
    assert (target.name, target.arn) == ("web-real", f"arn:aws:iam::{ACCOUNT}:role/app/web-real")


def test_arns_are_of_the_findings_partition_and_the_instances_place() -> None:
    (user,) = aim(TargetKind.USER, replace(finding(identity=USER), partition="aws-cn"), NOTHING)
    assert user.arn == f"arn:aws-cn:iam::{ACCOUNT}:user/alice"
    elsewhere = replace(HOST, account="777788889999", region="us-east-1")
    (host,) = aim(TargetKind.INSTANCE, finding(instance=elsewhere), NOTHING)
    assert (host.account, host.region) == ("777788889999", "us-east-1")


# The plan -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lamp:
    """A state that an action reads."""

    lit: bool = True


def call(operation: str, target: Target) -> Call:
    return Call("iam", operation, {}, target.arn)


def action(id: str, kind: TargetKind, **but: Any) -> Action[Lamp]:
    made: Action[Lamp] = Action(
        id=id,
        title=f"Title of {id}",
        target=kind,
        state=Lamp,
        snapshot=lambda reader, _: reader.lamp,  # type: ignore[attr-defined]  # stands where AWS stands
        presume=lambda _: Lamp(),
        objections=lambda _, __: (),
        forward=lambda target, lamp, _: (call("TurnOff", target),) if lamp.lit else (),
        inverse=lambda target, _, __, ___: Undo((call("TurnOn", target),)),
        keep=lambda _, __, ___: (),
        blast_radius=lambda target, _: f"lamp of {target.name}",
        reverts_by=RevertsBy.STANCH,
        cut="hard",
        breaks="reading",
        permissions=(),
        price="it is bright again",
    )
    return replace(made, **but)


def planned(about: Finding, *actions: Action[Lamp], lamp: Lamp | None = Lamp(), resolved: Resolved = NOTHING) -> Plan:
    """The plan on this finding; lamp=None plans without asking, as a replay does."""
    case = Case("C-0a1b2c3d", 1, (), (about,), AT)
    triage = Triage(Tier.HIGH, Posture.INVESTIGATE, "p", about.key, "")
    names = tuple(one.id for one in actions)
    playbook = Playbook("p", "", "", (), (), (), (), names)
    reader = SimpleNamespace(lamp=lamp)
    reader_of: Any = (lambda _, __: reader) if lamp else None
    return plan(case, triage, playbook, resolved, {one.id: one for one in actions}, TERMS, reader_of)


def test_a_change_holds_everything_needed_to_judge_do_and_undo_it() -> None:
    (change,) = planned(finding(identity=USER), action("X1", TargetKind.USER)).changes
    target = next(iter(aim(TargetKind.USER, finding(identity=USER), NOTHING)))
    assert (change.action, change.title, change.target, change.before) == ("X1", "Title of X1", target, {"lit": True})
    assert (change.forward, change.inverse) == ((call("TurnOff", target),), (call("TurnOn", target),))
    assert (change.blast_radius, change.cut, change.breaks) == ("lamp of alice", "hard", "reading")
    assert (change.terms, change.presumed, change.price) == (TERMS, False, "it is bright again")
    assert change.id == "C-0a1b2c3d.1/X1/alice"


def test_actions_of_extensions_come_in_the_playbooks_order_on_every_target_they_find() -> None:
    about = finding(identity=USER, instance=HOST)
    chosen = [action("X2", TargetKind.INSTANCE), action("X1", TargetKind.USER), action("X3", TargetKind.ROLE)]
    assert [(one.action, one.target.name) for one in planned(about, *chosen).changes] == [
        ("X2", HOST.id),
        ("X1", "alice"),
    ]


def test_an_objection_refuses_the_action_and_no_other() -> None:
    wary = action("X1", TargetKind.USER, objections=lambda _, __: ("too hot", "too high"))
    result = planned(finding(identity=USER), wary, action("X2", TargetKind.ACCESS_KEY))
    assert [one.action for one in result.changes] == ["X2"]
    assert [(one.action, one.reason) for one in result.refusals] == [("X1", "too hot"), ("X1", "too high")]


def test_what_is_so_already_is_said_and_not_done_again() -> None:
    result = planned(finding(identity=USER), action("X1", TargetKind.USER), lamp=Lamp(lit=False))
    assert result.changes == ()
    assert [one.reason for one in result.refusals] == ["already so: there is nothing to change"]


def test_a_state_that_cannot_be_read_refuses_by_the_name_of_the_call() -> None:
    def blind(*_: Any) -> Lamp:
        raise Denied("iam:GetUser", "AccessDenied", "not you")

    result = planned(finding(identity=USER), action("X1", TargetKind.USER, snapshot=blind))
    (refusal,) = result.refusals
    assert (result.changes, refusal.call) == ((), "iam:GetUser")
    assert "the state before cannot be read" in refusal.reason


def test_without_aws_the_state_is_presumed_said_to_be_and_not_objected_to() -> None:
    wary = action("X1", TargetKind.USER, objections=lambda _, __: ("cannot be known",))
    (change,) = planned(finding(identity=USER), wary, lamp=None).changes
    assert change.presumed


def test_an_identity_that_was_made_again_since_is_not_touched_nor_is_anything_else() -> None:
    resolved = replace(NOTHING, replaced=True, unknown=("alice is another one now",))
    result = planned(finding(identity=USER, instance=HOST), action("X1", TargetKind.INSTANCE), resolved=resolved)
    assert result.changes == ()
    assert [one.reason for one in result.refusals] == ["alice is another one now"]


@pytest.mark.parametrize("kind", sorted(BY_HAND))
def test_an_identity_without_an_action_comes_with_what_a_person_can_do(kind: IdentityKind) -> None:
    result = planned(finding(identity=Identity(kind, ACCOUNT, "x")), action("X1", TargetKind.USER))
    assert result.changes == ()
    assert [one.reason for one in result.refusals] == [BY_HAND[kind]]


def test_an_identity_that_could_be_cut_but_not_by_this_playbook_is_said_to_be() -> None:
    result = planned(finding(identity=USER), action("X1", TargetKind.ROLE))
    assert [one.reason for one in result.refusals] == [
        "no action is available for what Recon:IAMUser/Any names: a person must act"
    ]


# Order, alternatives, and what does not apply -------------------------------------------------------------------------


def test_the_safe_order_wins_over_the_playbooks() -> None:
    host = [action(name, TargetKind.INSTANCE) for name in ("E5", "E4", "E2", "E1")]
    assert [one.action for one in planned(finding(instance=HOST), *host).changes] == ["E1", "E2", "E4", "E5"]


def test_credentials_come_first_where_the_finding_names_an_actor_and_the_host_first_where_it_names_none() -> None:
    both = [action("E1", TargetKind.INSTANCE), action("I2", TargetKind.USER)]
    named = planned(finding(identity=USER, instance=HOST), *both)
    assert [one.action for one in named.changes] == ["I2", "E1"]
    assert [one.action for one in planned(finding(instance=HOST), *both).changes] == ["E1"]


def test_the_better_action_spares_its_substitute() -> None:
    substitute = action("I6", TargetKind.USER, spared_by="I7")
    assert [
        one.action for one in planned(finding(identity=USER), substitute, action("I7", TargetKind.USER)).changes
    ] == ["I7"]
    wary = action("I7", TargetKind.USER, objections=lambda _, __: ("its network is not known",))
    fallen_back = planned(finding(identity=USER), substitute, wary)
    assert ([one.action for one in fallen_back.changes], fallen_back.refusals) == (["I6"], ())


def test_what_the_target_does_not_have_is_passed_over_and_so_is_what_nobody_can_know() -> None:
    picky = action("E2", TargetKind.INSTANCE, applies=lambda _, lamp: lamp.lit)
    other = action("E4", TargetKind.INSTANCE, forward=lambda target, _, __: (call("Cut", target),))
    about = finding(instance=HOST)
    assert [one.action for one in planned(about, picky, other).changes] == ["E2", "E4"]
    for nothing in (planned(about, picky, other, lamp=Lamp(lit=False)), planned(about, picky, other, lamp=None)):
        assert ([one.action for one in nothing.changes], nothing.refusals) == (["E4"], ())


def test_what_needs_a_person_says_why_for_the_action_and_for_this_target() -> None:
    always = action("E6", TargetKind.INSTANCE, approval="it stops the service")
    here = action("E4", TargetKind.INSTANCE, consent=lambda target, _: f"{target.name} is a node of a cluster")
    changes = planned(finding(instance=HOST), always, here).changes
    assert {one.action: one.approval for one in changes} == {
        "E6": "it stops the service",
        "E4": f"{HOST.id} is a node of a cluster",
    }


def test_two_sessions_of_one_role_are_two_containments() -> None:
    (one,) = planned(finding(identity=ROLE), action("I4", TargetKind.ROLE_SESSION)).changes
    (other,) = planned(
        finding(identity=replace(ROLE, principal_id="AROAWEB:other")), action("I4", TargetKind.ROLE_SESSION)
    ).changes
    assert one.id != other.id
    assert one.id.startswith("C-0a1b2c3d.1/I4/web~")
