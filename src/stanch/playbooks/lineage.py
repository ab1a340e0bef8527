"""What the answer of a question depends on: every column that could turn it, traced through joins and subqueries."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope
from sqlglot.schema import MappingSchema

from stanch.model.errors import BadInput
from stanch.model.playbook import Question, Trust
from stanch.playbooks.classes import LOOKED_UP, PARAMETERS, RANK, trust
from stanch.playbooks.tables import CASE_TABLES, DERIVED
from stanch.trail import LOG_TABLES

_FILTERS = ("where", "having", "qualify", "group", "joins", "limit", "offset")
"""The parts of a SELECT that decide which rows there are."""
_TABLES = frozenset({*(one.name for one in (*LOG_TABLES, *CASE_TABLES)), *DERIVED})


@dataclass(frozen=True, order=True)
class Read:
    """A column of a table that is not made from others, and the path in it where only that is read."""

    column: str
    """`table.column`."""
    path: str = ""

    def __str__(self) -> str:
        return f"{self.column}{f' at {self.path}' if self.path else ''}"

    @property
    def trust(self) -> Trust:
        """Who controls it."""
        return trust(self.column, self.path)


def check(question: Question, file: str) -> None:
    """Refuse a question that claims more trust than the worst that its answer depends on.

    Raises BadInput naming file, question, column and what to do.
    """
    reads = decisive(question.sql, file)
    worse = [one for one in reads if RANK[one.trust] > RANK[question.trust]]
    if worse:
        raise BadInput(
            f"{file}: question {question.id} is declared class {question.trust}, but its answer depends on {worse[0]}, "
            f"class {worse[0].trust}: declare trust: {worse[0].trust}, or read a column or JSON path of a better class "
            "(stanch/playbooks/classes.py lists them)"
        )
    chosen = [one for one in reads if one.column in PARAMETERS]
    if chosen and min(question.yes, question.no) < 1:
        raise BadInput(
            f"{file}: question {question.id} excuses, but its answer depends on {chosen[0]}, which the caller chooses: "
            "let yes and no be at least 1, or do not read it"
        )


@cache
def decisive(sql: str, file: str = "SQL") -> tuple[Read, ...]:
    """Every column that the answer depends on, in order; BadInput where the SQL cannot be traced."""
    try:
        tree = parse_one(sql, read="duckdb")
        hidden = sorted(_TABLES & {one.alias.lower() for one in tree.find_all(exp.CTE)})
        if hidden:  # some engines take the tables made from others for parts of the same query
            raise BadInput(f"{file}: WITH {hidden[0]} has the name of a table: name that part of the query otherwise")
        return tuple(sorted(_output(_scope(_qualified(tree, _known()[0])), "answer", "")))
    except (SqlglotError, KeyError) as error:
        raise BadInput(f"{file}: what its answer depends on cannot be traced: {error}") from error


@cache
def _known() -> tuple[MappingSchema, Mapping[str, exp.Expr]]:
    """Columns of every table, also of those made from others, and how these are made."""
    schema = MappingSchema({one.name: dict(one.columns) for one in (*LOG_TABLES, *CASE_TABLES)}, dialect="duckdb")
    made: dict[str, exp.Expr] = {}
    for name, sql in DERIVED.items():
        made[name] = found = _qualified(parse_one(sql, read="duckdb"), schema)
        columns = found.named_selects if isinstance(found, exp.Query) else ()
        schema.add_table(name, dict.fromkeys(columns, "VARCHAR"), dialect="duckdb")
    return schema, made


def _qualified(tree: exp.Expr, schema: MappingSchema) -> exp.Expr:
    return qualify(tree, schema=schema, dialect="duckdb", quote_identifiers=False)


def _scope(tree: exp.Expr) -> Scope:
    scope = build_scope(tree)
    if scope is None:
        raise SqlglotError("it is no query")
    return scope


@cache
def _derived(name: str) -> Scope:
    return _scope(_known()[1][name])


@cache
def _output(scope: Scope, column: str, path: str) -> frozenset[Read]:
    """What one output column of a query depends on, and which rows there are."""
    at = _names(scope).index(column)
    if isinstance(scope.expression, exp.SetOperation):
        sides = scope.set_operation_scopes
        return frozenset(one for side in sides for one in _output(side, _names(side)[at], path)) | _rows(scope)
    made = _selects(scope)[at]
    own = _column(scope, made, path) if isinstance(made, exp.Column) else _within(scope, made)
    return frozenset(own) | _rows(scope)


@cache
def _rows(scope: Scope) -> frozenset[Read]:
    """What decides which rows a query gives."""
    if isinstance(scope.expression, exp.SetOperation):
        distinct = scope.expression.args.get("distinct") or not isinstance(scope.expression, exp.Union)
        sides = scope.set_operation_scopes
        return frozenset(one for side in sides for one in (*_rows(side), *(_whole(side) if distinct else ())))
    found = [one for condition in _conditions(scope) for one in _within(scope, condition)]
    found += _whole(scope) if scope.expression.args.get("distinct") else ()
    found += [one for made in _selects(scope) for listed in made.find_all(exp.UDTF) for one in _within(scope, listed)]
    found += [one for _, source in scope.selected_sources.values() for one in _rows_of(scope, source)]
    return frozenset(found)


def _conditions(scope: Scope) -> Iterator[exp.Expr]:
    for part in _FILTERS:
        found = scope.expression.args.get(part)
        for one in found if isinstance(found, list) else [found]:
            condition = one.args.get("on") if isinstance(one, exp.Join) else one
            if condition is not None:
                yield condition


def _whole(scope: Scope) -> Iterator[Read]:
    """What decides which rows are the same."""
    for one in _selects(scope):
        if not (isinstance(one, exp.Column) and _address(scope, one)):  # an address more is a row more of its label
            yield from _within(scope, one)


def _rows_of(scope: Scope, source: object) -> frozenset[Read]:
    if isinstance(source, Scope) and isinstance(source.expression, exp.UDTF):
        return frozenset(_within(scope, source.expression))  # as many rows as its list has items
    if isinstance(source, Scope):
        return _rows(source)
    made = isinstance(source, exp.Table) and source.name in DERIVED
    return _rows(_derived(source.name)) if isinstance(source, exp.Table) and made else frozenset()


def _names(scope: Scope) -> list[str]:
    """Names of a query's columns."""
    return scope.expression.named_selects if isinstance(scope.expression, exp.Query) else []


