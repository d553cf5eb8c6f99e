"""The mean of two trainings' weights: ``python -m pipeline.training.average FIRST SECOND --out DIR``.

A network that was trained on gold and then on other text gains on that and loses on the gold; half-way between the two it holds both
(Wortsman et al., Robust fine-tuning of zero-shot models, 2022).
"""

from __future__ import annotations

import argparse
from pathlib import Path

from safetensors.torch import save_file

from pipeline.errors import ModelError
from pipeline.packing import read_weights


def average(first: Path, second: Path, out: Path) -> None:
    """Write the mean of two weight files, packed or not, to ``out``, in half precision. Raises ModelError if they are of different networks."""
    one, other = read_weights(first), read_weights(second)
    if {k: v.shape for k, v in one.items()} != {k: v.shape for k, v in other.items()}:
        raise ModelError(f"{first} and {second} are weights of different networks; give two trainings of one recipe")
    out.parent.mkdir(parents=True, exist_ok=True)
    save_file({k: ((v + other[k]) / 2).half() for k, v in one.items()}, out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    a = parser.parse_args()
    average(a.first, a.second, a.out / "weights.safetensors")


if __name__ == "__main__":
    main()
