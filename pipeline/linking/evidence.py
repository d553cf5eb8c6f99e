"""What speaks for two claims being the same, or opposed: what their vectors tell, whether they take one side on one restriction, and
who made them; weighed by two trained logistic models."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from scipy.special import expit, logit

from pipeline.errors import ModelError
from pipeline.linking.candidates import PlacedVectors
from pipeline.linking.pairs import Pairs
from pipeline.tables import STANCES

FEATURES = (
    "cosine", "articles_cosine", "told_same", "told_opposed", "one_stance", "contrary_stances", "one_imposer", "one_claimer", "one_article",
    "one_claimer_in_one_article",
)  # fmt: skip
FAVOR, AGAINST = STANCES.index("favor"), STANCES.index("against")
LEAST = 1e-4  # a probability whose logit is taken


@dataclass(frozen=True)
class Weights:
    """A weight for each of FEATURES and an offset, (features + 1,), for same and for opposed."""

    same: NDArray[np.float64]
    opposed: NDArray[np.float64]

    @classmethod
    def load(cls, path: Path) -> Weights:
        """The weights in a file; raises ModelError when it has others."""
        found = load_file(path)
        for name in ("same", "opposed"):
            if name not in found or found[name].shape != (len(FEATURES) + 1,):
                raise ModelError(f"{path}: no {len(FEATURES) + 1} weights of {name!r}: fit them again ('make train-linking')")
        return cls(found["same"].astype(np.float64), found["opposed"].astype(np.float64))

    def save(self, path: Path) -> None:
        """Write what ``load`` reads."""
        save_file({"same": self.same, "opposed": self.opposed}, path)

    def scores(self, evidence: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probabilities (m, 2) of same and of opposed by the features (m, features) of pairs."""
        both = np.stack([self.same, self.opposed])
        chances: NDArray[np.float64] = expit(evidence @ both[:, :-1].T + both[:, -1])
        return chances


class Evidence:
    """What speaks for pairs of ``claims`` (places in it) with their ``stances`` and vectors: FEATURES, by which stances and imposers are
    compared on the topics that both claims are about, as the mean over these, and articles by the means of their claims' vectors."""

    def __init__(self, claims: pa.Table, stances: pa.Table, placed: PlacedVectors) -> None:
        self.stance, self.imposer = _by_topic(claims, stances)
        self.claimer = _codes(claims["claimer_id"])
        self.placed = placed

    def of(self, pairs: Pairs, told: NDArray[np.float32]) -> NDArray[np.float64]:
        """The features (m, features) of pairs; ``told`` (m, 2) are the probabilities of same and opposed by their vectors."""
        a, b = pairs.T
        vectors, article, means = self.placed.vectors, self.placed.article, self.placed.means
        one_article = article[a] == article[b]
        first, second = self.stance[a], self.stance[b]
        shared = first.any(axis=2) & second.any(axis=2)
        alike = np.einsum("mtk,mtk->m", first, second)
        contrary = sum(np.einsum("mt,mt->m", first[:, :, x], second[:, :, y]) for x, y in ((FAVOR, AGAINST), (AGAINST, FAVOR)))
        one_imposer = (shared & (self.imposer[a] == self.imposer[b])).sum(axis=1)
        sides = np.stack([alike, contrary, one_imposer], axis=1) / np.maximum(1, shared.sum(axis=1))[:, None]
        one_claimer = (self.claimer[a] == self.claimer[b]) & (self.claimer[a] >= 0)
        near = [_cosines(vectors[a], vectors[b]), _cosines(means[article[a]], means[article[b]])]
        likely = logit(np.clip(told.astype(np.float64), LEAST, 1 - LEAST))
        return np.column_stack([*near, likely, sides, one_claimer, one_article, one_claimer & one_article])


def _cosines(a: NDArray[np.float16], b: NDArray[np.float16]) -> NDArray[np.float32]:
    return np.einsum("md,md->m", a, b, dtype=np.float32)


def _codes(column: pa.ChunkedArray) -> NDArray[np.int32]:
    """A number for each value, -1 for none."""
    codes: NDArray[np.int32] = column.combine_chunks().dictionary_encode().indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return codes


def _by_topic(claims: pa.Table, stances: pa.Table) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Stances' probabilities (claims, topics, 3), zero where a claim is not about a topic, and the imposers (claims, topics) as numbers, of
    which none has one, too."""
    topics = pa.array(sorted(pc.unique(stances["topic"]).to_pylist()), pa.string())
    place = pc.index_in(stances["claim_id"], claims["claim_id"].combine_chunks())
    here = pc.is_valid(place).to_numpy()
    rows = place.to_numpy()[here].astype(np.int64)
    of_topic = pc.index_in(stances["topic"], topics).to_numpy()[here]
    stance = np.zeros((len(claims), len(topics), len(STANCES)), dtype=np.float32)
    for k, name in enumerate(STANCES):
        stance[rows, of_topic, k] = stances[f"p_{name}"].to_numpy()[here]
    imposer = np.full((len(claims), len(topics)), -1, dtype=np.int32)
    imposer[rows, of_topic] = _codes(stances["imposer"])[here]
    return stance, imposer
