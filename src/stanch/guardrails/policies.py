"""Cedar policies as files: read, checked against the schema, and named so that a decision can say who made it."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

import cedarpy

from stanch.model.data import JSON
from stanch.model.errors import BadInput


@dataclass(frozen=True)
class Policy:
    """One permit or forbid."""

    id: str
    """Its `@id`; an operator's begins with `operator/` and the file's name."""
    effect: str
    """`permit` or `forbid`."""
    reason: str
    """Its `@reason`, a sentence for people; empty without one."""
    page: str
    """Its `@page`: what a person who is called must know when it refuses; empty where nobody is called."""
    operations: frozenset[str]
    """The operations (`service:Operation`) that its head names; empty when it names none or a group."""
    groups: frozenset[str]
    """The groups of operations (`iam`) that its head names."""
    body: JSON
    """The policy in Cedar's JSON form."""


def load(texts: Mapping[str, str], schema: str, prefix: str = "", *, where: str) -> tuple[Policy, ...]:
    """Every policy of every `*.cedar` text by its name, in order.

    Raises BadInput, naming file and policy, for one that does not parse or asks for what the schema does not know,
    and where there is none: a guardrail that is not read protects nothing.
    """
    files = {name: text for name, text in sorted(texts.items()) if name.endswith(".cedar")}
    if not files:
        raise BadInput(f"{where}: no *.cedar file in this folder of guardrails")
    found = tuple(policy for name, text in files.items() for policy in _read(name, text, prefix))
    if not cedarpy.validate_policies("\n".join(files.values()), schema).validation_passed:
        for name, text in files.items():  # one by one only to say which: the schema is read anew each time
            _validate(name, text, schema)
        raise BadInput(f"{where}: its policies are valid one by one and not together")
    return found


def only_forbidding(policies: Iterable[Policy]) -> tuple[Policy, ...]:
    """The operator's policies, of which none permits: BadInput for one that would."""
    found = tuple(policies)
    for one in found:
        if one.effect != "forbid":
            raise BadInput(f"policy {one.id} permits: a policy of your own can only forbid")
    return found


def unique(policies: Iterable[Policy]) -> tuple[Policy, ...]:
    """The policies, unless two share an id: BadInput."""
    seen: dict[str, Policy] = {}
    for policy in policies:
        if policy.id in seen:
            raise BadInput(f"two guardrail policies have the id {policy.id!r}: give one another @id")
        seen[policy.id] = policy
    return tuple(seen.values())


def policy_set(policies: Iterable[Policy]) -> cedarpy.PolicySet:
    """The policies as Cedar's own parsed form, under our ids."""
    bodies = {policy.id: policy.body for policy in policies}
    return cedarpy.PolicySet.from_json_str(json.dumps({"templates": {}, "staticPolicies": bodies, "templateLinks": []}))


def _read(file: str, text: str, prefix: str) -> Iterator[Policy]:
    try:
        found = json.loads(cedarpy.policies_to_json_str(text))
    except ValueError as error:
        raise BadInput(f"{file}: cannot be read as Cedar policies: {error}") from error
    if found["templates"]:
        raise BadInput(f"{file}: a policy template permits and forbids nothing: write a policy")
    for position, body in found["staticPolicies"].items():
        notes = body.get("annotations", {})
        name = notes.get("id") or position
        full = f"{prefix}{PurePosixPath(file).stem}/{name}" if prefix else name
        named = _named(body["action"])
        yield Policy(
            id=full,
            effect=body["effect"],
            reason=notes.get("reason") or "",
            page=notes.get("page") or "",
            operations=frozenset(one for one in named if ":" in one),
            groups=frozenset(one for one in named if ":" not in one),
            body=body,
        )


def _validate(file: str, text: str, schema: str) -> None:
    result = cedarpy.validate_policies(text, schema)
    if not result.validation_passed:
        names = result.id_annotations_by_policy_id
        problems = (f"policy {names.get(one.policy_id) or one.policy_id}: {one.error}" for one in result.errors)
        raise BadInput(f"{file}: {'; '.join(problems)}")


def _named(head: dict[str, list[dict[str, str]]]) -> tuple[str, ...]:
    entities = [*head.get("entities", ()), head.get("entity", {})]
    return tuple(one["id"] for one in entities if "id" in one)
