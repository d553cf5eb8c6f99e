"""What a page says of itself: JSON-LD, meta tags and microdata, before the guesses of the extraction library."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml.html import HtmlElement

_ARTICLES = ("Article", "NewsArticle", "BlogPosting", "LiveBlogPosting", "Report", "AnalysisNewsArticle", "OpinionNewsArticle", "ReportageNewsArticle", "ReviewNewsArticle", "BackgroundNewsArticle", "WebPage")  # fmt: skip
_PUBLISHED = (
    "article:published_time", "og:published_time", "og:article:published_time", "datepublished", "parsely-pub-date", "sailthru.date",
    "pubdate", "publishdate", "publish-date", "publication_date", "dc.date.issued", "dc.date", "dcterms.created", "dcterms.date", "date",
    "article.published", "cxenseparse:recs:publishtime", "originalpublicationdate", "article_date_original", "ptime", "iso-8601-publish-date",
)  # fmt: skip
_LARGEST_SCRIPT, _DEEPEST, _MOST = 1_000_000, 6, 200


@dataclass(frozen=True)
class PageMetadata:
    """Null where the page does not say."""

    title: str | None = None
    author: str | None = None
    published: str | None = None
    publisher: str | None = None
    url: str | None = None
    language: str | None = None


def page_metadata(tree: HtmlElement) -> PageMetadata:
    """JSON-LD first, then meta tags, then ``<time>``."""
    meta = _meta(tree)
    linked = next(_articles(tree), {})
    stamps = (_text(linked.get("datePublished")), *(meta.get(name) for name in _PUBLISHED), _time(tree))
    title = _text(linked.get("headline")) or meta.get("og:title") or meta.get("twitter:title")
    return PageMetadata(
        title=title,
        author=_name(linked.get("author")) or _person(meta.get("author") or meta.get("article:author") or meta.get("parsely-author")),
        published=next((s for s in stamps if s), None),
        publisher=meta.get("og:site_name") or _name(linked.get("publisher")) or meta.get("application-name"),
        url=_canonical(tree) or meta.get("og:url"),
        language=tree.get("lang") or meta.get("content-language"),
    )


def _meta(tree: HtmlElement) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or element.get("http-equiv")
        content = (element.get("content") or "").strip()
        if name and content:
            found.setdefault(name.strip().lower(), content)
    return found


def _articles(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    """JSON-LD objects of articles."""
    for script in tree.iter("script"):
        if "ld+json" not in script.get("type", "").lower() or not script.text or len(script.text) > _LARGEST_SCRIPT:
            continue
        try:
            content = json.loads(script.text.strip().removeprefix("//<![CDATA[").removesuffix("//]]>"), strict=False)
        except (ValueError, RecursionError):
            continue
        for entry in _objects(content, 0):
            kinds = entry.get("@type")
            kinds = kinds if isinstance(kinds, list) else [kinds]
            if any(kind in _ARTICLES for kind in kinds if isinstance(kind, str)) and (entry.get("headline") or entry.get("datePublished")):
                yield entry


def _objects(content: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > _DEEPEST:
        return
    if isinstance(content, dict):
        yield content
        for name in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _objects(content.get(name), depth + 1)
    elif isinstance(content, list):
        for entry in content[:_MOST]:
            yield from _objects(entry, depth + 1)


def _text(value: Any) -> str | None:
    if isinstance(value, list):
        value = next(iter(value), None)
    return value.strip() or None if isinstance(value, str) else None


def _name(value: Any) -> str | None:
    """Names of persons or organisations as JSON-LD gives them: texts, objects, or lists of either."""
    if isinstance(value, list):
        names = [n for n in (_name(entry) for entry in value[:_MOST] if not isinstance(entry, list)) if n]
        return ", ".join(names) or None
    if isinstance(value, dict):
        value = value.get("name")
    return _person(_text(value))


def _person(value: str | None) -> str | None:
    return None if value is None or value.startswith(("http://", "https://", "@")) else value


def _canonical(tree: HtmlElement) -> str | None:
    for link in tree.iter("link"):
        if link.get("rel", "").lower() == "canonical" and link.get("href", "").startswith(("http://", "https://")):
            return str(link.get("href"))
    return None


def _time(tree: HtmlElement) -> str | None:
    """The time of publication in the page's text, where it is marked as such."""
    for element in tree.iter("time", "abbr", "span"):
        marks = f"{element.get('itemprop', '')} {element.get('class', '')}".lower()
        if "pubdate" in element.attrib or "datepublished" in marks or "published" in marks.split() or "entry-date" in marks:
            value = element.get("datetime") or element.get("content") or element.get("title")
            if value:
                return value.strip()
    return None
