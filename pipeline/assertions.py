"""The join that dashboards read: claims with their stances, propositions and oppositions, flat."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.tables import ASSERTIONS, to_arrow


@dataclass(frozen=True)
class Asserted:
    """The proposition that a claim asserts: how many claims do, and how many assert one that is opposed to it."""

    proposition_id: str
    size: int
    n_opposed: int


def asserted_by(propositions: pa.Table, links: pa.Table) -> dict[str, Asserted]:
    """What each claim of the corpus asserts. Propositions oppose one another as wholes: all claims of the other side count."""
    size_of = dict(zip(propositions["proposition_id"].to_pylist(), propositions["size"].to_pylist(), strict=True))
    opposed = links.filter(pc.equal(links["relation"], "opposed"))
    sides = [
        propositions["proposition_id"].take(pc.index_in(opposed[side], propositions["claim_id"].combine_chunks())).to_pylist()
        for side in ("claim_a", "claim_b")
    ]
    others: dict[str, set[str]] = defaultdict(set)
    for a, b in zip(*sides, strict=True):
        others[a].add(b)
        others[b].add(a)
    n_opposed = {proposition_id: sum(size_of[other] for other in found) for proposition_id, found in others.items()}
    return {
        claim_id: Asserted(proposition_id, size_of[proposition_id], n_opposed.get(proposition_id, 0))
        for claim_id, proposition_id in zip(propositions["claim_id"].to_pylist(), propositions["proposition_id"].to_pylist(), strict=True)
    }


def join_assertions(articles: pa.Table, claims: pa.Table, stances: pa.Table, asserted: dict[str, Asserted]) -> pa.Table:
    """Rows of ``assertions`` for one shard's claims; ``asserted`` is the whole corpus's."""
    article_of = {row["article_id"]: row for row in articles.select(["article_id", "publisher", "url"]).to_pylist()}
    claim_of = {row["claim_id"]: row for row in claims.to_pylist()}
    rows = []
    for stance in stances.to_pylist():
        claim = claim_of[stance["claim_id"]]
        article = article_of[claim["article_id"]]
        proposition = asserted.get(claim["claim_id"])
        copied = (
            "claim_id", "article_id", "published", "claimer_id", "claimer_name", "claimer_type", "claimer_country", "polarity", "form", "content", "context",
        )  # fmt: skip
        rows.append(
            {
                **{name: claim[name] for name in copied},
                "publisher": article["publisher"],
                "url": article["url"],
                "topic": stance["topic"],
                "stance": stance["stance"],
                "imposer": stance["imposer"],
                "proposition_id": proposition.proposition_id if proposition else None,
                "proposition_size": proposition.size if proposition else None,
                "n_opposed": proposition.n_opposed if proposition else 0,
                "score": claim["score"] * stance["relevance"],
            }
        )
    return to_arrow(ASSERTIONS, rows)
