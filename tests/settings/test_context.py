from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from stanch.model.context import (
    Account,
    Asset,
    Availability,
    Context,
    Flow,
    KnownResource,
    Networks,
    Organisation,
    Partner,
    Pipeline,
    Window,
)
from stanch.model.errors import BadInput
from stanch.settings.context import load_context

WHOLE = """
now: 2026-11-23T01:45:00Z
organisation:
  name: example
  accounts:
    - {id: "011122223333", name: build, env: ci}
    - {id: 111122223333, env: prod}
networks:
  vpn: [203.0.113.0/28]
  ci: [198.51.100.7, "2001:db8::/64"]
vpc_endpoints: [vpce-0a1]
pipelines:
  - {role: "arn:aws:iam::111122223333:role/deploy", provider: github, subject: "repo:x/y", networks: ci}
change_windows:
  - {principal: deploy, from: 2026-11-23 01:00:00, to: "2026-11-23T05:00:00+02:00", ticket: CHG-7}
partners:
  - {name: auditor, accounts: [444455556666], networks: [192.0.2.0/24]}
break_glass: ["arn:aws:iam::111122223333:role/break-glass"]
penetration_tests:
  - {principal: red, from: 2026-11-23, to: 2026-11-24}
service_map:
  - {from: sg-1, to: sg-2, ports: [443, 5432]}
assets:
  - {arn: "arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1", tier: 1, stateful: true, workload: tor-gateway}
sources: {cloudtrail_management: true, s3_data_events: off, baseline_days: 90}
resources:
  "arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1":
    tags: {env: prod, build: 7, protected: true}
    state: {launched: 2026-11-01T00:00:00Z, groups: [sg-1], public: null}
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "context.yaml"
    path.write_text(text)
    return path


def test_every_fact_is_read(tmp_path: Path) -> None:
    host = "arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1"

    def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
        return datetime(2026, 11, day, hour, minute, tzinfo=UTC)

    assert load_context(write(tmp_path, WHOLE)) == Context(
        now=at(23, 1, 45),
        organisation=Organisation(
            "example", (Account("011122223333", "build", "ci"), Account("111122223333", "", "prod"))
        ),
        networks=Networks(vpn=("203.0.113.0/28",), ci=("198.51.100.7/32", "2001:db8::/64")),
        vpc_endpoints=("vpce-0a1",),
        pipelines=(Pipeline("arn:aws:iam::111122223333:role/deploy", "github", "repo:x/y", "ci"),),
        change_windows=(Window("deploy", at(23, 1), at(23, 3), "CHG-7"),),
        partners=(Partner("auditor", ("444455556666",), ("192.0.2.0/24",)),),
        break_glass=("arn:aws:iam::111122223333:role/break-glass",),
        penetration_tests=(Window("red", at(23), at(24)),),
        service_map=(Flow("sg-1", "sg-2", (443, 5432)),),
        assets=(Asset(host, "1", stateful=True, workload="tor-gateway"),),
        sources=Availability(cloudtrail_management=True, s3_data_events=False, baseline_days=90),
        resources=(
            KnownResource(
                host,
                (("env", "prod"), ("build", "7"), ("protected", "true")),
                {"launched": "2026-11-01T00:00:00+00:00", "groups": ["sg-1"], "public": None},
            ),
        ),
        digest=sha256(WHOLE.encode()).hexdigest(),
    )


def test_every_key_may_be_missing(tmp_path: Path) -> None:
    assert load_context(None) == Context()
    for text in ("", "# nothing yet\n", "networks:\npipelines:\n"):
        assert load_context(write(tmp_path, text)) == Context(digest=sha256(text.encode()).hexdigest())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("pipeline: []", "the key pipeline is not known; there are now, organisation"),
        ("networks: {vpm: []}", r"the key networks\.vpm is not known"),
        ("pipelines: [{rol: x}]", r"the key pipelines\[0\]\.rol is not known"),
        ("pipelines: [{provider: x}]", r"pipelines\[0\]\.role is missing"),
        ("pipelines: [{role: x, networks: home}]", r"pipelines\[0\]\.networks must be one of vpn, office, ci, egress"),
        ("networks: {vpn: [203.0.113.0/40]}", r"networks\.vpn\[0\] must be a network"),
        ("now: yesterday", "now must be a time such as"),
        ("now: 7", "now must be a time"),
        ("change_windows: [{principal: x, from: 2026-11-24, to: 2026-11-23}]", r"to must be later than"),
        ("break_glass: [root]", r"break_glass\[0\] must be an ARN, not 'root'"),
        ("resources: {i-0a1: {}}", r"resources\.i-0a1 must be an ARN"),
        ("organisation: {accounts: [{id: 011122223333}]}", r"accounts\[0\]\.id must be an account id of 12 digits"),
        ("organisation: {accounts: {id: x}}", r"organisation\.accounts must be a list"),
        ("service_map: [{from: a, to: b, ports: [70000]}]", r"ports\[0\] must be a whole number from 0 to 65535"),
        ("sources: {vpc_flow: maybe}", r"sources\.vpc_flow must be true or false"),
        ("sources: {baseline_days: -1}", r"sources\.baseline_days must be a whole number"),
        ("now: 2026-11-23\nnow: 2026-11-24", "the key 'now' stands twice"),
        ("- now", "the whole file must be a table"),
        ("now: [", "is not YAML that can be read"),
        ("!!python/object/apply:os.getcwd []", "is not YAML that can be read"),
        ('resources: {"arn:aws:s3:::b": {state: &a [*a]}}', "nested 32 levels deep at most"),
        ('resources: {"arn:aws:s3:::b": {state: .nan}}', "must be a number that JSON can write"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_file_and_key(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(BadInput, match=why) as error:
        load_context(write(tmp_path, text))
    assert str(tmp_path / "context.yaml") in str(error.value)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        load_context(tmp_path / "absent.yaml")


LIMITS = """
organisation: {accounts: [{id: "111122223333", env: Staging, ou: /root/workloads/}, {id: "444455556666"}]}
protected: {arns: ["arn:aws:s3:::ledger"], accounts: ["444455556666"], ous: [root], principals: []}
privileged: ["arn:aws:iam::*:role/admin"]
freezes:
  - {from: 2026-12-20T00:00:00Z, to: 2026-12-22T00:00:00Z, reason: soft, accounts: ["111122223333"]}
  - {from: 2026-12-21T00:00:00Z, to: 2026-12-22T00:00:00Z, reason: hard, all: true}
