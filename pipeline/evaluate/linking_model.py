"""The linking models alone, on claims that are given: ``python -m pipeline.evaluate.linking_model --gold GOLD... --data DATA``.

Prints B-cubed, same and opposed pairs over gold claims that are linked as a run links them, how many of the gold's pairs are
candidates at all, accuracy on written pairs, and public tests: entailment accuracy, and Spearman correlation on STS-B of the
vectors beside the unadapted encoder's.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pyarrow as pa
from scipy.stats import spearmanr

from pipeline.config import LinkingConfig, load_config
from pipeline.encoder import encoder_config, load_pinned
from pipeline.evaluate.counts import Counts, accuracy, f1_by_label
from pipeline.evaluate.linking import b_cubed, opposed_pairs, same_pairs
from pipeline.evaluate.report import print_scores
from pipeline.gold.pairs import SPLITS, WrittenPair, pairs_beside
from pipeline.gold.records import read_jsonl, read_oppositions
from pipeline.linking.cluster import cluster
from pipeline.linking.network import NLI_LABELS, RELATIONS, LinkClaim, VectorNetwork
from pipeline.linking.propositions import opposed_links
from pipeline.linking.read import GivenClaims
from pipeline.linking.relate import relate
from pipeline.linking.score import PairScorer, Vectorizer
from pipeline.models import model_folder
from pipeline.roles import RoleEncoder
from pipeline.tables import STANCES
from pipeline.training.linking import GoldClaim, gold_claims, public_pairs, written_examples

# set, the splits that are scored: none of them is trained on
ENTAILMENT = [("nli-sick", ("test",)), ("nli-snli", ("test",)), ("nli-multinli-sample", None)]


def link_gold(claims: Sequence[GoldClaim], oppositions: set[frozenset[str]], config: LinkingConfig) -> dict[str, float]:
    """Link gold claims, with the stances that the gold gives them, and score the clusters and pairs."""
    ids = [f"{i:06}" for i in range(len(claims))]
    rows = pa.table({"claim_id": ids, "article_id": [c.article for c in claims]})
    given = [(i, topic, claim.stances[topic]) for i, claim in zip(ids, claims, strict=True) for topic in sorted(claim.topics)]
    sides = {f"p_{label}": [float(stance == label) for _, _, stance in given] for label in STANCES}
    stances = pa.table({"claim_id": [i for i, _, _ in given], "topic": [topic for _, topic, _ in given], **sides})
    with tempfile.TemporaryDirectory() as cache:
        related = relate(rows, stances, GivenClaims([c.link for c in claims]), config, Path(cache))
    label = cluster(len(claims), related.pairs, related.same, config.same)
    found = dict(zip(ids, map(str, label), strict=True))
    gold = {i: claim.proposition for i, claim in zip(ids, claims, strict=True)}
    against, _ = opposed_links(label, related.pairs, related.opposed, config.opposed)
    precision, recall, f1 = b_cubed([gold[i] for i in ids], [found[i] for i in ids])
    same, contrary = same_pairs(gold, found), opposed_pairs(gold, oppositions, [(ids[a], ids[b]) for a, b in related.pairs[against]])
    reach = _reach(claims, oppositions, [(a, b) for a, b in related.pairs.tolist()])
    return {
        "claims": len(claims), "candidate pairs": len(related.pairs),
        "same pairs that are candidates": reach[0], "opposed pairs that are candidates": reach[1],
        "B-cubed precision": precision, "B-cubed recall": recall, "B-cubed F1": f1,
        "same precision": same.precision, "same recall": same.recall, "same F1": same.f1,
        "opposed precision": contrary.precision, "opposed recall": contrary.recall, "opposed F1": contrary.f1,
    }  # fmt: skip


def _reach(claims: Sequence[GoldClaim], oppositions: set[frozenset[str]], pairs: Sequence[tuple[int, int]]) -> tuple[float, float]:
    candidates = set(pairs)
    same, opposed = Counts(), Counts()
    for a, b in combinations(range(len(claims)), 2):
        hit = (a, b) in candidates
        ids = frozenset((claims[a].proposition, claims[b].proposition))
        if len(ids) == 1:
            same += Counts(hit, 0, 1)
        elif ids in oppositions:
            opposed += Counts(hit, 0, 1)
    return same.recall, opposed.recall


def written_scores(pairs: Sequence[WrittenPair], scorer: PairScorer) -> dict[str, float]:
    """Accuracy and F1 by relation on written pairs, each read in both orders."""
    relation, _ = scorer.logits([e.sequence for e in written_examples(list(pairs), scorer.tokenizer)])
    both = relation.softmax(dim=1).view(-1, 2, len(RELATIONS)).mean(1).argmax(dim=1).tolist()
    judged = [(p.relation, RELATIONS[label]) for p, label in zip(pairs, both, strict=True)]
    return {"pairs": len(pairs), "accuracy": accuracy(list(judged)), **{f"F1 {k}": v for k, v in f1_by_label(judged).items()}}


def entailment_accuracy(path: Path, splits: tuple[str, ...] | None, scorer: PairScorer) -> dict[str, float]:
    """Three-way accuracy of the entailment head."""
    rows = [r for r in read_jsonl(path) if (splits is None or r["split"] in splits) and r["label"] in NLI_LABELS]
    _, entailment = scorer.logits([e.sequence for e in public_pairs(rows, scorer.tokenizer, lambda r: (-1, NLI_LABELS.index(r["label"])))])
    judged = [(r["label"], NLI_LABELS[i]) for r, i in zip(rows, entailment.argmax(dim=1).tolist(), strict=True)]
    return {"pairs": len(rows), "accuracy": accuracy(list(judged))}


def sts_correlation(path: Path, vectorizer: Vectorizer) -> float:
    """Spearman correlation of cosine and score on STS-B's test."""
    rows = [r for r in read_jsonl(path) if r["split"] == "test"]
    a, b = (vectorizer.embed([LinkClaim.alone(r[side]) for r in rows]) for side in ("a", "b"))
    return float(spearmanr((a * b).sum(1), [r["score"] for r in rows]).statistic)


def unadapted(vectorizer: Vectorizer) -> Vectorizer:
    """The same with the encoder's own weights."""
    body = RoleEncoder(encoder_config(attention="sdpa"))
    network = VectorNetwork(body)
    load_pinned(body.encoder)
    vectorizer.network = network.eval()
    return vectorizer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gold", type=Path, nargs="+", required=True)
    parser.add_argument("--pairs", choices=sorted(SPLITS), default="dev", help="which split of the written pairs beside the gold")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--model", default=load_config().linking.model, help="a bundled model's name, or a folder")
    arguments = parser.parse_args()
    folder = model_folder(arguments.model)
    scorer = PairScorer(folder / "weights.safetensors")
    for path in arguments.gold:
        claims = gold_claims(list(read_jsonl(path)), across=True)
        print_scores(str(path), link_gold(claims, read_oppositions(path), replace(load_config().linking, model=arguments.model)))
        print_scores(f"written pairs, {arguments.pairs}", written_scores(pairs_beside(path, arguments.pairs), scorer))
    for name, splits in ENTAILMENT if arguments.data else []:
        print_scores(name, entailment_accuracy(arguments.data / f"{name}.jsonl.xz", splits, scorer))
    if arguments.data:
        vectorizer, path = Vectorizer(folder / "vectors.safetensors"), arguments.data / "para-stsb.jsonl.xz"
        print_scores(
            "para-stsb test", {"vectors": sts_correlation(path, vectorizer), "unadapted": sts_correlation(path, unadapted(vectorizer))}
        )


if __name__ == "__main__":
    main()
