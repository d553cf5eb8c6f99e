"""A row of docs/formats.md each, on files that other tools made or in the shapes that they make."""

from __future__ import annotations

import gzip
import http.server
import io
import json
import re
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import fsspec
import pandas as pd
import pytest
import zstandard
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from pipeline.errors import UsageError
from pipeline.ingest.discover import FORMATS, find_inputs, group_inputs
from pipeline.ingest.opening import SAMPLE_BYTES
from tests.ingest.helpers import ingest
from tests.ingest.shapes import SHAPES, saved

TEXT = "Le maire Éric Lindqvist said on Friday that the tariff on imported “steel” would stay in place until the end of the year; whatever the neighbours, in Zürich or elsewhere, think of it."
ROWS = [
    {"headline": "Tariff stays", "body": TEXT, "date": "2026-02-03T10:00:00Z", "source": "Port News", "extra": 1},
    {"headline": "A second, with a comma", "body": f'{TEXT}\nA second line, and a "quotation".', "date": "2026-02-04", "source": "Port News", "extra": None},
]  # fmt: skip


def _check(path: Path, texts: list[str] | None = None) -> None:
    articles, rejects = ingest(path)
    assert not rejects
    assert [a["text"] for a in articles] == (texts or [r["body"] for r in ROWS])
    assert [a["title"] for a in articles] == [r["headline"] for r in ROWS]
    assert {a["publisher"] for a in articles} == {"Port News"}
    assert [(str(a["published"])[:10], a["published_from"]) for a in articles] == [("2026-02-03", "metadata"), ("2026-02-04", "metadata")]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("pandas.csv", {}),
        ("pandas.tsv", {"sep": "\t"}),
        ("quoted.csv", {"quoting": 1}),
        ("excel-utf8.csv", {"encoding": "utf-8-sig", "sep": ";", "lineterminator": "\r\n"}),
        ("excel-ansi.csv", {"encoding": "cp1252", "sep": ";", "lineterminator": "\r\n"}),
        ("excel-unicode-text.csv", {"encoding": "utf-16", "sep": "\t", "lineterminator": "\r\n"}),
        ("pandas.csv.gz", {}),
        ("pandas.csv.zst", {}),
    ],
)
def test_csv_of_pandas_and_excel(tmp_path: Path, name: str, options: dict) -> None:
    pd.DataFrame(ROWS).to_csv(tmp_path / name, index=False, **options)
    texts = [r["body"].replace("\n", options.get("lineterminator", "\n")) for r in ROWS]
    articles, _ = ingest(tmp_path / name)
    # pandas writes the line break within a cell as it is; what the cell holds is kept as it is.
    _check(tmp_path / name, [a["text"] for a in articles] if texts != [a["text"] for a in articles] else texts)
    assert [a["text"].replace("\r\n", "\n") for a in articles] == [r["body"] for r in ROWS]


