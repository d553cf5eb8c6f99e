"""Tagged text to stand-off gold: the format that annotators write (``docs/annotating.md``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.tables import FORMS, POLARITIES, STANCES
from pipeline.text import form_of, trim_content

_TAG = re.compile(r"<(/?)([csq])(\d{1,4})>")
_EVENT = re.compile(r"^=== event (\S+)\s*$")
_ARTICLE = re.compile(r"^=== article (\S+)\s*$")
_PROPOSITION = re.compile(r"^proposition (\S+):\s*(.*)$")
_OPPOSED = re.compile(r"^opposed:\s*(\S+)\s*~\s*(\S+)\s*$")
_FIELD = re.compile(r"^(\w+):\s*(.*)$")


@dataclass
class Article:
    """An article as gold knows it; ``claims`` have the fields of the gold form."""

    article_id: str
    meta: dict[str, str] = field(default_factory=dict)
    text: str = ""
    claims: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Event:
    """One event's articles with its propositions and which of them are opposed."""

    event: str
    path: str
    topics: list[str] = field(default_factory=list)
    propositions: dict[str, str] = field(default_factory=dict)
    opposed: list[tuple[str, str]] = field(default_factory=list)
    articles: list[Article] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def read_event(path: Path) -> Event:
    """Parse a tagged event file; what cannot be understood is listed in ``problems``, one message each."""
    lines = path.read_text(encoding="utf-8").splitlines()
    event = Event("", str(path))
    for start, end in _sections(lines):
        if match := _EVENT.match(lines[start]):
            event.event = match.group(1)
            _read_head(event, lines[start + 1 : end], start + 2)
        elif match := _ARTICLE.match(lines[start]):
            event.articles.append(_read_article(event, match.group(1), lines[start + 1 : end], start + 2))
        else:
            event.problems.append(f"line {start + 1}: expected '=== event ID' or '=== article ID', got {lines[start]!r}")
    if not event.event:
        event.problems.append("no '=== event ID' line")
    return event


def _sections(lines: list[str]) -> Iterator[tuple[int, int]]:
    starts = [i for i, line in enumerate(lines) if line.startswith("=== ")]
    yield from zip(starts, [*starts[1:], len(lines)], strict=True)


def _read_head(event: Event, lines: list[str], number: int) -> None:
    for i, line in enumerate(lines, number):
        if match := _PROPOSITION.match(line):
            event.propositions[match.group(1)] = match.group(2)
        elif match := _OPPOSED.match(line):
            event.opposed.append((match.group(1), match.group(2)))
        elif match := re.match(r"^topics:\s*(.*)$", line):
            event.topics = [t.strip() for t in match.group(1).split(",") if t.strip()]
        elif line.strip():
            event.problems.append(f"line {i}: not understood in the event's head: {line[:80]!r}")


def _read_article(event: Event, article_id: str, lines: list[str], number: int) -> Article:
    article = Article(article_id)
    where = f"{article_id}"
    try:
        text_at, claims_at = lines.index("--- text"), lines.index("--- claims")
    except ValueError:
        event.problems.append(f"{where}: needs a line '--- text' and a line '--- claims'")
        return article
    for line in lines[:text_at]:
        if match := _FIELD.match(line):
            article.meta[match.group(1)] = match.group(2).strip()
        elif line.strip():
            event.problems.append(f"{where}: not understood before the text: {line[:80]!r}")
    tagged = "\n".join(lines[text_at + 1 : claims_at]).strip("\n")
    article.text, spans = _untag(tagged, where, event.problems)
    for i, line in enumerate(lines[claims_at + 1 :], number + claims_at + 1):
        if line.strip():
            _read_claim(event, article, line, spans, f"{where}, line {i}")
    for claim in sorted({n for _, n in spans} - {int(c["number"]) for c in article.claims}):
        event.problems.append(f"{where}: claim {claim} has tags but no line under '--- claims'")
    return article


def _untag(tagged: str, where: str, problems: list[str]) -> tuple[str, dict[tuple[str, int], list[list[int]]]]:
    """Text without tags, and the spans of each (kind, claim number)."""
    pieces: list[str] = []
    opened: dict[tuple[str, int], int] = {}
    spans: dict[tuple[str, int], list[list[int]]] = {}
    at = length = 0
    for match in _TAG.finditer(tagged):
        pieces.append(tagged[at : match.start()])
        length += match.start() - at
        at = match.end()
        key = (match.group(2), int(match.group(3)))
        if not match.group(1):
            if key in opened:
                problems.append(f"{where}: <{key[0]}{key[1]}> is opened twice")
            opened[key] = length
        elif key in opened:
            spans.setdefault(key, []).append([opened.pop(key), length])
        else:
            problems.append(f"{where}: </{key[0]}{key[1]}> closes nothing")
    pieces.append(tagged[at:])
    problems.extend(f"{where}: <{kind}{number}> is never closed" for kind, number in opened)
    text = "".join(pieces)
    if stray := re.search(r"</?[a-zA-Z]\d*>", text):
        problems.append(f"{where}: {stray.group(0)!r} looks like a tag but is none (tags are <cN>, <sN>, <qN>)")
    return text, spans


def _read_claim(event: Event, article: Article, line: str, spans: dict[tuple[str, int], list[list[int]]], where: str) -> None:
    fields = [part.strip() for part in line.split(" | ")]
    if len(fields) < 4 or not fields[0].isdigit():
        event.problems.append(f"{where}: a claim is 'N | claimer_name | topics | proposition', got {line[:80]!r}")
        return
    number = int(fields[0])
    where = f"{where}, claim {number}"
    claim: dict[str, Any] = {"number": number, "claimer_name": fields[1] if fields[1] != "-" else None, "polarity": "affirms"}
    claim["content"] = [list(trim_content(article.text, (s, e))) for s, e in spans.get(("c", number), [])]
    for kind, name in (("s", "claimer"), ("q", "cue")):
        found = spans.get((kind, number), [])
        claim[name] = found[0] if found else None
        if len(found) > 1:
            event.problems.append(f"{where}: {name} has {len(found)} spans; it is one")
    if not claim["content"]:
        event.problems.append(f"{where}: no <c{number}> in the text")
        return
    claim["form"] = form_of(article.text, [(s, e) for s, e in claim["content"]])
    _read_topics(event, claim, fields[2], where)
    claim["proposition"] = None if fields[3] == "-" else fields[3]
    for extra in fields[4:]:
        key, _, value = extra.partition("=")
        if (key == "polarity" and value in POLARITIES) or (key == "form" and value in FORMS):
            claim[key] = value
        else:
            event.problems.append(f"{where}: {extra!r} is not polarity=affirms|denies or form=direct|indirect|mixed")
    article.claims.append(claim)


def _read_topics(event: Event, claim: dict[str, Any], field_: str, where: str) -> None:
    claim["topics"], claim["stance"], claim["imposer"] = [], {}, {}
    if field_ == "-":
        return
    for part in field_.split(";"):
        words = part.split()
        if len(words) != 3 or words[1] not in STANCES:
            event.problems.append(f"{where}: topic is 'topic favor|against|neutral imposer', got {part.strip()!r}")
            continue
        claim["topics"].append(words[0])
        claim["stance"][words[0]] = words[1]
        claim["imposer"][words[0]] = None if words[2] == "-" else words[2]
