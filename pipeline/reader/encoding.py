"""Texts as the reader sees them: word pieces, words with offsets, and the shape of every word.

The encoder is uncased, so case, spacing and quotation are given to it as features of each word.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from pipeline.reader.quotes import quote_states

SHAPES = ("lower", "title", "upper", "mixed", "digit", "punctuation", "other")
GAPS = ("none", "space", "line", "paragraph")
N_SHAPES, N_GAPS, N_QUOTES = len(SHAPES), len(GAPS), 3


@dataclass(frozen=True)
class EncodedText:
    """One text in pieces and words.

    ``pieces`` (n_pieces,) vocabulary ids without special tokens; ``word_of`` (n_pieces,) index of each piece's word;
    ``first`` (n_words,) index of each word's first piece; ``starts``, ``ends`` (n_words,) code-point offsets;
    ``features`` (n_words, 3) shape, gap before and quotation state.
    """

    pieces: NDArray[np.int64]
    word_of: NDArray[np.int64]
    first: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    features: NDArray[np.int64]

    @property
    def n_words(self) -> int:
        return len(self.first)

    def words_in(self, start: int, end: int) -> tuple[int, int]:
        """Half-open range of the words that overlap the characters ``start`` to ``end``."""
        low = int(np.searchsorted(self.ends, start, side="right"))
        high = int(np.searchsorted(self.starts, end, side="left"))
        return low, max(low, high)


def encode_texts(tokenizer: Tokenizer, texts: list[str]) -> list[EncodedText]:
    """Encode texts of any length; ``tokenizer`` must have truncation and padding off."""
    encodings = tokenizer.encode_batch(texts, add_special_tokens=False)
    return [_assemble(text, encoding) for text, encoding in zip(texts, encodings, strict=True)]


def _assemble(text: str, encoding: Encoding) -> EncodedText:
    offsets = np.asarray(encoding.offsets, dtype=np.int64).reshape(-1, 2)
    word_of = np.asarray([-1 if w is None else w for w in encoding.word_ids], dtype=np.int64)
    pieces = np.asarray(encoding.ids, dtype=np.int64)
    new_word = np.ones(len(word_of), dtype=bool)
    new_word[1:] = word_of[1:] != word_of[:-1]
    first = np.flatnonzero(new_word)
    starts = offsets[first, 0]
    ends = offsets[np.append(first[1:], len(pieces)) - 1, 1] if len(first) else starts
    ends = _with_marks(text, ends, np.append(starts[1:], len(text))[: len(starts)])
    return EncodedText(pieces, np.cumsum(new_word) - 1, first, starts, ends, _features(text, starts, ends))


def _with_marks(text: str, ends: NDArray[np.int64], limits: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where words end with the accents that are code points of their own, which the tokenizer leaves out of the last piece."""
    if text.isascii():
        return ends
    found = ends.copy()
    for i, (end, limit) in enumerate(zip(ends.tolist(), limits.tolist(), strict=True)):
        while end < limit and unicodedata.combining(text[end]):
            end += 1
        found[i] = end
    return found


def _features(text: str, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    features = np.zeros((len(starts), 3), dtype=np.int64)
    previous_end = 0
    for i, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        features[i, 0] = _shape(text[start:end])
        features[i, 1] = 3 if i == 0 else _gap(text[previous_end:start])
        previous_end = end
    if len(starts):
        features[:, 2] = quote_states(text)[starts]
    return features


def _shape(word: str) -> int:
    if word.islower():
        return 0
    if word.isdigit():
        return 4
    if not word[:1].isalnum():
        return 5
    if word.isupper():
        return 2 if len(word) > 1 else 1
    if word.istitle():
        return 1
    return 3 if word.isalpha() else 6


def _gap(between: str) -> int:
    if not between:
        return 0
    lines = between.count("\n")
    return 1 if lines == 0 else 2 if lines == 1 else 3
