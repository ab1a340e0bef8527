"""Findings in a file or a folder: `.json`, `.ndjson` and `.jsonl`, each also gzipped."""

import gzip
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path

from stanch.model.errors import BadInput
from stanch.model.finding import Skip
from stanch.model.text import shown
from stanch.sources import MAX_RECORD, Kind, Record, decode

MAX_FILE = 64 * 1024 * 1024
"""Bytes of a `.json` file, unpacked; it is held in memory, unlike NDJSON, which has no limit."""
LINES = (".ndjson", ".jsonl")
ENDINGS = (".json", *LINES)
TOKENS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[\[\]{},]', re.DOTALL)
"""Strings (also one that never ends, so that the scan stays linear), brackets and commas."""
UNREADABLE = (OSError, EOFError, zlib.error)
"""What a file that is cut short, damaged or forbidden raises."""


@dataclass(frozen=True)
class Files:
    """A file, or a folder with everything below it, in the order of the paths."""

    root: Path
    vouched: bool = True

    def records(self) -> Iterator[Record | Skip]:
        """Every record of every file; damaged ones and other files as Skips."""
        if not self.root.is_dir():
            yield from _read(self.root)
            return
        for path in sorted(self.root.rglob("*")):
            if path.is_dir():
                continue
            if not path.is_file() or not _plain_name(path).endswith(ENDINGS):
                yield Skip(_name(path), "not a findings file: its name does not end in .json, .ndjson or .jsonl (.gz)")
            else:
                yield from _read(path)

    def ack(self, name: str) -> None:
        """Nothing to do: files stay where they are."""


def open_path(text: str) -> Files:
    """The file or folder of that name. Raises BadInput when there is none."""
    path = Path(text)
    if not (path.is_dir() or path.is_file()):
        raise BadInput(f"there is no file or folder {text!r}")
    return Files(path)


SOURCE = Kind(scheme="", open=open_path)


def _plain_name(path: Path) -> str:
    return path.name.lower().removesuffix(".gz")


def _name(path: Path) -> str:
    return "".join(one if one.isprintable() else "?" for one in shown(path))


def _read(path: Path) -> Iterator[Record | Skip]:
    count = 0
    try:
        with _open(path) as stream:
            read = _lines if _plain_name(path).endswith(LINES) else _values
            for record in read(_name(path), stream):
                count += 1
                yield record
    except UNREADABLE as error:
        count += 1
        yield Skip(_name(path), f"the file cannot be read to its end: {error}", malformed=True)
    if not count:
        yield Skip(_name(path), "an empty file: it holds no record")


def _open(path: Path) -> BufferedIOBase:
    return gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb")


def _lines(name: str, stream: BufferedIOBase) -> Iterator[Record | Skip]:
    number = 0
    while line := stream.readline(MAX_RECORD + 1):
        number += 1
        if len(line) > MAX_RECORD:
            _drain(line, stream)
        text = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
        if text.strip():
            yield _decoded(f"{name}:{number}", text)


def _drain(line: bytes, stream: BufferedIOBase) -> None:
    while line and not line.endswith(b"\n"):
        line = stream.readline(MAX_RECORD)


def _values(name: str, stream: BufferedIOBase) -> Iterator[Record | Skip]:
    data, damage = _slurp(stream)
    if len(data) > MAX_FILE:
        yield Skip(name, f"a JSON file of more than {MAX_FILE // 1024**2} MiB: split it, or use NDJSON", malformed=True)
        return
    # Bad bytes are carried along as surrogates: only the record that holds them is malformed.
    text = data.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    for index, part in enumerate(_elements(text)):
        yield _decoded(f"{name}#{index}", part.encode("utf-8", "surrogateescape"))
    if damage is not None:
        raise damage


def _slurp(stream: BufferedIOBase) -> tuple[bytes, Exception | None]:
    data = bytearray()
    try:  # read1, so that what was unpacked before the damage is not lost
        while len(data) <= MAX_FILE and (chunk := stream.read1(1 << 20)):
            data += chunk
    except UNREADABLE as error:
        return bytes(data), error
    return bytes(data), None


def _elements(text: str) -> Iterator[str]:
    for value in _split(text):
        if not value.startswith("["):
            yield value
            continue
        closed = value.endswith("]")
        yield from _split(value[1:-1] if closed else value[1:], commas=True)
        if not closed:
            yield "["  # cannot be decoded: the list's missing end is reported after its elements


def _split(text: str, *, commas: bool = False) -> Iterator[str]:
    """Cut out the top-level values, one after the other or between commas, without judging what is in them."""
    start = 0
    for cut, next_start in _cuts(text, commas=commas):
        if part := text[start:cut].strip():
            yield part
        start = next_start
    if rest := text[start:].strip():
        yield rest


def _cuts(text: str, *, commas: bool) -> Iterator[tuple[int, int]]:
    depth = 0
    for token in TOKENS.finditer(text):
        sign, opens = token[0], token[0] in "[{"
        depth = max(0, depth + opens - (sign in "]}"))
        if commas and sign == "," and not depth:
            yield token.start(), token.end()
        elif not commas and opens and depth == 1:
            yield token.start(), token.start()
        elif not commas and sign in "]}" and not depth:
            yield token.end(), token.end()


def _decoded(name: str, data: bytes) -> Record | Skip:
    try:
        return Record(name, decode(data))
    except BadInput as error:
        return Skip(name, str(error), malformed=True)
