"""One SELECT in DuckDB's SQL becomes the same question in another dialect; what has no equal there is an error.

Questions are written in a subset: no `GROUP BY ALL`, no recursion, no list functions but `list(x ORDER BY …)[1:n]` and
`CROSS JOIN UNNEST`, no reading of JSON but `json_extract_string`, `json_array_length` and, for its text,
`CAST(json_extract(x, path) AS VARCHAR)` at a fixed path.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from stanch.model.errors import BadInput
from stanch.trail.query import parameters


class Dialect(StrEnum):
    """Whose SQL it is."""

    DUCKDB = "duckdb"
    ATHENA = "athena"
    SPARK = "spark"


@dataclass(frozen=True)
class Statement:
    """A SELECT in some engine's dialect."""

    sql: str
    """With `?` (Athena) or `:name` (Spark) where values stand."""
    names: tuple[str, ...]
    """The parameters' names: for Athena one for each `?`, in order."""
    lists: frozenset[str] = frozenset()
    """Columns of the answer that come back as the text of a JSON list."""


def tree(sql: str) -> exp.Query:
    """The parsed SELECT; BadInput for anything else."""
    parameters(sql)  # DuckDB itself has the word on what one SELECT is
    try:
        found = sqlglot.parse_one(sql, read=Dialect.DUCKDB)
    except SqlglotError as error:
        raise BadInput(f"not portable SQL: {error}") from error
    if not isinstance(found, exp.Query):
        raise BadInput("not portable SQL: no SELECT")
    return found


def beneath(query: exp.Query, tables: Mapping[str, exp.Query]) -> exp.Query:
    """The query with those of the tables that it needs, each made by a SELECT, in front of it; order matters."""
    needed = _tables(query)
    for name in reversed(list(tables)):
        if name in needed:
            needed |= _tables(tables[name])
    whole = query.copy()
    own = whole.args.get("with_")
    before = [
        exp.CTE(this=made.copy(), alias=exp.TableAlias(this=exp.to_identifier(name)))
        for name, made in tables.items()
        if name in needed
    ]
    if before:
        whole.set("with_", exp.With(expressions=[*before, *(own.expressions if own else ())]))
    return whole


def render(query: exp.Query, dialect: Dialect, times: frozenset[str] = frozenset()) -> Statement:
    """The query in a dialect, its values outside.

    times: names of parameters that are times. Raises BadInput naming what the dialect has no equal for.
    """
    if dialect is Dialect.DUCKDB:
        return Statement(query.sql(dialect, pretty=True), ())
    lists = frozenset(one.alias_or_name for one in query.selects if _listed(one.unalias()))
    moved = query.copy().transform(_REWRITES[dialect])
    if not isinstance(moved, exp.Query):
        raise BadInput("not portable SQL: no SELECT")
    if dialect is Dialect.ATHENA:
        _only_in_where(moved)
        _as_text(moved, lists)
    used: list[str] = []
    for one in list(moved.find_all(exp.Placeholder)):
        used.append(one.name)
        if one.name in times:
            one.replace(exp.Cast(this=one.copy(), to=exp.DataType(this=exp.DataType.Type.TIMESTAMPNTZ)))
    try:
        sql = moved.sql(dialect, pretty=True, unsupported_level=sqlglot.ErrorLevel.RAISE, comments=False)
    except SqlglotError as error:
        raise BadInput(f"{dialect} has no equal: {error}") from error
    if dialect is Dialect.SPARK:
        return Statement(sql, tuple(sorted(set(used))))
    return Statement(*_numbered(sql), lists)


def _tables(query: exp.Expr) -> set[str]:
    return {one.name for one in query.find_all(exp.Table)}


def _listed(one: exp.Expr) -> bool:
    """Whether a column of the answer is a list."""
    if isinstance(one, exp.Subquery | exp.Paren):
        inner = one.this
        return _listed(inner.selects[0].unalias() if isinstance(inner, exp.Select) else inner)
    if isinstance(one, exp.Cast):
        return bool(one.to.is_type(exp.DataType.Type.ARRAY))
    sliced = isinstance(one, exp.Bracket) and any(isinstance(part, exp.Slice) for part in one.expressions)
    return sliced or isinstance(one, exp.ArrayAgg)


def _only_in_where(query: exp.Query) -> None:
    """Athena takes values in a WHERE and nowhere else."""
    for one in query.find_all(exp.Placeholder):
        if one.find_ancestor(exp.Where) is None:
            raise BadInput(f"athena takes values in a WHERE only, and ${one.name} stands elsewhere")


def _as_text(query: exp.Query, lists: frozenset[str]) -> None:
    """Lists come back as JSON: Athena's own text of a list cannot be read back."""
    for one in query.selects:
        if one.alias_or_name in lists:
            text = exp.func("JSON_FORMAT", exp.Cast(this=one.unalias().copy(), to=exp.DataType.build("JSON")))
            one.replace(exp.alias_(text, one.alias_or_name))


def _numbered(sql: str) -> tuple[str, tuple[str, ...]]:
    """Each `:name` becomes `?`; the names in the order in which they stand."""
    tokens = sqlglot.tokenize(sql, read=Dialect.ATHENA)
    names: list[str] = []
    parts: list[str] = []
    done = 0
    for colon, name in pairwise(tokens):
        if colon.token_type is sqlglot.TokenType.COLON and name.start == colon.end + 1:
            parts.append(sql[done : colon.start])
            names.append(sql[name.start : name.end + 1])
            done = name.end + 1
    return "?".join((*parts, sql[done:])), tuple(names)


