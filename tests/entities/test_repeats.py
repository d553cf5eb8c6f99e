"""Claims of one claimer whose contents lie within one another."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.entities.repeats import unrepeated
from pipeline.reader.read import AttributionSpan
from pipeline.text import Span

SAYS = "Idris Kvamme was quoted as saying one hand beckoned while the other held the door shut."


def _claim(words: str, cue: str, score: float, text: str = SAYS) -> AttributionSpan:
    return AttributionSpan((_span(words, text),), _span(cue, text), (0, len("Idris Kvamme")), score)


def _span(words: str, text: str) -> Span:
    start = text.index(words)
    return start, start + len(words)


OUTER = _claim("saying one hand beckoned while the other held the door shut", "quoted", 0.7)
INNER = _claim("one hand beckoned while the other held the door shut", "saying", 0.9)


def test_of_two_cues_of_one_content_the_likelier_stays() -> None:
    assert unrepeated([OUTER, INNER], ["e1", "e1"]) == [1]
    assert unrepeated([INNER, OUTER], ["e1", "e1"]) == [0]


def test_two_claimers_of_one_content_both_stay() -> None:
    assert unrepeated([OUTER, INNER], ["e1", "e2"]) == [0, 1]


def test_claims_without_known_claimer_stay() -> None:
    unsourced = [AttributionSpan(a.content, a.cue, None, a.score) for a in (OUTER, INNER)]
    assert unrepeated(unsourced, [None, None]) == [0, 1]


def test_a_few_words_within_a_long_claim_stay() -> None:
    assert unrepeated([OUTER, _claim("the door", "held", 0.5)], ["e1", "e1"]) == [0, 1]


def test_contents_side_by_side_stay() -> None:
    assert unrepeated([_claim("one hand beckoned", "saying", 0.9), _claim("the other held the door shut", "while", 0.9)], ["e1", "e1"]) == [
        0,
        1,
    ]


SPANS = st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda p: (p[0], p[0] + p[1]))
CLAIMS = st.lists(st.tuples(SPANS, st.floats(0, 1), st.sampled_from(["e1", "e2", None])), max_size=8)


@given(CLAIMS)
def test_what_stays_stays_again_and_the_best_always_does(claims: list[tuple[Span, float, str | None]]) -> None:
    attributions = [AttributionSpan((span,), None, None, score) for span, score, _ in claims]
    claimers = [claimer for *_, claimer in claims]
    kept = unrepeated(attributions, claimers)
    assert kept == sorted(set(kept))
    again = unrepeated([attributions[i] for i in kept], [claimers[i] for i in kept])
    assert again == list(range(len(kept)))
    for claimer in {c for c in claimers if c}:
        best = max(attributions[i].score for i, c in enumerate(claimers) if c == claimer)
        assert any(claimers[i] == claimer and attributions[i].score == best for i in kept)
