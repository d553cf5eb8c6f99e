"""The usual English name of an institution: ``Ministry of Commerce of China`` of ``China's commerce ministry``."""

from __future__ import annotations

import re

from pipeline.claimers.names import name_key
from pipeline.claimers.states import States, country_in, without_seat
from pipeline.claimers.types import Entity
from pipeline.claimers.words import MINISTRIES
from pipeline.countries import countries, find_countries

GOVERNMENTAL = re.compile(
    r"\b(?:ministry|department|government|agency|administration|commission|bureau|court|congress|senate|parliament|council|secretariat|authority|"
    r"directorate|embassy|consulate|cabinet|police|army|central bank|customs|house of representatives|treasury|circuit|office of the|attorney['’]s office)\b",
    re.IGNORECASE,
)
_MINISTRY_OF = re.compile(r"^ministry of (?:the )?([a-z ]+?)(?: of .+)?$")
_MINISTRY = re.compile(r"^([a-z ]+?) ministry$")
_NATIONAL = re.compile(
    r"^(?:(?:federal |national |state )?(?:(?:foreign|trade|finance|health|education|interior|commerce|weather|meteorological|customs|statistics|mining|competition|central|"
    r"tax|aviation|port|tourism|agriculture|mines|energy|labou?r|justice|transport|prime|environment|defen[cs]e|economy|deputy|vice|lower|upper)\s+)+)?"
    r"(?:ministry|minister|central bank|service|office|bureau|directorate|authority|agency|president|premier|opposition|parliament|auditor general|house speaker|budget officer)$"
)
_NAMED = re.compile(
    r"\b(?:[A-Z][\w.]{1,30}(?:['’]s)? )?(?:[Mm]inistry|[Dd]epartment) of (?:the )?[A-Z]\w+(?:(?: and| of|,)? [A-Z]\w+)*"
    r"|\b(?:[A-Z][\w.]{1,30}(?:['’]s)? )?(?:foreign|external affairs|\w+) (?:[Mm]inistry|[Dd]epartment)\b"
)
_MISSION = re.compile(r"\b[Ee]mbassy in ([A-Z][\w-]+(?: [A-Z][\w-]+)?)")
_CONSULATE = re.compile(r"\b[Cc]onsulate(?: general)? in ([A-Z][\w-]+(?: [A-Z][\w-]+)?)")
# What many states have under one name.
_EVERYWHERE = frozenset((
    "treasury", "senate", "congress", "house of commons", "commons", "cbi", "court of auditors", "parliament", "supreme court",
    *(f"department of {field}" for field in ("agriculture", "energy", "education", "labor", "justice", "finance")),
))  # fmt: skip
_STATELESS = ("EU",)


