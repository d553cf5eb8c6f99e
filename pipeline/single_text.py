"""Claims of a single text, without files: for notebooks and other programs."""

from __future__ import annotations

from functools import lru_cache

import pandas as pd
import pyarrow as pa

from pipeline.config import Config, load_config
from pipeline.entities.stage import Entities
from pipeline.ids import content_id
from pipeline.ingest.gate import TopicGate
from pipeline.stance.stage import Stance
from pipeline.tables import ARTICLES, to_arrow


def extract(text: str, title: str | None = None, published: pd.Timestamp | None = None, config: Config | None = None) -> pd.DataFrame:
    """Who asserts what in ``text``: one row a claim and topic (topic is null for a claim about none), in the order of the text."""
    config = config or load_config()
    entities, stance, gate = _stages(config)
    row = {
        "article_id": content_id("a", text), "source": "text", "url": None, "title": title, "publisher": None, "author": None, "published": published,
        "published_from": None, "language": "en", "text": text, "words": len(text.split()), "topics": gate.topics_of(title, text), "duplicate_of": None, "revision_of": None,
    }  # fmt: skip
    shard: dict[str, pa.Table] = {"articles": to_arrow(ARTICLES, [row])}
    shard |= entities(shard)
    shard |= stance(shard)
    claims, stances = shard["claims"].to_pandas(), shard["stances"].to_pandas()
    return claims.merge(stances, on="claim_id", how="left")


@lru_cache(maxsize=2)
def _stages(config: Config) -> tuple[Entities, Stance, TopicGate]:
    return Entities(config), Stance(config), TopicGate(config.topics)
