"""The shelf of attacks: each can be played at each stealth, with AWS's own operations, from everybody's addresses."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

import botocore.session
import pytest

from stanch.lab.guardduty import problems
from stanch.lab.organisation import benign
from stanch.lab.organisation.attacks import Stealth, Woven, catalogue, play, weave
from stanch.lab.organisation.benign import (
    assurance,
    console_users,
    look_alikes,
    noise,
    people,
    services,
    terraform,
    vendors,
    workloads,
)
from stanch.lab.organisation.day import Day
from stanch.lab.organisation.found import found
from stanch.lab.organisation.record import Event, Pen
from stanch.lab.organisation.traces import Found
from stanch.lab.organisation.wanted import SHAPES
from stanch.lab.organisation.world import Organisation
from stanch.model.finding import Finding
from stanch.stages.intake import read as intake

NOW = datetime(2026, 11, 20, tzinfo=UTC)
FAMILIES = {
    "credential_exfiltration",
    "crypto_mining",
    "malicious_ip",
    "privilege_escalation",
    "lateral_movement",
    "data_exfiltration",
}
MODELS = {
    "monitoring": ("cloudwatch",),
    "elasticloadbalancing": ("elbv2", "elb"),
    "tagging": ("resourcegroupstaggingapi",),
    "access-analyzer": ("accessanalyzer",),
    "ses": ("ses", "sesv2"),
    "resource-explorer-2": ("resource-explorer-2",),
}
"""Where botocore's name of a service is not the one in `eventSource`."""
RENAMED = {
    "GetAccelerateConfiguration": "GetBucketAccelerateConfiguration",
    "GetBucketObjectLockConfiguration": "GetObjectLockConfiguration",
    "GetBucketPublicAccessBlock": "GetPublicAccessBlock",
}
"""CloudTrail's names for S3's operations where the API has another."""


@pytest.fixture(scope="module")
def organisation() -> Organisation:
    return found(4, 6, 30, NOW)


@cache
def operations(service: str) -> frozenset[str]:
    session = botocore.session.get_session()
    models = MODELS.get(service, (service,))
    return frozenset(name for one in models for name in session.get_service_model(one).operation_names)


def modelled(service: str, name: str) -> bool:
    plain = re.sub(r"(20\d{6})(v\d)?$", "", name)
    return RENAMED.get(plain, plain) in operations(service)


def played(organisation: Organisation) -> Iterator[Woven]:
    for number, attack in enumerate(catalogue().values()):
        for step, stealth in enumerate(Stealth):
            yield play(organisation, attack, number * 3 + step, stealth)


def events(woven: Woven) -> list[dict[str, Any]]:
    return [json.loads(one.text) for one in woven.traces if isinstance(one, Event)]


def test_the_six_families_have_several_attacks_each_under_their_own_name() -> None:
    families = Counter(one.family for one in catalogue().values())
    assert set(families) == FAMILIES
    assert min(families.values()) >= 3
    assert all(name == one.id and one.play.__module__.endswith(f".{one.family}") for name, one in catalogue().items())


def test_each_attack_leaves_traces_and_a_finding_at_each_stealth(organisation: Organisation) -> None:
    start, end = organisation.midnight(0), organisation.midnight(organisation.days)
    for woven in played(organisation):
        assert woven.traces, woven.scenario
        assert all(start <= one.time < end for one in woven.traces), woven.scenario
        if woven.stealth is not Stealth.HIGH:
            assert woven.findings, woven.scenario
        for one in woven.findings:
            assert one.targets
            assert (one.intent, one.scenario) == ("attack", woven.scenario)
            detail = dict(one.body["detail"])  # type: ignore[call-overload]
            assert problems(detail) == "", woven.scenario
            assert isinstance(intake("one", one.body, vouched=True)[0], Finding)


def test_the_stealthy_take_longer_and_make_less_noise(organisation: Organisation) -> None:
    for attack in catalogue().values():
        loud, quiet = (play(organisation, attack, 1, stealth) for stealth in (Stealth.LOW, Stealth.HIGH))
        if len(events(loud)) > 10:
            assert len(events(quiet)) < len(events(loud)), attack.id


def test_attackers_come_from_where_everybody_comes_from(organisation: Organisation) -> None:
    ours = {value for site in organisation.sites for net in site.networks for _, value in net.egress.values}
    ours |= {host.public for site in organisation.sites for host in site.hosts} - {""}
    benign_strangers = {value for one in organisation.people for _, value in one.home.values}
    benign_strangers |= {trip.address for one in organisation.people for trip in one.trips}
    benign_strangers |= {address for one in organisation.vendors for address in one.addresses}
    assert benign_strangers <= set(organisation.strangers)
    used = {
        json.loads(one.text)["sourceIPAddress"]
        for woven in played(organisation)
        for one in woven.traces
        if isinstance(one, Event) and one.intent == "attack"
    }
    assert used <= set(organisation.strangers) | ours
    assert len(used & set(organisation.strangers)) > 20


