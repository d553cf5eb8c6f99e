"""How far two annotations of the same articles agree, by the scores that the pipeline itself is measured with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.errors import UsageError
from pipeline.evaluate.attribution import match, tokens_in, tokens_of
from pipeline.evaluate.claims import score_claims
from pipeline.evaluate.counts import Counts
from pipeline.evaluate.linking import b_cubed


def agreement(first: Sequence[Mapping[str, Any]], second: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Scores of the second annotation against the first, over the articles that both hold.

    ``claims_f1`` is over claims about any topic, ``attributions_f1`` over all. Raises UsageError when they share no article, or an
    article's text differs.
    """
    other = {record["article_id"]: record for record in second}
    shared = [record for record in first if record["article_id"] in other]
    if not shared:
        raise UsageError("the two annotations share no article: their article ids must be the same")
    for record in shared:
        if record["text"] != other[record["article_id"]]["text"]:
            raise UsageError(f"{record['article_id']}: its text differs between the two annotations")
    topics = sorted({t for r in (*shared, *other.values()) for c in r["claims"] for t in c["topics"]})
    given = {name: [_as_predicted(c) for c in record["claims"]] for name, record in other.items()}
    scores = score_claims(shared, given, topics).summary()
    return {"articles": len(shared), **_found(shared, other), **scores, "propositions_b_cubed": _propositions(shared, other)}


def _as_predicted(claim: Mapping[str, Any]) -> dict[str, Any]:
    stances = {topic: (claim["stance"][topic], claim["imposer"].get(topic)) for topic in claim["topics"]}
    return {**claim, "content_spans": [tuple(span) for span in claim["content"]], "stances": stances}


def _found(first: Sequence[Mapping[str, Any]], second: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    found, cue, claimer = Counts(), Counts(), Counts()
    for record in first:
        pairs = _matched(record, second[record["article_id"]])
        found += Counts(len(pairs), len(second[record["article_id"]]["claims"]), len(record["claims"]))
        cue += Counts(sum(a["cue"] == b["cue"] for a, b in pairs), 0, len(pairs))
        claimer += Counts(sum(a["claimer"] == b["claimer"] for a, b in pairs), 0, len(pairs))
    return {"attributions_f1": found.f1, "cue_exact": cue.recall, "claimer_span_exact": claimer.recall}


def _matched(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    tokens = tokens_in(first["text"])
    wanted, given = ([tokens_of(tokens, c["content"]) for c in record["claims"]] for record in (first, second))
    return [(first["claims"][g], second["claims"][p]) for g, p in match(wanted, given)]


def _propositions(first: Sequence[Mapping[str, Any]], second: Mapping[str, Mapping[str, Any]]) -> float:
    """B-cubed F1 over the claims that both hold and about whose topics both speak."""
    pairs = [p for record in first for p in _matched(record, second[record["article_id"]]) if p[0]["proposition"] and p[1]["proposition"]]
    return b_cubed([a["proposition"] for a, _ in pairs], [b["proposition"] for _, b in pairs])[2]
