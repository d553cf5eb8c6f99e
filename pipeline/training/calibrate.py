"""Make a trained model's scores probabilities: ``python -m pipeline.training.calibrate reader|stance|stance-large FOLDER GOLD...``.

Fits two numbers for the reader (slope and offset of its scores' logits) and one for the stance model (a temperature, folded into its
last layer) on gold that was not trained on, and writes them into ``FOLDER/weights.safetensors``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from scipy.optimize import minimize, minimize_scalar

from pipeline.evaluate.reader_model import judged_attributions
from pipeline.evaluate.stance_model import judge_gold
from pipeline.gold.records import read_jsonl
from pipeline.reader.read import Reader
from pipeline.stance.judge import Judge, large_network, small_network
from pipeline.stance.network import StanceNetwork
from pipeline.tables import STANCES
from pipeline.training.stance import all_topics

RESTRAINT = [1.0, 0.0]  # by convention; on gold dev 1.0 finds 2 points more of the claims at 2 points less precision


def fit_logistic(features: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights of the features (n, k) and an offset, (k + 1,), of the greatest likelihood."""
    columns = np.column_stack([features, np.ones(len(features))])

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        value = columns @ weights
        gap = 1 / (1 + np.exp(-value)) - right
        return float(np.mean(np.logaddexp(0, value) - right * value)), columns.T @ gap / len(right)

    found: NDArray[np.float64] = minimize(loss, np.zeros(columns.shape[1]), jac=True, method="L-BFGS-B").x
    return found


def fit_temperature(probabilities: NDArray[np.float64], gold: NDArray[np.int64]) -> float:
    """Temperature of the greatest likelihood (Guo et al., 2017) for probabilities (n, labels)."""
    logits = np.log(np.clip(probabilities, 1e-9, 1))

    def loss(log_temperature: float) -> float:
        scaled = logits / np.exp(log_temperature)
        normal = np.logaddexp.reduce(scaled, axis=1)
        return float(np.mean(normal - scaled[np.arange(len(gold)), gold]))

    return float(np.exp(minimize_scalar(loss, bounds=(-2.0, 2.0), method="bounded").x))


def calibrate_reader(weights: Path, records: Sequence[dict[str, Any]]) -> str:
    """Fit on ``records`` (exhaustive gold) and write; what was fitted, in words."""
    reader, texts = Reader(weights), [r["text"] for r in records]
    reader.network.restraint.copy_(torch.tensor(RESTRAINT))
    features, right = [], np.zeros(0)
    for alone in ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]):  # scores that are the cue's, then the content's
        reader.network.calibration.copy_(torch.tensor(alone))
        scores, right = judged_attributions(records, reader.read(texts))
        features.append(np.log(scores / (1 - scores)))
    fitted = fit_logistic(np.column_stack(features), right)
    found = {"restraint": torch.tensor(RESTRAINT), "calibration": torch.from_numpy(fitted).float()}
    save_file({**load_file(weights), **found}, weights)
    return "cue {:.3f}, content {:.3f}, offset {:.3f}".format(*fitted)


def calibrate_stance(weights: Path, network: StanceNetwork, records: Sequence[dict[str, Any]]) -> str:
    """Fit on ``records``, by what ``network`` makes of them, and divide the stance head by the temperature; what was fitted, in words."""
    cases = [c for c in judge_gold(records, Judge([network], all_topics())) if c.about]
    temperature = fit_temperature(np.asarray([c.judged.stance for c in cases]), np.asarray([STANCES.index(c.stance or "") for c in cases]))
    state = load_file(weights)
    scaled = {k: (state[k].float() / temperature).half() for k in ("stance.weight", "stance.bias")}
    save_file({**state, **scaled}, weights)
    return f"temperature {temperature:.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", choices=["reader", "stance", "stance-large"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("gold", type=Path, nargs="+")
    arguments = parser.parse_args()
    records = [r for path in arguments.gold for r in read_jsonl(path)]
    weights = arguments.folder / "weights.safetensors"
    if arguments.model == "reader":
        fitted = calibrate_reader(weights, records)
    elif arguments.model == "stance":
        fitted = calibrate_stance(weights, small_network(weights), records)
    else:
        fitted = calibrate_stance(weights, large_network(arguments.folder / "base.safetensors", weights), records)
    sys.stdout.write(fitted + "\n")


if __name__ == "__main__":
    main()
