"""Sources that are no names: descriptions, what they can stand for, and their full wording."""

from __future__ import annotations

import re

from pipeline.claimers.words import CROWD_NOUNS, DOCUMENT_NOUNS, LOWERED, ORGANISATION_NOUNS, PERSON_NOUNS, PRONOUNS
from pipeline.countries import find_countries
from pipeline.text import Span

_HEAD_STOP = re.compile(r"\s+(?:of|at|in|for|from|with|who|that|which|on|to|by|near|close|familiar|inside|including|whose)\b|,|\(")
_WORD = re.compile(r"[\w-]+(?:['’](?!s\b)\w+)?")
_DEFINITE = re.compile(r"(?:the|this|that|these|those|same|our)\s|[A-Z]?[\w-]+['’]s\s", re.IGNORECASE)
_DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July|August|September|October|November|December|\d{4}"
# When, and where only the scene is: also right behind the noun. The others say there of what or for whom somebody is (``a buyer at a mill``).
_ASIDE = re.compile(
    rf"(?:^|\s+)(?:(?:on|in|late|early|last|this|since|by|until)\s+(?:(?:late|early|a|the)\s+)?(?:{_DAY}|week|month|year|morning|afternoon|evening|spring|summer|autumn|winter)\b.*"
    r"|(?:in|at|from|behind) (?:the|his|her|their) (?:hall|room|back|counter|desk|door|doorway|corridor|crowd|audience|podium|lectern|scene)\b.*"
    rf"|in (?:recent|a|an|its|his|her|their|response|turn|part|fact|addition|interviews?|testimony|court|reply|answer|return|private)\b.*)$"
    rf"|\s+(?:at (?:a|an|the time|least|first|one|that|\d|issue|stake|noon)\b.*|for (?:example|instance|years|months|weeks|now|the first|condemning|his|her|its|their|having)\b.*"
    rf"|with (?:a|an) (?:shrug|smile|laugh)\b.*|to (?:reporters|journalists|reuters|the)\b.*|on (?:condition|the condition|the record|background|the more|social|twitter|wednesday)\b.*|of course\b.*)$",
    re.IGNORECASE,
)
_AUXILIARY = re.compile(
    r"(?:\s+(?:has|have|had|is|are|was|were|will|would|could|can|may|might|should|did|does|do|also|later|then|again|still|now|even|never|not|once|repeatedly|since|long|"
    r"already|just|only|nevertheless|nonetheless|however|meanwhile|instead|both|all|all but|\w+ly|been|being|to|and|has since|went on to|goes on to|put|took))+\s*$"
)
_PHRASE = re.compile(
    r"^\s+(?:of|at|for|from|with|in|inside|familiar with|close to|behind|including|who|whose|around|across|near|on|near|against|interviewed|briefed|surveyed|such as|to)\b"
)
_PHRASE_BEHIND = re.compile(
    r"^\s+(?:of|at|for|from|with|in|inside|familiar with|close to|who|whose|around|near|behind)\s[^.,;:!?\n“”\"()—–]+"
)
_PHRASE_END = re.compile(
    r"\s+(?:who|that|which|as|while|when|after|before|because|but|if|where|since|until|said|says|told|would|will|was|were|is|are|has|have|had|and\s+(?:that|has|have|was|is)|to\s+\w+)\b.*$",
    re.DOTALL,
)
_VERB = re.compile(
    r"\s(?:have|has|had|is|are|was|were|(?!based|led|briefed|involved|affected|surveyed|interviewed|polled|consulted|published|united|need|seed|feed|limited|retired|hundred)"
    r"(?<!\bthe\s)(?<!\ba\s)(?<!\ban\s)(?<!\b(?:of|at|in)\s)(?<!\b(?:with|from)\s)(?<!\bfor\s)[a-z]{2,}ed)\s.*$",
    re.DOTALL,
)
# Behind the noun of a phrase such as ``in Turin laughed when``: a verb with what follows it.
_FINITE = re.compile(
    r"(?<=\w)\s+(?:(?!based|led|affected|surveyed|interviewed|polled|published|united|limited)[a-z]{2,}ed|put|took|made|gave|went|came|got|saw|held|let|and (?:[a-z]+ed|[a-z]+s)|"
    r"shows?|provides?|thinks?|wants?|hopes?|fears?|calls?|sees?|plans?|expects?|warns?|argues?|claims?|believes?)\b.*$",
    re.DOTALL,
)
_WENT = re.compile(r"\s+(?:took|went|came|got)\b.*$", re.DOTALL)
# People of an institution whose name has an ``of``: ``a Ministry of Commerce (MOC) official``.
_STAFF = re.compile(
    r"(?:an?\s+|the\s+)?(?:[a-z]+\s+)?(?:[A-Z][\w.]*(?:['’]s)?\s+)*(?:Ministry|Department|Office|Bank|Chamber|Bureau)\s+of\s.*(?:[A-Z][\w.]*|\))\s+([a-z]+)$",
    re.DOTALL,
)
_RELATIVE = re.compile(r"(?:^|[\s,]+)(?:who|whose|that|which)\b.*$", re.DOTALL)  # of one person it only says what they did
_TIME = re.compile(rf"\s+(?:{_DAY}|yesterday|today|tomorrow)(?:\s.*)?$")
_BRACKETS = re.compile(r"\s*\([A-Z][\w&.]{1,9}\)")  # an abbreviation behind a name
_DOTTED, _DOT = (
    re.compile(r"\b(?:Mr|Mrs|Ms|Dr|Sen|Rep|Gov|Gen|Prof|St)\.(?= [A-Z])|\b(?:[A-Z]\.){2,}(?=\s[a-zA-Z])"),
    "\u2024",
)  # no ends of sentences
# The main verb behind a clause of the description: ``firms that buy metals have raised``.
_LATER_VERB = re.compile(
    r"(\b(?:who|that|which)\s+\S+(?:\s+\S+)+?)(?<!\bthey)(?<!\bit)(?<!\bhe)(?<!\bshe)(?<!\bwe)\s+(?:have|has|had|will|would|also|but|took)\b.*$",
    re.DOTALL,
)
_ONE = re.compile(r"^(?:one)\s+(?=[\w-]+)(?!of\b|in\b)", re.IGNORECASE)
_PART = re.compile(r"^(?:most|certain|half of(?: the)?)\s+(?=\w)", re.IGNORECASE)
_MEASURE = re.compile(r"^(?:more(?! than)|a number of|a (?:growing )?number of|a host of|a range of|a handful of)\s+", re.IGNORECASE)


