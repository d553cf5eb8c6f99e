"""Claims of the whole corpus to propositions and links; pairs that an earlier run scored are not scored again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from usearch.index import Index

from pipeline.config import Config
from pipeline.encoder import SHA256
from pipeline.ids import content_id, fingerprint
from pipeline.linking.cluster import cluster
from pipeline.linking.network import LinkClaim
from pipeline.linking.score import WIDTH, PairScorer, Vectorizer
from pipeline.models import model_file, revision
from pipeline.stage import Shard
from pipeline.tables import ARTICLES, CLAIMS, LINKS, PROPOSITIONS, STANCES_TABLE, Table, to_arrow

EXACT_UP_TO = 20_000  # claims of a topic that are compared exactly; above, an approximate index finds neighbours
LEAST_COSINE = 0.35
_VECTORS = pa.schema([("claim", pa.string()), ("vector", pa.list_(pa.float16(), WIDTH))])
_SCORES = pa.schema([("claim_a", pa.string()), ("claim_b", pa.string()), ("same", pa.float32()), ("opposed", pa.float32())])


class Linking:
    """Link claims that share a topic; its one shard is the whole corpus, with the articles' ids and titles alone. ``cache`` keeps
    vectors and pair scores between runs, under a hash of what was read of a claim."""

    name: ClassVar[str] = "link"
    reads: ClassVar[tuple[Table, ...]] = (ARTICLES, CLAIMS, STANCES_TABLE)
    writes: ClassVar[tuple[Table, ...]] = (PROPOSITIONS, LINKS)

    def __init__(self, config: Config, cache: Path) -> None:
        self.config = config.linking
        self.cache = cache / fingerprint(SHA256, revision(self.config.model))
        self.cache.mkdir(parents=True, exist_ok=True)

    def __call__(self, shard: Shard) -> dict[str, pa.Table]:
        claims = sorted(shard["claims"].to_pylist(), key=lambda row: row["claim_id"])
        titles = dict(zip(*(shard["articles"][name].to_pylist() for name in ("article_id", "title")), strict=True))
        links = [link_claim(claim, titles.get(claim["article_id"]) or "") for claim in claims]
        keys = [fingerprint(link.context, link.spans, link.claimer, link.title) for link in links]
        pairs = candidate_pairs(claims, shard["stances"].to_pylist(), self._vectors(links, keys), self.config.neighbours)
        scores = self._scores(links, keys, pairs)
        same = [float(s) for s, _ in scores]
        clusters = cluster(len(claims), pairs, same, self.config.same)
        related = {PROPOSITIONS: proposition_rows(claims, clusters, pairs, same), LINKS: self._link_rows(claims, clusters, pairs, scores)}
        return {table.name: to_arrow(table, rows) for table, rows in related.items()}

    def _vectors(self, links: Sequence[LinkClaim], keys: Sequence[str]) -> NDArray[np.float32]:
        known = _read_cache(self.cache, "vectors", _VECTORS)
        have = dict(zip(known["claim"].to_pylist(), range(known.num_rows), strict=True))
        kept = np.asarray(known["vector"].combine_chunks().flatten(), dtype=np.float16).reshape(-1, WIDTH)
        new = {key: link for key, link in zip(keys, links, strict=True) if key not in have}
        if new:
            fresh = Vectorizer(model_file(self.config.model, "vectors.safetensors")).embed(list(new.values())).astype(np.float16)
            data = {"claim": list(new), "vector": pa.FixedSizeListArray.from_arrays(pa.array(fresh.ravel()), WIDTH)}
            _write_cache(self.cache, "vectors", pa.table(data, schema=_VECTORS))
            have |= {key: len(kept) + i for i, key in enumerate(new)}
            kept = np.concatenate([kept, fresh])
        return kept[[have[key] for key in keys]].astype(np.float32).reshape(-1, WIDTH)

    def _scores(self, links: Sequence[LinkClaim], keys: Sequence[str], pairs: Sequence[tuple[int, int]]) -> list[tuple[float, float]]:
        known = _read_cache(self.cache, "scores", _SCORES).to_pylist()
        have = {(row["claim_a"], row["claim_b"]): (row["same"], row["opposed"]) for row in known}
        named = [(min(keys[a], keys[b]), max(keys[a], keys[b])) for a, b in pairs]
        new = {key: pair for key, pair in zip(named, pairs, strict=True) if key not in have}
        if new:
            scorer = PairScorer(model_file(self.config.model, "weights.safetensors"))
            involved = sorted({member for pair in new.values() for member in pair})
            place = {member: n for n, member in enumerate(involved)}
            fresh = scorer.score([links[m] for m in involved], [(place[a], place[b]) for a, b in new.values()])
            columns = [[a for a, _ in new], [b for _, b in new], fresh[:, 1], fresh[:, 2]]
            _write_cache(self.cache, "scores", pa.table(columns, schema=_SCORES))
            have |= {key: (float(row[1]), float(row[2])) for key, row in zip(new, fresh, strict=True)}
        return [have[key] for key in named]

    def _link_rows(
        self,
        claims: Sequence[dict[str, Any]],
        clusters: Sequence[Sequence[int]],
        pairs: Sequence[tuple[int, int]],
        scores: Sequence[tuple[float, float]],
    ) -> list[dict[str, Any]]:
        cluster_of = _cluster_of(clusters)
        related = [
            (pair, "same", same) for pair, (same, _) in zip(pairs, scores, strict=True) if cluster_of[pair[0]] == cluster_of[pair[1]]
        ]
        related += [(p, "opposed", s) for p, s in opposed_links(clusters, pairs, [o for _, o in scores], self.config.opposed)]
        return [
            {
                "claim_a": claims[a]["claim_id"],
                "claim_b": claims[b]["claim_id"],
                "relation": relation,
                "score": score,
                "same_claimer": claims[a]["claimer_id"] is not None and claims[a]["claimer_id"] == claims[b]["claimer_id"],
            }
            for (a, b), relation, score in sorted(related)
        ]


def opposed_links(
    clusters: Sequence[Sequence[int]], pairs: Sequence[tuple[int, int]], opposed: Sequence[float], threshold: float
) -> list[tuple[tuple[int, int], float]]:
    """Pairs between opposed propositions with the propositions' score: the mean probability over the pairs that were compared.

    Propositions oppose one another as wholes, so one odd pair neither makes an opposition nor breaks it.
    """
    cluster_of = _cluster_of(clusters)
    between: dict[tuple[int, int], list[int]] = defaultdict(list)
    for i, (a, b) in enumerate(pairs):
        if cluster_of[a] != cluster_of[b]:
            between[min(cluster_of[a], cluster_of[b]), max(cluster_of[a], cluster_of[b])].append(i)
    found = []
    for places in between.values():
        mean = sum(opposed[i] for i in places) / len(places)
        if mean >= threshold:
            found += [(pairs[i], mean) for i in places]
    return sorted(found)


def _cluster_of(clusters: Sequence[Sequence[int]]) -> dict[int, int]:
    return {member: number for number, members in enumerate(clusters) for member in members}


def candidate_pairs(
    claims: Sequence[dict[str, Any]], stances: Sequence[dict[str, Any]], vectors: NDArray[np.float32], neighbours: int
) -> list[tuple[int, int]]:
    """Pairs (a < b) of claims on one topic that are among each other's nearest neighbours, sorted."""
    vectors = in_their_articles(vectors, [claim["article_id"] for claim in claims])
    place = {claim["claim_id"]: i for i, claim in enumerate(claims)}
    members: dict[str, list[int]] = defaultdict(list)
    for stance in stances:
        members[stance["topic"]].append(place[stance["claim_id"]])
    pairs: set[tuple[int, int]] = set()
    for topic in sorted(members):
        chosen = np.asarray(sorted(members[topic]))
        for row, near in enumerate(_neighbours(vectors[chosen], neighbours)):
            a = int(chosen[row])
            pairs.update((min(a, int(chosen[j])), max(a, int(chosen[j]))) for j in near if chosen[j] != a)
    return sorted(pairs)


