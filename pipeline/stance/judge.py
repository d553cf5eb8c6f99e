"""Judge claims: batched passes of the stance network over (claim, topic) pairs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.batching import by_length
from pipeline.config import StanceConfig, Topic
from pipeline.encoder import encoder_config, load_for_reading, load_tokenizer
from pipeline.large_encoder import large_encoder, load_adapted
from pipeline.models import model_file
from pipeline.precision import mixed_precision
from pipeline.roles import RoleEncoder, split_pieces
from pipeline.stance.network import (
    COUNTRY_CODES,
    NO_IMPOSER,
    SMALL_OPENING,
    Case,
    StanceInput,
    StanceNetwork,
    build_input,
    passages,
    title_before,
)
from pipeline.tables import STANCES
from pipeline.text import Span

BATCH_PIECES = 8192
WORTH = 0.03  # relevance from which the large network is asked, too (chosen on the development sets, as is what each says)
# How much the other claims of the article count for a claim's imposer (chosen on the development sets: 1 to 2 were alike), and the
# least log probability that one of them may bring against a country.
OTHERS_WEIGHT, LEAST_LOG = 1.5, -12.0


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


@dataclass(frozen=True)
class CaseScores:
    """Scores of n cases: ``relevance`` (n, 1) and ``stance`` (n, 3) are probabilities, ``imposer`` (n, countries + 1) logarithms."""

    relevance: NDArray[np.float32]
    stance: NDArray[np.float32]
    imposer: NDArray[np.float32]


def topic_wording(topic: Topic) -> str:
    """How a topic is put to the network."""
    return f"{topic.name}: {topic.restriction}"


def small_network(weights: Path) -> StanceNetwork:
    """The trained network over the pinned encoder."""
    body = RoleEncoder(encoder_config(attention="sdpa"))
    return load_for_reading(StanceNetwork(body, SMALL_OPENING), body.encoder, weights)


def large_network(weights: Path) -> StanceNetwork:
    """The trained network over the large encoder."""
    body = large_encoder()
    return load_adapted(StanceNetwork(body), body, weights)


def load_networks(config: StanceConfig) -> list[StanceNetwork]:
    """The configured networks, the small one first."""
    networks = [small_network(model_file(config.model, "weights.safetensors"))]
    if config.large_model:
        networks.append(large_network(model_file(config.large_model, "weights.safetensors")))
    return networks


class Judge:
    """The trained stance model. The first network reads every case, a second one, where there is one, those that may be about their topic:
    of these it tells stance and imposer, and both together tell how relevant they are."""

    def __init__(self, networks: Sequence[StanceNetwork], topics: Sequence[Topic]) -> None:
        self.tokenizer = load_tokenizer()
        self.networks = networks
        self.wordings = dict(zip([t.id for t in topics], split_pieces(self.tokenizer, [topic_wording(t) for t in topics]), strict=True))

    def judge(self, articles: Sequence[tuple[str | None, str]], pairs: Sequence[tuple[ClaimInText, str]]) -> list[Judgement]:
        """A judgement for each (claim, topic id), in order; ``articles`` are (title, text)."""
        if not pairs:
            return []
        texts = passages(self.tokenizer, [text for _, text in articles])
        titles = passages(self.tokenizer, [title_before(title, text) for title, text in articles])
        distinct = sorted({claim.name for claim, _ in pairs})
        names = dict(zip(distinct, passages(self.tokenizer, distinct), strict=True))
        inputs = [
            build_input(Case(self.wordings[topic], titles[c.article], names[c.name], texts[c.article], c.content, c.cue, c.claimer))
            for c, topic in pairs
        ]
        scores = self._scores(inputs)
        return judgements(replace(scores, imposer=agreed(scores, [(claim.article, topic) for claim, topic in pairs])))

    def score(self, inputs: Sequence[StanceInput]) -> list[Judgement]:
        """A judgement for each input by itself, in order."""
        return judgements(self._scores(inputs))

    def _scores(self, inputs: Sequence[StanceInput]) -> CaseScores:
        """Scores of the inputs, in order."""
        found = network_scores(self.networks[0], inputs)
        for network in self.networks[1:]:
            worth = np.flatnonzero(found.relevance[:, 0] >= WORTH).tolist()
            second = network_scores(network, [inputs[i] for i in worth])
            found.relevance[worth] = (found.relevance[worth] + second.relevance) / 2
            found.stance[worth], found.imposer[worth] = second.stance, second.imposer
        return found


@torch.inference_mode()
def network_scores(network: StanceNetwork, inputs: Sequence[StanceInput]) -> CaseScores:
    """One network's scores of the inputs, in order; inputs of like length are read together."""
    found = CaseScores(*(np.zeros((len(inputs), n), dtype=np.float32) for n in (1, len(STANCES), NO_IMPOSER + 1)))
    for chosen in by_length([len(i.sequence.ids) for i in inputs], BATCH_PIECES):
        with mixed_precision():
            scores = network([inputs[i] for i in chosen])
        found.relevance[chosen] = scores.relevance.float().sigmoid().unsqueeze(1).numpy()
        found.stance[chosen] = scores.stance.float().softmax(dim=1).numpy()
        found.imposer[chosen] = scores.imposer.float().log_softmax(dim=1).numpy()
    return found


def agreed(scores: CaseScores, groups: Sequence[tuple[int, str]]) -> NDArray[np.float32]:
    """Imposers' scores (n, countries + 1) with the mean of those of the same article and topic added, each counted as it is relevant.

    Most claims of an article speak of one and the same restriction, and some name its imposer more plainly than others.
    """
    own = np.maximum(scores.imposer, LEAST_LOG)
    members: dict[tuple[int, str], list[int]] = defaultdict(list)
    for i, group in enumerate(groups):
        members[group].append(i)
    together = np.empty_like(own)
    for rows in members.values():
        weight = scores.relevance[rows]
        together[rows] = (own[rows] * weight).sum(axis=0) / max(float(weight.sum()), 1e-6)
    return (own + OTHERS_WEIGHT * together).astype(np.float32)


def judgements(scores: CaseScores) -> list[Judgement]:
    """What the scores come to."""
    imposers = [None if i == NO_IMPOSER else COUNTRY_CODES[i] for i in scores.imposer.argmax(axis=1)]
    rows = zip(scores.relevance[:, 0].tolist(), scores.stance.tolist(), imposers, strict=True)
    return [Judgement(relevance, (favor, against, neutral), imposer) for relevance, (favor, against, neutral), imposer in rows]