def is_pronoun(text: str) -> bool:
    return text.strip().lower() in PRONOUNS


def head_noun(text: str) -> str:
    """Last noun of a description before what qualifies it: ``official`` of ``a senior official at the ministry`` and of
    ``a Ministry of Commerce official``."""
    staff = _STAFF.match(text)
    if staff is not None and (staff.group(1) in PERSON_NOUNS or staff.group(1).removesuffix("s") in PERSON_NOUNS):
        return staff.group(1)
    stop = _HEAD_STOP.search(text)
    words = _WORD.findall(text[: stop.start()] if stop else text)
    return words[-1].lower() if words else ""


def kind_of(head: str) -> str | None:
    """PERSON, ORG or DOC that a head noun stands for; GROUP for a plural; None when unknown."""
    for kind, nouns in (("PERSON", PERSON_NOUNS), ("ORG", ORGANISATION_NOUNS), ("DOC", DOCUMENT_NOUNS), ("GROUP", CROWD_NOUNS)):
        if head in nouns:
            return kind
    parts = head.rsplit("-", 1)
    if len(parts) == 2 and parts[1] in PERSON_NOUNS:
        return "PERSON"
    single = head.removesuffix("s")
    if single != head and single in DOCUMENT_NOUNS:
        return "DOC"
    return "GROUP" if (head.endswith("s") and not head.endswith("ss")) or head in ("men", "women", "people") else None


