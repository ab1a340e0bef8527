"""The guardrails: every call of every change is put to Cedar policies, and only what they permit may happen.

The shipped policies lie beside this file. An operator's own can forbid more; they cannot permit more.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import cedarpy

from stanch.guardrails.circumstances import Budget, Circumstances, Disruption, Fence
from stanch.guardrails.facts import Known, looked_at
from stanch.guardrails.operator import Bucket, Folder, Shelf
from stanch.guardrails.policies import Policy, load, only_forbidding, policy_set, unique
from stanch.guardrails.request import Question, question
from stanch.guardrails.seen import administrators
from stanch.model.change import Call, Change, Permit
from stanch.model.data import JSON, JSONObject
from stanch.model.errors import BadInput

__all__ = ["Bucket", "Budget", "Circumstances", "Disruption", "Fence", "Guardrails", "Policy", "administrators"]

SHIPPED = Path(__file__).parent
"""Folder of the shipped policies and their schema."""


@dataclass(frozen=True)
class _Rules:
    """One set of policies, whole; another one takes its place at once or not at all."""

    policies: Mapping[str, Policy]
    parsed: cedarpy.PolicySet
    texts: Mapping[str, str]
    """The operator's files."""
    stamp: str

    @property
    def digest(self) -> str:
        """SHA-256 of the operator's files, empty without any."""
        whole = json.dumps(dict(sorted(self.texts.items()))).encode()
        return hashlib.sha256(whole).hexdigest() if self.texts else ""


@dataclass(frozen=True)
class _Shipped:
    """What lies beside this file, read and checked once a process: it is part of the program."""

    schema: cedarpy.Schema
    schema_text: str
    policies: tuple[Policy, ...]
    parsed: cedarpy.PolicySet


@cache
def _shipped() -> _Shipped:
    text = (SHIPPED / "schema.cedarschema").read_text(encoding="utf-8")
    found = unique(load(Folder(SHIPPED).texts(), text, where=str(SHIPPED)))
    return _Shipped(cedarpy.Schema.from_str(text), text, found, policy_set(found))


