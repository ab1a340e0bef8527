"""The dead-man's switch: a schedule on AWS's side, there before anything is cut, gone before anything is to stay.

It is made, moved and deleted by calls like all others: put to the guardrails, made with the responder's role,
journalled. Doing any of it again after a crash finds what is there and changes nothing twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Literal

from stanch.actions import Grant, Session
from stanch.aws import Aws
from stanch.model.abreast import each, together
from stanch.model.casefile import Containment, State
from stanch.model.change import Call, Permit, Receipt
from stanch.model.contained import Armed, Arming, Called, Disarmed, Unarmed
from stanch.model.data import JSON, JSONObject
from stanch.model.dead_man import GROUP, Switch, region_of, same, switch
from stanch.model.errors import Environment, FailedResponse, NotFound
from stanch.model.ports import Reader
from stanch.model.walked import Paged
from stanch.respond.circumstances import circumstances
from stanch.respond.house import House

CLOSING = timedelta(minutes=10)
"""So shortly before it would fire a schedule is first given more time, and deleted then: a slow call must not lose."""
MORE = timedelta(hours=1)
Purpose = Literal["contain", "revert", "keep"]
_UNSAID: Mapping[str, JSON] = {"ScheduleExpressionTimezone": "UTC", "State": "ENABLED", "ActionAfterCompletion": "NONE"}
"""What a schedule does where it does not say."""


def arm(house: House, todo: Sequence[Containment]) -> Mapping[str, str]:
    """Make the schedules side by side and read them back; by id why there is none, empty where all is well.

    A schedule of that name with another content is somebody else's: it is left alone.
    """
    problems = dict.fromkeys((one.id for one in todo), "")
    begun: list[tuple[Containment, Switch, Call, Permit]] = []
    for one in todo if house.settings.dead_man != "off" else ():
        wanted = planned(house, one)
        if wanted is not None and one.fires_at is None:
            call = _call("CreateSchedule", wanted)
            permit = _judge(house, one, call, "contain")
            if permit.allowed:
                _write(house, one, Arming(one.id, wanted.arn), "arming")
                begun.append((one, wanted, call, permit))
            else:
                problems[one.id] = _say_unarmed(house, one, _refusal(permit))
    answers = each([partial(_create, house, one, wanted, call) for one, wanted, call, _ in begun])
    for (one, wanted, _, permit), answer in zip(begun, answers, strict=True):
        if answer.receipt is not None:
            called = Called(one.id, "dead-man", answer.receipt, permit)
            _write(house, one, called, f"dead-man/{_calls(house, one) + 1}")
        problems[one.id] = _end_of_arming(house, one, wanted, answer)
    return problems


@dataclass(frozen=True)
class _Answer:
    """What came of making one schedule."""

    problem: str = ""
    receipt: Receipt | None = None
    """None where the call was not made."""
    foreign: bool = False
    """There is another of that name, which is not stanch's."""
    absent: bool = False
    """What it lies in or starts is not deployed, so that there can be none."""


def _create(house: House, one: Containment, wanted: Switch, call: Call) -> _Answer:
    """At most one call, and what is there after it, whatever it was answered; writes nothing."""
    receipt: Receipt | None = None
    try:
        _, found, _ = together(
            partial(_check_deployed, house, one, wanted),
            partial(_read, house, one, wanted),
            partial(_get_ready, house, one, wanted),
        )
        if found is None:
            receipt = _send(house, one, call, wanted)
            found = _read(house, one, wanted)
    except (FailedResponse, Environment) as error:
        return _Answer(str(error), receipt, absent=isinstance(error, NotFound))
    answered = receipt.error if receipt else ""
    if found is None:
        return _Answer(answered or "it was made and is not there", receipt)
    wrong = ", ".join(differences(found, wanted))
    if wrong:
        return _Answer(f"there is a schedule {wanted.name} already, with another {wrong}", receipt, foreign=True)
    return _Answer(receipt=receipt)


