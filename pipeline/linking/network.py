"""The linking networks: a claim to a vector, and two claims to same, opposed or neither."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn

from pipeline.roles import ROLE, RoleBody, RoleSequence, pad, sequence, split_pieces

RELATIONS = ("neither", "same", "opposed")
NLI_LABELS = ("entailment", "neutral", "contradiction")
READ_VERSION = 1  # to be raised when what the networks or the index are given changes: what is kept of earlier readings is then read anew
WIDTH = 384  # of a claim's vector
RELATION_WIDTH = 128
PRODUCT_SCALE, DIFFERENCE_SCALE = 20.0, 5.0  # bring what is compared of two unit vectors to about 1
CONTENT_PIECES, BEFORE, AFTER, NAME_PIECES, TITLE_PIECES = 60, 48, 16, 10, 18


@dataclass(frozen=True)
class LinkClaim:
    """What linking reads of a claim: spans of the content in ``context``, who said it, and under which headline ("" for none)."""

    context: str
    spans: tuple[tuple[int, int], ...]
    claimer: str
    title: str = ""

    @classmethod
    def alone(cls, content: str, claimer: str = "") -> LinkClaim:
        """A claim of which the content is all that is known, and perhaps who said it."""
        return cls(content, ((0, len(content)),), claimer)


@dataclass(frozen=True)
class ClaimPieces:
    """A claim's half of a pair: ids and roles (of the first claim of a pair; the second's are moved)."""

    ids: NDArray[np.int64]
    roles: NDArray[np.int64]


_SECOND = np.arange(len(ROLE), dtype=np.int64)
for _name in ("content", "context", "claimer", "fact"):
    _SECOND[ROLE[_name]] = ROLE[f"{_name}_b"]


def split_claims(tokenizer: Tokenizer, claims: Sequence[LinkClaim]) -> list[ClaimPieces]:
    """Each claim's pieces: the headline, the claimer's name, then the content with a little of its context."""
    contexts, names, titles = (split_pieces(tokenizer, [getattr(c, part) for c in claims]) for part in ("context", "claimer", "title"))
    found = []
    for claim, pieces, name, title in zip(claims, contexts, names, titles, strict=True):
        ranges = [pieces.range_of(*span) for span in claim.spans] or [(0, len(pieces.ids))]
        low = min(s for s, _ in ranges)
        high = min(max(e for _, e in ranges), low + CONTENT_PIECES)
        begin, end = max(0, low - BEFORE), min(len(pieces.ids), high + AFTER)
        roles = np.full(end - begin, ROLE["context"], dtype=np.int64)
        for first, last in ranges:
            roles[max(0, first - begin) : max(0, last - begin)] = ROLE["content"]
        heads = [(title.ids[:TITLE_PIECES], "fact"), (name.ids[:NAME_PIECES], "claimer")]
        found.append(
            ClaimPieces(
                np.concatenate([*(ids for ids, _ in heads), pieces.ids[begin:end]]),
                np.concatenate([*(np.full(len(ids), ROLE[role]) for ids, role in heads), roles]),
            )
        )
    return found


def pair_input(a: ClaimPieces, b: ClaimPieces) -> RoleSequence:
    """The network's input for a pair."""
    return sequence([(a.ids, a.roles), (b.ids, _SECOND[b.roles])])


def claim_input(claim: ClaimPieces) -> RoleSequence:
    """The network's input for the vector of one claim."""
    return sequence([(claim.ids, claim.roles)])


class LinkNetwork(nn.Module):
    """Relation and, for training on public sets, entailment over one role encoder."""

    def __init__(self, body: RoleBody) -> None:
        super().__init__()
        self.body = body
        self.relation = nn.Linear(body.width, len(RELATIONS))
        self.entailment = nn.Linear(body.width, len(NLI_LABELS))

    def forward(self, sequences: Sequence[RoleSequence]) -> tuple[Tensor, Tensor]:
        """Logits of the relation (b, 3) and of entailment (b, 3)."""
        pooled, _ = self.body(pad(sequences))
        return self.relation(pooled), self.entailment(pooled)


class VectorNetwork(nn.Module):
    """A claim's vector, the mean over its content's pieces, read in their context; and what two vectors alone tell of the relation and,
    for training on public sets, of entailment.

    The mean is projected to half its width; untrained, by an orthogonal map, which keeps what is near near.
    """

    def __init__(self, body: RoleBody) -> None:
        super().__init__()
        self.body = body
        self.projection = nn.Linear(body.width // 2, WIDTH, bias=False)
        nn.init.orthogonal_(self.projection.weight)
        self.relation = _head(2 * WIDTH, len(RELATIONS))
        self.entailment = _head(4 * WIDTH, len(NLI_LABELS))

    def forward(self, sequences: Sequence[RoleSequence]) -> Tensor:
        """Unit vectors (b, WIDTH) of claims, each a sequence of one claim."""
        pooled, _ = self.body(pad(sequences))
        return nn.functional.normalize(self.projection(pooled[:, self.body.width // 2 :]).float(), dim=1)

    def relate(self, a: Tensor, b: Tensor) -> Tensor:
        """Logits of the relation (m, 3) from two claims' vectors (m, WIDTH) each, the same in either order."""
        logits: Tensor = self.relation(torch.cat([PRODUCT_SCALE * a * b, DIFFERENCE_SCALE * (a - b).abs()], dim=1))
        return logits

    def entails(self, a: Tensor, b: Tensor) -> Tensor:
        """Logits (m, 3) of the entailment labels, ``a`` being the premise."""
        both = [DIFFERENCE_SCALE * a, DIFFERENCE_SCALE * b, PRODUCT_SCALE * a * b, DIFFERENCE_SCALE * (a - b).abs()]
        logits: Tensor = self.entailment(torch.cat(both, dim=1))
        return logits


def _head(width: int, labels: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(width, RELATION_WIDTH), nn.GELU(), nn.Dropout(0.1), nn.Linear(RELATION_WIDTH, labels))
