"""Train the linking model: ``python -m pipeline.training.linking --data DATA --gold GOLD... --out models/linking``."""

from __future__ import annotations

import argparse
import json
import logging
import random
from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch import Tensor, nn

from pipeline.encoder import encoder_config, encoder_weights, load_tokenizer, load_trained, trained_state
from pipeline.gold.records import read_jsonl
from pipeline.linking.network import NLI_LABELS, RELATIONS, ClaimPieces, LinkClaim, LinkNetwork, pair_input, split_claims
from pipeline.roles import ROLE, RoleSequence, split_pieces
from pipeline.text import sentences
from pipeline.training.schedule import Clock, batches_by_length, train_steps

log = logging.getLogger("claimledger.training")

# set, the splits that may be trained on, how many examples an epoch reads
NLI_SETS = [
    ("nli-snli", ("dev",), 6000), ("nli-sick", ("train",), 4400), ("nli-snli-cad", ("train",), 5000), ("nli-climatefever", ("all",), 2500),
    ("nli-anli-dev", ("dev",), 1500), ("nli-averitec-dev", ("dev",), 500), ("nli-med", ("all",), 1000), ("nli-control", ("dev",), 400),
]  # fmt: skip
# set, splits, examples an epoch, least score that counts as the same claim, greatest that counts as another
SAME_SETS = [
    ("para-mrpc", ("train",), 2500, 1.0, 0.0),
    ("para-stsb", ("train",), 3000, 4.2, 3.0),
    ("para-argkp", ("train",), 1500, 1.0, 0.0),
    ("para-perspectrum", ("all",), 1500, 0.8, 0.3),
]
NEITHER, SAME, OPPOSED = range(len(RELATIONS))
BATCH_PIECES, TEXT_PIECES = 4096, 110


@dataclass(frozen=True)
class PairExample:
    """A pair with the head that it trains: ``relation`` or ``entailment``, the other is -1."""

    sequence: RoleSequence
    relation: int
    entailment: int
    weight: float


@dataclass(frozen=True)
class GoldClaim:
    """A gold claim as linking reads it, with what decides its pairs."""

    link: LinkClaim
    event: str
    article: str
    topics: frozenset[str]
    proposition: str


def gold_claims(records: list[dict[str, Any]]) -> list[GoldClaim]:
    """Topical claims with a proposition, in the form that linking reads."""
    found = []
    for record in records:
        bounds = sentences(record["text"])
        for claim in record["claims"]:
            if not claim["topics"] or not claim.get("proposition"):
                continue
            low, high = claim["content"][0][0], claim["content"][-1][1]
            touched = [(s, e) for s, e in bounds if s < high and e > low] or [(low, high)]
            low, high = min(low, touched[0][0]), max(high, touched[-1][1])
            spans = tuple((s - low, e - low) for s, e in claim["content"])
            link = LinkClaim(record["text"][low:high], spans, claim["claimer_name"] or "")
            found.append(
                GoldClaim(
                    link,
                    record.get("event") or record["article_id"],
                    record["article_id"],
                    frozenset(claim["topics"]),
                    claim["proposition"],
                )
            )
    return found


def gold_pairs(claims: list[GoldClaim], opposed: set[frozenset[str]], rng: random.Random) -> list[tuple[int, int, int]]:
    """(a, b, relation) over claims of an event that share a topic, and a few from different events."""
    by_event: dict[str, list[int]] = defaultdict(list)
    for i, claim in enumerate(claims):
        by_event[claim.event].append(i)
    pairs: dict[int, list[tuple[int, int, int]]] = {NEITHER: [], SAME: [], OPPOSED: []}
    for members in by_event.values():
        for a, b in combinations(members, 2):
            if claims[a].topics & claims[b].topics:
                ids = frozenset((claims[a].proposition, claims[b].proposition))
                relation = SAME if len(ids) == 1 else OPPOSED if ids in opposed else NEITHER
                pairs[relation].append((a, b, relation))
    known = len(pairs[SAME]) + len(pairs[OPPOSED])
    neither = rng.sample(pairs[NEITHER], min(len(pairs[NEITHER]), 2 * known))
    far: list[tuple[int, int, int]] = []
    while len(far) < known // 3 and len(by_event) > 1:
        a, b = rng.randrange(len(claims)), rng.randrange(len(claims))
        if claims[a].event != claims[b].event and claims[a].topics & claims[b].topics:
            far.append((a, b, NEITHER))
    return pairs[SAME] + pairs[OPPOSED] + neither + far


