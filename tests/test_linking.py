"""Clusters, candidates and propositions, without a trained model."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.encoder import load_tokenizer
from pipeline.linking.cluster import LARGEST, cluster
from pipeline.linking.network import LinkClaim, split_claims
from pipeline.linking.stage import candidate_pairs, link_claim, opposed_links, proposition_rows
from pipeline.roles import ROLE


def test_a_chain_is_no_blob() -> None:
    chain = [(i, i + 1) for i in range(9)]
    found = cluster(10, chain, [0.6] * 9, 0.5)
    assert max(map(len, found)) <= 2


def test_a_clique_is_one_cluster() -> None:
    pairs = [(a, b) for a in range(5) for b in range(a + 1, 5)]
    assert cluster(6, pairs, [0.8] * len(pairs), 0.5) == [[0, 1, 2, 3, 4], [5]]


def test_a_pair_just_below_the_threshold_speaks_for_its_cluster() -> None:
    assert cluster(3, [(0, 1), (1, 2), (0, 2)], [0.8, 0.8, 0.45], 0.6) == [[0, 1, 2]]
    assert len(cluster(3, [(0, 1), (1, 2)], [0.8, 0.8], 0.6)) == 2


def test_a_great_component_is_kept_only_where_it_is_certain() -> None:
    star = [(0, i) for i in range(1, LARGEST + 2)]
    assert max(map(len, cluster(LARGEST + 2, star, [0.7] * len(star), 0.6))) == 1
    assert cluster(LARGEST + 2, star, [1.0] * len(star), 0.6) == [list(range(LARGEST + 2))]


@given(st.integers(1, 12), st.data())
@settings(max_examples=60, deadline=None)
def test_clusters_part_the_items_and_stay_within_components(n: int, data: st.DataObject) -> None:
    pairs = [(a, b) for a in range(n) for b in range(a + 1, n)]
    scores = [data.draw(st.sampled_from([0.0, 0.3, 0.6, 0.9])) for _ in pairs]
    found = cluster(n, pairs, scores, 0.5)
    assert sorted(i for c in found for i in c) == list(range(n))
    graph = nx.Graph([p for p, s in zip(pairs, scores, strict=True) if s >= 0.5])
    graph.add_nodes_from(range(n))
    component = {i: k for k, nodes in enumerate(nx.connected_components(graph)) for i in nodes}
    assert all(len({component[i] for i in c}) == 1 for c in found)


def _claim(name: str, day: int, content: str = "the duty stays") -> dict:
    span = [{"start": 0, "end": len(content)}]
    day_ = datetime(2026, 3, day, tzinfo=UTC)
    return {
        "claim_id": name,
        "article_id": f"article {name}",
        "published": day_,
        "content": content,
        "content_spans": span,
        "context": f"He said {content}.",
        "claimer_name": "X",
    }


def test_candidates_share_a_topic_and_are_near() -> None:
    claims = [_claim(name, 1) for name in "abcd"]
    stances = [{"claim_id": c, "topic": "tariffs"} for c in "abd"] + [{"claim_id": "c", "topic": "visas"}]
    vectors = np.asarray([[1, 0], [0.9, 0.1], [1, 0], [-1, 0]], dtype=np.float32)
    assert candidate_pairs(claims, stances, vectors, 5) == [(0, 1)]


def test_a_proposition_keeps_its_id_when_later_claims_join() -> None:
    early, late = _claim("z", 1), _claim("a", 9)
    (before,) = proposition_rows([early], [[0]], [], [])
    after = proposition_rows([late, early], [[0, 1]], [(0, 1)], [0.9])
    assert {row["proposition_id"] for row in after} == {before["proposition_id"]}
    assert all(row["size"] == 2 for row in after)


def test_a_claims_content_is_found_in_its_context() -> None:
    linked = link_claim(_claim("a", 1), "Duty stays")
    assert [linked.context[s:e] for s, e in linked.spans] == ["the duty stays"]


def test_propositions_are_opposed_as_wholes() -> None:
    pairs = [(0, 2), (1, 2), (0, 1), (2, 3)]
    links = opposed_links([[0, 1], [2], [3]], pairs, [0.9, 0.5, 0.9, 0.2], 0.6)
    assert [pair for pair, _ in links] == [(0, 2), (1, 2)]
    assert all(abs(score - 0.7) < 1e-9 for _, score in links)


def test_a_claim_is_read_under_its_headline() -> None:
    tokenizer = load_tokenizer()
    link = LinkClaim("He said the duty stays.", ((8, 22),), "Ana Reyes", "Duty stays")
    (bare,), (titled,) = (split_claims(tokenizer, [claim]) for claim in (replace(link, title=""), link))
    assert (titled.roles == ROLE["fact"]).sum() == len(titled.ids) - len(bare.ids) == 2
    content = titled.ids[titled.roles == ROLE["content"]].tolist()
    assert tokenizer.decode(content) == "the duty stays"
