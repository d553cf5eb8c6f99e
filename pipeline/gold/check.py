"""Validate gold: offsets, fields, values, overlaps and unknown ids, each message naming article and claim."""

from __future__ import annotations

import itertools
import json
import re
import sys
from pathlib import Path
from typing import Any

from pipeline.gold.tagged import Event, read_event
from pipeline.reader.quotes import ALL_MARKS
from pipeline.tables import FORMS, POLARITIES, STANCES

_IMPOSER = re.compile(r"^[A-Z]{2}$")
_AUXILIARY = re.compile(r"^(?:is|are|was|were|be|been|has|have|had|will|would|that)\s", re.IGNORECASE)
LONGEST_CUE, LONGEST_CLAIMER = 60, 160


def check_event(event: Event) -> list[str]:
    """Everything wrong with a tagged event file."""
    problems = list(event.problems)
    for a, b in event.opposed:
        problems += [f"opposed: proposition {p!r} is not declared" for p in (a, b) if p not in event.propositions]
    used = {c["proposition"] for a in event.articles for c in a.claims}
    problems += [f"proposition {p!r} is declared but no claim asserts it" for p in event.propositions if p not in used]
    seen: set[str] = set()
    for article in event.articles:
        if article.article_id in seen:
            problems.append(f"{article.article_id}: article id is used twice")
        seen.add(article.article_id)
        problems += [
            f"{article.article_id}: no {name!r}" for name in ("outlet", "style", "published", "title") if not article.meta.get(name)
        ]
        problems += check_claims(article.article_id, article.text, article.claims, set(event.propositions))
    return problems


def check_claims(article_id: str, text: str, claims: list[dict[str, Any]], propositions: set[str] | None = None) -> list[str]:
    """Everything wrong with one article's claims; ``propositions`` are the ids that may be used, None for any."""
    problems: list[str] = []
    for number, claim in enumerate(claims, 1):
        where = f"{article_id}, claim {claim.get('number', number)}"
        problems += [f"{where}: {p}" for p in _check_claim(text, claim, propositions)]
    return problems


def _check_claim(text: str, claim: dict[str, Any], propositions: set[str] | None) -> list[str]:
    problems = [
        f"field {name!r} is missing" for name in ("content", "claimer", "cue", "claimer_name", "topics", "stance") if name not in claim
    ]
    if problems:
        return problems
    spans = [("content", s) for s in claim["content"]]
    spans += [(name, claim[name]) for name in ("claimer", "cue") if claim[name]]
    for name, (start, end) in spans:
        if not 0 <= start < end <= len(text):
            problems.append(f"{name} [{start}, {end}] is outside the text or empty")
        elif text[start].isspace() or text[end - 1].isspace():
            problems.append(f"{name} {text[start:end]!r} begins or ends with a blank")
        elif _cuts_word(text, start, end):
            problems.append(f"{name} {text[start:end][:60]!r} cuts a word")
    if problems:
        return problems
    for start, end in claim["content"]:
        if text[start] in ALL_MARKS:
            problems.append(f"content {text[start:end][:50]!r} begins with a quotation mark")
    ordered = sorted(claim["content"])
    problems += ["content spans overlap" for a, b in itertools.pairwise(ordered) if b[0] < a[1]]
    cue = claim["cue"] and text[slice(*claim["cue"])]
    if cue and (len(cue) > LONGEST_CUE or _AUXILIARY.match(cue)):
        problems.append(f"cue {cue!r}: leave auxiliaries and 'that' out, keep it short")
    if claim["claimer"] and len(text[slice(*claim["claimer"])]) > LONGEST_CLAIMER:
        problems.append(f"claimer {text[slice(*claim['claimer'])][:60]!r} is too long: no apposition, no clauses")
    if claim["polarity"] not in POLARITIES or claim["form"] not in FORMS:
        problems.append(f"polarity {claim['polarity']!r} or form {claim['form']!r} is unknown")
    for topic in claim["topics"]:
        if claim["stance"].get(topic) not in STANCES:
            problems.append(f"topic {topic!r} has no stance")
        imposer = claim["imposer"].get(topic)
        if imposer is not None and not _IMPOSER.match(imposer):
            problems.append(f"imposer {imposer!r} is not an ISO 3166 code, EU or null")
    if propositions is not None:
        if claim["topics"] and claim["proposition"] not in propositions:
            problems.append(f"proposition {claim['proposition']!r} is not declared in the event's head")
        if not claim["claimer_name"] and claim["claimer"]:
            problems.append("claimer_name is missing")
    return problems


def _cuts_word(text: str, start: int, end: int) -> bool:
    before = start > 0 and text[start - 1].isalnum() and text[start].isalnum()
    after = end < len(text) and text[end].isalnum() and text[end - 1].isalnum()
    return before or after


def check_file(path: Path) -> list[str]:
    """Problems of a tagged event file (``.txt``) or of a gold JSONL file."""
    if path.suffix == ".txt":
        return check_event(read_event(path))
    problems: list[str] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").rstrip("\n").split("\n"), 1):
        try:
            record = json.loads(line)
            problems += check_claims(record["article_id"], record["text"], record["claims"])
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            problems.append(f"line {number}: not a gold record ({error!r})")
    return problems


def main(paths: list[str]) -> int:
    """Print the problems of the files; 0 when there are none."""
    bad = 0
    for name in paths:
        problems = check_file(Path(name))
        bad += len(problems)
        for problem in problems:
            sys.stdout.write(f"{name}: {problem}\n")
        if name.endswith(".txt"):
            event = read_event(Path(name))
            n = sum(len(a.claims) for a in event.articles)
            topical = sum(bool(c["topics"]) for a in event.articles for c in a.claims)
            sys.stdout.write(f"{name}: {len(event.articles)} articles, {n} claims, {topical} topical, {len(problems)} problems\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
