"""Train the large stance network: ``python -m pipeline.training.stance_large --mixture N --data DATA --gold GOLD... --labels LABELS... --encoder DIR --out DIR``.

Its encoder, all-mpnet-base-v2, is packed into four bits and stays as it is, but for low-rank adapters on the linear layers, which learn
on the packed weights (Dettmers et al., QLoRA, 2023), and the layers' normalisation. Writes ``base.safetensors``, the packed encoder, and
``weights.safetensors``, what is trained. Each of MIXTURES is a command of its own, so that it fits into an hour and a half.
"""

from __future__ import annotations

import logging
import math
import random
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from pipeline.encoder import EncoderError, check_hash, load_tokenizer
from pipeline.large_encoder import LargeRoleEncoder, large_config
from pipeline.packing import pack, read_weights
from pipeline.stance.network import StanceNetwork
from pipeline.training.command import begin, recipe_parser
from pipeline.training.countries import relocated
from pipeline.training.schedule import Clock, batches_by_length, train_steps
from pipeline.training.stance import Examples, StanceExample, gold_stance_examples, length_of, load_examples, loss_of

log = logging.getLogger("claimledger.training")
SHA256 = "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"
NOT_READ = ("pooler.", "embeddings.position_ids")
RANK = 32  # of the adapters
BATCH_PIECES = 3072


@dataclass(frozen=True)
class Mixture:
    """What an epoch reads beside every relevant claim: how many examples of no relevance and of written claims, which share of the public
    sets' counts, and which share of the claims is moved to other countries. ``heads`` is the factor on the rate of all but the encoder."""

    irrelevant: int
    written: int
    public_share: float
    moved_share: float
    heads: float


MIXTURES = (Mixture(3200, 1500, 0.22, 0.3, heads=2.5), Mixture(6500, 700, 0.0, 0.4, heads=2.0))


class Adapted(nn.Module):
    """A frozen linear layer in half precision with a low-rank adapter, which starts as nothing."""

    def __init__(self, base: nn.Linear) -> None:
        super().__init__()
        self.base = base.to(torch.bfloat16).requires_grad_(False)
        self.down = nn.Parameter(torch.randn(RANK, base.in_features) / math.sqrt(base.in_features))
        self.up = nn.Parameter(torch.zeros(base.out_features, RANK))

    def forward(self, states: Tensor) -> Tensor:
        half = states.to(torch.bfloat16)
        low = nn.functional.linear(half, self.down.to(torch.bfloat16))
        adapted: Tensor = self.base(half) + nn.functional.linear(low, self.up.to(torch.bfloat16))
        return adapted


def write_base(folder: Path, path: Path) -> None:
    """Pack the encoder in ``folder`` into ``path``; raises EncoderError when it is not all-mpnet-base-v2."""
    weights = folder / "model.safetensors"
    check_hash(weights, SHA256, "give a folder of all-mpnet-base-v2 (docs/data.md)")
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(pack({k: v for k, v in load_file(weights).items() if not k.startswith(NOT_READ)}, "Q4_0"), path)


def adapted(body: LargeRoleEncoder) -> StanceNetwork:
    """An untrained network over a frozen encoder with adapters."""
    body.encoder.requires_grad_(False)
    for holder, name, linear in list(body.adaptable()):
        setattr(holder, name, Adapted(linear))
    for layer in body.encoder.encoder.layer:
        for norm in (layer.attention.LayerNorm, layer.output.LayerNorm):
            norm.requires_grad_(True)
    return StanceNetwork(body)


def trained_part(network: StanceNetwork) -> dict[str, Tensor]:
    """What of a network is trained, by name: all but its frozen encoder."""
    return {name: p.detach().clone() for name, p in network.named_parameters() if p.requires_grad}


def resume(network: StanceNetwork, path: Path) -> None:
    """Go on from what an earlier training wrote; raises EncoderError when it is of another network."""
    state = read_weights(path)
    if wrong := sorted(set(trained_part(network)) ^ set(state)):
        raise EncoderError(f"{path}: no weights of a large stance network ({wrong[0]} ...): train the first mixture again")
    network.load_state_dict(state, strict=False)


def batches(examples: Examples, mixture: Mixture, rng: random.Random) -> list[list[StanceExample]]:
    """Batches of one epoch: every relevant claim, some of them moved to other countries, a part of the rest; the public sets come early."""
    moved = gold_stance_examples([relocated(r, rng) for r in examples.records], examples.tokenizer)
    own = [e for e in examples.gold if e.relevance == 1]
    own = rng.sample(own, round(len(own) * (1 - mixture.moved_share)))
    others = [e for e in moved if e.relevance == 1]
    own += rng.sample(others, round(len(others) * mixture.moved_share))
    none = [e for e in examples.gold if e.relevance == 0]
    own += rng.sample(none, min(mixture.irrelevant, len(none)))
    own += rng.sample(examples.labelled, min(mixture.written, len(examples.labelled)))
    ours, theirs = (
        batches_by_length(part, length_of, BATCH_PIECES, rng) for part in (own, examples.public_part(rng, mixture.public_share))
    )
    early = ours[: len(ours) // 2] + theirs
    rng.shuffle(early)
    return early + ours[len(ours) // 2 :]


def train(
    network: StanceNetwork, examples: Examples, mixture: Mixture, out: Path, epochs: int, minutes: float, rate: float, seed: int
) -> None:
    """Train on epochs of the mixture and save ``out/weights.safetensors`` after each."""
    rng = random.Random(seed)

    def save(_: int) -> None:
        save_file(pack(trained_part(network), "Q8_0"), out / "weights.safetensors")

    loss = partial(loss_of, network)
    train_steps(network, lambda _: batches(examples, mixture, rng), loss, epochs, Clock(minutes), rate, save, mixture.heads)


def main() -> None:
    parser = recipe_parser(__doc__, epochs=1, minutes=85, rate=4e-4)
    parser.add_argument("--mixture", type=int, choices=range(1, len(MIXTURES) + 1), required=True)
    parser.add_argument("--labels", type=Path, nargs="*", default=[], help="labels of articles of DATA/tradenews.jsonl.xz")
    parser.add_argument("--encoder", type=Path, required=True, help="folder of all-mpnet-base-v2")
    parser.add_argument("--start", type=Path, help="what the mixture before wrote")
    a = parser.parse_args()
    seed = 10 + a.mixture
    begin(seed)
    write_base(a.encoder, a.out / "base.safetensors")
    network = adapted(LargeRoleEncoder(a.out / "base.safetensors", large_config()))
    if a.start:
        resume(network, a.start)
    examples = load_examples(a.data, a.gold, a.labels, load_tokenizer())
    train(network, examples, MIXTURES[a.mixture - 1], a.out, a.epochs, a.minutes, a.rate, seed)


if __name__ == "__main__":
    main()
