"""Where findings come from: each module of this folder is one kind of source, found by its `SOURCE`."""

import json
import math
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import NoReturn, Protocol

from stanch.model.data import JSON
from stanch.model.errors import BadInput
from stanch.model.finding import Skip

MAX_RECORD = 16 * 1024 * 1024
"""Bytes that one record may have; EventBridge and SQS deliver 1 MiB at most."""
MAX_DEPTH = 64
"""Levels that a record may be nested; a real finding has about a dozen."""
PLANNED = frozenset({"guardduty", "securityhub"})
"""Schemes that the command line documents and that do not exist yet."""


@dataclass(frozen=True)
class Record:
    """One record as it arrived; what is in it is for intake to say."""

    name: str
    """Unique within its source: `path:line`, `path#index`, `sqs://queue/message-id`."""
    body: JSON


class Source(Protocol):
    """Something that holds records."""

    @property
    def vouched(self) -> bool:
        """The operator handed the records over himself; else a finding must be found again at its detector."""
        ...

    def records(self) -> Iterator[Record | Skip]:
        """What is there now, in order; a record that cannot be read is a Skip. Raises BadInput or FailedResponse."""
        ...

    def ack(self, name: str) -> None:
        """Say that this record (or Skip) is safely journalled and need not come again. Raises FailedResponse."""
        ...


@dataclass(frozen=True)
class Kind:
    """One kind of source."""

    scheme: str
    """What stands before `://`; empty for paths."""
    open: Callable[[str], Source]
    """Opens it, given the whole text; raises BadInput."""


def kinds() -> Mapping[str, Kind]:
    """Every kind of source on this shelf, by its scheme."""
    found = [import_module(f"{__name__}.{one.name}").SOURCE for one in pkgutil.iter_modules(__path__)]
    return {kind.scheme: kind for kind in sorted(found, key=lambda kind: str(kind.scheme))}


def open_source(text: str) -> Source:
    """The source that this text names: a path or `scheme://…`. Raises BadInput."""
    scheme, colon, _ = text.partition("://")
    known = kinds()
    if not colon:
        return known[""].open(text)
    if scheme in known and scheme:
        return known[scheme].open(text)
    there = ", ".join(f"{name}://" for name in known if name)
    why = "is not built yet" if scheme in PLANNED else "is not a kind of source"
    raise BadInput(f"{scheme}:// {why}: give a file, a folder or {there} ({text!r})")


def decode(data: str | bytes) -> JSON:
    """Decode one record strictly: UTF-8, no NaN, no doubled key, bounded in size and depth. Raises BadInput."""
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    if len(raw) > MAX_RECORD:
        raise BadInput(f"a record of more than {MAX_RECORD // 1024**2} MiB")
    try:
        text = raw.decode()
        value: JSON = json.loads(text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_float)
    except UnicodeDecodeError as error:
        raise BadInput(f"not UTF-8 at byte {error.start}") from error
    except RecursionError as error:
        raise BadInput(f"nested more than {MAX_DEPTH} levels deep") from error
    except ValueError as error:
        raise BadInput(f"not JSON: {error}") from error
    _check_depth(value)
    _check_characters(text, value)
    return value


def _object(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    found: dict[str, JSON] = {}
    for name, value in pairs:
        if name in found:
            raise BadInput(f"the key {name[:80]!r} stands twice in one object")
        found[name] = value
    return found


def _constant(name: str) -> NoReturn:
    raise BadInput(f"{name} is not a JSON number")


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise BadInput(f"the number {text[:40]} is too large")
    return number


def _check_depth(value: JSON) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [child for one in level for child in _children(one)]
        if not level:
            return
    raise BadInput(f"nested more than {MAX_DEPTH} levels deep")


def _children(value: JSON) -> list[JSON]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _check_characters(text: str, value: JSON) -> None:
    # Half of a surrogate pair decodes but can never be written down again as UTF-8.
    if re.search(r"\\u[dD][89a-fA-F]", text):
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise BadInput("half of a surrogate pair in a string") from error
