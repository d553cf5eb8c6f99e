"""The stance model alone, on claims that are given: ``python -m pipeline.evaluate.stance_model --gold GOLD... --data DATA``.

Prints topics, stance and imposer over gold claims, calibration (expected calibration error in ten bins, Guo et al., 2017) with a
table of precision against coverage, topics outside of the configured ones apart, and macro-F1 on the tests of public sets.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.config import default_topics, load_config
from pipeline.evaluate.calibration import calibration_error
from pipeline.evaluate.counts import Counts, accuracy, f1_by_label
from pipeline.evaluate.report import print_scores
from pipeline.gold.records import read_jsonl
from pipeline.stance.judge import ClaimInText, Judge, Judgement, load_networks
from pipeline.training.stance import all_topics, public_examples

THRESHOLDS = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
# set, its test split, whether only targets that its training part lacks are scored ("zero-shot")
PUBLIC = [
    ("stance-pstance", "test", False),
    ("stance-vast", "test", True),
    ("stance-vast", "test", False),
    ("stance-semeval2016t6", "test", False),
]


@dataclass(frozen=True)
class Case:
    """A gold claim and topic, and how it was judged."""

    topic: str
    about: bool
    stance: str | None
    imposer: str | None
    proposition: str | None
    judged: Judgement


def judge_gold(records: Sequence[dict[str, Any]], judge: Judge) -> list[Case]:
    """Every claim with every topic that its article has a claim on."""
    known = {t.id for t in all_topics()}
    articles = [(r.get("title"), r["text"]) for r in records]
    asked: list[tuple[ClaimInText, str]] = []
    gold: list[tuple[dict[str, Any], str]] = []
    for place, record in enumerate(records):
        topics = sorted({t for c in record["claims"] for t in c["topics"]} & known)
        for claim in record["claims"]:
            cue, claimer = (tuple(claim[k]) if claim[k] else None for k in ("cue", "claimer"))
            spans = tuple((s, e) for s, e in claim["content"])
            for topic in topics:
                asked.append((ClaimInText(place, spans, cue, claimer, claim["claimer_name"] or ""), topic))
                gold.append((claim, topic))
    judged = judge.judge(articles, asked)
    return [
        Case(t, t in c["topics"], c["stance"].get(t), c["imposer"].get(t), c.get("proposition"), j)
        for (c, t), j in zip(gold, judged, strict=True)
    ]


def scores_of(cases: Sequence[Case], min_probability: float) -> dict[str, float]:
    """Topics F1 over all cases, the rest over those that are about their topic."""
    given = [c.judged.relevance >= min_probability for c in cases]
    topics = Counts(sum(g and c.about for g, c in zip(given, cases, strict=True)), sum(given), sum(c.about for c in cases))
    about = [c for c in cases if c.about]
    pairs = [(c.stance or "", c.judged.likeliest) for c in about]
    by_label = f1_by_label(pairs)
    return {
        "claims and topics": len(about),
        "topics F1": topics.f1,
        "stance accuracy": accuracy(list(pairs)),
        "stance macro-F1": sum(by_label.values()) / max(1, len(by_label)),
        **{f"stance F1 {label}": value for label, value in by_label.items()},
        "imposer accuracy": accuracy([(c.imposer, c.judged.imposer) for c in about]),
        "calibration error": calibration_error(*_confidence(about)),
    }


def thresholds_of(cases: Sequence[Case]) -> list[tuple[float, float, float]]:
    """(threshold, coverage, precision) of stances whose greatest probability reaches the threshold."""
    confidence, right = _confidence([c for c in cases if c.about])
    if not len(confidence):
        return []
    return [
        (t, float((confidence >= t).mean()), float(right[confidence >= t].mean()) if (confidence >= t).any() else 0.0) for t in THRESHOLDS
    ]


def _confidence(cases: Sequence[Case]) -> tuple[np.ndarray, np.ndarray]:
    return np.asarray([max(c.judged.stance) for c in cases]), np.asarray([c.judged.likeliest == c.stance for c in cases], dtype=float)


def public_scores(path: Path, split: str, unseen: bool, judge: Judge) -> dict[str, float]:
    """Macro-F1 over all labels of a public test, and over favor and against alone."""
    rows = list(read_jsonl(path))
    seen = {r["target"] for r in rows if r["split"] == "train"} if unseen else set()
    rows = [r for r in rows if r["split"] == split and r["target"] not in seen]
    examples = public_examples(rows, judge.tokenizer)
    judged = judge.score([e.input for e in examples])
    by_label = f1_by_label([(r["label"], j.likeliest) for r, j in zip(rows, judged, strict=True)])
    sides = [by_label[label] for label in ("favor", "against") if label in by_label]
    return {"texts": len(rows), "macro-F1": sum(by_label.values()) / len(by_label), "F1 of favor and against": sum(sides) / len(sides)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gold", type=Path, nargs="+", required=True)
    parser.add_argument("--data", type=Path)
    default = load_config().stance
    parser.add_argument("--model", default=default.model, help="a bundled model's name, or a folder")
    parser.add_argument("--large-model", default=default.large_model, help="the same; '' for none")
    arguments = parser.parse_args()
    judge = Judge(load_networks(replace(default, model=arguments.model, large_model=arguments.large_model)), all_topics())
    least = default.min_probability
    configured = {t.id for t in default_topics()}
    for path in arguments.gold:
        cases = judge_gold(list(read_jsonl(path)), judge)
        print_scores(f"{path}, configured topics", scores_of([c for c in cases if c.topic in configured], least))
        sys.stdout.write("  threshold, coverage, precision\n")
        sys.stdout.write("".join(f"  {t:.1f} {c:.3f} {p:.3f}\n" for t, c, p in thresholds_of([c for c in cases if c.topic in configured])))
        other = [c for c in cases if c.topic not in configured]
        if other:
            print_scores(f"{path}, other topics ({', '.join(sorted({c.topic for c in other}))})", scores_of(other, least))
    for name, split, unseen in PUBLIC if arguments.data else []:
        title = f"{name} {split}{', targets that its training part lacks' if unseen else ''}"
        print_scores(title, public_scores(arguments.data / f"{name}.jsonl.xz", split, unseen, judge))


if __name__ == "__main__":
    main()
