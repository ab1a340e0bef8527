"""How real the lab's traffic looks: a classifier between its Terraform runs and real ones, and published anchors.

    .venv/bin/python bench/realism.py [--corpora ../shared/corpora] [--seeds 5] [--sklearn]

The classifier is gradient boosting over stumps, written below so that it needs nothing; `--sklearn` runs scikit-learn's
beside it, in an environment that has it. It sees shares of services and calls, gaps, read-only, error and burst shares;
no ids, names, addresses, agents or dates. Runs are never cut between training and judging.
"""

import argparse
import json
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import mean
from typing import Any

from stanch.lab.organisation import benign
from stanch.lab.organisation.benign import pipelines
from stanch.lab.organisation.day import Day
from stanch.lab.organisation.found import found
from stanch.lab.organisation.record import Event

CORPUS = "cloudtrail/invictus-aws_dataset.ndjson"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
QUIET = 120
"""Seconds without a call that end a run."""
WINDOW = 25
"""Calls in one sample."""
ROUNDS, RATE, FOLDS, LEAST = 60, 0.3, 5, 3
"""Boosting: stumps, learning rate; folds by run; samples on either side of a cut, at least."""
Record = Mapping[str, Any]
Run = Sequence[Record]


@dataclass(frozen=True)
class Anchors:
    """What is published about ordinary traffic, and compared here."""

    read_only: float
    errors: float
    bursts: float
    """Share of calls in seconds with three calls or more of the same session."""


def real_runs(corpora: Path) -> list[Run]:
    """The Terraform warm-up runs of the corpus."""
    runs = defaultdict(list)
    for line in (corpora / CORPUS).read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["meta"]["label"] == "warmup:iac-deploy" and row["meta"]["group"] != "background":
            runs[row["meta"]["group"]].append(row["event"])
    return [sorted(one, key=_time) for _, one in sorted(runs.items())]


def lab_runs(seed: int, accounts: int = 8, days: int = 10) -> list[Run]:
    """The lab's Terraform runs, all kinds of them."""
    organisation = found(seed, accounts, days, NOW)
    sessions = defaultdict(list)
    for number in range(days):
        for one in pipelines.of_day(Day(organisation, number)):
            if isinstance(one, Event):
                record = json.loads(one.text)
                if "Terraform" in record["userAgent"]:
                    sessions[one.session].append(record)
    return [run for _, records in sorted(sessions.items()) for run in _runs(sorted(records, key=_time))]


def whole(seed: int, accounts: int = 6, days: int = 7) -> Iterator[Record]:
    """All of the lab's everyday events."""
    organisation = found(seed, accounts, days, NOW)
    for number in range(days):
        day = Day(organisation, number)
        for trace in (
            *benign.of_day(day),
            *(one for site in organisation.sites for one in benign.of_site_day(day, site)),
        ):
            if isinstance(trace, Event):
                yield json.loads(trace.text)


def features(run: Run) -> dict[str, float]:
    """What the classifier sees of some calls in a row."""
    n, seconds = len(run), Counter(_time(one) for one in run)
    times = sorted(seconds.elements())
    gaps = [after - before for before, after in pairwise(times)] or [0.0]
    seen = {
        "reads": sum(bool(one["readOnly"]) for one in run) / n,
        "errors": sum("errorCode" in one for one in run) / n,
        "bursts": sum(count for count in seconds.values() if count >= 5) / n,
        "most a second": max(seconds.values()) / n,
        "gaps of 0": sum(gap == 0 for gap in gaps) / len(gaps),
        "gaps of 1": sum(gap == 1 for gap in gaps) / len(gaps),
        "gaps of 2 to 8": sum(1 < gap <= 8 for gap in gaps) / len(gaps),
        "gaps over 8": sum(gap > 8 for gap in gaps) / len(gaps),
        "mean gap": mean(math.log1p(gap) for gap in gaps),
    }
    services = Counter(one["eventSource"] for one in run)
    calls = Counter(f"{one['eventSource']}:{one['eventName']}" for one in run)
    return seen | {name: count / n for name, count in (services + calls).items()}


def anchors(records: Iterable[Record]) -> Anchors:
    """The anchors of any records."""
    seconds: Counter[tuple[str, str]] = Counter()
    n = reads = errors = 0
    for one in records:
        n += 1
        reads += bool(one["readOnly"])
        errors += "errorCode" in one
        identity = one["userIdentity"]
        seconds[
            str(identity.get("accessKeyId") or identity.get("invokedBy") or one.get("eventID")), one["eventTime"]
        ] += 1
    return Anchors(reads / n, errors / n, sum(count for count in seconds.values() if count > 2) / n)


def auc(real: Sequence[Run], ours: Sequence[Run], seed: int, *, windows: bool, sklearn: bool = False) -> float:
    """How well the lab's runs are told from real ones, judged on runs that were not trained on: 0.5 is not at all."""
    samples, labels, groups = [], [], []
    for label, runs in ((0, ours), (1, real)):
        for number, run in enumerate(runs):
            for start in range(0, len(run), WINDOW) if windows else (0,):
                samples.append(features(run[start : start + WINDOW] if windows else run))
                labels.append(label)
                groups.append((label, number))
    names = sorted({name for one in samples for name in one})
    table = [[one.get(name, 0.0) for name in names] for one in samples]
    folds = _folds(groups, Random(seed))  # noqa: S311 -- a measurement
    learn = _sklearn if sklearn else boost
    scores = [0.0] * len(table)
    for fold in range(FOLDS):
        train = [n for n in range(len(table)) if folds[groups[n]] != fold]
        judge = [n for n in range(len(table)) if folds[groups[n]] == fold]
        told = learn([table[n] for n in train], [labels[n] for n in train], [table[n] for n in judge])
        for n, score in zip(judge, told, strict=True):
            scores[n] = score
    return area(scores, labels)


