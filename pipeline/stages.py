"""The stages of a run, in order."""

from __future__ import annotations

from pathlib import Path

from pipeline.config import Config
from pipeline.encoder import SHA256
from pipeline.entities.stage import Entities
from pipeline.errors import UsageError
from pipeline.ids import file_hash, fingerprint
from pipeline.linking.stage import Linking
from pipeline.models import LARGE_ENCODER, revision
from pipeline.stage import Stage
from pipeline.stance.stage import Stance

# Raise a stage's number when its code makes other tables of the same input: kept work of older versions is then redone.
CODE_VERSIONS = {"ingest": 5, "entities": 23, "stance": 10, "linking": 8}
SHARD_STAGES: tuple[type[Entities], type[Stance]] = (Entities, Stance)
STAGES = ("ingest", "entities", "stance", "link")


def stage_named(name: str, config: Config) -> Stage:
    """A stage that works on one shard, with its models loaded."""
    for stage in SHARD_STAGES:
        if stage.name == name:
            return stage(config)
    raise UsageError(f"no stage {name!r}; there are {', '.join(STAGES)}")


def fingerprint_of(name: str, config: Config) -> str:
    """What, beside its input, decides what a stage makes: its configuration, its model and its code's version."""
    code = CODE_VERSIONS[name]
    if name == "entities":
        own = file_hash(Path(config.entities.knowledge_base)) if config.entities.knowledge_base else ""
        return fingerprint(code, config.entities, own, revision(config.entities.reader), revision(config.entities.claimers), SHA256)
    if name == "stance":
        models = [config.stance.model, *([config.stance.large_model, LARGE_ENCODER] if config.stance.large_model else [])]
        return fingerprint(code, config.stance, config.topics, *map(revision, models), SHA256)
    if name == "linking":
        return fingerprint(code, config.linking, revision(config.linking.model), revision(LARGE_ENCODER), SHA256)
    return fingerprint(code, config.ingest, config.topics)


__all__ = ["SHARD_STAGES", "STAGES", "Entities", "Linking", "Stance", "fingerprint_of", "stage_named"]
