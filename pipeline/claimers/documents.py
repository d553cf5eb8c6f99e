"""Sources that are documents: a report, a letter, a statement, by issuer and kind (``White House fact sheet``)."""

from __future__ import annotations

import re
from bisect import bisect_left

from pipeline.claimers.descriptions import head_noun, kind_of
from pipeline.claimers.names import name_key
from pipeline.claimers.pointers import DEFINITE, Pointers
from pipeline.claimers.scene import Scene
from pipeline.claimers.types import Entity
from pipeline.claimers.words import ORGANISATION_NOUNS
from pipeline.text import Span

_PLAIN_DOCUMENT = re.compile(
    r"^(?:(?:[\w]+-(?:page|paragraph|line|word|point|volume)|first|second|third|own|new|recent|latest|earlier|separate|brief|short|revised|final|early|late|"
    r"January|February|March|April|May|June|July|August|September|October|November|December|Monday|Tuesday|Wednesday|Thursday|Friday)\s+)+"
)
_GIVEN_OUT = frozenset((
    "statement", "notice", "memo", "memorandum", "note", "letter", "affidavit",
    "filing", "announcement", "release", "proclamation", "communique", "communiqué", "circular", "sheet", "readout", "guidance", "editorial",
))  # fmt: skip
_OF_NOBODY_NEAR = ("post", "indictment")  # an indictment stands beside those whom it accuses
# From where a document is, behind it: ``published on Monday by the``, ``by economists at``.
_ISSUED = re.compile(
    r"^\s+(?:(?:issued|released|published|conducted|commissioned|compiled|prepared|written|carried out|put out)\s+)?"
    r"(?:(?:on|in|last|this|earlier|late)\s+(?:\w+\s+){0,2}?\w+\s+)?(?:by|from|of)\s+(?:(?:[a-z]+\s+){1,2}(?:at|of|from)\s+)?(?:the\s+|[a-z]+\s+|[A-Z]\w+['’]s\s+)?(?=[A-Z])"
)
_BY_ISSUER = re.compile(
    r"(.+?)\s+(?:(?:issued|released|published|conducted|compiled|prepared|written)\s+)?(?:by|from|of)\s+(?:the\s+)?[A-Z]"
)
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
            if scene.cast.actors[m[2]].type != "LOC" and name_key(scene.text[m[0] : m[1]]).split()[-1] != head
        ]
        if not inside:
            return None
        issuer = scene.entities[scene.ids[inside[-1][2]]]
        rest = re.sub(r"^['’]s?\s*", "", scene.text[inside[-1][1] : source[1]]).strip()
        rest = re.sub(r"^\([^)]*\)\s*", "", rest)
        if rest and name_key(head) in name_key(rest).split():
            return self._add(f"{issuer.name} {rest}", words, issuer)
        behind = _BY_ISSUER.match(plain)
        if behind and head_noun(behind.group(1)) == head:
            return self._add(f"{issuer.name} {behind.group(1)}", words, issuer)
        return self._add(plain, words)

    def _of_issuer(self, words: str, plain: str, head: str, definite: bool, source: Span) -> str:
        """A document whose issuer the words around it tell, or who was near and can have put it out; else by its own words."""
        heard = definite or head in _GIVEN_OUT
        body = _OF_A_BODY.match(plain)
        if _TITLE.fullmatch(plain):
            return self._add(plain, words)
        issuer_id = self._introduced_issuer(head, source[0]) if definite else None
        if issuer_id is None and head != "indictment":
            issuer_id = self._body_before(body.group(1), source[0]) if body else self._issuer(source, heard)
        rest = plain[body.end() :] if body else plain
        general = body or head in _OF_NOBODY_NEAR or set(rest.lower().split()[:-1]) & ORGANISATION_NOUNS
        if issuer_id is None and heard and not general:
            issuer_id = self.pointers.nearest_body(source[0])
        if issuer_id is None:
            return self._add(rest if definite else words, words)
        issuer = self.scene.entities[issuer_id]
        if name_key(issuer.name).split()[-1:] == [rest.split()[0].lower()]:
            rest = rest.split(" ", 1)[-1]
        return self._add(f"{issuer.name} {rest}", words, issuer)

    def _add(self, name: str, words: str, issuer: Entity | None = None) -> str:
        return self.scene.add(self.scene.local(name, "DOC", (words,), issuer.country if issuer else None))

    def _introduced_issuer(self, head: str, at: int) -> str | None:
        """Whom the text, where it spoke of such a document before ``at``, says that it is from: ``a Reserve Bank study``, ``a study by``."""
        scene = self.scene
        mentioned = re.compile(rf"\b{re.escape(head)}\b").finditer(scene.text, max(0, at - _LOOKED_BACK), at)
        for place in [*mentioned][: -_LOOKED_AT - 1 : -1]:
            behind = self._issuer_behind(place.end())
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

    def _issuer_behind(self, end: int) -> str | None:
        """Whom the words behind a document name as its source."""
        scene = self.scene
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

    def _issuer(self, source: Span, heard: bool) -> str | None:
        """Who a document is said to be from; where nothing says so, who spoke last or was named near, if it may be theirs (``heard``)."""
        scene = self.scene
        behind = self._issuer_behind(source[1])
        if behind is not None or not heard:
            return behind
        for position, speaker in reversed(scene.speakers[-2:]):
            if scene.entities[speaker].type in ("ORG", "GOV") and source[0] - position < 400:
                return speaker
        return next(
            (scene.ids[i] for start, _, i in scene.before(source[0]) if scene.cast.actors[i].type == "ORG" and source[0] - start < 250),
            None,
        )
