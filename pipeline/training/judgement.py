"""Common schooling of the stance and the linking network: ``python -m pipeline.training.judgement --data DATA --gold GOLD... --out DIR``.

Both are cross-encoders over pieces with roles, and what each learns (who is for or against what; what follows from or contradicts
what) helps the other. One body is trained on the stance, entailment and paraphrase sets and on the gold of both tasks; the networks
that come out, ``stance.safetensors`` and ``linking.safetensors``, start their own trainings.
"""

from __future__ import annotations

import logging
import random
from pathlib import Path

from torch import Tensor, nn

from pipeline.encoder import load_tokenizer, save_trained
from pipeline.linking.network import LinkNetwork
from pipeline.training import linking, stance
from pipeline.training.command import begin, recipe_parser
from pipeline.training.schedule import Clock, train_steps

log = logging.getLogger("claimledger.training")
SEED = 5
PUBLIC_SHARE = 0.6  # of the public sets' counts, in an epoch


class Judgement(nn.Module):
    """The two networks on one body."""

    def __init__(self) -> None:
        super().__init__()
        self.stance = stance.new_network()
        self.linking = LinkNetwork(self.stance.body)


def train(data: Path, gold: list[Path], out: Path, epochs: int, minutes: float, rate: float, seed: int = SEED) -> None:
    """Train on batches of either task in turn and save both networks after every epoch."""
    rng = random.Random(seed)
    tokenizer = load_tokenizer()
    network = Judgement()
    opinions, pairs = stance.load_examples(data, gold, [], tokenizer), linking.load_pairs(data, gold, tokenizer)

    def epoch(_: int) -> list[list]:
        work: list[list] = [*opinions.epoch(rng, PUBLIC_SHARE), *pairs.epoch(rng, PUBLIC_SHARE)]
        rng.shuffle(work)
        return work

    def loss_of(batch: list) -> Tensor:
        if isinstance(batch[0], stance.StanceExample):
            return stance.loss_of(network.stance, batch)
        return linking.loss_of(network.linking, batch)

    def save(number: int) -> None:
        save_trained(network.stance, out / "stance.safetensors")
        save_trained(network.linking, out / "linking.safetensors")
        log.info("epoch %d saved", number)

    train_steps(network, epoch, loss_of, epochs, Clock(minutes), rate, save)


def main() -> None:
    a = recipe_parser(__doc__, epochs=2, minutes=40, rate=1.5e-4).parse_args()
    begin(SEED)
    train(a.data, a.gold, a.out, a.epochs, a.minutes, a.rate)


if __name__ == "__main__":
    main()
