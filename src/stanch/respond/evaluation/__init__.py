"""Decision quality, measured: every bundle of a folder is replayed as it would have been walked, and scored."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from stanch.model.casefile import CaseFile
from stanch.model.verdict import Conclusion, Outcome
from stanch.respond.evaluation.ablation import Weighed
from stanch.respond.evaluation.bundle import Bundle, bundles
from stanch.respond.evaluation.score import Result, Score, score
from stanch.respond.house import House
from stanch.respond.hunting import Hunt
from stanch.respond.run import once, running
from stanch.sources import open_source
from stanch.store.database import open_database
from stanch.trail import Trail

__all__ = ["Result", "Score", "bundles", "evaluate", "score"]

STRENGTH = (Outcome.DISMISS, Outcome.QUEUE, Outcome.ESCALATE, Outcome.CONTAIN)
"""Where a bundle gives several cases, the strongest outcome is the bundle's."""


class _StandingStill:
    """A clock that shows the time of the bundle."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        """Always the same time, UTC."""
        return self._at


def evaluate(
    house: House, found: tuple[Bundle, ...], progress: Callable[[int, int], None] = lambda *_: None
) -> tuple[Result, ...]:
    """Replay each bundle in a house of its own, with the playbooks, actions and guardrails of `house`.

    `house` asks AWS nothing (a replay). progress: told (bundles done, bundles in all).
    """
    results = []
    for number, bundle in enumerate(found, 1):
        results.append(_replay(house, bundle))
        progress(number, len(found))
    return tuple(results)


def _replay(house: House, bundle: Bundle) -> Result:
    began = time.perf_counter()
    files = _walk(house, bundle)
    seconds = time.perf_counter() - began
    if not files:
        return Result(bundle, str(Conclusion.INSUFFICIENT), None, Outcome.DISMISS, (), seconds)
    first = max(files, key=lambda one: (STRENGTH.index(one.outcome or Outcome.DISMISS), one.verdict is not None))
    changes = [change for one in files for change in one.would]
    verdict = first.verdict
    return Result(
        bundle=bundle,
        verdict=str(verdict.conclusion if verdict else Conclusion.INSUFFICIENT),
        p=verdict.p if verdict else None,
        outcome=first.outcome or Outcome.DISMISS,
        targets=tuple(dict.fromkeys(change.target.arn for change in changes)),
        seconds=seconds,
        cited=all(bool(one.verdict and one.verdict.ledger) for one in files if one.would),
        weighed=_weighed(house, bundle, first),
        prior=verdict.prior if verdict else None,
    )


def _weighed(house: House, bundle: Bundle, file: CaseFile) -> Weighed | None:
    if file.verdict is None or file.triage is None:
        return None
    playbook = house.playbooks[file.triage.playbook]
    attack = bundle.expect.truth == "attack"
    return Weighed(attack, file.triage, playbook, file.evidence, file.verdict.prior, file.verdict.threshold)


def _walk(house: House, bundle: Bundle) -> tuple[CaseFile, ...]:
    now = bundle.context.now or datetime.now(UTC)
    own = replace(
        house,
        database=open_database(None),
        clock=_StandingStill(now),
        context=bundle.context,
        trail=Trail.load(bundle.logs),
    )
    sources = (open_source(str(bundle.findings)),) if bundle.findings else ()
    with running(own) as engine:
        once(own, engine, sources, hunt=None if sources else Hunt())
    return own.files()
