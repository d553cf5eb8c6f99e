"""Input that means harm: bounded, rejected with a reason, never a crash."""

from __future__ import annotations

import gzip
import io
import json
import os
import time
import tracemalloc
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.config import load_config
from pipeline.ingest.discover import FORMATS
from pipeline.ingest.limits import Limits
from pipeline.run import Runner
from pipeline.tables import ARTICLES
from tests.ingest.helpers import ingest
from tests.ingest.shapes import SHAPES, saved

TEXT = "The ministry said on Friday that the tariff on imported steel would stay in place until the end of the year, whatever the neighbours think of it."
SMALL = Limits(text_chars=20_000, record_bytes=10_000, whole_file_bytes=50_000, expanded_bytes=100_000, html_bytes=50_000)


def _reasons(rejects: list[dict]) -> set[str]:
    return {r["reason"] for r in rejects}


@pytest.mark.parametrize(
    "name", ["a.txt.gz", "a.jsonl.gz", "a.csv.gz", "a.xml.gz", "a.html.zst", "a.json.zst", "a.warc.zst", "a.parquet.gz"]
)
def test_a_decompression_bomb_is_stopped(tmp_path: Path, name: str) -> None:
    data = b" " * 5_000_000
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else zstandard.compress(data))
    articles, rejects = ingest(tmp_path / name, limits=SMALL)
    assert not articles
    assert _reasons(rejects) <= {"bad_archive", "too_large", "not_text", "bad_record", "empty", "bad_json"}


def test_a_parquet_file_that_repeats_a_long_value_is_stopped(tmp_path: Path) -> None:
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 3000, pa.int32()), pa.array(["tariff word " * 100_000]))
    pq.write_table(pa.table({"text": column}), tmp_path / "a.parquet")
    assert (tmp_path / "a.parquet").stat().st_size < 200_000
    articles, rejects = ingest(tmp_path / "a.parquet", limits=Limits(text_chars=20_000))
    assert not articles
    assert _reasons(rejects) == {"too_long", "bad_archive"}


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_an_enormous_line_loses_only_itself(tmp_path: Path, name: str) -> None:
    good = json.dumps({"text": TEXT}) if name == "a.jsonl" else f'"{TEXT}"'
    long = json.dumps({"text": "x" * 30_000}) if name == "a.jsonl" else "x" * 30_000
    (tmp_path / name).write_text("\n".join(([] if name == "a.jsonl" else ["text"]) + [good, long, good.replace("steel", "rope")]))
    articles, rejects = ingest(tmp_path / name, limits=SMALL)
    assert len(articles) == 2
    assert _reasons(rejects) == {"too_large"}


def test_memory_does_not_follow_a_line_without_an_end(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"text": "' + b"x" * 30_000_000)
    tracemalloc.start()
    ingest(tmp_path / "a.jsonl", limits=SMALL)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 30_000 + TEXT,
        "<table><tr><td>" * 1500 + TEXT,
        "<b class=ad></b>x " * 4000,
        "<br>" * 20_000 + TEXT,
        "<p>" + "&lt;" * 20_000,
        f"<article><h1>T</h1>{TEXT}</article>" * 200,
        "<!--" * 10_000,
        "<a href='" + "x" * 60_000,
        f"<html><head><script type='application/ld+json'>{'[' * 30_000}</script></head><body><article><p>{TEXT}</p></article></body></html>",
    ],
    ids=["divs", "tables", "drops", "breaks", "entities", "articles", "comments", "attribute", "json-ld"],
)
def test_hostile_pages_end_soon(tmp_path: Path, page: str) -> None:
    (tmp_path / "a.html").write_text(page)
    started = time.process_time()
    _, rejects = ingest(tmp_path / "a.html")
    assert time.process_time() - started < 20
    assert "failed" not in _reasons(rejects)


@pytest.mark.parametrize(
    "document",
    [
        '<!DOCTYPE r [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">]><rss><channel><title>&b;</title><item><description>&b;</description></item></channel></rss>',
        '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss><channel><item><description>&a;</description></item></channel></rss>',
        '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd" [ ]><rss><channel><item><description>x</description></item></channel></rss>',
    ],
)
def test_entities_are_not_expanded(tmp_path: Path, document: str) -> None:
    (tmp_path / "a.xml").write_text(document)
    articles, rejects = ingest(tmp_path / "a.xml")
    assert not articles
    assert _reasons(rejects) == {"bad_markup"}