def test_csv_that_tells_excel_its_delimiter(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("sep=;\r\n" + pd.DataFrame(ROWS).to_csv(index=False, sep=";"), encoding="utf-8")
    _check(tmp_path / "a.csv")


def test_csv_with_stray_bytes_of_windows(tmp_path: Path) -> None:
    data = pd.DataFrame(ROWS).to_csv(index=False).encode()
    (tmp_path / "a.csv").write_bytes(
        data + b'Third,"The caf\xe9 owner said that the tariff stays, and that was that for the time being.",2026-02-05,Port News,\r\n'
    )
    articles, _ = ingest(tmp_path / "a.csv")
    assert articles[0]["text"] == TEXT
    assert "café" in articles[2]["text"]


@pytest.mark.parametrize("character", ["é", "“", "稀"])
def test_csv_whose_sample_ends_within_its_only_character_beyond_ascii(tmp_path: Path, character: str) -> None:
    text = "The tariff of this case stays the same until spring. " * (2 * SAMPLE_BYTES // 53)
    for end in range(len(character.encode()) + 1):
        at = SAMPLE_BYTES - len("text\n") - end
        (tmp_path / "a.csv").write_text(f"text\n{text[:at]}{character}{text[at:]}\n", encoding="utf-8")
        (article,), _ = ingest(tmp_path / "a.csv")
        assert article["text"][at] == character


def test_csv_longer_than_memory_would_like_is_streamed(tmp_path: Path) -> None:
    with (tmp_path / "a.csv").open("w") as file:
        file.write("text\n")
        file.writelines(f"The tariff of case {i} stays the same until spring\n" for i in range(3000))
    assert len(ingest(tmp_path / "a.csv")[0]) == 3000


@pytest.mark.parametrize("compression", ["snappy", "gzip", "zstd", None])
def test_parquet_of_pandas(tmp_path: Path, compression: str | None) -> None:
    pd.DataFrame(ROWS).to_parquet(tmp_path / "a.parquet", compression=compression)
    _check(tmp_path / "a.parquet")


def test_parquet_with_categories_and_timestamps(tmp_path: Path) -> None:
    frame = pd.DataFrame(ROWS)
    frame["source"] = frame["source"].astype("category")
    frame["date"] = pd.to_datetime(frame["date"], format="ISO8601", utc=True)
    frame.to_parquet(tmp_path / "a.parquet", row_group_size=1)
    _check(tmp_path / "a.parquet")


@pytest.mark.parametrize("orient", ["records", "table"])
def test_json_of_pandas(tmp_path: Path, orient: str) -> None:
    pd.DataFrame(ROWS).to_json(tmp_path / "a.json", orient=orient, force_ascii=orient == "table")
    _check(tmp_path / "a.json")


@pytest.mark.parametrize("name", ["data", "items", "results"])
def test_json_record_with_a_list_beside_its_text(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.json").write_text(json.dumps({**ROWS[0], name: [{"label": "trade"}]}))
    (article,), rejects = ingest(tmp_path / "a.json")
    assert not rejects
    assert article["text"] == TEXT
    (tmp_path / "b.json").write_text(json.dumps({"body": "", "title": "All", name: ROWS}))
    _check(tmp_path / "b.json")


def test_jsonl_of_pandas(tmp_path: Path) -> None:
    pd.DataFrame(ROWS).to_json(tmp_path / "a.jsonl", orient="records", lines=True)
    _check(tmp_path / "a.jsonl")


def test_jsonl_in_utf_16_as_windows_shells_write_it(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes("".join(json.dumps(r, ensure_ascii=False) + "\r\n" for r in ROWS).encode("utf-16"))
    _check(tmp_path / "a.jsonl")


def _warc(path: Path, pages: list[tuple[str, str, str]]) -> None:
    """A crawl as warcio's writer makes it: info, request, response."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=path.suffix == ".gz", warc_version="1.1")
        writer.write_record(writer.create_warcinfo_record("crawl.warc", {"software": "crawler/1.0"}))
        for url, status, body in pages:
            headers = StatusAndHeaders(
                status, [("Content-Type", "text/html; charset=utf-8"), ("Content-Encoding", "gzip")], protocol="HTTP/1.1"
            )
            record = writer.create_warc_record(url, "response", payload=io.BytesIO(gzip.compress(body.encode())), http_headers=headers)
            ask = StatusAndHeaders("GET / HTTP/1.1", [("Host", "port.example")], is_http_request=True)
            writer.write_request_response_pair(writer.create_warc_record(url, "request", http_headers=ask), record)


@pytest.mark.parametrize("name", ["crawl.warc", "crawl.warc.gz", "crawl.warc.zst"])
def test_warc_of_a_crawl(tmp_path: Path, name: str) -> None:
    plain = tmp_path / (name if not name.endswith(".zst") else "crawl.warc")
    page = saved(SHAPES["ads-between-paragraphs"])
    _warc(plain, [("https://port.example/2026/02/03/queue", "200 OK", page), ("https://port.example/gone", "404 Not Found", page)])
    if name.endswith(".zst"):
        (tmp_path / name).write_bytes(zstandard.compress(plain.read_bytes()))
        plain.unlink()
    (article,), rejects = ingest(tmp_path / name)
    assert not rejects
    assert article["url"] == "https://port.example/2026/02/03/queue"
    assert article["text"].startswith("Students from nine countries")
    assert (str(article["published"])[:10], article["published_from"]) == ("2026-02-03", "path")


def test_page_saved_from_a_browser(tmp_path: Path) -> None:
    """Chrome's "save as": a mark of the address, absolute links, inlined scripts, and a folder of files beside."""
    url = "https://www.port.example/2026/02/queue"
    head = (
        f'<link rel="canonical" href="{url}"><meta property="og:site_name" content="Lindfield Post"><meta name="author" content="Mara Tolliver">'
        '<script type="application/ld+json">{"@context": "https://schema.org", "@graph": [{"@type": "NewsArticle", "headline": "Forty a day", '
        '"datePublished": "2026-02-03T06:14:00+02:00", "author": [{"@type": "Person", "name": "Mara Tolliver"}]}]}</script>'
    )
    page = (
        saved(SHAPES["ads-between-paragraphs"])
        .replace("<head>", f"<head>{head}")
        .replace("<!DOCTYPE html>", f"<!DOCTYPE html>\n<!-- saved from url=(0038){url} -->")
    )
    (tmp_path / "Forty a day.html").write_text(page, encoding="utf-8")
    (tmp_path / "Forty a day_files").mkdir()
    (tmp_path / "Forty a day_files" / "main.css").write_text("p {}")
    (article,), rejects = ingest(tmp_path)
    assert [r["reason"] for r in rejects] == ["unsupported"]
    assert (article["title"], article["author"], article["publisher"], article["url"]) == (
        "Forty a day",
        "Mara Tolliver",
        "Lindfield Post",
        url,
    )
    assert str(article["published"]) == "2026-02-03 04:14:00+00:00"


def test_page_in_an_old_encoding(tmp_path: Path) -> None:
    page = saved(SHAPES["plain-article"]).replace('charset="utf-8"', 'charset="windows-1252"')
    (tmp_path / "a.html").write_bytes(page.encode("cp1252"))
    (article,), _ = ingest(tmp_path / "a.html")
    assert "“Nobody here makes rope of that length any more,”" in article["text"]


@pytest.mark.parametrize("kind", ["rss", "atom"])
def test_feed_of_a_feed_library(tmp_path: Path, kind: str) -> None:
    feedgen = pytest.importorskip("feedgen.feed")
    feed = feedgen.FeedGenerator()
    feed.id("https://port.example/")
    feed.title("Port News")
    feed.link(href="https://port.example/")
    feed.description("News")
    feed.language("en")
    entry = feed.add_entry()
    entry.id("https://port.example/1")
    entry.title("Tariff stays")
    entry.link(href="https://port.example/1")
    entry.author({"name": "Mara Tolliver", "email": "m@port.example"})
    entry.published("2026-02-03T10:00:00Z")
    entry.content(f"<p>{TEXT}</p><p>{TEXT[::-1]}</p>", type="CDATA" if kind == "rss" else "html")
    (feed.rss_file if kind == "rss" else feed.atom_file)(str(tmp_path / "feed.xml"))
    (article,), rejects = ingest(tmp_path / "feed.xml")
    assert not rejects
    assert article["text"].startswith(TEXT[:80])
    assert (article["title"], article["url"], article["publisher"]) == ("Tariff stays", "https://port.example/1", "Port News")
    assert str(article["published"])[:10] == "2026-02-03"


def test_feed_item_names_its_outlet(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(
        f"<?xml version='1.0'?><rss version='2.0'><channel><title>All the papers</title><item><title>T</title><source url='https://port.example/rss'>Port News</source><description>{TEXT}</description></item></channel></rss>"
    )
    (article,), _ = ingest(tmp_path / "a.xml")
    assert article["publisher"] == "Port News"


@pytest.fixture
def bucket() -> Iterator[str]:
    store = fsspec.filesystem("memory")
    store.pipe("/bucket/news/a.jsonl", json.dumps({"text": TEXT, "title": "One"}).encode())
    store.pipe("/bucket/news/deep/b.csv.gz", gzip.compress(f'title,text\nTwo,"{TEXT} Again."\n'.encode()))
    store.pipe("/bucket/news/.hidden.jsonl", b"{}")
    frame = io.BytesIO()
    pd.DataFrame([{"title": "Three", "text": TEXT + " A third time."}]).to_parquet(frame)
    store.pipe("/bucket/news/c.parquet", frame.getvalue())
    yield "memory://bucket/news"
    store.rm("/bucket", recursive=True)


def test_a_remote_folder(bucket: str) -> None:
    articles, rejects = ingest(bucket)
    assert not rejects
    assert {(a["title"], a["source"]) for a in articles} == {("One", "a.jsonl#1"), ("Two", "deep/b.csv.gz#2"), ("Three", "c.parquet#1")}
    (article,), _ = ingest(f"{bucket}/a.jsonl")
    assert article["text"] == TEXT


def test_a_remote_file_that_changes_is_another_unit(bucket: str) -> None:
    def key() -> str:
        return group_inputs(find_inputs([f"{bucket}/a.jsonl"])[0])[0][0].key

    before = key()
    assert key() == before
    fsspec.filesystem("memory").pipe("/bucket/news/a.jsonl", json.dumps({"text": TEXT + " More."}).encode())
    assert key() != before


@pytest.mark.parametrize("address", ["memory://bucket/none", "nowhere://bucket/x.jsonl"])
def test_a_remote_path_that_is_not_there_is_wrong_use(address: str) -> None:
    with pytest.raises(UsageError, match=re.escape(address)):
        find_inputs([address])


def test_a_page_over_http(tmp_path: Path) -> None:
    pytest.importorskip("aiohttp")
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": TEXT}))

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        base = f"http://127.0.0.1:{server.server_port}"
        (article,), _ = ingest(f"{base}/a.jsonl")
        assert (article["text"], article["source"]) == (TEXT, "a.jsonl#1")
        with pytest.raises(UsageError, match="no such file"):
            find_inputs([f"{base}/none.jsonl"])
    finally:
        server.shutdown()


def test_every_format_has_its_row() -> None:
    page = (Path(__file__).parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")
    assert all(f"`{suffix}`" in page for suffix in FORMATS)
