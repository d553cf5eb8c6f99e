"""Sources that are documents: a report, a letter, a statement, by issuer and kind (``White House fact sheet``)."""

from __future__ import annotations

import re
from bisect import bisect_left

from pipeline.claimers.descriptions import head_noun, kind_of, lowered
from pipeline.claimers.names import name_key
from pipeline.claimers.pointers import DEFINITE, Pointers
from pipeline.claimers.scene import Scene
from pipeline.claimers.types import Entity
from pipeline.claimers.words import ORGANISATION_NOUNS
from pipeline.text import Span

_PLAIN_DOCUMENT = re.compile(
    r"^(?:(?:[\w]+-(?:page|paragraph|line|word|point|volume)|first|second|third|own|new|recent|latest|earlier|separate|brief|short|revised|final|early|late|"
    r"January|February|March|April|May|June|July|August|September|October|November|December|(?:Mon|Tues|Wednes|Thurs|Fri)day(?:['’]s)?|"
    r"(?:last|this)\s(?:week|month|year)['’]s)\s+)+"
)
_GIVEN_OUT = frozenset((
    "statement", "notice", "memo", "memorandum", "note", "letter", "affidavit",
    "filing", "announcement", "release", "proclamation", "communique", "communiqué", "circular", "sheet", "readout", "guidance", "editorial",
))  # fmt: skip
_ABOUT = frozenset((  # what such a document is ``of`` it is about
    "survey", "poll", "study", "review", "analysis", "assessment", "investigation", "inquiry", "indictment", "audit", "book", "research", "complaint",
))  # fmt: skip
_OF_NOBODY_NEAR = (
    "post",
    "indictment",
    "law",
    "agreement",
    "petition",
    "complaint",
    "verdict",
)  # who is named near them is not whom they are from
_OWNED = re.compile(r"['’]s?\b")
# From where a document is, behind it: ``published on Monday by the``, ``by economists at``.
_ISSUED = re.compile(
    r"^\s+(?:(?:issued|released|published|conducted|commissioned|compiled|prepared|written|carried out|put out)\s+)?"
    r"(?:(?:on|in|last|this|earlier|late)\s+(?:\w+\s+){0,2}?\w+\s+)?(?:by|from|of)\s+(?:(?:[a-z]+\s+){1,2}(?:at|of|from)\s+)?(?:the\s+|[a-z]+\s+|[A-Z]\w+['’]s\s+)?(?=[A-Z])"
)
_BY_ISSUER = re.compile(r"(.+?)\s+(?:(?:issued|released|published|conducted|compiled|prepared|written)\s+)?(by|from|of)\s+(?:the\s+)?[A-Z]")
_ISSUED_BY_DESCRIBED = re.compile(
    r"^\s+(?:(?:issued|released|published|conducted|commissioned|compiled|prepared|written|put out)\s+)?(?:by|from|of)\s+the\s+((?:[a-z][\w’'-]*\s){0,3}?[a-z][\w-]+)(?=[,.;:]|\s(?:that|which|in|on|said|says|has|had|found|finds|shows|showed|seen|by)\b|$)"
)
_TITLES_AHEAD = re.compile(r"(?:[A-Z][\w.-]*\s+)*\W{0,3}")
_OF_ISSUER = re.compile(r"(?:['’]s?)?\s+(?:(?:own|new|latest|annual|monthly|weekly|white|working|internal|recent|\d{4}|[a-z]+ing)\s+){0,3}")
_LOOKED_BACK = 8000  # characters
_LOOKED_AT = 5  # mentions of a document before ``the report`` at which its issuer is looked for
_CAPITALISED = re.compile(r"[A-Z][\w.’'-]*(?:\s(?:of |and |for )?[A-Z][\w.’'-]*)*")
_TITLE = re.compile(r"[A-Z][\w’'/-]*(?: (?:of|on|the|for|and|[A-Z][\w’'/-]*))* [A-Z][\w-]*")  # ``Overstay Report``, which needs no issuer
_OF_A_BODY = re.compile(r"(ministry|department|commission|agency|company|court|council|bank|government)(?:['’]s)?\s+")


