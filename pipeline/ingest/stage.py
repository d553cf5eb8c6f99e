"""Raw records to articles: checked, identified, dated, gated; what cannot be used becomes a reject."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import pyarrow as pa

from pipeline.config import Config, IngestConfig, Topic
from pipeline.errors import RejectedInput
from pipeline.ids import content_id
from pipeline.ingest.dates import publication_date
from pipeline.ingest.discover import InputFile, Unit
from pipeline.ingest.duplicates import signature
from pipeline.ingest.gate import TopicGate
from pipeline.ingest.language import detect, language_code
from pipeline.ingest.limits import Limits
from pipeline.ingest.readers.documents import read_feed, read_html, read_text, read_warc
from pipeline.ingest.readers.structured import read_csv, read_json, read_jsonl, read_parquet
from pipeline.ingest.records import RawRecord, Reject
from pipeline.tables import ARTICLES, REJECTS, TIMESTAMP, to_arrow

Reader = Callable[[InputFile, Limits, IngestConfig], Iterator[RawRecord | Reject]]
READERS: dict[str, Reader] = {
    "text": read_text, "html": read_html, "jsonl": read_jsonl, "json": read_json, "csv": read_csv, "parquet": read_parquet, "warc": read_warc, "feed": read_feed,
}  # fmt: skip
# What one part holds at most: bounds memory and is what a resumed run redoes.
PART_ROWS, PART_CHARS, PART_REJECTS = 256, 2_000_000, 4096
SIGNATURES = pa.schema(
    [
        ("article_id", pa.string()),
        ("published", TIMESTAMP),
        ("url", pa.string()),
        ("text_hash", pa.string()),
        ("minhash", pa.binary()),
        ("shingles", pa.int32()),
    ]
)


@dataclass(frozen=True)
class IngestSettings:
    """What decides which articles come of a file."""

    config: IngestConfig
    topics: tuple[Topic, ...]
    limits: Limits = field(default_factory=Limits)


@dataclass
class Part:
    """Up to PART_ROWS articles, up to PART_REJECTS rejects met on the way, and the number of records read."""

    articles: list[dict[str, Any]] = field(default_factory=list)
    signatures: list[dict[str, Any]] = field(default_factory=list)
    rejects: list[dict[str, Any]] = field(default_factory=list)
    records: int = 0
    chars: int = 0
    ids: set[str] = field(default_factory=set)

    @property
    def full(self) -> bool:
        return len(self.articles) >= PART_ROWS or self.chars >= PART_CHARS or len(self.rejects) >= PART_REJECTS

    def tables(self) -> dict[str, pa.Table]:
        """``articles``, ``signatures`` and ``rejects``."""
        return {
            "articles": to_arrow(ARTICLES, self.articles),
            "signatures": pa.Table.from_pylist(self.signatures, schema=SIGNATURES),
            "rejects": to_arrow(REJECTS, self.rejects),
        }


def settings_of(config: Config) -> IngestSettings:
    return IngestSettings(config.ingest, config.topics)


def ingest_unit(unit: Unit, settings: IngestSettings) -> Iterator[Part]:
    """The unit's articles, part by part. Every record of its files is in one part, as an article or as a reject."""
    gate = _gate(settings.topics)
    part = Part()
    for file in unit.files:
        for found in read_file(file, settings):
            part.records += 1
            try:
                if isinstance(found, Reject):
                    raise RejectedInput(found.reason, found.detail)
                row = article_row(found, settings, gate)
                if row["article_id"] in part.ids:  # one that an earlier part has is found when the corpus is put together
                    raise RejectedInput("duplicate_id", f"id {row['article_id']!r} was met before in the same input")
                _add(part, row)
            except RejectedInput as error:
                part.rejects.append(reject_row(Reject(found.source, found.record or None, error.reason, error.detail)))
            if part.full:
                yield part
                part = Part()
    if part.records:
        yield part


@lru_cache(maxsize=1)
def _gate(topics: tuple[Topic, ...]) -> TopicGate:
    """The gate of a process: its automaton takes a moment to build, and grows with the texts that it reads."""
    return TopicGate(topics)


def read_file(file: InputFile, settings: IngestSettings) -> Iterator[RawRecord | Reject]:
    """Records of a file; a file that breaks off in the middle gives what came before and a reject."""
    try:
        yield from READERS[file.format](file, settings.limits, settings.config)
    except RejectedInput as error:
        yield Reject(file.name, None, error.reason, error.detail)
    except (OSError, EOFError) as error:
        yield Reject(file.name, None, "unreadable", str(error))
    except Exception as error:  # a parser of another library fell over on this file: the others go on
        yield Reject(file.name, None, "failed", f"{type(error).__name__}: {error}")


def article_row(record: RawRecord, settings: IngestSettings, gate: TopicGate) -> dict[str, Any]:
    """A row of ``articles``. Raises RejectedInput with the reason why the record is none."""
    text = record.text
    words = len(text.split())
    if words and not any(map(str.isalnum, text)):
        raise RejectedInput("empty", "no letter and no digit")
    if words < settings.config.min_words:
        raise RejectedInput("empty", f"{words} words, fewer than {settings.config.min_words}")
    most = min(settings.config.max_text_chars, settings.limits.text_chars)
    if len(text) > most:
        remedy = ", or raise ingest.max_text_chars" if most < settings.limits.text_chars else ""
        raise RejectedInput("too_long", f"{len(text):,} characters, more than {most:,}: split the document{remedy}")
    if "\0" in text:
        raise RejectedInput("not_text", "the text holds NUL characters")
    for name, value in (
        ("text", text),
        ("id", record.id),
        ("title", record.title),
        ("url", record.url),
        ("publisher", record.publisher),
        ("author", record.author),
    ):
        if value is not None and not _encodable(value):
            raise RejectedInput("bad_encoding", f"{name} holds lone surrogates, which no encoding can write")
    published, published_from = publication_date(record.published, text, record.source, record.url)
    return {
        "article_id": record.id or content_id("a", text, record.title, record.publisher),
        "source": f"{record.source}{record.record}",
        "url": record.url,
        "title": record.title,
        "publisher": record.publisher,
        "author": record.author,
        "published": published,
        "published_from": published_from,
        "language": _language(record, settings.config.languages),
        "text": text,
        "words": words,
        "topics": gate.topics_of(record.title, text),
        "duplicate_of": None,
        "revision_of": None,
    }


def reject_row(reject: Reject) -> dict[str, Any]:
    """A row of ``rejects``."""
    detail = reject.detail.encode("utf-8", "replace").decode()[:2000]
    return {"source": reject.source, "record": reject.record, "stage": "ingest", "reason": reject.reason, "detail": detail}


def _add(part: Part, row: dict[str, Any]) -> None:
    part.ids.add(row["article_id"])
    part.articles.append(row)
    part.chars += len(row["text"])
    part.signatures.append(vars(signature(row["article_id"], row["published"], row["url"], row["text"])))


def _language(record: RawRecord, wanted: tuple[str, ...]) -> str:
    language = detect(record.text) or language_code(record.language) or wanted[0]
    if language not in wanted:
        raise RejectedInput("language", f"the text is in {language!r}; read are {', '.join(wanted)}")
    return language


def _encodable(value: str) -> bool:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
