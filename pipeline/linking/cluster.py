"""Propositions: clusters of claims that assert the same thing, by average linkage, so that chains do not make blobs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import squareform

LARGEST = 3000  # claims in one linkage; a larger component is first cut at a stricter threshold


def cluster(n: int, pairs: Sequence[tuple[int, int]], same: Sequence[float], threshold: float) -> list[list[int]]:
    """Clusters of ``range(n)`` in which the mean probability of ``same`` between members is at least ``threshold``.

    A pair that was not scored counts as 0. Average linkage (Sokal and Michener, 1958) within connected components.
    """
    kept = [(a, b, p) for (a, b), p in zip(pairs, same, strict=True) if p >= threshold]
    return sorted((c for component in _components(n, kept) for c in _split(component, kept, threshold)), key=lambda c: c[0])


def _components(n: int, kept: Sequence[tuple[int, int, float]]) -> list[list[int]]:
    rows, columns = [a for a, _, _ in kept], [b for _, b, _ in kept]
    graph = coo_matrix((np.ones(len(kept), dtype=bool), (rows, columns)), shape=(n, n))
    _, label = connected_components(graph, directed=False)
    order = np.argsort(label, kind="stable")
    cuts = np.flatnonzero(np.diff(label[order])) + 1
    return [part.tolist() for part in np.split(order, cuts)] if n else []


def _split(component: list[int], kept: Sequence[tuple[int, int, float]], threshold: float) -> list[list[int]]:
    if len(component) <= 2:
        return [component]
    place = {member: i for i, member in enumerate(component)}
    inside = [(place[a], place[b], p) for a, b, p in kept if a in place]
    if len(component) > LARGEST:
        stricter = [edge for edge in inside if edge[2] >= (1 + threshold) / 2]
        parts = _components(len(component), stricter)
        return [[component[i] for i in c] for part in parts for c in _split(part, stricter, (1 + threshold) / 2)]
    distance = np.ones((len(component), len(component)))
    np.fill_diagonal(distance, 0.0)
    for a, b, p in inside:
        distance[a, b] = distance[b, a] = 1.0 - p
    label = fcluster(linkage(squareform(distance, checks=False), "average"), t=1.0 - threshold, criterion="distance")
    clusters: dict[int, list[int]] = {}
    for member, number in zip(component, label.tolist(), strict=True):
        clusters.setdefault(number, []).append(member)
    return list(clusters.values())
