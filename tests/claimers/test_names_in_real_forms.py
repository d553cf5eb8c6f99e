"""Names and documents in forms that real news has: titles in a row, broken characters, papers, courts, signatures, issuers."""

from __future__ import annotations

from datetime import date

import pytest

from tests.claimers.test_resolution import names

DAY = date(2026, 3, 14)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # titles behind others, and offices with a field
        ("<s><per>Utah GOP Sen. Dilys Aubrey</per></s> <v>said</v> no.", "Dilys Aubrey"),
        ("<s>Senior Counselor for Trade and Mining <per>Dilys Aubrey</per></s> <v>said</v> no.", "Dilys Aubrey"),
        ("<s>• <per>Dilys Aubrey</per></s> <v>said</v> no.", "Dilys Aubrey"),
        ("<s>Mr. <per>Aubrey</per> of AEI</s> <v>said</v> no. <per>Ned Aubrey</per> left.", "Ned Aubrey"),
        # characters that a wrong encoding left
        ("<s><per>Ned Aubrey</per>\ufffds</s> <v>threat</v> of\ufffdduties stands.", "Ned Aubrey"),
        # a known person under the name that the article has
        ("<s><per>Charles Schumer</per></s> <v>said</v> no.", "Charles Schumer"),
        # papers and stations
        ("<s>The official <org>Fjord Daily</org> newspaper</s> <v>said</v> no.", "Fjord Daily"),
        ("<org>Porthaven Times</org> had it first. <s>The <org>Times</org></s> <v>said</v> no.", "Porthaven Times"),
        ("<s>Washington-based <org>KQQQ Radio</org></s> <v>said</v> no.", "KQQQ Radio"),
        ("<org>Ledgerworld magazine</org> asked. <s><org>Ledgerworld</org></s> <v>said</v> no.", "Ledgerworld"),
        # what is in small letters is no name, and a firm is not its part abroad
        ("<org>Velo China</org> sells here. <s><org>Velo</org></s> <v>said</v> no.", "Velo"),
        ("<org>Reds and Blues</org> met. <s><org>Reds</org></s> <v>said</v> no.", "Reds"),
        (
            "The <org>Tanager Tariff Commission</org> of the <org>EU</org> met. <s>The commission</s> <v>said</v> no.",
            "Tanager Tariff Commission",
        ),
        # courts, which have several usual names
        ("<s>The <org>9th Circuit Court of Appeals</org></s> <v>ruled</v> it void.", "9th Circuit Court of Appeals"),
        ("The <org>9th Circuit Court of Appeals</org> sat. <s>Court watchers</s> <v>said</v> no.", "court watchers"),
        # governments
        ("The <org>Trump administration</org> acted. <s>The administration</s> <v>said</v> no.", "Government of the United States"),
        ("Another administration tried. <s>The administration</s> <v>said</v> no.", "Government of the United States"),
        ("<per>Donald Trump</per> came. <s>His administration</s> <v>said</v> no.", "Government of the United States"),
        (
            "<s>The government of Japan</s> <v>said</v> yes. <s>A senior government official</s> <v>said</v> no.",
            "a senior Japanese government official",
        ),
        (
            "China taxed US soy. The US taxed Chinese steel. Talks in France begin. <s>The two sides</s> <v>said</v> no.",
            "Governments of China and the United States",
        ),
        # whom somebody works for
        ("<per>Ned Aubrey</per> left. <s>An aide</s> to Mr. Aubrey <v>said</v> no.", "an aide to Ned Aubrey"),
        ("<s>A spokesman</s> for the U.K. government <v>said</v> no.", "a spokesman for the U.K. government"),
        ("<s>A spokesman</s> for China's commerce ministry <v>said</v> no.", "a spokesman for the Ministry of Commerce of China"),
        ("<s>Firms</s> in Utah that buy metals have already <v>said</v> no.", "firms in Utah that buy metals"),
        # two people, of whom the source holds the second
        ("Premier <per>Bo Lind</per> and trade minister <s><per>Dilys Aubrey</per></s> <v>said</v> no.", "Bo Lind and Dilys Aubrey"),
        ("He met Premier <per>Bo Lind</per> and <s><per>Dilys Aubrey</per></s> <v>said</v> no.", "Dilys Aubrey"),
        # who is named in the next sentence
        (
            "Talks go on, <s>a foreign ministry spokesperson</s> <v>said</v>. <per>Dilys Aubrey</per>, spokesperson for the foreign ministry, spoke.",
            "Dilys Aubrey",
        ),
        (
            "Talks go on, <s>a foreign ministry spokesperson</s> <v>said</v>. <per>Dilys Aubrey</per>, a spokesperson for Acme, left.",
            "a foreign ministry spokesperson",
        ),
    ],
)
def test_claimers_as_real_news_names_them(text: str, expected: str) -> None:
    assert names(text, DAY)[-1] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<s>A survey by <org>Larch Street</org></s> <v>found</v> this.", "Larch Street survey"),
        ("<s>A survey</s> by the hauliers' league <v>found</v> this.", "hauliers' league survey"),
        ("<s>A letter</s> from Premier <per>Bo Lind</per> <v>said</v> no.", "Bo Lind letter"),
        ("A <org>Tanager Bank</org> study came. <org>Larch Street</org> fell. <s>The study</s> <v>found</v> this.", "Tanager Bank study"),
        ("The <org>Tanager Bank</org> met. <s>The bank's memo</s> <v>said</v> no.", "Tanager Bank memo"),
        ("The <org>Tanager Bank</org> met. <s>The Overstay Report</s> <v>said</v> no.", "Overstay Report"),
        ("The <org>Tanager Bank</org> met. <s>The <org>Overstay Report</org></s> <v>said</v> no.", "Overstay Report"),
    ],
)
def test_a_document_goes_by_its_issuer(text: str, expected: str) -> None:
    assert names(text, DAY)[-1] == expected


