"""Ingest of files without the rest of a run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.config import parse_config
from pipeline.ingest.discover import find_inputs, group_inputs
from pipeline.ingest.limits import Limits
from pipeline.ingest.stage import IngestSettings, Part, ingest_unit


def ingest(*paths: Path | str, config: Mapping[str, Any] | None = None, limits: Limits | None = None) -> tuple[list[dict], list[dict]]:
    """Articles and rejects of files, with every record accounted for."""
    chosen = parse_config({"ingest": config or {}})
    settings = IngestSettings(chosen.ingest, chosen.topics, limits or Limits())
    files, refused = find_inputs([str(p) for p in paths])
    units, unreadable = group_inputs(files)
    parts: list[Part] = [part for unit in units for part in ingest_unit(unit, settings)]
    for part in parts:
        part.tables()
    articles = [row for part in parts for row in part.articles]
    rejects = [row for part in parts for row in part.rejects]
    assert sum(part.records for part in parts) == len(articles) + len(rejects)
    return articles, rejects + [
        {"source": r.source, "record": r.record, "reason": r.reason, "detail": r.detail} for r in [*refused, *unreadable]
    ]
