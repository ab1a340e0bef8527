"""The simulated EventBridge Scheduler and Step Functions: what is due by the lab's clock runs, whoever else is gone.

Moto keeps schedules and state machines and never runs them. Here a due schedule makes its one call, or starts its state
machine, under its own roles: each must exist, trust the service that uses it, and allow the action. Resources and
conditions of those roles are not judged.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any, Protocol

import botocore.session
from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError
from moto.iam.exceptions import NotFoundException
from moto.iam.models import iam_backends
from moto.scheduler.models import EventBridgeSchedulerBackend, Schedule, scheduler_backends
from moto.stepfunctions.models import stepfunctions_backends

from stanch.actions import catalogue, sdk_call
from stanch.aws.reader import plain
from stanch.aws.sessions import models
from stanch.aws.validate import permission
from stanch.lab.states import Failed, run
from stanch.model.change import Call
from stanch.model.data import JSON, JSONObject
from stanch.model.dead_man import at_of
from stanch.model.errors import BadInput
from stanch.respond.deadman_deployment import dead_man

_PAGE = "events:PutEvents"


class Make(Protocol):
    """Hands that do an operation in one account, as `Builder.make` does."""

    def __call__(self, service: str, operation: str, take: str = "", **params: JSON) -> str:
        """Do it; returns the part of the answer that `take` names."""
        ...


@dataclass(frozen=True)
class Fired:
    """A schedule that was due, and what came of it."""

    schedule: str
    """ARN."""
    target: str
    calls: tuple[str, ...]
    """Names of the calls made, in order."""
    pages: tuple[str, ...]
    """Details of the events that page a person."""
    error: str
    """Why it failed, empty when it succeeded."""


@dataclass
class Hands:
    """Makes calls as a role, as the service that holds it does."""

    account: str
    region: str
    role: str
    service: str
    """The principal that the role must trust, `states.amazonaws.com`."""
    made: list[tuple[str, JSONObject]] = field(default_factory=list)
    """Every call that was tried, with its parameters."""
    clients: dict[str, Any] = field(default_factory=dict)
    session: Any = None

    def do(self, resource: str, arguments: JSONObject) -> JSON:
        """One call of an SDK integration; raises Failed as AWS would fail it."""
        service, operation = named(resource)
        call = Call(service, operation, arguments, resource)
        self.made.append((call.name, arguments))
        allowed(self.role, permission(call), self.service)
        client = self._client(service)
        try:
            answer = getattr(client, xform_name(operation))(**arguments)
        except ClientError as error:
            code = str(error.response["Error"].get("Code", ""))
            raise Failed(f"{service.title()}.{code}", str(error.response["Error"].get("Message", ""))) from error
        except BotoCoreError as error:  # not the API's parameters: AWS would refuse them, too
            raise Failed("States.Runtime", str(error)) from error
        return plain({key: value for key, value in answer.items() if key != "ResponseMetadata"})

    def _client(self, service: str) -> Any:
        if service not in self.clients:
            self.session = self.session or self._assumed()
            self.clients[service] = self.session.create_client(service, region_name=self.region)
        return self.clients[service]

    def _assumed(self) -> Any:
        session = _session()
        sts = session.create_client("sts", region_name=self.region)
        try:
            given = sts.assume_role(RoleArn=self.role, RoleSessionName="lab-service")["Credentials"]
        except ClientError as error:
            raise Failed("States.TaskFailed", f"{self.role} cannot be assumed: {error}") from error
        session.set_credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        return session


def deploy(make: Make, account: str, region: str) -> None:
    """What `stanch deploy dead-man` prints, for every action, put up in that account and region."""
    parts: Any = dead_man(catalogue().values(), account=account, regions=(region,), partition="aws")
    make("scheduler", "create_schedule_group", Name=parts["ScheduleGroup"]["Name"])
    for role in parts["Roles"]:
        name = {"RoleName": role["RoleName"]}
        make("iam", "create_role", **name, AssumeRolePolicyDocument=json.dumps(role["Trust"]))
        make("iam", "put_role_policy", **name, PolicyName="dead-man", PolicyDocument=json.dumps(role["Policy"]))
    for one in parts["StateMachines"]:
        definition = json.dumps(one["Definition"])
        make("stepfunctions", "create_state_machine", name=one["Name"], roleArn=one["RoleArn"], definition=definition)


def fire_due(now: datetime) -> tuple[Fired, ...]:
    """Run every schedule that is due, by time and name; one that says DELETE is gone afterwards, any other is off."""
    due = sorted(_due(now), key=lambda one: (one[0], one[1].arn))
    return tuple(_fire(schedule) for _, schedule in due)


def schedules() -> tuple[Schedule, ...]:
    """Every schedule that there is, in any account and region, by ARN."""
    regions = (regions for regions in list(scheduler_backends.values()))
    groups = (group for each in regions for one in list(each.values()) for group in one.schedule_groups.values())
    return tuple(sorted((one for group in groups for one in group.schedules.values()), key=lambda one: one.arn))


def forget() -> None:
    """Delete every schedule, as if none had ever been made."""
    for one in schedules():
        _backend(one).delete_schedule(one.group_name, one.name)


def named(resource: str) -> tuple[str, str]:
    """Botocore's service and the API's operation of an SDK integration; raises BadInput where there is none such."""
    service, operation = sdk_call(resource)
    if operation not in _session().get_service_model(service).operation_names:
        raise BadInput(f"{service} has no operation {operation}")
    return service, operation


def allowed(role: str, action: str, service: str) -> None:
    """Raise Failed unless the role exists, trusts the service and allows the action."""
    _, _, _, _, account, name = role.split(":", 5)
    try:
        found = iam_backends[account][role.split(":")[1]].get_role_by_arn(role)
    except NotFoundException as error:
        raise Failed("AccessDenied", f"there is no role {role}") from error
    if service not in json.dumps(found.assume_role_policy_document):
        raise Failed("AccessDenied", f"{name} does not trust {service}")
    if not any(_allows(document, action) for document in found.policies.values()):
        raise Failed("AccessDenied", f"{name} is not authorized to perform: {action}")


def _allows(document: Any, action: str) -> bool:
    parsed = json.loads(document) if isinstance(document, str) else document
    for one in parsed["Statement"]:
        actions = one["Action"] if isinstance(one["Action"], list) else [one["Action"]]
        if one["Effect"] == "Allow" and any(fnmatchcase(action, wanted) for wanted in actions):
            return True
    return False


def _due(now: datetime) -> Iterator[tuple[datetime, Schedule]]:
    for one in schedules():
        at = _time(one)
        if at is not None and at <= now and one.state == "ENABLED":
            yield at, one


def _time(schedule: Schedule) -> datetime | None:
    """None for one that is not of stanch's kind: the lab runs no other."""
    return at_of(schedule.schedule_expression) if schedule.schedule_expression_timezone == "UTC" else None


