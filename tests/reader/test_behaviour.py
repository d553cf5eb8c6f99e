"""Known failures of attribution readers, each as a short text in our own words with the reading that it must have."""

from __future__ import annotations

import pytest

from pipeline.config import load_config
from pipeline.evaluate.attribution import tokens_in, tokens_of
from pipeline.models import model_file
from pipeline.reader.read import AttributionSpan, Reader

# what is hard, text, the source that must be found, the content that must be read for it
CASES = [
    (
        "an apposition between name and verb",
        "Tomas Edvall, who has run the tinplate works at Oxelby since his father retired in 1998 and now sits on the county council, said the duty would cost 90 jobs.",
        "Tomas Edvall",
        "the duty would cost 90 jobs",
    ),
    (
        "a description between quote and name",
        "“We cannot ship a single magnet without that stamp,” said the tired-looking export manager of a Ningbo motor plant, Fu Lanying.",
        "Fu Lanying",
        "We cannot ship a single magnet without that stamp",
    ),
    (
        "a description with a place and a relative clause, and no name",
        "“Nobody knows what the stamp costs,” said a trader at a broker in Rotterdam, who asked not to be named.",
        "a trader",
        "Nobody knows what the stamp costs",
    ),
    (
        "a description with a participle behind it, and no name",
        "“It is over,” said the director of a small tile works near Castellón, wiping his hands.",
        "the director",
        "It is over",
    ),
    (
        "a nickname in quotation marks",
        'Harold "Buddy" Kessling said the tariff had saved his foundry. "We were two weeks from closing," he said.',
        "Kessling",
        "the tariff had saved his foundry",
    ),
    (
        "a quotation over a paragraph break without a closing mark",
        "Senator Dilys Aubrey rose at noon. “Nobody in my state asked for these visa fees,” she said.\n\n“They were written in a hurry and they will be paid by our hospitals.\n\n“I will vote against them again on Tuesday.”\n\nThe chamber then adjourned.",
        "she",
        "Nobody in my state asked for these visa fees",
    ),
    (
        "a signature behind a dash",
        "What they told us:\n\n“The new licence regime gives our smelters the certainty they have lacked for two years.” — Commissioner Ilse Brandauer\n\nThe vote is due in May.",
        "Ilse Brandauer",
        "The new licence regime gives our smelters the certainty they have lacked for two years",
    ),
    (
        "a speaker announced before a block of quotation",
        "The committee published its letters on Friday. And from Chairwoman Odette Malone: “We will not accept a quota dressed up as a safety rule. The port must stay open to everyone.”",
        "Odette Malone",
        "We will not accept a quota dressed up as a safety rule",
    ),
    (
        "an odd number of quotation marks",
        'The note was headed "urgent and ran to one page. Economist Ravi Sandhu said the levy would add half a point to inflation. Importers disagreed.',
        "Ravi Sandhu",
        "the levy would add half a point to inflation",
    ),
    (
        "single quotation marks and apostrophes",
        "‘It’s the growers’ money they’re spending,’ Fiona Trask said. ‘We won’t forget it.’",
        "Fiona Trask",
        "It’s the growers’ money they’re spending",
    ),
    (
        "the source after the first half of a split quotation",
        "“If the ministry keeps the permits,” Kenji Morimoto said, “we will have to build the motors somewhere else.”",
        "Kenji Morimoto",
        "If the ministry keeps the permits",
    ),
    (
        "indirect speech without a complementiser",
        "Ministry officials believe the refunds will be paid before the summer recess.",
        "Ministry officials",
        "the refunds will be paid before the summer recess",
    ),
    (
        "according to",
        "Nearly a third of the country’s student visas were refused last year, according to the Migration Board.",
        "the Migration Board",
        "Nearly a third of the country’s student visas were refused last year",
    ),
    (
        "a passive cue",
        "The embargo was described by a senior trade official in Brussels as “a message and nothing more”.",
        "a senior trade official",
        "a message and nothing more",
    ),
    (
        "a noun as cue",
        "The warning from Canberra that processing plants would close within the year drew no reply from the refiners.",
        "Canberra",
        "processing plants would close within the year",
    ),
    (
        "an attitude without a clause",
        "Dairy farmers in the valley oppose the new duties, while the unions support them.",
        "Dairy farmers",
        "the new duties",
    ),
    (
        "a reported speech act",
        "Washington accused Beijing of using mineral permits to punish its critics.",
        "Washington",
        "Beijing of using mineral permits to punish its critics",
    ),
    (
        "a denial",
        "The consulate denied that interviews had been suspended.",
        "The consulate",
        "interviews had been suspended",
    ),
    (
        "speech in capitals",
        "MINISTER SAYS STEEL DUTY WILL STAY\n\nMINISTER ROSA VELTEN SAID ON MONDAY THAT THE STEEL DUTY WOULD STAY UNTIL 2028.",
        "ROSA VELTEN",
        "THE STEEL DUTY WOULD STAY UNTIL 2028",
    ),
]


