"""A case bundle: findings, logs and the operator's facts as they were, and what ought to come of them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from stanch.model.case import Tier
from stanch.model.context import Context
from stanch.model.errors import BadInput
from stanch.model.verdict import Outcome
from stanch.playbooks.strict import Node, read
from stanch.settings.context import load_context

EXPECT = "expect.yaml"
REQUIRED = ("truth", "tier", "outcome", "targets", "family")
OPTIONAL = ("pair", "twin_of", "fact", "why")
Truth = Literal["attack", "benign"]
E = TypeVar("E", Tier, Outcome)


@dataclass(frozen=True)
class Expectation:
    """`expect.yaml`: the truth about a bundle."""

    truth: Truth
    tier: Tier
    outcomes: tuple[Outcome, ...]
    """Those that are right."""
    targets: tuple[str, ...]
    """The only identities and resources that may be contained; one may be spelt in several ways."""
    family: str
    pair: str = ""
    """Bundles of one minimal pair share this name, or the one names the other in `twin_of`."""
    twin_of: str = ""
    fact: str = ""
    """The one authorising fact in which the pair differs."""
    why: str = ""


@dataclass(frozen=True)
class Bundle:
    """One folder of an evaluation set."""

    name: str
    findings: Path | None
    """None where the logs alone must tell."""
    logs: Path | None
    context: Context
    expect: Expectation


def bundles(folder: Path) -> tuple[Bundle, ...]:
    """Every bundle under a folder (those that hold an `expect.yaml`), by name.

    Raises BadInput naming file and key for one that cannot be used, and for a folder without any.
    """
    found = sorted(folder.rglob(EXPECT))
    if not found:
        raise BadInput(
            f"{folder}: no case bundle here; a bundle is a folder with {EXPECT} and findings.ndjson or logs/"
        )
    return tuple(_bundle(file.parent, folder) for file in found)


def _bundle(at: Path, root: Path) -> Bundle:
    name = at.name if at == root else at.relative_to(root).as_posix()
    findings, logs, context = (_existing(at / part) for part in ("findings.ndjson", "logs", "context.yaml"))
    if findings is None and logs is None:
        raise BadInput(f"{name}: neither findings.ndjson nor logs/")
    return Bundle(name, findings, logs, load_context(context), _expectation(read(at / EXPECT, f"{name}/{EXPECT}")))


def _existing(path: Path) -> Path | None:
    return path if path.exists() else None


def _expectation(node: Node) -> Expectation:
    keys = node.keys(*REQUIRED, optional=OPTIONAL)
    extra = {name: keys[name].text() for name in OPTIONAL if name in keys}
    return Expectation(
        truth=_truth(keys["truth"]),
        tier=_member(keys["tier"], Tier),
        outcomes=_outcomes(keys["outcome"]),
        targets=keys["targets"].texts(),
        family=keys["family"].text(),
        **extra,
    )


def _truth(node: Node) -> Truth:
    match node.text():
        case "attack":
            return "attack"
        case "benign":
            return "benign"
        case _:
            raise node.bad("must be attack or benign")


def _outcomes(node: Node) -> tuple[Outcome, ...]:
    listed = node.items() if isinstance(node.value, list) else (node,)
    return tuple(_member(one, Outcome) for one in listed)


def _member(node: Node, kind: type[E]) -> E:
    try:
        return kind(node.text())
    except ValueError as error:
        raise node.bad(f"must be one of {', '.join(one.value for one in kind)}") from error