def test_agents_of_attackers_are_agents_of_others(organisation: Organisation) -> None:
    everyday = {
        json.loads(one.text)["userAgent"]
        for number in (1, 2, 8)
        for day in [Day(organisation, number)]
        for one in (*benign.of_day(day), *(x for site in organisation.sites for x in benign.of_site_day(day, site)))
        if isinstance(one, Event)
    }
    agents = {one["userAgent"] for woven in played(organisation) for one in events(woven)}
    assert agents <= everyday | set(found_agents(organisation))


def found_agents(organisation: Organisation) -> set[str]:
    """Agents of people and programs that happened not to work in those days."""
    people_agents = {agent for one in organisation.people for agent in (one.browser, one.cli)}
    return people_agents | {one.agent for site in organisation.sites for one in site.users}


def test_every_call_of_an_attack_is_an_operation_of_aws(organisation: Organisation) -> None:
    calls = {
        (one["eventSource"].removesuffix(".amazonaws.com"), one["eventName"])
        for woven in played(organisation)
        for one in events(woven)
    }
    assert len(calls) > 60
    assert not [call for call in sorted(calls - {("signin", "ConsoleLogin")}) if not modelled(*call)]


def test_every_everyday_call_is_an_operation_of_aws() -> None:
    steps = {step for made, reads in terraform.KINDS.values() for step in f"{made} {reads}".split()}
    calls = {step.lstrip("~?").partition("!")[0] for step in steps} | set(terraform.CHANGES)
    calls |= {call.rstrip("!") for page in people.PAGES for call in page} | set(people.COMMANDS)
    calls |= {call for some in people.CHANGES.values() for call in some} | set(vendors.SWEEP) | set(assurance.TRIES)
    calls |= {call for _, call in services.OWN} | {call for *_, call in services.LINKED}
    calls |= {call for call, *_ in services.INVENTORY} | set(workloads.CALLS) - {"get", "put"}
    calls |= set(SHAPES)
    calls |= {f"{service}:{operation}" for *_, service, operation in noise.CALLERS} - {"signin:ConsoleLogin"}
    wrong = [call for call in sorted(calls) if not modelled(*call.split(":"))]
    assert not wrong


LOOK_ALIKES = (
    look_alikes.copied_credentials,
    look_alikes.bulk_read,
    look_alikes.changed_roles,
    look_alikes.new_colleague,
)


@pytest.mark.parametrize("happen", LOOK_ALIKES, ids=lambda one: one.__name__)
def test_a_look_alike_raises_a_finding_of_an_attack_and_is_benign(organisation: Organisation, happen: Any) -> None:
    day, site = Day(organisation, 20), organisation.sites[1]
    traces = tuple(happen(day, site, Pen(day.dice("test")), day.midnight.replace(hour=11)))
    told = [one for one in traces if isinstance(one, Found)]
    assert [one.intent for one in told] == ["benign"]
    detail = dict(told[0].body["detail"])  # type: ignore[call-overload]
    assert problems(detail) == ""
    assert detail["severity"] >= 5
    logged = [one for one in traces if isinstance(one, Event)]
    assert {one.intent for one in logged} == {"benign"}
    key = detail["resource"]["accessKeyDetails"]["accessKeyId"]
    assert any(one.session == key for one in logged), "the key of the finding is in the logs"
    assert all(
        modelled(*call) for call in {(one["eventSource"].split(".")[0], one["eventName"]) for one in map(body, logged)}
    )


def body(event: Event) -> dict[str, Any]:
    return dict(json.loads(event.text))


def test_an_attacker_s_records_have_the_form_of_everybody_s(organisation: Organisation) -> None:
    """Which fields a record has, and which parameters a call, must not tell."""

    def forms(events: Iterator[dict[str, Any]]) -> set[tuple[str, ...]]:
        parts = ("requestParameters", "responseElements")
        return {
            form
            for one in events
            for form in (
                ("record", *sorted(one)),
                ("identity", *sorted(one["userIdentity"])),
                *((part, one["eventName"], *sorted(one[part] or {})) for part in parts),
            )
        }

    benign_events = (
        body(one)
        for number in range(30)
        for day in [Day(organisation, number)]
        for one in (
            *benign.of_day(day),
            *(x for site in organisation.sites for x in console_users.of_site_day(day, site)),
        )
        if isinstance(one, Event)
    )
    services_too = (
        body(one)
        for site in organisation.sites
        for one in benign.of_site_day(Day(organisation, 1), site)
        if isinstance(one, Event)
    )
    everyday = forms(benign_events) | forms(services_too)
    telling = forms(one for woven in played(organisation) for one in events(woven)) - everyday
    assert len(telling) <= 6, telling


def test_families_take_turns(organisation: Organisation) -> None:
    woven = weave(organisation, 18, "mixed")
    assert Counter(one.attack.family for one in woven) == dict.fromkeys(FAMILIES, 3)
    assert {one.stealth for one in woven} == set(Stealth)
    assert {one.stealth for one in weave(organisation, 3, "high")} == {Stealth.HIGH}
    assert weave(organisation, 0, "mixed") == ()
