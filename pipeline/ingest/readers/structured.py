"""JSONL, JSON, CSV and TSV, and Parquet: records with named fields."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.config import IngestConfig
from pipeline.errors import RejectedInput
from pipeline.ingest.discover import InputFile
from pipeline.ingest.limits import Limits
from pipeline.ingest.opening import FREE_EXPANSION, SAMPLE_BYTES, bounded_lines, decode, lines, open_bytes, open_text, read_whole
from pipeline.ingest.records import KNOWN_NAMES, RawRecord, Reject, record_from
from pipeline.ingest.remote import is_remote, open_remote

Found = Iterator[RawRecord | Reject]
_LISTS = ("articles", "data", "items", "records", "results", "docs", "documents", "rows")
_NESTING = "the JSON is nested too deeply"
_EXCEL_DELIMITER = re.compile(r"sep=(.)\r?\n?$")  # a first line by which Excel is told the delimiter
_BATCH_ROWS = 128
_BYTES_A_ROW = 100


def read_jsonl(file: InputFile, limits: Limits, config: IngestConfig) -> Found:
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
                yield _from_object(json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8")), file, record, config)
            except RejectedInput as error:
                yield Reject(file.name, record, error.reason, error.detail)
            except UnicodeDecodeError as error:
                yield Reject(file.name, record, "bad_encoding", f"line {number} is not UTF-8: {error.reason} at byte {error.start}")
            except (ValueError, RecursionError) as error:
                yield Reject(file.name, record, "bad_json", f"line {number} is not valid JSON: {_reason(error)}")


def read_json(file: InputFile, limits: Limits, config: IngestConfig) -> Found:
    """One object, a list of objects, or an object without a text of its own and with a list of them under a usual name."""
    try:
        content = json.loads(decode(read_whole(file, limits)))
    except (ValueError, RecursionError) as error:
        raise RejectedInput("bad_json", f"not valid JSON: {_reason(error)}") from error
    if isinstance(content, dict):
        listed = next((content[name] for name in _LISTS if isinstance(content.get(name), list)), None)
        content = [content] if listed is None or _is_record(content, file, config) else listed
    if not isinstance(content, list):
        raise RejectedInput("bad_record", f"JSON holds {type(content).__name__}, not records")
    for number, entry in enumerate(content, 1):
        record = f"#{number}"
        try:
            yield _from_object(entry, file, record, config)
        except RejectedInput as error:
            yield Reject(file.name, record, error.reason, error.detail)


def read_csv(file: InputFile, limits: Limits, config: IngestConfig) -> Found:
    """Rows under a header line; the delimiter is sniffed, quoted cells may hold line breaks."""
    with open_bytes(file, limits) as stream:
        sample = stream.read(SAMPLE_BYTES)
    if not sample.strip():
        return
    csv.field_size_limit(limits.record_bytes)
    columns = dict(config.columns)
    with open_bytes(file, limits) as stream:
        source = _CsvLines(open_text(stream, sample), limits)
        first = next(source, "")
        if declared := _EXCEL_DELIMITER.match(first):
            first = next(source, "")
        rows = csv.reader(itertools.chain([first], source), delimiter=declared[1] if declared else _delimiter(first))
        try:
            header = next(rows, [])
            for number, cells in enumerate(rows, 2):
                while source.skipped:
                    yield Reject(
                        file.name,
                        f"#{number}",
                        "too_large",
                        f"line {source.skipped.pop()} is longer than {limits.record_bytes:,} characters",
                    )
                if not any(cells):
                    continue
                try:
                    if len(cells) > len(header) and any(cells[len(header) :]):
                        raise RejectedInput("bad_record", f"{len(cells)} cells under a header of {len(header)}")
                    yield record_from(dict(zip(header, cells, strict=False)), file.name, f"#{number}", columns)
                except RejectedInput as error:
                    yield Reject(file.name, f"#{number}", error.reason, error.detail)
            while source.skipped:
                yield Reject(file.name, None, "too_large", f"line {source.skipped.pop()} is longer than {limits.record_bytes:,} characters")
        except csv.Error as error:
            yield Reject(file.name, None, "bad_record", f"not valid CSV from line {rows.line_num} on: {error}")
        except UnicodeDecodeError as error:
            yield Reject(file.name, None, "bad_encoding", f"not valid {error.encoding} from line {rows.line_num} on: {error.reason}")


class _CsvLines:
    """Lines for the CSV reader; the numbers of those too long to be held are kept in ``skipped``."""

    def __init__(self, text: io.TextIOWrapper, limits: Limits) -> None:
        self._lines = bounded_lines(text, limits.record_bytes)
        self._number = 0
        self.skipped: list[int] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self._number += 1
        line = next(self._lines)
        if line is None:
            self.skipped.insert(0, self._number)
            return "\n"
        return line.replace("\0", "\ufffd")


def read_parquet(file: InputFile, limits: Limits, config: IngestConfig) -> Found:
    """Rows of a Parquet file, batch by batch; only the columns that a record is made of are read."""
    columns = dict(config.columns)
    try:
        with _parquet_source(file, limits) as source, pq.ParquetFile(source, pre_buffer=False, buffer_size=1 << 20) as parquet:
            wanted = [name for name in parquet.schema_arrow.names if name in columns or name.strip().lower() in KNOWN_NAMES]
            # A short file may repeat a long string without end: such columns are read as dictionaries.
            parquet = pq.ParquetFile(source, pre_buffer=False, buffer_size=1 << 20, read_dictionary=_repeating(parquet, wanted, file.size))
            number, left = 0, max(FREE_EXPANSION, file.size * limits.expansion)
            for batch in parquet.iter_batches(batch_size=_BATCH_ROWS, columns=wanted):
                cells = [_cells(column) for column in batch.columns]
                for row in range(batch.num_rows):
                    number += 1
                    try:
                        values = [column[row] for column in cells]
                        fields = {n: v.as_py() if isinstance(v, pa.Scalar) else v for n, v in zip(batch.schema.names, values, strict=True)}
                        if not fields:
                            raise RejectedInput("missing_text", f"no text; columns are {', '.join(parquet.schema_arrow.names[:12])}")
                        found = record_from(fields, file.name, f"#{number}", columns)
                        left -= len(found.text)
                        yield found
                    except RejectedInput as error:
                        yield Reject(file.name, f"#{number}", error.reason, error.detail)
                    except UnicodeDecodeError as error:
                        yield Reject(file.name, f"#{number}", "bad_encoding", f"a value is not UTF-8: {error.reason}")
                    if left < 0:
                        raise RejectedInput("bad_archive", "the values expand beyond the limit: a decompression bomb?")
    except UnicodeDecodeError as error:  # in a column's name
        raise RejectedInput("bad_encoding", f"not a readable Parquet file: {error}") from error
    except (pa.ArrowException, OSError) as error:
        broken = isinstance(error, OSError) and error.errno is not None  # of the disk, where Arrow's own of a bad file have no number
        raise RejectedInput("unreadable" if broken else "bad_record", f"not a readable Parquet file: {error}") from error


def _cells(column: pa.Array) -> Sequence[Any]:
    """A column's values; those of a dictionary, or that are not all UTF-8, are made one by one."""
    if pa.types.is_dictionary(column.type):
        return column  # type: ignore[no-any-return]
    try:
        return column.to_pylist()  # type: ignore[no-any-return]
    except UnicodeDecodeError:
        return column  # type: ignore[no-any-return]