def test_i_outside_quotations_is_who_signed_the_text() -> None:
    text = "By the authority of my office: <s>I</s> <v>determined</v> that the duty stays.\n\n<per>DILYS AUBREY</per>\n\nMarch 14, 2026."
    assert names(text, DAY) == ["Dilys Aubrey"]
    assert names("<s>I</s> <v>determined</v> that it stays.\n\nIt was late when <per>Dilys Aubrey</per> left.", DAY) == [None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # what pages put behind a name
        ("<s><per>Ned Aubrey Ned AubreyMore</per></s> <v>said</v> no.", "Ned Aubrey"),
        ("<s><per>Ned Aubrey Edmund</per></s> (Ned) Aubrey <v>said</v> no.", "Ned Aubrey"),
        ("<s><per>Ned Aubrey Photographer</per></s> <v>said</v> no.", "Ned Aubrey"),
        ("<s><per>Tang Wei 唐卫</per></s> <v>said</v> no.", "Tang Wei"),
        # what stands before or behind in the source
        ("<s>The Chinese Ministry of Commerce Tuesday</s> <v>said</v> no.", "Ministry of Commerce of China"),
        ("<s>Even Utah lawmakers</s> <v>said</v> no.", "Utah lawmakers"),
        ("<s>big steel exporter China</s> <v>said</v> no.", "Government of China"),
        ("<s>A number of Americans</s> <v>said</v> no.", "Americans"),
        # governments by who heads them, and in one order
        ("<per>Xi Jinping</per> came. <s><per>Xi Jinping</per>'s government</s> <v>said</v> no.", "Government of China"),
        ("<s>Washington and Beijing</s> <v>said</v> no.", "Governments of China and the United States"),
        (
            "Japan taxed US corn. The US taxed Japanese chips. <s>Neither side</s> <v>wants</v> it.",
            "Governments of Japan and the United States",
        ),
        ("The committee met. <s>The participants</s> <v>said</v> no.", "participants"),
        ("<s>A spokesman</s> for China's ministry of commerce <v>said</v> no.", "a spokesman for the Ministry of Commerce of China"),
    ],
)
def test_what_pages_and_headlines_add_to_names_is_left_out(text: str, expected: str) -> None:
    assert names(text, DAY)[-1] == expected


