"""The large network: its encoder, its adapters, and which cases it is asked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn
from transformers import MPNetConfig, MPNetModel

from pipeline.config import default_topics
from pipeline.encoder import EncoderError
from pipeline.large_encoder import BERT_PIECES, SHIFT, LargeRoleEncoder, large_config, load_adapted
from pipeline.linking.network import RELATIONS, WIDTH, VectorNetwork
from pipeline.linking.vectorizer import Vectorizer
from pipeline.precision import mixed_precision
from pipeline.roles import RoleSequence, pad
from pipeline.stance.judge import WORTH, Judge
from pipeline.stance.network import NO_IMPOSER, StanceInput, StanceNetwork, StanceScores
from pipeline.training.adapters import PlainAttention, adapt, resume_body, trained_part
from pipeline.training.large_base import write_base

SEQUENCES = [
    RoleSequence(np.asarray([101, 7592, 2088, 102]), np.asarray([0, 3, 3, 0])),
    RoleSequence(np.asarray([101, 3909, 102]), np.asarray([0, 3, 0])),
]


def small_config() -> MPNetConfig:
    config = large_config()
    config.hidden_size, config.num_hidden_layers, config.num_attention_heads, config.intermediate_size = 64, 2, 4, 128
    return config


@pytest.fixture
def own(tmp_path: Path) -> MPNetModel:
    """MPNet's own implementation; its weights lie in ``base.safetensors``."""
    torch.manual_seed(2)
    model = MPNetModel(small_config(), add_pooling_layer=False).eval()
    save_file(model.state_dict(), tmp_path / "base.safetensors")
    return model


def test_it_reads_as_the_library_does(own: MPNetModel, tmp_path: Path) -> None:
    body = LargeRoleEncoder(tmp_path / "base.safetensors", small_config()).eval()
    batch = pad(SEQUENCES)
    ids = torch.tensor([[0, 7592 + SHIFT, 2088 + SHIFT, 2], [0, 3909 + SHIFT, 2, 1]])
    with torch.no_grad():
        # all positions in order, as the body has them: the library's own would skip the padding
        embedded = own.embeddings(inputs_embeds=own.embeddings.word_embeddings(ids))
        mask = (1.0 - batch.mask[:, None, None, :].float()) * -1e9
        expected = own.encoder(embedded, attention_mask=mask)[0]
        found = body.hidden(batch)
    real = batch.mask.bool()
    assert torch.allclose(found[real], expected[real], atol=1e-5)


def test_every_piece_has_a_place_of_its_own(own: MPNetModel, tmp_path: Path) -> None:
    pieces = LargeRoleEncoder(tmp_path / "base.safetensors", small_config()).get_buffer("pieces")
    assert len(pieces) == BERT_PIECES
    assert len(set(pieces.tolist())) == BERT_PIECES


def test_adapters_are_read_as_they_were_trained(own: MPNetModel, tmp_path: Path) -> None:
    base = tmp_path / "base.safetensors"
    network = StanceNetwork(adapt(LargeRoleEncoder(base, small_config()))).eval()
    inputs = [StanceInput(s) for s in SEQUENCES]
    before = network(inputs).stance
    torch.manual_seed(3)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if name.endswith((".up", "stance.weight")):
                parameter.normal_(std=0.2)
    save_file(trained_part(network), tmp_path / "weights.safetensors")
    body = LargeRoleEncoder(base, small_config())
    read = load_adapted(StanceNetwork(body), body, tmp_path / "weights.safetensors")
    with torch.no_grad(), mixed_precision():
        trained, found = network(inputs).stance.float(), read(inputs).stance.float()
    assert not torch.allclose(trained, before.float(), atol=0.2)
    assert torch.allclose(trained, found, atol=0.05)


def test_attention_step_by_step_reads_as_the_fused_one(own: MPNetModel, tmp_path: Path) -> None:
    fused = LargeRoleEncoder(tmp_path / "base.safetensors", small_config()).encoder.encoder.layer[0].attention.attn
    states, bias = torch.randn(2, 5, 64), torch.randn(1, 4, 5, 5) + torch.tensor([0.0, 0.0, 0.0, 0.0, -1e4])
    with torch.no_grad():
        assert torch.allclose(PlainAttention(fused)(states, None, bias)[0], fused(states, None, bias)[0], atol=1e-5)


