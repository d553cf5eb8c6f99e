"""Train the close reading of pairs of claims: ``python -m pipeline.training.linking --data DATA --gold GOLD... --out DIR``."""

from __future__ import annotations

import logging
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from pipeline.encoder import load_tokenizer, load_trained, save_trained
from pipeline.gold.pairs import WrittenPair, pairs_beside
from pipeline.gold.records import read_jsonl, read_oppositions, read_propositions
from pipeline.linking.candidates import PlacedVectors
from pipeline.linking.neighbours import exact
from pipeline.linking.network import (
    NLI_LABELS,
    RELATIONS,
    ClaimPieces,
    LinkClaim,
    LinkNetwork,
    VectorNetwork,
    pair_input,
    split_claims,
)
from pipeline.linking.vectorizer import Vectorizer
from pipeline.precision import mixed_precision
from pipeline.roles import ROLE, RoleEncoder, RoleSequence, split_pieces
from pipeline.text import context_of, sentences
from pipeline.training.command import begin, recipe_parser
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
PLAIN_SHARE = 0.4  # of the pairs with a proposition's own sentence that an epoch reads
SEED = 13
NEAR = 20  # neighbours of a claim that may be drawn as a near pair that is neither


@dataclass(frozen=True)
class PairExample:
    """A pair with the head that it trains: ``relation`` or ``entailment``, the other is -1."""

    sequence: RoleSequence
    relation: int
    entailment: int
    weight: float


@dataclass(frozen=True)
class GoldClaim:
    """A gold claim as linking reads it, with what decides its pairs, and its stance on each of its topics ("" where nobody takes it) and
    whose restriction it is towards (None where that is not told). ``plain``: it is a proposition's own sentence, which nobody claimed."""

    link: LinkClaim
    article: str
    event: str
    stances: Mapping[str, str]
    proposition: str
    imposers: Mapping[str, str | None] = field(default_factory=dict)
    plain: bool = False

    @property
    def topics(self) -> frozenset[str]:
        return frozenset(self.stances)


def gold_claims(records: list[dict[str, Any]], across: bool) -> list[GoldClaim]:
    """Topical claims with a proposition, in the form that linking reads. ``across``: propositions are shared by the articles of
    an event; otherwise each article stands for itself."""
    found = []
    for record in records:
        bounds = sentences(record["text"])
        for claim in record["claims"]:
            if not claim["topics"] or not claim.get("proposition"):
                continue
            low, high = context_of(record["text"], bounds, claim["content"], claim["cue"])
            spans = tuple((s - low, e - low) for s, e in claim["content"])
            link = LinkClaim(record["text"][low:high], spans, claim["claimer_name"] or "", record.get("title") or "")
            event = record["event"] if across else record["article_id"]
            stances = {topic: claim["stance"][topic] for topic in claim["topics"]}
            imposers = {topic: claim["imposer"].get(topic) for topic in claim["topics"]}
            found.append(GoldClaim(link, record["article_id"], event, stances, claim["proposition"], imposers))
    return found


def proposition_claims(claims: Sequence[GoldClaim], sentences_of: Mapping[str, str]) -> list[GoldClaim]:
    """Each proposition that ``claims`` assert, in its own plain sentence, as one more claim of the event: what a claim comes to
    is easier learned from that than from another claim, and it gives those that nobody repeats a partner too."""
    topics: dict[tuple[str, str], frozenset[str]] = defaultdict(frozenset)
    for claim in claims:
        if claim.proposition in sentences_of:
            topics[claim.event, claim.proposition] |= claim.topics
    return [
        GoldClaim(
            LinkClaim.alone(sentences_of[proposition]), f"{event}/propositions", event, dict.fromkeys(about, ""), proposition, plain=True
        )
        for (event, proposition), about in topics.items()
    ]


def with_propositions(gold: Path) -> list[GoldClaim]:
    """The claims of a gold file and the propositions that they assert."""
    claims = gold_claims(list(read_jsonl(gold)), across=True)
    return claims + proposition_claims(claims, read_propositions(gold))