def _check_deployed(house: House, one: Containment, wanted: Switch) -> None:
    """Raise FailedResponse where what the schedule lies in or starts is not there."""
    reader = _reader(house, one)
    asked = [partial(reader.read, "scheduler", "GetScheduleGroup", Name=GROUP)]
    if ":stateMachine:" in wanted.target:
        asked.append(partial(reader.read, "stepfunctions", "DescribeStateMachine", stateMachineArn=wanted.target))
    try:
        each(asked)
    except NotFound as error:
        advice = "deploy what `stanch deploy dead-man` prints"
        raise NotFound(error.call, error.code, f"{error.message}: {advice}", error.request_id) from error


def _end_of_arming(house: House, one: Containment, wanted: Switch, answer: _Answer) -> str:
    if not answer.problem:
        _write(house, one, Armed(one.id, wanted.at), f"armed/{wanted.at:%Y-%m-%dT%H:%M:%S}")
        return ""
    _say_unarmed(house, one, answer.problem)
    if answer.foreign or answer.absent:  # none of ours is there, to be taken away again
        _write(house, one, Disarmed(one.id, answer.problem), "disarmed/none")
    return answer.problem


def disarm(house: House, one: Containment, purpose: Purpose, why: str) -> str:
    """Delete the schedule and read back that it is gone; returns why that did not work, empty when it is gone."""
    wanted = planned(house, one)
    if not one.switch or wanted is None:
        return ""
    try:
        problem = _end(house, one, wanted, purpose)
    except (FailedResponse, Environment) as error:
        problem = str(error)
    if problem:
        return f"its dead-man's switch cannot be taken away: {problem}"
    _write(house, one, Disarmed(one.id, why), f"disarmed/{_calls(house, one)}")
    return ""


def move(house: House, one: Containment, purpose: Purpose = "keep") -> str:
    """Let the schedule fire when the containment as given ends, also where it was deleted; returns the problem."""
    wanted = planned(house, one)
    if not one.switch or wanted is None:
        return ""
    try:
        problem = _put(house, one, wanted, purpose)
    except (FailedResponse, Environment) as error:
        problem = str(error)
    if problem:
        return f"its dead-man's switch could not be set: {problem}"
    _write(house, one, Armed(one.id, wanted.at), f"armed/{wanted.at:%Y-%m-%dT%H:%M:%S}/{_calls(house, one)}")
    return ""


def astray(house: House, one: Containment) -> tuple[str, ...]:
    """Names of the calls needed again for the schedule to be as stanch made it; empty when it is, or none is armed.

    Raises FailedResponse when it cannot be read.
    """
    wanted = planned(house, one)
    if one.state is not State.CONTAINED or one.fires_at is None or wanted is None or house.now() >= one.fires_at:
        return ()
    found = _read(house, one, wanted)
    if found is None:
        return ("scheduler:CreateSchedule",)
    return ("scheduler:UpdateSchedule",) if differences(found, wanted) else ()


def fired(house: House, one: Containment) -> bool:
    """Whether its time is over, so that AWS took the containment back unless someone stopped it."""
    return one.fires_at is not None and house.now() >= one.fires_at


def planned(house: House, one: Containment) -> Switch | None:
    """The schedule of a containment under the end that it has by now; None where there is none to make."""
    machine = house.actions[one.change.action].machine
    return switch(one.now, machine.needs if machine else None)


def differences(found: JSONObject, wanted: Switch) -> tuple[str, ...]:
    """What of a schedule is not as stanch makes it, by name."""
    target, asked = found.get("Target"), wanted.params
    told = target if isinstance(target, Mapping) else {}
    wrong = [name for name in asked if name != "Target" and (found.get(name) or _UNSAID.get(name)) != asked[name]]
    if told.get("Arn") != wanted.target or told.get("RoleArn") != wanted.role:
        wrong.append("Target")
    if not same(str(told.get("Input", "")), wanted.input):
        wrong.append("Input")
    return tuple(wrong)


def _put(house: House, one: Containment, wanted: Switch, purpose: Purpose) -> str:
    found = _read(house, one, wanted)
    if found is not None and not differences(found, wanted):
        return ""
    problem = _make(house, one, "CreateSchedule" if found is None else "UpdateSchedule", wanted, purpose)
    found = _read(house, one, wanted)  # whatever was answered: what is there decides
    if found is None:
        return problem or "it was made and is not there"
    wrong = differences(found, wanted)
    return f"{problem or 'AWS accepted it'}; its {', '.join(wrong)} is not as asked for" if wrong else ""


