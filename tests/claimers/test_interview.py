"""Interviews that are printed as questions and answers."""

from __future__ import annotations

from pipeline.claimers.interview import interview_of, person_asked
from pipeline.claimers.knowledge import load_knowledge_base
from pipeline.claimers.mentions import Actor
from pipeline.claimers.resolve import Resolver
from pipeline.claimers.types import ArticleFacts
from pipeline.reader.read import AttributionSpan, EntitySpan, Reading

INTERVIEW = """Ingrid Solheim-Paz, the ministry's chief economist, on slow poison. Her deputy, Tor Vik, listened.

Who pays the duty in the end, Ms. Solheim-Paz?

Mostly the buyer. Ingrid is what they call me when it goes well.

Is that not a matter of time?

Everything is. The levy will not bring back a single furnace.

The office looks on to a chestnut tree.

Will it be repealed?

I doubt it."""


def _answers(text: str) -> list[str]:
    return [text[slice(*span)] for span in interview_of(text).answers]


def test_answers_are_what_follows_questions() -> None:
    assert _answers(INTERVIEW) == [
        "Mostly the buyer. Ingrid is what they call me when it goes well.",
        "Everything is. The levy will not bring back a single furnace.",
        "The office looks on to a chestnut tree.",
        "I doubt it.",
    ]


def test_marks_of_question_and_answer_are_no_speakers_names() -> None:
    marked = "\n\n".join(f"Q (Radio {n}): Will the permits come.\n\nA: In time." for n in range(3))
    assert _answers(marked) == ["A: In time."] * 3


def test_an_explainer_under_questions_is_no_interview() -> None:
    explained = "\n\n".join(f"What are duties number {n}?\n\nThey are paid at the port. “I hate them,” said Ana Reyes." for n in range(4))
    assert _answers(explained) == []


def test_labelled_transcripts_and_single_questions_are_no_interviews() -> None:
    labelled = "\n\n".join("EASTERN FINANCE: And the permits?\n\nPEI: In time." for _ in range(4))
    assert _answers(labelled) == []
    hearing = "\n\n".join("Mr. OKORO. And the permits?\n\nMs. PEI-LUND. I hope in time." for _ in range(4))
    assert _answers(hearing) == []
    assert _answers("Who pays?\n\nThe buyer does, said Ana Reyes.\n\nShe should know.") == []


def test_the_person_asked_is_the_one_that_is_introduced() -> None:
    def actor(name: str, kind: str = "PERSON") -> Actor:
        first = INTERVIEW.index(name)
        return Actor(name, kind, [(first, first + len(name))])

    twice = actor("Ingrid Solheim-Paz")
    twice.spans.append((INTERVIEW.index("Solheim-Paz?"), INTERVIEW.index("Solheim-Paz?") + 11))
    assert person_asked(interview_of(INTERVIEW).answers, [actor("Tor Vik"), twice, actor("ministry", "ORG")]) == 1
    assert person_asked(interview_of(INTERVIEW).answers, [actor("ministry", "ORG")]) is None
    assert person_asked([], [twice]) is None


def test_what_has_no_source_in_an_interview_is_said_by_the_person_asked() -> None:
    said = INTERVIEW.index("The levy will not bring back")
    named = EntitySpan(0, len("Ingrid Solheim-Paz"), "PERSON", 1.0)
    without_source = AttributionSpan(((said, said + 42),), None, None, 1.0)
    found = Resolver(load_knowledge_base()).resolve(ArticleFacts("a1", INTERVIEW), Reading((named,), (without_source,)))
    assert [e.name for e in found.entities if e.entity_id == found.claimers[0]] == ["Ingrid Solheim-Paz"]
