"""Observation and promotion, findings that come again, and a containment that the full verdict takes back."""

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from stanch import playbooks
from stanch.cli import story
from stanch.console.page import page
from stanch.model.case import Mode
from stanch.model.casefile import State
from stanch.model.contained import Contained, Intended
from stanch.model.finding import Form
from stanch.model.governed import Observing, Overridden, Promoted
from stanch.model.verdict import Answer, Outcome
from stanch.model.walked import Closed, FindingReceived, Judged, Paged, Planned, WouldContain
from stanch.respond import walk
from stanch.respond.promotion import track
from stanch.respond.report import case_line
from stanch.stages.investigate import investigate
from stanch.stages.summary import summarise
from stanch.store.database import open_database
from stanch.trail.sigma import Rule

from .night import HOUR

ATTACKS = ("crypto_mining", "leaked_user_key", "malicious_caller_on_web", "stolen_instance_credentials")
MINUTE = timedelta(minutes=1)
SHELF = Path(playbooks.__file__).parent
AT_ONCE_THEN_NOT = """\
title: Contains at once, and the logs excuse it
matches: [CryptoCurrency:EC2/BitcoinTool.B]
priors: [{pattern: "*", malicious: 8, benign: 2}]
actions: [E1, E4]
critical: [Q1]
questions:
  - {id: Q1, ask: finding, family: finding, trust: A, yes: 30, no: 1, mandatory: true, when_yes: so, when_no: not so}
  - {id: Q2, ask: logs, family: logs, trust: A, yes: 1/30, no: 1, needs: [cloudtrail], when_yes: so, when_no: nay}
  - {id: Q3, ask: own, family: own, trust: A, yes: 1/30, no: 1, when_yes: so, when_no: not so}
"""
ANY = "SELECT CASE WHEN count(*) > 0 THEN 'yes' ELSE 'unknown' END AS answer, count(*) AS n, NULL AS events FROM "


# Observation ---------------------------------------------------------------------------------------------------------


def observe(night):
    night.house = replace(night.house, override=None)


def test_in_observation_the_whole_walk_runs_and_nothing_is_sent(night, tmp_path):
    acting = night.house
    night.house = replace(acting, override=None, database=open_database(tmp_path / "observing" / "stanch.db"))
    night.walk(*ATTACKS)
    assert night.changes() == ()
    files = [night.file(name) for name in ATTACKS]
    assert {(one.mode, one.outcome, one.containments) for one in files} == {(Mode.OBSERVE, Outcome.CONTAIN, ())}
    assert night.told(Intended) == ()
    would = [one.change for one in night.told(WouldContain)]
    assert all(one.forward and one.inverse for one in would)
    night.house.database.dispose()
    night.house = acting
    night.walk(*ATTACKS)
    assert [one.change for one in night.told(Intended)] == would
    assert len(would) == 6


def test_a_case_in_observation_shows_each_call_it_would_make(night):
    observe(night)
    night.walk("leaked_user_key")
    line = case_line(night.file("leaked_user_key"))
    assert (line["mode"], line["outcome"], line["verified"]) == ("observe", "contain", None)
    assert [(one["call"], one["result"]) for one in line["calls"]] == [
        ("iam:UpdateAccessKey", "would"),
        ("iam:CreatePolicy", "would"),
        ("iam:AttachUserPolicy", "would"),
    ]
    assert line["targets"] == [night.world.users["maria.lindqvist"].arn]


def test_a_promoted_playbook_acts_on_the_next_round_and_the_others_observe_on(night):
    observe(night)
    night.walk("crypto_mining", "leaked_user_key")
    promote(night, "crypto_mining")
    for name in ("crypto_mining", "leaked_user_key"):
        night.take(night.later(name, MINUTE))
    assert night.states("crypto_mining") == {"E1": "contained", "E4": "contained"}
    assert night.file("leaked_user_key").containments == ()
    assert {one.account for one in night.changes()} == {"777788889999"}
    assert "promoted by robin on 2026-11-23" in night.house.mode(night.house.playbooks["crypto_mining"])[1]


