"""Measure decision quality on the labelled set and write docs/evaluation.md and its picture: `make eval`.

.venv/bin/python docs/evaluate.py [--variants N] [--workers N] [--no-page]
.venv/bin/python docs/evaluate.py --part development    while tuning: the other part is neither walked nor shown; no page
.venv/bin/python docs/evaluate.py --freeze WHY     write the bytes of the set down again; the held-back part must not change
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import mean, median
from tempfile import TemporaryDirectory

from stanch.lab.labelled import SEED, VARIANTS, Kind, Part, catalogue, frozen, tellings, telltale, write
from stanch.lab.labelled.frozen import freeze, notes, parts, seal
from stanch.lab.labelled.measure import Measured, absent, digests, measure
from stanch.model.verdict import Outcome
from stanch.playbooks import load
from stanch.respond.evaluation.interval import Share
from stanch.respond.evaluation.plot import reliability
from stanch.respond.evaluation.score import Result, Score, score

HERE = Path(__file__).parent
ECE = 0.05
PAGE, PICTURE = HERE / "evaluation.md", HERE / "evaluation.svg"
TITLES = {Part.HELD_BACK: "Held back", Part.DEVELOPMENT: "Development"}
SYNTHETIC = """\
<!-- Written by docs/evaluate.py from a run of it: do not edit. -->
# How good the decisions are

Everything on this page is **synthetic**: invented organisations, people, attacks and look-alikes, written by the same
project that decides about them. The records are in AWS's forms and go through the real parsers, the real questions and
the real guardrails; what is decided is what `stanch replay` would decide. But no number here says how often stanch will
be right in *your* accounts: for that, let it observe there and judge its cases (`stanch case judge`). What the set can
show is where it is wrong. Variants of one scenario are told by seed and are not independent of each other: an interval
is exact for cases drawn like these, and too narrow for scenarios that nobody thought of.

* A **scenario** is a story. Told as an attack, as a look-alike, or as a *minimal pair*: twins whose findings and logs are
  the same to the byte, and whose `context.yaml` differs in one authorising fact. The fact that authorises is always
  there in both, in the attack about something else (another range, another week, another host).
* A **variant** draws organisation, names, ids, region, dates, address plan, hour, stealth and surroundings by seed.
  Around a case lie a hundred records of everyday life for each of its own (at most 2,000), and weeks of history.
* Attackers and colleagues draw their names, agents, addresses and hours from the same places. {telltale}
* A third of the scenarios of each playbook is **held back**: drawn by a hash of its name, written down with the digest of
  every bundle before any result was looked at (`src/stanch/lab/labelled/frozen.json`). Weights were tuned on the rest.
* A case of critical or high tier is never dismissed by design: a look-alike is right when it goes to a person. A critical
  one pages someone (`escalated`); a high one that AWS's or the operator's word explains waits in the queue, where a
  person sees it and nobody is paged (`queued`, docs/adr/0014). For an attack the queue is never right. Look-alikes are
  half of this set, and were sought out to be hard: most of them are explained by nothing that a machine may trust, and
  page someone. `attacks escalated` has no such floor.
* The priors are those of ordinary weeks, and half of this set are attacks: the calibration error says how the set is
  made as much as how stanch weighs. Beside it stands the error *at the set's own share of attacks*: from the log-odds of
  each case the prior of its finding's type is taken out and the part's share of attacks put in. That corrects for how
  many attacks there are, and not for how hard the look-alikes are. The goal is held against the plain figure.
* Intervals are exact and hold the true share with 95 % confidence. 299 containments with none wrong put the lower end at
  98.8 %: `make eval VARIANTS=45` draws so many of three playbooks' held-back scenarios, `VARIANTS=20` of seven.
