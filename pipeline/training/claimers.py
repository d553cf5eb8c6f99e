"""Train the claimer scorer: whom a pronoun or a description means, from GUM's coreference, GAP and the gold.

Example: python -m pipeline.training.claimers --data ../shared/data --gold corpus/gold/train.jsonl --out build/claimers
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor, nn

from pipeline.claimers.antecedents import Anaphor, Candidate, candidates_for, class_of_pronoun, features
from pipeline.claimers.claimer import Claimers
from pipeline.claimers.descriptions import head_noun, is_definite, is_pronoun, kind_of
from pipeline.claimers.knowledge import KnowledgeBase, load_knowledge_base
from pipeline.claimers.scene import Scene
from pipeline.claimers.types import ArticleFacts
from pipeline.evaluate.claims import normalise_name
from pipeline.gold.records import read_jsonl
from pipeline.models import model_file
from pipeline.reader.read import AttributionSpan, EntitySpan, Reader, Reading
from pipeline.text import Span

HIDDEN = (48, 24)
STEPS, BATCH, RATE, DECAY, DROPOUT = 8000, 32, 2e-3, 1e-2, 0.2
MISSED = 6  # of how many claims one is learned from without its source, too
MEMBERS = 4  # networks trained apart, whose scores are averaged
DESCRIPTIONS = ("PERSON", "ORG", "DOC", "GROUP")
_THIRD = {"he", "him", "his", "she", "her", "hers", "they", "them", "their", "it", "its"}


@dataclass(frozen=True)
class Example:
    """Features of one anaphor's candidates (the last row is "nobody") and which of them are right."""

    rows: NDArray[np.float32]
    right: NDArray[np.bool_]
    cls: str
    weight: float
    group: str


class Network(nn.Module):
    """Scores rows of features."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second, self.last = nn.Linear(width, HIDDEN[0]), nn.Linear(*HIDDEN), nn.Linear(HIDDEN[1], 1)
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, rows: Tensor) -> Tensor:
        hidden = self.dropout(torch.relu(self.first(rows)))
        return self.last(torch.relu(self.second(hidden))).squeeze(-1)


def gold_examples(records: Iterable[Mapping[str, Any]], readings: Mapping[str, Reading], knowledge: KnowledgeBase) -> Iterator[Example]:
    """Pronouns, pointed descriptions and sourceless claims of the gold, with everybody who spoke before under the gold's names."""
    for record in records:
        attributions = tuple(attribution_of(c) for c in record["claims"])
        reading = Reading(readings[record["article_id"]].entities, attributions)
        scene = Scene(facts_of(record), reading, knowledge)
        finder = Claimers(scene, None)
        order = sorted(range(len(attributions)), key=lambda i: _place(attributions[i]))
        for i in order:
            name, at = record["claims"][i]["claimer_name"], _place(attributions[i])
            anaphor = _anaphor(scene.text, attributions[i])
            if anaphor is not None:
                yield from _named_example(scene, finder, anaphor, name, record["article_id"])
            if attributions[i].source is not None and i % MISSED == 0:  # as if the reader had missed the source
                place = (attributions[i].cue or attributions[i].content[0])[0]
                yield from _named_example(scene, finder, Anaphor("nobody", place), name, record["article_id"])
            scene.spoke(at, _speaker(scene, finder, attributions[i], name))


def attribution_of(claim: Mapping[str, Any]) -> AttributionSpan:
    spans = {part: tuple(claim[part]) if claim[part] else None for part in ("cue", "claimer")}
    return AttributionSpan(tuple((s, e) for s, e in claim["content"]), spans["cue"], spans["claimer"], 1.0)  # type: ignore[arg-type]


def _place(attribution: AttributionSpan) -> int:
    return (attribution.source or attribution.cue or attribution.content[0])[0]


