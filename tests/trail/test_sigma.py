"""Sigma's rules over the trail: converted once, matched as Sigma says, and as independent Python says."""

import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from stanch.model.errors import BadInput, Environment
from stanch.trail import Trail
from stanch.trail.sigma import load, signals

CORPORA = Path(__file__).parents[2].parent / "shared" / "corpora"
RULES = CORPORA / "reference" / "sigma-aws" / "cloudtrail"
ALWAYS = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def trail(tmp_path: Path, *records: dict[str, Any]) -> Trail:
    plain = {
        "eventTime": "2026-03-20T02:00:00Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject",
        "recipientAccountId": "111122223333",
    }
    numbered = [{**plain, "eventID": str(number), **one} for number, one in enumerate(records)]
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "one.json").write_text(json.dumps({"Records": numbered}), encoding="utf-8")
    found = Trail.load(tmp_path / "logs")
    assert not found.skips
    return found


def rule(
    folder: Path, detection: str, name: str = "one", logsource: str = "{product: aws, service: cloudtrail}"
) -> Path:
    folder.mkdir(exist_ok=True)
    lines = "".join(f"    {line}\n" for line in detection.strip().splitlines())
    (folder / f"{name}.yml").write_text(
        f"title: {name}\nid: {name.encode().hex():0<8.8}-0000-4000-8000-000000000000\nlevel: high\n"
        f"logsource: {logsource}\ndetection:\n{lines}",
        encoding="utf-8",
    )
    return folder


def hits(tmp_path: Path, detection: str, *records: dict[str, Any]) -> str:
    rules, refused = load(rule(tmp_path / "rules", detection))
    assert not refused
    return "".join(one for signal in signals(trail(tmp_path, *records), rules, *ALWAYS) for one in signal.events)


CALL = {"eventName": "GetObject"}
ASKED = "requestParameters"


@pytest.mark.parametrize(
    ("selection", "records", "expected"),
    [
        ("eventName: getobject", [CALL, {"eventName": "GetObjects"}], "0"),
        ("eventName|cased: GetObject", [CALL, {"eventName": "getobject"}], "0"),
        ("eventName|startswith: get_", [CALL, {"eventName": "Get_Object"}], "1"),
        ("eventName: 'Get?bject'", [CALL, {"eventName": "Getbject"}], "0"),
        ("userAgent|contains: '100%'", [{"userAgent": "a 100% b"}, {"userAgent": "a 1000 b"}, {}], "0"),
        ("userAgent|contains: '\\\\x'", [{"userAgent": "a\\x"}, {"userAgent": "ax"}], "0"),
        ("userAgent|contains|all: [boto, linux]", [{"userAgent": "Boto/1 Linux"}, {"userAgent": "boto"}], "0"),
        ("errorCode: null", [{}, {"errorCode": "AccessDenied"}, {"errorCode": None}], "02"),
        ("errorCode|exists: true", [{}, {"errorCode": "AccessDenied"}], "1"),
        ("errorCode|contains: '*'", [{}, {"errorCode": "AccessDenied"}], "1"),
        ("userIdentity.type: root", [{"userIdentity": {"type": "Root"}}, {"userIdentity": {"type": "IAMUser"}}], "0"),
        ("requestParameters.enable: 'false'", [{ASKED: {"enable": False}}, {ASKED: {"enable": True}}, {}], "0"),
        ("requestParameters.enable: false", [{ASKED: {"enable": False}}, {ASKED: {"enable": True}}, {}], "0"),
        ("requestParameters.n|gte: 5", [{ASKED: {"n": 5}}, {ASKED: {"n": "7"}}, {ASKED: {"n": "x"}}, {}], "01"),
        ("requestParameters.n: 5", [{ASKED: {"n": 5}}, {ASKED: {"n": "5"}}, {ASKED: {"n": 6}}], "01"),
        ("requestParameters.a.b: x", [{ASKED: {"a": {"b": "x"}}}, {ASKED: {"a": [{"b": "y"}, {"b": "X"}]}}, {}], "01"),
        ("requestParameters.a: x", [{ASKED: {"a": ["y", "x"]}}, {ASKED: {"a": ["xy"]}}], "0"),
        ("requestParameters.a.b: null", [{ASKED: {"a": [{"b": "y"}]}}, {ASKED: {"a": [{"c": "y"}]}}, {}], "12"),
        ("requestParameters|contains: Suspended", [{ASKED: {"a": {"Status": "suspended"}}}, {}], "0"),
        ("resources.ARN|endswith: ':x'", [{"resources": [{"ARN": "arn:y"}, {"ARN": "arn:x"}]}, {}], "0"),
        ("sourceIPAddress|cidr: 192.0.2.0/24", [{"sourceIPAddress": "192.0.2.7"}, {"sourceIPAddress": "x"}, {}], "0"),
        ("status: success", [{"status": "Success"}, {}], "0"),
        ("userIdentity.arn|re: '.+:assumed-role/aws:.+'", [{"userIdentity": {"arn": "a:assumed-role/aws:x"}}, {}], "0"),
        (
            "userIdentity.userName|fieldref: requestParameters.userName",
            [
                {"userIdentity": {"userName": "Ana"}, ASKED: {"userName": "ana"}},
                {"userIdentity": {"userName": "ana"}, ASKED: {"userName": "bob"}},
                {},
            ],
            "0",
        ),
    ],
)
def test_matching_is_sigma_s(tmp_path: Path, selection: str, records: list[dict[str, Any]], expected: str) -> None:
    assert hits(tmp_path, f"selection:\n    {selection}\ncondition: selection", *records) == expected


