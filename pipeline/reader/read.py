"""Read texts: entities and attributions with their spans, in one pass of the encoder."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.batching import by_length
from pipeline.encoder import encoder_config, load_for_reading, load_tokenizer
from pipeline.precision import mixed_precision
from pipeline.reader.batch import MAX_PIECES, Window, collate, cut
from pipeline.reader.encoding import EncodedText, encode_texts
from pipeline.reader.network import ANCHOR_LABELS, CONVENTIONS, ENTITY_LABELS, NAMINGS, PART_LABELS, ReaderNetwork
from pipeline.text import Span, trim_content

STRIDE = 160  # pieces between windows: neighbours share about 90
GROUP_PIECES = 60_000  # texts read together: bounds the word vectors in memory (about 100 MB)
BESIDE = 40  # pieces on the other side of an anchor whose content goes on beyond its window
ANCHORS_A_BATCH = 128
DECODED_WORDS = 16_000  # words, padding included, whose labels are decoded together


@dataclass(frozen=True)
class EntitySpan:
    start: int
    end: int
    type: str
    score: float


@dataclass(frozen=True)
class AttributionSpan:
    """Who (``source``) signals (``cue``) what (``content``); source or cue is None where the text names none."""

    content: tuple[Span, ...]
    cue: Span | None
    source: Span | None
    score: float


@dataclass(frozen=True)
class Reading:
    """What was found in one text, in the order of the text."""

    entities: tuple[EntitySpan, ...]
    attributions: tuple[AttributionSpan, ...]


@dataclass(frozen=True)
class _Anchor:
    text: int
    start: int
    end: int
    bare: bool
    score: float


class Reader:
    """The trained reader. ``convention`` says whose span edges it follows, ``guidelines`` or ``polnear``, and ``naming`` whose
    rules for names: one of ``network.NAMINGS``."""

    def __init__(self, weights: Path, convention: str = "guidelines", naming: str = "news", batch_pieces: int = 8192) -> None:
        self.tokenizer = load_tokenizer()
        network = ReaderNetwork(encoder_config(attention="sdpa"))
        self.network = load_for_reading(network, network.encoder, weights)
        self.convention = CONVENTIONS.index(convention)
        self.naming = NAMINGS.index(naming)
        self.batch_pieces = batch_pieces

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """Readings of the texts, in their order. Texts may be of any length."""
        encoded = encode_texts(self.tokenizer, list(texts))
        readings = [Reading((), ())] * len(texts)
        wordy = [i for i, e in enumerate(encoded) if e.n_words]
        for low, high in _groups([encoded[i] for i in wordy]):
            chosen = wordy[low:high]
            for i, reading in zip(chosen, self._read_group([texts[i] for i in chosen], [encoded[i] for i in chosen]), strict=True):
                readings[i] = reading
        return readings

    @torch.inference_mode()
    def _read_group(self, texts: Sequence[str], encoded: list[EncodedText]) -> list[Reading]:
        placed = [(t, w) for t, e in enumerate(encoded) for w in cut(e, STRIDE)]
        vectors = self._vectors([w for _, w in placed])
        owners = [_owners(e.n_words, [w for t, w in placed if t == i]) for i, e in enumerate(encoded)]
        rows: list[list[int]] = [[] for _ in encoded]
        for row, (t, _) in enumerate(placed):
            rows[t].append(row)
        words = [_assemble(owners[t], [(placed[r][1], vectors[r]) for r in rows[t]]) for t in range(len(encoded))]
        entities = self._entities(encoded, words)
        anchors = self._anchors(words)
        home = [rows[a.text][int(owners[a.text][a.start])] for a in anchors]
        read = list(self._parts(anchors, home, placed, vectors, texts, encoded))
        cut_off = [i for i, (_, side) in enumerate(read) if side]
        moved = [(anchors[i].text, _moved_window(encoded[anchors[i].text], anchors[i], read[i][1])) for i in cut_off]
        again = self._parts([anchors[i] for i in cut_off], range(len(moved)), moved, self._vectors([w for _, w in moved]), texts, encoded)
        for i, found in zip(cut_off, again, strict=True):
            read[i] = found
        attributions: list[list[AttributionSpan]] = [[] for _ in encoded]
        for anchor, (attribution, _) in zip(anchors, read, strict=True):
            if attribution is not None:
                attributions[anchor.text].append(attribution)
        return [Reading(tuple(e), tuple(a)) for e, a in zip(entities, attributions, strict=True)]

    def _vectors(self, windows: list[Window]) -> list[Tensor]:
        """Word vectors (words, width) of each window."""
        vectors: list[Tensor] = [torch.empty(0)] * len(windows)
        for chosen in by_length([min(w.n_pieces + 2, MAX_PIECES) for w in windows], self.batch_pieces):
            batch = collate([windows[i] for i in chosen])
            convention = torch.full((len(chosen),), self.convention)
            with mixed_precision():
                hidden = self.network.words(batch.pieces, batch.piece_mask, batch.features, convention, batch.first)
            for i, rows in zip(chosen, hidden.float(), strict=True):
                vectors[i] = rows[: windows[i].end - windows[i].start].clone()
        return vectors

    def _entities(self, encoded: list[EncodedText], words: list[Tensor]) -> list[list[EntitySpan]]:
        emissions = [self.network.entities[self.naming](w) for w in words]
        labels = _decode(self.network.entity_crf, emissions)
        found = []
        for text, label, emission in zip(encoded, labels, emissions, strict=True):
            probability = emission.softmax(dim=1)
            found.append(
                [
                    EntitySpan(
                        int(text.starts[low]),
                        int(text.ends[high - 1]),
                        ENTITY_LABELS[first][2:],
                        _mean_probability(probability, label, low, high),
                    )
                    for low, high, first in _spans(label)
                ]
            )
        return found

    def _anchors(self, words: list[Tensor]) -> list[_Anchor]:
        emissions = [self._anchor_scores(w) for w in words]
        labels = _decode(self.network.anchor_crf, emissions)
        found = []
        for t, (label, emission) in enumerate(zip(labels, emissions, strict=True)):
            probability = emission.softmax(dim=1)
            for low, high, first in _spans(label):
                bare = ANCHOR_LABELS[first].endswith("bare")
                found.append(_Anchor(t, low, high, bare, 1.0 - float(probability[low, 0])))
        return found

    def _anchor_scores(self, words: Tensor) -> Tensor:
        scores: Tensor = self.network.anchors(words)
        scores[:, 0] -= self.network.restraint[self.convention]
        return scores

    def _parts(
        self,
        anchors: list[_Anchor],
        home: Sequence[int],
        placed: list[tuple[int, Window]],
        vectors: list[Tensor],
        texts: Sequence[str],
        encoded: list[EncodedText],
    ) -> Iterator[tuple[AttributionSpan | None, int]]:
        """What each anchor signals, and where its window cut the content off: -1 at its beginning, 1 at its end, 0 nowhere."""
        for begin in range(0, len(anchors), ANCHORS_A_BATCH):
            chosen = range(begin, min(len(anchors), begin + ANCHORS_A_BATCH))
            used = sorted({home[i] for i in chosen})
            row_of = {row: i for i, row in enumerate(used)}
            padded = torch.nn.utils.rnn.pad_sequence([vectors[r] for r in used], batch_first=True)
            window = torch.tensor([row_of[home[i]] for i in chosen])
            offset = [placed[home[i]][1].start for i in chosen]
            start = torch.tensor([anchors[i].start - o for i, o in zip(chosen, offset, strict=True)])
            end = torch.tensor([anchors[i].end - o for i, o in zip(chosen, offset, strict=True)])
            with mixed_precision():
                scores = self.network.part_scores(padded, window, start, end).float()
            mask = torch.arange(padded.shape[1]).unsqueeze(0) < torch.tensor([len(vectors[home[i]]) for i in chosen]).unsqueeze(1)
            labels = self.network.part_crf.decode(scores, mask)
            probability = scores.softmax(dim=2)
            for n, i in enumerate(chosen):
                t, label = anchors[i].text, labels[n].numpy()[: len(vectors[home[i]])]
                found = self._attribution(anchors[i], label, probability[n], offset[n], texts[t], encoded[t])
                yield found, _cut_off(label, placed[home[i]][1])

    def _attribution(
        self, anchor: _Anchor, labels: NDArray[np.int64], probability: Tensor, offset: int, text: str, encoded: EncodedText
    ) -> AttributionSpan | None:
        spans: dict[str, list[Span]] = {"content": [], "source": []}
        confidence = []
        for low, high, first in _spans(labels):
            kind = PART_LABELS[first][2:]
            span = int(encoded.starts[low + offset]), int(encoded.ends[high + offset - 1])
            if kind == "content":
                confidence.append(_mean_probability(probability, labels, low, high))
                span = trim_content(text, span) if CONVENTIONS[self.convention] == "guidelines" else span
            if span[0] < span[1]:
                spans[kind].append(span)
        if not spans["content"]:
            return None
        at = int(encoded.starts[anchor.start]), int(encoded.ends[anchor.end - 1])
        source = min(spans["source"], key=lambda s: min(abs(s[0] - at[1]), abs(at[0] - s[1]))) if spans["source"] else None
        score = self._probability(anchor.score, float(np.mean(confidence)))
        cue = None if anchor.bare else at
        return AttributionSpan(tuple(spans["content"]), cue, source or (at if anchor.bare else None), score)

    def _probability(self, cue: float, content: float) -> float:
        """The calibrated probability that an attribution with these mean probabilities of its cue and its content is right."""
        of_cue, of_content, offset = self.network.calibration.tolist()
        return 1 / (1 + math.exp(-(of_cue * logit(cue) + of_content * logit(content) + offset)))


def logit(probability: float) -> float:
    """Log-odds, of at most 99.9 percent either way."""
    clipped = min(max(probability, 0.001), 0.999)
    return math.log(clipped / (1 - clipped))


def _groups(encoded: list[EncodedText]) -> Iterator[tuple[int, int]]:
    """Ranges of neighbouring texts with at most GROUP_PIECES pieces (or one text)."""
    low = size = 0
    for i, text in enumerate(encoded):
        if i > low and size + len(text.pieces) > GROUP_PIECES:
            yield low, i
            low, size = i, 0
        size += len(text.pieces)
    if low < len(encoded):
        yield low, len(encoded)


def _cut_off(labels: NDArray[np.int64], window: Window) -> int:
    """The edge of a window, not the text's own, that content reaches: 1 for the end, -1 for the beginning, 0 for none."""
    if PART_LABELS[labels[-1]].endswith("content") and window.end < window.encoded.n_words:
        return 1
    return -1 if PART_LABELS[labels[0]].endswith("content") and window.start > 0 else 0


