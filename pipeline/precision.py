"""The precision that networks multiply in: half where the processor does so itself, single elsewhere, where half takes several times longer."""

from __future__ import annotations

from functools import cache

import torch

HALF_PRECISION = ("avx512_bf16", "amx_bf16", "bf16")  # what processors call their instructions for it


@cache
def multiplying() -> torch.dtype:
    """bfloat16 where this processor has instructions for it, else float32."""
    found = torch.cpu.get_capabilities()
    return torch.bfloat16 if any(found.get(name) for name in HALF_PRECISION) else torch.float32


def mixed_precision() -> torch.autocast:
    """Within, matrices are multiplied in ``multiplying()`` and the rest stays as it is."""
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=multiplying() == torch.bfloat16)
