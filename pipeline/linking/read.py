"""The claims as the linking network reads them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.ids import fingerprint
from pipeline.linking.network import LinkClaim
from pipeline.text import Span, spans_of

CHUNK = 8192  # claims that are in memory as objects at once
ANCHOR_CHARS = 200  # of a text that are looked for


class ReadClaims(Protocol):
    """Claims by their places, and ``keys`` that stand for what is read of each."""

    keys: list[str]

    def at(self, places: NDArray[np.int64]) -> list[LinkClaim]:
        """The claims at these places."""
        ...


class TableClaims:
    """The rows of ``claims`` under their articles' headlines."""

    def __init__(self, claims: pa.Table, articles: pa.Table) -> None:
        self._claims = claims.select(["content", "content_spans", "context", "claimer_name", "cue_text", "cue_start"])
        place = pc.index_in(claims["article_id"].combine_chunks(), articles["article_id"].combine_chunks())
        self._titles = articles["title"].combine_chunks().take(place)
        chunks = (np.arange(start, min(start + CHUNK, len(claims))) for start in range(0, len(claims), CHUNK))
        self.keys = [key_of(claim) for chunk in chunks for claim in self.at(chunk)]

    def at(self, places: NDArray[np.int64]) -> list[LinkClaim]:
        """The claims at these places."""
        chosen = pa.array(places)
        titles = self._titles.take(chosen).to_pylist()
        return [link_claim(row, title or "") for row, title in zip(self._claims.take(chosen).to_pylist(), titles, strict=True)]


class GivenClaims:
    """Claims that are in memory."""

    def __init__(self, claims: Sequence[LinkClaim]) -> None:
        self._claims = claims
        self.keys = [key_of(claim) for claim in claims]

    def at(self, places: NDArray[np.int64]) -> list[LinkClaim]:
        """The claims at these places."""
        return [self._claims[i] for i in places]


def key_of(claim: LinkClaim) -> str:
    """What stands for everything that is read of a claim."""
    return fingerprint(claim.context, claim.spans, claim.claimer, claim.title)


def link_claim(claim: dict[str, Any], title: str) -> LinkClaim:
    """A row of ``claims`` under its article's headline, as the networks read it."""
    content, context, name = claim["content"], claim["context"], claim["claimer_name"] or ""
    spans = spans_of(claim["content_spans"])
    begin = _begin_of_context(context, [(text, start - spans[0][0]) for text, start in _anchors(claim, spans)])
    if begin is None:
        return LinkClaim(content, ((0, len(content)),), name, title)
    inside = tuple((begin + s - spans[0][0], min(begin + e - spans[0][0], len(context))) for s, e in spans)
    return LinkClaim(context, tuple((s, e) for s, e in inside if s < e), name, title)


def _anchors(claim: dict[str, Any], spans: Sequence[Span]) -> list[tuple[str, int]]:
    """Texts of the claim that stand in its context, with their places in the article: its content's, and its cue's where it has one."""
    found, begin = [], 0
    for start, end in spans:
        found.append((claim["content"][begin : begin + end - start], start))
        begin += end - start + 1
    return found + ([(claim["cue_text"], claim["cue_start"])] if claim.get("cue_text") else [])


def _begin_of_context(context: str, anchors: Sequence[tuple[str, int]]) -> int | None:
    """Where in ``context`` the first of ``anchors`` (text, distance from the first) begins: where most of them are in their places, the
    last such place, since what stands before a claim may use its words; None where the first is nowhere."""
    (first, _), *others = anchors
    places = [match.start() for match in re.finditer(re.escape(first[:ANCHOR_CHARS]), context)]
    if not places:
        return None
    return max(
        places, key=lambda at: (sum(context.startswith(text[:ANCHOR_CHARS], at + away) for text, away in others if at + away >= 0), at)
    )
