"""Exact and near duplicates: syndicated copies with another headline or a cut tail."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from datasketch import MinHash, MinHashLSH

PERMUTATIONS, SEED, SCHEME, SHINGLE_WORDS = 128, 1, "affine32", 5
THRESHOLD = 0.7  # Jaccard similarity of word 5-grams
LEAST_WORDS = 40  # shorter texts are only compared exactly
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Signature:
    """What duplicates are found by. ``minhash`` is empty for a short text."""

    article_id: str
    published: datetime | None
    url: str | None
    text_hash: str
    minhash: bytes


@dataclass(frozen=True)
class Repeats:
    """article_id to the article that it repeats, and to the earlier version under the same address."""

    duplicate_of: dict[str, str]
    revision_of: dict[str, str]


def text_hash(text: str) -> str:
    """Hash of the words of a text, whatever their case, spacing and punctuation."""
    return hashlib.sha256(" ".join(_WORD.findall(text.lower())).encode()).hexdigest()[:32]


def minhash(text: str) -> bytes:
    """MinHash (Broder, 1997) of the text's word 5-grams; empty for a short text."""
    words = _WORD.findall(text.lower())
    if len(words) < LEAST_WORDS:
        return b""
    shingles = {" ".join(words[i : i + SHINGLE_WORDS]).encode() for i in range(len(words) - SHINGLE_WORDS + 1)}
    signature = MinHash(PERMUTATIONS, seed=SEED, scheme=SCHEME)
    signature.update_batch(sorted(shingles))
    return signature.hashvalues.astype(np.uint32).tobytes()


def find_repeats(signatures: Sequence[Signature]) -> Repeats:
    """Duplicates and revisions; the result does not depend on the order. The original is the earliest, then that of least id."""
    ordered = sorted(signatures, key=lambda s: (s.published is None, s.published.timestamp() if s.published else 0.0, s.article_id))
    duplicate_of: dict[str, str] = {}
    first_with: dict[str, str] = {}
    index = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    kept: dict[str, np.ndarray] = {}
    for signature in ordered:
        original = first_with.setdefault(signature.text_hash, signature.article_id)
        if original != signature.article_id:
            duplicate_of[signature.article_id] = original
        elif signature.minhash:
            values = np.frombuffer(signature.minhash, dtype=np.uint32)
            sketch = MinHash(PERMUTATIONS, seed=SEED, scheme=SCHEME, hashvalues=values)
            near = [(-similarity(values, kept[name]), name) for name in index.query(sketch)]
            near = [(score, name) for score, name in near if -score >= THRESHOLD]
            if near:
                duplicate_of[signature.article_id] = min(near)[1]
                continue
            index.insert(signature.article_id, sketch)
            kept[signature.article_id] = values
    return Repeats(duplicate_of, _revisions(ordered))


def similarity(a: np.ndarray, b: np.ndarray) -> float:
    """Estimated Jaccard similarity of two MinHash signatures."""
    return float((a == b).mean())


def _revisions(ordered: Sequence[Signature]) -> dict[str, str]:
    versions: dict[str, list[Signature]] = defaultdict(list)
    for signature in ordered:
        if signature.url:
            versions[signature.url].append(signature)
    revision_of = {}
    for found in versions.values():
        for earlier, later in itertools.pairwise(found):
            if earlier.text_hash != later.text_hash:
                revision_of[later.article_id] = earlier.article_id
    return revision_of
