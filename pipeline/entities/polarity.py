"""Whether a claimer affirms a content or rejects it."""

from __future__ import annotations

import re

from pipeline.reader.read import AttributionSpan

# Cues that reject what they report, in any inflection (guidelines, section 6: denials, doubts, nested rejections).
_REJECTING = re.compile(
    r"\b(?:den(?:y|ies|ied|ying|ials?)|refut\w+|rebut\w*|disput(?:e|es|ed|ing)|contest(?:s|ed|ing)?|dismiss(?:es|ed|ing|al)?|doubt(?:s|ed|ing|ful)?|"
    r"disbeliev\w+|debunk\w*|contradict\w*|disavow\w*|disown\w*|repudiat\w*|disagree\w*|discount(?:s|ed|ing)?|ridicul\w+|scoff\w*|snort\w*|scorn\w*|bristl\w+|"
    r"pooh-?pooh\w*|laugh\w*\s+(?:at|off)|brush\w*\s+(?:aside|off)|wav(?:e|es|ed|ing)\s+(?:away|off)|push\w*\s+back|rul(?:e|es|ed|ing)\s+out|"
    r"t(?:akes?|ook|aking)\s+issue|sceptical|skeptical|unconvinced)\b",
    re.IGNORECASE,
)
_REJECT = re.compile(r"\breject(?:s|ed|ing|ion)?\b", re.IGNORECASE)
# What is rejected as untrue; a rejected measure, offer or call is only opposed.
_SAID = re.compile(
    r"\b(?:claims?|accusations?|allegations?|charges?|assertions?|suggestions?|notion|ideas?|talk|reports?|complaints?|accounts?|story|label|reading|reasoning|"
    r"arguments?|criticisms?|concerns?|fears?|explanations?|reckoning|arithmetic|characteri[sz]ations?|conclusions?|findings?|that\b|this$|it$|as\s+(?:baseless|false|groundless|untrue|nonsense))\b",
    re.IGNORECASE,
)
_NOT = re.compile(r"(?:\b(?:not|never|nor|neither|nobody|no one|none|hardly|no)|n['’]t)\s+(?:\w+\s+)?$", re.IGNORECASE)
_ACCEPTING = re.compile(r"(?:believ\w+|think|thought|expect|accept|buy|bought|agree|share|recogni[sz]e|hear)\b", re.IGNORECASE)
_NOT_ACCEPTING = re.compile(
    r"(?:\bnot|n['’]t|\bnever)\s+(?:\w+ly\s+)?(?:believ\w+|think|expect|accept|buy|agree|share|recogni[sz]e|hear)\b", re.IGNORECASE
)
_AS_QUOTED = re.compile(r"\bas\s+[“\"‘']")
_COUNTERED = re.compile(r"[:;.!?“\n]")
_NEAR = 60  # characters behind a cue in which it says what it rejects


def polarity_of(text: str, attribution: AttributionSpan) -> str:
    """``denies`` when the cue, or a negation of it, rejects its content, else ``affirms``."""
    if attribution.cue is None:
        return "affirms"
    start, end = attribution.cue
    first, last = attribution.content[0][0], attribution.content[-1][1]
    if _COUNTERED.search(text[end : max(end, first)]) or (first < start and " which " not in text[last:start]):
        return "affirms"  # ``she disagreed: …``: what follows is what she holds
    behind = re.split(r"[.!?\n]", text[end : end + _NEAR], maxsplit=1)[0]
    reach = min((s for s, _ in attribution.content if s >= end), default=end)
    cue = text[start : min(reach, end + 40)]
    negated = _NOT.search(text[max(0, start - 16) : start]) is not None
    if _rejects(cue, behind):
        return "affirms" if negated else "denies"
    accepting = _ACCEPTING.match(cue) is not None and negated
    return "denies" if accepting or _NOT_ACCEPTING.search(text[start:end]) else "affirms"


def _rejects(cue: str, behind: str) -> bool:
    """Whether a cue says that what it reports is not so, in view of what stands behind it."""
    if _REJECT.search(cue):
        return _SAID.search(behind.rstrip(" ,")) is not None
    found = _REJECTING.search(cue)
    return found is not None and not (found.group().lower().startswith("dismiss") and _AS_QUOTED.search(behind))
