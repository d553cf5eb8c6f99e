"""Countries in text: names, peoples, capitals and the like, from ``pipeline/data/countries.csv``, and what tells of them without naming
them, from ``pipeline/data/country_signs.csv``."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

LEAST_IN_CAPITALS = 5  # letters of a name that is known in capitals too


@dataclass(frozen=True)
class Country:
    """``code`` ISO 3166 or EU; ``forms`` of its name and people; ``metonyms`` that stand for its government."""

    code: str
    name: str
    forms: tuple[str, ...]
    metonyms: tuple[str, ...]


@dataclass(frozen=True)
class CountryMention:
    start: int
    end: int
    code: str


@cache
def countries() -> tuple[Country, ...]:
    """All countries, in the order of the file."""
    return tuple(Country(r["code"], r["name"], _parts(r["forms"]), _parts(r["metonyms"])) for r in _rows("countries.csv"))


def find_countries(text: str) -> list[CountryMention]:
    """Mentions of countries in ``text``, in order; case matters ("US", not "us"), but datelines and headlines may shout ("BEIJING")."""
    return _found(text, *_names())


def find_signs(text: str) -> list[CountryMention]:
    """Mentions of countries and of what tells of them: institutions, leaders, programmes, parties, currencies, places."""
    return _found(text, *_names_and_signs())


def _found(text: str, pattern: re.Pattern[str], meaning: dict[str, str]) -> list[CountryMention]:
    return [CountryMention(m.start(), m.end(), meaning[m.group()]) for m in pattern.finditer(text)]


@cache
def _names() -> tuple[re.Pattern[str], dict[str, str]]:
    return _pattern({name: country.code for country in countries() for name in (*country.forms, *country.metonyms)})


@cache
def _names_and_signs() -> tuple[re.Pattern[str], dict[str, str]]:
    signs = {sign: r["code"] for r in _rows("country_signs.csv") for sign in (*_parts(r["institutions"]), *_parts(r["places"]))}
    return _pattern(signs | _names()[1])


def _pattern(code_of: dict[str, str]) -> tuple[re.Pattern[str], dict[str, str]]:
    """What finds the names, those of some length in capitals as well, and the country of each."""
    meaning = {name.upper(): code for name, code in code_of.items() if len(name) >= LEAST_IN_CAPITALS} | code_of
    ends: dict[str, list[str]] = defaultdict(list)  # by their first letters, which saves most comparisons; the longest first
    for name in sorted(meaning, key=lambda name: (-len(name), name)):
        ends[name[0]].append(re.escape(name[1:]))
    names = "|".join(f"{re.escape(first)}(?:{'|'.join(rest)})" for first, rest in ends.items())
    return re.compile(rf"(?<!\w)(?:{names})(?!\w)"), meaning


def _rows(file: str) -> list[dict[str, str]]:
    lines = files("pipeline").joinpath("data", file).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader((line for line in lines if not line.startswith("#")), delimiter=";"))


def _parts(field: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in field.split("|") if part.strip())
