"""Exact and near duplicates: syndicated copies with another headline or a cut tail; new versions under the same address.

An article repeats an earlier one when nearly all of it stands there too. One that adds to it is read; the earlier, cut copy is then the
duplicate, where the two are of the same days. Signatures are kept in a temporary SQLite file, so that memory does not grow with the corpus.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from urllib.parse import parse_qsl, urlencode, urlsplit

import numpy as np
from datasketch import MinHash

PERMUTATIONS, SEED, SCHEME, SHINGLE_WORDS = 128, 1, "affine32", 5
BANDS, ROWS = 42, 3  # two texts of similarity 0.4 share a band with probability 0.94, of 0.1 with 0.04
REPEATED = 0.8  # share of an article's word 5-grams that stand in the earlier one
FULLER_DAYS, FULLER_TIMES = 3, 3.0  # a fuller copy replaces an earlier cut one within so many days and up to so many times its length
SAME_VERSION = 0.98  # the same for a new version under the same address: below, it is read again
LEAST_WORDS = 40  # shorter texts are only compared exactly
_BUCKET, _COMPARED = 32, 24  # entries kept a band value, and candidates compared with an article: keeps the work linear
_WORD = re.compile(r"\w+")
_TRACKING = re.compile(r"^(?:utm_\w+|fbclid|gclid|cmpid|ref|src|smid|amp)$", re.IGNORECASE)
_EMPTY = MinHash(PERMUTATIONS, seed=SEED, scheme=SCHEME)
_POWERS = np.array([pow(0x9E3779B97F4A7C15, i, 1 << 64) for i in range(SHINGLE_WORDS)], dtype=np.uint64)
_CACHE_KILOBYTES = 16_000


@dataclass(frozen=True)
class Signature:
    """What duplicates are found by. ``minhash`` is empty and ``shingles`` 0 for a short text."""

    article_id: str
    published: datetime | None
    url: str | None
    text_hash: str
    minhash: bytes
    shingles: int = 0


@dataclass(frozen=True)
class Repeats:
    """article_id to the article that it repeats, and to the earlier version under the same address."""

    duplicate_of: dict[str, str]
    revision_of: dict[str, str]


def signature(article_id: str, published: datetime | None, url: str | None, text: str) -> Signature:
    """The signature of an article."""
    words = _WORD.findall(text.lower())
    digest = hashlib.sha256(" ".join(words).encode()).hexdigest()[:32]
    if len(words) < LEAST_WORDS:
        return Signature(article_id, published, url, digest, b"", 0)
    hashes = _shingles(words)
    sketch = MinHash(PERMUTATIONS, scheme=SCHEME, permutations=_EMPTY.permutations, hashfunc=int)
    sketch.update_batch(hashes.tolist())
    return Signature(article_id, published, url, digest, sketch.hashvalues.astype(np.uint32).tobytes(), len(hashes))


def find_repeats(signatures: Iterable[Signature]) -> Repeats:
    """Duplicates and revisions; the result does not depend on the order."""
    with RepeatIndex() as index:
        index.add("", signatures)
        index.resolve()
        rows = list(index.marks(""))
    return Repeats({i: d for i, d, _ in rows if d}, {i: r for i, _, r in rows if r})


@dataclass(frozen=True)
class _Kept:
    """A signature with its place in the order of originals."""

    rank: int
    id: str
    published: float | None
    url: str | None
    hash: str
    minhash: bytes
    shingles: int

    @property
    def values(self) -> np.ndarray:
        return np.frombuffer(self.minhash, dtype=np.uint32)


class RepeatIndex:
    """Signatures of a corpus by part, and who repeats whom: ``add`` every part, ``resolve``, then ask for ``marks``."""

    def __init__(self) -> None:
        self._base = sqlite3.connect("")  # a file of SQLite's own that goes with the connection
        self._base.executescript(
            f"""
            PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -{_CACHE_KILOBYTES}; PRAGMA temp_store = FILE;
            CREATE TABLE articles (id TEXT PRIMARY KEY, part TEXT, place INTEGER, published REAL, url TEXT, hash TEXT, minhash BLOB,
                                   shingles INTEGER, duplicate_of TEXT, revision_of TEXT) WITHOUT ROWID;
            CREATE TABLE clashes (part TEXT, id TEXT);
            CREATE TABLE bands (key INTEGER, rank INTEGER, PRIMARY KEY (key, rank)) WITHOUT ROWID;
            CREATE TABLE kept (rank INTEGER PRIMARY KEY, id TEXT, published REAL, url TEXT, hash TEXT, minhash BLOB, shingles INTEGER);
            CREATE TABLE exact (hash TEXT PRIMARY KEY, id TEXT) WITHOUT ROWID;
            CREATE TABLE marked (id TEXT PRIMARY KEY, duplicate_of TEXT, revision_of TEXT) WITHOUT ROWID;
            CREATE INDEX by_original ON marked (duplicate_of);
            CREATE INDEX by_id ON exact (id);
            """
        )

    def __enter__(self) -> RepeatIndex:
        return self

    def __exit__(self, *_: object) -> None:
        self._base.close()

    def add(self, part: str, signatures: Iterable[Signature]) -> None:
        """Take in the signatures of a part. An id that is there already stays with the part that came first."""
        for place, one in enumerate(signatures):
            published = one.published.timestamp() if one.published else None
            row = (one.article_id, part, place, published, address(one.url), one.text_hash, one.minhash, one.shingles)
            done = self._base.execute("INSERT OR IGNORE INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL)", row)
            if not done.rowcount:
                self._base.execute("INSERT INTO clashes VALUES (?, ?)", (part, one.article_id))

    def clashes(self, part: str) -> set[str]:
        """Ids of a part's articles that an earlier part has."""
        return {row[0] for row in self._base.execute("SELECT id FROM clashes WHERE part = ?", (part,))}

    def resolve(self) -> None:
        """Find all duplicates and revisions. The original is the earliest, then that of least id."""
        ordered = self._base.cursor().execute(
            "SELECT id, published, url, hash, minhash, shingles FROM articles ORDER BY published IS NULL, published, id"
        )
        for rank, row in enumerate(ordered):
            one = _Kept(rank, *row)
            original = self._exact(one)
            if original is None and one.minhash:
                original = self._near(one)
                if original is not None:  # what is the same as this one repeats that original too
                    self._base.execute("UPDATE exact SET id = ? WHERE hash = ?", (original, one.hash))
            if original is not None:
                self._base.execute("INSERT INTO marked VALUES (?, ?, NULL)", (one.id, original))
        self._revisions()

    def marks(self, part: str) -> Iterator[tuple[str, str | None, str | None]]:
        """(article_id, duplicate_of, revision_of) of a part's articles, in their order, clashing ones left out."""
        yield from self._base.execute(
            """SELECT a.id, m.duplicate_of, m.revision_of FROM articles a LEFT JOIN marked m ON m.id = a.id
               WHERE a.part = ? ORDER BY a.place""",
            (part,),
        )

    def count(self) -> tuple[int, int]:
        """Articles, and how many of them are duplicates."""
        articles = self._base.execute("SELECT count(*) FROM articles").fetchone()[0]
        return articles, self._base.execute("SELECT count(*) FROM marked WHERE duplicate_of IS NOT NULL").fetchone()[0]

    def _exact(self, one: _Kept) -> str | None:
        found = self._base.execute("SELECT id FROM exact WHERE hash = ?", (one.hash,)).fetchone()
        if found is None:
            self._base.execute("INSERT INTO exact VALUES (?, ?)", (one.hash, one.id))
        return found[0] if found else None

    def _near(self, one: _Kept) -> str | None:
        """The article that this one nearly repeats; one that repeats none is kept, to be compared with later ones."""
        keys = _band_keys(one.values)
        rows = self._base.execute(f"SELECT key, rank FROM bands WHERE key IN ({','.join('?' * len(keys))})", keys).fetchall()
        shared = Counter(row[1] for row in rows)
        best: tuple[float, int, str] | None = None
        contained = []
        for candidate, _ in sorted(shared.items(), key=lambda item: (-item[1], item[0]))[:_COMPARED]:
            row = self._base.execute("SELECT * FROM kept WHERE rank = ?", (candidate,)).fetchone()
            if row is None:  # a cut copy that a fuller one has replaced
                continue
            other = _Kept(*row)
            same_address = one.url is not None and one.url == other.url
            share = repeated_share(one, other)
            if share >= (SAME_VERSION if same_address else REPEATED):
                best = min(best, (-share, candidate, other.id)) if best else (-share, candidate, other.id)
            elif not same_address and repeated_share(other, one) >= REPEATED and _of_the_same_days(one, other):
                contained.append(other)
        if best is not None:
            return best[2]
        for other in contained:
            self._replace(other, one)
        full = {key for key, entries in Counter(row[0] for row in rows).items() if entries >= _BUCKET}
        self._base.executemany("INSERT OR IGNORE INTO bands VALUES (?, ?)", [(key, one.rank) for key in keys if key not in full])
        self._base.execute("INSERT INTO kept VALUES (?, ?, ?, ?, ?, ?, ?)", astuple(one))
        return None

    def _replace(self, cut: _Kept, fuller: _Kept) -> None:
        """Make a fuller copy the original of a cut one and of all that repeat it."""
        self._base.execute("UPDATE marked SET duplicate_of = ? WHERE duplicate_of = ?", (fuller.id, cut.id))
        self._base.execute("INSERT INTO marked VALUES (?, ?, NULL)", (cut.id, fuller.id))
        self._base.execute("UPDATE exact SET id = ? WHERE id = ?", (fuller.id, cut.id))
        self._base.execute("DELETE FROM kept WHERE rank = ?", (cut.rank,))

    def _revisions(self) -> None:
        """Each version of an address points to the one before, where their words differ."""
        rows = self._base.cursor().execute(
            "SELECT url, id, hash FROM articles WHERE url IS NOT NULL ORDER BY url, published IS NULL, published, id"
        )
        before: tuple[str, str, str] | None = None
        for url, name, digest in rows:
            if before and before[0] == url and before[2] != digest:
                self._base.execute(
                    "INSERT INTO marked VALUES (?, NULL, ?) ON CONFLICT (id) DO UPDATE SET revision_of = excluded.revision_of",
                    (name, before[1]),
                )
            before = (url, name, digest)


