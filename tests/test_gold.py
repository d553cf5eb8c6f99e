"""Tagged text to gold, and the checks on it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.cli import main
from pipeline.errors import UsageError
from pipeline.gold.build import build_gold
from pipeline.gold.check import check_event, check_file
from pipeline.gold.records import read_jsonl, read_propositions
from pipeline.gold.standoff import join_texts, text_hash
from pipeline.gold.tagged import read_event
from pipeline.tables import STANCES

EVENT = """=== event e1
topics: tariffs
proposition duty-stays: The duty stays.
proposition duty-ends: The duty ends.
opposed: duty-stays ~ duty-ends

=== article e1-1
outlet: Port News
style: wire
published: 2026-02-03
title: Duty stays
--- text
<s1><s2>Ana Reyes</s2></s1> <q1>said</q1> the <c1>duty stays</c1>. "<c1>It stays</c1>," she <q2>added</q2>: "<c2>It must.</c2>"

<s3>Farmers</s3> <q3>deny</q3> that <c3>the duty ends</c3>.
--- claims
1 | Ana Reyes | tariffs favor US | duty-stays
2 | Ana Reyes | - | -
3 | farmers | tariffs against - | duty-ends | polarity=denies
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "e1.txt"
    path.write_text(text, encoding="utf-8")
    return path


def test_tags_become_offsets(tmp_path: Path) -> None:
    event = read_event(write(tmp_path, EVENT))
    assert check_event(event) == []
    (article,) = event.articles
    first, second, third = article.claims
    assert [article.text[s:e] for s, e in first["content"]] == ["duty stays", "It stays"]
    assert first["form"] == "mixed"
    assert article.text[slice(*second["claimer"])] == "Ana Reyes"
    assert [article.text[s:e] for s, e in second["content"]] == ["It must"]
    assert (third["polarity"], third["stance"], third["imposer"]) == ("denies", {"tariffs": "against"}, {"tariffs": None})
    assert "<" not in article.text


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("</c3>", "", "<c3> is never closed"),
        ("tariffs favor US", "tariffs pro US", "favor|against|neutral"),
        ("| duty-stays", "| duty-goes", "not declared"),
        ("1 | Ana Reyes | tariffs favor US | duty-stays\n", "", "claim 1 has tags but no line"),
        ("the <c1>duty", "the d<c1>uty", "cuts a word"),
        ("<q1>said</q1>", "<q1>has said</q1>", None),
        ("<q1>said</q1>", "<q1>was said</q1>", "auxiliaries"),
        ("tariffs favor US", "tariffs favor usa", "ISO 3166"),
        ("title: Duty stays\n", "", "no 'title'"),
        ("opposed: duty-stays ~ duty-ends", "opposed: duty-stays ~ duty-goes", "'duty-goes' is not declared"),
        ("polarity=denies", "polarity=no", "is not polarity"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, old: str, new: str, message: str | None) -> None:
    assert old in EVENT
    problems = check_event(read_event(write(tmp_path, EVENT.replace(old, new, 1))))
    assert problems
    assert message is None or any(message in p for p in problems)


def test_build_writes_splits_and_oppositions(tmp_path: Path) -> None:
    write(tmp_path, EVENT)
    (tmp_path / "splits.json").write_text('{"dev": ["e1"]}')
    assert "dev: 1 articles, 3 claims" in build_gold(tmp_path, tmp_path / "gold")
    (record,) = [json.loads(line) for line in (tmp_path / "gold" / "dev.jsonl").read_text().splitlines()]
    assert record["claims"][0]["proposition"] == "e1/duty-stays"
    assert json.loads((tmp_path / "gold" / "oppositions.json").read_text()) == [["e1/duty-stays", "e1/duty-ends"]]
    assert set(read_propositions(tmp_path / "gold" / "dev.jsonl")) == {"e1/duty-stays", "e1/duty-ends"}
    assert check_file(tmp_path / "gold" / "dev.jsonl") == []


def test_build_refuses_gold_with_problems(tmp_path: Path) -> None:
    write(tmp_path, EVENT.replace("tariffs favor US", "tariffs pro US"))
    (tmp_path / "splits.json").write_text("{}")
    with pytest.raises(UsageError, match="e1-1"):
        build_gold(tmp_path, tmp_path / "gold")


CORPUS = Path(__file__).parents[1] / "corpus"
GOLD = CORPUS / "gold"
TRAINING = [GOLD, CORPUS / "briefs", CORPUS / "constructions"]


def test_the_projects_gold_is_clean_and_its_splits_are_apart() -> None:
    events: dict[str, set[str]] = {}
    texts: dict[str, str] = {}
    for split in ("train", "dev", "test"):
        assert check_file(GOLD / f"{split}.jsonl") == []
        for line in (GOLD / f"{split}.jsonl").read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            events.setdefault(record["event"], set()).add(split)
            assert texts.setdefault(record["text"], split) == split
    assert all(len(splits) == 1 for splits in events.values())


