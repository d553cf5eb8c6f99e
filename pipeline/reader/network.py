"""The reader's network: shape-aware encoder, entity tags, cue tags, and content and source conditioned on a cue.

Reading is cue-centred, as in span-based semantic role labelling: cues are tagged first, and for every cue each word is labelled as
part of its content, part of its source, or neither. Pairing, shared sources and nested contents follow from that.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from pipeline.reader.crf import LinearChainCRF, bio_constraints
from pipeline.reader.encoding import N_GAPS, N_QUOTES, N_SHAPES

ENTITY_TYPES = ["PERSON", "ORG", "LOC", "MISC"]
ANCHOR_TYPES = ["cue", "bare"]  # bare: the source of a claim that has no cue, as in a colon headline
PART_TYPES = ["content", "source"]
CONVENTIONS = ["guidelines", "polnear"]
NAMINGS = ["news", "gum", "ewt"]  # whose rules decide what a name is and where it ends: CoNLL-2003's and its like, GUM's, UNER EWT's

ENTITY_LABELS, _ENTITY_BARRED, _ENTITY_INSIDE = bio_constraints(ENTITY_TYPES)
ANCHOR_LABELS, _ANCHOR_BARRED, _ANCHOR_INSIDE = bio_constraints(ANCHOR_TYPES)
PART_LABELS, _PART_BARRED, _PART_INSIDE = bio_constraints(PART_TYPES)

N_DISTANCES = 32
HIDDEN = 192


class ReaderNetwork(nn.Module):
    """One encoder with three heads. Sizes: b windows, p pieces, w words, c anchors.

    ``restraint`` (conventions,): by how much the score of "no cue" is lowered when cues are decoded; the loss weighs misses and false
    alarms alike, readers of a ledger miss more by the first. ``calibration`` (3,): weights of the cue's and the content's
    probability, as logits, and an offset that make an attribution's score a probability (Platt, 1999).
    """

    restraint: Tensor
    calibration: Tensor

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.encoder = BertModel(config, add_pooling_layer=False)
        width = config.hidden_size
        self.shape, self.gap, self.quote, self.convention = (_zeros(n, width) for n in (N_SHAPES, N_GAPS, N_QUOTES, len(CONVENTIONS)))
        self.dropout = nn.Dropout(0.1)
        self.entities = nn.ModuleList(nn.Linear(width, len(ENTITY_LABELS)) for _ in NAMINGS)
        self.anchors = nn.Sequential(nn.Linear(width, HIDDEN), nn.GELU(), nn.Linear(HIDDEN, len(ANCHOR_LABELS)))
        self.word_part, self.anchor_part = nn.Linear(width, HIDDEN), nn.Linear(width, HIDDEN)
        self.match_word, self.match_anchor = nn.Linear(width, HIDDEN), nn.Linear(width, HIDDEN)
        self.distance = nn.Embedding(N_DISTANCES, HIDDEN)
        self.neighbours = nn.Conv1d(HIDDEN, HIDDEN, kernel_size=5, padding=2)
        self.parts = nn.Linear(HIDDEN, len(PART_LABELS))
        self.register_buffer("restraint", torch.zeros(len(CONVENTIONS)))
        self.register_buffer("calibration", torch.tensor([1.0, 1.0, 0.0]))
        self.entity_crf = LinearChainCRF(len(ENTITY_LABELS), _ENTITY_BARRED, _ENTITY_INSIDE)
        self.anchor_crf = LinearChainCRF(len(ANCHOR_LABELS), _ANCHOR_BARRED, _ANCHOR_INSIDE)
        self.part_crf = LinearChainCRF(len(PART_LABELS), _PART_BARRED, _PART_INSIDE)

    def words(self, pieces: Tensor, piece_mask: Tensor, features: Tensor, convention: Tensor, first: Tensor) -> Tensor:
        """Word vectors (b, w, width) of ``pieces`` (b, p) with ``features`` (b, p, 3), one ``convention`` (b,) a window,
        ``first`` (b, w) the index of each word's first piece."""
        vectors = self.encoder.embeddings.word_embeddings(pieces)
        vectors = vectors + self.shape(features[..., 0]) + self.gap(features[..., 1]) + self.quote(features[..., 2])
        vectors = vectors + self.convention(convention).unsqueeze(1)
        hidden = self.encoder(inputs_embeds=vectors, attention_mask=piece_mask).last_hidden_state
        index = first.unsqueeze(2).expand(-1, -1, hidden.shape[2])
        return self.dropout(hidden.gather(1, index))

    def part_scores(self, words: Tensor, window: Tensor, start: Tensor, end: Tensor) -> Tensor:
        """Scores (c, w, labels) of each word as a part of each anchor; ``window`` (c,) says which row of ``words`` the anchor
        is in, ``start`` and ``end`` (c,) its half-open word range."""
        position = torch.arange(words.shape[1], device=words.device)
        inside = (position >= start.unsqueeze(1)) & (position < end.unsqueeze(1))
        weight = inside.to(words.dtype) / (end - start).clamp(min=1).unsqueeze(1).to(words.dtype)
        rows = words[window]
        anchor = torch.bmm(weight.unsqueeze(1), rows).squeeze(1)
        mixed = self.word_part(words)[window] + self.anchor_part(anchor).unsqueeze(1)
        mixed = mixed + self.match_word(words)[window] * self.match_anchor(anchor).unsqueeze(1)
        mixed = mixed + self.distance(_distances(position, start, end))
        mixed = self.dropout(nn.functional.gelu(mixed))
        near = self.neighbours(mixed.transpose(1, 2)).transpose(1, 2)
        return self.parts(mixed + nn.functional.gelu(near))


def _distances(position: Tensor, start: Tensor, end: Tensor) -> Tensor:
    """Signed, logarithmic buckets of how far each word lies from an anchor: 0 inside, odd before, even after."""
    before = (start.unsqueeze(1) - position).clamp(min=0)
    after = (position - end.unsqueeze(1) + 1).clamp(min=0)
    size = torch.maximum(before, after).float()
    bucket = torch.where(size < 5, size, 4 + 2 * torch.log2(size.clamp(min=1) / 4)).floor().long().clamp(max=15)
    return torch.where(bucket == 0, 0, 2 * bucket - (before > 0).long()).clamp(max=N_DISTANCES - 1)


def _zeros(n: int, width: int) -> nn.Embedding:
    table = nn.Embedding(n, width)
    nn.init.zeros_(table.weight)
    return table
