"""Propositions: clusters of claims that assert the same thing, by average linkage, so that chains do not make blobs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import squareform

from pipeline.linking.pairs import Pairs, Scores, rank_in_run

LARGEST = 3000  # claims in one linkage; a larger component is first cut at a stricter threshold
CERTAIN = 0.99  # threshold above which a component is not cut any further

Labels = NDArray[np.int64]  # (n,), a number for each claim


def cluster(n: int, pairs: Pairs, same: Scores, threshold: float) -> Labels:
    """The cluster (n,) of each of ``range(n)``, so that the mean probability of ``same`` between members is at least ``threshold``.

    A pair that was not scored counts as 0. Average linkage (Sokal and Michener, 1958) within components connected by pairs of at
    least ``threshold``. Clusters are numbered by their first member.
    """
    label = np.arange(n)
    for members in _clusters(np.arange(n), pairs, same, threshold):
        label[members] = members.min()
    return np.unique(label, return_inverse=True)[1]


def _clusters(members: Labels, pairs: Pairs, same: Scores, threshold: float) -> Iterator[Labels]:
    """Clusters of more than one of ``members``; ``pairs`` are places within ``members``."""
    strong = pairs[same >= threshold]
    graph = coo_matrix((np.ones(len(strong), dtype=bool), (strong[:, 0], strong[:, 1])), shape=(len(members), len(members)))
    count, label = connected_components(graph, directed=False)
    order = np.argsort(label, kind="stable")
    bounds = np.searchsorted(label[order], np.arange(count + 1))
    place = np.empty(len(members), dtype=np.int64)
    place[order] = rank_in_run(label[order])
    inner = np.flatnonzero(label[pairs[:, 0]] == label[pairs[:, 1]])
    of_pair = label[pairs[inner, 0]]
    by_component = inner[np.argsort(of_pair, kind="stable")]
    cuts = np.searchsorted(np.sort(of_pair), np.arange(count + 1))
    for number in np.flatnonzero(np.diff(bounds) > 1):
        component = order[bounds[number] : bounds[number + 1]]
        inside = by_component[cuts[number] : cuts[number + 1]]
        yield from _split(members[component], place[pairs[inside]], same[inside], threshold)


def _split(members: Labels, pairs: Pairs, same: Scores, threshold: float) -> Iterator[Labels]:
    """The clusters of one component."""
    if len(members) == 2 or (len(members) > LARGEST and threshold > CERTAIN):
        yield members
    elif len(members) > LARGEST:
        yield from _clusters(members, pairs, same, (1 + threshold) / 2)
    else:
        distance = np.ones((len(members), len(members)))
        np.fill_diagonal(distance, 0.0)
        distance[pairs[:, 0], pairs[:, 1]] = distance[pairs[:, 1], pairs[:, 0]] = 1.0 - same
        label = fcluster(linkage(squareform(distance, checks=False), "average"), t=1.0 - threshold, criterion="distance")
        yield from (members[label == number] for number in np.unique(label))
