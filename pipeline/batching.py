"""Batches of sequences of like length, so that little is padded."""

from __future__ import annotations

from collections.abc import Sequence


def by_length(sizes: Sequence[int], budget: int) -> list[list[int]]:
    """Indices of ``sizes`` in batches, the shortest first; a batch's padded size is at most ``budget``, or it is one item."""
    batches: list[list[int]] = []
    for i in sorted(range(len(sizes)), key=sizes.__getitem__):
        if not batches or (len(batches[-1]) + 1) * sizes[i] > budget:
            batches.append([])
        batches[-1].append(i)
    return batches
