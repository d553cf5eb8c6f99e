"""Training on the large encoder: it stays as it is, packed into four bits, but for low-rank adapters and its layers' normalisation.

The adapters of the linear layers learn on the packed weights (Dettmers et al., QLoRA, 2023).
"""

from __future__ import annotations

import math
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from pipeline.encoder import EncoderError
from pipeline.large_encoder import FusedAttention, LargeRoleEncoder
from pipeline.packing import pack, read_weights
from pipeline.precision import multiplying

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


class PlainAttention(FusedAttention):
    """The same attention step by step: on a CPU the fused kernel's backward pass takes twelve times as long."""

    def __init__(self, fused: FusedAttention) -> None:
        nn.Module.__init__(self)
        self.q, self.k, self.v, self.o, self.size = fused.q, fused.k, fused.v, fused.o, fused.size

    def attend(self, q: Tensor, k: Tensor, v: Tensor, bias: Tensor) -> Tensor:
        weights = (torch.matmul(q * self.size**-0.5, k.transpose(-1, -2)) + bias).softmax(-1)
        return torch.matmul(weights.to(v.dtype), v)


def adapt(body: LargeRoleEncoder) -> LargeRoleEncoder:
    """The same encoder, frozen, with untrained adapters."""
    body.encoder.requires_grad_(False)
    for layer in body.encoder.encoder.layer:
        layer.attention.attn = PlainAttention(layer.attention.attn)
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
    _load_trained_part(
        network, read_weights(path), f"{path}: these weights are of another network: give those of an earlier step of the recipe"
    )


def resume_body(body: nn.Module, path: Path) -> None:
    """Go on from the adapters and roles of another network over the same encoder; its heads are left out."""
    state = {name.removeprefix("body."): value for name, value in read_weights(path).items() if name.startswith("body.")}
    _load_trained_part(body, state, f"{path}: these weights are of another encoder: give those of 'make train-stance-large'")


def _load_trained_part(module: nn.Module, state: dict[str, Tensor], otherwise: str) -> None:
    if wrong := sorted(set(trained_part(module)) ^ set(state)):
        raise EncoderError(f"{otherwise} ({wrong[0]} ...)")
    module.load_state_dict(state, strict=False)