def _end(house: House, one: Containment, wanted: Switch, purpose: Purpose) -> str:
    if _read(house, one, wanted) is None:
        return ""
    now = house.now()
    if one.fires_at is not None and one.fires_at - CLOSING <= now < one.fires_at:
        later = replace(wanted, at=now.replace(microsecond=0) + MORE)
        problem = _put(house, one, later, purpose)
        if problem:
            return problem
        _write(house, one, Armed(one.id, later.at), f"armed/{later.at:%Y-%m-%dT%H:%M:%S}/{_calls(house, one)}")
    problem = _make(house, one, "DeleteSchedule", wanted, purpose)
    gone = _read(house, one, wanted) is None
    return "" if gone else problem or "it was deleted and is still there"


def _make(house: House, one: Containment, operation: str, wanted: Switch, purpose: Purpose) -> str:
    """Put one call to the guardrails, send and journal it; returns the problem."""
    call = _call(operation, wanted)
    permit = _judge(house, one, call, purpose)
    if not permit.allowed:
        return _refusal(permit)
    receipt = _send(house, one, call, wanted)
    _write(house, one, Called(one.id, "dead-man", receipt, permit), f"dead-man/{_calls(house, one) + 1}")
    return "" if receipt.ok else f"{receipt.error} ({call.name})"


def _call(operation: str, wanted: Switch) -> Call:
    params: JSONObject = {"GroupName": GROUP, "Name": wanted.name} if operation == "DeleteSchedule" else wanted.params
    return Call("scheduler", operation, params, wanted.arn)


def _judge(house: House, one: Containment, call: Call, purpose: Purpose) -> Permit:
    file, target = house.file(one.case), one.change.target
    approved = dict(file.approvals).get(one.id, "")
    around = replace(circumstances(house, file, target), executing=True, purpose=purpose, approved_by=approved)
    return house.guardrails.judge(call, one.now, around)


def _refusal(permit: Permit) -> str:
    return f"a guardrail refused {permit.call}: {', '.join((*permit.policies, *permit.errors)) or 'no permit'}"


def _send(house: House, one: Containment, call: Call, wanted: Switch) -> Receipt:
    """The call, in a session that can do nothing else."""
    target, policy = one.change.target, _session(call, wanted)
    where = {"account": target.account, "region": region_of(target), "case": one.case}
    return _aws_of(house).call(call, policy=policy, **where)


def _get_ready(house: House, one: Containment, wanted: Switch) -> None:
    target, policy = one.change.target, _session(_call("CreateSchedule", wanted), wanted)
    where = {"account": target.account, "region": region_of(target), "case": one.case}
    _aws_of(house).warm(("scheduler",), policy=policy, **where)


def _session(call: Call, wanted: Switch) -> str:
    grants = frozenset({Grant(call.name, (wanted.arn,)), Grant("iam:PassRole", (wanted.role,))})
    return Session(grants).document


def _read(house: House, one: Containment, wanted: Switch) -> JSONObject | None:
    try:
        return _reader(house, one).read("scheduler", "GetSchedule", GroupName=GROUP, Name=wanted.name)
    except NotFound:
        return None


def _reader(house: House, one: Containment) -> Reader:
    return _aws_of(house).reader(one.change.target.account, region_of(one.change.target))


def _aws_of(house: House) -> Aws:
    if house.aws is None:
        raise Environment("a replay makes no calls")
    return house.aws


def _calls(house: House, one: Containment) -> int:
    fresh = house.file(one.case).containment(one.id)
    return fresh.switched if fresh else 0


def _say_unarmed(house: House, one: Containment, problem: str) -> str:
    """The case says it; a person is paged once a day for each account and region, not for each containment."""
    _write(house, one, Unarmed(one.id, problem), "unarmed")
    target, day = one.change.target, house.now()
    where = f"{target.account} in {region_of(target)}"
    text = f"no dead-man's switch for what stanch contains in {where}, its own timer stands alone: {problem}"
    house.write(Paged(text), key=f"dead-man/{target.account}/{region_of(target)}/{day:%Y-%m-%d}")
    return problem


def _write(house: House, one: Containment, body: Arming | Armed | Unarmed | Disarmed | Called, what: str) -> None:
    house.write(body, key=f"{one.id}/{what}", case=one.case)
