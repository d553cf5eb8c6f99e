"""Train the reader: ``python -m pipeline.training.reader --data DATA --gold corpus/gold --out models/reader``."""

from __future__ import annotations

import json
import logging
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from pipeline.encoder import encoder_config, load_pinned, load_tokenizer, load_trained, save_trained
from pipeline.gold.records import read_jsonl
from pipeline.precision import mixed_precision
from pipeline.reader.batch import Window, collate, cut
from pipeline.reader.network import CONVENTIONS, ENTITY_LABELS, ReaderNetwork
from pipeline.training.attributions import Example, convention_id, gold_examples, lawful, polnear_examples, prepare
from pipeline.training.command import begin, recipe_parser
from pipeline.training.entities import EntityWindow, entity_windows
from pipeline.training.schedule import Clock, batches_by_length, train_steps
from pipeline.training.typography import restyled

log = logging.getLogger("claimledger.training")

# name, whether the set marks MISC, share of its windows read in an epoch; the sets of GUM and EWT train heads of their own
ENTITY_SETS = [
    ("ner-conll2003-train", True, 1.0),
    ("ner-gum-train", True, 1.0),
    ("ner-uner-ewt-train", True, 0.7),
    ("ner-wikigold", True, 1.0),
    ("ner-re3d-train", True, 0.5),
    ("ner-crossner-politics-train", True, 1.0),
    ("ner-ieer", False, 0.7),
    ("ner-btc", False, 0.15),
    ("ner-wnut17-train", True, 0.2),
]
MAX_ANCHORS = 64  # in a batch: bounds memory
TOKENS_A_BATCH = 4096


@dataclass(frozen=True)
class Recipe:
    """What one training depends on."""

    epochs: int = 8
    learning_rate: float = 2e-4
    gold_repeats: int = 3
    seed: int = 7
    minutes: float = 60.0


@dataclass(frozen=True)
class AttributionItem:
    window: Window
    example: Example


def attribution_items(examples: list[Example], rng: random.Random) -> list[AttributionItem]:
    """Windows over the examples, cut at other places in every epoch."""
    return [AttributionItem(w, e) for e in examples if e.encoded for w in cut(e.encoded, stride=224, offset=rng.randrange(0, 160))]


def _window(item: AttributionItem | EntityWindow) -> Window:
    return item.window if isinstance(item, AttributionItem) else Window(item.encoded, 0, item.encoded.n_words)


def word_vectors(network: ReaderNetwork, windows: list[Window], conventions: list[int]) -> tuple[Tensor, Tensor]:
    batch = collate(windows)
    with mixed_precision():
        words = network.words(batch.pieces, batch.piece_mask, batch.features, torch.tensor(conventions), batch.first)
    return words.float(), batch.word_mask


def attribution_loss(network: ReaderNetwork, items: list[AttributionItem], rng: random.Random) -> Tensor:
    """Mean anchor loss a word plus mean part loss a word."""
    words, mask = word_vectors(network, [i.window for i in items], [convention_id(i.example) for i in items])
    labels, known = torch.zeros(mask.shape, dtype=torch.long), torch.zeros(mask.shape, dtype=torch.bool)
    anchors: list[tuple[int, int, int, np.ndarray]] = []
    for row, item in enumerate(items):
        start, end, example = item.window.start, item.window.end, item.example
        assert example.anchor_labels is not None
        assert example.known is not None
        labels[row, : end - start] = torch.from_numpy(lawful(example.anchor_labels[start:end]))
        known[row, : end - start] = torch.from_numpy(example.known[start:end])
        for (low, high, _), parts in zip(example.anchors, example.parts, strict=True):
            if start <= low and high <= end and (parts[start:end] > 0).any():
                anchors.append((row, low - start, high - start, lawful(parts[start:end])))
    emissions = network.anchors(words)
    loss = nn.functional.cross_entropy(emissions[known], labels[known], label_smoothing=0.02) if known.any() else words.sum() * 0
    exhaustive = known.sum(1) == mask.sum(1)
    if exhaustive.any():
        loss = (
            loss
            + 0.5 * (network.anchor_crf.loss(emissions[exhaustive], labels[exhaustive], mask[exhaustive]) / mask[exhaustive].sum(1)).mean()
        )
    if anchors:
        if len(anchors) > MAX_ANCHORS:
            anchors = rng.sample(anchors, MAX_ANCHORS)
        rows, lows, highs = (torch.tensor([a[i] for a in anchors]) for i in range(3))
        gold = torch.zeros((len(anchors), mask.shape[1]), dtype=torch.long)
        for i, (_, _, _, parts) in enumerate(anchors):
            gold[i, : len(parts)] = torch.from_numpy(parts)
        with mixed_precision():
            scores = network.part_scores(words, rows, lows, highs)
        loss = loss + network.part_crf.loss(scores.float(), gold, mask[rows]).mean() / 12.0
    return loss


