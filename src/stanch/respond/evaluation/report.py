"""An evaluation as one JSON object, and as a table for people."""

from collections.abc import Sequence

from stanch.model.data import JSON, JSONObject
from stanch.respond.evaluation.ablation import Loss, by_question, by_source
from stanch.respond.evaluation.interval import Share
from stanch.respond.evaluation.score import Result, Score, score


def report(results: Sequence[Result]) -> JSONObject:
    """Everything measured; every share with its n and its exact 95 % interval."""
    whole = score(results)
    weighed = [one.weighed for one in results if one.weighed]
    families = sorted({one.bundle.expect.family for one in results})
    return {
        **_score(whole),
        "reliability": [{"n": one.n, "said": round(one.said, 6), "was": _share(one.was)} for one in whole.bins],
        "per_family": {
            family: _score(score([one for one in results if one.bundle.expect.family == family])) for family in families
        },
        "ablation": {
            "per_question": [_loss(one) for one in by_question(weighed)],
            "per_source": [_loss(one) for one in by_source(weighed)],
        },
        "per_case": [_case(one) for one in results],
    }


def lines(results: Sequence[Result]) -> tuple[str, ...]:
    """The same for people: the measures, each family, and every bundle that is not right."""
    whole = score(results)
    said = [
        f"{whole.cases} cases, {whole.contained} contained",
        f"precision            {_words(whole.precision)}",
        f"critical contained   {_words(whole.recall_critical)}",
        f"critical handled     {_words(whole.handled_critical)}",
        f"escalated            {_words(whole.escalated)}",
        f"queued               {_words(whole.queued)}; attacks queued or dismissed {whole.attacks_unseen}",
        f"look-alikes contained {_words(whole.look_alikes)}",
        f"minimal pairs right  {_words(whole.pairs)}",
        f"right                {_words(whole.right)}",
        f"wrong targets        {whole.wrong_targets}; contained without evidence {whole.uncited}",
        f"calibration          ECE {_number(whole.ece)}, Brier {_number(whole.brier)}, n = {whole.weighed}",
    ]
    for family in sorted({one.bundle.expect.family for one in results}):
        part = score([one for one in results if one.bundle.expect.family == family])
        said.append(f"{family}: {part.cases} cases, precision {_words(part.precision)}, right {_words(part.right)}")
    return (*said, *(_wrong(one) for one in results if not one.right))


def _wrong(one: Result) -> str:
    expect = one.bundle.expect
    wanted = " or ".join(expect.outcomes)
    said = f"p {one.p:.3f}" if one.p is not None else "nothing weighed"
    targets = f", wrong targets {', '.join(one.wrong_targets)}" if one.wrong_targets else ""
    return f"not right: {one.bundle.name}: {one.outcome} ({said}), expected {wanted}{targets}"


def _score(one: Score) -> dict[str, JSON]:
    return {
        "cases": one.cases,
        "contained": one.contained,
        "precision": _share(one.precision),
        "recall_critical": one.recall_critical.value,
        "recall_critical_of": one.recall_critical.n,
        "handled_critical": _share(one.handled_critical),
        "escalation_rate": one.escalated.value,
        "queued": _share(one.queued),
        "attacks_unseen": one.attacks_unseen,
        "look_alikes_contained": _share(one.look_alikes),
        "pairs_right": _share(one.pairs),
        "right": _share(one.right),
        "wrong_targets": one.wrong_targets,
        "uncited": one.uncited,
        "ece": one.ece,
        "ece_levelled": one.ece_levelled,
        "brier": one.brier,
        "weighed": one.weighed,
    }


def _share(one: Share) -> JSONObject:
    return {"value": one.value, "low": round(one.low, 6), "high": round(one.high, 6), "right": one.right, "n": one.n}


def _loss(one: Loss) -> JSONObject:
    return {
        "without": one.without,
        "asked": one.asked,
        "attacks_lost": one.attacks_lost,
        "look_alikes_contained": one.look_alikes_contained,
    }


def _case(one: Result) -> JSONObject:
    return {
        "case": one.bundle.name,
        "verdict": one.verdict,
        "p": one.p,
        "outcome": str(one.outcome),
        "targets": list(one.targets),
        "seconds": round(one.seconds, 3),
        "right": one.right,
    }


def _words(one: Share) -> str:
    return (
        f"{one.right} of {one.n} ({one.right / one.n:.1%}, 95 % [{one.low:.1%}, {one.high:.1%}])"
        if one.n
        else "of none"
    )


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3f}"
