"""Countries and what tells of them: the data and how it is found."""

from __future__ import annotations

from pipeline.countries import CountryMention, countries, find_countries, find_signs


def test_signs_are_of_known_countries_and_the_longest_counts() -> None:
    text = "BRUSSELS - The International Trade Commission and the Commission met in St. Louis, then in Gdańsk; Texas and us stayed away."
    found = [(text[m.start : m.end], m.code) for m in find_signs(text)]
    assert found == [
        ("BRUSSELS", "EU"), ("International Trade Commission", "US"), ("the Commission", "EU"), ("St. Louis", "US"), ("Gdańsk", "PL"), ("Texas", "US"),
    ]  # fmt: skip
    assert find_countries(text) == [CountryMention(0, 8, "EU")]


def test_every_name_of_a_country_is_found_as_that_country() -> None:
    for country in countries():
        for name in (*country.forms, *country.metonyms):
            for find in (find_countries, find_signs):
                assert [(m.start, m.end, m.code) for m in find(f"in {name}, they say")] == [(3, 3 + len(name), country.code)], name
