"""The join that dashboards read: claims with their stances, propositions and oppositions, flat."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.tables import ASSERTIONS, to_arrow


def join_assertions(articles: pa.Table, claims: pa.Table, stances: pa.Table, propositions: pa.Table, links: pa.Table) -> pa.Table:
    """Rows of ``assertions`` for one shard's claims; ``propositions`` and ``links`` are the whole corpus's."""
    article_of = {row["article_id"]: row for row in articles.select(["article_id", "publisher", "url"]).to_pylist()}
    claim_of = {row["claim_id"]: row for row in claims.to_pylist()}
    ids = claims["claim_id"].combine_chunks()
    proposition_of = {row["claim_id"]: row for row in propositions.filter(pc.is_in(propositions["claim_id"], ids)).to_pylist()}
    opposed: Counter[str] = Counter()
    here = pc.or_(pc.is_in(links["claim_a"], ids), pc.is_in(links["claim_b"], ids))
    for row in links.filter(pc.and_(here, pc.equal(links["relation"], "opposed"))).select(["claim_a", "claim_b"]).to_pylist():
        opposed.update((row["claim_a"], row["claim_b"]))
    rows = []
    for stance in stances.to_pylist():
        claim = claim_of[stance["claim_id"]]
        article = article_of[claim["article_id"]]
        proposition = proposition_of.get(claim["claim_id"])
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
                "proposition_id": proposition["proposition_id"] if proposition else None,
                "proposition_size": proposition["size"] if proposition else None,
                "n_opposed": opposed[claim["claim_id"]],
                "score": claim["score"] * stance["relevance"],
            }
        )
    return to_arrow(ASSERTIONS, rows)