def facts_of(record: Mapping[str, Any]) -> ArticleFacts:
    """What resolution may know of a gold record."""
    published = str(record.get("published") or "")[:10]
    day = date.fromisoformat(published) if len(published) == 10 else None
    return ArticleFacts(record["article_id"], record["text"], record.get("title"), record.get("publisher") or record.get("outlet"), day)


def _anaphor(text: str, attribution: AttributionSpan) -> Anaphor | None:
    """The anaphor that a claim's source is, if it is one."""
    if attribution.source is None:
        return Anaphor("nobody", _place(attribution))
    words = " ".join(text[slice(*attribution.source)].split()).strip(' ,;:“”"')
    if is_pronoun(words):
        return Anaphor(class_of_pronoun(words), attribution.source[0])
    kind = kind_of(head_noun(words))
    return Anaphor(kind, attribution.source[0], words) if kind in DESCRIPTIONS and is_definite(words) else None


def _speaker(scene: Scene, finder: Claimers, attribution: AttributionSpan, name: str) -> str:
    """The gold's claimer as an entity: what the rules make of the source where they agree, else a new one."""
    found = finder.resolve(attribution.source, attribution.cue) if attribution.source else None
    if found is not None and normalise_name(scene.entities[found].name) == normalise_name(name):
        return found
    same = next((i for i, e in scene.entities.items() if normalise_name(e.name) == normalise_name(name)), None)
    if same is not None:
        return same
    kind = scene.entities[found].type if found is not None else kind_of(head_noun(name)) or "PERSON"
    return scene.add(scene.local(name, kind))


def _named_example(scene: Scene, finder: Claimers, anaphor: Anaphor, name: str, group: str) -> Iterator[Example]:
    candidates = candidates_for(scene, anaphor)
    if not candidates:
        return
    names = [_name_of(scene, finder, c) for c in candidates]
    right = [normalise_name(n) == normalise_name(name) for n in names]
    kept = [i for i, c in enumerate(candidates) if right[i] or not (c.phrase and c.phrase.definite and not anaphor.words)]
    if not kept:
        return
    right = [right[i] for i in kept]
    rows = features(scene, anaphor, candidates)[[*kept, len(candidates)]]
    yield Example(rows, np.array([*right, not any(right)]), anaphor.cls, 1.0 if anaphor.cls != "nobody" else 0.1, group)


def _name_of(scene: Scene, finder: Claimers, candidate: Candidate) -> str:
    if candidate.phrase is None:
        return scene.entities[candidate.entity_id or ""].name
    span = (candidate.phrase.start, candidate.phrase.end)
    return scene.entities[finder.described.fresh(scene.text[slice(*span)], span, None)].name


def gum_examples(records: Iterable[Mapping[str, Any]], readings: Mapping[str, Reading], knowledge: KnowledgeBase) -> Iterator[Example]:
    """Third-person pronouns of GUM's coreference chains, and descriptions that take up somebody or do not."""
    for record in records:
        scene, chain_at = gum_scene(record, readings[record["id"]], knowledge)
        for anaphor, span in _gum_anaphors(record, scene):
            candidates = candidates_for(scene, anaphor)
            chain = chain_at.get(_head_index(record["tokens"], span))
            if not candidates or (chain is None and not anaphor.words):
                continue
            right = [chain is not None and bool(heads_of(scene, record["tokens"], c) & chain) for c in candidates]
            if not any(right) and (not anaphor.words or (chain is not None and min(chain) < _head_index(record["tokens"], span))):
                continue
            weight = 0.5 if not anaphor.words else 0.25
            yield Example(features(scene, anaphor, candidates), np.array([*right, not any(right)]), anaphor.cls, weight, record["id"])


