"""Judge claims: batched passes of the stance network over (claim, topic) pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from pipeline.batching import by_length
from pipeline.config import Topic
from pipeline.countries import find_countries
from pipeline.encoder import encoder_config, encoder_weights, load_tokenizer, load_trained
from pipeline.roles import Pieces, split_pieces
from pipeline.stance.network import COUNTRY_CODES, NO_IMPOSER, StanceInput, StanceNetwork, build_input
from pipeline.text import Span

BATCH_PIECES = 8192


@dataclass(frozen=True)
class ClaimInText:
    """What the judge reads of a claim: which of the texts it is in, and its spans there."""

    text: int
    content: tuple[Span, ...]
    cue: Span | None
    claimer: Span | None


@dataclass(frozen=True)
class Judgement:
    """One claim and topic: probabilities of being about it, of (favor, against, neutral), and whose restriction."""

    relevance: float
    stance: tuple[float, float, float]
    imposer: str | None


def topic_wording(topic: Topic) -> str:
    """How a topic is put to the network."""
    return f"{topic.name}: {topic.restriction}"


class Judge:
    """The trained stance model."""

    def __init__(self, weights: Path, topics: Sequence[Topic]) -> None:
        self.tokenizer = load_tokenizer()
        self.network = StanceNetwork(encoder_config(attention="sdpa"))
        self.network.body.encoder.load_state_dict(encoder_weights())
        load_trained(self.network, weights)
        self.network.eval()
        self.wordings = dict(zip([t.id for t in topics], split_pieces(self.tokenizer, [topic_wording(t) for t in topics]), strict=True))

    def judge(self, texts: Sequence[str], pairs: Sequence[tuple[ClaimInText, str]]) -> list[Judgement]:
        """A judgement for each (claim, topic id), in order."""
        if not pairs:
            return []
        pieces = split_pieces(self.tokenizer, texts)
        found = [find_countries(text) for text in texts]
        inputs = [self._input(pieces, found, claim, topic) for claim, topic in pairs]
        judgements: dict[int, Judgement] = {}
        for chosen in by_length([len(i.sequence.ids) for i in inputs], BATCH_PIECES):
            judgements.update(zip(chosen, self._score([inputs[i] for i in chosen]), strict=True))
        return [judgements[i] for i in range(len(inputs))]

    def _input(self, pieces: list[Pieces], found: list, claim: ClaimInText, topic: str) -> StanceInput:
        return build_input(self.wordings[topic], pieces[claim.text], found[claim.text], claim.content, claim.cue, claim.claimer)

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