class Institutions:
    """Names of institutions in one article."""

    def __init__(self, states: States) -> None:
        self.states, self.knowledge, self.text = states, states.knowledge, states.text
        self.by_kind: dict[str, list[tuple[int, str]]] = {}
        for match in _NAMED.finditer(self.text):
            words = match.group()
            if re.search(r"(?:the|a|its|his|her|their|one|that|this) (?:ministry|department)$", words, re.IGNORECASE) is None:
                self.by_kind.setdefault("ministry" if "inistry" in words else "department", []).append((match.start(), words))

    def known(self, name: str, at: int) -> Entity | None:
        """The institution in the knowledge base that this name means here, with the state taken from the text around."""
        entity = self.entry(name)
        if entity is not None:
            return entity
        plain, code = self._without_state(name)
        code = code or (self.states.context(at, home=True) if name_key(name) in _EVERYWHERE else self._state_for(plain, at))
        if code is None:
            return None
        return self._of_state(plain, code)

    def entry(self, name: str) -> Entity | None:
        """The entry of the knowledge base under this name, unless many states have one of that name and the article is of another."""
        entity = self.knowledge.find(name)
        return None if entity is not None and self._of_another_state(name, entity) else entity

    def _of_another_state(self, name: str, entity: Entity) -> bool:
        """Whether a name that many states have (``the Treasury``) is taken for that of a state which the article never speaks of."""
        others = set(self.states.positions) - {entity.country, "US", "CN", "EU"}
        if name_key(name) not in _EVERYWHERE or not others:
            return False
        told = self.states.told.get(entity.country or "", ())
        return not any(name_key(self.text[p : p + 40]).split()[:1] != name_key(name).split()[:1] for p in told)

    def _of_state(self, plain: str, code: str) -> Entity | None:
        """The state's institution of that name in the knowledge base."""
        state = self.states.names[code]
        adjectives = next(c for c in countries() if c.code == code).forms
        forms = [
            f"{state} {plain}",
            f"{plain} of {state}",
            *(f"{form} {plain}" for form in adjectives),
            *([f"US {plain}", plain] if code == "US" else []),
        ]
        return next((e for f in forms if (e := self.knowledge.find(f)) is not None and e.country == code), None)

    def name_of(self, name: str, at: int) -> tuple[str, str | None]:
        """The usual name and the country of an institution outside the knowledge base."""
        plain, code = self._without_state(name)
        field = self._field(plain)
        if (code is not None and plain in ("embassy", "consulate", "consulate general")) or plain.startswith(
            ("embassy in ", "consulate in ")
        ):
            return self._mission(plain, code, at), code
        if field is None:
            return name, country_in(name)
        code = code or self._state_for(plain, at)
        if code is None:
            return f"Ministry of {field}", None
        found = self.knowledge.find(f"Ministry of {field} of {self.states.names[code]}") or self._foreign(field, code)
        return (found.name if found else f"Ministry of {field} of {self.states.names[code]}"), code

    def _mission(self, plain: str, code: str | None, at: int) -> str:
        """``Embassy of China in Peru``: in the state where the text says anywhere that it is, else in the one that the text is at home in;
        ``Consulate of China in Busan``, where the town is named."""
        kind = plain.split()[0]
        named = self._seat_of(_MISSION if kind == "embassy" else _CONSULATE, code)
        if code is None:
            return f"{kind} in {named}" if named else kind
        if kind == "embassy":
            host = (country_in(named) if named else None) or self.states.context(at, (code, "EU"), home=True)
            named = self.states.full_name(host) if host else named
        whose = f"{kind.title()} of {self.states.full_name(code)}"
        return f"{whose} in {named}" if named else whose

    def _seat_of(self, pattern: re.Pattern[str], code: str | None) -> str | None:
        """The town in which the text says that a mission is, rather one of this state's."""
        everywhere = list(pattern.finditer(self.text))
        own = [m for m in everywhere if country_in(self.text[max(0, m.start() - 25) : m.start()].split("\n")[-1]) == code]
        return next((m.group(1) for m in [*own, *everywhere]), None)

    def named_before(self, words: str, at: int) -> tuple[str, str | None, Entity | None] | None:
        """Which ministry or department, named before ``at``, ``the ministry`` or ``the Chinese ministry`` means: its usual name, its
        country, and its entry in the knowledge base if it has one."""
        head, code = self._without_state(words)
        for start, named in reversed(self.by_kind.get(head, ())):
            if start < at:
                whole = self.known(named, at)
                name, country = (whole.name, whole.country) if whole else self.name_of(named, at)
                if code is None or code == country:
                    return name, country, whole
        return None

    def national(self, words: str, at: int) -> tuple[str, str] | None:
        """``the central bank`` and ``the finance minister`` of the state that the text speaks of: (name, country)."""
        plain, code = self._without_state(words)
        code = code or self.states.context(at, ("EU", *(() if plain in ("president", "opposition") else ("US",))), home=True)
        if not _NATIONAL.match(plain) or code is None:
            return None
        name = f"{'Central Bank' if plain == 'central bank' else plain} of {self.states.names[code]}"
        known = self.knowledge.find(name)
        return known.name if known else name, code

    def _foreign(self, field: str, code: str) -> Entity | None:
        return self.knowledge.find(f"{self.states.names[code]} foreign ministry") if field == "Foreign Affairs" else None

    def _field(self, plain: str) -> str | None:
        match = _MINISTRY_OF.match(plain) if plain.startswith("ministry") else _MINISTRY.match(plain)
        if match is None:
            return None
        field = match.group(1).strip()
        return MINISTRIES.get(field) or (field.title().replace(" And ", " and ") if plain.startswith("ministry") else None)

    def _state_for(self, plain: str, at: int) -> str | None:
        """The state that an institution without one belongs to: ministries are never American."""
        if "ministry" in plain or "central bank" in plain:
            likely = self.states.likely(at, ("US", *_STATELESS), home="commerce" not in plain)
            return next((c for c in likely if self._of_state(plain, c) is not None), likely[0] if likely else None)
        if re.search(r"\b(?:department|circuit|congress|senate|administration)\b", plain):
            return "US" if "US" in self.states.positions else None
        if plain in ("supreme court", "court of international trade"):
            return "US" if self.states.context(at) == "US" else None
        if plain == "commission":
            return "EU" if "EU" in self.states.positions else None
        return None

    def _without_state(self, name: str) -> tuple[str, str | None]:
        """The name's key without the state that it names, and that state's code; of a mission, whose it is, not where."""
        sender = without_seat(name)
        name = sender if country_in(sender) else name
        found = find_countries(name)
        code = country_in(name)
        if code is None or not found:
            return name_key(name), None
        rest = name
        for mention in reversed(found):
            rest = rest[: mention.start] + " " + re.sub(r"^['’]s?\b", "", rest[mention.end :])
        rest = re.sub(r"\bof(?: the)?$", "", " ".join(rest.split()))
        return name_key(rest), code


def adjective(code: str) -> str:
    """How things of a state are called: ``Chinese``, ``American``."""
    if code == "US":
        return "American"
    country = next(c for c in countries() if c.code == code)
    return country.forms[1] if len(country.forms) > 1 else country.name
