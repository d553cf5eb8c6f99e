"""Put a trained model among the bundled ones: ``python -m pipeline.training.ship NAME FOLDER``.

Copies the weights in FOLDER to ``models/NAME``, matrices in eight bits where they are not packed yet, and pins the hashes of all bundled
weights in ``models/models.toml``. Score the model as it lies there before you commit it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from pipeline.errors import ModelError
from pipeline.ids import file_hash
from pipeline.models import models_folder
from pipeline.packing import pack

HEAD = "# The bundled models: a folder each, with the SHA-256 of every file that is loaded.\n"


def ship(folder: Path, target: Path) -> None:
    """Copy a folder's weights to ``target``, packed, in place of what lies there; raises ModelError when there are none."""
    found = sorted(folder.glob("*.safetensors"))
    if not found:
        raise ModelError(f"{folder}: no *.safetensors there: train the model first, or give the folder that its recipe names")
    states = {path.name: load_file(path) for path in found}
    target.mkdir(parents=True, exist_ok=True)
    for old in target.glob("*.safetensors"):
        old.unlink()
    for name, state in states.items():
        packed = any(tensor.dtype == torch.uint8 for tensor in state.values())
        save_file(state if packed else pack(state, "Q8_0"), target / name)
        (target / name).chmod(0o644)


def pins(models: Path) -> str:
    """The text of ``models.toml`` for the weights that lie in ``models``."""
    sections = []
    for folder in sorted(p for p in models.iterdir() if p.is_dir()):
        lines = [f'"{p.name}" = "{file_hash(p)}"\n' for p in sorted(folder.glob("*.safetensors"))]
        sections.append(f"\n[{folder.name}.sha256]\n{''.join(lines)}")
    return HEAD + "".join(sections)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("folder", type=Path)
    a = parser.parse_args()
    models = models_folder()
    ship(a.folder, models / a.name)
    (models / "models.toml").write_text(pins(models), encoding="utf-8")


if __name__ == "__main__":
    main()