def test_another_network_goes_on_from_a_networks_adapters(own: MPNetModel, tmp_path: Path) -> None:
    base, weights = tmp_path / "base.safetensors", tmp_path / "weights.safetensors"
    network = StanceNetwork(adapt(LargeRoleEncoder(base, small_config()))).eval()
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if name.endswith((".up", "role.weight")):
                parameter.normal_(std=0.2)
    save_file(trained_part(network), weights)
    other = VectorNetwork(adapt(LargeRoleEncoder(base, small_config()))).eval()
    resume_body(other.body, weights)
    with torch.no_grad(), mixed_precision():
        assert torch.equal(network.body.hidden(pad(SEQUENCES)), other.body.hidden(pad(SEQUENCES)))
    save_file({"body.role.weight": network.body.role.weight.detach()}, weights)
    with pytest.raises(EncoderError, match="of another encoder"):
        resume_body(other.body, weights)


def test_two_vectors_tell_the_same_in_either_order(own: MPNetModel, tmp_path: Path) -> None:
    network = VectorNetwork(LargeRoleEncoder(tmp_path / "base.safetensors", small_config())).eval()
    with torch.no_grad():
        a, b = network(SEQUENCES)
        assert a.shape == (WIDTH,)
        assert torch.allclose(a.norm(), torch.ones(()))
        relation = network.relate(a[None], b[None])
        assert torch.allclose(relation, network.relate(b[None], a[None]))
    told = Vectorizer(network).relate(np.stack([b.half().numpy(), a.half().numpy()]), np.asarray([[1, 0]]))
    assert told[0] == pytest.approx([float(relation.softmax(1)[0, RELATIONS.index(name)]) for name in ("same", "opposed")], abs=1e-2)


def test_only_adapters_norms_and_heads_are_trained(own: MPNetModel, tmp_path: Path) -> None:
    part = trained_part(StanceNetwork(adapt(LargeRoleEncoder(tmp_path / "base.safetensors", small_config()))))
    encoder = {name.rsplit(".", 2)[-2] if "LayerNorm" in name else name.rsplit(".", 1)[-1] for name in part if ".encoder." in name}
    assert encoder == {"up", "down", "LayerNorm"}
    assert "body.encoder.embeddings.LayerNorm.weight" not in part
    assert {"body.role.weight", "stance.weight", "relevance.bias"} <= set(part)


def test_weights_of_another_network_are_refused(own: MPNetModel, tmp_path: Path) -> None:
    save_file({"other": torch.zeros(1)}, tmp_path / "weights.safetensors")
    with pytest.raises(EncoderError, match=r"weights\.safetensors: not the weights of the large encoder"):
        LargeRoleEncoder(tmp_path / "weights.safetensors", small_config())
    body = LargeRoleEncoder(tmp_path / "base.safetensors", small_config())
    with pytest.raises(EncoderError, match="do not fit the network"):
        load_adapted(StanceNetwork(body), body, tmp_path / "weights.safetensors")


def test_another_encoder_is_not_packed(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"another model")
    with pytest.raises(EncoderError, match=r"SHA-256 is .* give a folder of all-mpnet-base-v2"):
        write_base(tmp_path, tmp_path / "base.safetensors")


class Fixed(nn.Module):
    """A network that gives an input the relevance that its first piece stands for, in thousandths, and counts what it is asked."""

    def __init__(self, factor: float, stance: list[float]) -> None:
        super().__init__()
        self.factor, self.stance, self.asked = factor, stance, 0

    def forward(self, inputs: list[StanceInput]) -> StanceScores:
        self.asked += len(inputs)
        chances = torch.tensor([min(0.999, int(i.sequence.ids[0]) / 1000 * self.factor) for i in inputs])
        imposer = torch.full((len(inputs), NO_IMPOSER + 1), -1e4)
        imposer[:, NO_IMPOSER] = 0.0
        return StanceScores(torch.logit(chances), torch.log(torch.tensor([self.stance] * len(inputs))), imposer)


def test_the_large_network_reads_only_what_may_be_about_its_topic() -> None:
    small, large = Fixed(1.0, [0.6, 0.3, 0.1]), Fixed(1.5, [0.2, 0.7, 0.1])
    chances = [int(WORTH * 1000) - 5, int(WORTH * 1000) + 5, 400]
    inputs = [StanceInput(RoleSequence(np.asarray([c, 1]), np.zeros(2, dtype=np.int64))) for c in chances]
    unsure, likely, plain = Judge([small, large], default_topics()).score(inputs)  # type: ignore[list-item]
    assert (small.asked, large.asked) == (3, 2)
    assert unsure.relevance == pytest.approx(chances[0] / 1000)
    assert unsure.stance == pytest.approx((0.6, 0.3, 0.1), abs=1e-3)
    assert likely.relevance == pytest.approx(1.25 * chances[1] / 1000)
    assert plain.relevance == pytest.approx(0.5)
    assert likely.stance == pytest.approx((0.2, 0.7, 0.1), abs=1e-3)
