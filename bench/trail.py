# ruff: noqa: S608, ISC004 - our own text
"""The log store measured: events taken in per CPU-second beside simpler programs, and questions beside a full scan.

    .venv/bin/python bench/trail.py ingest [--files N] [--peers PYTHON]
    .venv/bin/python bench/trail.py ask [--events N]

Every program reads the same generated files in a process of its own, one after the other; CPU seconds and the highest
memory are the kernel's word on that process. PYTHON is an interpreter with orjson and msgspec, in an environment of its
own. `ask` lays out rows of 90 days in a lake and asks five questions 15 times, warm; beside them the first question put
to raw files: by DuckDB's reader and by a Python loop, on fewer events, as told.
"""

import gzip
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import typer

from stanch.trail import Trail, objects
from stanch.trail.ingest import ingest as take_in
from stanch.trail.lake import Lake

app = typer.Typer()
START = datetime(2026, 1, 1, tzinfo=UTC)
CALLS = (
    ("ec2", "DescribeInstances", 30),
    ("sts", "AssumeRole", 12),
    ("s3", "GetObject", 20),
    ("kms", "Decrypt", 15),
    ("iam", "CreateAccessKey", 1),
    ("logs", "PutLogEvents", 10),
    ("dynamodb", "GetItem", 12),
)
PEERS = {
    "gunzip (zlib)": "for t in texts(): pass",
    "gunzip, stdlib json": "import json\nfor t in texts(): json.loads(t)",
    "gunzip, orjson": "import orjson\nfor t in texts(): orjson.loads(t)",
    "gunzip, msgspec": "import msgspec\nfor t in texts(): msgspec.json.decode(t)",
}
TEXTS = """
import gzip, glob, sys
def texts():
    for path in sorted(glob.glob(sys.argv[1] + "/*.gz")):
        with open(path, "rb") as file:
            yield gzip.decompress(file.read())
"""
READ_JSON = """
import duckdb, sys
duckdb.execute("SET memory_limit='8GB'")
duckdb.execute(f"COPY (SELECT unnest(Records) FROM read_json('{sys.argv[1]}/*.gz', maximum_object_size=67108864)) "
               f"TO '{sys.argv[1]}.parquet' (FORMAT parquet, COMPRESSION zstd)")
"""


class Wall:
    """The machine's clock."""

    def now(self) -> datetime:
        """The current time, UTC."""
        return datetime.now(UTC)


@app.command()
def ingest(files: int = 50, per: int = 1850, peers: str = sys.executable) -> None:
    """Print a Markdown table of programs that read the same files."""
    with tempfile.TemporaryDirectory() as folder:
        logs = Path(folder) / "logs"
        raw = generate(logs, files, per)
        events = files * per
        stored = sum(one.stat().st_size for one in logs.iterdir())
        print(
            f"{events} events in {files} files, {raw / events:.0f} bytes an event raw, {stored / events:.0f} gzipped\n"
        )
        print("| program | events/s | events per CPU-s | CPU s | peak memory, MB |\n|---|---|---|---|---|")
        for name, code in PEERS.items():
            measure(name, [peers, "-c", TEXTS + code, str(logs)], events)
        measure(
            "zcat, jq `.Records[].eventName`", ["sh", "-c", f"zcat {logs}/*.gz | jq -c '.Records[].eventName'"], events
        )
        measure("DuckDB `read_json` to Parquet", [sys.executable, "-c", READ_JSON, str(logs)], events)
        own = [sys.executable, __file__, "once", str(logs), f"{folder}/lake"]
        measure("**stanch, decoded, sorted, committed**", own, events)
        size = sum(one.stat().st_size for one in Path(f"{folder}/lake/data").rglob("*.parquet"))
        print(f"\nthe lake: {size / events:.0f} bytes an event; ", end="")
        single(Path(folder), per)


