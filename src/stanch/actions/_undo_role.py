"""What the AWS-side dead-man's switch of an action calls, and the permissions that takes: those and no more."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from stanch.actions._denial import PATH
from stanch.actions._role import _in_partition, _resources, _statement, possible_calls
from stanch.aws.validate import is_read, permission
from stanch.model.change import Action, Call, RevertsBy
from stanch.model.data import JSON, JSONObject
from stanch.model.dead_man import DETACHES
from stanch.model.errors import BadInput

VERSION = "2012-10-17"
PAGE = "events:PutEvents"
SDK = re.compile(r"arn:[^:]+:(?:states|scheduler):::aws-sdk:(?P<service>[a-z0-9]+):(?P<verb>[A-Za-z]+)")
"""A call by the SDK integration of Step Functions or Scheduler."""
_BOTO = {"elasticloadbalancingv2": "elbv2", "eventbridge": "events"}
"""What those integrations call a service -> what botocore calls it."""


def sdk_call(resource: str) -> tuple[str, str]:
    """Botocore's service and the API's operation of an SDK integration; raises BadInput for any other resource."""
    match = SDK.fullmatch(resource)
    if match is None:
        raise BadInput(f"{resource} is no call of an SDK integration")
    return _BOTO.get(match["service"], match["service"]), match["verb"][:1].upper() + match["verb"][1:]


def switched(action: Action[Any]) -> bool:
    """Whether something on AWS's side takes this action back when stanch is dead."""
    return action.reverts_by is not RevertsBy.NOBODY and (action.machine is not None or bool(_detaches(action)))


def machine_calls(action: Action[Any]) -> tuple[str, ...]:
    """Every call of the action's state machine, `service:Operation`, in no order but the alphabet's."""
    return tuple(sorted({":".join(sdk_call(resource)) for resource in _resources_of(action)}))


def machine_policy(action: Action[Any], *, partition: str) -> JSONObject:
    """Identity policy of the role that the state machine acts with."""
    calls = [Call(*sdk_call(resource), {}, "") for resource in _resources_of(action)]
    reads: list[JSON] = [*sorted({permission(one) for one in calls if is_read(one.operation)})]
    wanted = {one.name for one in calls if not is_read(one.operation)}
    writes: dict[str, set[str]] = {}
    for call in possible_calls(action):
        if call.name in wanted:
            writes.setdefault(permission(call), set()).update(_resources(permission(call), call))
    missing = wanted - {PAGE} - {call.name for call in possible_calls(action)}
    if missing:
        raise BadInput(f"the state machine of {action.id} does what the action itself never does: {sorted(missing)}")
    statements: list[JSON] = [
        {"Sid": "Read", "Effect": "Allow", "Action": reads, "Resource": "*"},
        *(_statement(one, writes[one]) for one in sorted(writes)),
        {"Sid": "Page", "Effect": "Allow", "Action": PAGE, "Resource": "arn:PARTITION:events:*:*:event-bus/default"},
    ]
    return {"Version": VERSION, "Statement": [_in_partition(one, partition) for one in statements]}


def schedule_policy(action: Action[Any], *, partition: str, machine: str) -> JSONObject:
    """Identity policy of the role that the action's schedules act with. machine: ARN of its state machine."""
    statement: JSONObject = {"Effect": "Allow", "Action": "states:StartExecution", "Resource": machine}
    if action.machine is None:
        detach = sorted({permission(one) for one in _detaches(action)})
        kinds = sorted({one.resource.rpartition(":")[2].partition("/")[0] for one in _detaches(action)})
        ours = f"arn:{partition}:iam::*:policy{PATH}stanch-*-{action.id}-*"
        statement = {
            "Effect": "Allow",
            "Action": list[JSON](detach),
            "Resource": [f"arn:{partition}:iam::*:{kind}/*" for kind in kinds],
            "Condition": {"ArnLike": {"iam:PolicyARN": ours}},
        }
    return {"Version": VERSION, "Statement": [{"Sid": "TakeBack", **statement}]}


def machine_definition(action: Action[Any], *, partition: str) -> JSONObject:
    """The state machine as it is deployed; raises BadInput where the action has none."""
    if action.machine is None:
        raise BadInput(f"action {action.id} has no state machine")
    found = _in_partition(action.machine.definition, partition)
    return found if isinstance(found, Mapping) else {}


def _detaches(action: Action[Any]) -> tuple[Call, ...]:
    return tuple(one for one in possible_calls(action) if one.service == "iam" and one.operation in DETACHES)


def _resources_of(action: Action[Any]) -> Iterator[str]:
    if action.machine is not None:
        yield from _tasks(action.machine.definition)


def _tasks(machine: JSON) -> Iterator[str]:
    states = machine.get("States") if isinstance(machine, Mapping) else None
    for state in states.values() if isinstance(states, Mapping) else ():
        if isinstance(state, Mapping):
            resource = state.get("Resource")
            if isinstance(resource, str):
                yield resource
            yield from _tasks(state.get("ItemProcessor"))
