"""Whom a pronoun or a description means: candidates before it, weighed by a trained scorer."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.claimers.descriptions import head_noun, kind_of
from pipeline.claimers.names import name_key
from pipeline.claimers.phrases import Phrase
from pipeline.claimers.scene import Scene
from pipeline.claimers.words import COMPANY_NOUNS, FIRST, HE, MANY, MINISTRIES, SHE, SYNONYMS, THING
from pipeline.countries import find_countries
from pipeline.reader.quotes import OUTSIDE
from pipeline.text import Span

CLASSES = ("he", "she", "first", "who", "they", "it", "nobody", "PERSON", "ORG", "DOC", "GROUP")
KINDS = ("PERSON", "ORG", "GOV", "GROUP", "DOC", "OTHER")
_PRONOUN_KINDS = {
    "he": ("PERSON",), "she": ("PERSON",), "first": ("PERSON",), "who": ("PERSON", "GROUP"), "they": ("GROUP", "ORG", "GOV", "UNKNOWN", "DOC"),
    "it": ("ORG", "GOV", "DOC", "UNKNOWN", "GROUP"), "nobody": ("PERSON", "ORG", "GOV", "GROUP", "DOC", "UNKNOWN"),
    "PERSON": ("PERSON",), "ORG": ("ORG", "GOV"), "DOC": ("DOC",), "GROUP": ("GROUP",),
}  # fmt: skip
_NEAR, _NEAR_PHRASES = 2500, 900  # characters back in which candidates are looked for
_MOST_MENTIONS, _MOST_SPEAKERS, _MOST_PHRASES, _MOST = 50, 12, 8, 22
_AFTER = 4  # candidates that a description may mean although they are named only later
_PREPOSITION = re.compile(
    r"\b(?:of|for|with|in|to|by|against|from|on|at|about|than|like|over|between|under|after|before|as)\s+(?:(?:the|a|an|[A-Z][\w.]+)\s+){0,2}$"
)
# Words that tell one minister, secretary or spokesman from another.
_FIELDS = frozenset(w for field in MINISTRIES for w in field.split()) - {"and", "affairs"} | {
    "prime",
    "treasury",
    "state",
    "homeland",
    "press",
}
_SAME_FIELD = {"trade": "commerce", "economy": "finance", "economic": "finance", "treasury": "finance", "state": "foreign"}
_SPECIFIED = re.compile(r"\s+(?:of|at|for|from|in|who|with)\b")
_CLAUSE = re.compile(r"(?:^|[.!?;:\n“”\"]\s*|,\s*|\b(?:and|but|that|while|as|when|said)\s+)(?:[\w.’'-]+\s+){0,4}$")


@dataclass(frozen=True)
class Anaphor:
    """What points back: its class, where it stands, and for a description its words."""

    cls: str
    at: int
    words: str = ""

    @property
    def head(self) -> str:
        return head_noun(self.words)

    @property
    def content(self) -> frozenset[str]:
        return content_words(self.words)


@dataclass(frozen=True)
class Candidate:
    """Somebody whom an anaphor can mean, by their latest mention; a phrase where nobody has been resolved yet."""

    entity_id: str | None
    phrase: Phrase | None
    kind: str
    start: int
    end: int
    spoke: int  # position of its last speech, -1 for none


def content_words(words: str) -> frozenset[str]:
    return frozenset(
        w for w in name_key(re.sub(r"['’]s\b", "", words)).split() if w not in ("the", "of", "own", "same", "this", "that", "these")
    )


def class_of_pronoun(word: str) -> str:
    low = word.lower()
    for name, words in (("he", HE), ("she", SHE), ("first", FIRST), ("they", MANY), ("it", THING)):
        if low in words:
            return name
    return "who"


def candidates_for(scene: Scene, anaphor: Anaphor) -> list[Candidate]:
    """Candidates of the right kind and gender, the latest first."""
    kinds, at = _PRONOUN_KINDS[anaphor.cls], anaphor.at
    if anaphor.cls == "GROUP" and anaphor.head in SYNONYMS:
        kinds = (*kinds, "ORG", "GOV")  # ``the justices``, ``the lawmakers``
    gender = anaphor.cls if anaphor.cls in ("he", "she") else _gender_of_noun(anaphor)
    spoken: dict[str, int] = {}
    for position, entity_id in _speakers_before(scene, at):
        spoken.setdefault(entity_id, position)
    latest: dict[str, Span] = {entity_id: (position, position) for entity_id, position in spoken.items()}
    for start, end, i in _mentions_before(scene, at):
        entity_id = scene.speaking_id(i)
        if entity_id not in latest or latest[entity_id][0] < start:
            latest[entity_id] = (start, end)
    if anaphor.words:
        for i, span in _pointed_at(scene, anaphor):
            latest.setdefault(scene.ids[i], span)
    if anaphor.cls == "nobody":
        for start, end, i in scene.placed[bisect_left(scene.starts, at) :][:2]:
            if start - at < 60:
                latest[scene.speaking_id(i)] = (start, end)
    found = [
        Candidate(entity_id, None, scene.entities[entity_id].type, *span, spoken.get(entity_id, -1))
        for entity_id, span in latest.items()
        if scene.entities[entity_id].type in kinds
        and not _differs(gender, scene.genders.get(entity_id))
        and not _other_office(scene, anaphor, entity_id)
    ]
    found += [
        Candidate(None, p, p.kind, p.start, p.end, -1)
        for p in _phrases_before(scene, anaphor)
        if p.kind in kinds and not _differs(gender, _gender_of_head(p.head))
    ]
    return sorted(found, key=lambda c: (-c.start, c.entity_id or ""))[:_MOST]


def _differs(wanted: str | None, given: str | None) -> bool:
    return wanted is not None and given is not None and wanted != given


def _gender_of_noun(anaphor: Anaphor) -> str | None:
    return _gender_of_head(anaphor.head) if anaphor.cls == "PERSON" else None


def _gender_of_head(head: str) -> str | None:
    if head.endswith("woman") or head in ("mother", "daughter", "sister", "wife", "grandmother", "queen", "widow", "aunt", "lady"):
        return "she"
    return "he" if head.endswith("man") or head in ("father", "son", "brother", "husband", "grandfather", "king", "uncle") else None


def _other_office(scene: Scene, anaphor: Anaphor, entity_id: str) -> bool:
    """Whether somebody is known to hold an office of another field than a description's: the foreign minister for ``the trade minister``."""
    fields = _fields(anaphor.content) if anaphor.cls == "PERSON" else frozenset()
    if not fields:
        return False
    entity, head = scene.entities[entity_id], _office(anaphor.head)
    told = [*scene.introductions_of(entity_id), *(content_words(n) for n in (entity.name, entity.role or ""))]
    held = frozenset().union(*(_fields(words) for words in told if head in map(_office, words)))
    return bool(held) and not held & fields