def single(folder: Path, per: int, times: int = 20) -> None:
    """Print how long it takes until one more delivered file is committed."""
    lake = Lake(folder / "lake", Wall())
    spent = []
    for number in range(times):
        generate(folder / f"more/{number}", 1, per, seed=100 + number)
        found, _ = objects.folder(folder / f"more/{number}")
        began = time.perf_counter()
        take_in(found, lake)
        spent.append((time.perf_counter() - began) * 1000)
    lake.close()
    spent.sort()
    print(
        f"one more file of {per} events committed in {spent[len(spent) // 2]:.0f} ms (median), {spent[-2]:.0f} ms (p95)"
    )


@app.command(hidden=True)
def once(logs: Path, folder: Path) -> None:
    """Take the logs in, in this process."""
    lake = Lake(folder, Wall())
    take_in(objects.folder(logs)[0], lake)
    lake.close()


@app.command()
def ask(events: int = 5_000_000, raw_files: int = 20) -> None:
    """Print a Markdown table of questions."""
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(Path(folder) / "lake", Wall())
        lay_out(lake, events)
        lake.compact(least=1)
        lake.close()
        trail = Trail.open(lake.folder)
        print(
            f"{trail.events} events over 90 days\n\n| question | rows | median, ms | max of 15, ms |\n|---|---|---|---|"
        )
        for name, (sql, params) in questions().items():
            rows = len(trail.query(sql, params))
            spent = [timed(lambda: trail.query(sql, params)) for _ in range(15)]  # noqa: B023 - called at once
            print(f"| {name} | {rows} | {statistics.median(spent):.0f} | {max(spent):.0f} |")
        logs = Path(folder) / "logs"
        generate(logs, raw_files, 1850)
        n = raw_files * 1850
        sql = (
            f"SELECT count(*) FROM (SELECT unnest(Records) AS r FROM read_json('{logs}/*.gz', "
            "columns={'Records': 'STRUCT(eventTime VARCHAR, userIdentity STRUCT(arn VARCHAR))[]'}, "
            "maximum_object_size=67108864)) WHERE r.userIdentity.arn = 'x'"
        )
        print(
            f"| one actor, raw files, DuckDB ({n} events) | | {timed(lambda: duckdb.execute(sql).fetchall()):.0f} | |"
        )
        print(f"| one actor, raw files, Python loop ({n} events) | | {timed(lambda: loop(logs)):.0f} | |")


def questions() -> dict[str, tuple[str, dict[str, Any]]]:
    """The five, over whatever the lake holds."""
    who = "arn:aws:iam::111122223310:role/role-7"
    end = START + timedelta(days=89, hours=12)
    day = {"who": who, "since": end - timedelta(hours=24), "until": end}
    window = "event_date BETWEEN CAST($since AS DATE) AND CAST($until AS DATE) AND event_time BETWEEN $since AND $until"
    return {
        "one actor, 24 h": (
            f"SELECT event_time, event_name FROM events WHERE {window} AND principal_arn = $who ORDER BY 1",
            day,
        ),
        "calls of 24 h that one principal never made in 90 days": (
            f"SELECT DISTINCT event_source, event_name FROM events e WHERE {window} AND principal_arn = $who "
            "AND NOT EXISTS (SELECT 1 FROM events p WHERE p.principal_arn = $who AND p.event_time < $since "
            "AND p.event_source = e.event_source AND p.event_name = e.event_name)",
            day,
        ),
        "the same by the roll-up": (
            "SELECT event_source, event_name FROM first_seen WHERE principal_arn = $who AND first_time >= $since",
            {"who": who, "since": day["since"]},
        ),
        "role chain, recursive": (
            "WITH RECURSIVE chain(key_id, depth) AS (SELECT issued_key_id, 1 FROM events WHERE "
            f"{window} AND principal_arn = $who AND event_name = 'AssumeRole' "
            f"UNION ALL SELECT e.issued_key_id, c.depth + 1 FROM chain c JOIN (SELECT * FROM events WHERE {window} "
            "AND event_name = 'AssumeRole') e ON e.access_key_id = c.key_id WHERE c.depth < 5) SELECT * FROM chain",
            day,
        ),
        "IAM changes within an hour": (
            f"SELECT event_time, principal_arn, event_name FROM events WHERE {window} "
            "AND event_source = 'iam.amazonaws.com' AND NOT read_only ORDER BY 1",
            {"since": end - timedelta(minutes=30), "until": end + timedelta(minutes=30)},
        ),
        "hourly bytes against 90 days, all buckets": (
            "WITH h AS (SELECT bucket, date_trunc('hour', event_time) AS hour, sum(bytes_out) AS bytes FROM events "
            "WHERE bytes_out IS NOT NULL GROUP BY 1, 2), b AS (SELECT bucket, avg(bytes) AS mean, stddev_pop(bytes) AS "
            "deviation FROM h GROUP BY 1) SELECT h.bucket, hour, (bytes - mean) / deviation AS z FROM h JOIN b USING "
            "(bucket) WHERE hour >= CAST($since AS TIMESTAMP) AND deviation > 0 ORDER BY 3 DESC LIMIT 20",
            {"since": day["since"]},
        ),
    }


