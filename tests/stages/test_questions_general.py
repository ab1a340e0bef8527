"""The questions of the playbook for everything else."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stanch.model.context import Context, Pipeline

from .questioning import ACCOUNT, LISTED, NAT, answers, ask, by, call

ODD = replace(LISTED, id="odd", type="Impact:IAMUser/AnomalousBehavior")
ANA = by("IAMUser", "ana")
BACKUPS = ("ec2:DeleteSnapshot", "rds:DeleteDBSnapshot")


def act(name: str, minutes: float = 0, **fields: Any) -> dict[str, Any]:
    return call(name, minutes, **{"userIdentity": ANA, **fields})


def past(*names: str, days: int = 20, **fields: Any) -> list[dict[str, Any]]:
    """Ana's days before, with these calls on each."""
    return [
        act(name, -1440 * (day + 2), ip=NAT, **fields) for day in range(days) for name in ("s3:ListBuckets", *names)
    ]


def secret(name: str, minutes: float = 0, call: str = "GetSecretValue", **fields: Any) -> dict[str, Any]:
    return act(f"secretsmanager:{call}", minutes, requestParameters={"secretId": name}, **fields)


@pytest.mark.parametrize(
    ("before", "now", "answer"),
    [
        ((), BACKUPS, "yes"),
        ((), ("kms:ScheduleKeyDeletion", "backup:DeleteRecoveryPoint"), "yes"),
        ((), ("ec2:DeleteSnapshot", "ec2:DeregisterImage"), "no"),
        ((), ("ec2:DescribeSnapshots",), "no"),
        (("ec2:DeleteSnapshot",), BACKUPS, "no"),
    ],
)
def test_g3_sees_backups_destroyed_by_one_who_never_did(
    tmp_path: Path, before: tuple[str, ...], now: tuple[str, ...], answer: str
) -> None:
    assert answers(ask(tmp_path, ODD, *past(*before), *map(act, now)), "G3") == answer


def test_g3_counts_neither_what_was_denied_nor_what_a_declared_pipeline_takes_down(tmp_path: Path) -> None:
    denied = [act(one, errorCode="AccessDenied") for one in BACKUPS]
    assert answers(ask(tmp_path, ODD, *past(), act("s3:ListBuckets"), *denied), "G3") == "no"
    pipeline = Context(pipelines=(Pipeline(f"arn:aws:iam::{ACCOUNT}:user/ana"),))
    assert answers(ask(tmp_path, ODD, *past(), *map(act, BACKUPS), context=pipeline), "G3") == "no"
    assert answers(ask(tmp_path, ODD, *map(act, BACKUPS)), "G3") == "unknown"  # nobody knows what ana did before


@pytest.mark.parametrize(
    ("known", "read", "answer"),
    [(0, 5, "yes"), (0, 4, "no"), (1, 5, "no"), (1, 6, "yes")],
)
def test_g4_counts_secrets_that_were_never_read(tmp_path: Path, known: int, read: int, answer: str) -> None:
    before = [secret(f"s{n}", -9000) for n in range(known)]
    twice = [secret(f"s{n}", n + more) for n in range(read) for more in (0, 30)]
    assert answers(ask(tmp_path, ODD, *past(), *before, *twice), "G4") == answer


def test_g4_lets_whoever_wrote_a_secret_read_it_back(tmp_path: Path) -> None:
    renewed = [secret(f"s{n}", n, one) for n in range(9) for one in ("PutSecretValue", "GetSecretValue")]
    assert answers(ask(tmp_path, ODD, *past(), *renewed), "G4") == "no"
    denied = [secret(f"s{n}", n, errorCode="AccessDenied") for n in range(9)]
    assert answers(ask(tmp_path, ODD, *past(), act("s3:ListBuckets"), *denied), "G4") == "no"
