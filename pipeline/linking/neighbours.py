"""Which claims are near which: exact for small sets, and for large ones a graph on disk that grows with the corpus."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from usearch.index import BatchMatches, Index

from pipeline.ids import fingerprint
from pipeline.linking.pairs import Pairs, codes_of, pairs_of, rank_in_run

EXACT_UP_TO = 20_000  # claims that are all compared with one another; above, an approximate index finds neighbours
CHUNK = 1024  # vectors that are read or compared at once
REVERSED = 3  # how many times its own neighbours a new vector looks at, to be entered in their lists
COSINE_STEPS = 10_000  # cosines that round to the same are taken to be equal, whatever their last digits
_PARTS = ("lists.parquet", "index.usearch")  # files of a graph
EXPANSION = 64  # how widely the index looks where it enters a vector

Places = NDArray[np.int32]
Vectors = Callable[[NDArray[np.int64]], NDArray[np.float32]]  # unit vectors of the claims at these places


@dataclass(frozen=True)
class Near:
    """The nearest others of n vectors: ``places`` (n, k), nearest first, -1 where there are fewer, and ``cosines`` (n, k)."""

    places: Places
    cosines: NDArray[np.float32]

    def pairs(self, least: float) -> Pairs:
        """Pairs (m, 2), a < b, sorted, of which one is among the other's nearest with a cosine of at least ``least``."""
        row, column = np.nonzero((self.places >= 0) & (self.cosines >= least))
        found = np.stack([row, self.places[row, column].astype(np.int64)], axis=1)
        return pairs_of(np.unique(codes_of(found, len(self.places))), len(self.places))


def exact(vectors: NDArray[np.float32], count: int) -> Near:
    """Every vector compared with every other."""
    near = _none(len(vectors), count)
    width = min(count, max(0, len(vectors) - 1))
    for begin in range(0, len(vectors) if width else 0, CHUNK):
        cosine = vectors[begin : begin + CHUNK] @ vectors.T
        rows = np.arange(len(cosine))
        cosine[rows, begin + rows] = -2.0
        rank = np.round(-cosine * COSINE_STEPS).astype(np.int64) * len(vectors) + np.arange(len(vectors))  # ties go by place
        chosen = np.argpartition(rank, width - 1, axis=1)[:, :width]
        chosen = np.take_along_axis(chosen, np.argsort(np.take_along_axis(rank, chosen, axis=1), axis=1), axis=1)
        near.places[begin : begin + CHUNK, :width] = chosen
        near.cosines[begin : begin + CHUNK, :width] = np.take_along_axis(cosine, chosen, axis=1)
    return near