@contextmanager
def _parquet_source(file: InputFile, limits: Limits) -> Iterator[Any]:
    if file.compression:
        yield pa.BufferReader(read_whole(file, limits))
    elif is_remote(file.path):
        with open_remote(file.path) as opened:
            yield opened
    else:
        yield file.path


def _repeating(parquet: pq.ParquetFile, wanted: Sequence[str], size: int) -> list[str]:
    """String columns of a file with less bytes a row than an article has: it must repeat itself.

    What its column chunks say of themselves is not asked: pyarrow ends the process on some that are damaged.
    """
    if size >= _BYTES_A_ROW * parquet.metadata.num_rows:
        return []
    types = {field.name: field.type for field in parquet.schema_arrow}
    return [name for name in wanted if pa.types.is_string(types[name]) or pa.types.is_large_string(types[name])]


def _from_object(content: Any, file: InputFile, record: str, config: IngestConfig) -> RawRecord:
    if not isinstance(content, dict):
        raise RejectedInput("bad_record", f"expected an object with fields, got {type(content).__name__}")
    return record_from(content, file.name, record, dict(config.columns))


def _is_record(content: dict[str, Any], file: InputFile, config: IngestConfig) -> bool:
    try:
        _from_object(content, file, "", config)
    except RejectedInput:
        return False
    return True


def _delimiter(header: str) -> str:
    return max(",\t;|", key=header.count)


def _reason(error: Exception) -> str:
    return _NESTING if isinstance(error, RecursionError) else str(error)