def _sliced(node: exp.Expr) -> tuple[exp.Expr, exp.Expr] | None:
    """A list and how many of its first items are wanted: `x[1:n]`."""
    if not isinstance(node, exp.Bracket) or len(node.expressions) != 1:
        return None
    part = node.expressions[0]
    if not isinstance(part, exp.Slice) or part.this is None or part.this.name != "1":
        return None
    return node.this.unnest(), part.expression


def _athena(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Bracket) and (found := _sliced(node)):
        return exp.Anonymous(this="SLICE", expressions=[found[0], exp.Literal.number(1), found[1]])
    if isinstance(node, exp.Contains):
        return exp.GT(
            this=exp.Anonymous(this="STRPOS", expressions=[node.this, node.expression]),
            expression=exp.Literal.number(0),
        )
    if isinstance(node, exp.Cast) and isinstance(node.this, exp.JSONExtract):  # a cast of a JSON object fails there
        return exp.Anonymous(this="JSON_FORMAT", expressions=[node.this.copy()])
    if path := _length_at(node):
        return exp.Anonymous(
            this="JSON_ARRAY_LENGTH", expressions=[exp.Anonymous(this="JSON_EXTRACT", expressions=list(path))]
        )
    if among := _among(node):
        items = f"CAST(JSON_EXTRACT(x, '{among.head}') AS ARRAY(JSON))"
        each = sqlglot.parse_one(
            f"TRANSFORM({items}, i -> JSON_EXTRACT_SCALAR(i, '{among.tail}'))", read=Dialect.ATHENA
        )
        return exp.Anonymous(this="CONTAINS", expressions=[_put(each, among.json), among.value])
    return node


def _spark(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Bracket) and (found := _sliced(node)):
        return _first_in_order(*found)
    if path := _length_at(node):
        return exp.Anonymous(
            this="JSON_ARRAY_LENGTH", expressions=[exp.Anonymous(this="GET_JSON_OBJECT", expressions=list(path))]
        )
    if among := _among(node):
        items = f"FROM_JSON(GET_JSON_OBJECT(x, '{among.head}'), 'array<string>')"
        each = sqlglot.parse_one(f"TRANSFORM({items}, i -> GET_JSON_OBJECT(i, '{among.tail}'))", read=Dialect.SPARK)
        return exp.Anonymous(this="ARRAY_CONTAINS", expressions=[_put(each, among.json), among.value])
    return node


@dataclass(frozen=True)
class _Among:
    """`list_contains(json_extract_string(json, '$.head[*].tail'), value)`: a value among those of a JSON list."""

    json: exp.Expr
    head: str
    tail: str
    value: exp.Expr


def _among(node: exp.Expr) -> _Among | None:
    listed = node.this if isinstance(node, exp.ArrayContains) else None
    if not isinstance(listed, exp.JSONExtractScalar):
        return None
    head, star, tail = str(listed.expression.sql(Dialect.DUCKDB)).strip("'").partition("[*]")
    if not star or "[*]" in tail:
        return None
    return _Among(listed.this.copy(), head, f"${tail}", node.expression.copy())


def _put(tree: exp.Expr, json: exp.Expr) -> exp.Expr:
    """The tree with that JSON where it says `x`."""
    return tree.transform(lambda one: json.copy() if isinstance(one, exp.Column) and one.name == "x" else one)


def _first_in_order(listed: exp.Expr, most: exp.Expr) -> exp.Expr:
    """Spark's aggregates know no order: collect rows with their keys before them, sort those, drop the keys."""
    where = listed.expression if isinstance(listed, exp.Filter) else None
    aggregate = listed.this if isinstance(listed, exp.Filter) else listed
    order = aggregate.this if isinstance(aggregate, exp.ArrayAgg) else None
    if not isinstance(order, exp.Order) or any(one.args.get("desc") for one in order.expressions):
        raise BadInput("spark can only shorten a `list(x ORDER BY …)` in ascending order")
    keys = [exp.alias_(one.this.copy(), f"k{place}") for place, one in enumerate(order.expressions)]
    row = exp.Anonymous(this="STRUCT", expressions=[*keys, exp.alias_(order.this.copy(), "x")])
    collected: exp.Expr = exp.Anonymous(this="COLLECT_LIST", expressions=[row])
    if where is not None:
        collected = exp.Filter(this=collected, expression=where.copy())
    first = exp.Anonymous(
        this="SLICE",
        expressions=[
            exp.Anonymous(this="SORT_ARRAY", expressions=[collected]),
            exp.Literal.number(1),
            most.copy(),
        ],
    )
    items = exp.Dot(this=first, expression=exp.to_identifier("x"))
    return exp.Anonymous(this="NULLIF", expressions=[items, exp.cast(exp.Array(expressions=[]), "ARRAY<TEXT>")])


def _length_at(node: exp.Expr) -> tuple[exp.Expr, exp.Expr] | None:
    """The JSON and the path of `json_array_length(json, path)`."""
    if isinstance(node, exp.Anonymous) and node.name.upper() == "JSON_ARRAY_LENGTH" and len(node.expressions) == 2:  # noqa: PLR2004
        json, path = node.expressions
        return json.copy(), exp.Literal.string(path.name)
    return None


_REWRITES: Mapping[Dialect, Callable[[exp.Expr], exp.Expr]] = {
    Dialect.ATHENA: _athena,
    Dialect.SPARK: _spark,
}