def repeated_share(a: _Kept, b: _Kept) -> float:
    """Estimated share of a's shingles that are in b, from the Jaccard similarity of their MinHash signatures and their sizes."""
    similarity = float((a.values == b.values).mean())
    return min(1.0, similarity / (1 + similarity) * (a.shingles + b.shingles) / a.shingles)


def _of_the_same_days(fuller: _Kept, cut: _Kept) -> bool:
    if fuller.shingles > FULLER_TIMES * cut.shingles:
        return False
    return fuller.published is None or cut.published is None or fuller.published - cut.published <= FULLER_DAYS * 86_400


def address(url: str | None) -> str | None:
    """What versions of a page share: the url without scheme, ``www.``, tracking and fragment; None for a site's front page."""
    if not url:
        return None
    try:
        parts = urlsplit(url.strip())
        given = parse_qsl(parts.query, keep_blank_values=True)  # some sites name an article by a key alone: story.asp?12345
        query = urlencode(sorted((k, v) for k, v in given if not _TRACKING.match(k)))
    except ValueError:
        return None
    path = parts.path.rstrip("/")
    if not path and not query:
        return None
    return f"{parts.netloc.lower().removeprefix('www.')}{path}{'?' if query else ''}{query}"


def _shingles(words: Sequence[str]) -> np.ndarray:
    """Distinct 32-bit hashes of the word 5-grams, sorted."""
    hashes = np.fromiter((zlib.crc32(word.encode()) for word in words), dtype=np.uint64, count=len(words))
    windows = np.lib.stride_tricks.sliding_window_view(hashes, SHINGLE_WORDS)
    mixed = (windows * _POWERS).sum(axis=1, dtype=np.uint64)
    return np.unique((mixed >> np.uint64(32)).astype(np.uint32))


def _band_keys(values: np.ndarray) -> list[int]:
    """One signed 64-bit number a band."""
    bands = values[: BANDS * ROWS].reshape(BANDS, ROWS)
    return [
        int.from_bytes(hashlib.blake2b(bytes([i]) + band.tobytes(), digest_size=8).digest(), "big", signed=True)
        for i, band in enumerate(bands)
    ]
