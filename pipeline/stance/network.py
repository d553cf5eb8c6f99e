"""The stance network: one cross-encoder pass over (topic, claim in context) gives relevance, stance and imposer."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn

from pipeline.countries import CountryMention, countries, find_signs
from pipeline.roles import ROLE, Pieces, RoleBody, RoleSequence, marked_window, pad, sequence, split_pieces
from pipeline.text import Span

COUNTRY_CODES = tuple(country.code for country in countries())
_COUNTRY_INDEX = {code: i for i, code in enumerate(COUNTRY_CODES)}
NO_IMPOSER = len(COUNTRY_CODES)
UNNAMED = -1e4  # logit of a country that the article does not name
SMALL_OPENING = 28  # pieces of an opening that the small network was trained to read
TOPIC_PIECES, OPENING_PIECES, NAME_PIECES, BEFORE, INSIDE, AFTER = 32, 64, 12, 72, 96, 20
OPENING = 400  # characters of an article that are read with its title


@dataclass(frozen=True)
class Passage:
    """A text in pieces with the countries that it names or that something in it tells of."""

    pieces: Pieces
    countries: tuple[CountryMention, ...]

    @cached_property
    def placed(self) -> tuple[tuple[int, int], ...]:
        """(first piece, country index) of the mentions, in order."""
        ranges = [(self.pieces.range_of(m.start, m.end), _COUNTRY_INDEX[m.code]) for m in self.countries]
        return tuple(sorted((first, code) for (first, last), code in ranges if first < last))

    @cached_property
    def shares(self) -> tuple[tuple[int, float], ...]:
        """(country index, share of the mentions)."""
        counts = Counter(_COUNTRY_INDEX[m.code] for m in self.countries)
        return tuple((code, count / len(self.countries)) for code, count in sorted(counts.items()))


@dataclass(frozen=True)
class Case:
    """A claim put to the network: the topic's wording, the article's title, the claimer's name, and the article with the claim's spans in
    it. ``opening`` is how many characters of the article are read with the title, at most up to the claim."""

    topic: Pieces
    title: Passage
    name: Passage
    article: Passage
    content: tuple[Span, ...]
    cue: Span | None
    claimer: Span | None
    opening: int = OPENING


@dataclass(frozen=True)
class StanceInput:
    """A sequence, the countries in it as (piece, country index), and each country's share of the article's mentions."""

    sequence: RoleSequence
    mentions: tuple[tuple[int, int], ...] = ()
    shares: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True)
class StanceScores:
    """Logits: ``relevance`` (b,), ``stance`` (b, 3) in the order of ``tables.STANCES``, ``imposer`` (b, countries + 1)."""

    relevance: Tensor
    stance: Tensor
    imposer: Tensor


def passages(tokenizer: Tokenizer, texts: Sequence[str]) -> list[Passage]:
    """Texts in pieces with their countries."""
    return [Passage(pieces, tuple(find_signs(text))) for pieces, text in zip(split_pieces(tokenizer, texts), texts, strict=True)]


_AFTER_TITLE = re.compile(r"\s|[.!?:,;]\s|$")  # what shows that a text begins with a title, and not with a longer word


def title_before(title: str | None, text: str) -> str:
    """The title, or nothing where there is none or the text begins with it."""
    if not title:
        return ""
    opening = text.lstrip()
    return "" if opening.startswith(title) and _AFTER_TITLE.match(opening, len(title)) else title


def build_input(case: Case) -> StanceInput:
    """The input for one claim and topic; title and opening tell what the article is about, and mostly whose restriction."""
    window, roles = marked_window(case.article.pieces, case.content, case.cue, case.claimer, BEFORE, INSIDE, AFTER)
    topic, name = case.topic.ids[:TOPIC_PIECES], case.name.pieces.ids[:NAME_PIECES]
    title = case.title.pieces.ids[:OPENING_PIECES]
    claim = min(start for start, _ in (*case.content, *filter(None, (case.cue, case.claimer))))
    first = slice(0, min(case.article.pieces.range_of(0, min(case.opening, claim))[1], OPENING_PIECES - len(title)))
    opening = np.concatenate([title, case.article.pieces.ids[first]])
    segments = [
        (topic, _filled(topic, "topic")),
        (opening, _filled(opening, "fact")),
        (name, _filled(name, "claimer")),
        (case.article.pieces.ids[window], roles),
    ]
    built = sequence(segments)
    mentions: list[tuple[int, int]] = []
    offset = 1 + len(topic) + 1
    parts = [
        (case.title, slice(0, len(title)), 0),
        (case.article, first, 1),
        (case.name, slice(0, len(name)), 1),
        (case.article, window, 0),
    ]
    for passage, part, separators in parts:
        mentions += [(at + offset, code) for at, code in _placed(passage, part)]
        offset += part.stop - part.start + separators
    inside = tuple((at, code) for at, code in mentions if at < len(built.ids))
    return StanceInput(built, inside, case.article.shares)


def cut_opening(item: StanceInput, most: int) -> StanceInput:
    """The input with no more than so many pieces of the article's opening."""
    cut = np.flatnonzero(item.sequence.roles == ROLE["fact"])[most:]
    if not len(cut):
        return item
    ids, roles = (np.delete(part, cut) for part in (item.sequence.ids, item.sequence.roles))
    mentions = tuple((at if at < cut[0] else at - len(cut), code) for at, code in item.mentions if not cut[0] <= at <= cut[-1])
    return replace(item, sequence=RoleSequence(ids, roles), mentions=mentions)


