"""The outputs folder: work that is done is kept by key, tables are published whole, and nothing is half written.

``OUTPUTS/.claimledger/<stage>/<key>/<table>.parquet`` holds what a stage made of one shard; a folder is there whole or not at
all. ``OUTPUTS/<table>/<key>.parquet`` are hard links (or copies) of the parts that the newest run made.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from pipeline.errors import UsageError
from pipeline.tables import TABLES, Table

STATE = ".claimledger"
COMPRESSION = "zstd"
_PART = re.compile(r"r?[0-9a-f]{16}(-\d{5})?\.parquet")  # what a run names a file of a table; with a number, before version 0.2


class Store:
    """Reads and writes one outputs folder."""

    def __init__(self, outputs: Path) -> None:
        self.outputs = outputs
        self.state = outputs / STATE
        self._lock = FileLock(self.state / "lock", timeout=0)

    def prepare(self) -> None:
        """Make the folder; raises UsageError when that cannot be, or when a folder of a table's name there is not from a run."""
        if not self.state.is_dir() and (foreign := [f for f in map(self.folder, TABLES) if f.exists() and not _of_a_run(f)]):
            raise UsageError(f"{foreign[0]}: is no table of a run, and one would be written there: choose another folder with -o")
        try:
            (self.state / "tmp").mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"{self.outputs}: cannot be written ({error.strerror}): choose another folder with -o") from error

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Within, no other run works in this folder, and what a killed one left half written is gone; may be entered again inside.

        Raises UsageError when another run does.
        """
        try:
            self._lock.acquire()
        except Timeout as error:
            raise UsageError(f"{self.outputs}: another run is working here: wait for it, or choose another folder with -o") from error
        try:
            if self._lock.lock_counter == 1:
                self._clear_temporary()
            yield
        finally:
            self._lock.release()

    def folder(self, table: Table) -> Path:
        """Where the files of a table are published."""
        return self.outputs / table.name

    def part(self, stage: str, key: str) -> Path:
        return self.state / stage / key

    def has(self, stage: str, key: str) -> bool:
        return self.part(stage, key).is_dir()

    def put(self, stage: str, key: str, tables: Mapping[str, pa.Table], facts: Mapping[str, Any] | None = None) -> None:
        """Keep what a stage made of one shard, all tables and ``facts`` (JSON) at once."""
        temporary = Path(tempfile.mkdtemp(dir=self.state / "tmp"))
        for name, data in tables.items():
            pq.write_table(data, temporary / f"{name}.parquet", compression=COMPRESSION)
        (temporary / "facts.json").write_text(json.dumps(facts or {}, sort_keys=True), encoding="utf-8")
        target = self.part(stage, key)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            temporary.rename(target)
        except OSError:  # another worker finished the same shard
            shutil.rmtree(temporary)
            if not target.is_dir():
                raise

    def get(self, stage: str, key: str, table: str, columns: Sequence[str] | None = None) -> pa.Table:
        return pq.read_table(self.part(stage, key) / f"{table}.parquet", columns=columns, partitioning=None)

    def facts(self, stage: str, key: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.part(stage, key) / "facts.json").read_text(encoding="utf-8"))
        return found

    def set_current(self, stage: str, content: Mapping[str, Any]) -> None:
        """Note what the newest run of a stage consists of."""
        write_atomically(self.state / f"{stage}.json", json.dumps(content, sort_keys=True, indent=1).encode())

    def current(self, stage: str) -> dict[str, Any] | None:
        path = self.state / f"{stage}.json"
        if not path.is_file():
            return None
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found

    def publish(self, table: Table, parts: Iterable[tuple[str, Path]]) -> int:
        """Make the table's folder hold exactly these (name, Parquet file) parts; returns how many files changed."""
        folder = self.folder(table)
        folder.mkdir(parents=True, exist_ok=True)
        wanted = {f"{name}.parquet": path for name, path in parts}
        changed = 0
        for name, path in wanted.items():
            if not (folder / name).exists():
                _link(path, folder / name, self.state / "tmp")
                changed += 1
        for old in self._files(table):
            if old.name not in wanted:
                old.unlink()
                changed += 1
        return changed

    def read(self, table: Table, columns: Sequence[str] | None = None) -> pa.Table:
        """A published table, whole; empty with its schema when it has no file."""
        schema = table.schema if columns is None else pa.schema([table.schema.field(c) for c in columns])
        parts = [pq.read_table(p, columns=columns, partitioning=None).cast(schema) for p in self._files(table)]
        return pa.concat_tables(parts) if parts else schema.empty_table()

    def count(self, table: Table) -> int:
        """Rows of a published table, from the files' footers."""
        return sum(pq.read_metadata(path).num_rows for path in self._files(table))

    def sweep(self, stage: str, keys: Iterable[str]) -> None:
        """Drop what a stage keeps under other keys."""
        keep = set(keys)
        with suppress(FileNotFoundError):
            for folder in (self.state / stage).iterdir():
                if folder.name not in keep:
                    self._drop(folder)

    def forget(self, stage: str, key: str) -> None:
        """Drop what a stage keeps under a key."""
        if self.has(stage, key):
            self._drop(self.part(stage, key))

    def _drop(self, folder: Path) -> None:
        """Remove a folder at once, so that a kill leaves no half of it behind that looks whole."""
        away = Path(tempfile.mkdtemp(dir=self.state / "tmp"))
        folder.rename(away / folder.name)
        shutil.rmtree(away, ignore_errors=True)

    def _files(self, table: Table) -> list[Path]:
        """A published table's files; others that somebody put beside them are not ours to read or to remove."""
        return sorted(path for path in self.folder(table).glob("*.parquet") if _PART.fullmatch(path.name))

    def _clear_temporary(self) -> None:
        for leftover in (self.state / "tmp").iterdir():
            shutil.rmtree(leftover, ignore_errors=True) if leftover.is_dir() else leftover.unlink(missing_ok=True)


def _of_a_run(folder: Path) -> bool:
    """Whether a folder holds nothing but files as a run names them."""
    return folder.is_dir() and all(_PART.fullmatch(path.name) or path.name.startswith(".") for path in folder.iterdir())


def write_atomically(path: Path, content: bytes) -> None:
    """Write beside the target and rename, so that a reader sees the old file or the new one."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".tmp-")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    os.replace(name, path)


def _link(source: Path, target: Path, temporary: Path) -> None:
    staging = temporary / f"link-{os.getpid()}-{target.name}"
    staging.unlink(missing_ok=True)
    try:
        os.link(source, staging)
    except OSError:
        shutil.copyfile(source, staging)
    os.replace(staging, target)
