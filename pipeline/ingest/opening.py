"""Open input files: decompressed as they are read, within bounds."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import zstandard
from charset_normalizer import from_bytes

from pipeline.errors import RejectedInput
from pipeline.ingest.discover import InputFile
from pipeline.ingest.limits import Limits

_CORRUPT = (gzip.BadGzipFile, zlib.error, zstandard.ZstdError, EOFError)
_FREE_EXPANSION = 64_000_000
_CONTROL = frozenset(range(32)) - {9, 10, 12, 13, 27}


class BoundedStream(io.RawIOBase):
    """A stream of decompressed bytes that refuses to give more than its limit."""

    def __init__(self, stream: IO[bytes], most: int) -> None:
        # read1 gives what is there: read would drop all it had gathered when it meets a corrupt block.
        self._read = getattr(stream, "read1", stream.read)
        self._left = most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            data = self._read(len(buffer))
        except _CORRUPT as error:
            raise RejectedInput("bad_archive", f"compressed data is corrupt or cut off: {error}") from error
        self._left -= len(data)
        if self._left < 0:
            raise RejectedInput("bad_archive", "decompressed data passes the limit: a decompression bomb?")
        buffer[: len(data)] = data
        return len(data)


@contextmanager
def open_bytes(file: InputFile, limits: Limits) -> Iterator[io.BufferedReader]:
    """Decompressed bytes of a file. Raises RejectedInput for what cannot be opened or is corrupt."""
    try:
        raw = open(file.path, "rb")
    except OSError as error:
        raise RejectedInput("unreadable", str(error.strerror)) from error
    with raw:
        stream: IO[bytes] = raw
        most = limits.expanded_bytes
        if file.compression:
            most = min(most, max(_FREE_EXPANSION, file.size * limits.expansion))
        if file.compression == "gzip":
            stream = gzip.open(raw)  # type: ignore[assignment]
        elif file.compression == "zstd":
            stream = zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True)  # type: ignore[assignment]
        yield io.BufferedReader(BoundedStream(stream, most), 1 << 20)


def read_whole(file: InputFile, limits: Limits, most: int | None = None) -> bytes:
    """All bytes of a file that can only be read whole; raises RejectedInput ``too_large``."""
    most = most or limits.whole_file_bytes
    with open_bytes(file, limits) as stream:
        data = stream.read(most + 1)
    if len(data) > most:
        raise RejectedInput("too_large", f"more than {most:,} bytes in one document")
    return data


def lines(stream: io.BufferedReader, limits: Limits) -> Iterator[tuple[int, bytes | None]]:
    """Numbered lines without their line break; None for a line longer than ``record_bytes``, which is skipped."""
    number = 0
    while True:
        line = stream.readline(limits.record_bytes + 1)
        if not line:
            return
        number += 1
        if len(line) > limits.record_bytes:
            while line and not line.endswith(b"\n"):
                line = stream.readline(1 << 20)
            yield number, None
            continue
        yield number, line.rstrip(b"\r\n")


def decode(data: bytes) -> str:
    """Text of bytes in UTF-8, UTF-16 with a mark, or a guessed encoding. Raises RejectedInput for what is no text."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError as error:
            raise RejectedInput("bad_encoding", f"not valid UTF-16: {error.reason}") from error
    sample = data[:65_536]
    if b"\0" in sample or sum(byte in _CONTROL for byte in sample) > len(sample) // 50:
        raise RejectedInput("not_text", "the file holds binary data, not text")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        best = from_bytes(data[:200_000]).best()
    if best is None:
        raise RejectedInput("bad_encoding", "neither UTF-8 nor any other encoding that could be recognised")
    return data.decode(best.encoding, errors="replace")
