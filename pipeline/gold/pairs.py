"""Written pairs of claims (``corpus/gold/pairs/*.txt``): parsed, validated, and parted into train, dev and test by group.

A group is a paragraph: ``# topic: subject``, then a line a pair, ``relation | claimer | claim | claimer | claim``, and, where the
claims are labelled, `` | label | label``: stance and imposer of each, as in ``favor CN`` or ``neutral -``, or ``-`` for a claim that
is not about the topic.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.tables import STANCES

_IMPOSER = re.compile(r"[A-Z]{2}|-")
PAIR_RELATIONS = ("same", "opposed", "neither")
SPLITS = {"train": 70, "dev": 15, "test": 15}  # percent of the groups


@dataclass(frozen=True)
class ClaimLabel:
    """A claim's stance on its group's topic (None: not about it) and whose restriction it is (None: nobody's in particular)."""

    stance: str | None
    imposer: str | None


@dataclass(frozen=True)
class WrittenPair:
    """Two claims as two articles might report them, and how they stand to one another; labels are None where nobody gave them."""

    group: str
    topic: str
    relation: str
    claimer_a: str
    claim_a: str
    claimer_b: str
    claim_b: str
    label_a: ClaimLabel | None = None
    label_b: ClaimLabel | None = None


def read_pairs(paths: Iterable[Path]) -> list[WrittenPair]:
    """Every pair of the files, in order; raises UsageError that names file and line."""
    return [pair for path in sorted(paths) for pair in _read(path)]


def pairs_beside(gold: Path, split: str) -> list[WrittenPair]:
    """The pairs of a split in the folder ``pairs`` beside a gold file."""
    return [pair for pair in read_pairs((gold.parent / "pairs").glob("*.txt")) if split_of(pair) == split]


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
        if len(fields) not in (5, 7) or fields[0] not in PAIR_RELATIONS or not all(fields) or not subject:
            raise UsageError(
                f"{path}:{number}: expected 'relation | claimer | claim | claimer | claim [| label | label]' under a "
                f"'# topic: subject' line, relation one of {', '.join(PAIR_RELATIONS)}"
            )
        relation, claimer_a, claim_a, claimer_b, claim_b = fields[:5]
        label_a, label_b = (_label(text, f"{path}:{number}") for text in fields[5:]) if len(fields) == 7 else (None, None)
        pairs.append(WrittenPair(f"{topic}: {subject}", topic, relation, claimer_a, claim_a, claimer_b, claim_b, label_a, label_b))
    return pairs


def _label(text: str, where: str) -> ClaimLabel:
    if text == "-":
        return ClaimLabel(None, None)
    stance, _, imposer = text.partition(" ")
    if stance not in STANCES or not _IMPOSER.fullmatch(imposer):
        raise UsageError(f"{where}: label {text!r} is neither '-' nor a stance ({', '.join(STANCES)}) with a country's code or '-'")
    return ClaimLabel(stance, None if imposer == "-" else imposer)
