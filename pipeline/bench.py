"""``make bench``: throughput of each part on the sample corpus and, on one core, of ingest, as ratios within one run."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import torch
import trafilatura

from pipeline.config import load_config
from pipeline.encoder import encoder_config, encoder_weights
from pipeline.ingest.discover import InputFile, find_inputs
from pipeline.ingest.gate import TopicGate
from pipeline.ingest.maintext import page_record
from pipeline.ingest.records import RawRecord
from pipeline.ingest.stage import read_file, settings_of
from pipeline.ledger import Ledger
from pipeline.models import model_file
from pipeline.precision import mixed_precision
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
        with torch.inference_mode(), mixed_precision():
            for batch in windows.split(32):
                model(input_ids=batch)

    return work


def _cpu(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _ingest_lines(texts: list[str], folder: Path) -> list[str]:
    """Files through the gate and pages beside the bare library, in megabytes and pages a second of one core."""
    settings = settings_of(load_config())
    gate = TopicGate(settings.topics)
    many = [{"id": f"{i}-{j}", "text": f"{text} {i}"} for i in range(60) for j, text in enumerate(texts)]
    size = 60 * sum(len(text.encode()) for text in texts) / 1e6
    (folder / "a.jsonl").write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in many), encoding="utf-8")
    pq.write_table(pa.Table.from_pylist(many), folder / "a.parquet")
    lines = []
    for name in ("a.jsonl", "a.parquet"):
        (file,), _ = find_inputs([str(folder / name)])

        def through_the_gate(file: InputFile = file) -> None:
            for record in read_file(file, settings):
                if isinstance(record, RawRecord):
                    gate.topics_of(record.title, record.text)

        lines.append(f"ingest: {size / _cpu(through_the_gate):.0f} MB/s of text read from {name[2:]} and through the gate")
    pages = [path.read_bytes() for path in sorted((CORPUS / "pages").glob("*.html"))] * 4
    ours, bare = _cpu(lambda: [page_record(p, "", "", None) for p in pages]), _cpu(lambda: [trafilatura.extract(p) for p in pages])
    lines.append(f"pages: {len(pages) / ours:.0f} a second; trafilatura alone {len(pages) / bare:.0f} on the same pages")
    return lines


def _memory_lines(folder: Path) -> list[str]:
    """Peak memory by corpus size. To be measured first: a process starts with its parent's peak for its own."""
    lines = []
    for suffix in ("jsonl", "parquet"):
        peaks = [f"{number:,}: {_peak(_many_articles(number, folder, suffix)):.0f} MB" for number in (1_000, 10_000, 100_000)]
        lines.append(f"ingest, peak memory by number of small articles in {suffix}: {'; '.join(peaks)}")
    return lines


def _many_articles(number: int, folder: Path, suffix: str) -> Path:
    """A file of so many articles, all different."""
    path = folder / f"{number}.{suffix}"
    rows = (
        {
            "id": str(i),
            "text": f"The tariff of case {i} stays, the ministry said on Friday. {' '.join(f'w{i * 7919 % 10_007}x{j}' for j in range(45))}",
            "language": "en",
        }
        for i in range(number)
    )
    if suffix == "parquet":
        pq.write_table(pa.Table.from_pylist(list(rows)), path)
    else:
        with path.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
    return path


def _peak(path: Path) -> float:
    """Peak memory of a process that ingests the file."""
    code = (
        "import resource, sys; from pathlib import Path; from pipeline.config import parse_config; from pipeline.run import Runner; "
        "Runner(parse_config({}), Path(sys.argv[2])).ingest([sys.argv[1]]); print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path), f"{path}.out"], capture_output=True, text=True, check=True)
    return int(done.stdout.split()[-1]) / 1000


def main() -> None:
    config = load_config()
    with tempfile.TemporaryDirectory() as folder:
        outputs = Path(folder) / "out"
        of_memory = _memory_lines(Path(folder))
        first = Runner(config, outputs).run([str(CORPUS)])
        again = _seconds(lambda: Runner(config, outputs).run([str(CORPUS)]))
        small = replace(config, stance=replace(config.stance, large_model=""))
        without = Runner(small, outputs).run([str(CORPUS)])
        texts = [t for t in Ledger.open(outputs).table("articles")["text"].to_pylist()]
        of_ingest = _ingest_lines(texts, Path(folder))
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
        f"  stance: {first.seconds['stance'] / without.seconds['stance']:.1f} times what it takes without the large network",
        f"reader: {words / read:,.0f} words/s; {read / bare:.2f} times one bare pass of the encoder",
        f"gate: {size * 20 / gated / 1e6:.0f} MB/s; {gated / 20 / read:.3%} of the reader's time",
        *of_ingest,
        *of_memory,
    ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