@pytest.fixture(scope="module")
def readings() -> dict[str, tuple[str, tuple[AttributionSpan, ...]]]:
    reader = Reader(model_file(load_config().entities.reader, "weights.safetensors"))
    texts = [text for _, text, _, _ in CASES]
    return {name: (text, found.attributions) for (name, text, _, _), found in zip(CASES, reader.read(texts), strict=True)}


# What the reader does not read yet; strict, so that a model that does must say so here.
NOT_YET = {"a noun as cue"}
PARAMETERS = [
    pytest.param(name, source, content, marks=[pytest.mark.xfail(strict=True)] if name in NOT_YET else [], id=name)
    for name, _, source, content in CASES
]


@pytest.mark.parametrize(("name", "source", "content"), PARAMETERS)
def test_the_reading_that_others_miss(readings: dict, name: str, source: str, content: str) -> None:
    text, attributions = readings[name]
    tokens = tokens_in(text)
    wanted = tokens_of(tokens, [(text.index(content), text.index(content) + len(content))])
    named = (text.index(source), text.index(source) + len(source))
    for attribution in attributions:
        found = tokens_of(tokens, attribution.content)
        overlap = len(found & wanted) / len(wanted)
        if overlap >= 0.75 and attribution.source and attribution.source[0] < named[1] and named[0] < attribution.source[1]:
            return
    read = [(text[a.source[0] : a.source[1]] if a.source else None, [text[s:e] for s, e in a.content]) for a in attributions]
    pytest.fail(f"{name}: expected {source!r}: {content!r}, read {read}")


def test_a_long_document_is_read_to_its_end() -> None:
    filler = "The river rose by four centimetres and the ferry kept its timetable through the week. "
    text = filler * 400 + "\n\nHarbour master Ida Lund said the levy would close the northern quay.\n\n" + filler * 400
    reader = Reader(model_file(load_config().entities.reader, "weights.safetensors"))
    (reading,) = reader.read([text])
    found = {text[a.source[0] : a.source[1]] for a in reading.attributions if a.source}
    assert "Ida Lund" in found
    assert len(text) > 60_000


def test_a_text_without_words_attributes_nothing() -> None:
    reader = Reader(model_file(load_config().entities.reader, "weights.safetensors"))
    empty, unseen, said = reader.read(["", "\u200b", "The duty stays, Lund said."])
    assert (empty.attributions, unseen.entities) == ((), ())
    assert [a.content for a in said.attributions] == [((0, 14),)]


@pytest.mark.parametrize("form", ["“{quote},” said Tomas Edvall. He left the hall.", "Tomas Edvall said: “{quote}.” He left the hall."])
def test_a_long_quotation_is_not_cut_at_a_windows_edge(form: str) -> None:
    before = "The mill at Oxelby has stood since 1908. It makes plate for ships and rails. " * 7
    sentence = "the duty has cost our mill ninety jobs since the spring and it will cost ninety more before the winter, because nobody can pay what the customs house asks for a coil of plate"
    quote = ", and ".join([sentence] * 4).capitalize()
    text = before + form.format(quote=quote)
    (reading,) = Reader(model_file(load_config().entities.reader, "weights.safetensors")).read([text])
    (attribution,) = reading.attributions
    assert " ".join(text[s:e] for s, e in attribution.content) == quote
