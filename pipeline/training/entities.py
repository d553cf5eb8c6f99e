"""Entity examples for the reader from the public NER sets: sentences packed into windows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from pipeline.gold.records import read_jsonl
from pipeline.reader.encoding import EncodedText, encode_texts
from pipeline.reader.network import ENTITY_LABELS, NAMINGS

_LABEL_ID = {label: i for i, label in enumerate(ENTITY_LABELS)}
_NO_SPACE_BEFORE = set(".,;:!?)]}%'’”") | {"'s", "n't", "'re", "'ve", "'ll", "'m", "'d", "’s"}
_NO_SPACE_AFTER = set("([{$#“‘")
WINDOW_WORDS = 150


@dataclass(frozen=True)
class EntityWindow:
    """Some sentences as one text with a label for each word; ``misc`` false where the set does not mark MISC; ``naming`` an
    index into ``NAMINGS``."""

    encoded: EncodedText
    labels: NDArray[np.int64]
    misc: bool
    naming: int


def naming_of(path: Path) -> int:
    """Whose rules for names a set follows: those of GUM, of UNER's EWT, or those of news sets such as CoNLL-2003."""
    return next((i for i, name in enumerate(NAMINGS) if name in path.name.split("-")), 0)


def entity_windows(path: Path, tokenizer: Tokenizer, misc: bool) -> list[EntityWindow]:
    """Read a BIO set and pack neighbouring sentences into windows of about 150 tokens."""
    naming = naming_of(path)
    texts, spans = [], []
    tokens: list[list[str]] = []
    tags: list[list[str]] = []
    for record in read_jsonl(path):
        if tokens and sum(map(len, tokens)) + len(record["tokens"]) > WINDOW_WORDS:
            text, found = join_sentences(tokens, tags)
            texts.append(text)
            spans.append(found)
            tokens, tags = [], []
        tokens.append(record["tokens"])
        tags.append(record["tags"])
    text, found = join_sentences(tokens, tags)
    texts.append(text)
    spans.append(found)
    return [
        EntityWindow(encoded, _labels(encoded, found), misc, naming)
        for encoded, found in zip(encode_texts(tokenizer, texts), spans, strict=True)
    ]


def join_sentences(sentences: list[list[str]], tags: list[list[str]]) -> tuple[str, list[tuple[int, int, str]]]:
    """Detokenised text, a line a sentence, and its entity spans (start, end, type)."""
    pieces: list[str] = []
    spans: list[tuple[int, int, str]] = []
    length, inside_quote = 0, False
    for words, labels in zip(sentences, tags, strict=True):
        glue = "\n" if pieces else ""
        for word, tag in zip(words, labels, strict=True):
            word = {"``": '"', "''": '"', "-LRB-": "(", "-RRB-": ")"}.get(word, word)
            closing = word == '"' and inside_quote
            if word in _NO_SPACE_BEFORE or closing:
                glue = "" if glue != "\n" else glue
            pieces += [glue, word]
            length += len(glue)
            if tag.startswith("B-") or (tag.startswith("I-") and not (spans and spans[-1][1] == length - len(glue))):
                spans.append((length, length + len(word), tag[2:]))
            elif tag.startswith("I-"):
                spans[-1] = (spans[-1][0], length + len(word), spans[-1][2])
            length += len(word)
            opening = word in _NO_SPACE_AFTER or (word == '"' and not inside_quote)
            inside_quote ^= word == '"'
            glue = "" if opening else " "
        inside_quote = False
    return "".join(pieces), spans


def _labels(encoded: EncodedText, spans: list[tuple[int, int, str]]) -> NDArray[np.int64]:
    labels = np.zeros(encoded.n_words, dtype=np.int64)
    for start, end, kind in spans:
        low, high = encoded.words_in(start, end)
        if low < high:
            labels[low] = _LABEL_ID[f"B-{kind}"]
            labels[low + 1 : high] = _LABEL_ID[f"I-{kind}"]
    return labels
