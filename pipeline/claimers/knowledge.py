"""The knowledge base: actors of the field, as data that users can read, extend or replace."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pipeline.claimers.names import PARTICLES, name_key, surname
from pipeline.claimers.types import Entity
from pipeline.countries import Country, countries
from pipeline.errors import ConfigError
from pipeline.tables import ENTITY_TYPES

_KEYS = ("name", "type", "country", "aliases", "role", "from", "to", "terms")
_TERM_KEYS = ("role", "from", "to")
_WITH_ARTICLE = ("US", "GB", "NL", "PH", "AE", "DO", "CD")
_SURNAME_FIRST = ("CN", "KR", "TW", "VN", "KP")
_HEAD_OF_STATE = re.compile(r"(?:President|Prime Minister|Premier|Chancellor) of\b")
_SMALL = {"of", "the", "for", "and"}


@dataclass(frozen=True)
class Term:
    """An office that an actor held from its first day to its last (None: still, or not known)."""

    role: str
    first: date | None = None
    last: date | None = None

    def covers(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(frozen=True)
class KnowledgeBase:
    """Actors by the key of every name they go by, governments by country code, and terms of office by entity id."""

    by_name: Mapping[str, Entity]
    governments: Mapping[str, Entity]
    terms: Mapping[str, tuple[Term, ...]]
    by_surname: Mapping[str, tuple[Entity, ...]] = field(init=False, repr=False)
    names: Mapping[str, str] = field(init=False, repr=False)
    government_ids: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        people: dict[str, dict[str, Entity]] = {}
        for entity in self.by_name.values():
            if entity.type == "PERSON":
                for key in _surnames(entity):
                    people.setdefault(key, {})[entity.entity_id] = entity
        object.__setattr__(self, "by_surname", {surname: tuple(found.values()) for surname, found in people.items()})
        object.__setattr__(self, "names", {e.entity_id: e.name for e in self.by_name.values()})
        object.__setattr__(self, "government_ids", frozenset(g.entity_id for g in self.governments.values()))

    def find(self, name: str) -> Entity | None:
        """The actor of that name, None when it is unknown."""
        return self.by_name.get(name_key(name))

    def name_of(self, entity_id: str) -> str | None:
        """The usual name of an entry, None for what is none."""
        return self.names.get(entity_id)

    def official(self, surname: str, words: frozenset[str], day: date) -> Entity | None:
        """The one person of that surname who on that day held an office that has one of the words."""
        found = [
            person
            for person in self.by_surname.get(surname, ())
            if any(t.covers(day) and role_words(t.role) & words for t in self.terms.get(person.entity_id, ()))
        ]
        return found[0] if len(found) == 1 else None

    def role_at(self, entity_id: str, day: date | None) -> str | None:
        """The office that the actor held on that day."""
        return next((t.role for t in self.terms.get(entity_id, ()) if day and t.covers(day)), None)

    def holder(self, words: frozenset[str], country: str | None, day: date) -> Entity | None:
        """Who held, on that day, the one office whose words are ``words`` once its state's name is left out."""
        found = {
            e.entity_id: e
            for e in self.by_name.values()
            if e.entity_id in self.terms
            and e.country == country
            and any(t.covers(day) and role_words(t.role) == words for t in self.terms[e.entity_id])
        }
        return next(iter(found.values())) if len(found) == 1 else None


@cache
def _state_words() -> frozenset[str]:
    return frozenset(w for c in countries() for form in (c.name, *c.forms) for w in name_key(form).split())


def _surnames(person: Entity) -> list[str]:
    """What a person goes by with a title alone: ``xi``, ``marcos``, ``von der leyen``, ``lula``."""
    words = name_key(person.name).split()
    last = surname(person.name)
    particles = next((i for i, w in enumerate(words) if w in PARTICLES), len(words))
    found = [last, *([" ".join(words[particles:])] if 0 < particles < len(words) - 1 else [])]
    if person.country in _SURNAME_FIRST and len(words) > 1:
        found.append(words[0])
    return [*found, *(name_key(a) for a in person.aliases if " " not in a and not a.isupper())]


def heads_state(role: str) -> bool:
    """Whether an office is that of the head of a state, of its government or of a union's: ``Premier of China``, and no vice premier's."""
    return _HEAD_OF_STATE.match(role) is not None


@cache
def role_words(role: str) -> frozenset[str]:
    """Words of an office without the state: ``commerce secretary`` of ``U.S. Secretary of Commerce``."""
    return frozenset(name_key(role).split()) - _state_words() - _SMALL


