"""State machines that undo by compare-and-set: read, say what is left and what is in conflict, write, read again.

The same loop as stanch's own passes. A write that fails, for whatever reason (a stale lock token, a state not yet
reached), is answered by reading again, a bounded number of times. A conflict, a read that fails and a loop that does
not end page a person by an event `stanch revert conflict` on the account's default bus, and the execution fails.
The language is JSONata: arrays are compared in `[ ]`, since a sequence of one is its only member, and what is not
there is given an end (`& ''`), since Step Functions refuses to keep what is undefined.
"""

from collections.abc import Mapping

from stanch.model.change import Machine
from stanch.model.data import JSON, JSONObject

TRIES = 40
"""Writes before it gives up."""
PAUSE = 5
"""Seconds after a write, for AWS answers at first with what was true before."""
State = dict[str, JSON]


def task(service: str, operation: str, arguments: JSONObject) -> State:
    """One call by Step Functions' own SDK integration; operation as the API spells it."""
    verb = f"{operation[:1].lower()}{operation[1:]}"
    return {"Type": "Task", "Resource": f"arn:PARTITION:states:::aws-sdk:{service}:{verb}", "Arguments": arguments}


def read(service: str, operation: str, arguments: JSONObject, **keep: str) -> State:
    """A call that reads; of its answer only these expressions are kept, under these names."""
    retry: JSON = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 2, "MaxAttempts": 3, "BackoffRate": 2}]
    return {**task(service, operation, arguments), "Assign": {name: jsonata(one) for name, one in keep.items()}} | {
        "Retry": retry,
        "Catch": [{"ErrorEquals": ["States.ALL"], "Assign": _because("the state cannot be read: "), "Next": "Page"}],
    }


def machine(
    needs: tuple[str, ...], reads: Mapping[str, State], todo: str, conflicts: str = "", **writes: State
) -> Machine:
    """The machine of an action.

    todo and conflicts: JSONata for the items of an array; an item of `todo` names its write in `do`. writes: by that
    name.
    """
    order = [*reads, "Left"]
    states: dict[str, JSON] = {
        "Begin": {
            "Type": "Pass",
            "Assign": {"it": jsonata("$states.input"), "tries": 0, "error": "", "why": ""},
            "Next": order[0],
        },
        **{name: _then(state, order[order.index(name) + 1]) for name, state in reads.items()},
        "Left": {
            "Type": "Pass",
            "Assign": {"todo": jsonata(f"[{todo}]"), "conflicts": jsonata(f"[{conflicts}]")},
            "Next": "Choose",
        },
        "Choose": {
            "Type": "Choice",
            "Choices": [
                {"Condition": jsonata(f"$count($todo) > 0 and $tries >= {TRIES}"), "Next": "GiveUp"},
                *({"Condition": jsonata(f"$todo[0].do = '{name}'"), "Next": name} for name in writes),
                {"Condition": jsonata("$count($conflicts) = 0"), "Next": "Done"},
            ],
            "Default": "Conflict",
        },
        **{name: _write(state) for name, state in writes.items()},
        "Pause": {
            "Type": "Wait",
            "Seconds": PAUSE,
            "Assign": {"tries": jsonata("$tries + 1")},
            "Next": order[0],
        },
        "GiveUp": {
            "Type": "Pass",
            "Assign": {"why": jsonata("'it does not hold: ' & $error")},
            "Next": "Page",
        },
        "Conflict": {
            "Type": "Pass",
            "Assign": {"why": jsonata("$join($conflicts, '; ')")},
            "Next": "Page",
        },
        "Page": {**_page(), "Next": "Left alone"},
        "Left alone": {"Type": "Fail", "Error": "LeftAlone", "Cause": jsonata("$why")},
        "Done": {"Type": "Succeed"},
    }
    definition: JSONObject = {
        "Comment": "stanch's dead-man's switch: takes back what stanch did, unless somebody changed it meanwhile",
        "QueryLanguage": "JSONata",
        "StartAt": "Begin",
        "States": states,
    }
    return Machine(definition, needs)


def jsonata(expression: str) -> str:
    """An expression as the States Language writes it."""
    return f"{{% {expression} %}}"


def _then(state: State, following: str) -> State:
    return state if state["Type"] == "Choice" else {**state, "Next": following}


def _write(state: State) -> State:
    caught: JSON = [{"ErrorEquals": ["States.ALL"], "Assign": {"error": _cause()}, "Next": "Pause"}]
    return {**state, "Catch": caught, "Next": "Pause"}


def _page() -> State:
    detail = "$string({'containment': $it.containment, 'case': $it.case, 'target': $it.arn, 'why': $why})"
    entry: JSONObject = {"Source": "stanch", "DetailType": "stanch revert conflict", "Detail": jsonata(detail)}
    return task("eventbridge", "PutEvents", {"Entries": [entry]})


def _because(what: str) -> JSONObject:
    return {"why": jsonata(f"'{what}' & $states.errorOutput.Error & ' ' & $states.errorOutput.Cause")}


def _cause() -> str:
    return jsonata("$states.errorOutput.Error & ' ' & $states.errorOutput.Cause")