def entity_loss(network: ReaderNetwork, items: list[EntityWindow], rng: random.Random) -> Tensor:
    """Mean CRF loss a word; in sets without MISC, a word that is O may be MISC as well."""
    convention = [rng.randrange(len(CONVENTIONS)) for _ in items]
    words, mask = word_vectors(network, [_window(i) for i in items], convention)
    labels = torch.zeros(mask.shape, dtype=torch.long)
    for row, item in enumerate(items):
        labels[row, : len(item.labels)] = torch.from_numpy(lawful(item.labels))
    emissions = network.entities[items[0].naming](words)
    if not items[0].misc:
        misc = torch.tensor([label.endswith("MISC") for label in ENTITY_LABELS])
        outside = torch.logsumexp(torch.cat([emissions[..., :1], emissions[..., misc]], dim=2), dim=2, keepdim=True)
        emissions = torch.cat([outside, emissions[..., 1:].masked_fill(misc[1:], -1e4)], dim=2)
    return (network.entity_crf.loss(emissions, labels, mask) / mask.sum(1)).mean()


def train(data: Path, gold: list[Path], out: Path, recipe: Recipe, resume: Path | None) -> None:
    """Train and save ``out/weights.safetensors`` after every epoch."""
    rng = random.Random(recipe.seed)
    tokenizer = load_tokenizer()
    polnear = prepare(polnear_examples(data / "polnear-train.jsonl.xz"), tokenizer)
    real = prepare(gold_examples(read_jsonl(data / "gold-real-train.jsonl"), exhaustive=False), tokenizer)
    own = prepare([e for path in gold for e in gold_examples(read_jsonl(path), exhaustive=True)], tokenizer)
    sets = [(entity_windows(data / f"{name}.jsonl.xz", tokenizer, misc), share) for name, misc, share in ENTITY_SETS]
    log.info(
        "polnear %d, real gold %d, own gold %d articles; entity windows %d", len(polnear), len(real), len(own), sum(len(w) for w, _ in sets)
    )

    network = ReaderNetwork(encoder_config())
    load_pinned(network.encoder)
    if resume:
        load_trained(network, resume)

    def epoch_batches() -> list[tuple[str, list]]:
        attributed = attribution_items(polnear, rng) + attribution_items((real + own) * recipe.gold_repeats, rng)
        attributed += attribution_items(prepare(restyled(polnear + (real + own) * 2, rng), tokenizer), rng)
        work: list[tuple[str, list]] = [
            ("attribution", b) for b in batches_by_length(attributed, lambda item: _window(item).n_pieces + 2, TOKENS_A_BATCH, rng)
        ]
        for misc, naming in sorted({(w.misc, w.naming) for found, _ in sets for w in found[:1]}):
            windows = [w for found, share in sets for w in found if (w.misc, w.naming) == (misc, naming) and rng.random() < share]
            work += [("entity", b) for b in batches_by_length(windows, lambda item: _window(item).n_pieces + 2, TOKENS_A_BATCH, rng)]
        rng.shuffle(work)
        return work

    def loss_of(batch: tuple[str, list]) -> Tensor:
        kind, items = batch
        return attribution_loss(network, items, rng) if kind == "attribution" else entity_loss(network, items, rng)

    def save(number: int) -> None:
        save_trained(network, out / "weights.safetensors")
        (out / "training.json").write_text(json.dumps({"epochs_done": number + 1, **recipe.__dict__}, indent=1))

    train_steps(network, lambda _: epoch_batches(), loss_of, recipe.epochs, Clock(recipe.minutes), recipe.learning_rate, save)


def main() -> None:
    parser = recipe_parser(__doc__, Recipe.epochs, Recipe.minutes, Recipe.learning_rate)
    parser.add_argument("--resume", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    a = parser.parse_args()
    begin(Recipe.seed, a.threads)
    train(a.data, a.gold, a.out, Recipe(epochs=a.epochs, minutes=a.minutes, learning_rate=a.rate), a.resume)


if __name__ == "__main__":
    main()
