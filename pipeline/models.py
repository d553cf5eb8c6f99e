"""Find the models: bundled and pinned by hash, in a folder, or on the Hugging Face hub."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.config import Config
from pipeline.encoder import PACKAGE, SHA256
from pipeline.errors import ModelError
from pipeline.ids import file_hash

LARGE_ENCODER = "large-encoder"  # the bundled one that large networks are trained over
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+(?:@[\w.-]+)?")


def models_folder() -> Path:
    """Where the bundled models lie: in the installed package, or beside it in a checkout."""
    package = Path(__file__).parent
    inside = package / "_models"
    return inside if inside.is_dir() else package.parent / "models"


@cache
def model_folder(name: str) -> Path:
    """Folder of the model ``name``: an entry of ``models.toml``, a local path, or ``owner/model[@revision]`` of the hub.

    Raises ModelError when it is not there or, for a bundled model, when a file's hash is not the pinned one.
    """
    pinned = _pins().get(name)
    if pinned is not None:
        folder = models_folder() / name
        _verify(folder, pinned["sha256"])
        return folder
    if Path(name).is_dir():
        return Path(name)
    if _HUB_ID.fullmatch(name):
        return _from_hub(name)
    raise ModelError(
        f"model {name!r} is none of the bundled ones ({', '.join(sorted(_pins()))}), no folder, and no Hugging Face id (owner/model)"
    )


def model_file(name: str, file: str) -> Path:
    """One file of a model; raises ModelError when the model lacks it."""
    path = model_folder(name) / file
    if not path.is_file():
        raise ModelError(f"{path}: the model has no such file; the recipes that make models are in the Makefile ('make help')")
    return path


def revisions(config: Config) -> dict[str, str]:
    """What identifies the models of a configuration: pinned hashes, or the name as configured."""
    chosen = {
        "reader": config.entities.reader,
        "claimers": config.entities.claimers,
        "stance": config.stance.model,
        **({"stance_large": config.stance.large_model} if config.stance.large_model else {}),
        "linking": config.linking.model,
        "large_encoder": LARGE_ENCODER,
    }
    return {"encoder": f"{PACKAGE}:{SHA256[:16]}", **{role: revision(name) for role, name in chosen.items()}}


def revision(name: str) -> str:
    """A bundled model's hashes, or for a folder the hash of its weights, or the hub's id with its revision."""
    pinned = _pins().get(name)
    if pinned is not None:
        return f"{name}:{'-'.join(h[:12] for _, h in sorted(pinned['sha256'].items()))}"
    if Path(name).is_dir():
        found = [file_hash(p)[:12] for p in sorted(Path(name).glob("*.safetensors"))]
        return f"{name}:{'-'.join(found)}"
    return name


@cache
def _pins() -> dict[str, Any]:
    path = models_folder() / "models.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(f"{path}: the list of models is missing: install claimledger again") from error


def _verify(folder: Path, hashes: dict[str, str]) -> None:
    for file, expected in hashes.items():
        path = folder / file
        if not path.is_file():
            raise ModelError(f"{path}: missing: install claimledger again, or make it by its recipe ('make help')")
        if file_hash(path) != expected:
            raise ModelError(f"{path}: its SHA-256 is not the one in models.toml: restore the file, or pin the new hash there")


def _from_hub(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    repository, _, wanted = name.partition("@")
    try:
        return Path(snapshot_download(repository, revision=wanted or None, allow_patterns=["*.safetensors", "*.json", "*.txt", "*.toml"]))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise ModelError(f"model {name!r} cannot be had from the Hugging Face hub: {error}") from error
