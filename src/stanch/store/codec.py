"""Model types to canonical JSON (RFC 8785) and back, strictly: an unknown or missing field is an error."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar, cast, get_args

import cattrs.errors
import rfc8785
from cattrs.preconf.json import make_converter

from stanch.model.data import JSON, JSONObject
from stanch.model.errors import BadInput
from stanch.model.facts import Body

T = TypeVar("T")

KINDS: Mapping[str, type[Body]] = {body.__name__: body for body in get_args(Body)}
"""Fact kind -> type."""

_converter = make_converter(forbid_extra_keys=True)


def _is_json(kind: object) -> bool:
    return kind in (JSON, JSONObject)


def _as_it_is(value: object, _: object = None) -> object:
    return value


_converter.register_structure_hook_func(_is_json, _as_it_is)
_converter.register_unstructure_hook_func(_is_json, _as_it_is)


def plain(value: object) -> JSON:
    """A model value as JSON data."""
    return cast("JSON", json.loads(canonical(value)))


def canonical(value: object) -> str:
    """A model value as canonical JSON text: the same value always gives the same bytes."""
    return rfc8785.dumps(_converter.unstructure(value)).decode()


def typed(kind: type[T], data: object) -> T:
    """Data as the model type; BadInput says which field is wrong."""
    try:
        return _converter.structure(data, kind)
    except (cattrs.errors.BaseValidationError, ValueError, TypeError, KeyError) as error:
        reasons = "; ".join(cattrs.transform_error(error)) if isinstance(error, ExceptionGroup) else str(error)
        raise BadInput(f"not a {kind.__name__}: {reasons}") from error


@lru_cache(maxsize=4096)
def body(kind: str, text: str) -> Body:
    """The body of a journal row; bodies never change, so a row that is read again is not parsed again."""
    if kind not in KINDS:
        raise BadInput(f"unknown kind of fact {kind!r}: written by a newer stanch?")
    data: Any = json.loads(text)
    return typed(KINDS[kind], data)
