"""Whom a pronoun means: the most plausible of those who were named or have spoken before it."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.claimers.words import FIRST, HE, MANY, PERSON_PRONOUNS, SHE


@dataclass(frozen=True)
class Candidate:
    """Somebody before a pronoun, by the latest time that they were named or spoke.

    ``sentences`` and ``paragraphs`` count the breaks in between, ``rank`` the nearer candidates.
    """

    entity_id: str
    kind: str
    rank: int
    sentences: int
    paragraphs: int
    spoke: bool
    begins: bool
    quoted: bool
    possessive: bool
    gender: str | None
    often: int


# Fitted by coordinate search on the pronouns of gold train and gold-real-train.
WEIGHTS = {
    "rank": -0.15, "same": 0.3, "sentence": -0.95, "paragraph": -2.0, "spoke": 1.7, "begins": 0.5, "quoted": -2.2, "possessive": -2.1,
    "gender": 0.3, "often": 0.15,
}  # fmt: skip


def gender_of(pronoun: str) -> str | None:
    word = pronoun.lower()
    return "he" if word in HE else "she" if word in SHE else None


def kinds_of(pronoun: str) -> tuple[str, ...]:
    """Entity types that the pronoun can mean."""
    word = pronoun.lower()
    if word in PERSON_PRONOUNS:
        return ("PERSON",)
    return ("GROUP", "ORG", "GOV") if word in MANY else ("ORG", "GOV", "DOC")


def choose(pronoun: str, candidates: list[Candidate]) -> str | None:
    """The best candidate's entity, None when nobody fits."""
    gender, kinds = gender_of(pronoun), kinds_of(pronoun)
    fitting = [c for c in candidates if c.kind in kinds and not (gender and c.gender and c.gender != gender)]
    if pronoun.lower() in FIRST:
        spoken = [c for c in fitting if c.spoke]
        return min(spoken or fitting, key=lambda c: c.rank).entity_id if fitting else None
    if not fitting:
        return None
    return max(fitting, key=lambda c: (score(c, gender, pronoun), -c.rank)).entity_id


def score(c: Candidate, gender: str | None, pronoun: str) -> float:
    """How plausible the candidate is as the pronoun's person or organisation."""
    w = WEIGHTS
    total = w["rank"] * min(c.rank, 6) + w["sentence"] * min(c.sentences, 5) + w["paragraph"] * min(c.paragraphs, 4)
    total += w["spoke"] * c.spoke + w["begins"] * c.begins + w["quoted"] * c.quoted + w["possessive"] * c.possessive
    total += w["gender"] * (gender is not None and c.gender == gender) + w["often"] * min(c.often, 5)
    if pronoun.lower() in MANY:
        total += 2.0 * (c.kind == "GROUP")
    return total + w["same"] * (c.sentences == 0)
