"""Written pairs of claims (``corpus/gold/pairs/*.txt``): parsed, validated, and parted into train, dev and test by group.

A group is a paragraph: ``# topic: subject``, then a line a pair, ``relation | claimer | claim | claimer | claim``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import UsageError

PAIR_RELATIONS = ("same", "opposed", "neither")
SPLITS = {"train": 70, "dev": 15, "test": 15}  # percent of the groups


@dataclass(frozen=True)
class WrittenPair:
    """Two claims as two articles might report them, and how they stand to one another."""

    group: str
    topic: str
    relation: str
    claimer_a: str
    claim_a: str
    claimer_b: str
    claim_b: str


def read_pairs(paths: Iterable[Path]) -> list[WrittenPair]:
    """Every pair of the files, in order; raises UsageError that names file and line."""
    return [pair for path in sorted(paths) for pair in _read(path)]


def split_of(pair: WrittenPair) -> str:
    """The split of a pair's group, from a hash of its name, so that it never changes when groups are added."""
    place = int.from_bytes(hashlib.sha256(pair.group.encode()).digest()[:4], "big") % 100
    for split, share in SPLITS.items():
        if place < share:
            return split
        place -= share
    raise AssertionError("the splits' shares sum to 100")


def _read(path: Path) -> list[WrittenPair]:
    pairs: list[WrittenPair] = []
    topic = subject = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        if line.startswith("#"):
            topic, _, subject = (part.strip() for part in line[1:].partition(":"))
            continue
        fields = [part.strip() for part in line.split(" | ")]
        if len(fields) != 5 or fields[0] not in PAIR_RELATIONS or not all(fields) or not subject:
            raise UsageError(
                f"{path}:{number}: expected 'relation | claimer | claim | claimer | claim' under a '# topic: subject' line, "
                f"relation one of {', '.join(PAIR_RELATIONS)}"
            )
        pairs.append(WrittenPair(f"{topic}: {subject}", topic, *fields))
    return pairs
