"""Runs a Step Functions state machine: exactly the states and fields that stanch's own use, and refuses any other.

The language is AWS's, the interpreter is ours: what it does is simulated. Waits pass at once.
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

from jsonata import Jsonata
from jsonata.jexception import JException
from jsonata.utils import Utils

from stanch.model.data import JSON, JSONObject
from stanch.model.errors import BadInput

MOST = 2000
"""States that one execution may enter; AWS ends one after 25,000 events."""
_FIELDS: Mapping[str, frozenset[str]] = {
    "Task": frozenset({"Resource", "Arguments", "Assign", "Output", "Retry", "Catch", "Next", "End"}),
    "Pass": frozenset({"Assign", "Output", "Next", "End"}),
    "Choice": frozenset({"Choices", "Default"}),
    "Wait": frozenset({"Seconds", "Assign", "Next"}),
    "Map": frozenset({"Items", "MaxConcurrency", "ItemProcessor", "Assign", "Next"}),
    "Succeed": frozenset(),
    "Fail": frozenset({"Error", "Cause"}),
}
_TOP = frozenset({"Comment", "QueryLanguage", "StartAt", "States"})
_INNER = frozenset({"ProcessorConfig", "StartAt", "States"})
Do = Callable[[str, JSONObject], JSON]
"""(resource of a task, its arguments) -> the answer; raises Failed."""


class Failed(Exception):
    """A task failed, or an execution did."""

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause


def check(definition: JSONObject) -> None:
    """Raise BadInput for a machine that this interpreter cannot run, or that points to states which are not there."""
    _known(definition, _TOP, "the machine")
    if definition.get("QueryLanguage") != "JSONata":
        raise BadInput("the lab runs only state machines in JSONata")
    _check_states(definition)


def run(definition: JSONObject, given: JSON, do: Do) -> JSON:
    """The output of one execution; raises Failed as the execution failed, BadInput for what cannot be run."""
    check(definition)
    return _Execution(do).go(definition, given, {})


@dataclass
class _Execution:
    do: Do
    entered: int = field(default=0)

    def go(self, machine: JSONObject, given: JSON, known: dict[str, JSON]) -> JSON:
        """Through the states to an end; `known` are the variables, changed in place."""
        name, states = str(machine["StartAt"]), _object(machine["States"])
        while True:
            self.entered += 1
            if self.entered > MOST:
                raise BadInput(f"the state machine does not end: {MOST} states entered")
            state = _object(states[name])
            given, following = self._enter(state, given, known)
            if not following:
                return given
            name = following

    def _enter(self, state: JSONObject, given: JSON, known: dict[str, JSON]) -> tuple[JSON, str]:
        """The state's output, and the name of the next one: empty at the end."""
        match state["Type"]:
            case "Succeed":
                return given, ""
            case "Fail":
                said = {"input": given}
                cause = evaluate(state["Cause"], known, said)
                raise Failed(str(evaluate(state["Error"], known, said)), str(cause))
            case "Choice":
                rules = (_object(one) for one in _list(state["Choices"]))
                chosen = (
                    str(one["Next"]) for one in rules if evaluate(one["Condition"], known, {"input": given}) is True
                )
                return given, next(chosen, str(state["Default"]))
            case "Task":
                return self._task(state, given, known)
            case "Map":
                answer: JSON = [
                    self.go(_object(state["ItemProcessor"]), one, dict(known)) for one in _items(state, given, known)
                ]
                return _leave(state, known, {"input": given, "result": answer}, answer)
            case _:
                return _leave(state, known, {"input": given}, given)

    def _task(self, state: JSONObject, given: JSON, known: dict[str, JSON]) -> tuple[JSON, str]:
        try:
            arguments = _object(evaluate(state["Arguments"], known, {"input": given}))
            answer = self.do(str(state["Resource"]), arguments)
            return _leave(state, known, {"input": given, "result": answer}, answer)
        except Failed as failure:
            caught = next((_object(one) for one in _list(state.get("Catch", []))), None)
            if caught is None:
                raise
            told: JSON = {"Error": failure.error, "Cause": failure.cause}
            return _leave(caught, known, {"input": given, "errorOutput": told}, told)


