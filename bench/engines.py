# ruff: noqa: S608 - our own text
"""Every built-in question put to DuckDB and to Spark over the same lake: equal rows, and how long each takes.

    .venv/bin/python bench/engines.py [--events N] [--pyspark FOLDER] [--times N] [--only N]

The lake holds made-up events of 90 days: a crowd, a stolen session among it, launches, sign-ins and denials. FOLDER is
where pyspark is installed, if not in this environment (`uv pip install --target FOLDER pyspark`); it needs Java. Spark
runs in this process' machine on two cores (`local[2]`), its derived tables cached as DuckDB's are. `--only`: that many
of the cases; one takes some 25 minutes at a million events.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import typer

from stanch.playbooks import CASE_TABLES, DERIVED, SHELF
from stanch.trail import Budget, Params, Table, Trail
from stanch.trail.engines import Warehouse
from stanch.trail.engines.spark import Spark
from stanch.trail.lake import Lake

AT = datetime(2026, 3, 20, 2, tzinfo=UTC)
BASELINE, SINCE, UNTIL = AT - timedelta(days=91), AT - timedelta(days=1), AT + timedelta(hours=1)
ACCOUNT, HOST = "111122223310", "i-0a1b2c3d4e5f60718"
STRANGER, NAT, KEY = "198.51.100.77", "203.0.113.10", "ASIAEXAMPLEORDERS001"
ISSUER = f"arn:aws:iam::{ACCOUNT}:role/orders-api"
PARAMS: Params = {
    "account": ACCOUNT,
    "region": "eu-west-1",
    "since": SINCE,
    "when": AT,
    "until": UNTIL,
    "baseline": BASELINE,
}
MADE = """
WITH raw AS (
    SELECT range AS i, CAST(hash(range) % 1000 AS BIGINT) AS dice,
        CAST(hash(range * 31 + 7) % 100000 AS BIGINT) AS more,
           $end::TIMESTAMP - to_seconds(CAST((range * 7776000) // $n AS BIGINT)) AS t
    FROM range($n)
),
who AS (
    SELECT *, dice < 8 AS thief, dice BETWEEN 8 AND 15 AS launcher, dice BETWEEN 16 AND 23 AS signer FROM raw
),
named AS (
    SELECT *,
        CASE WHEN signer THEN 'signin' WHEN launcher THEN 'ec2' ELSE
            ['ec2', 's3', 'iam', 'sts', 'kms', 'logs', 'secretsmanager', 'lambda', 'cloudtrail'][1 + more % 9]
        END AS service,
        CASE WHEN signer THEN 'ConsoleLogin'
             WHEN launcher THEN CASE WHEN more % 5 = 0 THEN 'ModifyInstanceAttribute' ELSE 'RunInstances' END
             ELSE ['ListThings', 'DescribeThings', 'GetObject', 'AssumeRole', 'CreateAccessKey', 'GetSecretValue',
                   'StopLogging', 'PutBucketPublicAccessBlock', 'Decrypt', 'UpdateDetector', 'PutObject'][1 + more % 11]
        END AS action
    FROM who
)
INSERT INTO staged_events BY NAME
SELECT i AS seq, '1111222233' || lpad((10 + i % 30)::VARCHAR, 2, '0') AS account_id, t::DATE AS event_date,
    t AS event_time, 'event-' || i AS event_id, service || '.amazonaws.com' AS event_source, action AS event_name,
    CASE WHEN more % 97 = 0 THEN 'ap-south-1' ELSE 'eu-west-1' END AS region,
    CASE WHEN thief THEN CASE WHEN more % 2 = 0 THEN $stranger ELSE $nat END
         WHEN signer AND more % 3 = 0 THEN $stranger
         ELSE '10.0.' || (i % 200) || '.' || (i % 250) END AS source_ip,
    CASE WHEN more % 3 = 0 AND NOT launcher THEN 'AccessDenied' END AS error_code,
    CASE WHEN signer THEN 'IAMUser' WHEN more % 41 = 0 THEN 'AWSService' ELSE 'AssumedRole' END AS actor_type,
    CASE WHEN thief THEN $issuer ELSE 'arn:aws:iam::1111222233' || (10 + i % 30) || ':role/role-' || (i * 7 % 211) END
    AS principal_arn,
    CASE WHEN thief THEN 'AROAEXAMPLE:' || $host ELSE 'AROAEXAMPLE:' || (i % 977) END AS principal_id,
    CASE WHEN thief THEN $key ELSE 'ASIA' || (i % 5000) END AS access_key_id,
    more % 4 = 0 AS read_only, action NOT IN ('GetObject', 'PutObject') AS management_event,
    CASE WHEN action LIKE '%Object' THEN 'bucket-' || (i % 40) END AS bucket,
    CASE WHEN action LIKE '%Object' THEN (i * 7919) % 1000000 END AS bytes_out,
    CASE WHEN action = 'AssumeRole' THEN 'arn:aws:iam::' || $account || ':role/role-' || (more % 7) END AS target_role,
    CASE WHEN thief AND more % 5 = 0 THEN 'vpce-0example' END AS vpc_endpoint_id,
    CASE WHEN thief THEN '{"type":"AssumedRole","sessionContext":{"ec2RoleDelivery":"2.0"}}'
         WHEN more % 53 = 0 THEN '{"invokedBy":"autoscaling.amazonaws.com"}' ELSE '{"type":"AssumedRole"}' END
    AS user_identity,
    CASE action
        WHEN 'RunInstances' THEN '{"instanceType":"' || ['m5.large', 'p5.48xlarge', 't3.micro'][1 + more % 3] ||
            '","disableApiTermination":' || (more % 7 = 0) || '}'
        WHEN 'ModifyInstanceAttribute' THEN '{"instanceId":"' || $host || '","disableApiTermination":{"value":true}}'
        WHEN 'UpdateDetector' THEN '{"enable":' || (more % 2 = 0) || '}'
        WHEN 'PutBucketPublicAccessBlock' THEN '{"BlockPublicAcls":' || (more % 2 = 0) || '}'
        WHEN 'GetSecretValue' THEN '{"secretId":"secret-' || (more % 5) || '"}'
        WHEN 'GetObject' THEN '{"bucketName":"bucket-' || (i % 40) || '"}' END AS request_parameters,
    CASE WHEN signer THEN '{"ConsoleLogin":"' || CASE WHEN more % 3 = 0 THEN 'Failure' ELSE 'Success' END || '"}'
         WHEN action = 'RunInstances' THEN '{"instancesSet":{"items":[{"instanceId":"' ||
            CASE WHEN more % 11 = 0 THEN $host ELSE 'i-' || i END || '"},{"instanceId":"i-x' || i || '"}]}}' END
    AS response_elements
FROM named
"""


@dataclass(frozen=True)
class Wall:
    """The machine's clock."""

    def now(self) -> datetime:
        """The current time, UTC."""
        return datetime.now(UTC)


def lay_out(folder: Path, events: int) -> Path:
    """A lake of so many events that end shortly after the finding."""
    lake = Lake(folder, Wall())
    staging = lake.staging()
    staging.table("events")
    end = (AT + timedelta(hours=2)).replace(tzinfo=None)
    values = {"n": events, "end": end, "stranger": STRANGER, "nat": NAT, "issuer": ISSUER, "host": HOST, "key": KEY}
    staging.connection.execute(MADE, {**values, "account": ACCOUNT})
    lake.write(staging)
    lake.commit((), ())
    lake.close()
    return folder


def cases() -> Iterator[tuple[str, tuple[Table, ...]]]:
    """Case tables of four findings: stolen credentials, a miner, a sign-in from a listed address, a knock."""
    seen = AT.replace(tzinfo=None)
    theft: dict[str, Any] = {
        "id": "theft", "type": "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS",
        "product": "GuardDuty", "account_id": ACCOUNT, "region": "eu-west-1", "severity": 8.0, "seen": seen,
        "identity_kind": "role", "identity_name": "orders-api", "principal_id": f"AROAEXAMPLE:{HOST}",
        "access_key_id": KEY, "instance_id": HOST, "instance_arn": f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/{HOST}",
        "caller_ip": STRANGER, "remote_account": "444455556666", "is_lead": True, "known": True, "outsider": False,
    }  # fmt: skip
    miner = {**theft, "id": "miner", "type": "CryptoCurrency:Runtime/BitcoinTool.B", "remote_ip": STRANGER}
    miner |= {"direction": "OUTBOUND", "remote_port": 3333, "blocked": False, "identity_name": None, "caller_ip": None}
    miner |= {"access_key_id": None, "principal_id": None}
    listed = {**theft, "id": "listed", "type": "UnauthorizedAccess:IAMUser/TorIPCaller", "instance_id": None}
    knock = {**miner, "id": "knock", "type": "UnauthorizedAccess:EC2/MaliciousIPCaller.Custom", "direction": "INBOUND"}
    beside = {**miner, "id": "beside", "is_lead": False, "seen": seen - timedelta(hours=3)}
    for lead in (theft, miner, listed, {**knock, "blocked": True}):
        yield lead["id"], tuple(filled(lead, beside))


def filled(*findings: Mapping[str, Any]) -> Iterator[Table]:
    """The case's tables with these findings and an operator's facts."""
    facts: dict[str, list[tuple[Any, ...]]] = {
        "addresses": [
            (STRANGER, "foreign", "198.51.100.0/24"),
            (NAT, "egress", "203.0.113.0/24"),
            *((f"10.0.{n % 200}.{n % 250}", "private", f"10.0.{n % 200}.0/24") for n in range(1000)),
        ],
        "case_principals": [(ISSUER,)],
        "accounts": [(ACCOUNT,)],
        "pipelines": [(f"arn:aws:iam::{ACCOUNT}:role/role-7", "github", "repo", "ci")],
        "windows": [
            ("penetration_test", ISSUER, AT.replace(tzinfo=None) - timedelta(hours=1), AT.replace(tzinfo=None), "CHG1")
        ],
        "vpc_endpoints": [("vpce-0example",)],
        "period": [tuple(one.replace(tzinfo=None) for one in (BASELINE, SINCE, AT, UNTIL))],
        "case_resources": [("S3Bucket", "arn:aws:s3:::bucket-7")],
        "assets": [("arn:aws:s3:::bucket-7", "prod", False, "", "confidential")],
        "partner_accounts": [("777788889999",)],
    }
    for table in CASE_TABLES:
        rows = facts.get(table.name, [])
        if table.name == "case_findings":
            rows = [tuple(one.get(name) for name, _ in table.columns) for one in findings]
        elif table.name == "addresses":
            rows = sorted(set(rows))
        yield replace(table, rows=rows)


def questions() -> dict[str, str]:
    """Every built-in question, and each derived table counted, by name."""
    found = {path.relative_to(SHELF).as_posix(): path.read_text("utf-8") for path in sorted(SHELF.glob("*/*.sql"))}
    return found | {name: f"SELECT count(*) AS n FROM {name}" for name in DERIVED}


def answers(
    engine: Warehouse, tables: tuple[Table, ...], times: int = 1
) -> tuple[dict[str, Any], dict[str, float], float]:
    """Rows and median milliseconds of each question, and the seconds that the case's tables took."""
    rows: dict[str, Any] = {}
    spent: dict[str, float] = {}
    began = time.perf_counter()
    with engine.desk(tables, DERIVED) as desk:
        for name in DERIVED:
            desk.query(f"SELECT count(*) AS n FROM {name}")
        ready = time.perf_counter() - began
        for name, sql in questions().items():
            each = []
            for _ in range(times):
                began = time.perf_counter()
                rows[name] = desk.query(sql, PARAMS)
                each.append((time.perf_counter() - began) * 1000)
            spent[name] = statistics.median(each)
    return rows, spent, ready


@contextmanager
def session(pyspark: str = "") -> Iterator[Any]:
    """A Spark session on two cores of this machine."""
    if pyspark:
        sys.path.append(pyspark)
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), pyspark)))
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra

    with tempfile.TemporaryDirectory() as place:
        wanted = {
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.memory": "2g",
            "spark.sql.shuffle.partitions": "2",
            "spark.sql.warehouse.dir": place,
            "spark.local.dir": place,
            "spark.log.level": "ERROR",
        }
        builder = SparkSession.builder.master("local[2]").appName("stanch")
        for name, value in wanted.items():
            builder = builder.config(name, value)
        made = builder.getOrCreate()
        try:
            yield made
        finally:
            made.stop()


