"""Which language a text is in."""

from __future__ import annotations

import py3langid

SAMPLE_CHARS, LEAST_WORDS = 2000, 20


def detect(text: str) -> str | None:
    """ISO 639-1 code of the text's language, None when it is too short to tell."""
    sample = text[:SAMPLE_CHARS]
    letters = sum(c.isalpha() for c in sample)
    latin = sum(c.isascii() and c.isalpha() for c in sample)
    if len(sample.split()) < LEAST_WORDS and latin * 2 >= letters:
        return None
    code: str = py3langid.classify(sample)[0]
    return code
