"""The name of somebody whom only a description tells of: ``a senior official at the ministry``, ``the port authority`` of its town."""

from __future__ import annotations

import re

from pipeline.claimers.descriptions import full_description, head_noun, is_definite, kind_of
from pipeline.claimers.institutions import GOVERNMENTAL, adjective
from pipeline.claimers.names import looks_like_name, name_key
from pipeline.claimers.pointers import Pointers
from pipeline.claimers.scene import Scene
from pipeline.claimers.states import country_in
from pipeline.claimers.words import QUANTIFIERS
from pipeline.countries import find_countries
from pipeline.text import Span

POSSESSOR = re.compile(r"^(.+?)['’]s?\s+(.+)$", re.DOTALL)  # of ``Kestrel's owner``, and what is owned
_THE = re.compile(r"^[Tt]he\s+")
_LOCAL = re.compile(
    r"^(?:mayor|governor|deputy mayor|(?:air)?port authority|traffic police|chamber of commerce|provincial government|city government)$",
    re.IGNORECASE,
)
_AMERICAN = re.compile(
    r"^(an?\s|some\s|many\s|several\s|two\s|three\s|other\s)?(?:federal|State Department|Supreme Court|law enforcement|Homeland Security|Commerce Department) "
    r"(?:and state )?(?:officials?|justices|agents|authorities|lawmakers|courts?|judges|investigators|prosecutors|regulators|agencies)\b"
)
_ONLY_AMERICAN = re.compile(r"\b(?:State|Commerce) Department|Homeland Security")
_NATIONWIDE = re.compile(
    r"^[Tt]he (?:(?:business|industry|employers['’]) federation|(?:governing|ruling) party|audit board|budget office|doctors['’] association)$"
)
_NATIONAL = ("officials", "lawmakers", "senior officials")


class DescribedSources:
    """Names those whom a description introduces."""

    def __init__(self, scene: Scene, pointers: Pointers) -> None:
        self.scene, self.pointers = scene, pointers

    def fresh(self, words: str, source: Span, cue: Span | None) -> str:
        """A description as somebody of its own: under the name that it gives."""
        scene, head = self.scene, head_noun(words)
        kind = kind_of(head)
        if head in ("ministry", "department") and (before := scene.institutions.named_before(words, source[0])) is not None:
            name, country, whole = before
            return scene.add(scene.known(whole, (words,)) if whole else scene.local(name, "GOV", (words,), country))
        apposed = self.pointers.apposed(source, kind) or (None if is_definite(words) else self.pointers.named_later(words, source))
        if apposed is not None:
            return apposed
        national = scene.institutions.national(words, source[0]) if is_definite(words) or country_in(words) else None
        if kind in ("ORG", None):
            usual, country = self.usual_name(words, source[0])
            if usual is not None:
                return scene.add(scene.local(usual, "GOV", (words,), country))
            whose = POSSESSOR.match(words)
            state = scene.states.government(whose.group(1)) if whose is not None and whose.group(2)[:1].islower() else None
            if whose is not None and state is not None and state.country and kind == "ORG":
                return scene.add(scene.local(f"{whose.group(2)} of {scene.states.names[state.country]}", kind, (words,), state.country))
        if national is not None:
            holder = self.pointers.holder(words, national[1])
            return scene.add(holder or scene.local(national[0], "PERSON" if kind == "PERSON" else "GOV", (words,), national[1]))
        name = (
            full_description(scene.text, source, cue)
            if kind in ("PERSON", "GROUP") or (kind is None and (not looks_like_name(words) or words.lower() in QUANTIFIERS))
            else re.sub(r"^(?:the|The)\s+", "", words)
        )
        name = self._located(self.pointers.spelled_out(name, source[0]), source[0])
        if kind == "ORG" and _NATIONWIDE.match(words) and name.lower() == words[4:].lower():
            name = self._nationwide(name, source[0])
        if kind == "GROUP":
            name = re.sub(r"^US (?=[a-z])", "U.S. ", name)
        if kind is None and words.split()[0].lower() in QUANTIFIERS:
            kind = "GROUP"
        if kind is None:
            kind = "UNKNOWN" if words[:1].islower() or len(words.split()) == 1 else "ORG"
        if kind == "ORG" and GOVERNMENTAL.search(words):
            kind = "GOV"
        return scene.add(scene.local(name, kind, (words,)))

    def usual_name(self, words: str, at: int) -> tuple[str | None, str | None]:
        """The usual name of an institution and its country; no name where the words are as good."""
        name, country = self.scene.institutions.name_of(_THE.sub("", words), at)
        return (name if name_key(name) != name_key(words) else None), country

    def _nationwide(self, name: str, at: int) -> str:
        """``the business federation`` of the state that an article from abroad is at home in."""
        states = self.scene.states
        code = states.context(at, ("US", "EU"), home=True)
        if code is None or len(states.positions[code]) < 2 or country_in(name) is not None:
            return name
        return f"{name} of {states.names[code]}" if len(states.positions.get("US", ())) < 2 * len(states.positions[code]) else name

    def _located(self, name: str, at: int) -> str:
        """Offices that are nobody without their place: ``mayor of Oruro``, ``Canadian officials``."""
        if _LOCAL.match(name) and (town := self.scene.place(at)) is not None:
            return f"{name} of {town}"
        found = _AMERICAN.match(name)
        if found and not find_countries(name) and (_ONLY_AMERICAN.search(name) or self.scene.states.context(at) == "US"):
            kept = found.group(1) or ""
            return f"{'a ' if kept == 'an ' else kept}U.S. {name[len(kept) :]}"
        if name.lower() in _NATIONAL and (code := self.scene.states.context(at)) is not None:
            return f"{'U.S.' if code == 'US' else adjective(code)} {name.lower()}"
        return name
