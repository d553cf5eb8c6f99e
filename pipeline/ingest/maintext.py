"""The main text and metadata of a web page."""

from __future__ import annotations

import html
import re

import trafilatura
from trafilatura.settings import use_config

from pipeline.errors import RejectedInput
from pipeline.ingest.records import RawRecord

_CONFIG = use_config()
_CONFIG.set("DEFAULT", "EXTRACTION_TIMEOUT", "0")
_DEEPEST = 2000  # nested elements; deeper pages only serve to exhaust a parser
_TAG = re.compile(r"<[^>]{0,2000}>")
_OPENING = re.compile(rb"<(?!/|!|\?)[a-zA-Z]")
_CLOSING = re.compile(
    rb"</[a-zA-Z]|/>|<(?:br|img|meta|link|input|hr|source|area|base|col|embed|track|wbr|p|li|td|tr|dt|dd|option)\b", re.IGNORECASE
)


def page_record(data: bytes, source: str, record: str, url: str | None) -> RawRecord:
    """A page's text with its title, author, date and site. Raises RejectedInput where there is no main text."""
    if len(_OPENING.findall(data)) - len(_CLOSING.findall(data)) > _DEEPEST:
        raise RejectedInput("bad_markup", f"more than {_DEEPEST:,} elements are left open")
    tree = trafilatura.load_html(data)
    if tree is None:
        raise RejectedInput("bad_markup", "not a page of HTML")
    document = trafilatura.bare_extraction(
        tree,
        url=url,
        include_comments=False,
        include_tables=False,
        include_images=False,
        deduplicate=False,
        with_metadata=True,
        config=_CONFIG,
        favor_precision=True,
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    if document is None or isinstance(document, dict) or not (document.text or "").strip():
        raise RejectedInput("no_main_text", "the page has no main text")
    return RawRecord(
        source,
        record,
        _paragraphs(document.text or ""),
        None,
        document.url or url,
        document.title,
        document.sitename or document.hostname,
        document.author,
        document.date,
        document.language,
    )


def main_text(markup: str) -> str | None:
    """Main text of a fragment, or None."""
    text = trafilatura.extract(markup, include_comments=False, include_tables=False, config=_CONFIG, favor_recall=True)
    return _paragraphs(text) if text else None


def strip_tags(markup: str) -> str:
    """Text of markup without its tags."""
    return " ".join(html.unescape(_TAG.sub(" ", markup)).split())


def _paragraphs(text: str) -> str:
    """Paragraphs parted by empty lines, as in the other formats."""
    return "\n\n".join(line.strip() for line in text.split("\n") if line.strip())
