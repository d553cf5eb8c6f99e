"""``make bench``: throughput of each part on the sample corpus and, on one core, of the gate, as ratios within one run."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch

from pipeline.config import load_config
from pipeline.encoder import encoder_config, encoder_weights
from pipeline.ingest.gate import TopicGate
from pipeline.ledger import Ledger
from pipeline.models import model_file
from pipeline.reader.read import Reader
from pipeline.run import Runner

CORPUS = Path(__file__).parents[1] / "corpus" / "news"


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _bare_encoder(texts: list[str], reader: Reader) -> Callable[[], object]:
    """One pass of the plain encoder over the same pieces in windows of 254, without heads, overlap or decoding."""
    from transformers import BertModel

    model = BertModel(encoder_config(attention="sdpa"), add_pooling_layer=False)
    model.load_state_dict(encoder_weights())
    model.eval()
    ids = [i for text in texts for i in reader.tokenizer.encode(text, add_special_tokens=False).ids]
    windows = torch.tensor(ids[: len(ids) // 254 * 254]).view(-1, 254)

    def work() -> None:
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
            for batch in windows.split(32):
                model(input_ids=batch)

    return work


def main() -> None:
    config = load_config()
    with tempfile.TemporaryDirectory() as folder:
        outputs = Path(folder) / "out"
        first = Runner(config, outputs).run([str(CORPUS)])
        again = _seconds(lambda: Runner(config, outputs).run([str(CORPUS)]))
        texts = [t for t in Ledger.open(outputs).table("articles")["text"].to_pylist()]
    words, size = sum(len(t.split()) for t in texts), sum(len(t.encode()) for t in texts)
    reader = Reader(model_file(config.entities.reader, "weights.safetensors"))
    reader.read(texts[:4])
    read, bare = _seconds(lambda: reader.read(texts)), _seconds(_bare_encoder(texts, reader))
    gate = TopicGate(config.topics)
    gated = _seconds(lambda: [gate.topics_of(None, t) for t in texts * 20])
    total = sum(first.seconds.values())
    lines = [f"sample corpus: {len(texts)} articles, {words:,} words"]
    lines += [f"  {stage:<12}{seconds:8.2f} s {seconds / total:7.1%} of the run" for stage, seconds in first.seconds.items()]
    lines += [
        f"  run again without change: {again / total:.1%} of the first run",
        f"reader: {words / read:,.0f} words/s; {read / bare:.2f} times one bare pass of the encoder",
        f"gate: {size * 20 / gated / 1e6:.0f} MB/s; {gated / 20 / read:.3%} of the reader's time",
    ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
