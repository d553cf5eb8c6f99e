"""Train the stance model: ``python -m pipeline.training.stance --data DATA --gold GOLD... --out models/stance``."""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from pipeline.config import Topic, default_topics
from pipeline.encoder import load_tokenizer, load_trained, save_trained
from pipeline.gold.pairs import WrittenPair, pairs_beside
from pipeline.gold.records import read_jsonl
from pipeline.gold.standoff import join_texts
from pipeline.ingest.gate import TopicGate
from pipeline.models import model_file
from pipeline.precision import mixed_precision
from pipeline.reader.read import Reader, Reading
from pipeline.roles import ROLE, Pieces, RoleEncoder, RoleSequence, sequence, split_pieces
from pipeline.stance.judge import topic_wording
from pipeline.stance.network import (
    COUNTRY_CODES,
    NAME_PIECES,
    NO_IMPOSER,
    OPENING,
    SMALL_OPENING,
    Case,
    Passage,
    StanceInput,
    StanceNetwork,
    build_input,
    passages,
    title_before,
)
from pipeline.tables import STANCES
from pipeline.training.command import begin, recipe_parser
from pipeline.training.countries import relocated
from pipeline.training.schedule import Clock, batches_by_length, train_steps

log = logging.getLogger("claimledger.training")

# public stance sets and how many of their training examples an epoch reads
STANCE_SETS = {
    "stance-vast": 6000, "stance-pstance": 3000, "stance-semeval2016t6": 2500, "stance-perspectrum": 4000, "stance-argkp": 3000,
    "stance-ibmclaims": 2000, "stance-debates": 1500, "stance-tradepolicy": 1000, "stance-seesaw": 6000, "stance-gwsd": 1500, "stance-emergent": 1500,
    "stance-directed-news": 5000, "stance-newsmtsc": 3000, "stance-basil": 800, "stance-arc": 1500,
}  # fmt: skip
TEXT_PIECES, TARGET_PIECES = 110, 40
NEUTRAL = STANCES.index("neutral")
HELD_OUT = ("test", "test-b", "dev", "test-mt", "test-rw")
BATCH_PIECES = 4096
# Wordings of restrictions that gold asks for beside the default topics.
OTHER_TOPICS = {
    "chips": ("chip export controls", "the export control on chips"), "sanctions": ("sanctions", "the sanction or blacklisting"),
    "port_fees": ("port fees", "the port fee on foreign ships"), "quotas": ("quotas", "the quota"), "investment_screening": ("investment screening", "the limit on foreign investment"),
    "export_ban": ("export bans", "the export ban on raw materials or food"), "food_ban": ("food import bans", "the import ban on food"),
    "carbon_levy": ("carbon border levy", "the carbon levy on imports"), "tech_ban": ("technology bans", "the ban on foreign apps or equipment"),
    "data_rule": ("data rules", "the limit on sending data abroad"),
}  # fmt: skip
# Never asked in training, so that dev and test tell how a topic fares that was never seen.
UNSEEN_TOPICS = ("port_fees", "sanctions", "investment_screening")
# Other ways to put a topic, so that the network reads the wording instead of knowing it.
REWORDED = {
    "tariffs": ("import duties: the levy on imported goods", "customs: the duty"),
    "rare_earths": ("critical minerals: the export ban or licence for minerals and magnets", "rare earth magnets: the export control"),
    "visas": ("entry permits: the limit on who may enter, study or work", "travel and work permission: the visa rule or fee"),
    "chips": ("semiconductors: the licence rule for chip exports",),
}
# Sets whose targets say what a text is about: their texts with another row's target are examples of no relevance.
TARGETED = ("stance-vast", "stance-semeval2016t6", "stance-perspectrum", "stance-argkp", "stance-ibmclaims", "stance-gwsd")


@dataclass(frozen=True)
class StanceExample:
    """An input with its labels; -1 where a label is not known. ``weight`` scales its loss."""

    input: StanceInput
    relevance: int
    stance: int
    imposer: int
    weight: float = 1.0


