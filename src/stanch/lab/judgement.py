"""Whether the simulated AWS lets a caller's request through: the denies that stanch's own actions write, nothing more.

Moto judges no conditions. Here only explicit denies are judged, of the policies on a principal, on a bucket and of who
may assume a role; whatever they do not deny is allowed, because the lab's principals hold no policies of their own. A
condition, an element or an operator that stanch's actions do not write is an error, never a silent allow.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from stanch.model.data import JSON, JSONObject
from stanch.model.errors import BadInput

Facts = Mapping[str, str]
"""Condition key -> value of the request; a key that the request does not carry is missing."""
JUDGED = {
    "ArnEquals": ("aws:PrincipalArn", "ec2:SourceInstanceARN"),
    "Bool": ("aws:ViaAWSService",),
    "DateLessThan": ("aws:CurrentTime", "aws:TokenIssueTime"),
    "NotIpAddressIfExists": ("aws:SourceIp",),
    "Null": ("ec2:SourceInstanceARN",),
    "StringEquals": ("aws:userid",),
    "StringNotEqualsIfExists": ("aws:SourceVpc",),
}
"""Condition operator -> the keys that it is judged on: what the catalogue's denies hold, and a test says so."""
ELEMENTS = frozenset({"Sid", "Effect", "Principal", "Action", "Resource", "Condition"})


def denied(documents: Sequence[JSONObject], facts: Facts, action: str = "", resource: str = "*") -> bool:
    """Whether one of the documents denies the request; raises BadInput for a deny that it cannot judge.

    action: as IAM writes it, `s3:GetObject`. resource: the ARN that is acted on, `*` where it has none.
    """
    judged = [_denies(one, facts, action, resource) for document in documents for one in _statements(document)]
    return any(judged)


def _statements(document: JSONObject) -> tuple[JSONObject, ...]:
    found = document.get("Statement")
    return tuple(one for one in (found if isinstance(found, list) else [found]) if isinstance(one, dict))


def _denies(statement: JSONObject, facts: Facts, action: str, resource: str) -> bool:
    if statement.get("Effect") != "Deny":
        return False
    sid = statement.get("Sid", "a deny without a Sid")
    foreign = sorted(set(statement) - ELEMENTS)
    if foreign:
        raise BadInput(f"the lab does not judge {', '.join(foreign)}, which stands in {sid}")
    if statement.get("Principal", "*") != "*":
        raise BadInput(f"the lab judges only denies of every principal, not {sid}")
    condition = statement.get("Condition") or {}
    if not isinstance(condition, dict):
        raise BadInput(f"the condition of {sid} is no object")
    holds = [
        _holds(operator, key, wanted, facts) for operator, keys in condition.items() for key, wanted in _items(keys)
    ]
    aimed = _named(statement.get("Action"), action.lower()) and _named(statement.get("Resource", "*"), resource)
    return aimed and all(holds)


def _named(patterns: JSON, name: str) -> bool:
    """Whether an action or a resource is among those that a statement names; `*` names also the one not known."""
    wanted = [str(one) for one in (patterns if isinstance(patterns, list) else [patterns])]
    return any(one == "*" or _like(name, one if name.startswith("arn:") else one.lower()) for one in wanted)


def _holds(operator: str, key: str, wanted: JSON, facts: Facts) -> bool:
    """One line of a condition block; all of them must hold, and of several values one (of a negated one all)."""
    if key not in JUDGED.get(operator, ()):
        raise BadInput(f"the lab does not judge {operator} on {key}: no action writes such a condition")
    values = [str(one) for one in (wanted if isinstance(wanted, list) else [wanted])]
    found = facts.get(key)
    if operator == "Null":
        return (found is None) == (values[0] == "true")
    if found is None:
        return operator.endswith("IfExists")
    met = any(TESTS[operator](found, one) for one in values)
    return not met if "Not" in operator else met


def _like(found: str, pattern: str) -> bool:
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, found, re.DOTALL) is not None


def _within(address: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


TESTS: Mapping[str, Callable[[str, str], bool]] = {
    "ArnEquals": _like,
    "Bool": lambda found, one: found.lower() == one.lower(),
    "DateLessThan": lambda found, one: datetime.fromisoformat(found) < datetime.fromisoformat(one),
    "NotIpAddressIfExists": _within,
    "StringEquals": str.__eq__,
    "StringNotEqualsIfExists": str.__eq__,
}
"""The test of one value; of a negated operator the test that must fail for all of them."""


def _items(keys: JSON) -> Sequence[tuple[str, JSON]]:
    if not isinstance(keys, dict):
        raise BadInput("the keys of a condition are no object")
    return tuple(keys.items())
