"""Propositions: clusters of claims that assert the same thing, by average linkage, so that chains do not make blobs."""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from pipeline.linking.pairs import Pairs, Scores, rank_in_run

Labels = NDArray[np.int64]  # (n,), a number for each claim


def cluster(n: int, pairs: Pairs, same: Scores, threshold: float, enough: int) -> Labels:
    """The cluster (n,) of each of ``range(n)``, so that the mean probability of ``same`` between two that are joined is at least ``threshold``.

    Average linkage (Sokal and Michener, 1958) within components connected by pairs of at least ``threshold``. A pair that was not scored
    counts as 0, unless ``enough`` pairs of two clusters were: each claim is compared with so many others only, however often it is said.
    Clusters are numbered by their first member.
    """
    label = np.arange(n)
    strong = pairs[same >= threshold]
    graph = coo_matrix((np.ones(len(strong), dtype=bool), (strong[:, 0], strong[:, 1])), shape=(n, n))
    count, component = connected_components(graph, directed=False)
    order = np.argsort(component, kind="stable")
    bounds = np.searchsorted(component[order], np.arange(count + 1))
    place = np.empty(n, dtype=np.int64)
    place[order] = rank_in_run(component[order])
    inner = np.flatnonzero(component[pairs[:, 0]] == component[pairs[:, 1]])
    of_pair = component[pairs[inner, 0]]
    by_component = inner[np.argsort(of_pair, kind="stable")]
    cuts = np.searchsorted(np.sort(of_pair), np.arange(count + 1))
    for number in np.flatnonzero(np.diff(bounds) > 1):
        members = order[bounds[number] : bounds[number + 1]]
        inside = by_component[cuts[number] : cuts[number + 1]]
        for found in _Linkage(len(members), place[pairs[inside]], same[inside], enough).clusters(threshold):
            label[members[found]] = members[found].min()
    return np.unique(label, return_inverse=True)[1]


class _Linkage:
    """Average linkage over the pairs that were scored: of any two clusters it keeps the sum of scores and how many pairs they are of."""

    def __init__(self, n: int, pairs: Pairs, same: Scores, enough: int) -> None:
        self.enough = enough
        self.members = [[i] for i in range(n)]
        self.between: list[dict[int, tuple[float, int]]] = [{} for _ in range(n)]
        for (a, b), score in zip(pairs.tolist(), same.tolist(), strict=True):
            self.between[a][b] = self.between[b][a] = (score, 1)

    def mean(self, a: int, b: int) -> float:
        """The mean score between two clusters."""
        total, compared = self.between[a][b]
        return total / max(compared, min(len(self.members[a]) * len(self.members[b]), self.enough))

    def clusters(self, threshold: float) -> list[list[int]]:
        """The clusters once no two have a mean of at least ``threshold``: the two with the greatest are joined, again and again."""
        heap = [(-mean, a, b) for a, others in enumerate(self.between) for b in others if a < b and (mean := self.mean(a, b)) >= threshold]
        heapq.heapify(heap)
        while heap:
            known, a, b = heapq.heappop(heap)
            mean = self.mean(a, b) if b in self.between[a] else 0.0
            if mean < threshold:
                continue
            if mean < -known:  # one of them has grown since
                heapq.heappush(heap, (-mean, a, b))
            elif mean == -known:
                kept, gone = (a, b) if len(self.between[a]) >= len(self.between[b]) else (b, a)
                for other in self._join(kept, gone):
                    if (mean := self.mean(kept, other)) >= threshold:
                        heapq.heappush(heap, (-mean, min(kept, other), max(kept, other)))
        return [found for found in self.members if found]

    def _join(self, a: int, b: int) -> list[int]:
        """Put ``b`` into ``a``; returns the clusters whose mean with ``a`` this changes."""
        del self.between[a][b], self.between[b][a]
        self.members[a] += self.members[b]
        changed = list(self.between[b])
        for other in changed:
            total, compared = self.between[b][other]
            before, compared_before = self.between[a].get(other, (0.0, 0))
            del self.between[other][b]
            self.between[a][other] = self.between[other][a] = (before + total, compared_before + compared)
        self.members[b], self.between[b] = [], {}
        return changed
