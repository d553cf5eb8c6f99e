"""Where a text is inside quotation marks, judged paragraph by paragraph.

Marks are evidence for the reader, never a parse that can fail: a stray mark reaches no further than its paragraph.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

OUTSIDE, DOUBLE, SINGLE = 0, 1, 2

OPENING = "“«„‟"
CLOSING = "”»"
STRAIGHT = '"'
SINGLE_OPENING = "‘‚‹"
SINGLE_EITHER = "'’›"
ALL_MARKS = OPENING + CLOSING + STRAIGHT + SINGLE_OPENING + SINGLE_EITHER

_TWO_SINGLE = ("''", "``")  # for one double mark, as some archives have it
_MARK = re.compile("|".join(_TWO_SINGLE) + "|[" + re.escape(ALL_MARKS) + "]")
_PARAGRAPH = re.compile(r"[^\n\r\x85\u2028\u2029]+")


def quote_states(text: str) -> NDArray[np.uint8]:
    """State of every code point of ``text``: OUTSIDE, DOUBLE or SINGLE; marks belong to what they enclose."""
    states = np.zeros(len(text), dtype=np.uint8)
    for paragraph in _PARAGRAPH.finditer(text):
        for start, end, kind in _quoted_spans(text, paragraph.start(), paragraph.end()):
            states[start:end] = kind
    return states


def _quoted_spans(text: str, start: int, end: int) -> list[tuple[int, int, int]]:
    spans: list[tuple[int, int, int]] = []
    opened: dict[int, int] = {}
    for match in _MARK.finditer(text, start, end):
        kind, opens = _judge(text, match, start, end, opened)
        if kind == OUTSIDE:
            continue
        if opens:
            opened.setdefault(kind, match.start())
        elif kind in opened:
            begin = opened.pop(kind)
            if kind == DOUBLE and opened.get(SINGLE, -1) > begin:
                del opened[SINGLE]
            if kind == DOUBLE or DOUBLE not in opened:
                spans.append((begin, match.end(), kind))
    # A quotation that goes on in the next paragraph has no closing mark. Single marks are too often apostrophes.
    if DOUBLE in opened:
        spans.append((opened[DOUBLE], end, DOUBLE))
    return spans


def _judge(text: str, found: re.Match[str], start: int, end: int, opened: dict[int, int]) -> tuple[int, bool]:
    """Kind of a mark and whether it opens; OUTSIDE for an apostrophe."""
    at, mark = found.start(), found.group()
    before = text[at - 1] if at > start else " "
    after = text[found.end()] if found.end() < end else " "
    if mark == "“" and DOUBLE in opened and text[opened[DOUBLE]] == "„":
        return DOUBLE, False
    if mark in OPENING:
        return DOUBLE, True
    if mark in CLOSING:
        return DOUBLE, DOUBLE not in opened and before.isspace() and not after.isspace()  # typed the wrong way round
    free_before = before.isspace() or before in "([{-—–/" or before in OPENING + STRAIGHT + SINGLE_OPENING
    free_after = after.isspace() or after in ")]}-—–/,.;:!?" or after in CLOSING + STRAIGHT + SINGLE_EITHER
    if mark == STRAIGHT or mark in _TWO_SINGLE:
        if free_before != free_after:
            return DOUBLE, free_before
        return DOUBLE, DOUBLE not in opened
    if after.isdigit() and free_before:
        return OUTSIDE, False  # ``the ‘90s``
    if mark in SINGLE_OPENING:
        return SINGLE, True
    if free_before and not free_after and mark == "'":
        return SINGLE, True
    if free_after and not free_before and SINGLE in opened:
        return SINGLE, False
    return OUTSIDE, False
