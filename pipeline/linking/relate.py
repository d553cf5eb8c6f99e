"""How claims relate: what speaks for each near pair, and a close reading of those for which much does."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.config import LinkingConfig
from pipeline.linking.cache import scores_of, vectors_of
from pipeline.linking.candidates import PlacedVectors, article_numbers, candidate_pairs
from pipeline.linking.evidence import Evidence, Weights
from pipeline.linking.pairs import Pairs, Scores, codes_of, rank_in_run
from pipeline.linking.read import ReadClaims
from pipeline.linking.vectorizer import Vectorizer
from pipeline.models import model_file

PAIRS_AT_ONCE = 65_536  # whose evidence is in memory at once
EVIDENCE_SHARE = 0.4  # what it counts beside the close reading; chosen on the development sets


@dataclass(frozen=True)
class RelatedPairs:
    """Pairs (m, 2) of claims, a < b, sorted, with the scores (m,) that they assert the same, and that they are opposed."""

    pairs: Pairs
    same: Scores
    opposed: Scores

    def joined(self, other: RelatedPairs) -> RelatedPairs:
        """These pairs and the others, those of both once, with the scores that they have here."""
        pairs = np.concatenate([self.pairs, other.pairs])
        size = int(pairs.max(initial=0)) + 1
        _, first = np.unique(codes_of(pairs, size), return_index=True)
        same, opposed = np.concatenate([self.same, other.same]), np.concatenate([self.opposed, other.opposed])
        return RelatedPairs(pairs[first], same[first], opposed[first])


def relate(claims: pa.Table, stances: pa.Table, read: ReadClaims, config: LinkingConfig, cache: Path) -> RelatedPairs:
    """Compare claims (sorted by id, with their articles) that share a topic; ``cache`` keeps what a later run can use.

    Of each claim, the ``config.closely`` pairs for which most speaks are read closely, if that comes to a probability of at least
    ``config.plausible``: their scores are geometric means of what the evidence and what the reading tells.
    """
    return _related(claims, stances, stances, read, config, cache, cache)


def relate_propositions(
    claims: pa.Table, stances: pa.Table, read: ReadClaims, config: LinkingConfig, cache: Path, representatives: NDArray[np.int64]
) -> RelatedPairs:
    """Compare propositions by one claim of each, at the places ``representatives``: what is said very often is near to itself alone, and
    its claims would never be compared with those of what it is opposed to."""
    of_them = pc.is_in(stances["claim_id"], claims["claim_id"].take(pa.array(representatives)).combine_chunks())
    return _related(claims, stances, stances.filter(of_them), read, config, cache, cache / "propositions")


def _related(
    claims: pa.Table, stances: pa.Table, compared: pa.Table, read: ReadClaims, config: LinkingConfig, cache: Path, graphs: Path
) -> RelatedPairs:
    """The near ones of the claims with stances in ``compared``, with their scores."""
    weights = Weights.load(model_file(config.model, "evidence.safetensors"))
    vectorizer = Vectorizer.load(model_file(config.model, "vectors.safetensors"))
    vectors = vectors_of(read, vectorizer, cache)
    placed = PlacedVectors(vectors, article_numbers(claims))
    pairs = candidate_pairs(claims, compared, placed, read.keys, config.neighbours, graphs)
    scores = np.zeros((len(pairs), 2))
    evidence = Evidence(claims, stances, placed)
    for start in range(0, len(pairs), PAIRS_AT_ONCE):
        rows = slice(start, start + PAIRS_AT_ONCE)
        scores[rows] = weights.scores(evidence.of(pairs[rows], vectorizer.relate(vectors, pairs[rows])))
    del vectorizer  # its network, before the close reading's is loaded
    chosen = likeliest(pairs, scores.max(axis=1, initial=0.0), config.closely, config.plausible)
    closely = scores_of(read, pairs[chosen], model_file(config.model, "weights.safetensors"), cache)
    scores[chosen] = scores[chosen] ** EVIDENCE_SHARE * closely ** (1 - EVIDENCE_SHARE)
    return RelatedPairs(pairs, scores[:, 0], scores[:, 1])


def likeliest(pairs: Pairs, score: NDArray[np.float64], count: int, least: float) -> NDArray[np.int64]:
    """Which pairs (m, 2) have a score (m,) of at least ``least`` and are among the ``count`` best of one of their claims."""
    good = np.flatnonzero(score >= least)
    claim = np.concatenate([pairs[good, 0], pairs[good, 1]])
    place = np.concatenate([good, good])
    order = np.lexsort((place, -score[place], claim))
    return np.unique(place[order[rank_in_run(claim[order]) < count]])
