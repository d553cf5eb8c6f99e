"""What a worker does with one shard: read the tables that a stage needs, call the stage, keep what it made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.config import Config
from pipeline.entities.merge import merge_entities
from pipeline.memory import keep_freed_memory
from pipeline.stage import Stage
from pipeline.stages import stage_named
from pipeline.store import Store
from pipeline.tables import ENTITIES, REJECTS, Table, check, empty, table_named, to_arrow


@dataclass(frozen=True)
class ShardJob:
    """One shard of one stage. ``inputs`` maps a table to the (stage, key) that made it; ``only`` are the articles to read."""

    stage: str
    key: str
    inputs: Mapping[str, tuple[str, str]]
    only: tuple[str, ...] | None = None


@dataclass(frozen=True)
class ShardTask:
    """Runs jobs; pickles, so that any process can run it. ``version`` tells a stage whose models or files have changed from an older one."""

    outputs: Path
    config: Config
    version: str

    def __call__(self, job: ShardJob) -> str:
        store = Store(self.outputs)
        if not store.has(job.stage, job.key):
            shard = {table: store.get(stage, key, table) for table, (stage, key) in job.inputs.items()}
            if job.only is not None:
                shard["articles"] = _select(shard["articles"], job.only)
            store.put(job.stage, job.key, run_shard(_loaded(job.stage, self.config, self.version), shard))
        return job.key


def run_shard(stage: Stage, shard: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """The stage's tables for a shard, checked; an article that makes the stage fail becomes a reject and the others go on."""
    try:
        made, rejects = stage(shard), empty(REJECTS)
    except OSError:  # of the machine, not of an article: the next run may fare better
        raise
    except Exception as error:  # a bug or an article beyond what the stage can take: find which
        if "articles" not in shard or shard["articles"].num_rows == 0:
            raise
        made, rejects = _one_by_one(stage, shard, error)
    made = {name: check(table_named(name), data) for name, data in made.items()}
    return {**made, "rejects": rejects}


def _one_by_one(stage: Stage, shard: Mapping[str, pa.Table], cause: Exception) -> tuple[dict[str, pa.Table], pa.Table]:
    """Each article by itself. Raises ``cause`` when several were tried and all failed: then it is not the articles."""
    parts: list[dict[str, pa.Table]] = []
    rejects = []
    articles = shard["articles"].select(["article_id", "source"]).to_pylist()
    for article in articles:
        try:
            parts.append(stage({name: _of_article(data, article["article_id"]) for name, data in shard.items()}))
        except OSError:
            raise
        except Exception as error:
            detail = f"{article['article_id']}: {type(error).__name__}: {error}"
            rejects.append(
                {"source": article["source"], "record": article["article_id"], "stage": stage.name, "reason": "failed", "detail": detail}
            )
    if not parts and len(articles) > 1:
        raise cause
    made = {table.name: _joined(table, [p[table.name] for p in parts]) for table in stage.writes}
    return made, to_arrow(REJECTS, rejects)


def _joined(table: Table, parts: list[pa.Table]) -> pa.Table:
    """The rows of all parts; an entity that several articles name is one row."""
    return merge_entities(parts) if table is ENTITIES else pa.concat_tables([empty(table), *parts])


def _of_article(data: pa.Table, article_id: str) -> pa.Table:
    return data.filter(pc.equal(data["article_id"], article_id)) if "article_id" in data.column_names else data


def _select(articles: pa.Table, ids: tuple[str, ...]) -> pa.Table:
    return articles.filter(pc.is_in(articles["article_id"], pa.array(ids, pa.string())))


@lru_cache(maxsize=1)
def _loaded(name: str, config: Config, version: str) -> Stage:
    """A stage with its models, once a process and ``version`` of what it reads; the one before is let go."""
    keep_freed_memory()
    return stage_named(name, config)
