"""Claims to stances: which topics each is about, for or against what, and whose restriction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.config import Config
from pipeline.ingest.gate import TopicGate
from pipeline.stage import Shard
from pipeline.stance.judge import ClaimInText, Judge, load_networks
from pipeline.tables import ARTICLES, CLAIMS, STANCES_TABLE, Table, to_arrow
from pipeline.text import Span, spans_of


class Stance:
    """Say where each claimer stands on each topic of the claim."""

    name: ClassVar[str] = "stance"
    reads: ClassVar[tuple[Table, ...]] = (ARTICLES, CLAIMS)
    writes: ClassVar[tuple[Table, ...]] = (STANCES_TABLE,)

    def __init__(self, config: Config) -> None:
        self.judge = Judge(load_networks(config.stance), config.topics)
        self.gate = TopicGate(config.topics)
        self.min_probability = config.stance.min_probability

    def __call__(self, shard: Shard) -> dict[str, pa.Table]:
        claims = shard["claims"].to_pylist()
        wanted = pc.is_in(shard["articles"]["article_id"], shard["claims"]["article_id"].combine_chunks())
        rows_read = shard["articles"].filter(wanted).select(["article_id", "title", "text"]).to_pylist()
        articles = {row["article_id"]: row for row in rows_read}
        pairs = candidates(claims, articles, self.gate)
        texts = [(article["title"], article["text"]) for article in articles.values()]
        place = {article_id: i for i, article_id in enumerate(articles)}
        asked = [(claim_in_text(claim, place[claim["article_id"]]), topic) for claim, topic in pairs]
        rows = []
        for (claim, topic), judgement in zip(pairs, self.judge.judge(texts, asked), strict=True):
            if claim["score"] * judgement.relevance >= self.min_probability:
                favor, against, neutral = judgement.stance
                rows.append(
                    {
                        "claim_id": claim["claim_id"],
                        "topic": topic,
                        "stance": judgement.likeliest,
                        "p_favor": favor,
                        "p_against": against,
                        "p_neutral": neutral,
                        "imposer": judgement.imposer,
                        "relevance": judgement.relevance,
                    }
                )
        return {STANCES_TABLE.name: to_arrow(STANCES_TABLE, rows)}


def candidates(claims: Sequence[dict[str, Any]], articles: dict[str, dict[str, Any]], gate: TopicGate) -> list[tuple[dict[str, Any], str]]:
    """Each claim with each topic that its article names: the only ones that a model needs to look at."""
    topics = {article_id: gate.topics_of(row["title"], row["text"]) for article_id, row in articles.items()}
    return [(claim, topic) for claim in claims for topic in topics.get(claim["article_id"], [])]


def claim_in_text(claim: dict[str, Any], article: int) -> ClaimInText:
    """A row of ``claims`` as the judge reads it."""
    content = spans_of(claim["content_spans"])
    return ClaimInText(article, content, _span(claim, "cue"), _span(claim, "claimer"), claim["claimer_name"] or "")


def _span(claim: dict[str, Any], name: str) -> Span | None:
    start, end = claim[f"{name}_start"], claim[f"{name}_end"]
    return None if start is None else (start, end)
