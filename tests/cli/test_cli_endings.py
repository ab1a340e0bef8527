"""How a case ends when something is wrong: clearly, with a reason, and with nothing half done and unreported."""

import json
from copy import deepcopy
from typing import Any

from stanch.lab.world import PROD, SANDBOX

from .desk import DANA, Desk, LabCloud, Ran

MARIA = "maria.lindqvist"


def containments(told: Ran) -> dict[str, dict[str, Any]]:
    """Each containment by action."""
    return {one["id"].split("/")[1]: one for one in told.case["containments"]}


def states_of(told: Ran) -> dict[str, str]:
    return {name: one["state"] for name, one in containments(told).items()}


def instance(lab: LabCloud) -> str:
    return str(lab.finding("crypto_mining")["detail"]["resource"]["instanceDetails"]["instanceId"])


def test_malformed_records_are_named_with_their_field_and_the_others_go_on(stanch: Desk, lab: LabCloud) -> None:
    unweighed = deepcopy(lab.finding("port_probe"))
    del unweighed["detail"]["severity"]
    good = lab.finding("port_probe")
    file = stanch.write("findings.ndjson", '{"cut short', unweighed, {"detail-type": "Scheduled Event"}, good)
    for argv in (("replay", file), ("respond", file, "--once")):
        told = stanch(*argv, "--json")
        assert told.code == 3
        skips = {one["record"]: one["reason"] for one in told.of("skip")}
        assert list(skips) == [f"{file}:1", f"{file}:2", f"{file}:3"]
        assert "not JSON" in skips[f"{file}:1"]
        assert "severity" in skips[f"{file}:2"]
        assert told.case["findings"] == [good["detail"]["id"]]
        assert told.case["outcome"] == "queue"
        assert told.summary == {"kind": "summary", "records": 4, "findings": 1, "skips": 3, "errors": 2, "cases": 1}
    person = stanch("replay", file)
    assert person.code == 3
    assert f"cannot be read: {file}:2" in person.out
    assert f"no finding: {file}:3" in person.out


def test_what_nobody_may_act_on_ends_with_its_reason_and_without_a_call(stanch: Desk, lab: LabCloud) -> None:
    """An unknown type, root, and samples that name a real host, each with a severity and an override that would act."""
    strange, titled, flagged = (_mining(lab, letter) for letter in "abc")
    strange["detail"] |= {"type": "CryptoCurrency:EC2/NobodyKnowsThis.Z", "severity": 9}
    titled["detail"]["title"] = f"[SAMPLE] {titled['detail']['title']}"
    flagged["detail"]["service"]["additionalInfo"] = {"value": json.dumps({"sample": True}), "type": "default"}
    root = lab.finding("root_login")
    told = stanch("respond", stanch.write("all.ndjson", strange, titled, flagged, root), "--once", "--json", *DANA)
    by_finding = {finding: case for case in told.of("case") for finding in case["findings"]}

    def ending(finding: Any) -> tuple[str, str, list[Any]]:
        case = by_finding[finding["detail"]["id"]]
        return case["tier"], case["outcome"], case["reasons"]

    tier, outcome, reasons = ending(strange)
    assert (tier, outcome) == ("low", "queue")
    assert "nobody has judged" in reasons[0]
    for sample in (titled, flagged):
        tier, outcome, reasons = ending(sample)
        assert (tier, outcome) == ("low", "queue")
        assert "sample" in reasons[0]
    tier, outcome, reasons = ending(root)
    assert (tier, outcome) == ("high", "escalate")
    assert "root user" in reasons[0]
    assert any("a person must" in one for one in reasons)
    assert told.code == 3
    assert told.summary["errors"] == 0
    assert [one["calls"] for one in told.of("case") if one["calls"]] == []
    assert lab.changes == []


def test_a_denied_attach_takes_the_policy_away_again_and_pages(stanch: Desk, lab: LabCloud) -> None:
    lab.remote.deny("iam:AttachUserPolicy")
    told = stanch(*lab.command("leaked_user_key", *lab.logs, *DANA))
    case, done = told.case, containments(told)
    assert (case["outcome"], case["verified"], told.code) == ("escalate", False, 3)
    assert (done["I2"]["state"], done["I2"]["left"]) == ("failed", [])
    assert any("AttachUserPolicy" in one and "AccessDenied" in one for one in case["reasons"])
    made = [(one["call"], one["result"] == "ok") for one in case["calls"]]
    assert made[-3:] == [("iam:CreatePolicy", True), ("iam:AttachUserPolicy", False), ("iam:DeletePolicy", True)]
    assert lab.inside(PROD.id).policies == {}
    # The key, which is a containment of its own, is cut and says so.
    assert done["I1"]["state"] == "contained"
    assert set(lab.inside(PROD.id).keys(MARIA).values()) == {"Inactive"}
    assert f"Deny IAM user on {MARIA} failed" in told.err
    (page,) = stanch("case", "show", case["case"], "--json").lines[0]["file"]["pages"]
    assert "AttachUserPolicy" in page


