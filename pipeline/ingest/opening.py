"""Open input files: decompressed as they are read, within bounds."""

from __future__ import annotations

import codecs
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
from pipeline.ingest.remote import is_remote, open_remote

_CORRUPT = (gzip.BadGzipFile, zlib.error, zstandard.ZstdError, EOFError)
FREE_EXPANSION = 64_000_000
SAMPLE_BYTES = 200_000
_ZSTD_BYTES = 1024  # compressed bytes that are unpacked at once: at the worst they make 32 MB
_CONTROL = frozenset(range(32)) - {9, 10, 12, 13, 27}


class BoundedStream(io.RawIOBase):
    """A stream of decompressed bytes that refuses to give more than its limit."""

    def __init__(self, stream: IO[bytes], most: int) -> None:
        # read1 gives what is there: read would drop all it had gathered when it meets a corrupt block.
        self._read = stream.read1 if hasattr(stream, "read1") else stream.read
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


class _ZstdFrames:
    """The bytes of zstd frames, one after the other. A frame that is cut off is an error: the library's own reader takes it for the end."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._frame: zstandard.ZstdDecompressionObj | None = None
        self._packed = b""
        self._unpacked = memoryview(b"")

    def read1(self, most: int) -> bytes:
        while not self._unpacked:
            packed = self._packed or self._raw.read(_ZSTD_BYTES)
            if not packed:
                if self._frame is not None:
                    raise EOFError("the last zstd frame has no end")
                return b""
            self._frame = self._frame or zstandard.ZstdDecompressor().decompressobj()
            self._unpacked, self._packed = memoryview(self._frame.decompress(packed)), b""
            if self._frame.eof:
                self._packed, self._frame = self._frame.unused_data, None
        given, self._unpacked = self._unpacked[:most], self._unpacked[most:]
        return bytes(given)


@contextmanager
def open_bytes(file: InputFile, limits: Limits) -> Iterator[io.BufferedReader]:
    """Decompressed bytes of a file. Raises RejectedInput for what cannot be opened or is corrupt."""
    try:
        raw = open_remote(file.path) if is_remote(file.path) else open(file.path, "rb")
    except OSError as error:
        raise RejectedInput("unreadable", str(error.strerror or error)) from error
    except Exception as error:
        if not is_remote(file.path):
            raise
        raise RejectedInput("unreadable", f"{type(error).__name__}: {error}") from error
    with raw:
        stream: IO[bytes] = raw
        most = limits.expanded_bytes
        if file.compression:
            most = min(most, max(FREE_EXPANSION, file.size * limits.expansion))
        if file.compression == "gzip":
            stream = gzip.open(raw)  # type: ignore[assignment]
        elif file.compression == "zstd":
            stream = _ZstdFrames(raw)  # type: ignore[assignment]
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
    """Numbered lines in UTF-8 without their line break; None for a line longer than ``record_bytes``, which is skipped."""
    if stream.peek(2)[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):  # as Windows tools write
        text = io.TextIOWrapper(stream, "utf-16", errors="surrogateescape")
        for number, found in enumerate(bounded_lines(text, limits.record_bytes), 1):
            yield number, None if found is None else found.encode("utf-8", "surrogateescape").rstrip(b"\r\n")
        return
    number = 0
    while line := stream.readline(limits.record_bytes + 1):
        number += 1
        if len(line) > limits.record_bytes:
            while line and not line.endswith(b"\n"):
                line = stream.readline(1 << 20)
            yield number, None
            continue
        yield number, line.rstrip(b"\r\n")


def bounded_lines(text: io.TextIOWrapper, most: int) -> Iterator[str | None]:
    """Lines with their line break; None for one of more than ``most`` characters, which is skipped."""
    while line := text.readline(most + 1):
        if len(line) > most:
            while line and line[-1] not in "\r\n":
                line = text.readline(1 << 20)
            yield None
        else:
            yield line


def open_text(stream: io.BufferedReader, sample: bytes) -> io.TextIOWrapper:
    """A stream of bytes as text in the encoding of a sample; single bytes that do not fit are read as Windows-1252."""
    return io.TextIOWrapper(stream, encoding_of(sample), errors=_WINDOWS_1252, newline="")


def decode(data: bytes) -> str:
    """Text of bytes in UTF-8, UTF-16 with a mark, or a guessed encoding. Raises RejectedInput for what is no text."""
    encoding = encoding_of(data)
    try:
        return data.decode(encoding, errors="strict" if encoding == "utf-16" else _WINDOWS_1252)
    except UnicodeDecodeError as error:
        raise RejectedInput("bad_encoding", f"not valid {encoding}: {error.reason}") from error


def encoding_of(data: bytes) -> str:
    """The encoding of a text by its mark, its validity as UTF-8, or a guess. Raises RejectedInput for what is no text."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = data[:65_536]
    if b"\0" in sample or sum(byte in _CONTROL for byte in sample) > len(sample) // 50:
        raise RejectedInput("not_text", "the file holds binary data, not text")
    if _mostly_utf8(data):
        return "utf-8-sig"
    best = from_bytes(data[:SAMPLE_BYTES]).best()
    if best is None:
        raise RejectedInput("bad_encoding", "neither UTF-8 nor any other encoding that could be recognised")
    return best.encoding


def _mostly_utf8(data: bytes) -> bool:
    """Whether bytes are UTF-8 but for a few strays: a file that is cut, or joined of several encodings.

    A character that is cut off at the end, as in a sample, is none.
    """
    decoder = codecs.getincrementaldecoder("utf-8")
    try:
        decoder().decode(data)
        return True
    except UnicodeDecodeError:
        text = decoder("replace").decode(data)
    return text.count("\ufffd") * 3 <= sum(not c.isascii() for c in text)


def _windows_1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


_WINDOWS_1252 = "claimledger.windows-1252"
codecs.register_error(_WINDOWS_1252, _windows_1252)
