"""Labels of articles whose text may not be passed on: they lie apart from the text, which is joined to them by id and hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pipeline.errors import UsageError
from pipeline.gold.records import read_jsonl


def text_hash(text: str) -> str:
    """SHA-256 of a text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def join_texts(labels: Path, articles: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Gold records (design, section 6) of a file of labels and the articles that they were made on.

    A line of ``labels`` holds ``article_id``, ``text_sha256`` and ``claims``; here, a claim about no topic has empty ``topics`` and no
    ``claimer_name``. Raises UsageError for a label whose article is not among ``articles`` (``id``, ``text``, ``title``, ``publisher``,
    ``published``) or has another text.
    """
    wanted = {row["article_id"]: row for row in read_jsonl(labels)}
    joined: list[dict[str, Any]] = []
    for article in articles:
        row = wanted.pop(article["id"], None)
        if row is None:
            continue
        if text_hash(article["text"]) != row["text_sha256"]:
            raise UsageError(f"{labels}: {row['article_id']} was labelled on another text; use the data whose hash docs/data.md gives")
        about = {key: article.get(key) for key in ("title", "publisher", "published", "text")}
        joined.append({"article_id": row["article_id"], **about, "claims": row["claims"]})
    if wanted:
        raise UsageError(f"{labels}: no text for {', '.join(sorted(wanted)[:3])} ({len(wanted)} in all); see docs/data.md")
    return joined
