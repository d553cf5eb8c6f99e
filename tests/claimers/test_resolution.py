"""Who is meant, in texts with several candidates, from hand-made readings."""

from __future__ import annotations

import re
from datetime import date

import pytest

from pipeline.claimers.knowledge import load_knowledge_base
from pipeline.claimers.resolve import Resolver
from pipeline.claimers.scorer import Scorer
from pipeline.claimers.types import ArticleFacts, Entity, Resolution
from pipeline.models import model_file
from pipeline.reader.read import AttributionSpan, EntitySpan, Reading
from pipeline.text import Span

RESOLVER = Resolver(load_knowledge_base(), Scorer.load(model_file("claimers", "weights.safetensors")))
_MARK = re.compile(r"<(/?)(per|org|loc|s|v)>")
_TYPES = {"per": "PERSON", "org": "ORG", "loc": "LOC"}


def read(marked: str, published: date | None = None, resolver: Resolver = RESOLVER) -> tuple[Resolution, str]:
    """Resolve a text with mentions in <per>, <org> and <loc>, sources in <s> and cues in <v>; a cue belongs to the nearest source."""
    spans: dict[str, list[Span]] = {tag: [] for tag in ("per", "org", "loc", "s", "v")}
    text, opened, last = "", {}, 0
    for mark in _MARK.finditer(marked):
        text += marked[last : mark.start()]
        last = mark.end()
        if mark.group(1):
            spans[mark.group(2)].append((opened.pop(mark.group(2)), len(text)))
        else:
            opened[mark.group(2)] = len(text)
    text += marked[last:]
    mentions = sorted((EntitySpan(s, e, _TYPES[tag], 1.0) for tag in _TYPES for s, e in spans[tag]), key=lambda m: m.start)
    cues = {source: min(spans["v"], key=lambda v: abs(v[0] - source[1]), default=None) for source in spans["s"]}
    attributions = tuple(AttributionSpan(((0, 1),), cues[source], source, 1.0) for source in sorted(spans["s"]))
    return resolver.resolve(ArticleFacts("a1", text, published=published), Reading(tuple(mentions), attributions)), text


def names(marked: str, published: date | None = None) -> list[str | None]:
    resolution, _ = read(marked, published)
    by_id = {e.entity_id: e.name for e in resolution.entities}
    return [by_id[i] if i else None for i in resolution.claimers]


