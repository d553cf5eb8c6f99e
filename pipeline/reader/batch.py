"""Windows of encoded texts and the padded tensors that the network reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pipeline.reader.encoding import EncodedText

CLS, SEP = 101, 102
MAX_PIECES = 256


@dataclass(frozen=True)
class Window:
    """Words ``start`` to ``end`` of an encoded text."""

    encoded: EncodedText
    start: int
    end: int

    @property
    def n_pieces(self) -> int:
        first, pieces = self.encoded.first, self.encoded.pieces
        return (int(first[self.end]) if self.end < len(first) else len(pieces)) - int(first[self.start])


@dataclass(frozen=True)
class Batch:
    """Padded windows: b windows, p pieces, w words."""

    pieces: Tensor
    piece_mask: Tensor
    features: Tensor
    first: Tensor
    word_mask: Tensor


def cut(encoded: EncodedText, stride: int, offset: int = 0, size: int = MAX_PIECES) -> list[Window]:
    """Windows of at most ``size`` pieces that overlap by at least ``size - stride``, the first one shortened by ``offset``."""
    budget = size - 2
    bounds = np.append(encoded.first, len(encoded.pieces))
    windows: list[Window] = []
    start, reach = 0, budget - offset
    while start < encoded.n_words:
        end = max(start + 1, int(np.searchsorted(bounds, bounds[start] + reach, side="right")) - 1)
        windows.append(Window(encoded, start, min(end, encoded.n_words)))
        if end >= encoded.n_words:
            break
        step = stride if reach == budget else max(1, stride - offset)
        start = max(start + 1, int(np.searchsorted(bounds, bounds[start] + step, side="right")) - 1)
        reach = budget
    return windows


def collate(windows: Sequence[Window]) -> Batch:
    """Pad windows into one batch. A word longer than a window keeps its first pieces."""
    n_pieces = min(MAX_PIECES, max(w.n_pieces for w in windows) + 2)
    n_words = max(w.end - w.start for w in windows)
    shape = (len(windows), n_pieces)
    pieces = np.zeros(shape, dtype=np.int64)
    features = np.zeros((*shape, 3), dtype=np.int64)
    mask = np.zeros(shape, dtype=np.int64)
    first = np.zeros((len(windows), n_words), dtype=np.int64)
    word_mask = np.zeros((len(windows), n_words), dtype=bool)
    for row, window in enumerate(windows):
        encoded = window.encoded
        begin = int(encoded.first[window.start])
        length = min(window.n_pieces, n_pieces - 2)
        pieces[row, 0], pieces[row, length + 1] = CLS, SEP
        pieces[row, 1 : length + 1] = encoded.pieces[begin : begin + length]
        features[row, 1 : length + 1] = encoded.features[encoded.word_of[begin : begin + length]]
        mask[row, : length + 2] = 1
        count = window.end - window.start
        first[row, :count] = np.minimum(encoded.first[window.start : window.end] - begin + 1, n_pieces - 1)
        word_mask[row, :count] = True
    return Batch(*(torch.from_numpy(a) for a in (pieces, mask, features, first, word_mask)))
