"""Claims that an interview's answers make."""

from __future__ import annotations

from pipeline.entities.answers import with_answers
from pipeline.reader.read import AttributionSpan, EntitySpan, Reading

INTERVIEW = """Ingrid Solheim-Paz, the ministry's chief economist, on slow poison.

Q (Radio Halden): The guild says the duty will be repealed.

A: I doubt it. Nobody repeals what pays.

Q (Vik Press): Who pays in the end?

A: Mostly the buyer.

You have called it a nuisance, and your colleagues agree.

Q (Radio Halden): And the smelters?

A: The ministry denied that one will close. I read that, too.

I have nothing to add."""
ASKED = EntitySpan(0, len("Ingrid Solheim-Paz"), "PERSON", 1.0)


def _span(words: str) -> tuple[int, int]:
    start = INTERVIEW.index(words)
    return start, start + len(words)


def _contents(reading: Reading) -> list[str]:
    return [" ".join(INTERVIEW[slice(*span)] for span in a.content) for a in reading.attributions]


def _claim(content: str, source: str, cue: str | None) -> AttributionSpan:
    return AttributionSpan((_span(content),), _span(cue) if cue else None, _span(source), 0.7)


IN_A_QUESTION = _claim("the duty will be repealed", "The guild", "says")
THE_QUESTION = _claim("Who pays in the end?", "Vik Press", None)
IN_AN_ANSWER = _claim("one will close", "The ministry", "denied")


def test_an_answer_is_a_claim_unless_it_reports_somebody_or_speaks_to_the_person_asked() -> None:
    found = with_answers(INTERVIEW, Reading((ASKED,), (IN_A_QUESTION, THE_QUESTION, IN_AN_ANSWER)))
    assert _contents(found) == [
        "the duty will be repealed",
        "I doubt it. Nobody repeals what pays",
        "Mostly the buyer",
        "one will close",
        "I have nothing to add",
    ]
    assert [a.source is None and a.cue is None for a in found.attributions] == [False, True, True, False, True]


def test_a_part_of_an_answer_gives_way_to_the_whole() -> None:
    part = AttributionSpan((_span("Nobody repeals what pays"),), None, None, 0.4)
    assert "Nobody repeals what pays" not in _contents(with_answers(INTERVIEW, Reading((ASKED,), (part,))))


def test_without_a_person_who_may_be_asked_nothing_changes() -> None:
    nobody = Reading((), (IN_A_QUESTION, THE_QUESTION))
    assert with_answers(INTERVIEW, nobody) is nobody


def test_other_texts_stay_as_they_are_read() -> None:
    text = "Ana Reyes said the duty stays.\n\nWho pays?\n\nShe did not say."
    reading = Reading((EntitySpan(0, 9, "PERSON", 1.0),), (AttributionSpan(((15, 29),), (10, 14), (0, 9), 0.9),))
    assert with_answers(text, reading) == reading


def test_marks_in_bold_and_paragraphs_without_words_leave_no_trace() -> None:
    text = "\n\n".join(
        [
            "Ana Reyes runs the port.",
            "**Q:** Who pays?",
            "**A:** We pay.",
            "Q: When?",
            "  A: In time.",
            "***",
            "Q: Why?",
            "_A:_ I wonder.",
            "Advertisement",
            "“”",
        ]
    )
    found = with_answers(text, Reading((EntitySpan(0, 9, "PERSON", 1.0),), ()))
    assert [text[slice(*a.content[0])] for a in found.attributions] == ["We pay", "In time", "I wonder"]


def test_who_speaks_of_themselves_still_answers() -> None:
    start = INTERVIEW.index("I doubt it")
    own = AttributionSpan(((start + 8, start + 10),), (start + 2, start + 7), (start, start + 1), 0.7)
    assert "I doubt it. Nobody repeals what pays" in _contents(with_answers(INTERVIEW, Reading((ASKED,), (own,))))
