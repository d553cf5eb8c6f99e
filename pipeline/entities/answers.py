"""Claims that an interview's answers make: a paragraph each, with no source and no cue beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from pipeline.claimers.interview import OWN_VOICE, answered, interview_of
from pipeline.reader.read import AttributionSpan, Reading
from pipeline.text import Span, trim_content

SCORE = 0.8  # the share of such claims that the gold has, too, on its development part
_WORDS = re.compile(r"\w.*\s.*\w")  # more than one: no ``***`` or ``Advertisement``
_SECOND_PERSON = re.compile(r"\b[Yy](?:ou|our|ours)\b")


def with_answers(text: str, reading: Reading) -> Reading:
    """A reading with a claim for every answer of an interview that reports nobody else, and none that is the question.

    Only where a person is named before the first answer, who may be the one that is asked."""
    interview = interview_of(text)
    begin = min((start for start, _ in interview.answers), default=0)
    if not any(e.type == "PERSON" and e.start < begin for e in reading.entities):
        return reading
    kept = tuple(a for a in reading.attributions if a.cue or not any(_inside(a, question) for question in interview.questions))
    answers = [span for span in interview.answers if not _spoken_by_another(text, span, kept)]
    contents = [trim_content(text, answered(text, answer)) for answer in answers]
    found = [AttributionSpan((span,), None, None, SCORE) for span in contents if _WORDS.search(text[slice(*span)])]
    kept = tuple(a for a in kept if not any(_inside(a, answer) for answer in answers))
    return replace(reading, attributions=_in_order((*kept, *found)))


def _inside(attribution: AttributionSpan, paragraph: Span) -> bool:
    return all(paragraph[0] <= start and end <= paragraph[1] for start, end in attribution.content)


def _spoken_by_another(text: str, span: Span, attributions: Iterable[AttributionSpan]) -> bool:
    """Whether a paragraph reports what somebody else says, or speaks to the person asked."""
    paragraph = text[slice(*span)]
    sources = [text[slice(*a.source)] for a in attributions if a.source is not None and span[0] <= a.source[0] < span[1]]
    return any(not OWN_VOICE.fullmatch(source) for source in sources) or (
        _SECOND_PERSON.search(paragraph) is not None and OWN_VOICE.search(paragraph) is None
    )


def _in_order(attributions: Iterable[AttributionSpan]) -> tuple[AttributionSpan, ...]:
    return tuple(sorted(attributions, key=lambda a: (a.content, a.cue or (0, 0), a.source or (0, 0))))
