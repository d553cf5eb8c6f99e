"""What crosses the boundary of claimer resolution."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Entity:
    """Someone or something that can speak. ``entity_id`` is a Wikipedia title when ``known``, else derived from the name
    (and from the article, where the name alone, such as a bare surname, does not carry an identity across articles)."""

    entity_id: str
    name: str
    type: str
    country: str | None = None
    role: str | None = None
    aliases: tuple[str, ...] = ()
    known: bool = False


@dataclass(frozen=True)
class ArticleFacts:
    """What resolution may use of an article beside its reading; ``published`` dates titles such as "the Commerce Secretary"."""

    article_id: str
    text: str
    title: str | None = None
    publisher: str | None = None
    published: date | None = None


@dataclass(frozen=True)
class Resolution:
    """Identities in one article. ``mentions`` has an entity id or None for each entity span of the reading, ``claimers``
    one for each attribution; every id is one of ``entities``."""

    entities: tuple[Entity, ...] = ()
    mentions: tuple[str | None, ...] = ()
    mention_types: tuple[str, ...] = ()
    claimers: tuple[str | None, ...] = field(default=())
