"""Near-duplicates on a labelled set, made from the invented articles of the gold by what newsrooms do to wire copy."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.ingest.duplicates import Repeats, Signature, address, find_repeats, signature

GOLD = Path(__file__).parents[2] / "corpus" / "gold" / "train.jsonl"
DAY = datetime(2026, 3, 2, tzinfo=UTC)
STORIES = 60
_SPELLINGS = (
    ("labour", "labor"),
    ("percent", "per cent"),
    ("said", "told this newspaper"),
    ("Mr. ", ""),
    ("U.S.", "US"),
    ("programme", "program"),
)


@dataclass(frozen=True)
class Piece:
    """An article of the set: pieces of one ``story`` carry the same wording; ``copy`` says that it only repeats."""

    id: str
    story: str
    text: str
    copy: bool
    published: datetime | None
    url: str


def _words(text: str) -> int:
    return len(text.split())


def _cut(text: str, share: float) -> str:
    """The first paragraphs of a text, up to a share of it."""
    kept: list[str] = []
    for paragraph in text.split("\n\n"):
        kept.append(paragraph)
        if _words(" ".join(kept)) >= share * _words(text):
            break
    return "\n\n".join(kept)


def _copies(text: str, rng: random.Random) -> Iterator[str]:
    """What outlets make of wire copy."""
    yield f"Trade row deepens, officials warn\n\nBy our staff and agencies\n\n{text}"
    yield _cut(text, rng.uniform(0.45, 0.8))
    edited = text
    for theirs, ours in _SPELLINGS:
        edited = edited.replace(theirs, ours, 2)
    yield edited
    yield (
        text.replace("“", '"').replace("”", '"').replace("’", "'")
        + "\n\nThis story was produced by a news agency and published from its feed without changes."
    )
    paragraphs = text.split("\n\n")
    yield "\n\n".join([*paragraphs[:-2], paragraphs[-1]]) if len(paragraphs) > 5 else text.upper()


def _set() -> list[Piece]:
    rng = random.Random(4)
    records = [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()]
    pieces: list[Piece] = []

    def add(story: str, text: str, copy: bool, days: float | None, url: str | None = None) -> None:
        name = f"{rng.getrandbits(32):08x}"
        published = None if days is None else DAY + timedelta(days=days)
        pieces.append(Piece(name, story, text, copy, published, url or f"https://{name}.example/story"))

    bases = [r for r in records if _words(r["text"]) >= 150][:STORIES]
    for i, record in enumerate(bases):
        story, text, day = record["article_id"], record["text"], rng.randrange(200)
        add(story, text, False, day, f"https://wire.example/{story}")
        for copy in rng.sample(list(_copies(text, rng)), 3):
            # A cut copy may be dated before the whole text; it is the copy all the same.
            add(story, copy, True, day + rng.choice((-1, 0, 0.25, 1, 2)))
        # An update: a new lead and new voices over part of the old text, under the same address.
        news, rest = _cut(bases[(i + 7) % len(bases)]["text"], 0.2), text.split("\n\n")[1:]
        while rest and _words(" ".join(rest)) > 1.2 * _words(news):
            rest.pop()
        add(f"{story} update", "\n\n".join([news, *rest]), False, day + 1, f"https://wire.example/{story}?utm_source=feed")
    for i in range(30):  # bulletins from one form: alike, and each its own
        numbers = [rng.randrange(100, 999) for _ in range(8)]
        places = rng.sample(
            ["Lindfield", "Marlow Bay", "Ostrava Ridge", "Upper Tarn", "Elm Street", "Cold Harbour", "Quay Street", "Wrenfield"], 4
        )
        text = (
            f"The customs office in {places[0]} cleared {numbers[0]} crates in week {i + 1}, against {numbers[1]} in the week before. Duties of {numbers[2]} thousand "
            f"dollars were paid, most of them by importers from {places[1]}. At {places[2]} {numbers[3]} crates were held for papers, and {numbers[4]} were sent back. "
            f"The waiting time at {places[3]} fell to {numbers[5]} minutes from {numbers[6]}. The office expects about {numbers[7]} crates in the coming week, if the weather holds."
        )
        add(f"bulletin {i}", text, False, 7 * i)
    rng.shuffle(pieces)
    return pieces


def _signatures(pieces: list[Piece]) -> list[Signature]:
    return [signature(p.id, p.published, p.url, p.text) for p in pieces]


@pytest.fixture(scope="module")
def labelled() -> tuple[list[Piece], Repeats]:
    pieces = _set()
    return pieces, find_repeats(_signatures(pieces))


def test_precision_and_recall(labelled: tuple[list[Piece], Repeats]) -> None:
    pieces, repeats = labelled
    story = {p.id: p.story for p in pieces}
    right = [i for i, original in repeats.duplicate_of.items() if story[i] == story[original]]
    # Of a story's pieces all but one are repeats, whichever of them is taken for the original.
    wanted = sum(p.copy for p in pieces)
    assert wanted >= 150
    assert len(right) / len(repeats.duplicate_of) >= 0.98
    assert len(right) / wanted >= 0.95


def test_updates_are_marked_and_read(labelled: tuple[list[Piece], Repeats]) -> None:
    pieces, repeats = labelled
    first = {p.story: p.id for p in pieces if not p.copy}
    updates = {p.id: first[p.story.removesuffix(" update")] for p in pieces if p.story.endswith(" update")}
    assert len(updates) == STORIES
    assert {i: repeats.revision_of.get(i) for i in updates} == updates
    assert not set(updates) & set(repeats.duplicate_of)


def test_the_order_of_the_corpus_changes_nothing(labelled: tuple[list[Piece], Repeats]) -> None:
    pieces, repeats = labelled
    assert find_repeats(_signatures(pieces[::-1])) == repeats


def test_other_articles_change_nothing(labelled: tuple[list[Piece], Repeats]) -> None:
    """What repeats what does not hang on the rest of the corpus, so a corpus may grow."""
    pieces, repeats = labelled
    some = [p for p in pieces if not p.story.startswith("bulletin")]
    assert find_repeats(_signatures(some)).duplicate_of == {i: o for i, o in repeats.duplicate_of.items() if i in {p.id for p in some}}


def test_an_original_is_no_duplicate(labelled: tuple[list[Piece], Repeats]) -> None:
    _, repeats = labelled
    assert not set(repeats.duplicate_of.values()) & set(repeats.duplicate_of)


def test_a_new_version_with_one_more_sentence_is_read() -> None:
    text = json.loads(GOLD.read_text(encoding="utf-8").split("\n", 1)[0])["text"]
    first = signature("a", DAY, "https://port.example/1", text)
    later = signature(
        "b",
        DAY + timedelta(hours=3),
        "http://www.port.example/1/#top",
        text + "\n\nThe ministry has since denied every word of it, and has called in the ambassador for Thursday.",
    )
    found = find_repeats([later, first])
    assert (found.revision_of, found.duplicate_of) == ({"b": "a"}, {})
    same = find_repeats([first, signature("c", DAY + timedelta(hours=4), "https://port.example/1", text)])
    assert (same.revision_of, same.duplicate_of) == ({}, {"c": "a"})


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.Port.example/a/?utm_source=x&id=3#top", "port.example/a?id=3"),
        ("http://port.example/a", "port.example/a"),
        ("http://port.example/story.asp?12345", "port.example/story.asp?12345="),
        ("http://port.example/a?amp&ref", "port.example/a"),
        ("https://port.example/", None),
        ("http://[broken", None),
        ("", None),
    ],
)
def test_addresses(url: str, expected: str | None) -> None:
    assert address(url) == expected


def test_many_alike_cost_no_more_each() -> None:
    """A family of texts from one form fills its buckets once: later members are compared with a bounded number."""
    form = " ".join(f"word{i} {{}}" for i in range(60))
    family = [
        signature(f"{i:04d}", None, None, form.format(*[f"x{i * 61 + j}" if j % 4 else "same" for j in range(60)])) for i in range(400)
    ]
    assert len(find_repeats(family).duplicate_of) < 400


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abcdefg"), st.sampled_from(["one two", "x " * 50, "y z " * 60, "x " * 30 + "y z " * 40]), st.integers(0, 9)
        ),
        max_size=9,
    )
)
@settings(max_examples=60, deadline=None)
def test_any_corpus_resolves(entries: list[tuple[str, str, int]]) -> None:
    found = {name: signature(name, DAY + timedelta(days=day), f"https://a.example/{day % 3}", text) for name, text, day in entries}
    repeats = find_repeats(found.values())
    assert set(repeats.duplicate_of) | set(repeats.revision_of) <= set(found)
    assert all(i != o for i, o in [*repeats.duplicate_of.items(), *repeats.revision_of.items()])
