"""Attribution as PolNeAR measures it: exact spans, tokens, and whole attributions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.evaluate.counts import Counts
from pipeline.text import Span

_TOKEN = re.compile(r"\w+|[^\w\s]")
LEAST_OVERLAP = 0.5
PARTS = ("source", "cue", "content")


@dataclass(frozen=True)
class AttributionSpans:
    """One attribution, gold or predicted."""

    content: tuple[Span, ...]
    cue: tuple[Span, ...]
    source: tuple[Span, ...]


@dataclass(frozen=True)
class AttributionScores:
    """Counts by part for exact spans and for tokens, and for whole attributions with the source overlapping or equal."""

    exact: dict[str, Counts]
    token: dict[str, Counts]
    whole: Counts
    whole_exact_source: Counts


def score_attributions(articles: Iterable[tuple[str, Sequence[AttributionSpans], Sequence[AttributionSpans]]]) -> AttributionScores:
    """Scores over (text, gold, predicted) of every article."""
    exact, token = ({part: Counts() for part in PARTS} for _ in range(2))
    whole = whole_exact = Counts()
    for text, gold, predicted in articles:
        tokens = tokens_in(text)
        for part in PARTS:
            spans = [{span for a in side for span in getattr(a, part)} for side in (gold, predicted)]
            exact[part] += Counts(len(spans[0] & spans[1]), len(spans[1]), len(spans[0]))
            covered = [tokens_of(tokens, side) for side in spans]
            token[part] += Counts(len(covered[0] & covered[1]), len(covered[1]), len(covered[0]))
        pairs = match([tokens_of(tokens, a.content) for a in gold], [tokens_of(tokens, a.content) for a in predicted])
        overlapping = sum(_sources_overlap(gold[g], predicted[p]) for g, p in pairs)
        equal = sum(set(gold[g].source) == set(predicted[p].source) for g, p in pairs)
        whole += Counts(overlapping, len(predicted), len(gold))
        whole_exact += Counts(equal, len(predicted), len(gold))
    return AttributionScores(exact, token, whole, whole_exact)


def tokens_in(text: str) -> list[Span]:
    """Spans of words and of single marks, the unit of every overlap."""
    return [m.span() for m in _TOKEN.finditer(text)]


def tokens_of(tokens: Sequence[Span], spans: Iterable[Span]) -> set[int]:
    """Indices of the tokens that lie in the spans."""
    return {i for start, end in spans for i, (s, e) in enumerate(tokens) if s < end and e > start}


def match(gold: Sequence[set[int]], predicted: Sequence[set[int]], least: float = LEAST_OVERLAP) -> list[tuple[int, int]]:
    """Greedy one-to-one pairs (gold, predicted) by token IoU, best first, of at least ``least``."""
    found = []
    for g, a in enumerate(gold):
        for p, b in enumerate(predicted):
            shared = len(a & b)
            if shared and (overlap := shared / len(a | b)) >= least:
                found.append((-overlap, g, p))
    pairs: list[tuple[int, int]] = []
    used: tuple[set[int], set[int]] = (set(), set())
    for _, g, p in sorted(found):
        if g not in used[0] and p not in used[1]:
            pairs.append((g, p))
            used[0].add(g)
            used[1].add(p)
    return pairs


def _sources_overlap(gold: AttributionSpans, predicted: AttributionSpans) -> bool:
    if not gold.source or not predicted.source:
        return not gold.source and not predicted.source
    return any(s < e2 and s2 < e for s, e in gold.source for s2, e2 in predicted.source)
