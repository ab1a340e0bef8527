"""Whether the simulated IAM lets a call through: the conditions of stanch's own denies, and nothing more.

Moto judges no conditions. Here only explicit denies of attached policies are judged; whatever they do not deny is
allowed, because the lab's principals hold no policies of their own. An operator that stanch's policies do not use is an
error, never a silent allow. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from fnmatch import fnmatchcase

from stanch.model.data import JSON, JSONObject
from stanch.model.errors import BadInput

Facts = Mapping[str, str]
"""Condition key -> value of the request; a key that the request does not carry is missing."""


def denied(documents: Sequence[JSONObject], facts: Facts) -> bool:
    """Whether one of the documents denies the request; raises BadInput for a policy that it cannot judge."""
    return any(_denies(one, facts) for document in documents for one in _statements(document))


def _statements(document: JSONObject) -> tuple[JSONObject, ...]:
    found = document.get("Statement")
    return tuple(one for one in (found if isinstance(found, list) else [found]) if isinstance(one, dict))


def _denies(statement: JSONObject, facts: Facts) -> bool:
    if statement.get("Effect") != "Deny":
        return False
    if statement.get("Action") != "*" or statement.get("Resource") != "*":
        raise BadInput(f"the lab judges only denies of everything, not {statement.get('Sid')}")
    condition = statement.get("Condition") or {}
    if not isinstance(condition, dict):
        raise BadInput(f"the condition of {statement.get('Sid')} is no object")
    return all(
        _holds(operator, key, wanted, facts) for operator, keys in condition.items() for key, wanted in _items(keys)
    )


def _holds(operator: str, key: str, wanted: JSON, facts: Facts) -> bool:
    """One line of a condition block; all of them must hold, and of several values one (of a negated one all)."""
    values = [str(one) for one in (wanted if isinstance(wanted, list) else [wanted])]
    found = facts.get(key)
    if operator == "Null":
        return (found is None) == (values[0] == "true")
    word, exists = operator.removesuffix("IfExists"), not operator.endswith("IfExists")
    if word not in OPERATORS:
        raise BadInput(f"the lab does not judge the condition operator {operator}")
    negated = "Not" in word
    if found is None:
        return negated or not exists
    test = OPERATORS[word]
    return not any(test(found, one) for one in values) if negated else any(test(found, one) for one in values)


def _within(address: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "ArnEquals": fnmatchcase,
    "Bool": lambda found, one: found.lower() == one.lower(),
    "DateLessThan": lambda found, one: datetime.fromisoformat(found) < datetime.fromisoformat(one),
    "NotIpAddress": _within,
    "StringEquals": str.__eq__,
    "StringNotEquals": str.__eq__,
}
"""The operators that stanch's denies use, each as the test of one value; a negated one is the test that must fail."""


def _items(keys: JSON) -> Sequence[tuple[str, JSON]]:
    if not isinstance(keys, dict):
        raise BadInput("the keys of a condition are no object")
    return tuple(keys.items())