class NeighbourGraph:
    """Nearest others of a growing set of vectors, kept in ``folder`` between runs.

    Vectors are known by their keys. A set that grew costs the growth: new ones are entered in the index and in the lists of those
    that they are near to. A set that lost members is built anew. What is found in steps differs from what is found at once
    only as the index (HNSW; Malkov and Yashunin, 2018) is approximate.
    """

    def __init__(self, folder: Path, width: int, count: int) -> None:
        self.folder, self.width, self.count = folder, width, count

    def near(self, keys: Sequence[str], vectors: Vectors) -> Near:
        """Neighbours of the vectors under these keys, all different; ``vectors`` gives those at the places that are asked for."""
        wanted = pa.array(keys, pa.string())
        known, index, near = self._load()
        old = pc.index_in(known, wanted)  # where the graph's vectors are in ``keys``
        if old.null_count:
            known, index, near = known[:0], self._new_index(), _none(0, self.count)
            old = pc.index_in(known, wanted)
        place = old.to_numpy(zero_copy_only=False).astype(np.int64)
        new = np.setdiff1d(np.arange(len(keys)), place)
        if len(new):
            order = np.concatenate([place, new])
            near = self._grown(index, near, order, vectors)
            self._save(wanted.take(pa.array(order)), index, near)
        else:
            order = place
        found = _none(len(keys), self.count)
        found.places[order] = np.where(near.places >= 0, order[near.places], -1)
        found.cosines[order] = near.cosines
        return found

    def _grown(self, index: Index, near: Near, order: NDArray[np.int64], vectors: Vectors) -> Near:
        """The graph's lists, by the order of entry, with the vectors that ``order`` has beyond them."""
        before, after = len(near.places), len(order)
        starts = range(before, after, CHUNK)
        for start in starts:
            rows = np.arange(start, min(start + CHUNK, after))
            index.add(rows, vectors(order[rows]), threads=1)  # in one order, so that the index is the same every time
        lists = _none(after, self.count)
        lists.places[:before], lists.cosines[:before] = near.places, near.cosines
        for start in starts:
            rows = np.arange(start, min(start + CHUNK, after))
            asked = vectors(order[np.resize(rows, max(2, len(rows)))])  # of one vector alone the index answers in another form
            found = cast(BatchMatches, index.search(asked, min(after, REVERSED * self.count + 1)))
            keys, cosines = found.keys[: len(rows)].astype(np.int64), 1 - found.distances[: len(rows)].astype(np.float32)
            others = (keys != rows[:, None]) & (np.arange(keys.shape[1]) < found.counts[: len(rows), None])
            row, column = np.nonzero(others)
            _enter(lists, rows[row], keys[row, column], cosines[row, column])
            reverse = keys[row, column] < before
            _enter(lists, keys[row, column][reverse], rows[row][reverse], cosines[row, column][reverse])
        return lists

    def _new_index(self) -> Index:
        return Index(ndim=self.width, metric="cos", dtype="f16", expansion_add=EXPANSION)

    def _load(self) -> tuple[pa.Array, Index, Near]:
        current = (
            sorted(f for f in self.folder.glob("graph-*") if all((f / name).is_file() for name in _PARTS)) if self.folder.is_dir() else []
        )
        if not current:
            return pa.array([], pa.string()), self._new_index(), _none(0, self.count)
        lists = pq.read_table(current[-1] / _PARTS[0], partitioning=None)
        places, cosines = (
            np.asarray(lists[name].combine_chunks().flatten()).reshape(lists.num_rows, self.count) for name in ("near", "cosine")
        )
        index = self._new_index()
        index.load(str(current[-1] / _PARTS[1]))
        return lists["key"].combine_chunks(), index, Near(places, cosines)

    def _save(self, keys: pa.Array, index: Index, near: Near) -> None:
        """Keep the graph in place of the one before, whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=self.folder, prefix="tmp-"))
        index.save(str(temporary / _PARTS[1]))
        lists = [pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), self.count) for values in (near.places, near.cosines)]
        pq.write_table(pa.table([keys, *lists], names=["key", "near", "cosine"]), temporary / _PARTS[0], compression="zstd")
        target = self.folder / f"graph-{len(keys):012}-{fingerprint(keys[0].as_py(), keys[-1].as_py())}"
        self._remove(target)
        temporary.rename(target)
        for other in self.folder.iterdir():
            if other != target:
                self._remove(other)

    @staticmethod
    def _remove(folder: Path) -> None:
        """Remove a folder under another name, so that a half of it is never taken for a graph."""
        if folder.is_dir():
            aside = folder.rename(folder.with_name(f"tmp-{folder.name}"))
            shutil.rmtree(aside, ignore_errors=True)


def _none(size: int, count: int) -> Near:
    return Near(np.full((size, count), -1, dtype=np.int32), np.full((size, count), -2.0, dtype=np.float32))


def _enter(near: Near, rows: NDArray[np.int64], others: NDArray[np.int64], cosines: NDArray[np.float32]) -> None:
    """Enter ``others`` in the lists of ``rows`` where they are nearer than what is there."""
    better = cosines > near.cosines[rows, -1]
    rows, others, cosines = rows[better], others[better], cosines[better]
    changed, inverse = np.unique(rows, return_inverse=True)
    count = near.places.shape[1]
    all_rows = np.concatenate([np.repeat(np.arange(len(changed)), count), inverse])
    all_others = np.concatenate([near.places[changed].ravel().astype(np.int64), others])
    all_cosines = np.concatenate([near.cosines[changed].ravel(), cosines])
    order = np.lexsort((all_others, -all_cosines, all_rows))
    kept = order[rank_in_run(all_rows[order]) < count]
    near.places[changed] = all_others[kept].reshape(len(changed), count)
    near.cosines[changed] = all_cosines[kept].reshape(len(changed), count)
