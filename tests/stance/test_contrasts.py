"""Contrast pairs: one thing changes, and the label must change with it.

``{…}`` marks the content, ``<…>`` the cue, ``[…]`` the claimer. The sentences are fiction.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from pipeline.config import default_topics, load_config
from pipeline.stance.judge import ClaimInText, Judge, Judgement, load_networks

BEFORE = "The tin duty of 25% on goods from abroad has divided the valley. "
VISAS = "Canada has limited student visas to 40,000 a year. "
EARTHS = "China has made exporters of rare earth magnets apply for permits since April. "

# what changes, topic, (opening, sentence, stance or None for "not about it") twice
PAIRS = [
    ("attitude", "tariffs", (BEFORE, "[Mill owners] <welcomed> {the duty}.", "favor"), (BEFORE, "[Mill owners] <condemned> {the duty}.", "against")),
    ("negation", "tariffs", (BEFORE, "[Ana Reyes] <said> {the duty must stay}.", "favor"), (BEFORE, "[Ana Reyes] <said> {the duty must not stay}.", "against")),
    ("demand", "tariffs", (BEFORE, "[The union] <called for> {the tariff to be raised}.", "favor"), (BEFORE, "[The union] <called for> {the tariff to be scrapped}.", "against")),
    ("announcement or relief", "tariffs", (BEFORE, "[The ministry] <announced> {a tariff of 40% on tin from May}.", "favor"), (BEFORE, "[The ministry] <announced> {that the tariff on tin would end in May}.", "against")),
    ("defence or description", "tariffs", (BEFORE, "[The minister] <said> {the tariff was the right answer to dumping}.", "favor"), (BEFORE, "[The minister] <said> {the tariff applied to fourteen customs codes}.", "neutral")),
    ("harm or forecast", "tariffs", (BEFORE, "[Canners] <warned> that {the levy would ruin them}.", "against"), (BEFORE, "[The bank] <expects> {the tariff to be reviewed in July}.", "neutral")),
    ("quote's scope", "tariffs", (BEFORE, "[Reyes] <said> {the tariff protects our mills}.", "favor"), (BEFORE, "[Reyes] <called> {the idea that the tariff protects our mills “a fairy tale”}.", "against")),
    ("side", "visas", (VISAS, "[Landlords] <support> {the cap on student visas}.", "favor"), (VISAS, "[Universities] <oppose> {the cap on student visas}.", "against")),
    ("promise", "visas", (VISAS, "[The minister] <vowed> to {keep the visa limit for five years}.", "favor"), (VISAS, "[The minister] <vowed> to {lift the visa limit within a year}.", "against")),
    ("fee", "visas", (VISAS, "[Hospitals] <urged> {Ottawa to scrap the visa fee}.", "against"), (VISAS, "[The agency] <explained> that {the visa fee is paid on arrival}.", "neutral")),
    ("near miss", "visas", (VISAS, "[The minister] <said> {the visa limit would be tightened}.", "favor"), (VISAS, "[The retailer] <said> {its Visa card rewards would end}.", None)),
    ("demand on permits", "rare_earths", (EARTHS, "[Exporters] <urged> {Beijing to drop the permits}.", "against"), (EARTHS, "[A state newspaper] <urged> {Beijing to keep the permits}.", "favor")),
    ("justification", "rare_earths", (EARTHS, "[The ministry] <said> {the export controls on rare earths protect national security}.", "favor"), (EARTHS, "[Carmakers] <said> {the export controls on rare earths are blackmail}.", "against")),
    ("other subject", "rare_earths", (EARTHS, "[Carmakers] <complained> that {the permits have stopped two lines}.", "against"), (EARTHS, "[Carmakers] <complained> that {the rail strike has stopped two lines}.", None)),
]  # fmt: skip
# sentence, topic, whose restriction
IMPOSERS = [
    ("[Exporters] <said> {Washington's tariff on steel is unfair}.", "tariffs", "US"),
    ("[Exporters] <said> {Beijing's tariff on steel is unfair}.", "tariffs", "CN"),
    ("[The EU] <announced> {a duty on American motorcycles}.", "tariffs", "EU"),
    ("[Students] <criticised> {the British visa fee}.", "visas", "GB"),
    ("[Students] <criticised> {the Australian visa fee}.", "visas", "AU"),
    ("[Tokyo] <urged> {China to end its curbs on rare earth exports}.", "rare_earths", "CN"),
]
LEAST_PAIRS_RIGHT = 12


@dataclass(frozen=True)
class Marked:
    text: str
    claim: ClaimInText


def marked(opening: str, sentence: str, article: int) -> Marked:
    """The text without its marks, and the spans that they marked."""
    text, spans = opening, {}
    for mark, inner, plain in re.findall(r"([\[{<])([^\]}>]*)[\]}>]|([^\[{<]+)", sentence):
        if mark:
            spans[mark] = (len(text), len(text) + len(inner))
        text += inner or plain
    start, end = spans["["]
    return Marked(text, ClaimInText(article, (spans["{"],), spans["<"], (start, end), text[start:end]))


def label(judged: Judgement) -> str | None:
    least = load_config().stance.min_probability
    return None if judged.relevance < least else judged.likeliest


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge(load_networks(load_config().stance), default_topics())


def test_the_label_changes_with_the_one_thing_that_does(judge: Judge) -> None:
    cases = [(marked(opening, sentence, i), topic, wanted) for i, (topic, opening, sentence, wanted) in enumerate(_flat())]
    judged = judge.judge([(None, m.text) for m, _, _ in cases], [(m.claim, topic) for m, topic, _ in cases])
    found = [label(j) for j in judged]
    right = [found[i] == cases[i][2] and found[i + 1] == cases[i + 1][2] for i in range(0, len(cases), 2)]
    wrong = {PAIRS[i][0]: found[2 * i : 2 * i + 2] for i, ok in enumerate(right) if not ok}
    assert sum(right) >= LEAST_PAIRS_RIGHT, wrong


def test_the_imposer_is_the_one_whose_restriction_it_is(judge: Judge) -> None:
    cases = [marked("", sentence, i) for i, (sentence, _, _) in enumerate(IMPOSERS)]
    judged = judge.judge([(None, m.text) for m in cases], [(m.claim, topic) for m, (_, topic, _) in zip(cases, IMPOSERS, strict=True)])
    assert [j.imposer for j in judged] == [imposer for _, _, imposer in IMPOSERS]


def _flat() -> list[tuple[str, str, str, str | None]]:
    return [(topic, *side) for _, topic, *sides in PAIRS for side in sides]
