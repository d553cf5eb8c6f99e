"""Train the claims' vectors: ``python -m pipeline.training.vectors --data DATA --gold GOLD... --out models/linking``.

Contrastive learning (supervised contrastive loss, Khosla et al., 2020): claims of one proposition are drawn together and away from
all others of the batch, which come from the same event; public paraphrases keep the vectors general, and STS-B keeps their scale.
"""

from __future__ import annotations

import logging
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from pipeline.encoder import encoder_config, load_pinned, load_tokenizer, save_trained
from pipeline.gold.pairs import WrittenPair, pairs_beside
from pipeline.gold.records import read_jsonl
from pipeline.linking.network import LinkClaim, VectorNetwork, claim_input, split_claims
from pipeline.roles import RoleSequence
from pipeline.training.command import begin, recipe_parser
from pipeline.training.linking import GoldClaim, gold_claims, with_propositions
from pipeline.training.schedule import Clock, train_steps

log = logging.getLogger("claimledger.training")
TEMPERATURE = 0.07
PAIRS_A_BATCH, CLAIMS_A_BATCH = 40, 90
# set, splits that may be trained on, pairs an epoch, least score of a paraphrase
PARAPHRASES = [
    ("para-mrpc", ("train",), 1600, 1.0), ("para-perspectrum", ("all",), 1200, 0.8), ("para-sameclaim", ("train", "all"), 800, 1.0),
    ("para-argkp", ("train",), 800, 1.0), ("nli-snli-cad", ("train",), 1200, 1.0), ("nli-snli", ("dev",), 1200, 1.0),
]  # fmt: skip
STS_PAIRS = 2400
SEED = 17


@dataclass(frozen=True)
class ContrastiveBatch:
    """Claims, the group of each, and whether a pair is compared at all (b, b). Members of a group belong together."""

    sequences: list[RoleSequence]
    groups: Tensor
    compared: Tensor


@dataclass(frozen=True)
class GradedBatch:
    """Pairs (claims 2i and 2i + 1) with the cosine that they should have, (b / 2,)."""

    sequences: list[RoleSequence]
    cosine: Tensor


def loss_of(network: VectorNetwork, batch: ContrastiveBatch | GradedBatch) -> Tensor:
    """Supervised contrastive loss of a batch of groups, or squared error of the cosines of graded pairs."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        vectors = network(batch.sequences)
    if isinstance(batch, GradedBatch):
        return 4.0 * nn.functional.mse_loss((vectors[0::2] * vectors[1::2]).sum(1), batch.cosine)
    itself = torch.eye(len(vectors), dtype=torch.bool)
    scores = (vectors @ vectors.T / TEMPERATURE).masked_fill(itself | ~batch.compared, -1e4)
    positive = (batch.groups.unsqueeze(0) == batch.groups.unsqueeze(1)) & ~itself
    log_share = scores - torch.logsumexp(scores, dim=1, keepdim=True)
    count = positive.sum(1)
    each = -(log_share * positive).sum(1)[count > 0] / count[count > 0]
    return each.mean() if len(each) else vectors.sum() * 0


def gold_batches(claims: list[GoldClaim], sequences: list[RoleSequence], rng: random.Random) -> list[ContrastiveBatch]:
    """A batch an event, filled up with claims of other events."""
    by_event: dict[str, list[int]] = defaultdict(list)
    for i, claim in enumerate(claims):
        by_event[claim.event].append(i)
    events = list(by_event.values())
    rng.shuffle(events)
    merged: list[list[int]] = [[]]
    for members in events:
        if merged[-1] and len(merged[-1]) + len(members) > CLAIMS_A_BATCH:
            merged.append([])
        merged[-1] += members
    return [_grouped([sequences[i] for i in m], [claims[i].proposition for i in m]) for m in merged]


def _grouped(sequences: list[RoleSequence], names: Sequence[str]) -> ContrastiveBatch:
    place = {name: i for i, name in enumerate(dict.fromkeys(names))}
    return ContrastiveBatch(sequences, torch.tensor([place[n] for n in names]), torch.ones(len(names), len(names), dtype=torch.bool))


def written_batches(pairs: list[WrittenPair], tokenizer: Tokenizer, rng: random.Random) -> list[ContrastiveBatch]:
    """Pairs of some groups: a pair of one proposition belongs together; within a group, only a pair itself is compared."""
    by_group: dict[str, list[WrittenPair]] = defaultdict(list)
    for pair in pairs:
        by_group[pair.group].append(pair)
    names = list(by_group)
    rng.shuffle(names)
    batches = []
    for low in range(0, len(names), 5):
        chosen = [pair for name in names[low : low + 5] for pair in by_group[name]]
        claims = [c for p in chosen for c in (LinkClaim.alone(p.claim_a, p.claimer_a), LinkClaim.alone(p.claim_b, p.claimer_b))]
        label = [g for i, p in enumerate(chosen) for g in ((2 * i, 2 * i) if p.relation == "same" else (2 * i, 2 * i + 1))]
        groups = torch.tensor([names.index(p.group) for p in chosen]).repeat_interleave(2)
        places = torch.arange(len(chosen)).repeat_interleave(2)
        compared = (groups.unsqueeze(0) != groups.unsqueeze(1)) | (places.unsqueeze(0) == places.unsqueeze(1))
        batches.append(ContrastiveBatch([claim_input(p) for p in split_claims(tokenizer, claims)], torch.tensor(label), compared))
    return batches


@dataclass(frozen=True)
class PublicPairs:
    """Rows of the paraphrase and entailment sets with how many an epoch reads, and STS-B's rows."""

    alike: list[tuple[list[dict], int]]
    graded: list[dict]

    def batches(self, tokenizer: Tokenizer, rng: random.Random) -> list[ContrastiveBatch | GradedBatch]:
        """Paraphrases and entailments as groups of two, and STS-B's graded pairs."""
        batches: list[ContrastiveBatch | GradedBatch] = []
        for rows, count in self.alike:
            for chosen in _chunks(rng.sample(rows, min(len(rows), count)), PAIRS_A_BATCH):
                batches.append(_grouped(_inputs(_both(chosen), tokenizer), [r["a"] for r in chosen for _ in "ab"]))
        for chosen in _chunks(rng.sample(self.graded, min(len(self.graded), STS_PAIRS)), PAIRS_A_BATCH):
            batches.append(GradedBatch(_inputs(_both(chosen), tokenizer), torch.tensor([r["score"] / 5 for r in chosen])))
        return batches


