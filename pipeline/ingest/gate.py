"""The topic gate: which articles can hold a claim about a topic, by the topics' terms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import re2

from pipeline.config import Topic

_AUTOMATON_BYTES = 64 << 20  # a set of patterns that outgrows its memory would find nothing
# Letters, digits and underscores of scripts that part words by spaces, by blocks: Latin to Sinhala, Georgian, Ethiopic, more Latin and Greek.
# Of Unicode's own class of letters the automaton would take ten times as long to build.
_LETTERS = r"\w\x{C0}-\x{DFF}\x{10A0}-\x{10FF}\x{1200}-\x{139F}\x{1E00}-\x{1FFF}"
_BETWEEN = rf"(?:[^{_LETTERS}]|[\p{{Pd}}\p{{Po}}])"  # the blocks hold punctuation, too
_OPERATORS = r"()\[\].*+?{}|\\"  # no letters, but what they stand for may be some
_NO_LETTER_FIRST = re2.compile(rf"^(?:\\[^{_LETTERS}]|[^{_LETTERS}{_OPERATORS}])")
_NO_LETTER_LAST = re2.compile(rf"(?:\\[^{_LETTERS}]|[^{_LETTERS}{_OPERATORS}])$")


# Soft hyphens and marks of no width, which part no words, and hyphens of other kinds.
_UNSEEN = {**dict.fromkeys((0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF)), 0x2010: "-", 0x2011: "-"}


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
            self._set.Add(bounded(pattern))
        if self._terms:
            self._set.Compile()

    def topics_of(self, title: str | None, text: str) -> list[str]:
        """Ids of the topics that the article names, in the order of the configuration."""
        if not self._terms:
            return []
        met = [self._terms[number] for number in self._set.Match(f"\n{_plain(title or '')}\n{_plain(text)}\n") or ()]
        named = {topic for topic, core in met if core}
        if named:
            return [t.id for t in self._topics if t.id in named]
        related = Counter(topic for topic, _ in met)
        return [t.id for t in self._topics if t.related and related[t.id] >= t.related_least]


def _plain(text: str) -> str:
    """The text with one blank for every run of blanks and line breaks, plain hyphens, and without marks that nobody sees."""
    return " ".join((text if text.isascii() else text.translate(_UNSEEN)).split())


def bounded(pattern: str) -> str:
    """A topic's pattern, in any case, where no letter, digit or underscore stands before or after it: not ``tax`` in ``taxi`` or ``taxé``.

    An end of the pattern that is itself a mark (``\\+``) or a letter of a script without spaces (``关税``) may have anything beside it.
    What stands beside is a part of the match, since RE2 looks neither back nor ahead: a text needs something before and after it.
    """
    several = "|" in pattern  # whose ends are not those of each
    before = "" if _NO_LETTER_FIRST.search(pattern) and not several else _BETWEEN
    after = "" if _NO_LETTER_LAST.search(pattern) and not several else _BETWEEN
    return f"(?im){before}(?:{pattern}){after}"
