"""What an answer depends on is traced through the SQL, and no question may claim more trust than that."""

import shutil
from functools import cache
from pathlib import Path

import pytest

from stanch.model.errors import BadInput
from stanch.model.playbook import Trust
from stanch.playbooks import ACTS, CASE_TABLES, LEAD_TABLES, SHELF, lineage, load
from stanch.playbooks.classes import DECLARED, LOOKED_UP, PARAMETERS, PATHS, trust
from stanch.playbooks.lineage import Read, decisive
from stanch.trail import LOG_TABLES

REST = ", count(*) AS n, CAST([] AS VARCHAR[]) AS events"
MANY = f"SELECT CASE WHEN count(*) > 1 THEN 'yes' ELSE 'no' END AS answer{REST}"
FROM_EVENTS = f"SELECT CASE WHEN count(*) > 0 THEN 'yes' ELSE 'no' END AS answer{REST} FROM events e"


def reads(sql: str) -> set[str]:
    return {str(one) for one in decisive(sql)}


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        (f"SELECT CASE WHEN max(user_agent) = 'x' THEN 'yes' ELSE 'no' END AS answer{REST} FROM events", "user_agent"),
        (f"{FROM_EVENTS} WHERE e.user_agent LIKE 'Terraform%'", "user_agent"),
        (f"{FROM_EVENTS} JOIN events o ON o.error_message = e.event_id", "error_message"),
        (f"{FROM_EVENTS} WHERE EXISTS (SELECT 1 FROM events o WHERE o.object_key = e.event_id)", "object_key"),
        (f"{FROM_EVENTS} WHERE EXISTS (SELECT 1 FROM case_findings f WHERE f.id = e.user_agent)", "user_agent"),
        (f"{FROM_EVENTS} WHERE e.event_id IN (SELECT o.user_agent FROM events o)", "user_agent"),
        (f"{FROM_EVENTS} WHERE json_extract_string(e.request_parameters, '$.description') = 'ok'", "$.description"),
        (f"{FROM_EVENTS} WHERE contains(e.request_parameters, 'ok')", "request_parameters"),
        (f"{FROM_EVENTS} GROUP BY e.account_id HAVING count(DISTINCT e.user_agent) > 1", "user_agent"),
        (
            f"WITH a AS (SELECT user_agent AS x FROM events), b AS (SELECT x AS y FROM a) {MANY} FROM b WHERE y = 'x'",
            "user_agent",
        ),
        (
            f"WITH a AS (SELECT 1 FROM events WHERE user_agent = '') {MANY} FROM assets WHERE EXISTS (SELECT 1 FROM a)",
            "user_agent",
        ),
        (f"WITH a AS (SELECT event_id FROM events UNION SELECT user_agent FROM events) {MANY} FROM a", "user_agent"),
        (f"WITH a AS (SELECT DISTINCT user_agent, event_id FROM events) {MANY} FROM a", "user_agent"),
        (f"{MANY} FROM actor_events WHERE user_agent = 'x'", "user_agent"),
        (
            f"{FROM_EVENTS} CROSS JOIN UNNEST(regexp_extract_all(e.user_agent, 'x')) AS l(word) WHERE l.word = 'x'",
            "user_agent",
        ),
        (f"{FROM_EVENTS} CROSS JOIN UNNEST(regexp_extract_all(e.user_agent, 'x')) AS l(word)", "user_agent"),
        (f"{MANY} FROM (SELECT unnest(regexp_extract_all(user_agent, 'x')) AS word FROM events)", "user_agent"),
        (
            f"{MANY} FROM (SELECT row_number() OVER (ORDER BY user_agent) AS at FROM events) WHERE at = 1",
            "user_agent",
        ),
        (
            "SELECT 'yes' AS answer, 1 AS n, NULL AS events FROM events QUALIFY user_agent = min(user_agent) OVER ()",
            "user_agent",
        ),
    ],
)
def test_wherever_the_attacker_s_text_decides_it_is_seen(sql, found):
    assert any(found in one for one in reads(sql))
    assert max(one.trust for one in decisive(sql)) is not Trust.A
    assert any(one.trust is Trust.C for one in decisive(sql))


def test_what_is_only_counted_or_shown_decides_nothing():
    sql = (
        "SELECT CASE WHEN bool_or(mfa) THEN 'yes' ELSE 'no' END AS answer, count(DISTINCT user_agent) AS n, "
        "list(error_message) AS events FROM events"
    )
    assert decisive(sql) == (Read("events.mfa"),)


