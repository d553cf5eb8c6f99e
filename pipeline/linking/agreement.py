"""Whether two claims take one side: who says the same of a measure mostly stands alike to it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.linking.pairs import Pairs, Scores

PROBABILITIES = ("p_favor", "p_against", "p_neutral")
PAIRS_AT_ONCE = 1 << 18


def stance_agreement(claims: pa.Table, stances: pa.Table, pairs: Pairs) -> Scores:
    """Probability (m,) that the claims of a pair (places in ``claims``) take one stance, by ``stances``; the mean over the topics that
    both are about, 0 where there is none."""
    by_topic = _by_topic(claims, stances)
    agreement = np.zeros(len(pairs))
    for begin in range(0, len(pairs), PAIRS_AT_ONCE):
        a, b = pairs[begin : begin + PAIRS_AT_ONCE].T
        alike = np.einsum("mtk,mtk->mt", by_topic[a], by_topic[b])
        shared = (by_topic[a].any(axis=2) & by_topic[b].any(axis=2)).sum(axis=1)
        agreement[begin : begin + len(a)] = alike.sum(axis=1) / np.maximum(1, shared)
    return agreement


def _by_topic(claims: pa.Table, stances: pa.Table) -> NDArray[np.float32]:
    """Stances' probabilities (claims, topics, 3), zero where a claim is not about a topic."""
    topics = pa.array(sorted(pc.unique(stances["topic"]).to_pylist()), pa.string())
    found = np.zeros((len(claims), len(topics), len(PROBABILITIES)), dtype=np.float32)
    place = pc.index_in(stances["claim_id"], claims["claim_id"].combine_chunks())
    here = pc.is_valid(place).to_numpy()
    rows = place.to_numpy()[here].astype(np.int64)
    of_topic = pc.index_in(stances["topic"], topics).to_numpy()[here]
    for k, name in enumerate(PROBABILITIES):
        found[rows, of_topic, k] = stances[name].to_numpy()[here]
    return found
