"""What was worked out of claims and pairs, kept between runs under the claims' keys; written part by part, so that little is lost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipeline.ids import fingerprint
from pipeline.linking.closely import PairScorer
from pipeline.linking.network import WIDTH
from pipeline.linking.pairs import Pairs, codes_of
from pipeline.linking.read import CHUNK, ReadClaims
from pipeline.linking.vectorizer import Vectorizer

_VECTORS = pa.schema([("claim", pa.string()), ("vector", pa.list_(pa.float16(), WIDTH))])
_SCORES = pa.schema([("claim_a", pa.string()), ("claim_b", pa.string()), ("same", pa.float32()), ("opposed", pa.float32())])


def vectors_of(read: ReadClaims, vectorizer: Vectorizer, folder: Path) -> NDArray[np.float16]:
    """Unit vectors (n, WIDTH) of the claims; those that ``folder`` lacks are made and kept there."""
    keys = pa.array(read.keys, pa.string())
    known = _read(folder, "vectors", _VECTORS)
    missing = np.flatnonzero(pc.is_null(pc.index_in(keys, known["claim"].combine_chunks())).to_numpy(zero_copy_only=False))
    fresh = missing[np.unique(keys.take(pa.array(missing)).to_numpy(zero_copy_only=False), return_index=True)[1]]
    for start in range(0, len(fresh), CHUNK):
        chosen = np.sort(fresh[start : start + CHUNK])
        vectors = vectorizer.embed(read.at(chosen)).astype(np.float16)
        part = pa.table([keys.take(pa.array(chosen)), pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), WIDTH)], schema=_VECTORS)
        known = _keep(folder, "vectors", known, part)
    place = pc.index_in(keys, known["claim"].combine_chunks()).to_numpy()
    found: NDArray[np.float16] = np.asarray(known["vector"].combine_chunks().flatten()).reshape(-1, WIDTH)[place]
    return found


def scores_of(read: ReadClaims, pairs: Pairs, weights: Path, folder: Path) -> NDArray[np.float32]:
    """Probabilities (m, 2) of same and opposed for pairs (m, 2) of claims; the network is asked for those that ``folder`` lacks."""
    keys = pa.array(read.keys, pa.string())
    first = pc.index_in(keys, keys).to_numpy().astype(np.int64)  # claims of which the same was read are one
    wanted = codes_of(first[pairs], len(keys))
    known = _read(folder, "scores", _SCORES)
    code, values = _by_code(known, keys)
    missing = np.flatnonzero(~np.isin(wanted, code))
    fresh = missing[np.unique(wanted[missing], return_index=True)[1]]
    if len(fresh):
        scorer = PairScorer(weights)
        for start in range(0, len(fresh), CHUNK):
            chosen = first[pairs[np.sort(fresh[start : start + CHUNK])]]
            places, local = np.unique(chosen, return_inverse=True)
            scores = scorer.score(read.at(places), local.reshape(-1, 2))
            sides = [keys.take(pa.array(chosen[:, side])) for side in (0, 1)]
            known = _keep(folder, "scores", known, pa.table([*sides, scores[:, 1], scores[:, 2]], schema=_SCORES))
        code, values = _by_code(known, keys)
    found: NDArray[np.float32] = values[np.searchsorted(code, wanted)]
    return found


def _by_code(scores: pa.Table, keys: pa.Array) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Codes of the pairs of these claims that have scores, sorted, and the scores (k, 2)."""
    sides = [pc.index_in(scores[name].combine_chunks(), keys) for name in ("claim_a", "claim_b")]
    here = pc.and_(*(pc.is_valid(side) for side in sides))
    pairs = np.stack([side.filter(here).to_numpy().astype(np.int64) for side in sides], axis=1)
    code, place = np.unique(codes_of(pairs, len(keys)), return_index=True)
    kept = scores.filter(here)
    return code, np.stack([kept[name].to_numpy()[place] for name in ("same", "opposed")], axis=1)


def _read(folder: Path, name: str, schema: pa.Schema) -> pa.Table:
    parts = [pq.read_table(p, schema=schema, partitioning=None) for p in sorted(folder.glob(f"{name}-*.parquet"))]
    return pa.concat_tables(parts) if parts else schema.empty_table()


def _keep(folder: Path, name: str, known: pa.Table, data: pa.Table) -> pa.Table:
    """``known`` with a part more, which is written beside the others."""
    folder.mkdir(parents=True, exist_ok=True)
    named = [data.column(i).to_pylist() for i, field in enumerate(data.schema) if field.type == pa.string()]
    target = folder / f"{name}-{fingerprint(*named)}.parquet"
    temporary = target.with_suffix(".tmp")
    pq.write_table(data, temporary, compression="zstd")
    temporary.replace(target)
    return pa.concat_tables([known, data])
