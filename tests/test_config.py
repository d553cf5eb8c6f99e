"""Configuration: defaults, and errors that name every wrong key at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config import load_config, parse_config
from pipeline.errors import ConfigError


def test_everything_has_a_default() -> None:
    config = load_config()
    assert [t.id for t in config.topics] == ["tariffs", "rare_earths", "visas"]
    assert config.hash() == load_config().hash()


def test_all_errors_are_told_at_once() -> None:
    wrong = {
        "linkin": {},
        "stance": {"min_probability": 2, "modle": "x"},
        "run": {"workers": 0, "engine": "spark"},
        "topics": {"Chips!": {"core": ["("]}},
    }
    with pytest.raises(ConfigError) as caught:
        parse_config(wrong)
    message = str(caught.value)
    for part in (
        "[linkin]",
        "did you mean 'linking'",
        "stance.min_probability",
        "stance.modle",
        "run.workers",
        "local, ray",
        "topics.Chips!",
        "regular expression",
    ):
        assert part in message


def test_a_topic_is_added_and_one_left_out() -> None:
    config = parse_config({"topics": {"chips": {"core": ["chips?"], "description": "chip export controls"}, "visas": False}})
    assert [t.id for t in config.topics] == ["tariffs", "rare_earths", "chips"]
    assert config.hash() != load_config().hash()


def test_only_a_known_topic_can_be_left_out() -> None:
    with pytest.raises(ConfigError, match=r"topics\.visa: .*did you mean 'visas'.*known are tariffs, rare_earths, visas"):
        parse_config({"topics": {"visas": False, "visa": False}})


@pytest.mark.parametrize("languages", [[], ["English"], ["en", "EN"], ["eng"], [""]])
def test_languages_are_codes(languages: list[str]) -> None:
    assert parse_config({"ingest": {"languages": ["en", "fr"]}}).ingest.languages == ("en", "fr")
    with pytest.raises(ConfigError, match=r"ingest\.languages: .*two lower-case letters"):
        parse_config({"ingest": {"languages": languages}})


def test_columns_must_map_to_known_fields() -> None:
    assert parse_config({"ingest": {"columns": {"txt": "text"}}}).ingest.columns == (("txt", "text"),)
    with pytest.raises(ConfigError, match=r"ingest\.columns"):
        parse_config({"ingest": {"columns": {"txt": "texts"}}})


def test_a_missing_or_broken_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml"):
        load_config(tmp_path / "nowhere.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("[run\n")
    with pytest.raises(ConfigError, match=r"broken\.toml"):
        load_config(broken)


def test_engine_and_workers_do_not_change_the_hash() -> None:
    assert parse_config({"run": {"workers": 3}}).hash() == load_config().hash()
    assert parse_config({"run": {"gate": False}}).hash() != load_config().hash()


@pytest.mark.parametrize("restriction", ["", " ", "the limit on " + "very " * 20 + "long words"])
def test_a_topics_wording_must_fit_into_what_the_networks_read(restriction: str) -> None:
    with pytest.raises(ConfigError, match=r"topics.chips.restriction: must be words"):
        parse_config({"topics": {"chips": {"core": ["chips?"], "restriction": restriction}}})
