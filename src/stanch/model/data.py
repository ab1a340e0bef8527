"""JSON as a type, so that data which crosses an edge is never `Any`."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

JSON: TypeAlias = bool | int | float | str | Sequence["JSON"] | Mapping[str, "JSON"] | None
"""Anything that RFC 8259 can write."""

JSONObject: TypeAlias = Mapping[str, JSON]
"""A JSON object."""
