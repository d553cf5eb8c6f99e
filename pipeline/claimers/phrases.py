"""Noun phrases that name nobody but can be meant later: ``a purchasing director``, ``the chamber``, ``Hotel owners``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.claimers.descriptions import kind_of
from pipeline.claimers.words import CROWD_NOUNS, DOCUMENT_NOUNS, ORGANISATION_NOUNS, PERSON_NOUNS
from pipeline.text import Span

_WORD = re.compile(r"(?<![’'&-])[\w’'&-]*\w")
_DEFINITE = frozenset(["the", "this", "that", "its", "his", "her", "their", "our", "my", "these", "those", "both"])
_INDEFINITE = frozenset(["a", "an", "one", "two", "three", "four", "five", "some", "several", "many", "most", "another", "other", "few"])
_MOST_WORDS = 4
_INSIDE_NONE = frozenset((
    "of", "in", "at", "for", "with", "by", "to", "from", "on", "among", "between", "and", "or", "but", "has", "have", "had", "is", "are",
    "was", "were", "be", "been", "will", "would", "can", "could", "may", "might", "said", "says", "told", "that", "who", "which", "when", "while", "if", "not",
))  # fmt: skip
# Heads that are seldom taken up as speakers.
_SPEAKLESS = frozenset((
    "half", "third", "majority", "market", "markets", "website", "text", "piece"
))  # fmt: skip
_PLURALS = frozenset(f"{noun}s" for noun in PERSON_NOUNS | ORGANISATION_NOUNS)
_HEADS = PERSON_NOUNS | ORGANISATION_NOUNS | DOCUMENT_NOUNS | CROWD_NOUNS
_VERBAL = re.compile(r"(?:[a-z]{2}ed|[^s'’]s)$")
_OPENS = re.compile(r"(?:^|[.!?][”\"’')]*\s|\n|[“\"])\s*$")


@dataclass(frozen=True)
class Phrase:
    """A noun phrase with its head noun, whom it stands for, and whether it points back."""

    start: int
    end: int
    head: str
    kind: str
    definite: bool


def find_phrases(text: str, taken: Sequence[Span]) -> list[Phrase]:
    """Phrases in order whose head can speak, except those that overlap a span of ``taken``."""
    words = [(m.start(), m.end()) for m in _WORD.finditer(text)]
    lowered = [text[s:e].lower() for s, e in words]
    blocked = {i for start, end in taken for i in range(start, end)}
    found = []
    for i, word in enumerate(lowered):
        kind = _kind(word)
        if kind is None or (i + 1 < len(words) and _kind(lowered[i + 1]) is not None and _joined(text, words, i)):
            continue
        first = _first(text, words, lowered, i, kind)
        if first is None:
            continue
        start, end = words[first][0], words[i][1]
        if not blocked.intersection((start, end - 1)):
            found.append(Phrase(start, end, word, kind, lowered[first] in _DEFINITE))
    return found


def _kind(word: str) -> str | None:
    if word in _SPEAKLESS:
        return None
    if word in _HEADS:
        return kind_of(word)
    return "GROUP" if word in _PLURALS else None


def _joined(text: str, words: Sequence[Span], i: int) -> bool:
    """Whether only a blank stands between a word and the next."""
    return text[words[i][1] : words[i + 1][0]] == " "


def _first(text: str, words: Sequence[Span], lowered: Sequence[str], head: int, kind: str) -> int | None:
    """The determiner that opens the phrase, or the first word of a plural that opens a sentence."""
    for i in range(head - 1, max(-1, head - 1 - _MOST_WORDS), -1):
        if not _joined(text, words, i):
            break
        if lowered[i] in _DEFINITE or lowered[i] in _INDEFINITE:
            return i
        if lowered[i] in _INSIDE_NONE or (i < head - 1 and _VERBAL.search(lowered[i])):
            break
    if kind != "GROUP":
        return None
    for i in range(head, max(-1, head - 3), -1):
        if i < head and not _joined(text, words, i):
            return None
        if text[words[i][0]].isupper() and _OPENS.search(text[max(0, words[i][0] - 4) : words[i][0]]):
            return i
    return None
