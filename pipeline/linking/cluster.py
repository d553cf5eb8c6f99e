"""Propositions: clusters of claims that assert the same thing, by average linkage, so that chains do not make blobs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import squareform

LARGEST = 3000  # claims in one linkage; a larger component is first cut at a stricter threshold
CERTAIN = 0.99  # threshold above which a component is not cut any further

Pairs = NDArray[np.int64]  # (m, 2), places of claims
Scores = NDArray[np.float64]  # (m,), probability of "same"


def cluster(n: int, pairs: Sequence[tuple[int, int]], same: Sequence[float], threshold: float) -> list[list[int]]:
    """Clusters of ``range(n)`` in which the mean probability of ``same`` between members is at least ``threshold``.

    A pair that was not scored counts as 0. Average linkage (Sokal and Michener, 1958) within components connected by pairs of at
    least ``threshold``.
    """
    return sorted(_cluster(np.arange(n), np.asarray(pairs, dtype=np.int64).reshape(-1, 2), np.asarray(same, dtype=np.float64), threshold))


def _cluster(members: NDArray[np.int64], pairs: Pairs, same: Scores, threshold: float) -> list[list[int]]:
    """Clusters of ``members``, each sorted; ``pairs`` are places within ``members``."""
    strong = pairs[same >= threshold]
    graph = coo_matrix((np.ones(len(strong), dtype=bool), (strong[:, 0], strong[:, 1])), shape=(len(members), len(members)))
    count, label = connected_components(graph, directed=False)
    order = np.argsort(label, kind="stable")
    bounds = np.searchsorted(label[order], np.arange(count + 1))
    place = np.empty(len(members), dtype=np.int64)
    place[order] = np.arange(len(members)) - bounds[label[order]]
    of_pair = np.where(label[pairs[:, 0]] == label[pairs[:, 1]], label[pairs[:, 0]], count)
    by_component = np.argsort(of_pair, kind="stable")
    cuts = np.searchsorted(of_pair[by_component], np.arange(count + 1))
    found = []
    for number in range(count):
        component = order[bounds[number] : bounds[number + 1]]
        inside = by_component[cuts[number] : cuts[number + 1]]
        found += _split(members[component], place[pairs[inside]], same[inside], threshold)
    return found


def _split(members: NDArray[np.int64], pairs: Pairs, same: Scores, threshold: float) -> list[list[int]]:
    """The clusters of one component."""
    if len(members) <= 2:
        return [members.tolist()]
    if len(members) > LARGEST:
        if threshold > CERTAIN:
            return [members.tolist()]
        return _cluster(members, pairs, same, (1 + threshold) / 2)
    distance = np.ones((len(members), len(members)))
    np.fill_diagonal(distance, 0.0)
    distance[pairs[:, 0], pairs[:, 1]] = distance[pairs[:, 1], pairs[:, 0]] = 1.0 - same
    label = fcluster(linkage(squareform(distance, checks=False), "average"), t=1.0 - threshold, criterion="distance")
    return [members[label == number].tolist() for number in np.unique(label)]
