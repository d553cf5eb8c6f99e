"""Claims that repeat one another: of one claimer, the content of one within that of the other.

A cue beside another (``was quoted as saying``) or within what is said (``concedes the loss is less than feared``) makes the reader see two
attributions where an annotator marks one: of 121 such pairs in the gold (both train sets and both development sets) none had two claims.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence

from pipeline.reader.read import AttributionSpan
from pipeline.text import Span

WITHIN = 0.8  # share of the shorter content that lies in the longer one
LEAST_PART = 0.25  # of the longer content that the shorter one has; less is a word on something within a long quotation


def unrepeated(attributions: Sequence[AttributionSpan], claimers: Sequence[str | None]) -> list[int]:
    """Places of the attributions that stay, in order: of those that repeat one another, the one with the best score."""
    by_source: dict[Hashable, list[int]] = defaultdict(list)
    for i, (attribution, claimer) in enumerate(zip(attributions, claimers, strict=True)):
        by_source[claimer or attribution.source or i].append(i)  # without both, nobody knows whether it is the same claimer
    return sorted(
        i for places in by_source.values() for overlapping in _overlapping(attributions, places) for i in _best(attributions, overlapping)
    )


def _overlapping(attributions: Sequence[AttributionSpan], places: Sequence[int]) -> list[list[int]]:
    """The places, those together whose contents reach into one another's stretch of the text."""
    groups: list[list[int]] = []
    reached = -1
    for i in sorted(places, key=lambda i: _stretch(attributions[i])):
        start, end = _stretch(attributions[i])
        if start >= reached:
            groups.append([])
        groups[-1].append(i)
        reached = max(reached, end)
    return groups


def _best(attributions: Sequence[AttributionSpan], places: Sequence[int]) -> list[int]:
    kept: list[int] = []
    for i in sorted(places, key=lambda i: (-attributions[i].score, _length(attributions[i].content), i)):
        if not any(_repeat(attributions[i].content, attributions[k].content) for k in kept):
            kept.append(i)
    return kept


def _repeat(a: Sequence[Span], b: Sequence[Span]) -> bool:
    shorter, longer = sorted((_length(a), _length(b)))
    shared = sum(max(0, min(x[1], y[1]) - max(x[0], y[0])) for x in a for y in b)
    return shared >= WITHIN * shorter and shorter >= LEAST_PART * longer


def _stretch(attribution: AttributionSpan) -> Span:
    return min(start for start, _ in attribution.content), max(end for _, end in attribution.content)


def _length(content: Sequence[Span]) -> int:
    return sum(end - start for start, end in content)
