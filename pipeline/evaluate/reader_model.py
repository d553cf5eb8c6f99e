"""The reader alone: ``python -m pipeline.evaluate.reader_model --gold GOLD... [--data DATA]``.

Prints the calibration of its scores on exhaustive gold (an attribution is right when its content overlaps a gold content by half),
and, with the public sets, entities by each set's own rules for names (CoNLL-style F1 over exact spans and types).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.config import load_config
from pipeline.evaluate.attribution import match, tokens_in, tokens_of
from pipeline.evaluate.calibration import calibration_error, reliability
from pipeline.evaluate.counts import Counts
from pipeline.gold.records import read_jsonl
from pipeline.models import model_folder
from pipeline.reader.network import NAMINGS
from pipeline.reader.read import Reader, Reading
from pipeline.training.entities import join_sentences

# set, whether it marks MISC, whose rules for names it follows
ENTITY_SETS = {
    "dev": [("ner-conll2003-dev", True, "news"), ("ner-gum-dev", True, "gum"), ("ner-uner-ewt-dev", False, "ewt")],
    "test": [
        ("ner-conll2003-test", True, "news"),
        ("ner-conllpp-test", True, "news"),
        ("ner-gum-test", True, "gum"),
        ("ner-uner-ewt-test", False, "ewt"),
        ("ner-uner-pud-test", False, "ewt"),
    ],
}
SENTENCES_A_TEXT = 8
# Genres whose text is edited or argued like news, of the sets that have several, by the set's name without its split.
NEWS_LIKE = {"ner-gum": ("news", "interview", "speech", "bio"), "ner-uner-ewt": ("newsgroup", "weblog")}


def judged_attributions(records: Sequence[dict[str, Any]], readings: Sequence[Reading]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Score of every attribution read, and whether it is right (1 or 0)."""
    scores: list[float] = []
    right: list[float] = []
    for record, reading in zip(records, readings, strict=True):
        tokens = tokens_in(record["text"])
        found = [tokens_of(tokens, a.content) for a in reading.attributions]
        hit = {p for _, p in match([tokens_of(tokens, c["content"]) for c in record["claims"]], found)}
        scores += [a.score for a in reading.attributions]
        right += [float(i in hit) for i in range(len(found))]
    return np.asarray(scores), np.asarray(right)


def genres_of(rows: Sequence[dict[str, Any]], trees: Path) -> list[str | None]:
    """The genre of each row: its own, or, since EWT's names lack it, that of the sentence in EWT's trees."""
    if all("genre" in row for row in rows):
        return [row["genre"] for row in rows]
    known = {"".join(tree["text"].split()): tree["genre"] for tree in read_jsonl(trees)}
    return [known.get("".join(row["tokens"])) for row in rows]


def score_entities(rows: Sequence[dict[str, Any]], misc: bool, reader: Reader) -> Counts:
    """Exact spans and types; MISC is left out where the set does not mark it."""
    groups = [rows[i : i + SENTENCES_A_TEXT] for i in range(0, len(rows), SENTENCES_A_TEXT)]
    texts, gold = zip(*(join_sentences([r["tokens"] for r in g], [r["tags"] for r in g]) for g in groups), strict=True)
    counts = Counts()
    for reading, wanted in zip(reader.read(texts), gold, strict=True):
        found = {(e.start, e.end, e.type) for e in reading.entities if misc or e.type != "MISC"}
        kept = {span for span in wanted if misc or span[2] != "MISC"}
        counts += Counts(len(found & kept), len(found), len(kept))
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gold", type=Path, nargs="*", default=[])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--split", choices=sorted(ENTITY_SETS), default="dev", help="of the public entity sets")
    parser.add_argument("--model", default=load_config().entities.reader, help="a bundled model's name, or a folder")
    arguments = parser.parse_args()
    weights = model_folder(arguments.model) / "weights.safetensors"
    readers = {naming: Reader(weights, naming=naming) for naming in NAMINGS}
    for path in arguments.gold:
        records = list(read_jsonl(path))
        scores, right = judged_attributions(records, readers[NAMINGS[0]].read([r["text"] for r in records]))
        sys.stdout.write(f"{path}: expected calibration error {calibration_error(scores, right):.3f} over {len(scores)} attributions\n")
        sys.stdout.write(
            "".join(f"  {b.low:.1f}  {b.count:>5}  score {b.score:.3f}  right {b.right:.3f}\n" for b in reliability(scores, right))
        )
    for name, misc, naming in ENTITY_SETS[arguments.split] if arguments.data else []:
        rows = list(read_jsonl(arguments.data / f"{name}.jsonl.xz"))
        parts = {name: rows}
        chosen = NEWS_LIKE.get(name.removesuffix(f"-{arguments.split}"))
        if chosen:
            genres = genres_of(rows, arguments.data / f"ewt-{arguments.split}.jsonl.xz")
            parts[f"{name}, {' '.join(chosen)}"] = [row for row, genre in zip(rows, genres, strict=True) if genre in chosen]
        for part, members in parts.items():
            for rules in dict.fromkeys((naming, NAMINGS[0])):
                counts = score_entities(members, misc, readers[rules])
                sys.stdout.write(
                    f"{part}, names by {rules}: precision {counts.precision:.3f} recall {counts.recall:.3f} F1 {counts.f1:.3f}\n"
                )


if __name__ == "__main__":
    main()
