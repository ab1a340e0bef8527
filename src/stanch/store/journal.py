"""Append facts and read them back; a key can be written once, which is how races are decided."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache, lru_cache

import rfc8785
from sqlalchemy import ColumnElement, Connection, Row, TextClause, exists, func, insert, select, text
from sqlalchemy import case as sql_case

from stanch.model.contained import Decided, Returned
from stanch.model.facts import Body, Fact
from stanch.model.finding import Form
from stanch.model.walked import Closed, FindingReceived, Labelled
from stanch.store.codec import body as decode
from stanch.store.codec import canonical
from stanch.store.database import journal

GENESIS = hashlib.sha256(b"stanch journal").hexdigest()
"""The hash before the first row."""


_LAST = text("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1")


@cache
def _all(where: str) -> TextClause:
    """Whole rows in order, written out and kept: they are asked for all the time, and to build that takes longer."""
    return text(f'SELECT seq, "case", key, time, actor, kind, body, prev, hash FROM journal{where} ORDER BY seq')  # noqa: S608 - our own text


def digest(row: "Row[tuple[object, ...]] | dict[str, object]") -> str:
    """SHA-256 over every field of a row and the hash of the row before, as canonical JSON."""
    fields = row if isinstance(row, dict) else row._asdict()
    named = {name: fields[name] for name in ("seq", "case", "key", "time", "actor", "kind", "body", "prev")}
    return hashlib.sha256(rfc8785.dumps(named)).hexdigest()  # type: ignore[arg-type]  # text and one integer


def append(
    connection: Connection, body: Body, *, case: str = "", key: str, time: datetime, actor: str = "stanch"
) -> tuple[Fact, bool]:
    """Write a fact, or return the one already written under this key; the flag says whether it is new."""
    known = connection.execute(_all(" WHERE key = :key"), {"key": key}).one_or_none()
    if known is not None:
        return _fact(known), False
    size, prev = head(connection)
    row: dict[str, object] = {
        "seq": size + 1,
        "case": case,
        "key": key,
        "time": time.isoformat(),
        "actor": actor,
        "kind": type(body).__name__,
        "body": canonical(body),
        "prev": prev,
    }
    row["hash"] = digest(row)
    connection.execute(insert(journal).values(row))
    return Fact(size + 1, case, key, time, actor, body, str(row["hash"])), True


def head(connection: Connection) -> tuple[int, str]:
    """Number of rows and hash of the last one."""
    last = connection.execute(_LAST).first()
    return (last.seq, last.hash) if last else (0, GENESIS)


def facts(
    connection: Connection,
    *,
    case: str | None = None,
    kinds: tuple[type[Body], ...] = (),
    since: datetime | None = None,
) -> tuple[Fact, ...]:
    """Facts in the order written, of one case, of some kinds, and from a time on (UTC), where given."""
    values = {f"kind{n}": kind.__name__ for n, kind in enumerate(kinds)}
    parts = [f"kind IN (:{', :'.join(values)})"] if values else []
    if case is not None:
        parts.append('"case" = :case')
        values["case"] = case
    if since is not None:
        parts.append("time >= :since")
        values["since"] = since.isoformat()
    where = f" WHERE {' AND '.join(parts)}" if parts else ""
    return tuple(_fact(row) for row in connection.execute(_all(where), values))


def cases(connection: Connection, with_kind: type[Body] | None = None) -> tuple[str, ...]:
    """Ids of all cases, or of those that hold a fact of that kind, oldest first."""
    query = (
        select(journal.c.case).where(journal.c.case != "").group_by(journal.c.case).order_by(func.min(journal.c.seq))
    )
    if with_kind is not None:
        query = query.where(journal.c.kind == with_kind.__name__)
    return tuple(connection.execute(query).scalars())


def unfinished(connection: Connection) -> tuple[str, ...]:
    """Ids of cases in which something began a round after their last walk ended, or whose walk never did."""
    begins = (FindingReceived.__name__, Returned.__name__)
    arrived = func.max(_where(journal.c.kind.in_(begins), journal.c.seq))
    ended = func.max(_where(journal.c.kind == Closed.__name__, journal.c.seq))
    query = (
        select(journal.c.case)
        .where(journal.c.case != "", journal.c.kind.in_([*begins, Closed.__name__]))
        .group_by(journal.c.case)
        .having(arrived > ended)
        .order_by(func.min(journal.c.seq))
    )
    return tuple(connection.execute(query).scalars())


def _where(condition: ColumnElement[bool], value: ColumnElement[int]) -> ColumnElement[int]:
    """The value where the condition holds, else 0."""
    return sql_case((condition, value), else_=0)


def similar(connection: Connection, type: str, *, limit: int) -> tuple[Fact, ...]:
    """The newest findings of a type that ever arrived, newest first."""
    query = (
        select(journal)
        .where(journal.c.kind == FindingReceived.__name__, func.json_extract(journal.c.body, "$.finding.type") == type)
        .order_by(journal.c.seq.desc())
        .limit(limit)
    )
    return tuple(_fact(row) for row in connection.execute(query))


def about(connection: Connection, subjects: Sequence[str], *, without: str) -> tuple[Fact, ...]:
    """Findings that arrived about any of these subjects in other cases than that one, in the order written."""
    each = func.json_each(journal.c.body, "$.subjects").table_valued("value")
    query = (
        select(journal)
        .where(
            journal.c.kind == FindingReceived.__name__,
            journal.c.case != without,
            exists().select_from(each).where(each.c.value.in_(subjects)),
        )
        .order_by(journal.c.seq)
    )
    return tuple(_fact(row) for row in connection.execute(query))


def of_form(connection: Connection, form: Form) -> tuple[Fact, ...]:
    """Findings of that form that ever arrived, in the order written."""
    query = (
        select(journal)
        .where(
            journal.c.kind == FindingReceived.__name__,
            func.json_extract(journal.c.body, "$.finding.form") == form.value,
        )
        .order_by(journal.c.seq)
    )
    return tuple(_fact(row) for row in connection.execute(query))


def labelled(connection: Connection, type: str, *, limit: int) -> tuple[str, ...]:
    """Ids of cases with findings of a type, newest first, on which somebody spoke or decided."""
    spoke = select(journal.c.case).where(journal.c.kind.in_([Labelled.__name__, Decided.__name__]))
    query = (
        select(journal.c.case)
        .where(
            journal.c.kind == FindingReceived.__name__,
            func.json_extract(journal.c.body, "$.finding.type") == type,
            journal.c.case.in_(spoke),
        )
        .order_by(journal.c.seq.desc())
        .limit(limit)
    )
    return tuple(dict.fromkeys(connection.execute(query).scalars()))


def rows(connection: Connection) -> Iterator["Row[tuple[object, ...]]"]:
    """Rows as stored, for verification."""
    yield from connection.execute(select(journal).order_by(journal.c.seq))


def _fact(row: "Row[tuple[object, ...]]") -> Fact:
    return _known(*row)


@lru_cache(maxsize=4096)
def _known(seq: int, case: str, key: str, time: str, actor: str, kind: str, body: str, _: str, hash: str) -> Fact:
    """A row never changes, so one that is read again is not made again."""
    return Fact(seq, case, key, datetime.fromisoformat(time), actor, decode(kind, body), hash)
