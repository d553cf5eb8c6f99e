"""Scores on hand-made cases whose values can be worked out on paper."""

from __future__ import annotations

import pytest

from pipeline.evaluate.attribution import AttributionSpans, match, score_attributions
from pipeline.evaluate.claims import normalise_name, score_claims
from pipeline.evaluate.counts import Counts, f1_by_label
from pipeline.evaluate.linking import b_cubed, opposed_pairs, same_pairs

TEXT = "Reyes said the duty stays. Okonjo denied that it ends."


def span(words: str) -> tuple[int, int]:
    return TEXT.index(words), TEXT.index(words) + len(words)


def test_counts() -> None:
    counts = Counts(2, 4, 3)
    assert (counts.precision, counts.recall, counts.f1) == (0.5, pytest.approx(2 / 3), pytest.approx(4 / 7))
    assert Counts().f1 == 0.0


def test_matching_is_one_to_one_and_best_first() -> None:
    assert match([{1, 2, 3, 4}, {1, 2}], [{1, 2, 3}]) == [(0, 0)]
    assert match([{1, 2, 3, 4}], [{1, 5, 6}]) == []


def test_attribution_scores() -> None:
    gold = [
        AttributionSpans((span("the duty stays"),), (span("said"),), (span("Reyes"),)),
        AttributionSpans((span("it ends"),), (span("denied"),), (span("Okonjo"),)),
    ]
    predicted = [
        AttributionSpans((span("duty stays"),), (span("said"),), (span("Reyes"),)),
        AttributionSpans((span("it ends"),), (span("denied that"),), ()),
    ]
    scores = score_attributions([(TEXT, gold, predicted)])
    assert scores.exact["content"] == Counts(1, 2, 2)
    assert scores.exact["cue"] == Counts(1, 2, 2)
    assert scores.exact["source"] == Counts(1, 1, 2)
    assert scores.token["content"] == Counts(4, 4, 5)
    assert scores.whole == Counts(1, 2, 2)


GOLD_CLAIM = {
    "content": [list(span("the duty stays"))], "claimer": list(span("Reyes")), "cue": list(span("said")), "claimer_name": "Ana Reyes", "form": "indirect",
    "topics": ["tariffs"], "polarity": "affirms", "stance": {"tariffs": "favor"}, "imposer": {"tariffs": "US"}, "proposition": "p",
}  # fmt: skip
FOUND = {
    "content_spans": [span("duty stays")],
    "claimer_name": "the Ana Reyes",
    "form": "indirect",
    "polarity": "affirms",
    "stances": {"tariffs": ("favor", "US")},
}


@pytest.mark.parametrize(
    ("change", "ledger"),
    [
        ({}, 1),
        ({"claimer_name": "Reyes"}, 0),
        ({"stances": {"tariffs": ("against", "US")}}, 0),
        ({"stances": {"tariffs": ("favor", "US"), "visas": ("favor", None)}}, 0),
        ({"stances": {}}, 0),
    ],
)
def test_ledger_needs_everything_right(change: dict, ledger: int) -> None:
    gold = [{"article_id": "a", "text": TEXT, "claims": [GOLD_CLAIM]}]
    scores = score_claims(gold, {"a": [{**FOUND, **change}]}, ["tariffs", "visas"])
    assert scores.ledger.right == ledger
    assert scores.found.recall == 1.0


def test_claims_about_no_configured_topic_do_not_count() -> None:
    gold = [{"article_id": "a", "text": TEXT, "claims": [{**GOLD_CLAIM, "topics": ["chips"], "stance": {"chips": "favor"}}]}]
    assert score_claims(gold, {}, ["tariffs"]).topical == Counts()


def test_names_are_normalised() -> None:
    assert normalise_name("The U.S. Trade Representative’s office") == normalise_name("US trade representative office")
    assert normalise_name("Łukasz Müller") == normalise_name("łukasz Muller")
    assert normalise_name(None) == ""


def test_macro_f1_by_label() -> None:
    assert f1_by_label([("favor", "favor"), ("favor", "neutral"), ("neutral", "neutral")]) == {
        "favor": pytest.approx(2 / 3),
        "neutral": pytest.approx(2 / 3),
    }


def test_b_cubed_of_the_textbook_case() -> None:
    precision, recall, _ = b_cubed(list("aaab"), list("xxyy"))
    assert precision == pytest.approx((1 + 1 + 0.5 + 0.5) / 4)
    assert recall == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1) / 4)
    assert b_cubed(list("ab"), list("xy"))[2] == 1.0


def test_pairs() -> None:
    assert same_pairs({"1": "a", "2": "a", "3": "b"}, {"1": "x", "2": "x", "3": "x"}) == Counts(1, 3, 1)
    assert opposed_pairs({"1": "a", "2": "b", "3": "b"}, [["a", "b"]], [("2", "1"), ("2", "3"), ("9", "1")]) == Counts(1, 2, 2)
