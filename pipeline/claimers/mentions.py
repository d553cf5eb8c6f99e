"""The people and organisations of one article: mentions that go by forms of one name."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pipeline.claimers.descriptions import is_pronoun, kind_of
from pipeline.claimers.names import (
    MARKS,
    bare_name,
    fuller_name,
    gender_of_name,
    in_one_sentence,
    initials,
    is_junior,
    is_office,
    name_key,
    refers_to,
    surname,
)
from pipeline.claimers.words import FORENAMES, ORGANISATION_NOUNS, PERSON_NOUNS, SYNONYMS, TITLES
from pipeline.countries import find_countries
from pipeline.reader.read import EntitySpan
from pipeline.text import Span

_ABBREVIATION = re.compile(r"\s*\(\s*(?:the\s+)?[\"“]?([A-Z][A-Z&.]{1,9})[\"”]?\s*\)")
_HE_TITLE = re.compile(r"\b(?:Mr|Sir|Lord|[Ss]pokesman|[Cc]hairman|[Cc]ongressman|King|Don|Herr|Monsieur)\.?\s*$")
_SHE_TITLE = re.compile(r"\b(?:Mrs|Ms|Miss|Dame|Lady|[Ss]pokeswoman|[Cc]hairwoman|[Cc]ongresswoman|Queen|Doña|Frau|Madame)\.?\s*$")
_BEFORE = re.compile(r"(?:^|[.,;:!?\n“”\"(]|\b(?:and|by|with|that|said|to|from|as|told)\b)\s*([^.,;:!?\n“”\"()]*)(,?\s*)$")
_AFTER = re.compile(
    r"^,\s+((?:the|a|an|its|his|her|who is|who was|[a-z]|[A-Z][\w.’'-]+['’]s|[A-Z][\w.]+ [a-z])[^.;:!?\n“”\"(]{2,110}?)(?:,|\.|;|\n|$)"
)
_TITLES = {"sen": "senator", "rep": "congressman", "gov": "governor", "gen": "general", "sec": "secretary", "amb": "ambassador"}
_DOTTED = re.compile(r"\b(Sen|Rep|Gov|Gen|Sec|Amb|Mr|Ms|Mrs|Dr|Lt|Col)\.")
_INITIALS = re.compile(r"\b(?:[A-Z]\.){2,}")  # ``U.S.``, which ends no sentence before a small letter
_NAMED_AFTER = frozenset(  # what is called by a person's name, who then goes by it, too
    ["administration", "government", "cabinet", "campaign", "foundation", "family", "team", "organization", "organisation", "trust"]
)
_BASED = re.compile(r"^[A-Z][\w.]*-based\s+(?=[A-Z])")  # no part of a firm's name
_ARTICLE = re.compile(r"^(?:[Tt]he|[Tt]hree|[Tt]wo|[Oo]ur|[Aa]n?)\s+")
_PAPER = re.compile(r"(?<=[a-z])\s(?:newspaper|magazine|tabloid|website)$")  # nor of a paper's
_RELATIVES = frozenset(["lady", "wife", "husband", "son", "daughter", "brother", "sister", "father", "mother", "widow"])
_IS = re.compile(r"^\s+(?:is|was|became|serves as|works as)\s+((?:the|a|an)\s[^.;:!?\n“”\",]{3,80})")


@dataclass
class Actor:
    """Somebody named in the article. ``spans`` are its mentions in order; ``introductions`` the words of its titles and appositions."""

    name: str
    type: str
    spans: list[Span] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    introductions: list[frozenset[str]] = field(default_factory=list)
    gender: str | None = None


class Cast:
    """All actors of an article and whom each mention means (None for what cannot speak, such as MISC)."""

    def __init__(self, text: str, mentions: Sequence[EntitySpan], known: Callable[[str], object] = lambda _: None) -> None:
        self.text, self._known = text, known
        self.actors: list[Actor] = []
        self.of_mention: list[int | None] = [None] * len(mentions)
        self._people_end = sorted(m.end for m in mentions if m.type == "PERSON")
        self.by_key: dict[tuple[str, str], int] = {}
        self.by_word: dict[str, list[int]] = defaultdict(list)
        for i in sorted(range(len(mentions)), key=lambda i: (-_words(text, mentions[i]), mentions[i].start)):
            self.of_mention[i] = self._place(mentions[i])
        self._join_abbreviations(mentions)
        for actor in self.actors:
            actor.spans.sort()
            if actor.type == "PERSON" and actor.gender is None:
                actor.gender = gender_of_name(actor.name)

    def find(self, name: str, at: int) -> int | None:
        """The actor whom a name means that no mention covers: the same name, a person's part of name, or an organisation's first words."""
        key = name_key(bare_name(name))
        for kind in ("PERSON", "ORG", "LOC"):
            if key and " " not in key and kind != "PERSON" and (longer := self._longer(bare_name(name), at)) is not None:
                return longer
            if (kind, key) in self.by_key:
                return self.by_key[kind, key]
        return self._longer(bare_name(name), at) if key else None

    def _place(self, mention: EntitySpan) -> int | None:
        raw = self.text[mention.start : mention.end].split("\n")[0]
        kind = "ORG" if mention.type == "PERSON" and raw.rpartition(" ")[2] in _NAMED_AFTER else mention.type
        name = bare_name(in_one_sentence(raw)) if kind == "PERSON" else _of_organisation(raw)
        key = name_key(name)
        if kind == "MISC" or not key or (kind == "PERSON" and (is_office(raw) or is_pronoun(raw))):
            return None
        if kind == "PERSON" and self.text.startswith(f" ({name.split()[0]})", mention.end) and name.count(" ") > 1:
            name = name.rpartition(" ")[0]  # of a page's note ``Robert (Bob) Phillips Corker`` behind ``Bob Corker``
        if kind == "ORG" and key in ORGANISATION_NOUNS and (raw.split()[-1].islower() or key in ("ministry", "department")):
            return None  # ``the ministry`` describes somebody, whatever the reader takes it for
        if kind == "ORG" and _ARTICLE.sub("", raw).islower() and (" " in name or kind_of(key) is not None):
            return None  # ``the high court``, ``the justices``: no name, either
        if kind == "PERSON" and [name] == [name[m.start : m.end] for m in find_countries(name)]:
            kind = "LOC"
        if " " not in name and kind != "PERSON" and len(key) > 2 and not find_countries(name) and self._surname_of(key) is not None:
            kind = "PERSON"  # a surname that was taken for an organisation or a place
        place = self.by_key.get((kind, key))
        if place is None and kind == "PERSON":
            place = self._longer(name, mention.start, ("PERSON",))
            if place is None and " " not in name and (full := fuller_name(self.text, name)) is not None:
                bearer = self.by_key.get((kind, name_key(full)))
                if bearer is None or not self._relative_named_later(bearer, mention.start):
                    name, place = full, bearer
        if place is None and kind in ("ORG", "LOC") and " " not in key and not find_countries(name):
            place = self._longer(name, mention.start, ("ORG",))
        if place is None and kind == "PERSON" and (firm := self._firm_called(name, mention.start)) is not None:
            kind, place = "ORG", firm
        if place is None:
            place = len(self.actors)
            self.actors.append(Actor(name, kind))
            for word in set(name_key(name).split()) | set(name_key(name.replace("-", " ")).split()):
                self.by_word[word].append(place)
            self.by_key.setdefault((kind, name_key(name)), place)
        self.by_key.setdefault((kind, key), place)
        self._note(self.actors[place], mention, raw, name)
        return place

    def _firm_called(self, name: str, at: int) -> int | None:
        """The organisation whose first words were taken for a person, who has no title anywhere: ``Gaya`` for ``Gaya Electric``."""
        if name_key(name).split()[0] in FORENAMES:
            return None
        firm = self._longer(name, at, ("ORG",))
        if firm is None:
            return None
        ahead = {m.group(1).lower() for m in re.finditer(rf"(?<![\w-])([\w-]+)\.?\s+{re.escape(name)}(?!\w| [A-Z])", self.text)}
        return None if ahead & (TITLES | PERSON_NOUNS | _TITLES.keys()) else firm

    def _surname_of(self, key: str) -> int | None:
        """A person of whom this is the surname, which may stand first."""
        people = (c for c in self.by_word.get(key, ()) if self.actors[c].type == "PERSON")
        return next(
            (c for c in people if surname(n := self.actors[c].name) == key or (name_key(n).split()[0] == key and key not in FORENAMES)),
            None,
        )

    def _longer(self, name: str, at: int, kinds: tuple[str, ...] = ("PERSON", "ORG")) -> int | None:
        """Of the actors whose name contains this one, the one last mentioned before it, else the first."""
        key = name_key(name)
        fitting = []
        for c in self.by_word.get(key.split()[-1], ()):
            actor = self.actors[c]
            if actor.type in kinds and (refers_to(name, actor.name) if actor.type == "PERSON" else _shortens(key, actor)):
                fitting.append(c)
        fitting = [c for c in fitting if not self._relative_named_later(c, at)]
        elders = [c for c in fitting if not is_junior(self.actors[c].name)]
        fitting = elders if elders or self._own_name(name) else fitting
        fitting = self._of_title(fitting, at)
        before = [c for c in fitting if self.actors[c].spans and min(self.actors[c].spans)[0] <= at]
        if before:
            return max(before, key=lambda c: max(s for s, _ in self.actors[c].spans if s <= at))
        return fitting[0] if fitting else None

    def _own_name(self, name: str) -> bool:
        """Whether a full name is that of somebody known, so that ``Donald Trump Jr.`` is another."""
        return " " in name and not is_junior(name) and self._known(name) is not None and self._known(f"{name} Jr.") is None

    def _of_title(self, people: list[int], at: int) -> list[int]:
        """Of several people of one surname those who were introduced with the title that stands before it here: ``Foreign Minister Wang``; all
        where none was."""
        if len(people) < 2:
            return people
        titles = _word_set(" ".join(self.text[max(0, at - 60) : at].split()[-3:])) & (TITLES | PERSON_NOUNS)
        shared = {c: max((len(titles & words) for words in self.actors[c].introductions), default=0) for c in people}
        most = max(shared.values())
        return [c for c in people if shared[c] == most]

    def _relative_named_later(self, c: int, at: int) -> bool:
        """Whether this is somebody of the family, named only after a bare surname: ``Trump … first lady Melania Trump``."""
        actor = self.actors[c]
        later = bool(actor.spans) and min(actor.spans)[0] > at
        return later and actor.type == "PERSON" and any(words & _RELATIVES for words in actor.introductions)

    def _note(self, actor: Actor, mention: EntitySpan, raw: str, name: str) -> None:
        text = self.text
        actor.spans.append((mention.start, mention.end))
        actor.names.add(name)
        start = mention.start + (raw.find(name.split()[0]) if actor.type == "PERSON" and name.split()[0] in raw else 0)
        earlier = bisect_right(self._people_end, mention.start)
        floor = self._people_end[earlier - 1] if earlier else 0  # what stands before another person's name introduces that person
        left, right = text[max(floor, start - 110) : start], _INITIALS.sub(_undotted, text[mention.end : mention.end + 130])
        before = _BEFORE.search(_DOTTED.sub(r"\1", left))
        if before and before.group(1).strip():
            words = before.group(1).split()
            if not before.group(2).strip() or (
                len(words) < 12 and words[0].lower() in ("the", "a", "an", "its", "his", "her", "their", "our")
            ):
                actor.introductions.append(_word_set(" ".join(words[-8:])))
        for match in (_AFTER.match(right), _IS.match(right)):
            if match:
                actor.introductions.append(_word_set(match.group(1)))
        if actor.gender is None:
            title = left[-20:]
            actor.gender = "he" if _HE_TITLE.search(title) else "she" if _SHE_TITLE.search(title) else None

    def _join_abbreviations(self, mentions: Sequence[EntitySpan]) -> None:
        """``Korea Zinc Council (KZC)``, later ``KZC``; and abbreviations that are the initials of one organisation."""
        meaning: dict[str, int] = {}
        for mention, place in zip(mentions, self.of_mention, strict=True):
            if place is None or mention.type != "ORG":
                continue
            match = _ABBREVIATION.match(self.text, mention.end)
            if match:
                meaning[match.group(1).replace(".", "")] = place
            elif len(self.actors[place].name.split()) > 2:
                meaning.setdefault(initials(self.actors[place].name), place)
        for i, mention in enumerate(mentions):
            place, old = meaning.get(self.text[mention.start : mention.end].replace(".", "").removeprefix("the ")), self.of_mention[i]
            if mention.type == "ORG" and place is not None and old is not None and old != place:
                span = (mention.start, mention.end)
                self.actors[place].spans.append(span)
                self.actors[place].names |= self.actors[old].names
                self.actors[old].spans = [s for s in self.actors[old].spans if s != span]
                self.of_mention[i] = place
        for short, place in meaning.items():
            self.by_key["ORG", name_key(short)] = place


def _of_organisation(raw: str) -> str:
    """The name in a mention of an organisation or place: without marks of lists, a firm's seat, and what says that it is a paper."""
    return _PAPER.sub("", _BASED.sub("", " ".join(raw.split()).lstrip(MARKS)))