@pytest.mark.parametrize(
    "declaration",
    [
        b"""<!DOCTYPE r PUBLIC "-//a>b//" "r.dtd" [ ]>""",
        b"""<!doctype r PUBLIC '-//a"[>b//' "r.dtd" [ ]>""",
        b"""<!DOCTYPE r\xe9 [ ]>""",
        b"""<!DOCTYPE r "><!entity a "x">""",
    ],
)
def test_declarations_are_found_behind_quotes(tmp_path: Path, declaration: bytes) -> None:
    item = f"<rss><channel><title>T</title><item><description>{TEXT}</description></item></channel></rss>".encode()
    (tmp_path / "a.xml").write_bytes(declaration + item)
    assert _reasons(ingest(tmp_path / "a.xml")[1]) == {"bad_markup"}
    (tmp_path / "b.xml").write_bytes(b"""<!DOCTYPE rss PUBLIC "-//[a]//" "rss.dtd">""" + item.replace(b"Friday", b'"Friday" [sic]'))
    assert len(ingest(tmp_path / "b.xml")[0]) == 1


@pytest.mark.parametrize("start", [b"<!DOCTYPE", b"<!DOCTYPE '", b"<!DOCTYPE \"'"])
def test_declarations_without_an_end_end_soon(tmp_path: Path, start: bytes) -> None:
    (tmp_path / "a.xml").write_bytes(start * 400_000)
    started = time.process_time()
    ingest(tmp_path / "a.xml")
    assert time.process_time() - started < 20


@pytest.mark.parametrize("left_out", [1, 5, 20_000])
def test_a_zstd_file_that_is_cut_off_is_rejected(tmp_path: Path, left_out: int) -> None:
    lines = "".join(json.dumps({"text": f"{TEXT} Number {i} {os.urandom(40).hex()}."}) + "\n" for i in range(3000))
    data = zstandard.compress(lines.encode())
    (tmp_path / "a.jsonl.zst").write_bytes(data[:-left_out])
    articles, rejects = ingest(tmp_path / "a.jsonl.zst")
    assert len(articles) > 100
    assert _reasons(rejects) == {"bad_archive"}


def test_all_frames_of_a_zstd_file_are_read(tmp_path: Path) -> None:
    frames = [zstandard.compress((json.dumps({"text": f"{TEXT} {i}"}) + "\n").encode()) for i in range(30)]
    skipped = b"\x50\x2a\x4d\x18\x03\x00\x00\x00abc"
    (tmp_path / "a.jsonl.zst").write_bytes(skipped + b"".join(frames) + skipped)
    articles, rejects = ingest(tmp_path / "a.jsonl.zst")
    assert len(articles) == 30
    assert not rejects


