"""Is the finding real? Ask the detector that is said to have made it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from stanch.aws.answer import rows, text, texts
from stanch.model.data import JSON, JSONObject
from stanch.model.errors import FailedResponse
from stanch.model.finding import Finding, IdentityKind
from stanch.model.ports import Reader
from stanch.trail import Trail

_GUARDDUTY_ARN = re.compile(r"arn:[^:]+:guardduty:[^:]*:[^:]*:detector/(?P<detector>[^/]+)/finding/(?P<id>[^/]+)")
_CITED = """
SELECT count(*) AS n FROM events
WHERE event_id IN (SELECT unnest($ids)) AND account_id = $account AND coalesce(principal_id, '') = $principal
  AND event_time BETWEEN $first AND $last
"""
_DETECTOR_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Refetched:
    """What the detector says about a finding that someone handed us."""

    confirmed: bool
    """It has this finding, and account, type and resource are the same."""
    how: str
    """How it was confirmed, or why not, in a sentence."""


def refetch(reader: Reader, finding: Finding) -> Refetched:
    """Look the finding up at GuardDuty or Security Hub; what cannot be looked up is not confirmed.

    Raises Environment when AWS cannot be asked at all.
    """
    detector, id = _at_guardduty(finding)  # noqa: A001  # GuardDuty's word
    product = "GuardDuty" if detector else "Security Hub"
    try:
        live = _guardduty(reader, detector, id) if detector else _security_hub(reader, finding)
    except FailedResponse as error:
        return Refetched(confirmed=False, how=f"{product} could not be asked: {error}")
    if live is None:
        return Refetched(confirmed=False, how=f"{product} has no finding {finding.id}")
    wrong = _differences(finding, live) if detector else _differences_in_hub(finding, live)
    if wrong:
        return Refetched(confirmed=False, how=f"{product} has finding {finding.id}, but {'; '.join(wrong)}")
    return Refetched(confirmed=True, how=f"found again at {product} with the same account, type and resource")


def reread(trail: Trail, finding: Finding) -> Refetched:
    """Read the events that a finding of our own cites again: all there, in that account, by that principal.

    Raises BadInput when the trail cannot be asked.
    """
    ids = sorted({one.id for one in finding.resources})
    found = trail.query(
        _CITED,
        {
            "ids": ids,
            "account": finding.account,
            "principal": finding.identity.principal_id if finding.identity else "",
            "first": finding.first_seen or finding.updated_at,
            "last": finding.last_seen or finding.updated_at,
        },
    )
    there = found[0]["n"]
    if not ids or there != len(ids):
        return Refetched(confirmed=False, how=f"{there} of the {len(ids)} cited events are in the trail")
    return Refetched(
        confirmed=True, how=f"the {there} cited events were read again in the trail, by the same principal"
    )


def _at_guardduty(finding: Finding) -> tuple[str, str]:
    """Detector and finding id, both empty when the finding is not GuardDuty's or its detector is unknown."""
    match = _GUARDDUTY_ARN.fullmatch(finding.id)
    if match:
        return match["detector"], match["id"]
    if finding.product == "GuardDuty" and _DETECTOR_ID.fullmatch(finding.detector):
        return finding.detector, finding.id
    return "", ""


def _guardduty(reader: Reader, detector: str, id: str) -> JSONObject | None:
    answer = reader.read("guardduty", "GetFindings", DetectorId=detector, FindingIds=[id])
    return next((row for row in rows(answer, "Findings") if text(row, "Id") == id), None)


def _security_hub(reader: Reader, finding: Finding) -> JSONObject | None:
    filters: JSON = {"Id": [{"Value": finding.id, "Comparison": "EQUALS"}]}
    answer = reader.read("securityhub", "GetFindings", Filters=filters)
    return next((row for row in rows(answer, "Findings") if text(row, "Id") == finding.id), None)


def _differences(finding: Finding, live: JSONObject) -> tuple[str, ...]:
    resource = live.get("Resource")
    said = (
        ("account", finding.account, text(live, "AccountId")),
        ("type", finding.type, text(live, "Type")),
        ("access key", _key(finding), text(resource, "AccessKeyDetails", "AccessKeyId")),
        ("user", _name(finding), text(resource, "AccessKeyDetails", "UserName")),
        ("instance", _instance(finding), text(resource, "InstanceDetails", "InstanceId")),
    )
    return tuple(_differs(what, told, there) for what, told, there in said if told and told != there)


def _differences_in_hub(finding: Finding, live: JSONObject) -> tuple[str, ...]:
    types = (text(live, "GeneratorId"), *texts(live, "Types"))
    named = frozenset(_strings(live.get("Resources")))
    wrong = []
    if text(live, "AwsAccountId") != finding.account:
        wrong.append(_differs("account", finding.account, text(live, "AwsAccountId")))
    if finding.type not in types:
        wrong.append(_differs("type", finding.type, ", ".join(types)))
    parts = (("access key", _key(finding)), ("identity", _name(finding)), ("instance", _instance(finding)))
    wrong += [f"its resources do not name {what} {told}" for what, told in parts if told and told not in named]
    return tuple(wrong)


def _differs(what: str, told: str, there: str) -> str:
    return f"its {what} is {there or 'absent'}, not {told}"


def _key(finding: Finding) -> str:
    return finding.identity.access_key if finding.identity else ""


def _name(finding: Finding) -> str:
    who = finding.identity
    return who.name if who and who.kind is not IdentityKind.ROOT else ""  # detectors write root's name as they like


def _instance(finding: Finding) -> str:
    return finding.instance.id if finding.instance else ""


def _strings(value: JSON) -> Iterator[str]:
    """Every string in the resources, and the last part of each: they are ARNs and `AWS::IAM::AccessKey:AKIA…`."""
    if isinstance(value, str):
        yield from (value, value.rpartition("/")[2], value.rpartition(":")[2])
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, Sequence):
        for item in value:
            yield from _strings(item)