def _fields(words: frozenset[str]) -> frozenset[str]:
    """The fields of office that words name, each by one word."""
    return frozenset(_SAME_FIELD.get(word, word) for word in words & _FIELDS)


def _office(noun: str) -> str:
    """The office of a noun, whatever the sex of who holds it."""
    return "spokesman" if noun.startswith("spokes") else noun


def _speakers_before(scene: Scene, at: int) -> list[tuple[int, str]]:
    high = bisect_left(scene.speakers, (at, ""))
    return [s for s in reversed(scene.speakers[max(0, high - 2 * _MOST_SPEAKERS) : high]) if at - s[0] < _NEAR][:_MOST_SPEAKERS]


def _mentions_before(scene: Scene, at: int) -> list[tuple[int, int, int]]:
    low, high = bisect_left(scene.starts, at - _NEAR), bisect_left(scene.starts, at)
    return scene.placed[max(low, high - _MOST_MENTIONS) : high][::-1]


def _pointed_at(scene: Scene, anaphor: Anaphor) -> list[tuple[int, Span]]:
    """Actors further off that were introduced with the description's head or bear it in their name, and the next ones to come."""
    found = []
    for i in scene.bearing(anaphor.head)[-12:]:
        spans = scene.cast.actors[i].spans
        before = bisect_left(spans, (anaphor.at, 0))
        if spans:
            found.append((i, spans[before - 1] if before else spans[0]))
    next_up = bisect_right(scene.starts, anaphor.at + len(anaphor.words))
    return found + [(i, (start, end)) for start, end, i in scene.placed[next_up : next_up + _AFTER] if start - anaphor.at < 400]


