"""Who one source is: pronoun, name, government, description or document."""

from __future__ import annotations

import re
from bisect import bisect_left

from pipeline.claimers.antecedents import Anaphor, class_of_pronoun
from pipeline.claimers.described import POSSESSOR, DescribedSources
from pipeline.claimers.descriptions import head_noun, is_definite, is_pronoun, kind_of
from pipeline.claimers.documents import DocumentSources
from pipeline.claimers.governments import GovernmentSources
from pipeline.claimers.institutions import GOVERNMENTAL, adjective
from pipeline.claimers.named import NamedSources
from pipeline.claimers.names import name_key, surname
from pipeline.claimers.phrases import Phrase
from pipeline.claimers.pointers import Pointers
from pipeline.claimers.scene import Scene
from pipeline.claimers.scorer import Scorer
from pipeline.claimers.states import country_in, listed
from pipeline.claimers.types import Entity
from pipeline.claimers.words import COMPANY_NOUNS, NOT_FORENAMES, ORGANISATION_NOUNS, PERSON_NOUNS, TITLES
from pipeline.ids import content_id
from pipeline.reader.quotes import OUTSIDE
from pipeline.text import Span

_DAY_BEHIND = re.compile(r"(?<=\w) (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day$")
_AND = re.compile(r",?\s+and\s+|,\s+")
_OWNER = re.compile(r"^(his|her|its|their|my|our)\s+(.+)$", re.IGNORECASE | re.DOTALL)
_BOTH = re.compile(
    r"^(?:the two(?: biggest)?|both|the|neither)\s+(sides?|parties|participants|countries|nations|governments|capitals|economies|powers|superpowers|"
    r"leaders|men|presidents|women|senators|ministers|two|pair|duo)$|^both$",
    re.IGNORECASE,
)
_BOTH_STATES = ("side", "parties", "participants")  # where the text is about two states
_BOTH_PEOPLE = ("leaders", "men", "presidents", "women", "senators", "ministers")
_JUST_BEFORE = 300  # characters back from ``both`` in which the two are named
_BOTH_ALONE = ("the two", "the pair", "the duo", "both")  # whoever was named last: two people, or two states
_TITLE = r"(?:Mr|Mrs|Ms|Dr|Sen|Rep)\.?\s+"
_COUPLE = re.compile(rf"(?<!,)\b{_TITLE}([A-Z][\w'’-]+)\s+and\s+{_TITLE}$")
_AND_TITLED = re.compile(r"\s+and\s+(?:(?:[A-Z][\w.’'-]*|his|her|[a-z]+)\s+){0,5}$")
_OPENS = re.compile(
    r"(?:^|[.!?;:\n“”\"(]|\b(?i:that|but|while|when|as|because|where|both))\s*((?:[\w’'-]+\s+|(?:[A-Z][a-z]{0,3}|[A-Z](?:\.[A-Z])*)\.\s+)*)$"
)
_MEMBERS = re.compile(r"^(?:[a-z]\w*\s+)*[\w-]+s\s+(?:of|in|at|from|for)\s")
_INDEFINITE = re.compile(r"^(?:an?|one|some|another)\s", re.IGNORECASE)
_COMMA = re.compile(r"\s*,")
_APPOSED = re.compile(r"(?:the|an?|his|her|its|their)\s", re.IGNORECASE)
_OWN = re.compile(r"^own\s+")
_SOMEBODY = re.compile(r"[Tt]he (?!.*\b(?:of|in|on|at|for|from|to|with|by)\b)(?:[\w’'-]+ ){0,3}[a-z][\w-]*(?:[^\Ws]|ss)")
_BY_AGE = re.compile(r"[Tt]he (?:[\w-]+ )?\d{1,3}[-‑]year[-‑]old")
_SOME_PLACE = re.compile(r"the (?:city|town|state|province|region|county|district|port|village|island)", re.IGNORECASE)
MOST_STEPS = 3  # phrases that lead to each other before one is taken as it stands
KINDS_OF_DESCRIPTIONS = ("PERSON", "ORG", "DOC", "GROUP")
_HANDLE = re.compile(r"@(\w+)")
_SEATED = re.compile(r"\b[\w.]+-based\s+")
_OF_THEM = re.compile(r"^(one|two|three|four|some|many|most|several|few|all) of (?:them|those|these|whom)$", re.IGNORECASE)
_COUNT = re.compile(r"^(?:some|many|most|several|few|two|three|four|five|six|other)\s+", re.IGNORECASE)