def test_a_pronoun_that_was_taken_for_a_name_is_nobodys_name() -> None:
    assert "She" not in names("<per>Dilys Aubrey</per> came. <s><per>She</per></s> <v>said</v> no.", DAY)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # the one before ``and`` speaks, too, only where it is a subject that has not spoken
        ("The tariffs angered <per>Bo Lind</per> and economist <s><per>Dilys Aubrey</per></s> <v>said</v> no.", "Dilys Aubrey"),
        ("He met prime minister <per>Bo Lind</per> and <s><per>Dilys Aubrey</per></s> <v>said</v> no.", "Dilys Aubrey"),
        # a state is not who has to do with it
        ("<s>exporters to China</s> <v>said</v> no.", "exporters to China"),
        ("<s>states such as China</s> <v>said</v> no.", "states such as China"),
        # somebody's people are not they
        ("<s>Spokesman for President <per>Bo Lind</per></s> <v>said</v> no.", "spokesman for President Bo Lind"),
        # names that go on
        ("<s><per>Li Wei Li</per></s> <v>said</v> no.", "Li Wei Li"),
        ("<s><per>Владимир Линд</per></s> <v>said</v> no.", "Владимир Линд"),
        ("<s><per>Ross Aubrey Ross Louis AubreyRoss Aubrey</per></s> <v>said</v> no.", "Ross Aubrey"),
        ("<s><per>Donald TRUMP</per></s> <v>said</v> no.", "Donald Trump"),
        ("<s><per>Tesla CEO Dilys Aubrey</per></s> <v>said</v> no.", "Dilys Aubrey"),
        ("<s>Black Friday</s> <v>says</v> no.", "Black Friday"),
        # of two spokespeople the other
        (
            "Talks go on, <s>a spokesman</s> <v>said</v>. <per>Ann Lee</per>, spokeswoman for Acme, left.",
            "a spokesman",
        ),
        # offices that are no president's
        ("Senior administration officials met. <s>The administration</s> <v>said</v> no.", "Government of the United States"),
        # two states that were named in passing are no sides
        (
            "The union and the owners met in Canada, near the US border. <s>The two sides</s> <v>said</v> no.",
            "two sides",
        ),
    ],
)
def test_rules_stop_where_they_do_not_hold(text: str, expected: str) -> None:
    assert names(text, DAY)[-1] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<s>A letter from <org>Larch</org> to <org>Acme</org></s> <v>said</v> no.", "Larch letter"),
        ("<s>A <org>Port League</org> survey of <org>Acme</org> workers</s> <v>said</v> no.", "Port League survey of Acme workers"),
        ("The indictment of <per>Bo Lind</per> came. <s>The indictment</s> <v>said</v> no.", "indictment"),
        ("<org>Acme</org> waits. <s>China's statement</s> <v>said</v> no.", "Government of China statement"),
        ("<s><org>Larch</org>'s own report</s> <v>said</v> no.", "Larch report"),
        ("<org>Acme</org> waits. <s>The Americans' own sheet</s> <v>said</v> no.", "Government of the United States sheet"),
        ("<org>Acme</org> waits. <s>The Draghi report</s> <v>said</v> no.", "Draghi report"),
        ("<org>Acme Survey</org> came. <s>The survey</s> <v>said</v> no.", "Acme Survey"),
        ("<org>Acme</org> lost. <s>The verdict</s> <v>said</v> no.", "verdict"),
    ],
)
def test_what_stands_near_a_document_is_not_always_its_issuer(text: str, expected: str) -> None:
    assert names(text, DAY)[-1] == expected


def test_names_near_the_end_are_not_always_a_signature() -> None:
    assert names("<s>I</s> <v>think</v> so.\n\nRelated: Steel\n<per>Donald Trump</per>\nTariffs", DAY) == [None]
    assert names("<per>BO LIND</per>: <s>I</s> <v>think</v> so.\n\n<per>Ann Lee</per>", DAY) != ["Ann Lee"]


def test_long_texts_without_names_take_no_time() -> None:
    for filler in ("-" * 30_000, "Aa-" * 10_000, "x" * 30_000):
        names(f"<s><per>Ann Lee</per></s> <v>said</v> no. {filler}\n{filler} <per>Bo Lind</per>", DAY)
