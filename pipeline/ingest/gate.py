"""The topic gate: which articles can hold a claim about a topic, by the topics' terms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import re2

from pipeline.config import Topic

_AUTOMATON_BYTES = 64 << 20  # a set of patterns that outgrows its memory would find nothing


class TopicGate:
    """Compiled patterns of the topics.

    An article passes for a topic with one of its core terms in title or text; one that passes for none, with several of a topic's
    related ones. One automaton finds all terms: a text is read once, whatever their number, and nothing can backtrack without end.
    """

    def __init__(self, topics: Sequence[Topic]) -> None:
        self._topics = list(topics)
        self._terms = [(t.id, True) for t in topics for _ in t.core] + [(t.id, False) for t in topics for _ in t.related]
        options = re2.Options()
        options.max_mem = _AUTOMATON_BYTES
        self._set = re2.Set.SearchSet(options)
        for pattern in (p for kind in ("core", "related") for t in topics for p in getattr(t, kind)):
            self._set.Add(rf"(?i)\b(?:{pattern})\b")
        if self._terms:
            self._set.Compile()

    def topics_of(self, title: str | None, text: str) -> list[str]:
        """Ids of the topics that the article names, in the order of the configuration."""
        if not self._terms:
            return []
        met = [self._terms[number] for number in self._set.Match(f"{title or ''}\n{text}") or ()]
        named = {topic for topic, core in met if core}
        if named:
            return [t.id for t in self._topics if t.id in named]
        related = Counter(topic for topic, _ in met)
        return [t.id for t in self._topics if t.related and related[t.id] >= t.related_least]