def _may_be_title(word: str) -> bool:
    """Whether a word can stand before a name that is a subject: a title, somebody's kind, or a name with a capital that is no preposition."""
    low = word.lower().strip(".,'’")
    return (
        low in TITLES | PERSON_NOUNS | {"the", "his", "her"}
        or low.removesuffix("s") in PERSON_NOUNS
        or (word[:1].isupper() and low not in NOT_FORENAMES)
    )


class Claimers:
    """Resolves sources in the order of the text."""

    def __init__(self, scene: Scene, scorer: Scorer | None) -> None:
        self.scene, self.scorer, self.pointers = scene, scorer, Pointers(scene)
        self.documents = DocumentSources(scene, self.pointers)
        self.named, self.governments, self.described = NamedSources(scene), GovernmentSources(scene), DescribedSources(scene, self.pointers)
        self._phrases: dict[Span, str | None] = {}
        self._signed = scene.signed()
        self._depth = 0

    def resolve(self, source: Span, cue: Span | None) -> str | None:
        """Entity id of the source, None when it cannot be told."""
        scene = self.scene
        words = " ".join(scene.text[source[0] : source[1]].split()).strip(' ,;:“”"')
        words = _DAY_BEHIND.sub("", words) if words.count(" ") > 1 else words
        if not words:
            return None
        handle = _HANDLE.match(scene.text, source[0] if words.startswith("@") else max(0, source[0] - 1))
        if handle is not None:
            return self._handle(handle.group(1))
        if is_pronoun(words):
            return self._pronoun(words, source[0])
        return (
            self._group_of_known(words, source)
            or self._some_of_them(words, source[0])
            or self.governments.state(words, source[0])
            or self.governments.together(words)
            or self._couple(source)
            or self.named.resolve(words, source)
            or self.governments.resolve(words, source[0])
            or self._joint(words, source)
            or self._owned(words, source)
            or self.documents.resolve(words, source)
            or self.pointers.court(words, source)
            or self.pointers.leader(words, source[0])
            or self._described(words, source, cue)
        )

    def _handle(self, handle: str) -> str:
        """An account: of a person whose name it spells, else on its own."""
        plain = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", handle.replace("_", " ")).strip()
        known = self.scene.knowledge.find(plain)
        found = self.scene.cast.find(plain, 0) if known is None and " " in plain else None
        if found is not None:
            return self.scene.ids[found]
        return self.scene.add(self.scene.known(known) if known else self.scene.local(f"@{handle}", "PERSON"))

    def sourceless(self, at: int) -> str | None:
        """Who says what no source is given for: in an interview the person asked, elsewhere the speaker that the text is at."""
        return self.scene.answering(at) or self._meant(Anaphor("nobody", at))

    def _pronoun(self, words: str, at: int) -> str | None:
        if words.lower() in ("i", "me", "my") and self.scene.quotes[at] == OUTSIDE:
            speaking = self.scene.answering(at) or self._signed
            if speaking is not None:
                return speaking
        cls = class_of_pronoun(words)
        found = self._meant(Anaphor(cls, at)) if cls != "first" else None
        if found is None:
            return self.scene.antecedent(words, at)
        self.scene.note_gender(found, words)
        return found

    def _meant(self, anaphor: Anaphor) -> str | None:
        """Whom an anaphor means: an entity, or what the phrase that it takes up stands for."""
        if self.scorer is None:
            return None
        found, _ = self.scorer.choose(self.scene, anaphor)
        if found is None:
            return None
        return found.entity_id if found.phrase is None else self._phrase(found.phrase)

    def _phrase(self, phrase: Phrase) -> str | None:
        """The entity of a phrase, worked out once."""
        span = (phrase.start, phrase.end)
        if span not in self._phrases:
            words = " ".join(self.scene.text[slice(*span)].split())
            self._phrases[span] = None
            self._depth += 1
            self._phrases[span] = self.resolve(span, None) if self._depth <= MOST_STEPS else self.described.fresh(words, span, None)
            self._depth -= 1
        return self._phrases[span]

    def _pointed(self, words: str, at: int) -> str | None:
        """Whom a description means that points back, by its wording without what makes it definite."""
        if self.scorer is None:
            return self.pointers.described(words, at)
        words = _SEATED.sub("", words)
        kind = kind_of(head_noun(words))
        if head_noun(words) == "justices" and "US" in self.scene.states.positions:
            return self.scene.add(
                self.scene.known(self.scene.knowledge.find("U.S. Supreme Court") or self.scene.knowledge.governments["US"])
            )
        found = self._meant(Anaphor(kind, at, f"the {words}")) if kind in KINDS_OF_DESCRIPTIONS else None
        if found is None and kind == "ORG" and " " not in words:
            return self.pointers.described(words, at)  # ``the company`` is somebody named
        return found

    def _group_of_known(self, words: str, source: Span) -> str | None:
        """``both sides``, ``the two leaders``: the last two governments or people who were named or spoke."""
        match = _BOTH.match(words)
        if match is None:
            return None
        low, noun = words.lower(), (match.group(1) or "").lower()
        if low in _BOTH_ALONE:
            return self._last_two(source[0])
        people = noun in _BOTH_PEOPLE
        if low == "the " + noun and (noun == "ministers" or not (people or noun == "sides")):
            return None  # more than two, perhaps
        scene, found = self.scene, []
        if not people and (pair := self._parties(source[0])):
            return self._pair(pair, people)
        if noun in _BOTH_STATES:
            return None
        gender = {"men": "he", "women": "she"}.get(noun)
        for _, _, i in scene.before(source[0]):
            entity = scene.entities[scene.speaking_id(i)]
            right = entity.type == "PERSON" if people else entity.entity_id in scene.knowledge.government_ids
            right &= scene.genders.get(entity.entity_id, gender) == gender or gender is None
            if right and entity.entity_id not in found:
                found.append(entity.entity_id)
        if len(found) < 2:
            return None
        pair = [scene.entities[i] for i in found[:2][::-1]]
        return self._pair(pair, people)

    def _parties(self, at: int) -> list[Entity]:
        """The two states that the text names most before a place, where it names no third nearly as often."""
        positions = self.scene.states.positions
        governments = self.scene.knowledge.governments
        often = sorted(((bisect_left(places, at), code) for code, places in positions.items() if code in governments), reverse=True)
        counts = [count for count, _ in often] + [0, 0, 0]
        if counts[1] < 2 or 2 * counts[2] > counts[1]:
            return []
        return [governments[code] for _, code in often[:2]]

    def _last_two(self, at: int) -> str | None:
        """The only two that were named just before, if both are people or both are states."""
        scene = self.scene
        low = bisect_left(scene.starts, at - _JUST_BEFORE)
        near = list(dict.fromkeys(scene.speaking_id(i) for _, _, i in scene.placed[low : bisect_left(scene.starts, at)]))
        pair = [scene.entities[i] for i in near]
        people = all(e.type == "PERSON" for e in pair)
        if len(pair) != 2 or not (people or all(e.entity_id in scene.knowledge.government_ids for e in pair)):
            return None
        return self._pair(pair, people)

    def _pair(self, pair: list[Entity], people: bool) -> str:
        """Two people, or two governments, as one claimer."""
        if people:
            return self.scene.add(self._together([e.name for e in pair]))
        return self.scene.add(self.scene.states.together([e.country for e in sorted(pair, key=lambda e: e.name) if e.country]))

    def _some_of_them(self, words: str, at: int) -> str | None:
        """``some of them``, ``two of those``: part of a group that was named before."""
        match = _OF_THEM.match(words)
        group = self._pronoun("they", at) if match else None
        if match is None or group is None or self.scene.entities[group].type != "GROUP":
            return None
        whole = _COUNT.sub("", self.scene.entities[group].name)
        if match.group(1).lower() != "one":
            return self.scene.add(self.scene.local(f"{match.group(1).lower()} {whole}", "GROUP", (words,)))
        head = head_noun(whole)
        if head.removesuffix("s") not in PERSON_NOUNS | ORGANISATION_NOUNS:
            return None
        single = whole.replace(head, head.removesuffix("s"), 1)
        return self.scene.add(self.scene.local(f"{'an' if single[:1].lower() in 'aeio' else 'a'} {single}", "PERSON", (words,)))

    def _together(self, names: list[str]) -> Entity:
        name = listed(names)
        return Entity(content_id("e", name), name, "GROUP")

    def _couple(self, source: Span) -> str | None:
        """``Mr. Gray and Mr. Leigh``, of which the source holds the second name alone."""
        begin = max(0, source[0] - 60)
        match = _COUPLE.search(self.scene.text[begin : source[0]])
        first = (begin + match.start(1), begin + match.end(1)) if match else self._named_with(source)
        if first is None:
            return None
        both = self.named.person(first), self.named.person(source)
        names = [self.scene.entities[found].name for found in both if found is not None]
        return self.scene.add(self._together(names)) if len(set(names)) == 2 else None

    def _named_with(self, source: Span) -> Span | None:
        """The person before ``and`` where a source holds the second of two names with their titles: ``Premier Lee and minister Ann Roe``."""
        scene = self.scene
        before = bisect_left(scene.starts, source[0])
        start, end, i = scene.placed[before - 1] if before else (0, 0, 0)
        if not before or scene.cast.actors[i].type != "PERSON" or not _AND_TITLED.fullmatch(scene.text, end, source[0]):
            return None
        opens = _OPENS.search(scene.text[max(0, start - 60) : start])  # a subject, with nothing but titles before it
        titles = opens.group(1) + scene.text[end : source[0]].replace("and", "", 1) if opens else ""
        return (start, end) if opens and all(map(_may_be_title, titles.split())) and not scene.is_source(start) else None

    def _joint(self, words: str, source: Span) -> str | None:
        """``A and B``: one claimer, both names."""
        scene = self.scene
        parts = [p for p in _AND.split(words) if p.strip()]
        if len(parts) < 2 or " and " not in words:
            return None
        names, at = [], source[0]
        for part in parts:
            start = scene.text.find(part, at)
            if start < 0:
                return None
            end = start + len(part)
            found = self.named.resolve(part, (start, end)) or self.governments.resolve(part, start)
            if found is not None:
                names.append(scene.entities[found].name)
            elif not (_APPOSED.match(part) and (_COMMA.match(scene.text, at) or _COMMA.match(scene.text, end))):
                return None  # and no ``the biggest business group`` behind a name or ``his counterpart`` before one
            at = end
        return scene.add(self._together(names)) if len(set(names)) > 1 else None

    def _owned(self, words: str, source: Span) -> str | None:
        """``his daughter``, ``its lawyer``, ``Kestrel's owner``, ``Brown's statement``: somebody of somebody."""
        scene, at = self.scene, source[0]
        match = _OWNER.match(words)
        owner: str | None
        if match:
            pronoun, rest = match.group(1).lower(), match.group(2)
            described = self._pointed(rest, at)
            if described is not None and kind_of(head_noun(rest)) == "PERSON" and pronoun not in ("my", "our"):
                return described
            if pronoun in ("my", "our") and scene.quotes[at] == OUTSIDE:
                return scene.add(scene.local(f"{rest} of the author", kind_of(head_noun(rest)) or "UNKNOWN", (words,)))
            if pronoun in ("his", "her") or pronoun == "my":
                owner = scene.antecedent("i" if pronoun == "my" else "he" if pronoun == "his" else "she", at)
            else:
                owner = scene.antecedent("they" if pronoun == "their" else "it", at)
        else:
            match = POSSESSOR.match(words)
            if match is None or (country_in(match.group(1)) is not None and kind_of(head_noun(words)) != "PERSON"):
                return None
            if kind_of(head_noun(words)) == "DOC" and head_noun(words) not in name_key(match.group(2)).split():
                return None  # ``a statement from Lind's office`` is no office
            if _MEMBERS.match(match.group(1)):
                return None  # ``members of Trump's administration`` are not the administration of members
            rest = match.group(2)
            described = self._pointed(words, at) if kind_of(head_noun(words)) != "DOC" else None
            if described is not None:
                return described
            if (place := self._place_called(match.group(1), at)) is not None:
                return scene.add(scene.local(f"{_OWN.sub('', rest)} of {place}", kind_of(head_noun(rest)) or "UNKNOWN", (words,)))
            start = scene.text.find(match.group(1), at)
            owner = self.named.resolve(match.group(1), (start, start + len(match.group(1)))) if start >= 0 else None
            if owner is None and match.group(1).lower().startswith("the "):
                owner = self._pointed(match.group(1)[4:], at) or self._ministry(match.group(1), at)
        if owner is None:
            return None
        return scene.add(self._of_owner(scene.entities[owner], _OWN.sub("", rest), words, at))

    def _place_called(self, words: str, at: int) -> str | None:
        """``the city``, ``the province``: the one that the article is about."""
        return self.scene.usual_place(at) if _SOME_PLACE.fullmatch(words) else None

    def _ministry(self, words: str, at: int) -> str | None:
        """The ministry that ``the justice ministry`` is."""
        name, country = self.described.usual_name(words, at)
        return self.scene.add(self.scene.local(name, "GOV", (words,), country)) if name is not None and country is not None else None

    def _of_owner(self, owner: Entity, rest: str, words: str, at: int) -> Entity:
        scene, head = self.scene, head_noun(rest)
        kind = kind_of(head) or "UNKNOWN"
        if (
            rest in ("administration", "government")
            and owner.type == "PERSON"
            and owner.country
            and scene.states.heads_of_state(surname(owner.name))
        ):
            return scene.known(scene.knowledge.governments[owner.country])
        if owner.entity_id in scene.knowledge.government_ids and owner.country and kind != "DOC":
            whole = scene.institutions.known(f"{scene.states.names[owner.country]} {rest}", 0)
            if whole is not None:
                return scene.known(whole)
            if owner.country == "US" and head == "ministry":
                name, country = scene.institutions.name_of(rest, at)
                return scene.local(name, "GOV", (words,), country)
            name, country = scene.institutions.name_of(f"{scene.states.names[owner.country]}'s {rest}", 0)
            if kind == "ORG":
                return scene.local(
                    name
                    if name_key(name) != name_key(f"{scene.states.names[owner.country]}'s {rest}")
                    else f"{adjective(owner.country)} {rest}",
                    "GOV",
                    (words,),
                    country,
                )
            return scene.local(f"{rest} of {scene.states.names[owner.country]}", kind, (words,), owner.country)
        if kind == "DOC":
            return scene.local(f"{owner.name} {rest}", "DOC", (words,), owner.country)
        link = "for" if head.startswith("spokes") else "of"
        return scene.local(f"{rest} {link} {owner.name}", kind, (words,), owner.country)

    def _described(self, words: str, source: Span, cue: Span | None) -> str | None:
        kind = kind_of(head_noun(words))
        if kind is None and (meant := self._somebody(words, source[0])) is not None:
            return meant
        if self._is_title(words, kind) or is_definite(words) or (kind == "ORG" and not _INDEFINITE.match(words)):
            found = self._pointed(re.sub(r"^(?:the|this|that|these|those)\s+", "", words, flags=re.IGNORECASE), source[0])
            if found is not None:
                return found
        return self.described.fresh(words, source, cue)

    def _somebody(self, words: str, at: int) -> str | None:
        """Whom ``the 34-year-old`` or ``the former deckhand`` means, a person known by age or by a noun that no list has."""
        if _BY_AGE.fullmatch(words):
            return self.scene.antecedent("who", at)
        if not _SOMEBODY.fullmatch(words) or head_noun(words) in COMPANY_NOUNS or GOVERNMENTAL.search(words):
            return None
        return self._meant(Anaphor("PERSON", at, words))

    @staticmethod
    def _is_title(words: str, kind: str | None) -> bool:
        """``GENERAL``, ``Same economist``: a title or description that stands without an article."""
        return kind == "PERSON" and (words.lower() in TITLES or words.isupper() or words.lower().startswith("same "))
