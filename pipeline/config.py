"""The configuration: one TOML file, every key with a default, all errors told at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Any

import re2

from pipeline.errors import ConfigError
from pipeline.ids import fingerprint

CONVENTIONS = ("guidelines", "polnear")
ENGINES = ("local", "ray")
RECORD_FIELDS = ("text", "id", "url", "title", "publisher", "author", "published", "language")

LONGEST_WORDING = 80  # characters of a topic's name, and of its restriction: together they fit into what the networks read of a topic


@dataclass(frozen=True)
class Topic:
    """What claims are about and the restriction that a stance is towards. Patterns match in any case, at word boundaries.

    An article may hold claims about the topic with one ``core`` term, or with ``related_least`` different ``related`` ones.
    """

    id: str
    name: str
    description: str
    restriction: str
    core: tuple[str, ...]
    related: tuple[str, ...] = ()
    related_least: int = 3


@dataclass(frozen=True)
class IngestConfig:
    """Which records become articles. ``columns`` maps a column of the input to one of the known fields.

    ``headers`` does the same for the header fields of exported text, and ``header_pattern`` (RE2) says how their lines look.
    """

    languages: tuple[str, ...] = ("en",)
    min_words: int = 1
    max_text_chars: int = 2_000_000
    columns: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    header_pattern: str = ""


@dataclass(frozen=True)
class EntitiesConfig:
    """The reader, the scorer of antecedents and who is who. ``convention`` decides about span edges: the guidelines' or PolNeAR's, for comparison."""

    reader: str = "reader"
    claimers: str = "claimers"
    convention: str = "guidelines"
    min_score: float = 0.0
    knowledge_base: str = ""


@dataclass(frozen=True)
class StanceConfig:
    """``min_probability``: least probability that a claim is one and about the topic, its score times its relevance. ``large_model`` reads
    what may be about its topic once more; "" leaves that out."""

    model: str = "stance"
    large_model: str = "stance-large"
    min_probability: float = 0.4


@dataclass(frozen=True)
class LinkingConfig:
    """Least scores for a link; how many neighbours of a claim are compared with it; how many of these pairs are read closely, and
    the probability, by the rest of the evidence, that they need for that."""

    model: str = "linking"
    same: float = 0.2
    opposed: float = 0.2
    neighbours: int = 20
    closely: int = 3
    plausible: float = 0.05


@dataclass(frozen=True)
class RunConfig:
    """How the work is done; of this only ``gate`` changes tables."""

    engine: str = "local"
    workers: int = 1
    gate: bool = True


@dataclass(frozen=True)
class Config:
    """Everything that decides what a run writes."""

    ingest: IngestConfig = field(default_factory=IngestConfig)
    entities: EntitiesConfig = field(default_factory=EntitiesConfig)
    stance: StanceConfig = field(default_factory=StanceConfig)
    linking: LinkingConfig = field(default_factory=LinkingConfig)
    run: RunConfig = field(default_factory=RunConfig)
    topics: tuple[Topic, ...] = ()

    def hash(self) -> str:
        """Fingerprint of what changes tables (not of engine and workers)."""
        content = asdict(self)
        content["run"] = {"gate": self.run.gate}
        return fingerprint(content)


_SECTIONS = {"ingest": IngestConfig, "entities": EntitiesConfig, "stance": StanceConfig, "linking": LinkingConfig, "run": RunConfig}
_CHOICES = {"entities.convention": CONVENTIONS, "run.engine": ENGINES}
_BETWEEN_0_AND_1 = {"entities.min_score", "stance.min_probability", "linking.same", "linking.opposed", "linking.plausible"}
_MAPPINGS: dict[str, tuple[str, ...]] = {"ingest.columns": (), "ingest.headers": ("",)}  # "" leaves a header field out
_LANGUAGE = re.compile(r"[a-z]{2}")
_LEAST = {"ingest.min_words": 1, "ingest.max_text_chars": 1, "linking.neighbours": 1, "linking.closely": 0, "run.workers": 1}


def load_config(path: Path | None = None) -> Config:
    """The configuration in ``path`` over the defaults; raises ConfigError that names every wrong key."""
    if path is None:
        return parse_config({})
    try:
        return parse_config(tomllib.loads(path.read_text(encoding="utf-8")), str(path))
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such configuration file") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: not a readable TOML file: {error}") from error


def parse_config(content: Mapping[str, Any], source: str = "configuration") -> Config:
    """A configuration from a mapping such as TOML gives; raises ConfigError that names every wrong key."""
    errors: list[str] = []
    known = [*_SECTIONS, "topics"]
    for key in content:
        if key not in known:
            errors.append(f"[{key}]: unknown section{_hint(key, known)}; allowed: {', '.join(known)}")
    sections = {name: _section(kind, content.get(name, {}), name, errors) for name, kind in _SECTIONS.items()}
    topics = _topics(content.get("topics", {}), errors)
    if errors:
        raise ConfigError("\n  ".join([f"{source} is not valid:", *errors]))
    return Config(**sections, topics=topics)


def default_topics() -> tuple[Topic, ...]:
    """The topics in ``pipeline/data/topics.toml``."""
    content = tomllib.loads(files("pipeline").joinpath("data/topics.toml").read_text(encoding="utf-8"))
    return tuple(_topic(name, entry, []) for name, entry in content.items())


def _section(kind: type, values: Any, name: str, errors: list[str]) -> Any:
    if not isinstance(values, Mapping):
        errors.append(f"{name}: must be a section, [{name}]")
        return kind()
    defaults = {f.name: getattr(kind(), f.name) for f in fields(kind)}
    chosen = {}
    for key, value in values.items():
        if key not in defaults:
            errors.append(f"{name}.{key}: unknown key{_hint(key, list(defaults))}; allowed: {', '.join(defaults)}")
            continue
        problem, value = _value(f"{name}.{key}", value, defaults[key])
        if problem:
            errors.append(f"{name}.{key}: {problem}")
        else:
            chosen[key] = value
    return kind(**chosen)


def _value(key: str, value: Any, default: Any) -> tuple[str, Any]:
    """What is wrong with a value ("" for nothing), and the value in the default's type."""
    if isinstance(default, bool):
        return ("" if isinstance(value, bool) else f"must be true or false, not {value!r}"), value
    if isinstance(default, int | float):
        if isinstance(value, bool) or not isinstance(value, int | float) or (isinstance(default, int) and not isinstance(value, int)):
            return f"must be {'a whole number' if isinstance(default, int) else 'a number'}, not {value!r}", value
        if key in _BETWEEN_0_AND_1 and not 0 <= value <= 1:
            return f"must be between 0 and 1, not {value!r}", value
        if value < _LEAST.get(key, value):
            return f"must be {_LEAST[key]} or more, not {value!r}", value
        return "", value
    if isinstance(default, str):
        if not isinstance(value, str):
            return f"must be a string, not {value!r}", value
        if key in _CHOICES and value not in _CHOICES[key]:
            return f"must be one of {', '.join(_CHOICES[key])}, not {value!r}", value
        if key == "ingest.header_pattern" and value:
            return _bad_header_pattern(value), value
        return "", value
    if key in _MAPPINGS:
        allowed = (*RECORD_FIELDS, *_MAPPINGS[key])
        good = isinstance(value, Mapping) and all(v in allowed for v in value.values())
        what = f"{key.partition('.')[2]} to fields ({', '.join(v or repr(v) for v in allowed)})"
        return ("" if good else f"must map {what}, not {value!r}"), tuple(sorted(value.items())) if good else value
    if isinstance(default, tuple):
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            return f"must be a list of strings, not {value!r}", value
        if key == "ingest.languages" and not (value and all(_LANGUAGE.fullmatch(v) for v in value)):
            return f'must be a list of one or more codes of two lower-case letters, such as ["en"], not {value!r}', value
        return "", tuple(value)
    raise TypeError(f"{key}: no check for {type(default).__name__}")


