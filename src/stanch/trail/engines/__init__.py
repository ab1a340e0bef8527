"""The same questions on other engines: each takes the portable SQL, in its own dialect, with bound values.

DuckDB is the default and `stanch.trail.Trail` is its engine; the others stand here, one file each.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from stanch.trail.door import Engine
from stanch.trail.schema import Table

__all__ = ["Engine", "Warehouse"]


class Warehouse(Engine, Protocol):
    """An engine that can also be asked about one case: `Trail`, Athena and Spark are."""

    def desk(
        self, tables: Sequence[Table] = (), derived: Mapping[str, str] | None = None
    ) -> AbstractContextManager[Engine]:
        """The trail with these tables, and tables derived from them by a SELECT, for as long as the block runs."""
        ...
