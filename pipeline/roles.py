"""A cross-encoder's input and network: word pieces that carry the role they play (topic, content, claimer, cue, context)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from pipeline.encoder import encoder_config, load_pinned
from pipeline.reader.batch import CLS, SEP
from pipeline.text import Span

# Those in _b are of the second claim of a pair that linking reads closely.
ROLES = ("none", "topic", "context", "content", "claimer", "cue", "content_b", "context_b", "claimer_b", "fact", "fact_b")
ROLE = {name: i for i, name in enumerate(ROLES)}
MAX_PIECES = 256


@dataclass(frozen=True)
class Pieces:
    """A text in word pieces: ``ids`` (n,), code-point offsets ``starts`` and ``ends`` (n,)."""

    ids: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]

    def range_of(self, start: int, end: int) -> tuple[int, int]:
        low = int(np.searchsorted(self.ends, start, side="right"))
        return low, max(low, int(np.searchsorted(self.starts, end, side="left")))


@dataclass(frozen=True)
class RoleSequence:
    """One input of the network: pieces with a role each, special tokens included."""

    ids: NDArray[np.int64]
    roles: NDArray[np.int64]


@dataclass(frozen=True)
class RoleBatch:
    """Padded sequences, (b, p) each."""

    ids: Tensor
    roles: Tensor
    mask: Tensor


def split_pieces(tokenizer: Tokenizer, texts: Sequence[str]) -> list[Pieces]:
    """Texts in pieces, without special tokens and without a limit of length."""
    found = []
    for encoding in tokenizer.encode_batch(list(texts), add_special_tokens=False):
        offsets = np.asarray(encoding.offsets, dtype=np.int64).reshape(-1, 2)
        found.append(Pieces(np.asarray(encoding.ids, dtype=np.int64), offsets[:, 0], offsets[:, 1]))
    return found


def sequence(segments: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]]) -> RoleSequence:
    """Segments of (ids, roles), parted by separators, cut at MAX_PIECES."""
    ids: list[int] = [CLS]
    roles: list[int] = [0]
    for part, role in segments:
        ids += [*part.tolist(), SEP]
        roles += [*role.tolist(), 0]
    return RoleSequence(np.asarray(ids[:MAX_PIECES], dtype=np.int64), np.asarray(roles[:MAX_PIECES], dtype=np.int64))


def pad(sequences: Sequence[RoleSequence]) -> RoleBatch:
    """Pad sequences into one batch."""
    shape = (len(sequences), max(len(s.ids) for s in sequences))
    ids, roles, mask = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    for row, item in enumerate(sequences):
        ids[row, : len(item.ids)], roles[row, : len(item.ids)], mask[row, : len(item.ids)] = item.ids, item.roles, 1
    return RoleBatch(*(torch.from_numpy(a) for a in (ids, roles, mask)))


def marked_window(
    pieces: Pieces, content: Sequence[Span], cue: Span | None, claimer: Span | None, before: int, inside: int, after: int
) -> tuple[slice, NDArray[np.int64]]:
    """The pieces around a claim and their roles: at most ``before`` pieces ahead of it, ``inside`` of it and ``after`` behind."""
    spans = [pieces.range_of(*span) for span in [*content, *([cue] if cue else [])]]
    spans = [s for s in spans if s[0] < s[1]] or [(0, min(1, len(pieces.ids)))]
    low, high = min(s for s, _ in spans), max(e for _, e in spans)
    high = min(high, low + inside)
    window = slice(max(0, low - before), min(len(pieces.ids), high + after))
    roles = np.full(window.stop - window.start, ROLE["context"], dtype=np.int64)
    marks = [(span, "cue") for span in ([cue] if cue else [])] + [(span, "claimer") for span in ([claimer] if claimer else [])]
    for span, name in [*marks, *((span, "content") for span in content)]:
        first, last = pieces.range_of(*span)
        roles[max(0, first - window.start) : max(0, last - window.start)] = ROLE[name]
    return window, roles


class RoleBody(nn.Module, ABC):
    """An encoder with an embedding for each piece's role, and a pooled vector: [CLS] beside the mean over the content."""

    def __init__(self, hidden_size: int) -> None:
        super().__init__()
        self.role = nn.Embedding(len(ROLES), hidden_size)
        nn.init.zeros_(self.role.weight)
        self.dropout = nn.Dropout(0.1)
        self.width = 2 * hidden_size

    @abstractmethod
    def hidden(self, batch: RoleBatch) -> Tensor:
        """Hidden states (b, p, width / 2) of the pieces in their roles."""

    def forward(self, batch: RoleBatch) -> tuple[Tensor, Tensor]:
        """Pooled vectors (b, width) and hidden states (b, p, width / 2)."""
        hidden = self.hidden(batch)
        content = (batch.roles == ROLE["content"]) | (batch.roles == ROLE["content_b"])
        weight = content.to(hidden.dtype)
        mean = (hidden * weight.unsqueeze(2)).sum(1) / weight.sum(1, keepdim=True).clamp(min=1)
        return self.dropout(torch.cat([hidden[:, 0], mean], dim=1)), hidden


class RoleEncoder(RoleBody):
    """The pinned encoder as such a body."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__(config.hidden_size)
        self.encoder = BertModel(config, add_pooling_layer=False)

    @classmethod
    def pinned(cls) -> Self:
        """With the pinned weights, not trained on roles yet."""
        body = cls(encoder_config())
        load_pinned(body.encoder)
        return body

    def hidden(self, batch: RoleBatch) -> Tensor:
        vectors = self.encoder.embeddings.word_embeddings(batch.ids) + self.role(batch.roles)
        states: Tensor = self.encoder(inputs_embeds=vectors, attention_mask=batch.mask).last_hidden_state
        return states
