"""Vectors of claims, and what two of them tell."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.batching import by_length
from pipeline.encoder import load_tokenizer
from pipeline.large_encoder import large_encoder, load_adapted
from pipeline.linking.network import RELATIONS, WIDTH, LinkClaim, VectorNetwork, claim_input, split_claims
from pipeline.precision import mixed_precision

BATCH_PIECES = 8192
TOLD = [RELATIONS.index(name) for name in ("same", "opposed")]


class Vectorizer:
    """A vector network, ready to be asked."""

    def __init__(self, network: VectorNetwork) -> None:
        self.tokenizer, self.network = load_tokenizer(), network

    @classmethod
    def load(cls, weights: Path) -> Vectorizer:
        """The trained network over the large encoder."""
        body = large_encoder()
        return cls(load_adapted(VectorNetwork(body), body, weights))

    @torch.inference_mode()
    def embed(self, claims: Sequence[LinkClaim]) -> NDArray[np.float32]:
        """Unit vectors (n, WIDTH) of the claims."""
        vectors = np.zeros((len(claims), WIDTH), dtype=np.float32)
        if not claims:
            return vectors
        sequences = [claim_input(p) for p in split_claims(self.tokenizer, claims)]
        with mixed_precision():
            for chosen in by_length([len(s.ids) for s in sequences], BATCH_PIECES):
                vectors[chosen] = self.network([sequences[i] for i in chosen]).numpy()
        return vectors

    @torch.inference_mode()
    def relate(self, vectors: NDArray[np.float16], pairs: NDArray[np.int64]) -> NDArray[np.float32]:
        """Probabilities (m, 2) of same and opposed, as far as vectors tell, for pairs (m, 2) of places in ``vectors``."""
        a, b = (torch.from_numpy(vectors[side].astype(np.float32)) for side in pairs.T)
        told: NDArray[np.float32] = self.network.relate(a, b).softmax(dim=1)[:, TOLD].numpy()
        return told
