"""In which precision networks multiply, by what the processor has."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from pipeline.precision import mixed_precision, multiplying


@pytest.fixture(autouse=True)
def _ask_again() -> Iterator[None]:
    multiplying.cache_clear()
    yield
    multiplying.cache_clear()


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({"avx2": True, "avx512_bf16": False}, torch.float32),
        ({"avx512_bf16": True}, torch.bfloat16),
        ({"amx_bf16": True, "avx2": True}, torch.bfloat16),
        ({}, torch.float32),
    ],
)
def test_half_precision_is_for_processors_that_have_it(
    monkeypatch: pytest.MonkeyPatch, found: dict[str, bool], expected: torch.dtype
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: found)
    with mixed_precision():
        made = torch.ones(2, 2) @ torch.ones(2, 2)
    assert multiplying() == made.dtype == expected
