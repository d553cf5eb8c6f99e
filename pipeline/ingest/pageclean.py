"""Prepare a page for main-text extraction: what is by its name no main text goes, and old layouts become paragraphs.

Nothing goes that holds much of the page's text or its heading: names can be wrong.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlElement

# Whole parts of a class or id, as in "related-stories" or "otFlat cookie_bar".
_NAMED = re.compile(
    r"""(?:^|[\s_-])(?:
      cookies?|consent|gdpr|onetrust|ot-?sdk|privacy-(?:banner|notice|prompt)
    | newsletters?|sign-?up|subscribe|subscription|email-?capture
    | promos?|advert\w*|ad-(?:slot|unit|container|wrapper|break)\w*|ads|sponsored?|outbrain|taboola
    | related\w*|recommend\w*|recirc\w*|more-(?:stories|news|on|from|like-this)|read-?more|also-?read|most-(?:read|popular|viewed)|trending|popular|you-may-(?:also-)?like|jp-relatedposts
    | shar(?:e|ing)(?:-?(?:tools?|bar|buttons?|links?|this))?|social(?:-?\w+)?|follow-us
    | comments?(?:-(?:section|list|area))?|disqus\w*|respond
    | author-?(?:box|bio|card|info|about|profile)|bio-?box|about-(?:the-)?author|contributors?-box
    | captions?|caption-text|photo-?credit|image-?credit|media-?credit|photo-?caption
    | pull-?quotes?
    | paywall-(?:prompt|offer|overlay|message|banner|cta|barrier)|regwall|piano|meter-(?:prompt|banner)
    | breadcrumbs?|site-?footer|page-?footer|footer-?(?:links|nav|wrap\w*)|footer|foot|nav|navbar|nav-?menu|menu|skip-?link|side-?bar
    | post-tags|entry-tags|tag-?list|tags|post-meta|entry-meta|key-events|toolbar|print-?only|screen-reader-text|sr-only|visually-hidden
    )(?=$|[\s_-])""",
    re.IGNORECASE | re.VERBOSE,
)
_DROPPED_TAGS = frozenset(
    ("nav", "aside", "figcaption", "form", "button", "dialog", "template", "select", "amp-ad", "amp-sidebar", "amp-consent")
)
_DROPPED_ROLES = frozenset(("navigation", "complementary", "contentinfo", "search", "dialog", "alertdialog", "banner"))
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_MOST_OF_PAGE = 0.4  # of the page's words
_PROSE_WORDS = 40  # a table cell with so many words outside links is a layout's
_BLOCKS = frozenset(
    ("p", "div", "table", "ul", "ol", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "section", "article", "pre", "hr", "figure", "header", "footer", "main", "form")
)  # fmt: skip
_STORY_WORDS = 60
_MOST_DROPPED = 5000  # dropping joins the texts around: more of them only serve to exhaust a parser


@dataclass(frozen=True)
class _Size:
    """What an element holds: its words, those of them in links, and whether a first heading is among it."""

    words: int
    linked: int
    heading: bool


def clean_page(tree: HtmlElement) -> None:
    """Change the page in place."""
    sizes = _sizes(tree)
    _drop_boilerplate(tree, sizes)
    _keep_first_story(tree, sizes)
    _unfold_layout_tables(tree, sizes)
    for element in list(tree.iter("td", "div", "font", "center", "body", "article", "section", "span", "p", "main")):
        _split_at_breaks(element)


def _sizes(tree: HtmlElement) -> dict[HtmlElement, _Size]:
    """Sizes of all elements, in one pass from the leaves up."""
    sizes: dict[HtmlElement, _Size] = {}
    for _, element in etree.iterwalk(tree, events=("end",)):
        inside = [(sizes[c], len((c.tail or "").split())) for c in element if c in sizes]
        others = sum(len((c.tail or "").split()) for c in element if c not in sizes)  # comments
        words = len((element.text or "").split()) + others + sum(size.words + tail for size, tail in inside)
        if element.tag in ("script", "style"):
            words = 0
        linked = words if element.tag == "a" else sum(size.linked for size, _ in inside)
        sizes[element] = _Size(words, linked, element.tag == "h1" or any(size.heading for size, _ in inside))
    return sizes


def _drop_boilerplate(tree: HtmlElement, sizes: dict[HtmlElement, _Size]) -> None:
    most = _MOST_OF_PAGE * sizes[tree].words
    found = [e for e in sizes if _is_boilerplate(e) and not sizes[e].heading and sizes[e].words <= most]
    for element in found[:_MOST_DROPPED]:
        if element.tag not in ("html", "body", "head") and element.getparent() is not None:
            element.drop_tree()


def _is_boilerplate(element: HtmlElement) -> bool:
    if element.tag in _DROPPED_TAGS or element.get("role", "").lower() in _DROPPED_ROLES:
        return True
    if "hidden" in element.attrib or _HIDDEN.search(element.get("style", "")):
        return True
    names = f"{element.get('class', '')} {element.get('id', '')}"
    return len(names) > 1 and bool(_NAMED.search(names[:500]))


def _keep_first_story(tree: HtmlElement, sizes: dict[HtmlElement, _Size]) -> None:
    """Of several stories on a page that loads the next one under the first, keep the one that the page is about: the first."""
    stories = [e for e in tree.iter("article") if sizes[e].heading and sizes[e].words >= _STORY_WORDS]
    known = set(stories)
    outer = [e for e in stories if not any(a in known for a in e.iterancestors("article"))]
    for story in outer[1:_MOST_DROPPED]:
        story.drop_tree()


def _unfold_layout_tables(tree: HtmlElement, sizes: dict[HtmlElement, _Size]) -> None:
    """Make tables that lay out a page, rather than hold data, into divisions."""
    layout: set[HtmlElement] = set()
    data: set[HtmlElement] = set()
    for cell in tree.iter("td", "th"):
        table = next(cell.iterancestors("table"), None)
        if table is not None and cell.tag == "th":
            data.add(table)
        elif table is not None and sizes[cell].words - sizes[cell].linked >= _PROSE_WORDS:
            layout.add(table)
    layout -= data
    inside = [p for p in tree.iter("tbody", "tr", "td", "thead", "tfoot") if next(p.iterancestors("table"), None) in layout]
    for part in (*layout, *inside):
        part.tag = "div"


def _split_at_breaks(element: HtmlElement) -> None:
    """Make text that is parted by two line breaks in a row into paragraphs."""
    children = list(element)
    breaks = [c for c in children if c.tag == "br"]
    if len(breaks) < 2 or not any(a.getnext() is b and not (a.tail or "").strip() for a, b in itertools.pairwise(breaks)):
        return
    parts: list[HtmlElement] = []
    current = element.makeelement("p")
    current.text = element.text

    def close() -> HtmlElement:
        if len(current) or (current.text or "").strip():
            parts.append(current)
        return element.makeelement("p")

    for child in children:
        tail, child.tail = child.tail, None
        ends = child.tag == "br" and (child.getnext() is not None and child.getnext().tag == "br" and not (tail or "").strip())
        if ends or child.tag in _BLOCKS:
            current = close()
            if child.tag in _BLOCKS:
                parts.append(child)
            current.text = tail
        elif child.tag == "br" and not len(current) and not (current.text or "").strip():
            current.text = tail
        else:
            child.tail = tail
            current.append(child)
    close()
    element.text = None
    element[:] = parts
    if element.tag in ("font", "center", "span", "p"):
        element.tag = "div"