def in_their_articles(vectors: NDArray[np.float32], articles: Sequence[str]) -> NDArray[np.float32]:
    """Unit vectors (n, 2 * width) of claims beside the mean of their article's claims.

    Claims of one proposition may share no word, but their articles are about one event, and that the means tell.
    """
    order: dict[str, list[int]] = defaultdict(list)
    for i, article in enumerate(articles):
        order[article].append(i)
    means = np.zeros_like(vectors)
    for members in order.values():
        mean = vectors[members].mean(axis=0)
        means[members] = mean / max(float(np.linalg.norm(mean)), 1e-6)
    return (np.concatenate([vectors, means], axis=1) / np.sqrt(2)).astype(np.float32)


def _neighbours(vectors: NDArray[np.float32], count: int) -> list[list[int]]:
    """For each vector, up to ``count`` others with a cosine of at least LEAST_COSINE."""
    if len(vectors) <= 1:
        return [[] for _ in vectors]
    if len(vectors) > EXACT_UP_TO:
        index = Index(ndim=vectors.shape[1], metric="cos", dtype="f16")
        index.add(np.arange(len(vectors)), vectors, threads=1)
        found = index.search(vectors, count + 1, threads=0)
        return [
            [int(k) for k, d in zip(keys, distances, strict=True) if k != row and 1 - d >= LEAST_COSINE]
            for row, (keys, distances) in enumerate(zip(found.keys, found.distances, strict=True))
        ]
    near: list[list[int]] = []
    for begin in range(0, len(vectors), 1024):
        cosine = vectors[begin : begin + 1024] @ vectors.T
        for row, values in enumerate(cosine, begin):
            values[row] = -1.0
            order = np.lexsort((np.arange(len(values)), -np.round(values, 3)))[:count]
            near.append([int(j) for j in order if values[j] >= LEAST_COSINE])
    return near