@pytest.mark.parametrize("folder", TRAINING, ids=lambda folder: folder.name)
def test_the_projects_gold_is_built_from_its_source(tmp_path: Path, folder: Path) -> None:
    build_gold(folder / "source", tmp_path)
    built = [*sorted(folder.glob("*.jsonl")), folder / "oppositions.json", folder / "propositions.json"]
    assert len(built) >= 3
    for path in built:
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()


def test_a_page_for_review_marks_spans_and_escapes(tmp_path: Path) -> None:
    source, page = write(tmp_path, EVENT.replace("Farmers", "Farmers & < sons")), tmp_path / "page.html"
    found = CliRunner().invoke(main, ["annotate", "view", str(source), "-o", str(page)])
    assert found.exit_code == 0, found.output
    html = page.read_text(encoding="utf-8")
    assert "Farmers &amp; &lt; sons" in html
    assert "<span class='cue'><sup>c1</sup>said</span>" in html
    assert "tariffs: favor (US)" in html


def test_agreement_is_whole_with_itself_and_drops_with_a_change(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder, text in ((first, EVENT), (second, EVENT.replace("1 | Ana Reyes | tariffs favor US", "1 | Reyes | tariffs neutral US"))):
        folder.mkdir()
        write(folder, text)
    scores = []
    for other in (first, second):
        found = CliRunner().invoke(main, ["annotate", "agree", str(first), str(other), "--json"])
        assert found.exit_code == 0, found.output
        scores += json.loads(found.output).values()
    same, changed = scores
    assert same["ledger_f1"] == same["stance_accuracy"] == same["attributions_f1"] == same["propositions_b_cubed"] == 1.0
    assert (changed["attributions_f1"], changed["stance_accuracy"], changed["claimer_name"], changed["ledger_f1"]) == (1.0, 0.5, 0.5, 0.5)


def test_no_two_splits_share_a_near_duplicate() -> None:
    """At most a tenth of an article's runs of six words stand in an article of another split."""
    shingles: dict[str, dict[str, set[tuple[str, ...]]]] = {}
    for split in ("train", "dev", "test"):
        files = [f for folder in TRAINING if (f := folder / f"{split}.jsonl").is_file()]
        rows = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
        shingles[split] = {r["article_id"]: set(zip(*(r["text"].split()[i:] for i in range(6)), strict=False)) for r in rows}
    everywhere = {split: set().union(*articles.values()) for split, articles in shingles.items()}
    for split, articles in shingles.items():
        others = set().union(*(found for name, found in everywhere.items() if name != split))
        close = {name: len(own & others) / len(own) for name, own in articles.items()}
        assert max(close.values()) < 0.1, max(close, key=lambda name: close[name])


def _standoff(tmp_path: Path, text: str, labelled_text: str) -> list[dict[str, object]]:
    claims = [{"content": [[4, 8]], "claimer": None, "cue": None, "claimer_name": None, "topics": []}]
    labels = tmp_path / "labels.jsonl"
    labels.write_text(json.dumps({"article_id": "a", "text_sha256": text_hash(labelled_text), "claims": claims}) + "\n")
    return join_texts(labels, [{"id": "b", "text": "Other."}, {"id": "a", "text": text, "title": "T", "published": "2026-01-02"}])


def test_labels_are_joined_to_their_text(tmp_path: Path) -> None:
    (record,) = _standoff(tmp_path, "The duty stays.", "The duty stays.")
    assert record["article_id"] == "a"
    assert (record["title"], record["text"]) == ("T", "The duty stays.")
    assert record["claims"][0]["content"] == [[4, 8]]


def test_labels_of_another_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a was labelled on another text"):
        _standoff(tmp_path, "The duty ends.", "The duty stays.")


def test_labels_without_their_text_are_refused(tmp_path: Path) -> None:
    labels = tmp_path / "labels.jsonl"
    labels.write_text(json.dumps({"article_id": "a", "text_sha256": "0", "claims": []}) + "\n")
    with pytest.raises(UsageError, match="no text for a"):
        join_texts(labels, [])


def test_bundled_labels_are_well_formed() -> None:
    rows = [row for path in sorted(Path("corpus/labels").glob("*.jsonl")) for row in read_jsonl(path)]
    assert len({row["article_id"] for row in rows}) == len(rows)
    for row in rows:
        assert set(row) == {"article_id", "text_sha256", "claims"}
        for claim in row["claims"]:
            assert all(start < end for start, end in claim["content"])
            assert set(claim["topics"]) == set(claim["stance"]) == set(claim["imposer"]) <= {"tariffs", "rare_earths", "visas"}
            assert set(claim["stance"].values()) <= set(STANCES)
            assert bool(claim["claimer_name"]) == bool(claim["topics"])
