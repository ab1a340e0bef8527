"""The trail alone opens cases: each finding cites the calls that show it, about whoever AWS says made them."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from stanch.model.case import Case, Posture, Tier
from stanch.model.context import Account, Context, Networks, Organisation, Partner, Pipeline, Window
from stanch.model.errors import BadInput
from stanch.model.finding import Finding, Form, IdentityKind
from stanch.model.verdict import Outcome
from stanch.model.walked import FindingReceived
from stanch.playbooks import leads
from stanch.respond.hunting import Hunt, Rounds, hunted, take_hunted
from stanch.respond.run import forever, once, running
from stanch.settings import Settings
from stanch.stages.resolve import resolve
from stanch.stages.triage import triage
from stanch.trail import Trail

from .hunting import ANA, KEY, OTHER, Told, act, asking, by_account, house, kinds, named
from .questioning import ACCOUNT, AT, DAY, HOST, MINUTE, SHELF, STRANGER, TABLE, by, call

EVERYTHING = json.dumps({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
OPS = f"arn:aws:iam::{ACCOUNT}:role/ops"


def secrets(n: int, minutes: float = 0, first: int = 0) -> list[dict[str, Any]]:
    return [asking("secretsmanager:GetSecretValue", minutes, secretId=f"s{first + one}") for one in range(n)]


def trust(account: str) -> str:
    return json.dumps({"Statement": [{"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"}]})


def port(number: int, cidr: str) -> dict[str, Any]:
    ranges = {"items": [{"cidrIp": cidr}]}
    rule = {"ipProtocol": "tcp", "fromPort": number, "toPort": number, "ipRanges": ranges}
    return asking("ec2:AuthorizeSecurityGroupIngress", groupId="sg-1", ipPermissions={"items": [rule]})


def key_for(user: str) -> dict[str, Any]:
    issued = {"accessKey": {"userName": user, "accessKeyId": "AKIAEXAMPLENEW00001"}}
    return act("iam:CreateAccessKey", 1, requestParameters={"userName": user}, responseElements=issued)


def used_from(ip: str) -> dict[str, Any]:
    return call("s3:ListBuckets", 9, ip=ip, userIdentity=by("IAMUser", "new", "AKIAEXAMPLENEW00001"))


def signed_in(factor: str, kind: str = "IAMUser") -> dict[str, Any]:
    return act(
        "signin:ConsoleLogin",
        userIdentity={**ANA, "type": kind},
        responseElements={"ConsoleLogin": "Success"},
        additionalEventData={"MFAUsed": factor},
    )


SNAPSHOT = "ec2:ModifySnapshotAttribute"
SHARE = {"add": {"items": [{"userId": OTHER}]}}
MANY = [asking("ec2:DescribeInstanceAttribute", 0.1 * n, instanceId=f"i-{n}", attribute="userData") for n in range(5)]
LOOKS = [act(f"{name}:ListThings", n) for n, name in enumerate(("s3", "iam", "ec2", "rds", "sqs", "sns"))]
CASES: list[Told] = [
    ("WatchingSwitchedOff", [asking("cloudtrail:StopLogging", name="t")]),
    ("WatchingSwitchedOff", [act("cloudtrail:DeleteTrail", errorCode="TrailNotFoundException")]),
    ("", [act("cloudtrail:DeleteTrail", errorCode="ThrottlingException")]),
    ("", [act("cloudtrail:StartLogging")]),
    ("WatchingSwitchedOff", [asking("cloudtrail:PutEventSelectors", eventSelectors=[{"readWriteType": "ReadOnly"}])]),
    ("", [asking("cloudtrail:PutEventSelectors", eventSelectors=[{"readWriteType": "All"}])]),
    ("WatchingSwitchedOff", [asking("guardduty:UpdateDetector", enable=False)]),
    ("", [act("elsewhere:DeleteFlowLogs")]),
    ("OrganisationLeft", [act("organizations:LeaveOrganization", errorCode="AccessDenied")]),
    (
        "ObjectsExpired",
        [
            asking(
                "s3:PutBucketLifecycle",
                LifecycleConfiguration={"Rule": {"Status": "Enabled", "Expiration": {"Days": 1}}},
            )
        ],
    ),
    (
        "",
        [
            asking(
                "s3:PutBucketLifecycle",
                LifecycleConfiguration={"Rule": {"Status": "Enabled", "Expiration": {"Days": 30}}},
            )
        ],
    ),
    ("SecretsSwept", [act("secretsmanager:ListSecrets", -1), *secrets(5)]),
    ("", [act("secretsmanager:ListSecrets", -1), *secrets(4)]),
    ("", secrets(8)),
    ("", [act("secretsmanager:ListSecrets", -1), *secrets(3), *secrets(3, minutes=30, first=3)]),
    (
        "",
        [
            act("secretsmanager:ListSecrets", -3),
            *[asking("secretsmanager:PutSecretValue", -2, secretId=f"s{n}") for n in range(6)],
            *secrets(6),
        ],
    ),
    (
        "SecretsSwept",
        [
            act("secretsmanager:ListSecrets", -3),
            *[asking("secretsmanager:PutSecretValue", -2, secretId=f"s{n}") for n in range(6)],
            *secrets(6),
            *secrets(6, minutes=1),
        ],
    ),
    ("SecretsSwept", [asking("secretsmanager:BatchGetSecretValue", filters=[{"key": "name"}])]),
    ("", [asking("secretsmanager:BatchGetSecretValue", secretIdList=["one"])]),
    (
        "ParametersSwept",
        [act("ssm:DescribeParameters", -1)]
        + [asking("ssm:GetParameters", n, names=[f"{n}{k}" for k in range(10)], withDecryption=True) for n in range(2)],
    ),
    ("", [act("ssm:DescribeParameters", -1), asking("ssm:GetParameters", names=["a", "b"], withDecryption=True)]),
    ("InstanceDataSwept", MANY),
    ("", MANY[:4]),
    ("", [asking("ec2:DescribeInstanceAttribute", instanceId=f"i-{n}") for n in range(9)]),
    ("InstanceCredentialsElsewhere", [call("ec2:DescribeInstances"), act("s3:ListBuckets", -5)]),
    ("", [call("ec2:DescribeInstances"), act("s3:ListBuckets", -5, sourceIPAddress="203.0.113.8")]),
    ("RemoteCommand", [asking("ssm:SendCommand", documentName="AWS-RunShellScript")]),
    ("", [asking("ssm:SendCommand", documentName="AWS-UpdateSSMAgent")]),
    (
        "StartScriptReplaced",
        [
            asking("ec2:ModifyInstanceAttribute", instanceId="i-1", userData="x"),
            asking("ec2:StartInstances", 1, i="i-1"),
        ],
    ),
    (
        "",
        [
            asking("ec2:ModifyInstanceAttribute", instanceId="i-1", userData="x"),
            asking("ec2:StartInstances", 1, i="i-2"),
        ],
    ),
    ("PolicyAttachedToSelf", [asking("iam:PutUserPolicy", userName="ana", policyDocument=EVERYTHING)]),
    ("AdministratorMade", [asking("iam:AttachUserPolicy", userName="bob", policyArn=ADMIN)]),
    ("", [asking("iam:AttachUserPolicy", userName="bob", policyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")]),
    (
        "",
        [
            asking("iam:CreateRole", -1, roleName="deploy"),
            asking("iam:AttachRolePolicy", roleName="deploy", policyArn=ADMIN),
        ],
    ),
    ("RoleOpenedToOutsider", [asking("iam:UpdateAssumeRolePolicy", roleName="r", policyDocument=trust(OTHER))]),
    ("", [asking("iam:UpdateAssumeRolePolicy", roleName="r", policyDocument=trust(ACCOUNT))]),
    ("CredentialsTakenOver", [asking("iam:UpdateLoginProfile", userName="bob")]),
    ("", [asking("iam:CreateUser", -1, userName="new"), asking("iam:CreateLoginProfile", userName="new")]),
    ("", [asking("iam:CreateAccessKey", userName="ana")]),
    ("NewKeyUsedElsewhere", [asking("iam:CreateUser", userName="new"), key_for("new"), used_from("203.0.113.99")]),
    ("", [asking("iam:CreateUser", userName="new"), key_for("new"), used_from(STRANGER)]),
    ("FederationToken", [act("sts:GetFederationToken")]),
    ("SharedOutside", [asking(SNAPSHOT, createVolumePermission=SHARE)]),
    ("SharedOutside", [asking(SNAPSHOT, createVolumePermission={"add": {"items": [{"group": "all"}]}})]),
    ("", [asking(SNAPSHOT, createVolumePermission={"remove": SHARE["add"]})]),
    ("", [asking(SNAPSHOT, createVolumePermission={"add": {"items": [{"userId": ACCOUNT}]}})]),
    ("ResourceOpened", [asking("lambda:AddPermission20150331v2", functionName="f", principal="*")]),
    ("", [asking("lambda:AddPermission20150331v2", functionName="f", principal="s3.amazonaws.com")]),
    ("AdminPortOpened", [port(22, "0.0.0.0/0")]),
    ("", [port(443, "0.0.0.0/0")]),
    ("", [port(22, "192.0.2.0/24")]),
    ("UnusualLaunch", [asking("ec2:RunInstances", instanceType="p3.2xlarge")]),
    ("", [asking("ec2:RunInstances", instanceType="t3.micro")]),
    ("ConsoleLoginWithoutMfa", [signed_in("No")]),
    ("", [signed_in("Yes")]),
    ("", [signed_in("No", "AssumedRole")]),
    ("EnumerationBurst", LOOKS),
    ("", LOOKS[:5]),
    ("DeniedBurst", [act(f"iam:Put{n}", n, errorCode="AccessDenied") for n in range(5)]),
    ("", [act("iam:Put", n, errorCode="AccessDenied") for n in range(5)]),
    ("RootUsed", [act("iam:CreateUser", userIdentity={"type": "Root", "arn": f"arn:aws:iam::{ACCOUNT}:root"})]),
    ("BackupsDestroyed", [act("rds:DeleteDBSnapshot", n) for n in range(5)]),
    ("", [act("rds:DeleteDBSnapshot", n * 5) for n in range(5)]),
]


@cache
def found() -> dict[str, set[str]]:
    return by_account(CASES)


@pytest.mark.parametrize("number", range(len(CASES)), ids=named(CASES))
def test_a_lead_finds_what_it_says_and_not_its_look_alike(number: int) -> None:
    kind, _ = CASES[number]
    assert found().get(f"{number:012}", set()) == ({kind} if kind else set())


def test_nothing_is_found_in_nothing(tmp_path: Path) -> None:
    assert kinds(tmp_path) == set()


@pytest.mark.parametrize("agent", ["Pacu/1.0", "stratus-red-team", "aws-cli/2"])
def test_what_a_caller_calls_himself_opens_nothing(tmp_path: Path, agent: str) -> None:
    named = asking("iam:CreateUser", userName="pwned-backdoor")
    assert kinds(tmp_path, {**named, "userAgent": agent}) == set()


@pytest.mark.parametrize(
    ("days", "ip", "found"), [(3, STRANGER, False), (2, STRANGER, True), (3, "203.0.113.66", True)]
)
def test_a_habit_speaks_for_its_owner_from_where_he_has_been_before(
    tmp_path: Path, days: int, ip: str, found: bool
) -> None:
    command = {"documentName": "AWS-RunShellScript"}
    before = [asking("ssm:SendCommand", -1440 * (day + 1), **command) for day in range(days)]
    now = act("ssm:SendCommand", sourceIPAddress=ip, requestParameters=command)
    started = hunted(house(tmp_path, *before, now), since=AT - 5 * MINUTE)
    assert bool(started) is found


def test_a_habit_never_excuses_who_stops_the_watching(tmp_path: Path) -> None:
    assert kinds(tmp_path, *[act("cloudtrail:StopLogging", -1440 * day) for day in range(9)]) == {"WatchingSwitchedOff"}


OPENING = [
    {
        **asking("iam:AttachUserPolicy", userName="bob", policyArn=ADMIN),
        "userIdentity": {**by("AssumedRole", "x"), "sessionContext": {"sessionIssuer": {"arn": OPS}}},
    }
]


@pytest.mark.parametrize(
    ("context", "found"),
    [
        (Context(), True),
        (Context(pipelines=(Pipeline(OPS, networks="ci"),), networks=Networks(ci=(f"{STRANGER}/32",))), False),
        (Context(pipelines=(Pipeline(OPS, networks="ci"),)), True),
        (Context(change_windows=(Window(OPS, AT - DAY, AT + DAY),)), False),
        (Context(change_windows=(Window(OPS, AT - 2 * DAY, AT - DAY),)), True),
    ],
)
def test_the_operator_s_word_excuses_declared_work(tmp_path: Path, context: Context, found: bool) -> None:
    assert kinds(tmp_path, *OPENING, context=context) == ({"AdministratorMade"} if found else set())


@pytest.mark.parametrize(
    "context",
    [
        Context(organisation=Organisation("x", (Account(OTHER),))),
        Context(partners=(Partner("vendor", (OTHER,)),)),
    ],
)
def test_sharing_with_one_s_own_or_a_partner_is_no_lead(tmp_path: Path, context: Context) -> None:
    shared = asking(SNAPSHOT, createVolumePermission=SHARE)
    opened = asking("iam:UpdateAssumeRolePolicy", roleName="r", policyDocument=trust(OTHER))
    assert kinds(tmp_path, shared, opened, context=context) == set()


def test_a_finding_says_who_and_cites_what(tmp_path: Path) -> None:
    event = {**asking("cloudtrail:StopLogging", name="t"), "eventID": "stop"}
    later = {**event, "eventID": "again", "eventTime": (AT + 2 * DAY).isoformat()}
    first, second = hunted(house(tmp_path, event, later))
    assert (first.form, first.product, first.account) == (Form.TRAIL, "stanch", ACCOUNT)
    assert first.identity is not None
    assert (first.identity.kind, first.identity.name, first.identity.access_key) == (IdentityKind.IAM_USER, "ana", KEY)
    assert [one.id for one in first.resources] == ["stop"]
    assert (first.first_seen, first.last_seen, first.caller_ip) == (AT, AT, STRANGER)
    assert [one.id for one in second.resources] == ["again"]
    assert first.id != second.id


def test_the_same_trail_gives_the_same_findings(tmp_path: Path) -> None:
    built = house(tmp_path, *LOOKS, *MANY)
    assert hunted(built) == hunted(built)
    assert len(hunted(built)) == 2


def test_an_instance_is_named_only_by_aws_s_own_mark(tmp_path: Path) -> None:
    mine = act("s3:ListBuckets", -5)
    (found,) = hunted(house(tmp_path, call("ec2:DescribeInstances"), mine))
    assert found.instance is not None
    assert (found.instance.id, found.instance.account) == (HOST.id, ACCOUNT)


def test_only_the_times_asked_for_are_hunted_in(tmp_path: Path) -> None:
    built = house(tmp_path, asking("cloudtrail:StopLogging", name="t"), act("s3:ListBuckets", 60))
    assert hunted(built, since=AT + MINUTE) == ()
    assert hunted(built, until=AT - MINUTE) == ()
    assert len(hunted(built, since=AT - MINUTE, until=AT + MINUTE)) == 1


def test_a_finding_of_our_own_is_investigated_by_a_playbook_and_nobody_else_s_is(tmp_path: Path) -> None:
    (found,) = hunted(house(tmp_path, asking("iam:PutUserPolicy", userName="ana", policyDocument=EVERYTHING)))
    where = triage(_case(found), TABLE, SHELF)
    assert (where.tier, where.posture, where.playbook) == (Tier.HIGH, Posture.INVESTIGATE, "privilege_escalation")
    forged = triage(_case(replace(found, form=Form.ASFF)), TABLE, SHELF)
    assert forged.posture is Posture.QUEUE


def test_every_lead_has_a_playbook() -> None:
    for one in leads():
        made = Finding("x", ACCOUNT, "", one.type, 7, AT, Form.TRAIL, "stanch")
        assert triage(_case(made), TABLE, SHELF).playbook


def test_the_cited_events_are_read_again_before_anything_is_decided(tmp_path: Path) -> None:
    built = house(tmp_path, asking("cloudtrail:StopLogging", name="t"))
    (found,) = hunted(built)
    assert resolve(found, 1, Context(), None, built.trail).confirmed
    assert not resolve(found, 1, Context(), None, Trail.load(None)).confirmed
    other = replace(found, identity=replace(found.identity, principal_id="AIDAEXAMPLEBOB"))  # type: ignore[type-var]
    assert not resolve(replace(other, vouched=True), 1, Context(), None, built.trail).confirmed
    assert not resolve(replace(found, resources=()), 1, Context(), None, built.trail).confirmed


def test_a_hunt_walks_to_the_end_and_contains_only_by_more_than_its_own_call(tmp_path: Path) -> None:
    alone = house(tmp_path, asking("iam:PutUserPolicy", userName="ana", policyDocument=EVERYTHING))
    with running(alone) as engine:
        taken = once(alone, engine, (), hunt=Hunt())
        again = once(alone, engine, (), hunt=Hunt())
    (file,) = alone.files()
    assert file.outcome is Outcome.ESCALATE
    assert taken.cases == again.cases == (file.id,)


def test_a_stolen_key_that_hunts_for_rights_would_be_contained(tmp_path: Path) -> None:
    before = [act("s3:ListBuckets", -1440 * (day + 3), sourceIPAddress="192.0.2.9") for day in range(20)]
    rise = asking("iam:PutUserPolicy", 7, userName="ana", policyDocument=EVERYTHING)
    built = house(tmp_path, *before, *LOOKS, rise)
    with running(built) as engine:
        once(built, engine, (), hunt=Hunt())
    risen = next(file for file in built.files() if file.triage and file.triage.playbook == "privilege_escalation")
    assert risen.outcome is Outcome.CONTAIN
    assert {change.target.arn for change in risen.would} == {f"arn:aws:iam::{ACCOUNT}:user/ana"}


def _case(found: Finding) -> Case:
    return Case("C-0", 1, (), (found,), AT)


def test_the_worker_hunts_when_it_is_time_and_takes_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    every_hour = Settings(state=tmp_path, checkpoints=str(tmp_path / "checkpoints"), hunt=60)
    calm = (act("s3:ListBuckets", -2880), act("s3:ListBuckets"))
    stops = [asking("cloudtrail:StopLogging", minutes, name="t") for minutes in (-300, -200)]
    clock = Ticking(AT)
    built = replace(house(tmp_path, *calm, *stops), settings=every_hour, clock=clock)
    monkeypatch.setattr("stanch.respond.run.time.sleep", clock.tick)
    with running(built) as engine:
        forever(built, engine, (), lambda: clock.ticks == 3)
        (first,) = built.facts(kinds=(FindingReceived,))
        take_hunted(built, since=AT - 250 * MINUTE)  # only the second of the two calls
    assert built.facts(kinds=(FindingReceived,)) == (first,)


class Ticking:
    """A clock that goes half an hour ahead when somebody sleeps."""

    def __init__(self, at: datetime) -> None:
        self.at, self.ticks = at, 0

    def now(self) -> datetime:
        return self.at

    def tick(self, _: float) -> None:
        self.at, self.ticks = self.at + 30 * MINUTE, self.ticks + 1


def test_a_worker_that_is_to_hunt_in_nothing_does_not_start(tmp_path: Path) -> None:
    built = replace(house(tmp_path), settings=Settings(hunt=5))
    with pytest.raises(BadInput, match="setting hunt"):
        Rounds.of(built)
    assert Rounds.of(replace(built, settings=Settings())).due(AT) is None


def test_a_round_is_due_at_once_and_when_the_interval_is_over() -> None:
    rounds = Rounds(timedelta(hours=1))
    assert rounds.due(AT) == Hunt(since=AT.replace(hour=0) - DAY)
    assert rounds.due(AT + 59 * MINUTE) is None
    assert rounds.due(AT + 60 * MINUTE) is not None