def _phrases_before(scene: Scene, anaphor: Anaphor) -> list[Phrase]:
    phrases, starts = scene.phrases, scene.phrase_starts
    high = bisect_left(starts, anaphor.at)
    if anaphor.words:  # only what a description may take up: the same noun, less pointedly
        near = phrases[max(0, high - 40) : high]
        return [p for p in near if p.head == anaphor.head and not scene.is_source(p.start)][-_MOST_PHRASES:]
    low = bisect_left(starts, anaphor.at - _NEAR_PHRASES)
    return [p for p in phrases[max(low, high - 2 * _MOST_PHRASES) : high] if not scene.is_source(p.start)][-_MOST_PHRASES:]


def features(scene: Scene, anaphor: Anaphor, candidates: Sequence[Candidate]) -> NDArray[np.float32]:
    """One row a candidate and a last row for "nobody of these"."""
    ranks: Counter[bool] = Counter()
    rows = []
    last, place = _last_speaker(scene, anaphor.at), _place(scene, anaphor)
    for rank, c in enumerate(candidates):
        rows.append(_row(scene, anaphor, c, (rank, ranks[c.kind == "PERSON"]), last, place))
        ranks[c.kind == "PERSON"] += 1
    rows.append(_none_row(anaphor, len(candidates), len(rows[0]), place))
    return np.array(rows, dtype=np.float32)


def _row(scene: Scene, anaphor: Anaphor, c: Candidate, ranks: tuple[int, int], last: str | None, place: Sequence[float]) -> list[float]:
    """Features of a candidate of these ranks (among all, and among persons or the rest); ``last`` spoke last, ``place`` is the anaphor's."""
    at, text = anaphor.at, scene.text
    rank, kind_rank = ranks
    before = c.start < at
    sentences = bisect_right(scene.sentences, at) - bisect_right(scene.sentences, c.start)
    paragraphs = bisect_right(scene.paragraphs, at) - bisect_right(scene.paragraphs, c.start)
    sentence = bisect_right(scene.sentences, c.start)
    opening = scene.sentences[sentence - 1] if sentence else 0
    left, right = text[max(opening, c.start - 40) : c.start], text[c.end : c.end + 3]
    spoken = bisect_right(scene.sentences, at) - bisect_right(scene.sentences, c.spoke) if c.spoke >= 0 else 9
    gender = scene.genders.get(c.entity_id or "")
    wanted = anaphor.cls if anaphor.cls in ("he", "she") else None
    often = scene.often[c.entity_id or ""]
    mentions = scene.count_before(c.entity_id, at)
    return [
        *(1.0 if anaphor.cls == name else 0.0 for name in CLASSES),
        *(1.0 if (c.kind if c.kind in KINDS else "OTHER") == name else 0.0 for name in KINDS),
        float(c.phrase is not None), float(c.phrase is not None and c.phrase.definite), float(before),
        min(rank, 8) / 8, float(rank == 0), min(kind_rank, 6) / 6, float(kind_rank == 0), float(kind_rank == 1),
        float(sentences == 0), float(sentences == 1), min(max(sentences, -3), 10) / 10, float(paragraphs == 0), float(paragraphs == 1),
        min(max(paragraphs, -2), 6) / 6,
        float(c.spoke >= 0), float(spoken == 0), float(spoken == 1), min(spoken, 9) / 9, float(last is not None and last == c.entity_id),
        min(often, 5) / 5, min(mentions, 8) / 8,
        float(c.start - opening < 25), float(c.start == opening), float(bool(_PREPOSITION.search(left))), float(bool(_CLAUSE.search(left))),
        float(right[:2] in ("'s", "’s") or right[:1] in ("’", "'")), float(right[:1] == ","), float(right[:1] in (".", "”", '"')),
        float(scene.quotes[min(c.start, len(scene.quotes) - 1)] != OUTSIDE), float(scene.quotes[at] != OUTSIDE),
        float(wanted is not None and gender == wanted), float(wanted is not None and gender is None),
        *place, *_likeness(scene, anaphor, c),
    ]  # fmt: skip