def gum_scene(record: Mapping[str, Any], reading: Reading, knowledge: KnowledgeBase) -> tuple[Scene, dict[int, set[int]]]:
    """A document's scene with the speakers that were read, and for the head token of every chained mention the heads of its chain."""
    scene = Scene(ArticleFacts(record["id"], record["text"]), reading, knowledge)
    finder = Claimers(scene, None)
    for attribution in sorted(reading.attributions, key=_place):
        found = finder.resolve(attribution.source, attribution.cue) if attribution.source else None
        if found is not None:
            scene.spoke(_place(attribution), found)
    chain_at: dict[int, set[int]] = {}
    for chain in record["coref"]:
        heads = {h for span in chain if (h := _head(record["tokens"], tuple(span))) is not None}
        chain_at.update(dict.fromkeys(heads, heads))
    return scene, chain_at


def _gum_anaphors(record: Mapping[str, Any], scene: Scene) -> Iterator[tuple[Anaphor, Span]]:
    for start, end, _, xpos, *_ in record["tokens"]:
        word = record["text"][start:end].lower()
        if word in _THIRD and xpos in ("PRP", "PRP$"):
            yield Anaphor(class_of_pronoun(word), start), (start, end)
    for phrase in scene.phrases:
        if phrase.definite and phrase.kind in DESCRIPTIONS:
            yield Anaphor(phrase.kind, phrase.start, record["text"][phrase.start : phrase.end]), (phrase.start, phrase.end)


def _head(tokens: Sequence[Sequence[Any]], span: Span) -> int | None:
    """Index of the token in the span whose head lies outside it."""
    inside = [i for i, t in enumerate(tokens) if t[0] >= span[0] and t[1] <= span[1]]
    return next((i for i in inside if tokens[i][5] not in inside and tokens[i][6] != "punct"), None)


def _head_index(tokens: Sequence[Sequence[Any]], span: Span) -> int:
    found = _head(tokens, span)
    return found if found is not None else -1


def heads_of(scene: Scene, tokens: Sequence[Sequence[Any]], c: Candidate) -> set[int]:
    """Tokens in the spans of a candidate: those of its mentions, its phrase, or the place where it spoke."""
    spans = [(c.start, max(c.end, c.start + 1))]
    if c.entity_id is not None:
        spans += [s for i in scene.actors_of(c.entity_id) for s in scene.cast.actors[i].spans]
    return {i for i, t in enumerate(tokens) if any(t[0] < e and t[1] > s for s, e in spans)}


def gap_examples(records: Iterable[Mapping[str, Any]], readings: Mapping[str, Reading], knowledge: KnowledgeBase) -> Iterator[Example]:
    """GAP's pronouns: the named one is right, and where it is neither, anybody else may be."""
    for record in records:
        scene, anaphor, candidates, names = gap_case(record, readings[record["id"]], knowledge)
        if not candidates:
            continue
        wanted = record["label"]
        right = [n == wanted if wanted != "neither" else n is None for n in names]
        if any(right):
            rows = features(scene, anaphor, candidates)
            yield Example(rows, np.array([*right, wanted == "neither"]), anaphor.cls, 0.3, record["id"])


def gap_case(
    record: Mapping[str, Any], reading: Reading, knowledge: KnowledgeBase
) -> tuple[Scene, Anaphor, list[Candidate], list[str | None]]:
    """One case of GAP: scene, pronoun, candidates, and for each candidate "A", "B" or None."""
    wanted = {name: tuple(record[name.lower()]) for name in ("A", "B")}
    others = [e for e in reading.entities if not any(e.start < end and e.end > start for start, end in wanted.values())]
    people = [EntitySpan(start, end, "PERSON", 1.0) for start, end in wanted.values()]
    entities = tuple(sorted([*others, *people], key=lambda e: e.start))
    scene = Scene(ArticleFacts(record["id"], record["text"]), Reading(entities, ()), knowledge)
    anaphor = Anaphor(class_of_pronoun(record["text"][slice(*record["pronoun"])]), record["pronoun"][0])
    candidates = candidates_for(scene, anaphor)
    names: list[str | None] = []
    for c in candidates:
        spans = {s for i in scene.actors_of(c.entity_id or "") for s in scene.cast.actors[i].spans} if c.entity_id else set()
        names.append(next((name for name, span in wanted.items() if span in spans), None))
    return scene, anaphor, candidates, names


