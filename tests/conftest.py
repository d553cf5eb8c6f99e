"""Shared fixtures: one end-to-end run over a small corpus, made once a session."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

ARTICLES = [
    {
        "id": "harbor-1",
        "title": "Exporters wait for magnet permits",
        "publisher": "Harbor Ledger",
        "published": "2026-03-14T08:00:00Z",
        "text": (
            "BEIJING, March 14 - China's Ministry of Commerce said on Friday that the new permits for rare earth magnets lift the ban on exports. "
            "“Compliant applications will be approved within ten days,” spokesman Lu Anqi said.\n\n"
            "German carmakers disagreed. Petra Vollmann, who heads the suppliers’ league, said that the permits change only procedure. "
            "“Nothing has moved since January,” she added.\n\nThe harbour was closed by fog for an hour on Thursday."
        ),
    },
    {
        "id": "courier-1",
        "title": "Steel tariff splits the valley",
        "publisher": "Valley Courier",
        "published": "2026-03-15",
        "text": (
            "The White House said it would raise the tariff on imported steel to 40 percent. Mill owner Odile Strand welcomed the duty, calling it "
            '"the first honest price in years". Farm groups oppose the tariff. According to economist Ravi Menon, it will cost each household 300 dollars a year.'
        ),
    },
    {
        "id": "courier-2",
        "title": "Choir wins county prize",
        "publisher": "Valley Courier",
        "published": "2026-03-16",
        "text": "The chamber choir of Elm Street won the county prize on Sunday. “We sang for our late conductor,” said soprano Ana Reyes. The jury praised its pianissimo.",
    },
]


def write_jsonl(path: Path, records: list[dict]) -> Path:
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def small_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    write_jsonl(folder / "news.jsonl", ARTICLES)
    copy = dict(ARTICLES[1], id="syndicated-1", title="Steel duty divides", publisher="Tidewater Syndicate", published="2026-03-17")
    write_jsonl(folder / "later.jsonl", [copy])
    return folder


@pytest.fixture(scope="session")
def small_run(small_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from pipeline import Runner, load_config

    outputs = tmp_path_factory.mktemp("outputs") / "out"
    Runner(load_config(), outputs).run([str(small_corpus)])
    return outputs