def lay_out(lake: Lake, events: int) -> None:
    """90 days of made-up rows, written and committed a day at a time as ingest does."""
    for number in range(90):
        staging = lake.staging()
        staging.table("events")
        staging.connection.execute(
            """
INSERT INTO staged_events BY NAME
SELECT i AS seq, '1111222233' || lpad((10 + i % 30)::VARCHAR, 2, '0') AS account_id, t::DATE AS event_date,
       t AS event_time, uuid()::VARCHAR AS event_id,
       (CASE i % 10 WHEN 0 THEN 'sts' WHEN 1 THEN 's3' WHEN 2 THEN 'kms' WHEN 3 THEN 's3'
       WHEN 4 THEN CASE WHEN i % 100 = 4 THEN 'iam' ELSE 'logs' END ELSE 'ec2' END) || '.amazonaws.com' AS event_source,
       CASE i % 10 WHEN 0 THEN 'AssumeRole' WHEN 1 THEN 'GetObject' WHEN 3 THEN 'GetObject' ELSE 'Call' || (i % 400) END
       AS event_name, 'eu-west-1' AS region, '10.0.' || (i % 200) || '.' || (i % 250) AS source_ip,
       'arn:aws:iam::1111222233' || (10 + i % 30) || ':role/role-' || (i * 7 % 211) AS principal_arn,
       i % 10 <> 4 AS read_only, true AS management_event, 'ASIA' || (i % 5000) AS access_key_id,
       CASE WHEN i % 10 = 0 THEN 'ASIA' || (i % 4999) END AS issued_key_id,
       CASE WHEN i % 10 IN (1, 3) THEN 'bucket-' || (i % 40) END AS bucket,
       CASE WHEN i % 10 IN (1, 3) THEN (i * 7919) % 1000000 END AS bytes_out,
       '{"type":"AssumedRole","principalId":"AROAEXAMPLE:' || i || '"}' AS user_identity
FROM (SELECT range AS i, $start::TIMESTAMP + to_milliseconds((range * 86400000 // $n)::BIGINT) AS t FROM range($n))""",
            {"n": events // 90, "start": (START + timedelta(days=number)).replace(tzinfo=None)},
        )
        lake.write(staging)
        lake.commit((), ())


def generate(folder: Path, files: int, per: int, seed: int = 7) -> int:
    """Write CloudTrail files; bytes before gzip."""
    dice = Random(seed)  # noqa: S311 - no secrets
    folder.mkdir(parents=True)
    at, raw = START, 0
    for number in range(files):
        records = []
        for _ in range(per):
            at += timedelta(milliseconds=dice.randint(1, 900))
            records.append(event(dice, at))
        text = json.dumps({"Records": records}, separators=(",", ":")).encode()
        raw += len(text)
        (folder / f"{number:05}.json.gz").write_bytes(gzip.compress(text, 6))
    return raw


def event(dice: Random, at: datetime) -> dict[str, Any]:
    """One record."""
    service, name, _ = dice.choices(CALLS, [weight for *_, weight in CALLS])[0]
    role, account = f"role-{dice.randint(0, 200)}", f"1111222233{dice.randint(10, 39)}"
    host = f"i-0{dice.randint(1, 300):016x}"
    made: dict[str, Any] = {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": f"AROAEXAMPLE{role}:{host}",
            "arn": f"arn:aws:sts::{account}:assumed-role/{role}/{host}",
            "accountId": account,
            "accessKeyId": f"ASIA{dice.getrandbits(64):016X}",
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": f"AROAEXAMPLE{role}",
                    "arn": f"arn:aws:iam::{account}:role/{role}",
                    "accountId": account,
                    "userName": role,
                },
                "attributes": {"creationDate": "2026-01-01T00:00:00Z", "mfaAuthenticated": "false"},
            },
        },
        "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": "eu-west-1",
        "sourceIPAddress": f"10.0.{dice.randint(0, 15)}.{dice.randint(0, 255)}",
        "userAgent": "aws-cli/2.31.6 md/awscrt#0.27.6 ua/2.1 os/linux#6.8.0 lang/python#3.13.7",
        "requestParameters": None,
        "responseElements": None,
        "requestID": str(uuid.UUID(int=dice.getrandbits(128))),
        "eventID": str(uuid.UUID(int=dice.getrandbits(128))),
        "readOnly": service != "iam",
        "eventType": "AwsApiCall",
        "managementEvent": service not in ("s3", "dynamodb"),
        "recipientAccountId": account,
        "eventCategory": "Data" if service in ("s3", "dynamodb") else "Management",
        "tlsDetails": {"tlsVersion": "TLSv1.3", "clientProvidedHostHeader": f"{service}.eu-west-1.amazonaws.com"},
    }
    if service == "s3":
        key = f"a/b/{dice.randint(0, 10**9)}.parquet"
        made["requestParameters"] = {"bucketName": "data-lake", "key": key, "Host": "data-lake.s3.amazonaws.com"}
        made["additionalEventData"] = {"SignatureVersion": "SigV4", "bytesTransferredOut": dice.randint(1, 10**7)}
        made["resources"] = [{"accountId": account, "type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::data-lake"}]
    elif service == "dynamodb":
        made["requestParameters"] = {"tableName": "orders", "key": {"id": "x"}}
    elif service == "sts":
        issued = {
            "accessKeyId": f"ASIA{dice.getrandbits(64):016X}",
            "sessionToken": f"IQoJ{dice.getrandbits(1600):0400x}",
        }
        made["requestParameters"] = {"roleArn": f"arn:aws:iam::{account}:role/{role}", "roleSessionName": "x"}
        made["responseElements"] = {"credentials": issued}
    return made


def measure(name: str, command: list[str], events: int) -> None:
    """Run a program by itself and print its row; one that is not installed says so."""
    if shutil.which(command[0]) is None:
        print(f"| {name} | not installed | | | |")
        return
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        began = time.perf_counter()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        print(f"| {name} | failed or not installed | | | |")
        return
    cpu = used.ru_utime + used.ru_stime
    print(
        f"| {name} | {events / wall:,.0f} | {events / cpu:,.0f} | {cpu:.2f} | {used.ru_maxrss / 1024:.0f} |", flush=True
    )


def timed(do: Any) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    do()
    return (time.perf_counter() - began) * 1000


def loop(logs: Path) -> int:
    """One rule as a Python function over every event."""
    found = 0
    for path in logs.iterdir():
        for one in json.loads(gzip.decompress(path.read_bytes()))["Records"]:
            found += one["userIdentity"].get("arn") == "x"
    return found


if __name__ == "__main__":
    app()
