"""Who answers in an interview that is printed as questions and answers: what has no source there is said by the person asked."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.claimers.mentions import Actor
from pipeline.text import Span

_PARAGRAPH = re.compile(r"[^\n]+")
_ASKS = re.compile(r"(?:Q|Question)\b[^:\n]{0,60}[:.]\s", re.IGNORECASE)
_MARK = r"(?:A|Answer)\s*[:.]"
_ANSWERS = re.compile(rf"{_MARK}\s")
_MARKED_ANSWER = re.compile(rf"[\s*_]*(?:{_MARK}[\s*_]+)?")
_LABEL = re.compile(  # a speaker's name before what is said, which the reader takes for the source: ``Ana Reyes: ``, ``Ms. REYES. ``
    r"[A-Z][\w.’'-]*(?:\s[A-Z(][\w.()’'-]*){0,4}:\s|(?:Mr|Mrs|Ms|Dr|Sen|Rep)\.\s[A-Z][A-Z’'-]+\.\s"
)
OWN_VOICE = re.compile(r"\b(?:I|[Ww]e|[Mm]y|[Oo]ur|me|us)\b")
_MARKUP = re.compile(r"[*_]+")
_QUOTED = re.compile(r"[“\"][^“”\"]*[”\"]")
_LONGEST_QUESTION, _FEWEST_QUESTIONS = 400, 3
_LABELLED_SHARE = 0.25  # of the paragraphs: more, and it is a transcript that names its speakers
_OWN_SHARE = 0.3  # of the answers: in an explainer under questions as headings nobody speaks for themselves


@dataclass(frozen=True)
class Interview:
    """The paragraphs of an interview that ask and those that answer; none where a text is no such interview."""

    questions: tuple[Span, ...] = ()
    answers: tuple[Span, ...] = ()


def interview_of(text: str) -> Interview:
    """An interview without speakers' names.

    In one, at least three paragraphs ask and are answered, and in many answers somebody speaks of themselves, or they are marked ``A:``.
    """
    paragraphs = [m.span() for m in _PARAGRAPH.finditer(text) if m.group().strip()]
    plain = [_MARKUP.sub("", text[slice(*p)]).strip() for p in paragraphs]
    asks, labelled = [_is_question(p) for p in plain], [_is_labelled(p) for p in plain]
    first = [i for i in range(1, len(plain)) if asks[i - 1] and not asks[i] and not labelled[i]]
    if len(first) < _FEWEST_QUESTIONS or sum(labelled) > _LABELLED_SHARE * len(plain):
        return Interview()
    answers = [i for i in range(first[0], len(plain)) if not asks[i] and not labelled[i]]
    own = sum(_is_own_voice(plain[i]) for i in answers)
    if own < _OWN_SHARE * len(answers):
        return Interview()
    return Interview(tuple(p for p, asked in zip(paragraphs, asks, strict=True) if asked), tuple(paragraphs[i] for i in answers))


def answered(text: str, answer: Span) -> Span:
    """An answer without its mark and what sets that off."""
    mark = _MARKED_ANSWER.match(text, *answer)
    return (mark.end() if mark else answer[0]), answer[1]


def _is_own_voice(paragraph: str) -> bool:
    return _ANSWERS.match(paragraph) is not None or OWN_VOICE.search(_QUOTED.sub("", paragraph)) is not None


def _is_question(paragraph: str) -> bool:
    return _ASKS.match(paragraph) is not None or (
        paragraph.endswith("?") and len(paragraph) <= _LONGEST_QUESTION and not _is_labelled(paragraph)
    )


def _is_labelled(paragraph: str) -> bool:
    return _LABEL.match(paragraph) is not None and not (_ASKS.match(paragraph) or _ANSWERS.match(paragraph))


def person_asked(answers: Sequence[Span], actors: Sequence[Actor]) -> int | None:
    """The actor who answers: the person whom the text before the first answer names most often, of several the first."""
    if not answers:
        return None
    begin = answers[0][0]
    named = Counter(
        {i: bisect_right(a.spans, (begin, 0)) for i, a in enumerate(actors) if a.type == "PERSON" and a.spans and a.spans[0][0] < begin}
    )
    return min(named, key=lambda i: (-named[i], actors[i].spans[0])) if named else None