def gold_pairs(
    claims: list[GoldClaim], opposed: set[frozenset[str]], near: Sequence[Sequence[int]], rng: random.Random
) -> list[tuple[int, int, int]]:
    """(a, b, relation): all pairs of one proposition or of opposed ones, with PLAIN_SHARE of those of a proposition's own sentence, and
    about one and a half times as many that are neither: near ones (``near`` gives each claim's nearest), others of the event, and a
    few from anywhere."""
    by_event: dict[str, list[int]] = defaultdict(list)
    for i, claim in enumerate(claims):
        by_event[claim.event].append(i)
    pairs: dict[int, list[tuple[int, int, int]]] = {NEITHER: [], SAME: [], OPPOSED: []}
    for members in by_event.values():
        for a, b in combinations(members, 2):
            if claims[a].topics & claims[b].topics and (not (claims[a].plain or claims[b].plain) or rng.random() < PLAIN_SHARE):
                relation = _relation(claims[a], claims[b], opposed)
                pairs[relation].append((a, b, relation))
    known = len(pairs[SAME]) + len(pairs[OPPOSED])
    beside = [(a, b, NEITHER) for a, row in enumerate(near) for b in row if _relation(claims[a], claims[b], opposed) == NEITHER]
    far = [(rng.randrange(len(claims)), rng.randrange(len(claims)), NEITHER) for _ in range(known // 12)]
    far = [pair for pair in far if claims[pair[0]].event != claims[pair[1]].event]
    neither = rng.sample(beside, min(len(beside), known)) + rng.sample(pairs[NEITHER], min(len(pairs[NEITHER]), known // 2))
    return pairs[SAME] + pairs[OPPOSED] + neither + far


def _relation(a: GoldClaim, b: GoldClaim, opposed: set[frozenset[str]]) -> int:
    ids = frozenset((a.proposition, b.proposition))
    return SAME if len(ids) == 1 else OPPOSED if ids in opposed else NEITHER


def written_examples(pairs: list[WrittenPair], tokenizer: Tokenizer) -> list[PairExample]:
    """Written pairs in both orders, the second time without the claimers: who speaks must not give the relation away."""
    sides = [[(p.claim_a, p.claimer_a) for p in pairs], [(p.claim_b, p.claimer_b) for p in pairs]]
    examples = []
    for named in (True, False):
        a, b = (split_claims(tokenizer, [LinkClaim.alone(c, claimer if named else "") for c, claimer in side]) for side in sides)
        halves = zip(a, b, strict=True) if named else zip(b, a, strict=True)
        examples.append([pair_input(*half) for half in halves])
    relations = [RELATIONS.index(p.relation) for p in pairs]
    return [
        PairExample(s, r, -1, 1.0) for both in zip(*examples, relations, strict=True) for s, r in ((both[0], both[2]), (both[1], both[2]))
    ]


def public_pairs(rows: list[dict[str, Any]], tokenizer: Tokenizer, label: Any) -> list[PairExample]:
    """Examples of a public set; ``label`` gives (relation, entailment) of a row."""
    halves = [[_whole(p.ids) for p in split_pieces(tokenizer, [row[side] for row in rows])] for side in ("a", "b")]
    return [PairExample(pair_input(a, b), label(row)[0], label(row)[1], 0.5) for row, a, b in zip(rows, *halves, strict=True)]


def _whole(ids: np.ndarray) -> ClaimPieces:
    ids = ids[:TEXT_PIECES]
    return ClaimPieces(ids, np.full(len(ids), ROLE["content"], dtype=np.int64))


def nli_rows(data: Path, name: str, splits: Sequence[str]) -> list[dict[str, Any]]:
    """Rows of an entailment set."""
    return [r for r in read_jsonl(data / f"{name}.jsonl.xz") if r["split"] in splits and r["label"] in NLI_LABELS]


def load_public(data: Path, tokenizer: Tokenizer) -> list[tuple[list[PairExample], int]]:
    """Every public set with the number of examples that an epoch reads."""
    found = []
    for name, splits, count in NLI_SETS:
        rows = nli_rows(data, name, splits)
        found.append((public_pairs(rows, tokenizer, lambda r: (-1, NLI_LABELS.index(r["label"]))), count))
    for name, splits, count, least, greatest in SAME_SETS:
        rows = [
            r for r in read_jsonl(data / f"{name}.jsonl.xz") if r["split"] in splits and (r["score"] >= least or r["score"] <= greatest)
        ]
        found.append((public_pairs(rows, tokenizer, lambda r, least=least: (SAME if r["score"] >= least else NEITHER, -1)), count))
    return found


def loss_of(network: LinkNetwork, examples: list[PairExample]) -> Tensor:
    """Mean loss of the heads that the batch trains."""
    with mixed_precision():
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


@dataclass
class Pairs:
    """What an epoch of linking is drawn from."""

    claims: list[GoldClaim]
    opposed: set[frozenset[str]]
    pieces: list[ClaimPieces]
    untitled: list[ClaimPieces]
    near: list[list[int]]
    written: list[PairExample]
    public: list[tuple[list[PairExample], int]]

    def epoch(self, rng: random.Random, public_share: float) -> list[list[PairExample]]:
        """Batches of the gold's and the written pairs with a share of the public ones."""
        own = list(self.written)
        for a, b, relation in gold_pairs(self.claims, self.opposed, self.near, rng):
            first, second = (a, b) if rng.random() < 0.5 else (b, a)
            pieces = self.pieces if rng.random() < 0.8 else self.untitled
            own.append(PairExample(pair_input(pieces[first], pieces[second]), relation, -1, 1.0))
        mixed = [e for examples, count in self.public for e in rng.sample(examples, min(len(examples), int(count * public_share)))]
        work = [b for part in (own, mixed) for b in batches_by_length(part, lambda e: len(e.sequence.ids), BATCH_PIECES, rng)]
        rng.shuffle(work)
        return work


def load_pairs(data: Path, gold: list[Path], tokenizer: Tokenizer) -> Pairs:
    """Pairs of the real gold, of ``gold`` files and of the ``pairs`` beside them."""
    claims = gold_claims(list(read_jsonl(data / "gold-real-train.jsonl")), across=False)
    opposed: set[frozenset[str]] = set()
    written: list[WrittenPair] = []
    for path in gold:
        claims += with_propositions(path)
        opposed |= read_oppositions(path)
        written += pairs_beside(path, "train")
    links = [c.link for c in claims]
    pieces, untitled = split_claims(tokenizer, links), split_claims(tokenizer, [replace(link, title="") for link in links])
    log.info("gold claims %d, opposed propositions %d, written pairs %d", len(claims), len(opposed), len(written))
    return Pairs(claims, opposed, pieces, untitled, _nearest(claims), written_examples(written, tokenizer), load_public(data, tokenizer))


def _nearest(claims: Sequence[GoldClaim]) -> list[list[int]]:
    """For each claim, the places of those nearest to it by the pinned encoder, which was not trained on any of them."""
    vectorizer = Vectorizer(VectorNetwork(RoleEncoder.pinned()).eval())
    article = np.unique([c.article for c in claims], return_inverse=True)[1]
    placed = PlacedVectors(vectorizer.embed([c.link for c in claims]).astype(np.float16), article)
    found: list[list[int]] = exact(placed.at(np.arange(len(claims))), NEAR).places.tolist()
    return found


def train(network: LinkNetwork, pairs: Pairs, out: Path, epochs: int, minutes: float, rate: float, share: float) -> None:
    """Train on gold, written and public pairs together and save ``out/weights.safetensors`` after every epoch."""
    rng = random.Random(SEED)

    def save(number: int) -> None:
        save_trained(network, out / "weights.safetensors")
        log.info("epoch %d saved", number)

    train_steps(network, lambda _: pairs.epoch(rng, share), lambda batch: loss_of(network, batch), epochs, Clock(minutes), rate, save)


def main() -> None:
    parser = recipe_parser(__doc__, epochs=2, minutes=40, rate=1e-4)
    parser.add_argument("--start", type=Path, help="weights to go on from")
    parser.add_argument("--public-share", type=float, default=1.0, help="share of the public sets' counts that an epoch reads")
    a = parser.parse_args()
    begin(SEED)
    network = LinkNetwork(RoleEncoder.pinned())
    if a.start:
        load_trained(network, a.start)
    train(network, load_pairs(a.data, a.gold, load_tokenizer()), a.out, a.epochs, a.minutes, a.rate, a.public_share)


if __name__ == "__main__":
    main()