def test_an_address_looked_up_says_whose_it_is_and_no_more():
    looked_up = (
        f"SELECT CASE WHEN bool_or(a.label = 'vpn') THEN 'yes' ELSE 'no' END AS answer{REST} "
        "FROM case_findings f JOIN addresses a ON a.ip = f.caller_ip"
    )
    assert {one.trust for one in decisive(looked_up)} == {Trust.D}
    chosen = looked_up.replace("a.label = 'vpn'", "a.network = '192.0.2.0/24'")
    assert {one.trust for one in decisive(chosen)} == {Trust.B}
    named = looked_up.replace("a.label = 'vpn'", "f.caller_ip = '192.0.2.1'")
    assert {one.trust for one in decisive(named)} == {Trust.B}


@pytest.mark.parametrize(
    ("column", "path", "expected"),
    [
        ("events.request_parameters", "$.instanceType", Trust.B),
        ("events.request_parameters", "$.tagSpecificationSet", Trust.C),
        ("events.request_parameters", "$.instanceTypeNote", Trust.C),
        ("events.response_elements", "$.instancesSet.items[*].instanceId", Trust.A),
        ("events.response_elements", "$.instancesSet.items[*].tagSet", Trust.B),
        ("events.user_identity", "$.sessionContext.sessionIssuer.arn", Trust.A),
        ("events.user_identity", "$.principalId", Trust.C),
        ("events.no_such_column", "", Trust.C),
        ("no_such_table.column", "", Trust.C),
    ],
)
def test_what_is_not_declared_is_the_attacker_s(column, path, expected):
    assert trust(column, path) is expected


@pytest.mark.parametrize("table", dict.fromkeys([*LOG_TABLES, *CASE_TABLES, *LEAD_TABLES]), ids=lambda one: one.name)
def test_every_column_has_a_class(table):
    assert DECLARED[table.name].keys() == {name for name, _ in table.columns}


def test_paths_and_addresses_are_of_columns_that_exist():
    for place in (*PATHS, *LOOKED_UP):
        name, _, column = place.partition(".")
        assert column in DECLARED[name]


def shelf(tmp_path: Path, old: str, new: str, file: str = "malicious_ip/I1.sql") -> Path:
    copy = shutil.copytree(SHELF, tmp_path / "shelf", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    text = (copy / file).read_text(encoding="utf-8")
    assert old in text
    (copy / file).write_text(text.replace(old, new), encoding="utf-8")
    return copy


def test_a_playbook_that_claims_too_much_does_not_load_and_says_what_to_do(tmp_path):
    broken = shelf(tmp_path, "AND remote_ip IS NOT NULL", "AND EXISTS (SELECT 1 FROM events WHERE user_agent = 'x')")
    with pytest.raises(
        BadInput,
        match=r"malicious_ip/I1\.sql: question I1 is declared class A, but its answer depends on events\.user_agent, "
        r"class C: declare trust: C, or read",
    ):
        load(broken)


def test_parameters_that_the_caller_chose_never_excuse(tmp_path):
    declared = "trust: B\n    yes: 4\n    no: 1\n    needs: [cloudtrail]\n    when_yes: The address reached"
    excusing = declared.replace("no: 1\n", "no: 1/3\n")
    with pytest.raises(
        BadInput, match=r"malicious_ip/I7\.sql: question I7 excuses, but its answer depends on events\."
    ):
        load(shelf(tmp_path, declared, excusing, "malicious_ip/playbook.yaml"))


def test_sql_that_cannot_be_traced_is_refused(tmp_path):
    with pytest.raises(BadInput, match=r"I1\.sql"):
        load(shelf(tmp_path, "bool_or(direction", "bool_or(no_such_column", "malicious_ip/I1.sql"))


def test_a_part_of_a_query_may_not_have_the_name_of_a_table(tmp_path):
    with pytest.raises(BadInput, match=r"crypto_mining/M10\.sql: WITH peers has the name of a table"):
        load(shelf(tmp_path, "WITH pools AS", "WITH peers AS", "crypto_mining/M10.sql"))


def test_what_a_hunt_names_and_what_keeps_it_quiet_are_no_one_s_words(monkeypatch):
    monkeypatch.setattr(lineage, "DERIVED", ACTS)  # a hunt has no others
    monkeypatch.setattr(lineage, "CASE_TABLES", tuple({*CASE_TABLES, *LEAD_TABLES}))
    for read_once in ("_known", "_derived"):
        monkeypatch.setattr(lineage, read_once, cache(getattr(lineage, read_once).__wrapped__))
    aims = ("account_id", "actor_type", "principal_arn", "principal_id", "access_key_id")
    assert {trust(f"events.{one}") for one in aims} == {Trust.A}
    for column in (*aims, "delivered", "habit", "declared"):
        made = decisive(f"SELECT {column} AS answer FROM acts")
        assert {one.trust for one in made} <= {Trust.A, Trust.B, Trust.D}
        assert not [one for one in made if one.column in PARAMETERS]
