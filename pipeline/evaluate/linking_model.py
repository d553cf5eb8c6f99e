"""The linking model alone, on claims that are given: ``python -m pipeline.evaluate.linking_model --gold GOLD... --data DATA``.

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
from typing import Any

import pyarrow as pa
import torch
from scipy.stats import spearmanr
from torch import Tensor

from pipeline.batching import by_length
from pipeline.config import LinkingConfig, load_config
from pipeline.encoder import load_tokenizer
from pipeline.evaluate.counts import Counts, accuracy, f1_by_label
from pipeline.evaluate.linking import b_cubed, opposed_pairs, same_pairs
from pipeline.evaluate.report import print_scores
from pipeline.gold.pairs import SPLITS, WrittenPair, pairs_beside
from pipeline.gold.records import read_jsonl, read_oppositions
from pipeline.large_encoder import large_encoder
from pipeline.linking.closely import BATCH_PIECES, PairScorer
from pipeline.linking.cluster import cluster
from pipeline.linking.network import NLI_LABELS, RELATIONS, LinkClaim, claim_input, split_claims
from pipeline.linking.propositions import opposed_links
from pipeline.linking.read import GivenClaims
from pipeline.linking.relate import relate
from pipeline.linking.vectorizer import Vectorizer
from pipeline.models import model_folder
from pipeline.roles import pad
from pipeline.tables import STANCES
from pipeline.training.linking import GoldClaim, gold_claims, public_pairs, written_examples

# set, the splits that are scored: none of them is trained on
ENTAILMENT = [("nli-sick", ("test",)), ("nli-snli", ("test",)), ("nli-multinli-sample", None)]


def link_gold(claims: Sequence[GoldClaim], oppositions: set[frozenset[str]], config: LinkingConfig) -> dict[str, float]:
    """Link gold claims, with the stances that the gold gives them, and score the clusters and pairs."""
    rows, stances = gold_tables(claims)
    ids = rows["claim_id"].to_pylist()
    with tempfile.TemporaryDirectory() as cache:
        related = relate(rows, stances, GivenClaims([c.link for c in claims]), config, Path(cache))
    label = cluster(len(claims), related.pairs, related.same, config.same, config.neighbours)
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


def gold_tables(claims: Sequence[GoldClaim]) -> tuple[pa.Table, pa.Table]:
    """What linking reads of ``claims`` and of ``stances``, with certain stances; claimers of one name are one."""
    ids = [f"{i:06}" for i in range(len(claims))]
    names = [c.link.claimer or None for c in claims]
    rows = pa.table({"claim_id": ids, "article_id": [c.article for c in claims], "claimer_id": pa.array(names, pa.string())})
    given = [(i, topic, claim) for i, claim in zip(ids, claims, strict=True) for topic in sorted(claim.topics)]
    columns = {
        "claim_id": [i for i, _, _ in given],
        "topic": [topic for _, topic, _ in given],
        **{f"p_{label}": [float(claim.stances[topic] == label) for _, topic, claim in given] for label in STANCES},
        "imposer": pa.array([claim.imposers.get(topic) for _, topic, claim in given], pa.string()),
    }
    return rows, pa.table(columns)


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


def _both_sides(rows: Sequence[dict[str, Any]], vectorizer: Vectorizer) -> tuple[Tensor, Tensor]:
    a, b = (torch.from_numpy(vectorizer.embed([LinkClaim.alone(r[side]) for r in rows])) for side in ("a", "b"))
    return a, b


def sts_correlation(rows: Sequence[dict[str, Any]], a: Tensor, b: Tensor) -> float:
    """Spearman correlation of the cosines of unit vectors (n, width) with the rows' scores."""
    return float(spearmanr((a * b).sum(1).numpy(), [r["score"] for r in rows]).statistic)


@torch.inference_mode()
def unadapted_vectors(texts: Sequence[str]) -> Tensor:
    """The large encoder's own unit vectors (n, hidden) of texts: the mean over their pieces."""
    body, tokenizer = large_encoder().eval(), load_tokenizer()
    sequences = [claim_input(p) for p in split_claims(tokenizer, [LinkClaim.alone(text) for text in texts])]
    vectors = torch.zeros(len(texts), body.width // 2)
    for chosen in by_length([len(s.ids) for s in sequences], BATCH_PIECES):
        pooled, _ = body(pad([sequences[i] for i in chosen]))
        vectors[chosen] = torch.nn.functional.normalize(pooled[:, body.width // 2 :].float(), dim=1)
    return vectors


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
        vectorizer = Vectorizer.load(folder / "vectors.safetensors")
        rows = [r for r in read_jsonl(arguments.data / "para-stsb.jsonl.xz") if r["split"] == "test"]
        own = unadapted_vectors([r["a"] for r in rows] + [r["b"] for r in rows])
        scores = {
            "vectors": sts_correlation(rows, *_both_sides(rows, vectorizer)),
            "unadapted": sts_correlation(rows, own[: len(rows)], own[len(rows) :]),
        }
        print_scores("para-stsb test", scores)


if __name__ == "__main__":
    main()