def _moved_window(encoded: EncodedText, anchor: _Anchor, side: int) -> Window:
    """A window with as much of the text on one side of an anchor as fits beside BESIDE pieces on the other."""
    bounds = np.append(encoded.first, len(encoded.pieces))
    if side > 0:
        low = int(np.searchsorted(bounds, bounds[anchor.start] - BESIDE))
        high = int(np.searchsorted(bounds, bounds[low] + MAX_PIECES - 2, side="right")) - 1
    else:
        high = int(np.searchsorted(bounds, bounds[anchor.end] + BESIDE, side="right")) - 1
        low = int(np.searchsorted(bounds, bounds[high] - (MAX_PIECES - 2)))
    return Window(encoded, min(low, anchor.start), max(high, anchor.end))


def _owners(n_words: int, windows: list[Window]) -> NDArray[np.int64]:
    """For each word, the window in which it lies furthest from an edge that is not the text's own."""
    best = np.full(n_words, -1.0)
    owner = np.zeros(n_words, dtype=np.int64)
    for i, window in enumerate(windows):
        position = np.arange(window.start, window.end)
        left = np.inf if window.start == 0 else position - window.start
        right = np.inf if window.end == n_words else window.end - 1 - position
        depth = np.minimum(np.minimum(left, right), 1e6)
        better = depth > best[window.start : window.end]
        owner[window.start : window.end][better] = i
        best[window.start : window.end][better] = np.broadcast_to(depth, better.shape)[better]
    return owner