def train(examples: Sequence[Example], held: Sequence[Example], seed: int = 7) -> tuple[Network, float]:
    """A network fitted to the examples, and the share of held-out ones that it gets right."""
    torch.manual_seed(seed)
    shuffler = random.Random(seed)
    network = Network(examples[0].rows.shape[1])
    optimizer = torch.optim.AdamW(network.parameters(), RATE, weight_decay=DECAY)
    rounds = max(1, STEPS // (len(examples) // BATCH + 1))
    steps = rounds * (len(examples) // BATCH + 1)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: max(0.02, 1 - step / steps))
    for _ in range(rounds):
        order = list(range(len(examples)))
        shuffler.shuffle(order)
        network.train()
        for begin in range(0, len(order), BATCH):
            loss = _loss(network, [examples[i] for i in order[begin : begin + BATCH]])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    network.eval()
    return network, float(np.mean(list(right_of(network, held)))) if held else 0.0


def _loss(network: Network, batch: Sequence[Example]) -> Tensor:
    """Negative log probability of the right rows of each example."""
    sizes = [len(e.rows) for e in batch]
    scores = network(torch.from_numpy(np.concatenate([e.rows for e in batch]))).split(sizes)
    losses = [e.weight * (s.logsumexp(0) - s[torch.from_numpy(e.right)].logsumexp(0)) for e, s in zip(batch, scores, strict=True)]
    return torch.stack(losses).mean()


@torch.inference_mode()
def right_of(network: Network, examples: Iterable[Example]) -> Iterator[bool]:
    """Whether the best row of each example is right."""
    for e in examples:
        yield bool(e.right[int(network(torch.from_numpy(e.rows)).argmax())])


def read_texts(records: Sequence[Mapping[str, Any]], reader: Reader, key: str = "article_id") -> dict[str, Reading]:
    """Readings of records by id."""
    return {str(r[key]): reading for r, reading in zip(records, reader.read([r["text"] for r in records]), strict=True)}


def fit(examples: Sequence[Example]) -> list[Network]:
    """Networks whose scores are averaged; each is trained without another tenth of the articles, on which it is measured."""
    groups = sorted({e.group for e in examples})
    networks = []
    for member in range(MEMBERS):
        held = set(random.Random(member).sample(groups, max(1, len(groups) // 10)))
        network, share = train([e for e in examples if e.group not in held], [e for e in examples if e.group in held], member)
        sys.stdout.write(f"network {member}: {share:.3f} of the held-out anaphors right\n")
        networks.append(network)
    return networks


def save(networks: Sequence[Network], folder: Path) -> None:
    """Write the weights in half precision, the networks' one behind the other."""
    folder.mkdir(parents=True, exist_ok=True)
    states = [network.state_dict() for network in networks]
    weights = {k: torch.stack([state[k] for state in states]).detach().half().contiguous() for k in states[0]}
    save_file(weights, folder / "weights.safetensors")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--gold", type=Path, required=True, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    reader, knowledge = Reader(model_file("reader", "weights.safetensors")), load_knowledge_base()
    gold = [r for path in arguments.gold for r in read_jsonl(path)]
    gum = list(read_jsonl(arguments.data / "gum-train.jsonl.xz"))
    gap = [r for r in read_jsonl(arguments.data / "coref-gap.jsonl.xz") if r["split"] == "train"]
    readings = read_texts(gold, reader)
    examples = list(gold_examples(gold, readings, knowledge))
    examples += gum_examples(gum, read_texts(gum, reader, "id"), knowledge)
    examples += gap_examples(gap, read_texts(gap, reader, "id"), knowledge)
    save(fit(examples), arguments.out)


if __name__ == "__main__":
    main()
