"""The day on which a claim was made: a day named beside the cue, resolved against the day of publication; null when unsure.

Days are those of UTC, as ``published`` is. A day inside the content is what the claim is about, not when it was made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pipeline.months import MONTH, month_number
from pipeline.text import Span, touched_by

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_DAY = re.compile(
    rf"""\b(?:
      (?P<relative>(?i:earlier\ today|today|yesterday|this\ (?:morning|afternoon|evening)|tonight|last\ night|(?:the\ day\ before\ yesterday)))
    | (?P<ago>(?i:two|three|four|five|six|[2-6]))\ days\ ago
    | (?:(?P<which>(?i:last|this|next|the\ following|the\ previous))\ )?(?P<weekday>(?i:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day))(?!(?i:s)\b)
    | (?P<month_a>{MONTH})\ (?P<day_a>\d{{1,2}})(?:st|nd|rd|th)?(?![\d%])(?:,?\ (?P<year_a>(?:19|20)\d\d))?
    | (?P<day_b>\d{{1,2}})(?:st|nd|rd|th)?\ (?:of\ )?(?P<month_b>{MONTH})\b(?:,?\ (?P<year_b>(?:19|20)\d\d))?
    )(?![\w])""",
    re.VERBOSE,
)
# Words before a day that make it a limit, a plan, or the time of something else.
_NOT_BEFORE = re.compile(
    r"\b(?:by|until|till|since|before|after|from|through|throughout|for|of|to|than|between|beginning|starting|effective|as of|every|each|coming|next)(?:\s+(?:late|early))?\s*$",
    re.IGNORECASE,
)
# Between cue and day: another clause begins, or the day belongs to an event rather than to the saying.
_BREAK = re.compile(
    r"[;:.!?\"“”()—–]|\b(?:that|which|who|whom|whose|where|when|while|whether|if|as|because|since|until|after|before|but|or|than|following|ahead|due|scheduled|planned|expected|effective|would|will|has|had|have|was|were|is|are)\b|\band\s+(?=[a-z])",
)
_ABBREVIATION = re.compile(r"\b(?:[A-Z]\.)+|\b(?:Mr|Mrs|Ms|Dr|Gov|Sen|Rep|St|Jr|Sr|Inc|Co|Corp|Ltd|Feb|Jan|Aug|Sept|Oct|Nov|Dec)\.")
_SUBORDINATE = re.compile(
    r"^(?:after|before|since|until|when|while|as|because|if|following|ahead|despite|although|though|with)\b", re.IGNORECASE
)
_MOST_WORDS_AFTER, _MOST_WORDS_BEFORE = 14, 16
_OLDEST = timedelta(days=183)  # a day without a year that would lie further back is not resolved
_FAR_EAST_HOUR = 10  # from this hour on (UTC) it is already tomorrow somewhere


@dataclass(frozen=True)
class Day:
    """A day that a text names, where it does."""

    start: int
    end: int
    on: date


def said_on(
    text: str, bounds: Sequence[Span], content: Sequence[Span], cue: Span | None, source: Span | None, published: datetime | None
) -> date | None:
    """The day of the saying, where the cue's sentence names one day beside the cue."""
    if cue is None or published is None:
        return None
    begin, end = _sentence(bounds, cue)
    found = [d for d in days(text, begin, end, published) if not any(s < d.end and d.start < e for s, e in content)]
    near = {d.on for d in found if _belongs(text, begin, d, cue, source, content)}
    return near.pop() if len(near) == 1 else None


def days(text: str, begin: int, end: int, published: datetime) -> Iterator[Day]:
    """Days named in a stretch of text, as far as they can be resolved and are not after the day of publication."""
    for match in _DAY.finditer(text, begin, end):
        if _NOT_BEFORE.search(text, max(begin, match.start() - 24), match.start()):
            continue
        resolved = _resolve(match, published)
        if resolved is not None:
            yield Day(match.start(), match.end(), resolved)


def _sentence(bounds: Sequence[Span], cue: Span) -> Span:
    touched = touched_by(bounds, *cue)
    return (bounds[touched[0]][0], bounds[touched[-1]][1]) if touched else cue


def _belongs(text: str, begin: int, day: Day, cue: Span, source: Span | None, content: Sequence[Span]) -> bool:
    """Whether the day says when the cue happened: "said on Friday", "on Friday said", "On Friday, the ministry said"."""
    if day.start >= cue[1]:
        between = _without(text, cue[1], day.start, [*([source] if source else []), *_quoted(text, content)])
        crosses = any(s < day.start and e > cue[1] for s, e in content if (s, e) not in _quoted(text, content))
        return not crosses and len(between.split()) <= _MOST_WORDS_AFTER and not _BREAK.search(between)
    between = _without(text, day.end, cue[0], [source] if source else [])
    before = text[begin : day.start].lstrip(" \"'“‘")
    if any(s < cue[0] and e > day.end for s, e in content) or len(between.split()) > _MOST_WORDS_BEFORE:
        return False
    return not _BREAK.search(between) and not _SUBORDINATE.match(before)


def _quoted(text: str, content: Sequence[Span]) -> list[Span]:
    """Contents that a quotation mark closes: what follows them belongs to the sentence around."""
    return [(s, e) for s, e in content if re.match(r"[,.]?[\"”’']", text[e : e + 2])]


def _without(text: str, start: int, end: int, left_out: Sequence[Span]) -> str:
    """The text of a span without other spans and their quotation marks, and with abbreviations' full stops removed."""
    kept, at = [], start
    for s, e in sorted(left_out):
        if s < end and e > start:
            kept.append(text[at : max(at, s)].rstrip("\"“'‘"))
            at = max(at, min(e, end))
            while at < end and text[at] in ",.\"”’'":
                at += 1
    kept.append(text[at:end])
    return _ABBREVIATION.sub(" X ", " ".join(kept))


def _resolve(match: re.Match[str], published: datetime) -> date | None:
    today = published.date()
    if match["relative"]:
        word = match["relative"].lower()
        return today - timedelta(days=2 if word.startswith("the day") else 1 if word in ("yesterday", "last night") else 0)
    if match["ago"]:
        word = match["ago"].lower()
        return today - timedelta(days=_NUMBERS.get(word) or int(word))
    if match["weekday"]:
        return _weekday(match["weekday"].lower(), (match["which"] or "").lower(), published)
    return _dated(match, today)


def _weekday(name: str, which: str, published: datetime) -> date | None:
    today = published.date()
    back = (today.weekday() - _WEEKDAYS.index(name)) % 7
    if which in ("next", "the following", "the previous"):
        return None
    if which == "last":
        # On a Saturday, "last Friday" may be yesterday or the Friday of the week before.
        return None if back == 1 else today - timedelta(days=back or 7)
    if back == 6 and published.hour >= _FAR_EAST_HOUR:
        return None  # the day after publication in UTC: today where the article was written, or six days ago
    return today - timedelta(days=back)


def _dated(match: re.Match[str], today: date) -> date | None:
    month = match["month_a"] or match["month_b"]
    day, year = int(match["day_a"] or match["day_b"]), match["year_a"] or match["year_b"]
    number = month_number(month)
    for candidate in (int(year),) if year else (today.year, today.year - 1):
        try:
            found = date(candidate, number, day)
        except ValueError:
            continue
        if found <= today + timedelta(days=1):
            return None if not year and today - found > _OLDEST else found
    return None
