"""The claims as the linking networks read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.ids import fingerprint
from pipeline.linking.network import LinkClaim

CHUNK = 8192  # claims that are in memory as objects at once


class ReadClaims(Protocol):
    """Claims by their places, and ``keys`` that stand for what is read of each."""

    keys: list[str]

    def at(self, places: NDArray[np.int64]) -> list[LinkClaim]:
        """The claims at these places."""
        ...


class TableClaims:
    """The rows of ``claims`` under their articles' headlines."""

    def __init__(self, claims: pa.Table, articles: pa.Table) -> None:
        self._claims = claims.select(["content", "content_spans", "context", "claimer_name"])
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
    spans, at = [], 0
    begin = 0
    for span in claim["content_spans"]:
        length = span["end"] - span["start"]
        piece = claim["content"][begin : begin + length]
        begin += length + 1
        found = claim["context"].find(piece[:200], at)
        if found >= 0:
            spans.append((found, found + length))
            at = found + length
    context = claim["context"] if spans else claim["content"]
    return LinkClaim(context, tuple(spans) or ((0, len(claim["content"])),), claim["claimer_name"] or "", title)
