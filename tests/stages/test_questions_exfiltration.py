"""The questions of the playbook on data exfiltration and destruction."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stanch.model.context import Account, Asset, Context, Networks, Organisation, Partner, Window
from stanch.model.finding import Connection, Direction, Resource
from stanch.model.verdict import Evidence

from .questioning import ACCOUNT, AT, ISSUER, LISTED, MINUTE, NAT, STRANGER, THEFT, answers, ask, by, call, history

BUCKET = "shop-orders"
TAKEN = replace(
    THEFT,
    id="taken",
    type="Exfiltration:S3/AnomalousBehavior",
    instance=None,
    caller_ip=NAT,
    resources=(Resource("S3Bucket", f"arn:aws:s3:::{BUCKET}"),),
)
SHARED = replace(LISTED, id="shared", type="Exfiltration:EC2/TransferDataToCloudAccount")
MB = 1_000_000
SEEN = call("sts:GetCallerIdentity", ip=NAT)  # management events are logged
ORGANISATION = Organisation(accounts=(Account(ACCOUNT), Account("444455556666")))


def s3(
    name: str, minutes: float = 0, bucket: str = BUCKET, size: int = MB, ip: str = NAT, **more: Any
) -> dict[str, Any]:
    """A data event."""
    return call(
        f"s3:{name}",
        minutes,
        ip,
        managementEvent=False,
        requestParameters={"bucketName": bucket, "key": "k", **more.pop("asks", {})},
        additionalEventData={"bytesTransferredOut": size},
        **more,
    )


def days(each: int, size: int = MB, of: range = range(2, 22), **more: Any) -> list[dict[str, Any]]:
    """So many objects read on each of these days before."""
    return [s3("GetObject", -1440 * day, size=size, **more) for day in of for _ in range(each)]


def burst(count: int, size: int = MB, bucket: str = BUCKET) -> list[dict[str, Any]]:
    return [s3("GetObject", -number / 60, bucket, size) for number in range(count)]


def peer(name: str) -> dict[str, Any]:
    issuer = {"sessionIssuer": {"arn": f"arn:aws:iam::{ACCOUNT}:role/{name}"}}
    return {"type": "AssumedRole", "principalId": f"AROA{name}:x", "accessKeyId": "ASIAOTHER", "sessionContext": issuer}


@pytest.mark.parametrize(
    ("before", "now", "answer"),
    [
        (days(2), burst(3), "no"),
        (days(2), burst(120), "yes"),  # objects
        (days(2), burst(8, 10 * MB), "yes"),  # bytes
        (days(2), burst(4, 10 * MB), "no"),  # under the floor
        (days(8, 10 * MB), burst(20, 10 * MB), "no"),  # not five times as much
        (days(8, 10 * MB), burst(60, 10 * MB), "yes"),
        ([*days(2), *days(60, MB, range(18, 20))], burst(120), "yes"),  # two great days in the past excuse nothing
        ([*days(2), *days(12, 10 * MB, userIdentity=peer("p"))], burst(50, 10 * MB), "no"),  # the peers read as much
        (days(2), [], "unknown"),
    ],
)
def test_d1_compares_with_medians_of_days(
    tmp_path: Path, before: list[dict[str, Any]], now: list[dict[str, Any]], answer: str
) -> None:
    seen = call("s3:ListBuckets", managementEvent=True, ip=NAT)
    other = s3("HeadObject")
    assert answers(ask(tmp_path, TAKEN, *history(), *before, *now, seen, other), "D1") == answer


def test_volumes_need_data_events_and_two_weeks_of_them(tmp_path: Path) -> None:
    seen = call("s3:ListBuckets", managementEvent=True, ip=NAT)
    assert answers(ask(tmp_path, TAKEN, *history(), seen), "D1", "D4", "D6") == "unknown unknown unknown"
    young = ask(tmp_path, TAKEN, *history(), *days(2, of=range(2, 8)), *burst(200), seen)
    assert "6 days of S3" in young["D1"].says


def access(minutes: float, role: str, size: int) -> str:
    when = (AT + minutes * MINUTE).strftime("%d/%b/%Y:%H:%M:%S +0000")
    who = f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/x"
    return (
        f"{'a' * 64} {BUCKET} [{when}] 203.0.113.10 {who} REQ REST.GET.OBJECT k "
        f'"GET /k HTTP/1.1" 200 - {size} {size} 9 8 "-" "agent" - host SigV4 ECDHE AuthHeader h TLSv1.2 - -'
    )


@pytest.mark.parametrize(("role", "answer"), [("orders-api", "yes"), ("other", "unknown")])
def test_access_logs_stand_in_for_data_events(tmp_path: Path, role: str, answer: str) -> None:
    lines = [access(-1440 * day, role, MB) for day in range(2, 22)] + [access(-1, role, 90 * MB)]
    seen = call("s3:ListBuckets", managementEvent=True, ip=NAT)
    assert answers(ask(tmp_path, TAKEN, *history(), seen, others=("\n".join(lines),)), "D1") == answer


def share(name: str, asks: dict[str, Any], minutes: float = 0, who: str = "ana") -> dict[str, Any]:
    return call(f"ec2:{name}", minutes, userIdentity=by("IAMUser", who), requestParameters=asks)


def snapshot(account: str, how: str = "add") -> dict[str, Any]:
    return {"snapshotId": "snap-0a", "createVolumePermission": {how: {"items": [{"userId": account}]}}}


def policy(principal: object, **more: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "*", **more}
    return {"bucketName": BUCKET, "bucketPolicy": {"Statement": [statement]}}


STRANGE = "999988887777"


@pytest.mark.parametrize(
    ("name", "asks", "answer"),
    [
        ("ModifySnapshotAttribute", snapshot(STRANGE), "yes"),
        ("ModifySnapshotAttribute", snapshot(STRANGE, "remove"), "no"),
        ("ModifySnapshotAttribute", snapshot("444455556666"), "no"),
        (
            "ModifyImageAttribute",
            {"imageId": "ami-1", "launchPermission": {"add": {"items": [{"userId": STRANGE}]}}},
            "yes",
        ),
        ("ModifyDBSnapshotAttribute", {"dBSnapshotIdentifier": "s", "valuesToAdd": [STRANGE]}, "yes"),
        ("ModifyDBSnapshotAttribute", {"dBSnapshotIdentifier": "s", "valuesToRemove": [STRANGE]}, "no"),
        ("PutBucketPolicy", policy({"AWS": f"arn:aws:iam::{STRANGE}:root"}), "yes"),
        ("PutBucketPolicy", policy({"AWS": f"arn:aws:iam::{STRANGE}:root"}, Effect="Deny"), "no"),
        ("PutBucketReplication", {"bucketName": BUCKET, "ReplicationConfiguration": {"Account": STRANGE}}, "yes"),
        ("CreateSnapshot", {"description": f"for {STRANGE}"}, "no"),
    ],
)
def test_d2_reads_whom_data_was_shared_with(tmp_path: Path, name: str, asks: dict[str, Any], answer: str) -> None:
    context = Context(organisation=ORGANISATION)
    assert answers(ask(tmp_path, SHARED, share(name, asks), context=context), "D2") == answer


def test_an_account_that_was_let_in_before_is_no_new_share(tmp_path: Path) -> None:
    grant = policy({"AWS": f"arn:aws:iam::{STRANGE}:root"})
    before, now = share("PutBucketPolicy", grant, -1440 * 9, "bob"), share("PutBucketPolicy", grant)
    assert answers(ask(tmp_path, SHARED, before, now, context=Context(organisation=ORGANISATION)), "D2") == "no"


@pytest.mark.parametrize(
    ("partners", "organisation", "answer"),
    [
        ((STRANGE,), ORGANISATION, "no"),
        (("333344445555",), ORGANISATION, "yes"),
        ((), Organisation(), "unknown"),
    ],
)
def test_a_share_with_a_partner_is_not_held_against_anyone(
    tmp_path: Path, partners: tuple[str, ...], organisation: Organisation, answer: str
) -> None:
    context = Context(organisation=organisation, partners=(Partner("them", partners),))
    event = share("ModifySnapshotAttribute", snapshot(STRANGE))
    assert answers(ask(tmp_path, SHARED, event, context=context), "D2") == answer


def test_one_stranger_among_partners_is_seen(tmp_path: Path) -> None:
    context = Context(organisation=ORGANISATION, partners=(Partner("them", (STRANGE,)),))
    both = [share("ModifySnapshotAttribute", snapshot(one)) for one in (STRANGE, "333344445555")]
    found = ask(tmp_path, SHARED, *both, context=context)["D2"]
    assert (found.answer, found.n) == ("yes", 1)


ACL = "http://acs.amazonaws.com/groups/global/AllUsers"


@pytest.mark.parametrize(
    ("name", "asks", "answer"),
    [
        ("PutBucketPolicy", policy("*"), "yes"),
        ("PutBucketPolicy", policy({"AWS": "*"}), "yes"),
        ("PutBucketPolicy", policy("*", Condition={"StringEquals": {"aws:SourceVpce": "vpce-1"}}), "unknown"),
        ("PutBucketPolicy", policy("*", Effect="Deny"), "no"),
        ("PutBucketPolicy", policy({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), "no"),
        ("PutBucketAcl", {"bucketName": BUCKET, "AccessControlPolicy": {"Grantee": {"URI": ACL}}}, "yes"),
        ("PutBucketAcl", {"bucketName": BUCKET, "x-amz-acl": "private"}, "no"),
        ("ModifySnapshotAttribute", {"createVolumePermission": {"add": {"items": [{"group": "all"}]}}}, "yes"),
        ("ModifySnapshotAttribute", {"createVolumePermission": {"remove": {"items": [{"group": "all"}]}}}, "no"),
        ("ModifyDBSnapshotAttribute", {"valuesToAdd": ["all"]}, "yes"),
    ],
)
def test_d3_sees_data_opened_to_everyone(tmp_path: Path, name: str, asks: dict[str, Any], answer: str) -> None:
    assert answers(ask(tmp_path, SHARED, share(name, asks)), "D3") == answer


def test_what_the_operator_calls_public_may_be_public(tmp_path: Path) -> None:
    context = Context(assets=(Asset(f"arn:aws:s3:::{BUCKET}", workload="public-website"),))
    opened = replace(TAKEN, type="Policy:S3/BucketAnonymousAccessGranted")
    event = call("s3:PutBucketPolicy", requestParameters=policy("*"))
    assert answers(ask(tmp_path, opened, event, context=context), "D3", "D11") == "no yes"
    assert answers(ask(tmp_path, opened, event), "D3", "D11") == "yes no"
    harmed = replace(TAKEN, type="Impact:S3/AnomalousBehavior.Delete")
    assert answers(ask(tmp_path, harmed, event, context=context), "D11") == "unknown"


@pytest.mark.parametrize(
    ("events", "answer"),
    [
        ([s3("ListObjectsV2"), *burst(50, bucket="new")], "yes"),
        ([s3("ListObjectsV2"), *(one for n in range(3) for one in burst(1, bucket=f"new{n}"))], "yes"),
        (burst(50, bucket="new"), "no"),
        ([s3("ListObjectsV2"), *burst(49, bucket="new")], "no"),
        ([s3("ListObjectsV2"), *burst(50)], "no"),
    ],
)
def test_d4_sees_a_sweep_by_a_new_reader(tmp_path: Path, events: list[dict[str, Any]], answer: str) -> None:
    assert answers(ask(tmp_path, TAKEN, *history(), *days(1), *events, SEEN), "D4") == answer


@pytest.mark.parametrize(("usual", "now", "answer"), [(1, 21, "yes"), (1, 20, "no"), (9, 40, "no"), (9, 46, "yes")])
def test_d5_counts_secrets_a_day(tmp_path: Path, usual: int, now: int, answer: str) -> None:
    before = [call("kms:Decrypt", -1440 * day, NAT) for day in range(2, 22) for _ in range(usual)]
    after = [call("secretsmanager:GetSecretValue", -number / 60, NAT) for number in range(now)]
    assert answers(ask(tmp_path, TAKEN, *history(), *before, *after), "D5") == answer


CUSTOMER_KEY = {"x-amz-server-side-encryption-customer-algorithm": "AES256"}


@pytest.mark.parametrize(
    ("events", "answer"),
    [
        ([s3("GetObject", -9), *(s3("DeleteObject", n / 60) for n in range(10))], "yes"),
        ([s3("GetObject", -9), *(s3("DeleteObject", n / 60) for n in range(9))], "no"),
        ([s3("GetObject", 9), *(s3("DeleteObject", n / 60) for n in range(10))], "no"),
        ([s3("GetObject", -9, "other"), *(s3("DeleteObject", n / 60) for n in range(10))], "no"),
        ([s3("GetObject", -9), *(s3("PutObject", n / 60, asks=CUSTOMER_KEY) for n in range(10))], "yes"),
        ([s3("GetObject", -9), *(s3("PutObject", n / 60) for n in range(10))], "no"),
    ],
)
def test_d6_sees_ransom(tmp_path: Path, events: list[dict[str, Any]], answer: str) -> None:
    assert answers(ask(tmp_path, TAKEN, *history(), *days(1), *events, SEEN), "D6") == answer


def test_d6_knows_a_mover_that_always_deletes(tmp_path: Path) -> None:
    moves = [s3("DeleteObject", -1440 * day) for day in range(2, 22)]
    now = [s3("GetObject", -9), *(s3("DeleteObject", n / 60) for n in range(10))]
    assert answers(ask(tmp_path, TAKEN, *history(), *days(1), *moves, *now, SEEN), "D6") == "no"
    lately = [s3("DeleteObject", -1440 * day) for day in (4, 3, 2)]
    assert answers(ask(tmp_path, TAKEN, *history(), *days(1), *lately, *now, SEEN), "D6") == "yes"


@pytest.mark.parametrize(("data", "answer"), [("confidential", "yes"), ("public", "no"), ("", "unknown")])
def test_d7_is_the_operator_s_word(tmp_path: Path, data: str, answer: str) -> None:
    context = Context(assets=(Asset(f"arn:aws:s3:::{BUCKET}", data=data),))
    assert answers(ask(tmp_path, TAKEN, context=context), "D7") == answer


@pytest.mark.parametrize(
    ("workload", "minutes", "ip", "answer"),
    [
        ("backup", 0, NAT, "yes"),
        ("", 0, NAT, "no"),
        ("backup", -300, NAT, "no"),  # another hour
        ("backup", 0, STRANGER, "no"),  # an address that is not the operator's
    ],
)
def test_d8_wants_a_declared_role_at_its_usual_hour_and_place(
    tmp_path: Path, workload: str, minutes: float, ip: str, answer: str
) -> None:
    context = Context(assets=(Asset(ISSUER, workload=workload),), networks=Networks(egress=(f"{NAT}/32",)))
    found = ask(tmp_path, TAKEN, *history(), s3("GetObject", minutes, ip=ip), call("s3:X", ip=NAT), context=context)
    assert answers(found, "D8") == answer


@pytest.mark.parametrize(
    ("workload", "ip", "answer"), [("backup", NAT, "no no"), ("", NAT, "yes yes"), ("backup", STRANGER, "yes yes")]
)
def test_what_a_role_reads_as_declared_is_left_to_d8(tmp_path: Path, workload: str, ip: str, answer: str) -> None:
    context = Context(assets=(Asset(ISSUER, workload=workload),), networks=Networks(egress=(f"{NAT}/32",)))
    reads = [s3("GetObject", number / 60, "new", ip=ip) for number in range(120)]
    found = ask(tmp_path, TAKEN, *history(), *days(1), s3("ListObjectsV2", ip=ip), *reads, SEEN, context=context)
    assert answers(found, "D1", "D4") == answer


def audit(minutes: float, user: str = "app", ip: str = STRANGER) -> str:
    micro = int((AT + minutes * MINUTE).timestamp() * 1_000_000)
    return f"{micro},db-1,{user},{ip},7,8,QUERY,shop,'SELECT 1',0"


def logged(tmp_path: Path, *lines: str) -> Evidence:
    brute = replace(
        THEFT,
        id="brute",
        type="CredentialAccess:RDS/AnomalousBehavior.SuccessfulBruteForce",
        identity=None,
        instance=None,
        caller_ip="",
        connection=Connection(STRANGER, Direction.INBOUND),
    )
    folder = tmp_path / "logs" / f"AWSLogs_{ACCOUNT}"
    folder.mkdir(parents=True)
    (folder.parent / f"{ACCOUNT}_audit.log").write_text("\n".join(lines), encoding="utf-8")
    return ask(tmp_path, brute)["D10"]


@pytest.mark.parametrize(
    ("before", "now", "answer"),
    [
        (range(2, 22), 51, "yes"),
        (range(2, 22), 50, "no"),
        (range(2, 5), 51, "unknown"),
        ((20, 19, 18, 17), 51, "unknown"),
    ],
)
def test_d10_compares_a_database_user_with_his_own_days(tmp_path: Path, before: range, now: int, answer: str) -> None:
    usual = [audit(-1440 * day, ip="10.0.0.9") for day in before]
    assert logged(tmp_path, *usual, *(audit(-number / 60) for number in range(now))).answer == answer


def test_databases_without_audit_logs_say_nothing(tmp_path: Path) -> None:
    assert "no database audit logs" in logged(tmp_path, audit(-1440 * 60)).says


@pytest.mark.parametrize(
    ("hours", "ticket", "now", "answer"),
    [
        (2, "CHG-1", "GetObject", "yes"),
        (2, "", "GetObject", "no"),
        (-1, "CHG-1", "GetObject", "no"),
        (0.1, "CHG-1", "GetObject", "yes"),  # daily work before the finding needs no window
        (0.1, "CHG-1", "DeleteObject", "no"),
    ],
)
def test_d12_wants_a_ticket_and_a_window_around_what_is_unusual(
    tmp_path: Path, hours: float, ticket: str, now: str, answer: str
) -> None:
    window = Window(ISSUER, AT - MINUTE * 60 * hours, AT + MINUTE * 60, ticket)
    events = [SEEN, *days(1), s3(now, -30), s3("GetObject", 1)]
    found = ask(tmp_path, TAKEN, *events, context=Context(change_windows=(window,)))
    assert answers(found, "D12") == answer
