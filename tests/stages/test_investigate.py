"""Questions meet the finding, the logs and the operator's facts; what is not known stays unknown."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import stanch.trail
from stanch.model.case import Case
from stanch.model.context import (
    Availability,
    Context,
    Networks,
    Partner,
    Window,
)
from stanch.model.errors import BadInput
from stanch.model.finding import Finding
from stanch.model.verdict import Answer
from stanch.stages.investigate import investigate
from stanch.stages.investigate.addresses import Ranges
from stanch.stages.triage import triage

from .questioning import (
    ACCOUNT,
    AT,
    DAY,
    KNOCK,
    MINER,
    NAT,
    NOBODY,
    SHELF,
    TABLE,
    THEFT,
    WHO,
    answers,
    ask,
    call,
    history,
    written,
)


def test_critical_asks_the_critical_questions_only_and_full_asks_all_in_order(tmp_path: Path) -> None:
    playbook = SHELF["credential_exfiltration"]
    assert tuple(ask(tmp_path, THEFT, depth="critical")) == playbook.critical
    assert tuple(ask(tmp_path, THEFT, whole=True)) == tuple(one.id for one in playbook.questions)
    with pytest.raises(BadInput, match="critical"):
        ask(tmp_path, THEFT, depth="deep")


@pytest.mark.parametrize(
    ("depth", "where", "seen"),
    [("critical", "", 2), ("critical", "WHERE event_time >= $baseline", 3), ("full", "", 3)],
)
def test_questions_see_ninety_days_and_before_containing_at_once_the_case_s_own(
    tmp_path: Path, depth: str, where: str, seen: int
) -> None:
    trail = written(tmp_path, *(call("sts:GetCallerIdentity", -1440 * day) for day in (0, 1, 30, 200)))
    where_to = triage(Case("C-0", 1, (), (THEFT,), AT), TABLE, SHELF)
    playbook = SHELF["credential_exfiltration"]
    sql = f"SELECT 'unknown' AS answer, count(*) AS n, CAST([] AS VARCHAR[]) AS events FROM events {where}"
    asked = tuple(replace(one, sql=sql) if one.id == "E1" else one for one in playbook.questions)
    case = Case("C-0", 1, (), (THEFT,), AT)
    found = investigate(case, where_to, replace(playbook, questions=asked), depth, trail, Context(), NOBODY)
    assert next(one.n for one in found if one.question == "E1") == seen


def test_without_logs_every_question_about_logs_is_unknown_and_says_why(tmp_path: Path) -> None:
    found = ask(tmp_path, THEFT)
    needing = {one.id for one in SHELF["credential_exfiltration"].questions if one.needs}
    assert {name for name, one in found.items() if one.answer is Answer.UNKNOWN} >= needing
    assert found["E3"].says == f"Not known: there are no CloudTrail events of account {ACCOUNT} around the finding."
    assert found["E3"].likelihood_ratio == 1


def test_logs_of_another_account_or_time_are_no_logs(tmp_path: Path) -> None:
    elsewhere = call("sts:GetCallerIdentity", recipientAccountId="444455556666")
    assert answers(ask(tmp_path, THEFT, elsewhere), "C5") == "unknown"
    assert answers(ask(tmp_path, THEFT, *history()), "C5", "C1") == "unknown unknown"


def test_the_operator_s_word_that_logging_is_off_counts_more_than_logs(tmp_path: Path) -> None:
    off = Context(sources=Availability(cloudtrail_management=False))
    found = ask(tmp_path, THEFT, call("sts:GetCallerIdentity"), context=off)
    assert "management events are off" in found["C5"].says


@pytest.mark.parametrize(
    ("days", "declared", "answer"),
    [(20, None, "no"), (10, None, "unknown"), (10, 90, "no"), (20, 5, "unknown")],
)
def test_nothing_is_new_before_fourteen_days_of_history(
    tmp_path: Path, days: int, declared: int | None, answer: str
) -> None:
    context = Context(sources=Availability(baseline_days=declared))
    found = ask(tmp_path, THEFT, *history(days), call("sts:GetCallerIdentity"), context=context)
    assert answers(found, "C1") == answer
    assert answer == "no" or "14 are needed" in found["C1"].says


def test_evidence_cites_at_most_twenty_events_oldest_first_and_counts_all(tmp_path: Path) -> None:
    found = ask(tmp_path, THEFT, *(call("s3:ListBuckets", minutes=-number) for number in range(30)))["E1"]
    assert found.n == 30
    assert found.events == tuple(f"e{number:03}" for number in range(29, 9, -1))
    assert len(found.query) == 12


def test_a_sentence_counts_what_it_speaks_of(tmp_path: Path) -> None:
    found = ask(tmp_path, THEFT, call("cloudtrail:StopLogging"), call("guardduty:DeleteDetector", 1))["C6"]
    assert found.says.startswith("2 calls switched")


def test_the_present_plays_no_part(tmp_path: Path) -> None:
    late = call("cloudtrail:StopLogging", minutes=61)
    soon = call("cloudtrail:StopLogging", minutes=59)
    quiet = call("sts:GetCallerIdentity")
    assert answers(ask(tmp_path, THEFT, quiet, late), "C6") == "no"
    assert answers(ask(tmp_path, THEFT, quiet, soon), "C6") == "yes"


def test_what_stands_beside_the_lead_counts_only_if_the_detector_means_it(tmp_path: Path) -> None:
    other = replace(KNOCK, identity=WHO)
    assert answers(ask(tmp_path, THEFT, more=(other,)), "C7") == "yes"
    assert answers(ask(tmp_path, THEFT, more=(replace(other, sample=True),)), "C7") == "no"
    assert answers(ask(tmp_path, THEFT, more=(replace(other, archived=True),)), "C7") == "no"
    assert answers(ask(tmp_path, THEFT, more=(replace(other, product="Custom"),)), "C7") == "no"


def test_an_attacker_s_text_is_data(tmp_path: Path) -> None:
    nasty = "'); DROP TABLE events; --"
    strange = replace(THEFT, identity=replace(WHO, name=nasty), title=nasty)
    context = Context(penetration_tests=(Window(nasty, AT - DAY, AT + DAY),), vpc_endpoints=(nasty,))
    found = ask(
        tmp_path, strange, call("sts:GetCallerIdentity", userAgent=nasty, sourceIPAddress=nasty), context=context
    )
    assert answers(found, "E1", "C11") == "yes no"


@pytest.mark.parametrize(
    ("text", "label", "network"),
    [
        ("192.0.2.9", "office", "192.0.2.0/24"),
        ("::ffff:192.0.2.9", "office", "192.0.2.0/24"),
        ("203.0.113.10", "instance", "203.0.113.0/24"),
        ("203.0.113.11", "partner", "203.0.113.0/24"),
        ("172.16.0.1", "private", "172.16.0.0/24"),
        ("100.64.1.2", "private", "100.64.1.0/24"),
        ("fd00::1", "private", "fd00::/48"),
        ("198.51.100.1", "foreign", "198.51.100.0/24"),
        ("2001:db8:1:2::3", "foreign", "2001:db8:1::/48"),
        ("AWS Internal", "service", ""),
        ("s3.amazonaws.com", "service", ""),
    ],
)
def test_an_address_is_named_by_the_first_range_that_holds_it(text: str, label: str, network: str) -> None:
    partner = Partner("vendor", networks=("203.0.113.0/24",))
    ranges = Ranges.of(Context(networks=Networks(office=("192.0.2.0/24",)), partners=(partner,)), (NAT,))
    found = ranges.label(text)
    assert (found.label, found.network) == (label, network)


@given(st.ip_addresses())
def test_without_the_operator_s_file_no_address_is_his(address: object) -> None:
    assert Ranges.of(Context(), ()).label(str(address)).label in ("foreign", "private")


@pytest.mark.parametrize("events", [1, 200])
@pytest.mark.parametrize("finding", [THEFT, MINER], ids=["theft", "miner"])
def test_what_is_asked_before_containing_at_once_is_a_few_queries_whatever_the_logs_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, finding: Finding, events: int
) -> None:
    asked: list[str] = []
    real = stanch.trail.ask

    def counted(cursor: Any, sql: str, *rest: Any) -> Any:
        asked.append(sql)
        return real(cursor, sql, *rest)

    monkeypatch.setattr(stanch.trail, "ask", counted)
    playbook = SHELF["credential_exfiltration" if finding is THEFT else "crypto_mining"]
    found = ask(tmp_path, finding, *(call("s3:ListBuckets", n / 60) for n in range(events)), depth="critical")
    words = {one.id for one in playbook.questions if one.vetoes and not one.needs}
    assert found.keys() == {*playbook.critical, *words}
    assert len(asked) == len(found) + 1, "each question once, and whose the addresses are"
    assert len(found) <= 4
