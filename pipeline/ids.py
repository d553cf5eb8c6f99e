"""Ids and fingerprints, derived from content so that they are the same in every run and on every machine."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

LENGTH = 16


def content_id(prefix: str, *parts: object) -> str:
    """``prefix`` and 16 hexadecimal digits of the SHA-256 of the parts (None counts, order counts)."""
    return f"{prefix}{fingerprint(*parts)}"


def fingerprint(*parts: object) -> str:
    """16 hexadecimal digits that stand for JSON-like values."""
    return hashlib.sha256(_canonical(parts)).hexdigest()[:LENGTH]


def file_hash(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"), default=str).encode()
