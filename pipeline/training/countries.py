"""Gold articles moved to other countries, so that a network learns whose restriction it is from the words and not by heart."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from typing import Any

from pipeline.countries import Country, CountryMention, countries, find_countries, find_signs
from pipeline.text import Span

_ADJECTIVE = re.compile(r"(?:an|ese|ish|ch|i|ss|ic|ek)s?")
MOVED = 0.75  # share of an article's countries that change places with another one


def relocated(record: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """The gold record with countries exchanged for others throughout: in text, title, names and imposers; spans follow.

    ``moved`` says which for which: what tells of a country without naming it stays as it is and tells of the other.
    """
    found = find_countries(record["text"])
    told = {m.code for text in (record["text"], record.get("title") or "") for m in find_signs(text)}
    named = sorted(told | {code for c in record["claims"] for code in c["imposer"].values() if code})
    others = rng.sample([c.code for c in countries() if c.code not in named and c.name in c.forms], len(named))
    moved = {old: new for old, new in zip(named, others, strict=True) if rng.random() < MOVED}
    text, shifts = _rewrite(record["text"], found, moved)
    title, _ = _rewrite(record.get("title") or "", find_countries(record.get("title") or ""), moved)
    claims = []
    for claim in record["claims"]:
        spans = {kind: _shift(tuple(claim[kind]), shifts) if claim[kind] else None for kind in ("claimer", "cue")}
        name, _ = _rewrite(claim["claimer_name"] or "", find_countries(claim["claimer_name"] or ""), moved)
        imposer = {topic: moved.get(code, code) for topic, code in claim["imposer"].items()}
        claims.append(
            {**claim, **spans, "content": [_shift(tuple(s), shifts) for s in claim["content"]], "claimer_name": name, "imposer": imposer}
        )
    return {**record, "text": text, "title": title, "claims": claims, "moved": moved}


def _rewrite(text: str, found: Sequence[CountryMention], moved: dict[str, str]) -> tuple[str, list[tuple[int, int, int, int]]]:
    """The text with other countries, and (old start, old end, new start, new end) of every exchange."""
    by_code = {c.code: c for c in countries()}
    pieces: list[str] = []
    shifts: list[tuple[int, int, int, int]] = []
    at = length = 0
    for mention in found:
        if mention.code not in moved:
            continue
        form = text[mention.start : mention.end]
        new = _same_form(form, by_code[mention.code], by_code[moved[mention.code]])
        pieces += [text[at : mention.start], new]
        length += mention.start - at
        shifts.append((mention.start, mention.end, length, length + len(new)))
        length += len(new)
        at = mention.end
    return "".join([*pieces, text[at:]]), shifts


def _same_form(form: str, old: Country, new: Country) -> str:
    """How ``new`` is called where ``old`` is called ``form``: by its name, its adjective, its people or its capital."""
    plain = form.title() if form.isupper() and len(form) > 4 else form
    if plain in old.metonyms and new.metonyms:
        found = new.metonyms[0]
    elif plain != old.name and _ADJECTIVE.search(plain[-4:]) and plain.isalpha():
        adjectives = [f for f in new.forms if f != new.name and f.isalpha() and _ADJECTIVE.search(f[-4:])] or [new.name]
        people = [f for f in adjectives if f.endswith("s")]
        found = people[0] if plain.endswith("ns") and people else adjectives[0]
    else:
        found = new.name
    return found.upper() if plain != form else found


def _shift(span: Span, shifts: Sequence[tuple[int, int, int, int]]) -> list[int]:
    return [_place(span[0], shifts, end=False), _place(span[1], shifts, end=True)]


def _place(position: int, shifts: Sequence[tuple[int, int, int, int]], end: bool) -> int:
    moved = position
    for old_start, old_end, new_start, new_end in shifts:
        if old_end <= position:
            moved = position + new_end - old_end
        elif old_start < position:
            return new_end if end else new_start
    return moved
