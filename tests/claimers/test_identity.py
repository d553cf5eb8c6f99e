"""Identity pairs of the claimer evaluation, on cases that can be counted by hand."""

from __future__ import annotations

from pipeline.evaluate.claimers import Resolved, gold_scores, identity_pairs, kind_of_claimer
from pipeline.evaluate.counts import Counts


def claim(name: str, entity_id: str | None, article: str, event: str = "e1") -> Resolved:
    return Resolved(event, "as named", name, name if entity_id else None, entity_id, article)


CLAIMS = [
    claim("Ana Reyes", "1", "a"),
    claim("Ana Reyes", "1", "b"),
    claim("Ana Reyes", "2", "b"),
    claim("Bo Lind", "2", "a"),
    claim("Bo Lind", None, "b"),
]


def test_pairs_of_claims_with_one_claimer() -> None:
    assert identity_pairs(CLAIMS, across=False) == Counts(1, 2, 4)
    assert identity_pairs(CLAIMS, across=True) == Counts(1, 2, 3)


def test_other_events_make_no_pairs() -> None:
    assert identity_pairs([claim("Ana Reyes", "1", "a"), claim("Ana Reyes", "1", "b", "e2")], across=False) == Counts(0, 0, 0)


def test_scores_leave_out_what_has_no_pairs() -> None:
    scores = gold_scores([claim("Ana Reyes", "1", "a"), claim("Bo Lind", None, "a")])
    assert scores["name_right"] == 0.5
    assert scores["unknown"] == 0.5
    assert "identity_f1" not in scores


def test_kinds_of_mentions() -> None:
    def kind(words: str, name: str) -> str:
        return kind_of_claimer(words, {"claimer": (0, len(words)), "claimer_name": name})

    assert [kind("She", "Ana Reyes"), kind("Reyes", "Ana Reyes"), kind("Ana Reyes", "Ana Reyes")] == ["pronoun", "shorter name", "as named"]
    assert kind("the company", "Nordvik Metals") == "description, org"
    assert kind_of_claimer("", {"claimer": None, "claimer_name": "Ana Reyes"}) == "none"
