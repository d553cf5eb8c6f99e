"""Close reading of pairs of claims by a cross-encoder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.batching import by_length
from pipeline.encoder import encoder_config, load_for_reading, load_tokenizer
from pipeline.linking.network import NLI_LABELS, RELATIONS, LinkClaim, LinkNetwork, pair_input, split_claims
from pipeline.precision import mixed_precision
from pipeline.roles import RoleEncoder, RoleSequence

BATCH_PIECES = 8192
PAIRS_A_CHUNK = 4096  # pairs whose inputs are built together: bounds memory


class PairScorer:
    """The trained close reading."""

    def __init__(self, weights: Path) -> None:
        self.tokenizer = load_tokenizer()
        body = RoleEncoder(encoder_config(attention="sdpa"))
        self.network = load_for_reading(LinkNetwork(body), body.encoder, weights)

    def score(self, claims: Sequence[LinkClaim], pairs: NDArray[np.int64]) -> NDArray[np.float32]:
        """Probabilities (m, 3) of neither, same and opposed for pairs (m, 2) of places in ``claims``, the mean over both orders."""
        pieces = split_claims(self.tokenizer, claims) if claims else []
        scores = np.zeros((len(pairs), len(RELATIONS)), dtype=np.float32)
        for begin in range(0, len(pairs), PAIRS_A_CHUNK):
            chunk = pairs[begin : begin + PAIRS_A_CHUNK].tolist()
            orders = [(pieces[x], pieces[y]) for a, b in chunk for x, y in ((a, b), (b, a))]
            relation, _ = self.logits([pair_input(*order) for order in orders])
            scores[begin : begin + len(chunk)] = relation.softmax(dim=1).view(-1, 2, len(RELATIONS)).mean(1).numpy()
        return scores

    @torch.inference_mode()
    def logits(self, sequences: Sequence[RoleSequence]) -> tuple[Tensor, Tensor]:
        """Logits of relation and entailment (n, 3) of the pairs' sequences; those of like length are read together."""
        found = [torch.zeros(len(sequences), size) for size in (len(RELATIONS), len(NLI_LABELS))]
        for chosen in by_length([len(s.ids) for s in sequences], BATCH_PIECES):
            with mixed_precision():
                scores = self.network([sequences[i] for i in chosen])
            for target, values in zip(found, scores, strict=True):
                target[chosen] = values.float()
        return found[0], found[1]
