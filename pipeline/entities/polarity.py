"""Whether a claimer affirms a content or rejects it."""

from __future__ import annotations

import re

from pipeline.reader.read import AttributionSpan

# Cues that reject what they report, in any inflection (guidelines, section 6: denials, doubts, nested rejections).
_REJECTING = re.compile(
    r"\b(?:den(?:y|ies|ied|ying|ials?)|reject(?:s|ed|ing|ion)?\s+(?:the\s+)?(?:claims?|accusations?|allegations?|charges?|suggestions?|notion|idea)|"
    r"refut(?:e|es|ed|ing)|rebut(?:s|ted|ting|tal)?|disput(?:e|es|ed|ing)|dismiss(?:es|ed|ing)?|doubt(?:s|ed|ing|ful)?|"
    r"disbeliev\w+|debunk\w*|contradict\w*|disavow\w*|repudiat\w*)\b",
    re.IGNORECASE,
)


def polarity_of(text: str, attribution: AttributionSpan) -> str:
    """``denies`` when the cue rejects its content, else ``affirms``."""
    if attribution.cue is None:
        return "affirms"
    start, end = attribution.cue
    reach = min((s for s, _ in attribution.content if s >= end), default=end)
    words = text[start : min(reach, end + 40)]
    return "denies" if _REJECTING.search(words) else "affirms"
