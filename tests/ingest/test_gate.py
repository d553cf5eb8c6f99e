"""The topic gate: where a topic's patterns match, in any script."""

from __future__ import annotations

import pytest

from pipeline.config import Topic, default_topics
from pipeline.ingest.gate import TopicGate


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("tax", "A new TAX.", True),
        ("tax", "A taxi", False),
        ("tax", "pre_tax", False),
        ("tax", "une activité taxée", False),
        ("import", "la réimport", False),
        ("café", "at the Café, they said", True),
        ("café", "two cafés", False),
        ("émigré visas", "the émigré visas", True),
        ("émigré", "l’émigré", True),
        ("émigré", "réémigré", False),
        ("пошлин[аы]", "Новые пошлины.", True),
        ("शुल्क", "नया शुल्क।", True),
        ("关税", "美国对中国加征关税", True),
        ("关税", "Trump关税2.0", True),
        ("관세", "새로운 관세를", True),
        ("visas?", "申请visa的人", True),
        (r"c\+\+", "written in C++ today", True),
        (r"c\+\+", "since C++11", True),
        (r"H-1B\.", "holders of the H-1B.", True),
        (r"\$50", "a US$50 fee", True),
        (r"\$50", "a $500 fee", False),
    ],
)
def test_patterns_match_where_words_begin_and_end(pattern: str, text: str, matches: bool) -> None:
    gate = TopicGate([Topic("t", "", "", "", (pattern,))])
    assert gate.topics_of(None, text) == (["t"] if matches else [])


def test_terms_at_the_ends_of_title_and_text_are_found() -> None:
    gate = TopicGate(default_topics())
    assert gate.topics_of("Tariffs", "No more of it") == ["tariffs"]
    assert gate.topics_of(None, "Nothing about a visa") == ["visas"]
    assert gate.topics_of("A rare", "earth") == []


@pytest.mark.parametrize(
    "text", ["rare\u00a0earth exports", "a trade\nwar over tariffs", "rare\u2011earth exports", "the tar\u00adiffs stay", "tar\u200biffs"]
)
def test_blanks_line_breaks_and_unseen_marks_part_no_term(text: str) -> None:
    assert TopicGate(default_topics()).topics_of(None, text)
