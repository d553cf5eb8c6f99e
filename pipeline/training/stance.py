"""Train the stance model: ``python -m pipeline.training.stance --data DATA --gold GOLD... --out models/stance``."""

from __future__ import annotations

import argparse
import json
import logging
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch import Tensor, nn

from pipeline.config import Topic, default_topics
from pipeline.countries import find_countries
from pipeline.encoder import encoder_config, encoder_weights, load_tokenizer, load_trained, trained_state
from pipeline.gold.records import read_jsonl
from pipeline.roles import ROLE, Pieces, sequence, split_pieces
from pipeline.stance.judge import topic_wording
from pipeline.stance.network import COUNTRY_CODES, NO_IMPOSER, StanceInput, StanceNetwork, build_input
from pipeline.tables import STANCES
from pipeline.training.schedule import Clock, batches_by_length, train_steps

log = logging.getLogger("claimledger.training")

# public stance sets and how many of their training examples an epoch reads
STANCE_SETS = {
    "stance-vast": 6000, "stance-pstance": 3000, "stance-semeval2016t6": 2500, "stance-perspectrum": 4000, "stance-argkp": 3000,
    "stance-ibmclaims": 2000, "stance-debates": 1500, "stance-tradepolicy": 1000, "stance-seesaw": 4000, "stance-gwsd": 1500, "stance-emergent": 1500,
}  # fmt: skip
TEXT_PIECES, TARGET_PIECES = 110, 40
BATCH_PIECES = 4096
# Wordings of restrictions that gold may ask for beside the default topics.
OTHER_TOPICS = {
    "chips": ("chip export controls", "the export control on chips"), "sanctions": ("sanctions", "the sanction or blacklisting"),
    "port_fees": ("port fees", "the port fee on foreign ships"), "quotas": ("quotas", "the quota"), "investment_screening": ("investment screening", "the limit on foreign investment"),
}  # fmt: skip


@dataclass(frozen=True)
class StanceExample:
    """An input with its labels; -1 where a label is not known. ``weight`` scales its loss."""

    input: StanceInput
    relevance: int
    stance: int
    imposer: int
    weight: float = 1.0


def gold_stance_examples(records: list[dict[str, Any]], tokenizer: Tokenizer, weight: float, others: bool = True) -> list[StanceExample]:
    """An example for each claim and each topic that its article has a claim on, or that is one of the default topics and named."""
    wordings = {t.id: split_pieces(tokenizer, [topic_wording(t)])[0] for t in all_topics()}
    examples = []
    for record, pieces in zip(records, split_pieces(tokenizer, [r["text"] for r in records]), strict=True):
        found = find_countries(record["text"])
        asked = sorted(
            {t for c in record["claims"] for t in c["topics"] if t in wordings and (others or t not in OTHER_TOPICS)}
            | set(record.get("asked", []))
        )
        for claim in record["claims"]:
            spans = [(s, e) for s, e in claim["content"]]
            cue, claimer = (tuple(claim[k]) if claim[k] else None for k in ("cue", "claimer"))
            for topic in asked:
                about = topic in claim["topics"]
                built = build_input(wordings[topic], pieces, found, spans, cue, claimer)
                stance = STANCES.index(claim["stance"][topic]) if about else -1
                imposer = _imposer(claim["imposer"].get(topic)) if about else -1
                examples.append(StanceExample(built, int(about), stance, imposer, weight))
    return examples


def all_topics() -> list[Topic]:
    """The default topics and the other restrictions of the gold."""
    return [*default_topics(), *(Topic(i, name, name, restriction, ()) for i, (name, restriction) in OTHER_TOPICS.items())]


def public_examples(path: Path, tokenizer: Tokenizer) -> list[StanceExample]:
    """Training examples of a public set: stance of a text towards a target."""
    rows = [r for r in read_jsonl(path) if r.get("split", "train") not in ("test", "test-b", "dev") and r["label"] in STANCES]
    texts = split_pieces(tokenizer, [r["text"] for r in rows])
    targets = split_pieces(tokenizer, [r["target"] for r in rows])
    return [
        StanceExample(StanceInput(_pair(text, target)), -1, STANCES.index(row["label"]), -1, 0.5)
        for row, text, target in zip(rows, texts, targets, strict=True)
    ]


def _pair(text: Pieces, target: Pieces) -> Any:
    head, body = target.ids[:TARGET_PIECES], text.ids[:TEXT_PIECES]
    return sequence(
        [(head, np.full(len(head), ROLE["topic"], dtype=np.int64)), (body, np.full(len(body), ROLE["content"], dtype=np.int64))]
    )


def _imposer(code: str | None) -> int:
    if code is None:
        return NO_IMPOSER
    return COUNTRY_CODES.index(code) if code in COUNTRY_CODES else -1


def loss_of(network: StanceNetwork, examples: list[StanceExample]) -> Tensor:
    """Weighted sum of the losses of what is known."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        scores = network([e.input for e in examples])
    weight = torch.tensor([e.weight for e in examples])
    loss = torch.zeros(())
    for name, factor in (("relevance", 1.0), ("stance", 1.0), ("imposer", 0.5)):
        labels = torch.tensor([getattr(e, name) for e in examples])
        known = labels >= 0
        if not known.any():
            continue
        logits = getattr(scores, name).float()[known]
        if name == "relevance":
            each = nn.functional.binary_cross_entropy_with_logits(logits, labels[known].float(), reduction="none")
        else:
            each = nn.functional.cross_entropy(logits, labels[known], reduction="none", label_smoothing=0.05 if name == "stance" else 0.0)
        loss = loss + factor * (each * weight[known]).sum() / weight[known].sum().clamp(min=1)
    return loss


def train(
    data: Path, gold: list[Path], out: Path, epochs: int, minutes: float, rate: float, start: Path | None, share: float, seed: int = 11
) -> None:
    """Train on gold and public sets together and save ``out/weights.safetensors`` after every epoch."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    tokenizer = load_tokenizer()
    main = gold_stance_examples(list(read_jsonl(data / "gold-real-train.jsonl")), tokenizer, 1.0)
    for path in gold:
        main += gold_stance_examples(list(read_jsonl(path)), tokenizer, 1.0)
    public = {name: public_examples(data / f"{name}.jsonl.xz", tokenizer) for name in STANCE_SETS}
    log.info("gold %d examples; public %s", len(main), {k: len(v) for k, v in public.items()})
    network = StanceNetwork(encoder_config())
    network.body.encoder.load_state_dict(encoder_weights())
    network.body.encoder.embeddings.word_embeddings.weight.requires_grad = False
    if start:
        load_trained(network, start)

    def epoch(_: int) -> list[list[StanceExample]]:
        mixed = [e for name, examples in public.items() for e in rng.sample(examples, min(len(examples), int(STANCE_SETS[name] * share)))]
        work = batches_by_length(mixed, lambda e: len(e.input.sequence.ids), BATCH_PIECES, rng) + batches_by_length(
            main, lambda e: len(e.input.sequence.ids), BATCH_PIECES, rng
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
    parser.add_argument("--public-share", type=float, default=1.0, help="share of STANCE_SETS' counts that an epoch reads")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate", type=float, default=1e-4)
    a = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(2)
    train(a.data, a.gold, a.out, a.epochs, a.minutes, a.rate, a.start, a.public_share)


if __name__ == "__main__":
    main()
