"""Quotation states, trimming, form and sentences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reader.quotes import DOUBLE, OUTSIDE, SINGLE, quote_states
from pipeline.text import BEFORE_CHARS, CONTEXT_CHARS, context_of, form_of, sentences, trim_content


@pytest.mark.parametrize(
    ("text", "quoted", "state"),
    [
        ('He said "we wait" today', "we wait", DOUBLE),
        ("She said “we wait” today", "we wait", DOUBLE),
        ("She said ‘we wait’ today", "we wait", SINGLE),
        ("Er sagte «we wait» heute", "we wait", DOUBLE),
        ("“It goes on\n“and on,” he said", "It goes on", DOUBLE),
        ("the workers' pay and the miners' bread", "pay and", OUTSIDE),
        ('A stray " mark\nleaves the next paragraph alone', "next paragraph", OUTSIDE),
        ("the 'so-called truce' held", "so-called truce", SINGLE),
        ("''We wait,'' he told me", "We wait", DOUBLE),
        ("``We wait,'' he told me", "We wait", DOUBLE),
        ("„We wait“ and the duty stays", "and the duty", OUTSIDE),
        ("”We wait,” he said", "We wait", DOUBLE),
        ("A “stray mark\u2028leaves the next line alone", "next line", OUTSIDE),
        ("since the ‘90s the mills and the growers’ money went", "the mills", OUTSIDE),
        ("‘He told us “no” yesterday,’ she said", "He told us", SINGLE),
    ],
)
def test_quote_states(text: str, quoted: str, state: int) -> None:
    start = text.index(quoted)
    assert set(quote_states(text)[start : start + len(quoted)].tolist()) == {state}


@given(st.text(alphabet="ab \n\"'“”‘’«».,", max_size=80))
def test_quote_states_never_fail_and_cover_the_text(text: str) -> None:
    assert len(quote_states(text)) == len(text)


@given(st.text(alphabet="aU. ,;\"“”'’\n", max_size=60))
def test_trimming_stays_inside_and_is_idempotent(text: str) -> None:
    start, end = trim_content(text, (0, len(text)))
    assert 0 <= start <= end <= len(text)
    assert trim_content(text, (start, end)) == (start, end)


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("“We wait,” he said", "We wait"),
        ("they buy from the U.S.", "they buy from the U.S."),
        ("it ended.", "it ended"),
        ("it rose by 12.5%.", "it rose by 12.5%"),
        ("it ended\u200b.\ufeff", "it ended"),
        ("“A ‘deal’”", "A ‘deal"),
    ],
)
def test_trimming_follows_the_guidelines(text: str, content: str) -> None:
    stop = text.index(" he said") if " he said" in text else len(text)
    start, end = trim_content(text, (0, stop))
    assert text[start:end] == content


@pytest.mark.parametrize(
    ("text", "content", "form"),
    [
        ('"We wait," he said.', ["We wait"], "direct"),
        ("He said they wait.", ["they wait"], "indirect"),
        ('He called it "a tax" on all.', ['it "a tax'], "mixed"),
        ('"We wait," he said, "and hope."', ["We wait", "and hope"], "direct"),
        ("“We wait\n“and hope,” she said.", ["We wait", "and hope"], "direct"),
        ('He said they wait. "And hope."', ["they wait", "And hope"], "mixed"),
        ("''We wait,'' he said.", ["We wait"], "direct"),
    ],
)
def test_form(text: str, content: list[str], form: str) -> None:
    assert form_of(text, [(text.index(c), text.index(c) + len(c)) for c in content]) == form


def test_sentences_hold_their_offsets() -> None:
    text = "One ends here. Two goes on\nThree is a line."
    assert [text[s:e] for s, e in sentences(text)] == ["One ends here.", "Two goes on", "Three is a line."]


def _context(text: str, content: str, cue: str | None = None) -> str:
    spans = [(text.index(part), text.index(part) + len(part)) for part in (content, cue) if part]
    return text[slice(*context_of(text, sentences(text), spans[:1], spans[1] if cue else None))]


def test_a_context_begins_with_the_sentence_before() -> None:
    text = "It rained. Ana Reyes spoke of the plan. It would fail, she said. Nobody answered."
    assert _context(text, "It would fail", "said") == "Ana Reyes spoke of the plan. It would fail, she said."
    assert _context(text, "It rained") == "It rained."


def test_a_context_is_bounded_and_never_loses_the_claims_beginning() -> None:
    long = "It waits " + "and waits " * (BEFORE_CHARS // 8) + "here."
    assert _context(f"{long} The duty stays.", "The duty stays") == "The duty stays."
    endless = "The duty stays " + "and stays " * (CONTEXT_CHARS // 8) + "there."
    assert len(_context(endless, "The duty stays")) == CONTEXT_CHARS


@given(st.text(alphabet="ab. \n“”", min_size=1, max_size=80), st.data())
def test_a_context_holds_the_claim(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    low, high = context_of(text, sentences(text), [(start, end)], None)
    assert 0 <= low <= start < end <= high <= len(text)