def is_definite(text: str) -> bool:
    """Whether a description points back to somebody: ``the minister``, ``that company``, ``Kestrel's owner``."""
    return bool(_DEFINITE.match(text.strip()))


def full_description(text: str, source: Span, cue: Span | None) -> str:
    """The description as a name: without ``the``, with what stands between it and its cue, or behind it, that says of what or where."""
    words = " ".join(text[source[0] : source[1]].split()).strip(' ,;:“”"')
    words = _PART.sub("", words) if kind_of(head_noun(words)) == "GROUP" else words
    tail = _between(text, source, cue) if cue is not None and source[1] <= cue[0] <= source[1] + 120 else _behind(text, source)
    if kind_of(head_noun(words)) != "GROUP":
        tail = _RELATIVE.sub("", tail)
    tail = _TIME.sub("", _ASIDE.sub("", _BRACKETS.sub("", tail))).rstrip(" ,.’'")
    tail = re.sub(r"(?:^|\s)(?:on|in|at|of|by|for|from|with|close|who)$", "", _LATER_VERB.sub(r"\1", tail))
    words = _plain(f"{words} {tail.strip()}".strip())
    return lowered(text, source, words)


def _between(text: str, source: Span, cue: Span) -> str:
    gap = _without_dots(text[source[1] : cue[0]])
    if not _PHRASE.match(gap) or re.search(r"[.!?;:\n“”\"]\s|[“”\"]", gap):
        return ""
    gap = re.sub(r",.*$", "", _AUXILIARY.sub("", gap), flags=re.DOTALL)
    relative = _RELATIVE.search(gap)
    ahead = f"{gap[: relative.start()]} " if relative else gap  # _VERB wants a blank behind the verb
    cut = _VERB.sub("", ahead)
    kept = gap if cut == ahead else cut
    return " ".join((kept if relative else _WENT.sub("", kept)).split()).replace(_DOT, ".")


def _behind(text: str, source: Span) -> str:
    match = _PHRASE_BEHIND.match(_without_dots(text[source[1] : source[1] + 110]))
    if match is None:
        return ""
    tail = _PHRASE_END.sub("", " " + " ".join(match.group().split()))
    return _AUXILIARY.sub("", _FINITE.sub("", tail)).strip().replace(_DOT, ".")


def _without_dots(text: str) -> str:
    """The text, as long as before, in which the dots of titles and initials end nothing."""
    return _DOTTED.sub(lambda m: m.group().replace(".", _DOT), text)


def _plain(words: str) -> str:
    """Without article, measure words, and ``one`` as ``a``."""
    words = re.sub(r"^(?:[Tt]he|[Ee]ven|[Bb]oth(?=.* and ))\s+", "", words)
    words = _MEASURE.sub("", words)
    singular = _ONE.match(words)
    if singular:
        rest = words[singular.end() :]
        return f"{'an' if rest[:1].lower() in 'aeio' else 'a'} {rest}"
    return words


def lowered(text: str, source: Span, words: str) -> str:
    """A description without the capital that only its place at a sentence's start gives it."""
    first = words.split()[0] if words else ""
    if (
        not first[:1].isupper()
        or first.rstrip("s") in ("Republican", "Democrat", "Conservative", "Liberal")
        or (first.isupper() and len(first) > 1)
    ):
        return words
    low = first[0].lower() + first[1:]
    second = words[len(first) :].lstrip()[:1]
    if low not in LOWERED and (second.isupper() or re.match(r"[A-Z]{2}", first) or find_countries(first)):
        return words  # ``China's state media``, ``EU's own institutions``, ``State Department officials``
    starts = source[0] == 0 or re.search(r"(?:[.!?\n“”\"]\s*|[.!?][”\"]\s*)$", text[max(0, source[0] - 4) : source[0]])
    common = (
        low in LOWERED
        or (kind_of(low) is not None and bool(starts))
        or (bool(starts) and re.search(rf"\b{re.escape(low)}\b", text) is not None)
    )
    return low + words[len(first) :] if common else words
