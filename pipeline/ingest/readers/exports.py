"""News-database exports: text files in which header fields (``HD``, ``PD``, ``SN`` or ``Headline:``, ``Date:``) part the documents.

A file is taken for an export when it begins with such fields. A document is a head of fields, a body, and perhaps a tail of fields;
the body is kept as it is. What may be configured: the pattern of a field's line and what the fields' names mean.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import re2

from pipeline.config import IngestConfig
from pipeline.ingest.records import RawRecord, Reject

# Fields by name, as the archives write them; "" is a field that is left out, "text" one whose value begins or is the body.
HEADERS: dict[str, str] = {
    "HD": "title", "BY": "author", "PD": "published", "SN": "publisher", "LA": "language", "LP": "text", "TD": "text", "AN": "id",
    "SE": "", "CR": "", "WC": "", "ET": "", "SC": "", "ED": "", "PG": "", "VOL": "", "CY": "", "CX": "", "CT": "", "RF": "", "ART": "",
    "CO": "", "IN": "", "NS": "", "RE": "", "IPC": "", "IPD": "", "PUB": "",
    "headline": "title", "title": "title", "byline": "author", "author": "author", "authors": "author", "by": "author",
    "date": "published", "published": "published", "publication date": "published", "load-date": "", "pub date": "published",
    "source": "publisher", "publication": "publisher", "publication title": "publisher", "publisher": "publisher", "outlet": "publisher",
    "newspaper": "publisher", "language": "language", "url": "url", "link": "url", "document url": "url",
    "id": "id", "document id": "id", "accession number": "id", "proquest document id": "id",
    "text": "text", "body": "text", "full text": "text", "fulltext": "text",
    "section": "", "length": "", "words": "", "word count": "", "dateline": "", "highlight": "", "subject": "", "subjects": "", "location": "",
    "people": "", "person": "", "company": "", "organization": "", "industry": "", "geographic": "", "category": "", "type": "", "edition": "",
    "page": "", "pages": "", "first page": "", "copyright": "", "publication-type": "", "publication type": "", "journal-code": "",
    "abstract": "", "links": "", "volume": "", "issue": "", "issn": "", "country of publication": "", "place of publication": "",
    "document type": "", "source type": "", "language of publication": "", "last updated": "", "database": "", "keywords": "", "tags": "",
    "graphic": "", "correction": "", "series": "", "notes": "", "distribution": "", "publication subject": "", "credit": "", "country": "",
}  # fmt: skip
PATTERN = r"^(?:(?P<code>[A-Z]{2,3})(?:[ \t]+(?P<value>.*))?|(?P<name>[A-Za-z][A-Za-z -]{0,30}):(?:[ \t]+(?P<rest>.*))?)$"
_SEPARATOR = re.compile(r"^\s*(?:[_=*-]{10,}|(?:Document\s+)?\d+ (?:of|/) \d+(?: DOCUMENTS?)?|Document [A-Za-z0-9]{10,})\s*$")
_CODE_VALUE = re.compile(r"^[^ ].* : |\||^Document \w+$")
_ALSO_WORDS = {"IN", "BY", "TD", "LA", "CO", "ART", "ED", "CT", "AN", "LP", "HD"}
_LINES_BEFORE = 4
_HEAD_LINES = 24  # the second field stands within so many lines of the first


@dataclass(frozen=True)
class Field:
    """A field's line: its name in lower case (codes as they are), what it means, its value, and whether it is sure to be no text."""

    name: str
    means: str
    value: str
    sure: bool


class Headers:
    """The fields of a configuration: ``match`` says whether a line is one."""

    def __init__(self, pattern: str, names: tuple[tuple[str, str], ...]) -> None:
        self._pattern = re2.compile(pattern or PATTERN)
        self._own = bool(pattern)
        self._means = HEADERS | {(n if n.isupper() and len(n) <= 3 else n.lower()): means for n, means in names}

    def match(self, line: str) -> Field | None:
        found = self._pattern.match(line.rstrip()) if len(line) < 20_000 else None
        if found is None:
            return None
        groups = found.groupdict()
        code, name = groups.get("code"), groups.get("name")
        value = (groups.get("value") if groups.get("value") is not None else groups.get("rest")) or ""
        key = code or (name or "").strip().lower()
        if name and self._means.get(key) is None:
            key = name.strip()
        means = self._means.get(key)
        if means is None:
            return None
        # "IN London" may begin a sentence of the body; a code alone, set off by blanks, or with coded values does not.
        sure = code not in _ALSO_WORDS or not value or line[len(code) : len(code) + 2].strip() == "" or bool(_CODE_VALUE.search(value))
        return Field(key, means, value.strip(), sure)


@cache
def headers_of(config: IngestConfig) -> Headers:
    return Headers(config.header_pattern, config.headers)


