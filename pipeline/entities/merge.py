"""One row an entity, from the rows of all shards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from pipeline.tables import ENTITIES, to_arrow


def merge_entities(parts: Sequence[pa.Table]) -> pa.Table:
    """``entities`` of all shards with the rows of one entity joined: aliases united, the first known value of the rest.

    The result does not depend on the order of the parts.
    """
    merged: dict[str, dict[str, Any]] = {}
    rows = sorted(
        (row for part in parts for row in part.to_pylist()),
        key=lambda r: (r["entity_id"], str(r["country"]), str(r["role"]), r["aliases"], r["name"]),
    )
    for row in rows:
        kept = merged.setdefault(row["entity_id"], row)
        kept["aliases"] = sorted({*kept["aliases"], *row["aliases"]})
        for name in ("country", "role"):
            kept[name] = kept[name] if kept[name] is not None else row[name]
    return to_arrow(ENTITIES, merged.values())