def proposition_rows(
    claims: Sequence[dict[str, Any]], clusters: Sequence[Sequence[int]], pairs: Sequence[tuple[int, int]], same: Sequence[float]
) -> list[dict[str, Any]]:
    """Rows of ``propositions``. The id comes from the earliest claim, so that it stays when later claims join."""
    closeness: dict[int, float] = defaultdict(float)
    cluster_of = _cluster_of(clusters)
    for (a, b), p in zip(pairs, same, strict=True):
        if cluster_of[a] == cluster_of[b]:
            closeness[a] += p
            closeness[b] += p
    rows = []
    for members in clusters:
        first = min(members, key=lambda i: (claims[i]["published"] is None, claims[i]["published"] or 0, claims[i]["claim_id"]))
        clearest = min(members, key=lambda i: (-round(closeness[i], 3), abs(len(claims[i]["content"]) - 120), claims[i]["claim_id"]))
        for i in members:
            rows.append(
                {
                    "claim_id": claims[i]["claim_id"],
                    "proposition_id": content_id("p", claims[first]["claim_id"]),
                    "representative": claims[clearest]["claim_id"],
                    "size": len(members),
                }
            )
    return sorted(rows, key=lambda row: row["claim_id"])


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


def _read_cache(folder: Path, name: str, schema: pa.Schema) -> pa.Table:
    parts = [pq.read_table(p, schema=schema, partitioning=None) for p in sorted(folder.glob(f"{name}-*.parquet"))]
    return pa.concat_tables(parts) if parts else schema.empty_table()


def _write_cache(folder: Path, name: str, data: pa.Table) -> None:
    target = folder / f"{name}-{fingerprint(data.column(0).to_pylist(), data.num_rows)}.parquet"
    temporary = target.with_suffix(".tmp")
    pq.write_table(data, temporary, compression="zstd")
    temporary.replace(target)
