"""Encoding, windows, the CRF and owners of words, without a trained model."""

from __future__ import annotations

from itertools import product

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.encoder import load_tokenizer
from pipeline.reader.batch import MAX_PIECES, collate, cut
from pipeline.reader.crf import LinearChainCRF, bio_constraints
from pipeline.reader.encoding import encode_texts
from pipeline.reader.read import _owners, _spans
from pipeline.training.attributions import lawful

TOKENIZER = load_tokenizer()


@given(st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_words_are_in_order_and_inside_the_text(text: str) -> None:
    (encoded,) = encode_texts(TOKENIZER, [text])
    assert (encoded.starts < encoded.ends).all()
    assert (encoded.starts[1:] >= encoded.ends[:-1]).all()
    assert encoded.n_words == 0 or encoded.ends[-1] <= len(text)


def test_words_have_offsets_in_code_points() -> None:
    text = "Ñandú 🐧 said Łukasz"
    (encoded,) = encode_texts(TOKENIZER, [text])
    words = [text[s:e] for s, e in zip(encoded.starts, encoded.ends, strict=True)]
    assert words[-2:] == ["said", "Łukasz"]
    assert encoded.words_in(text.index("said"), text.index("said") + 4) == (len(words) - 2, len(words) - 1)


def test_an_accent_that_is_a_character_of_its_own_belongs_to_its_word() -> None:
    text = "Cafe\u0301 tariffs stay"
    (encoded,) = encode_texts(TOKENIZER, [text])
    assert [text[s:e] for s, e in zip(encoded.starts, encoded.ends, strict=True)] == ["Cafe\u0301", "tariffs", "stay"]


@given(st.integers(1, 3000), st.integers(0, 150))
@settings(max_examples=30, deadline=None)
def test_windows_cover_every_word_and_fit(n_words: int, offset: int) -> None:
    (encoded,) = encode_texts(TOKENIZER, ["word " * n_words])
    windows = cut(encoded, stride=160, offset=offset)
    covered = {i for w in windows for i in range(w.start, w.end)}
    assert covered == set(range(n_words))
    assert all(w.n_pieces <= MAX_PIECES - 2 for w in windows)
    owner = _owners(n_words, windows)
    assert all(windows[o].start <= i < windows[o].end for i, o in enumerate(owner))


def test_a_word_longer_than_a_window_is_read_in_part() -> None:
    (encoded,) = encode_texts(TOKENIZER, ["ab" + "xq" * 45 + " said so. " + "za" * 40])
    batch = collate(cut(encoded, stride=160))
    assert batch.pieces.shape[1] <= MAX_PIECES


def test_crf_agrees_with_enumeration() -> None:
    torch.manual_seed(0)
    labels, forbidden, inside = bio_constraints(["x", "y"])
    crf = LinearChainCRF(len(labels), forbidden, inside)
    torch.nn.init.normal_(crf.transitions)
    emissions, mask = torch.randn(1, 4, len(labels)), torch.ones(1, 4, dtype=torch.bool)
    paths = list(product(range(len(labels)), repeat=4))
    losses = torch.stack([crf.loss(emissions, torch.tensor([path]), mask)[0] for path in paths])
    assert abs(torch.logsumexp(-losses, 0).item()) < 1e-3
    assert crf.decode(emissions, mask)[0].tolist() == list(paths[int(losses.argmin())])


def test_crf_ignores_padding() -> None:
    torch.manual_seed(1)
    labels, forbidden, inside = bio_constraints(["x"])
    crf = LinearChainCRF(len(labels), forbidden, inside)
    emissions = torch.randn(1, 3, len(labels))
    padded = torch.cat([emissions, torch.randn(1, 2, len(labels))], dim=1)
    mask = torch.tensor([[True, True, True, False, False]])
    assert crf.decode(padded, mask)[0, :3].tolist() == crf.decode(emissions, mask[:, :3])[0].tolist()


def test_spans_and_lawful_labels() -> None:
    assert list(_spans(np.array([0, 1, 2, 0, 3, 1]))) == [(1, 3, 1), (4, 5, 3), (5, 6, 1)]
    assert lawful(np.array([2, 2, 0, 4, 4, 1, 2])).tolist() == [1, 2, 0, 3, 4, 1, 2]
