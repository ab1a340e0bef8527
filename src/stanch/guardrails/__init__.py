"""The guardrails: every call of every change is put to Cedar policies, and only what they permit may happen.

The shipped policies lie beside this file. An operator's own can forbid more; they cannot permit more.
"""

import json
from pathlib import Path

import cedarpy

from stanch.guardrails.circumstances import Budget, Circumstances, Disruption, Fence
from stanch.guardrails.facts import Known, looked_at
from stanch.guardrails.policies import Policy, load, policy_set, unique
from stanch.guardrails.request import Question, question
from stanch.guardrails.seen import administrators
from stanch.model.change import Call, Change, Permit
from stanch.model.errors import BadInput

__all__ = ["Budget", "Circumstances", "Disruption", "Fence", "Guardrails", "Policy", "administrators"]

SHIPPED = Path(__file__).parent
"""Folder of the shipped policies and their schema."""


class Guardrails:
    """The shipped policies and the operator's, parsed and checked once."""

    def __init__(self, operator: Path | None = None) -> None:
        """Raises BadInput, naming file and policy, for anything in them that cannot be used."""
        schema = (SHIPPED / "schema.cedarschema").read_text(encoding="utf-8")
        shipped = load(SHIPPED, schema)
        added = load(operator, schema, "operator/") if operator else ()
        self._schema = cedarpy.Schema.from_str(schema)
        self._policies = {one.id: one for one in unique((*shipped, *added))}
        self._set = policy_set(self._policies.values())
        permits = [one for one in shipped if one.effect == "permit"]
        self._permits = frozenset(one.id for one in permits)
        self.operations = frozenset(name for one in permits for name in one.operations)
        """The operations (`service:Operation`) that a shipped permit names; no other is ever permitted."""

    @property
    def policies(self) -> tuple[Policy, ...]:
        """All policies, shipped ones first."""
        return tuple(self._policies.values())

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
        bodies = [self._policies[one].body for one in deciding if one in self._policies]
        looked = (line for body in bodies for line in looked_at(body, known))
        return Permit(call.name, allowed, deciding, errors, tuple(dict.fromkeys(looked)))

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
        named = (self._policies.get(one) for one in policies.split(", "))
        return "; ".join(dict.fromkeys(one.page for one in named if one and one.page))

    def _reason(self, id: str) -> str:
        policy = self._policies.get(id)
        return policy.reason if policy and policy.reason else f"policy {id}"

    def _ask(self, asked: Question) -> cedarpy.AuthzResult:
        entities = json.dumps(asked.entities, allow_nan=False)
        return cedarpy.is_authorized(asked.request, self._set, entities, self._schema)
