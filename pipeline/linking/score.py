"""Vectors of claims and scores of pairs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import BertModel

from pipeline.batching import by_length
from pipeline.encoder import encoder_config, encoder_weights, load_tokenizer, load_trained
from pipeline.linking.network import LinkClaim, LinkNetwork, pair_input, split_claims
from pipeline.roles import pad, sequence, split_pieces

BATCH_PIECES = 8192
VECTOR_PIECES = 126


def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    """Unit sentence vectors (n, 384) of the texts by the pinned encoder, mean-pooled as it was trained."""
    if not texts:
        return np.zeros((0, 384), dtype=np.float32)
    model = BertModel(encoder_config(attention="sdpa"), add_pooling_layer=False)
    model.load_state_dict(encoder_weights())
    model.eval()
    sequences = [
        sequence([(p.ids[:VECTOR_PIECES], np.zeros(min(len(p.ids), VECTOR_PIECES), dtype=np.int64))])
        for p in split_pieces(load_tokenizer(), texts)
    ]
    vectors = np.zeros((len(texts), 384), dtype=np.float32)
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        for chosen in by_length([len(s.ids) for s in sequences], BATCH_PIECES):
            batch = pad([sequences[i] for i in chosen])
            hidden = model(input_ids=batch.ids, attention_mask=batch.mask).last_hidden_state.float()
            weight = batch.mask.unsqueeze(2).float()
            mean = (hidden * weight).sum(1) / weight.sum(1)
            vectors[chosen] = torch.nn.functional.normalize(mean, dim=1).numpy()
    return vectors


class PairScorer:
    """The trained linking model."""

    def __init__(self, weights: Path) -> None:
        self.tokenizer = load_tokenizer()
        self.network = LinkNetwork(encoder_config(attention="sdpa"))
        self.network.body.encoder.load_state_dict(encoder_weights())
        load_trained(self.network, weights)
        self.network.eval()

    @torch.inference_mode()
    def score(self, claims: Sequence[LinkClaim], pairs: Sequence[tuple[int, int]]) -> NDArray[np.float32]:
        """Probabilities (pairs, 3) of neither, same and opposed, the mean over both orders of each pair."""
        pieces = split_claims(self.tokenizer, claims)
        scores = np.zeros((len(pairs), 3), dtype=np.float32)
        sizes = [len(pieces[a].ids) + len(pieces[b].ids) + 3 for a, b in pairs]
        with torch.autocast("cpu", dtype=torch.bfloat16):
            for chosen in by_length(sizes, BATCH_PIECES):
                forward = [pair_input(pieces[a], pieces[b]) for a, b in (pairs[i] for i in chosen)]
                backward = [pair_input(pieces[b], pieces[a]) for a, b in (pairs[i] for i in chosen)]
                relation, _ = self.network(forward + backward)
                both = relation.float().softmax(dim=1).view(2, len(chosen), 3).mean(0)
                scores[chosen] = both.numpy()
        return scores
