"""The tables: one Arrow schema each, with a description on every field, and the check that every written table passes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

STRING, INT, FLOAT, BOOL = pa.string(), pa.int32(), pa.float32(), pa.bool_()
TIMESTAMP = pa.timestamp("us", tz="UTC")
DATE = pa.date32()
STRINGS = pa.list_(pa.string())
SPANS = pa.list_(pa.struct([pa.field("start", INT, nullable=False), pa.field("end", INT, nullable=False)]))

STANCES = ("favor", "against", "neutral")
POLARITIES = ("affirms", "denies")
FORMS = ("direct", "indirect", "mixed")
RELATIONS = ("same", "opposed")
ENTITY_TYPES = ("PERSON", "ORG", "GOV", "PLACE", "GROUP", "DOC", "MISC", "UNKNOWN")
REJECT_REASONS = (
    "missing_text", "empty", "too_long", "too_large", "language", "not_text", "bad_json", "bad_record", "bad_archive",
    "bad_markup", "bad_encoding", "unreadable", "unsupported", "duplicate_id", "no_main_text", "failed",
)  # fmt: skip


class TableError(ValueError):
    """A table does not keep its schema: our own bug, never the user's."""


@dataclass(frozen=True)
class Table:
    """A table's name, meaning, Arrow schema and key; ``key`` columns are never null and unique within a table."""

    name: str
    description: str
    schema: pa.Schema
    key: tuple[str, ...]


def _field(name: str, kind: pa.DataType, description: str, nullable: bool = False) -> pa.Field:
    return pa.field(name, kind, nullable=nullable, metadata={"description": description})


def _table(name: str, description: str, key: Sequence[str], *fields: pa.Field) -> Table:
    return Table(name, description, pa.schema(fields), tuple(key))


_OPTIONAL = True

ARTICLES = _table(
    "articles", "One row per article kept: text, metadata, and whether it is read.", ["article_id"],
    _field("article_id", STRING, "The record's own id, or one derived from its content."),
    _field("source", STRING, "File and record that the article came from, as PATH or PATH#RECORD."),
    _field("url", STRING, "Address of the article.", _OPTIONAL),
    _field("title", STRING, "Headline.", _OPTIONAL),
    _field("publisher", STRING, "Outlet.", _OPTIONAL),
    _field("author", STRING, "Author as given.", _OPTIONAL),
    _field("published", TIMESTAMP, "When it was published (UTC); null if unknown.", _OPTIONAL),
    _field("published_from", STRING, "Where the date came from: metadata, dateline (the text's first lines), path (or url), or null.", _OPTIONAL),
    _field("language", STRING, "ISO 639-1 code, given or detected."),
    _field("text", STRING, "The text that every offset points into, in Unicode code points."),
    _field("words", INT, "Number of whitespace-separated words."),
    _field("topics", STRINGS, "Topics whose terms the text or title names: the gate. Empty: the article is not read unless --no-gate, and its claims have no stances."),
    _field("duplicate_of", STRING, "article_id that this article repeats; it is not read again. Null otherwise.", _OPTIONAL),
    _field("revision_of", STRING, "article_id of an earlier version under the same url. Null otherwise.", _OPTIONAL),
)  # fmt: skip

MENTIONS = _table(
    "mentions", "One row per entity mention.", ["mention_id"],
    _field("mention_id", STRING, "Derived from article and span."),
    _field("article_id", STRING, "Article of the mention."),
    _field("start", INT, "First code point in articles.text."),
    _field("end", INT, "Code point after the last."),
    _field("text", STRING, "The mention, text[start:end]."),
    _field("type", STRING, "PERSON, ORG, GOV, PLACE, GROUP, DOC or MISC."),
    _field("entity_id", STRING, "Entity that the mention refers to.", _OPTIONAL),
    _field("score", FLOAT, "Confidence of the reader, 0 to 1."),
)  # fmt: skip

ENTITIES = _table(
    "entities", "One row per entity, across articles.", ["entity_id"],
    _field("entity_id", STRING, "Wikipedia title of an entity in the knowledge base, else an id derived from the name."),
    _field("name", STRING, "Full name."),
    _field("type", STRING, "PERSON, ORG, GOV, PLACE, GROUP, DOC, MISC or UNKNOWN."),
    _field("country", STRING, "ISO 3166 code of the side it speaks for, EU, or null.", _OPTIONAL),
    _field("role", STRING, "Office or description, where known.", _OPTIONAL),
    _field("aliases", STRINGS, "Names seen for it or known, sorted."),
    _field("known", BOOL, "Whether it is in the knowledge base."),
)  # fmt: skip

