"""Judge claims: batched passes of the stance network over (claim, topic) pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from pipeline.batching import by_length
from pipeline.config import Topic
from pipeline.encoder import encoder_config, load_for_reading, load_tokenizer
from pipeline.roles import split_pieces
from pipeline.stance.network import COUNTRY_CODES, NO_IMPOSER, Case, StanceInput, StanceNetwork, build_input, headline_of, passages
from pipeline.tables import STANCES
from pipeline.text import Span

BATCH_PIECES = 8192


@dataclass(frozen=True)
class ClaimInText:
    """What the judge reads of a claim: which of the articles it is in, its spans there and who is behind it."""

    article: int
    content: tuple[Span, ...]
    cue: Span | None
    claimer: Span | None
    name: str


@dataclass(frozen=True)
class Judgement:
    """One claim and topic: probabilities of being about it, of (favor, against, neutral), and whose restriction."""

    relevance: float
    stance: tuple[float, float, float]
    imposer: str | None

    @property
    def likeliest(self) -> str:
        """The stance of the greatest probability."""
        return STANCES[max(range(len(STANCES)), key=lambda i: self.stance[i])]


def topic_wording(topic: Topic) -> str:
    """How a topic is put to the network."""
    return f"{topic.name}: {topic.restriction}"


class Judge:
    """The trained stance model."""

    def __init__(self, weights: Path, topics: Sequence[Topic]) -> None:
        self.tokenizer = load_tokenizer()
        network = StanceNetwork(encoder_config(attention="sdpa"))
        self.network = load_for_reading(network, network.body.encoder, weights)
        self.wordings = dict(zip([t.id for t in topics], split_pieces(self.tokenizer, [topic_wording(t) for t in topics]), strict=True))

    def judge(self, articles: Sequence[tuple[str | None, str]], pairs: Sequence[tuple[ClaimInText, str]]) -> list[Judgement]:
        """A judgement for each (claim, topic id), in order; ``articles`` are (title, text)."""
        if not pairs:
            return []
        texts = passages(self.tokenizer, [text for _, text in articles])
        headlines = passages(self.tokenizer, [headline_of(title, text) for title, text in articles])
        distinct = sorted({claim.name for claim, _ in pairs})
        names = dict(zip(distinct, passages(self.tokenizer, distinct), strict=True))
        inputs = [
            build_input(Case(self.wordings[topic], headlines[c.article], names[c.name], texts[c.article], c.content, c.cue, c.claimer))
            for c, topic in pairs
        ]
        return self.score(inputs)

    def score(self, inputs: Sequence[StanceInput]) -> list[Judgement]:
        """A judgement for each input, in order; inputs of like length are read together."""
        judgements: dict[int, Judgement] = {}
        for chosen in by_length([len(i.sequence.ids) for i in inputs], BATCH_PIECES):
            judgements.update(zip(chosen, self._score([inputs[i] for i in chosen]), strict=True))
        return [judgements[i] for i in range(len(inputs))]

    @torch.inference_mode()
    def _score(self, inputs: list[StanceInput]) -> list[Judgement]:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            scores = self.network(inputs)
        relevance = scores.relevance.float().sigmoid().tolist()
        stance = scores.stance.float().softmax(dim=1).tolist()
        imposer = scores.imposer.float().argmax(dim=1).tolist()
        return [
            Judgement(r, (s[0], s[1], s[2]), None if i == NO_IMPOSER else COUNTRY_CODES[i])
            for r, s, i in zip(relevance, stance, imposer, strict=True)
        ]
