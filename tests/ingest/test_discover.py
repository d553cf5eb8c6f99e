"""The files of a corpus: none of them, and no folder, is lost without a row."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import pipeline.ingest.discover as discover
from pipeline import Runner, load_config
from pipeline.tables import REJECTS
from tests.ingest.helpers import ingest

TEXT = "The ministry said on Friday that the tariff on imported steel would stay in place until the end of the year, whatever the neighbours think of it."


def test_a_folder_that_may_not_be_read_is_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("open", "deep/locked", "locked"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "a.txt").write_text(f"{TEXT} {folder}")
    real_scandir = os.scandir

    def guarded(path: str) -> object:
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", path)
        return real_scandir(path)

    monkeypatch.setattr("os.scandir", guarded)
    articles, rejects = ingest(tmp_path)
    assert [a["source"] for a in articles] == ["open/a.txt"]
    assert sorted((r["source"], r["reason"]) for r in rejects) == [("deep/locked", "unreadable"), ("locked", "unreadable")]
    assert [r["source"] for r in ingest(tmp_path / "locked")[1]] == ["locked"]


def test_a_file_of_the_same_name_and_content_is_rejected_once(tmp_path: Path) -> None:
    records = "".join(json.dumps({"id": str(i), "text": f"{TEXT} {i}"}) + "\n" for i in range(3))
    for folder in "pq":
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "b.jsonl").write_text(records)
        (tmp_path / folder / "c.txt").write_text(f"{TEXT} {folder}")
    articles, rejects = ingest(tmp_path / "p", tmp_path / "q")
    assert sorted(a["source"] for a in articles) == ["b.jsonl#1", "b.jsonl#2", "b.jsonl#3", "c.txt", "c.txt"]
    assert [(r["source"], r["record"], r["reason"]) for r in rejects] == [("b.jsonl", None, "duplicate_id")]
    assert "same content" in rejects[0]["detail"]


def test_a_big_file_of_the_same_name_and_content_is_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is a unit of its own."""
    monkeypatch.setattr("pipeline.ingest.discover.BIG_FILE", 1)
    for folder in "pq":
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "b.jsonl").write_text(json.dumps({"text": TEXT}))
    articles, rejects = ingest(tmp_path / "p", tmp_path / "q")
    assert len(articles) == 1
    assert [r["reason"] for r in rejects] == ["duplicate_id"]


def test_a_file_that_grew_beside_its_older_self_loses_no_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discover, "BIG_FILE", 1)  # each a unit of its own, as big files are
    lines = [json.dumps({"id": str(i), "text": f"{TEXT} {i}"}) if i % 10 else "{" for i in range(700)]
    for folder, number in (("p", 600), ("q", 700)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "n.jsonl").write_text("\n".join(lines[:number]) + "\n")
    runner = Runner(load_config(), tmp_path / "out")
    runner.ingest([str(tmp_path / "p"), str(tmp_path / "q")])
    counts = runner.store.current("ingest")["counts"]  # type: ignore[index]
    assert (counts["records"], counts["articles"], counts["rejects"]) == (1300, 630, 670)
    assert runner.store.read(REJECTS).num_rows == 670
