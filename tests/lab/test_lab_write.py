import gzip
import ipaddress
import json
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from stanch.lab.cloudtrail import Event
from stanch.lab.run import Lab
from stanch.lab.scenarios import catalogue
from stanch.lab.world import ACCOUNTS, NETWORKS, PROD
from stanch.lab.write import Simulation

TELLING = ("attack", "malicious", "evil", "hack", "pwn", "exfil", "stratus", "pacu", "kali", "miner", "steal", "stolen")


def records(simulation: Simulation) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for file in sorted(simulation.logs.rglob("*.json.gz")):
        for one in json.loads(gzip.decompress(file.read_bytes()))["Records"]:
            assert file.parts[-7] == one["recipientAccountId"]
            assert file.parts[-4:-1] == tuple(one["eventTime"][:10].split("-"))
            assert one["eventID"] not in found
            found[one["eventID"]] = one
    return found


def truth(simulation: Simulation) -> dict[str, dict[str, str]]:
    rows = [json.loads(line) for line in simulation.truth.read_text(encoding="utf-8").splitlines()]
    assert all(list(row) == ["event_id", "actor", "session", "run", "intent", "scenario"] for row in rows)
    return {row["event_id"]: row for row in rows}


def test_the_truth_covers_every_event_and_no_other(simulation: Simulation) -> None:
    known, logged = truth(simulation), records(simulation)
    assert set(known) == set(logged)
    intents = Counter(row["intent"] for row in known.values())
    assert set(intents) == {"benign", "attack"}
    assert intents["benign"] > 50 * intents["attack"]
    attacks = {name for name, one in catalogue().items() if one.intent == "attack"}
    assert {row["scenario"] for row in known.values() if row["intent"] == "attack"} == attacks


def test_the_same_world_and_time_write_the_same_bytes(lab: Lab, simulation: Simulation, tmp_path: Path) -> None:
    def content(folder: Path) -> dict[str, bytes]:
        return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}

    lab.write(tmp_path)
    assert content(tmp_path) == content(simulation.folder)


def test_the_traffic_is_long_enough_for_baselines_and_ends_before_now(simulation: Simulation, now: datetime) -> None:
    times = [datetime.fromisoformat(one["eventTime"]) for one in records(simulation).values()]
    assert max(times) < now
    assert max(times) - min(times) > timedelta(days=14)
    hosts = [one.role.arn for one in simulation.world.hosts.values()]
    first = {arn: min(event.time for event in simulation.events if f"{event.actor}" == arn) for arn in hosts}
    assert all(now - at > timedelta(days=14) for at in first.values())


def test_nothing_in_the_attacks_gives_them_away(simulation: Simulation) -> None:
    agents = {one["userAgent"] for one in _records(simulation, "benign")}
    for one in _records(simulation, "attack"):
        text = json.dumps(one).lower()
        assert not [word for word in TELLING if word in text]
        assert one["userAgent"] in agents
        assert set(one) <= {key for other in _records(simulation, "benign") for key in other}


def test_the_look_alike_differs_only_in_whose_address_it_is(simulation: Simulation) -> None:
    attack, benign = (_normal(simulation, one) for one in ("stolen_instance_credentials", "vpn_look_alike"))
    assert attack == benign
    (thief,), (ours,) = (_callers(simulation, one) for one in ("stolen_instance_credentials", "vpn_look_alike"))
    assert any(ours in ipaddress.ip_network(one) for one in NETWORKS["vpn"])
    assert not [one for ranges in NETWORKS.values() for one in ranges if thief in ipaddress.ip_network(one)]
    assert catalogue()["stolen_instance_credentials"].outcomes != catalogue()["vpn_look_alike"].outcomes
    assert simulation.acts["vpn_look_alike"].targets == ()