def _assemble(owner: NDArray[np.int64], parts: list[tuple[Window, Tensor]]) -> Tensor:
    """Word vectors of a whole text, each word's from the window that owns it."""
    if len(parts) == 1:
        return parts[0][1]
    pieces = []
    for i, (window, vectors) in enumerate(parts):
        chosen = np.flatnonzero(owner == i)
        if len(chosen):
            pieces.append((chosen, vectors[torch.from_numpy(chosen - window.start)]))
    order = np.argsort(np.concatenate([c for c, _ in pieces]), kind="stable")
    return torch.cat([v for _, v in pieces])[torch.from_numpy(order)]


def _decode(crf: torch.nn.Module, emissions: list[Tensor]) -> list[NDArray[np.int64]]:
    """Viterbi labels of each text; texts of like length are decoded together."""
    labels: list[NDArray[np.int64]] = [np.zeros(0, dtype=np.int64)] * len(emissions)
    for batch in by_length([len(e) for e in emissions], DECODED_WORDS):
        chosen = [i for i in batch if len(emissions[i])]
        if not chosen:
            continue
        padded = torch.nn.utils.rnn.pad_sequence([emissions[i] for i in chosen], batch_first=True)
        mask = torch.arange(padded.shape[1]).unsqueeze(0) < torch.tensor([len(emissions[i]) for i in chosen]).unsqueeze(1)
        for i, row in zip(chosen, crf.decode(padded, mask).numpy(), strict=True):  # type: ignore[operator]
            labels[i] = row[: len(emissions[i])]
    return labels


def _spans(labels: NDArray[np.int64]) -> Iterator[tuple[int, int, int]]:
    """(first word, end, B- label) of every span in labels where B- are odd and the I- of a type follows its B-."""
    start = None
    for i, label in enumerate([*labels.tolist(), 0]):
        if start is not None and not (label and label % 2 == 0):
            yield start, i, int(labels[start])
            start = None
        if label % 2 == 1:
            start = i


def _mean_probability(probability: Tensor, labels: NDArray[np.int64], low: int, high: int) -> float:
    index = torch.from_numpy(labels[low:high].copy()).unsqueeze(1)
    return float(probability[low:high].gather(1, index).mean())
