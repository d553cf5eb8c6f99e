"""States in an article: which one a text speaks of, and their governments as claimers."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable

from pipeline.claimers.knowledge import KnowledgeBase, heads_state
from pipeline.claimers.names import name_key
from pipeline.claimers.types import Entity
from pipeline.countries import CountryMention, countries, find_countries, find_signs
from pipeline.ids import content_id

_GOVERNMENT_WORDS = frozenset(
    ["s", "the", "government", "governments", "authorities", "central", "federal", "regime", "administration", "and", "both"]
)
_NEAR = 700
_GREAT = 0.35
LIKELY = 0.35  # not tuned: of the states that may own a ministry, those named a third as much as the first
NO_PRESIDENT = r"(?!(?:The|This|That|His|Her|Its|Their|Another|Any|Each|Every|Previous|Past|Last|Next|Current|Former|Incoming|Outgoing|First|Second|Senior|Top|High|Some|Many|Most|Several|Two|Three|Both|Other|Our|Your|Federal|Customs|State|Public|Republican|Democratic|New|House|An?)\b)"
_OF_PRESIDENT = re.compile(rf"^(?:the\s+)?(?:[A-Z][\w.]+\s+)*?{NO_PRESIDENT}([A-Z][\w-]+)(?:['’]s)?\s+([Aa])dministration$")
_SEAT = re.compile(r"\b((?:[Ee]mbassy|[Cc]onsulate|[Hh]igh [Cc]ommission)\b.{0,80}?)\s+in\s+(?:the\s+)?[A-Z].*$")
_SPECIAL = re.compile(r"^(?:the\s+)?(?:[\w’'.]+\s+){0,2}(?:government|regime)$", re.IGNORECASE)


class States:
    """Where the article mentions states (``positions``), and where states or what belongs to one (``told``: ``Dalian``, ``the Sejm``).

    Built once; queries cost the logarithm of the mentions."""

    def __init__(self, text: str, knowledge: KnowledgeBase) -> None:
        self.knowledge, self.text = knowledge, text
        self.names = {c.code: c.name for c in countries()}
        self.positions, self.told = _places(find_countries(text)), _places(find_signs(text))

    def context(self, at: int, without: tuple[str, ...] = (), home: bool = False) -> str | None:
        """The state that the text around ``at`` is most about: mentions just before count three times.

        ``home``: the article may be at home in another state than the great ones that all such articles speak of.
        """
        return next(iter(self.likely(at, without, home)), None)

    def likely(self, at: int, without: tuple[str, ...] = (), home: bool = False) -> list[str]:
        """The state of ``context``, then the others that the text around ``at`` is about at least LIKELY as much."""
        scores: dict[str, float] = {}
        for code, places in self.told.items():
            if code not in without:
                near = bisect_left(places, at + 40) - bisect_left(places, at - _NEAR)
                weight = _GREAT if home and code in ("US", "CN", "EU") else 1.0
                scores[code] = weight * (len(places) + 2 * near + (1.0 if places[0] < at else 0.0))
        most = max(scores.values(), default=0.0)
        return sorted((c for c in scores if scores[c] >= LIKELY * most), key=lambda c: (scores[c], c), reverse=True)

    def government(self, words: str) -> Entity | None:
        """``Beijing``, ``China``, ``the Chinese government``, ``the Canadian side``: a state's government."""
        words = words.title() if words.isupper() and len(words) > 3 and "." not in words else words
        found = find_countries(words)
        if len({m.code for m in found}) != 1:
            return None
        rest = words
        for mention in reversed(found):
            rest = rest[: mention.start] + " " + rest[mention.end :]
        left = name_key(re.sub(r"['’]s?\b", " ", rest)).split()
        if set(left) <= _GOVERNMENT_WORDS | {"side", "own"} or _SPECIAL.match(words):
            return self.knowledge.governments[found[0].code]
        return None

    def joint(self, words: str) -> Entity | None:
        """``China and the United States``, ``the Mexican and Canadian governments``: governments as one claimer."""
        found = find_countries(words)
        rest = words
        for mention in reversed(found):
            rest = rest[: mention.start] + rest[mention.end :]
        left = set(name_key(re.sub(r"['’]s?\b|[,&]", " ", rest)).split())
        codes = list(dict.fromkeys(m.code for m in found))
        return self.together(codes) if len(codes) > 1 and "and" in left and left <= _GOVERNMENT_WORDS else None

    def administration(self, words: str) -> Entity | None:
        """``the Trump administration``: a president's; in capitals only that of somebody known, since agencies are called so, too."""
        match = _OF_PRESIDENT.match(words)
        if match is None or country_in(words) is not None:
            return None
        known = self.heads_of_state(match.group(1))
        if not known and match.group(2) == "A":
            return None
        president, country = match.group(1), known[0].country if known else "US"
        return Entity(content_id("e", name_key(president), "administration"), f"{president} administration", "GOV", country)

    def heads_of_state(self, surnames: str) -> list[Entity]:
        """The known heads of states and governments of these surnames, which a hyphen joins: ``Trump``, ``Biden-Harris``."""
        bearers = (person for name in surnames.split("-") for person in self.knowledge.by_surname.get(name_key(name), ()))
        return [p for p in bearers if any(heads_state(t.role) for t in self.knowledge.terms.get(p.entity_id, ()))]

    def full_name(self, code: str) -> str:
        """``the United States``, ``China``."""
        return self.knowledge.governments[code].name.removeprefix("Government of ")

    def together(self, codes: list[str]) -> Entity:
        """The governments of several states as one claimer; those of China and the United States in this order, whoever is named first."""
        codes = sorted(codes) if set(codes) == {"CN", "US"} else codes
        names = [self.full_name(c) for c in codes if c != "EU"]
        union = ["the European Union"] if "EU" in codes else []
        head = "Governments of" if len(names) > 1 else "Government of"
        name = f"{head} {listed(names)}" + (f" and {union[0].removeprefix('the ') if len(names) == 1 else union[0]}" if union else "")
        return Entity(content_id("e", name), name, "GOV")


def _places(mentions: Iterable[CountryMention]) -> defaultdict[str, list[int]]:
    """Where the mentions of each state begin, in order."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for mention in mentions:
        places[mention.code].append(mention.start)
    return places


def _only_code(mentions: Iterable[CountryMention]) -> str | None:
    """The country of all the mentions, if it is one."""
    codes = {m.code for m in mentions}
    return codes.pop() if len(codes) == 1 else None


def listed(names: list[str]) -> str:
    """``A``, ``A and B``, ``A, B and C``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def country_in(name: str) -> str | None:
    return _only_code(find_countries(name))


def without_seat(name: str) -> str:
    """A mission's name without where it is: ``the Chinese embassy`` of ``the Chinese embassy in Washington``; other names as they are."""
    return _SEAT.sub(r"\1", name)


def country_told(name: str) -> str | None:
    """The one country that a name has in it, or else tells of: ``a DHS spokesperson``, ``Supreme Court of Texas``; of a mission its own."""
    name = without_seat(name)
    return _only_code(find_countries(name) or find_signs(name))
