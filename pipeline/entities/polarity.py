"""Whether a claimer affirms a content or rejects it."""

from __future__ import annotations

import re

from pipeline.reader.read import AttributionSpan

# Cues that reject what they report, in any inflection (guidelines, section 6: denials, doubts, nested rejections).
_REJECTING = re.compile(
    r"\b(?:den(?:y|ies|ied|ying|ials?)|refut\w+|rebut\w*|(?-i:disput(?:e|es|ed|ing))|dismiss(?:es|ed|ing|al)?|doubt(?:s|ed|ing|ful)?|"
    r"disbeliev\w+|debunk\w*|contradict\w*|disavow\w*|disown\w*|repudiat\w*|ridicul\w+|scoff\w*|snort\w*|scorn\w*|bristl\w+|"
    r"pooh-?pooh\w*|laugh\w*\s+(?:at|off)|brush\w*\s+(?:aside|off)|wav(?:e|es|ed|ing)\s+(?:away|off)|rul(?:e|es|ed|ing)\s+out|unconvinced|"
    r"question(?:s|ed|ing)?\s+(?:whether|if))\b",
    re.IGNORECASE,
)
# Cues that do so where what they are about was said; measures, offers and calls they only oppose.
_OPPOSING = re.compile(
    r"\b(?:reject(?:s|ed|ing|ion)?|contest(?:s|ed|ing)?|disagree\w*|discount(?:s|ed|ing)?|push\w*\s+back|t(?:akes?|ook|aking)\s+issue|"
    r"s[ck]eptical|unpersuaded|sho(?:t|ots?|oting)\s+down|slap\w*\s+down|play\w*\s+down|shrug\w*\s+off|pour\w*\s+(?:cold|scorn)|rubbish(?:ed|es|ing)|"
    r"scotch(?:ed|es|ing)|mock(?:s|ed|ing)|derid\w+|hoot\w*|questions|questioned|questioning|resent(?:s|ed|ing)?)\b",
    re.IGNORECASE,
)
_SAID = re.compile(
    r"\b(?:claims?|accusations?|allegations?|charges?|assertions?|suggestions?|notion|ideas?|talk|reports?|complaints?|accounts?|story|label|reading|reasoning|"
    r"arguments?|criticisms?|concerns?|fears?|explanations?|reckoning|arithmetic|characteri[sz]ations?|conclusions?|findings?|figures?|that\b|this$|it$|as\s+(?:baseless|false|groundless|untrue|nonsense))\b",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"(?:\b(?:not(?!\s+only)|never|nor|neither|nobody|no one|none|hardly|little|no|cannot|refus\w+\s+to|declin\w+\s+to|stopped\s+short\s+of)|n['’]t)\s+(?:(?!only\b)\w+\s+)?$",
    re.IGNORECASE,
)
_ACCEPTING = re.compile(
    r"\b(?:believ\w+|think|thinks|thought|expects?|accepts?|buys?|bought|agrees?|shares?|acknowledg\w+|conced\w+|recogni[sz]es?|hears?)\b",
    re.IGNORECASE,
)
_AS_QUOTED = re.compile(r"\bas\s+[“\"‘']")
# Between a cue and what follows it: then that is what the claimer holds (``she disagreed: …``), not what is rejected.
_COUNTERED = re.compile(r"[:;!?\n]|(?<!\bMr)(?<!\bMs)(?<!\bSen)(?<!\b[A-Z])\.\s|,\s*[“\"]")
_REJECTED = re.compile(r"\swhich\s|\b(?:was|were|is|are|been|being|be)\s+(?:\w+ly\s+)?$")  # between what is rejected and a cue behind it
_PARTED = re.compile(r"(?:wav|brush|laugh|rul)\w*\s+(?:[\w’'-]+\s+){1,4}(?:away|aside|off|out)\b", re.IGNORECASE)  # ``waved that away``
_NEAR, _BEFORE = 60, 16  # characters behind a cue in which it says what it rejects, and before a word in which it is negated


def polarity_of(text: str, attribution: AttributionSpan) -> str:
    """``denies`` when the cue, or a negation of it, rejects its content, else ``affirms``."""
    if attribution.cue is None:
        return "affirms"
    start, end = attribution.cue
    first, last = attribution.content[0][0], attribution.content[-1][1]
    if first < start and not _REJECTED.search(text[last:start]):
        return "affirms"
    if _COUNTERED.search(text[end : max(end, first)]):
        return "affirms"
    reach = min((s for s, _ in attribution.content if s >= end), default=end)
    cue = text[start : min(reach, end + 40)]
    behind = re.split(r"[.!?\n]", text[end : end + _NEAR], maxsplit=1)[0]
    found = _REJECTING.search(cue) or _PARTED.match(text[start : end + _NEAR])
    rejects = found is not None and not (found.group().lower().startswith("dismiss") and _AS_QUOTED.search(behind))
    if found is None and (found := _OPPOSING.search(cue)):
        rejects = first < start or _SAID.search(behind.rstrip(" ,")) is not None
    if found is not None:
        return "denies" if rejects and not _negated(text, start + found.start()) else "affirms"
    accepting = _ACCEPTING.search(text[start:end])
    return "denies" if accepting and _negated(text, start + accepting.start()) else "affirms"


def _negated(text: str, at: int) -> bool:
    return _NOT.search(text[max(0, at - _BEFORE) : at]) is not None
