"""News-database exports: text files with header fields, one file with many documents."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config import parse_config
from pipeline.errors import ConfigError
from pipeline.ingest.readers.exports import Headers, is_export, read_export
from pipeline.ingest.records import RawRecord
from tests.ingest.helpers import ingest

CODES = """\
HD
Ferry port counts the cost of a
tariff on rope
BY By Ines Halloway
WC 212 words
PD 3 February 2026
ET 06:14
SN Tidewater Gazette
SC TIDEG
LA English
CY (c) 2026 Tidewater Gazette

LP
The harbour board said on Monday that the new tariff on imported rope would cost each ferry 900 dollars a year.

TD
TD Marine, which sells half of it, welcomed the duty. IN the words of its director, it was overdue.

IN THE HARBOUR nobody else did.

CO
tdmar : TD Marine Ltd
IN
i74 : Water Transport | itsp : Transport
NS  c13 : Regulation
PUB Gazette Publishing
AN Document TIDEG00020260203ee2300001

HD    Rope makers want more
WC    101 words
PD    4 February 2026
SN    Tidewater Gazette
LP
Rope makers in three towns asked for a higher duty.

TD
They were told to wait until spring.
AN    Document TIDEG00020260204ee2300002
"""

NAMES = """\
Headline: Visa queue reaches the bakery
Date: March 3, 2026
Source: The Elm Street Courier
Byline: Tomas Reyer

The queue for visas outside the consulate reached the bakery on Monday, the baker said.

Note: the bakery is closed on Mondays.
"I sold eleven loaves through the window," he added.

Headline: Bakery opens earlier
Date: March 4, 2026
Source: The Elm Street Courier

The baker now opens at five. He expects the visa queue to last.

Source: Reyer
"""

FORM = """\
                               1 of 2 DOCUMENTS

                              Port Sentinel

Title: Magnets held at the border
Publication title: Port Sentinel
Publication date: Feb 5, 2026
Full text: Two crates of magnets were held at the border, a broker said.

He expects them to be let go next week.
Subject: Magnets; Customs
Language of publication: English
Document URL: https://port.example/magnets
____________________________________________________________
Title: Magnets let go
Publication title: Port Sentinel
Publication date: Feb 12, 2026
Full text: The two crates were let go on Thursday, the broker said.
Subject: Magnets
____________________________________________________________
"""


def _read(tmp_path: Path, text: str, **config: object) -> tuple[list[dict], list[dict]]:
    (tmp_path / "export.txt").write_text(text)
    return ingest(tmp_path / "export.txt", config=config)


def test_fields_named_by_codes(tmp_path: Path) -> None:
    (first, second), rejects = _read(tmp_path, CODES)
    assert not rejects
    assert first["title"] == "Ferry port counts the cost of a tariff on rope"
    assert (first["publisher"], first["author"], str(first["published"])[:10]) == ("Tidewater Gazette", "By Ines Halloway", "2026-02-03")
    assert first["published_from"] == "metadata"
    assert first["text"].startswith("The harbour board said on Monday")
    assert first["text"].endswith("IN THE HARBOUR nobody else did.")
    assert "TD Marine, which sells half of it, welcomed the duty. IN the words" in first["text"]
    assert "i74" not in first["text"]
    assert second["title"] == "Rope makers want more"
    assert second["text"].split("\n") == ["Rope makers in three towns asked for a higher duty.", "", "They were told to wait until spring."]
    assert second["source"] == "export.txt#2"


def test_fields_named_by_words(tmp_path: Path) -> None:
    (first, second), rejects = _read(tmp_path, NAMES)
    assert not rejects
    assert (first["title"], first["publisher"]) == ("Visa queue reaches the bakery", "The Elm Street Courier")
    assert first["text"].endswith('Note: the bakery is closed on Mondays.\n"I sold eleven loaves through the window," he added.')
    assert str(second["published"])[:10] == "2026-03-04"
    assert second["text"] == "The baker now opens at five. He expects the visa queue to last."
    assert second["publisher"] == "The Elm Street Courier"


def test_documents_parted_by_rules_with_fields_after_the_body(tmp_path: Path) -> None:
    (first, second), rejects = _read(tmp_path, FORM)
    assert not rejects
    assert first["text"] == "Two crates of magnets were held at the border, a broker said.\n\nHe expects them to be let go next week."
    assert (first["publisher"], first["url"], str(first["published"])[:10]) == (
        "Port Sentinel",
        "https://port.example/magnets",
        "2026-02-05",
    )
    assert second["text"] == "The two crates were let go on Thursday, the broker said."


def test_windows_line_breaks(tmp_path: Path) -> None:
    (tmp_path / "export.txt").write_bytes(NAMES.replace("\n", "\r\n").encode())
    (first, second), _ = ingest(tmp_path / "export.txt")
    assert first["title"] == "Visa queue reaches the bakery"
    assert second["text"].startswith("The baker now opens")


def test_names_and_pattern_can_be_configured(tmp_path: Path) -> None:
    text = "@Kop Visum teurer\n@Medium Port News\n@Tag 3 March 2026\nThe visa fee rises again, the ministry said on Monday.\n"
    names = {"Kop": "title", "Medium": "publisher", "Tag": "published"}
    (article,), _ = _read(tmp_path, text, headers=names, header_pattern=r"^@(?P<name>\w+) (?P<value>.*)$")
    assert (article["title"], article["publisher"], str(article["published"])[:10]) == ("Visum teurer", "Port News", "2026-03-03")
    assert article["text"] == "The visa fee rises again, the ministry said on Monday."


@pytest.mark.parametrize(
    ("key", "value"),
    [("header_pattern", "(?P<name>x"), ("header_pattern", "^x$"), ("header_pattern", 7), ("headers", {"Kop": "headline"})],
)
def test_a_wrong_pattern_is_told(key: str, value: object) -> None:
    with pytest.raises(ConfigError, match=f"ingest.{key}"):
        parse_config({"ingest": {key: value}})


@pytest.mark.parametrize(
    "text",
    [
        "Tariff stays\n\nThe ministry said: the tariff stays. Source: the ministry.\n",
        "Note: this is a story.\n\nDate: none was set, the mayor said.\n",
        "IN THE BEGINNING there was a duty.\nBY AND BY it went.\n",
        "Title: One\n\nThe only field is the title, and the rest is text about a tariff.\n",
    ],
)
def test_an_ordinary_text_is_no_export(text: str) -> None:
    assert not is_export(text, Headers("", ()))


def test_a_document_without_a_body_is_rejected(tmp_path: Path) -> None:
    articles, rejects = _read(tmp_path, "Headline: One\nDate: March 3, 2026\n\nHeadline: Two\nDate: March 4, 2026\n\nThe visa fee stays.\n")
    assert [a["title"] for a in articles] == ["Two"]
    assert [r["reason"] for r in rejects] == ["missing_text"]


@given(
    st.lists(st.sampled_from([*CODES.split("\n"), *NAMES.split("\n"), *FORM.split("\n"), "TD", "\x00", "HD", "\r", "LP x"]), max_size=60)
)
@settings(max_examples=200, deadline=None)
def test_any_order_of_lines_gives_documents(lines: list[str]) -> None:
    text = "\n".join(lines)
    headers = Headers("", ())
    is_export(text, headers)
    found = list(read_export(text, "x", headers))
    assert sum(len(f.text) for f in found if isinstance(f, RawRecord)) <= len(text)
