"""The trained scorer: a few small networks over plain features of a candidate, one score each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from pipeline.claimers.antecedents import Anaphor, Candidate, candidates_for, features
from pipeline.claimers.scene import Scene
from pipeline.errors import ModelError

Array = NDArray[np.float32]
LAYERS = ("first", "second", "last")


class Scorer:
    """Probabilities of candidates. Weights are those of ``pipeline.training.claimers``."""

    def __init__(self, weights: Mapping[str, Array]) -> None:
        self.layers = [(weights[f"{name}.weight"].astype(np.float32), weights[f"{name}.bias"].astype(np.float32)) for name in LAYERS]
        self.scored = 0  # candidates so far: what the work grows with

    @classmethod
    def load(cls, path: Path) -> Scorer:
        """The scorer of a weights file; raises ModelError when it is none."""
        weights = load_file(path)
        missing = [f"{name}.{part}" for name in LAYERS for part in ("weight", "bias") if f"{name}.{part}" not in weights]
        if missing:
            raise ModelError(f"{path}: no weights of a claimer scorer ({missing[0]} is not there): run 'make train-claimers'")
        return cls(weights)

    def choose(self, scene: Scene, anaphor: Anaphor) -> tuple[Candidate | None, float]:
        """The likeliest candidate, or None for nobody, with its probability."""
        candidates = candidates_for(scene, anaphor)
        if not candidates:
            return None, 1.0
        self.scored += len(candidates)
        probability = self.probabilities(features(scene, anaphor, candidates))
        best = int(probability.argmax())
        return (candidates[best] if best < len(candidates) else None), float(probability[best])

    def probabilities(self, rows: Array) -> Array:
        """Probability of each row (candidates, then nobody), by the mean of the networks' scores."""
        hidden = rows[np.newaxis]
        for n, (weight, bias) in enumerate(self.layers):
            hidden = hidden @ weight.transpose(0, 2, 1) + bias[:, np.newaxis]
            if n < len(self.layers) - 1:
                hidden = np.maximum(hidden, 0.0)
        scores = hidden[:, :, 0].mean(axis=0)
        exponent = np.exp(scores - scores.max())
        return np.asarray(exponent / exponent.sum(), dtype=np.float32)
