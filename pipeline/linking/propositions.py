"""Clusters and scored pairs to the rows of ``propositions`` and ``links``."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.ids import content_id
from pipeline.linking.cluster import Labels
from pipeline.linking.pairs import Pairs, Scores, codes_of
from pipeline.tables import LINKS, PROPOSITIONS

CLEAR_CHARS = 120  # the length of a clear wording: shorter ones lack words, longer ones say more


def proposition_table(claims: pa.Table, label: Labels, pairs: Pairs, same: Scores) -> pa.Table:
    """``propositions``: a row per claim of ``claims`` (sorted by id), whose cluster is ``label``.

    A proposition's id comes from its earliest claim, so that it stays when later claims join; its clearest wording is that of the
    claim that is closest to the others.
    """
    ids = claims["claim_id"].to_pylist()
    published = claims["published"].cast(pa.int64()).fill_null(np.iinfo(np.int64).max).to_numpy()
    size = np.bincount(label)
    first = _first_of_each(np.lexsort((published, label)), label)
    inner = label[pairs[:, 0]] == label[pairs[:, 1]]
    closeness = sum(np.bincount(pairs[inner, side], weights=same[inner], minlength=len(ids)) for side in (0, 1))
    unclear = np.abs(pc.utf8_length(claims["content"]).to_numpy().astype(np.int64) - CLEAR_CHARS)
    clearest = _first_of_each(np.lexsort((unclear, -np.round(closeness, 3), label)), label)
    names = [content_id("p", ids[i]) for i in first]
    columns = [
        claims["claim_id"],
        pa.array(names, pa.string()).take(pa.array(label)),
        claims["claim_id"].take(pa.array(clearest[label])),
        pa.array(size[label]),
    ]
    return pa.table(columns, names=PROPOSITIONS.schema.names).cast(PROPOSITIONS.schema)


def representatives(claims: pa.Table, propositions: pa.Table) -> NDArray[np.int64]:
    """The places in ``claims`` of the clearest wordings of what more than one claim asserts."""
    repeated = propositions.filter(pc.greater(propositions["size"], 1))
    found: NDArray[np.int64] = pc.index_in(pc.unique(repeated["representative"]), claims["claim_id"].combine_chunks()).to_numpy()
    return np.sort(found.astype(np.int64))


def _first_of_each(order: NDArray[np.int64], label: Labels) -> NDArray[np.int64]:
    """The first claim of each cluster in an order that has the clusters one after the other."""
    starts: NDArray[np.int64] = np.searchsorted(label[order], np.arange(label.max(initial=-1) + 1))
    return order[starts]


def link_table(claims: pa.Table, label: Labels, pairs: Pairs, same: Scores, opposed: Scores, threshold: float) -> pa.Table:
    """``links``: the compared pairs of one proposition, and those of two opposed ones."""
    inner = np.flatnonzero(label[pairs[:, 0]] == label[pairs[:, 1]])
    against, score = opposed_links(label, pairs, opposed, threshold)
    chosen = pairs[np.concatenate([inner, against])]
    order = np.lexsort((chosen[:, 1], chosen[:, 0]))
    relation = np.repeat(["same", "opposed"], [len(inner), len(against)])[order]
    a, b = (pa.array(chosen[order, side]) for side in (0, 1))
    ids, claimers = claims["claim_id"], claims["claimer_id"]
    same_claimer = pc.fill_null(pc.equal(claimers.take(a), claimers.take(b)), False)
    columns = [
        ids.take(a),
        ids.take(b),
        pa.array(relation, pa.string()),
        pa.array(np.concatenate([same[inner], score])[order]),
        same_claimer,
    ]
    return pa.table(columns, names=LINKS.schema.names).cast(LINKS.schema)


def opposed_links(label: Labels, pairs: Pairs, opposed: Scores, threshold: float) -> tuple[NDArray[np.int64], Scores]:
    """Which pairs are between opposed propositions, with the propositions' score: the mean probability over the pairs compared.

    Propositions oppose one another as wholes, so one odd pair neither makes an opposition nor breaks it.
    """
    sides = label[pairs]
    between = np.flatnonzero(sides[:, 0] != sides[:, 1])
    _, group = np.unique(codes_of(sides[between], label.max(initial=0) + 1), return_inverse=True)
    mean = np.bincount(group, weights=opposed[between]) / np.maximum(1, np.bincount(group))
    kept = mean[group] >= threshold
    return between[kept], mean[group][kept]
