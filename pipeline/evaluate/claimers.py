"""Claimer identity by itself: gold spans resolved, pronouns of GUM and GAP, and identity across articles.

Example: python -m pipeline.evaluate.claimers --data ../shared/data --gold corpus/gold/dev.jsonl
"""

from __future__ import annotations

import argparse
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.claimers.antecedents import Anaphor, class_of_pronoun
from pipeline.claimers.descriptions import head_noun, is_pronoun, kind_of
from pipeline.claimers.knowledge import KnowledgeBase, load_knowledge_base
from pipeline.claimers.resolve import Resolver
from pipeline.claimers.scorer import Scorer
from pipeline.evaluate.claims import normalise_name
from pipeline.evaluate.counts import Counts
from pipeline.evaluate.report import print_scores
from pipeline.gold.records import read_jsonl
from pipeline.models import model_file
from pipeline.reader.read import Reader, Reading
from pipeline.training.claimers import attribution_of, facts_of, gap_case, gum_scene, heads_of, read_texts

_EVENT = re.compile(r"-\d{1,2}$")  # articles of one event differ in a final number; others stand alone
WRITTEN = ("academic", "bio", "essay", "fiction", "letter", "news", "textbook", "voyage", "whow")
THIRD_PERSON = {"he", "she", "it", "they", "him", "her", "them"}


@dataclass(frozen=True)
class Resolved:
    """One gold claim with what its claimer was resolved to."""

    event: str
    kind: str
    gold: str
    name: str | None
    entity_id: str | None
    article: str


def resolve_gold(records: Sequence[Mapping[str, Any]], readings: Mapping[str, Reading], resolver: Resolver) -> Iterator[Resolved]:
    """Every gold claim's claimer, from the gold's span and cue with the entities that the reader found."""
    for record in records:
        reading = Reading(readings[record["article_id"]].entities, tuple(attribution_of(c) for c in record["claims"]))
        found = resolver.resolve(facts_of(record), reading)
        names = {e.entity_id: e.name for e in found.entities}
        for claim, entity_id in zip(record["claims"], found.claimers, strict=True):
            event = _EVENT.sub("", record["article_id"])
            kind = kind_of_claimer(record["text"], claim)
            yield Resolved(event, kind, claim["claimer_name"], names[entity_id] if entity_id else None, entity_id, record["article_id"])


def kind_of_claimer(text: str, claim: Mapping[str, Any]) -> str:
    """How the text refers to a claimer: pronoun, full name, surname, description and so on."""
    if not claim["claimer"]:
        return "none"
    words, name = " ".join(text[slice(*claim["claimer"])].split()), claim["claimer_name"]
    if is_pronoun(words):
        return "pronoun"
    if name.startswith("Government"):
        return "government"
    if normalise_name(words) == normalise_name(name):
        return "as named"
    parts = set(normalise_name(words).split())
    if words[:1].isupper() and not words.startswith(("The ", "A ", "An ", "One ")) and parts <= set(normalise_name(name).split()):
        return "shorter name"
    kind = kind_of(head_noun(words))
    return f"description, {kind.lower()}" if kind else "other"


def gold_scores(resolved: Sequence[Resolved]) -> dict[str, float]:
    """Accuracy of names overall and by kind, the share of unknown, and pairwise identity within events and across articles."""
    right: dict[str, list[bool]] = defaultdict(list)
    for r in resolved:
        right[r.kind].append(normalise_name(r.gold) == normalise_name(r.name))
    everything = [ok for oks in right.values() for ok in oks]
    scores: dict[str, float] = {"claims": len(resolved), "name_right": sum(everything) / max(1, len(everything))}
    scores |= {f"  {kind} ({len(oks)})": sum(oks) / len(oks) for kind, oks in sorted(right.items())}
    scores["unknown"] = sum(r.name is None for r in resolved) / max(1, len(resolved))
    for where, across in (("identity", False), ("identity_across_articles", True)):
        counts = identity_pairs(resolved, across)
        if not counts.gold:
            continue  # no event has two articles
        scores |= {f"{where}_precision": counts.precision, f"{where}_recall": counts.recall, f"{where}_f1": counts.f1}
    return scores


