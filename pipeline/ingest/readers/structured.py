"""JSONL, JSON, CSV and TSV, and Parquet: records with named fields."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import RejectedInput
from pipeline.ingest.discover import InputFile
from pipeline.ingest.limits import Limits
from pipeline.ingest.opening import decode, lines, open_bytes, read_whole
from pipeline.ingest.records import RawRecord, Reject, record_from

Found = Iterator[RawRecord | Reject]
_LISTS = ("articles", "data", "items", "records", "results", "docs", "documents", "rows")
_NESTING = "the JSON is nested too deeply"


def read_jsonl(file: InputFile, limits: Limits, columns: Mapping[str, str]) -> Found:
    """One JSON object a line."""
    with open_bytes(file, limits) as stream:
        for number, line in lines(stream, limits):
            record = f"#{number}"
            if line is None:
                yield Reject(file.name, record, "too_large", f"line {number} is longer than {limits.record_bytes:,} bytes")
                continue
            if not line.strip():
                continue
            try:
                yield _from_object(json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8")), file, record, columns)
            except RejectedInput as error:
                yield Reject(file.name, record, error.reason, error.detail)
            except UnicodeDecodeError as error:
                yield Reject(file.name, record, "bad_encoding", f"line {number} is not UTF-8: {error.reason} at byte {error.start}")
            except (ValueError, RecursionError) as error:
                yield Reject(file.name, record, "bad_json", f"line {number} is not valid JSON: {_reason(error)}")


def read_json(file: InputFile, limits: Limits, columns: Mapping[str, str]) -> Found:
    """One object, a list of objects, or an object with a list of them under a usual name."""
    try:
        content = json.loads(decode(read_whole(file, limits)))
    except (ValueError, RecursionError) as error:
        raise RejectedInput("bad_json", f"not valid JSON: {_reason(error)}") from error
    if isinstance(content, dict):
        listed = next((content[name] for name in _LISTS if isinstance(content.get(name), list)), None)
        content = [content] if listed is None else listed
    if not isinstance(content, list):
        raise RejectedInput("bad_record", f"JSON holds {type(content).__name__}, not records")
    for number, entry in enumerate(content, 1):
        record = f"#{number}"
        try:
            yield _from_object(entry, file, record, columns)
        except RejectedInput as error:
            yield Reject(file.name, record, error.reason, error.detail)


def read_csv(file: InputFile, limits: Limits, columns: Mapping[str, str]) -> Found:
    """Rows under a header line; the delimiter is sniffed, quoted cells may hold line breaks."""
    text = decode(read_whole(file, limits))
    if not text.strip():
        return
    csv.field_size_limit(limits.record_bytes)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        header = next(rows)
        for number, cells in enumerate(rows, 2):
            if not cells:
                continue
            try:
                if len(cells) > len(header):
                    raise RejectedInput("bad_record", f"{len(cells)} cells under a header of {len(header)}")
                yield record_from(dict(zip(header, cells, strict=False)), file.name, f"#{number}", columns)
            except RejectedInput as error:
                yield Reject(file.name, f"#{number}", error.reason, error.detail)
    except csv.Error as error:
        yield Reject(file.name, None, "bad_record", f"not valid CSV from line {rows.line_num} on: {error}")


def read_parquet(file: InputFile, limits: Limits, columns: Mapping[str, str]) -> Found:
    """Rows of a Parquet file, batch by batch."""
    if file.compression:
        source: Any = pa.BufferReader(read_whole(file, limits))
    else:
        source = file.path
    try:
        with pq.ParquetFile(source) as parquet:
            number = 0
            for batch in parquet.iter_batches(batch_size=256):
                for row in batch.to_pylist():
                    number += 1
                    try:
                        yield record_from(row, file.name, f"#{number}", columns)
                    except RejectedInput as error:
                        yield Reject(file.name, f"#{number}", error.reason, error.detail)
    except (pa.ArrowException, OSError) as error:
        raise RejectedInput(
            "unreadable" if isinstance(error, PermissionError) else "bad_record", f"not a readable Parquet file: {error}"
        ) from error


def _from_object(content: Any, file: InputFile, record: str, columns: Mapping[str, str]) -> RawRecord:
    if not isinstance(content, dict):
        raise RejectedInput("bad_record", f"expected an object with fields, got {type(content).__name__}")
    return record_from(content, file.name, record, columns)


def _delimiter(text: str) -> str:
    head = text[: text.find("\n") if "\n" in text else len(text)]
    return max(",\t;|", key=head.count)


def _reason(error: Exception) -> str:
    return _NESTING if isinstance(error, RecursionError) else str(error)
