"""Gold and training records on disk: JSON lines, plain or packed with xz."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import Any

OPPOSITIONS_FILE = "oppositions.json"
PROPOSITIONS_FILE = "propositions.json"


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    """Records of a ``.jsonl`` or ``.jsonl.xz`` file; empty lines are passed over."""
    opened = lzma.open(path, "rt", encoding="utf-8") if path.suffix == ".xz" else path.open(encoding="utf-8")
    with opened as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def read_oppositions(gold: Path) -> set[frozenset[str]]:
    """Pairs of opposed propositions in ``oppositions.json`` beside a gold file."""
    return {frozenset(pair) for pair in json.loads((gold.parent / OPPOSITIONS_FILE).read_text(encoding="utf-8"))}


def read_propositions(gold: Path) -> dict[str, str]:
    """What each proposition asserts, in a sentence, by id: ``propositions.json`` beside a gold file."""
    found: dict[str, str] = json.loads((gold.parent / PROPOSITIONS_FILE).read_text(encoding="utf-8"))
    return found
