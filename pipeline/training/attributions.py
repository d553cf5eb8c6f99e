"""Attribution examples for the reader from PolNeAR, from stand-off gold and from tagged event files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from pipeline.gold.records import read_jsonl
from pipeline.reader.encoding import EncodedText, encode_texts
from pipeline.reader.network import ANCHOR_LABELS, CONVENTIONS, PART_LABELS

Span = tuple[int, int]
_ANCHOR_ID = {label: i for i, label in enumerate(ANCHOR_LABELS)}
_PART_ID = {label: i for i, label in enumerate(PART_LABELS)}


@dataclass(frozen=True)
class Attribution:
    """Character spans of one attribution; ``cue`` None means that its source (or content) is its anchor."""

    content: list[Span]
    cue: Span | None
    source: list[Span]


@dataclass
class Example:
    """A text with its attributions. ``exhaustive``: what is not annotated is no attribution."""

    id: str
    text: str
    attributions: list[Attribution]
    convention: str
    exhaustive: bool
    encoded: EncodedText | None = None
    anchors: list[tuple[int, int, int]] = field(default_factory=list)  # (first word, end, 0 cue or 1 bare)
    parts: list[NDArray[np.int64]] = field(default_factory=list)  # a label a word, for each anchor
    anchor_labels: NDArray[np.int64] | None = None
    known: NDArray[np.bool_] | None = None  # words whose anchor label counts


def polnear_examples(path: Path) -> list[Example]:
    """PolNeAR articles in PolNeAR's own span convention."""
    examples = []
    for record in read_jsonl(path):
        attributions = [
            Attribution(_spans(a["content"]), _spans(a["cue"])[0], _spans(a["source"]))
            for a in record["attributions"]
            if a["content"] and a["cue"]
        ]
        examples.append(Example(record["id"], record["text"], attributions, "polnear", True))
    return examples


def gold_examples(records: Iterable[dict[str, Any]], exhaustive: bool) -> list[Example]:
    """Articles in the gold form, in the convention of the guidelines."""
    examples = []
    for record in records:
        attributions = [
            Attribution(_spans(c["content"]), tuple(c["cue"]) if c["cue"] else None, _spans([c["claimer"]] if c["claimer"] else []))
            for c in record["claims"]
        ]
        examples.append(Example(record["article_id"], record["text"], attributions, "guidelines", exhaustive))
    return examples


def prepare(examples: list[Example], tokenizer: Tokenizer) -> list[Example]:
    """Encode the texts and lay labels over their words, in place."""
    for example, encoded in zip(examples, encode_texts(tokenizer, [e.text for e in examples]), strict=True):
        example.encoded = encoded
        _label(example, encoded)
    return examples


def _label(example: Example, encoded: EncodedText) -> None:
    example.anchor_labels = np.zeros(encoded.n_words, dtype=np.int64)
    example.known = np.full(encoded.n_words, example.exhaustive)
    for attribution in example.attributions:
        kind = "cue" if attribution.cue else "bare"
        anchor = attribution.cue or (attribution.source[0] if attribution.source else None)
        if anchor is None:
            continue
        start, end = encoded.words_in(*anchor)
        if start == end:
            continue
        example.anchors.append((start, end, 0 if attribution.cue else 1))
        example.anchor_labels[start] = _ANCHOR_ID[f"B-{kind}"]
        example.anchor_labels[start + 1 : end] = _ANCHOR_ID[f"I-{kind}"]
        parts = np.zeros(encoded.n_words, dtype=np.int64)
        for name, spans in (("source", attribution.source), ("content", attribution.content)):
            for low, high in (encoded.words_in(*span) for span in spans):
                if low == high:
                    continue
                parts[low] = _PART_ID[f"B-{name}"]
                parts[low + 1 : high] = _PART_ID[f"I-{name}"]
        example.parts.append(parts)
        if not example.exhaustive:
            _mark_known(example, attribution, encoded)


def _mark_known(example: Example, attribution: Attribution, encoded: EncodedText) -> None:
    """In partly annotated text, the words of an attribution itself are known, and their near surroundings."""
    assert example.known is not None
    spans = [*attribution.content, *attribution.source, *([attribution.cue] if attribution.cue else [])]
    for start, end in spans:
        low, high = encoded.words_in(start, end)
        example.known[max(0, low - 2) : high + 2] = True


def _spans(spans: Iterable[Iterable[int]]) -> list[Span]:
    return [(int(s), int(e)) for s, e in spans]


def lawful(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """The labels with every I- that continues nothing (cut off by a window, or overlaid) turned into its B-."""
    before = np.concatenate([[0], labels[:-1]])
    inside = (labels > 0) & (labels % 2 == 0)
    orphan = inside & (before != labels) & (before != labels - 1)
    return np.where(orphan, labels - 1, labels)


def convention_id(example: Example) -> int:
    return CONVENTIONS.index(example.convention)
