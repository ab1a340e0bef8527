# ruff: noqa: S608, ISC004 - our own text
"""The log store measured: events taken in per CPU-second beside simpler programs, and questions beside simpler ways.

    .venv/bin/python bench/trail.py quick [--peers PYTHON] [--rules DIR]      all of the below, in some minutes
    .venv/bin/python bench/trail.py ingest [--files N] [--peers PYTHON]
    .venv/bin/python bench/trail.py ask [--events N] [--beside N]

Every program of `ingest` reads the same generated files in a process of its own, one after the other; CPU seconds and
the highest memory are the kernel's word on that process. PYTHON is an interpreter with orjson and msgspec, in an
environment of its own. `ask` lays out rows of 90 days in a lake and asks five questions 20 times, warm. Beside them:
the newest events of the same lake in SQLite without an index, as tools do that run Sigma's rules on SQLite; the same
as a list of tuples in loops of Python; and the first question put to raw files. DIR: a folder of Sigma's rules, for
`rules.py`.
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
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import simpler
import typer
from made import START, generate

from stanch.trail import Trail, objects
from stanch.trail.ingest import ingest as take_in
from stanch.trail.lake import Lake

app = typer.Typer()
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
def quick(peers: str = sys.executable, rules: Path | None = None) -> None:
    """Print everything."""
    began = time.perf_counter()
    print("## Ingest\n", flush=True)
    ingest(60, 1850, peers)
    print("\n## Questions\n", flush=True)
    ask(5_000_000, 20, 1_000_000)
    print("\n## The lab's traffic, and Sigma's rules on it\n", flush=True)
    traffic(rules)
    print(f"\n{time.perf_counter() - began:.0f} s in all")


def traffic(rules: Path | None) -> None:
    """Ingest the lab's traffic, in which sessions call more than once; run Sigma's rules on it."""
    with tempfile.TemporaryDirectory() as folder:
        out = f"{folder}/out"
        order = ("--accounts", "5", "--days", "3", "--attacks", "4", "--end", "2026-03-20")
        run = ("-c", "from stanch.cli import main; main()", "lab", "traffic", out, *order)
        subprocess.run([sys.executable, *run], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        logs = f"{out}/logs/AWSLogs"
        done = subprocess.run(
            [sys.executable, __file__, "once", logs, f"{folder}/lake"], check=True, capture_output=True, text=True
        )
        events, cpu = Trail.open(Path(folder) / "lake").events, float(done.stdout)
        print(f"{events} events taken in, start-up not counted: {events / cpu:,.0f} per CPU-second\n", flush=True)
        if rules is not None:
            script = str(Path(__file__).with_name("rules.py"))
            subprocess.run([sys.executable, script, str(rules), logs, "--times", "5", "--brief"], check=True)


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
        jq = f"zcat {logs}/*.gz | jq -c '.Records[].eventName'"
        measure("zcat, jq `.Records[].eventName`", ["sh", "-c", jq], events)
        measure("DuckDB `read_json` to Parquet", [sys.executable, "-c", READ_JSON, str(logs)], events)
        own = [sys.executable, __file__, "once", str(logs), f"{folder}/lake"]
        said = measure("**stanch, decoded and committed**", own, events)
        if said:
            print(f"| the same, start-up not counted | | {events / float(said):,.0f} | {float(said):.2f} | |")
        lake = Lake(Path(folder) / "lake", Wall())
        lake.compact()
        size = sum(one.bytes for one in lake.manifest.files())
        lake.close()
        print(f"\nThe lake holds {size / events:.0f} bytes an event, merged. ", end="")
        single(Path(folder), per)


def single(folder: Path, per: int, times: int = 20) -> None:
    """Print how long it takes until one more delivered file is committed."""
    lake = Lake(folder / "lake", Wall())
    spent, worked = [], []
    for number in range(times):
        generate(folder / f"more/{number}", 1, per, seed=100 + number)
        found, _ = objects.folder(folder / f"more/{number}")
        began = time.perf_counter(), time.process_time()
        take_in(found, lake)
        spent.append((time.perf_counter() - began[0]) * 1000)
        worked.append((time.process_time() - began[1]) * 1000)
    lake.close()
    print(
        f"One more file of {per} events was committed in {statistics.median(spent):.0f} ms (median of {times}), "
        f"{p95(spent):.0f} ms (p95); {statistics.median(worked):.0f} ms of CPU (median)."
    )


def p95(spent: list[float]) -> float:
    """The 95th percentile: of 20, the second highest."""
    return sorted(spent)[-(-len(spent) * 95 // 100) - 1]


@app.command(hidden=True)
def once(logs: Path, folder: Path) -> None:
    """Take the logs in, in this process, and print the CPU seconds that this took."""
    began = time.process_time()
    lake = Lake(folder, Wall())
    take_in(objects.folder(logs)[0], lake)
    lake.close()
    print(time.process_time() - began)


@app.command()
def ask(events: int = 5_000_000, raw_files: int = 20, beside: int = 1_000_000) -> None:
    """Print a Markdown table of questions, of the simpler ways, and of raw files."""
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(Path(folder) / "lake", Wall())
        lay_out(lake, events)
        lake.compact(least=1)
        lake.close()
        trail = Trail.open(lake.folder)
        print(f"{trail.events} events over 90 days\n\n{HEAD}", flush=True)
        for name, (sql, params) in questions().items():
            row(name, lambda: trail.query(sql, params))  # noqa: B023 - called at once
        beside_it(trail, beside)
        logs = Path(folder) / "logs"
        generate(logs, raw_files, 1850)
        sql = (
            f"SELECT r.eventTime FROM (SELECT unnest(Records) AS r FROM read_json('{logs}/*.gz', "
            "columns={'Records': 'STRUCT(eventTime VARCHAR, userIdentity STRUCT(arn VARCHAR))[]'}, "
            "maximum_object_size=67108864)) WHERE r.userIdentity.arn = 'x'"
        )
        print(f"\nRaw files of {raw_files * 1850} events\n\n{HEAD}")
        row("one actor, DuckDB's reader", lambda: duckdb.execute(sql).fetchall(), 3)
        row("one actor, Python loop", lambda: loop(logs), 3)


HEAD = "| question | rows | median, ms | p95, ms | n |\n|---|---|---|---|---|"


def row(name: str, do: Any, times: int = 20) -> None:
    """Print a question's row: asked so often, after one that does not count; less often if it takes 2 s and more."""
    began = time.perf_counter()
    found = do()
    times = times if time.perf_counter() - began < 2 else 3
    spent = [timed(do) for _ in range(times)]
    most = f"{p95(spent):.0f}" if times >= 20 else ""
    print(f"| {name} | {len(found)} | {statistics.median(spent):.0f} | {most} | {times} |", flush=True)


