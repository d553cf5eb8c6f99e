"""Raw records as readers give them, and the names that their fields go by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pipeline.config import RECORD_FIELDS
from pipeline.errors import RejectedInput

ALIASES: dict[str, tuple[str, ...]] = {
    "text": ("text", "body", "content", "article", "full_text", "fulltext", "article_text", "maintext", "story"),
    "id": ("id", "article_id", "doc_id", "document_id", "uuid", "guid"),
    "url": ("url", "link", "permalink", "uri", "href"),
    "title": ("title", "headline", "heading", "hed"),
    "publisher": ("publisher", "source", "outlet", "site", "publication", "newspaper", "sitename", "source_name", "domain"),
    "author": ("author", "authors", "byline", "creator", "writer"),
    "published": ("published", "date", "published_at", "publish_date", "date_published", "pubdate", "pub_date", "publication_date", "datetime", "timestamp", "time"),
    "language": ("language", "lang"),
}  # fmt: skip
KNOWN_NAMES = frozenset(name for names in ALIASES.values() for name in names)


@dataclass(frozen=True)
class RawRecord:
    """One document. ``record`` says which of its file (``#12``, an address), "" for the whole file; ``published`` is as given."""

    source: str
    record: str
    text: str
    id: str | None = None
    url: str | None = None
    title: str | None = None
    publisher: str | None = None
    author: str | None = None
    published: str | None = None
    language: str | None = None


@dataclass(frozen=True)
class Reject:
    """An input that is not used, and why (``reason`` is one of ``tables.REJECT_REASONS``)."""

    source: str
    record: str | None
    reason: str
    detail: str


def record_from(fields: Mapping[str, Any], source: str, record: str, columns: Mapping[str, str]) -> RawRecord:
    """A structured record by its fields' names; ``columns`` maps names of the input to ours, before the common aliases.

    Raises RejectedInput when it has no text.
    """
    chosen: dict[str, Any] = {}
    for name, theirs, aliases in _places(tuple(fields), tuple(columns.items())):
        chosen[name] = fields[theirs] if theirs is not None else next((v for v in map(fields.__getitem__, aliases) if _given(v)), None)
    text = chosen["text"]
    if text is None or text == "":
        raise RejectedInput("missing_text", f"no text; fields are {', '.join(map(str, list(fields)[:12]))}")
    if not isinstance(text, str):
        raise RejectedInput("bad_record", f"text is {type(text).__name__}, not a string")
    others = {name: _string(chosen[name]) for name in RECORD_FIELDS if name != "text"}
    return RawRecord(source, record, text, **others)  # type: ignore[arg-type]


@lru_cache(maxsize=8)  # names may be long
def _places(names: tuple[Any, ...], columns: tuple[tuple[str, str], ...]) -> list[tuple[str, str | None, list[Any]]]:
    """Where each field of ours is among ``names``: (ours, the mapped column or None, columns that a common alias gives, in order).

    The records of a file have the same names again and again.
    """
    lowered = {str(name).strip().lower(): name for name in names}
    mapped = {ours: theirs for theirs, ours in columns if theirs in names}
    return [(ours, mapped.get(ours), [lowered[a] for a in ALIASES[ours] if a in lowered]) for ours in RECORD_FIELDS]


def _given(value: Any) -> bool:
    return value is not None and value != "" and value == value  # NaN is not equal to itself


def _string(value: Any) -> str | None:
    if not _given(value):
        return None
    if isinstance(value, list | tuple):
        return ", ".join(str(v) for v in value) or None
    if isinstance(value, Mapping):
        return _string(value.get("name") or value.get("title"))
    return str(value)
