"""Precision, recall and F1 from counts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Counts:
    """True positives, and how many were predicted and are in the gold."""

    right: int = 0
    predicted: int = 0
    gold: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.right + other.right, self.predicted + other.predicted, self.gold + other.gold)

    @property
    def precision(self) -> float:
        return self.right / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        return self.right / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        return 2 * self.right / (self.predicted + self.gold) if self.predicted + self.gold else 0.0


def f1_by_label(pairs: list[tuple[str, str]]) -> dict[str, float]:
    """F1 of every gold label over (gold, predicted) pairs."""
    labels = sorted({gold for gold, _ in pairs})
    scores = {}
    for label in labels:
        right = sum(g == p == label for g, p in pairs)
        scores[label] = Counts(right, sum(p == label for _, p in pairs), sum(g == label for g, _ in pairs)).f1
    return scores


def accuracy(pairs: list[tuple[object, object]]) -> float:
    """Share of equal pairs, 0 for none."""
    return sum(a == b for a, b in pairs) / len(pairs) if pairs else 0.0
