"""Main text of saved pages: word-level F1 against the true text of every shape."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.ingest.helpers import ingest
from tests.ingest.shapes import SHAPES, main_text, saved


def word_f1(found: str, true: str) -> float:
    a, b = (Counter(re.findall(r"\w+", text.lower())) for text in (found, true))
    return 2 * (a & b).total() / (a.total() + b.total())


def _score(name: str, folder: Path) -> float:
    (folder / f"{name}.html").write_text(saved(SHAPES[name]), encoding="utf-8")
    articles, _ = ingest(folder / f"{name}.html")
    return word_f1(articles[0]["text"], main_text(SHAPES[name])) if articles else 0.0


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_no_shape_is_lost(name: str, tmp_path: Path) -> None:
    assert _score(name, tmp_path) >= 0.95


def test_the_mean_over_all_shapes(tmp_path: Path) -> None:
    scores = {name: _score(name, tmp_path) for name in SHAPES}
    assert len(scores) >= 20
    assert sum(scores.values()) / len(scores) >= 0.98, scores