def main(events: int = 1_000_000, pyspark: str = "", times: int = 3, only: int | None = None) -> None:
    """Print a Markdown table of every question of each case; exit 1 if any answer differs."""
    different = 0
    total = [0.0, 0.0]
    with tempfile.TemporaryDirectory() as folder, session(pyspark) as spark:
        lake = lay_out(Path(folder), events)
        duck, other = Trail.open(lake), Spark.over(spark, lake, Budget(seconds=3600))
        print(f"{duck.events} events\n\n| case | question | answer | DuckDB, ms | Spark, ms | |")
        print("|---|---|---|---|---|---|", flush=True)
        for case, tables in list(cases())[:only]:
            own, fast, ready = answers(duck, tables, times)
            theirs, slow, prepared = answers(other, tables, times)
            print(f"| {case} | its tables | | {ready * 1000:.0f} | {prepared * 1000:.0f} | |")
            for name, rows in own.items():
                differs = "" if rows == theirs[name] else "**differs**"
                different += rows != theirs[name]
                total = [total[0] + fast[name], total[1] + slow[name]]
                said = rows[0].get("answer", rows[0].get("n"))
                print(f"| {case} | {name} | {said} | {fast[name]:.0f} | {slow[name]:.0f} | {differs} |", flush=True)
    print(f"\nin all {total[0]:.0f} ms and {total[1]:.0f} ms; {different} answers differ")
    raise typer.Exit(int(different > 0))


if __name__ == "__main__":
    typer.run(main)
