"""Train the claims' vectors: ``python -m pipeline.training.vectors --data DATA --gold GOLD... --out DIR``.

Contrastive learning (supervised contrastive loss, Khosla et al., 2020): claims of one proposition are drawn together and away from
the others of the batch, which come from the same events; opposed ones are left where they are. Beside it, the relation of every
pair of an event is told from its two vectors, and a claim's stance from its own. Written pairs and entailment teach the relation
too; public paraphrases keep the vectors general, and STS-B keeps their scale.
"""

from __future__ import annotations

import logging
import random
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from pipeline.batching import by_length
from pipeline.encoder import load_tokenizer
from pipeline.gold.pairs import WrittenPair, pairs_beside
from pipeline.gold.records import read_jsonl, read_oppositions, read_propositions
from pipeline.large_encoder import large_encoder
from pipeline.linking.network import (
    DIFFERENCE_SCALE,
    NLI_LABELS,
    RELATIONS,
    WIDTH,
    LinkClaim,
    VectorNetwork,
    claim_input,
    split_claims,
)
from pipeline.precision import mixed_precision
from pipeline.roles import RoleSequence
from pipeline.tables import STANCES
from pipeline.training.adapters import adapt, resume, resume_body, save_trained_part
from pipeline.training.command import begin, recipe_parser
from pipeline.training.linking import NEITHER, NLI_SETS, OPPOSED, SAME, GoldClaim, gold_claims, nli_rows, proposition_claims
from pipeline.training.schedule import Clock, train_steps

log = logging.getLogger("claimledger.training")
TEMPERATURE = 0.07
PAIRS_A_BATCH, CLAIMS_A_BATCH = 40, 110
CHUNK_PIECES = 2048  # of a batch that pass the encoder at once
# set, splits that may be trained on, pairs an epoch, least score of a paraphrase
PARAPHRASES = [
    ("para-mrpc", ("train",), 1600, 1.0), ("para-perspectrum", ("all",), 1200, 0.8), ("para-sameclaim", ("train", "all"), 800, 1.0),
    ("para-argkp", ("train",), 800, 1.0), ("nli-snli-cad", ("train",), 1200, 1.0), ("nli-snli", ("dev",), 1200, 1.0),
]  # fmt: skip
STS_PAIRS = 2400
PUBLIC_SHARE = 1 / 4  # of the paraphrases' and STS-B's batches that an epoch reads
NLI_SHARE = 0.15  # of the entailment sets' counts (``linking.NLI_SETS``)
UNTITLED = 0.25  # chance that an epoch's round over the events goes without headlines
RELATION_WEIGHTS = (0.25, 1.0, 1.0)  # most pairs of an event are neither
STANCE_FACTOR, PUBLIC_FACTOR = 0.3, 0.5
SEED = 17


class VectorTrainer(nn.Module):
    """The vector network with a head that only training needs, a claim's stance."""

    def __init__(self, network: VectorNetwork) -> None:
        super().__init__()
        self.network = network
        self.stance = nn.Linear(WIDTH, len(STANCES))

    def vectors(self, sequences: list[RoleSequence]) -> Tensor:
        """Unit vectors (b, width)."""
        chunks = by_length([len(s.ids) for s in sequences], CHUNK_PIECES)
        with mixed_precision():
            found = [self.network([sequences[i] for i in chunk]) for chunk in chunks]
        back = torch.argsort(torch.tensor([i for chunk in chunks for i in chunk]))
        return torch.cat(found)[back]


