"""Training on the large encoder: it stays as it is, packed into four bits, but for low-rank adapters and its layers' normalisation.

The adapters of the linear layers learn on the packed weights (Dettmers et al., QLoRA, 2023).
"""

from __future__ import annotations

import math
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from pipeline.encoder import EncoderError, check_hash
from pipeline.large_encoder import LargeRoleEncoder
from pipeline.packing import pack, read_weights
from pipeline.precision import multiplying

SHA256 = "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"
NOT_READ = ("pooler.", "embeddings.position_ids")
RANK = 32


class Adapted(nn.Module):
    """A frozen linear layer with a low-rank adapter, which starts as nothing."""

    def __init__(self, base: nn.Linear) -> None:
        super().__init__()
        self.base = base.to(multiplying()).requires_grad_(False)
        self.down = nn.Parameter(torch.randn(RANK, base.in_features) / math.sqrt(base.in_features))
        self.up = nn.Parameter(torch.zeros(base.out_features, RANK))

    def forward(self, states: Tensor) -> Tensor:
        half = states.to(multiplying())
        low = nn.functional.linear(half, self.down.to(multiplying()))
        adapted: Tensor = self.base(half) + nn.functional.linear(low, self.up.to(multiplying()))
        return adapted


def write_base(folder: Path, path: Path) -> None:
    """Pack the encoder in ``folder`` into ``path``; raises EncoderError when it is not all-mpnet-base-v2."""
    weights = folder / "model.safetensors"
    check_hash(weights, SHA256, "give a folder of all-mpnet-base-v2 (docs/data.md)")
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(pack({k: v for k, v in load_file(weights).items() if not k.startswith(NOT_READ)}, "Q4_0"), path)


def adapt(body: LargeRoleEncoder) -> LargeRoleEncoder:
    """The same encoder, frozen, with untrained adapters."""
    body.encoder.requires_grad_(False)
    for holder, name, linear in list(body.adaptable()):
        setattr(holder, name, Adapted(linear))
    for layer in body.encoder.encoder.layer:
        for norm in (layer.attention.LayerNorm, layer.output.LayerNorm):
            norm.requires_grad_(True)
    return body


def trained_part(network: nn.Module) -> dict[str, Tensor]:
    """What of a network is trained, by name: all but its frozen encoder."""
    return {name: p.detach().clone() for name, p in network.named_parameters() if p.requires_grad}


def save_trained_part(network: nn.Module, path: Path) -> None:
    """Write what ``resume`` and ``large_encoder.load_adapted`` read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(pack(trained_part(network), "Q8_0"), path)


def resume(network: nn.Module, path: Path) -> None:
    """Go on from what an earlier training wrote; raises EncoderError when it is of another network."""
    state = read_weights(path)
    if wrong := sorted(set(trained_part(network)) ^ set(state)):
        raise EncoderError(f"{path}: these weights are of another network ({wrong[0]} ...): give those of an earlier step of the recipe")
    network.load_state_dict(state, strict=False)