def _filled(ids: NDArray[np.int64], role: str) -> NDArray[np.int64]:
    return np.full(len(ids), ROLE[role], dtype=np.int64)


def _placed(passage: Passage, part: slice) -> list[tuple[int, int]]:
    """(piece within ``part``, country index) of the countries named there."""
    first, last = (bisect_left(passage.placed, (place, -1)) for place in (part.start, part.stop))
    return [(at - part.start, code) for at, code in passage.placed[first:last]]


class StanceNetwork(nn.Module):
    """Heads over an encoder of pieces with roles. Only a country that the article names can be the imposer; its logit comes from the best of its
    mentions in the sequence and from how the article names it, never from the country itself. ``opening`` is how many pieces of an
    article's opening it reads."""

    def __init__(self, body: RoleBody, opening: int = OPENING_PIECES) -> None:
        super().__init__()
        self.body, self.opening = body, opening
        width = body.width
        self.relevance, self.stance, self.nobody = nn.Linear(width, 1), nn.Linear(width, 3), nn.Linear(width, 1)
        self.mention = nn.Sequential(nn.Linear(width // 2, 64), nn.GELU(), nn.Linear(64, 1))
        self.named = nn.Parameter(torch.zeros(2))  # weight of "not in the sequence" and of the share of the article's mentions

    def forward(self, inputs: Sequence[StanceInput]) -> StanceScores:
        inputs = [cut_opening(i, self.opening) for i in inputs]
        pooled, hidden = self.body(pad([i.sequence for i in inputs]))
        imposer = torch.cat([self._countries(hidden, inputs), self.nobody(pooled).float()], dim=1)
        return StanceScores(self.relevance(pooled).squeeze(1), self.stance(pooled), imposer)

    def _countries(self, hidden: Tensor, inputs: Sequence[StanceInput]) -> Tensor:
        """Logits (b, countries)."""
        size = (len(inputs), len(COUNTRY_CODES))
        best = torch.full((size[0] * size[1],), UNNAMED)
        pairs = [(row, at, code) for row, item in enumerate(inputs) for at, code in item.mentions]
        if pairs:
            rows, places, codes = (torch.tensor(column) for column in zip(*pairs, strict=True))
            scores = self.mention(hidden[rows, places]).squeeze(1).float()
            best = best.scatter_reduce(0, rows * size[1] + codes, scores, "amax")
        best = best.view(size)
        share = torch.zeros(size)
        for row, item in enumerate(inputs):
            for code, value in item.shares:
                share[row, code] = value
        elsewhere = (share > 0) & (best == UNNAMED)
        return torch.where(elsewhere, self.named[0], best) + self.named[1] * share