@dataclass(frozen=True)
class EventBatch:
    """Claims of some events: the proposition (b,) of each, which pairs (b, b) are opposed and which a run would compare, and the
    stance (b,) of each, -1 where there is none."""

    sequences: list[RoleSequence]
    groups: Tensor
    opposed: Tensor
    comparable: Tensor
    stance: Tensor

    def loss(self, trainer: VectorTrainer) -> Tensor:
        """Contrastive loss, with those of the relations and the stances."""
        vectors = trainer.vectors(self.sequences)
        loss = contrastive_loss(vectors, self.groups, ~self.opposed)
        a, b = torch.nonzero(torch.triu(self.comparable, 1), as_tuple=True)
        if len(a):
            relation = torch.where(self.groups[a] == self.groups[b], SAME, torch.where(self.opposed[a, b], OPPOSED, NEITHER))
            logits = trainer.network.relate(vectors[a], vectors[b])
            loss = loss + nn.functional.cross_entropy(logits, relation, weight=torch.tensor(RELATION_WEIGHTS), label_smoothing=0.02)
        known = self.stance >= 0
        if known.any():
            logits = trainer.stance(2 * DIFFERENCE_SCALE * vectors[known])
            loss = loss + STANCE_FACTOR * nn.functional.cross_entropy(logits, self.stance[known])
        return loss


@dataclass(frozen=True)
class LabelledBatch:
    """Pairs (claims 2i and 2i + 1) with their labels (b / 2,): relations, or those of entailment."""

    sequences: list[RoleSequence]
    labels: Tensor
    entailment: bool

    def loss(self, trainer: VectorTrainer) -> Tensor:
        """Cross-entropy."""
        vectors = trainer.vectors(self.sequences)
        tell = trainer.network.entails if self.entailment else trainer.network.relate
        return PUBLIC_FACTOR * nn.functional.cross_entropy(tell(vectors[0::2], vectors[1::2]), self.labels, label_smoothing=0.05)


@dataclass(frozen=True)
class ParaphraseBatch:
    """Pairs (2i and 2i + 1) that say the same and differ from all others of the batch, by their ``groups`` (b,)."""

    sequences: list[RoleSequence]
    groups: Tensor

    def loss(self, trainer: VectorTrainer) -> Tensor:
        """Contrastive loss."""
        compared = torch.ones(len(self.groups), len(self.groups), dtype=torch.bool)
        return contrastive_loss(trainer.vectors(self.sequences), self.groups, compared)


@dataclass(frozen=True)
class GradedBatch:
    """Pairs (2i and 2i + 1) with the cosine that they should have, (b / 2,)."""

    sequences: list[RoleSequence]
    cosine: Tensor

    def loss(self, trainer: VectorTrainer) -> Tensor:
        """Squared error of the cosines."""
        vectors = trainer.vectors(self.sequences)
        return 4.0 * nn.functional.mse_loss((vectors[0::2] * vectors[1::2]).sum(1), self.cosine)


Batch = EventBatch | LabelledBatch | ParaphraseBatch | GradedBatch


def contrastive_loss(vectors: Tensor, groups: Tensor, compared: Tensor) -> Tensor:
    """Supervised contrastive loss of unit vectors (b, d) in ``groups`` (b,) over the pairs (b, b) that are ``compared``."""
    itself = torch.eye(len(vectors), dtype=torch.bool)
    scores = (vectors @ vectors.T / TEMPERATURE).masked_fill(itself | ~compared, -1e4)
    positive = (groups.unsqueeze(0) == groups.unsqueeze(1)) & ~itself & compared
    log_share = scores - torch.logsumexp(scores, dim=1, keepdim=True)
    count = positive.sum(1)
    each = -(log_share * positive).sum(1)[count > 0] / count[count > 0]
    return each.mean() if len(each) else vectors.sum() * 0


