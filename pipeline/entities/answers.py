"""Claims that an interview's answers make: a paragraph each, with no source and no cue beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from pipeline.claimers.interview import answered, interview_of
from pipeline.reader.read import AttributionSpan, Reading
from pipeline.text import Span, trim_content

SCORE = 0.8  # the share of such claims that the gold has, too, on its development part
_FIRST_PERSON = re.compile(r"\b(?:I|[Ww]e|[Mm]y|[Oo]ur|me|us)\b")
_SECOND_PERSON = re.compile(r"\b[Yy](?:ou|our|ours)\b")


def with_answers(text: str, reading: Reading) -> Reading:
    """A reading with a claim for every answer of an interview that reports nobody else, and none that is the question.

    Only where a person is named before the first answer, who may be the one that is asked."""
    interview = interview_of(text)
    begin = min((start for start, _ in interview.answers), default=0)
    if not any(e.type == "PERSON" and e.start < begin for e in reading.entities):
        return reading
    kept = tuple(a for a in reading.attributions if a.cue or not any(_inside(a, question) for question in interview.questions))
    answers = [span for span in interview.answers if not _spoken_by_another(text[slice(*span)], span, kept)]
    kept = tuple(a for a in kept if not any(_inside(a, answer) for answer in answers))
    found = (AttributionSpan((trim_content(text, answered(text, answer)),), None, None, SCORE) for answer in answers)
    return replace(reading, attributions=_in_order((*kept, *found)))


def _inside(attribution: AttributionSpan, paragraph: Span) -> bool:
    return all(paragraph[0] <= start and end <= paragraph[1] for start, end in attribution.content)


def _spoken_by_another(paragraph: str, span: Span, attributions: Iterable[AttributionSpan]) -> bool:
    """Whether it reports what a source in it says, or speaks to the person asked."""
    reported = any(a.source is not None and span[0] <= a.source[0] < span[1] for a in attributions)
    return reported or (_SECOND_PERSON.search(paragraph) is not None and _FIRST_PERSON.search(paragraph) is None)


def _in_order(attributions: Iterable[AttributionSpan]) -> tuple[AttributionSpan, ...]:
    return tuple(sorted(attributions, key=lambda a: (a.content, a.cue or (0, 0), a.source or (0, 0))))
