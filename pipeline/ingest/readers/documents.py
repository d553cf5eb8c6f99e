"""Plain text, HTML pages, WARC files and feeds: documents whose text has to be found."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import feedparser
import re2
from warcio.archiveiterator import ArchiveIterator
from warcio.recordloader import ArcWarcRecord

from pipeline.config import IngestConfig
from pipeline.errors import RejectedInput
from pipeline.ingest.discover import InputFile
from pipeline.ingest.limits import Limits
from pipeline.ingest.maintext import main_text, page_record, strip_tags
from pipeline.ingest.opening import decode, open_bytes, read_whole
from pipeline.ingest.readers.exports import headers_of, is_export, read_export
from pipeline.ingest.records import RawRecord, Reject

Found = Iterator[RawRecord | Reject]
# An internal subset, behind identifiers in quotes, or an entity. By RE2, which is linear whatever declarations have no end.
_BYTES = re2.Options()
_BYTES.encoding = re2.Options.Encoding.LATIN1
_ENTITY_DECLARATION = re2.compile(rb"""(?i)<!(?:DOCTYPE(?:[^>"'\[]|"[^"]*"|'[^']*')*\[|ENTITY)""", _BYTES)
_LEAST_FEED_WORDS, _LONGEST_TITLE = 12, 200
_EMPTY_LINE = re.compile(r"[ \t]*\r?\n")


def read_text(file: InputFile, limits: Limits, config: IngestConfig) -> Found:
    """One article, kept as it is, with a short first line before an empty one as its title; or the documents of an export."""
    text = decode(read_whole(file, limits))
    if not text.strip():
        raise RejectedInput("empty", "the file holds no text")
    headers = headers_of(config)
    if is_export(text, headers):
        yield from read_export(text, file.name, headers)
        return
    first, _, rest = text.partition("\n")
    titled = 0 < len(first.strip()) <= _LONGEST_TITLE and _EMPTY_LINE.match(rest) and rest.strip()
    title = first.lstrip("# ").strip() if titled else None
    yield RawRecord(file.name, "", text, title=title)


def read_html(file: InputFile, limits: Limits, config: IngestConfig) -> Found:
    """A page as saved from a site: its main text and metadata."""
    yield page_record(read_whole(file, limits, limits.html_bytes), file.name, "", None)


def read_warc(file: InputFile, limits: Limits, config: IngestConfig) -> Found:
    """HTML responses of a crawl; other records are passed over."""
    plain = InputFile(file.path, file.name, file.format, "", file.size)  # warcio reads gzip by record itself
    source = file if file.compression == "zstd" else plain
    with open_bytes(source, limits) as stream:
        entries = enumerate(ArchiveIterator(stream), 1)
        while True:
            try:
                number, entry = next(entries)
                if not _is_page(entry):
                    continue
                url = entry.rec_headers.get_header("WARC-Target-URI")
                data = entry.content_stream().read(limits.html_bytes + 1)
            except StopIteration:
                return
            except RejectedInput:
                raise
            except Exception as error:  # warcio fails in many ways on headers that are damaged
                raise RejectedInput("bad_archive", f"the WARC file is corrupt or cut off: {type(error).__name__}: {error}") from error
            try:
                if len(data) > limits.html_bytes:
                    raise RejectedInput("too_large", f"page of more than {limits.html_bytes:,} bytes")
                yield page_record(data, file.name, f"#{number}", url)
            except RejectedInput as error:
                yield Reject(file.name, f"#{number}", error.reason, f"{url}: {error.detail}")
            except Exception as error:  # the library fell over on this page: the others go on
                yield Reject(file.name, f"#{number}", "failed", f"{url}: {type(error).__name__}: {error}")


def _is_page(entry: ArcWarcRecord) -> bool:
    """Whether a record of an archive is a page that was found."""
    headers = entry.http_headers
    if entry.rec_type != "response" or headers is None or headers.get_statuscode() != "200":
        return False
    return "html" in (headers.get_header("Content-Type") or "").lower()


def read_feed(file: InputFile, limits: Limits, config: IngestConfig) -> Found:
    """Items of an RSS or Atom feed: full content where it is given, else the summary."""
    data = read_whole(file, limits, limits.html_bytes)
    if _ENTITY_DECLARATION.search(data):
        raise RejectedInput("bad_markup", "the feed declares entities of its own, which are not expanded")
    feed = feedparser.parse(io.BytesIO(data), sanitize_html=False, resolve_relative_uris=False)
    if not feed.entries and not feed.feed:
        raise RejectedInput("bad_markup", f"not an RSS or Atom feed: {feed.get('bozo_exception', 'no items')}")
    for number, item in enumerate(feed.entries, 1):
        record = f"#{number}"
        content = item.get("content") or [{"value": item.get("summary", "")}]
        markup = str(content[0].get("value", ""))
        text = (main_text(f"<html><body><article>{markup}</article></body></html>") if "<p" in markup.lower() else None) or strip_tags(
            markup
        )
        if len(text.split()) < _LEAST_FEED_WORDS:
            yield Reject(file.name, record, "missing_text", "the item has neither content nor a summary of some length")
            continue
        published = item.get("published") or item.get("updated")
        yield RawRecord(
            file.name,
            record,
            text,
            None,
            item.get("link"),
            item.get("title"),
            (item.get("source") or {}).get("title") or feed.feed.get("title"),  # an aggregator names the outlet of each item
            item.get("author"),
            published,
            feed.feed.get("language"),
        )
