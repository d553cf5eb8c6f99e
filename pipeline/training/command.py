"""What every training command shares: its arguments, and how it begins."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import torch

from pipeline.memory import keep_freed_memory


def recipe_parser(description: str | None, epochs: int, minutes: float, rate: float) -> argparse.ArgumentParser:
    """Arguments of a recipe with their defaults: where data, gold and output lie, and how long and at what rate it trains."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--gold", type=Path, nargs="*", default=[])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=epochs)
    parser.add_argument("--minutes", type=float, default=minutes)
    parser.add_argument("--rate", type=float, default=rate)
    return parser


def begin(seed: int, threads: int = 2) -> None:
    """Log with times, on so many threads, with weights and dropout drawn from a seed."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    keep_freed_memory()
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