def boost(table: list[list[float]], labels: list[int], judged: list[list[float]]) -> list[float]:
    """Gradient boosting of the logistic loss with stumps; both classes weigh the same."""
    share = sum(labels) / len(labels)
    weight = [0.5 / share if label else 0.5 / (1 - share) for label in labels]
    sums, out = [0.0] * len(table), [0.0] * len(judged)
    order = [[n for _, n in sorted((row[column], n) for n, row in enumerate(table))] for column in range(len(table[0]))]
    for _ in range(ROUNDS):
        chance = [1 / (1 + math.exp(-one)) for one in sums]
        slope = [w * (label - p) for w, label, p in zip(weight, labels, chance, strict=True)]
        curve = [max(w * p * (1 - p), 1e-9) for w, p in zip(weight, chance, strict=True)]
        column, cut, low, high = _stump(table, order, slope, curve)
        for rows, totals in ((table, sums), (judged, out)):
            for n, row in enumerate(rows):
                totals[n] += RATE * (low if row[column] <= cut else high)
    return out


def area(scores: Sequence[float], labels: Sequence[int]) -> float:
    """Area under the ROC curve: how often a real one scores above one of ours."""
    real = [score for score, label in zip(scores, labels, strict=True) if label]
    ours = [score for score, label in zip(scores, labels, strict=True) if not label]
    won = sum((one > other) + 0.5 * (one == other) for one in real for other in ours)
    return won / (len(real) * len(ours))


def _stump(
    table: list[list[float]], order: list[list[int]], slope: list[float], curve: list[float]
) -> tuple[int, float, float, float]:
    """The best single cut: column, threshold, and what to add below and above."""
    best = (-1.0, 0, 0.0, 0.0, 0.0)
    all_slope, all_curve = sum(slope), sum(curve)
    for column, ranks in enumerate(order):
        s = c = 0.0
        for place, (n, after) in enumerate(pairwise(ranks), 1):
            s, c = s + slope[n], c + curve[n]
            value, following = table[n][column], table[after][column]
            if value == following or place < LEAST or len(ranks) - place < LEAST:
                continue
            rest_s, rest_c = all_slope - s, all_curve - c
            gain = s * s / (c + 1) + rest_s * rest_s / (rest_c + 1)
            if gain > best[0]:
                best = (gain, column, (value + following) / 2, s / (c + 1), rest_s / (rest_c + 1))
    return best[1:]


def _sklearn(table: list[list[float]], labels: list[int], judged: list[list[float]]) -> list[float]:
    from sklearn.ensemble import GradientBoostingClassifier  # type: ignore[import-not-found]  # noqa: PLC0415

    share = sum(labels) / len(labels)
    weight = [0.5 / share if label else 0.5 / (1 - share) for label in labels]
    model = GradientBoostingClassifier(random_state=0, max_depth=3, n_estimators=100, min_samples_leaf=LEAST)
    return [float(one) for one in model.fit(table, labels, weight).decision_function(judged)]


def _folds(groups: Sequence[tuple[int, int]], thrown: Random) -> dict[tuple[int, int], int]:
    """The fold of each run; real and ours are spread evenly."""
    found_folds = {}
    for label in (0, 1):
        mine = sorted({one for one in groups if one[0] == label})
        thrown.shuffle(mine)
        found_folds.update({one: n % FOLDS for n, one in enumerate(mine)})
    return found_folds


def _runs(records: Sequence[Record]) -> Iterator[list[Record]]:
    """The records of one key, cut where it was quiet."""
    run: list[Record] = []
    for one in records:
        if run and _time(one) - _time(run[-1]) > QUIET:
            yield run
            run = []
        run.append(one)
    if run:
        yield run


def _time(record: Record) -> float:
    return datetime.fromisoformat(record["eventTime"]).timestamp()


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--corpora", type=Path, default=Path(__file__).parents[2] / "shared" / "corpora")
    options.add_argument("--seeds", type=int, default=5)
    options.add_argument("--sklearn", action="store_true")
    given = options.parse_args()
    if not (given.corpora / CORPUS).is_file():
        sys.exit(f"no corpus at {given.corpora / CORPUS}")
    real = real_runs(given.corpora)
    rows = defaultdict(list)
    for seed in range(1, given.seeds + 1):
        ours = lab_runs(seed)
        applies = [run for run in ours if not all(one["readOnly"] for one in run)]
        for name, runs in (("all runs", ours), ("applies", applies)):
            for windows in (True, False):
                rows[name, windows, "stumps"].append(auc(real, runs, seed, windows=windows))
                if given.sklearn:
                    rows[name, windows, "scikit-learn"].append(auc(real, runs, seed, windows=windows, sklearn=True))
        sys.stderr.write(f"seed {seed}: {len(ours)} runs, {len(applies)} of them applies\n")
    print("| lab's Terraform against real | sample | boosting | AUC, mean | least | most |\n|---|---|---|---|---|---|")
    for (name, windows, kind), values in rows.items():
        sample = f"{WINDOW} calls" if windows else "whole run"
        print(f"| {name} | {sample} | {kind} | {mean(values):.2f} | {min(values):.2f} | {max(values):.2f} |")
    print("\n| records | read-only | errors | in bursts |\n|---|---|---|---|")
    for name, seen in (
        ("real Terraform", anchors(one for run in real for one in run)),
        ("lab's Terraform", anchors(one for run in lab_runs(1) for one in run)),
        ("lab, everything", anchors(whole(1))),
    ):
        print(f"| {name} | {seen.read_only:.2f} | {seen.errors:.3f} | {seen.bursts:.2f} |")


if __name__ == "__main__":
    main()
