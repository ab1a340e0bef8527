"""Spark gives DuckDB's answers, row for row, to every built-in question over the same files.

Set PYSPARK_HOME_LIB to a folder into which pyspark was installed (`uv pip install --target FOLDER pyspark`), where it
is not in this environment. It needs Java.
"""

import importlib.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stanch.model.errors import BadInput
from stanch.playbooks import DERIVED
from stanch.trail import Trail
from stanch.trail.engines.spark import Spark
from stanch.trail.query import Budget

from .crowd import bench

FOLDER = os.environ.get("PYSPARK_HOME_LIB", "")
HERE = bool(FOLDER) or importlib.util.find_spec("pyspark") is not None
pytestmark = [
    pytest.mark.skipif(not HERE, reason="pyspark is not installed (PYSPARK_HOME_LIB says where it is)"),
    pytest.mark.skipif(shutil.which("java") is None, reason="Java is not installed"),
    pytest.mark.filterwarnings("default"),
]


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    with bench().session(FOLDER) as made:
        yield made


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = bench().lay_out(tmp_path_factory.mktemp("lake"), 10_000)
    return folder


def test_every_question_has_the_same_answer(session: Any, lake: Path) -> None:
    made = bench()
    duck, spark = Trail.open(lake), Spark.over(session, lake, Budget(seconds=3600))
    for case, tables in list(made.cases())[:2]:
        own, _, _ = made.answers(duck, tables)
        theirs, _, _ = made.answers(spark, tables)
        assert own == theirs, case
        assert {one[0].get("answer") for one in own.values()} >= {"yes", "no", "unknown"}


def test_the_tables_hold_the_same_rows(session: Any, lake: Path) -> None:
    duck, spark = Trail.open(lake), Spark.over(session, lake)
    for sql in (
        "SELECT event_id, event_date, event_time, read_only, bytes_out, user_identity FROM events ORDER BY 1 LIMIT 50",
        "SELECT account_id, principal_arn, event_source, event_name, calls FROM first_seen ORDER BY 1, 2, 3, 4",
        "SELECT count(*) AS n FROM flows",
    ):
        assert spark.query(sql) == duck.query(sql)
    when = "SELECT count(*) AS n FROM events WHERE event_time >= $since AND event_date >= CAST($since AS DATE)"
    assert spark.query(when, {"since": bench().AT}) == duck.query(when, {"since": bench().AT})


def test_what_fails_or_costs_too_much_is_said(session: Any, lake: Path) -> None:
    spark = Spark.over(session, lake, Budget(rows=3))
    with pytest.raises(BadInput, match="no value for"):
        spark.query("SELECT event_id FROM events WHERE event_id = $x")
    with pytest.raises(BadInput, match="fails on Spark"):
        spark.query("SELECT nothing FROM events")
    with pytest.raises(BadInput, match="more than 3 rows"):
        spark.query("SELECT event_id FROM events")
    hurried = Spark.over(session, lake, Budget(seconds=0.5))
    with pytest.raises(BadInput, match=r"takes longer than 0\.5 s"):
        hurried.query("SELECT count(*) AS n FROM events a, events b WHERE a.event_id || b.user_agent LIKE '%x%y%'")


def test_a_desk_leaves_nothing_behind(session: Any, lake: Path) -> None:
    spark = Spark.over(session, lake)
    _, tables = next(iter(bench().cases()))
    with spark.desk(tables, DERIVED) as desk:
        assert desk.query("SELECT count(*) AS n FROM case_findings") == [{"n": 2}]
    with pytest.raises(BadInput, match="fails on Spark"):
        spark.query("SELECT count(*) AS n FROM case_findings")