@pytest.mark.parametrize("field", ["errorCode", "userIdentity.type", "requestParameters.a.b", "no.such.field"])
def test_a_field_that_is_absent_is_not_the_value_that_is_excluded(tmp_path: Path, field: str) -> None:
    detection = f"selection:\n    eventName: GetObject\nfilter:\n    {field}: x\ncondition: selection and not filter"
    assert hits(tmp_path, detection, {}, {"eventName": "Other"}) == "0"


def test_any_and_all_of_several_selections(tmp_path: Path) -> None:
    detection = """
selection_a:
    eventName: [GetObject, PutObject]
selection_b:
    - userAgent: boto
    - errorCode: AccessDenied
condition: all of selection_*
"""
    records = [{"userAgent": "boto"}, {"errorCode": "AccessDenied"}, {}, {"eventName": "X", "userAgent": "boto"}]
    assert hits(tmp_path, detection, *records) == "01"


def test_what_a_rule_says_is_never_sql(tmp_path: Path) -> None:
    hostile = "x') OR TRUE --"
    escaped = hostile.replace("'", "''")
    assert (
        hits(tmp_path, f"selection:\n    eventName: '{escaped}'\ncondition: selection", {}, {"eventName": hostile})
        == "1"
    )


@pytest.mark.parametrize("name", ["a' OR TRUE --", 'a"b', "requestParameters.a'b", "a..b", "a b"])
def test_what_a_rule_calls_a_field_is_never_sql(tmp_path: Path, name: str) -> None:
    text = json.dumps({name: "x"})
    rules, refused = load(rule(tmp_path / "rules", f"selection: {text}\ncondition: selection"))
    assert not rules
    assert "no name of CloudTrail's" in refused[0].reason


@pytest.mark.parametrize(
    ("detection", "logsource", "why"),
    [
        ("selection:\n    eventName: X\ncondition: selection", "{product: windows, category: x}", "not aws cloudtrail"),
        ("keywords: [x]\ncondition: keywords", "{product: aws, service: cloudtrail}", "the whole record"),
        ("selection:\n    eventVersion: '1'\ncondition: selection", "{product: aws, service: cloudtrail}", "not kept"),
        ("selection:\n    a|expand: '%x%'\ncondition: selection", "{product: aws, service: cloudtrail}", "placeholder"),
        ("selection:\n    a: x\ncondition: other", "{product: aws, service: cloudtrail}", "other"),
        (
            "selection:\n    userAgent|cidr: 10.0.0.0/8\ncondition: selection",
            "{product: aws, service: cloudtrail}",
            "network",
        ),
    ],
)
def test_what_cannot_be_converted_says_why(tmp_path: Path, detection: str, logsource: str, why: str) -> None:
    rules, refused = load(rule(tmp_path / "rules", detection, logsource=logsource))
    assert not rules
    assert why in refused[0].reason


def test_a_folder_s_other_files_do_not_hide_its_rules(tmp_path: Path) -> None:
    folder = rule(tmp_path / "rules", "selection:\n    eventName: X\ncondition: selection", "good")
    (folder / "broken.yml").write_text("a: [", encoding="utf-8")
    (folder / "correlation.yml").write_text("title: c\ncorrelation: {}", encoding="utf-8")
    (folder / "twice.yml").write_text((folder / "good.yml").read_text("utf-8"), encoding="utf-8")
    (folder / "README.md").write_text("x", encoding="utf-8")
    rules, refused = load(folder)
    assert [one.title for one in rules] == ["good"]
    assert [(one.file, one.reason.split(":")[0]) for one in refused] == [
        ("broken.yml", "cannot be read"),
        ("correlation.yml", "no detection in it"),
        ("twice.yml", "its id is that of good.yml"),
    ]


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no Sigma rule"):
        load(tmp_path)


def test_without_the_extra_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "stanch.trail.sigma.read", None)
    monkeypatch.delattr("stanch.trail.sigma.read", raising=False)
    with pytest.raises(Environment, match=r"stanch\[sigma\]"):
        load(tmp_path)