"""


def main() -> int:
    """Measure, print, write; 1 where the set is not the frozen one."""
    asked = _arguments()
    if asked.freeze:
        return _freeze(asked.freeze, asked.workers)
    shelf = load()
    gone = absent(catalogue(), shelf)
    ids = {
        name: one for name, one in catalogue().items() if name.partition("/")[0] in shelf and _is_in(name, asked.part)
    }
    found = measure(list(tellings(ids, asked.variants)), asked.workers, _progress)
    if wrong := _changed({one.telling.folder: one.digest for one in found}):
        print(f"the set is not the frozen one: {', '.join(wrong)}", file=sys.stderr)
        return 1
    if asked.part:
        print("\n".join(_measures(found, Part(asked.part))))
        return 0
    text = "\n".join(_page(found, gone, asked.variants))
    print(text.partition("## The scenarios")[0])
    if not asked.no_page:
        PAGE.write_text(text, encoding="utf-8")
        PICTURE.write_text(reliability(score(_of(found, Part.HELD_BACK))), encoding="utf-8")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--variants", type=int, default=VARIANTS)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--no-page", action="store_true")
    parser.add_argument("--part", choices=[str(one) for one in Part], default="")
    parser.add_argument("--freeze", metavar="WHY", default="")
    return parser.parse_args()


def _is_in(name: str, part: str) -> bool:
    return not part or parts()[name] == part


def _measures(found: Sequence[Measured], part: Part) -> Iterator[str]:
    """Goals and measures of one part alone."""
    yield from (_goal(*one) for one in _goals(_of(found, part)))
    yield from _table(found, part)
    yield from _wrong(found)


def _progress(done: int, whole: int) -> None:
    print(f"{done} of {whole} cases walked", file=sys.stderr)


def _freeze(why: str, workers: int) -> int:
    now = digests(list(tellings(catalogue(), VARIANTS)), workers)
    held = [name for name in _changed(now) if parts()[name.partition(".")[0]] is Part.HELD_BACK]
    if held:
        print(f"the held-back part would change: {', '.join(held)}", file=sys.stderr)
        return 1
    freeze(now, why)
    return 0


def _changed(now: Mapping[str, str]) -> list[str]:
    known = {name: one for kept in frozen().values() for name, one in kept.digests.items()}
    return sorted(name for name, one in now.items() if name in known and known[name] != one)


def _of(found: Sequence[Measured], part: Part, playbook: str = "") -> list[Result]:
    where = frozen()
    return [one.result for one in found if where[one.telling.id].part is part and one.telling.id.startswith(playbook)]


def _page(found: Sequence[Measured], gone: Sequence[str], variants: int) -> Iterator[str]:
    yield SYNTHETIC.format(telltale=_telltale())
    noise, cpu = median(one.noise for one in found), mean(one.cpu for one in found)
    yield f"Measured on {len(found)} cases: {variants} variants of {len({one.telling.id for one in found})} scenarios, "
    yield f"seed {SEED}; median {noise:.0f} records of everyday life around a case; {cpu:.1f} s of processor time a case."
    if gone:
        yield f"\n**Not run**, as no playbook of that name is on the shelf: {', '.join(gone)}."
    yield "\n## Goals, on the held-back part\n\n| goal | measured | reached |\n|---|---|---|"
    yield from (_goal(*one) for one in _goals(_of(found, Part.HELD_BACK)))
    yield "\n![Reliability: what was said against what was](evaluation.svg)"
    for part in (Part.HELD_BACK, Part.DEVELOPMENT):
        yield f"\n## {TITLES[part]}\n"
        yield from _table(found, part)
    yield "\n## What was not right\n"
    yield from _wrong(found)
    yield "\n## What was tuned and mended after the freeze\n"
    yield from (f"* {one}" for one in notes() or ("Nothing.",))
    yield "\n## The scenarios\n"
    yield f"Digest of the frozen set: `{seal()}`.\n"
    yield "| scenario | told as | part | story | the one fact |\n|---|---|---|---|---|"
    for name, one in catalogue().items():
        yield f"| {name} | {one.kind.replace('_', '-')} | {TITLES[frozen()[name].part].lower()} | {one.title} | {one.fact} |"
    yield ""


def _telltale() -> str:
    twins = list(tellings({name: one for name, one in catalogue().items() if one.kind is Kind.PAIR}, VARIANTS))
    with TemporaryDirectory() as folder:
        for one in twins:
            write(Path(folder), one, bare=True)
        found = telltale.pairs(Path(folder), twins)
    return (
        f"A naive Bayes over all words of the raw bytes, trained on all other scenarios, picks the attack out of "
        f"{telltale.told_apart(found):.0%} of {len(found)} pairs: chance is 50 %."
    )


def _goals(found: Sequence[Result]) -> Iterator[tuple[str, str, bool | None]]:
    whole = score(found)
    wrong = whole.precision.n - whole.precision.right
    yield "no wrong containment", f"{wrong} wrong; right {_words(whole.precision)}", wrong == 0
    yield "critical attacks contained or escalated: 100 %", *_at_least(whole.handled_critical, 1.0)
    yield "critical attacks contained: at least 80 %", *_at_least(whole.recall_critical, 0.8)
    yield "look-alikes contained: at most 1 %", *_at_most(whole.look_alikes, 0.01)
    yield "minimal pairs right: at least 95 %", *_at_least(whole.pairs, 0.95)
    yield "escalated: at most 25 %", *_at_most(whole.escalated, 0.25)
    yield (
        "expected calibration error: at most 0.05",
        f"{_number(whole.ece)}, n = {whole.weighed}",
        None if whole.ece is None else whole.ece <= ECE,
    )
    yield "no wrong target", f"{whole.wrong_targets} of {whole.contained} contained", whole.wrong_targets == 0
    yield "every action cites evidence", f"{whole.uncited} without", whole.uncited == 0


def _at_least(one: Share, least: float) -> tuple[str, bool | None]:
    return _words(one), None if one.value is None else one.value >= least


def _at_most(one: Share, most: float) -> tuple[str, bool | None]:
    return _words(one), None if one.value is None else one.value <= most


def _goal(name: str, said: str, met: bool | None) -> str:  # noqa: FBT001 -- a cell
    return f"| {name} | {said} | {'nothing to count' if met is None else 'yes' if met else '**no**'} |"


def _table(found: Sequence[Measured], part: Part) -> Iterator[str]:
    columns = {"all": _of(found, part)}
    columns |= {
        name: _of(found, part, f"{name}/") for name in sorted({one.telling.id.partition("/")[0] for one in found})
    }
    scores = {name: score(results) for name, results in columns.items()}
    yield f"| | {' | '.join(name.replace('_', ' ') for name in columns)} |\n|---|{'---|' * len(columns)}"
    for title, cell in ROWS.items():
        yield f"| {title} | {' | '.join(cell(one) for one in scores.values())} |"
    attacks = {name: [one for one in results if one.attack] for name, results in columns.items()}
    yield f"| attacks escalated | {' | '.join(_escalated(one) for one in attacks.values())} |"
    seconds = (f"{median(one.seconds for one in results):.1f}" if results else "" for results in columns.values())
    yield f"| seconds a case (by the clock), median | {' | '.join(seconds)} |"


ROWS: Mapping[str, Callable[[Score], str]] = {
    "cases (n)": lambda one: str(one.cases),
    "contained, of them rightly (precision)": lambda one: _words(one.precision),
    "critical attacks contained (recall)": lambda one: _words(one.recall_critical),
    "critical attacks contained or escalated": lambda one: _words(one.handled_critical),
    "escalated (a person is paged)": lambda one: _words(one.escalated),
    "queued (a person sees it, nobody is paged)": lambda one: _words(one.queued),
    "attacks queued or dismissed": lambda one: str(one.attacks_unseen),
    "look-alikes contained": lambda one: _words(one.look_alikes),
    "minimal pairs right": lambda one: _words(one.pairs),
    "right": lambda one: _words(one.right),
    "wrong targets": lambda one: str(one.wrong_targets),
    "contained without evidence": lambda one: str(one.uncited),
    "ECE": lambda one: _number(one.ece),
    "ECE at the set's own share of attacks": lambda one: _number(one.ece_levelled),
    "Brier": lambda one: _number(one.brier),
}


def _escalated(found: Sequence[Result]) -> str:
    return _words(Share(sum(one.outcome is Outcome.ESCALATE for one in found), len(found)))


def _wrong(found: Sequence[Measured]) -> Iterator[str]:
    """Of the held-back part only how many: nobody is to tune on what they are."""
    held = _of(found, Part.HELD_BACK)
    yield f"Held back: {sum(not one.right for one in held)} of {len(held)}. Development:\n"
    for one in sorted((one for one in _of(found, Part.DEVELOPMENT) if not one.right), key=lambda one: one.bundle.name):
        p = "" if one.p is None else f", p = {one.p:.3f}"
        yield f"* {one.bundle.name}: {one.outcome}{p}; right would be {' or '.join(one.bundle.expect.outcomes)}"


def _words(one: Share) -> str:
    if not one.n:
        return "none"
    return f"{one.right} of {one.n} = {one.right / one.n:.1%} [{one.low:.1%}, {one.high:.1%}]"


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.3f}"


if __name__ == "__main__":
    sys.exit(main())
