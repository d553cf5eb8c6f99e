"""Names: keys for comparison, titles, surnames, abbreviations, gender."""

from __future__ import annotations

import calendar
import re
import unicodedata
from functools import lru_cache

from pipeline.claimers.words import FORENAMES, KIN, MEN, NOT_FORENAMES, PERSON_NOUNS, TITLES, WOMEN

_ARTICLE = re.compile(r"^(?:the|a|an)\s+", re.IGNORECASE)
_POSSESSIVE = re.compile(r"(?:'s|’s|'|’)$")
_SUFFIX = re.compile(r",?\s+(?:jr|sr|ii|iii|iv|phd|md|esq)\.?$", re.IGNORECASE)
_JUNIOR = re.compile(r"\b[JS]r\.?$", re.IGNORECASE)
_MONTH = frozenset(name.lower() for name in calendar.month_name if name)
_TAIL = re.compile(r"\s+(?:of|at|from|for)\s.*$|\s*[(,].*$")
# Ministers and the like with their field ahead of the name: ``Minister of Economic Affairs Chien Shu-yi``.
_OFFICE = re.compile(
    r"^(?:[A-Z]\w+ )?(?:Minister|Secretary|Director|Commissioner|Governor|President|Ambassador|Mayor|Speaker|Counsell?or|Advis[eo]r|Representative) "
    r"(?:of|for) (?:the )?"
    r"(?:[A-Z]\w+,? )(?:(?:and )?[A-Z]\w+ )*?(?=[A-Z][\w’'-]+ [A-Z][\w’'-]+$)"
)
_HONORIFICS = re.compile(
    r"^(?:(?:Tan Sri|Puan Sri|Toh Puan|Tun|Datin(?: Seri)?|Datuk(?: Seri| Sri)?|Dato[’'‘]?(?: Seri| Sri)?) )+(?=[A-Z])"
)  # Malay
_LAST_WORD = re.compile(r"[A-Z][\w’'-]*[a-z]\.")
_SHORT_TITLE = re.compile(r"(?:Sen|Rep|Gov|Gen|Lt|Col|Sgt|Capt|Amb|Mr|Mrs|Ms|Dr|Prof)\.")  # also behind others: ``Ohio GOP Sen. Ann Lee``
_CREDIT = re.compile(
    r"(?<=\w)\s+(?:Photographer|Photo|Source|(?<=[A-Za-z\u00c0-\u024f]\s)[^\x00-\u024f\u1e00-\u1eff]+)$"
)  # no part of a name: a picture's credit, the name in other letters
MARKS = "*•·#>|~_ "  # of lists and notes, before a name
_SMALL = {"of", "the", "and", "for", "in", "on", "de", "del", "la", "du", "des", "&"}
PARTICLES = {"de", "da", "dos", "do", "van", "von", "der", "den", "del", "la", "le", "al", "bin", "ibn", "el", "di", "ter"}


@lru_cache(maxsize=20_000)
def name_key(name: str) -> str:
    """The name without case, accents, punctuation, article and possessive."""
    text = unicodedata.normalize("NFKD", _POSSESSIVE.sub("", _ARTICLE.sub("", name.strip())))
    text = "".join(c for c in text if not unicodedata.combining(c)).lower()
    return " ".join(re.sub(r"[^\w\s&]", "", text).split())


def is_office(name: str) -> bool:
    """Whether what was taken for a person's name is a title and nothing else: ``the president``."""
    words = [w.lower().strip(".'’") for w in _ARTICLE.sub("", name.strip()).split()]
    return bool(words) and all(w in TITLES or w in PERSON_NOUNS for w in words) and (len(words) > 1 or words[0] not in FORENAMES)


def bare_name(name: str) -> str:
    """A person's name without titles, what follows the name, and possessive."""
    plain = " ".join(name.split())
    office = _OFFICE.match(plain)
    words = _TAIL.sub("", _POSSESSIVE.sub("", plain[office.end() :] if office else plain).lstrip(MARKS)).split()
    first = max((i for i, w in enumerate(words[:-1], start=1) if _SHORT_TITLE.fullmatch(w)), default=0)
    if len(words) == 2 and words[0].lower() in KIN:
        return " ".join(words)  # ``Uncle Shota`` goes by no other name
    if len(words) - first > 2:
        first = len(words) - len(_behind_titles(words[first:]))  # ``Tesla CEO Elon Musk``
    while first < len(words) - 1 and _is_title(words[first], len(words) - first):
        first += 1
    kept = [w for i, w in enumerate(words[first:]) if i == 0 or w != words[first + i - 1]]  # ``Trump Trump``
    again = next((i for i in range(2, len(kept)) if _begins_again(kept, i)), len(kept))
    kept = kept[:again]
    return _HONORIFICS.sub("", _CREDIT.sub("", " ".join(kept))).strip(' ,;:"“”') or name.strip()


