"""Every format in, and everything that can be wrong with it."""

from __future__ import annotations

import gzip
import io
import json
import os
from pathlib import Path

import pandas as pd
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from pipeline.config import load_config
from pipeline.errors import UsageError
from pipeline.ingest.dates import parse_date, publication_date
from pipeline.ingest.discover import FORMATS, find_inputs, group_inputs
from pipeline.ingest.duplicates import find_repeats, signature
from pipeline.ingest.stage import Part, ingest_unit, settings_of
from tests.conftest import write_jsonl

SETTINGS = settings_of(load_config())
TEXT = "The ministry said on Friday that the tariff on imported steel would stay in place until the end of the year, whatever the neighbours think of it."
PAGE = f"""<!DOCTYPE html><html lang="en"><head><title>Tariff stays | Port News</title><meta property="og:site_name" content="Port News">
<meta property="article:published_time" content="2026-02-03T10:00:00Z"></head><body><nav><a href="/">Home</a></nav><div class="cookie"><p>We use cookies.</p></div>
<article><h1>Tariff stays</h1><p>{TEXT}</p><p>Traders in the port had hoped for an early end, and several of them said so at a meeting on Thursday night.</p></article>
<footer><p>Terms of use</p></footer></body></html>"""


def ingest(*paths: Path) -> tuple[list[dict], list[dict], int]:
    files, rejects = find_inputs([str(p) for p in paths])
    units, unreadable = group_inputs(files)
    parts: list[Part] = [part for unit in units for part in ingest_unit(unit, SETTINGS)]
    refused = [{"reason": r.reason, "detail": r.detail, "source": r.source} for r in [*rejects, *unreadable]]
    articles = [row for part in parts for row in part.articles]
    found = [row for part in parts for row in part.rejects]
    records = sum(part.records for part in parts)
    assert records == len(articles) + len(found)
    return articles, found + refused, records + len(refused)


def _warc(path: Path) -> None:
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=path.suffix == ".gz")
        for content_type, body in (("text/html; charset=utf-8", PAGE.encode()), ("image/png", b"\x89PNG")):
            headers = StatusAndHeaders("200 OK", [("Content-Type", content_type)], protocol="HTTP/1.1")
            writer.write_record(
                writer.create_warc_record("https://port.example/1", "response", payload=io.BytesIO(body), http_headers=headers)
            )


def _write(path: Path) -> None:
    record = {"text": TEXT, "title": "Tariff stays", "published": "2026-02-03"}
    frame = pd.DataFrame([record])
    name = path.name
    if name.endswith(".jsonl"):
        write_jsonl(path, [record])
    elif name.endswith(".json"):
        path.write_text(json.dumps({"articles": [record]}))
    elif name.endswith((".csv", ".tsv")):
        frame.to_csv(path, index=False, sep="\t" if name.endswith(".tsv") else ",")
    elif name.endswith(".parquet"):
        frame.to_parquet(path)
    elif name.endswith((".html", ".htm")):
        path.write_text(PAGE)
    elif name.endswith((".warc", ".warc.gz")):
        _warc(path)
    elif name.endswith(".xml"):
        path.write_text(
            f"<?xml version='1.0'?><rss version='2.0'><channel><title>Port News</title><item><title>Tariff stays</title><pubDate>Tue, 03 Feb 2026 10:00:00 GMT</pubDate><description>{TEXT}</description></item></channel></rss>"
        )
    else:
        path.write_text(f"Tariff stays\n\nLONDON, February 3, 2026 - {TEXT}\n")


