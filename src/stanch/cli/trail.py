"""`stanch trail`: take logs in, ask them, keep them."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import sleep
from typing import Annotated

import typer

from stanch.aws import Aws
from stanch.cli import screen
from stanch.cli.common import ATTENTION, UNVERIFIED, Json, settings
from stanch.model.data import JSON
from stanch.model.errors import BadInput
from stanch.model.finding import Skip
from stanch.playbooks import CASE_TABLES
from stanch.respond.house import WallClock
from stanch.settings import Settings
from stanch.settings.context import load_context
from stanch.trail import Budget, Trail, digests, networks, objects
from stanch.trail import sigma as sigma_rules
from stanch.trail.ingest import ingest as take_in
from stanch.trail.lake import Lake
from stanch.trail.schema import LOGS, NETWORKS
from stanch.trail.timeline import timeline as acts_of

app = typer.Typer(help="The log store: ingest, ask, keep.", no_args_is_help=True)
context = typer.Typer(help="Known address ranges.", no_args_is_help=True)
app.add_typer(context, name="context")
SHOWN = 20
"""Lines about what was set aside, at most."""


@context.callback()
def context_() -> None:
    """Keep `refresh` a subcommand: more of them are to come."""


@app.command("ingest")
def ingest(
    source: Annotated[
        list[str], typer.Argument(metavar="SOURCE...", help="Folder, file or s3://bucket/prefix of logs, any kinds.")
    ],
    *,
    json: Json = False,
) -> None:
    """Take logs into the state folder's trail, each object exactly once; run again, it goes on or adds what is new."""
    chosen = settings()
    found, aside = _objects(source, chosen)
    lake = Lake(chosen.state / "trail", WallClock())
    try:
        lake.sweep()
        with screen.progress() as bar:
            told = take_in(found, lake, lambda done, total: bar.show("log objects", done, total))
    finally:
        lake.close()
    skips = (*aside, *told.skips)
    malformed = sum(one.malformed for one in skips)
    if json:
        screen.emit(
            {
                "objects": told.objects,
                "known": told.known,
                "bytes": told.bytes,
                "set_aside": len(skips),
                "malformed": malformed,
            }
        )
    else:
        screen.say(f"{told.objects} objects read, {told.known} known already, {len(skips)} set aside")
    _tell(skips)
    raise typer.Exit(ATTENTION if malformed else 0)


@app.command("status")
def status(*, json: Json = False) -> None:
    """Say what the trail holds: tables, days, rows, bytes."""
    lake = _lake()
    tables: list[JSON] = []
    for table in LOGS:
        files = lake.manifest.files(table.name)
        days = sorted({one.day for one in files})
        tables.append(
            {
                "table": table.name,
                "rows": sum(one.rows for one in files),
                "bytes": sum(one.bytes for one in files),
                "files": len(files),
                "days": len(days),
                "first": days[0] if days else None,
                "last": days[-1] if days else None,
            }
        )
    aside = Trail.open(lake.folder).query(
        "SELECT reason, malformed, count(*) AS n FROM set_aside GROUP BY 1, 2 ORDER BY 3 DESC, 1 LIMIT $most",
        {"most": SHOWN},
    )
    lake.close()
    if json:
        screen.emit({"objects": lake.manifest.objects(), "tables": tables, "set_aside": [dict(one) for one in aside]})
        return
    for one in tables:
        if isinstance(one, dict) and one["rows"]:
            screen.say(
                f"{one['table']:10} {one['rows']:>12} rows  {one['days']:>5} days ({one['first']} to {one['last']})  "
                f"{one['files']} files, {one['bytes']} bytes"
            )
    screen.say(f"{lake.manifest.objects()} objects read")
    for row in aside:
        screen.say(f"set aside: {row['n']} x {row['reason']}", "yellow" if row["malformed"] else "")


