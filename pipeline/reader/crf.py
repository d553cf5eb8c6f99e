"""A linear-chain conditional random field (Lafferty et al., 2001) over word labels."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class LinearChainCRF(nn.Module):
    """Scores label sequences; ``forbidden`` (from, to) pairs of labels never occur.

    Emissions are (batch, words, labels), labels (batch, words), masks (batch, words) true for real words and true at word 0.
    """

    barrier: Tensor
    start_barrier: Tensor

    def __init__(self, n_labels: int, forbidden: list[tuple[int, int]], not_first: list[int]) -> None:
        super().__init__()
        self.transitions = nn.Parameter(torch.zeros(n_labels, n_labels))
        self.start = nn.Parameter(torch.zeros(n_labels))
        barrier = torch.zeros(n_labels, n_labels)
        for before, after in forbidden:
            barrier[before, after] = -1e4
        start_barrier = torch.zeros(n_labels)
        start_barrier[not_first] = -1e4
        self.register_buffer("barrier", barrier, persistent=False)
        self.register_buffer("start_barrier", start_barrier, persistent=False)

    def loss(self, emissions: Tensor, labels: Tensor, mask: Tensor) -> Tensor:
        """Negative log-likelihood of each sequence, (batch,)."""
        return self._log_partition(emissions, mask) - self._path_score(emissions, labels, mask)

    def decode(self, emissions: Tensor, mask: Tensor) -> Tensor:
        """Best labels by Viterbi, (batch, words); what is masked gets label 0."""
        transitions = self.transitions + self.barrier
        score = self.start + self.start_barrier + emissions[:, 0]
        back = []
        for i in range(1, emissions.shape[1]):
            best, argument = (score.unsqueeze(2) + transitions).max(dim=1)
            live = mask[:, i].unsqueeze(1)
            back.append(torch.where(live, argument, torch.arange(score.shape[1]).expand_as(argument)))
            score = torch.where(live, best + emissions[:, i], score)
        label = score.argmax(dim=1)
        path = [label]
        for argument in reversed(back):
            label = argument.gather(1, label.unsqueeze(1)).squeeze(1)
            path.append(label)
        return torch.stack(path[::-1], dim=1) * mask

    def _path_score(self, emissions: Tensor, labels: Tensor, mask: Tensor) -> Tensor:
        transitions, weight = self.transitions + self.barrier, mask.to(emissions.dtype)
        first = (self.start + self.start_barrier)[labels[:, 0]]
        emitted = (emissions.gather(2, labels.unsqueeze(2)).squeeze(2) * weight).sum(dim=1)
        moved = (transitions[labels[:, :-1], labels[:, 1:]] * weight[:, 1:]).sum(dim=1)
        return first + emitted + moved

    def _log_partition(self, emissions: Tensor, mask: Tensor) -> Tensor:
        transitions = self.transitions + self.barrier
        score = self.start + self.start_barrier + emissions[:, 0]
        for i in range(1, emissions.shape[1]):
            step = torch.logsumexp(score.unsqueeze(2) + transitions, dim=1) + emissions[:, i]
            score = torch.where(mask[:, i].unsqueeze(1), step, score)
        return torch.logsumexp(score, dim=1)


def bio_constraints(types: list[str]) -> tuple[list[str], list[tuple[int, int]], list[int]]:
    """Labels O, B-x, I-x ... of the types, the forbidden moves (into I-x from another type) and labels that cannot be first."""
    labels = ["O"] + [f"{prefix}-{kind}" for kind in types for prefix in "BI"]
    inside = [i for i, label in enumerate(labels) if label.startswith("I-")]
    forbidden = [(a, i) for i in inside for a in range(len(labels)) if a not in (i, i - 1)]
    return labels, forbidden, inside
