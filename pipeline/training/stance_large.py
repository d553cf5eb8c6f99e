"""Train the large stance network: ``python -m pipeline.training.stance_large --mixture N --data DATA --gold GOLD... --labels LABELS... --out DIR``.

Writes ``weights.safetensors``, what is trained beside the bundled large encoder (``pipeline.training.adapters``). Each of MIXTURES is a
command of its own, so that it fits into an hour and a half.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pipeline.encoder import load_tokenizer
from pipeline.large_encoder import large_encoder
from pipeline.stance.network import StanceNetwork
from pipeline.training.adapters import adapt, resume, save_trained_part
from pipeline.training.command import begin, recipe_parser
from pipeline.training.countries import relocated
from pipeline.training.schedule import Clock, batches_by_length, train_steps
from pipeline.training.stance import Examples, StanceExample, gold_stance_examples, length_of, load_examples, loss_of

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


MIXTURES = (
    Mixture(3200, 1500, 0.22, 0.3, heads=2.5),
    Mixture(6500, 700, 0.0, 0.4, heads=2.0),
    Mixture(5000, 300, 0.05, 0.5, heads=2.0),
    Mixture(6000, 300, 0.05, 0.5, heads=2.0),
)


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
        save_trained_part(network, out / "weights.safetensors")

    loss = partial(loss_of, network)
    train_steps(network, lambda _: batches(examples, mixture, rng), loss, epochs, Clock(minutes), rate, save, mixture.heads)


def main() -> None:
    parser = recipe_parser(__doc__, epochs=1, minutes=85, rate=4e-4)
    parser.add_argument("--mixture", type=int, choices=range(1, len(MIXTURES) + 1), required=True)
    parser.add_argument("--labels", type=Path, nargs="*", default=[], help="labels of articles of DATA/tradenews.jsonl.xz")
    parser.add_argument("--start", type=Path, help="what the mixture before wrote")
    a = parser.parse_args()
    seed = 10 + a.mixture
    begin(seed)
    network = StanceNetwork(adapt(large_encoder()))
    if a.start:
        resume(network, a.start)
    examples = load_examples(a.data, a.gold, a.labels, load_tokenizer())
    train(network, examples, MIXTURES[a.mixture - 1], a.out, a.epochs, a.minutes, a.rate, seed)


if __name__ == "__main__":
    main()