"""


def test_limits_are_read_and_answer(tmp_path: Path) -> None:
    file = tmp_path / "context.yaml"
    file.write_text(LIMITS, encoding="utf-8")
    context = load_context(file)
    assert context.account("111122223333").environment == "non-production"
    assert context.account("999999999999").environment == "production"
    units = [context.in_protected_ou(one) for one in ("111122223333", "444455556666", "999999999999")]
    assert units == ["yes", "unknown", "unknown"]
    assert context.privileged == ("arn:aws:iam::*:role/admin",)

    def frozen(account: str, day: int, hour: int) -> str:
        found = context.freeze(account, datetime(2026, 12, day, hour, tzinfo=UTC))
        return found.reason if found else ""

    assert frozen("111122223333", 20, 0) == "soft"
    assert frozen("444455556666", 20, 0) == ""
    assert frozen("111122223333", 21, 0) == frozen("444455556666", 21, 0) == "hard"
    assert frozen("111122223333", 22, 0) == frozen("111122223333", 19, 23) == ""


@pytest.mark.parametrize(
    "text",
    [
        "protected: {tags: [keep]}",
        "protected: {arns: [ledger]}",
        "freezes: [{from: 2026-12-20T00:00:00Z, to: 2026-12-19T00:00:00Z, reason: a}]",
        "freezes: [{from: 2026-12-20T00:00:00Z, to: 2026-12-21T00:00:00Z}]",
        "freezes: [{from: 2026-12-20T00:00:00Z, to: 2026-12-21T00:00:00Z, reason: a, accounts: []}]",
        "privileged: [admin]",
    ],
)
def test_a_limit_that_says_nothing_usable_is_an_error(tmp_path: Path, text: str) -> None:
    file = tmp_path / "context.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=r"context\.yaml"):
        load_context(file)