def test_a_second_interface_that_is_denied_gives_the_first_its_groups_back(stanch: Desk, lab: LabCloud) -> None:
    host, inside = instance(lab), lab.inside(SANDBOX.id)
    before = inside.groups(host)
    faces = sorted(one["networkInterfaceId"] for one in _interfaces(lab))
    lab.refuse("Action=ModifyNetworkInterfaceAttribute", f"NetworkInterfaceId={faces[1]}")
    told = stanch(*lab.command("crypto_mining", *DANA))
    case, done = told.case, containments(told)
    assert (case["outcome"], case["verified"], told.code) == ("escalate", False, 3)
    moved = [
        (one["params"]["NetworkInterfaceId"], one["result"] == "ok")
        for one in case["calls"]
        if one["call"] == "ec2:ModifyNetworkInterfaceAttribute"
    ]
    assert moved == [(faces[0], True), (faces[1], False), (faces[0], True)]
    assert inside.groups(host) == before
    assert (done["E4"]["state"], done["E4"]["left"]) == ("failed", [])
    assert any("ModifyNetworkInterfaceAttribute" in one for one in case["reasons"])
    assert f"Isolate instance on {host} failed" in told.err
    shown = stanch("case", "show", case["case"]).out
    head = next(line for line in shown.splitlines() if line.startswith(case["case"]))
    assert "escalate" in head
    isolation = shown[shown.index("E4 ") :]
    assert "contained" not in isolation
    assert "in place" not in isolation


def test_a_first_interface_that_cannot_be_given_back_is_reported_as_left(stanch: Desk, lab: LabCloud) -> None:
    lab.remote.deny("ec2:ModifyNetworkInterfaceAttribute", first=2)
    told = stanch(*lab.command("crypto_mining", *DANA))
    case, isolation = told.case, containments(told)["E4"]
    assert (case["outcome"], case["verified"], told.code) == ("escalate", False, 3)
    assert isolation["state"] == "failed"
    assert any("undoing it failed too" in one for one in isolation["left"])
    assert "undoing it failed too" in told.err
    isolated = [names for names in lab.inside(SANDBOX.id).groups(instance(lab)).values() if "isolation" in names[0]]
    assert len(isolated) == 1
    # Once the permission is back, the next run puts it right.
    lab.remote.clear()
    again = stanch("respond", "--once", "--json")
    assert again.code == 0
    assert not any(
        "isolation" in name for names in lab.inside(SANDBOX.id).groups(instance(lab)).values() for name in names
    )
    shown = stanch("case", "show", case["case"], "--json").case
    assert [one["left"] for one in shown["containments"]] == [[], []]
    assert shown["verified"] is False


def test_a_denied_snapshot_does_not_stop_the_isolation(stanch: Desk, lab: LabCloud) -> None:
    lab.remote.deny("ec2:CreateSnapshots")
    told = stanch(*lab.command("crypto_mining", *DANA))
    case = told.case
    assert (case["outcome"], case["verified"], told.code) == ("escalate", False, 3)
    assert states_of(told) == {"E1": "failed", "E4": "contained"}
    assert any("CreateSnapshots" in one for one in case["reasons"])
    groups = lab.inside(SANDBOX.id).groups(instance(lab))
    assert len(groups) == 2
    assert all(names[0].startswith("stanch-isolation-") and len(names) == 1 for names in groups.values())


def test_evidence_alone_is_no_containment(stanch: Desk, lab: LabCloud) -> None:
    lab.remote.deny("ec2:DescribeNetworkInterfaces")
    told = stanch(*lab.command("crypto_mining", *DANA))
    assert any("DescribeNetworkInterfaces" in one["reason"] for one in told.case["refusals"])
    assert "ModifyNetworkInterfaceAttribute" not in lab.changes
    assert told.code == 3
    assert states_of(told) == {"E1": "contained"}
    assert told.case["outcome"] == "escalate"


def _interfaces(lab: LabCloud) -> Any:
    return lab.finding("crypto_mining")["detail"]["resource"]["instanceDetails"]["networkInterfaces"]


def _mining(lab: LabCloud, letter: str) -> Any:
    """The finding that would be contained, under another id."""
    finding = lab.finding("crypto_mining")
    finding["detail"]["id"] = letter * 32
    return finding
