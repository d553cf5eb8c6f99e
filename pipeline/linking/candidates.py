"""Which claims are compared: those on one topic that are near one another, by what they say and by what their articles are about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from pipeline.ids import fingerprint
from pipeline.linking.neighbours import EXACT_UP_TO, NeighbourGraph, exact
from pipeline.linking.pairs import Pairs, codes_of, pairs_of

LEAST_COSINE = 0.35
_COLUMNS = 48  # of the vectors that are summed at once: bounds memory


class PlacedVectors:
    """Claims' vectors (n, width) beside the mean of their article's claims; ``article`` (n,) numbers the articles.

    Claims of one proposition may share no word, but their articles are about one event, and that the means tell.
    """

    def __init__(self, vectors: NDArray[np.float16], article: NDArray[np.int64]) -> None:
        self.vectors, self.article = vectors, article
        shape = (int(article.max(initial=-1)) + 1, len(article))
        members = csr_matrix((np.ones(len(article), dtype=np.float32), (article, np.arange(len(article)))), shape=shape)
        parts = [members @ vectors[:, low : low + _COLUMNS].astype(np.float32) for low in range(0, vectors.shape[1], _COLUMNS)]
        means = np.concatenate(parts, axis=1)
        self.means = (means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-6)).astype(np.float16)

    @property
    def width(self) -> int:
        return 2 * self.vectors.shape[1]

    def at(self, places: NDArray[np.int64]) -> NDArray[np.float32]:
        """Unit vectors (m, 2 * width) of the claims at these places."""
        both = np.concatenate([self.vectors[places], self.means[self.article[places]]], axis=1)
        return both.astype(np.float32) / np.sqrt(np.float32(2))


def article_numbers(claims: pa.Table) -> NDArray[np.int64]:
    """A number for each claim's article."""
    codes = claims["article_id"].combine_chunks().dictionary_encode().indices
    return codes.to_numpy(zero_copy_only=False).astype(np.int64)


def candidate_pairs(
    claims: pa.Table, stances: pa.Table, placed: PlacedVectors, keys: Sequence[str], neighbours: int, folder: Path
) -> Pairs:
    """Pairs (m, 2), a < b, sorted, of claims on one topic that are among each other's ``neighbours`` nearest.

    ``claims`` are sorted by id and ``keys`` say what was read of each; ``folder`` keeps the graphs of large topics between runs.
    """
    stances = stances.filter(pc.is_in(stances["claim_id"], claims["claim_id"].combine_chunks()))
    of_stance = pc.index_in(stances["claim_id"], claims["claim_id"].combine_chunks()).to_numpy()
    found, placed_keys = [], list[str]()
    for topic in sorted(pc.unique(stances["topic"]).to_pylist()):
        members = np.unique(of_stance[pc.equal(stances["topic"], topic).to_numpy()]).astype(np.int64)
        if len(members) <= EXACT_UP_TO:
            near = exact(placed.at(members), neighbours)
        else:
            placed_keys = placed_keys or _placed_keys(claims["claim_id"].to_pylist(), placed.article, keys)
            graph = NeighbourGraph(folder / fingerprint(topic, neighbours), placed.width, neighbours)
            near = graph.near([placed_keys[i] for i in members], lambda places, members=members: placed.at(members[places]))  # type: ignore[misc]
        found.append(codes_of(members[near.pairs(LEAST_COSINE)], len(claims)))
    return pairs_of(np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *found])), len(claims))


def _placed_keys(ids: Sequence[str], article: NDArray[np.int64], keys: Sequence[str]) -> list[str]:
    """What the claims' placed vectors depend on: the claim and all claims of its article."""
    together: dict[int, list[str]] = defaultdict(list)
    for number, key in zip(article.tolist(), keys, strict=True):
        together[number].append(key)
    of_article = {number: fingerprint(members) for number, members in together.items()}
    return [fingerprint(claim_id, of_article[number]) for claim_id, number in zip(ids, article.tolist(), strict=True)]