@pytest.mark.parametrize(
    "name", ["a.jsonl", "a.json", "a.csv", "a.tsv", "a.parquet", "a.html", "a.htm", "a.warc", "a.warc.gz", "a.xml", "a.txt", "a.md"]
)
def test_every_format_gives_its_article(tmp_path: Path, name: str) -> None:
    _write(tmp_path / name)
    articles, rejects, _ = ingest(tmp_path)
    assert not rejects
    (article,) = articles
    assert TEXT in article["text"]
    assert article["title"] == "Tariff stays"
    assert article["topics"] == ["tariffs"]
    assert str(article["published"])[:10] == "2026-02-03"


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.html", "a.txt", "a.parquet"])
@pytest.mark.parametrize("compression", [".gz", ".zst"])
def test_every_format_may_be_compressed(tmp_path: Path, name: str, compression: str) -> None:
    plain = tmp_path / name
    _write(plain)
    data = plain.read_bytes()
    plain.unlink()
    packed = gzip.compress(data) if compression == ".gz" else zstandard.compress(data)
    (tmp_path / (name + compression)).write_bytes(packed)
    articles, rejects, _ = ingest(tmp_path)
    assert len(articles) == 1
    assert not rejects


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=120))
@settings(max_examples=40, deadline=None)
def test_structured_text_is_kept_byte_for_byte(tmp_path_factory: pytest.TempPathFactory, extra: str) -> None:
    folder = tmp_path_factory.mktemp("exact")
    text = f"{extra}{TEXT}{extra}"
    write_jsonl(folder / "a.jsonl", [{"text": text, "language": "en"}])
    pd.DataFrame([{"text": text + " "}]).to_parquet(folder / "b.parquet")
    articles, rejects, _ = ingest(folder)
    assert all(r["reason"] == "language" for r in rejects)
    assert {a["text"] for a in articles} <= {text, text + " "}


