"""Find the files of a corpus and group them into units of work."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import RejectedInput, UsageError
from pipeline.ids import fingerprint
from pipeline.ingest.records import Reject
from pipeline.ingest.remote import is_remote, list_remote, remote_blocks, remote_mark, remote_size

FORMATS = {
    ".txt": "text", ".md": "text", ".html": "html", ".htm": "html", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json", ".csv": "csv", ".tsv": "csv",
    ".parquet": "parquet", ".warc": "warc", ".xml": "feed", ".rss": "feed", ".atom": "feed",
}  # fmt: skip
COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}
STANDARD_INPUT = "-"
BIG_FILE, UNIT_BYTES, UNIT_FILES = 4_000_000, 16_000_000, 256
_BOUNDARY_SHARE = 64  # a unit ends, on average, after so many small files


@dataclass(frozen=True)
class InputFile:
    """One file: where it is, how it is named in tables, its format, and its compression ("" for none)."""

    path: str
    name: str
    format: str
    compression: str
    size: int


@dataclass(frozen=True)
class Unit:
    """Files that are read together. ``key`` changes when a file's name or content does, and only then."""

    key: str
    files: tuple[InputFile, ...]


def find_inputs(
    corpus: Sequence[str], standard_input: Path | None = None, tables: Sequence[Path] = ()
) -> tuple[list[InputFile], list[Reject]]:
    """Files of the corpus, sorted by name, and what is of no known format or cannot be read.

    ``standard_input`` holds what came for ``-``; ``tables`` are folders that the run itself writes, which are passed over.

    Raises UsageError for a path that does not exist or that is one of ``tables``.
    """
    missing = [c for c in corpus if c != STANDARD_INPUT and not is_remote(c) and not os.path.lexists(c)]
    if missing:
        raise UsageError(f"no such file or folder: {', '.join(missing)}")
    own = {table.resolve() for table in tables}
    local = [c for c in corpus if c != STANDARD_INPUT and not is_remote(c)]
    if written := [c for c in local if not own.isdisjoint({Path(c).resolve(), *Path(c).resolve().parents})]:
        raise UsageError(f"{written[0]}: the run writes a table there: choose another folder with -o")
    files: dict[str, InputFile] = {}
    rejects: list[Reject] = []
    for path, name in _walk([c for c in corpus if c != STANDARD_INPUT], own, rejects):
        kind, compression = format_of(name)
        if not kind:
            rejects.append(Reject(name, None, "unsupported", f"unknown format; known are {', '.join(FORMATS)}, each also .gz or .zst"))
            continue
        try:
            files[path if is_remote(path) else os.path.abspath(path)] = InputFile(path, name, kind, compression, _size(path))
        except RejectedInput as error:
            rejects.append(Reject(name, None, error.reason, error.detail))
    if standard_input is not None:
        files[STANDARD_INPUT] = InputFile(str(standard_input), "stdin", "jsonl", "", standard_input.stat().st_size)
    return sorted(files.values(), key=lambda f: (f.name, f.path)), rejects


def format_of(name: str) -> tuple[str, str]:
    """Format and compression by a file's name; format is "" when it is unknown."""
    stem, suffix = os.path.splitext(name.lower())
    compression = COMPRESSIONS.get(suffix, "")
    if compression:
        suffix = os.path.splitext(stem)[1]
    return FORMATS.get(suffix, ""), compression


def _walk(corpus: Sequence[str], left_out: set[Path], rejects: list[Reject]) -> Iterator[tuple[str, str]]:
    """(path, name in tables) of every file that is in none of the folders ``left_out``.

    Names in a folder are relative to it, so that a moved corpus keeps its names. Folders that cannot be read are added to ``rejects``.
    """
    for given in corpus:
        if is_remote(given):
            yield from ((path, name) for path, name in list_remote(given) if not _passed_over(name))
            continue
        root = Path(given)
        if not root.is_dir():
            yield given, _printable(root.name)
            continue
        failed: list[OSError] = []
        for folder, folders, names in os.walk(root, onerror=failed.append, followlinks=False):
            folders[:] = sorted(f for f in folders if not f.startswith(".") and (Path(folder) / f).resolve() not in left_out)
            for name in sorted(names):
                path = Path(folder) / name
                if not _passed_over(name):
                    yield str(path), _printable(path.relative_to(root).as_posix())
        rejects.extend(_unreadable_folder(error, root) for error in failed)


def _unreadable_folder(error: OSError, root: Path) -> Reject:
    folder = Path(error.filename or root)
    name = (root.name or str(root)) if folder == root else folder.relative_to(root).as_posix()
    return Reject(_printable(name), None, "unreadable", f"a folder that cannot be read: {error.strerror or error}")


def _passed_over(name: str) -> bool:
    last = name.rsplit("/", 1)[-1]
    return last.startswith(".") or last.lower() in ("readme.md", "readme.txt")


def _printable(name: str) -> str:
    """A file's name as text that any table can hold: bytes that are not UTF-8 are shown as ``\\xff``."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _size(path: str) -> int:
    """Bytes of a file. Raises RejectedInput for what is none: a device or a pipe would never end."""
    try:
        if is_remote(path):
            return remote_size(path)
        status = os.stat(path)
    except Exception as error:  # of the file system, or of a store in its own way
        raise RejectedInput("unreadable", str(getattr(error, "strerror", None) or error)) from error
    if not stat.S_ISREG(status.st_mode):
        raise RejectedInput("unreadable", "not a regular file")
    return status.st_size


def group_inputs(files: Sequence[InputFile]) -> tuple[list[Unit], list[Reject]]:
    """Units of work, and files that cannot be read or are in the corpus already, by name and content.

    Small files are grouped where a hash of a name says so, so that a file that is added changes one unit only.
    """
    units: list[Unit] = []
    rejects: list[Reject] = []
    group: list[tuple[InputFile, str]] = []
    met: set[tuple[str, str]] = set()

    def close() -> None:
        if group:
            units.append(Unit(fingerprint([(f.name, digest) for f, digest in group]), tuple(f for f, _ in group)))
            group.clear()

    for file in files:
        try:
            digest = _digest(file)
        except Exception as error:  # of the file system, or of a store in its own way
            rejects.append(Reject(file.name, None, "unreadable", str(getattr(error, "strerror", None) or error)))
            continue
        if (file.name, digest) in met:
            rejects.append(Reject(file.name, None, "duplicate_id", "another file of the corpus has the same name and the same content"))
            continue
        met.add((file.name, digest))
        if file.size >= BIG_FILE:
            units.append(Unit(fingerprint([(file.name, digest)]), (file,)))
            continue
        group.append((file, digest))
        boundary = int(fingerprint(file.name), 16) % _BOUNDARY_SHARE == 0
        if boundary or len(group) >= UNIT_FILES or sum(f.size for f, _ in group) > UNIT_BYTES:
            close()
    close()
    return units, rejects


def _digest(file: InputFile) -> str:
    if not is_remote(file.path):
        with open(file.path, "rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    if mark := remote_mark(file.path):
        return fingerprint(mark, file.size)
    digest = hashlib.sha256()
    for block in remote_blocks(file.path):
        digest.update(block)
    return digest.hexdigest()
