"""Claims of the whole corpus to propositions and links."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import ClassVar

import pyarrow as pa

from pipeline.config import Config
from pipeline.encoder import SHA256
from pipeline.ids import file_hash, fingerprint
from pipeline.linking.cluster import cluster
from pipeline.linking.network import READ_VERSION
from pipeline.linking.propositions import link_table, proposition_table, representatives
from pipeline.linking.read import TableClaims
from pipeline.linking.relate import relate, relate_propositions
from pipeline.models import LARGE_ENCODER, model_file, revision
from pipeline.stage import Shard
from pipeline.tables import ARTICLES, CLAIMS, LINKS, PROPOSITIONS, STANCES_TABLE, Table, check


class Linking:
    """Link claims that share a topic; its one shard is the whole corpus, with the articles' ids and titles alone.

    ``cache`` keeps vectors, neighbours and close readings between runs, under hashes of what was read and with which models: a corpus
    that grew costs the growth.
    """

    name: ClassVar[str] = "link"
    reads: ClassVar[tuple[Table, ...]] = (ARTICLES, CLAIMS, STANCES_TABLE)
    writes: ClassVar[tuple[Table, ...]] = (PROPOSITIONS, LINKS)

    def __init__(self, config: Config, cache: Path) -> None:
        self.config = config.linking
        read_with = [file_hash(model_file(self.config.model, f"{name}.safetensors")) for name in ("vectors", "weights")]
        self.cache = cache / fingerprint(READ_VERSION, revision(LARGE_ENCODER), SHA256, *read_with)

    def __call__(self, shard: Shard) -> dict[str, pa.Table]:
        claims = shard["claims"].sort_by("claim_id")
        self._forget_other_models()
        read = TableClaims(claims, shard["articles"])
        related = relate(claims, shard["stances"], read, self.config, self.cache)
        label = cluster(len(claims), related.pairs, related.same, self.config.same, self.config.neighbours)
        propositions = proposition_table(claims, label, related.pairs, related.same)
        repeated = representatives(claims, propositions)
        if len(repeated) > 1:
            related = related.joined(relate_propositions(claims, shard["stances"], read, self.config, self.cache, repeated))
        return {
            PROPOSITIONS.name: check(PROPOSITIONS, propositions),
            LINKS.name: check(LINKS, link_table(claims, label, related.pairs, related.same, related.opposed, self.config.opposed)),
        }

    def _forget_other_models(self) -> None:
        """Remove what was kept of readings by other models than these."""
        for other in self.cache.parent.iterdir() if self.cache.parent.is_dir() else ():
            if other != self.cache:
                shutil.rmtree(other, ignore_errors=True)