def identity_pairs(resolved: Iterable[Resolved], across: bool) -> Counts:
    """Pairs of claims of one event with the same claimer, against pairs with the same entity id; only of two articles if ``across``.

    Counted by tallies, so that the cost does not grow with the number of pairs. An unknown claimer is nobody else's.
    """
    gold, predicted, both = Counter[Any](), Counter[Any](), Counter[Any]()
    gold_in, predicted_in, both_in = Counter[Any](), Counter[Any](), Counter[Any]()
    for n, r in enumerate(resolved):
        name, identity = (r.event, normalise_name(r.gold)), (r.event, r.entity_id or n)
        gold[name] += 1
        predicted[identity] += 1
        both[name, identity] += 1
        gold_in[name, r.article] += 1
        predicted_in[identity, r.article] += 1
        both_in[name, identity, r.article] += 1
    totals = [_pairs(c) for c in (both, predicted, gold)]
    if across:
        totals = [t - _pairs(c) for t, c in zip(totals, (both_in, predicted_in, gold_in), strict=True)]
    return Counts(*totals)


def _pairs(sizes: Counter[Any]) -> int:
    return sum(n * (n - 1) // 2 for n in sizes.values())


def gap_scores(
    records: Sequence[Mapping[str, Any]], readings: Mapping[str, Reading], knowledge: KnowledgeBase, scorer: Scorer
) -> dict[str, float]:
    """GAP's F1 over its two yes-or-no questions a text, with every name of the text as a candidate, and its ratio of the genders."""
    by_gender: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for record in records:
        scene, anaphor, candidates, names = gap_case(record, readings[record["id"]], knowledge)
        best, _ = scorer.choose(scene, anaphor)
        chosen = next((name for c, name in zip(candidates, names, strict=True) if c == best), None)
        by_gender[anaphor.cls] += [(record["label"] == name, chosen == name) for name in ("A", "B")]
    f1 = {gender: _f1(pairs) for gender, pairs in by_gender.items()}
    return {"overall_f1": _f1([p for pairs in by_gender.values() for p in pairs]), **{f"f1_{g}": v for g, v in sorted(f1.items())}}


def _f1(pairs: Sequence[tuple[bool, bool]]) -> float:
    return Counts(sum(g and p for g, p in pairs), sum(p for _, p in pairs), sum(g for g, _ in pairs)).f1


def gum_scores(
    records: Sequence[Mapping[str, Any]], readings: Mapping[str, Reading], knowledge: KnowledgeBase, scorer: Scorer
) -> dict[str, float]:
    """Third-person pronouns of GUM's written genres whose antecedent is right: those of somebody named, and those that are also sources."""
    right: dict[str, list[bool]] = {"pronouns": [], "he_she": [], "source_pronouns": []}
    for record in records:
        if record["genre"] not in WRITTEN:
            continue
        scene, chain_at = gum_scene(record, readings[record["id"]], knowledge)
        sources = {s[0] for a in record["attributions"] for s in a["source"]}
        for i, (start, end, _, xpos, *_) in enumerate(record["tokens"]):
            word = record["text"][start:end].lower()
            chain = {h for h in chain_at.get(i, ()) if h < i}
            named = any(record["tokens"][h][2] == "PROPN" for h in chain)
            if word not in THIRD_PERSON or xpos != "PRP" or not named:
                continue
            best, _ = scorer.choose(scene, Anaphor(class_of_pronoun(word), start))
            ok = best is not None and bool(heads_of(scene, record["tokens"], best) & chain)
            right["pronouns"].append(ok)
            if word in ("he", "she", "him", "her"):
                right["he_she"].append(ok)
            if start in sources:
                right["source_pronouns"].append(ok)
    return {k: v for name, oks in right.items() for k, v in ((f"{name}_right", sum(oks) / max(1, len(oks))), (f"{name}_count", len(oks)))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--gold", type=Path, nargs="*", default=[])
    parser.add_argument("--weights", type=Path, default=None, help="weights to score in place of the bundled ones")
    arguments = parser.parse_args()
    reader, knowledge = Reader(model_file("reader", "weights.safetensors")), load_knowledge_base()
    scorer = Scorer.load(arguments.weights or model_file("claimers", "weights.safetensors"))
    for path in [*arguments.gold, arguments.data / "gold-real-dev.jsonl"]:
        records = list(read_jsonl(path))
        print_scores(str(path), gold_scores(list(resolve_gold(records, read_texts(records, reader), Resolver(knowledge, scorer)))))
    gum = list(read_jsonl(arguments.data / "gum-test.jsonl.xz"))
    print_scores("GUM test, written genres", gum_scores(gum, read_texts(gum, reader, "id"), knowledge, scorer))
    gap = [r for r in read_jsonl(arguments.data / "coref-gap.jsonl.xz") if r["split"] == "test"]
    print_scores("GAP test", gap_scores(gap, read_texts(gap, reader, "id"), knowledge, scorer))


if __name__ == "__main__":
    main()
