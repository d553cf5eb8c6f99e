"""Spans of text: trimming them to the guidelines' edges, and sentences around them."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

import spacy
from spacy.language import Language

from pipeline.reader.quotes import ALL_MARKS, OUTSIDE, quote_states

Span = tuple[int, int]
_TRIM = " \t\r\n\u00a0\u2009\u200b\u202f\ufeff" + ALL_MARKS
_DOTTED = re.compile(r"(?:[A-Za-z]{1,2}\.)+[A-Za-z]{1,2}")  # ``U.S``, whose last dot is its own
_ABBREVIATIONS = {"Inc", "Corp", "Co", "Ltd", "Jr", "Sr", "St", "No", "Bros"}
_LONGEST_SENTENCE_INPUT = 900_000  # below spaCy's own limit of a million characters
CONTEXT_CHARS, BEFORE_CHARS = 1200, 400  # longest context kept around a claim, and longest sentence kept before that


def spans_of(rows: Iterable[Mapping[str, int]]) -> tuple[Span, ...]:
    """The spans of a column such as ``claims.content_spans``."""
    return tuple((row["start"], row["end"]) for row in rows)


def trim_content(text: str, span: Span) -> Span:
    """The span without blanks and quotation marks at both ends and without a final comma or full stop (may be empty)."""
    start, end = span
    while start < end and text[start] in _TRIM:
        start += 1
    while start < end and (text[end - 1] in _TRIM or text[end - 1] in ",;" or _ends_in_full_stop(text, start, end)):
        end -= 1
    return start, end


def _ends_in_full_stop(text: str, start: int, end: int) -> bool:
    """Whether a final ``.`` ends a sentence, rather than an abbreviation such as ``U.S.``."""
    if text[end - 1] != ".":
        return False
    last = re.split(r"[\s“\"'(]", text[max(start, end - 40) : end - 1])[-1]
    return not _DOTTED.fullmatch(last) and last not in _ABBREVIATIONS


def form_of(text: str, content: list[Span]) -> str:
    """direct, indirect or mixed, from the quotation marks in and around the content's spans."""
    if not content:
        return "indirect"
    low, high = min(s for s, _ in content), max(e for _, e in content)
    start, end = text.rfind("\n", 0, low) + 1, text.find("\n", high)
    states = quote_states(text[start : end if end >= 0 else len(text)])
    inside = [states[s - start : e - start] != OUTSIDE for s, e in content]
    if all(part.all() for part in inside):
        return "direct"
    return "mixed" if any(part.any() for part in inside) else "indirect"


@cache
def _splitter() -> Language:
    language = spacy.blank("en")
    language.add_pipe("sentencizer")
    language.max_length = _LONGEST_SENTENCE_INPUT + 1
    return language


def sentences(text: str) -> list[Span]:
    """Spans of the sentences of ``text``; a line break always ends one."""
    found: list[Span] = []
    for line in re.finditer(r"[^\n]+", text):
        for begin in range(line.start(), line.end(), _LONGEST_SENTENCE_INPUT):
            part = text[begin : min(line.end(), begin + _LONGEST_SENTENCE_INPUT)]
            found += [(begin + s.start_char, begin + s.end_char) for s in _splitter()(part).sents if s.text.strip()]
    return found


def touched_by(bounds: Sequence[Span], low: int, high: int) -> range:
    """Which of the spans, in order and apart, a stretch of the text touches."""
    return range(bisect_right(bounds, low, key=lambda span: span[1]), bisect_left(bounds, high, key=lambda span: span[0]))


def context_of(text: str, bounds: Sequence[Span], content: Sequence[Span], cue: Span | None) -> Span:
    """Where a claim's context lies: the sentences (of ``bounds``) that it touches, at most CONTEXT_CHARS, behind the sentence before them
    where that is not long: it often names what the claim calls ``it`` or ``the plan``."""
    spans = [*content, *([cue] if cue else [])]
    low, high = min(s for s, _ in spans), max(e for _, e in spans)
    touched = touched_by(bounds, low, high)
    if touched:
        low, high = min(low, bounds[touched[0]][0]), max(high, bounds[touched[-1]][1])
    high = min(high, low + CONTEXT_CHARS)
    if touched and touched[0] > 0:
        before = bounds[touched[0] - 1][0]
        low = before if low - before <= BEFORE_CHARS else low
    return low, high