def last_claimer(marked: str, published: date | None = None) -> Entity:
    resolution, _ = read(marked, published)
    return next(e for e in resolution.entities if e.entity_id == resolution.claimers[-1])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # who sits on a court speaks for it
        ("The <org>Tanager Court of Trade</org> met. <s>The judges</s> <v>ruled</v> it void.", ["Tanager Court of Trade"]),
        ("<s>A full panel of 13 judges</s> on the <org>Tanager Court of Trade</org> <v>said</v> no.", ["Tanager Court of Trade"]),
        ("The <org>Tanager Court</org> sat. The <org>Foil Prize</org> met. <s>The prize judges</s> <v>liked</v> it.", ["prize judges"]),
        # a name in capitals that is none
        ("The <org>Ministry of Finance</org> of Peru met. <s><org>The Ministry</org></s> <v>said</v> no.", ["Ministry of Finance of Peru"]),
        ("The <org>Ropewalk Guild</org> met. <s><org>The Guild</org></s> <v>said</v> no.", ["Ropewalk Guild"]),
        ("<s>Utah-based <per>Larkspur</per></s> <v>said</v> no.", ["Larkspur"]),
        ("<s>The <org>Trump administration</org></s> <v>said</v> no.", ["Trump administration"]),
        ("<s><org>Ministry of Trade of Kenya</org></s> <v>said</v> no.", ["Ministry of Trade of Kenya"]),
        (
            "<s>An official at the <org>Ministry of Industry and Information Technology of China</org></s> <v>said</v> no.",
            ["an official at the Ministry of Industry and Information Technology of China"],
        ),
        ("The Newsom administration sued. <s>The administration</s> <v>said</v> no.", ["Newsom administration"]),
        # hyphens and accents
        ("Vice-chair <per>Ana Reyes</per> came. <s>The vice-chair</s> <v>said</v> no.", ["Ana Reyes"]),
        # quotation marks around a description
        ("<s>“A senior official”</s> <v>said</v> no.", ["a senior official"]),
        # the women are not the men
        (
            "<per>Tom Hale</per>, <per>Ana Lim</per> and <per>Mary Hope</per> met. <s>The women</s> <v>said</v> no.",
            ["Ana Lim and Mary Hope"],
        ),
        # a known person's name as the article has it
        ("<per>Donald J. Trump</per> came. <s>Mr. <per>Trump</per></s> <v>said</v> no.", ["Donald J. Trump"]),
        ("<per>Donald J. Trump</per> met <per>Donald Trump</per>'s aides. <s><per>Trump</per></s> <v>said</v> no.", ["Donald Trump"]),
        # the one who spoke last, not the one they spoke of
        (
            "<s><per>Rosa Velten</per></s> <v>said</v> <per>Ilse Brandauer</per> would give in. <s>She</s> <v>added</v> no date.",
            ["Rosa Velten", "Rosa Velten"],
        ),
        # surnames and titles
        ("<s><per>O'BREA</per></s>: no.", ["O'Brea"]),
        ("<per>Ana Reyes</per> came. <s><per>REYES</per></s>: no.", ["Ana Reyes"]),
        ("<per>Mou Jingyi</per>, a fellow, spoke. <s><org>Mou</org></s> <v>sees</v> risks.", ["Mou Jingyi"]),
        ("Provost <per>Provost Elias Thorn</per> came. <s><per>Thorn</per></s> <v>said</v> no.", ["Elias Thorn"]),
        ("Then Ana Reyes left. <s><per>Reyes</per></s> <v>said</v> no.", ["Ana Reyes"]),
        ("<per>Ana Reyes. Doctor</per>, why? <s><per>REYES</per></s>: no.", ["Ana Reyes"]),
        # firms that were taken for people, and people whose name a firm has
        ("<org>Gaya Electric</org> shut. <s><per>Gaya</per></s> <v>said</v> no.", ["Gaya Electric"]),
        ("The <org>Ana Reyes Foundation</org> met. <s><per>Ana Reyes</per></s> <v>said</v> no.", ["Ana Reyes"]),
        ("The <org>Hale Works</org> shut. Chairman <s><per>Hale</per></s> <v>said</v> no.", ["Hale"]),
        ("The <org>Hale administration</org> acted. <s><per>Hale</per></s> <v>said</v> no.", ["Hale"]),
        # somebody by what they do, or by age; an institution that nobody knows is no person
        ("<s><per>Ana Reyes</per></s> <v>fishes</v>. <s>The 34-year-old</s> <v>said</v> no.", ["Ana Reyes", "Ana Reyes"]),
        ("<s><per>Bo Lind</per></s> <v>waved</v>. <s>The airline</s> <v>said</v> no.", ["Bo Lind", "airline"]),
        ("<s>Most traders</s> <v>said</v> no.", ["traders"]),
        ("<s>Most</s> at the port <v>said</v> no.", ["most at the port"]),
        (
            "<s>Three people</s> with detailed knowledge of the talks who left <v>said</v> no.",
            ["three people with detailed knowledge of the talks who left"],
        ),
        ("<s>A person</s> familiar with the case confirmed that date, <v>adding</v> more.", ["a person familiar with the case"]),
        ("Jurors charged <org>Nordvik Metals</org>. <s>The indictment</s> <v>said</v> no.", ["indictment"]),
        ("<s><per>Jo Hart</per> and Secretary of Labour <per>Al Dunn</per></s> <v>said</v> no.", ["Jo Hart and Al Dunn"]),
        (
            "<s><per>Ann Lee</per> and her Canadian counterpart, <per>Al Dunn</per></s> <v>said</v> no.",
            ["Ann Lee and Al Dunn"],
        ),
        (
            "<s>The <org>Port League</org>, the largest lobby, and the <org>Code Guild</org></s> <v>said</v> no.",
            ["Port League and Code Guild"],
        ),
        ("<per>Ann Lee\n\nLee</per> rose. <s><per>Lee</per></s> <v>said</v> no.", ["Ann Lee"]),
        ("<s><per>Reed</per></s> <v>said</v> no. Reed's wife, first lady <per>Mona Reed</per>, smiled.", ["Reed"]),
        (
            "<per>Ann Lee</per> met <per>Bo Lind</per>. Ms. <per>Lee</per> and Mr. <s><per>Lind</per></s> <v>said</v> no.",
            ["Ann Lee and Bo Lind"],
        ),
        # pronouns: gender, the last speaker, quotations, possessives
        ("<s><per>Ana Reyes</per></s> <v>met</v> <per>Tom Hale</per>. <s>She</s> <v>said</v> no.", ["Ana Reyes", "Ana Reyes"]),
        (
            "“I met <per>Bo Lind</per>,” <s><per>Kurt Tarr</per></s> <v>said</v>. <s>He</s> <v>added</v> that it rained.",
            ["Kurt Tarr", "Kurt Tarr"],
        ),
        ("<s><per>Lee Ott</per></s> <v>praised</v> <per>Al Dunn</per>'s plan. <s>He</s> <v>said</v> it works.", ["Lee Ott", "Lee Ott"]),
        ("<s>Importers</s> <v>complained</v> to <per>Al Dunn</per>. <s>They</s> <v>said</v> no.", ["importers", "importers"]),
        ("<s><org>Nordvik Metals</org></s> <v>warned</v> of cuts in <loc>Houston</loc>. <s>It</s> <v>said</v> no.", ["Nordvik Metals"] * 2),
        ("<s>A spokesman for the port</s> <v>said</v> no. <s>He</s> <v>declined</v> to say more.", ["a spokesman for the port"] * 2),
        # introductions
        ("Sen. <per>Roy Till</per> rose. <s>The senator</s> <v>said</v> no.", ["Roy Till"]),
        ("<per>Lin Au</per>, the mill's owner, wept. <s>The owner</s> <v>said</v> no.", ["Lin Au"]),
        ("<s>A spokeswoman</s>, <per>Ann Lee</per>, <v>said</v> no.", ["Ann Lee"]),
        ("<s>A Ministry of Textiles (MOT) official</s> <v>said</v> no.", ["a Ministry of Textiles (MOT) official"]),
        ("<s>A spokesman for Ardent Corp <ARD></s> <v>said</v> no.", ["a spokesman for Ardent Corp"]),
        ("<s>Members of Lee's cabinet</s> <v>said</v> no.", ["members of Lee's cabinet"]),
        ("<s>EU's own institutions</s> <v>said</v> no.", ["EU's own institutions"]),
        ("<s><org>Ottawa and Mexico City</org></s> <v>said</v> no.", ["Governments of Canada and Mexico"]),
        # organisations
        ("<org>Code Workers Guild</org> met. <s>The <org>Guild</org></s> <v>said</v> no.", ["Code Workers Guild"]),
        ("<org>Piedmont Magnetics</org> shut. <s><loc>Piedmont</loc></s> <v>said</v> no.", ["Piedmont Magnetics"]),
        ("<loc>China</loc> was hit. <s>The commerce ministry</s> <v>said</v> no.", ["Ministry of Commerce of China"]),
        (
            "<loc>Mexico</loc> buys shoes; <loc>Mexico</loc> taxes those of <loc>China</loc>. <s>The Ministry of Commerce</s> <v>said</v> no.",
            ["Ministry of Commerce of China"],
        ),
        ("<loc>Brazil</loc> waits. <s>Its foreign ministry</s> <v>said</v> no.", ["Ministry of Foreign Affairs of Brazil"]),
        ("<loc>Ghana</loc> waits. <s>The central bank</s> <v>said</v> no.", ["Central Bank of Ghana"]),
        ("Take the commerce ministry in <loc>Beijing</loc>. <s>The ministry</s> <v>said</v> no.", ["Ministry of Commerce of China"]),
        (
            "<loc>Peru</loc> and the <org>Ministry of Finance of China</org> spoke. <s>The <org>ministry</org></s> <v>said</v> no.",
            ["Ministry of Finance of China"],
        ),
        (
            "The Japanese foreign ministry spoke after China's Ministry of Finance. <s>The Japanese ministry</s> <v>said</v> no.",
            ["Ministry of Foreign Affairs of Japan"],
        ),
        (
            "<loc>China</loc> was hit. <s>A spokesman</s> for the Ministry of Commerce <v>said</v> no.",
            ["a spokesman for the Ministry of Commerce of China"],
        ),
        (
            "The <org>European Commission</org> met. <s>A Commission official</s> in the hall <v>said</v> no.",
            ["a European Commission official"],
        ),
        ("<org>Nordvik Metals</org> waits. <s>Its spokeswoman</s> <v>said</v> no.", ["spokeswoman for Nordvik Metals"]),
        ("The Chinese embassy in Lima is shut. <s>China's embassy</s> <v>said</v> no.", ["Embassy of China in Peru"]),
        ("<loc>Peru</loc> waits, and Peru again. <s>The Chinese embassy</s> <v>said</v> no.", ["Embassy of China in Peru"]),
        ("<s>Norway's pension fund</s> <v>said</v> no.", ["pension fund of Norway"]),
        ("<s>The <org>White House</org></s> <v>said</v> no.", ["White House"]),
        ("<loc>Brussels</loc> acted. <s>The <org>Commission</org></s> <v>said</v> no.", ["European Commission"]),
        # states
        ("<s><org>Ottawa</org></s> <v>said</v> no.", ["Government of Canada"]),
        ("<s>CHINA</s> <v>said</v> no.", ["Government of China"]),
        ("<s>Canada, Japan and Mexico</s> <v>said</v> no.", ["Governments of Canada, Japan and Mexico"]),
        ("The Obama administration acted. <s>The administration</s> <v>said</v> no.", ["Government of the United States"]),
        (
            "<loc>China</loc> and the <loc>United States</loc> met. <s>Both sides</s> <v>agreed</v>.",
            ["Governments of China and the United States"],
        ),
        # descriptions
        ("<s>A senior official</s> at the port on Friday <v>said</v> no.", ["a senior official at the port"]),
        ("<s>Two people</s> who saw the list <v>said</v> no.", ["two people who saw the list"]),
        ("<s>A senior official</s> who left <v>said</v> no.", ["a senior official"]),
        ("<loc>Oruro</loc> waits. <s>The city's harbour chief</s> <v>said</v> no.", ["harbour chief of Oruro"]),
        ("<s>A geneticist</s> from Umeå learned of it and <v>said</v> no.", ["a geneticist from Umeå"]),
        ("<s>One trader</s> <v>said</v> no.", ["a trader"]),
        ("<s>American farmers</s> <v>said</v> no.", ["American farmers"]),
        ("<s>Republicans</s> <v>said</v> no.", ["Republicans"]),
        ("<s><per>Tom Hale</per></s> <v>left</v>. <s>His daughter</s> <v>said</v> no.", ["Tom Hale", "daughter of Tom Hale"]),
        ("<s>My wife</s> <v>said</v> no.", ["wife of the author"]),
        # documents
        ("<s>A <org>White House</org> fact sheet</s> <v>said</v> no.", ["White House fact sheet"]),
        (
            "<s>A <org>Port League</org> survey</s> <v>found</v> gaps. <s>The survey</s> <v>said</v> no.",
            ["Port League survey", "Port League survey"],
        ),
        # affiliations and accounts
        ("<s><loc>Denmark</loc>’s <per>Bo Lind</per></s> <v>said</v> no.", ["Bo Lind"]),
        ("<s><per>Bo Lind</per> of the <org>Port League</org></s> <v>said</v> no.", ["Bo Lind"]),
        ("<per>Bo Lind</per> left. <s>@bo_lind</s> <v>wrote</v> no.", ["Bo Lind"]),
        # parts of a group, places, phrases that were no source
        ("<s>Two mill owners</s> <v>said</v> no. <s>Some of them</s> <v>wept</v>.", ["two mill owners", "some mill owners"]),
        ("<loc>Oruro</loc> waits. <s>The mayor</s> <v>said</v> no.", ["mayor of Oruro"]),
        ("The <org>Port League</org> met. <s>A spokesman</s> <v>said</v> no.", ["a spokesman for Port League"]),
        # nobody
        ("It rained. <s>She</s> <v>said</v> no.", [None]),
    ],
)
def test_claimers(text: str, expected: list[str | None]) -> None:
    assert names(text) == expected