def test_memory_does_not_follow_what_a_zstd_file_expands_to(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.zst").write_bytes(zstandard.compress(b" " * 500_000_000))
    tracemalloc.start()
    ingest(tmp_path / "a.jsonl.zst", limits=SMALL)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000_000


def test_names_of_files_cannot_lead_elsewhere(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (tmp_path / "secret.txt").write_text(TEXT)
    (corpus / "loop").symlink_to(corpus)
    (corpus / "broken.txt").symlink_to(tmp_path / "nothing")
    (corpus / "x..%2f..%2fa.txt").write_text(TEXT)
    (corpus / "a\nb;$(touch x).txt").write_text(TEXT + " Again.")
    (Path(os.fsdecode(bytes(corpus) + b"/caf\xe9.txt"))).write_text(TEXT + " A third time.")
    os.mkfifo(corpus / "pipe.jsonl")
    runner = Runner(load_config(), tmp_path / "out")
    runner.ingest([str(corpus)])
    counts = runner.store.current("ingest")["counts"]  # type: ignore[index]
    assert (counts["records"], counts["articles"], counts["rejects"]) == (5, 3, 2)
    sources = set(runner.store.read(ARTICLES)["source"].to_pylist())
    assert sources == {"x..%2f..%2fa.txt", "a\nb;$(touch x).txt", "caf\\xe9.txt"}
    assert not (tmp_path / "x").exists()


def test_an_id_is_no_path(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"id": "../../etc/x", "text": TEXT}))
    runner = Runner(load_config(), tmp_path / "out")
    runner.ingest([str(tmp_path / "a.jsonl")])
    assert runner.store.read(ARTICLES)["article_id"].to_pylist() == ["../../etc/x"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.jsonl", "out"]


@pytest.mark.parametrize(
    ("name", "data", "reasons"),
    [
        ("a.jsonl", b'{"text": "caf\xe9 ' + TEXT.encode() + b'"}\n', {"bad_encoding"}),
        ("b.jsonl", b'{"text": "\\ud800 ' + TEXT.encode() + b'"}\n', {"bad_encoding"}),
        ("c.jsonl", b'{"text": "' + TEXT.encode() + b'", "title": "\\udfff"}\n', {"bad_encoding"}),
        ("d.jsonl", b'{"text": "\\u0000 ' + TEXT.encode() + b'"}\n', {"not_text"}),
        ("e.txt", b"\x01\x02\x03" * 100 + TEXT.encode(), {"not_text"}),
        ("f.txt", b"\xff\xfe\x00", {"bad_encoding"}),
        ("g.jsonl", b'{"text": ' + b"9" * 6000 + b"}\n", {"bad_json", "bad_record"}),
        ("h.jsonl", b"[" * 5000 + b"\n", {"bad_json"}),
        ("i.json", b'{"text": NaN}', {"bad_record", "missing_text"}),
    ],
)
def test_broken_encodings_and_control_characters(tmp_path: Path, name: str, data: bytes, reasons: set[str]) -> None:
    (tmp_path / name).write_bytes(data)
    articles, rejects = ingest(tmp_path / name)
    assert not articles
    assert _reasons(rejects) <= reasons
    assert rejects


def test_control_characters_in_text_stay_as_they_are(tmp_path: Path) -> None:
    text = f"\x0b{TEXT}\x85\u2028\x1b[31m\ufeff\u202e end\r\n"
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": text}))
    (article,), _ = ingest(tmp_path / "a.jsonl")
    assert article["text"] == text


def test_many_tiny_records_are_each_accounted_for(tmp_path: Path) -> None:
    """A million of them, scaled down; every third is bad."""
    lines = (json.dumps({"text": f"visa {i}"}) if i % 3 else '{"text": ' for i in range(6000))
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    runner = Runner(load_config(), tmp_path / "out")
    runner.ingest([str(tmp_path / "a.jsonl")])
    counts = runner.store.current("ingest")["counts"]  # type: ignore[index]
    assert (counts["records"], counts["articles"], counts["rejects"]) == (6000, 4000, 2000)


def test_an_id_that_comes_again_in_a_later_part_is_rejected(tmp_path: Path) -> None:
    records = [{"id": str(i % 500), "text": f"{TEXT} {i}"} for i in range(700)]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, records)))
    runner = Runner(load_config(), tmp_path / "out")
    runner.ingest([str(tmp_path / "a.jsonl")])
    counts = runner.store.current("ingest")["counts"]  # type: ignore[index]
    assert (counts["records"], counts["articles"], counts["rejects"]) == (700, 500, 200)


def _seeds() -> dict[str, bytes]:
    """A good file of each format, for fuzzing by damage."""
    frame = pd.DataFrame([{"text": TEXT, "title": "T", "published": "2026-02-03"}])
    parquet = io.BytesIO()
    frame.to_parquet(parquet)
    warc = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.example/1\r\nContent-Type: application/http; msgtype=response\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n"
    body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + saved(SHAPES["plain-article"]).encode()
    return {
        "text": f"Headline: T\nDate: 3 March 2026\n\n{TEXT}\n\nHeadline: U\nDate: x\n\n{TEXT}".encode(),
        "html": saved(SHAPES["old-table-layout"]).encode(),
        "jsonl": (json.dumps({"text": TEXT}) + "\n").encode() * 3,
        "json": json.dumps({"articles": [{"text": TEXT}]}).encode(),
        "csv": frame.to_csv(index=False).encode(),
        "parquet": parquet.getvalue(),
        "warc": warc % (len(body), body),
        "feed": f"<rss version='2.0'><channel><title>T</title><item><title>T</title><description>{TEXT}</description></item></channel></rss>".encode(),
    }


SEEDS = _seeds()
_EDITS = st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 40), st.binary(max_size=12)), max_size=6)


@pytest.mark.parametrize("suffix", sorted(FORMATS))
@given(edits=_EDITS, packed=st.sampled_from(["", ".gz", ".zst"]))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_damaged_files_are_read_or_rejected(tmp_path_factory: pytest.TempPathFactory, suffix: str, edits: list, packed: str) -> None:
    data = SEEDS[FORMATS[suffix]]
    for at, length, new in edits:
        at %= len(data) + 1
        data = data[:at] + new + data[at + length :]
    data = gzip.compress(data) if packed == ".gz" else zstandard.compress(data) if packed == ".zst" else data
    path = tmp_path_factory.mktemp("damage") / f"a{suffix}{packed}"
    path.write_bytes(data)
    _, rejects = ingest(path)
    assert "failed" not in _reasons(rejects), rejects