def _leave(state: JSONObject, known: dict[str, JSON], states: JSONObject, output: JSON) -> tuple[JSON, str]:
    """Assignments see the variables as they were before, all of them at once."""
    fresh = {name: evaluate(one, known, states) for name, one in _object(state.get("Assign", {})).items()}
    result = evaluate(state["Output"], known, states) if "Output" in state else output
    known.update(fresh)
    return result, str(state.get("Next", ""))


def _items(state: JSONObject, given: JSON, known: dict[str, JSON]) -> list[JSON]:
    found = evaluate(state["Items"], known, {"input": given})
    if not isinstance(found, list):
        raise Failed("States.QueryEvaluationError", f"the items of a Map are no array: {found!r}")
    return found


def evaluate(template: JSON, known: Mapping[str, JSON], states: JSONObject) -> JSON:
    """A template with its expressions evaluated; what is undefined fails, as on AWS."""
    if isinstance(template, str):
        if not (template.startswith("{%") and template.endswith("%}")):
            return template
        return _value(template[2:-2].strip(), known, states)
    if isinstance(template, Mapping):
        return {key: evaluate(one, known, states) for key, one in template.items()}
    if isinstance(template, list | tuple):
        return [evaluate(one, known, states) for one in template]
    return template


def _value(expression: str, known: Mapping[str, JSON], states: JSONObject) -> JSON:
    compiled, there = _compiled(expression)
    frame = compiled.create_frame()
    for name, value in (*known.items(), ("states", states)):
        frame.bind(name, Utils.NULL_VALUE if value is None else value)
    try:
        exists: bool = there.evaluate(None, frame)
        found: JSON = compiled.evaluate(None, frame)
    except (JException, ValueError, TypeError, LookupError, AttributeError) as error:
        raise Failed("States.QueryEvaluationError", f"{error} in {expression}") from error
    if not exists:
        raise Failed("States.QueryEvaluationError", f"undefined: {expression}")
    return found


@cache
def _compiled(expression: str) -> tuple[Jsonata, Jsonata]:
    return Jsonata(expression), Jsonata(f"$exists(({expression}))")


def _check_states(machine: JSONObject) -> None:
    states = _object(machine["States"])
    for name, one in states.items():
        state = _object(one)
        kind = str(state.get("Type"))
        if kind not in _FIELDS:
            raise BadInput(f"state {name}: the lab runs no {kind}")
        _known(state, _FIELDS[kind] | {"Type"}, f"state {name}")
        if kind == "Map":
            _known(_object(state["ItemProcessor"]), _INNER, f"the items of {name}")
            _check_states(_object(state["ItemProcessor"]))
        if kind not in ("Choice", "Succeed", "Fail") and ("Next" in state) == ("End" in state):
            raise BadInput(f"state {name} has neither a next state nor an end, or both")
        for following in _followers(state):
            if following not in states:
                raise BadInput(f"state {name} leads to {following}, which is not there")
    if machine["StartAt"] not in states:
        raise BadInput(f"it starts at {machine['StartAt']}, which is not there")


def _followers(state: JSONObject) -> list[str]:
    branches = [_object(one) for key in ("Choices", "Catch") for one in _list(state.get(key, []))]
    named = [state.get("Next"), state.get("Default"), *(one.get("Next") for one in branches)]
    return [str(one) for one in named if one is not None]


def _known(found: JSONObject, allowed: frozenset[str], what: str) -> None:
    odd = sorted(set(found) - allowed)
    if odd:
        raise BadInput(f"{what} has {', '.join(odd)}: the lab does not run that")


def _object(value: JSON) -> JSONObject:
    if not isinstance(value, Mapping):
        raise BadInput(f"{value!r} is no object")
    return value


def _list(value: JSON) -> list[JSON]:
    return list(value) if isinstance(value, list | tuple) else []
