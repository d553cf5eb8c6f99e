"""Countries in text: names, peoples, capitals and the like, from ``pipeline/data/countries.csv``."""

from __future__ import annotations

import csv
import re
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
    lines = files("pipeline").joinpath("data/countries.csv").read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader((line for line in lines if not line.startswith("#")), delimiter=";")
    return tuple(Country(r["code"], r["name"], _parts(r["forms"]), _parts(r["metonyms"])) for r in rows)


def find_countries(text: str) -> list[CountryMention]:
    """Mentions of countries in ``text``, in order; case matters ("US", not "us"), but datelines and headlines may shout ("BEIJING")."""
    pattern, meaning = _pattern()
    return [CountryMention(m.start(), m.end(), meaning[m.group()]) for m in pattern.finditer(text)]


@cache
def _pattern() -> tuple[re.Pattern[str], dict[str, str]]:
    meaning: dict[str, str] = {}
    for country in countries():
        names = (*country.forms, *country.metonyms)
        meaning.update(dict.fromkeys((*names, *(n.upper() for n in names if len(n) >= LEAST_IN_CAPITALS)), country.code))
    longest_first = sorted(meaning, key=lambda form: (-len(form), form))
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)"), meaning


def _parts(field: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in field.split("|") if part.strip())
