"""Every built-in question in Athena's SQL: as written down, parsed, and read back by DuckDB with the same answers.

`UPDATE_GOLDEN=1 pytest tests/trail/test_engines_dialect.py` writes the files again.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from stanch.model.errors import BadInput
from stanch.playbooks import CASE_TABLES, DERIVED, SHELF
from stanch.trail.engines.athena import case_tables, ddl, translate
from stanch.trail.engines.dialect import Dialect, Statement, render, tree

GOLDEN = Path(__file__).parent / "golden" / "athena"
AT = datetime(2026, 3, 20, 2, tzinfo=UTC)
PARAMS = {
    "account": "111122223333",
    "region": "eu-west-1",
    "since": AT - timedelta(days=1),
    "when": AT,
    "until": AT + timedelta(hours=1),
    "baseline": AT - timedelta(days=91),
    "desk": "0" * 64,
}
QUESTIONS = {f"{path.parent.name}.{path.stem}": path.read_text("utf-8") for path in sorted(SHELF.glob("*/*.sql"))} | {
    f"derived.{name}": f"SELECT count(*) AS n FROM {name}" for name in DERIVED
}


BENEATH = case_tables(CASE_TABLES, DERIVED)


def athena(name: str) -> Statement:
    return translate(QUESTIONS[name], BENEATH, "stanch", PARAMS)


@pytest.mark.parametrize("name", QUESTIONS)
def test_each_question_is_as_written_down_in_athena_s_sql(name: str) -> None:
    said = athena(name)
    text = f"-- values: {', '.join(said.names)}\n{said.sql}\n"
    path = GOLDEN / f"{name}.sql"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert path.read_text("utf-8") == text
    again = sqlglot.parse_one(said.sql, read="athena")
    assert len(list(again.find_all(exp.Placeholder))) == len(said.names)
    assert said.sql.count("?") == len(said.names)


def test_no_question_that_is_gone_is_written_down() -> None:
    assert {path.stem for path in GOLDEN.glob("*.sql")} == {*QUESTIONS, "tables"}


def test_the_external_tables_are_as_written_down() -> None:
    made = ddl("stanch", "s3://example-lake/data", "s3://example-lake/desks/", CASE_TABLES)
    text = ";\n\n".join(made) + ";\n"
    if os.environ.get("UPDATE_GOLDEN"):
        (GOLDEN / "tables.sql").write_text(text, encoding="utf-8")
    assert (GOLDEN / "tables.sql").read_text("utf-8") == text


def test_only_what_a_question_needs_stands_before_it() -> None:
    assert "actor_events" not in athena("common.C11").sql
    assert "desk_case_findings" in athena("common.C4").sql


def test_values_stand_in_a_where_and_nowhere_else() -> None:
    with pytest.raises(BadInput, match=r"\$who stands elsewhere"):
        render(tree("SELECT $who AS x FROM events"), Dialect.ATHENA)


def test_text_that_looks_like_a_value_stays_text() -> None:
    said = render(
        tree("SELECT event_id FROM events WHERE event_name = ':who ?' AND principal_arn = $who"), Dialect.ATHENA
    )
    assert said.names == ("who",)
    assert "':who ?'" in said.sql


@pytest.mark.parametrize(
    ("duckdb", "athena", "spark"),
    [
        ("contains(a, 'x')", "STRPOS(a, 'x') > 0", "CONTAINS(a, 'x')"),
        ("json_extract_string(a, '$.b.c')", "JSON_EXTRACT_SCALAR(a, '$.b.c')", "GET_JSON_OBJECT(a, '$.b.c')"),
        (
            "json_array_length(a, '$.b')",
            "JSON_ARRAY_LENGTH(JSON_EXTRACT(a, '$.b'))",
            "JSON_ARRAY_LENGTH(GET_JSON_OBJECT(a, '$.b'))",
        ),
        (
            "CAST(json_extract(a, '$.b') AS VARCHAR)",
            "JSON_FORMAT(JSON_EXTRACT(a, '$.b'))",
            "CAST(GET_JSON_OBJECT(a, '$.b') AS STRING)",
        ),
        ("regexp_matches(a, 'x')", "REGEXP_LIKE(a, 'x')", "a RLIKE 'x'"),
        ("t - INTERVAL 7 DAY", "t - INTERVAL '7' DAY", "t - INTERVAL '7' DAY"),
    ],
)
def test_what_each_engine_calls_it(duckdb: str, athena: str, spark: str) -> None:
    query = tree(f"SELECT {duckdb} AS x FROM events")
    for dialect, expected in ((Dialect.ATHENA, athena), (Dialect.SPARK, spark)):
        assert " ".join(render(query, dialect).sql.split()) == f"SELECT {expected} AS x FROM events"


@pytest.mark.parametrize("sql", ["DELETE FROM events", "SELECT 1; SELECT 2", "SELECT FROM", ""])
def test_anything_but_one_select_is_refused(sql: str) -> None:
    with pytest.raises(BadInput):
        tree(sql)


def test_a_list_that_spark_cannot_order_is_refused() -> None:
    with pytest.raises(BadInput, match="ascending"):
        render(tree("SELECT list(a ORDER BY b DESC)[1:3] AS x FROM events"), Dialect.SPARK)
