"""Who is meant in the forms of agency copy: titles before bare surnames, offices of several states, missions, documents, courts."""

from __future__ import annotations

from datetime import date

import pytest

from tests.claimers.test_resolution import last_claimer, names

DAY = date(2026, 3, 14)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # what stands before a bare surname is no forename
        ("On Monday <s><per>Velten</per></s> <v>said</v> no.", "Velten"),
        ("Fed Chair <per>Ostrom</per> came. <s><per>Ostrom</per></s> <v>said</v> no.", "Ostrom"),
        ("Canadian Prime Minister <per>Aubrey</per> came. <s><per>Aubrey</per></s> <v>said</v> no.", "Aubrey"),
        ("EU Trade Commissioner <per>Malone</per> came. <s><per>Malone</per></s> <v>said</v> no.", "Malone"),
        ("Dilys <per>Aubrey</per> came. <s><per>Aubrey</per></s> <v>said</v> no.", "Dilys Aubrey"),
        # one office is not another
        (
            "China's foreign ministry spokesperson <per>Tang Wei</per> spoke. <s>China's commerce ministry spokesperson</s> <v>said</v> no.",
            "China's commerce ministry spokesperson",
        ),
        ("Chinese Foreign Minister <per>Tang Wei</per> came. <s>The Chinese commerce minister</s> <v>said</v> no.", "Wang Wentao"),  # by the date
        ("Prime Minister <per>Ravi Menon</per> of India came. <s>India's trade minister</s> <v>said</v> no.", "trade minister of India"),
        ("Commerce Minister <per>Tang Wei</per> came. <s>The commerce minister</s> <v>said</v> no.", "Tang Wei"),
        ("<per>Ravi Menon</per>, the commerce minister, came. <s>The trade minister</s> <v>said</v> no.", "Ravi Menon"),
        # what is called after a person is not the person
        ("The <per>Velten administration</per> waits. <s><per>Velten</per></s> <v>said</v> no.", "Velten"),
        ("The <org>Velten administration</org> waits. <s>Velten</s> <v>said</v> no.", "Velten"),
        # an apposition with an abbreviation in it
        ("<per>Ilse Brandt</per>, the U.S. trade envoy, came. <s>The trade envoy</s> <v>said</v> no.", "Ilse Brandt"),
        ("<per>Ana Roe</per>, a former U.S. trade negotiator, spoke. <s>The former negotiator</s> <v>said</v> no.", "Ana Roe"),
        ("PRESIDENT <s><per>TRUMP</per></s>: no.", "Trump"),
        # missions, where the town names another state
        ("<s>The Chinese embassy in Washington</s> <v>said</v> no.", "Embassy of China in the United States"),
        ("<s><org>Chinese Embassy in London</org></s> <v>said</v> no.", "Embassy of China in the United Kingdom"),
        ("<s>China's embassy in Washington</s> <v>said</v> no.", "Embassy of China in the United States"),
        (
            "<s>A spokesperson for the Chinese embassy in Washington</s> <v>said</v> no.",
            "a spokesperson for the Embassy of China in the United States",
        ),
        # two of one surname
        (
            "Foreign Minister <per>Wang Yulan</per> met Commerce Minister <per>Wang Boren</per>. <s>Foreign Minister <per>Wang</per></s> <v>said</v> no.",
            "Wang Yulan",
        ),
        ("<per>Donald Trump</per> and <per>Donald Trump Jr.</per> came. <s><per>Trump</per></s> <v>said</v> no.", "Donald Trump"),
        ("<per>Ned Tolliver Jr.</per> came. <s><per>Ned Tolliver</per></s> <v>said</v> no.", "Ned Tolliver Jr."),
        # documents of somebody else than who spoke last
        (
            "<s><org>National Retail Federation</org></s> <v>said</v> no. <s>A poll</s> published on Monday by the <org>Pell Center</org> <v>found</v> this.",
            "Pell Center poll",
        ),
        (
            "<s><org>National Retail Federation</org></s> <v>said</v> no. <s>A study</s> by economists at <org>Tanager University</org> <v>found</v> this.",
            "Tanager University study",
        ),
        ("<s>The <org>White House</org></s> <v>said</v> no. <s>One recent study</s> <v>found</v> this.", "one recent study"),
        ("<s>The <org>White House</org></s> <v>said</v> no. <s>Official data</s> <v>showed</v> this.", "official data"),
        ("<s>The <org>White House</org></s> <v>said</v> no. <s>The statement</s> <v>added</v> this.", "White House statement"),
        # leaders
        (
            "<per>Mark Carney</per> spoke. <per>Ann Roe</per>, president of the Canadian Steel Association, agreed. <s>The Canadian leader</s> <v>said</v> no.",
            "Mark Carney",
        ),
        (
            "Chinese President <per>Gao Lan</per> met the French minister <per>Luc Noel</per>. <s>The Chinese leader</s> <v>said</v> no.",
            "Gao Lan",
        ),
        (
            "<per>Donald Trump</per> and Vice President <per>JD Vance</per> came. <s>The American leader</s> <v>said</v> no.",
            "Donald Trump",
        ),
        ("<org>Apple</org> and <org>Nvidia</org> make chips in <loc>China</loc> and <loc>Taiwan</loc>. <s>Both</s> <v>said</v> no.", "both"),
        # courts
        ("The <org>Delhi High Court</org> sat. <s>The high court</s> <v>ruled</v> it void.", "Delhi High Court"),
        ("The <org>U.S. Supreme Court</org> met. <s>The high court</s> <v>ruled</v> it void.", "U.S. Supreme Court"),
        ("The <org>U.S. Supreme Court</org> met. <s>The nation's highest court</s> <v>ruled</v> it void.", "U.S. Supreme Court"),
        # the chief executive by either word
        ("Chief executive <per>Ana Brandt</per> came. <s>The CEO</s> <v>said</v> no.", "Ana Brandt"),
        # two who were just named
        ("<per>Tom Hale</per> met <per>Ana Lim</per>. <s>The pair</s> <v>said</v> no.", "Tom Hale and Ana Lim"),
        ("<loc>China</loc> and the <loc>United States</loc> met. <s>The two</s> <v>agreed</v> to go on.", "Governments of China and the United States"),
        # an abbreviation that the article gives is not another's
        (
            "Malaysia's <org>Ministry of Investment, Trade and Industry</org> (MITI) met. <s><org>MITI</org></s> <v>said</v> no.",
            "Ministry of Investment, Trade and Industry of Malaysia",
        ),
        ("The <org>Australian Steel Association</org> (ASA) met. <s><org>ASA</org></s> <v>said</v> no.", "Australian Steel Association"),
    ],
)  # fmt: skip
def test_who_is_meant(text: str, expected: str) -> None:
    assert names(text, DAY)[-1] == expected


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("<s><org>Apple Inc.</org></s> <v>said</v> no.", "US"),
        ("<s><org>Toyota Motor Corp</org></s> <v>said</v> no.", "JP"),
        ("Chinese President <per>Xi</per> came. <s><per>Xi</per></s> <v>said</v> no.", "CN"),
        ("<s>A spokesperson for the Chinese embassy in Washington</s> <v>said</v> no.", "CN"),
    ],
)
def test_the_country_is_known(text: str, country: str) -> None:
    assert last_claimer(text, DAY).country == country


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "The <loc>London</loc> market fell. <per>Dilys Aubrey</per> of Britain came. <s>The <org>Treasury</org></s> <v>said</v> no.",
            "HM Treasury",
        ),
        (
            "In <loc>Delhi</loc>, <loc>India</loc>'s opposition met. <s>The <org>Congress</org></s> <v>called</v> the budget a failure.",
            "Congress",
        ),
        ("<loc>China</loc> raised its duty. <s>The <org>Senate</org></s> <v>said</v> no.", "United States Senate"),
    ],
)
def test_a_general_name_is_that_of_the_articles_state(text: str, expected: str) -> None:
    assert names(text, DAY)[-1] == expected
