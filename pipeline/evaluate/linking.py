"""Linking against gold propositions: B-cubed over claims, and pairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from pipeline.evaluate.counts import Counts


def b_cubed(gold: Sequence[str], predicted: Sequence[str]) -> tuple[float, float, float]:
    """B-cubed precision, recall and F1 (Bagga and Baldwin, 1998) of two clusterings of the same items."""
    if not gold:
        return 0.0, 0.0, 0.0
    both, left, right = Counter(zip(gold, predicted, strict=True)), Counter(gold), Counter(predicted)
    precision = sum(n * n / right[p] for (_, p), n in both.items()) / len(gold)
    recall = sum(n * n / left[g] for (g, _), n in both.items()) / len(gold)
    return precision, recall, 2 * precision * recall / (precision + recall)


def same_pairs(gold: Mapping[str, str], predicted: Mapping[str, str]) -> Counts:
    """Pairs of items in one cluster."""
    wanted, given = ({frozenset(p) for p in _pairs(c)} for c in (gold, predicted))
    return Counts(len(wanted & given), len(given), len(wanted))


def opposed_pairs(proposition_of: Mapping[str, str], oppositions: Iterable[Iterable[str]], predicted: Iterable[tuple[str, str]]) -> Counts:
    """Pairs of claims whose gold propositions are opposed, against predicted pairs of the same claims."""
    opposed = {frozenset(pair) for pair in oppositions}
    wanted = {
        frozenset(p) for p in combinations(sorted(proposition_of), 2) if frozenset((proposition_of[p[0]], proposition_of[p[1]])) in opposed
    }
    given = {frozenset(pair) for pair in predicted if all(item in proposition_of for item in pair)}
    return Counts(len(wanted & given), len(given), len(wanted))


def _pairs(cluster_of: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    members: dict[str, list[str]] = {}
    for item, cluster in cluster_of.items():
        members.setdefault(cluster, []).append(item)
    for items in members.values():
        yield from combinations(items, 2)
