"""Publication dates: from metadata, else from the text's dateline or the path; never guessed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipeline.months import MONTH, month_number

_MONTH = f"(?P<month>{MONTH})"
_DAY_FIRST = re.compile(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+{_MONTH},?\s+(?P<year>(?:19|20)\d\d)\b", re.IGNORECASE)
_MONTH_FIRST = re.compile(rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>(?:19|20)\d\d)\b", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)")
_ISO = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)[-/_]?(?P<month>0[1-9]|1[0-2])[-/_]?(?P<day>0[1-9]|[12]\d|3[01])(?!\d)")
# Its zone is read here: email.utils takes one that it does not know for UTC, and does not see am and pm.
_RFC_2822 = re.compile(
    r"(?P<moment>(?:[a-z]{3,9},?\s*)?\d{1,2}[\s-][a-z]{3,9}[\s-](?:\d\d){1,2}\s+\d{1,2}:\d\d(?::\d\d)?)"
    r"(?:\s*(?P<zone>[+-]\d{4}|(?![ap]m\b)[a-z]+))?(?:\s*\(.*\))?",
    re.IGNORECASE,
)
# Seconds, or milli-, micro- or nanoseconds. Twelve digits that begin with 20 are a written date: 202603141030.
_UNIX = re.compile(r"(?P<whole>\d{9,10}|(?!20)\d{12}|\d{13}|\d{15,16}|\d{18,19})(?:\.\d*)?")
_CLOCK = re.compile(
    r"(?<![\d:.+-])(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?(?!\d|[:.]\d)|(?=\s*[ap]\.?m\b))"
    r"(?:\s*(?P<half>[ap])\.?m\b\.?)?"
    rf"\s*\(?(?P<zone>(?:UTC|GMT)?\s*[+-]\d\d?(?::?\d\d)?(?!\d)|(?!{MONTH}\b)[a-z]+)?",
    re.IGNORECASE,
)
_HOURS = {
    "Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "BST": 1, "CET": 1, "CEST": 2, "IST": 5.5, "HKT": 8, "SGT": 8, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11,
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip
_PLACES = {"ET": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver", "PT": "America/Los_Angeles"}
_DATELINE_CHARS = 300
_EARLIEST, _LATEST = 1800, 2100


def parse_date(value: str) -> datetime | None:
    """A date and time in UTC from ISO 8601, RFC 2822, a Unix time or a written date; None when it is none of these.

    What names no zone is taken for UTC; of a time in an unknown zone the day is kept, since the time would be a wrong one.
    """
    value = value.strip()
    for parse in (_iso, _unix, _rfc_2822, _written):
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
    if found := _day(text[:_DATELINE_CHARS]):
        return found.replace(tzinfo=UTC), "dateline"
    for place in (url, path):
        if place and (match := _ISO.search(place)) and (found := _from_match(match)):
            return found, "path"
    return None, None


def _iso(value: str) -> datetime | None:
    if re.fullmatch(r"\d{4}", value):
        return None  # a bare year is no date
    return datetime.fromisoformat(value.upper())


def _unix(value: str) -> datetime | None:
    match = _UNIX.fullmatch(value)
    return datetime.fromtimestamp(float(value) / 1000 ** (len(match["whole"]) // 3 - 3), UTC) if match else None


def _rfc_2822(value: str) -> datetime | None:
    match = _RFC_2822.fullmatch(value)
    return _in_zone(parsedate_to_datetime(f"{match['moment']} +0000"), match["zone"]) if match else None


def _written(value: str) -> datetime | None:
    """A day with the time of day that stands before, in or after it; the day alone when there is no such time."""
    clock = _CLOCK.search(value)
    if clock is None:
        return _day(value, _YEAR_FIRST)
    day = _day(f"{value[: clock.start()]} {value[clock.end() :]}", _YEAR_FIRST)
    hour = int(clock["hour"])
    if clock["half"] and hour <= 12:
        hour = hour % 12 + (12 if clock["half"] in "pP" else 0)
    try:
        return day and _in_zone(day.replace(hour=hour, minute=int(clock["minute"] or 0), second=int(clock["second"] or 0)), clock["zone"])
    except ValueError:
        return day


def _in_zone(moment: datetime, name: str | None) -> datetime:
    """A time of day in the zone of that name; the day alone when the zone is not known."""
    zone = _zone(name) if name else UTC
    return moment.replace(tzinfo=zone) if zone else moment.replace(hour=0, minute=0, second=0, tzinfo=UTC)


def _zone(name: str) -> tzinfo | None:
    """The time zone of a name or an offset, None for one that is not known."""
    name = name.upper()
    if offset := re.fullmatch(r"(?:UTC|GMT)?\s*([+-])(\d\d?):?(\d\d)?", name):
        hours = int(offset[2]) + int(offset[3] or 0) / 60
        return timezone(timedelta(hours=-hours if offset[1] == "-" else hours)) if hours < 24 else None
    if name in _HOURS:
        return timezone(timedelta(hours=_HOURS[name]))
    try:
        return ZoneInfo(_PLACES[name])
    except (KeyError, ZoneInfoNotFoundError):  # the machine may have no data of time zones
        return None


def _day(value: str, *more: re.Pattern[str]) -> datetime | None:
    """The day that a text names; ``more`` are further ways to write it."""
    matches = (pattern.search(value) for pattern in (_MONTH_FIRST, _DAY_FIRST, *more))
    match = next((m for m in matches if m), None)
    return _from_match(match) if match else None


def _from_match(match: re.Match[str]) -> datetime | None:
    month = match["month"]
    number = int(month) if month.isdigit() else month_number(month)
    try:
        return datetime(int(match["year"]), number, int(match["day"]), tzinfo=UTC)
    except ValueError:
        return None
