"""A case as one JSON line, for programs."""

from stanch.model.casefile import CaseFile, Containment, State
from stanch.model.change import Call
from stanch.model.data import JSON, JSONObject
from stanch.model.finding import Skip
from stanch.model.verdict import Conclusion
from stanch.respond.intake import Taken


def case_line(file: CaseFile) -> JSONObject:
    """One case: what it is about, what was decided, and what was done or would have been done."""
    verdict = file.verdict
    changes = file.would or tuple(one.change for one in file.containments)
    return {
        "kind": "case",
        "case": file.id,
        "findings": [one.id for one in file.findings],
        "tier": str(file.tier or ""),
        "mode": str(file.mode),
        "verdict": str(verdict.conclusion if verdict else Conclusion.INSUFFICIENT),
        "p": verdict.p if verdict else None,
        "outcome": str(file.outcome or ""),
        "reasons": list(file.reasons),
        "drawn": bool(file.drawn),
        "targets": list(dict.fromkeys(one.target.arn for one in changes)),
        "calls": _calls(file),
        "refusals": [
            {"action": one.action, "target": one.target, "call": one.call, "reason": one.reason}
            for one in file.refusals
        ],
        "containments": [_containment(one) for one in file.containments],
        "proposals": [{"id": one.id, "approval": one.approval} for one in file.proposals],
        "returns": file.returns,
        "label": str(file.label.conclusion) if file.label else None,
        "verified": verified(file),
    }


def _containment(one: Containment) -> JSONObject:
    return {
        "id": one.id,
        "state": str(one.state),
        "expires_at": one.expires_at.isoformat(),
        "effective": one.effective,
        "proof": list(one.proof),
        "persisted": one.persisted,
        "tampered": one.tampered,
        "left": list(one.left),
    }


def verified(file: CaseFile) -> bool | None:
    """Every change was read back as in place, or since as gone again; None when nothing was to be changed."""
    mine = file.containments
    return all(one.held and one.state is not State.REVERTING for one in mine) if mine else None


def skip_line(skip: Skip) -> JSONObject:
    """One record that held no finding."""
    return {"kind": "skip", "record": skip.record, "reason": skip.reason}


def summary_line(taken: Taken, errors: int) -> JSONObject:
    """The last line of a run."""
    return {
        "kind": "summary",
        "records": taken.records,
        "findings": taken.findings,
        "skips": len(taken.skips),
        "errors": errors,
        "cases": len(taken.cases),
    }


def _calls(file: CaseFile) -> list[JSON]:
    if file.would:
        return [{**_call(call), "result": "would"} for change in file.would for call in change.forward]
    return [
        {**_call(receipt.call), "result": "ok" if receipt.ok else receipt.error, "request_id": receipt.request_id}
        for one in file.containments
        for receipt in one.receipts
    ]


def _call(call: Call) -> dict[str, JSON]:
    return {"call": call.name, "resource": call.resource, "params": call.params}
