"""``make bench-linking``: claim linking at scale, on claims recombined from the short pieces: seconds by part, growth, peak memory.

``python -m pipeline.bench_linking SIZE...``; each size is linked from nothing and then once more with 1% of its claims added. With
``--vectors-of N`` only N claims' vectors are worked out by the network, and the others' are made of these by adding noise: what
takes hours at a million claims grows with their number alone, as the smaller sizes show.
"""

from __future__ import annotations

import argparse
import random
import re
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.config import load_config
from pipeline.gold.records import read_jsonl
from pipeline.ids import content_id
from pipeline.linking import relate
from pipeline.linking.stage import Linking
from pipeline.linking.vectorizer import Vectorizer
from pipeline.stage import Shard
from pipeline.tables import ARTICLES, CLAIMS, STANCES_TABLE

BRIEFS = Path(__file__).parents[1] / "corpus" / "briefs" / "train.jsonl"
CLAIMS_AN_ARTICLE = 8
BLOCK = 20_000  # claims that are made at once
NOISE = 0.6  # length of what is added to a unit vector


def make_claims(number: int, seed: int = 1) -> Shard:
    """So many claims, all different, of articles with CLAIMS_AN_ARTICLE each: contents of one event's claims with other figures,
    every third followed by a part of another claim's."""
    rng = random.Random(seed)
    records = [r for r in read_jsonl(BRIEFS) if any(c["topics"] for c in r["claims"])]
    parts: dict[str, list[pa.Table]] = {"articles": [], "claims": [], "stances": []}
    for start in range(0, number, BLOCK):
        rows: dict[str, list[dict]] = {name: [] for name in parts}
        for first in range(start, min(start + BLOCK, number), CLAIMS_AN_ARTICLE):
            record = rng.choice(records)
            article = content_id("a", first, seed)
            rows["articles"].append({"article_id": article, "title": _refigured(record["title"], rng)})
            for i in range(first, min(first + CLAIMS_AN_ARTICLE, start + BLOCK, number)):
                _add_claim(rows, content_id("c", i, seed), article, record, rng)
        parts["articles"].append(
            pa.Table.from_pylist(rows["articles"], schema=pa.schema([ARTICLES.schema.field(n) for n in ("article_id", "title")]))
        )
        parts["claims"].append(pa.Table.from_pylist(rows["claims"], schema=CLAIMS.schema))
        parts["stances"].append(pa.Table.from_pylist(rows["stances"], schema=STANCES_TABLE.schema))
    return {name: pa.concat_tables(found) for name, found in parts.items()}


def _add_claim(rows: dict[str, list[dict]], claim_id: str, article: str, record: dict, rng: random.Random) -> None:
    claim = rng.choice([c for c in record["claims"] if c["topics"]])
    content = _refigured(_content(record, claim), rng)
    if rng.random() < 1 / 3:
        other = _content(record, rng.choice(record["claims"])).split()
        content += " and " + " ".join(other[rng.randrange(len(other)) :])
    name = rng.choice(record["claims"])["claimer_name"] or "An official"
    context = f"{name} said {content} ({rng.randrange(10_000_000)})."
    begin = len(name) + 6
    values = {
        "claim_id": claim_id, "article_id": article, "claimer_text": name, "claimer_id": content_id("e", name), "claimer_name": name, "content": content,
        "content_spans": [{"start": begin, "end": begin + len(content)}], "context": context, "form": "indirect", "polarity": "affirms", "score": 0.9,
    }  # fmt: skip
    rows["claims"].append({field: values.get(field) for field in CLAIMS.schema.names})
    for topic in claim["topics"]:
        stance = {
            "claim_id": claim_id,
            "topic": topic,
            "stance": claim["stance"][topic],
            "p_favor": 0.3,
            "p_against": 0.3,
            "p_neutral": 0.4,
        }
        rows["stances"].append({**stance, "imposer": claim["imposer"].get(topic), "relevance": 0.9})


def _content(record: dict, claim: dict) -> str:
    return " ".join(record["text"][start:end] for start, end in claim["content"])


def _refigured(text: str, rng: random.Random) -> str:
    """The text with other figures."""
    return re.sub(r"\d+", lambda _: str(rng.randrange(1, 99)), text)


@contextmanager
def few_vectors(number: int) -> Iterator[None]:
    """Within, the network gives no more than so many vectors in all; the others are these with noise."""
    embed = Vectorizer.embed
    known: list[NDArray[np.float32]] = []
    noise = np.random.default_rng(7)

    def embed_few(self: Vectorizer, claims: list) -> NDArray[np.float32]:
        have = sum(len(k) for k in known)
        if have < number:
            known.append(embed(self, claims[: number - have]))
        made = np.concatenate(known)[noise.integers(0, sum(len(k) for k in known), len(claims))]
        made = made + NOISE * noise.normal(size=made.shape).astype(np.float32) / np.sqrt(made.shape[1])
        return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)

    with mock.patch.object(Vectorizer, "embed", embed_few):
        yield


@contextmanager
def timed(seconds: dict[str, float]) -> Iterator[None]:
    """Within, the parts of linking add their seconds to ``seconds``."""

    def watch(module: object, name: str, part: str) -> mock._patch:
        function = getattr(module, name)

        def watched(*arguments: object, **named: object) -> object:
            started = time.perf_counter()
            found = function(*arguments, **named)
            seconds[part] = seconds.get(part, 0.0) + time.perf_counter() - started
            return found

        return mock.patch.object(module, name, watched)

    with (
        watch(relate, "vectors_of", "vectors"),
        watch(relate, "candidate_pairs", "neighbours"),
        watch(relate, "scores_of", "close reading"),
    ):
        yield


def link(shard: Shard, folder: Path, closely: int) -> str:
    """Link and say how long what took."""
    config = load_config()
    config = replace(config, linking=replace(config.linking, closely=closely))
    seconds: dict[str, float] = {}
    started = time.perf_counter()
    with timed(seconds):
        made = Linking(config, folder)(shard)
    total = time.perf_counter() - started
    seconds["rest"] = total - sum(seconds.values())
    parts = ", ".join(f"{part} {value:.1f}" for part, value in seconds.items())
    found = f"{len(set(made['propositions']['proposition_id'].to_pylist())):,} propositions, {made['links'].num_rows:,} links"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return f"{len(shard['claims']):,} claims: {total:.1f} s ({parts}); {found}; peak {peak:.2f} GB\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", type=int, nargs="+")
    parser.add_argument("--vectors-of", type=int, help="work out the vectors of no more than so many claims")
    parser.add_argument("--closely", type=int, default=load_config().linking.closely)
    arguments = parser.parse_args()
    for size in arguments.sizes:
        whole = make_claims(size + size // 100)
        first = {name: _of_first(table, whole["claims"], size) for name, table in whole.items()}
        with tempfile.TemporaryDirectory() as folder, few_vectors(arguments.vectors_of) if arguments.vectors_of else nullcontext():
            for shard, step in ((first, "from nothing"), (whole, "with 1% more")):
                sys.stdout.write(f"{step}: {link(shard, Path(folder), arguments.closely)}")
                sys.stdout.flush()


def _of_first(table: pa.Table, claims: pa.Table, size: int) -> pa.Table:
    """A table's rows that belong to the first so many claims."""
    ids = claims["claim_id"].slice(0, size).combine_chunks()
    return table.filter(pc.is_in(table["claim_id"], ids)) if "claim_id" in table.column_names else table


if __name__ == "__main__":
    main()
