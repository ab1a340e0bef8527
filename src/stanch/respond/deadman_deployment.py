"""What a person deploys in a member account so that containments end even when stanch is dead.

One schedule group, one state machine for each action that must read before it undoes, and two roles for each action:
one that its state machine acts with, one that its schedules act with. Nothing else may use either.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from stanch.actions import machine_definition, machine_policy, schedule_policy, switched
from stanch.model.change import Action
from stanch.model.data import JSON, JSONObject
from stanch.model.dead_man import GROUP, machine_arn, revert_role, schedule_role
from stanch.model.errors import BadInput

VERSION = "2012-10-17"
_SCHEDULES = ("CreateSchedule", "DeleteSchedule", "GetSchedule", "UpdateSchedule")


def dead_man(actions: Iterable[Action[Any]], *, account: str, regions: Sequence[str], partition: str) -> JSONObject:
    """Everything for one member account: group and state machines for each of its regions, roles for all of them."""
    if not (len(account) == 12 and account.isdigit()):  # noqa: PLR2004  # AWS's length
        raise BadInput(f"account {account!r} is not twelve digits")
    if not regions:
        raise BadInput("name at least one region in which stanch may contain")
    chosen = tuple(action for action in actions if switched(action))
    place = _Place(partition, account, tuple(regions))
    return {
        "ScheduleGroup": {"Name": GROUP, "Regions": list(regions)},
        "StateMachines": [_machine(action, place) for action in chosen if action.machine],
        "Roles": [role for action in chosen for role in _roles(action, place)],
        "AddToResponder": list(responder_statements(chosen, partition=partition)),
    }


def responder_statements(actions: Iterable[Action[Any]], *, partition: str) -> tuple[JSONObject, ...]:
    """What the responder's role needs besides: its own group's schedules, and exactly their roles to pass on."""
    names = sorted(action.id for action in actions if switched(action))
    if not names:
        return ()
    return (
        {
            "Sid": "DeadManSchedules",
            "Effect": "Allow",
            "Action": [f"scheduler:{one}" for one in _SCHEDULES],
            "Resource": f"arn:{partition}:scheduler:*:*:schedule/{GROUP}/*",
        },
        {
            "Sid": "DeadManDeployed",
            "Effect": "Allow",
            "Action": ["scheduler:GetScheduleGroup", "states:DescribeStateMachine"],
            "Resource": [
                f"arn:{partition}:scheduler:*:*:schedule-group/{GROUP}",
                machine_arn(partition, "*", "*", "*"),
            ],
        },
        {
            "Sid": "DeadManPassRole",
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": [schedule_role(partition, "*", name) for name in names],
            "Condition": {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}},
        },
    )


def boundary_statements(*, partition: str) -> tuple[JSONObject, ...]:
    """The same for the responder's boundary, in fewer words: its own policy names each role."""
    schedules = [f"arn:{partition}:scheduler:*:*:{one}" for one in (f"schedule/{GROUP}/*", f"schedule-group/{GROUP}")]
    actions = [*(f"scheduler:{one}" for one in _SCHEDULES), "scheduler:GetScheduleGroup", "states:DescribeStateMachine"]
    return (
        {"Effect": "Allow", "Action": actions, "Resource": [*schedules, machine_arn(partition, "*", "*", "*")]},
        {"Effect": "Allow", "Action": "iam:PassRole", "Resource": schedule_role(partition, "*", "*")},
    )


class _Place:
    """Where it is deployed."""

    def __init__(self, partition: str, account: str, regions: tuple[str, ...]) -> None:
        self.partition, self.account, self.regions = partition, account, regions

    @property
    def groups(self) -> list[JSON]:
        """ARNs of the schedule groups: a role cannot be bound to a single schedule, only to its group."""
        return [f"arn:{self.partition}:scheduler:{one}:{self.account}:schedule-group/{GROUP}" for one in self.regions]

    def machines(self, action: str) -> list[JSON]:
        """ARNs of an action's state machines."""
        return [machine_arn(self.partition, one, self.account, action) for one in self.regions]


def _machine(action: Action[Any], place: _Place) -> JSONObject:
    return {
        "Name": machine_arn("", "", "", action.id).rpartition(":")[2],
        "Type": "STANDARD",
        "Regions": list(place.regions),
        "RoleArn": revert_role(place.partition, place.account, action.id),
        "Definition": machine_definition(action, partition=place.partition),
    }


def _roles(action: Action[Any], place: _Place) -> tuple[JSONObject, ...]:
    machines = place.machines(action.id)
    single = str(machines[0]) if len(machines) == 1 else machine_arn(place.partition, "*", place.account, action.id)
    schedules: JSONObject = {
        "RoleName": schedule_role(place.partition, place.account, action.id).rpartition("/")[2],
        "Trust": _trust("scheduler.amazonaws.com", place.account, place.groups),
        "Policy": schedule_policy(action, partition=place.partition, machine=single),
    }
    if action.machine is None:
        return (schedules,)
    undoes: JSONObject = {
        "RoleName": revert_role(place.partition, place.account, action.id).rpartition("/")[2],
        "Trust": _trust("states.amazonaws.com", place.account, machines),
        "Policy": machine_policy(action, partition=place.partition),
    }
    return (schedules, undoes)


def _trust(service: str, account: str, sources: list[JSON]) -> JSONObject:
    return {
        "Version": VERSION,
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": service},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"aws:SourceAccount": account}, "ArnEquals": {"aws:SourceArn": sources}},
            }
        ],
    }
