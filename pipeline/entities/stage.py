"""Articles to mentions, entities and claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

import pyarrow as pa

from pipeline.claimers.knowledge import load_knowledge_base
from pipeline.claimers.resolve import Resolver
from pipeline.claimers.scorer import Scorer
from pipeline.claimers.types import ArticleFacts, Entity, Resolution
from pipeline.config import Config
from pipeline.entities.answers import with_answers
from pipeline.entities.polarity import polarity_of
from pipeline.entities.repeats import unrepeated
from pipeline.entities.said_on import said_on
from pipeline.ids import content_id
from pipeline.models import model_file
from pipeline.reader.read import AttributionSpan, EntitySpan, Reader, Reading
from pipeline.stage import Shard
from pipeline.tables import ARTICLES, CLAIMS, ENTITIES, MENTIONS, Table, to_arrow
from pipeline.text import Span, context_of, form_of, sentences


class Entities:
    """Find who asserted what in every article of a shard."""

    name: ClassVar[str] = "entities"
    reads: ClassVar[tuple[Table, ...]] = (ARTICLES,)
    writes: ClassVar[tuple[Table, ...]] = (MENTIONS, ENTITIES, CLAIMS)

    def __init__(self, config: Config) -> None:
        self.reader = Reader(model_file(config.entities.reader, "weights.safetensors"), config.entities.convention)
        scorer = Scorer.load(model_file(config.entities.claimers, "weights.safetensors"))
        self.knowledge = load_knowledge_base(config.entities.knowledge_base)
        self.resolver = Resolver(self.knowledge, scorer)
        self.min_score = config.entities.min_score
        self.by_guidelines = config.entities.convention == "guidelines"  # PolNeAR passes answers over, and marks every cue

    def __call__(self, shard: Shard) -> dict[str, pa.Table]:
        articles = shard["articles"].to_pylist()
        mentions: list[dict[str, Any]] = []
        entities: dict[str, dict[str, Any]] = {}
        claims: list[dict[str, Any]] = []
        for article, reading in zip(articles, self.reader.read([a["text"] for a in articles]), strict=True):
            reading = self._likely(reading)
            if self.by_guidelines:
                reading = self._likely(with_answers(article["text"], reading))
            resolution = self.resolver.resolve(_facts(article), reading)
            if self.by_guidelines:
                reading, resolution = _unrepeated(reading, resolution)
            mentions += mention_rows(article, reading.entities, resolution)
            claims += claim_rows(article, reading.attributions, resolution)
            for entity in resolution.entities:
                entities.setdefault(entity.entity_id, _entity_row(entity, self.knowledge.name_of(entity.entity_id)))
                _add_aliases(entities[entity.entity_id], entity)
        rows = {MENTIONS: mentions, ENTITIES: list(entities.values()), CLAIMS: claims}
        return {table.name: to_arrow(table, found) for table, found in rows.items()}

    def _likely(self, reading: Reading) -> Reading:
        return replace(reading, attributions=tuple(a for a in reading.attributions if a.score >= self.min_score))


def _unrepeated(reading: Reading, resolution: Resolution) -> tuple[Reading, Resolution]:
    """Both without the claims that repeat another of their claimer."""
    kept = unrepeated(reading.attributions, resolution.claimers)
    return (
        replace(reading, attributions=tuple(reading.attributions[i] for i in kept)),
        replace(resolution, claimers=tuple(resolution.claimers[i] for i in kept)),
    )


def _facts(article: dict[str, Any]) -> ArticleFacts:
    published = article["published"]
    return ArticleFacts(
        article["article_id"], article["text"], article["title"], article["publisher"], published.date() if published else None
    )


def mention_rows(article: dict[str, Any], spans: Sequence[EntitySpan], resolution: Resolution) -> list[dict[str, Any]]:
    """Rows of ``mentions`` for one article."""
    rows = []
    for span, entity_id, kind in zip(spans, resolution.mentions, resolution.mention_types, strict=True):
        rows.append(
            {
                "mention_id": content_id("m", article["article_id"], span.start, span.end),
                "article_id": article["article_id"],
                "start": span.start,
                "end": span.end,
                "text": article["text"][span.start : span.end],
                "type": kind,
                "entity_id": entity_id,
                "score": span.score,
            }
        )
    return rows


def claim_rows(article: dict[str, Any], attributions: Sequence[AttributionSpan], resolution: Resolution) -> list[dict[str, Any]]:
    """Rows of ``claims`` for one article; attributions with the same spans are one claim."""
    text, by_id = article["text"], {e.entity_id: e for e in resolution.entities}
    bounds = sentences(text) if attributions else []
    rows: dict[str, dict[str, Any]] = {}
    for attribution, claimer_id in zip(attributions, resolution.claimers, strict=True):
        claimer = by_id[claimer_id] if claimer_id else None
        content = sorted(attribution.content)
        claim_id = content_id("c", article["article_id"], content, attribution.cue, attribution.source)
        rows[claim_id] = {
            "claim_id": claim_id,
            "article_id": article["article_id"],
            "published": article["published"],
            "said_on": said_on(text, bounds, content, attribution.cue, attribution.source, article["published"]),
            **_span_fields("claimer", text, attribution.source),
            "claimer_id": claimer_id,
            "claimer_name": claimer.name if claimer else None,
            "claimer_type": claimer.type if claimer else "UNKNOWN",
            "claimer_country": claimer.country if claimer else None,
            **_span_fields("cue", text, attribution.cue),
            "content": " ".join(text[s:e] for s, e in content),
            "content_spans": [{"start": s, "end": e} for s, e in content],
            "context": text[slice(*context_of(text, bounds, content, attribution.cue))],
            "form": form_of(text, content),
            "polarity": polarity_of(text, attribution),
            "score": attribution.score,
        }
    return list(rows.values())


def _span_fields(name: str, text: str, span: Span | None) -> dict[str, Any]:
    start, end = span or (None, None)
    return {f"{name}_text": text[start:end] if span else None, f"{name}_start": start, f"{name}_end": end}


def _entity_row(entity: Entity, usual_name: str | None) -> dict[str, Any]:
    return {
        "entity_id": entity.entity_id, "name": usual_name or entity.name, "type": entity.type, "country": entity.country,
        "role": entity.role, "aliases": [], "known": entity.known,
    }  # fmt: skip


def _add_aliases(row: dict[str, Any], entity: Entity) -> None:
    row["aliases"] = sorted({*row["aliases"], *entity.aliases})
    row["country"] = row["country"] or entity.country
    row["role"] = row["role"] or entity.role