def _topics(entries: Any, errors: list[str]) -> tuple[Topic, ...]:
    topics = {topic.id: topic for topic in default_topics()}
    if not isinstance(entries, Mapping):
        errors.append("topics: must be sections such as [topics.chips]")
        return tuple(topics.values())
    known = list(topics)
    for name, entry in entries.items():
        if entry is False and name not in known:
            errors.append(f"topics.{name}: no topic to leave out{_hint(name, known)}; known are {', '.join(known)}")
        elif entry is False:
            del topics[name]
        else:
            topics[name] = _topic(name, entry, errors)
    return tuple(topics.values())


def _topic(name: str, entry: Any, errors: list[str]) -> Topic:
    where = f"topics.{name}"
    if not isinstance(entry, Mapping):
        errors.append(f"{where}: must be a section, [{where}], or false to leave the topic out")
        return Topic(name, name, "", "", ())
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        errors.append(f"{where}: a topic's id is lower-case letters, digits and underscores")
    text = {"name": name.replace("_", " "), "description": "", "restriction": f"the restriction on {name.replace('_', ' ')}"}
    lists: dict[str, tuple[str, ...]] = {"core": (), "related": ()}
    related_least = 3
    for key, value in entry.items():
        if key in text and isinstance(value, str):
            text[key] = value
        elif key in lists and isinstance(value, list) and all(isinstance(v, str) for v in value):
            lists[key] = tuple(value)
            errors += [f"{where}.{key}: {v!r} is not a regular expression: {e}" for v, e in _bad_patterns(value)]
        elif key == "related_least":
            if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
                related_least = value
            else:
                errors.append(f"{where}.{key}: must be a whole number of 1 or more, not {value!r}")
        elif key in text or key in lists:
            errors.append(f"{where}.{key}: must be {'a string' if key in text else 'a list of strings'}, not {value!r}")
        else:
            errors.append(
                f"{where}.{key}: unknown key{_hint(key, [*text, *lists])}; allowed: {', '.join([*text, *lists, 'related_least'])}"
            )
    for key in ("name", "restriction"):
        if not text[key].strip() or len(text[key]) > LONGEST_WORDING:
            errors.append(f"{where}.{key}: must be words, at most {LONGEST_WORDING} characters of them, which are put to the model")
    if not lists["core"]:
        errors.append(f'{where}.core: needs at least one pattern, such as core = ["export quotas?"]')
    return Topic(
        name, text["name"], text["description"] or text["name"], text["restriction"], lists["core"], lists["related"], related_least
    )


def _bad_patterns(patterns: list[str]) -> list[tuple[str, str]]:
    bad = []
    for pattern in patterns:
        try:
            if re2.compile(pattern).match(""):
                bad.append((pattern, "it matches the empty string"))
        except re2.error as error:
            bad.append((pattern, str(error)))
    return bad


def _bad_header_pattern(pattern: str) -> str:
    """What is wrong with a pattern of header lines, "" for nothing."""
    try:
        groups = re2.compile(pattern).groupindex
    except re2.error as error:
        return f"{pattern!r} is not a regular expression: {error}"
    return "" if {"name", "value"} <= set(groups) else f"needs the groups (?P<name>...) and (?P<value>...), not {pattern!r}"


def _hint(key: str, known: list[str]) -> str:
    close = get_close_matches(key, known, n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""
