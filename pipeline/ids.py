"""Ids and fingerprints, derived from content so that they are the same in every run and on every machine."""

from __future__ import annotations

import hashlib
import json
from typing import Any

LENGTH = 16


def content_id(prefix: str, *parts: object) -> str:
    """``prefix`` and 16 hexadecimal digits of the SHA-256 of the parts (None counts, order counts)."""
    return f"{prefix}{fingerprint(*parts)}"


def fingerprint(*parts: object) -> str:
    """16 hexadecimal digits that stand for JSON-like values."""
    return hashlib.sha256(_canonical(parts)).hexdigest()[:LENGTH]


def _canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"), default=str).encode()
