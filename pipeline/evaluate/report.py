"""Score the tables of a run against gold files, and print the scores."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.errors import UsageError
from pipeline.evaluate.attribution import PARTS, AttributionSpans, match, score_attributions, tokens_in, tokens_of
from pipeline.evaluate.claims import score_claims
from pipeline.evaluate.linking import b_cubed, opposed_pairs, same_pairs
from pipeline.gold.records import OPPOSITIONS_FILE, read_jsonl, read_oppositions
from pipeline.ledger import Ledger
from pipeline.text import spans_of


def evaluate_files(gold: Sequence[Path], outputs: Path) -> dict[str, dict[str, float]]:
    """Scores by gold file. Raises UsageError for a file that is not gold, or none of whose articles are in the outputs."""
    ledger = Ledger.open(outputs)
    known = set(ledger.table("articles")["article_id"].to_pylist())
    claims = _claims_by_article(ledger)
    scores = {}
    for path in gold:
        records = _read_gold(path)
        missing = [r for r in records if r["article_id"] not in known]
        if len(missing) == len(records):
            raise UsageError(f"{path}: none of its {len(records)} articles is in {outputs}: run the pipeline over it first")
        found = _attributions(records, claims) if "attributions" in records[0] else _claims(records, claims, ledger, path)
        scores[str(path)] = {"articles": len(records), "articles_missing": len(missing), **found}
    return scores


def render(scores: Mapping[str, Mapping[str, float]], as_json: bool) -> str:
    """Scores as JSON or as lines of name and number."""
    if as_json:
        return json.dumps(scores, indent=1)
    lines = []
    for path, found in scores.items():
        lines.append(path)
        lines += [f"  {name:<28}{value:>8}" if isinstance(value, int) else f"  {name:<28}{value:>8.3f}" for name, value in found.items()]
    return "\n".join(lines)


def print_scores(title: str, scores: Mapping[str, float]) -> None:
    """Print one set's scores."""
    sys.stdout.write(render({title: scores}, as_json=False) + "\n")


def _read_gold(path: Path) -> list[dict[str, Any]]:
    try:
        records = list(read_jsonl(path))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: not a readable gold file: {error}") from error
    if not records or not all("text" in r and ("claims" in r or "attributions" in r) for r in records):
        raise UsageError(f"{path}: gold needs 'text' and 'claims' (or 'attributions') in every record; see docs/annotating.md")
    return [{**r, "article_id": str(r.get("article_id") or r.get("id"))} for r in records]


def _claims_by_article(ledger: Ledger) -> dict[str, list[dict[str, Any]]]:
    stances: dict[str, dict[str, tuple[str, str | None]]] = defaultdict(dict)
    for row in ledger.table("stances").to_pylist():
        stances[row["claim_id"]][row["topic"]] = (row["stance"], row["imposer"])
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for claim in ledger.table("claims").to_pylist():
        claim["content_spans"] = spans_of(claim["content_spans"])
        found[claim["article_id"]].append({**claim, "stances": stances.get(claim["claim_id"], {})})
    return found


def _attributions(records: Sequence[Mapping[str, Any]], claims: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, float]:
    articles = []
    for record in records:
        gold = [
            AttributionSpans(*(tuple((s, e) for s, e in a[part]) for part in ("content", "cue", "source")))
            for a in record["attributions"]
            if a["content"]
        ]
        predicted = [
            AttributionSpans(tuple(c["content_spans"]), _one(c, "cue"), _one(c, "claimer")) for c in claims.get(record["article_id"], ())
        ]
        articles.append((record["text"], gold, predicted))
    scores = score_attributions(articles)
    found = {f"exact_{part}_{kind}": getattr(scores.exact[part], kind) for part in PARTS for kind in ("precision", "recall", "f1")}
    found |= {f"token_{part}_f1": scores.token[part].f1 for part in PARTS}
    return {
        **found,
        "whole_precision": scores.whole.precision,
        "whole_recall": scores.whole.recall,
        "whole_f1": scores.whole.f1,
        "whole_exact_source_f1": scores.whole_exact_source.f1,
    }


def _one(claim: Mapping[str, Any], name: str) -> tuple[tuple[int, int], ...]:
    return ((claim[f"{name}_start"], claim[f"{name}_end"]),) if claim[f"{name}_start"] is not None else ()


def _claims(
    records: Sequence[Mapping[str, Any]], claims: Mapping[str, Sequence[Mapping[str, Any]]], ledger: Ledger, path: Path
) -> dict[str, float]:
    configured = sorted({t for c in claims.values() for claim in c for t in claim["stances"]} | {"tariffs", "rare_earths", "visas"})
    scores = score_claims(records, claims, configured).summary()
    return {**scores, **_links(records, claims, ledger, path)}


def _links(
    records: Sequence[Mapping[str, Any]], claims: Mapping[str, Sequence[Mapping[str, Any]]], ledger: Ledger, path: Path
) -> dict[str, float]:
    """B-cubed and pairs over gold claims: one that was not found is a cluster of its own, and in no pair. Gold without oppositions beside it
    knows propositions within an article only, so it is scored within articles. ``alone``: every claim in a cluster of its own."""
    across = (path.parent / OPPOSITIONS_FILE).is_file()
    cluster = dict(ledger.table("propositions").select(["claim_id", "proposition_id"]).to_pandas().itertuples(index=False))
    gold_of, predicted_of = dict[str, str](), dict[str, str]()
    for record in records:
        tokens = tokens_in(record["text"])
        wanted = [c for c in record["claims"] if c["topics"] and c.get("proposition")]
        given = [c for c in claims.get(record["article_id"], ()) if c["stances"]]
        pairs = dict(match([tokens_of(tokens, c["content"]) for c in wanted], [tokens_of(tokens, c["content_spans"]) for c in given]))
        for g, claim in enumerate(wanted):
            item = given[pairs[g]]["claim_id"] if g in pairs else f"missing {record['article_id']} {g}"
            within = "" if across else f"{record['article_id']} "
            gold_of[item], predicted_of[item] = within + claim["proposition"], within + cluster.get(item, item)
    gold_labels = list(gold_of.values())
    precision, recall, f1 = b_cubed(gold_labels, list(predicted_of.values()))
    same = same_pairs(gold_of, predicted_of)
    found = {
        "b_cubed_precision": precision,
        "b_cubed_recall": recall,
        "b_cubed_f1": f1,
        "b_cubed_f1_alone": b_cubed(gold_labels, list(gold_of))[2],
        "same_precision": same.precision,
        "same_recall": same.recall,
        "same_f1": same.f1,
    }
    if across:
        links = ledger.table("links").to_pandas()
        predicted = links[links["relation"] == "opposed"][["claim_a", "claim_b"]].itertuples(index=False, name=None)
        counts = opposed_pairs(gold_of, read_oppositions(path), predicted)
        found |= {"opposed_precision": counts.precision, "opposed_recall": counts.recall, "opposed_f1": counts.f1}
    return found
