"""One row an entity, from the rows of all shards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from pipeline.tables import ENTITIES, to_arrow


@dataclass
class _Merged:
    """What is known of one entity: the row of the lowest rank, and the lowest-ranked value that is known of country and role."""

    row: dict[str, Any]
    rank: tuple[Any, ...]
    known: dict[str, tuple[tuple[Any, ...], Any]]
    aliases: set[str]


def merge_entities(parts: Iterable[pa.Table]) -> pa.Table:
    """``entities`` of all shards with the rows of one entity joined: aliases united, the first known value of the rest.

    The result does not depend on the order of the parts, of which one is held at a time.
    """
    merged: dict[str, _Merged] = {}
    for part in parts:
        for row in part.to_pylist():
            _take_in(merged, row)
    rows = [
        {**found.row, **{name: value for name, (_, value) in found.known.items()}, "aliases": sorted(found.aliases)}
        for _, found in sorted(merged.items())
    ]
    return to_arrow(ENTITIES, rows)


def _take_in(merged: dict[str, _Merged], row: dict[str, Any]) -> None:
    rank = (str(row["country"]), str(row["role"]), row["aliases"], row["name"], row["type"], row["known"])
    found = merged.setdefault(row["entity_id"], _Merged(row, rank, {}, set()))
    found.aliases.update(row["aliases"])
    if rank < found.rank:
        found.row, found.rank = row, rank
    for name in ("country", "role"):
        if row[name] is not None and (name not in found.known or rank < found.known[name][0]):
            found.known[name] = (rank, row[name])