class DocumentSources:
    """Names documents by whom they are from."""

    def __init__(self, scene: Scene, pointers: Pointers) -> None:
        self.scene, self.pointers = scene, pointers

    def resolve(self, words: str, source: Span) -> str | None:
        """A document by issuer and kind; one already named for ``the statement``; None for what is no document."""
        head = head_noun(words)
        if kind_of(head) != "DOC":
            return None
        definite = re.match(r"(?:the|this|that)\s", words, re.IGNORECASE) is not None
        plain = _PLAIN_DOCUMENT.sub("", DEFINITE.sub("", words))
        return (
            (self._named_before(head) if definite else None)
            or self._naming_issuer(words, plain, head, source)
            or self._of_issuer(words, plain, head, definite, source)
        )

    def _named_before(self, head: str) -> str | None:
        """The last document of this kind that has spoken."""
        for _, speaker in reversed(self.scene.speakers[-12:]):
            entity = self.scene.entities[speaker]
            if entity.type == "DOC" and (head_noun(entity.name) == head or name_key(entity.name).split()[-1:] == [name_key(head)]):
                return speaker
        return None

    def _naming_issuer(self, words: str, plain: str, head: str, source: Span) -> str | None:
        """A document whose source names the issuer, before the kind (``a Port League survey``) or behind it (``a survey by Port League``)."""
        scene = self.scene
        inside = [
            m
            for m in scene.inside(*source)
            if scene.cast.actors[m[2]].type != "LOC" and name_key(scene.text[m[0] : m[1]]).split()[-1:] != [head]
        ]
        if not inside:
            return None
        issuer = scene.entities[scene.ids[inside[-1][2]]]
        rest = re.sub(r"^['’]s?\s*", "", scene.text[inside[-1][1] : source[1]]).strip()
        rest = re.sub(r"^(?:\([^)]*\)\s*|own\s+)+", "", rest)
        if rest and name_key(head) in name_key(rest).split():
            return self._add(f"{issuer.name} {rest}", words, issuer)
        behind = _BY_ISSUER.match(plain)
        ahead = scene.text[source[0] : inside[0][0]]  # no name stands before the kind, else it is the issuer
        if behind and head_noun(behind.group(1)) == head and head in name_key(ahead).split():
            issuer = scene.entities[scene.ids[inside[0][2]]]
            if behind.group(2) != "of" or (head not in _ABOUT and not rest):
                return self._add(f"{issuer.name} {behind.group(1)}", words, issuer)
        return self._add(plain, words)

    def _of_issuer(self, words: str, plain: str, head: str, definite: bool, source: Span) -> str:
        """A document whose issuer the words around it tell, or who was near and can have put it out; else by its own words."""
        heard = definite or head in _GIVEN_OUT
        body = _OF_A_BODY.match(plain)
        if _TITLE.fullmatch(plain):
            return self._add(plain, words)
        if plain[:1].isupper() and " " in plain and (definite or _OWNED.search(plain)):
            return self._of_possessor(plain, words)
        issuer_id = self._introduced_issuer(head, source[0]) if definite else None
        if issuer_id is None and head not in _OF_NOBODY_NEAR:
            issuer_id = self._body_before(body.group(1), source[0]) if body else self._issuer(source, heard, head)
        rest = plain[body.end() :] if body else plain
        general = body or head in _OF_NOBODY_NEAR or set(rest.lower().split()[:-1]) & ORGANISATION_NOUNS
        if issuer_id is None and heard and not general:
            issuer_id = self.pointers.nearest_body(source[0])
        if issuer_id is None:
            return self._add(plain if definite else lowered(self.scene.text, source, words), words)
        issuer = self.scene.entities[issuer_id]
        if name_key(issuer.name).split()[-1:] == [rest.split()[0].lower()]:
            rest = rest.partition(" ")[2]
            if not rest:  # ``the survey`` of the Acme Survey
                return self._add(issuer.name, words, issuer)
        return self._add(f"{issuer.name} {rest}", words, issuer)

    def _of_possessor(self, plain: str, words: str) -> str:
        """A document that says whose it is by a name that no mention covers: ``the US statement``, ``the Draghi report``."""
        whose, _, rest = plain.partition(" ")
        state = self.scene.states.government(_OWNED.sub("", whose))
        return self._add(f"{state.name} {rest.removeprefix('own ')}" if state else plain, words, state)

    def _add(self, name: str, words: str, issuer: Entity | None = None) -> str:
        return self.scene.add(self.scene.local(name, "DOC", (words,), issuer.country if issuer else None))

    def _introduced_issuer(self, head: str, at: int) -> str | None:
        """Whom the text, where it spoke of such a document before ``at``, says that it is from: ``a Reserve Bank study``, ``a study by``."""
        scene = self.scene
        mentioned = re.compile(rf"\b{re.escape(head)}\b").finditer(scene.text, max(0, at - _LOOKED_BACK), at)
        for place in [*mentioned][: -_LOOKED_AT - 1 : -1]:
            behind = self._issuer_behind(place.end(), head)
            if behind is not None:
                return behind
            named = bisect_left(scene.starts, place.start())
            if not named:
                continue
            _, end, i = scene.placed[named - 1]
            owned = re.match(r"['’]s?\s", scene.text[end : end + 3]) is not None
            can_issue = scene.cast.actors[i].type == "ORG" or (scene.cast.actors[i].type == "PERSON" and owned)
            if can_issue and _OF_ISSUER.fullmatch(scene.text, end, place.start()):
                return scene.ids[i]
        return None

    def _issuer_behind(self, end: int, head: str) -> str | None:
        """Whom the words behind a document name as its source."""
        scene = self.scene
        if head in _ABOUT and re.match(r"\s+of\b", scene.text[end : end + 20]):
            return None
        issued = _ISSUED.match(scene.text[end : end + 100])
        if issued is None:
            described = _ISSUED_BY_DESCRIBED.match(scene.text[end : end + 120])
            return self._body_in_small_letters(described.group(1), end) if described else None
        at = end + issued.end()
        for start, _, i in scene.inside(at, at + 60):
            if scene.cast.actors[i].type in ("ORG", "PERSON") and _TITLES_AHEAD.fullmatch(scene.text, at, start):
                return scene.ids[i]
        name = _CAPITALISED.match(scene.text, at)
        whole = scene.institutions.known(name.group(), at) if name else None
        return scene.add(scene.known(whole)) if whole is not None else None

    def _body_in_small_letters(self, words: str, at: int) -> str | None:
        """An organisation that a document is from: ``the hauliers' league``, a ministry by its usual name."""
        if kind_of(head_noun(words)) != "ORG":
            return None
        whole = self.scene.institutions.known(words, at)
        if whole is not None:
            return self.scene.add(self.scene.known(whole))
        name, country = self.scene.institutions.name_of(words, at)
        return self.scene.add(self.scene.local(name, "ORG", (words,), country)) if " " in name else None

    def _body_before(self, noun: str, at: int) -> str | None:
        """The ministry, court or company that a document's words mean without naming it."""
        return self.pointers.organisation(frozenset({noun}), noun, at) if noun != "government" else None

    def _issuer(self, source: Span, heard: bool, head: str) -> str | None:
        """Who a document is said to be from; where nothing says so, who spoke last or was named near, if it may be theirs (``heard``)."""
        scene = self.scene
        behind = self._issuer_behind(source[1], head)
        if behind is not None or not heard:
            return behind
        for position, speaker in reversed(scene.speakers[-2:]):
            if scene.entities[speaker].type in ("ORG", "GOV") and source[0] - position < 400:
                return speaker
        return next(
            (scene.ids[i] for start, _, i in scene.before(source[0]) if scene.cast.actors[i].type == "ORG" and source[0] - start < 250),
            None,
        )
