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
    r"arguments?|criticisms?|concerns?|fears?|explanations?|reckoning|arithmetic|characteri[sz]ations?|conclusions?|findings?|figures?|rumou?rs?|speculation|"
    r"warnings?|views?|perceptions?|comparisons?|that$|this$|it$|as\s+(?:baseless|false|groundless|untrue|nonsense))\b",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"(?:\b(?:not(?!\s+only)|never|nor|neither|nobody|no one|none|hardly|little|no|few|without|hard to|cannot|refus\w+\s+to|declin\w+\s+to|stopped\s+short\s+of)|n['’]t)\s+"
    r"(?:(?!only\b)\w+\s+){0,2}$",
    re.IGNORECASE,
)
_ACCEPTING = re.compile(
    r"\b(?:believ\w+|think|thinks|thought|expects?|accepts?|buys?|bought|agrees?|shares?|acknowledg\w+|conced\w+|recogni[sz]es?|hears?)\b",
    re.IGNORECASE,
)
_AS_QUOTED = re.compile(r"\bas\s+[“\"‘']")
# Between a cue and what follows it: then that is what the claimer holds (``she disagreed: …``), not what is rejected.
_COUNTERED = re.compile(
    r"[;!?]|\n\s*\n|:(?!\d)|(?<!\b[A-Z])(?<!\b[A-Z][a-z])(?<!\b(?:Mrs|Sen|Rep|Gov|Jan|Feb|Aug|Oct|Nov|Dec))(?<!\bSept)(?<!\bProf)\.\s|,\s*[“\"]$"
)
# Between what is rejected and a cue behind it: ``…, a charge that Beijing``, ``… was later``.
_REJECTED = re.compile(
    r"\swhich\s|\b(?:was|were|is|are|been|being|be)\s+(?:\w+\s+){0,2}$|,\s+(?:(?:long|repeatedly|\w+ly)\s+)?$|"
    r",\s+(?:a|an|the|something|accusations?|claims?|charges?|allegations?)\b[^.;:!?,“”\"]*$"
)
_PARTED = re.compile(  # ``waved that away``
    r"(?:wav(?:e|es|ed|ing)|brush\w*|laugh\w*)\s+(?:[\w’'-]+\s+){1,4}(?:away|aside|off)\b|rul(?:es?|ed|ing)\s+(?:it|that|this|them)\s+out\b",
    re.IGNORECASE,
)
_NEAR, _BEFORE = 60, 32  # characters behind a cue in which it says what it rejects, and before a word in which it is negated


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
    found = _begun(_REJECTING, cue, end - start) or _parted(text, attribution)
    rejects = found is not None and not (
        found.group().lower().startswith("dismiss") and any(_AS_QUOTED.search(text[s:e]) for s, e in attribution.content)
    )
    if found is None and (found := _begun(_OPPOSING, cue, end - start)):
        rejects = first < start or _is_said(text[end : max(end, first)], text[max(first, end) : max(first, end) + _NEAR])
    if found is not None:
        return "denies" if rejects and not _negated(text, start + found.start()) else "affirms"
    accepting = _ACCEPTING.search(text[start:end])
    return "denies" if accepting and _negated(text, start + accepting.start()) else "affirms"


def _negated(text: str, at: int) -> bool:
    return _NOT.search(text[max(0, at - _BEFORE) : at]) is not None


def _begun(pattern: re.Pattern[str], cue: str, length: int) -> re.Match[str] | None:
    """A match that begins within the cue's own ``length``; it may go on in the words behind, as particles do."""
    found = pattern.search(cue)
    return found if found is not None and found.start() < length else None


def _parted(text: str, attribution: AttributionSpan) -> re.Match[str] | None:
    """A cue whose particle stands behind what is rejected."""
    start, end = attribution.cue or (0, 0)
    found = _PARTED.match(text[start : end + _NEAR])
    return found if found is not None and attribution.content[-1][1] < start + found.end() else None


def _is_said(between: str, content: str) -> bool:
    """Whether what is opposed was said: by a word between cue and content (``the claim that``), or by what the content itself is called."""
    head = re.split(r"[,.;:!?\n]|\s(?:that|which|who)\b", content, maxsplit=1)[0].rstrip()
    return bool(
        _SAID.search(between.rstrip(" ,")) or between.split()[-1:] == ["that"] or _SAID.search(head) or head.lower().startswith("that ")
    )
