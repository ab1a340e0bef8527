"""What the guardrails may know of a call to EventBridge Scheduler: how this change's own schedule must look."""

import json
from collections.abc import Mapping

from stanch.model.change import Call, Change
from stanch.model.data import JSON, JSONObject
from stanch.model.dead_man import Switch, at_of, fires_at, same, schedule_name, switch

SERVICE = "scheduler"


def schedule(call: Call, change: Change) -> JSONObject:
    """The schema's `Schedule`: derived from the change alone, and compared with what the call says."""
    wanted = _wanted(call, change)
    at = at_of(str(call.params.get("ScheduleExpression", "")))
    return {
        "name": schedule_name(change),
        "target": wanted.target if wanted else "",
        "role": wanted.role if wanted else "",
        "input": wanted is not None and same(_input(call), wanted.input),
        "on_time": at is not None and at >= fires_at(change.terms.expires_at),
    }


def _wanted(call: Call, change: Change) -> Switch | None:
    """What it tells of the state before must be what was read before, in any choice of parts."""
    told = _parsed(_input(call)).get("before")
    needs = tuple(told) if isinstance(told, Mapping) else ()
    known = change.before if isinstance(change.before, Mapping) else {}
    return switch(change, needs) if set(needs) <= set(known) else None


def _input(call: Call) -> str:
    target = call.params.get("Target")
    return str(target.get("Input", "")) if isinstance(target, Mapping) else ""


def _parsed(text: str) -> JSONObject:
    try:
        found: JSON = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, Mapping) else {}
