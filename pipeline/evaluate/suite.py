"""``make evaluate``: run the pipeline over the development sets and print every score of the design."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.config import Config, load_config
from pipeline.evaluate.reader_model import ENTITY_SETS, score_entities
from pipeline.evaluate.report import evaluate_files, print_scores
from pipeline.gold.records import read_jsonl
from pipeline.models import model_file
from pipeline.reader.read import Reader
from pipeline.run import Runner

# name, file, the span convention of its gold
SETS = [("gold-real-dev", "gold-real-dev.jsonl", "guidelines"), ("polnear-dev", "polnear-dev.jsonl.xz", "polnear")]


def run_and_score(records: Sequence[dict[str, Any]], gold: Path, config: Config, work: Path) -> dict[str, float]:
    """Run over the texts of gold records, without the gate, and score against them."""
    shutil.rmtree(work, ignore_errors=True)
    (work / "in").mkdir(parents=True)
    lines = [
        {
            "id": r.get("article_id") or r["id"],
            "text": r["text"],
            "title": r.get("title"),
            "publisher": r.get("outlet"),
            "published": r.get("published"),
        }
        for r in records
    ]
    (work / "in" / "articles.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    Runner(config, work / "out").run([str(work / "in")])
    (scores,) = evaluate_files([gold], work / "out").values()
    return scores


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gold", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    arguments = parser.parse_args()
    config = load_config()
    config = replace(config, run=replace(config.run, gate=False))
    sets = [(f"gold-{arguments.gold.stem}", arguments.gold, "guidelines")]
    if arguments.data.is_dir():
        sets += [(name, arguments.data / file, convention) for name, file, convention in SETS]
    else:
        sys.stdout.write(f"{arguments.data}: not there, so the public sets are left out (docs/data.md says where they come from)\n")
    for name, path, convention in sets:
        chosen = replace(config, entities=replace(config.entities, convention=convention))
        scores = run_and_score(list(read_jsonl(path)), path, chosen, arguments.work / name)
        print_scores(name, scores)
    if arguments.data.is_dir():
        weights = model_file(config.entities.reader, "weights.safetensors")
        for name, misc, naming in ENTITY_SETS["dev"]:
            counts = score_entities(list(read_jsonl(arguments.data / f"{name}.jsonl.xz")), misc, Reader(weights, naming=naming))
            scores = {"entity_precision": counts.precision, "entity_recall": counts.recall, "entity_f1": counts.f1}
            print_scores(name, scores)


if __name__ == "__main__":
    main()