def test_a_shares_code_that_was_taken_for_a_name_is_no_empty_one() -> None:
    resolution, _ = read("<org>(MOC.N)</org> met. <s><org>(MOC.N)</org></s> <v>said</v> no. <s>A company statement</s> <v>said</v> no.")
    assert all(e.name for e in resolution.entities)


def test_an_office_is_resolved_by_the_articles_date() -> None:
    text = "<loc>Canada</loc> waits. <s>The prime minister</s> <v>said</v> no."
    assert last_claimer(text, date(2018, 5, 1)).name == "Justin Trudeau"
    assert last_claimer(text, date(2026, 3, 1)).name == "Mark Carney"
    assert last_claimer(text).name == "prime minister of Canada"


def test_a_surname_that_an_administration_has_is_its_president() -> None:
    text = "The <org>Trump administration</org> met. <s><per>Trump</per></s> <v>said</v> no."
    president, another = last_claimer(text, date(2018, 5, 1)), last_claimer(text.replace("administration", "hotel"), date(2018, 5, 1))
    assert (president.name, president.country, president.known) == ("Trump", "US", True)
    assert not another.known


def test_a_known_official_has_the_role_of_the_day() -> None:
    text = "<s><per>Chrystia Freeland</per></s> <v>said</v> no."
    assert last_claimer(text, date(2018, 5, 1)).role == "Foreign Minister of Canada"
    assert last_claimer(text, date(2021, 5, 1)).role == "Finance Minister of Canada"


