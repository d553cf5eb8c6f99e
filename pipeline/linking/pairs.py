"""Pairs of claims as arrays: what they are called, one number for each, and ranks within runs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Pairs = NDArray[np.int64]  # (m, 2), places of claims
Scores = NDArray[np.float64]  # (m,), a probability for each pair


def codes_of(pairs: Pairs, size: int) -> NDArray[np.int64]:
    """One number (m,) for each pair of places below ``size``, the same in either order; numbers go as sorted pairs do."""
    return pairs.min(axis=1) * size + pairs.max(axis=1)


def pairs_of(codes: NDArray[np.int64], size: int) -> Pairs:
    """The pairs (m, 2), a <= b, of numbers that ``codes_of`` gave."""
    return np.stack(np.divmod(codes, max(1, size)), axis=1)


def rank_in_run(runs: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many equal values come before each of the sorted ``runs``."""
    return np.arange(len(runs)) - np.searchsorted(runs, runs)
