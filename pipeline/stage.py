"""What a stage is: it reads tables of one shard and gives new ones, and knows nothing of files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Protocol

import pyarrow as pa

from pipeline.errors import ConfigError
from pipeline.tables import Table

Shard = Mapping[str, pa.Table]  # table name to the shard's rows


class Stage(Protocol):
    """A pure function over shards. Models load in ``__init__``, once a process."""

    name: ClassVar[str]
    reads: ClassVar[tuple[Table, ...]]
    writes: ClassVar[tuple[Table, ...]]

    def __call__(self, shard: Shard) -> dict[str, pa.Table]:
        """New tables by name; every table in ``writes`` is there, perhaps empty."""
        ...


def check_plan(stages: Sequence[type[Stage]], available: Iterable[Table]) -> None:
    """Raise ConfigError when a stage reads a table that no earlier stage writes and that is not there."""
    have = {table.name for table in available}
    for stage in stages:
        missing = [table.name for table in stage.reads if table.name not in have]
        if missing:
            raise ConfigError(f"stage {stage.name!r} needs {', '.join(missing)}: run the stages before it first")
        have.update(table.name for table in stage.writes)