def test_types_and_countries_of_claimers() -> None:
    kinds = [
        (e.type, e.country)
        for text in (
            "<s><org>MOFCOM</org></s> <v>said</v> no.",
            "<s>U.S. farm groups</s> <v>said</v> no.",
            "<s>A <org>Port League</org> survey</s> <v>said</v> no.",
            "<s><org>Port League</org></s> <v>said</v> no.",
        )
        for e in [last_claimer(text)]
    ]
    assert kinds == [("GOV", "CN"), ("GROUP", "US"), ("DOC", None), ("ORG", None)]


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("<s>The <org>Trump administration</org></s> <v>said</v> no.", "US"),
        ("<s>A DHS spokesperson</s> <v>said</v> no.", "US"),
        ("<s>The <org>Chamber of Exporters of Zhejiang</org></s> <v>said</v> no.", "CN"),
        ("<s>Farmers in Iowa and in Bavaria</s> <v>said</v> no.", None),
        ("<s><per>Jordan Texas</per></s> <v>said</v> no.", None),
    ],
)
def test_a_country_is_told_by_what_belongs_to_one(text: str, country: str | None) -> None:
    assert last_claimer(text).country == country


def test_mentions_have_entities_and_types() -> None:
    resolution, _ = read("<per>Ana Reyes</per> of <org>Ministry of Health</org> in <loc>Lima</loc>. <per>Reyes</per> left.")
    assert resolution.mention_types == ("PERSON", "GOV", "PLACE", "PERSON")
    assert resolution.mentions[0] == resolution.mentions[3]
    assert {i for i in resolution.mentions if i} <= {e.entity_id for e in resolution.entities}


@pytest.mark.parametrize("count", [100, 400])
def test_the_work_grows_with_the_mentions_and_no_faster(count: int) -> None:
    scorer = Scorer.load(model_file("claimers", "weights.safetensors"))
    marked = " ".join(
        f"<s><per>Ana{i} Reyes{i % 50}</per></s> <v>said</v> no. <s>She</s> <v>left</v>. <s>The clerk</s> <v>left</v>."
        for i in range(count)
    )
    read(marked, resolver=Resolver(load_knowledge_base(), scorer))
    assert 0 < scorer.scored <= 2 * 22 * count
