"""The stance network: one cross-encoder pass over (topic, claim in context) gives relevance, stance and imposer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from transformers import BertConfig

from pipeline.countries import CountryMention, countries
from pipeline.roles import ROLE, Pieces, RoleEncoder, RoleSequence, marked_window, pad, sequence
from pipeline.text import Span

COUNTRY_CODES = tuple(country.code for country in countries())
_COUNTRY_INDEX = {code: i for i, code in enumerate(COUNTRY_CODES)}
NO_IMPOSER = len(COUNTRY_CODES)
TOPIC_PIECES, BEFORE, INSIDE, AFTER = 40, 60, 130, 20


@dataclass(frozen=True)
class StanceInput:
    """A sequence and the countries in it: (piece, country index) pairs, and those named anywhere in the article."""

    sequence: RoleSequence
    mentions: tuple[tuple[int, int], ...] = ()
    named: frozenset[int] = frozenset()


@dataclass(frozen=True)
class StanceScores:
    """Logits: ``relevance`` (b,), ``stance`` (b, 3) in the order of ``tables.STANCES``, ``imposer`` (b, countries + 1)."""

    relevance: Tensor
    stance: Tensor
    imposer: Tensor


def build_input(
    topic: Pieces, article: Pieces, found: Sequence[CountryMention], content: Sequence[Span], cue: Span | None, claimer: Span | None
) -> StanceInput:
    """The input for one claim and topic; ``topic`` is the topic's wording in pieces, ``found`` the article's countries."""
    window, roles = marked_window(article, content, cue, claimer, BEFORE, INSIDE, AFTER)
    head = topic.ids[:TOPIC_PIECES]
    built = sequence([(head, np.full(len(head), ROLE["topic"], dtype=np.int64)), (article.ids[window], roles)])
    mentions = []
    for mention in found:
        first, last = article.range_of(mention.start, mention.end)
        if window.start <= first < window.stop and last > first:
            mentions.append((first - window.start + len(head) + 2, _COUNTRY_INDEX[mention.code]))
    inside = tuple((at, code) for at, code in mentions if at < len(built.ids))
    return StanceInput(built, inside, frozenset(_COUNTRY_INDEX[m.code] for m in found))


class StanceNetwork(nn.Module):
    """Heads over a role encoder. A country's logit is its own bias plus the best of its mentions in the window."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.body = RoleEncoder(config)
        width = self.body.width
        self.relevance, self.stance, self.imposer = nn.Linear(width, 1), nn.Linear(width, 3), nn.Linear(width, len(COUNTRY_CODES) + 1)
        self.mention = nn.Linear(width // 2, 1)
        self.named = nn.Parameter(torch.zeros(2))  # named in the window, in the article

    def forward(self, inputs: Sequence[StanceInput]) -> StanceScores:
        pooled, hidden = self.body(pad([i.sequence for i in inputs]))
        imposer = self.imposer(pooled).float() + self._mentioned(hidden, inputs)
        return StanceScores(self.relevance(pooled).squeeze(1), self.stance(pooled), imposer)

    def _mentioned(self, hidden: Tensor, inputs: Sequence[StanceInput]) -> Tensor:
        lift = torch.zeros(len(inputs), len(COUNTRY_CODES) + 1)
        pairs = [(row, at, code) for row, item in enumerate(inputs) for at, code in item.mentions]
        if pairs:
            rows, places, codes = (torch.tensor(column) for column in zip(*pairs, strict=True))
            scores = self.mention(hidden[rows, places]).squeeze(1).float() + self.named[0]
            flat = torch.full((lift.numel(),), -1e4).scatter_reduce(0, rows * lift.shape[1] + codes, scores, "amax")
            lift = torch.where(flat > -9e3, flat, 0.0).view_as(lift)
        named = torch.tensor([[float(code in item.named) for code in range(lift.shape[1])] for item in inputs])
        return lift + self.named[1] * named
