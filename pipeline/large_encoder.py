"""The large encoder, all-mpnet-base-v2 with its matrices in four bits: for stances that a small one leaves open, and for claims' vectors.

It has eight times the layers' weights of the pinned encoder and takes as much longer. Both cut text into the same pieces.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor, nn
from transformers import MPNetConfig, MPNetModel
from transformers.models.mpnet.modeling_mpnet import MPNetSelfAttention

from pipeline.encoder import EncoderError
from pipeline.models import LARGE_ENCODER, model_file
from pipeline.packing import read_weights
from pipeline.precision import multiplying
from pipeline.roles import RoleBatch, RoleBody

Network = TypeVar("Network", bound=nn.Module)
BERT_PIECES, SHIFT = 30522, 4  # MPNet's vocabulary is BERT's behind four special pieces of its own
SPECIAL = {0: 1, 100: 3, 101: 0, 102: 2}  # BERT's [PAD], [UNK], [CLS] and [SEP] as MPNet's
FAR = -1e4  # attention logit of padding


class FusedAttention(nn.Module):
    """Attention of a layer, its position bias given, by torch's fused kernel; same weights and names as MPNet's own."""

    def __init__(self, own: MPNetSelfAttention) -> None:
        super().__init__()
        self.q, self.k, self.v, self.o = own.q, own.k, own.v, own.o
        self.size: int = own.attention_head_size

    def forward(self, states: Tensor, attention_mask: None, position_bias: Tensor, output_attentions: bool = False) -> tuple[Tensor]:
        shape = (*states.shape[:-1], -1, self.size)
        q, k, v = (side(states).view(shape).transpose(1, 2) for side in (self.q, self.k, self.v))
        read = self.attend(q, k, v, position_bias.to(q.dtype))
        return (self.o(read.transpose(1, 2).reshape(states.shape)),)

    def attend(self, q: Tensor, k: Tensor, v: Tensor, bias: Tensor) -> Tensor:
        """What each piece reads (b, heads, p, size) of the values, by queries and keys of the same shape."""
        return nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=bias)


def large_config() -> MPNetConfig:
    """Configuration of all-mpnet-base-v2, without dropout."""
    return MPNetConfig(
        vocab_size=BERT_PIECES + SHIFT + 1,
        max_position_embeddings=514,
        layer_norm_eps=1e-5,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )


class LargeRoleEncoder(RoleBody):
    """The large encoder as a body of role networks, with the weights in the file ``base``. Raises EncoderError if they are others'."""

    def __init__(self, base: Path, config: MPNetConfig) -> None:
        super().__init__(config.hidden_size)
        with torch.device("meta"):  # spends no time on weights that are replaced
            self.encoder = MPNetModel(config, add_pooling_layer=False)
        try:
            self.encoder.load_state_dict(read_weights(base), assign=True)
        except RuntimeError as error:
            raise EncoderError(f"{base}: not the weights of the large encoder: make them again with 'make large-encoder'") from error
        for layer in self.encoder.encoder.layer:
            layer.attention.attn = FusedAttention(layer.attention.attn)
        pieces = torch.arange(BERT_PIECES) + SHIFT
        pieces[list(SPECIAL)] = torch.tensor(list(SPECIAL.values()))
        self.register_buffer("pieces", pieces, persistent=False)

    def hidden(self, batch: RoleBatch) -> Tensor:
        embeddings, encoder = self.encoder.embeddings, self.encoder.encoder
        words = embeddings.word_embeddings(self.get_buffer("pieces")[batch.ids])
        states = embeddings(inputs_embeds=words + self.role(batch.roles))
        bias = encoder.compute_position_bias(states[:1]) + (1.0 - batch.mask[:, None, None, :].float()) * FAR
        for layer in encoder.layer:
            states = layer(states, None, bias)[0]
        return states

    def adaptable(self) -> Iterator[tuple[nn.Module, str, nn.Linear]]:
        """The linear layers that training adapts: each with the module that holds it, and its name there."""
        for layer in self.encoder.encoder.layer:
            attention = layer.attention.attn
            for holder, name in [*((attention, side) for side in "qkvo"), (layer.intermediate, "dense"), (layer.output, "dense")]:
                yield holder, name, getattr(holder, name)


def large_encoder() -> LargeRoleEncoder:
    """The bundled one."""
    return LargeRoleEncoder(model_file(LARGE_ENCODER, "base.safetensors"), large_config())


def load_adapted(network: Network, body: LargeRoleEncoder, path: Path) -> Network:
    """The network over ``body``, ready to be asked, with low-rank adapters (``.down`` (r, in) and ``.up`` (out, r) of a linear layer)
    added to the layers' weights and the rest as trained. Raises EncoderError when the file is of another network."""
    state = read_weights(path)
    try:
        with torch.no_grad():
            for name in [n for n in state if n.endswith(".down")]:
                layer = network.get_submodule(name.removesuffix(".down"))
                layer.weight += state.pop(name.removesuffix("down") + "up") @ state.pop(name)  # type: ignore[operator]
        missing, unexpected = network.load_state_dict(state, strict=False)
    except (AttributeError, KeyError, RuntimeError) as error:
        raise EncoderError(f"{path}: weights do not fit the network ({error}): train them again") from error
    if wrong := [k for k in missing if ".encoder." not in k] + list(unexpected):
        raise EncoderError(f"{path}: weights do not fit the network ({', '.join(wrong[:3])} ...): train them again")
    for _, _, linear in body.adaptable():
        linear.to(multiplying())
    body.encoder.embeddings.word_embeddings.to(multiplying())
    return network.eval().requires_grad_(False)
