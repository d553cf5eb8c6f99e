"""Make a trained model's scores probabilities: ``python -m pipeline.training.calibrate reader|stance|stance-large|linking FOLDER GOLD...``.

Fits two numbers for the reader (slope and offset of its scores' logits) and one for the stance model (a temperature, folded into its
last layer) on gold that was not trained on, and writes them into ``FOLDER/weights.safetensors``; for linking, what each kind of evidence
counts, into ``FOLDER/evidence.safetensors``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from scipy.optimize import minimize, minimize_scalar

from pipeline.config import LinkingConfig, StanceConfig
from pipeline.evaluate.linking_model import gold_tables
from pipeline.evaluate.reader_model import judged_attributions
from pipeline.evaluate.stance_model import judge_gold
from pipeline.gold.records import OPPOSITIONS_FILE, read_jsonl, read_oppositions
from pipeline.linking.candidates import PlacedVectors, article_numbers, candidate_pairs
from pipeline.linking.evidence import FEATURES, Evidence, Weights
from pipeline.linking.vectorizer import Vectorizer
from pipeline.reader.read import Reader
from pipeline.stance.judge import Judge, large_network, load_networks, small_network
from pipeline.stance.network import StanceNetwork
from pipeline.tables import STANCES
from pipeline.training.linking import GoldClaim, gold_claims
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


def _known(a: GoldClaim, b: GoldClaim) -> bool:
    """Whether the gold says how two claims relate: where propositions are those of an article, of claims of one article only."""
    return a.event == b.event or (a.event != a.article and b.event != b.article)


def fit_evidence(folder: Path, gold: Sequence[Path]) -> str:
    """Fit the weights of what speaks for two claims being the same or opposed on the pairs that a run would compare, with the stances and
    imposers that the bundled networks give them; what was fitted, in words. The propositions of a gold file without oppositions beside it
    are those of an article."""
    claims, records, opposed = list[GoldClaim](), list[dict[str, Any]](), set[frozenset[str]]()
    for path in gold:
        across, found = (path.parent / OPPOSITIONS_FILE).is_file(), list(read_jsonl(path))
        claims += gold_claims(found, across)
        records += found
        opposed |= read_oppositions(path) if across else set()
    cases = [c for c in judge_gold(records, Judge(load_networks(StanceConfig()), all_topics())) if c.about and c.proposition]
    rows, stances = gold_tables(claims)
    if [c.topic for c in cases] != stances["topic"].to_pylist():
        raise ValueError(
            "the gold's claims and the judged ones are not the same: give gold in which every claim on a topic has a proposition"
        )
    judged = {f"p_{label}": [c.judged.stance[i] for c in cases] for i, label in enumerate(STANCES)}
    judged["imposer"] = pa.array([c.judged.imposer for c in cases], pa.string())
    for name, values in judged.items():
        stances = stances.set_column(stances.schema.get_field_index(name), name, pa.array(values))
    vectorizer = Vectorizer.load(folder / "vectors.safetensors")
    vectors = vectorizer.embed([c.link for c in claims]).astype(np.float16)
    placed = PlacedVectors(vectors, article_numbers(rows))
    with tempfile.TemporaryDirectory() as cache:
        pairs = candidate_pairs(rows, stances, placed, rows["claim_id"].to_pylist(), LinkingConfig().neighbours, Path(cache))
    pairs = pairs[[_known(claims[a], claims[b]) for a, b in pairs.tolist()]]
    evidence = Evidence(rows, stances, placed).of(pairs, vectorizer.relate(vectors, pairs))
    propositions = [frozenset(claims[i].proposition for i in pair) for pair in pairs.tolist()]
    fitted = Weights(*(fit_logistic(evidence, np.asarray(label, dtype=np.float64)) for label in (
        [len(p) == 1 for p in propositions], [p in opposed for p in propositions],
    )))  # fmt: skip
    fitted.save(folder / "evidence.safetensors")
    lines = [
        f"{name}: same {a:.2f}, opposed {b:.2f}" for name, a, b in zip((*FEATURES, "offset"), fitted.same, fitted.opposed, strict=True)
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", choices=["reader", "stance", "stance-large", "linking"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("gold", type=Path, nargs="+")
    arguments = parser.parse_args()
    records = [r for path in arguments.gold for r in read_jsonl(path)]
    weights = arguments.folder / "weights.safetensors"
    if arguments.model == "reader":
        fitted = calibrate_reader(weights, records)
    elif arguments.model == "linking":
        fitted = fit_evidence(arguments.folder, arguments.gold)
    elif arguments.model == "stance":
        fitted = calibrate_stance(weights, small_network(weights), records)
    else:
        fitted = calibrate_stance(weights, large_network(weights), records)
    sys.stdout.write(fitted + "\n")


if __name__ == "__main__":
    main()
