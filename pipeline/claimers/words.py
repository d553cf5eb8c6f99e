"""Word lists of ``words.toml``."""

from __future__ import annotations

import tomllib
from importlib.resources import files

_CONTENT = tomllib.loads(files("pipeline.claimers").joinpath("words.toml").read_text(encoding="utf-8"))


def _words(table: str, name: str) -> frozenset[str]:
    return frozenset(_CONTENT[table][name].split())


HE, SHE, FIRST = _words("pronouns", "he"), _words("pronouns", "she"), _words("pronouns", "first")
THING, MANY = _words("pronouns", "thing"), _words("pronouns", "many")
PERSON_PRONOUNS = HE | SHE | FIRST | _words("pronouns", "person")
PRONOUNS = PERSON_PRONOUNS | THING | MANY
PERSON_NOUNS = _words("heads", "person")
ORGANISATION_NOUNS = _words("heads", "organisation")
DOCUMENT_NOUNS = _words("heads", "document")
CROWD_NOUNS = _words("heads", "crowd")
COMPANY_NOUNS = _words("heads", "company")
TITLES, KIN = _words("names", "titles"), _words("names", "kin")
NOT_FORENAMES = _words("names", "not_forenames")
LOWERED, QUANTIFIERS, BEHIND_NAMES = (_words("descriptions", name) for name in ("lowered", "quantifiers", "behind_names"))
WOMEN, MEN = _words("names", "women"), _words("names", "men")
FORENAMES = WOMEN | MEN
MINISTRIES: dict[str, str] = dict(_CONTENT["ministries"])
SYNONYMS = {head: frozenset(words.split()) for head, words in _CONTENT["synonyms"].items()}
