"""Objects as blocks of text of bounded size; what cannot be unpacked becomes a Skip with the reason."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, cast

from isal import isal_zlib

from stanch.model.finding import Skip
from stanch.trail.kind import FLOW_HEADER, Kind, kind_of
from stanch.trail.objects import Object

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

LARGEST = 1 << 27
"""Bytes of one unpacked document or of one line: a compressed object must not fill the memory."""
BLOCK = 1 << 24
"""Bytes of one block of lines."""
WHOLE = 1 << 22
"""Bytes of a document that are unpacked at once."""
HEAD = 1 << 16
"""Bytes that are looked at to tell what an object holds."""
PIECE = 1 << 18
"""Bytes that are read of a stored object at once."""
_GZIP = 31  # zlib's word for it
_BROKEN: tuple[type[Exception], ...] = (OSError, EOFError, cast("type[Exception]", isal_zlib.error))
FLOW_V2 = (
    *("version", "account-id", "interface-id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol"),
    *("packets", "bytes", "start", "end", "action", "log-status"),
)
"""The fields of a flow log without a header line."""


@dataclass(frozen=True)
class Block:
    """A part of one object, or all of it."""

    name: str
    """The object's name."""
    kind: Kind
    data: bytes
    first: int = 0
    """Lines of the object before this block."""
    fields: tuple[str, ...] = ()
    """Names of the columns, where the object's first line says them."""


def blocks(one: Object) -> Iterator[Block | Skip]:
    """The object's blocks in order; a broken rest is one Skip. Raises stanch's errors when a bucket cannot be read."""
    try:
        with one.open() as stored, _unpacked(stored, packed=one.packed) as stream:
            yield from _blocks(stream, one.name, one.suffix)
    except _BROKEN as error:
        yield Skip(one.name, f"cannot be read: {error or type(error).__name__}", malformed=True)


def _unpacked(stored: BinaryIO, *, packed: bool) -> io.BufferedReader:
    return io.BufferedReader(_Gunzip(stored) if packed else cast("io.RawIOBase", stored), HEAD)


class _Gunzip(io.RawIOBase):
    """What a gzip stream holds; the standard library's own takes small bites, and four times the time."""

    def __init__(self, stored: BinaryIO) -> None:
        self._stored = stored
        self._rest = stored.read(PIECE)
        self._member = isal_zlib.decompressobj(_GZIP)
        self._begun = bool(self._rest)

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Unpack into the buffer; raises EOFError or isal_zlib.error when the stream is broken."""
        into = memoryview(buffer)
        found = self.read(len(into))
        into[: len(found)] = found
        return len(found)

    def read(self, size: int = -1) -> bytes:
        """Some of it, at most so much; nothing at the end."""
        found = b""
        while self._begun and not found:
            found = self._member.decompress(self._rest, max(size, 0))
            self._rest = self._member.unconsumed_tail
            if self._member.eof:
                self._rest = self._member.unused_data.lstrip(b"\0") or self._stored.read(PIECE).lstrip(b"\0")
                self._member = isal_zlib.decompressobj(_GZIP)
                self._begun = bool(self._rest)
            elif not self._rest:
                self._rest = self._stored.read(PIECE)
                if not self._rest and not found:
                    raise EOFError("the compressed stream ends before its end")
        return found


def _blocks(stream: io.BufferedReader, name: str, suffix: str) -> Iterator[Block | Skip]:
    head = stream.peek(HEAD)[:HEAD]
    kind = kind_of(head.decode("utf-8", "replace"), suffix)
    if kind is Kind.PARQUET or (not head and kind is None):
        yield Block(name, Kind.PARQUET, b"") if kind else Skip(name, "empty")
    elif kind is None:
        yield Skip(name, "not a log file")
    elif kind in (Kind.RECORDS, Kind.DOCUMENT):
        yield _whole(stream, name, kind)
    else:
        yield from _lines(stream, name, kind)


def _whole(stream: io.BufferedReader, name: str, kind: Kind) -> Block | Skip:
    parts = [stream.read1(HEAD)]  # what was looked at; the rest without another copy
    size = len(parts[0])
    while size <= LARGEST and (data := stream.raw.read(WHOLE)):
        parts.append(data)
        size += len(data)
    if size > LARGEST:
        return Skip(name, f"cannot be read: longer than {LARGEST} bytes", malformed=True)
    return Block(name, kind, b"".join(parts))


def _lines(stream: io.BufferedReader, name: str, kind: Kind) -> Iterator[Block | Skip]:
    fields: tuple[str, ...] = ()
    done = 0
    if kind is Kind.FLOWS:
        header = stream.peek(HEAD).partition(b"\n")[0].decode("utf-8", "replace")
        fields = tuple(header.split()) if FLOW_HEADER.match(header) else FLOW_V2
        done = len(stream.readlines(1)) if fields is not FLOW_V2 else 0
    rest = b""
    while True:
        data, broken = _some(stream)
        whole, newline, tail = (rest + data).rpartition(b"\n") if data else (rest, b"", b"")
        if whole:
            yield Block(name, kind, whole, done, fields)
        done += (whole + newline).count(b"\n")
        rest = tail
        if broken:
            raise broken
        if len(rest) > LARGEST:
            yield Skip(f"{name}:{done + 1}", f"cannot be read: longer than {LARGEST} bytes", malformed=True)
            rest = _skip_line(stream)
            done += 1
        if not data:
            return


def _some(stream: io.BufferedReader) -> tuple[bytes, Exception | None]:
    """As much as a block holds; what came before a break is not lost."""
    parts: list[bytes] = []
    size = 0
    try:
        while size < BLOCK and (data := stream.read1(1 << 20)):
            parts.append(data)
            size += len(data)
    except _BROKEN as error:
        return b"".join(parts), error
    return b"".join(parts), None


def _skip_line(stream: io.BufferedReader) -> bytes:
    while data := stream.read1(1 << 20):
        _, newline, tail = data.partition(b"\n")
        if newline:
            return tail
    return b""
