"""An article while it is resolved: who was named where, who has spoken, and what is known of them."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from dataclasses import replace

from pipeline.claimers.institutions import GOVERNMENTAL, Institutions
from pipeline.claimers.interview import interview_of, person_asked
from pipeline.claimers.knowledge import KnowledgeBase
from pipeline.claimers.mentions import Actor, Cast
from pipeline.claimers.names import bare_name, looks_like_name, name_key, surname
from pipeline.claimers.phrases import Phrase, find_phrases
from pipeline.claimers.pronouns import Candidate, choose, gender_of
from pipeline.claimers.states import NO_PRESIDENT, States, country_in, country_told
from pipeline.claimers.types import ArticleFacts, Entity
from pipeline.claimers.words import MINISTRIES, ORGANISATION_NOUNS, SYNONYMS, TITLES
from pipeline.countries import find_countries
from pipeline.ids import content_id
from pipeline.reader.quotes import OUTSIDE, quote_states
from pipeline.reader.read import Reading

TYPES = {"PERSON": "PERSON", "ORG": "ORG", "LOC": "PLACE", "MISC": "MISC"}
_NEAR = 1500  # characters back in which a pronoun's person is looked for
_MOST = 14  # candidates that a pronoun is weighed against
_ADMINISTRATION = re.compile(rf"(?<![\w-])(?![A-Z]+\b){NO_PRESIDENT}([A-Z]\w+(?:-[A-Z]\w+)*)(?:['’]s)? administration\b")
_SEATED = re.compile(r"^(?!an?\s|some\s|one\s|the\s)[a-z][\w’' -]* of (?:the )?[A-Z]")
_APPOSED = re.compile(r"^(?:,\s+(?:(?:the|a|an)\s+(?:[\w’'-]+\s+){1,3})?|\s+)$")
_LEGAL_FORM = re.compile(r"(?:,?\s+(?:Inc|Corp|Co|Ltd|Company|Corporation|AG|SE|plc|PLC|NV|Holdings?|Technologies|Motor)\.?)+$")
_ONE_WORD = re.compile(r"[A-Z]\w*[a-z]\w{3,}")  # a company's name, no abbreviation
_TICKER = re.compile(r"\s*<[A-Z][\w.]{0,9}>|\s*\([A-Z]{1,6}\.[A-Z]{1,3}\)")  # a share's code behind a company: ``Amdahl Corp <AMH>``
_CIRCUIT = re.compile(
    r"\bCourt of Appeals\b.*\bCircuit\b|\bCircuit\b.*\bCourt of Appeals\b"
)  # has several usual names: the article's stands
_LAST_LINES = 4  # among which the signature of a proclamation or letter stands
_BREAK = re.compile(r"[.!?][”\"')]*\s+(?=[“\"'A-Z])|\n+")

GENERAL_WORDS = ORGANISATION_NOUNS | TITLES | frozenset(w for field in MINISTRIES for w in field.split()) | {"of", "for", "and", "in"}


def _tells_whom(name: str) -> bool:
    """Whether an organisation's name is its own: one word of a company, or words that are not all general ones (``Chamber of Commerce``)."""
    return _ONE_WORD.fullmatch(name) is not None if " " not in name else not set(name_key(name).split()) <= GENERAL_WORDS


def _in_small_letters(name: str) -> str:
    """A person's name without the capitals in which transcripts set their speakers: ``RUKAVINA``."""
    return name.title() if name.isupper() and len(name) > 3 else name