@app.command("query")
def query(
    sql: Annotated[str, typer.Argument(metavar="SQL", help="One SELECT; values as $name.")],
    *,
    param: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="A value of the query.")] = None,
    logs: Annotated[Path | None, typer.Option(exists=True, help="Ask these logs instead of the trail.")] = None,
    seconds: Annotated[float, typer.Option(min=0.1, help="Give up after this time.")] = 120.0,
    limit: Annotated[int, typer.Option(min=1, help="Refuse answers of more rows.")] = 10_000,
    scan: Annotated[int | None, typer.Option(min=1, help="Refuse to read more bytes than this.")] = None,
    database: Annotated[str, typer.Option("--athena", metavar="DATABASE", help="Ask Athena's copy instead.")] = "",
    workgroup: Annotated[str, typer.Option(help="Athena's workgroup.")] = "primary",
    json: Json = False,
) -> None:
    """Ask the trail; the tables are events, flows, s3_access, dns, waf, db_audit, first_seen, networks, set_aside."""
    given = _params(param or [])
    if database:
        from stanch.trail.engines.athena import Athena, Limits, Place  # noqa: PLC0415 - its parser is slow to load

        waits = (0.5,) * max(1, round(seconds * 2))
        rows = Athena(
            _aws(settings()).athena(), Place(database, workgroup), Limits(scan or Limits().bytes, limit, waits), sleep
        ).query(sql, given)
    else:
        trail = Trail.open(settings().state / "trail") if logs is None else Trail.load(logs)
        rows = trail.query(sql, given, Budget(seconds, limit, scan))
    for row in rows:
        if json:
            screen.emit(dict(row))
        else:
            screen.say("  ".join(f"{name}={'' if value is None else value}" for name, value in row.items()))


@app.command("sigma")
def sigma(
    rules: Annotated[
        Path, typer.Argument(metavar="DIR", exists=True, file_okay=False, help="Folder of Sigma's rules.")
    ],
    *,
    logs: Annotated[Path | None, typer.Option(exists=True, help="Ask these logs instead of the trail.")] = None,
    since: Annotated[str, typer.Option("--from", metavar="TIME", help="Default: the first event.")] = "",
    until: Annotated[str, typer.Option("--to", metavar="TIME", help="Default: the last event.")] = "",
    principal: Annotated[str | None, typer.Option(metavar="ARN", help="Only what this user or role did.")] = None,
    json: Json = False,
) -> None:
    """Run Sigma's rules for CloudTrail over the trail: which fire, how often, on what; needs the extra sigma."""
    converted, refused = sigma_rules.load(rules)
    trail = Trail.open(settings().state / "trail") if logs is None else Trail.load(logs)
    start = _time(since) if since else datetime(1, 1, 1, tzinfo=UTC)
    end = _time(until) if until else datetime(9999, 1, 1, tzinfo=UTC)
    found = sigma_rules.signals(trail, converted, start, end, principal)
    for one in found:
        if json:
            screen.emit({"kind": "signal", **sigma_rules.as_json(one, most=SHOWN)})
        else:
            screen.say(f"{one.count:>8}  {one.rule.level or '-':13}  {one.rule.title}  ({', '.join(one.events[:3])})")
    for bad in refused:
        if json:
            screen.emit({"kind": "refused", "file": bad.file, "title": bad.title, "reason": bad.reason})
        else:
            screen.note(f"not converted: {bad.file}: {bad.reason}", "yellow")
    if json:
        screen.emit({"kind": "summary", "rules": len(converted), "refused": len(refused), "fired": len(found)})
    else:
        screen.note(f"{len(converted)} rules converted, {len(refused)} not; {len(found)} fired")


@app.command("athena")
def athena(
    place: Annotated[str, typer.Argument(metavar="S3URL", help="Where a copy of the trail's data folder lies.")],
    *,
    database: Annotated[str, typer.Option(help="The database of the tables.")] = "stanch",
    desks: Annotated[str, typer.Option(metavar="S3URL", help="Folder for the small tables of cases.")] = "",
    files: Annotated[bool, typer.Option("--files", help="Print the files that count instead, one a line.")] = False,
) -> None:
    """Print the SQL that makes Athena's tables over a copy of the trail; copy only the files that --files prints."""
    from stanch.trail.engines.athena import ddl  # noqa: PLC0415 - its parser is slow to load

    if files:
        for one in sorted(one.path for one in _lake().manifest.files()):
            screen.say(one)
        return
    for statement in ddl(database, place, desks or f"{place.rstrip('/')}/desks", CASE_TABLES):
        screen.say(f"{statement};\n")


