"""The form of `playbook.yaml` as JSON Schema for editors, made of the constants that its parser checks by."""

from collections.abc import Collection, Mapping
from fractions import Fraction

from stanch.model.data import JSON, JSONObject
from stanch.model.playbook import Trust
from stanch.model.trust import PROOF
from stanch.playbooks import parse
from stanch.playbooks.shelves import COMMON, SHELF, shared

_TEXT: JSONObject = {"type": "string", "pattern": "\\S"}
_FLAG: JSONObject = {"type": "boolean"}
_ABOVE_ZERO: JSONObject = {"type": "number", "exclusiveMinimum": 0}
_QUESTION: Mapping[str, tuple[JSONObject, str]] = {
    "id": (_TEXT, "Its SQL stands in `<id>.sql` beside this file."),
    "ask": (_TEXT, "The question, to be answered with yes, no or unknown."),
    "family": (_TEXT, "Answers that would be wrong together share one, and weigh together."),
    "when_yes": (_TEXT, "The sentence for people; {n} is how many events bear on it."),
    "when_no": (_TEXT, "The sentence for people; {n} is how many events bear on it."),
    "mandatory": (_FLAG, "Without enough of these answers nothing is contained."),
    "vetoes": (_FLAG, "A yes leaves the case to a person; only for classes A and D."),
    "covers": (_FLAG, "Beside vetoes: what a yes declares looks like an attack itself, so that nothing accuses then."),
    "unless": (_TEXT, "`<name>.sql`: where it says yes, the excuse is lost."),
}


def schema(actions: Collection[str]) -> JSONObject:
    """The schema; `actions` are the ids that a playbook may name."""
    question = _object(parse.QUESTION_KEYS, parse.QUESTION_OPTIONAL, _question())
    question["allOf"] = [_bounds(trust) for trust in Trust]
    prior = {"pattern": _TEXT, "malicious": _ABOVE_ZERO, "benign": _ABOVE_ZERO}
    members: dict[str, JSON] = {
        "title": _said(_TEXT, "For people."),
        "matches": _said(_list(_TEXT), "Finding types; * stands for any run of characters. The most exact one wins."),
        "priors": _said(
            _list(_object(parse.PRIOR_KEYS, (), prior)),
            "How sure it is before any evidence; the first that fits counts.",
        ),
        "actions": _said(_list({"enum": list(actions)}), "What it may take, in order."),
        "critical": _said(
            {**_list(_TEXT), "minItems": 1}, "The questions that alone are asked before containing at once."
        ),
        "explains": _said(
            {**_list(_TEXT), "uniqueItems": True},
            "Questions of class A or D whose excuse explains the finding: a harmless high case waits in the queue.",
        ),
        "common": _said(
            {**_list({"enum": list(shared(SHELF))}), "uniqueItems": True},
            f"Shipped questions of {COMMON}/ to ask, too.",
        ),
        "observe_days": _said(_ABOVE_ZERO, "How long each version observes before it may be promoted; 30 if not said."),
        "questions": _list(question),
    }
    whole = _object(parse.PLAYBOOK_KEYS, parse.PLAYBOOK_OPTIONAL, members)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "stanch: playbook.yaml", **whole}


def _question() -> dict[str, JSON]:
    ratios: JSONObject = {"enum": _ratios(parse.EXCUSES[Trust.A], parse.ACCUSES[Trust.A])}
    return {
        **{name: _said(form, why) for name, (form, why) in _QUESTION.items()},
        "trust": _said(
            {"enum": [str(one) for one in Trust]},
            "Who controls what it reads. A: AWS; B: AWS, but the actor may choose it; C: the actor; D: the operator.",
        ),
        "yes": _said(ratios, "How many times likelier a yes is in an attack; below 1 it excuses."),
        "no": _said(ratios, "How many times likelier a no is in an attack; below 1 it excuses."),
        "needs": _said(_list({"enum": list(parse.NEEDS)}), "Without these logs the answer is unknown."),
    }


def _bounds(trust: Trust) -> JSONObject:
    """How far an answer of this class may weigh, and whether it may forbid to contain."""
    within: JSONObject = {"enum": _ratios(parse.EXCUSES[trust], parse.ACCUSES[trust])}
    then: dict[str, JSON] = {"yes": within, "no": within}
    if trust not in PROOF:
        then["vetoes"] = {"const": False}
    return {"if": {"properties": {"trust": {"const": str(trust)}}}, "then": {"properties": then}}


def _ratios(low: Fraction, high: Fraction) -> list[JSON]:
    """The ratios from low to high as people write them: 20, 1/20, and 0.05 where that is exact."""
    both = {Fraction(1), *parse.RATIOS, *(1 / one for one in parse.RATIOS)}
    found: list[JSON] = []
    for one in sorted(ratio for ratio in both if low <= ratio <= high):
        found += [str(one)] if one.denominator > 1 else [int(one)]
        if one.denominator > 1 and Fraction(str(float(one))) == one:
            found.append(float(one))
    return found


def _object(required: Collection[str], optional: Collection[str], members: Mapping[str, JSON]) -> dict[str, JSON]:
    properties: JSONObject = {name: members[name] for name in (*required, *optional)}
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def _list(items: JSON) -> dict[str, JSON]:
    return {"type": "array", "items": items}


def _said(form: JSONObject, why: str) -> JSONObject:
    return {**form, "description": why}
