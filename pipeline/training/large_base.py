"""Pack the large encoder: ``python -m pipeline.training.large_base --encoder DIR --out FILE``.

Its matrices in four bits (Q4_0), without what no network reads. ``models/large-encoder`` has it; every large network is trained over it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from safetensors.torch import load_file, save_file

from pipeline.encoder import check_hash
from pipeline.packing import pack

SHA256 = "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"
NOT_READ = ("pooler.", "embeddings.position_ids")


def write_base(folder: Path, path: Path) -> None:
    """Pack the encoder in ``folder`` into ``path``; raises EncoderError when it is not all-mpnet-base-v2."""
    weights = folder / "model.safetensors"
    check_hash(weights, SHA256, "give a folder of all-mpnet-base-v2 (docs/data.md)")
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(pack({k: v for k, v in load_file(weights).items() if not k.startswith(NOT_READ)}, "Q4_0"), path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", type=Path, required=True, help="folder of all-mpnet-base-v2")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    write_base(arguments.encoder, arguments.out)


if __name__ == "__main__":
    main()
