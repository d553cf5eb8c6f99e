"""How far scores can be taken for probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 10


@dataclass(frozen=True)
class Bin:
    """Scores from ``low`` on: how many, their mean, and the share that was right."""

    low: float
    count: int
    score: float
    right: float


def reliability(scores: NDArray[np.float64], right: NDArray[np.float64]) -> list[Bin]:
    """Ten bins of equal width; empty ones are left out."""
    place = np.minimum((scores * BINS).astype(int), BINS - 1)
    found = []
    for b in range(BINS):
        chosen = place == b
        if chosen.any():
            found.append(Bin(b / BINS, int(chosen.sum()), float(scores[chosen].mean()), float(right[chosen].mean())))
    return found


def calibration_error(scores: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    """Expected calibration error: the mean gap of the bins, weighted by their size (Guo et al., 2017)."""
    return sum(b.count * abs(b.score - b.right) for b in reliability(scores, right)) / max(1, len(scores))
