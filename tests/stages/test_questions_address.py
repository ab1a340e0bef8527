"""The questions of the playbook on known-malicious addresses."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stanch.model.context import Asset, Context
from stanch.model.finding import Connection, Direction, Identity, IdentityKind, Interface

from .questioning import (
    ACCOUNT,
    AT,
    HOST,
    KNOCK,
    LISTED,
    MINUTE,
    NAT,
    OFFICE,
    STRANGER,
    answers,
    ask,
    by,
    call,
    history,
    own,
)


@pytest.mark.parametrize(
    ("direction", "blocked", "answer"),
    [
        (Direction.OUTBOUND, False, "yes"),
        (Direction.INBOUND, True, "no"),
        (Direction.INBOUND, False, "unknown"),
        (Direction.OUTBOUND, True, "unknown"),
        (Direction.INBOUND, None, "unknown"),
        (Direction.UNKNOWN, True, "unknown"),
    ],
)
def test_i1_tells_a_knock_from_a_connection(
    tmp_path: Path, direction: Direction, blocked: bool | None, answer: str
) -> None:
    peer = Connection(STRANGER, direction, 443, 40000, blocked)
    assert answers(ask(tmp_path, replace(KNOCK, connection=peer)), "I1") == answer


def sign_in(minutes: float, result: str, ip: str = STRANGER) -> dict[str, Any]:
    return call(
        "signin:ConsoleLogin",
        minutes,
        ip,
        userIdentity=by("IAMUser", "ana", ""),
        responseElements={"ConsoleLogin": result},
    )


@pytest.mark.parametrize(
    ("results", "wanted"),
    [
        ("FFFS", "yes yes"),
        ("FFS", "no yes"),
        ("SFFF", "no yes"),
        ("FFFF", "no no"),
    ],
)
def test_i4_and_i5_read_sign_ins(tmp_path: Path, results: str, wanted: str) -> None:
    tries = [sign_in(n, "Success" if one == "S" else "Failure") for n, one in enumerate(results)]
    assert answers(ask(tmp_path, LISTED, *tries), "I4", "I5") == wanted


@pytest.mark.parametrize(
    ("events", "answer"),
    [
        ([call("s3:ListBuckets", userIdentity=by("IAMUser", "ana"))], "yes"),
        ([call("s3:ListBuckets", userIdentity=by("IAMUser", "ana"), errorCode="AccessDenied")], "no"),
        ([call("s3:ListBuckets", userIdentity=by("IAMUser", "ana"), ip=OFFICE)], "unknown"),
        (
            [call("s3:GetObject", userIdentity={"type": "AWSAccount", "principalId": "", "accountId": "anonymous"})],
            "no",
        ),
    ],
)
def test_i5_counts_authenticated_success_from_the_address(
    tmp_path: Path, events: list[dict[str, Any]], answer: str
) -> None:
    assert answers(ask(tmp_path, LISTED, *events), "I5") == answer


def test_what_others_do_from_the_operator_s_own_address_is_not_held_against_anyone(tmp_path: Path) -> None:
    events = [sign_in(n, "Failure") for n in range(3)] + [sign_in(4, "Success")]
    found = ask(tmp_path, LISTED, *events, context=own(office=("198.51.100.0/24",)))
    assert answers(found, "I4", "I5", "C2") == "no unknown yes"
    assert found["C2"].likelihood_ratio == pytest.approx(1 / 10)


def test_where_no_call_came_from_the_address_no_sign_in_did(tmp_path: Path) -> None:
    peer = replace(KNOCK, connection=replace(KNOCK.connection, direction=Direction.OUTBOUND))
    assert answers(ask(tmp_path, peer, call("s3:ListBuckets", ip=NAT)), "I4") == "no"
    assert answers(ask(tmp_path, peer), "I4") == "unknown"  # there are no events at all


BEACON = replace(
    KNOCK,
    instance=replace(HOST, interfaces=(Interface("eni-0a1b2c3d4e5f60718", "10.0.4.21"),)),
    connection=replace(KNOCK.connection, direction=Direction.OUTBOUND),
)


def met(times: int, every: float, first: float = -40, *, opened: bool = True) -> list[str]:
    """Flow records both ways, so many times, each so many minutes after the one before."""
    high, low = (49152, 443) if opened else (443, 49152)
    found = []
    for number in range(times):
        start = int((AT + (first + every * number) * MINUTE).timestamp())
        ways = (f"10.0.4.21 {STRANGER} {high} {low}", f"{STRANGER} 10.0.4.21 {low} {high}")
        found += [f"2 {ACCOUNT} eni-0a1b2c3d4e5f60718 {way} 6 9 900 {start} {start + 9} ACCEPT OK" for way in ways]
    return found


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        (met(5, 3), "yes"),
        (met(4, 5), "no"),
        (met(9, 1), "no"),
        (met(9, 3, opened=False), "no"),
        ([*met(1, 1, -1440 * 9), *met(9, 3)], "no"),
        (met(1, 1, -1440 * 9), "unknown"),
    ],
    ids=["again and again", "too few", "within minutes", "the address called", "a peer of old", "no logs of the time"],
)
def test_i8_sees_a_host_that_comes_back(tmp_path: Path, lines: list[str], answer: str) -> None:
    assert answers(ask(tmp_path, BEACON, *history(), others=("\n".join(lines),)), "I8") == answer
    knocked = replace(BEACON, connection=replace(KNOCK.connection, direction=Direction.INBOUND))
    assert answers(ask(tmp_path, knocked, *history(), others=("\n".join(lines),)), "I8") == "unknown"


@pytest.mark.parametrize(
    ("direction", "lines", "answer"),
    [
        (Direction.INBOUND, met(9, 3, opened=False), "yes"),
        (Direction.INBOUND, [*met(9, 3, opened=False), *met(1, 1)], "no"),
        (Direction.OUTBOUND, met(9, 3), "no"),
        (Direction.UNKNOWN, met(9, 3, opened=False), "no"),
        (Direction.INBOUND, met(1, 1, -1440 * 9), "unknown"),
    ],
)
def test_i9_knows_who_only_called_in(tmp_path: Path, direction: Direction, lines: list[str], answer: str) -> None:
    knocked = replace(BEACON, connection=replace(KNOCK.connection, direction=direction))
    assert answers(ask(tmp_path, knocked, *history(), others=("\n".join(lines),)), "I9") == answer


def test_i3_knows_the_operator_s_list_and_tor(tmp_path: Path) -> None:
    for kind, answer in (("MaliciousIPCaller", "no"), ("MaliciousIPCaller.Custom", "yes"), ("TorIPCaller", "yes")):
        finding = replace(LISTED, type=f"UnauthorizedAccess:IAMUser/{kind}")
        assert answers(ask(tmp_path, finding), "I3") == answer


@pytest.mark.parametrize(("buckets", "answer"), [(2, "yes"), (1, "no"), (0, "no")])
def test_i7_counts_what_the_address_reached(tmp_path: Path, buckets: int, answer: str) -> None:
    reads = [
        call("s3:GetObject", n, userIdentity=by("IAMUser", "ana"), requestParameters={"bucketName": f"b{n}"})
        for n in range(buckets)
    ]
    one = call("sts:GetCallerIdentity", userIdentity=by("IAMUser", "ana"))
    assert answers(ask(tmp_path, LISTED, one, *reads), "I7") == answer


def test_where_no_identity_is_named_the_address_s_own_acts_count(tmp_path: Path) -> None:
    looks = [call(f"svc{n}:ListThings", n, userIdentity=by("IAMUser", "ana")) for n in range(6)]
    named = replace(KNOCK, identity=Identity(IdentityKind.IAM_USER, ACCOUNT, "bob"))
    assert answers(ask(tmp_path, KNOCK, *looks), "C5") == "yes"
    assert answers(ask(tmp_path, named, *looks), "C5") == "unknown"


@pytest.mark.parametrize(
    ("workload", "direction", "answer"),
    [
        ("public-service", Direction.INBOUND, "yes"),
        ("public-service", Direction.OUTBOUND, "no"),
        ("backup", Direction.INBOUND, "no"),
    ],
)
def test_i2_excuses_a_knock_at_a_declared_public_service(
    tmp_path: Path, workload: str, direction: Direction, answer: str
) -> None:
    context = Context(assets=(Asset(HOST.arn, workload=workload),))
    knock = replace(KNOCK, connection=Connection(STRANGER, direction, 443, 40000, blocked=False))
    assert answers(ask(tmp_path, knock, context=context), "I2") == answer
    assert answers(ask(tmp_path, knock), "I2") == "unknown"