def test_a_changed_playbook_observes_again_and_the_journal_says_since_when(night, tmp_path):
    observe(night)
    promote(night, "crypto_mining")
    shelf = tmp_path / "shelf"
    shutil.copytree(SHELF, shelf, ignore=shutil.ignore_patterns("__pycache__", "examples"))
    file = shelf / "crypto_mining" / "playbook.yaml"
    file.write_text(file.read_text("utf-8").replace("yes: 6", "yes: 8", 1), encoding="utf-8")
    old, changed = night.house.playbooks["crypto_mining"], playbooks.load(shelf)["crypto_mining"]
    assert changed.version != old.version
    night.lab.clock.advance(HOUR)
    night.house = replace(night.house, playbooks={**night.house.playbooks, "crypto_mining": changed})
    night.walk("crypto_mining")
    assert night.changes() == ()
    assert [one.action for one in night.file("crypto_mining").would] == ["E1", "E4"]
    since = {fact.body.version: fact.time for fact in night.house.facts(kinds=(Observing,))}
    assert since[changed.version] == night.house.now()
    assert night.house.mode(old)[0] is Mode.ACT


def test_an_override_is_journalled_with_the_name_before_anything_else(night):
    night.walk("port_probe")
    (fact,) = night.house.facts(kinds=(Overridden,))
    assert (fact.body.by, fact.body.reason, fact.actor) == ("dana", "this night is simulated", "dana")
    assert fact.seq < night.house.facts(kinds=(FindingReceived,))[0].seq


def promote(night, playbook):
    night.house.begin()
    one = night.house.playbooks[playbook]
    body = Promoted(one.id, one.version, "robin", "it has shown enough", track(night.house, one).sentence)
    night.house.write(body, key=f"promoted/{one.id}/{one.version}", actor="robin")


# Findings that come again --------------------------------------------------------------------------------------------


def test_the_same_finding_again_changes_nothing(night):
    night.walk("leaked_user_key")
    facts, changes = night.house.facts(), night.changes()
    night.walk("leaked_user_key")
    night.take(night.finding("leaked_user_key"), night.finding("leaked_user_key"))
    assert night.house.facts() == facts
    assert night.changes() == changes


def test_the_same_finding_twice_in_one_batch_is_one(night):
    finding = night.finding("leaked_user_key")
    night.take(finding, finding)
    assert len(night.told(FindingReceived)) == len(night.told(Closed)) == 1


def test_an_update_of_a_contained_case_is_a_new_round_that_does_not_contain_again(night):
    night.walk("leaked_user_key")
    changes = night.changes()
    night.take(night.later("leaked_user_key", MINUTE))
    (file,) = night.files("leaked_user_key")
    assert (file.round, len(file.findings), file.findings[0].count) == (2, 1, 20)
    assert night.changes() == changes
    assert night.states("leaked_user_key") == {"I1": "contained", "I2": "contained"}
    assert len(night.told(Contained)) == 2
    assert [plan.plan.changes for plan in night.told(Planned)][1:] == [()]


def test_an_update_of_a_contained_case_ends_as_contained_and_says_so(night):
    night.walk("leaked_user_key")
    night.take(night.later("leaked_user_key", MINUTE))
    file = night.file("leaked_user_key")
    assert file.outcome is Outcome.CONTAIN
    assert "contained already" in " ".join(file.reasons)


def test_an_older_state_of_a_finding_does_not_undo_the_newer(night):
    night.take(night.later("leaked_user_key", MINUTE))
    night.walk("leaked_user_key")
    (file,) = night.files("leaked_user_key")
    assert file.findings[0].count == 20
    assert night.states("leaked_user_key") == {"I1": "contained", "I2": "contained"}


def test_a_second_finding_on_the_subject_of_an_open_case_joins_it_and_contains_nothing_twice(night):
    night.walk("leaked_user_key")
    changes = night.changes()
    second = night.finding("leaked_user_key")
    _renamed(second, "Recon:IAMUser/MaliciousIPCaller")
    night.take(second)
    (file,) = night.files("leaked_user_key")
    assert (file.round, len(file.findings)) == (2, 2)
    assert night.changes() == changes
    assert len(night.house.files()) == 1


def test_the_investigation_is_told_of_earlier_questions_and_of_signatures(night, monkeypatch):
    told = []
    monkeypatch.setattr(walk, "investigate", lambda *args: told.append(args[7]) or investigate(*args))
    night.house = replace(night.house, rules=(Rule("r", "anything", "high", (), "r.yml", "TRUE", "TRUE", {}),))
    night.walk("leaked_user_key")
    assert set(told) == {()}
    file = night.file("leaked_user_key")
    assert [one.answer for one in file.evidence if one.family == "signatures"] == [Answer.YES]
    (first,) = file.findings
    other = replace(first, id="other")
    night.house.write(FindingReceived(other, 1, file.subjects), key="C-00000001/other", case="C-00000001")
    night.take(night.later("leaked_user_key", MINUTE))  # it joins the newer of the two cases
    assert told[-1] == ((first.first_seen or first.created_at, first.last_seen or first.updated_at),)