def _begins_again(words: list[str], i: int) -> bool:
    """Whether a name begins again at a word of it: ``Ann Lee Ann LeeMore``, as pages note behind a name."""
    return words[i] == words[0] and any(word.startswith(words[1]) for word in words[i + 1 :])


def in_one_sentence(name: str) -> str:
    """A person's name as far as its sentence goes: ``Ann Lee`` of ``Ann Lee. Doctor, what now?``"""
    words = name.split()
    for i, word in enumerate(words[1:-1], start=1):
        if _LAST_WORD.fullmatch(word) and words[i + 1].lower().strip(".,") in TITLES | PERSON_NOUNS:
            return " ".join(words[: i + 1]).rstrip(".")
    return name


def _is_title(word: str, left: int) -> bool:
    """Whether a word that ``left`` words (itself counted) remain of is a title: forenames such as Dean are one only before two more."""
    low = word.lower().strip(".'’")
    return ((low in TITLES or low in PERSON_NOUNS) and left > (2 if low in FORENAMES else 1)) or (
        word[:1].islower() and low not in PARTICLES and left > 1
    )


def is_junior(name: str) -> bool:
    """Whether a person's name tells a child from the parent of the same name: ``Donald Trump Jr.``"""
    return _JUNIOR.search(name) is not None


def surname(name: str) -> str:
    """Key of the last part of a person's name."""
    parts = name_key(_SUFFIX.sub("", name)).split()
    return parts[-1] if parts else ""


def refers_to(short: str, full: str) -> bool:
    """Whether the person's name ``short`` is a shorter form of ``full``: its words, in order, are words of it."""
    rest = iter(name_key(full).split())
    words = name_key(short).split()
    if len(words) == 1 and "-" in full and words[0] in name_key(full.replace("-", " ")).split():
        return True  # one part of a double surname
    return bool(words) and len(words) < len(name_key(full).split()) and all(word in rest for word in words)


def initials(name: str) -> str:
    """The abbreviation that a name would have: first letters of its words of weight."""
    return "".join(w[0] for w in re.findall(r"[\w&]+", name) if w.lower() not in _SMALL and w[0].isupper()).upper()


def gender_of_name(name: str) -> str | None:
    """``he`` or ``she`` where the first name tells."""
    parts = name_key(name).split()
    if len(parts) < 2:
        return None
    return "she" if parts[0] in WOMEN else "he" if parts[0] in MEN else None


def looks_like_name(text: str) -> bool:
    """Whether every word is capitalised, particles of names apart, and there are at most five."""
    words = text.split()
    return 0 < len(words) <= 5 and all(w[:1].isupper() or w.lower() in PARTICLES for w in words) and words[0][:1].isupper()


_AHEAD = re.compile(r"(?<![\w.])(?:[A-Z][\w’'-]+[ ]+|[A-Z]\.[ ]*|“[A-Z]\w+”[ ]+){1,3}$")
_MOST_AHEAD = 90  # characters of forenames


def fuller_name(text: str, name: str) -> str | None:
    """The full name that the text gives for a bare surname: capitalised words right before it, without titles."""
    best: dict[str, int] = {}
    last = 0
    for place in re.finditer(rf"{re.escape(name)}(?![\w-])", text):
        ahead = _AHEAD.search(text, max(last, place.start() - _MOST_AHEAD), place.start())
        if ahead is None:
            continue
        last = place.end()
        words = (ahead.group() + name).split()
        words = _behind_titles(words)
        while len(words) > 1 and words[0].lower() in NOT_FORENAMES:
            words = words[2 if words[0].lower() in ("in", "since", "last", "by", "until") and words[1].lower() in _MONTH else 1 :]
        words = bare_name(" ".join(words)).split()
        plain = {w.lower() for w in words[:-1]}
        if (
            len(words) > 1
            and not plain & NOT_FORENAMES
            and not any(w.endswith("-based") for w in plain)  # where a firm has its seat
            and words[0] != words[-1]
            and not (words[0].isupper() and len(words[0]) > 2 and not name.isupper())
        ):
            full = " ".join(words)
            best[full] = best.get(full, 0) + 1
    return max(best, key=lambda n: (best[n], len(n), n)) if best else None


def _behind_titles(words: list[str]) -> list[str]:
    """What of capitalised words that end with a name is the name: ``Powell`` of ``Fed Chair Powell``."""
    low = [w.lower().strip(".'’") for w in words]
    titles = [
        i
        for i, w in enumerate(low[:-1])
        if w in TITLES | PERSON_NOUNS and w not in FORENAMES | KIN and not (i and low[i - 1] in FORENAMES)  # and no ``James Baker Orr``
    ]
    return words[titles[-1] + 1 :] if titles else words