def load_public(data: Path) -> PublicPairs:
    """The public sets' rows that may be trained on."""
    alike = []
    for name, splits, count, least in PARAPHRASES:
        rows = [r for r in read_jsonl(data / f"{name}.jsonl.xz") if r["split"] in splits]
        alike.append(([r for r in rows if (r["label"] == "entailment" if name.startswith("nli") else r["score"] >= least)], count))
    return PublicPairs(alike, [r for r in read_jsonl(data / "para-stsb.jsonl.xz") if r["split"] == "train"])


def _both(rows: list[dict]) -> list[str]:
    return [text for r in rows for text in (r["a"], r["b"])]


def _inputs(texts: list[str], tokenizer: Tokenizer) -> list[RoleSequence]:
    return [claim_input(p) for p in split_claims(tokenizer, [LinkClaim.alone(text) for text in texts])]


def _chunks(rows: list[dict], size: int) -> list[list[dict]]:
    return [rows[i : i + size] for i in range(0, len(rows), size)]


def train(data: Path, gold: list[Path], out: Path, epochs: int, minutes: float, rate: float, seed: int = SEED) -> None:
    """Train and save ``out/vectors.safetensors`` after every epoch."""
    rng = random.Random(seed)
    tokenizer = load_tokenizer()
    real = gold_claims(list(read_jsonl(data / "gold-real-train.jsonl")), across=False)
    own = [c for path in gold for c in with_propositions(path)]
    written = [p for path in gold for p in pairs_beside(path, "train")]
    inputs = [[claim_input(p) for p in split_claims(tokenizer, [c.link for c in claims])] for claims in (real, own)]
    log.info("claims %d real, %d own; written pairs %d", len(real), len(own), len(written))
    public = load_public(data)
    network = VectorNetwork(encoder_config())
    load_pinned(network.body.encoder)

    def epoch(_: int) -> list[ContrastiveBatch | GradedBatch]:
        work: list[ContrastiveBatch | GradedBatch] = [*gold_batches(real, inputs[0], rng), *gold_batches(own, inputs[1], rng)]
        work += gold_batches(own, inputs[1], rng) + written_batches(written, tokenizer, rng) + public.batches(tokenizer, rng)
        rng.shuffle(work)
        return work

    def save(number: int) -> None:
        save_trained(network, out / "vectors.safetensors")
        log.info("epoch %d saved", number)

    train_steps(network, epoch, lambda batch: loss_of(network, batch), epochs, Clock(minutes), rate, save)


def main() -> None:
    a = recipe_parser(__doc__, epochs=6, minutes=12, rate=6e-5).parse_args()
    begin(SEED)
    train(a.data, a.gold, a.out, a.epochs, a.minutes, a.rate)


if __name__ == "__main__":
    main()
