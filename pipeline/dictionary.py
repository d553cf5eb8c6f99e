"""The data dictionary ``docs/tables.md``, generated from the schemas: ``python -m pipeline.dictionary > docs/tables.md``."""

from __future__ import annotations

import sys

from pipeline.tables import TABLES, Table

_HEAD = """# The tables

Each table is a folder of zstd-compressed Parquet files under the outputs folder, readable whole by pandas, DuckDB, Polars and Spark.
Ids are strings derived from content: the same in every run and on every machine. Offsets are Unicode code points into `articles.text`.
This page is generated from the schemas in `pipeline/tables.py`: `python -m pipeline.dictionary > docs/tables.md`.
"""


def dictionary() -> str:
    """The page, in Markdown."""
    return "\n".join([_HEAD, *(_section(table) for table in TABLES)])


def _section(table: Table) -> str:
    rows = [
        f"| `{f.name}` | {f.type}{', may be null' if f.nullable else ''} | {f.metadata[b'description'].decode()} |" for f in table.schema
    ]
    key = f" Key: {', '.join(f'`{k}`' for k in table.key)}." if table.key else ""
    return "\n".join(
        [f"## {table.name}", "", f"{table.description}{key}", "", "| column | type | meaning |", "| --- | --- | --- |", *rows, ""]
    )


if __name__ == "__main__":
    sys.stdout.write(dictionary())
