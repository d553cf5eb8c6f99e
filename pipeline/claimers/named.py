"""Sources that are names: of a person with titles, of an organisation, or one that the knowledge base has."""

from __future__ import annotations

import re

from pipeline.claimers.descriptions import head_noun, kind_of
from pipeline.claimers.names import looks_like_name, name_key
from pipeline.claimers.scene import GENERAL_WORDS, Scene
from pipeline.claimers.states import country_in
from pipeline.claimers.types import Entity
from pipeline.claimers.words import BEHIND_NAMES, PERSON_NOUNS
from pipeline.text import Span

_AFFILIATED = re.compile(r"^,?\s+(?:of|at|from|in|with)\s+(?!.*\band\b)[^,;]+$")
_ACCOUNT = re.compile(r"^['’]s?\s")
_BASED = re.compile(r"-based\s*$")
_KIND_OF_PAPER = re.compile(r"\b(?:official|state-run|state-owned|semi-official|influential|local|daily)\s+(?=$|daily\s)")
# An office with its field, before a name: ``Senior Counselor for Trade and Manufacturing``.
_OFFICE = re.compile(r"(?:[A-Z][\w.-]* )*([A-Z]\w+) (?:of|for) (?:the )?([A-Z]\w+(?:,? (?:and )?[A-Z]\w+)*)\s*")


class NamedSources:
    """Resolves sources that are names."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    def resolve(self, words: str, source: Span) -> str | None:
        """A source that is a name, with its title or a general word behind it."""
        return self.person(source) or self._organisation(words, source) or self._by_name(words, source)

    def person(self, source: Span) -> str | None:
        """The person named in a source of one name, with titles or an affiliation before it (``Denmark's Bo Lind``) or behind it."""
        scene = self.scene
        people = [m for m in scene.inside(*source) if scene.cast.actors[m[2]].type == "PERSON"]
        for start, end, i in reversed(people):
            ahead, rest = scene.text[source[0] : start], scene.text[end : source[1]]
            if re.search(r"\band\b", rest) or not (re.match(r"^(?:['’]s)?[\s,.“”\"]*$", rest) or _AFFILIATED.match(rest)):
                continue
            if _only_titles(ahead):
                return scene.ids[i]
        return None

    def _organisation(self, words: str, source: Span) -> str | None:
        """The organisation that a source names, perhaps by its whole wording."""
        scene = self.scene
        inside = scene.inside(*source)
        if not inside or scene.cast.actors[inside[-1][2]].type != "ORG":
            return None
        if any(scene.cast.actors[i].type == "PERSON" for _, _, i in inside[:-1]):
            return None
        start, end, i = inside[-1]
        ahead, rest = _KIND_OF_PAPER.sub("", scene.text[source[0] : start]), name_key(scene.text[end : source[1]]).split()
        if re.search(r"\band\b|,", ahead) or _ACCOUNT.match(scene.text[end : source[1]]):
            return None
        owner = re.search(r"['’]s?\s*$", ahead)
        if (len(ahead.split()) <= 2 or owner) and not (owner and len(scene.cast.actors[i].name.split()) < 2):
            whole = scene.institutions.known(words, source[0])
            if whole is not None and self._stands_for(scene.text[start:end], i, whole):
                return scene.ids[i]
            if whole is not None and whole.type != "PERSON":
                return scene.add(scene.known(whole, (words,)))
            behind = not rest or (len(rest) == 1 and rest[0] in BEHIND_NAMES) or _AFFILIATED.match(scene.text[end : source[1]])
            seated = _BASED.search(ahead) is not None and scene.text[start].isupper()
            if behind and (country_in(ahead) is None or owner or seated) and (len(ahead.split()) < 2 or owner or seated):
                return scene.ids[i]
        if (
            not rest
            and not re.search(r"\b(?:of|for|at|in|from|with)\b", ahead)
            and head_noun(ahead)
            and kind_of(head_noun(ahead)) in ("ORG", "GROUP")
            and not owner
        ):
            return scene.ids[i]  # ``the hotel federation FBH``, ``brokers LoadLine``
        return None

    def _stands_for(self, short: str, i: int, known: Entity) -> bool:
        """Whether an abbreviation stands for another organisation, by the name that the article gives, than it does for the knowledge base."""
        given = self.scene.cast.actors[i].name
        if not short.isupper() or " " not in given or self.scene.ids[i] == known.entity_id:
            return False
        own = {w for w in name_key(given).split() if w not in GENERAL_WORDS}
        return bool(own) and not own & {w for name in (known.name, *known.aliases) for w in name_key(name).split()}

    def _another_is_meant(self, words: str, at: int) -> bool:
        """Whether ``the commission`` is one that the article has named, not the European one."""
        if name_key(words) != "commission":
            return False
        cast = self.scene.cast
        named = {
            a.name for a in cast.actors if a.type == "ORG" and a.spans and a.spans[0][0] < at and "commission" in name_key(a.name).split()
        }
        return bool(named) and not any("european" in name_key(name).split() or " " not in name for name in named)

    def _by_name(self, words: str, source: Span) -> str | None:
        """A name in the knowledge base, or one that the article has although no mention covers it here."""
        scene = self.scene
        known = scene.institutions.known(words, source[0])
        if known is not None and self._another_is_meant(words, source[0]):
            return None
        if known is not None and known.entity_id not in scene.knowledge.government_ids:
            return scene.add(scene.known(known, (words,)))
        plain = re.sub(r"^(?:the|mr|mrs|ms|dr|sen|rep)\.?\s+", "", words, flags=re.IGNORECASE)
        plain = re.sub(r"(?<=\w) (?:of|at|from) [A-Z][\w.&]*$", "", plain) if scene.cast.find(plain, source[0]) is None else plain
        if looks_like_name(plain) and kind_of(head_noun(plain)) is None and scene.states.government(words) is None:
            found = scene.cast.find(plain, source[0])
            if found is not None:
                return scene.speaking_id(found)
        return None


def _only_titles(ahead: str) -> bool:
    """Whether what stands before a name in its source is a title or an affiliation, not another person or a description of a third."""
    office = _OFFICE.fullmatch(ahead)
    if office is not None and office.group(1).lower() in PERSON_NOUNS and not PERSON_NOUNS & set(office.group(2).lower().split()):
        return True
    if re.search(r"['’]s?\s*$", ahead):
        return not re.search(r"\band\b", ahead)
    if not re.search(r"\b(?:and|of|for|by|with)\b|['’]s\s", ahead):
        return True
    if re.search(r"\b(?:and|of|for|by|with)\s*$", ahead):
        return False
    return head_noun(re.sub(r"^.*['’]s\s+", "", ahead)) in PERSON_NOUNS and not re.search(r"\b(?:and|for|by|with)\b", ahead)