def public_pairs(rows: list[dict[str, Any]], tokenizer: Tokenizer, label: Any) -> list[PairExample]:
    """Examples of a public set; ``label`` gives (relation, entailment) of a row."""
    halves = [[_whole(p.ids) for p in split_pieces(tokenizer, [row[side] for row in rows])] for side in ("a", "b")]
    return [PairExample(pair_input(a, b), label(row)[0], label(row)[1], 0.5) for row, a, b in zip(rows, *halves, strict=True)]


def _whole(ids: np.ndarray) -> ClaimPieces:
    ids = ids[:TEXT_PIECES]
    return ClaimPieces(ids, np.full(len(ids), ROLE["content"], dtype=np.int64))


def load_public(data: Path, tokenizer: Tokenizer) -> list[tuple[list[PairExample], int]]:
    """Every public set with the number of examples that an epoch reads."""
    found = []
    for name, splits, count in NLI_SETS:
        rows = [r for r in read_jsonl(data / f"{name}.jsonl.xz") if r["split"] in splits and r["label"] in NLI_LABELS]
        found.append((public_pairs(rows, tokenizer, lambda r: (-1, NLI_LABELS.index(r["label"]))), count))
    for name, splits, count, least, greatest in SAME_SETS:
        rows = [
            r for r in read_jsonl(data / f"{name}.jsonl.xz") if r["split"] in splits and (r["score"] >= least or r["score"] <= greatest)
        ]
        found.append((public_pairs(rows, tokenizer, lambda r, least=least: (SAME if r["score"] >= least else NEITHER, -1)), count))
    return found


def loss_of(network: LinkNetwork, examples: list[PairExample]) -> Tensor:
    """Mean loss of the heads that the batch trains."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        relation, entailment = network([e.sequence for e in examples])
    weight = torch.tensor([e.weight for e in examples])
    loss = torch.zeros(())
    for logits, name in ((relation, "relation"), (entailment, "entailment")):
        labels = torch.tensor([getattr(e, name) for e in examples])
        known = labels >= 0
        if known.any():
            each = nn.functional.cross_entropy(logits.float()[known], labels[known], reduction="none", label_smoothing=0.05)
            loss = loss + (each * weight[known]).sum() / weight.sum()
    return loss


def train(data: Path, gold: list[Path], out: Path, epochs: int, minutes: float, rate: float, start: Path | None, seed: int = 13) -> None:
    """Train on gold and public pairs together and save ``out/weights.safetensors`` after every epoch."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    tokenizer = load_tokenizer()
    public = load_public(data, tokenizer)
    claims = gold_claims(list(read_jsonl(data / "gold-real-train.jsonl")))
    opposed: set[frozenset[str]] = set()
    for path in gold:
        claims += gold_claims(list(read_jsonl(path)))
        opposed |= {frozenset(pair) for pair in json.loads((path.parent / "oppositions.json").read_text(encoding="utf-8"))}
    pieces = split_claims(tokenizer, [c.link for c in claims])
    log.info("gold claims %d, opposed propositions %d, public examples %d", len(claims), len(opposed), sum(len(e) for e, _ in public))
    network = LinkNetwork(encoder_config())
    network.body.encoder.load_state_dict(encoder_weights())
    network.body.encoder.embeddings.word_embeddings.weight.requires_grad = False
    if start:
        load_trained(network, start)

    def epoch(number: int) -> list[list[PairExample]]:
        share = 1.0 if number < epochs - 1 else 0.3
        own = []
        for a, b, relation in gold_pairs(claims, opposed, rng):
            first, second = (a, b) if rng.random() < 0.5 else (b, a)
            own.append(PairExample(pair_input(pieces[first], pieces[second]), relation, -1, 1.0))
        mixed = [e for examples, count in public for e in rng.sample(examples, min(len(examples), int(count * share)))]
        work = batches_by_length(own, lambda e: len(e.sequence.ids), BATCH_PIECES, rng) + batches_by_length(
            mixed, lambda e: len(e.sequence.ids), BATCH_PIECES, rng
        )
        rng.shuffle(work)
        return work

    def save(number: int) -> None:
        out.mkdir(parents=True, exist_ok=True)
        save_file(trained_state(network), out / "weights.safetensors")
        (out / "training.json").write_text(json.dumps({"epochs": number + 1, "rate": rate, "seed": seed}))

    train_steps(network, epoch, lambda batch: loss_of(network, batch), epochs, Clock(minutes), rate, save)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--gold", type=Path, nargs="*", default=[])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", type=Path)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate", type=float, default=1e-4)
    a = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(2)
    train(a.data, a.gold, a.out, a.epochs, a.minutes, a.rate, a.start)


if __name__ == "__main__":
    main()
