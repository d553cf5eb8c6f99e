"""The main text and metadata of a web page."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

import trafilatura
from trafilatura.settings import use_config

from pipeline.errors import RejectedInput
from pipeline.ingest.pageclean import clean_page
from pipeline.ingest.pagemeta import page_metadata
from pipeline.ingest.records import RawRecord

_CONFIG = use_config()
_CONFIG.set("DEFAULT", "EXTRACTION_TIMEOUT", "0")
_LONGEST_FURNITURE = 40
_FURNITURE = re.compile(
    r"""(?:
      (?:read\ more|read\ also|also\ read|see\ also|related(?:\ (?:stories|articles|coverage|topics))?|more\ on\ this(?:\ story)?|recommended|don.t\ miss|watch|listen|explainer|in\ pictures)\s?:
    | (?:read\ more|related|related\ (?:stories|articles)|advertisement|sponsored|share|share\ this.*|most\ (?:read|popular)|recommended(?:\ for\ you)?|tags?|topics|comments?(?:\ \(\d+\))?)$
    | (?:advertisement|story\ continues\ below|article\ continues\ (?:after|below)|continue\ reading|click\ here|tap\ here|skip\ to)\b
    | (?:sign\ up|subscribe|register)\ (?:to|for|now|here|today|with)\b | already\ a\ (?:subscriber|member)\b | get\ (?:unlimited|full)\ (?:digital\ )?access
    | you\ (?:have\ (?:read|reached)\ (?:all|your)|get\ this\ e-?mail|(?:are\ )?receiv(?:e|ed|ing)\ this) | view\ this\ e-?mail\ in | unsubscribe\b
    | follow\ (?:us|the|him|her|them|@)\b.*\b(?:on|twitter|facebook|instagram|x|news)\b
    | (?:copyright|©|\(c\))\s.*\d{4} | .{0,80}\ball\ rights\ reserved\b | reproduction\ in\ whole\ or
    | (?:photo|photograph|image|picture|credit|source\ image|file\ photo|illustration)(?:\ (?:by|credit|courtesy|source))?\s?[:/]
    | \(?(?:photo|photograph|image|picture)\ by\b
    | (?:we\ use\ cookies|this\ (?:site|website)\ uses\ cookies)
    | (?:posted|published|updated|last\ updated)\ (?:by|on|at)?\s?[^.]{0,40}(?:19|20)\d\d[^.]{0,30}$
    | tags:\ | \d+\ min(?:ute)?s?\ read$ | back\ to\ top | best\ viewed\ (?:at|in|with)
    )""",
    re.IGNORECASE | re.VERBOSE,
)
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
    given = page_metadata(tree)
    clean_page(tree)
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
    title = given.title or document.title
    text = _paragraphs(line for line in (document.text or "").split("\n") if not is_furniture(line, title))
    if not text:
        raise RejectedInput("no_main_text", "the page has no main text")
    address = url or given.url or document.url
    return RawRecord(
        source, record, text, None, address, title, given.publisher or document.sitename or document.hostname,
        given.author or document.author, given.published or _date(document.date, address), given.language or document.language,
    )  # fmt: skip


def _date(found: str | None, address: str | None) -> str | None:
    """The library's date, unless it took it from the address, which is told apart later."""
    in_address = found is not None and address is not None and re.search(found.replace("-", r"\D?0?"), address)
    return None if in_address else found


def main_text(markup: str) -> str | None:
    """Main text of a fragment, or None."""
    text = trafilatura.extract(markup, include_comments=False, include_tables=False, config=_CONFIG, favor_recall=True)
    return _paragraphs(text.split("\n")) if text else None


def strip_tags(markup: str) -> str:
    """Text of markup without its tags."""
    return " ".join(html.unescape(_TAG.sub(" ", markup)).split())


def is_furniture(line: str, title: str | None) -> bool:
    """Whether a line is no part of the story: its headline again, "read more", a credit, a call to subscribe."""
    line = line.strip().strip("*•-– ").strip()
    if title and line.lower() == title.lower():
        return True
    return len(line.split()) <= _LONGEST_FURNITURE and bool(_FURNITURE.match(line))


def _paragraphs(lines: Iterable[str]) -> str:
    """Paragraphs parted by empty lines, as in the other formats."""
    return "\n\n".join(line.strip() for line in lines if line.strip())
