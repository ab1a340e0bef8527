"""Whether mere words give an attack away: a naive Bayes over a bundle's raw bytes, judged on scenarios it never saw."""

import gzip
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stanch.lab.labelled.scenario import Side
from stanch.lab.labelled.telling import Telling

_WORD = re.compile(rb"[A-Za-z0-9_]+")
ANSWER = "expect.yaml"


@dataclass(frozen=True)
class Pair:
    """The words of twins, the attack's and the look-alike's."""

    scenario: str
    attack: frozenset[bytes]
    benign: frozenset[bytes]


def words(folder: Path) -> frozenset[bytes]:
    """All words of a bundle but for its answer."""
    found: set[bytes] = set()
    for path in sorted(one for one in folder.rglob("*") if one.is_file() and one.name != ANSWER):
        data = path.read_bytes()
        found.update(_WORD.findall(gzip.decompress(data) if path.suffix == ".gz" else data))
    return frozenset(found)


def pairs(folder: Path, tellings: Iterable[Telling]) -> tuple[Pair, ...]:
    """The twins among bundles that lie in that folder."""
    halves: dict[tuple[str, int], dict[Side, frozenset[bytes]]] = {}
    for one in tellings:
        halves.setdefault((one.id, one.variant), {})[one.side] = words(folder / one.folder)
    return tuple(
        Pair(name, both[Side.ATTACK], both[Side.BENIGN]) for (name, _), both in sorted(halves.items()) if len(both) > 1
    )


def told_apart(found: Sequence[Pair]) -> float:
    """In how many pairs the attack scores above its twin (a tie is half), trained on all others: 0.5 is chance."""
    won = 0.0
    for scenario in sorted({one.scenario for one in found}):
        weights = _train([one for one in found if one.scenario != scenario])
        for one in (one for one in found if one.scenario == scenario):
            attack, benign = _score(one.attack - one.benign, weights), _score(one.benign - one.attack, weights)
            won += 0.5 if math.isclose(attack, benign, abs_tol=1e-9) else attack > benign
    return won / len(found)


def _train(found: Sequence[Pair]) -> Mapping[bytes, float]:
    """The log-ratio of each word: in how many attacks against in how many look-alikes, smoothed by one."""
    attacks = Counter(word for one in found for word in one.attack)
    benign = Counter(word for one in found for word in one.benign)
    return {word: math.log((attacks[word] + 1) / (benign[word] + 1)) for word in attacks.keys() | benign.keys()}


def _score(said: Iterable[bytes], weights: Mapping[bytes, float]) -> float:
    """Words that both twins have weigh the same for both and are left out."""
    return math.fsum(weights.get(word, 0.0) for word in said)