def test_one_bad_line_loses_nothing_else(tmp_path: Path) -> None:
    good = json.dumps({"text": TEXT})
    (tmp_path / "a.jsonl").write_text(
        "\n".join(
            [
                good,
                '{"text": "cut off',
                json.dumps({"title": "no text"}),
                "[1]",
                json.dumps({"text": 7}),
                json.dumps({"text": TEXT + " Again."}),
            ]
        )
    )
    articles, rejects, records = ingest(tmp_path)
    assert len(articles) == 2
    assert [r["reason"] for r in rejects] == ["bad_json", "missing_text", "bad_record", "bad_record"]
    assert "line 2" in rejects[0]["detail"]
    assert records == 6


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("binary.txt", bytes(range(256)) * 40, "not_text"),
        ("corrupt.jsonl.gz", gzip.compress(b'{"text": "x"}' * 2000)[:60], "bad_archive"),
        ("corrupt.txt.zst", b"no zstandard at all", "bad_archive"),
        ("chinese.txt", ("商务部新闻发言人周五表示，稀土出口许可制度不是禁令。" * 20).encode(), "language"),
        (
            "german.txt",
            (
                "Die Regierung sagte am Freitag, dass der Zoll auf Stahl bleiben werde, und die Händler waren damit nicht zufrieden. " * 5
            ).encode(),
            "language",
        ),
        ("broken.json", b'{"text": ', "bad_json"),
        ("deep.json", b"[" * 100_000, "bad_json"),
        ("deep.html", b"<div>" * 50_000, "bad_markup"),
        ("entities.xml", b'<!DOCTYPE a [<!ENTITY x "y">]><rss><channel><title>&x;</title></channel></rss>', "bad_markup"),
        ("note.docx", b"PK", "unsupported"),
        ("broken.parquet", b"PAR1 no", "bad_record"),
        ("empty.txt", b" \n", "empty"),
        ("unseen.txt", "\u200b \ufeff \u00ad".encode(), "empty"),
    ],
)
def test_bad_input_is_rejected_with_its_reason(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    (tmp_path / name).write_bytes(content)
    write_jsonl(tmp_path / "good.jsonl", [{"text": TEXT}])
    articles, rejects, _ = ingest(tmp_path)
    assert len(articles) == 1
    assert [r["reason"] for r in rejects] == [reason]
    assert rejects[0]["source"].startswith(name)


def test_records_before_a_corrupt_end_are_kept(tmp_path: Path) -> None:
    lines = "".join(json.dumps({"text": f"{TEXT} Number {i} {os.urandom(40).hex()}."}) + "\n" for i in range(3000))
    data = gzip.compress(lines.encode())
    (tmp_path / "a.jsonl.gz").write_bytes(data[: len(data) // 2])
    articles, rejects, _ = ingest(tmp_path)
    assert len(articles) > 100
    assert [r["reason"] for r in rejects] == ["bad_archive"]


def test_a_huge_document_is_too_long(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "a.jsonl", [{"text": "word " * 10_000_000}, {"text": TEXT}])
    articles, rejects, _ = ingest(tmp_path)
    assert len(articles) == 1
    assert [r["reason"] for r in rejects] == ["too_long"]


def test_a_bomb_is_stopped(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "bomb.txt.gz", "wb") as file:
        for _ in range(300):
            file.write(b" " * 1_000_000)
    _, rejects, _ = ingest(tmp_path)
    assert [r["reason"] for r in rejects] == ["bad_archive"] or [r["reason"] for r in rejects] == ["too_large"]


def test_empty_inputs_are_no_error(tmp_path: Path) -> None:
    pd.DataFrame({"text": pd.Series([], dtype=str)}).to_parquet(tmp_path / "empty.parquet")
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "empty.csv").write_text("")
    assert ingest(tmp_path) == ([], [], 0)


def test_a_missing_path_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere"):
        find_inputs([str(tmp_path / "nowhere")])


@pytest.mark.parametrize("kind", sorted(set(FORMATS)))
@given(data=st.binary(max_size=400))
@settings(max_examples=12, deadline=None)
def test_no_bytes_make_a_reader_crash(tmp_path_factory: pytest.TempPathFactory, kind: str, data: bytes) -> None:
    path = tmp_path_factory.mktemp("fuzz") / f"a{kind}"
    path.write_bytes(data)
    _, rejects, _ = ingest(path)
    assert all(r["reason"] != "failed" for r in rejects)


def test_a_file_that_is_added_changes_one_unit(tmp_path: Path) -> None:
    for i in range(400):
        (tmp_path / f"n{i:04d}.txt").write_text(f"Title {i}\n\n{TEXT} {i}")
    before = {u.key for u in group_inputs(find_inputs([str(tmp_path)])[0])[0]}
    (tmp_path / "n0200b.txt").write_text("New\n\n" + TEXT)
    after = {u.key for u in group_inputs(find_inputs([str(tmp_path)])[0])[0]}
    assert len(before) > 3
    assert len(after - before) == 1


WIRE = " ".join(
    f"Sentence number {i} of the wire story says that tariffs on item {i * 7} go up by {i} percent next month." for i in range(12)
)


@pytest.mark.parametrize(
    ("other", "duplicate"),
    [
        (WIRE.upper(), True),
        (WIRE + " More to come.", True),
        (WIRE.rsplit(".", 2)[0], True),
        (WIRE.replace("tariffs", "quotas").replace("says", "denies").replace("item", "lot"), False),
        (TEXT, False),
    ],
)
def test_near_duplicates(other: str, duplicate: bool) -> None:
    first, second = signature("b", None, None, WIRE), signature("c", None, None, other)
    expected = {"c": "b"} if duplicate else {}
    assert find_repeats([first, second]).duplicate_of == expected
    assert find_repeats([second, first]).duplicate_of == expected


@pytest.mark.parametrize(
    ("given", "day"),
    [
        ("2026-03-14T08:00:00Z", "2026-03-14"),
        ("Sat, 14 Mar 2026 23:30:00 -0500", "2026-03-15"),
        ("March 14, 2026", "2026-03-14"),
        ("14 Sept. 2026", "2026-09-14"),
        ("1773446400", "2026-03-14"),
        ("2015", None),
        ("soon", None),
    ],
)
def test_dates(given: str, day: str | None) -> None:
    found = parse_date(given)
    assert (str(found.date()) if found else None) == day


def test_a_date_is_looked_for_in_text_and_path() -> None:
    assert publication_date(None, "PARIS, 3 March 2026 - ...", "x.txt")[1] == "dateline"
    assert str(publication_date(None, "No date.", "news/2026-04-05-port.txt")[0])[:10] == "2026-04-05"
    assert publication_date(None, "No date.", "x.txt") == (None, None)


def test_a_file_that_may_not_be_read_is_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_jsonl(tmp_path / "good.jsonl", [{"text": TEXT}])
    write_jsonl(tmp_path / "locked.jsonl", [{"text": TEXT}])
    real_open = open

    def guarded(path: object, *args: object, **kwargs: object) -> object:
        if str(path).endswith("locked.jsonl"):
            raise PermissionError(13, "Permission denied")
        return real_open(path, *args, **kwargs)  # type: ignore[call-overload]

    monkeypatch.setattr("builtins.open", guarded)
    articles, rejects, _ = ingest(tmp_path)
    assert len(articles) == 1
    assert [(r["reason"], r["source"]) for r in rejects] == [("unreadable", "locked.jsonl")]
