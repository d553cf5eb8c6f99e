"""Coverage-guided fuzzing of ingest, outside of the test run: ``python tests/fuzz/fuzz_readers.py FORMAT [-max_total_time=120] [CORPUS...]``.

Needs the extra ``fuzz`` (atheris). FORMAT is one of text, html, jsonl, json, csv, parquet, warc, feed, said_on, dates. A crash is an
exception that a reader lets out, a reject with reason ``failed``, or rows that do not fit their table.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["pipeline.ingest", "pipeline.entities.said_on"]):
    from pipeline.config import load_config
    from pipeline.entities.said_on import said_on
    from pipeline.ingest.dates import parse_date, publication_date
    from pipeline.ingest.discover import InputFile, Unit
    from pipeline.ingest.duplicates import Signature, find_repeats
    from pipeline.ingest.limits import Limits
    from pipeline.ingest.stage import IngestSettings, ingest_unit

_SMALL = Limits(text_chars=100_000, record_bytes=100_000, whole_file_bytes=200_000, expanded_bytes=1_000_000, html_bytes=200_000)


def reader_target(kind: str, folder: Path) -> Callable[[bytes], None]:
    """Reads the bytes as a file of the format."""
    config = load_config()
    settings, path = IngestSettings(config.ingest, config.topics, _SMALL), folder / "input"

    def target(data: bytes) -> None:
        path.write_bytes(data)
        unit = Unit("fuzz", (InputFile(str(path), "input", kind, "", len(data)),))
        for part in ingest_unit(unit, settings):
            part.tables()
            find_repeats(Signature(**row) for row in part.signatures)
            failed = [r for r in part.rejects if r["reason"] == "failed"]
            if failed:
                raise AssertionError(failed[0]["detail"])

    return target


def said_on_target(data: bytes) -> None:
    provider = atheris.FuzzedDataProvider(data)
    spans = sorted(provider.ConsumeIntInRange(0, 80) for _ in range(6))
    text = provider.ConsumeUnicodeNoSurrogates(200)
    said_on(text, [(0, len(text))], [(spans[0], spans[1])], (spans[2], spans[3]), (spans[4], spans[5]), datetime(2026, 3, 18, tzinfo=UTC))


def dates_target(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    parse_date(text)
    publication_date(text[:40], text, text[-80:], text)


def main() -> None:
    kind = sys.argv.pop(1)
    own: dict[str, Callable[[bytes], None]] = {"said_on": said_on_target, "dates": dates_target}
    with tempfile.TemporaryDirectory() as folder:
        atheris.Setup(sys.argv, own.get(kind) or reader_target(kind, Path(folder)))
        atheris.Fuzz()


if __name__ == "__main__":
    main()