def test_the_same_finding_in_two_formats_is_one_finding(night):
    night.walk("leaked_user_key")
    facts = night.house.facts()
    night.take(in_hub(night, night.finding("leaked_user_key")))
    assert night.house.facts() == facts


def test_findings_of_one_subject_in_two_formats_are_one_case(night):
    other = night.finding("leaked_user_key")
    _renamed(other, "Recon:IAMUser/MaliciousIPCaller")
    night.take(night.finding("leaked_user_key"), in_hub(night, other))
    (file,) = night.house.files()
    assert {one.form for one in file.findings} == {Form.GUARDDUTY, Form.ASFF}
    assert file.round == 1
    assert night.states("leaked_user_key") == {"I1": "contained", "I2": "contained"}


def test_what_was_lifted_by_hand_is_contained_again_when_the_attack_goes_on(night):
    night.walk("leaked_user_key")
    night.revert("leaked_user_key", "I2")
    night.take(night.later("leaked_user_key", MINUTE))
    assert [(one.change.action, str(one.state)) for one in night.file("leaked_user_key").containments] == [
        ("I1", "contained"),
        ("I2", "reverted"),
        ("I2", "contained"),
    ]
    assert "user/maria.lindqvist" in night.eyes.denies()


def _renamed(finding, kind):
    """Another finding of the same subject."""
    detail = finding["detail"]
    number = "f" * 32
    detail["arn"] = detail["arn"].replace(detail["id"], number)
    detail |= {"id": number, "type": kind}


def in_hub(night, finding):
    """A GuardDuty finding as Security Hub sends it on."""
    detail = finding["detail"]
    user = detail["resource"]["accessKeyDetails"]
    region, account = detail["region"], detail["accountId"]
    kind, _, name = detail["type"].partition("/")
    found = {
        "SchemaVersion": "2018-10-08",
        "Id": detail["arn"],
        "ProductArn": f"arn:aws:securityhub:{region}::product/aws/guardduty",
        "ProductName": "GuardDuty",
        "CompanyName": "Amazon",
        "Region": region,
        "GeneratorId": detail["arn"].partition("/finding/")[0],
        "AwsAccountId": account,
        "Types": [f"TTPs/{kind.replace(':', '/', 1).partition('/')[0]}/{kind}-{name}"],
        "FirstObservedAt": detail["service"]["eventFirstSeen"],
        "LastObservedAt": detail["service"]["eventLastSeen"],
        "CreatedAt": detail["createdAt"],
        "UpdatedAt": detail["updatedAt"],
        "Severity": {"Product": detail["severity"], "Label": "MEDIUM", "Normalized": 50},
        "Title": detail["title"],
        "Description": detail["description"],
        "ProductFields": {"aws/guardduty/service/count": str(detail["service"]["count"])},
        "Resources": [
            {
                "Type": "AwsIamAccessKey",
                "Id": f"AWS::IAM::AccessKey:{user['accessKeyId']}",
                "Partition": "aws",
                "Region": region,
                "Details": {
                    "AwsIamAccessKey": {
                        "PrincipalId": user["principalId"],
                        "PrincipalType": user["userType"],
                        "PrincipalName": user["userName"],
                    }
                },
            }
        ],
        "RecordState": "ACTIVE",
    }
    return {
        "version": "0",
        "id": "11111111-2222-4333-8444-555555555555",
        "detail-type": "Security Hub Findings - Imported",
        "source": "aws.securityhub",
        "account": account,
        "region": region,
        "time": finding["time"],
        "resources": [],
        "detail": {"findings": [found]},
    }


# Contained at once, then taken back ----------------------------------------------------------------------------------


@pytest.fixture
def doubtful(night, tmp_path):
    """Mining findings are contained at once and excused by the full investigation."""
    folder = tmp_path / "shelf" / "crypto_mining"
    folder.mkdir(parents=True)
    (folder / "playbook.yaml").write_text(AT_ONCE_THEN_NOT, encoding="utf-8")
    for name, table in {"Q1": "case_findings", "Q2": "events", "Q3": "accounts"}.items():
        (folder / f"{name}.sql").write_text(ANY + table, encoding="utf-8")
    night.house = replace(night.house, playbooks=playbooks.load(tmp_path / "shelf"))
    return night


