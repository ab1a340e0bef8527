"""`stanch doctor`: what must be right before stanch acts, each line with its fix; it changes nothing."""

from typing import Any

from .desk import Desk, LabCloud, Ran


def by_name(told: Ran) -> dict[str, dict[str, Any]]:
    assert all(set(line) == {"check", "level", "says", "fix"} for line in told.lines)
    return {line["check"]: line for line in told.lines}


def test_in_an_empty_folder_it_says_what_is_missing_and_how_to_mend_it(stanch: Desk, lab: LabCloud) -> None:
    told = stanch("doctor", "--json")
    found = by_name(told)
    assert told.code == 5
    assert found["configuration"]["level"] == "ok"
    assert (found["profile"]["level"], found["profile"]["fix"]) == (
        "fail",
        'write profile = "article" into stanch.toml',
    )
    assert {found[name]["level"] for name in ("context", "break-glass", "checkpoints", "GuardDuty")} == {"warn"}
    assert all(one["fix"] for one in found.values() if one["level"] == "warn")
    assert "simulated" in found["credentials"]["says"]
    for name in ("credential_exfiltration", "crypto_mining", "malicious_ip"):
        assert found[f"playbook {name}"]["says"].startswith("observe: in observation since")
    assert lab.changes == []


def test_once_everything_is_as_it_says_it_passes(stanch: Desk, lab: LabCloud) -> None:
    checkpoints = stanch.folder.parent / "checkpoints.log"
    (stanch.folder / "stanch.toml").write_text(
        f'profile = "article"\ncheckpoints = "{checkpoints}"\ncontext = "{lab.simulation / "context.yaml"}"\n',
        encoding="utf-8",
    )
    told = stanch("doctor", "--json")
    found = by_name(told)
    assert told.code == 0
    assert "fail" not in {one["level"] for one in found.values()}
    assert not {"context", "break-glass", "checkpoints"} & set(found)
    assert "a stolen key works again" in found["profile"]["says"]
    person = stanch("doctor")
    assert (person.code, person.err) == (0, "")
    assert "ok    profile: article: every containment reverts after 4 hours" in person.out
    assert lab.changes == []


def test_a_broken_configuration_is_the_first_and_only_line(stanch: Desk) -> None:
    (stanch.folder / "stanch.toml").write_text('profil = "article"\n', encoding="utf-8")
    told = stanch("doctor", "--json")
    assert told.code == 5
    assert [(one["check"], one["level"]) for one in told.lines] == [("configuration", "fail")]
    assert "profil" in told.lines[0]["says"]


def test_without_credentials_it_says_where_to_get_them(stanch: Desk) -> None:
    stanch.variables |= {"AWS_EC2_METADATA_DISABLED": "true", "STANCH_PROFILE": "article", "AWS_REGION": "eu-west-1"}
    found = by_name(stanch("doctor", "--json"))
    assert found["credentials"]["level"] == "fail"
    assert "AWS_PROFILE" in found["credentials"]["says"]


def test_a_detector_that_may_not_be_asked_is_a_warning(stanch: Desk, lab: LabCloud) -> None:
    lab.remote.deny("guardduty:ListDetectors")
    stanch.variables["STANCH_PROFILE"] = "article"
    told = stanch("doctor", "--json")
    warned = by_name(told)["detector"]
    assert told.code == 0
    assert warned["level"] == "warn"
    assert "guardduty:ListDetectors" in warned["says"]
    assert warned["fix"]
