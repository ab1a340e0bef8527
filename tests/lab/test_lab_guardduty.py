import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from stanch.lab import guardduty
from stanch.lab.dice import dice
from stanch.lab.run import Lab
from stanch.lab.scenarios import catalogue
from stanch.lab.write import load
from stanch.model.errors import BadInput

Door = Callable[..., Any]


def details(lab: Lab, scenario: str) -> list[dict[str, Any]]:
    act = catalogue()[scenario].play(lab.world, lab.clock.now(), dice(lab.world.seed, scenario))
    load(act)
    return [json.loads(json.dumps(one["detail"])) for one in act.findings]


@pytest.mark.parametrize("scenario", sorted(catalogue()))
def test_every_finding_has_botocores_shape_and_can_be_fetched_again(lab: Lab, scenario: str, door: Door) -> None:
    for detail in details(lab, scenario):
        assert guardduty.problems(detail) == ""
        client = door(detail["accountId"], "guardduty")
        detector = detail["service"]["detectorId"]
        assert detail["id"] in client.list_findings(DetectorId=detector)["FindingIds"]
        again = client.get_findings(DetectorId=detector, FindingIds=[detail["id"]])["Findings"]
        assert again == [guardduty.api_form(detail)]


def test_an_update_replaces_the_finding(lab: Lab, door: Door) -> None:
    (detail,) = details(lab, "port_probe")
    detail["service"]["count"] = 4
    guardduty.put(detail)
    detector = detail["service"]["detectorId"]
    client = door(detail["accountId"], "guardduty")
    (again,) = client.get_findings(DetectorId=detector, FindingIds=[detail["id"]])["Findings"]
    assert again["Service"]["Count"] == 4


def test_what_aws_could_not_have_sent_is_refused(lab: Lab) -> None:
    (detail,) = details(lab, "port_probe")
    with pytest.raises(BadInput, match="severitee"):
        guardduty.put({**detail, "severitee": 2})
    with pytest.raises(BadInput, match="Severity"):
        guardduty.put({**detail, "severity": "low"})
    with pytest.raises(BadInput, match="no detector"):
        guardduty.put({**detail, "service": {**detail["service"], "detectorId": "0" * 32}})


def test_unknown_ids_and_foreign_detectors(lab: Lab, door: Door) -> None:
    (detail,) = details(lab, "port_probe")
    client = door(detail["accountId"], "guardduty")
    assert client.get_findings(DetectorId=detail["service"]["detectorId"], FindingIds=["0" * 32])["Findings"] == []
    with pytest.raises(ClientError, match="BadRequest"):
        client.get_findings(DetectorId="0" * 32, FindingIds=[detail["id"]])
