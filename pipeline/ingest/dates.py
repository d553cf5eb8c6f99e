"""Publication dates: from metadata, else from the text's dateline or the path; never guessed."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pipeline.months import MONTH, month_number

_MONTH = f"(?P<month>{MONTH})"
_DAY_FIRST = re.compile(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+{_MONTH},?\s+(?P<year>(?:19|20)\d\d)\b", re.IGNORECASE)
_MONTH_FIRST = re.compile(rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>(?:19|20)\d\d)\b", re.IGNORECASE)
_ISO = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)[-/_]?(?P<month>0[1-9]|1[0-2])[-/_]?(?P<day>0[1-9]|[12]\d|3[01])(?!\d)")
_DATELINE_CHARS = 300
_EARLIEST, _LATEST = 1800, 2100


def parse_date(value: str) -> datetime | None:
    """A date and time in UTC from ISO 8601, RFC 2822, a Unix time or a written date; None when it is none of these."""
    value = value.strip()
    for parse in (_iso, _unix, parsedate_to_datetime, _written):
        try:
            found = parse(value)
        except (ValueError, TypeError, OverflowError, IndexError, OSError):
            continue
        if found is not None and _EARLIEST <= found.year <= _LATEST:
            return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    return None


def publication_date(given: str | None, text: str, path: str, url: str | None = None) -> tuple[datetime | None, str | None]:
    """The date, and where it came from: ``metadata``, ``dateline`` (within the text's first lines), ``path`` (or address), or None."""
    if given and (found := parse_date(given)):
        return found, "metadata"
    if found := _written(text[:_DATELINE_CHARS]):
        return found.replace(tzinfo=UTC), "dateline"
    for place in (url, path):
        if place and (match := _ISO.search(place)) and (found := _from_match(match)):
            return found, "path"
    return None, None


def _iso(value: str) -> datetime | None:
    if re.fullmatch(r"\d{4}", value):
        return None  # a bare year is no date
    return datetime.fromisoformat(value.replace("Z", "+00:00") if value.endswith("Z") else value)


def _unix(value: str) -> datetime | None:
    if not re.fullmatch(r"\d{9,10}|\d{12,13}", value):
        return None
    return datetime.fromtimestamp(int(value[:10]), UTC)


def _written(value: str) -> datetime | None:
    match = _MONTH_FIRST.search(value) or _DAY_FIRST.search(value)
    return _from_match(match) if match else None


def _from_match(match: re.Match[str]) -> datetime | None:
    month = match["month"]
    number = int(month) if month.isdigit() else month_number(month)
    try:
        return datetime(int(match["year"]), number, int(match["day"]), tzinfo=UTC)
    except ValueError:
        return None
