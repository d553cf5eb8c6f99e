"""Build the gold JSONL files from tagged event files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pipeline.errors import UsageError
from pipeline.gold.check import check_event
from pipeline.gold.records import OPPOSITIONS_FILE, PROPOSITIONS_FILE
from pipeline.gold.tagged import Article, Event, read_event
from pipeline.store import write_atomically

SPLITS_FILE = "splits.json"


def build_gold(source: Path, target: Path) -> str:
    """Write train, dev and test JSONL (where there are any), ``oppositions.json`` and ``propositions.json`` into ``target``; returns a line on
    what was written.

    ``source/splits.json`` says which events are dev and test; all others are train. Raises UsageError, naming every problem,
    when a file is not clean.
    """
    events = [read_event(path) for path in sorted(source.glob("*.txt"))]
    problems = [f"{event.path}: {problem}" for event in events for problem in check_event(event)]
    if problems:
        raise UsageError("\n  ".join(["the gold has problems:", *problems[:40]]))
    splits = json.loads((source / SPLITS_FILE).read_text(encoding="utf-8"))
    split_of = {event: name for name, members in splits.items() for event in members}
    unknown = sorted(set(split_of) - {e.event for e in events})
    if unknown:
        raise UsageError(f"{source / SPLITS_FILE}: no such event: {', '.join(unknown)}")
    records: dict[str, list[dict[str, Any]]] = {"train": [], "dev": [], "test": []}
    for event in events:
        records[split_of.get(event.event, "train")] += [gold_record(event, article) for article in event.articles]
    target.mkdir(parents=True, exist_ok=True)
    records = {name: rows for name, rows in records.items() if rows or name == "train"}
    for name, rows in records.items():
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        write_atomically(target / f"{name}.jsonl", lines.encode())
    opposed = sorted([f"{e.event}/{a}", f"{e.event}/{b}"] for e in events for a, b in e.opposed)
    write_atomically(target / OPPOSITIONS_FILE, (json.dumps(opposed, indent=0) + "\n").encode())
    asserted = {f"{e.event}/{name}": sentence for e in events for name, sentence in e.propositions.items()}
    write_atomically(target / PROPOSITIONS_FILE, (json.dumps(asserted, indent=0, ensure_ascii=False) + "\n").encode())
    claims = {name: sum(len(r["claims"]) for r in rows) for name, rows in records.items()}
    return ", ".join(f"{name}: {len(rows)} articles, {claims[name]} claims" for name, rows in records.items())


def event_records(path: Path) -> list[dict[str, Any]]:
    """The gold records of one tagged event file; raises UsageError when it is not clean."""
    event = read_event(path)
    if problems := check_event(event):
        raise UsageError("\n  ".join([f"{path} has problems:", *problems[:40]]))
    return [gold_record(event, article) for article in event.articles]


def gold_record(event: Event, article: Article) -> dict[str, Any]:
    """An article in the gold form; propositions are named EVENT/ID so that they are unique."""
    claims = []
    for claim in article.claims:
        kept = {k: v for k, v in claim.items() if k != "number"}
        kept["proposition"] = f"{event.event}/{claim['proposition']}" if claim["proposition"] else None
        claims.append(kept)
    meta = article.meta
    return {
        "article_id": article.article_id, "event": event.event, "outlet": meta["outlet"], "style": meta["style"], "title": meta["title"],
        "published": meta["published"], "synthetic": True, "text": article.text, "claims": claims,
    }  # fmt: skip
