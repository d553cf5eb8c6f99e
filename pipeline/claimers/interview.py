"""Who answers in an interview that is printed as questions and answers: what has no source there is said by the person asked."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence

from pipeline.claimers.mentions import Actor
from pipeline.text import Span

_PARAGRAPH = re.compile(r"[^\n]+")
_ASKS = re.compile(r"(?:Q|Question)\b[^:\n]{0,60}[:.]\s", re.IGNORECASE)
_ANSWERS = re.compile(r"(?:A|Answer)\s*[:.]\s")
_LABEL = re.compile(
    r"[A-Z][\w.’'-]*(?:\s[A-Z(][\w.()’'-]*){0,4}:\s"
)  # a speaker's name before what is said: the reader takes it for the source
_LONGEST_QUESTION, _FEWEST_QUESTIONS = 400, 3


def answers_of(text: str) -> list[Span]:
    """The paragraphs that answer a question of an interview without speakers' names; none where the text is no such interview."""
    paragraphs = [m.span() for m in _PARAGRAPH.finditer(text) if m.group().strip()]
    asks = [_is_question(text[slice(*p)]) for p in paragraphs]
    first = [i for i in range(1, len(paragraphs)) if asks[i - 1] and not asks[i] and not _is_labelled(text[slice(*paragraphs[i])])]
    if len(first) < _FEWEST_QUESTIONS:
        return []
    return [p for p, question in zip(paragraphs[first[0] :], asks[first[0] :], strict=True) if not question]


def _is_question(paragraph: str) -> bool:
    whole = paragraph.strip(" *_")
    return _ASKS.match(whole) is not None or (whole.endswith("?") and len(whole) <= _LONGEST_QUESTION and not _is_labelled(whole))


def _is_labelled(paragraph: str) -> bool:
    plain = paragraph.lstrip(" *_")
    return _LABEL.match(plain) is not None and not (_ASKS.match(plain) or _ANSWERS.match(plain))


def person_asked(answers: Sequence[Span], actors: Sequence[Actor]) -> int | None:
    """The actor who answers: the person whom the text before the first answer names most often, of several the first."""
    if not answers:
        return None
    begin = answers[0][0]
    named = Counter(
        {i: bisect_right(a.spans, (begin, 0)) for i, a in enumerate(actors) if a.type == "PERSON" and a.spans and a.spans[0][0] < begin}
    )
    return min(named, key=lambda i: (-named[i], actors[i].spans[0])) if named else None