def _shortens(key: str, actor: Actor) -> bool:
    """Whether an organisation goes by this: its first words, a general word of its name (``the Guild``) or a paper's last one (``the Times``);
    not by the name of the person that it is called after (``the Trump administration``), and no firm for its part in a state (``Acme China``)."""
    if actor.type != "ORG" or len(key) < 4 or " " not in name_key(actor.name):
        return False
    if _NAMED_AFTER & set(name_key(actor.name).split()) - {key}:
        return False
    if key in ORGANISATION_NOUNS:
        return key in name_key(actor.name).split()
    if key in SYNONYMS["newspaper"] and name_key(actor.name).endswith(f" {key}"):
        return True
    fuller = [n for n in (actor.name, *actor.names) if name_key(n).startswith(key + " ") and " and " not in n[len(key) : len(key) + 6]]
    return any(find_countries(rest := n[len(key) :].strip()) == [] or " " in rest for n in fuller)


def _words(text: str, mention: EntitySpan) -> int:
    return len(text[mention.start : mention.end].split())


def _undotted(initials: re.Match[str]) -> str:
    return initials.group().replace(".", "")


def _word_set(text: str) -> frozenset[str]:
    words = {_TITLES.get(key, key) for w in re.findall(r"[\w.-]+", text) if (key := name_key(w))}
    if "ceo" in words or {"chief", "executive"} <= words:
        words |= {"ceo", "chief", "executive"}
    return frozenset(words)