def _selects(scope: Scope) -> list[exp.Expr]:
    """What a query's columns are made of."""
    return [one.unalias() for one in scope.expression.selects] if isinstance(scope.expression, exp.Query) else []


def _within(scope: Scope, node: exp.Expr) -> Iterator[Read]:
    """What an expression depends on; that two addresses are the same says nothing by itself."""
    if isinstance(node, exp.Column):
        yield from _column(scope, node, "")
    elif isinstance(node, exp.Query):
        yield from _query(_inner(scope, node))
    elif found := _at_path(node):
        yield from _column(scope, *found)
    elif isinstance(node, exp.In) and (inner := _looked_up(scope, node)):
        yield from _rows(inner)
    elif not _same_address(scope, node):
        for one in node.iter_expressions():
            yield from _within(scope, one)


def _query(scope: Scope) -> Iterator[Read]:
    for name in _names(scope):
        yield from _output(scope, name, "")


def _inner(scope: Scope, node: exp.Query) -> Scope:
    query = node.this if isinstance(node, exp.Subquery) else node
    return next(one for one in scope.subquery_scopes if one.expression is query)


def _source(scope: Scope, node: exp.Column) -> exp.Table | Scope | None:
    """Where a column comes from; one of a query around is sought there."""
    around: Scope | None = scope
    while around is not None and node.table not in around.sources:
        around = around.parent
    return around.sources[node.table] if around else None


def _column(scope: Scope, node: exp.Column, path: str) -> Iterator[Read]:
    """The columns of tables that this one stands for."""
    source = _source(scope, node)
    if isinstance(source, Scope) and isinstance(source.expression, exp.UDTF):
        yield from _within(scope, source.expression)
    elif isinstance(source, Scope):
        yield from _output(source, node.name, path)
    elif isinstance(source, exp.Table) and source.name in DERIVED:
        yield from _output(_derived(source.name), node.name, path)
    elif isinstance(source, exp.Table):
        yield Read(f"{source.name}.{node.name}", path)
    else:
        raise SqlglotError(f"column {node.sql()} belongs to no table")


def _at_path(node: exp.Expr) -> tuple[exp.Column, str] | None:
    """A JSON column and the path in it that a function reads."""
    if isinstance(node, exp.JSONExtract | exp.JSONExtractScalar):
        column, said = node.this, node.expression
    elif isinstance(node, exp.Anonymous) and len(node.expressions) == 2:  # noqa: PLR2004  # json_array_length and its like
        column, said = node.expressions
    else:
        return None
    path = str(said.sql(dialect="duckdb")).strip("'") if isinstance(said, exp.JSONPath | exp.Literal) else ""
    return (column, path) if isinstance(column, exp.Column) and path.startswith("$") else None


def _looked_up(scope: Scope, node: exp.In) -> Scope | None:
    """The query among whose addresses an address is sought."""
    query = node.args.get("query")
    if query is None or not (isinstance(node.this, exp.Column) and _address(scope, node.this)):
        return None
    inner = _inner(scope, query)
    return inner if _gives_address(inner, _names(inner)[0]) else None


def _same_address(scope: Scope, node: exp.Expr) -> bool:
    """A comparison of addresses with each other, or with nothing."""
    match node:
        case exp.EQ() | exp.NEQ():
            sides = [node.this, node.expression]
        case exp.Is() if isinstance(node.expression, exp.Null):
            sides = [node.this]
        case _:
            return False
    return all(isinstance(one, exp.Column) and _address(scope, one) for one in sides)


def _address(scope: Scope, node: exp.Column) -> bool:
    """Whether the column holds an address as a log or a finding tells it."""
    source = _source(scope, node)
    if isinstance(source, exp.Table) and source.name not in DERIVED:
        return f"{source.name}.{node.name}" in LOOKED_UP
    inner = _derived(source.name) if isinstance(source, exp.Table) else source
    return isinstance(inner, Scope) and isinstance(inner.expression, exp.Query) and _gives_address(inner, node.name)


def _gives_address(scope: Scope, column: str) -> bool:
    at = _names(scope).index(column)
    if isinstance(scope.expression, exp.SetOperation):
        return all(_gives_address(side, _names(side)[at]) for side in scope.set_operation_scopes)
    made = _selects(scope)[at]
    return isinstance(made, exp.Column) and _address(scope, made)
