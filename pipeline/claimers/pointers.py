"""Descriptions that point to somebody in the article: ``the minister``, ``the company``, ``the judges``."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from itertools import chain

from pipeline.claimers.descriptions import head_noun, kind_of
from pipeline.claimers.institutions import adjective
from pipeline.claimers.knowledge import heads_state, role_words
from pipeline.claimers.mentions import Actor
from pipeline.claimers.names import name_key
from pipeline.claimers.scene import Scene
from pipeline.claimers.states import country_in
from pipeline.claimers.types import Entity
from pipeline.claimers.words import COMPANY_NOUNS, ORGANISATION_NOUNS, PERSON_NOUNS, SYNONYMS
from pipeline.text import Span

DEFINITE = re.compile(r"^(?:the|this|that|these|those|a|an|its|his|her|their|same|former|one|another)\s+", re.IGNORECASE)
_INNER = re.compile(
    r"\b(?:the|its|their) (ministry|department|agency|embassy|consulate|bank|company|court|commission|bureau|office|association|union|university)\b"
)
_TITLED = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|Mme)\.? ([A-Z][\w’'-]+)")
_ADMINISTRATION = re.compile(r"^(an )?administration official(s?)$", re.IGNORECASE)
_MODIFIER = re.compile(
    r"^((?:[Aa]n?|[Tt]wo|[Tt]hree|[Ss]everal|[Ss]ome|[Oo]ne)\s+)?((?:[Ss]enior|[Ff]ormer|[Tt]op|[Uu]nnamed)\s+)?((?i:ministry|department|agency|embassy|commission|company|court|government)) (?!of\b|for\b)(?=\w)"
)
_SPOKES = re.compile(r"^(?:an?\s+)?spokes(?:man|woman|person)$", re.IGNORECASE)
_BEHIND = re.compile(r"\s(for|at|inside|from)\s+(?:the\s+)?([a-z](?:(?!\b(?:for|at|of|in|from)\b)[\w’'-]*\s+){0,3}[\w-]+)$")
_BEHIND_NAMED = re.compile(r"\s(for|at|inside|from|with|of)\s+(?:the\s+)?(Ministry of (?!of\b)[\w,]+(?:\s(?!of\b)[\w,]+)*)\s?$")
_BEHIND_MISSION = re.compile(
    r"\s(for|at|inside|from|with|of)\s+(?:the\s+)?([A-Z][\w.]+(?:['’]s)?\s(?:[Ee]mbassy|[Cc]onsulate)(?:\sin\s[A-Z]\w+(?:\s[A-Z]\w+)?)?)$"
)
_BEHIND_STATE = re.compile(
    r"\s(for|at|inside|from|with|of)\s+([A-Z][\w.]+['’]s\s(?:(?:[a-z]+\s){1,3}(?:ministry|department)|[Mm]inistry of [\w ]+)|the ministry of [\w ]+)$"
)
_BENCH = re.compile(
    r"(?:the judges|the bench|(?:the|an?) (?:(?:[\w]+-(?:judge|member)|full|unanimous|divided|split|federal|appeals) )+panel(?: of \w+ judges)?|(?:the|an?) (?:full )?panel of \w+ judges)",
    re.IGNORECASE,
)
_HIGHEST = re.compile(r"[Tt]he (?:(?:nation|country)['’]s )?(?:high|highest|top)(?: U\.?S\.?)? court")
_LEADER = re.compile(r"[Tt]he ([A-Z][\w.]+(?: [A-Z][a-z]+)?) leader")
_OFFICE_NAMED_LATER = re.compile(r"spokes(?:man|woman|person)")
_OF_WHOM = re.compile(r"\s+(?:of|for|at|from|with)\s+([^,.;:\n]{1,60})")
_SPOKES_WORDS = frozenset(("spokesman", "spokeswoman", "spokesperson"))
_LEAD = 600  # characters behind a description in which who it is may be named
_PLAIN_TITLES = frozenset((
    "a", "an", "the", "spokesman", "spokeswoman", "spokesperson", "s", "of", "for", "at", "with", "on", "said", "its", "his", "her", "their",
    "ministry", "department", "office",
))  # fmt: skip
_LEADERS = frozenset(("president", "premier", "chancellor"))
_BEHIND_BENCH = 60  # characters behind a panel in which its court stands
_COURT_WORDS = frozenset(("court", "circuit", "tribunal"))


class Pointers:
    """Finds whom a description means in a scene."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.introduced: dict[str, list[int]] = defaultdict(list)  # actors by every word that introduces them
        for i, actor in enumerate(scene.cast.actors):
            for word in frozenset().union(*actor.introductions):
                self.introduced[word].append(i)

    def described(self, words: str, at: int) -> str | None:
        """Somebody introduced with the description's words; an anonymous speaker of the same kind; an organisation just named."""
        head = head_noun(words)
        kind = kind_of(head)
        key = name_key(head)  # as the words of names and introductions are
        content = frozenset(w for w in name_key(re.sub(r"['’]s\b", "", words)).split() if w not in ("the", "of", "own", "same"))
        if kind == "PERSON":
            return self._introduced(content, key, at, "PERSON") or self._speaker(content, key)
        if kind == "ORG" or head in ("justices", "judges"):
            return self._introduced(content, key, at, "ORG") or self._speaker(content, key) or self.organisation(content, head, at)
        if kind in ("GROUP", None):
            return self._speaker(content, key)
        return None

    def _introduced(self, content: frozenset[str], head: str, at: int, kind: str) -> str | None:
        scene = self.scene
        best: tuple[float, str] | None = None
        for i in self.introduced.get(head, ()):
            actor = scene.cast.actors[i]
            named = bisect_left(actor.spans, (at, 0))
            if not named or actor.type != kind or self._wrong_gender(head, scene.ids[i]):
                continue
            share = max((len(content & words) / len(content) for words in actor.introductions if head in words), default=0.0)
            if share:
                value = share + 0.3 * actor.spans[named - 1][0] / max(1, at)
                best = max(best or (0.0, ""), (value, scene.ids[i]))
        return best[1] if best else None

    def _wrong_gender(self, head: str, entity_id: str) -> bool:
        gender = self.scene.genders.get(entity_id)
        wanted = "she" if head.endswith("woman") else "he" if head.endswith("man") else None
        return bool(gender and wanted and gender != wanted)

    def _speaker(self, content: frozenset[str], head: str) -> str | None:
        """Somebody who has spoken under a description that has these words."""
        for _, speaker in reversed(self.scene.speakers[-40:]):
            entity = self.scene.entities[speaker]
            names = [entity.name, *entity.aliases] if not entity.known else [entity.name]
            if any(content <= set(name_key(re.sub(r"['’]s\b", "", n)).split()) and head in name_key(n).split() for n in names):
                return speaker
        return None

    def organisation(self, content: frozenset[str], head: str, at: int) -> str | None:
        """The organisation named or heard last before ``at`` whose name has the words of a description; for ``the company`` any."""
        scene = self.scene
        wanted, key = SYNONYMS.get(head, {name_key(head)}), name_key(head)
        named = [scene.ids[i] for _, _, i in scene.before(at) if scene.cast.actors[i].type == "ORG"]
        spoken = [s for position, s in reversed(scene.speakers[-10:]) if scene.entities[s].type in ("ORG", "GOV")]
        near = list(dict.fromkeys([*named, *spoken]))
        for entity_id in [*near, *(i for i in dict.fromkeys(scene.ids) if i not in near)]:
            entity = scene.entities[entity_id]
            if entity.type not in ("ORG", "GOV"):
                continue
            words = {w for name in (entity.name, *(() if entity.known else entity.aliases)) for w in name_key(name).split()}
            if head in ("organisation", "organization") and entity.type == "GOV":
                continue  # no one calls a council of ministers that
            if words & wanted and content - {key} <= words:
                return entity_id
        if head in COMPANY_NOUNS and len(content) == 1:
            companies = [i for i in near if scene.entities[i].type == "ORG"]
            said = [i for i in companies if i in spoken]
            return next(iter([*said, *companies]), None)
        return None

    def court(self, words: str, source: Span) -> str | None:
        """The court that ``the judges`` or ``a three-judge panel`` is: the one behind it (``a panel of the Federal Court``), else the last that
        spoke or was named."""
        scene = self.scene
        if _HIGHEST.fullmatch(words):
            named = (scene.ids[i] for _, _, i in scene.before(source[0]))
            courts = ("supreme court", "high court") if words.lower() == "the high court" else ("supreme court",)
            return next((i for i in named if any(court in name_key(scene.entities[i].name) for court in courts)), None)
        if not _BENCH.fullmatch(words):
            return None
        behind = (scene.ids[i] for _, _, i in scene.inside(source[1], source[1] + _BEHIND_BENCH))
        heard = (speaker for _, speaker in reversed(scene.speakers))
        named = (scene.ids[i] for _, _, i in scene.before(source[0]))
        return next(filter(self._is_court, chain(behind, heard, named)), None)

    def _is_court(self, entity_id: str) -> bool:
        entity = self.scene.entities[entity_id]
        return entity.type in ("ORG", "GOV") and bool(_COURT_WORDS & set(name_key(entity.name).split()))

    def leader(self, words: str, at: int) -> str | None:
        """Whom ``the Brazilian leader`` means: the one person introduced as that state's president, prime minister or chancellor."""
        match = _LEADER.fullmatch(words)
        code = country_in(match.group(1)) if match else None
        if code is None:
            return None
        scene = self.scene
        found = {
            entity_id
            for actor, entity_id in zip(scene.cast.actors, scene.ids, strict=True)
            if actor.type == "PERSON" and _leads(scene.entities[entity_id], actor.introductions, code)
        }
        return found.pop() if len(found) == 1 else None

    def apposed(self, source: Span, kind: str | None) -> str | None:
        """The person whose name stands in commas right behind a description: ``a spokeswoman, Ann Lee, said``."""
        if kind != "PERSON":
            return None
        match = re.match(r"(?:[^.;:\n“”\"]{0,60}?)?,\s+", self.scene.text[source[1] : source[1] + 80])
        if match is None:
            return None
        at = source[1] + match.end()
        found = [
            i
            for start, end, i in self.scene.inside(at, at + 40)
            if start == at and self.scene.text[end : end + 1] in (",", ".", ";", "\n", "")
        ]
        return self.scene.ids[found[0]] if found and self.scene.cast.actors[found[0]].type == "PERSON" else None

    def named_later(self, words: str, source: Span) -> str | None:
        """Whom a lead calls ``a ministry spokeswoman`` and the sentences behind it by name: the first such person named only after it."""
        scene, head = self.scene, head_noun(words)
        if not _OFFICE_NAMED_LATER.fullmatch(head):
            return None
        told = _told(words, head) | _told(scene.text[source[1] : source[1] + _LEAD // 5].split(".")[0].split(",")[0], "")
        for start, _, i in scene.inside(source[1], source[1] + _LEAD):
            actor = scene.cast.actors[i]
            named_first = actor.spans[0][0] == start and re.search(r"[.!?]\W*\s", scene.text[source[1] : start]) is not None
            if actor.type == "PERSON" and named_first and not self._wrong_gender(head, scene.ids[i]) and self._speaks_for(actor, told):
                return scene.ids[i]
        return None

    def _speaks_for(self, actor: Actor, told: frozenset[str]) -> bool:
        """Whether somebody is introduced as a spokesperson, of nobody said, or of whom the words ``told`` say."""
        held = [words for words in actor.introductions if any(_OFFICE_NAMED_LATER.fullmatch(word) for word in words)]
        end = actor.spans[0][1]
        behind = _OF_WHOM.match(self.scene.text, end, end + 80)
        further = _told(behind.group(1), "") if behind else frozenset()
        return any(not (own := (words - _PLAIN_TITLES - _SPOKES_WORDS) | further) or bool(own & told) for words in held)

    def holder(self, words: str, country: str) -> Entity | None:
        """Who held the office at the article's date, where the knowledge base says so."""
        day = self.scene.article.published
        found = self.scene.knowledge.holder(role_words(words), country, day) if day else None
        return self.scene.known(found, (words,)) if found else None

    def spelled_out(self, name: str, at: int) -> str:
        """``a senior official at the ministry`` with the ministry's name; ``a ministry spokesman`` likewise."""
        for titled in list(_TITLED.finditer(name))[::-1]:
            person = self.scene.cast.find(titled.group(1), at)
            if person is not None and titled.start() > 0:
                name = name[: titled.start()] + self.scene.cast.actors[person].name + name[titled.end() :]
        name = self._institution_behind(name, at)
        match = _ADMINISTRATION.match(name)
        if match and (president := self.scene.administration(at)) is not None:
            return f"{'a ' if match.group(1) else ''}{president} administration official{match.group(2)}"
        match = _INNER.search(name)
        if match and match.start() > 0 and (found := self.organisation(frozenset({match.group(1)}), match.group(1), at)):
            article = "the " if re.match(r"(?:Ministry|Department|U\.S\.|Bureau|Office)", self.scene.entities[found].name) else ""
            return name[: match.start()] + article + self.scene.entities[found].name + name[match.end() :]
        match = _MODIFIER.match(name)
        head = head_noun(name)
        if (
            match
            and (head.removesuffix("s") in PERSON_NOUNS or kind_of(head) == "DOC")
            and (found := self.organisation(frozenset({match.group(3).lower()}), match.group(3).lower(), at))
        ):
            whole = self.scene.entities[found]
            state = f"{_of_state(whole.country)} government" if match.group(3).lower() == "government" and whole.country else whole.name
            return f"{match.group(1) or ''}{match.group(2) or ''}{state} {name[match.end() :]}"
        return name

    def _institution_behind(self, name: str, at: int) -> str:
        """``a spokesman`` with whom he speaks for, ``an official at the trade ministry`` with its usual name."""
        scene = self.scene
        if _SPOKES.match(name) and (found := self.nearest_body(at)) is not None:
            return f"{name} for {scene.entities[found].name}"
        match = _BEHIND_NAMED.search(name) or _BEHIND_MISSION.search(name) or _BEHIND_STATE.search(name) or _BEHIND.search(name)
        if match is None or kind_of(head_noun(match.group(2).split(" in ")[0])) != "ORG":
            return name
        whole = scene.institutions.known(match.group(2), at)
        usual = whole.name if whole is not None else scene.institutions.name_of(match.group(2), at)[0]
        return name if name_key(usual) == name_key(match.group(2)) else f"{name[: match.start(1)]}{match.group(1)} the {usual}"

    def nearest_body(self, at: int) -> str | None:
        """Who was last named or heard in the stretch before and can put out a document."""
        scene = self.scene
        named = [(start, scene.ids[i]) for start, _, i in scene.before(at) if scene.cast.actors[i].type == "ORG"]
        heard = [s for s in scene.speakers[-3:] if scene.entities[s[1]].type in ("ORG", "GOV")]
        near = [(start, i) for start, i in [*named, *heard] if 0 < at - start < 400 and scene.entities[i].type in ("ORG", "GOV")]
        return max(near)[1] if near else None


def _told(words: str, head: str) -> frozenset[str]:
    """What words say of whom somebody is of."""
    return frozenset(name_key(words).split()) - _PLAIN_TITLES - {head}


def _of_state(code: str) -> str:
    """``Japanese``, ``U.S.``: how a description calls what is of a state."""
    return "U.S." if code == "US" else adjective(code)


def _leads(person: Entity, introductions: Iterable[frozenset[str]], code: str) -> bool:
    """Whether a person heads a state or its government, by the knowledge base at the article's date or by an introduction."""
    if person.country == code and heads_state(person.role or ""):
        return True
    return any(
        (bool(words & _LEADERS) or {"prime", "minister"} <= words)
        and not words & ({"vice", "former", "deputy"} | ORGANISATION_NOUNS)
        and (person.country == code or any(country_in(word.title()) == code for word in words))
        for words in introductions
    )