def load_knowledge_base(path: str = "") -> KnowledgeBase:
    """The bundled knowledge base, with the entries of ``path`` over it when one is given.

    Raises ConfigError that names every wrong entry and key.
    """
    content = _parse(files("pipeline").joinpath("data/knowledge_base.toml").read_text(encoding="utf-8"), "knowledge_base.toml")
    if path:
        try:
            own = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"entities.knowledge_base: {path}: cannot be read: {error}") from error
        content = {**content, **_parse(own, path)}
    governments = {c.code: _government(c) for c in countries()}
    by_name: dict[str, Entity] = {}
    for entity in [*governments.values(), *(_entity(key, entry) for key, entry in content.items())]:
        for key in filter(None, map(name_key, (entity.name, *entity.aliases))):
            by_name[key] = entity
    return KnowledgeBase(
        by_name, governments, {key: _terms(entry) for key, entry in content.items() if "role" in entry or "terms" in entry}
    )


def _parse(text: str, source: str) -> dict[str, dict[str, Any]]:
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{source}: not a readable TOML file: {error}") from error
    problems = [f"{source}: {key}: {problem}" for key, entry in content.items() for problem in _problems(entry)]
    if problems:
        raise ConfigError("\n  ".join(["the knowledge base is not valid:", *problems]))
    return content


def _problems(entry: Any) -> list[str]:
    """What is wrong with one entry; each says which key."""
    if not isinstance(entry, Mapping):
        return ['must be a table of its own, such as ["World Bank"]']
    found = [f"{key}: unknown key; allowed: {', '.join(_KEYS)}" for key in entry if key not in _KEYS]
    if not isinstance(entry.get("name"), str) or not name_key(entry["name"]):
        found.append("name: must be given, as a string with letters or digits")
    if entry.get("type") not in ENTITY_TYPES:
        found.append(f"type: must be one of {', '.join(ENTITY_TYPES)}, not {entry.get('type')!r}")
    country = entry.get("country", "US")
    if not isinstance(country, str) or country not in {c.code for c in countries()}:
        found.append(f"country: must be a code of countries.csv, not {country!r}")
    aliases = entry.get("aliases", [])
    if not isinstance(aliases, list) or not all(isinstance(a, str) for a in aliases):
        found.append("aliases: must be a list of strings")
    terms = entry.get("terms", [])
    if not isinstance(terms, list) or not all(isinstance(t, Mapping) for t in terms):
        return [*found, "terms: must be a list of tables with role, from and to"]
    return (
        found
        + _term_problems("", {k: entry[k] for k in _TERM_KEYS if k in entry})
        + [p for t in terms for p in _term_problems("terms.", {"role": None, **t})]
    )


def _term_problems(where: str, term: Mapping[str, Any]) -> list[str]:
    found = [f"{where}{key}: unknown key; allowed: {', '.join(_TERM_KEYS)}" for key in term if key not in _TERM_KEYS]
    if term and not isinstance(term.get("role"), str):
        found.append(f"{where}role: must be a string where from or to is given")
    days = {key: term[key] for key in ("from", "to") if key in term}
    wrong = [key for key, day in days.items() if type(day) is not date]
    found += [f"{where}{key}: must be a date such as 2025-01-20, not {days[key]!r}" for key in wrong]
    if not wrong and len(days) == 2 and days["from"] > days["to"]:
        found.append(f"{where}to: is before from")
    return found


def _entity(key: str, entry: Mapping[str, Any]) -> Entity:
    return Entity(key, entry["name"], entry["type"], entry.get("country"), None, tuple(entry.get("aliases", ())), True)


def _terms(entry: Mapping[str, Any]) -> tuple[Term, ...]:
    own = [entry] if "role" in entry else []
    return tuple(Term(t["role"], t.get("from"), t.get("to")) for t in [*own, *entry.get("terms", ())])


def _government(country: Country) -> Entity:
    if country.code == "EU":
        return Entity("European Union", "European Union", "GOV", "EU", None, ("EU", "E.U.", *country.metonyms), True)
    title = f"Government of {'the ' if country.code in _WITH_ARTICLE else ''}{country.name}"
    aliases = (
        f"{country.name} government",
        *(f"{form} government" for form in country.forms),
        *(m for m in country.metonyms if m != "White House"),
    )
    return Entity(title, title, "GOV", country.code, None, tuple(dict.fromkeys(aliases)), True)
