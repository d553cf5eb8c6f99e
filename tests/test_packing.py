"""Weights in few bits, and how they come among the bundled models."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from pipeline.errors import ModelError
from pipeline.packing import Format, pack, read_weights
from pipeline.training.ship import pins, ship


@pytest.mark.parametrize(("form", "bytes_a_row", "error"), [("Q8_0", 272, 0.01), ("Q4_0", 144, 0.12)])
def test_packed_weights_are_near_the_original(form: Format, bytes_a_row: int, error: float, tmp_path: Path) -> None:
    torch.manual_seed(1)
    state = {"wide.weight": torch.randn(128, 256), "wide.bias": torch.randn(128), "narrow.weight": torch.randn(3, 256)}
    packed = pack(state, form)
    assert packed[f"wide.weight.{form}"].shape == (128, bytes_a_row)
    save_file(packed, tmp_path / "weights.safetensors")
    read = read_weights(tmp_path / "weights.safetensors")
    assert set(read) == set(state)
    assert all(tensor.dtype == torch.float32 for tensor in read.values())
    difference = (read["wide.weight"] - state["wide.weight"]).norm() / state["wide.weight"].norm()
    assert 0 < difference < error
    assert torch.equal(read["wide.bias"], state["wide.bias"].half().float())
    assert torch.equal(read["narrow.weight"], state["narrow.weight"].half().float())


def test_shipped_weights_are_packed_once_and_pinned(tmp_path: Path) -> None:
    trained, models = tmp_path / "trained", tmp_path / "models"
    trained.mkdir()
    save_file({"a.weight": torch.randn(128, 256)}, trained / "weights.safetensors")
    (models / "stance").mkdir(parents=True)
    save_file({"old": torch.zeros(1)}, models / "stance" / "replaced.safetensors")
    ship(trained, models / "stance")
    shipped = load_file(models / "stance" / "weights.safetensors")
    assert set(shipped) == {"a.weight.Q8_0"}
    ship(models / "stance", models / "again")
    assert torch.equal(load_file(models / "again" / "weights.safetensors")["a.weight.Q8_0"], shipped["a.weight.Q8_0"])
    pinned = tomllib.loads(pins(models))
    assert set(pinned) == {"again", "stance"}
    assert pinned["stance"]["sha256"].keys() == {"weights.safetensors"}


def test_a_folder_without_weights_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="train the model first"):
        ship(tmp_path, tmp_path / "models")
