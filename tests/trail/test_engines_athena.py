"""Athena is asked with bound values, waited for, stopped when it costs too much, and read back with types."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import duckdb
import pytest
import sqlglot
from botocore.stub import ANY, Stubber
from moto import mock_aws
from moto.athena.models import QueryResults, athena_backends
from moto.core import DEFAULT_ACCOUNT_ID
from moto.moto_api import state_manager
from sqlglot import exp

from stanch.aws.athena import Queries
from stanch.model.errors import BadInput, Denied
from stanch.playbooks import CASE_TABLES, DERIVED
from stanch.trail import LOG_TABLES, Params, Table, Trail
from stanch.trail.door import Tables
from stanch.trail.engines.athena import Athena, Limits, Place, case_tables, literal, translate
from stanch.trail.engines.dialect import Statement

from .crowd import bench

PLACE = Place("stanch", "responders", "s3://example-answers/x/", "s3://example-lake/desks")
AT = datetime(2026, 3, 20, 2, tzinfo=UTC)
EVENTS = "SELECT event_id, event_time FROM events WHERE event_time >= $since AND principal_arn = $who"
GIVEN: Params = {"who": "a'b", "since": AT, "unused": 1}


def never(_: float) -> None:
    pytest.fail("it slept")


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Queries]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket="example-lake")
        boto3.client("athena").create_work_group(Name="responders")
        state_manager.set_transition("athena::execution", {"progression": "manual", "times": 1})
        try:
            yield Queries(lambda: boto3.client("athena"), lambda: boto3.client("s3"))
        finally:
            state_manager.unset_transition("athena::execution")


def backend() -> Any:
    return athena_backends[DEFAULT_ACCOUNT_ID]["us-east-1"]


def answer(columns: dict[str, str], *rows: tuple[str | None, ...]) -> None:
    """Queue rows of text as Athena writes them, under their heading."""
    cells = [
        {"Data": [{} if cell is None else {"VarCharValue": cell} for cell in row]} for row in (tuple(columns), *rows)
    ]
    told = [{"Name": name, "Type": kind} for name, kind in columns.items()]
    backend().query_results_queue.append(QueryResults(cells, told))


def test_a_question_goes_with_its_values_beside_it_and_its_rows_come_back_typed(aws: Queries) -> None:
    answer(
        {"event_id": "varchar", "event_time": "timestamp", "n": "bigint", "x": "double", "ok": "boolean"},
        ("e1", "2026-03-20 02:00:00.000", "7", "0.5", "true"),
        (None, None, None, None, "false"),
    )
    slept: list[float] = []
    rows = Athena(aws, PLACE, Limits(waits=(0.5, 1.0, 2.0, 4.0)), slept.append).query(EVENTS, GIVEN)
    assert rows == [
        {"event_id": "e1", "event_time": "2026-03-20T02:00:00+00:00", "n": 7, "x": 0.5, "ok": True},
        {"event_id": None, "event_time": None, "n": None, "x": None, "ok": False},
    ]
    (sent,) = backend().executions.values()
    assert sent.execution_parameters == ["'2026-03-20 02:00:00.000000'", "'a''b'"]
    assert "a'b" not in sent.query
    assert sent.query.count("?") == 2
    assert (sent.context, sent.workgroup.name) == ({"Database": "stanch"}, "responders")
    assert slept == [0.5, 1.0, 2.0][: len(slept)]
    assert slept


def test_a_case_s_tables_are_objects_under_the_hash_of_what_they_hold(aws: Queries) -> None:
    said = {"id": "f'1", "seen": AT.replace(tzinfo=None)}
    tables = (
        Table("case_findings", CASE_TABLES[0].columns, [tuple(said.get(name) for name, _ in CASE_TABLES[0].columns)]),
        *CASE_TABLES[1:],
    )
    engine = Athena(aws, PLACE, Limits(), lambda _: None)
    for _ in range(2):
        answer({"answer": "varchar", "n": "bigint", "events": "varchar"}, ("yes", "2", '["e1","e, 2"]'))
        with engine.desk(tables, DERIVED) as desk:
            (row,) = desk.query(
                "SELECT 'yes' AS answer, count(*) AS n, list(event_id ORDER BY event_time, event_id)[1:20] AS events "
                "FROM actor_events WHERE event_time >= $since",
                {"since": AT, "until": AT, "baseline": AT},
            )
        assert row == {"answer": "yes", "n": 2, "events": ["e1", "e, 2"]}
    listed = boto3.client("s3").list_objects_v2(Bucket="example-lake")["Contents"]
    (key,) = [str(one["Key"]) for one in listed]
    _, table, name, _ = key.split("/")
    assert (table, len(name)) == ("case_findings", 64)
    body = json.loads(boto3.client("s3").get_object(Bucket="example-lake", Key=key)["Body"].read())
    assert (body["id"], body["seen"], body["blocked"]) == ("f'1", "2026-03-20 02:00:00.000000", None)
    values = [one.execution_parameters for one in backend().executions.values()]
    assert values[0] == values[1]
    assert f"'{name}'" in values[0]


def test_without_a_folder_for_them_no_case_can_be_asked_about(aws: Queries) -> None:
    with pytest.raises(BadInput, match="folder"), Athena(aws, Place("stanch"), Limits(), never).desk(CASE_TABLES):
        pass


def test_what_aws_refuses_is_said_in_stanch_s_words(aws: Queries) -> None:
    client = boto3.client("athena")
    with Stubber(client) as stub:
        stub.add_client_error("start_query_execution", "AccessDeniedException", "no")
        with pytest.raises(Denied, match="athena:StartQueryExecution"):
            Athena(Queries(lambda: client, aws.store), PLACE, Limits(), never).query("SELECT 1 AS x FROM events")


@contextmanager
def stubbed(*states: tuple[str, int], stops: bool) -> Iterator[Callable[..., list[Any]]]:
    """An engine whose query goes through these states (and bytes read), and is stopped or not."""
    client = boto3.client(
        "athena", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    with Stubber(client) as stub:
        stub.add_response(
            "start_query_execution",
            {"QueryExecutionId": "q-1"},
            {"QueryString": ANY, "QueryExecutionContext": ANY, "WorkGroup": ANY, "ResultConfiguration": ANY},
        )
        for state, scanned in states:
            said = {
                "Status": {"State": state, "StateChangeReason": "because"},
                "Statistics": {"DataScannedInBytes": scanned},
            }
            stub.add_response("get_query_execution", {"QueryExecution": said}, {"QueryExecutionId": "q-1"})
        if stops:
            stub.add_response("stop_query_execution", {}, {"QueryExecutionId": "q-1"})
        yield lambda limits: Athena(Queries(lambda: client, lambda: client), PLACE, limits, lambda _: None).query(
            "SELECT count(*) AS n FROM events"
        )
        stub.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("states", "stops", "why"),
    [
        ([("RUNNING", 10), ("RUNNING", 101)], True, "reads 101 bytes, its budget is 100"),
        ([("RUNNING", 10), ("SUCCEEDED", 101)], False, "its budget is 100"),
        ([("QUEUED", 0), ("RUNNING", 1), ("RUNNING", 2)], True, "longer than 3 s"),
        ([("FAILED", 0)], False, "failed on Athena: because"),
        ([("CANCELLED", 0)], False, "cancelled on Athena: because"),
    ],
)
def test_what_costs_too_much_or_fails_is_stopped_and_said(states: list[tuple[str, int]], stops: bool, why: str) -> None:
    with stubbed(*states, stops=stops) as ask, pytest.raises(BadInput, match=why):
        ask(Limits(bytes=100, waits=(1.0, 2.0)))


def test_a_query_is_stopped_when_whoever_waits_for_it_gives_up() -> None:
    client = boto3.client(
        "athena", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )

    def give_up(_: float) -> None:
        raise KeyboardInterrupt

    with Stubber(client) as stub:
        stub.add_response("start_query_execution", {"QueryExecutionId": "q-1"})
        stub.add_response("get_query_execution", {"QueryExecution": {"Status": {"State": "RUNNING"}}})
        stub.add_response("stop_query_execution", {}, {"QueryExecutionId": "q-1"})
        with pytest.raises(KeyboardInterrupt):
            Athena(Queries(lambda: client, lambda: client), PLACE, Limits(), give_up).query("SELECT 1 AS x FROM events")
        stub.assert_no_pending_responses()


def test_pages_are_joined_and_too_many_rows_refused(aws: Queries) -> None:
    client = boto3.client("athena")
    told = {"ColumnInfo": [{"Name": "x", "Type": "integer"}]}

    def page(*cells: str, more: str = "") -> dict[str, Any]:
        rows = [{"Data": [{"VarCharValue": cell}]} for cell in cells]
        return {"ResultSet": {"Rows": rows, "ResultSetMetadata": told}, **({"NextToken": more} if more else {})}

    for limit in (3, 2):
        with Stubber(client) as stub:
            stub.add_response("start_query_execution", {"QueryExecutionId": "q-1"})
            stub.add_response("get_query_execution", {"QueryExecution": {"Status": {"State": "SUCCEEDED"}}})
            stub.add_response(
                "get_query_results", page("x", "1", more="t"), {"QueryExecutionId": "q-1", "MaxResults": 1000}
            )
            more = {"QueryExecutionId": "q-1", "MaxResults": 1000, "NextToken": "t"}
            stub.add_response("get_query_results", page("2", "3"), more)
            engine = Athena(Queries(lambda: client, aws.store), PLACE, Limits(rows=limit), never)
            if limit == 3:
                assert engine.query("SELECT 1 AS x FROM events") == [{"x": 1}, {"x": 2}, {"x": 3}]
            else:
                with pytest.raises(BadInput, match="more than 2 rows"):
                    engine.query("SELECT 1 AS x FROM events")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "'a'"),
        ("' OR 1=1 --", "''' OR 1=1 --'"),
        (True, "TRUE"),
        (7, "7"),
        (0.5, "0.5"),
        (None, "NULL"),
        (date(2026, 3, 20), "DATE '2026-03-20'"),
        (AT.replace(tzinfo=None), "'2026-03-20 02:00:00.000000'"),
    ],
)
def test_a_value_is_one_literal(value: Any, text: str) -> None:
    assert literal(value) == text
    assert isinstance(sqlglot.parse_one(text, read="athena"), exp.Literal | exp.Boolean | exp.Null | exp.Cast)


@pytest.mark.parametrize("value", ["x" * 1023, float("nan"), float("inf"), ["a"]])
def test_a_value_that_athena_cannot_take_is_refused(value: Any) -> None:
    with pytest.raises(BadInput, match="Athena"):
        literal(value)


def test_athena_s_sql_read_back_gives_the_same_answers(tmp_path: Path) -> None:
    made = bench()
    trail = in_memory(made.lay_out(tmp_path, 20_000))
    derived_too = case_tables(CASE_TABLES, DERIVED)
    params = {**made.PARAMS, "desk": "this"}
    questions = {name: (sql, *back(sql, derived_too, params)) for name, sql in made.questions().items()}
    seen = set()
    for turn, (_, tables) in enumerate(made.cases()):  # every question of every other case: parsing them takes long
        beside = [
            Table(f"desk_{one.name}", (*one.columns, ("desk", "VARCHAR")), [(*row, "this") for row in one.rows])
            for one in tables
        ]
        with trail.desk(tables, DERIVED) as own, trail.desk(beside) as other:
            for name, (sql, said, read_back) in list(questions.items())[turn // 2 :: 2]:
                expected = own.query(sql, made.PARAMS)
                values = {f"p{number}": params[value] for number, value in enumerate(said.names)}
                assert plain(other.query(read_back, values), said.lists) == expected, name
                seen.add(str(expected[0].get("answer")))
    assert seen >= {"yes", "no", "unknown"}


def in_memory(lake: Path) -> Trail:
    """What a lake holds, without the cost of opening ninety files for every question."""
    connection = duckdb.connect(":memory:")
    for table in LOG_TABLES:
        connection.execute(f"CREATE TABLE {table.name} ({table.ddl})")
    for name in ("events", "first_seen"):
        files = [str(one) for one in sorted((lake / "data" / name).rglob("*.parquet"))]
        typed = "union_by_name = true, hive_partitioning = true, hive_types = {'event_date': DATE}"
        rows = f"read_parquet($files, {typed if name == 'events' else 'hive_partitioning = false'})"
        connection.execute(f"INSERT INTO {name} BY NAME SELECT * FROM {rows}", {"files": files})
    return Trail(Tables(connection))


def back(sql: str, tables: Mapping[str, exp.Query], params: dict[str, Any]) -> tuple[Statement, str]:
    """What Athena would be asked, and the same for DuckDB."""
    said = translate(sql, tables, "stanch", params)
    first, *rest = said.sql.split("?")
    named = "".join((first, *(f":p{number}{part}" for number, part in enumerate(rest))))
    return said, sqlglot.parse_one(named, read="athena").transform(_duckdb).sql("duckdb")


def plain(rows: list[Any], lists: frozenset[str]) -> list[Any]:
    """The rows with their lists, which come as JSON."""
    return [{name: json.loads(one) if name in lists and one else one for name, one in row.items()} for row in rows]


def _duckdb(node: Any) -> Any:
    if isinstance(node, exp.Table) and node.db == "stanch":
        return exp.to_table(node.name)
    name = node.name.upper() if isinstance(node, exp.Anonymous) else ""
    if name == "JSON_FORMAT" or isinstance(node, exp.JSONFormat):
        inner = node.expressions[0] if name else node.this
        if isinstance(inner, exp.JSONExtract):
            return exp.cast(inner.copy(), "VARCHAR")
        listed = inner.this
        return exp.Case(
            ifs=[
                exp.If(
                    this=exp.Not(this=exp.Is(this=listed.copy(), expression=exp.null())),
                    true=exp.cast(exp.func("to_json", listed.copy()), "VARCHAR"),
                )
            ]
        )
    if name == "SLICE":
        listed, start, length = node.expressions
        return exp.Anonymous(this="LIST_SLICE", expressions=[listed, start, length])
    return node


def test_days_outside_the_question_are_not_read() -> None:
    params = {"baseline": AT - timedelta(days=90), "until": AT, "desk": "x"}
    said = translate("SELECT count(*) AS n FROM actor_events", case_tables(CASE_TABLES, DERIVED), "stanch", params)
    assert said.names[:2] == ("baseline", "until")
    assert "FROM stanch.events" in said.sql
