"""The topic gate: which articles can hold a claim about a topic, by the topics' terms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import re2

from pipeline.config import Topic


class TopicGate:
    """Compiled patterns of the topics. An article passes for a topic with one of its core terms in title or text."""

    def __init__(self, topics: Sequence[Topic]) -> None:
        self._core = [(t.id, _compile(t.core)) for t in topics if t.core]

    def topics_of(self, title: str | None, text: str) -> list[str]:
        """Ids of the topics that the article names, in the order of the configuration."""
        return [name for name, pattern in self._core if pattern.search(text) or (title and pattern.search(title))]


def _compile(patterns: Sequence[str]) -> Any:
    """One automaton for all patterns: re2 reads a text once, whatever their number, and cannot backtrack without end."""
    return re2.compile(r"(?i)\b(?:" + "|".join(f"(?:{p})" for p in patterns) + r")\b")
