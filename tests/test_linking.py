"""Clusters, candidates and propositions, without a trained model."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import networkx as nx
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage

from pipeline.bench_linking import make_claims
from pipeline.config import load_config
from pipeline.encoder import load_tokenizer
from pipeline.errors import ModelError
from pipeline.linking.candidates import PlacedVectors, article_numbers, candidate_pairs
from pipeline.linking.closely import PairScorer
from pipeline.linking.cluster import cluster
from pipeline.linking.evidence import FEATURES, Evidence, Weights
from pipeline.linking.neighbours import NeighbourGraph, exact
from pipeline.linking.network import LinkClaim, split_claims
from pipeline.linking.propositions import link_table, opposed_links, proposition_table, representatives
from pipeline.linking.read import link_claim
from pipeline.linking.relate import RelatedPairs, likeliest
from pipeline.linking.stage import Linking
from pipeline.linking.vectorizer import Vectorizer
from pipeline.roles import ROLE
from pipeline.tables import CLAIMS


def _clusters(n: int, pairs: list[tuple[int, int]], same: list[float], threshold: float, enough: int = 10**9) -> list[list[int]]:
    label = cluster(n, np.asarray(pairs, dtype=np.int64).reshape(-1, 2), np.asarray(same), threshold, enough)
    return [np.flatnonzero(label == number).tolist() for number in np.unique(label)]


def test_a_chain_is_no_blob() -> None:
    chain = [(i, i + 1) for i in range(9)]
    found = _clusters(10, chain, [0.6] * 9, 0.5)
    assert max(map(len, found)) <= 2


def test_a_clique_is_one_cluster() -> None:
    pairs = [(a, b) for a in range(5) for b in range(a + 1, 5)]
    assert _clusters(6, pairs, [0.8] * len(pairs), 0.5) == [[0, 1, 2, 3, 4], [5]]


def test_a_pair_just_below_the_threshold_speaks_for_its_cluster() -> None:
    assert _clusters(3, [(0, 1), (1, 2), (0, 2)], [0.8, 0.8, 0.45], 0.6) == [[0, 1, 2]]
    assert len(_clusters(3, [(0, 1), (1, 2)], [0.8, 0.8], 0.6)) == 2


def test_what_is_said_very_often_is_one_proposition_though_each_claim_is_compared_with_few() -> None:
    near = sorted({(min(i, j), max(i, j)) for i in range(400) for j in ((i + step) % 400 for step in range(1, 11))})
    assert _clusters(400, near, [0.95] * len(near), 0.22, enough=20) == [list(range(400))]


def test_a_long_chain_is_no_blob_however_certain_its_pairs_are() -> None:
    chain = [(i, i + 1) for i in range(3000)]
    assert max(map(len, _clusters(3001, chain, [0.995] * 3000, 0.22, enough=20))) <= 5


def test_one_claim_more_does_not_part_what_others_assert() -> None:
    triples = [p for k in range(0, 3003, 3) for p in ((k, k + 1), (k, k + 2), (k + 1, k + 2))]
    bridges = [(k, k + 3) for k in range(0, 3000, 3)]
    found = _clusters(3003, triples + bridges, [0.55] * len(triples) + [0.23] * len(bridges), 0.22, enough=20)
    assert found == [[k, k + 1, k + 2] for k in range(0, 3003, 3)]


@given(st.integers(2, 14), st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_clusters_are_those_of_average_linkage(n: int, seed: int) -> None:
    pairs = [(a, b) for a in range(n) for b in range(a + 1, n)]
    scores = np.random.default_rng(seed).random(len(pairs))
    label = fcluster(linkage(1 - scores, "average"), t=0.5, criterion="distance")
    expected = sorted(np.flatnonzero(label == number).tolist() for number in np.unique(label))
    assert sorted(_clusters(n, pairs, scores.tolist(), 0.5)) == expected


@given(st.integers(1, 12), st.data())
@settings(max_examples=60, deadline=None)
def test_clusters_part_the_items_and_stay_within_components(n: int, data: st.DataObject) -> None:
    pairs = [(a, b) for a in range(n) for b in range(a + 1, n)]
    scores = [data.draw(st.sampled_from([0.0, 0.3, 0.6, 0.9])) for _ in pairs]
    found = _clusters(n, pairs, scores, 0.5)
    assert sorted(i for c in found for i in c) == list(range(n))
    graph = nx.Graph([p for p, s in zip(pairs, scores, strict=True) if s >= 0.5])
    graph.add_nodes_from(range(n))
    component = {i: k for k, nodes in enumerate(nx.connected_components(graph)) for i in nodes}
    assert all(len({component[i] for i in c}) == 1 for c in found)


def _claim(name: str, day: int, content: str = "the duty stays", claimer_id: str | None = None) -> dict:
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
        "claimer_id": claimer_id,
    }


def _table(*claims: dict) -> pa.Table:
    schema = pa.schema([CLAIMS.schema.field(name) for name in ("claim_id", "article_id", "published", "content", "claimer_id")])
    return pa.Table.from_pylist([{"claimer_id": None, **claim} for claim in claims], schema=schema)


def test_candidates_share_a_topic_and_are_near(tmp_path: Path) -> None:
    claims = _table(*(_claim(name, 1) for name in "abcd"))
    stances = pa.table({"claim_id": [*"abd", "c"], "topic": ["tariffs"] * 3 + ["visas"]})
    vectors = np.asarray([[1, 0], [0.9, 0.1], [1, 0], [-1, 0]], dtype=np.float16)
    assert candidate_pairs(claims, stances, PlacedVectors(vectors, article_numbers(claims)), [*"abcd"], 5, tmp_path).tolist() == [[0, 1]]


def test_what_is_said_very_often_is_compared_with_what_it_is_opposed_to(tmp_path: Path) -> None:
    """Thirty claims a side are near to their own side alone; by one claim a side the two are compared."""
    claims = _table(*(_claim(f"{side}{i:02}", 1) for side in "ab" for i in range(30)))
    stances = pa.table({"claim_id": claims["claim_id"], "topic": ["tariffs"] * 60})
    vectors = np.repeat(np.asarray([[1, 0.2], [1, -0.2]], dtype=np.float16), 30, axis=0)
    placed, keys = PlacedVectors(vectors, article_numbers(claims)), claims["claim_id"].to_pylist()
    label = np.repeat([0, 1], 30)
    pairs = candidate_pairs(claims, stances, placed, keys, 5, tmp_path)
    assert (label[pairs[:, 0]] == label[pairs[:, 1]]).all()
    propositions = proposition_table(claims, label, pairs, np.ones(len(pairs)))
    places = representatives(claims, propositions)
    assert label[places].tolist() == [0, 1]
    of_them = stances.filter(pc.is_in(stances["claim_id"], claims["claim_id"].take(pa.array(places)).combine_chunks()))
    assert candidate_pairs(claims, of_them, placed, keys, 5, tmp_path).tolist() == [places.tolist()]


def test_pairs_that_were_compared_twice_are_joined_once() -> None:
    first = RelatedPairs(np.asarray([[0, 1], [2, 3]]), np.asarray([0.1, 0.2]), np.asarray([0.3, 0.4]))
    other = RelatedPairs(np.asarray([[0, 1], [1, 2]]), np.asarray([0.9, 0.5]), np.asarray([0.9, 0.6]))
    joined = first.joined(other)
    assert joined.pairs.tolist() == [[0, 1], [1, 2], [2, 3]]
    assert (joined.same.tolist(), joined.opposed.tolist()) == ([0.1, 0.5, 0.2], [0.3, 0.6, 0.4])


def test_a_proposition_keeps_its_id_when_later_claims_join() -> None:
    early, late = _claim("z", 1), _claim("a", 9)
    none, pair = np.zeros((0, 2), dtype=np.int64), np.asarray([[0, 1]])
    (before,) = proposition_table(_table(early), np.asarray([0]), none, np.zeros(0)).to_pylist()
    after = proposition_table(_table(late, early), np.asarray([0, 0]), pair, np.asarray([0.9])).to_pylist()
    assert {row["proposition_id"] for row in after} == {before["proposition_id"]}
    assert all(row["size"] == 2 for row in after)


def _sided(rows: list[tuple]) -> pa.Table:
    names = ("claim_id", "topic", "p_favor", "p_against", "imposer")
    columns = dict(zip(names, (list(c) for c in zip(*rows, strict=True)), strict=True))
    return pa.table({**columns, "p_neutral": [1.0 - f - a for _, _, f, a, _ in rows]})


def test_evidence_compares_stances_and_imposers_on_the_topics_that_both_claims_are_about() -> None:
    claims = _table(*(_claim(name, 1, claimer_id=who) for name, who in zip("abcd", ["x", "x", None, None], strict=True)))
    claims = claims.set_column(1, "article_id", [["one", "one", "two", "two"]])
    vectors = np.asarray([[1, 0], [0, 1], [0.6, 0.8], [0.6, 0.8]], dtype=np.float16)
    rows = [("a", "tariffs", 1, 0, "US"), ("a", "visas", 1, 0, None), ("b", "tariffs", 0.5, 0.5, "US")]
    rows += [("c", "visas", 0, 1, None), ("c", "tariffs", 1, 0, "CN")]
    pairs = np.asarray([[0, 1], [0, 2], [1, 2], [0, 3], [2, 3]])
    found = Evidence(claims, _sided(rows), PlacedVectors(vectors, article_numbers(claims))).of(
        pairs, np.full((5, 2), 0.5, dtype=np.float32)
    )
    columns = dict(zip(FEATURES, found.T.tolist(), strict=True))
    assert np.allclose(columns["cosine"], [0, 0.6, 0.8, 0.6, 1], atol=1e-2)
    assert np.allclose(columns["articles_cosine"], [1, 1.4 / 2**0.5, 1.4 / 2**0.5, 1.4 / 2**0.5, 1], atol=1e-2)
    assert columns["one_article"] == [1.0, 0.0, 0.0, 0.0, 1.0]
    assert columns["one_claimer_in_one_article"] == [1.0, 0.0, 0.0, 0.0, 0.0]
    assert columns["told_same"] == columns["told_opposed"] == [0.0] * 5
    assert columns["one_stance"] == [0.5, 0.5, 0.5, 0.0, 0.0]
    assert columns["contrary_stances"] == [0.5, 0.5, 0.5, 0.0, 0.0]
    assert columns["one_imposer"] == [1.0, 0.5, 0.0, 0.0, 0.0]
    assert columns["one_claimer"] == [1.0, 0.0, 0.0, 0.0, 0.0]  # two that are not known are not one


def test_evidence_is_weighed_as_it_was_fitted(tmp_path: Path) -> None:
    same = np.zeros(len(FEATURES) + 1)
    same[[0, -1]] = 2.0, -1.0
    Weights(same, -same).save(tmp_path / "evidence.safetensors")
    evidence = np.zeros((2, len(FEATURES)))
    evidence[1, 0] = 0.5
    found = Weights.load(tmp_path / "evidence.safetensors").scores(evidence)
    assert np.allclose(found, 1 / (1 + np.exp(-np.asarray([[-1.0, 1.0], [0.0, 0.0]]))))
    Weights(same[1:], same).save(tmp_path / "evidence.safetensors")
    with pytest.raises(ModelError, match="fit them again"):
        Weights.load(tmp_path / "evidence.safetensors")


def test_a_propositions_wording_is_that_of_the_claim_closest_to_the_others() -> None:
    claims = _table(*(_claim(name, 1) for name in "abc"))
    rows = proposition_table(claims, np.zeros(3, dtype=np.int64), np.asarray([[0, 1], [0, 2], [1, 2]]), np.asarray([0.6, 0.5, 0.9]))
    assert set(rows["representative"].to_pylist()) == {"b"}


def test_links_say_which_are_by_one_claimer() -> None:
    claims = _table(*({**_claim(name, 1), "claimer_id": who} for name, who in (("a", "x"), ("b", "y"), ("c", "x"), ("d", None))))
    pairs = np.asarray([[0, 1], [0, 2], [0, 3]])
    links = link_table(claims, np.asarray([0, 0, 1, 2]), pairs, np.asarray([0.8, 0.1, 0.1]), np.asarray([0.0, 0.7, 0.6]), 0.5)
    found = [(row["claim_a"], row["claim_b"], row["relation"], row["same_claimer"]) for row in links.to_pylist()]
    assert found == [("a", "b", "same", False), ("a", "c", "opposed", True), ("a", "d", "opposed", False)]


def _events(seed: int, events: int, each: int) -> np.ndarray:
    """Unit vectors in tight groups."""
    random = np.random.default_rng(seed)
    centres = np.repeat(random.normal(size=(events, 32)), each, axis=0)
    vectors = centres + 0.3 * random.normal(size=centres.shape)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_nearest_others_are_those_with_the_greatest_cosine() -> None:
    vectors = _events(1, 12, 6)
    near = exact(vectors, 5)
    cosine = vectors @ vectors.T - 3 * np.eye(len(vectors))
    assert np.allclose(near.cosines, -np.sort(-cosine, axis=1)[:, :5], atol=2e-4)
    assert (near.places != np.arange(len(vectors))[:, None]).all()


def _graph_pairs(folder: Path, vectors: np.ndarray, steps: list[np.ndarray]) -> set[tuple[int, int]]:
    """Pairs of a graph that is given the vectors at the places of each step, one step after the other."""
    pairs: set[tuple[int, int]] = set()
    for step in steps:
        near = NeighbourGraph(folder, vectors.shape[1], 5).near([f"k{i}" for i in step], lambda places, step=step: vectors[step[places]])
        pairs = {tuple(sorted((int(step[a]), int(step[b])))) for a, b in near.pairs(0.5).tolist()}
    return pairs


def test_a_claims_likeliest_pairs_are_read() -> None:
    pairs = np.asarray([(0, 1), (0, 2), (0, 3), (2, 3), (4, 5)])
    score = np.asarray([0.9, 0.8, 0.7, 0.3, 0.1], dtype=np.float32)
    assert likeliest(pairs, score, 1, 0.2).tolist() == [0, 1, 2]
    assert likeliest(pairs, score, 2, 0.2).tolist() == [0, 1, 2, 3]


def test_a_graph_in_ten_steps_or_in_another_order_finds_what_it_finds_at_once(tmp_path: Path) -> None:
    vectors = _events(2, 100, 8)
    true = {tuple(pair) for pair in exact(vectors, 5).pairs(0.5).tolist()}
    places = np.arange(len(vectors))
    shuffled = np.random.default_rng(3).permutation(places)
    for name, steps in (
        ("once", [places]),
        ("shuffled", [shuffled]),
        ("ten", [shuffled[: 80 * (i + 1)] for i in range(10)]),
        ("one more", [shuffled[:-1], shuffled]),
    ):
        found = _graph_pairs(tmp_path / name, vectors, steps)
        assert len(found & true) / len(found | true) >= 0.98, name  # the index is approximate


def test_a_graph_that_lost_members_is_built_anew(tmp_path: Path) -> None:
    vectors = _events(4, 20, 6)
    places = np.arange(len(vectors))
    assert _graph_pairs(tmp_path / "a", vectors, [places, places[:60]]) == _graph_pairs(tmp_path / "b", vectors, [places[:60]])


def test_a_claims_content_is_found_in_its_context() -> None:
    linked = link_claim(_claim("a", 1), "Duty stays")
    assert [linked.context[s:e] for s, e in linked.spans] == ["the duty stays"]


def test_of_two_places_with_a_claims_words_its_own_is_found() -> None:
    context = "The visa is new. She called the visa a trap, and the visa fee too high."
    place = 17 + context[17:].index("the visa")
    claim = {**_claim("a", 1, "the visa"), "context": context, "cue_text": "called", "cue_start": 1000 + context.index("called")}
    claim["content_spans"] = [{"start": 1000 + place, "end": 1000 + place + 8}]
    assert link_claim(claim, "").spans == ((place, place + 8),)


def test_a_claim_that_its_context_lacks_is_read_alone() -> None:
    linked = link_claim({**_claim("a", 1), "context": "Another sentence."}, "Duty stays")
    assert (linked.context, linked.spans) == ("the duty stays", ((0, 14),))


def test_propositions_are_opposed_as_wholes() -> None:
    pairs = np.asarray([(0, 2), (1, 2), (0, 1), (2, 3)])
    which, score = opposed_links(np.asarray([0, 0, 1, 2]), pairs, np.asarray([0.9, 0.5, 0.9, 0.2]), 0.6)
    assert which.tolist() == [0, 1]
    assert np.allclose(score, 0.7)


def test_a_claim_is_read_under_its_headline() -> None:
    tokenizer = load_tokenizer()
    link = LinkClaim("He said the duty stays.", ((8, 22),), "Ana Reyes", "Duty stays")
    (bare,), (titled,) = (split_claims(tokenizer, [claim]) for claim in (replace(link, title=""), link))
    assert (titled.roles == ROLE["fact"]).sum() == len(titled.ids) - len(bare.ids) == 2
    content = titled.ids[titled.roles == ROLE["content"]].tolist()
    assert tokenizer.decode(content) == "the duty stays"


@pytest.fixture(scope="module")
def some_claims() -> dict[str, pa.Table]:
    return make_claims(160)


def _propositions(shard: dict[str, pa.Table], steps: list[np.ndarray], folder: Path) -> dict[str, str]:
    """What linking says when it is given the claims at the places of each step, one step after the other."""
    stage = Linking(load_config(), folder)
    made: dict[str, pa.Table] = {}
    for step in steps:
        claims = shard["claims"].take(pa.array(step))
        stances = shard["stances"].filter(pc.is_in(shard["stances"]["claim_id"], claims["claim_id"].combine_chunks()))
        made = stage({"articles": shard["articles"], "claims": claims, "stances": stances})
    return dict(zip(*(made["propositions"][name].to_pylist() for name in ("claim_id", "proposition_id")), strict=True))


def test_another_order_or_ten_steps_give_the_same_propositions(some_claims: dict[str, pa.Table], tmp_path: Path) -> None:
    """But for pairs at a threshold, whose score may move in its last digits with the batch in which they are read."""
    places = np.arange(len(some_claims["claims"]))
    shuffled = np.random.default_rng(5).permutation(places)
    once = _propositions(some_claims, [places], tmp_path / "once")
    assert len(set(once.values())) < len(once)
    for name, steps in (("shuffled", [shuffled]), ("ten", [shuffled[: 16 * (i + 1)] for i in range(10)])):
        found = _propositions(some_claims, steps, tmp_path / name)
        assert found.keys() == once.keys()
        assert sum(found[c] != once[c] for c in once) <= len(once) // 50, name


def test_no_claims_give_no_propositions(some_claims: dict[str, pa.Table], tmp_path: Path) -> None:
    assert _propositions(some_claims, [np.zeros(0, dtype=np.int64)], tmp_path) == {}


def test_nothing_is_read_twice(some_claims: dict[str, pa.Table], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = np.arange(40)
    first = _propositions(some_claims, [places], tmp_path)
    monkeypatch.setattr(Vectorizer, "embed", lambda *_: pytest.fail("a claim was read again"))
    monkeypatch.setattr(PairScorer, "score", lambda *_: pytest.fail("a pair was read again"))
    assert _propositions(some_claims, [places], tmp_path) == first
