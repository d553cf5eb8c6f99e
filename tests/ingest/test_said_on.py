"""The day of a claim: (sentence with the cue in <> and the content in {}, day of publication, expected day)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.entities.said_on import said_on
from pipeline.text import sentences

SATURDAY, WEDNESDAY = "2026-03-14", "2026-03-18"

CASES = [
    ("The ministry <said> on Tuesday that {the duty stays}.", WEDNESDAY, "2026-03-17"),
    ("The ministry <said> Wednesday {the duty stays}.", WEDNESDAY, "2026-03-18"),
    ("Lu <told> reporters in Ottawa on Thursday that {the duty stays}.", WEDNESDAY, "2026-03-12"),
    ("“{The duty stays},” Lu Anqi, a spokesman, <said> yesterday.", WEDNESDAY, "2026-03-17"),
    ("“{The duty stays},” <said> Lu Anqi on Monday.", WEDNESDAY, "2026-03-16"),
    ("On Friday, the ministry <said> {the duty stays}.", WEDNESDAY, "2026-03-13"),
    ("The ministry on Friday <said> {the duty stays}.", WEDNESDAY, "2026-03-13"),
    ("The ministry <said> on March 3 that {the duty stays}.", WEDNESDAY, "2026-03-03"),
    ("The ministry <said> on 3 March that {the duty stays}.", WEDNESDAY, "2026-03-03"),
    ("The ministry <said> on Dec. 30 that {the duty stays}.", WEDNESDAY, "2025-12-30"),
    ("The ministry <said> on March 3, 2019 that {the duty stays}.", WEDNESDAY, "2019-03-03"),
    ("The ministry <said> last Friday that {the duty stays}.", WEDNESDAY, "2026-03-13"),
    ("The ministry <said> two days ago that {the duty stays}.", WEDNESDAY, "2026-03-16"),
    ("The ministry <warned> at Tuesday's briefing that {the duty stays}.", WEDNESDAY, "2026-03-17"),
    ("Farmers <said> this morning that {the duty hurts}.", WEDNESDAY, "2026-03-18"),
    ("Gov. Ana Reyes <told> the U.S. House on Tuesday {the duty hurts}.", WEDNESDAY, "2026-03-17"),
    ("THE MINISTRY <SAID> ON TUESDAY THAT {THE DUTY STAYS}.", WEDNESDAY, "2026-03-17"),
    ("THE SHOP, CLOSED ON MONDAYS, <SAID> {THE DUTY HURTS}.", WEDNESDAY, None),
    # The day belongs to the content, to a limit, to a plan or to another event.
    ("The ministry <said> {the duty ends on Friday}.", WEDNESDAY, None),
    ("The ministry <said> that {it would decide} by Friday.", WEDNESDAY, None),
    ("The ministry, which met on Tuesday, has since <said> {the duty stays}.", WEDNESDAY, None),
    ("After talks on Tuesday, the ministry <said> {the duty stays}.", WEDNESDAY, None),
    ("Shares fell on Tuesday as traders <said> {the duty stays}.", WEDNESDAY, None),
    ("The ministry <said> next Friday {the duty ends}.", WEDNESDAY, None),
    ("The ministry <said> ahead of a summit on Friday that {the duty stays}.", WEDNESDAY, None),
    ("The shop, closed on Mondays, <said> {the duty hurts}.", WEDNESDAY, None),
    # Nothing that would have to be guessed.
    ("The ministry <said> last week that {the duty stays}.", WEDNESDAY, None),
    ("The ministry <said> last Friday that {the duty stays}.", SATURDAY, None),
    ("The ministry <said> on June 3 that {the duty stays}.", WEDNESDAY, None),
    ("The ministry <said> on March 35 that {the duty stays}.", WEDNESDAY, None),
    ("The ministry <said> on Tuesday that {the duty stays}.", None, None),
    ("The ministry <said> {the duty stays}.", WEDNESDAY, None),
    # Midday in London is tomorrow somewhere: Saturday may be today's or last week's.
    ("The ministry <said> on Saturday that {the duty stays}.", "2026-03-13T22:00", None),
    ("The ministry <said> on Friday that {the duty stays}.", "2026-03-13T22:00", "2026-03-13"),
]


def _parse(marked: str) -> tuple[str, list[tuple[int, int]], tuple[int, int] | None]:
    text, starts, content, cue = "", {}, [], None
    for char in marked:
        if char in "<{":
            starts[char] = len(text)
        elif char == ">":
            cue = (starts["<"], len(text))
        elif char == "}":
            content.append((starts["{"], len(text)))
        else:
            text += char
    return text, content, cue


@pytest.mark.parametrize(("marked", "published", "expected"), CASES)
def test_said_on(marked: str, published: str | None, expected: str | None) -> None:
    text, content, cue = _parse(marked)
    when = datetime.fromisoformat(published).replace(tzinfo=UTC) if published else None
    found = said_on(text, sentences(text), content, cue, None, when)
    assert found == (date.fromisoformat(expected) if expected else None)


def test_only_the_sentence_of_the_cue_counts() -> None:
    text, content, cue = _parse("The ministry met on Monday. It <said> {the duty stays}. It rained on Tuesday.")
    assert said_on(text, sentences(text), content, cue, None, datetime(2026, 3, 18, tzinfo=UTC)) is None


@given(
    st.lists(
        st.sampled_from(
            ["on", "Tuesday", "last", "March 3", "Feb. 30", "said", "the", ",", ".", "“", "2019", "yesterday", "5 days ago", "31 Sept."]
        ),
        max_size=14,
    ),
    st.tuples(st.integers(0, 60), st.integers(0, 60)),
    st.datetimes(datetime(1800, 1, 3), datetime(2100, 1, 1)),
)
@settings(max_examples=300, deadline=None)
def test_a_day_is_never_after_publication_by_more_than_a_time_zone(words: list[str], cue: tuple[int, int], published: datetime) -> None:
    text = " ".join(words)
    low, high = sorted(min(i, len(text)) for i in cue)
    found = said_on(text, sentences(text), [], (low, high), None, published.replace(tzinfo=UTC))
    assert found is None or (found - published.date()).days <= 1
