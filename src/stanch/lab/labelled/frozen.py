"""The frozen set: which scenario is for tuning and which is held back, and the bytes when that was decided."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

from stanch.lab.labelled.cases import catalogue
from stanch.lab.labelled.scenario import Scenario
from stanch.lab.labelled.telling import Telling

FROZEN = Path(__file__).parent / "frozen.json"
SEED, VARIANTS = 20261125, 3
"""Of the frozen bytes; more variants are drawn on demand and are not frozen."""
HELD = 3
"""One scenario in so many is held back."""


class Part(StrEnum):
    """What a scenario is for."""

    DEVELOPMENT = "development"
    HELD_BACK = "held_back"


@dataclass(frozen=True)
class Kept:
    """What is written down of one scenario."""

    part: Part
    digests: Mapping[str, str]
    """By the folder's name."""


def freeze(digests: Mapping[str, str], why: str = "") -> None:
    """Write the split and the bytes down, and why they were written down again."""
    rows = {
        name: {
            "part": part,
            "digests": {folder: one for folder, one in digests.items() if folder.startswith(f"{name}.")},
        }
        for name, part in parts().items()
    }
    whole = {"seed": SEED, "variants": VARIANTS, "notes": [*notes(), *([why] if why else [])], "scenarios": rows}
    FROZEN.write_text(f"{json.dumps(whole, indent=1)}\n", encoding="utf-8")


def notes() -> tuple[str, ...]:
    """What was changed after the freeze, and why, oldest first."""
    return tuple(json.loads(FROZEN.read_text(encoding="utf-8"))["notes"]) if FROZEN.exists() else ()


def seal() -> str:
    """One digest over the whole file but for its notes."""
    whole = json.loads(FROZEN.read_text(encoding="utf-8"))
    return sha256(json.dumps(whole["scenarios"], sort_keys=True).encode()).hexdigest()


def frozen() -> Mapping[str, Kept]:
    """By id."""
    rows = json.loads(FROZEN.read_text(encoding="utf-8"))["scenarios"]
    return {name: Kept(Part(row["part"]), row["digests"]) for name, row in rows.items()}


def parts() -> Mapping[str, Part]:
    """The split as it is drawn: by a hash of the id, apart for each playbook; no variant crosses it."""
    found: dict[str, Part] = {}
    for playbook in sorted({name.partition("/")[0] for name in catalogue()}):
        mine = {name: one for name, one in catalogue().items() if name.startswith(f"{playbook}/")}
        ranked = sorted(mine, key=lambda name: (mine[name].kind, sha256(name.encode()).hexdigest()))
        found |= {name: Part.HELD_BACK if n % HELD == 1 else Part.DEVELOPMENT for n, name in enumerate(ranked)}
    return dict(sorted(found.items()))


def tellings(ids: Mapping[str, Scenario], variants: int, seed: int = SEED) -> Iterator[Telling]:
    """Every side of every variant of these scenarios."""
    for variant in range(variants):
        for name, scenario in ids.items():
            for side in scenario.sides:
                yield Telling(name, scenario, seed, variant, side)