@app.command("timeline")
def timeline(
    who: Annotated[
        str, typer.Argument(metavar="PRINCIPAL|RESOURCE|IP", help="ARN, access key, bucket, id or address.")
    ],
    *,
    since: Annotated[str, typer.Option("--from", metavar="TIME", help="Default: 24 hours before --to.")] = "",
    until: Annotated[str, typer.Option("--to", metavar="TIME", help="Default: now.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="The oldest so many.")] = 1_000,
    json: Json = False,
) -> None:
    """Show what one of them did, and what was done to it, over all logs in the order of time."""
    end = _time(until) if until else datetime.now(UTC)
    start = _time(since) if since else end - timedelta(hours=24)
    rows = acts_of(Trail.open(settings().state / "trail"), who, start, end, most=limit)
    for row in rows:
        if json:
            screen.emit(dict(row))
        else:
            screen.say(
                f"{row['event_time']}  {row['log']}  {row['who']}  {row['what']}  {row['result']}  {row['ip'] or ''}"
            )
    screen.note(f"{len(rows)} acts from {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC")


@app.command("compact")
def compact(
    *,
    keep_days: Annotated[int | None, typer.Option(min=1, help="Let go of days older than this.")] = None,
    json: Json = False,
) -> None:
    """Merge the small files of each day; with --keep-days, drop what is older (first_seen remembers it)."""
    lake = _lake()
    dropped = lake.retain(keep_days) if keep_days else 0
    merged = lake.compact()
    lake.close()
    if json:
        screen.emit({"merged": merged, "dropped": dropped})
    else:
        screen.say(f"{merged} files merged, {dropped} dropped")


@app.command("verify")
def verify(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="A mirror of the trail's bucket.")],
    *,
    key: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="CloudTrail's public key, PEM or DER.")],
    json: Json = False,
) -> None:
    """Check log files against CloudTrail's digest files, their chain and signatures; exit code 5 if one is wrong."""
    result = digests.verify(folder, digests.load_key(key))
    if json:
        screen.emit(
            {
                "ok": not result.problems,
                "digests": result.digests,
                "files": result.files,
                "unsigned": result.unsigned,
                "problems": list(result.problems),
            }
        )
    else:
        for one in result.problems:
            screen.complain(one)
        screen.say(
            f"{result.digests} digests, {result.files} log files as they say; "
            f"{result.unsigned} digests have no signature here"
        )
    raise typer.Exit(UNVERIFIED if result.problems else 0)


@context.command("refresh")
def refresh(
    *,
    source: Annotated[
        Path, typer.Option("--from", exists=True, file_okay=False, help="Folder of lists: ip-ranges.json, CIDR lists.")
    ],
    json: Json = False,
) -> None:
    """Put the address lists of a folder, and your own networks, in place of the known ranges; nothing is downloaded."""
    chosen = settings()
    rows, skips = networks.read(source, asdict(load_context(chosen.context).networks))
    lake = Lake(chosen.state / "trail", WallClock())
    lake.replace(NETWORKS, rows)
    lake.close()
    kinds: dict[str, JSON] = {
        str(kind): sum(row[1] == kind for row in rows) for kind in sorted({str(row[1]) for row in rows})
    }
    if json:
        screen.emit({"ranges": len(rows), "kinds": kinds, "set_aside": len(skips)})
    else:
        screen.say(f"{len(rows)} ranges: {', '.join(f'{n} {kind}' for kind, n in kinds.items())}")
    _tell(skips)


def _objects(sources: list[str], chosen: Settings) -> tuple[list[objects.Object], list[Skip]]:
    found: list[objects.Object] = []
    aside: list[Skip] = []
    for one in sources:
        if one.startswith("s3://"):
            mine, skips = objects.bucket(one, _aws(chosen).buckets())
        else:
            mine, skips = objects.folder(Path(one))
        found.extend(mine)
        aside.extend(skips)
    return found, aside


def _aws(chosen: Settings) -> Aws:
    return Aws(role=chosen.role, assume=chosen.assume, default_region=None)


def _lake() -> Lake:
    folder = settings().state / "trail"
    Trail.open(folder)  # says what to do when there is none
    return Lake(folder, WallClock())


def _params(given: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not (name and equals):
            raise BadInput(f"a parameter reads NAME=VALUE; got {one!r}")
        found[name] = value
    return found


def _time(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"{text!r} is not a time: 2026-03-20T02:10:00Z is one") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _tell(skips: tuple[Skip, ...] | list[Skip]) -> None:
    for one in skips[:SHOWN]:
        screen.note(f"set aside {one.record}: {one.reason}", "yellow" if one.malformed else "dim")
    if len(skips) > SHOWN:
        screen.note(f"… and {len(skips) - SHOWN} more: table set_aside")
