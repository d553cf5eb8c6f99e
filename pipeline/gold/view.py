"""A readable HTML page of annotated articles, for review: text with marked spans beside a table of its claims."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import pairwise
from typing import Any

_STYLE = """
body { font: 16px/1.6 Georgia, serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
h2 { margin-bottom: 0; } .meta { color: #666; margin-top: 0; } .text { white-space: pre-wrap; }
.content { background: #fdf3c7; } .cue { background: #cfe8d5; } .claimer { background: #d6e4f7; }
sup { font: 10px sans-serif; color: #555; }
table { border-collapse: collapse; font: 13px/1.4 sans-serif; width: 100%; margin: 1rem 0 3rem; }
td, th { border: 1px solid #ccc; padding: 3px 6px; text-align: left; vertical-align: top; }
"""
_COLUMNS = ("", "claimer_name", "claimer", "cue", "content", "form", "polarity", "topic: stance (imposer)", "proposition")


def render_page(records: Iterable[Mapping[str, Any]]) -> str:
    """One HTML page of gold records; everything that comes from them is escaped."""
    body = "\n".join(_article(record) for record in records)
    return f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Annotated articles</title><style>{_STYLE}</style></head>\n<body>\n{body}\n</body></html>\n'


def _article(record: Mapping[str, Any]) -> str:
    meta = " · ".join(str(record[k]) for k in ("article_id", "outlet", "published", "style") if record.get(k))
    rows = "\n".join(_row(number, claim, record["text"]) for number, claim in enumerate(record["claims"], 1))
    head = "".join(f"<th>{escape(column)}</th>" for column in _COLUMNS)
    return (
        f"<h2>{escape(record.get('title') or '')}</h2>\n<p class='meta'>{escape(meta)}</p>\n"
        f"<div class='text'>{_marked(record['text'], record['claims'])}</div>\n<table><tr>{head}</tr>\n{rows}</table>"
    )


def _marked(text: str, claims: Sequence[Mapping[str, Any]]) -> str:
    """The text in pieces between span bounds, each with the kinds and numbers of the spans that it lies in."""
    spans = [(s, e, kind, n) for n, claim in enumerate(claims, 1) for kind, s, e in _spans(claim)]
    bounds = sorted({0, len(text), *(bound for s, e, _, _ in spans for bound in (s, e))})
    pieces = []
    for start, end in pairwise(bounds):
        inside = [(kind, n) for s, e, kind, n in spans if s <= start and end <= e]
        piece = escape(text[start:end])
        if inside:
            kinds = [kind for kind in ("content", "claimer", "cue") if any(k == kind for k, _ in inside)]
            opened = " ".join(f"{kind[0]}{n}" for s, _, kind, n in spans if s == start)
            piece = f"<span class='{kinds[-1]}'>{f'<sup>{opened}</sup>' if opened else ''}{piece}</span>"
        pieces.append(piece)
    return "".join(pieces)


def _spans(claim: Mapping[str, Any]) -> list[tuple[str, int, int]]:
    single = [(kind, *claim[kind]) for kind in ("claimer", "cue") if claim.get(kind)]
    return [*(("content", s, e) for s, e in claim["content"]), *single]


def _row(number: int, claim: Mapping[str, Any], text: str) -> str:
    quoted = {kind: text[claim[kind][0] : claim[kind][1]] if claim.get(kind) else "" for kind in ("claimer", "cue")}
    content = " … ".join(text[s:e] for s, e in claim["content"])
    stances = "; ".join(f"{t}: {claim['stance'].get(t)} ({claim['imposer'].get(t) or '-'})" for t in claim["topics"])
    cells = [str(number), claim.get("claimer_name") or "", quoted["claimer"], quoted["cue"], content, claim.get("form") or "",
             claim.get("polarity") or "", stances, claim.get("proposition") or ""]  # fmt: skip
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
