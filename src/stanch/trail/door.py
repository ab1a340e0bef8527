"""The one door: who may ask what of which tables, within a budget; DuckDB stands behind it, others may."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Protocol

import duckdb

from stanch.model.data import JSON
from stanch.trail.lake import view
from stanch.trail.manifest import File, Manifest
from stanch.trail.query import Params
from stanch.trail.schema import LOGS, ROLLED

CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "enable_external_access": "false",  # SQL reads tables, never files or the network
    "python_enable_replacements": "false",  # nor variables of this process
    "temp_directory": "",  # nor leaves logs in the working folder
}


class Engine(Protocol):
    """Whatever answers one SELECT over the trail's tables."""

    def query(self, sql: str, params: Params | None = None) -> list[Mapping[str, JSON]]:
        """The rows; BadInput when it cannot be answered."""
        ...


class Door(Protocol):
    """Where connections to the tables come from."""

    @property
    def size(self) -> Mapping[str, int]:
        """Bytes behind each table, as far as it is kept in files."""
        ...

    @contextmanager
    def open(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of one's own to tables that do not change meanwhile."""
        ...


class Tables:
    """Tables in memory."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self.size: Mapping[str, int] = {}

    @contextmanager
    def open(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of one's own."""
        cursor = self._connection.cursor()
        try:
            yield cursor
        finally:
            cursor.close()


class LakeDoor:
    """Views over a lake as it is in this moment: what is committed later is seen by who comes later."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._manifest = Manifest(folder / "manifest.db")
        self._lock = Lock()
        self._generation = -1
        self._connection = duckdb.connect(":memory:")
        self.size: Mapping[str, int] = {}

    @contextmanager
    def open(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of one's own to the lake's newest generation."""
        with self._lock:
            if self._manifest.generation != self._generation:
                self._generation, files = self._manifest.snapshot()
                self._connection = self._views(files)
            cursor = self._connection.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    def _views(self, files: Sequence[File]) -> duckdb.DuckDBPyConnection:
        """A database of views that can read these files and nothing else."""
        connection = duckdb.connect(":memory:")
        connection.execute("SET allowed_paths = $paths", {"paths": [str(self._folder / one.path) for one in files]})
        connection.execute("SET parquet_metadata_cache = true")
        for name, value in sorted(CONFIG.items(), key=lambda one: one[0] == "enable_external_access"):
            connection.execute(f"SET {name} = '{value}'")  # the last of them forbids changing others
        size: dict[str, int] = {}
        for table in (*LOGS, *ROLLED):
            own = [one for one in files if one.table == table.name]
            size[table.name] = sum(one.bytes for one in own)
            connection.execute(f"CREATE VIEW {table.name} AS {view(table, self._folder, own)}")
        connection.execute("SET lock_configuration = true")
        self.size = size
        return connection


class Following:
    """A lake that may not be there yet: empty tables until the first objects were taken in."""

    def __init__(self, folder: Path, empty: Door) -> None:
        self._folder = folder
        self._door = empty
        self._there = False

    @property
    def size(self) -> Mapping[str, int]:
        """Bytes behind each table."""
        return self._door.size

    @contextmanager
    def open(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of one's own to what there is by now."""
        if not self._there and stands(self._folder):
            self._door, self._there = LakeDoor(self._folder), True
        with self._door.open() as cursor:
            yield cursor


def stands(folder: Path) -> bool:
    """Whether there is a lake in it."""
    return (folder / "manifest.db").exists()
