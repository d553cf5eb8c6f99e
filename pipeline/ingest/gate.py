"""The topic gate: which articles can hold a claim about a topic, by the topics' terms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import re2

from pipeline.config import Topic

_REMEMBERED = 10_000  # matched words whose patterns are kept


class TopicGate:
    """Compiled patterns of the topics.

    An article passes for a topic with one of its core terms in title or text, or with several of its related ones.
    """

    def __init__(self, topics: Sequence[Topic]) -> None:
        self._core = [(t.id, _compile(t.core)) for t in topics if t.core]
        self._any_core = _compile([p for t in topics for p in t.core]) if self._core else None  # most articles hold none of all
        self._least = {t.id: t.related_least for t in topics if t.related}
        self._related = [(t.id, i, _compile([p])) for t in topics for i, p in enumerate(t.related)]
        patterns = sorted({p for t in topics for p in t.related})
        self._any_related = _compile(patterns) if patterns else None
        self._known: dict[str, tuple[tuple[str, int], ...]] = {}

    def topics_of(self, title: str | None, text: str) -> list[str]:
        """Ids of the topics that the article names, in the order of the configuration."""
        found: set[str] = set()
        if self._any_core is not None and (self._any_core.search(text) or (title and self._any_core.search(title))):
            found = {name for name, pattern in self._core if pattern.search(text) or (title and pattern.search(title))}
        if self._any_related is not None and not found:
            found = self._by_related_terms(self._any_related.findall(f"{title or ''}\n{text}"))
        return [name for name, _ in self._core if name in found]

    def _by_related_terms(self, words: Sequence[str]) -> set[str]:
        """Topics of which enough related terms were met, for a text that names none outright."""
        terms = {term for word in set(words) for term in self._terms_of(word)}
        met: dict[str, int] = {}
        for topic, _ in terms:
            met[topic] = met.get(topic, 0) + 1
        return {topic for topic, number in met.items() if number >= self._least[topic]}

    def _terms_of(self, word: str) -> tuple[tuple[str, int], ...]:
        """(topic, number of its related term) of every term that a matched word is."""
        if word not in self._known:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[word] = tuple((topic, i) for topic, i, pattern in self._related if pattern.fullmatch(word))
        return self._known[word]


def _compile(patterns: Sequence[str]) -> Any:
    """One automaton for all patterns: re2 reads a text once, whatever their number, and cannot backtrack without end."""
    return re2.compile(r"(?i)\b(?:" + "|".join(f"(?:{p})" for p in patterns) + r")\b")