@dataclass(frozen=True)
class Events:
    """Claims with their stances (-1 for none), which propositions are opposed, and how the network reads each claim."""

    claims: list[GoldClaim]
    stances: list[int]
    opposed: set[frozenset[str]]
    titled: list[RoleSequence]
    untitled: list[RoleSequence]

    def batches(self, rng: random.Random) -> list[EventBatch]:
        """Every event once, small ones together; of an event that is too large, as many claims as a batch holds."""
        by_event: dict[str, list[int]] = defaultdict(list)
        for i, claim in enumerate(self.claims):
            by_event[claim.event].append(i)
        events = list(by_event.values())
        rng.shuffle(events)
        sequences = self.untitled if rng.random() < UNTITLED else self.titled
        merged: list[list[int]] = [[]]
        for members in events:
            members = rng.sample(members, min(len(members), CLAIMS_A_BATCH))
            if merged[-1] and len(merged[-1]) + len(members) > CLAIMS_A_BATCH:
                merged.append([])
            merged[-1] += members
        return [self._batch(members, sequences) for members in merged]

    def _batch(self, members: list[int], sequences: list[RoleSequence]) -> EventBatch:
        names = [(self.claims[i].event, self.claims[i].proposition) for i in members]
        place = {name: i for i, name in enumerate(dict.fromkeys(names))}
        opposed, comparable = (torch.zeros(len(members), len(members), dtype=torch.bool) for _ in range(2))
        for x, y in combinations(range(len(members)), 2):
            a, b = self.claims[members[x]], self.claims[members[y]]
            opposed[x, y] = opposed[y, x] = a.event == b.event and frozenset((a.proposition, b.proposition)) in self.opposed
            comparable[x, y] = comparable[y, x] = a.event == b.event and bool(a.topics & b.topics)
        groups, stances = torch.tensor([place[n] for n in names]), torch.tensor([self.stances[i] for i in members])
        return EventBatch([sequences[i] for i in members], groups, opposed, comparable, stances)


def load_events(
    records: list[dict[str, Any]], across: bool, sentences: Mapping[str, str], opposed: set[frozenset[str]], tokenizer: Tokenizer
) -> Events:
    """The claims of gold records, and their propositions in their own ``sentences``."""
    claims = gold_claims(records, across)
    stances = [STANCES.index(claim.stances[min(claim.topics)]) for claim in claims]
    plain = proposition_claims(claims, sentences)
    claims, stances = claims + plain, stances + [-1] * len(plain)
    links = [claim.link for claim in claims]
    titled, untitled = (
        [claim_input(p) for p in split_claims(tokenizer, found)] for found in (links, [replace(link, title="") for link in links])
    )
    return Events(claims, stances, opposed, titled, untitled)


def written_batches(pairs: list[WrittenPair], tokenizer: Tokenizer, rng: random.Random) -> list[LabelledBatch]:
    """The written pairs, half of the batches without the claimers: who speaks must not give the relation away."""
    batches = []
    for chosen in _chunks(rng.sample(pairs, len(pairs)), PAIRS_A_BATCH):
        named = rng.random() < 0.5
        sides = [(c, claimer if named else "") for p in chosen for c, claimer in ((p.claim_a, p.claimer_a), (p.claim_b, p.claimer_b))]
        sequences = [claim_input(p) for p in split_claims(tokenizer, [LinkClaim.alone(*side) for side in sides])]
        batches.append(LabelledBatch(sequences, torch.tensor([RELATIONS.index(p.relation) for p in chosen]), entailment=False))
    return batches


@dataclass(frozen=True)
class PublicPairs:
    """Rows of the paraphrase and of the entailment sets with how many an epoch reads, and STS-B's rows."""

    alike: list[tuple[list[dict], int]]
    entailing: list[tuple[list[dict], int]]
    graded: list[dict]

    def batches(self, tokenizer: Tokenizer, rng: random.Random) -> list[Batch]:
        """A share of the paraphrases and of STS-B's graded pairs, and the entailment sets' pairs."""
        general: list[Batch] = []
        for rows, count in self.alike:
            for chosen in _chunks(rng.sample(rows, min(len(rows), count)), PAIRS_A_BATCH):
                groups = list(dict.fromkeys(r["a"] for r in chosen))
                general.append(
                    ParaphraseBatch(_inputs(chosen, tokenizer), torch.tensor([groups.index(r["a"]) for r in chosen for _ in "ab"]))
                )
        for chosen in _chunks(rng.sample(self.graded, min(len(self.graded), STS_PAIRS)), PAIRS_A_BATCH):
            general.append(GradedBatch(_inputs(chosen, tokenizer), torch.tensor([r["score"] / 5 for r in chosen])))
        batches = rng.sample(general, int(len(general) * PUBLIC_SHARE))
        for rows, count in self.entailing:
            for chosen in _chunks(rng.sample(rows, min(len(rows), int(count * NLI_SHARE))), PAIRS_A_BATCH):
                labels = torch.tensor([NLI_LABELS.index(r["label"]) for r in chosen])
                batches.append(LabelledBatch(_inputs(chosen, tokenizer), labels, entailment=True))
        return batches