def _last_speaker(scene: Scene, at: int) -> str | None:
    high = bisect_left(scene.speakers, (at, ""))
    return scene.speakers[high - 1][1] if high else None


def _place(scene: Scene, anaphor: Anaphor) -> list[float]:
    """Where the anaphor stands: it opens a sentence, comes right after a quotation, or is followed by what specifies it."""
    at = anaphor.at
    sentence = bisect_right(scene.sentences, at)
    opening = scene.sentences[sentence - 1] if sentence else 0
    ahead = scene.text[max(0, at - 4) : at]
    specified = bool(anaphor.words) and _SPECIFIED.match(scene.text, at + len(anaphor.words)) is not None
    return [
        float(at - opening < 3),
        float(bool(re.search(r"[”\"’']\s*$", ahead))),
        float(bool(re.search(r",\s*$", ahead))),
        float(specified),
    ]


def _likeness(scene: Scene, anaphor: Anaphor, c: Candidate) -> list[float]:
    """How far a description's words are those of the candidate: in its introductions, its names, or its phrase."""
    if not anaphor.words:
        return [0.0] * 11
    head, content = name_key(anaphor.head), anaphor.content
    rest = content - {head}
    if c.phrase is not None:
        words = content_words(scene.text[c.phrase.start : c.phrase.end])
        share = len(content & words) / max(1, len(content))
        return [0.0, 0.0, 1.0, share, float(rest <= words), float(len(words) > len(content)), float(not rest), 0.0, 0.0, 0.0, 1.0]
    entity = scene.entities[c.entity_id or ""]
    introduced = scene.introductions_of(c.entity_id) + (
        [content_words(entity.role)] if entity.role else []
    )  # as one introduced by the office held
    named = {w for n in (entity.name, *(() if entity.known else entity.aliases)) for w in name_key(n).split()}
    best = max((len(content & words) / max(1, len(content)) for words in introduced if head in words), default=0.0)
    codes = {m.code for m in find_countries(anaphor.words)}
    return [
        float(best > 0), best, float(head in named or bool(SYNONYMS.get(anaphor.head, frozenset()) & named)), len(content & named) / max(1, len(content)),
        float(rest <= named), float(len(named) > len(content)), float(not rest), float(bool(codes) and entity.country in codes),
        float(bool(codes) and entity.country is not None and entity.country not in codes), float(anaphor.head in COMPANY_NOUNS and entity.type == "ORG"),
        float(head_noun(entity.name) == anaphor.head),
    ]  # fmt: skip


def _none_row(anaphor: Anaphor, candidates: int, width: int, place: Sequence[float]) -> list[float]:
    """The row of "nobody": what is known of the anaphor, in the places that candidates leave empty."""
    row = [0.0] * width
    row[: len(CLASSES)] = [1.0 if anaphor.cls == name else 0.0 for name in CLASSES]
    row[len(CLASSES) + len(KINDS)] = -1.0
    row[-15:-11] = place
    if anaphor.words:
        low = anaphor.words.lower()
        row[-11:-5] = [
            float(low.startswith(("a ", "an ", "one ", "two ", "some "))), float(low.startswith(("the ", "this ", "that "))), float(len(anaphor.content) > 2),
            float(len(anaphor.content) == 1), float(bool(find_countries(anaphor.words))), float(kind_of(anaphor.head) == "GROUP"),
        ]  # fmt: skip
    row[-1] = min(candidates, 10) / 10
    return row