CLAIMS = _table(
    "claims", "One row per attributed claim, about a topic or not.", ["claim_id"],
    _field("claim_id", STRING, "Derived from article and spans."),
    _field("article_id", STRING, "Article of the claim."),
    _field("published", TIMESTAMP, "When the article was published.", _OPTIONAL),
    _field("said_on", DATE, "Day of the saying, where the claim's sentence names it (\"on Tuesday\"); null when unsure.", _OPTIONAL),
    _field("claimer_text", STRING, "Mention of the claimer nearest to the cue.", _OPTIONAL),
    _field("claimer_start", INT, "Its first code point; null where no source is named.", _OPTIONAL),
    _field("claimer_end", INT, "Code point after its last.", _OPTIONAL),
    _field("claimer_id", STRING, "Entity of the claimer; null where unknown.", _OPTIONAL),
    _field("claimer_name", STRING, "Full name of the claimer, resolved within the article; null where unknown.", _OPTIONAL),
    _field("claimer_type", STRING, "Type of the claimer, UNKNOWN where it is not resolved."),
    _field("claimer_country", STRING, "Country of the claimer.", _OPTIONAL),
    _field("cue_text", STRING, "Words that signal the attribution; null for a colon headline and the like.", _OPTIONAL),
    _field("cue_start", INT, "First code point of the cue.", _OPTIONAL),
    _field("cue_end", INT, "Code point after its last.", _OPTIONAL),
    _field("content", STRING, "What is asserted: the spans' text, joined by a space."),
    _field("content_spans", SPANS, "Spans of the content in articles.text."),
    _field("context", STRING, "Sentence or sentences around the claim."),
    _field("form", STRING, "direct, indirect or mixed: how much of the content stands in quotation marks."),
    _field("polarity", STRING, "affirms, or denies where the claimer rejects the content."),
    _field("score", FLOAT, "Confidence that this is a claim, 0 to 1."),
)  # fmt: skip

STANCES_TABLE = _table(
    "stances", "One row per claim and topic that it is about.", ["claim_id", "topic"],
    _field("claim_id", STRING, "The claim."),
    _field("topic", STRING, "Id of a configured topic."),
    _field("stance", STRING, "favor, against or neutral towards the topic's restriction."),
    _field("p_favor", FLOAT, "Probability of favor."),
    _field("p_against", FLOAT, "Probability of against."),
    _field("p_neutral", FLOAT, "Probability of neutral."),
    _field("imposer", STRING, "Whose restriction: ISO 3166 code, EU, or null when unclear or general.", _OPTIONAL),
    _field("relevance", FLOAT, "Probability that the claim is about the topic."),
)  # fmt: skip

PROPOSITIONS = _table(
    "propositions", "One row per claim about a topic: the proposition that it asserts.", ["claim_id"],
    _field("claim_id", STRING, "The claim."),
    _field("proposition_id", STRING, "Proposition: claims that share it assert the same thing."),
    _field("representative", STRING, "claim_id of the proposition's clearest wording."),
    _field("size", INT, "Number of claims that assert it."),
)  # fmt: skip

LINKS = _table(
    "links", "One row per compared pair of claims within a proposition or between two opposed ones, claim_a < claim_b.", ["claim_a", "claim_b"],
    _field("claim_a", STRING, "One claim."),
    _field("claim_b", STRING, "The other claim."),
    _field("relation", STRING, "same, or opposed: both cannot be true, or both cannot be the right policy."),
    _field("score", FLOAT, "For same, the pair's own score, which may be low; for opposed, the mean over the compared pairs of the two propositions, at least linking.opposed."),
    _field("same_claimer", BOOL, "Whether one claimer made both: with opposed, a change of position."),
)  # fmt: skip