class Scene:
    """Entities by id, mentions by position and the speakers so far, in the order of the text."""

    def __init__(self, article: ArticleFacts, reading: Reading, knowledge: KnowledgeBase) -> None:
        self.article, self.text, self.knowledge = article, article.text, knowledge
        self.states = States(article.text, knowledge)
        self.institutions = Institutions(self.states)
        self.entities: dict[str, Entity] = {}
        self.genders: dict[str, str] = {}
        self.administrations = [(m.start(), m.group(1)) for m in _ADMINISTRATION.finditer(article.text) if country_in(m.group(1)) is None]
        self.cast = Cast(article.text, reading.entities, knowledge.find)
        self.ids = [self.add(self._entity_of(actor)) for actor in self.cast.actors]
        for actor, entity_id in zip(self.cast.actors, self.ids, strict=True):
            if actor.gender:
                self.genders.setdefault(entity_id, actor.gender)
        self.placed = sorted((start, end, i) for i, actor in enumerate(self.cast.actors) for start, end in actor.spans)
        self.starts = [start for start, _, _ in self.placed]
        self.speakers: list[tuple[int, str]] = []
        self.often: Counter[str] = Counter()
        self.quotes = quote_states(article.text)
        self.sentences = [m.end() for m in _BREAK.finditer(article.text)]
        self.paragraphs = [m.end() for m in re.finditer(r"\n+", article.text)]
        self.phrases = [
            p for p in find_phrases(article.text, [(start, end) for start, end, _ in self.placed]) if not self._names_somebody(p)
        ]
        self.phrase_starts = [p.start for p in self.phrases]
        self._sources = {a.source[0] for a in reading.attributions if a.source is not None}
        self._answers = interview_of(article.text).answers
        asked = person_asked(self._answers, self.cast.actors)
        self._asked = None if asked is None else self.ids[asked]
        self._actors_of: dict[str, list[int]] = defaultdict(list)
        self._bearers: dict[str, list[int]] = defaultdict(list)  # actors by every word of their name and introductions
        for i, (actor, entity_id) in enumerate(zip(self.cast.actors, self.ids, strict=True)):
            self._actors_of[entity_id].append(i)
            names = frozenset(name_key(actor.name).split()) if actor.type == "ORG" else frozenset()
            for word in names.union(*actor.introductions):
                self._bearers[word].append(i)

    def add(self, entity: Entity) -> str:
        """Note the entity; its aliases join those that it has."""
        known = self.entities.get(entity.entity_id)
        if known is None:
            self.entities[entity.entity_id] = entity
        elif set(entity.aliases) - set(known.aliases):
            aliases = tuple(sorted({*known.aliases, *entity.aliases}))
            self.entities[entity.entity_id] = Entity(
                known.entity_id, known.name, known.type, known.country, known.role, aliases, known.known
            )
        return entity.entity_id

    def spoke(self, at: int, entity_id: str) -> None:
        self.speakers.append((at, entity_id))
        self.often[entity_id] += 1

    def local(self, name: str, kind: str, aliases: tuple[str, ...] = (), country: str | None = None) -> Entity:
        """An entity that the article names: an institution of the knowledge base where it has one of that name, else one of its own.

        Full names, organisations and offices with their place are one entity across articles; a bare surname, an abbreviation, a
        description or an anonymous person only within theirs."""
        name = _TICKER.sub("", name).strip() or name
        name = _in_small_letters(name) if kind == "PERSON" else name
        known = self.institutions.entry(name) if kind in ("ORG", "GOV") else None
        if known is not None and known.type != "PERSON":
            return self.known(known, aliases)
        full = name[:1].isupper() and (_tells_whom(name) if kind in ("ORG", "GOV") else " " in bare_name(name))
        seated = _SEATED.match(name) is not None  # an office or body with its place: ``mayor of Oruro``
        across = (full or seated) and kind in ("PERSON", "ORG", "GOV", "PLACE")
        identity = content_id("e", name_key(name), kind, *(() if across else (self.article.article_id,)))
        if country is None and not (kind == "PERSON" and looks_like_name(name)):  # a person may be called Georgia or Jordan
            country = country_told(name)
        return Entity(identity, name, kind, country, None, aliases)

    def known(self, entity: Entity, aliases: tuple[str, ...] = (), name: str | None = None) -> Entity:
        """An entry of the knowledge base as this article has it: with the names seen and the office held at its date."""
        role = self.knowledge.role_at(entity.entity_id, self.article.published)
        return Entity(
            entity.entity_id, name or entity.name, entity.type, entity.country, role, tuple(sorted({*entity.aliases, *aliases})), True
        )

    def before(self, at: int) -> list[tuple[int, int, int]]:
        """(start, end, actor) of mentions in the stretch before ``at``, the nearest first."""
        low, high = bisect_left(self.starts, at - _NEAR), bisect_left(self.starts, at)
        return self.placed[low:high][::-1]

    def inside(self, start: int, end: int) -> list[tuple[int, int, int]]:
        """Mentions within a span (which may leave out a final possessive)."""
        found = self.placed[bisect_left(self.starts, start) : bisect_left(self.starts, end)]
        return [m for m in found if m[1] <= end + 2]

    def _names_somebody(self, phrase: Phrase) -> bool:
        """Whether a phrase stands in apposition to a name, or in a quotation."""
        if self.quotes[phrase.start] != OUTSIDE:
            return True
        after = bisect_left(self.starts, phrase.end)
        ahead = self.text[phrase.end : self.starts[after]] if after < len(self.starts) and self.starts[after] - phrase.end < 40 else "-"
        behind = self.text[self.placed[after - 1][1] : phrase.start] if after and phrase.start - self.placed[after - 1][1] < 3 else "-"
        return bool(_APPOSED.match(ahead)) or (behind.startswith(",") and not behind.strip(", "))

    def is_source(self, start: int) -> bool:
        """Whether an attribution's source begins here."""
        return start in self._sources

    def bearing(self, head: str) -> list[int]:
        """Actors that are called or introduced by a noun or one that means the same."""
        return list(dict.fromkeys(i for word in {name_key(head), *SYNONYMS.get(head, ())} for i in self._bearers.get(word, ())))

    def actors_of(self, entity_id: str) -> list[int]:
        """Actors that are this entity."""
        return self._actors_of.get(entity_id, [])

    def introductions_of(self, entity_id: str | None) -> list[frozenset[str]]:
        return [words for i in self._actors_of.get(entity_id or "", ()) for words in self.cast.actors[i].introductions]

    def count_before(self, entity_id: str | None, at: int) -> int:
        """How often an entity was named before a place."""
        return sum(bisect_left(self.cast.actors[i].spans, (at, 0)) for i in self._actors_of.get(entity_id or "", ()))

    def place(self, at: int) -> str | None:
        """The town or province that the text is at: the last named in the paragraph, else the one named most so far."""
        towns = self._towns_before(at)
        paragraph = bisect_right(self.paragraphs, at)
        near = [name for start, name in towns if bisect_right(self.paragraphs, start) == paragraph]
        return near[-1] if near else self.usual_place(at)

    def usual_place(self, at: int) -> str | None:
        """The town or province that has been named most so far."""
        named = Counter(name for _, name in self._towns_before(at))
        return named.most_common(1)[0][0] if named else None

    def _towns_before(self, at: int) -> list[tuple[int, str]]:
        """(start, name) of places that are no states."""
        named = [(start, self.cast.actors[i]) for start, _, i in self.placed[: bisect_left(self.starts, at)]]
        towns = [(start, actor.name) for start, actor in named if actor.type == "LOC" and not find_countries(actor.name)]
        return [(start, name.title() if name.isupper() else name) for start, name in towns]

    def speaking_id(self, i: int) -> str:
        """The entity as which an actor speaks: a state by its government."""
        actor = self.cast.actors[i]
        government = self.states.government(actor.name) if actor.type == "LOC" else None
        return self.add(government) if government else self.ids[i]

    def administration(self, at: int) -> str | None:
        """The president whose administration the text last named before ``at``, else the first that it names."""
        before = bisect_left(self.administrations, (at, ""))
        return self.administrations[max(0, before - 1)][1] if self.administrations else None

    def signed(self) -> str | None:
        """Who has signed the text: the person whose name is one of its last lines, behind what was written; in a transcript nobody."""
        if any(self.text[end : end + 1] == ":" and self.text[max(0, start - 1) : start] in ("", "\n") for start, end, _ in self.placed):
            return None
        lines = [m for m in re.finditer(r"[^\n]+", self.text) if m.group().strip()][-_LAST_LINES:]
        for line in reversed(lines[1:]):
            inside = self.inside(*line.span())
            if len(inside) == 1 and self.cast.actors[inside[0][2]].type == "PERSON":
                start, end, i = inside[0]
                around = re.sub(r"[\W_]+", "", self.text[line.start() : start] + self.text[end : line.end()])
                above = self.text[: line.start()].rstrip()
                if around.lower() in ("", "jr", "sr") and above.endswith((".", "!", "?", ",", "”", '"', ")", "…")):
                    return self.ids[i]
        return None

    def answering(self, at: int) -> str | None:
        """Who speaks at a place that is within an interview's answer."""
        place = bisect_right(self._answers, (at, len(self.text)))
        return self._asked if place and at < self._answers[place - 1][1] else None

    def antecedent(self, pronoun: str, at: int) -> str | None:
        """Whom a pronoun means; what it says of their gender is kept."""
        found = choose(pronoun, self._candidates(at))
        if found is not None:
            self.note_gender(found, pronoun)
        return found

    def note_gender(self, entity_id: str, pronoun: str) -> None:
        """Keep what a pronoun says of the gender of somebody whose gender nothing has told."""
        gender = gender_of(pronoun)
        if gender is not None:
            self.genders.setdefault(entity_id, gender)

    def _candidates(self, at: int) -> list[Candidate]:
        """Those named or speaking before, each by the latest time, which decides the rank."""
        seen: dict[str, tuple[int, int, bool]] = {}
        for position, speaker in reversed(self.speakers[-8:]):
            if at - position < _NEAR:
                seen.setdefault(speaker, (position, position, True))
        for start, end, i in self.before(at)[:40]:
            entity_id = self.speaking_id(i)
            known = seen.get(entity_id)
            if known is None or known[0] < start:
                seen[entity_id] = (start, end, known is not None)
        latest = sorted(seen.items(), key=lambda item: (-item[1][0], item[0]))[:_MOST]
        ranks: Counter[str] = Counter()
        found = []
        for entity_id, (start, end, spoke) in latest:
            kind = self.entities[entity_id].type
            group = "PERSON" if kind == "PERSON" else "OTHER"
            found.append(self._candidate(entity_id, kind, ranks[group], start, end, spoke, at))
            ranks[group] += 1
        return found

    def _candidate(self, entity_id: str, kind: str, rank: int, start: int, end: int, spoke: bool, at: int) -> Candidate:
        sentence = bisect_right(self.sentences, start)
        opening = self.sentences[sentence - 1] if sentence else 0
        return Candidate(
            entity_id, kind, rank, bisect_right(self.sentences, at) - sentence, bisect_right(self.paragraphs, at) - bisect_right(self.paragraphs, start),
            spoke, start - opening < 25, bool(self.quotes[start] != OUTSIDE), self.text[end : end + 2] in ("'s", "’s"), self.genders.get(entity_id), self.often[entity_id],
        )  # fmt: skip

    def _as_given(self, actor: Actor, known: Entity) -> str | None:
        """A known person's full name as the article has it where it never has the usual one, or has a fuller one: ``Ildefonso Guajardo
        Villarreal``; an initial alone makes it fuller where the article never does without."""
        usual, given = set(name_key(known.name).split()), set(name_key(actor.name).split())
        if actor.name.casefold() == known.name.casefold():
            return None  # ``Donald TRUMP``
        if known.type == "PERSON" and len(given) > 1 and known.name not in self.text and surname(known.name) == surname(actor.name):
            return actor.name  # ``Charles Schumer``
        fuller = known.type == "PERSON" and usual < given
        return actor.name if fuller and (any(len(word) > 1 for word in given - usual) or known.name not in self.text) else None

    def _official(self, actor: Actor) -> Entity | None:
        """Whom a bare surname means by the office that the article gives with it: ``President Trump`` in 2018, or ``the Trump administration``."""
        day = self.article.published
        if day is None or sum(word[:1].isupper() for word in actor.name.split()) > 1:
            return None
        words = frozenset().union(*actor.introductions)
        if any(president == actor.name for _, president in self.administrations):
            words |= {"president"}
        return self.knowledge.official(name_key(actor.name), words, day)

    def _entity_of(self, actor: Actor) -> Entity:
        aliases = tuple(sorted(actor.names))
        if actor.type == "LOC":
            return self.local(actor.name, "PLACE", aliases)
        at = actor.spans[0][0] if actor.spans else 0
        known = self.knowledge.find(actor.name) if actor.type == "PERSON" else self.institutions.known(actor.name, at)
        if known is not None and _CIRCUIT.search(known.name) and _CIRCUIT.search(actor.name):
            return self.known(known, aliases, re.sub(r"^[Tt]he\s+", "", actor.name))
        abbreviation = actor.name.isupper()  # ``METI`` is nobody's surname
        if known is not None and (abbreviation or (known.type == "PERSON") == (actor.type == "PERSON")):
            given = self._as_given(actor, known)
            return self.known(known, aliases, _in_small_letters(given) if given else None)
        if actor.type == "PERSON":
            official = self._official(actor)
            return self.known(official, aliases, _in_small_letters(actor.name)) if official else self.local(actor.name, "PERSON", aliases)
        if (administration := self.states.administration(actor.name)) is not None:
            return replace(administration, aliases=aliases)
        government = self.states.government(actor.name)
        if government is not None:
            return government
        company = self.knowledge.find(_LEGAL_FORM.sub("", actor.name))
        if company is not None and company.type == "ORG":
            return self.known(company, aliases, actor.name)
        name, country = self.institutions.name_of(re.sub(r"^[Tt]he\s+", "", actor.name), at)
        return self.local(name, "GOV" if GOVERNMENTAL.search(name) else "ORG", aliases, country)