class Guardrails:
    """The shipped policies and the operator's, parsed and checked whenever they are read."""

    def __init__(self, operator: Path | Shelf | None = None) -> None:
        """Raises BadInput, naming file and policy, for anything in them that cannot be used."""
        self.operator = Folder(operator) if isinstance(operator, Path) else operator
        """Where the operator's own policies lie; None without any."""
        self._shipped = _shipped()
        permits = [one for one in self._shipped.policies if one.effect == "permit"]
        self._permits = frozenset(one.id for one in permits)
        self.operations = frozenset(name for one in permits for name in one.operations)
        """The operations (`service:Operation`) that a shipped permit names; no other is ever permitted."""
        self.looked: datetime | None = None
        """When it was last looked whether they changed, by the house's clock."""
        self._seen = ""
        self._rules = self._read()

    @property
    def policies(self) -> tuple[Policy, ...]:
        """All policies, shipped ones first."""
        return tuple(self._rules.policies.values())

    @property
    def digest(self) -> str:
        """SHA-256 of the operator's own files, empty without any."""
        return self._rules.digest

    @property
    def expectations(self) -> Mapping[str, str]:
        """What the operator expects of the policies: the `*.yaml` files beside them, by name."""
        return {name: text for name, text in self._rules.texts.items() if name.endswith(".yaml")}

    def reread(self) -> bool:
        """Take over what the operator changed; false when nothing did since it was last looked at.

        Raises BadInput, Environment or FailedResponse for what cannot be used: the policies stay as they were.
        """
        stamp = self.operator.stamp() if self.operator else ""
        if stamp in (self._rules.stamp, self._seen):
            return False
        self._seen = stamp  # what is broken is said once, not at every look
        self._rules = self._read()
        return True

    def _read(self) -> _Rules:
        stamp = self.operator.stamp() if self.operator else ""
        texts = self.operator.texts() if self.operator else {}
        shipped = self._shipped
        if not self.operator:
            return _Rules({one.id: one for one in shipped.policies}, shipped.parsed, texts, stamp)
        added = load(texts, shipped.schema_text, "operator/", where=str(self.operator))
        policies = {one.id: one for one in unique((*shipped.policies, *only_forbidding(added)))}
        return _Rules(policies, policy_set(policies.values()), texts, stamp)

    def judge(self, call: Call, change: Change, circumstances: Circumstances) -> Permit:
        """Whether this call of this change may be made in these circumstances.

        No matching shipped permit, any forbid, any evaluation error and any missing or odd fact are all a no.
        """
        try:
            asked = question(call, change, circumstances, self.operations)
            return self.answer(call, asked)
        except (BadInput, ValueError, TypeError) as error:
            return Permit(call.name, allowed=False, errors=(str(error),))

    def answer(self, call: Call, asked: Question) -> Permit:
        """The decision on a question about this call; raises ValueError or TypeError for one that cannot be asked."""
        answer = self._ask(asked)
        # Cedar skips a policy that fails, so a failing forbid would let the call through.
        errors = tuple(answer.diagnostics.errors)
        deciding = tuple(sorted(answer.diagnostics.reasons))
        allowed = answer.allowed and not errors and not self._permits.isdisjoint(deciding)
        known = Known(asked.request["context"], asked.entities[0]["attrs"])
        bodies = [self._rules.policies[one].body for one in deciding if one in self._rules.policies]
        looked = (line for body in bodies for line in looked_at(body, known))
        return Permit(call.name, allowed, deciding, errors, tuple(dict.fromkeys(looked)))

    def rehearse(
        self, call: Call, change: Change, circumstances: Circumstances, facts: Sequence[tuple[str, JSON]]
    ) -> Permit:
        """The decision in circumstances of which some facts (`case.tier`) are others; raises BadInput for no fact."""
        asked = question(call, change, circumstances, self.operations)
        context = {key: dict(one) if isinstance(one, Mapping) else one for key, one in _context(asked).items()}
        for path, value in facts:
            part, _, name = path.partition(".")
            table = context.get(part)
            if not isinstance(table, dict) or name not in table:
                raise BadInput(f"the guardrails weigh no fact {path!r}")
            table[name] = value
        try:
            return self.answer(call, Question({**asked.request, "context": context}, asked.entities))
        except (ValueError, TypeError) as error:
            return Permit(call.name, allowed=False, errors=(str(error),))

    def explain(self, permit: Permit) -> str:
        """Why, in words: the reasons of the policies that decided, or what could not be judged."""
        if permit.allowed:
            return f"{permit.call} is permitted by {', '.join(permit.policies)}"
        if permit.errors:
            return f"{permit.call} cannot be judged, so it is refused: {'; '.join(permit.errors)}"
        reasons = dict.fromkeys(self._reason(one) for one in permit.policies)
        return "; ".join(reasons) or f"no guardrail permits {permit.call} for this purpose and target"

    def page(self, policies: str) -> str:
        """What a person must be told when these policies (ids, as a Refusal names them) refuse; empty if nothing."""
        named = (self._rules.policies.get(one) for one in policies.split(", "))
        return "; ".join(dict.fromkeys(one.page for one in named if one and one.page))

    def _reason(self, id: str) -> str:
        policy = self._rules.policies.get(id)
        return policy.reason if policy and policy.reason else f"policy {id}"

    def _ask(self, asked: Question) -> cedarpy.AuthzResult:
        entities = json.dumps(asked.entities, allow_nan=False)
        return cedarpy.is_authorized(asked.request, self._rules.parsed, entities, self._shipped.schema)


def _context(asked: Question) -> JSONObject:
    found = asked.request["context"]
    return found if isinstance(found, Mapping) else {}