ASSERTIONS = _table(
    "assertions", "One row per claim and topic, flat, for dashboards.", ["claim_id", "topic"],
    _field("claim_id", STRING, "The claim."),
    _field("article_id", STRING, "Its article."),
    _field("publisher", STRING, "Outlet.", _OPTIONAL),
    _field("published", TIMESTAMP, "When the article was published.", _OPTIONAL),
    _field("url", STRING, "Address of the article.", _OPTIONAL),
    _field("claimer_id", STRING, "Entity of the claimer.", _OPTIONAL),
    _field("claimer_name", STRING, "Full name of the claimer.", _OPTIONAL),
    _field("claimer_type", STRING, "Type of the claimer."),
    _field("claimer_country", STRING, "Country of the claimer.", _OPTIONAL),
    _field("topic", STRING, "Topic that the claim is about."),
    _field("stance", STRING, "favor, against or neutral towards the topic's restriction."),
    _field("imposer", STRING, "Whose restriction.", _OPTIONAL),
    _field("polarity", STRING, "affirms or denies."),
    _field("form", STRING, "direct, indirect or mixed."),
    _field("content", STRING, "What is asserted."),
    _field("context", STRING, "Sentence or sentences around the claim."),
    _field("proposition_id", STRING, "Proposition that the claim asserts.", _OPTIONAL),
    _field("proposition_size", INT, "Number of claims that assert it.", _OPTIONAL),
    _field("n_opposed", INT, "Number of claims that assert a proposition opposed to this claim's."),
    _field("score", FLOAT, "Confidence that this is a claim about the topic, 0 to 1."),
)  # fmt: skip

REJECTS = _table(
    "rejects", "One row per input that was not used.", [],
    _field("source", STRING, "File that the record came from."),
    _field("record", STRING, "Record within the file (line, row or address); null for the whole file.", _OPTIONAL),
    _field("stage", STRING, "Stage that refused it."),
    _field("reason", STRING, "Short code: " + ", ".join(REJECT_REASONS) + "."),
    _field("detail", STRING, "What was wrong, in words."),
)  # fmt: skip

RUNS = _table(
    "runs", "One row per run that did work.", ["run_id"],
    _field("run_id", STRING, "Derived from start, corpus and configuration."),
    _field("started", TIMESTAMP, "When the run started."),
    _field("finished", TIMESTAMP, "When it finished."),
    _field("version", STRING, "Version of claimledger."),
    _field("config_hash", STRING, "Fingerprint of the configuration."),
    _field("models", STRING, "Models and their revisions, as JSON."),
    _field("counts", STRING, "Rows by table and inputs by outcome, as JSON."),
    _field("seconds", STRING, "Seconds by stage, as JSON."),
)  # fmt: skip

TABLES = (ARTICLES, MENTIONS, ENTITIES, CLAIMS, STANCES_TABLE, PROPOSITIONS, LINKS, ASSERTIONS, REJECTS, RUNS)


def table_named(name: str) -> Table:
    """The table of that name; raises KeyError with the names that exist."""
    for table in TABLES:
        if table.name == name:
            return table
    raise KeyError(f"no table {name!r}; there are {', '.join(t.name for t in TABLES)}")


def to_arrow(table: Table, rows: Iterable[dict[str, Any]]) -> pa.Table:
    """Rows as a checked Arrow table in the table's schema; raises TableError for a missing or unknown field or a null."""
    rows = list(rows)
    names = set(table.schema.names)
    for row in rows:
        if row.keys() != names:
            raise TableError(f"{table.name}: fields differ from the schema: {sorted(row.keys() ^ names)}")
    return check(table, pa.Table.from_pylist(rows, schema=table.schema))


def check(table: Table, data: pa.Table) -> pa.Table:
    """``data`` when it keeps the table's schema, has no null where none may be and no key twice; raises TableError."""
    if data.schema != table.schema:
        raise TableError(f"{table.name}: schema differs:\n{data.schema}\nexpected\n{table.schema}")
    for field in table.schema:
        if not field.nullable and data[field.name].null_count:
            raise TableError(f"{table.name}.{field.name}: {data[field.name].null_count} nulls where none may be")
    if table.key and data.num_rows > 1:
        unique = data.select(list(table.key)).group_by(list(table.key)).aggregate([]).num_rows
        if unique != data.num_rows:
            raise TableError(f"{table.name}: {data.num_rows - unique} rows repeat a key {table.key}")
    return data


def empty(table: Table) -> pa.Table:
    return table.schema.empty_table()
