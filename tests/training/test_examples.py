"""What training makes of its material: typography, calibration, written pairs."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from pipeline.countries import find_countries
from pipeline.encoder import load_tokenizer
from pipeline.errors import ModelError, UsageError
from pipeline.evaluate.calibration import calibration_error, reliability
from pipeline.gold.pairs import SPLITS, ClaimLabel, read_pairs, split_of
from pipeline.linking.network import LinkClaim
from pipeline.reader.read import AttributionSpan, Reading
from pipeline.roles import ROLE
from pipeline.stance.network import COUNTRY_CODES
from pipeline.training import linking
from pipeline.training.average import average
from pipeline.training.calibrate import fit_logistic, fit_temperature
from pipeline.training.countries import relocated
from pipeline.training.entities import naming_of
from pipeline.training.linking import GoldClaim, gold_pairs, proposition_claims
from pipeline.training.stance import gold_stance_examples, passed_over_examples
from pipeline.training.typography import restyle


@given(st.text(max_size=80), st.integers(0, 20))
def test_another_typography_keeps_every_offset(text: str, seed: int) -> None:
    assert len(restyle(text, random.Random(seed))) == len(text)


def test_marks_are_curled_by_turns_within_a_paragraph() -> None:
    found = {restyle('He said "no" and "yes".\n"Go," she said', random.Random(seed)) for seed in range(40)}
    assert "He said “no” and “yes”.\n“Go,” she said" in found
    assert any("'no'" in text for text in found)


@pytest.mark.parametrize(("name", "expected"), [("ner-gum-train", 1), ("ner-uner-ewt-train", 2), ("ner-conll2003-train", 0)])
def test_a_set_trains_the_head_of_its_own_rules(name: str, expected: int) -> None:
    assert naming_of(Path(f"{name}.jsonl.xz")) == expected


def test_confident_errors_are_miscalibrated() -> None:
    scores, right = np.full(10, 0.95), np.asarray([1.0] * 5 + [0.0] * 5)
    assert calibration_error(scores, right) == pytest.approx(0.45)
    assert [(b.count, b.right) for b in reliability(scores, right)] == [(10, 0.5)]


def test_fitting_undoes_overconfidence() -> None:
    rng = np.random.default_rng(3)
    truth = rng.uniform(0.05, 0.95, 4000)
    right = (rng.uniform(size=4000) < truth).astype(float)
    logit = np.log(truth / (1 - truth))
    slope, offset = fit_logistic(3 * logit[:, None], right)
    assert slope == pytest.approx(1 / 3, abs=0.05)
    assert offset == pytest.approx(0.0, abs=0.1)
    sharp = np.stack([truth, 1 - truth], axis=1) ** 3
    assert fit_temperature(sharp / sharp.sum(1, keepdims=True), (1 - right).astype(int)) == pytest.approx(3, abs=0.4)


def test_pairs_are_read_with_their_group(tmp_path: Path) -> None:
    path = tmp_path / "p.txt"
    path.write_text("# tariffs: tin duty\nsame | Ana Reyes | the duty stays | the board | nothing changes on tin\n", encoding="utf-8")
    (pair,) = read_pairs([path])
    assert (pair.group, pair.topic, pair.relation, pair.claimer_b, pair.claim_a) == (
        "tariffs: tin duty",
        "tariffs",
        "same",
        "the board",
        "the duty stays",
    )
    assert split_of(pair) in SPLITS


def test_a_broken_pair_is_named_by_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "p.txt"
    path.write_text("# tariffs: tin duty\nalike | A | x | B | y\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"p\.txt:2"):
        read_pairs([path])


def test_labels_of_pairs_are_read_and_checked(tmp_path: Path) -> None:
    path = tmp_path / "p.txt"
    path.write_text("# tariffs: tin duty\nsame | A | x | B | y | favor CN | -\n", encoding="utf-8")
    (pair,) = read_pairs([path])
    assert (pair.label_a, pair.label_b) == (ClaimLabel("favor", "CN"), ClaimLabel(None, None))
    path.write_text("# tariffs: tin duty\nsame | A | x | B | y | pro CN | -\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"p\.txt:2.*pro CN"):
        read_pairs([path])


def test_a_relocated_article_keeps_its_spans_on_their_words() -> None:
    text = "BEIJING - The Chinese ministry said U.S. tariffs hurt Americans. Washington disagreed."
    spans = {
        part: [text.index(part), text.index(part) + len(part)] for part in ("The Chinese ministry", "said", "U.S. tariffs hurt Americans")
    }
    content, cue, claimer = spans["U.S. tariffs hurt Americans"], spans["said"], spans["The Chinese ministry"]
    claim = {"content": [content], "cue": cue, "claimer": claimer, "claimer_name": "Ministry of China", "imposer": {"tariffs": "US"}}
    for seed in range(20):
        moved = relocated({"text": text, "title": "China hits back", "claims": [claim]}, random.Random(seed))
        (found,) = moved["claims"]
        start, end = found["content"][0]
        assert moved["text"][slice(*found["cue"])] == "said"
        assert moved["text"][slice(*found["claimer"])].startswith("The ")
        assert moved["text"][slice(*found["claimer"])].endswith(" ministry")
        assert " tariffs hurt " in moved["text"][start:end]
        assert moved["text"][end] == "."
        assert find_countries(moved["text"])[0].code in (find_countries(found["claimer_name"])[0].code, "EU")
        assert found["imposer"]["tariffs"] == find_countries(moved["text"][start:end])[0].code


def test_what_tells_of_a_country_tells_of_the_one_that_it_was_moved_to() -> None:
    text = "The State Department froze the visa. The U.S. may relent."
    claim = {"content": [[37, 56]], "cue": None, "claimer": None, "claimer_name": None, "topics": ["visas"], "stance": {"visas": "neutral"},
             "imposer": {"visas": "US"}, "form": "indirect", "polarity": "affirms"}  # fmt: skip
    tokenizer = load_tokenizer()
    for seed in range(8):
        moved = relocated({"text": text, "title": None, "claims": [claim]}, random.Random(seed))
        (example,) = gold_stance_examples([moved], tokenizer)
        assert {COUNTRY_CODES[code] for _, code in example.input.mentions} == {moved["claims"][0]["imposer"]["visas"]}
        assert COUNTRY_CODES[example.imposer] == moved["claims"][0]["imposer"]["visas"]


def test_a_claim_that_nobody_repeats_is_paired_with_what_it_comes_to(monkeypatch: pytest.MonkeyPatch) -> None:
    claims = [
        GoldClaim(LinkClaim.alone(text), f"e1-{i}", "e1", {"tariffs": "favor"}, f"e1/{p}")
        for i, (text, p) in enumerate([("it must go", "duty-ends"), ("it will stay put", "duty-stays")])
    ]
    sentences = {"e1/duty-ends": "The duty on tin ends.", "e1/duty-stays": "The duty on tin stays.", "e2/other": "Nobody here says so."}
    claims += proposition_claims(claims, sentences)
    assert [c.link.context for c in claims[2:]] == ["The duty on tin ends.", "The duty on tin stays."]
    for share, expected in ((1.0, {(0, 2): 1, (1, 3): 1, (0, 1): 2, (0, 3): 2, (1, 2): 2, (2, 3): 2}), (0.0, {(0, 1): 2})):
        monkeypatch.setattr(linking, "PLAIN_SHARE", share)
        pairs = gold_pairs(claims, {frozenset(("e1/duty-ends", "e1/duty-stays"))}, [[] for _ in claims], random.Random(1))
        assert {(a, b): relation for a, b, relation in pairs} == expected


def test_what_the_annotators_passed_over_is_about_no_topic() -> None:
    text = "Ana Reyes said the tariff must go. Bo Lind said the roof leaks."
    spans = {words: (text.index(words), text.index(words) + len(words)) for words in ("the tariff must go", "the roof leaks", "Bo Lind")}
    record = {"title": "Tariff row", "text": text, "claims": [{"content": [spans["the tariff must go"]]}]}
    found = (
        AttributionSpan((spans["the tariff must go"],), None, None, 0.9),
        AttributionSpan((spans["the roof leaks"],), None, spans["Bo Lind"], 0.9),
    )
    tokenizer = load_tokenizer()
    (example,) = passed_over_examples([record], [Reading((), found)], tokenizer)
    assert (example.relevance, example.stance, example.imposer) == (0, -1, -1)
    content = example.input.sequence.ids[example.input.sequence.roles == ROLE["content"]]
    assert tokenizer.decode(content.tolist()) == "the roof leaks"


def test_a_claim_about_no_topic_is_asked_for_what_the_article_names() -> None:
    text = "Ana Reyes said the tariff must go and visas too. Bo Lind said the roof leaks."
    content = [text.index("the roof leaks"), len(text) - 1]
    claim = {"content": [content], "claimer": None, "cue": None, "claimer_name": None, "topics": [], "stance": {}, "imposer": {}}
    examples = gold_stance_examples([{"title": "Tariff row", "text": text, "claims": [claim]}], load_tokenizer())
    assert [(e.relevance, e.stance, e.imposer) for e in examples] == [(0, -1, -1)] * len(examples)
    assert examples


def test_two_trainings_are_averaged(tmp_path: Path) -> None:
    for name, value in (("a", 1.0), ("b", 2.0)):
        save_file({"w": torch.full((2,), value, dtype=torch.float16)}, tmp_path / name)
    average(tmp_path / "a", tmp_path / "b", tmp_path / "out" / "c")
    assert load_file(tmp_path / "out" / "c")["w"].tolist() == [1.5, 1.5]


def test_different_networks_are_not_averaged(tmp_path: Path) -> None:
    save_file({"w": torch.zeros(2)}, tmp_path / "a")
    save_file({"w": torch.zeros(3)}, tmp_path / "b")
    with pytest.raises(ModelError, match="different networks"):
        average(tmp_path / "a", tmp_path / "b", tmp_path / "c")
