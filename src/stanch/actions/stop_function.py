"""L1: stop a Lambda function by reserving no concurrency for it."""

from dataclasses import dataclass

from stanch.actions import _undo_settings
from stanch.actions._examples import FUNCTION
from stanch.aws.answer import at, number
from stanch.model.change import Action, Call, RevertsBy, Target, TargetKind, Terms, Undo
from stanch.model.data import JSONObject
from stanch.model.errors import NotFound
from stanch.model.ports import Reader


@dataclass(frozen=True)
class Concurrency:
    """How often a function may run at once."""

    exists: bool
    reserved: int | None = None
    """Reserved concurrency; None when nothing is reserved and the account's common pool counts."""


def _snapshot(reader: Reader, target: Target) -> Concurrency:
    try:
        answer = reader.read("lambda", "GetFunctionConcurrency", FunctionName=target.name)
    except NotFound:
        return Concurrency(exists=False)
    if at(answer, "ReservedConcurrentExecutions") is None:
        return Concurrency(exists=True)
    return Concurrency(exists=True, reserved=number(answer, "ReservedConcurrentExecutions", default=0))


def _presume(_target: Target) -> Concurrency:
    return Concurrency(exists=True)


def _objections(target: Target, state: Concurrency) -> tuple[str, ...]:
    return () if state.exists else (f"function {target.name} does not exist in {target.region}",)


def _forward(target: Target, state: Concurrency, _terms: Terms) -> tuple[Call, ...]:
    return () if state.reserved == 0 else (_put(target, 0),)


def _inverse(target: Target, before: Concurrency, now: Concurrency | None, _terms: Terms) -> Undo:
    if before.reserved == 0 or (now is not None and (now.reserved == before.reserved or not now.exists)):
        return Undo()
    if now is not None and now.reserved != 0:
        found = "none" if now.reserved is None else now.reserved
        return Undo((), (f"someone set the reserved concurrency of function {target.name} to {found}: left as it is",))
    return Undo((_delete(target) if before.reserved is None else _put(target, before.reserved),))


def _keep(_target: Target, _state: Concurrency, _terms: Terms) -> tuple[Call, ...]:
    return ()


def _blast_radius(target: Target, _state: Concurrency) -> str:
    return f"function {target.name} in account {target.account}"


def _put(target: Target, reserved: int) -> Call:
    params: JSONObject = {"FunctionName": target.name, "ReservedConcurrentExecutions": reserved}
    return Call("lambda", "PutFunctionConcurrency", params, target.arn)


def _delete(target: Target) -> Call:
    return Call("lambda", "DeleteFunctionConcurrency", {"FunctionName": target.name}, target.arn)


ACTION = Action(
    id="L1",
    title="Stop a function",
    target=TargetKind.FUNCTION,
    state=Concurrency,
    snapshot=_snapshot,
    presume=_presume,
    objections=_objections,
    forward=_forward,
    inverse=_inverse,
    keep=_keep,
    blast_radius=_blast_radius,
    reverts_by=RevertsBy.SCHEDULER,
    machine=_undo_settings.CONCURRENCY,
    cut="soft: no new run begins; running ones go on up to 15 minutes, and its role's sessions live on (I3)",
    breaks="Whatever calls the function is throttled; queued events may expire and are then lost, so it is only partly "
    "reversible.",
    price="the function runs again as the attacker left it",
    permissions=("lambda:GetFunctionConcurrency",),
    examples=(
        (FUNCTION, Concurrency(exists=True)),
        (FUNCTION, Concurrency(exists=True, reserved=5)),
        (FUNCTION, Concurrency(exists=True, reserved=0)),
    ),
)
"""The reservation is deleted again only where there was none: then it is stanch's own."""
