"""How a claim is put to the stance network."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pipeline.encoder import load_tokenizer
from pipeline.roles import ROLE, split_pieces
from pipeline.stance.judge import CaseScores, agreed, judgements
from pipeline.stance.network import COUNTRY_CODES, NO_IMPOSER, Case, build_input, cut_opening, passages, title_before

TOKENIZER = load_tokenizer()
TEXT = "OTTAWA - The minister said the Japanese levy on tin must go. Chile said nothing."


def case(title: str, name: str) -> Case:
    (topic,) = split_pieces(TOKENIZER, ["tariffs: the tariff"])
    headline, claimer, article = passages(TOKENIZER, [title, name, TEXT])
    start = TEXT.index("the Japanese")
    content = (start, TEXT.index(" must go") + 8)
    return Case(topic, headline, claimer, article, (content,), (TEXT.index("said"), TEXT.index("said") + 4), (9, 21), opening=0)


def test_countries_are_marked_at_their_pieces() -> None:
    built = build_input(case("CANADA ANSWERS JAPAN", "Government of Canada"))
    named = [(COUNTRY_CODES[code], TOKENIZER.id_to_token(int(built.sequence.ids[at]))) for at, code in built.mentions]
    assert [code for code, _ in named] == ["CA", "JP", "CA", "CA", "JP", "CL"]
    assert [token for _, token in named] == ["canada", "japan", "canada", "ottawa", "japanese", "chile"]


def test_shares_are_of_the_whole_article() -> None:
    built = build_input(case("", ""))
    assert sum(share for _, share in built.shares) == 1.0
    assert {COUNTRY_CODES[code] for code, _ in built.shares} == {"CA", "JP", "CL"}


def test_content_cue_and_claimer_keep_their_roles() -> None:
    built = build_input(case("Levy must go", "Ana Reyes")).sequence
    words = {role: TOKENIZER.decode(built.ids[built.roles == ROLE[role]].tolist()) for role in ("content", "cue", "fact", "topic")}
    assert words == {"content": "the japanese levy on tin must go", "cue": "said", "fact": "levy must go", "topic": "tariffs : the tariff"}


def test_the_title_is_read_once_and_the_opening_up_to_the_claim() -> None:
    assert title_before("Levy", TEXT) == "Levy"
    assert title_before("U", "U.S. duties stay") == "U"
    assert title_before(None, TEXT) == title_before("OTTAWA", TEXT) == ""
    (topic,), (title, nothing, article) = split_pieces(TOKENIZER, ["tariffs: the tariff"]), passages(TOKENIZER, ["Levy", "", 3 * TEXT])
    start = len(TEXT) + TEXT.index("the Japanese")
    later = Case(topic, title, nothing, article, ((start, start + 12),), None, None)
    for case, read in (
        (later, f"levy {TEXT} ottawa - the minister said"),
        (replace(later, opening=6), "levy ottawa"),
        (replace(later, opening=0), "levy"),
    ):
        built = build_input(case).sequence
        assert TOKENIZER.decode(built.ids[built.roles == ROLE["fact"]].tolist()) == TOKENIZER.decode(
            TOKENIZER.encode(read, add_special_tokens=False).ids
        )


def test_an_opening_is_cut_with_the_countries_in_it() -> None:
    built = build_input(case("Canada answers a levy by Japan and Chile", "Government of Canada"))
    cut = cut_opening(built, 3)
    named = [(COUNTRY_CODES[code], TOKENIZER.id_to_token(int(cut.sequence.ids[at]))) for at, code in cut.mentions]
    assert named == [("CA", "canada"), ("CA", "canada"), ("CA", "ottawa"), ("JP", "japanese"), ("CL", "chile")]
    assert TOKENIZER.decode(cut.sequence.ids[cut.sequence.roles == ROLE["fact"]].tolist()) == "canada answers a"
    assert cut_opening(built, 64) is built


def test_an_institution_tells_of_its_country() -> None:
    (topic,) = split_pieces(TOKENIZER, ["visas: the visa rule"])
    nothing, article = passages(TOKENIZER, ["", "The State Department said Thais must wait."])
    built = build_input(Case(topic, nothing, nothing, article, ((26, 41),), None, None))
    assert {COUNTRY_CODES[code] for _, code in built.mentions} == {"US", "TH"}


def test_claims_of_one_article_and_topic_agree_on_the_imposer_as_far_as_they_are_about_it() -> None:
    def scores(relevance: list[float], imposers: list[dict[int, float]]) -> CaseScores:
        rows = np.full((len(imposers), NO_IMPOSER + 1), -1e4, dtype=np.float32)
        for row, named in zip(rows, imposers, strict=True):
            row[list(named)] = np.log(list(named.values()))
        return CaseScores(np.asarray(relevance, dtype=np.float32)[:, None], np.full((len(imposers), 3), 1 / 3, dtype=np.float32), rows)

    canada, japan = COUNTRY_CODES.index("CA"), COUNTRY_CODES.index("JP")
    plain, unsure = {canada: 0.05, japan: 0.95}, {canada: 0.6, japan: 0.4}
    for relevance, groups, expected in (
        ([1.0, 1.0], [(0, "tariffs"), (0, "tariffs")], ["JP", "JP"]),
        ([0.0, 1.0], [(0, "tariffs"), (0, "tariffs")], ["JP", "CA"]),
        ([1.0, 1.0], [(0, "tariffs"), (1, "tariffs")], ["JP", "CA"]),
        ([1.0, 1.0], [(0, "tariffs"), (0, "visas")], ["JP", "CA"]),
    ):
        found = scores(relevance, [plain, unsure])
        judged = judgements(CaseScores(found.relevance, found.stance, agreed(found, groups)))
        assert [j.imposer for j in judged] == expected
