"""A scenario told once: everything that it leaves behind, laid out as a case bundle."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from io import StringIO
from itertools import groupby
from pathlib import Path
from zlib import crc32

import yaml

from stanch.lab.dice import dice
from stanch.lab.labelled.habits import history
from stanch.lab.labelled.place import DAYS, Log, everyday, sites, world
from stanch.lab.labelled.scenario import Kind, Scenario, Side
from stanch.lab.labelled.stage import Stage
from stanch.lab.organisation.attacks.scene import Clock, Scene, Stealth
from stanch.lab.organisation.delivery import Courier
from stanch.lab.organisation.record import Event, Pen
from stanch.lab.organisation.traces import Access, Flow, Found
from stanch.model.data import JSONObject

WORLDS = 2
"""Worlds that the scenarios of one variant are spread over."""
NOISE, MOST = 100, 2000
"""Records of everyday life for each one of the case, and at most."""
HARMLESS = ("escalate", "queue", "dismiss")
"""What may be done about a look-alike."""


@dataclass(frozen=True)
class Telling:
    """Which scenario, which variant, which side."""

    id: str
    """`playbook/name`."""
    scenario: Scenario
    seed: int
    variant: int
    side: Side

    @property
    def folder(self) -> str:
        """Of its bundle."""
        return f"{self.id}.{self.variant}.{self.side}"


def write(folder: Path, telling: Telling, *, bare: bool = False) -> int:
    """Write the bundle into `folder/<its own>`; the same telling writes the same bytes. Gives records of noise.

    bare: without what others did and what was before, which is the same for twins.
    """
    stage = _told(telling)
    noise = () if bare else _noise(stage, telling)
    out = folder / telling.folder
    out.mkdir(parents=True)
    now = stage.end + timedelta(minutes=dice(telling.seed, telling.id, str(telling.variant), "now").randint(1, 40))
    spell = stage.world.spell
    text = "".join(f"{json.dumps(one.body, separators=(',', ':'))}\n" for one in stage.findings)
    if text:
        (out / "findings.ndjson").write_text(spell(text), encoding="utf-8")
    facts = spell(_yaml(_facts(stage, f"{now:%Y-%m-%dT%H:%M:%SZ}", telling)))
    (out / "context.yaml").write_text(facts, encoding="utf-8")
    expected = spell(_yaml(_expected(stage, telling)))
    (out / "expect.yaml").write_text(expected, encoding="utf-8")
    logs = [one for one in _logs(stage, telling, noise, bare=bare) if one.time <= now and _is_on(one, stage.missing)]
    if "cloudtrail" not in stage.missing:
        _deliver(out / "logs", logs, telling)
    return len(noise)


def _yaml(body: JSONObject) -> str:
    """As text; libyaml writes the same bytes five times as fast."""
    return str(yaml.dump(body, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), sort_keys=False))


def digest(folder: Path) -> str:
    """SHA-256 over names and contents of a bundle; packed files count by what is in them."""
    found = sha256()
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        found.update(f"{path.relative_to(folder).as_posix()}\0{len(data)}\0".encode())
        found.update(data)
    return found.hexdigest()[:24]


def world_of(telling: Telling) -> int:
    """The number of the world that it plays in."""
    return telling.variant * WORLDS + crc32(telling.id.encode()) % WORLDS


def _told(telling: Telling) -> Stage:
    at = world(telling.seed, world_of(telling))
    thrown = dice(telling.seed, telling.id, str(telling.variant))
    site = thrown.choice(sites(at, telling.scenario.suits))
    stealth = thrown.choice(tuple(Stealth))
    start = at.organisation.midnight(DAYS - 1) + timedelta(minutes=thrown.randint(30, 840))
    pen = Pen(thrown, "attack", telling.id)
    scene = Scene(at.organisation, site, pen, Clock(start, thrown, stealth), stealth, DAYS - 1)
    days = thrown.randint(24, DAYS - 4)
    stage = Stage(scene, at, telling.side is Side.BENIGN, days)
    telling.scenario.play(stage)
    return stage


def _noise(stage: Stage, telling: Telling) -> tuple[Log, ...]:
    """Whole sessions of others, until there are enough."""
    thrown = dice(telling.seed, telling.id, str(telling.variant), "noise")
    own = sum(not isinstance(one, Found) for one in stage.traces)
    wanted = min(MOST, NOISE * max(1, own))
    sessions = list(everyday(telling.seed, world_of(telling), stage.site.id))
    thrown.shuffle(sessions)
    found: list[Log] = []
    for session in sessions:
        if len(found) >= wanted:
            break
        found += session
    return tuple(found)


def _logs(stage: Stage, telling: Telling, noise: tuple[Log, ...], *, bare: bool) -> Iterator[Log]:
    mine = [stage.world.respell(one) for one in stage.traces if not isinstance(one, Found)]
    off = min((one.time for one in mine if _stops(one)), default=None)
    for one in (*mine, *noise):
        if off is None or not isinstance(one, Event) or one.time <= off + timedelta(seconds=40):
            yield one
    if not bare:
        yield from history(telling.seed, world_of(telling), stage.site.id, stage.days)


def _stops(one: Log) -> bool:
    """A trail that is switched off tells nothing of what follows."""
    return isinstance(one, Event) and '"eventName":"StopLogging"' in one.text and '"errorCode"' not in one.text


def _is_on(one: Log, missing: set[str]) -> bool:
    if isinstance(one, Flow):
        return "vpc_flow" not in missing
    if isinstance(one, Access):
        return True
    return "s3_data_events" not in missing or '"eventCategory":"Data"' not in one.text


def _deliver(folder: Path, logs: list[Log], telling: Telling) -> None:
    thrown = dice(telling.seed, telling.id, str(telling.variant), "delivery")
    courier = Courier(folder, StringIO(), telling.seed)
    courier.trail([one for one in logs if isinstance(one, Event)], thrown)
    flows = sorted((one for one in logs if isinstance(one, Flow)), key=lambda one: one.account)
    for _, rows in groupby(flows, key=lambda one: one.account):
        courier.flows(list(rows), thrown)
    courier.accesses([one for one in logs if isinstance(one, Access)], thrown)


def _facts(stage: Stage, now: str, telling: Telling) -> JSONObject:
    thrown = dice(telling.seed, telling.id, str(telling.variant), "facts")
    sources = {
        "cloudtrail_management": "cloudtrail" not in stage.missing,
        "s3_data_events": "s3_data_events" not in stage.missing,
        "vpc_flow": "vpc_flow" not in stage.missing,
    }
    days = {"baseline_days": stage.days} if thrown.random() < 0.5 else {}
    return {**stage.facts, "now": now, "sources": {**sources, **days}}


def _expected(stage: Stage, telling: Telling) -> JSONObject:
    attack = telling.side is Side.ATTACK
    scenario = telling.scenario
    found: dict[str, object] = {
        "truth": "attack" if attack else "benign",
        "tier": scenario.tier,
        "outcome": list(scenario.right if attack else HARMLESS),
        "targets": sorted({one for one in stage.targets if one}) if attack else [],
        "family": telling.id.partition("/")[0],
        "why": scenario.title,
    }
    if scenario.kind is Kind.PAIR:
        found |= {"pair": f"{telling.id}.{telling.variant}", "fact": scenario.fact}
    return found  # type: ignore[return-value]  # it is JSON