def _fire(schedule: Schedule) -> Fired:
    account, region = schedule.arn.split(":")[4], schedule.arn.split(":")[3]
    target, given = schedule.target["Arn"], json.loads(schedule.target.get("Input") or "{}")
    hands = Hands(account, region, schedule.target["RoleArn"], "scheduler.amazonaws.com")
    error = ""
    try:
        if ":::aws-sdk:" in target:
            hands.do(target, given)
        else:
            allowed(hands.role, "states:StartExecution", hands.service)
            hands = _execute(target, given)
    except Failed as failure:
        error = str(failure)
        hands = _of(failure, hands)
    _complete(schedule)
    pages = tuple(str(one["Detail"]) for name, params in hands.made if name == _PAGE for one in _entries(params))
    return Fired(schedule.arn, target, tuple(name for name, _ in hands.made), pages, error)


def _execute(arn: str, given: JSON) -> Hands:
    account, region = arn.split(":")[4], arn.split(":")[3]
    machines = {one.arn: one for one in stepfunctions_backends[account][region].state_machines}
    if arn not in machines:
        raise Failed("StateMachineDoesNotExist", arn)
    hands = Hands(account, region, str(machines[arn].roleArn), "states.amazonaws.com")
    try:
        run(json.loads(machines[arn].definition), given, hands.do)
    except Failed as failure:
        raise _Execution(failure, hands) from failure
    return hands


class _Execution(Failed):
    """An execution that failed, with what it had done by then."""

    def __init__(self, failure: Failed, hands: Hands) -> None:
        super().__init__(failure.error, failure.cause)
        self.hands = hands


def _of(failure: Failed, hands: Hands) -> Hands:
    return failure.hands if isinstance(failure, _Execution) else hands


def _entries(params: JSONObject) -> list[JSONObject]:
    found = params.get("Entries")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _complete(schedule: Schedule) -> None:
    if schedule.action_after_completion == "DELETE":
        _backend(schedule).delete_schedule(schedule.group_name, schedule.name)
    else:
        schedule.state = "DISABLED"


def _session() -> Any:
    session: Any = botocore.session.get_session()
    session.register_component("data_loader", models())
    return session


def _backend(schedule: Schedule) -> EventBridgeSchedulerBackend:
    return scheduler_backends[schedule.arn.split(":")[4]][schedule.arn.split(":")[3]]
