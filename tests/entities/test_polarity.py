"""Cues that reject what they report."""

from __future__ import annotations

import pytest

from pipeline.entities.polarity import polarity_of
from pipeline.reader.read import AttributionSpan


@pytest.mark.parametrize(
    ("text", "polarity"),
    [
        ("Lund <denied> that {permits were frozen}.", "denies"),
        ("Lund <rejected> the idea that {permits were frozen}.", "denies"),
        ("Lund <rejects> {the permits}.", "affirms"),
        ("Lund <said> {he would reject the claim}.", "affirms"),
        ("“{Nobody froze permits},” Lund <said>, and denied the rest.", "affirms"),
        ("Lund <rejected> {the accusation}.", "denies"),
        ("Lund <rejected> Washington's charge that {permits were frozen}.", "denies"),
        ("Lund <rejected> as baseless claims that {permits were frozen}.", "denies"),
        ("Lund did not <deny> that {permits were frozen}.", "affirms"),
        ("Lund has no <doubt> that {permits were frozen}.", "affirms"),
        ("Lund does not <believe> {permits were frozen}.", "denies"),
        ("Lund <believes> {permits were not frozen}.", "affirms"),
        ("Lund <scoffed> at the idea that {permits were frozen}.", "denies"),
        ("Lund <disagreed>: {permits were frozen}.", "affirms"),
        ("Lund <dismissed> {the report as “gossip}”.", "affirms"),
        ("Lund <pushed back> against {talk of frozen permits}.", "denies"),
        ("{The charges}, which he has <denied>, are old.", "denies"),
        ("Lund <dismissed> claims from the U.S. that {permits were frozen}.", "denies"),
        ("Lund <denied> “{freezing permits}”.", "denies"),
        ("{That permits were frozen} was <denied> by Lund.", "denies"),
        ("Lund <refused to rule out> {a freeze}.", "affirms"),
        ("Lund <pushed back> against {the tariffs}.", "affirms"),
        ("Lund <disagreed> with {the decision}.", "affirms"),
        ("He not only <denied> that {permits were frozen}, he laughed.", "denies"),
        ("Lund <questioned> whether {the order helps}.", "denies"),
        ("Lund <scotched> the claim that {permits were frozen}.", "denies"),
        ("Lund <waved> {that} away.", "denies"),
        ("Lund would not <acknowledge> that {importers pay}.", "denies"),
        ("Lund is <skeptical> of {the duty}.", "affirms"),
        ("Beijing <rejects> {the tariffs that Washington imposed}.", "affirms"),
        ("Beijing <rejected> {the duty}, citing concerns.", "affirms"),
        ("Beijing <rejected> U.S. claims that {permits were frozen}.", "denies"),
        ("Lund <denied> Gov. Hale's charge that {permits were frozen}.", "denies"),
        ("The court <ruled> that {the levy ran out in May}.", "affirms"),
        ("Lund <told> sceptical lawmakers that {permits were frozen}.", "affirms"),
        ("{China froze permits}, a charge Beijing <denies>.", "denies"),
        ("{Accusations}, long <denied> by Beijing, are back.", "denies"),
        ("Lund stopped short of <denying> that {permits were frozen}.", "affirms"),
        ("Lund did not categorically <deny> that {permits were frozen}.", "affirms"),
        ("Lund <dismissed> claims that {permits were frozen} as “nonsense”.", "denies"),
        ("The EU <notified> the Dispute Settlement Body that {it joins}.", "affirms"),
    ],
)
def test_polarity(text: str, polarity: str) -> None:
    plain = "".join(c for c in text if c not in "<>{}")
    marks = {c: text.index(c) - sum(text[: text.index(c)].count(o) for o in "<>{}") for c in "<>{}"}
    attribution = AttributionSpan(((marks["{"], marks["}"]),), (marks["<"], marks[">"]), None, 1.0)
    assert polarity_of(plain, attribution) == polarity
