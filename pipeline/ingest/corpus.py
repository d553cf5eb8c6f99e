"""A corpus as a whole: its units, what of them is ingested already, and the articles with their duplicates marked."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.ids import fingerprint
from pipeline.ingest.discover import STANDARD_INPUT, Unit, find_inputs, group_inputs
from pipeline.ingest.duplicates import RepeatIndex, Signature
from pipeline.ingest.records import Reject
from pipeline.ingest.stage import IngestSettings, ingest_unit, reject_row, settings_of
from pipeline.store import Store
from pipeline.tables import ARTICLES, REJECTS, TABLES, check, to_arrow

UNITS, PARTS, ARTICLE_PARTS, OTHER_REJECTS = "ingest_units", "ingest_parts", "articles", "ingest_rejects"


@dataclass(frozen=True)
class IngestTask:
    """Ingests one unit: every part is kept as it is done, then the list of parts.

    A part goes by what it holds, so that a file that grew at its end has the parts that it had, and later stages need not redo them.
    """

    outputs: Path
    settings: IngestSettings
    version: str

    def __call__(self, unit: Unit) -> str:
        store, key = Store(self.outputs), unit_key(unit, self.version)
        if not _ingested(store, key):
            parts, records, broken = [], 0, False
            for part in ingest_unit(unit, self.settings):
                name = fingerprint(part.articles, part.signatures, part.rejects)
                if not store.has(PARTS, name):
                    store.put(PARTS, name, part.tables())
                parts.append(name)
                records += part.records
                broken |= any(reject["reason"] == "unreadable" for reject in part.rejects)
            store.forget(UNITS, key)
            store.put(UNITS, key, {}, {"parts": parts, "records": records, "broken": broken})
        return key


def _ingested(store: Store, key: str) -> bool:
    """Whether a unit was read to its end: what a disk or a network broke off is tried again in the next run."""
    return store.has(UNITS, key) and not store.facts(UNITS, key)["broken"]


def unit_key(unit: Unit, version: str) -> str:
    return fingerprint(unit.key, version)


@dataclass(frozen=True)
class CorpusPlan:
    """The units of a corpus and what was refused before any was opened."""

    units: tuple[Unit, ...]
    refused: tuple[Reject, ...]
    version: str

    def missing(self, store: Store) -> list[Unit]:
        """Units that are not ingested yet."""
        return [unit for unit in self.units if not _ingested(store, unit_key(unit, self.version))]

    def finish(self, store: Store) -> dict[str, Any]:
        """Mark duplicates over all units and write the parts of ``articles``; returns what the newest run consists of.

        ``shards``: keys of the article parts; ``rejects``: (name, path in the state) of their files; ``counts``: inputs by outcome.
        """
        keys = [unit_key(unit, self.version) for unit in self.units]
        facts = [store.facts(UNITS, key) for key in keys]
        made = [name for found in facts for name in found["parts"]]
        names = list(dict.fromkeys(made))
        again = [name for name, times in Counter(made).items() for _ in range(times - 1)]
        records = sum(found["records"] for found in facts)
        with RepeatIndex() as repeats:
            for name in sorted(names):
                repeats.add(name, _signatures(store, name))
            repeats.resolve()
            shards = [shard for name in names if (shard := _write_articles(store, name, repeats))]
            others = [*self.refused, *(reject for name in names for reject in _clash_rejects(store, name, repeats.clashes(name)))]
            others += [reject for name in again for reject in (*_clash_rejects(store, name), *_rejects(store, name))]
            articles, duplicates = repeats.count()
        rejects = [[name, f"{PARTS}/{name}/rejects.parquet"] for name in names if store.get(PARTS, name, "rejects", ["source"]).num_rows]
        key = fingerprint([vars(r) for r in others])
        if others and not store.has(OTHER_REJECTS, key):
            store.put(OTHER_REJECTS, key, {"rejects": to_arrow(REJECTS, [reject_row(r) for r in others])})
        if others:
            rejects.append([key, f"{OTHER_REJECTS}/{key}/rejects.parquet"])
        store.sweep(UNITS, keys)
        store.sweep(PARTS, names)
        store.sweep(ARTICLE_PARTS, shards)
        store.sweep(OTHER_REJECTS, [key])
        total = records + len(self.refused)
        counts = {"records": total, "articles": articles, "duplicates": duplicates, "rejects": total - articles}
        return {"shards": shards, "rejects": rejects, "counts": counts}


def plan_corpus(corpus: Sequence[str], version: str, store: Store) -> CorpusPlan:
    """Find and group the files of a corpus, without the tables that a run wrote there. Raises UsageError for a path that does not exist."""
    spooled = _spool_standard_input(store) if STANDARD_INPUT in corpus else None
    files, unsupported = find_inputs(corpus, spooled, [store.folder(table) for table in TABLES])
    units, unreadable = group_inputs(files)
    return CorpusPlan(tuple(units), (*unsupported, *unreadable), version)


def _spool_standard_input(store: Store) -> Path:
    """Keep standard input in a file, so that it can be hashed and, by any worker, read."""
    path = store.state / "tmp" / "stdin.jsonl"
    with path.open("wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
    return path


def _signatures(store: Store, name: str) -> Iterator[Signature]:
    return (Signature(**row) for row in store.get(PARTS, name, "signatures").to_pylist())


def _write_articles(store: Store, name: str, repeats: RepeatIndex) -> str | None:
    """Keep a part's articles with their duplicates marked; the key of the part, None when it has no article."""
    marks = list(repeats.marks(name))
    if not marks:
        return None
    key = fingerprint(name, marks)
    if not store.has(ARTICLE_PARTS, key):
        data, dropped = store.get(PARTS, name, "articles"), repeats.clashes(name)
        data = data.filter(pa.array([i not in dropped for i in data["article_id"].to_pylist()], pa.bool_()))
        for column, values in (("duplicate_of", [m[1] for m in marks]), ("revision_of", [m[2] for m in marks])):
            at = data.schema.get_field_index(column)
            data = data.set_column(at, ARTICLES.schema.field(column), pa.array(values, pa.string()))
        store.put(ARTICLE_PARTS, key, {"articles": check(ARTICLES, data.cast(ARTICLES.schema))})
    return key


def _clash_rejects(store: Store, name: str, ids: set[str] | None = None) -> list[Reject]:
    """Rejects for a part's articles of the given ids, for all of them when none are given."""
    if ids == set():
        return []
    rows = store.get(PARTS, name, "articles", ["article_id", "source"]).to_pylist()
    detail = "id {!r} is that of another article of the corpus"
    return [
        Reject(row["source"], row["article_id"], "duplicate_id", detail.format(row["article_id"]))
        for row in rows
        if ids is None or row["article_id"] in ids
    ]


def _rejects(store: Store, name: str) -> list[Reject]:
    """A part's rejects, once more for a part that came twice."""
    rows = store.get(PARTS, name, "rejects").to_pylist()
    return [Reject(row["source"], row["record"], row["reason"], row["detail"]) for row in rows]


def count_reasons(rejects: pa.Table) -> dict[str, int]:
    """Rejects by reason."""
    return dict(sorted(Counter(rejects["reason"].to_pylist()).items()))


__all__ = ["CorpusPlan", "IngestTask", "count_reasons", "plan_corpus", "settings_of"]