def test_what_was_contained_at_once_is_taken_back_when_the_full_verdict_excuses_it(doubtful):
    doubtful.walk("crypto_mining")
    critical, full = doubtful.told(Judged)
    assert (critical.depth, critical.verdict.outcome) == ("critical", Outcome.CONTAIN)
    assert full.verdict.p < 0.5
    assert len(doubtful.told(Contained)) == 2
    file = doubtful.file("crypto_mining")
    assert file.outcome is Outcome.ESCALATE
    assert file.reasons[0] == "contained at once, then taken back"
    assert {(one.state, one.decided_by) for one in file.containments} == {(State.REVERTED, "stanch")}
    assert doubtful.eyes.groups("batch-worker") == doubtful.eyes.own_groups("batch-worker")
    assert [page.text.partition(":")[0] for page in doubtful.told(Paged)] == [
        "took back Preserve evidence",
        "took back Isolate instance",
    ]


def test_page_and_story_say_that_it_was_taken_back_and_why(doubtful, monkeypatch):
    doubtful.walk("crypto_mining")
    file = doubtful.file("crypto_mining")
    told = summarise(file, doubtful.house.facts(case=file.id), "", doubtful.house.context)
    why = f"the full investigation puts the probability of an attack at {file.verdict.p:.1%}"
    assert f"contained at once, then taken back by stanch itself: {why}" in told.sentences[-1]
    shown = page(file, told, simulated=True, now=doubtful.house.now())
    assert f"taken back by stanch itself: {why}" in shown
    assert f"took back Isolate instance: {why}" in shown
    heard = []
    monkeypatch.setattr(story, "say", lambda text, *_: heard.append(" ".join(text.split())))
    story.tell(file)
    assert "because contained at once, then taken back" in heard
    assert f"page took back Isolate instance: {why}" in heard
    assert any(line.endswith("it would be contained") and "->" in line for line in heard), "and what would change it"


def test_what_is_not_taken_back_completely_is_not_said_to_be(doubtful):
    def deny(fact):
        if isinstance(fact.body, Judged) and fact.body.depth == "full":
            doubtful.lab.wire.deny("ec2:ModifyNetworkInterfaceAttribute")

    doubtful.watch(deny)
    doubtful.walk("crypto_mining")
    assert doubtful.states("crypto_mining") == {"E1": "reverted", "E4": "reverting"}
    assert doubtful.file("crypto_mining").outcome is Outcome.ESCALATE
    pages = [page.text for page in doubtful.told(Paged)]
    assert [text for text in pages if text.startswith("took back")] == [pages[0]]
    assert "Preserve evidence" in pages[0]
    assert any("the revert of" in text and "/E4/" in text for text in pages)
    doubtful.lab.wire.clear()
    doubtful.sweep_at(MINUTE)
    assert doubtful.states("crypto_mining") == {"E1": "reverted", "E4": "reverted"}
    assert doubtful.eyes.groups("batch-worker") == doubtful.eyes.own_groups("batch-worker")


def test_what_a_person_confirmed_meanwhile_is_not_taken_back(doubtful):
    def confirm(fact):
        if isinstance(fact.body, Judged) and fact.body.depth == "full":
            doubtful.confirm("crypto_mining", "E4")

    doubtful.watch(confirm)
    doubtful.walk("crypto_mining")
    assert doubtful.states("crypto_mining") == {"E1": "reverted", "E4": "confirmed"}
    assert not [page for page in doubtful.told(Paged) if "could not finish" in page.text]
    assert doubtful.eyes.groups("batch-worker") != doubtful.eyes.own_groups("batch-worker")


def test_without_logs_there_is_no_excuse_and_it_stays(doubtful):
    doubtful.house = replace(doubtful.house, context=replace(doubtful.house.context, sources=_off(doubtful)))
    doubtful.walk("crypto_mining")
    answers = {one.question: one.answer for one in doubtful.file("crypto_mining").evidence}
    assert answers["Q2"] is Answer.UNKNOWN
    assert doubtful.states("crypto_mining") == {"E1": "contained", "E4": "contained"}
    assert doubtful.file("crypto_mining").outcome is Outcome.CONTAIN


def _off(night):
    return replace(night.house.context.sources, cloudtrail_management=False)
