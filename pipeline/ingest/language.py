"""Which language a text is in."""

from __future__ import annotations

import re

import py3langid

SAMPLE_CHARS, LEAST_WORDS = 2000, 20
_WORD = re.compile(r"[^\W\d_]+")
# Words that no other language has as often; where they abound, the slower classifier is not asked.
_ENGLISH = frozenset(("the", "of", "and", "to", "that", "was", "with", "said", "has", "by", "from", "are", "which", "their"))
_ENGLISH_SHARE, _ENGLISH_KINDS = 0.12, 4
_NAMES = {
    "english": "en", "eng": "en", "chinese": "zh", "french": "fr", "german": "de", "spanish": "es", "italian": "it", "portuguese": "pt",
    "russian": "ru", "japanese": "ja", "korean": "ko", "arabic": "ar", "dutch": "nl", "polish": "pl", "turkish": "tr",
}  # fmt: skip


def detect(text: str) -> str | None:
    """ISO 639-1 code of the text's language, None when it is too short to tell."""
    sample = text[:SAMPLE_CHARS]
    words = _WORD.findall(sample.lower())
    letters = sum(map(len, words))
    english = [word for word in words if word in _ENGLISH]
    if len(english) >= _ENGLISH_SHARE * len(words) and len(set(english)) >= _ENGLISH_KINDS:
        return "en"
    latin = sum(len(word) for word in words if word.isascii())
    if len(sample.split()) < LEAST_WORDS and latin * 2 >= letters:
        return None
    code: str = py3langid.classify(sample)[0]
    return code


def language_code(given: str | None) -> str | None:
    """The ISO 639-1 code in what metadata gives (``en-US``, ``English``, ``eng``), None for anything else."""
    if not given:
        return None
    name = re.split(r"[^a-z]", given.strip().lower(), maxsplit=1)[0]
    return _NAMES.get(name, name if len(name) == 2 else None)
