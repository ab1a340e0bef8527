"""The labelled set: scenarios whose truth is known, told in variants by seed, split before anyone saw a result."""

from stanch.lab.labelled import telltale
from stanch.lab.labelled.cases import catalogue
from stanch.lab.labelled.frozen import SEED, VARIANTS, Part, frozen, parts, tellings
from stanch.lab.labelled.scenario import Kind, Scenario, Side
from stanch.lab.labelled.telling import Telling, digest, write

__all__ = [
    "SEED",
    "VARIANTS",
    "Kind",
    "Part",
    "Scenario",
    "Side",
    "Telling",
    "catalogue",
    "digest",
    "frozen",
    "parts",
    "tellings",
    "telltale",
    "write",
]
