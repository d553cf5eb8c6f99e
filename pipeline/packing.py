"""Weights in few bits: matrices in the block formats of GGML, so that the bundled models stay small.

A block is 32 weights of a row with one scale: ``Q8_0`` keeps 8 bits of each (8.5 with the scale), ``Q4_0`` keeps 4 (4.5).
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import torch
from gguf import GGMLQuantizationType
from gguf.quants import dequantize, quantize
from safetensors.torch import load_file
from torch import Tensor

Format = Literal["Q8_0", "Q4_0"]
BLOCK = 32  # weights that share a scale
LEAST = 16_384  # entries of a matrix that is worth packing


def pack(state: dict[str, Tensor], form: Format) -> dict[str, Tensor]:
    """The state with its large matrices in ``form``, as bytes under ``name.form``, and the rest in half precision."""
    packed = {}
    for name, tensor in state.items():
        if tensor.ndim == 2 and tensor.numel() >= LEAST and tensor.shape[1] % BLOCK == 0:
            packed[f"{name}.{form}"] = torch.from_numpy(quantize(tensor.float().numpy(), GGMLQuantizationType[form]))
        else:
            packed[name] = tensor.half()
    return packed


def read_weights(path: Path) -> dict[str, Tensor]:
    """A file's weights in full precision, packed or not."""
    found = {}
    for name, tensor in load_file(path).items():
        stem, _, form = name.rpartition(".")
        if tensor.dtype == torch.uint8 and form in GGMLQuantizationType.__members__:
            found[stem] = torch.from_numpy(dequantize(tensor.numpy(), GGMLQuantizationType[form]))
        else:
            found[name] = tensor.float()
    return found
