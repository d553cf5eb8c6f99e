"""Bounds on what a corpus may make the program hold in memory: corpora are untrusted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Sizes in bytes or characters; what is larger is rejected as ``too_large`` (bytes) or ``too_long`` (text)."""

    text_chars: int = 2_000_000
    record_bytes: int = 64_000_000
    whole_file_bytes: int = 256_000_000  # a file that can only be read whole: JSON arrays, HTML, text, feeds
    expanded_bytes: int = 64_000_000_000  # of a compressed file
    expansion: int = 1000  # decompressed bytes for a compressed one; past the first 64 MB
    html_bytes: int = 16_000_000
