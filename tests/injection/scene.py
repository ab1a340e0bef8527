"""A night of shipped examples in one replay, with room for an attacker's words in every field that he can write."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from stanch import playbooks
from stanch.model.case import Mode
from stanch.model.casefile import CaseFile
from stanch.model.context import Account, Context, Networks, Organisation
from stanch.respond.house import House
from stanch.respond.run import once, running
from stanch.settings import Settings
from stanch.sources import open_source
from stanch.store.database import open_database
from stanch.trail import Trail

SHELF = Path(playbooks.__file__).parent
ATTACKS = (
    "credential_exfiltration/examples/stolen_and_used",
    "crypto_mining/examples/pool_connection",
    "malicious_ip/examples/leaked_key",
)
QUIET = "crypto_mining/examples/name_lookup"
NOW = datetime(2026, 3, 20, 2, 30, tzinfo=UTC)
CONTEXT = Context(
    now=NOW,
    organisation=Organisation("Example", (Account("111122223333", "shop", "staging"),)),
    networks=Networks(vpn=("192.0.2.0/24",), egress=("203.0.113.10/32",)),
)
Write = Callable[[str], str]
"""The name of a field to the text that the attacker writes there."""


class _Still:
    def now(self) -> datetime:
        return NOW


def house(state: Path) -> House:
    """A house that asks AWS nothing; built once, as building is what takes time."""
    return replace(House.build(Settings(state=state), live=False, durable=False), clock=_Still(), context=CONTEXT)


@dataclass(frozen=True)
class Told:
    """What became of one case."""

    outcome: str
    tier: str
    p: float | None
    conclusion: str
    mode: Mode
    targets: tuple[str, ...]
    calls: tuple[str, ...]
    answers: tuple[tuple[str, str], ...]


def told(file: CaseFile) -> Told:
    verdict = file.verdict
    return Told(
        str(file.outcome),
        str(file.tier),
        verdict.p if verdict else None,
        str(verdict.conclusion) if verdict else "",
        file.mode,
        tuple(sorted({one.target.arn for one in file.would})),
        tuple(sorted(f"{call.name} {call.resource}" for one in file.would for call in one.forward)),
        tuple((one.question, str(one.answer)) for one in file.evidence),
    )


def walk(house: House, folder: Path, findings: Sequence[Any], logs: Sequence[Any]) -> dict[str, CaseFile]:
    """The whole replay: real parsers, real trail, real walk; the cases by the id of their first finding."""
    lines = "\n".join(json.dumps(one) for one in findings)
    (folder / "findings.ndjson").write_text(lines, encoding="utf-8")
    own = logged(house, folder, logs)
    with running(own) as engine:
        taken = once(own, engine, (open_source(str(folder / "findings.ndjson")),))
    assert not taken.skips, taken.skips
    return {file.findings[0].id: file for file in own.files()}


def logged(house: House, folder: Path, logs: Sequence[Any]) -> House:
    """The same house with another trail and an empty journal."""
    (folder / "logs.json").write_text(json.dumps({"Records": logs}), encoding="utf-8")
    own = replace(house, database=open_database(None), trail=Trail.load(folder / "logs.json"))
    assert not own.trail.skips
    return own


def example(name: str) -> Any:
    return json.loads((SHELF / name / "findings.ndjson").read_text(encoding="utf-8"))


def night() -> tuple[list[Any], list[Any]]:
    """Three attacks that are contained, and two findings that never are: findings and logs."""
    logs: dict[str, Any] = {}
    for name in ATTACKS:
        read = json.loads((SHELF / name / "logs" / "cloudtrail.json").read_text(encoding="utf-8"))
        logs.update({one["eventID"]: one for one in read["Records"]})
    lookup = example(QUIET)
    text = json.dumps(lookup["detail"]).replace("i-0b2c3d4e5f6071829", "i-0ccccccccccccccc1")
    lookup["detail"] = json.loads(text)
    probe = json.loads(json.dumps(example(ATTACKS[1])).replace("i-0b2c3d4e5f6071829", "i-0ddddddddddddddd1"))
    probe["detail"] |= {"id": "d" * 32, "type": "Recon:EC2/PortProbeUnprotectedPort", "severity": 2}
    return [*(example(one) for one in ATTACKS), lookup, probe], list(logs.values())


def deeds() -> list[Any]:
    """What a stolen key does in the trail, of which no detector says anything."""
    place = SHELF / "privilege_escalation/examples/key_gives_itself_everything/logs/cloudtrail.json"
    logs = json.loads(place.read_text(encoding="utf-8"))["Records"]
    short = {"LifecycleConfiguration": {"Rule": {"Status": "Enabled", "Expiration": {"Days": 1}}}}
    more = (("cloudtrail", "StopLogging", {"name": "t"}), ("s3", "PutBucketLifecycle", short))
    for service, name, parameters in more:
        event = {"eventSource": f"{service}.amazonaws.com", "eventName": name, "requestParameters": parameters}
        logs.append({**logs[-1], **event, "eventID": f"deed-{name}"})
    return logs


def write_finding(record: Any, write: Write) -> Any:
    """GuardDuty's finding with the attacker's words where GuardDuty repeats them."""
    record = json.loads(json.dumps(record))
    detail = record["detail"]
    detail["title"] = f"{detail['title']} {write('title')}"
    detail["description"] = write("description")
    service, resource = detail["service"], detail["resource"]
    service["userFeedback"] = write("userFeedback")
    service["additionalInfo"]["value"] = json.dumps({"userAgent": {"fullUserAgent": write("additionalInfo")}})
    service["evidence"] = {
        "threatIntelligenceDetails": [{"threatListName": write("list"), "threatNames": [write("list")]}]
    }
    service["runtimeDetails"] = {"process": {"name": write("process"), "executablePath": write("process")}}
    for name, action in service["action"].items():
        if name.endswith("Action"):
            action["userAgent"], action["domain"] = write("userAgent"), action.get("domain", write("domain"))
            action["affectedResources"] = {"AWS::S3::Bucket": write("affectedResources")}
    host = resource.get("instanceDetails")
    if host:
        host["tags"] = [{"key": write("tagKey"), "value": write("tagValue")}]
        host["imageDescription"] = write("imageDescription")
        for one in host["networkInterfaces"]:
            one["publicDnsName"], one["privateDnsName"] = write("publicDnsName"), write("privateDnsName")
            for group in one["securityGroups"]:
                group["groupName"] = write("groupName")
    return record


def write_event(record: Mapping[str, Any], write: Write) -> dict[str, Any]:
    """CloudTrail's record with the attacker's words where CloudTrail repeats them."""
    event = json.loads(json.dumps(record))
    event["userAgent"] = write("log.userAgent")
    event["errorMessage"] = write("log.errorMessage")
    event["requestParameters"] = {
        **(event.get("requestParameters") or {}),
        "description": write("log.description"),
        "tagSet": {"items": [{"key": write("log.tagKey"), "value": write("log.tagValue")}]},
        "roleSessionName": write("log.roleSessionName"),
        "sourceIdentity": write("log.sourceIdentity"),
        "key": write("log.objectKey"),
        "clientToken": write("log.clientToken"),
    }
    event["additionalEventData"] = {**(event.get("additionalEventData") or {}), "note": write("log.note")}
    event["tlsDetails"] = {"clientProvidedHostHeader": write("log.hostHeader")}
    event["userIdentity"].setdefault("sessionContext", {})["sourceIdentity"] = write("log.identity.sourceIdentity")
    return event


FIELDS = (
    *("title", "description", "userFeedback", "additionalInfo", "list", "process", "userAgent", "domain"),
    *("affectedResources", "tagKey", "tagValue", "imageDescription", "publicDnsName", "privateDnsName", "groupName"),
    *("log.userAgent", "log.errorMessage", "log.description", "log.tagKey", "log.tagValue", "log.roleSessionName"),
    *("log.sourceIdentity", "log.objectKey", "log.clientToken", "log.note", "log.hostHeader"),
    "log.identity.sourceIdentity",
)
"""Every field that is written."""