def gold_stance_examples(records: list[dict[str, Any]], tokenizer: Tokenizer) -> list[StanceExample]:
    """Examples for each claim and each topic that its article has a claim on: with title and opening and the claimer's name, and, for
    every third, without the one or the other, so that the network leans on neither. A claim about no topic is asked for those that the
    article names, too."""
    wordings, gate = _wordings(tokenizer), TopicGate(default_topics())
    (nothing,) = passages(tokenizer, [""])
    texts = _moved(records, passages(tokenizer, [r["text"] for r in records]))
    titles = _moved(records, passages(tokenizer, [title_before(r.get("title"), r["text"]) for r in records]))
    examples = []
    for record, article, title in zip(records, texts, titles, strict=True):
        about_none = not all(c["topics"] for c in record["claims"])
        named = gate.topics_of(record.get("title"), record["text"]) if about_none else []
        asked = sorted({*named, *(t for c in record["claims"] for t in c["topics"] if t in wordings)})
        names = _moved([record] * len(record["claims"]), passages(tokenizer, [_name_shown(c, record["text"]) for c in record["claims"]]))
        for number, (claim, name) in enumerate(zip(record["claims"], names, strict=True)):
            spans = tuple((s, e) for s, e in claim["content"])
            cue, claimer = (tuple(claim[k]) if claim[k] else None for k in ("cue", "claimer"))
            for topic in asked:
                about = topic in claim["topics"]
                bare = number % 6 == 0
                shown = (nothing if bare else title, nothing if number % 6 == 3 else name)
                wording = wordings[topic][number // 2 % len(wordings[topic]) if number % 2 else 0]
                built = build_input(Case(wording, *shown, article, spans, cue, claimer, 0 if bare else OPENING))
                stance = STANCES.index(claim["stance"][topic]) if about else -1
                imposer = _imposer(claim["imposer"].get(topic), built) if about else -1
                examples.append(StanceExample(built, int(about), stance, imposer))
    return examples


def _moved(records: Sequence[dict[str, Any]], found: Sequence[Passage]) -> list[Passage]:
    """The passages, each of one record, with what tells of a country telling of the one that it was moved to."""
    return [
        replace(p, countries=tuple(replace(m, code=r.get("moved", {}).get(m.code, m.code)) for m in p.countries))
        for r, p in zip(records, found, strict=True)
    ]


def _name_shown(claim: dict[str, Any], text: str) -> str:
    """The claimer's name, and where none is given what the text calls them."""
    return claim["claimer_name"] or (text[slice(*claim["claimer"])] if claim["claimer"] else "")


def passed_over_examples(records: Sequence[dict[str, Any]], readings: Sequence[Reading], tokenizer: Tokenizer) -> list[StanceExample]:
    """Examples of no relevance, from articles of which every claim about a topic is annotated and no other: what a reader finds there
    beside the annotated claims is about none of the topics that the article names."""
    wordings, gate = _wordings(tokenizer), TopicGate(default_topics())
    texts = passages(tokenizer, [r["text"] for r in records])
    titles = passages(tokenizer, [title_before(r.get("title"), r["text"]) for r in records])
    examples = []
    for record, reading, article, title in zip(records, readings, texts, titles, strict=True):
        claimed = [span for claim in record["claims"] for span in claim["content"]]
        for found in reading.attributions:
            if any(low < end and start < high for start, end in found.content for low, high in claimed):
                continue
            (name,) = passages(tokenizer, [record["text"][slice(*found.source)] if found.source else ""])
            for topic in gate.topics_of(record.get("title"), record["text"]):
                built = build_input(Case(wordings[topic][0], title, name, article, found.content, found.cue, found.source))
                examples.append(StanceExample(built, 0, -1, -1))
    return examples


def _wordings(tokenizer: Tokenizer) -> dict[str, list[Pieces]]:
    """Every topic that is trained on with the ways to put it, the configured one first."""
    chosen = [t for t in all_topics() if t.id not in UNSEEN_TOPICS]
    return {t.id: split_pieces(tokenizer, [topic_wording(t), *REWORDED.get(t.id, ())]) for t in chosen}


def all_topics() -> list[Topic]:
    """The default topics and the other restrictions of the gold."""
    return [*default_topics(), *(Topic(i, name, name, restriction, ()) for i, (name, restriction) in OTHER_TOPICS.items())]


def trainable(path: Path) -> list[dict[str, Any]]:
    """Rows of a public set that may be trained on."""
    return [r for r in read_jsonl(path) if r.get("split", "train") not in HELD_OUT and r["label"] in STANCES]


def public_examples(rows: Sequence[dict[str, Any]], tokenizer: Tokenizer) -> list[StanceExample]:
    """Examples of a public set: stance of a text towards a target, or of a holder in it whose name is given."""
    texts = split_pieces(tokenizer, [r["text"] for r in rows])
    targets, holders = (split_pieces(tokenizer, [r.get(k) or "" for r in rows]) for k in ("target", "holder"))
    return [
        StanceExample(StanceInput(_opinion(text, target, holder, row.get("holder_span"))), -1, STANCES.index(row["label"]), -1, 0.5)
        for row, text, target, holder in zip(rows, texts, targets, holders, strict=True)
    ]


def _opinion(text: Pieces, target: Pieces, holder: Pieces, holder_span: list[int] | None) -> RoleSequence:
    """A public example in the form of a claim: target as topic, no headline, the holder as claimer, the text as content."""
    head, name, body = target.ids[:TARGET_PIECES], holder.ids[:NAME_PIECES], text.ids[:TEXT_PIECES]
    roles = np.full(len(body), ROLE["content"], dtype=np.int64)
    if holder_span:
        roles[slice(*text.range_of(*holder_span))] = ROLE["claimer"]
    empty = np.zeros(0, dtype=np.int64)
    marked = [
        (part, np.full(len(part), ROLE[role], dtype=np.int64)) for part, role in ((head, "topic"), (empty, "fact"), (name, "claimer"))
    ]
    return sequence([*marked, (body, roles)])


def _imposer(code: str | None, built: StanceInput) -> int:
    """The label of an imposer, -1 for one that the network cannot choose since nothing names it."""
    if code is None:
        return NO_IMPOSER
    index = COUNTRY_CODES.index(code) if code in COUNTRY_CODES else -1
    return index if index in {c for _, c in built.mentions} | {c for c, _ in built.shares} else -1


def loss_of(network: StanceNetwork, examples: list[StanceExample]) -> Tensor:
    """Weighted sum of the losses of what is known."""
    with mixed_precision():
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


def off_target(rows: Sequence[dict[str, Any]], tokenizer: Tokenizer, rng: random.Random) -> list[StanceExample]:
    """A quarter of the rows with the target of another row: examples of a text that is not about what is asked."""
    targets = sorted({r["target"] for r in rows})
    chosen = rng.sample(list(rows), len(rows) // 4)
    moved = [{**r, "target": rng.choice(targets)} for r in chosen]
    moved = [m for m, r in zip(moved, chosen, strict=True) if m["target"] != r["target"]]
    return [replace(e, relevance=0, stance=-1) for e in public_examples(moved, tokenizer)]


def labelled_examples(pairs: Sequence[WrittenPair], tokenizer: Tokenizer) -> list[StanceExample]:
    """An example for every labelled claim of the written pairs; the group's subject stands for a headline."""
    wordings = _wordings(tokenizer)
    examples = []
    for pair in pairs:
        if pair.topic not in wordings:
            continue
        (headline,) = passages(tokenizer, [pair.group.partition(": ")[2]])
        for text, claimer, label in ((pair.claim_a, pair.claimer_a, pair.label_a), (pair.claim_b, pair.claimer_b, pair.label_b)):
            if label is None:
                continue
            article, name = passages(tokenizer, [text, claimer])
            built = build_input(Case(wordings[pair.topic][0], headline, name, article, ((0, len(text)),), None, None))
            stance = STANCES.index(label.stance) if label.stance else -1
            imposer = _imposer(label.imposer, built) if label.stance else -1
            examples.append(StanceExample(built, int(label.stance is not None), stance, imposer))
    return examples


@dataclass
class Examples:
    """What an epoch of stance is drawn from."""

    records: list[dict[str, Any]]
    gold: list[StanceExample]
    labelled: list[StanceExample]
    public: dict[str, list[StanceExample]]
    tokenizer: Tokenizer

    def epoch(self, rng: random.Random, public_share: float) -> list[list[StanceExample]]:
        """Batches of the gold, as it is and moved to other countries, with a share of the public sets."""
        mixed = self.public_part(rng, public_share)
        own = gold_stance_examples([relocated(r, rng) for r in self.records], self.tokenizer) + self.gold + self.labelled
        work = [b for part in (mixed, own) for b in batches_by_length(part, length_of, BATCH_PIECES, rng)]
        rng.shuffle(work)
        return work

    def public_part(self, rng: random.Random, share: float) -> list[StanceExample]:
        """A share of the public sets' counts."""
        return [e for name, found in self.public.items() for e in rng.sample(found, min(len(found), int(STANCE_SETS[name] * share)))]


def length_of(example: StanceExample) -> int:
    """Pieces of an example."""
    return len(example.input.sequence.ids)


def load_examples(data: Path, gold: list[Path], labels: list[Path], tokenizer: Tokenizer) -> Examples:
    """The real gold's training part, the gold files, our labels of the trade news and the public sets."""
    real = list(read_jsonl(data / "gold-real-train.jsonl"))
    labelled = [r for path in labels for r in join_texts(path, read_jsonl(data / "tradenews.jsonl.xz"))]
    records = real + [r for path in gold for r in read_jsonl(path)] + labelled
    public = {}
    for name in STANCE_SETS:
        rows = trainable(data / f"{name}.jsonl.xz")
        public[name] = public_examples(rows, tokenizer)
        if name in TARGETED:
            public[name] = [e if e.stance == NEUTRAL else replace(e, relevance=1) for e in public[name]] + off_target(
                rows, tokenizer, random.Random(3)
            )
    written = [p for path in gold for p in pairs_beside(path, "train")]
    passed_over = passed_over_examples(real, Reader(model_file("reader", "weights.safetensors")).read([r["text"] for r in real]), tokenizer)
    log.info("attributions passed over by the real gold %d", len(passed_over))
    found = Examples(
        records, gold_stance_examples(records, tokenizer) + passed_over, labelled_examples(written, tokenizer), public, tokenizer
    )
    log.info("gold %d, labelled %d examples; public %s", len(found.gold), len(found.labelled), {k: len(v) for k, v in public.items()})
    return found


def new_network() -> StanceNetwork:
    """An untrained network over the pinned encoder."""
    return StanceNetwork(RoleEncoder.pinned(), SMALL_OPENING)


def train(
    network: StanceNetwork, examples: Examples, out: Path, epochs: int, minutes: float, rate: float, share: float, seed: int = 11
) -> None:
    """Train on gold and public sets together and save ``out/weights.safetensors`` after every epoch."""
    rng = random.Random(seed)

    def save(number: int) -> None:
        save_trained(network, out / "weights.safetensors")
        (out / "training.json").write_text(json.dumps({"epochs": number + 1, "rate": rate, "seed": seed}))

    train_steps(network, lambda _: examples.epoch(rng, share), lambda batch: loss_of(network, batch), epochs, Clock(minutes), rate, save)


def main() -> None:
    parser = recipe_parser(__doc__, epochs=4, minutes=30, rate=1e-4)
    parser.add_argument("--labels", type=Path, nargs="*", default=[], help="labels of articles of DATA/tradenews.jsonl.xz")
    parser.add_argument("--start", type=Path)
    parser.add_argument("--public-share", type=float, default=1.0, help="share of STANCE_SETS' counts that an epoch reads")
    a = parser.parse_args()
    begin(seed=11)
    network = new_network()
    if a.start:
        load_trained(network, a.start)
    train(network, load_examples(a.data, a.gold, a.labels, load_tokenizer()), a.out, a.epochs, a.minutes, a.rate, a.public_share)


if __name__ == "__main__":
    main()