def is_export(text: str, headers: Headers) -> bool:
    """Whether a text begins with the fields of a document: two or more that mean something, one of them a title, date or source."""
    meanings: set[str] = set()
    given = [line for line in text[:8000].split("\n")[: 2 * _HEAD_LINES] if line.strip()]
    lines = [line for line in given if not _SEPARATOR.match(line)]
    before = _LINES_BEFORE if lines != given else 1  # a rule or "1 of 9 DOCUMENTS" may have the outlet's name under it
    if not any(headers.match(line) for line in lines[:before]):
        return False
    for line in lines:
        field = headers.match(line)
        if field is not None:
            meanings.add(field.means)
            if field.means == "text":
                break
    return len(meanings - {""}) >= 2 and bool(meanings & {"title", "published", "publisher"})


def read_export(text: str, source: str, headers: Headers) -> Iterator[RawRecord | Reject]:
    """The documents of an export."""
    lines = text.split("\n")
    for number, (start, end) in enumerate(_documents(lines, headers), 1):
        yield _document(lines[start:end], source, f"#{number}", headers)


def _documents(lines: Sequence[str], headers: Headers) -> Iterator[tuple[int, int]]:
    """Ranges of lines, one a document: each begins with the field that the first begins with, or after a separator."""
    starts, first, after_separator, seen = [], None, True, set[str]()
    for i, line in enumerate(lines):
        if not line.strip():
            continue
        if _SEPARATOR.match(line):
            after_separator = True
            continue
        field = headers.match(line)
        if field is not None and _begins(lines, i, field, headers):
            again = first is not None and field.name == first and (i == 0 or not lines[i - 1].strip() or after_separator or "code" in seen)
            if first is None or again or after_separator:
                first = first or field.name
                starts.append(i)
                seen = {"code"} if field.name.isupper() else set()
        after_separator = False
    yield from itertools.pairwise([*starts, len(lines)])


def _begins(lines: Sequence[str], at: int, field: Field, headers: Headers) -> bool:
    """Whether a field begins a head: another of another name follows soon."""
    if field.means == "text":
        return False
    for line in lines[at + 1 : at + _HEAD_LINES]:
        if line.strip() and _SEPARATOR.match(line):
            return False
        other = headers.match(line)
        if other is not None:
            return other.name != field.name
        if line.strip() and not line[0].isspace() and not field.name.isupper():
            return False  # "Note: ..." with a sentence under it
    return False


def _document(lines: Sequence[str], source: str, record: str, headers: Headers) -> RawRecord | Reject:
    lines = list(lines)
    while lines and (not lines[-1].strip() or _SEPARATOR.match(lines[-1])):
        lines.pop()
    body_from, values = _head(lines, headers)
    body_to = _tail(lines, body_from, headers, values)
    body = "\n".join(_plain(lines[body_from:body_to], headers))
    text = f"{values.pop('text', '')}\n{body}".strip("\r\n")
    if not text.strip():
        return Reject(source, record, "missing_text", f"the document has no body; fields are {', '.join(values) or 'none'}")
    fields = {name: value or None for name, value in values.items() if name}
    return RawRecord(source, record, text, **fields)


def _head(lines: Sequence[str], headers: Headers) -> tuple[int, dict[str, str]]:
    """Where the body begins, and the values of the fields before it."""
    values: dict[str, str] = {}
    seen: set[str] = set()
    current: str | None = None
    codes = False
    for i, line in enumerate(lines):
        field = headers.match(line)
        if field is not None and field.name not in seen:
            codes = codes or field.name.isupper()
            seen.add(field.name)
            if field.means == "text":
                if field.value:
                    values["text"] = line[line.index(field.value) :].rstrip("\r")
                return i + 1, values
            current = field.means
            if current and field.value and current not in values:
                values[current] = field.value
            elif field.value:
                current = ""
        elif not line.strip():
            if not codes and not _more_head(lines, i, headers, seen):
                return i + 1, values
        elif current is not None and (codes or line[0].isspace()):
            if current:  # a value that goes on
                values[current] = f"{values.get(current, '')} {line.strip()}".strip()
        elif current and not values.get(current):
            values[current] = line.strip()
        else:
            return i, values
    return len(lines), values


def _more_head(lines: Sequence[str], at: int, headers: Headers, seen: set[str]) -> bool:
    for line in lines[at : at + _HEAD_LINES]:
        if line.strip():
            field = headers.match(line)
            return field is not None and field.name not in seen
    return False


def _tail(lines: Sequence[str], body_from: int, headers: Headers, values: dict[str, str]) -> int:
    """Where the body ends: before fields that nothing but fields, their values and empty lines follow."""
    end = len(lines)
    found: dict[str, str] = {}
    for i in range(len(lines) - 1, body_from - 1, -1):
        line = lines[i]
        field = headers.match(line)
        if field is not None and field.sure and field.means != "text":
            end = i
            if field.means and field.value:
                found[field.means] = field.value.removeprefix("Document ")
        elif line.strip() and not line[0].isspace() and not _CODE_VALUE.search(line):
            break
    for name, value in found.items():
        values.setdefault(name, value)
    return end


def _plain(lines: Sequence[str], headers: Headers) -> Iterator[str]:
    """Lines of a body, without the bare codes within it (``TD`` between the lead and the rest)."""
    for line in lines:
        field = headers.match(line)
        if field is not None and field.means == "text" and field.name.isupper():
            if field.value and field.sure:
                yield line[line.index(field.value) :].rstrip("\r")
            elif field.value:
                yield line
        else:
            yield line