def beside_it(trail: Trail, events: int) -> None:
    """Print the same questions put to SQLite and to Python, over the newest events."""
    sql = f"SELECT {simpler.COLUMNS} FROM events ORDER BY event_time DESC LIMIT $n"
    rows = [tuple(one.values()) for one in trail.query(sql, {"n": events})]
    database = simpler.database(rows)
    given = simpler.asked("arn:aws:iam::111122223310:role/role-7", START + timedelta(days=89, hours=12))
    print(f"\nSQLite, no index, {len(rows)} events\n\n{HEAD}")
    for name, text in simpler.SQLITE.items():
        row(name, lambda: database.execute(text, given).fetchall(), 5)  # noqa: B023 - called at once
    print(f"\nPython loop, {len(rows)} events\n\n{HEAD}")
    for name, way in simpler.PYTHON.items():
        row(name, lambda: way(rows, given), 5)  # noqa: B023 - called at once


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


def measure(name: str, command: list[str], events: int) -> str:
    """Run a program by itself, print its row, and give its last line; one that is not installed says so."""
    if shutil.which(command[0]) is None:
        print(f"| {name} | not installed | | | |")
        return ""
    with tempfile.TemporaryFile("w+") as out:
        with subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL) as process:
            began = time.perf_counter()
            _, status, used = os.wait4(process.pid, 0)
            wall = time.perf_counter() - began
            process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        said = out.read(100)
    if process.returncode:
        print(f"| {name} | failed or not installed | | | |")
        return ""
    cpu = used.ru_utime + used.ru_stime
    print(
        f"| {name} | {events / wall:,.0f} | {events / cpu:,.0f} | {cpu:.2f} | {used.ru_maxrss / 1024:.0f} |", flush=True
    )
    return said


def timed(do: Any) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    do()
    return (time.perf_counter() - began) * 1000


def loop(logs: Path) -> list[str]:
    """One rule as a Python function over every event."""
    return [
        one["eventTime"]
        for path in logs.iterdir()
        for one in json.loads(gzip.decompress(path.read_bytes()))["Records"]
        if one["userIdentity"].get("arn") == "x"
    ]


if __name__ == "__main__":
    app()
