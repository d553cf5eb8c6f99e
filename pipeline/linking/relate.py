"""How claims relate: a cheap look at all candidates by their vectors, a close reading of those pairs that it finds plausible."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.config import LinkingConfig
from pipeline.linking.agreement import stance_agreement
from pipeline.linking.cache import scores_of, vectors_of
from pipeline.linking.candidates import candidate_pairs
from pipeline.linking.network import RELATIONS
from pipeline.linking.pairs import Pairs, Scores, rank_in_run
from pipeline.linking.read import ReadClaims
from pipeline.linking.score import Vectorizer
from pipeline.models import model_file

BOTH = [RELATIONS.index("same"), RELATIONS.index("opposed")]
VECTORS_SHARE = np.array([0.7, 0.3])  # what the vectors count beside the close reading, for same and opposed; chosen on gold dev
AGREEMENT_SHARE, LEAST_AGREEMENT = 0.2, 0.05  # what it counts for "same" that both take one stance; chosen on gold dev, too


@dataclass(frozen=True)
class RelatedPairs:
    """Pairs (m, 2) of claims, a < b, sorted, with the scores (m,) that they assert the same, and that they are opposed."""

    pairs: Pairs
    same: Scores
    opposed: Scores


def relate(claims: pa.Table, stances: pa.Table, read: ReadClaims, config: LinkingConfig, cache: Path) -> RelatedPairs:
    """Compare claims (sorted by id, with their articles) that share a topic; ``cache`` keeps what a later run can use.

    Of each claim, the ``config.closely`` pairs that the vectors find likeliest are read closely, if they give them at least
    ``config.plausible``. Their score is a weighted geometric mean of what the vectors tell and what the reading tells; that of the
    others is what the vectors tell. That two claims are the same is less likely the less their stances agree.
    """
    vectorizer = Vectorizer(model_file(config.model, "vectors.safetensors"))
    vectors = vectors_of(read, vectorizer, cache)
    pairs = candidate_pairs(claims, stances, vectors, read.keys, config.neighbours, cache)
    told = vectorizer.relate(vectors, pairs)[:, BOTH]
    chosen = likeliest(pairs, told.max(axis=1, initial=0.0), config.closely, config.plausible)
    closely = scores_of(read, pairs[chosen], model_file(config.model, "weights.safetensors"), cache)
    scores = told.astype(np.float64)
    scores[chosen] = told[chosen] ** VECTORS_SHARE * closely ** (1 - VECTORS_SHARE)
    agreement = np.minimum(1.0, stance_agreement(claims, stances, pairs) + LEAST_AGREEMENT)
    return RelatedPairs(pairs, scores[:, 0] * agreement**AGREEMENT_SHARE, scores[:, 1])


def likeliest(pairs: Pairs, score: NDArray[np.float32], count: int, least: float) -> NDArray[np.int64]:
    """Which pairs (m, 2) have a score (m,) of at least ``least`` and are among the ``count`` best of one of their claims."""
    good = np.flatnonzero(score >= least)
    claim = np.concatenate([pairs[good, 0], pairs[good, 1]])
    place = np.concatenate([good, good])
    order = np.lexsort((place, -score[place], claim))
    return np.unique(place[order[rank_in_run(claim[order]) < count]])
