"""The runner: plans shards, has them worked on, resumes after any stop, publishes tables and reports."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from tqdm import tqdm

from pipeline.assertions import asserted_by, join_assertions
from pipeline.claimers.knowledge import load_knowledge_base
from pipeline.config import Config
from pipeline.engines import run_tasks
from pipeline.entities.merge import merge_entities
from pipeline.errors import UsageError
from pipeline.ids import content_id, fingerprint
from pipeline.ingest.corpus import IngestTask, plan_corpus, settings_of
from pipeline.linking.stage import Linking
from pipeline.memory import keep_freed_memory
from pipeline.models import revisions
from pipeline.stage import check_plan
from pipeline.stages import SHARD_STAGES, STAGES, fingerprint_of
from pipeline.store import Store
from pipeline.tables import (
    ARTICLES,
    ASSERTIONS,
    CLAIMS,
    ENTITIES,
    LINKS,
    MENTIONS,
    PROPOSITIONS,
    REJECTS,
    RUNS,
    STANCES_TABLE,
    Table,
    to_arrow,
)
from pipeline.version import VERSION
from pipeline.work import ShardJob, ShardTask


@dataclass
class Report:
    """What a run did: ``counts`` of inputs by outcome and of rows by table, ``seconds`` by stage, shards ``done`` and ``kept``."""

    outputs: Path
    counts: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    done: int = 0
    kept: int = 0
    changed: int = 0

    @property
    def idle(self) -> bool:
        return self.done == 0 and self.changed == 0


class Runner:
    """Runs the stages over one outputs folder. Every method can be called again and does only what is missing."""

    def __init__(self, config: Config, outputs: Path) -> None:
        self.config, self.store = config, Store(outputs)
        self.store.prepare()
        if config.entities.knowledge_base:
            load_knowledge_base(config.entities.knowledge_base)  # a file that cannot be read is told before any work
        self.report = Report(outputs)

    def run(self, corpus: Sequence[str]) -> Report:
        """All stages over the corpus."""
        check_plan((*SHARD_STAGES, Linking), [ARTICLES])
        started = datetime.now(UTC)
        with self.store.locked():
            self.ingest(corpus)
            self.entities()
            self.stance()
            self.link()
            self.count()
            if not self.report.idle:
                self._record_run(started)
        return self.report

    def ingest(self, corpus: Sequence[str]) -> None:
        """Documents to articles: tables ``articles`` and ``rejects``."""
        with self._at_work("ingest"):
            version = fingerprint_of("ingest", self.config)
            plan = plan_corpus(corpus, version, self.store)
            missing = plan.missing(self.store)
            self.report.kept += len(plan.units) - len(missing)
            self._work("ingest", IngestTask(self.store.outputs, settings_of(self.config), version), missing)
            current = plan.finish(self.store)
            self.store.set_current("ingest", current)
            parts = [(shard, self.store.part("articles", shard) / "articles.parquet") for shard in current["shards"]]
            self.report.changed += self.store.publish(ARTICLES, parts)
            self._publish_rejects()

    def entities(self) -> None:
        """Articles to mentions, entities and claims."""
        with self._at_work("entities"):
            version = fingerprint_of("entities", self.config)
            jobs = []
            for shard in self._shards("ingest"):
                only = tuple(self._to_read(shard))
                key = fingerprint(shard, only, version)
                jobs.append(ShardJob("entities", key, {"articles": ("articles", shard)}, only))
            self._run_jobs("entities", version, jobs, {job.key: dict(job.inputs) for job in jobs})
            keys = [job.key for job in jobs]
            self._publish_parts(MENTIONS, "entities", keys)
            self._publish_parts(CLAIMS, "entities", keys)
            merged = fingerprint("entities", sorted(keys))
            if not self.store.has("entities_merged", merged):
                entities = merge_entities(self.store.get("entities", key, "entities") for key in keys)
                self.store.put("entities_merged", merged, {"entities": entities})
            self.store.sweep("entities_merged", [merged])
            self.report.changed += self.store.publish(ENTITIES, [(merged, self.store.part("entities_merged", merged) / "entities.parquet")])
            self._publish_rejects()

    def stance(self) -> None:
        """Claims to stances."""
        with self._at_work("stance"):
            version = fingerprint_of("stance", self.config)
            before = self._current("entities")
            jobs = [
                ShardJob("stance", fingerprint(key, version), {**_pairs(inputs), "claims": ("entities", key)})
                for key, inputs in before["shards"].items()
            ]
            origin = {job.key: {"articles": job.inputs["articles"], "claims": job.inputs["claims"]} for job in jobs}
            self._run_jobs("stance", version, jobs, origin)
            self._publish_parts(STANCES_TABLE, "stance", [job.key for job in jobs])
            self._publish_rejects()

    def link(self) -> None:
        """Claims and stances of the whole corpus to propositions, links and assertions."""
        with self._at_work("link"):
            before = self._current("stance")["shards"]
            key = fingerprint(sorted(before), fingerprint_of("linking", self.config))
            if not self.store.has("linking", key):
                keep_freed_memory()
                made = Linking(self.config, self.store.state / "linking_cache")(self._topical(before))
                self.store.put("linking", key, made)
                self.report.done += 1
            self.store.sweep("linking", [key])
            for table in (PROPOSITIONS, LINKS):
                self.report.changed += self.store.publish(table, [(key, self.store.part("linking", key) / f"{table.name}.parquet")])
        with self._at_work("assertions"):
            self._assertions(before, key)

    def _assertions(self, shards: dict[str, Any], link_key: str) -> None:
        asserted = asserted_by(*(self.store.get("linking", link_key, name) for name in ("propositions", "links")))
        version, keys = fingerprint_of("linking", self.config), []
        for stance_key, origin in shards.items():
            stances = self.store.get("stance", stance_key, "stances")
            here = {claim_id: asserted[claim_id] for claim_id in sorted(set(stances["claim_id"].to_pylist())) if claim_id in asserted}
            key = fingerprint(stance_key, origin, version, [(claim_id, astuple(found)) for claim_id, found in here.items()])
            keys.append(key)
            if not self.store.has("assertions", key):
                articles, claims = (self.store.get(origin[name][0], origin[name][1], name) for name in ("articles", "claims"))
                self.store.put("assertions", key, {"assertions": join_assertions(articles, claims, stances, here)})
        self._publish_parts(ASSERTIONS, "assertions", keys)
        self.store.sweep("assertions", keys)

    def count(self) -> None:
        """Fill in the report's rows by table."""
        self.report.counts = dict(self._current("ingest")["counts"])
        for table in (ARTICLES, MENTIONS, ENTITIES, CLAIMS, STANCES_TABLE, PROPOSITIONS, LINKS, ASSERTIONS, REJECTS):
            self.report.counts[f"rows.{table.name}"] = self.store.count(table)

    def _record_run(self, started: datetime) -> None:
        row: dict[str, Any] = {
            "run_id": content_id("r", started.isoformat(), self.config.hash(), self.report.counts),
            "started": started,
            "finished": datetime.now(UTC),
            "version": VERSION,
            "config_hash": self.config.hash(),
            "models": json.dumps(revisions(self.config), sort_keys=True),
            "counts": json.dumps(self.report.counts, sort_keys=True),
            "seconds": json.dumps({k: round(v, 3) for k, v in self.report.seconds.items()}, sort_keys=True),
        }
        self.store.put("runs", row["run_id"], {"runs": to_arrow(RUNS, [row])})
        runs = sorted((self.store.state / "runs").iterdir())
        self.store.publish(RUNS, [(folder.name, folder / "runs.parquet") for folder in runs])

    def _run_jobs(self, stage: str, version: str, jobs: list[ShardJob], origin: dict[str, Any]) -> None:
        missing = [job for job in jobs if not self.store.has(stage, job.key)]
        self.report.kept += len(jobs) - len(missing)
        self._work(stage, ShardTask(self.store.outputs, self.config, version), missing)
        self.store.set_current(stage, {"shards": origin})
        self.store.sweep(stage, origin)

    def _work(self, stage: str, task: Any, items: Sequence[Any]) -> None:
        run = self.config.run
        done = run_tasks(task, items, run.engine, run.workers)
        for _ in tqdm(done, total=len(items), desc=stage, unit="shard", disable=None, leave=False):
            self.report.done += 1

    def _to_read(self, shard: str) -> list[str]:
        articles = self.store.get("articles", shard, "articles", ["article_id", "topics", "duplicate_of"])
        wanted = pc.is_null(articles["duplicate_of"])
        if self.config.run.gate:
            wanted = pc.and_(wanted, pc.greater(pc.list_value_length(articles["topics"]), 0))
        ids: list[str] = articles.filter(wanted)["article_id"].to_pylist()
        return ids

    def _topical(self, shards: dict[str, Any]) -> dict[str, pa.Table]:
        """Claims that have a stance, with their stances and their articles' titles, of all shards."""
        titled = pa.schema([ARTICLES.schema.field(name) for name in ("article_id", "title")])
        articles, claims, stances = [titled.empty_table()], [CLAIMS.schema.empty_table()], [STANCES_TABLE.schema.empty_table()]
        for key, origin in shards.items():
            found = self.store.get("stance", key, "stances")
            stances.append(found)
            (claim_stage, claim_key), (article_stage, article_key) = origin["claims"], origin["articles"]
            data = self.store.get(claim_stage, claim_key, "claims")
            claims.append(data.filter(pc.is_in(data["claim_id"], found["claim_id"].combine_chunks())))
            titles = self.store.get(article_stage, article_key, "articles", titled.names)
            articles.append(titles.filter(pc.is_in(titles["article_id"], claims[-1]["article_id"].combine_chunks())))
        return {
            "articles": pa.concat_tables(articles),
            "claims": pa.concat_tables(claims),
            "stances": pa.concat_tables(stances),
        }

    def _publish_parts(self, table: Table, stage: str, keys: Iterable[str]) -> None:
        parts = [(key, self.store.part(stage, key) / f"{table.name}.parquet") for key in keys]
        self.report.changed += self.store.publish(table, parts)

    def _publish_rejects(self) -> None:
        parts = [(name, Path(path)) for name, path in self._current("ingest")["rejects"]]
        for stage in ("entities", "stance"):
            for key in (self.store.current(stage) or {"shards": {}})["shards"]:
                if self.store.has(stage, key) and self.store.get(stage, key, "rejects").num_rows:
                    parts.append((key, self.store.part(stage, key) / "rejects.parquet"))
        self.report.changed += self.store.publish(REJECTS, [(name, self.store.state / path) for name, path in parts])

    def _shards(self, stage: str) -> list[str]:
        shards: list[str] = self._current(stage)["shards"]
        return shards

    def _current(self, stage: str) -> dict[str, Any]:
        """What the newest run of a stage consists of. Raises UsageError when it has not run, or ran on articles that are gone."""
        found = self.store.current(stage)
        if found is None:
            problem = "has not run here"
        elif not all(self.store.has(*made) for made in _made_from(found["shards"])):
            problem = "ran here on what an earlier stage has since made anew"
        else:
            return found
        raise UsageError(
            f"{self.store.outputs}: stage {stage!r} {problem}: run 'claimledger {stage}' or 'claimledger run' first ({' → '.join(STAGES)})"
        )

    @contextmanager
    def _at_work(self, stage: str) -> Iterator[None]:
        """Within, the folder is this run's alone, and the time counts for the stage."""
        started = time.monotonic()
        with self.store.locked():
            yield
        self.report.seconds[stage] = self.report.seconds.get(stage, 0.0) + time.monotonic() - started


def _made_from(shards: list[str] | dict[str, dict[str, tuple[str, str]]]) -> Iterator[tuple[str, str]]:
    """(stage, key) of what a stage's newest run lies in, ingest's, or was made from, another's."""
    if isinstance(shards, list):
        return (("articles", shard) for shard in shards)
    return (made for origin in shards.values() for made in origin.values())


def _pairs(inputs: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {table: (stage, key) for table, (stage, key) in inputs.items()}