def test_the_listed_address_signs_in_after_failures_and_reaches_three_resources(simulation: Simulation) -> None:
    events = [one.record for one in simulation.acts["malicious_caller_on_web"].events]
    logins = [one["responseElements"] for one in events if one["eventName"] == "ConsoleLogin"]
    assert logins == [{"ConsoleLogin": "Failure"}] * 6 + [{"ConsoleLogin": "Success"}]
    assert len({str(one["requestParameters"]) for one in events if one["eventName"] == "GetBucketPolicy"}) >= 3
    (finding,) = _findings(simulation, "malicious_caller_on_web")
    action = finding["detail"]["service"]["action"]["networkConnectionAction"]
    assert action["connectionDirection"] == "INBOUND"
    assert {one["sourceIPAddress"] for one in events} == {action["remoteIpDetails"]["ipAddressV4"]}


def test_the_leaked_key_is_refused_at_five_apis_and_tries_six_services_within_ten_minutes(
    simulation: Simulation,
) -> None:
    events = simulation.acts["leaked_user_key"].events
    assert events[-1].time - events[0].time < timedelta(minutes=10)
    assert len({one.record["eventName"] for one in events if one.record.get("errorCode") == "AccessDenied"}) >= 5
    assert len({one.record["eventSource"] for one in events}) >= 6
    key = simulation.world.users["maria.lindqvist"].key
    assert {one.session for one in events} == {key}


def test_every_scenario_writes_its_findings_as_eventbridge_sends_them(simulation: Simulation, now: datetime) -> None:
    assert {one.stem for one in simulation.findings.iterdir()} == set(catalogue())
    for scenario in catalogue():
        for one in _findings(simulation, scenario):
            assert (one["source"], one["detail-type"]) == ("aws.guardduty", "GuardDuty Finding")
            assert one["account"] == one["detail"]["accountId"]
            assert datetime.fromisoformat(one["detail"]["updatedAt"]) < now


def test_the_operators_facts_are_about_this_world(simulation: Simulation) -> None:
    facts = yaml.safe_load(simulation.context.read_text(encoding="utf-8"))
    assert [one["id"] for one in facts["organisation"]["accounts"]] == [one.id for one in ACCOUNTS]
    assert facts["break_glass"] == [f"arn:aws:iam::{PROD.id}:user/bg-ops"]
    assert facts["networks"]["vpn"] == list(NETWORKS["vpn"])
    for host in simulation.world.hosts.values():
        assert any(
            ipaddress.ip_address(host.public) in ipaddress.ip_network(one) for one in facts["networks"]["egress"]
        )


def _records(simulation: Simulation, intent: str) -> list[dict[str, Any]]:
    return [dict(one.record) for one in simulation.events if one.intent == intent]


def _findings(simulation: Simulation, scenario: str) -> list[dict[str, Any]]:
    return [json.loads((simulation.findings / f"{scenario}.json").read_text(encoding="utf-8"))]


def _woven(simulation: Simulation, scenario: str) -> list[Event]:
    return [one for one in simulation.acts[scenario].events if one.scenario == scenario]


def _callers(simulation: Simulation, scenario: str) -> set[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    return {ipaddress.ip_address(str(one.record["sourceIPAddress"])) for one in _woven(simulation, scenario)}


def _normal(simulation: Simulation, scenario: str) -> str:
    """Events and findings with the names of host, role, session and address taken out."""
    act = simulation.acts[scenario]
    finding = act.findings[0]
    text = json.dumps([[one.record for one in act.events], finding], indent=1)
    host = simulation.world.hosts["payments-api" if "stolen" in scenario else "reports-api"]
    key = next(str(one.session) for one in _woven(simulation, scenario))
    names = [host.instance.id, host.role.id, host.role.id[4:], host.name, key, host.public]
    names += [part for face in host.instance.interfaces for part in (face.id, face.private_ip, *face.groups)]
    names += [face.private_ip.replace(".", "-") for face in host.instance.interfaces]
    names += [str(one) for one in _callers(simulation, scenario)]
    names += [str(one.record[part]) for one in act.events for part in ("eventID", "requestID")]
    names += [str(finding["id"]), str(json.loads(json.dumps(finding))["detail"]["id"])]
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "…")
    return text
