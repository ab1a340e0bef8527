"""Which facts a policy looked at, and what they were: read from its conditions, in the order in which they stand."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from stanch.model.data import JSON, JSONObject

WORDS = {"==": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=", "like": "like"}
LONGEST = 120
"""Characters of a value that are shown; it may be the attacker's, and whole documents are values, too."""


@dataclass(frozen=True)
class Known:
    """The variables of one request."""

    context: JSON
    resource: JSON


def looked_at(policy: JSON, known: Known) -> tuple[str, ...]:
    """`case.contained_account = 10 >= case.budget_account = 10`, one line for each comparison, each once."""
    conditions = policy.get("conditions") if isinstance(policy, Mapping) else None
    bodies = conditions if isinstance(conditions, list) else []
    found = (line for one in bodies if isinstance(one, Mapping) for line in _lines(one.get("body"), known))
    return tuple(dict.fromkeys(found))


def _lines(node: JSON, known: Known) -> Iterator[str]:
    if not isinstance(node, Mapping):
        return
    path = _path(node)
    if path:
        yield _fact(path, known)
        return
    for word, operands in node.items():
        if word in WORDS and isinstance(operands, Mapping) and _shown(operands, known):
            yield f"{_shown(operands, known)}{_other(WORDS[word], operands, known)}"
        elif isinstance(operands, Mapping):
            yield from (line for one in operands.values() for line in _lines(one, known))
        elif isinstance(operands, list):
            yield from (line for one in operands for line in _lines(one, known))


def _shown(operands: JSONObject, known: Known) -> str:
    path = _path(operands.get("left"))
    return _fact(path, known) if path else ""


def _other(word: str, operands: JSONObject, known: Known) -> str:
    """What it was compared with; nothing where that is no value or fact."""
    right = operands.get("right")
    path = _path(right)
    if path:
        return f" {word} {_fact(path, known)}"
    if isinstance(right, Mapping) and "Value" in right:
        return f" {word} {_text(right['Value'])}"
    return f" {word} {_text(_pattern(operands['pattern']))}" if "pattern" in operands else ""


def _path(node: JSON) -> tuple[str, ...]:
    """(`context`, `case`, `tier`); empty for anything but a chain of attributes of a variable."""
    if not isinstance(node, Mapping):
        return ()
    if "Var" in node:
        return (str(node["Var"]),) if node["Var"] in ("context", "resource") else ()
    step = node.get(".")
    if not isinstance(step, Mapping):
        return ()
    before = _path(step.get("left"))
    return (*before, str(step.get("attr"))) if before else ()


def _fact(path: tuple[str, ...], known: Known) -> str:
    variable, *rest = path
    value: JSON = known.context if variable == "context" else known.resource
    for step in rest:
        value = value.get(step) if isinstance(value, Mapping) else None
    name = ".".join(rest if variable == "context" else path)
    return f"{name} = {_text(value)}"


def _text(value: JSON) -> str:
    text = json.dumps(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _pattern(parts: JSON) -> str:
    listed = parts if isinstance(parts, list) else []
    return "".join(str(one.get("Literal", "")) if isinstance(one, Mapping) else "*" for one in listed)
