"""Audit logs of databases as AWS exports them to CloudWatch and S3: the forms below, line by line.

Aurora MySQL (advanced auditing) and the MariaDB audit plug-in: CSV. PostgreSQL with pgAudit: AUDIT lines; other lines
of the server's log are passed over. Redshift: connection log and user activity log (a statement over several lines
keeps its first). A line that CloudWatch exported begins with its own time stamp, which is dropped. Passwords in
statements are redacted.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from stanch.model.finding import Skip
from stanch.trail.blocks import Block
from stanch.trail.schema import Cell
from stanch.trail.staging import Staging

Found = tuple[Cell, ...]
"""Time, engine, server, user, address, connection, operation, database, statement, error."""

_EXPORTED = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z (?=\d|'|[a-z])")
_AUDIT = re.compile(
    r"^(?P<time>\d{16}|\d{8} \d\d:\d\d:\d\d),(?P<server>[^,]*),(?P<user>[^,]*),(?P<host>[^,]*),(?P<connection>\d*),"
    r"(?P<query>\d*),(?P<operation>[A-Z_]+),(?P<database>[^,]*),(?P<statement>.*?),?(?P<code>\d*)$"
)
_POSTGRES = re.compile(
    r"^(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.\d+)? UTC:(?P<host>[^:(]*)(?:\(\d+\))?:(?P<user>[^@:]*)@"
    r"(?P<database>[^:]*):\[(?P<connection>\d+)\]:(?P<level>[A-Z]+): +(?P<rest>.*)$"
)
_PGAUDIT = re.compile(
    r"^AUDIT: (?:SESSION|OBJECT),\d+,\d+,(?P<class>[A-Z_]+),(?P<command>[^,]*),[^,]*,[^,]*,(?P<statement>.*)$"
)
_REDSHIFT = re.compile(r"^(?P<operation>[a-z ]+)\|\w{3}, ?(?P<time>\d+ \w{3} \d{4} \d\d:\d\d:\d\d)[^|]*\|(?P<rest>.*)$")
_ACTIVITY = re.compile(
    r"^'(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) UTC \[ db=(?P<database>\S*) user=(?P<user>\S*) "
    r"pid=(?P<connection>\d+) "
    r"[^\]]*\]' LOG: (?P<statement>.*)$"
)
_PASSWORD = re.compile(r"""(?i)((?:identified\s+by|password)\s*=?\s*)['"\\]+.*?(?:['"\\]+(?=[\s;,)]|$)|$)""")
_ACCOUNT = re.compile(r"(?:^|/)(?:AWSLogs/)?(\d{12})[/_]")


def decode(staging: Staging, blocks: Sequence[Block]) -> Iterator[Skip]:
    """Stage the acts of database audit logs."""
    for block in blocks:
        rows: list[tuple[Cell, ...]] = []
        account = _ACCOUNT.search(block.name)
        start = staging.number(block)
        for number, line in enumerate(block.data.replace(b"\0", b"").decode("utf-8", "replace").split("\n"), 1):
            place = f"{block.name}:{block.first + number}"
            text = _EXPORTED.sub("", line.strip("\r"))
            try:
                found = _act(text)
            except ValueError:
                found = ()
            if found:
                time = found[0]
                day = time.date() if isinstance(time, datetime) else None
                rows.append((start + number, account[1] if account else "", day, time, *found[1:], place, None))
            elif found is not None:
                yield Skip(place, "not a line of a database audit log that stanch reads", malformed=True)
        staging.add("db_audit", rows)


def _act(text: str) -> Found | None:
    """The act of a line; None for a line that is none, an empty one for what cannot be read. Raises ValueError."""
    if not text.strip() or text.startswith(("\t", " ")):
        return None  # the rest of a statement
    for form, read in _FORMS:
        if match := form.match(text):
            return read(match)
    return ()


def _mysql(match: re.Match[str]) -> Found:
    said = match["time"]
    micro = said.isdigit()
    time = (
        datetime.fromtimestamp(int(said) / 1_000_000, UTC).replace(tzinfo=None)
        if micro
        else datetime.strptime(said, "%Y%m%d %H:%M:%S")  # noqa: DTZ007 - the plug-in writes UTC on RDS
    )
    return (
        time,
        "aurora-mysql" if micro else "mariadb",
        *(match["server"], match["user"], match["host"], match["connection"], match["operation"], match["database"]),
        _hidden(match["statement"]).strip("'") or None,
        match["code"] if match["code"] not in ("", "0") else None,
    )


def _postgres(match: re.Match[str]) -> Found | None:
    audit = _PGAUDIT.match(match["rest"])
    if audit is None:
        return None
    return (
        datetime.fromisoformat(match["time"]),
        *("postgres", None, match["user"], match["host"], match["connection"]),
        *(audit["command"] or audit["class"], match["database"], _hidden(audit["statement"]), None),
    )


def _connection(match: re.Match[str]) -> Found:
    host, _, pid, database, user = [*(part.strip() for part in match["rest"].split("|")), *[""] * 5][:5]
    time = datetime.strptime(match["time"], "%d %b %Y %H:%M:%S")  # noqa: DTZ007 - UTC
    failed = "failure" in match["operation"]
    return (
        time,
        "redshift",
        None,
        user,
        host,
        pid,
        match["operation"].strip(),
        database,
        None,
        "1" if failed else None,
    )


def _activity(match: re.Match[str]) -> Found:
    time = datetime.fromisoformat(match["time"]).replace(tzinfo=None)
    statement = _hidden(match["statement"])
    operation = (statement.split() or ["?"])[0].upper()
    return (
        time,
        "redshift",
        None,
        match["user"],
        None,
        match["connection"],
        operation,
        match["database"],
        statement,
        None,
    )


def _hidden(statement: str) -> str:
    return _PASSWORD.sub(r"\1'[redacted]'", statement)


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Found | None]], ...] = (
    (_AUDIT, _mysql),
    (_POSTGRES, _postgres),
    (_REDSHIFT, _connection),
    (_ACTIVITY, _activity),
)