def test_signals_are_counted_dated_and_may_be_one_principal_s(tmp_path: Path) -> None:
    folder = rule(tmp_path / "rules", "selection:\n    eventName: GetObject\ncondition: selection")
    rules, _ = load(rule(folder, "selection:\n    eventName: Never\ncondition: selection", "never"))
    ana, bob = ({"userIdentity": {"arn": f"arn:aws:iam::111122223333:user/{name}"}} for name in ("ana", "bob"))
    logs = trail(
        tmp_path, {**bob, "eventTime": "2026-03-20T03:00:00Z"}, ana, {**ana, "eventTime": "2026-03-22T00:00:00Z"}
    )
    (both,) = signals(logs, rules, *ALWAYS)
    assert (both.count, both.events) == (3, ("1", "0", "2"))
    assert (both.first[:13], both.last[:10]) == ("2026-03-20T02", "2026-03-22")
    (day,) = signals(logs, rules, datetime(2026, 3, 20, tzinfo=UTC), datetime(2026, 3, 21, tzinfo=UTC))
    assert day.events == ("1", "0")
    (own,) = signals(logs, rules, *ALWAYS, principal="arn:aws:iam::111122223333:user/bob")
    assert own.events == ("0",)
    assert signals(logs, (), *ALWAYS) == ()


def at(record: dict[str, Any], path: str) -> Iterator[Any]:
    """Every value at a path, also through lists."""
    here: list[Any] = [record]
    for name in path.split("."):
        spread = [item for one in here for item in (one if isinstance(one, list) else [one])]
        here = [one[name] for one in spread if isinstance(one, dict) and one.get(name) is not None]
    for one in here:
        yield from one if isinstance(one, list) else [one]


def says(record: dict[str, Any], path: str, *texts: str) -> bool:
    return any(str(one).lower() in {text.lower() for text in texts} for one in at(record, path))


def succeeded(record: dict[str, Any]) -> bool:
    return record.get("errorCode") is None or says(record, "errorCode", "Success")


PREDICATES: dict[str, Callable[[dict[str, Any]], bool]] = {
    "aws_sts_assumerole_misuse": lambda e: (
        says(e, "userIdentity.type", "AssumedRole")
        and says(e, "userIdentity.sessionContext.sessionIssuer.type", "Role")
    ),
    "aws_cloudtrail_disable_logging": lambda e: (
        says(e, "eventSource", "cloudtrail.amazonaws.com")
        and says(e, "eventName", "StopLogging", "UpdateTrail", "DeleteTrail")
    ),
    "aws_enum_buckets": lambda e: (
        says(e, "eventSource", "s3.amazonaws.com")
        and says(e, "eventName", "ListBuckets")
        and not says(e, "userIdentity.type", "AssumedRole")
    ),
    "aws_update_login_profile": lambda e: (
        says(e, "eventSource", "iam.amazonaws.com")
        and says(e, "eventName", "UpdateLoginProfile")
        and not any(says(e, "userIdentity.arn", str(one)) for one in at(e, "requestParameters.userName"))
    ),
    "aws_root_account_usage": lambda e: (
        says(e, "userIdentity.type", "Root") and not says(e, "eventType", "AwsServiceEvent")
    ),
    "aws_cloudtrail_ssm_malicious_usage": lambda e: (
        says(e, "eventSource", "ssm.amazonaws.com") and says(e, "eventName", "SendCommand") and succeeded(e)
    ),
    "aws_cloudtrail_console_login_success_without_mfa": lambda e: (
        says(e, "eventName", "ConsoleLogin")
        and says(e, "additionalEventData.MFAUsed", "NO")
        and says(e, "responseElements.ConsoleLogin", "Success")
    ),
    "aws_iam_backdoor_users_keys": lambda e: (
        says(e, "eventSource", "iam.amazonaws.com")
        and says(e, "eventName", "CreateAccessKey")
        and not any("responseelements.accesskey.username" in str(one).lower() for one in at(e, "userIdentity.arn"))
    ),
    "aws_ec2_startup_script_change": lambda e: (
        says(e, "eventSource", "ec2.amazonaws.com")
        and says(e, "requestParameters.attribute", "userData")
        and says(e, "eventName", "ModifyInstanceAttribute")
    ),
    "aws_cloudtrail_vpc_flow_logs_deleted": lambda e: says(e, "eventName", "DeleteFlowLogs") and succeeded(e),
}
"""Some of the rules, by hand."""


@pytest.mark.corpora
@pytest.mark.skipif(not RULES.is_dir(), reason="the shared corpora are not beside the project")
def test_rules_fire_on_exactly_the_real_records_that_python_finds(tmp_path: Path) -> None:
    records: dict[str, dict[str, Any]] = {}
    for path in sorted((CORPORA / "cloudtrail").glob("*.ndjson")):
        lines = [json.loads(line)["event"] for line in path.read_text("utf-8").splitlines()]
        records |= {one["eventID"]: one for one in reversed(lines) if "eventID" in one}
        (tmp_path / path.name).write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    logs = Trail.load(tmp_path)
    kept = {str(one["event_id"]) for one in logs.query("SELECT event_id FROM events")}
    rules, refused = load(RULES)
    assert (len(rules), refused) == (57, ())
    fired = {Path(one.rule.file).stem: set(one.events) for one in signals(logs, rules, *ALWAYS)}
    for name, predicate in PREDICATES.items():
        assert fired.get(name, set()) == {key for key, one in records.items() if key in kept and predicate(one)}, name
    assert sum(bool(fired.get(name)) for name in PREDICATES) >= 6
