"""The who's who of a run."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from pipeline.cli import main
from pipeline.ledger import Ledger


def test_claimers_are_counted_with_topics_and_stances(small_run: Path) -> None:
    ledger = Ledger.open(small_run)
    found = ledger.who()
    claims = ledger.table("claims").to_pandas().dropna(subset=["claimer_id"])
    assert found["claims"].sum() == len(claims)
    assert list(found["claims"]) == sorted(found["claims"], reverse=True)
    assert set(found["claimer_id"]) == set(claims["claimer_id"])
    assert {stance for counts in found["stances"] for stance in counts} <= {"favor", "against", "neutral"}


def test_one_topic_leaves_the_others_out(small_run: Path) -> None:
    found = Ledger.open(small_run).who("tariffs")
    assert len(found)
    assert all(set(counts) == {"tariffs"} for counts in found["topics"])
    assert Ledger.open(small_run).who("no such topic").empty


def test_the_command_prints_names_and_aliases(small_run: Path) -> None:
    result = CliRunner().invoke(main, ["who", str(small_run)])
    assert result.exit_code == 0
    assert "Petra Vollmann" in result.output
    assert "claims have an unknown one" in result.output


def test_what_is_no_run_is_said(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["who", str(tmp_path)])
    assert result.exit_code == 2
    assert "no run has written here" in result.output