def load_public(data: Path) -> PublicPairs:
    """The public sets' rows that may be trained on."""
    alike = []
    for name, splits, count, least in PARAPHRASES:
        rows = [r for r in read_jsonl(data / f"{name}.jsonl.xz") if r["split"] in splits]
        alike.append(([r for r in rows if (r["label"] == "entailment" if name.startswith("nli") else r["score"] >= least)], count))
    graded = [r for r in read_jsonl(data / "para-stsb.jsonl.xz") if r["split"] == "train"]
    return PublicPairs(alike, [(nli_rows(data, name, splits), count) for name, splits, count in NLI_SETS], graded)


def _inputs(rows: list[dict], tokenizer: Tokenizer) -> list[RoleSequence]:
    texts = [text for r in rows for text in (r["a"], r["b"])]
    return [claim_input(p) for p in split_claims(tokenizer, [LinkClaim.alone(text) for text in texts])]


def _chunks(rows: list[Any], size: int) -> list[list[Any]]:
    return [rows[i : i + size] for i in range(0, len(rows), size)]


def train(network: VectorNetwork, data: Path, gold: list[Path], out: Path, epochs: int, minutes: float, rate: float, seed: int) -> None:
    """Train and save ``out/vectors.safetensors`` after every epoch."""
    rng = random.Random(seed)
    tokenizer = load_tokenizer()
    real = load_events(list(read_jsonl(data / "gold-real-train.jsonl")), False, {}, set(), tokenizer)
    own = [load_events(list(read_jsonl(path)), True, read_propositions(path), read_oppositions(path), tokenizer) for path in gold]
    written = [p for path in gold for p in pairs_beside(path, "train")]
    public = load_public(data)
    log.info("claims %d real, %d own; written pairs %d", len(real.claims), sum(len(e.claims) for e in own), len(written))
    trainer = VectorTrainer(network)

    def epoch(_: int) -> list[Batch]:
        work: list[Batch] = [b for events in (real, *own, *own) for b in events.batches(rng)]
        work += written_batches(written, tokenizer, rng) + public.batches(tokenizer, rng)
        rng.shuffle(work)
        return work

    def save(number: int) -> None:
        save_trained_part(network, out / "vectors.safetensors")
        log.info("epoch %d saved", number)

    train_steps(trainer, epoch, lambda batch: batch.loss(trainer), epochs, Clock(minutes), rate, save)


def main() -> None:
    parser = recipe_parser(__doc__, epochs=2, minutes=52, rate=2.5e-4)
    parser.add_argument("--start", type=Path, help="weights of a large network, whose adapters are gone on from")
    parser.add_argument("--resume", type=Path, help="vectors of an earlier step of the recipe, which are gone on from as they are")
    parser.add_argument("--seed", type=int, default=SEED)
    a = parser.parse_args()
    begin(a.seed)
    network = VectorNetwork(adapt(large_encoder()))
    if a.start:
        resume_body(network.body, a.start)
    if a.resume:
        resume(network, a.resume)
    train(network, a.data, a.gold, a.out, a.epochs, a.minutes, a.rate, a.seed)


if __name__ == "__main__":
    main()
